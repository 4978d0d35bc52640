/* charge_limits.h - the least and the greatest that a charge costs for a period.
 *
 * Both hold for a whole usage period.  Of a part of one (a start or an end in between) they are the
 * share of its days, by the plan's proration, rounded to the minor unit; the day of an end counts.
 * A maximum lowers the fee for usage, exactly.  What is missing to a minimum is a fee of its own,
 * the true-up: the minimum less the rounded fee for usage.  Both are of the whole charge: its
 * slices (app/usage_slices.h) use the maximum up in their order, and the true-up, which stands
 * behind the last one, counts the fees of all. */
#ifndef APP_CHARGE_LIMITS_H
#define APP_CHARGE_LIMITS_H

#include "app/invoice_build.h"
#include "base/zone.h"

/* What the slices of a charge before cost, rounded. */
struct charge_limits {
    int64_t amount_minor; /* 0 before the first */
};

/* For the fee of a charge's slice as rating_charge_fee made it from item->period's charges, one by
 * one in their order.
 *   zone     the invoice's, whose days count
 *   is_last  of the charge
 *   limits   carried from slice to slice
 *   true_up  an amount of 0 where nothing is missing; without a once_key where the charge has no
 *            minimum at all, or the slice is not the last
 * ERR_OVERFLOW. */
MUST_CHECK enum err charge_limits_apply(struct arena *arena, const struct invoice_item *item,
                                        const struct zone *zone, const struct charge_view *charge,
                                        bool is_last, struct charge_limits *limits,
                                        struct fee_row *fee, struct fee_row *true_up);

#endif
