#include "app/usage_view.h"

#include "app/list.h"
#include "app/metric_rule.h"
#include "app/usage.h"
#include "base/assert.h"
#include "base/none.h"
#include "core/metering.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/find.h"

#define DAYS_PRESET 30

struct loading {
    const struct usage_view_query *query;
    struct usage_view *view;
};

static enum err find_subscription(struct ctx *ctx, struct tx *tx, const struct loading *l)
{
    struct subscription_row *rows = NULL;
    size_t count = 0;
    size_t i = 0;
    bool found = false;
    struct str id = l->query->external_subscription_id;
    TRY(find_subscription_exact(
        tx, &(struct find_subscription_exact_in){.wanted = id, .limit = 100}, &rows, &count));
    while (i < count && rows[i].started_at == TIME_NONE)
        i++;
    if (i == count)
        return fail_not_found(ctx, "subscription", id);
    l->view->subscription = rows[i];
    TRY(customer_load(tx, &(struct customer_load_in){.id = rows[i].customer_id}, &l->view->customer,
                      &found));
    ASSERT(found);
    return ERR_NONE;
}

static enum err set_days(struct ctx *ctx, struct tx *tx, const struct loading *l)
{
    const struct usage_view_query *query = l->query;
    struct usage_view *view = l->view;
    const struct zone *zone = NULL;
    TRY(usage_zone_of(ctx, tx, view->customer.id, &zone));
    view->timezone = zone_name(zone);
    view->first_day = query->first_day;
    view->end_day = query->end_day;
    if (query->first_day == DAY_NONE && query->end_day == DAY_NONE) {
        view->end_day = zone_day(zone, ctx_now(ctx)) + 1;
        view->first_day = view->end_day - DAYS_PRESET;
    }
    if (view->first_day == DAY_NONE || view->end_day == DAY_NONE ||
        view->first_day >= view->end_day || view->end_day - view->first_day > USAGE_VIEW_DAYS_MAX) {
        fault_field(ctx->fault, STR("to_day"), "value_is_out_of_range",
                    view->end_day == DAY_NONE ? STR_NULL : day_text(ctx->arena, view->end_day - 1),
                    "a day from from_day on, of at most %d days in all", USAGE_VIEW_DAYS_MAX);
        return fault_check(ctx->fault);
    }
    return ERR_NONE;
}

/* What can be said of totals: not of what depends on the events or on a whole period. */
static enum err quantity_of(enum aggregation aggregation, const struct usage_total *total,
                            struct decimal *quantity)
{
    struct usage_rule rule = {.aggregation = aggregation};
    struct usage usage;
    *quantity = DECIMAL_NONE;
    if (aggregation_needs_events(aggregation) || aggregation == AGGREGATION_WEIGHTED ||
        (aggregation != AGGREGATION_COUNT && decimal_is_none(total->max)))
        return ERR_NONE;
    TRY(usage_of_totals(&rule, &(struct usage_span){.to_at = 1}, DECIMAL_ZERO, total, &usage));
    *quantity = usage.quantity;
    return ERR_NONE;
}

static enum err too_large(struct ctx *ctx, const struct usage_view_metric *metric)
{
    return fail(ctx, ERR_OVERFLOW, "the usage of %.*s has too many digits",
                STR_ARG(metric->metric.code));
}

