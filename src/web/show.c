#include "web/show.h"

#include "app/billing_entity.h"
#include "base/assert.h"
#include "base/csv_write.h"
#include "base/none.h"
#include "base/time.h"
#include "core/currency.h"
#include "core/payment/progress.h"

/* ---- values ---------------------------------------------------------------------------------- */

struct str show_text(struct str text)
{
    return str_is_null(text) ? STR("") : text;
}

struct str show_money(const struct page *page, int64_t minor, struct str currency)
{
    const struct currency *known = currency_find(currency);
    if (known == NULL) /* of a customer who has none yet */
        return STR("—");
    return locale_money(page->locale, page->arena, (struct money){minor, known});
}

struct str show_plain_amount(const struct page *page, int64_t minor, struct str currency)
{
    const struct currency *known = currency_find(currency);
    struct buf out;
    if (known == NULL)
        return STR("");
    buf_init(&out, page->arena, 64);
    buf_money(&out, (struct money){minor, known});
    return buf_str(&out);
}

struct str show_price(const struct page *page, struct decimal major, struct str currency)
{
    const struct currency *known = currency_find(currency);
    ASSERT(known != NULL);
    return locale_price(page->locale, page->arena, major, known);
}

struct str show_number(const struct page *page, struct decimal number)
{
    if (decimal_is_none(number))
        return STR("");
    return locale_number(page->locale, page->arena, number);
}

struct str show_count(const struct page *page, int64_t count)
{
    return locale_number(page->locale, page->arena, decimal_of(count));
}

struct str show_day(const struct page *page, int32_t day)
{
    return day == DAY_NONE ? STR("") : locale_day_short(page->locale, page->arena, day);
}

struct str show_instant(const struct page *page, const struct zone *zone, int64_t at_us)
{
    if (at_us == TIME_NONE)
        return STR("");
    int64_t local_us = zone_local_us(zone, at_us);
    int64_t minute = local_us / (60 * TIME_SECOND) % (INT64_C(24) * 60);
    struct str day = locale_day_short(page->locale, page->arena, day_of_instant(local_us));
    return arena_fmt(page->arena, "%.*s, %02d:%02d", STR_ARG(day), (int)(minute / 60),
                     (int)(minute % 60));
}

struct str show_percent(const struct page *page, int64_t part, int64_t whole)
{
    struct decimal percent;
    if (whole == 0 || decimal_mul_div(decimal_of(part), decimal_of(100), decimal_of(whole), 1,
                                      ROUND_HALF_UP, &percent) != ERR_NONE)
        return STR("");
    return arena_fmt(page->arena, "%.*s %%",
                     STR_ARG(locale_number(page->locale, page->arena, percent)));
}

enum err show_zone(struct page *page, const struct zone **zone)
{
    struct billing_entity_view *views = NULL;
    size_t count = 0;
    TRY(billing_entity_list_all(page->ctx, &views, &count));
    *zone = ZONE_UTC;
    return count == 0 ? ERR_NONE : zone_find(views[0].row.timezone, zone);
}

struct str show_counted(const struct page *page, const char *one, const char *many, int64_t count)
{
    struct str number = show_count(page, count);
    return locale_counted(page->locale, page->arena, str_of(one), str_of(many), count, &number, 1);
}

struct str show_instant_in_zone(const struct page *page, const struct zone *zone, int64_t at_us)
{
    return arena_fmt(page->arena, "%.*s %.*s", STR_ARG(show_instant(page, zone, at_us)),
                     STR_ARG(zone_name(zone)));
}

struct str show_period(const struct page *page, const struct zone *zone, int64_t from_at,
                       int64_t to_at)
{
    int32_t first = zone_day(zone, from_at);
    int32_t last = to_at > from_at ? zone_day(zone, to_at - 1) : first;
    const struct str days[] = {show_day(page, first), show_day(page, last)};
    return first == last ? days[0] : page_words_with(page, "{} – {}", days, 2);
}

