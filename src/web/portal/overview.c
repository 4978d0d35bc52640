/* overview.c - the portal's first page. */
#include "web/portal/overview.h"

#include "app/current_usage.h"
#include "app/customer.h"
#include "app/customer_due.h"
#include "app/invoice_table.h"
#include "app/subscription.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "core/currency.h"
#include "web/chart.h"
#include "web/portal/own.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL            "/portal"
#define INVOICES_SHOWN 5
#define RUNNING_SHOWN  8 /* subscriptions whose usage is priced for the page */
#define CURRENCIES_MAX 8 /* of one customer */
#define MONTHS         12
#define STATS_MAX      ((size_t)3 * CURRENCIES_MAX)
#define ALERTS_MAX     (CURRENCIES_MAX + 1)

/* What is billed in one currency. */
struct money_of {
    struct str currency;
    int64_t usage_minor; /* so far */
    bool has_usage;
    int64_t last_minor; /* of the newest invoice, net */
    bool has_last;
    int64_t months[MONTHS]; /* totals of invoices, oldest month first */
    bool has_months;
};

struct making {
    struct page *page;
    struct portal_overview_view *view;
    struct customer_due due;
    int32_t today;                      /* the customer's */
    int64_t running_count, shown_count; /* subscriptions: all that run, and those that are priced */
    struct money_of money[CURRENCIES_MAX];
    size_t money_count;
};

/* NULL: one more than there is room for, which is left out. */
static struct money_of *money_of(struct making *m, struct str currency)
{
    for (size_t i = 0; i < m->money_count; i++) {
        if (str_eq(m->money[i].currency, currency))
            return &m->money[i];
    }
    if (m->money_count == CURRENCIES_MAX)
        return NULL;
    struct money_of *money = &m->money[m->money_count++];
    *money = (struct money_of){.currency = currency};
    return money;
}

/* ---- what wants to be looked at -------------------------------------------------------------- */

static void fill_alerts(struct making *m)
{
    struct page *page = m->page;
    struct portal_alert *alerts = ARENA_ARRAY(page->arena, ALERTS_MAX, struct portal_alert);
    size_t count = 0;
    for (size_t i = 0; i < m->due.currency_count && count < CURRENCIES_MAX; i++) {
        const struct customer_due_list_row *row = &m->due.currencies[i];
        if (row->overdue_minor == 0)
            continue;
        struct str amount = show_money(page, row->overdue_minor, row->currency);
        alerts[count++] = (struct portal_alert){
            .tone = TONE_BAD,
            .words = page_words_with(page, "{} should have been paid already.", &amount, 1),
            .url = STR("/portal/invoices?state=overdue"),
            .link = page_words(page, "See what is overdue"),
        };
    }
    if (m->due.payment_count > 0)
        alerts[count++] = (struct portal_alert){
            .tone = TONE_INFO,
            .words = page_words(page, "A payment is under way. How it ends is not known yet."),
            .url = portal_payment_url(page, m->due.payments[0].id),
            .link = page_words(page, "See how it stands"),
        };
    m->view->alerts = alerts;
    m->view->alert_count = count;
}

/* ---- what runs ------------------------------------------------------------------------------- */

static struct portal_running running_of(const struct making *m,
                                        const struct subscription_view *subscription,
                                        const struct current_usage_view *usage)
{
    struct page *page = m->page;
    const struct zone *zone = usage->build.zone;
    int32_t first = zone_day(zone, usage->from_at);
    int32_t end = zone_day(zone, usage->to_at);
    int32_t today = zone_day(zone, ctx_now(page->ctx));
    struct portal_running running = {
        .name = str_is_null(subscription->row.name) || subscription->row.name.len == 0
                    ? subscription->row.external_id
                    : subscription->row.name,
        .plan = subscription->plan.version.name,
        .period = show_period(page, zone, usage->from_at, usage->to_at),
        .amount = show_money(page, usage->build.row.fees_amount_minor, usage->build.row.currency),
        .day = arena_fmt(page->arena, "%d", (int)(today - first + 1)),
        .days = arena_fmt(page->arena, "%d", (int)(end - first)),
    };
    running.progress_words =
        page_words_with(page, "Day {} of {}", (const struct str[]){running.day, running.days}, 2);
    return running;
}

