/* current_usage.h - what a subscription used in the period that holds now, priced as if it ended.
 */
#ifndef APP_CURRENT_USAGE_H
#define APP_CURRENT_USAGE_H

#include "app/ctx.h"
#include "app/invoice_build.h"

struct usage_of_charge {
    const struct charge_view *charge;
    struct fee_row fee;    /* of all parts: what adds up is added up */
    struct fee_row *parts; /* of each (app/charge_filter.h) */
};

struct current_usage_view {
    int64_t from_at;
    int64_t to_at;       /* first instant after the period */
    int32_t issuing_day; /* of the invoice that will bill it, without grace */
    struct invoice_build build;
    struct usage_of_charge *charges; /* each of the plan's, in order of metric name and charge */
    size_t count;
};

/* ERR_NOT_FOUND: no such customer, or it has no running subscription of that external id. */
MUST_CHECK enum err current_usage_get(struct ctx *ctx, struct str external_customer_id,
                                      struct str external_subscription_id,
                                      struct current_usage_view *view);

#endif