struct str show_customer_name(const struct customer_row *customer)
{
    return str_is_null(customer->name) || customer->name.len == 0 ? customer->external_id
                                                                  : customer->name;
}

/* ---- addresses ------------------------------------------------------------------------------- */

struct str show_customer_url(const struct page *page, struct uuid id)
{
    return arena_fmt(page->arena, "/customers/%.*s", STR_ARG(uuid_text(page->arena, id)));
}

struct str show_invoice_url(const struct page *page, struct uuid id)
{
    return arena_fmt(page->arena, "/invoices/%.*s", STR_ARG(uuid_text(page->arena, id)));
}

struct str show_payment_json_url(const struct page *page, struct uuid id)
{
    return arena_fmt(page->arena, "/payments/%.*s/json", STR_ARG(uuid_text(page->arena, id)));
}

struct str show_encoded(const struct page *page, struct str text)
{
    struct buf out;
    struct page_writer writer = {.buf = &out};
    buf_init(&out, page->arena, 3 * text.len + 1);
    page_url_part(&writer, text);
    return buf_str(&out);
}

struct str show_api_request(const struct page *page, struct str path)
{
    return arena_fmt(page->arena, "curl -H \"Authorization: Bearer $KEY\" \"%.*s/api/v1%.*s\"",
                     STR_ARG(page->web->app->public_url), STR_ARG(path));
}

struct str show_api_create(const struct page *page, struct str body, struct str path)
{
    return arena_fmt(page->arena,
                     "curl -H \"Authorization: Bearer $KEY\" -d '%.*s' %.*s/api/v1%.*s",
                     STR_ARG(body), STR_ARG(page->web->app->public_url), STR_ARG(path));
}

/* ---- states ---------------------------------------------------------------------------------- */

static struct str days_words(const struct page *page, const char *english, int32_t days)
{
    struct str count = show_count(page, days);
    return page_words_with(page, english, &count, 1);
}

struct status show_invoice_state(const struct page *page, enum invoice_state state, int32_t due_day,
                                 int32_t today)
{
    struct status status;
    switch (state) {
    case INVOICE_STATE_DRAFT:
        return status_of(TONE_PLAIN, page_words(page, "Draft"));
    case INVOICE_STATE_PAID:
        return status_of(TONE_GOOD, page_words(page, "Paid"));
    case INVOICE_STATE_OVERDUE:
        return status_of(TONE_BAD, today > due_day
                                       ? days_words(page, "{} d overdue", today - due_day)
                                       : page_words(page, "Overdue"));
    case INVOICE_STATE_OPEN:
        if (due_day < today)
            return status_of(TONE_WARN, page_words(page, "Due"));
        return status_of(TONE_WARN, due_day == today
                                        ? page_words(page, "Due today")
                                        : days_words(page, "Due in {} d", due_day - today));
    case INVOICE_STATE_VOIDED:
    case INVOICE_STATE_COUNT:
        break;
    }
    status = status_of(TONE_PLAIN, page_words(page, "Void"));
    status.icon = ICON_BAN;
    return status;
}

struct status show_customer_state(const struct page *page, const struct customer_entry *entry,
                                  int32_t today)
{
    if (entry->overdue_minor > 0)
        return show_invoice_state(page, INVOICE_STATE_OVERDUE, entry->oldest_due_day, today);
    if (entry->open_minor > 0)
        return show_invoice_state(page, INVOICE_STATE_OPEN, entry->oldest_due_day, today);
    if (entry->running_count == 0)
        return status_of(TONE_PLAIN, page_words(page, "No subscription"));
    return status_of(TONE_GOOD, page_words(page, "Current"));
}

struct status show_payment_state(const struct page *page, const struct payment_row *row)
{
    switch (payment_status_of(row->status)) {
    case PAYMENT_SUCCEEDED:
        return status_of(TONE_GOOD, page_words(page, "Paid"));
    case PAYMENT_FAILED:
        return status_of(TONE_BAD, page_words(page, "Not paid"));
    case PAYMENT_PENDING:
        return status_of(TONE_PLAIN, page_words(page, "Begun"));
    case PAYMENT_PROCESSING:
    case PAYMENT_UNKNOWN:
        break;
    }
    return status_of(TONE_INFO, page_words(page, "Being confirmed"));
}

