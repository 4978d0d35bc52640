/* customer.c - one customer. */
#include "web/admin/customer.h"

#include "app/activity.h"
#include "app/current_usage.h"
#include "app/customer.h"
#include "app/customer_table.h"
#include "app/invoice_table.h"
#include "app/mail_list.h"
#include "app/payment.h"
#include "app/subscription.h"
#include "base/none.h"
#include "base/time.h"
#include "core/period.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL                 "/customers"
#define SUBSCRIPTIONS_SHOWN 20
#define INVOICES_SHOWN      8
#define PAYMENTS_SHOWN      6
#define MAILS_SHOWN         6
#define ACTIVITY_SHOWN      10

struct making {
    struct page *page;
    struct customer_page_view *view;
    struct customer_numbers numbers;
    struct str currency, external_id;
    const struct zone *zone; /* the customer's */
    int64_t unbilled_minor;  /* of the subscriptions that are shown */
    int64_t shown_count, subscription_count;
};

static struct str money(const struct making *m, int64_t minor)
{
    return show_money(m->page, minor, m->currency);
}

/* ---- subscriptions --------------------------------------------------------------------------- */

/* "€29.00 every 2 years" */
static struct str price_every(const struct making *m, struct str price, const char *one,
                              const char *many, int64_t count)
{
    struct str values[] = {price, show_count(m->page, count)};
    return locale_counted(m->page->locale, m->page->arena, str_of(one), str_of(many), count, values,
                          2);
}

/* "€29.00 monthly" */
static struct str price_of(const struct making *m, const struct plan_version_row *version)
{
    static const struct {
        const char *words;
        struct interval interval;
    } named[] = {{"{} weekly", {0, 7}},
                 {"{} monthly", {1, 0}},
                 {"{} quarterly", {3, 0}},
                 {"{} half-yearly", {6, 0}},
                 {"{} yearly", {12, 0}}};
    struct interval interval;
    struct str price = show_money(m->page, version->amount_minor, version->currency);
    if (!interval_parse(version->billing_interval, &interval))
        return price;
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (interval.months == named[i].interval.months && interval.days == named[i].interval.days)
            return page_words_with(m->page, named[i].words, &price, 1);
    }
    if (interval.months > 0 && interval.months % 12 == 0)
        return price_every(m, price, "{} every {} year", "{} every {} years", interval.months / 12);
    if (interval.months > 0)
        return price_every(m, price, "{} every {} month", "{} every {} months", interval.months);
    if (interval.days % 7 == 0)
        return price_every(m, price, "{} every {} week", "{} every {} weeks", interval.days / 7);
    return price_every(m, price, "{} every {} day", "{} every {} days", interval.days);
}

/* What was used and is not on an invoice yet; nothing of a subscription that does not run. */
static enum err add_unbilled(struct making *m, const struct subscription_view *subscription,
                             struct customer_subscription *shown)
{
    struct current_usage_view usage;
    if (!str_eq(subscription->row.status, STR("active")))
        return ERR_NONE;
    TRY(current_usage_get(m->page->ctx, m->external_id, subscription->row.external_id, &usage));
    m->unbilled_minor += usage.build.row.fees_amount_minor;
    shown->unbilled = usage.count == 0 ? STR("—") : money(m, usage.build.row.fees_amount_minor);
    return ERR_NONE;
}

static enum err fill_subscription(struct making *m, const struct subscription_view *subscription,
                                  struct customer_subscription *shown)
{
    struct buf url;
    struct page_writer writer = {.buf = &url};
    struct page *page = m->page;
    const struct subscription_row *row = &subscription->row;
    buf_init(&url, page->arena, 4096);
    buf_add(&url, STR("/usage?subscription="));
    page_url_part(&writer, row->external_id);
    *shown = (struct customer_subscription){
        .name = str_is_null(row->name) ? subscription->plan.version.name : row->name,
        .id = {row->external_id},
        .plan = subscription->plan.version.name,
        .price = price_of(m, &subscription->plan.version),
        .usage_url = row->started_at == TIME_NONE ? STR("") : buf_str(&url),
        .unbilled = STR("—"),
        .status = show_subscription_state(page, row->status),
    };
    if (subscription->period_from_at != TIME_NONE) {
        shown->period =
            show_period(page, m->zone, subscription->period_from_at, subscription->period_to_at);
    }
    if (subscription->neighbours.takes_over_day != DAY_NONE) {
        const struct str values[] = {subscription->neighbours.next_plan_code,
                                     show_day(page, subscription->neighbours.takes_over_day)};
        shown->next = page_words_with(page, "Changes to {} on {}", values, 2);
    }
    return add_unbilled(m, subscription, shown);
}