/* The rows of one metric, in order of day. */
static enum err fill_metric(struct ctx *ctx, struct tx *tx, const struct usage_view *view,
                            const struct usage_day_row *rows, size_t count,
                            struct usage_view_metric *metric)
{
    size_t day_count = (size_t)(view->end_day - view->first_day);
    enum aggregation aggregation = AGGREGATION_COUNT;
    struct usage_total all = USAGE_NONE;
    bool found = false;
    *metric = (struct usage_view_metric){.quantity = DECIMAL_NONE};
    TRY(billable_metric_load(tx, &(struct billable_metric_load_in){.id = rows[0].metric_id},
                             &metric->metric, &found));
    ASSERT(found);
    aggregation = metric_rule_of(ctx->arena, &metric->metric).meter.aggregation;
    metric->days = ARENA_ARRAY(ctx->arena, day_count, struct usage_view_day);
    for (size_t i = 0; i < day_count; i++)
        metric->days[i] =
            (struct usage_view_day){.day = view->first_day + (int32_t)i, .quantity = DECIMAL_NONE};
    for (size_t i = 0; i < count; i++) {
        struct usage_view_day *day = &metric->days[rows[i].day - view->first_day];
        struct usage_total total = usage_total_of_day(&rows[i]);
        day->event_count = rows[i].event_count;
        metric->event_count += rows[i].event_count;
        if (quantity_of(aggregation, &total, &day->quantity) != ERR_NONE ||
            usage_total_merge(&all, &total) != ERR_NONE)
            return too_large(ctx, metric);
    }
    if (quantity_of(aggregation, &all, &metric->quantity) != ERR_NONE)
        return too_large(ctx, metric);
    return ERR_NONE;
}

static void sort_by_code(struct usage_view_metric *metrics, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct usage_view_metric moved = metrics[i];
        size_t at = i;
        for (; at > 0 && str_cmp(metrics[at - 1].metric.code, moved.metric.code) > 0; at--)
            metrics[at] = metrics[at - 1];
        metrics[at] = moved;
    }
}

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct loading *l = arg;
    struct usage_view *view = l->view;
    struct usage_day_row *rows = NULL;
    size_t count = 0;
    size_t end = 0;
    *view = (struct usage_view){0};
    TRY(find_subscription(ctx, tx, l));
    TRY(set_days(ctx, tx, l));
    TRY(usage_view_day_list(tx,
                            &(struct usage_view_day_list_in){
                                .customer_id = view->customer.id,
                                .subscription_id = view->subscription.id,
                                .first_day = view->first_day,
                                .end_day = view->end_day,
                            },
                            &rows, &count));
    view->metrics = ARENA_ARRAY(ctx->arena, count, struct usage_view_metric);
    for (size_t first = 0; first < count; first = end) {
        for (end = first; end < count && uuid_eq(rows[end].metric_id, rows[first].metric_id);)
            end++;
        TRY(fill_metric(ctx, tx, view, &rows[first], end - first,
                        &view->metrics[view->metric_count++]));
    }
    sort_by_code(view->metrics, view->metric_count);
    return ERR_NONE;
}

enum err usage_view_load(struct ctx *ctx, const struct usage_view_query *query,
                         struct usage_view *view)
{
    return tx_run(ctx, TX_READ, load, &(struct loading){query, view});
}

/* ---- what there is to look at ---------------------------------------------------------------- */

struct listing {
    struct usage_view_subscription_list_in query;
    struct usage_view_subscription_list_row *rows;
    size_t count;
    int64_t total;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct listing *listing = arg;
    struct usage_view_subscription_list_in query = listing->query;
    struct usage_view_subscription_list_row *rows = NULL;
    size_t count = 0;
    (void)ctx;
    TRY(usage_view_subscription_list(tx, &query, &listing->rows, &listing->count));
    listing->total = listing->count > 0 ? listing->rows[0].total : 0;
    if (listing->count > 0 || query.offset == 0)
        return ERR_NONE;
    /* Behind the last page there is no row to say how many there are. */
    query.limit = 1;
    query.offset = 0;
    TRY(usage_view_subscription_list(tx, &query, &rows, &count));
    listing->total = count > 0 ? rows[0].total : 0;
    return ERR_NONE;
}

enum err usage_view_subscriptions(struct ctx *ctx, struct str search, int64_t limit, int64_t offset,
                                  struct usage_view_subscription_list_row **rows, size_t *count,
                                  int64_t *total)
{
    struct listing listing = {
        .query = {.search_like = list_like(ctx->arena, search), .limit = limit, .offset = offset}};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *rows = listing.rows;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