/* Whether a card was reported lost or stolen is told to the customer by the bank, not by us. */
struct str show_failure(const struct page *page, const struct payment_row *row)
{
    static const struct {
        const char *code, *english;
        bool is_for_staff;
    } reasons[] = {
        {"insufficient_funds", "There is not enough money on the card.", false},
        {"expired_card", "The card has expired.", false},
        {"incorrect_cvc", "The security code of the card is wrong.", false},
        {"authentication_failed", "The payment was not approved by the card's owner.", false},
        {"processing_error", "The bank could not process the payment.", false},
        {"expired", "The page of the payment was open for too long.", false},
        {"canceled", "The payment was canceled.", false},
        {"never_started", "The payment was never begun.", false},
        {"lost_card", "The card was reported lost.", true},
        {"stolen_card", "The card was reported stolen.", true},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (str_eq(row->failure_code, str_of(reasons[i].code)) &&
            (!reasons[i].is_for_staff || page->user != NULL))
            return page_words(page, reasons[i].english);
    }
    return page_words(page, "The bank declined the card.");
}

struct str show_payment_why(const struct page *page, const struct payment_row *row)
{
    switch (payment_status_of(row->status)) {
    case PAYMENT_FAILED:
        return show_failure(page, row);
    case PAYMENT_PENDING:
        return page_words(page, "Nothing was paid yet: the page to pay was opened.");
    case PAYMENT_PROCESSING:
    case PAYMENT_UNKNOWN:
        return page_words(page, "The payment provider has not told the outcome yet.");
    case PAYMENT_SUCCEEDED:
        break;
    }
    return STR("");
}

struct str show_payment_day(const struct page *page, const struct zone *zone,
                            const struct payment_row *row)
{
    return show_day(page,
                    zone_day(zone, row->paid_at == TIME_NONE ? row->created_at : row->paid_at));
}

struct status show_subscription_state(const struct page *page, struct str word)
{
    struct status status;
    if (str_eq(word, STR("active")))
        return status_of(TONE_GOOD, page_words(page, "Active"));
    if (str_eq(word, STR("pending")))
        return status_of(TONE_INFO, page_words(page, "Not started"));
    status = status_of(TONE_PLAIN, str_eq(word, STR("canceled")) ? page_words(page, "Canceled")
                                                                 : page_words(page, "Ended"));
    status.icon = ICON_BAN;
    return status;
}

struct str show_mail_subject(const struct page *page, const struct mail_view *mail)
{
    if (!str_is_null(mail->row.subject))
        return mail->row.subject;
    if (str_eq(mail->row.mail_type, STR("invoice")))
        return page_words(page, "Invoice");
    return str_eq(mail->row.mail_type, STR("receipt")) ? page_words(page, "Receipt")
                                                       : page_words(page, "Link to the portal");
}