static enum err fill_subscriptions(struct making *m)
{
    struct subscription_view *views = NULL;
    int64_t total = 0;
    size_t count = 0;
    TRY(subscription_list(m->page->ctx,
                          &(struct subscription_filter){.external_customer_id = m->external_id,
                                                        .pending = true,
                                                        .active = true,
                                                        .terminated = true,
                                                        .limit = SUBSCRIPTIONS_SHOWN},
                          &views, &count, &total));
    struct customer_subscription *shown =
        ARENA_ARRAY(m->page->arena, count, struct customer_subscription);
    for (size_t i = 0; i < count; i++)
        TRY(fill_subscription(m, &views[i], &shown[i]));
    m->view->subscriptions = shown;
    m->view->subscription_count = count;
    m->shown_count = (int64_t)count;
    m->subscription_count = total;
    if (total > m->shown_count)
        m->view->subscriptions_url = arena_fmt(m->page->arena, "/usage?q=%.*s",
                                               STR_ARG(show_encoded(m->page, m->external_id)));
    return ERR_NONE;
}

/* ---- money ----------------------------------------------------------------------------------- */

static enum err fill_invoices(struct making *m)
{
    struct page *page = m->page;
    struct invoice_table_filter filter = INVOICE_TABLE_ALL;
    struct invoice_table_list_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    filter.customer_id = m->numbers.entry.row.id;
    filter.limit = INVOICES_SHOWN;
    TRY(invoice_table(page->ctx, &filter, &rows, &count, &total));
    struct customer_invoice *shown = ARENA_ARRAY(page->arena, count, struct customer_invoice);
    for (size_t i = 0; i < count; i++) {
        const struct invoice_table_list_row *row = &rows[i];
        enum invoice_state state = invoice_table_state(row);
        int64_t open = invoice_table_open_minor(row);
        shown[i] = (struct customer_invoice){
            .number = str_is_null(row->number) ? page_words(page, "Draft") : row->number,
            .url = show_invoice_url(page, row->id),
            .issued = show_day(page, row->issuing_day),
            .amount = show_money(page, row->total_amount_minor, row->currency),
            .open = open == 0 ? STR("—") : show_money(page, open, row->currency),
            .status = show_invoice_state(page, state, row->payment_due_day,
                                         zone_day(m->zone, ctx_now(page->ctx))),
        };
    }
    m->view->invoices = shown;
    m->view->invoice_count = count;
    if (total > (int64_t)count)
        m->view->invoices_url = arena_fmt(page->arena, "/invoices?customer=%.*s",
                                          STR_ARG(uuid_text(page->arena, m->numbers.entry.row.id)));
    return ERR_NONE;
}

static enum err fill_payments(struct making *m)
{
    struct page *page = m->page;
    struct payment_view *payments = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(payment_list(page->ctx,
                     &(struct payment_filter){.external_customer_id = m->external_id,
                                              .paid_from_at = TIME_NONE,
                                              .paid_to_at = TIME_NONE,
                                              .limit = PAYMENTS_SHOWN},
                     &payments, &count, &total));
    struct customer_payment *shown = ARENA_ARRAY(page->arena, count, struct customer_payment);
    for (size_t i = 0; i < count; i++) {
        const struct payment_row *row = &payments[i].row;
        shown[i] = (struct customer_payment){
            .day = show_payment_day(page, m->zone, row),
            .invoice = show_text(payments[i].invoice_number),
            .invoice_url = show_invoice_url(page, row->invoice_id),
            .reference = show_text(row->reference),
            .amount = show_money(page, row->amount_minor, row->currency),
            .status = show_payment_state(page, row),
            .why = show_payment_why(page, row),
            .json_url = show_payment_json_url(page, row->id),
        };
    }
    m->view->payments = shown;
    m->view->payment_count = count;
    return ERR_NONE;
}

static void fill_stats(struct making *m)
{
    const struct customer_numbers *numbers = &m->numbers;
    const struct customer_row *row = &numbers->entry.row;
    struct page *page = m->page;
    struct str id = uuid_text(page->arena, row->id);
    struct str invoiced = money(m, numbers->invoiced_minor);
    m->view->mrr = (struct stat){.label = page_words(page, "MRR"),
                                 .value = money(m, numbers->entry.mrr_minor),
                                 .note = show_counted(page, "{} subscription", "{} subscriptions",
                                                      m->numbers.entry.running_count)};
    m->view->open = (struct stat){
        .label = page_words(page, "Open"),
        .value = money(m, m->numbers.entry.open_minor),
        .note = page_words_with(page, "of {} invoiced in all", &invoiced, 1),
        .url = m->numbers.entry.open_minor == 0
                   ? STR("")
                   : arena_fmt(page->arena, "/invoices?state=unpaid&customer=%.*s", STR_ARG(id))};
    m->view->overdue = (struct stat){
        .label = page_words(page, "Overdue"),
        .value = money(m, m->numbers.entry.overdue_minor),
        .url = m->numbers.entry.overdue_minor == 0
                   ? STR("")
                   : arena_fmt(page->arena, "/invoices?state=overdue&customer=%.*s", STR_ARG(id))};
    struct str oldest = show_day(page, m->numbers.entry.oldest_due_day);
    m->view->overdue.note = m->numbers.entry.overdue_minor > 0
                                ? page_words_with(page, "since {}", &oldest, 1)
                                : page_words(page, "nothing is late");
    const struct str counts[] = {show_count(page, m->shown_count),
                                 show_count(page, m->subscription_count)};
    m->view->unbilled = (struct stat){
        .label = page_words(page, "Not billed yet"),
        .value = money(m, m->unbilled_minor),
        .note = m->shown_count == m->subscription_count
                    ? page_words(page, "usage of the running periods")
                    : page_words_with(page, "of the newest {} of {} subscriptions", counts, 2)};
}

