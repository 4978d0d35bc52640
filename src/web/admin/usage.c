/* usage.c - the usage explorer. */
#include "web/admin/usage.h"

#include "app/event_read.h"
#include "app/usage_view.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "web/chart.h"
#include "web/routes.h"
#include "web/show.h"
#include "web/templates.h"

#define URL        "/usage"
#define SEARCH_MAX 200
#define ID_MAX     255

/* An address with two or three parameters. */
static struct str url_of(const struct page *page, const char *path, struct str subscription,
                         struct str code, struct str days)
{
    struct buf url;
    struct page_writer writer = {.buf = &url};
    buf_init(&url, page->arena, 8192);
    buf_fmt(&url, "%s?subscription=", path);
    page_url_part(&writer, subscription);
    if (!str_is_null(code)) {
        buf_add(&url, STR("&metric="));
        page_url_part(&writer, code);
    }
    buf_add(&url, days);
    return buf_str(&url);
}

/* ---- which subscriptions --------------------------------------------------------------------- */

static enum err list(struct page *page)
{
    struct usage_list_view view = {.frame = page_frame(page, "Usage", URL)};
    struct usage_view_subscription_list_row *found = NULL;
    struct str search = page_query(page, "q", SEARCH_MAX);
    int64_t index = show_page_index(page);
    int64_t total = 0;
    TRY(usage_view_subscriptions(page->ctx, search, SHOW_ROWS, index * SHOW_ROWS, &found,
                                 &view.row_count, &total));
    struct usage_row *rows = ARENA_ARRAY(page->arena, view.row_count, struct usage_row);
    for (size_t i = 0; i < view.row_count; i++)
        rows[i] = (struct usage_row){
            .name = str_is_null(found[i].name) ? found[i].plan_name : found[i].name,
            .url = url_of(page, URL, found[i].external_id, STR_NULL, STR("")),
            .id = {found[i].external_id},
            .customer = str_is_null(found[i].customer_name) ? found[i].customer_external_id
                                                            : found[i].customer_name,
            .customer_url = show_customer_url(page, found[i].customer_id),
            .plan = found[i].plan_name,
            .status = show_subscription_state(page, found[i].status),
        };
    view.rows = rows;
    view.search = show_text(search);
    view.about = show_counted(page, "{} subscription", "{} subscriptions", total);
    view.pager = show_pager(page, index, view.row_count, total);
    view.empty = (struct empty){
        .icon = ICON_CHART_DOTS,
        .title = page_words(page, view.search.len > 0 ? "No subscription is like that"
                                                      : "No subscription yet"),
        .words = page_words(page, "Usage is counted for subscriptions, by metric and day."),
        .button = view.search.len > 0 ? page_words(page, "Show all") : STR(""),
        .button_url = STR(URL),
    };
    return PAGE_SHOW(page, tpl_admin_usage_list, &view);
}

/* ---- one, by metric and day ------------------------------------------------------------------ */

/* Charts count in whole numbers: the quantity in its own smallest decimals that any day has. */
static struct html chart_of(const struct page *page, const struct usage_view *usage,
                            const struct usage_view_metric *metric)
{
    size_t count = (size_t)(usage->end_day - usage->first_day);
    int64_t *values = ARENA_ARRAY(page->arena, count, int64_t);
    struct str *shorts = ARENA_ARRAY(page->arena, count, struct str);
    struct str *names = ARENA_ARRAY(page->arena, count, struct str);
    bool by_events = false;
    for (size_t i = 0; i < count; i++) {
        struct decimal rounded = DECIMAL_ZERO;
        const struct usage_view_day *day = &metric->days[i];
        by_events |= day->event_count > 0 && decimal_is_none(day->quantity);
        if (!decimal_is_none(day->quantity) &&
            (decimal_round(day->quantity, 0, ROUND_HALF_UP, &rounded) != ERR_NONE ||
             decimal_to_int64(rounded, &values[i]) != ERR_NONE))
            by_events = true; /* more than a chart can hold */
        shorts[i] = arena_fmt(page->arena, "%d", civil_from_day(day->day).day);
        names[i] = show_day(page, day->day);
    }
    for (size_t i = 0; by_events && i < count; i++)
        values[i] = metric->days[i].event_count;
    struct chart_series series = {page_words(page, by_events ? "Events" : "Units, in whole ones"),
                                  values};
    return chart_bars(page->arena,
                      &(struct chart_bars){
                          .figures = {page->locale, NULL},
                          .label = page_words_with(page, "{} by day", &metric->metric.name, 1),
                          .column_head = page_words(page, "Day"),
                          .shorts = shorts,
                          .names = names,
                          .column_count = count,
                          .series = &series,
                          .series_count = 1,
                          .as_table = page_words(page, "View as table"),
                      });
}

