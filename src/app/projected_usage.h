/* projected_usage.h - current usage, and what the period comes to if it goes on at the same rate
 * (core/metering/projection.h), priced in the same way. */
#ifndef APP_PROJECTED_USAGE_H
#define APP_PROJECTED_USAGE_H

#include "app/current_usage.h"

struct projected_usage {
    struct current_usage_view current;
    struct current_usage_view projected; /* the same charges in the same order */
    int64_t elapsed_days;                /* of the period, today included, from the subscription's
                                          * start on */
    int64_t period_days;
};

/* ERR_NOT_FOUND as current_usage_get. */
MUST_CHECK enum err projected_usage_get(struct ctx *ctx, struct str external_customer_id,
                                        struct str external_subscription_id,
                                        struct projected_usage *usage);

#endif