struct status show_mail_state(const struct page *page, struct str word)
{
    struct status status = status_of(TONE_INFO, page_words(page, "Waiting"));
    status.icon = ICON_CLOCK;
    if (str_eq(word, STR("sent")))
        return status_of(TONE_GOOD, page_words(page, "Sent"));
    if (str_eq(word, STR("failed")))
        return status_of(TONE_BAD, page_words(page, "Failed"));
    if (str_eq(word, STR("no_address")))
        return status_of(TONE_WARN, page_words(page, "No address"));
    return status;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* Other filters, or another order, begin at the first page. */
#define LIST_DROPS       \
    {"page", STR_NULL},  \
    {                    \
        "lang", STR_NULL \
    }

struct str show_url_with(const struct page *page, const char *name, struct str value)
{
    const struct page_param params[] = {{name, value}, LIST_DROPS};
    return page_url_with(page, params, 3);
}

struct chips show_state_chips(const struct page *page, const char *const *states,
                              const char *const *english, size_t count, int current,
                              const struct str *counts)
{
    struct chip *all = ARENA_ARRAY(page->arena, count + 1, struct chip);
    all[0] = (struct chip){.words = page_words(page, "All"),
                           .url = show_url_with(page, "state", STR("")),
                           .is_current = current < 0};
    for (size_t i = 0; i < count; i++)
        all[i + 1] = (struct chip){.words = page_words(page, english[i]),
                                   .url = show_url_with(page, "state", str_of(states[i])),
                                   .is_current = current == (int)i};
    for (size_t i = 0; counts != NULL && i <= count; i++)
        all[i].count = counts[i];
    return (struct chips){page_words(page, "Status"), all, count + 1};
}

struct show_sort show_sort_read(const struct page *page, const char *const *keys,
                                bool is_preset_ascending)
{
    static const char *const orders[] = {"asc", "desc", NULL};
    int key = page_query_choice(page, "sort", keys);
    int order = page_query_choice(page, "order", orders);
    return (struct show_sort){
        .keys = keys,
        .current = key < 0 ? 0 : key,
        .is_ascending = order < 0 ? is_preset_ascending : order == 0,
    };
}

struct column show_column(const struct page *page, const struct show_sort *sort, int index,
                          const char *english)
{
    struct column column = {.words = page_words(page, english)};
    if (index < 0)
        return column;
    bool is_current = index == sort->current;
    bool will_ascend = is_current && !sort->is_ascending;
    const struct page_param params[] = {
        {"sort", str_of(sort->keys[index])},
        {"order", will_ascend ? STR("asc") : STR("desc")},
        LIST_DROPS,
    };
    column.sort_url = page_url_with(page, params, 4);
    if (is_current)
        column.sorted = sort->is_ascending ? SORTED_UP : SORTED_DOWN;
    return column;
}

int64_t show_page_index(const struct page *page)
{
    return page_query_int(page, "page", 1, 1000000, 1) - 1;
}

struct pager show_pager(const struct page *page, int64_t index, size_t count, int64_t total)
{
    int64_t first = index * SHOW_ROWS;
    struct pager pager = {0};
    struct str values[3];
    if (count == 0)
        return pager;
    values[0] = show_count(page, first + 1);
    values[1] = show_count(page, first + (int64_t)count);
    values[2] = show_count(page, total);
    pager.words = page_words_with(page, "{}–{} of {}", values, 3);
    if (index > 0)
        pager.prev_url = show_url_with(
            page, "page", index == 1 ? STR("") : arena_fmt(page->arena, "%lld", (long long)index));
    if (first + (int64_t)count < total)
        pager.next_url =
            show_url_with(page, "page", arena_fmt(page->arena, "%lld", (long long)index + 2));
    return pager;
}

/* ---- lists as files -------------------------------------------------------------------------- */

void show_csv_begin(const struct page *page, const char *const *names, size_t count,
                    struct buf *out)
{
    struct str *head = ARENA_ARRAY(page->arena, count, struct str);
    for (size_t i = 0; i < count; i++)
        head[i] = str_of(names[i]);
    buf_init(out, page->arena, PAGE_BYTES_MAX / 2);
    csv_write_row(out, head, count);
}

enum err show_csv_end(struct page *page, struct str file_name, const struct buf *out)
{
    if (!buf_ok(out))
        return fail(page->ctx, ERR_TOO_LARGE, "the list is too long for one file");
    return page_csv(page, file_name, buf_str(out));
}

/* ---- what happened --------------------------------------------------------------------------- */

static const struct {
    enum icon icon;
    enum tone tone;
} activity_looks[] = {
    [ACTIVITY_CUSTOMER] = {ICON_USER, TONE_INFO},
    [ACTIVITY_SUBSCRIPTION] = {ICON_PACKAGES, TONE_INFO},
    [ACTIVITY_INVOICE] = {ICON_FILE_INVOICE, TONE_INFO},
    [ACTIVITY_PAYMENT] = {ICON_CREDIT_CARD, TONE_INFO},
    [ACTIVITY_COST] = {ICON_CLOUD, TONE_PLAIN},
    [ACTIVITY_EVENT] = {ICON_CHART_DOTS, TONE_PLAIN},
    [ACTIVITY_CATALOG] = {ICON_TAG, TONE_PLAIN},
    [ACTIVITY_SYSTEM] = {ICON_SETTINGS, TONE_PLAIN},
};

/* "by MODE Test": who did it, as it reads. */
static struct str actor_words(const struct page *page, struct str actor)
{
    struct str name = actor;
    struct str kind = STR_NULL;
    if (str_find(actor, ':') > 0)
        str_split(&name, ':', &kind);
    if (str_eq(kind, STR("job")))
        return page_words(page, "by the scheduler");
    if (str_eq(kind, STR("key")))
        return page_words_with(page, "by API key {}", &name, 1);
    if (str_eq(kind, STR("cli")))
        return page_words_with(page, "by {}, command line", &name, 1);
    return page_words_with(page, "by {}", &name, 1);
}

static struct str join(const struct page *page, struct str a, struct str b)
{
    if (a.len == 0)
        return b;
    return arena_fmt(page->arena, "%.*s · %.*s", STR_ARG(a), STR_ARG(b));
}

static struct activity_item activity_of(struct page *page, const struct zone *zone,
                                        const struct activity *item, bool with_customer)
{
    struct activity_item shown = {.icon = activity_looks[item->kind].icon,
                                  .tone = activity_looks[item->kind].tone,
                                  .when = show_day(page, zone_day(zone, item->at)),
                                  .when_full = show_instant_in_zone(page, zone, item->at)};
    struct str words = locale_words(page->locale, item->words);
    int64_t at = str_find(words, '{');
    shown.before = words;
    struct str label = item->count > 1 ? show_count(page, item->count) : item->label;
    if (at >= 0 && words.len >= (size_t)at + 2) {
        shown.before = str_slice(words, 0, (size_t)at);
        shown.after = str_slice(words, (size_t)at + 2, words.len);
        if (!uuid_is_nil(item->invoice_id))
            shown.link_url = show_invoice_url(page, item->invoice_id);
        else if (item->count == 1 && item->kind == ACTIVITY_CUSTOMER &&
                 !uuid_is_nil(item->customer_id) && !str_eq(item->action, STR("customer.delete")))
            shown.link_url = show_customer_url(page, item->customer_id);
        if (shown.link_url.len > 0)
            shown.link = label;
        else
            shown.before =
                arena_fmt(page->arena, "%.*s%.*s", STR_ARG(shown.before), STR_ARG(label));
    }
    if (str_eq(item->action, STR("invoice.overdue")) || str_eq(item->action, STR("payment.fail"))) {
        shown.icon = ICON_ALERT_TRIANGLE;
        shown.tone = TONE_BAD;
    } else if (str_eq(item->action, STR("payment.succeed")) ||
               str_eq(item->action, STR("payment.create"))) { /* others have moved no money */
        shown.icon = ICON_CIRCLE_CHECK;
        shown.tone = TONE_GOOD;
    }
    struct str note = STR("");
    if (item->amount_minor != INT_NONE)
        note = show_money(page, item->amount_minor, item->currency);
    if (with_customer && !str_is_null(item->customer_name) && item->kind != ACTIVITY_CUSTOMER)
        note = join(page, note, /* isolated: it may be written the other way */
                    arena_fmt(page->arena, "\u2068%.*s\u2069", STR_ARG(item->customer_name)));
    shown.note = join(page, note, actor_words(page, item->actor));
    return shown;
}

struct activities show_activities(struct page *page, const struct zone *zone,
                                  const struct activity *items, size_t count, bool with_customer)
{
    struct activity_item *shown = ARENA_ARRAY(page->arena, count, struct activity_item);
    for (size_t i = 0; i < count; i++)
        shown[i] = activity_of(page, zone, &items[i], with_customer);
    return (struct activities){shown, count};
}