static struct str aggregation_words(const struct page *page, struct str type)
{
    static const char *const words[][2] = {{"count_agg", "Count of events"},
                                           {"sum_agg", "Sum"},
                                           {"max_agg", "Greatest value"},
                                           {"latest_agg", "Latest value"},
                                           {"unique_count_agg", "Count of unique values"},
                                           {"min_agg", "Least value"},
                                           {"average_agg", "Average"},
                                           {"weighted_sum_agg", "Average of a level over time"},
                                           {"percentile_agg", "Percentile"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_eq(type, str_of(words[i][0])))
            return page_words(page, words[i][1]);
    }
    return type;
}

static void fill_metrics(const struct page *page, const struct usage_view *usage,
                         struct usage_page_view *view)
{
    struct usage_metric *metrics =
        ARENA_ARRAY(page->arena, usage->metric_count, struct usage_metric);
    struct str days =
        arena_fmt(page->arena, "&from=%.*s&to=%.*s", STR_ARG(view->from), STR_ARG(view->to));
    for (size_t i = 0; i < usage->metric_count; i++) {
        const struct usage_view_metric *metric = &usage->metrics[i];
        metrics[i] = (struct usage_metric){
            .id = arena_fmt(page->arena, "metric-%zu", i + 1),
            .name = metric->metric.name,
            .code = metric->metric.code,
            .aggregation = aggregation_words(page, metric->metric.aggregation_type),
            .quantity = show_number(page, metric->quantity),
            .events = show_counted(page, "{} event", "{} events", metric->event_count),
            .chart = chart_of(page, usage, metric),
            .events_url = url_of(page, URL "/events", usage->subscription.external_id,
                                 metric->metric.code, days),
        };
    }
    view->metrics = metrics;
    view->metric_count = usage->metric_count;
}

static void offer_spans(const struct page *page, const struct usage_view *usage,
                        const struct zone *zone, struct chips *chips)
{
    static const struct {
        int32_t days;
        const char *english;
    } spans[] = {{7, "7 days"}, {30, "30 days"}, {90, "90 days"}, {365, "A year"}};
    int32_t today = zone_day(zone, ctx_now(page->ctx));
    struct chip *all = ARENA_ARRAY(page->arena, 4, struct chip);
    for (size_t i = 0; i < 4; i++) {
        int32_t from = today - spans[i].days + 1;
        struct str days =
            arena_fmt(page->arena, "&from=%.*s&to=%.*s", STR_ARG(day_text(page->arena, from)),
                      STR_ARG(day_text(page->arena, today)));
        all[i] = (struct chip){
            .words = page_words(page, spans[i].english),
            .url = url_of(page, URL, usage->subscription.external_id, STR_NULL, days),
            .is_current = usage->first_day == from && usage->end_day == today + 1,
        };
    }
    *chips = (struct chips){page_words(page, "Time"), all, 4};
}

/* Days that make no sense are told, and the last 30 are shown. */
static enum err load(struct page *page, struct str id, struct usage_page_view *view,
                     struct usage_view *usage)
{
    int32_t from = page_query_day(page, "from");
    int32_t to = page_query_day(page, "to");
    bool is_given = from != DAY_NONE || to != DAY_NONE;
    struct usage_view_query query = {id, from, to == DAY_NONE ? DAY_NONE : to + 1};
    enum err err = usage_view_load(page->ctx, &query, usage);
    if (err != ERR_INVALID || !is_given)
        return err;
    fault_reset(page->ctx->fault);
    view->problem = page_words(page, "The days must be in order, and no more than 400. These are "
                                     "the last 30.");
    query.first_day = DAY_NONE;
    query.end_day = DAY_NONE;
    return usage_view_load(page->ctx, &query, usage);
}