static enum err fill_running(struct making *m)
{
    struct page *page = m->page;
    struct subscription_view *subscriptions = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(subscription_list(
        page->ctx,
        &(struct subscription_filter){.external_customer_id = page->portal->customer.external_id,
                                      .active = true,
                                      .limit = RUNNING_SHOWN},
        &subscriptions, &count, &total));
    struct portal_running *running = ARENA_ARRAY(page->arena, count, struct portal_running);
    for (size_t i = 0; i < count; i++) {
        struct current_usage_view usage;
        TRY(current_usage_get(page->ctx, page->portal->customer.external_id,
                              subscriptions[i].row.external_id, &usage));
        struct money_of *money = money_of(m, usage.build.row.currency);
        if (money != NULL) {
            money->usage_minor += usage.build.row.fees_amount_minor;
            money->has_usage = true;
        }
        running[i] = running_of(m, &subscriptions[i], &usage);
    }
    m->view->running = running;
    m->view->running_count = count;
    m->running_count = total;
    m->shown_count = (int64_t)count;
    struct str more = show_count(page, total - m->shown_count);
    if (total > m->shown_count)
        m->view->running_note = page_words_with(page, "And {} more.", &more, 1);
    return ERR_NONE;
}

/* ---- what was billed ------------------------------------------------------------------------- */

/* Months from year 0 on. */
static int32_t month_number(int32_t day)
{
    struct civil date = civil_from_day(day);
    return date.year * 12 + date.month - 1;
}

static int32_t first_day_of(int32_t month)
{
    return day_from_civil((struct civil){.year = month / 12, .month = month % 12 + 1, .day = 1});
}

static enum err read_billed(struct making *m)
{
    struct customer_billed billed;
    int32_t now = month_number(m->today);
    int32_t first = now - (MONTHS - 1);
    TRY(customer_billed_get(m->page->ctx, page_customer_id(m->page), first_day_of(first),
                            first_day_of(now + 1), &billed));
    for (size_t i = 0; i < billed.newest_count; i++) {
        struct money_of *money = money_of(m, billed.newest[i].currency);
        if (money == NULL)
            continue;
        money->last_minor = billed.newest[i].fees_amount_minor;
        money->has_last = true;
    }
    for (size_t i = 0; i < billed.day_count; i++) {
        const struct customer_billed_list_row *day = &billed.days[i];
        struct money_of *money = money_of(m, day->currency);
        if (money == NULL)
            continue;
        money->months[month_number(day->issuing_day) - first] += day->total_minor;
        money->has_months = true;
    }
    return ERR_NONE;
}

static enum err fill_invoices(struct making *m)
{
    struct page *page = m->page;
    struct invoice_table_filter filter = INVOICE_TABLE_ALL;
    struct invoice_table_list_row *found = NULL;
    size_t count = 0;
    int64_t total = 0;
    filter.customer_id = page_customer_id(page);
    filter.state = STR("issued");
    filter.limit = INVOICES_SHOWN;
    TRY(invoice_table(page->ctx, &filter, &found, &count, &total));
    struct portal_invoices_row *rows = ARENA_ARRAY(page->arena, count, struct portal_invoices_row);
    for (size_t i = 0; i < count; i++)
        rows[i] = portal_invoices_row_of(page, &found[i]);
    m->view->rows = rows;
    m->view->row_count = count;
    m->view->empty = (struct empty){
        .icon = ICON_FILE_INVOICE,
        .title = page_words(page, "No invoice yet"),
        .words = page_words(page, "Your first one stands here as soon as it is issued."),
    };
    return ERR_NONE;
}

static void fill_months(struct making *m)
{
    struct page *page = m->page;
    struct portal_months *charts = ARENA_ARRAY(page->arena, m->money_count, struct portal_months);
    struct str shorts[MONTHS];
    struct str names[MONTHS];
    size_t count = 0;
    for (int i = 0; i < MONTHS; i++) {
        int32_t day = first_day_of(month_number(m->today) - (MONTHS - 1) + i);
        shorts[i] = locale_month_short(page->locale, page->arena, day);
        names[i] = locale_month(page->locale, page->arena, day);
    }
    for (size_t i = 0; i < m->money_count; i++) {
        if (!m->money[i].has_months)
            continue;
        const struct chart_series series = {page_words(page, "Invoiced"), m->money[i].months};
        charts[count++] = (struct portal_months){
            .currency = m->money[i].currency,
            .chart = chart_bars(page->arena,
                                &(struct chart_bars){
                                    .figures = {page->locale, currency_find(m->money[i].currency)},
                                    .label = page_words(page, "Invoices by month"),
                                    .column_head = page_words(page, "Month"),
                                    .shorts = shorts,
                                    .names = names,
                                    .column_count = MONTHS,
                                    .series = &series,
                                    .series_count = 1,
                                    .as_table = page_words(page, "View as table"),
                                }),
        };
    }
    m->view->months = charts;
    m->view->month_count = count;
}

