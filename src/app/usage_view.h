/* usage_view.h - what a subscription used, metric by metric and day by day, from the running
 * totals; and the subscriptions there are to look at.
 *
 * Days are local days of the customer.  A day's quantity is what that day alone comes to by the
 * metric's aggregation, before the metric's rounding, which is of a whole period: the count of
 * events, their sum, their average, their least or greatest value, the latest one.  A unique count,
 * a weighted sum and a percentile have no quantity by day (DECIMAL_NONE), only their events: what a
 * period comes to, app/current_usage.h says.  What a recurring metric carries in is left out. */
#ifndef APP_USAGE_VIEW_H
#define APP_USAGE_VIEW_H

#include "app/ctx.h"
#include "base/decimal.h"
#include "store/sql/rows.h"
#include "store/sql/usage_view.h"

#define USAGE_VIEW_DAYS_MAX 400

struct usage_view_day {
    int32_t day;
    int64_t event_count;
    struct decimal quantity; /* DECIMAL_NONE: none (no events, or it can't be said by day) */
};

struct usage_view_metric {
    struct billable_metric_row metric;
    struct usage_view_day *days; /* each of the period */
    int64_t event_count;
    /* Of all days; none where a day has none. */
    struct decimal quantity;
};

struct usage_view {
    struct subscription_row subscription;
    struct customer_row customer;
    struct str timezone;
    int32_t first_day, end_day;        /* [first, end) */
    struct usage_view_metric *metrics; /* that were used, by code */
    size_t metric_count;
};

struct usage_view_query {
    struct str external_subscription_id; /* the newest of that name that has started */
    int32_t first_day, end_day;          /* DAY_NONE both: the 30 days that end with today */
};

/* ERR_NOT_FOUND: no such subscription.  ERR_INVALID: days out of order, or too many. */
MUST_CHECK enum err usage_view_load(struct ctx *ctx, const struct usage_view_query *query,
                                    struct usage_view *view);

/* Subscriptions that run or ran, newest first; `search` is a part of their or the customer's ids or
 * names, STR_NULL: any. */
MUST_CHECK enum err usage_view_subscriptions(struct ctx *ctx, struct str search, int64_t limit,
                                             int64_t offset,
                                             struct usage_view_subscription_list_row **rows,
                                             size_t *count, int64_t *total);

#endif