static enum err one(struct page *page, struct str id)
{
    struct usage_page_view view = {.frame = page_frame(page, NULL, URL)};
    struct usage_view usage;
    const struct zone *zone = NULL;
    TRY(load(page, id, &view, &usage));
    TRY(zone_find(usage.timezone, &zone));
    view.frame.title = str_is_null(usage.subscription.name) ? usage.subscription.external_id
                                                            : usage.subscription.name;
    view.id.text = usage.subscription.external_id;
    view.subscription = usage.subscription.external_id;
    view.customer =
        str_is_null(usage.customer.name) ? usage.customer.external_id : usage.customer.name;
    view.customer_url = show_customer_url(page, usage.customer.id);
    view.from = day_text(page->arena, usage.first_day);
    view.to = day_text(page->arena, usage.end_day - 1);
    view.about = page_words_with(page, "By days of {}", &usage.timezone, 1);
    offer_spans(page, &usage, zone, &view.spans);
    fill_metrics(page, &usage, &view);
    view.empty = (struct empty){
        .icon = ICON_CHART_DOTS,
        .title = page_words(page, "Nothing was used in these days"),
        .words = page_words(page, "Events count on the day of their time, as it is where the "
                                  "customer is."),
    };
    view.json_url = arena_fmt(page->arena, URL "/json?subscription=%.*s",
                              STR_ARG(show_encoded(page, view.subscription)));
    view.request.text = show_api_request(
        page, arena_fmt(page->arena, "/subscriptions/%.*s/daily_usage?from_day=%.*s&to_day=%.*s",
                        STR_ARG(show_encoded(page, view.subscription)), STR_ARG(view.from),
                        STR_ARG(view.to)));
    return PAGE_SHOW(page, tpl_admin_usage, &view);
}

static enum err usage(struct page *page)
{
    struct str id = page_query(page, "subscription", ID_MAX);
    return str_is_null(id) ? list(page) : one(page, id);
}

/* ---- the events themselves ------------------------------------------------------------------- */

static enum err events(struct page *page)
{
    struct usage_events_view view = {.frame = page_frame(page, "Events", URL)};
    struct str id = page_query(page, "subscription", ID_MAX);
    struct str code = page_query(page, "metric", ID_MAX);
    int32_t from = page_query_day(page, "from");
    int32_t to = page_query_day(page, "to");
    int64_t index = show_page_index(page);
    struct usage_view usage;
    struct event_view *found = NULL;
    const struct zone *zone = NULL;
    bool more = false;
    if (str_is_null(id))
        return page_not_found(page);
    TRY(usage_view_load(page->ctx,
                        &(struct usage_view_query){id, from, to == DAY_NONE ? DAY_NONE : to + 1},
                        &usage));
    TRY(zone_find(usage.timezone, &zone));
    TRY(event_list(page->ctx,
                   &(struct event_filter_query){
                       .external_subscription_id = id,
                       .code = code,
                       .from_at = zone_day_start(zone, usage.first_day),
                       .to_at = zone_day_start(zone, usage.end_day) - 1,
                       .limit = SHOW_ROWS,
                       .offset = index * SHOW_ROWS,
                   },
                   &found, &view.event_count, &more));
    struct usage_event *rows = ARENA_ARRAY(page->arena, view.event_count, struct usage_event);
    for (size_t i = 0; i < view.event_count; i++)
        rows[i] = (struct usage_event){
            .when = show_instant(page, zone, found[i].occurred_at),
            .transaction_id = found[i].transaction_id,
            .value = found[i].properties,
            .received = show_instant(page, zone, found[i].received_at),
        };
    view.events = rows;
    const struct str values[] = {str_is_null(code) ? page_words(page, "all metrics") : code, id,
                                 show_day(page, usage.first_day),
                                 show_day(page, usage.end_day - 1)};
    view.about = page_words_with(page, "{} of {}, {} – {}", values, 4);
    view.back_url = url_of(page, URL, id, STR_NULL,
                           arena_fmt(page->arena, "&from=%.*s&to=%.*s",
                                     STR_ARG(day_text(page->arena, usage.first_day)),
                                     STR_ARG(day_text(page->arena, usage.end_day - 1))));
    /* Events are not counted: that would read them all. */
    int64_t known = index * SHOW_ROWS + (int64_t)view.event_count;
    view.pager = show_pager(page, index, view.event_count, more ? known + 1 : known);
    const struct str range[] = {show_count(page, index * SHOW_ROWS + 1), show_count(page, known)};
    if (view.event_count > 0)
        view.pager.words = page_words_with(page, "{}–{}, newest first", range, 2);
    view.empty = (struct empty){.icon = ICON_CHART_DOTS,
                                .title = page_words(page, "No event in these days")};
    return PAGE_SHOW(page, tpl_admin_usage_events, &view);
}

const struct page_route usage_pages[] = {
    {HTTP_GET, URL, usage, 0},
    {HTTP_GET, URL "/events", events, 0},
    {0},
};