/* ---- who it is ------------------------------------------------------------------------------- */

static void add_fact(struct making *m, struct fact *facts, size_t *count, const char *english,
                     struct str value)
{
    if (!str_is_null(value) && value.len > 0)
        facts[(*count)++] = (struct fact){.name = page_words(m->page, english), .value = value};
}

static struct str place_of(const struct making *m, const struct customer_row *row)
{
    const struct str parts[] = {row->address_line1, row->address_line2, row->zipcode,
                                row->city,          row->state,         row->country};
    struct str all = STR("");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (str_is_null(parts[i]) || parts[i].len == 0)
            continue;
        all = all.len == 0
                  ? parts[i]
                  : arena_fmt(m->page->arena, "%.*s, %.*s", STR_ARG(all), STR_ARG(parts[i]));
    }
    return all;
}

static void fill_facts(struct making *m)
{
    const struct customer_row *row = &m->numbers.entry.row;
    struct fact *facts = ARENA_ARRAY(m->page->arena, 9, struct fact);
    size_t count = 0;
    add_fact(m, facts, &count, "Legal name", row->legal_name);
    add_fact(m, facts, &count, "Email", row->email);
    add_fact(m, facts, &count, "Address", place_of(m, row));
    add_fact(m, facts, &count, "Tax number", row->tax_identification_number);
    add_fact(m, facts, &count, "Currency", row->currency);
    add_fact(m, facts, &count, "Time zone", zone_name(m->zone));
    add_fact(m, facts, &count, "Customer since",
             show_day(m->page, zone_day(m->zone, row->created_at)));
    facts[count++] = (struct fact){.name = page_words(m->page, "Id"),
                                   .value = uuid_text(m->page->arena, row->id),
                                   .is_id = true};
    m->view->facts = (struct facts){facts, count};
}

static enum err fill_mails(struct making *m)
{
    struct page *page = m->page;
    struct mail_view *mails = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(mail_list(
        page->ctx,
        &(struct mail_filter){.external_customer_id = m->external_id, .limit = MAILS_SHOWN}, &mails,
        &count, &total));
    struct customer_mail *shown = ARENA_ARRAY(page->arena, count, struct customer_mail);
    for (size_t i = 0; i < count; i++)
        shown[i] = (struct customer_mail){
            .subject = show_mail_subject(page, &mails[i]),
            .url = arena_fmt(page->arena, "/mails/%.*s",
                             STR_ARG(uuid_text(page->arena, mails[i].row.id))),
            .day = show_day(page, zone_day(m->zone, mails[i].row.created_at)),
            .address = show_text(mails[i].row.to_address),
            .status = show_mail_state(page, mails[i].row.mail_status),
        };
    m->view->mails = shown;
    m->view->mail_count = count;
    return ERR_NONE;
}

static enum err fill_activity(struct making *m)
{
    struct activity *items = NULL;
    size_t count = 0;
    TRY(activity_list(
        m->page->ctx,
        &(struct activity_query){.customer_id = m->numbers.entry.row.id, .limit = ACTIVITY_SHOWN},
        &items, &count));
    m->view->activity = show_activities(m->page, m->zone, items, count, false);
    return ERR_NONE;
}

static enum err customer_show_page(struct page *page)
{
    struct customer_page_view view = {.frame = page_frame(page, NULL, URL)};
    struct making m = {.page = page, .view = &view};
    struct customer_view customer;
    TRY(customer_numbers_get(page->ctx, page_path(page, 0), &m.numbers));
    const struct customer_row *row = &m.numbers.entry.row;
    m.external_id = row->external_id;
    m.currency = show_text(row->currency);
    TRY(customer_get(page->ctx, m.external_id, &customer));
    m.zone = customer.terms.zone;
    view.frame.title = show_customer_name(row);
    view.id.text = row->external_id;
    view.status = show_customer_state(page, &m.numbers.entry, zone_day(m.zone, ctx_now(page->ctx)));
    TRY(fill_subscriptions(&m));
    fill_stats(&m);
    fill_facts(&m);
    TRY(fill_invoices(&m));
    TRY(fill_payments(&m));
    TRY(fill_mails(&m));
    TRY(fill_activity(&m));
    view.json_url = arena_fmt(page->arena, "%.*s/json", STR_ARG(show_customer_url(page, row->id)));
    view.request.text =
        show_api_request(page, arena_fmt(page->arena, "/customer_figures?search=%.*s",
                                         STR_ARG(show_encoded(page, row->external_id))));
    return PAGE_SHOW(page, tpl_admin_customer, &view);
}

const struct page_route customer_pages[] = {
    {HTTP_GET, URL "/{id}", customer_show_page, 0},
    {0},
};