/* ---- figures --------------------------------------------------------------------------------- */

static struct stat due_stat(struct making *m, const struct customer_due_list_row *row)
{
    struct page *page = m->page;
    struct str day = show_day(page, row->first_due_day);
    return (struct stat){
        .label = page_words(page, "Due now"),
        .value = show_money(page, row->open_minor, row->currency),
        .note = page_words_with(
            page, row->first_due_day < m->today ? "first was due on {}" : "first is due on {}",
            &day, 1),
        .url = STR("/portal/invoices?state=unpaid"),
    };
}

static struct stat overdue_stat(struct making *m, const struct customer_due_list_row *row)
{
    struct page *page = m->page;
    struct str count = show_count(page, row->overdue_count);
    struct stat stat = {
        .label = page_words(page, "Overdue"),
        .value = show_money(page, row->overdue_minor, row->currency),
        .note = page_words(page, "nothing is overdue"),
    };
    if (row->overdue_count > 0) {
        stat.note = page_words_with(page, row->overdue_count == 1 ? "{} invoice" : "{} invoices",
                                    &count, 1);
        stat.url = STR("/portal/invoices?state=overdue");
    }
    return stat;
}

static struct str usage_note(const struct making *m, const struct money_of *money)
{
    struct page *page = m->page;
    struct str last = show_money(page, money->last_minor, money->currency);
    const struct str counts[] = {show_count(page, m->shown_count),
                                 show_count(page, m->running_count)};
    if (m->shown_count < m->running_count)
        return page_words_with(page, "of the newest {} of {} subscriptions, before tax", counts, 2);
    return money->has_last ? page_words_with(page, "the last invoice was {} before tax", &last, 1)
                           : page_words(page, "before tax");
}

static struct stat usage_stat(const struct making *m, const struct money_of *money)
{
    return (struct stat){
        .label = page_words(m->page, "Usage so far"),
        .value = show_money(m->page, money->usage_minor, money->currency),
        .note = usage_note(m, money),
    };
}

static void fill_stats(struct making *m)
{
    struct page *page = m->page;
    struct stat *stats = ARENA_ARRAY(page->arena, STATS_MAX, struct stat);
    size_t count = 0;
    for (size_t i = 0; i < m->due.currency_count && count + 2 <= (size_t)2 * CURRENCIES_MAX; i++) {
        stats[count++] = due_stat(m, &m->due.currencies[i]);
        stats[count++] = overdue_stat(m, &m->due.currencies[i]);
    }
    if (count == 0)
        stats[count++] = (struct stat){.label = page_words(page, "Due now"),
                                       .value = page_words(page, "Nothing"),
                                       .note = page_words(page, "all is paid")};
    for (size_t i = 0; i < m->money_count; i++) {
        if (m->money[i].has_usage)
            stats[count++] = usage_stat(m, &m->money[i]);
    }
    m->view->stats = stats;
    m->view->stat_count = count;
}

/* ---- the page -------------------------------------------------------------------------------- */

static enum err overview(struct page *page)
{
    struct portal_overview_view view = {.frame = page_frame(page, "Overview", URL)};
    struct making m = {.page = page, .view = &view};
    struct customer_view customer;
    TRY(customer_get(page->ctx, page->portal->customer.external_id, &customer));
    m.today = zone_day(customer.terms.zone, ctx_now(page->ctx));
    TRY(customer_due_get(page->ctx, page_customer_id(page), &m.due));
    TRY(read_billed(&m));
    TRY(fill_invoices(&m));
    TRY(fill_running(&m));
    fill_alerts(&m);
    fill_months(&m);
    fill_stats(&m);
    view.about = view.frame.user_name;
    return PAGE_SHOW(page, tpl_portal_overview, &view);
}

const struct page_route portal_overview_pages[] = {
    {HTTP_GET, URL, overview, PAGE_PORTAL},
    {0},
};
