/* cost_fee.h - the fee for what one rule prices of one provider's cost of one period. */
#ifndef APP_COST_FEE_H
#define APP_COST_FEE_H

#include "app/cost_price.h"
#include "app/ctx.h"
#include "core/money.h"

/* What earlier fees charged for the same. */
struct cost_charged {
    size_t count;
    struct money amount;
    struct decimal cost;
};

/* Those of the fees that are of the group.  ERR_OVERFLOW. */
MUST_CHECK enum err cost_charged_of(const struct cost_group *group, const struct currency *currency,
                                    const struct fee_row *fees, size_t count,
                                    struct cost_charged *charged);

/* The price of all cost as it is now less what was charged, without the ids of customer and
 * invoice.  ERR_OVERFLOW; ERR_TOO_LARGE: more services than an explanation holds. */
MUST_CHECK enum err cost_fee(struct arena *arena, const struct customer_cost_period_row *period,
                             const struct cost_rules *rules, const struct cost_group *group,
                             const struct cost_charged *charged, struct fee_row *fee);

#endif
