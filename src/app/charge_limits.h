/* charge_limits.h - the least and the greatest that a charge costs for a period.
 *
 * Both hold for a whole usage period.  Of a part of one (a start or an end in between) they are the
 * share of its days, by the plan's proration, rounded to the minor unit; the day of an end counts.
 * A maximum lowers the fee for usage, exactly.  What is missing to a minimum is a fee of its own,
 * the true-up: the minimum less the rounded fee for usage. */
#ifndef APP_CHARGE_LIMITS_H
#define APP_CHARGE_LIMITS_H

#include "app/invoice_build.h"
#include "base/zone.h"

/* For a charge's fee as rating_charge_fee made it from item->period's charges.
 *   zone     the invoice's, whose days count
 *   true_up  an amount of 0 where nothing is missing; without a once_key where the charge has no
 *            minimum at all
 * ERR_OVERFLOW. */
MUST_CHECK enum err charge_limits_apply(struct arena *arena, const struct invoice_item *item,
                                        const struct zone *zone, const struct charge_view *charge,
                                        struct fee_row *fee, struct fee_row *true_up);

#endif
