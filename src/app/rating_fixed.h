/* rating_fixed.h - what a subscription's fixed charges cost for the periods that an invoice bills.
 *
 * In arrears, at the end of a period: the price of the units that are there at its end, in full;
 * or, prorated, the price of the units of each stretch by its days, where the day of a change
 * counts for what follows.  In advance, at its start: the price of the units that are there then,
 * in full or by the days that are left.  A change that holds at once bills the price of the new
 * units less that of the most that the period was billed for, in full or by the days left, its own
 * included; fewer units give nothing back, and make a fee of 0.
 *
 * Days are those of app/billing_period.h's period of fixed charges, shared out by the plan's
 * proration.  Flat amounts of tiers are never prorated: those of the most units are due in full. */
#ifndef APP_RATING_FIXED_H
#define APP_RATING_FIXED_H

#include "app/ctx.h"
#include "app/invoice_build.h"
#include "base/zone.h"

struct fixed_fee {
    const struct fixed_charge_view *charge;
    struct fee_row row;    /* without ids and taxes */
    bool must_be_invoiced; /* else it bills nothing, and stands on no invoice */
};

/* All of item->period's fixed charges, also those that bill nothing; from facts alone, so that the
 * same function makes the fees and proves them again.  ERR_OVERFLOW. */
MUST_CHECK enum err rating_fixed_fees(struct ctx *ctx, struct tx *tx,
                                      const struct invoice_item *item, const struct zone *zone,
                                      struct fixed_fee **fees, size_t *count);

/* Adds the same of item->plan to the invoice where nobody has it yet: for the whole of item's
 * periods there are the units that the plan says.  Reads nothing.  ERR_OVERFLOW. */
MUST_CHECK enum err rating_fixed_add_planned(struct ctx *ctx, const struct invoice_item *item,
                                             struct invoice_build *build);

/* Adds them to the invoice.  ERR_OVERFLOW with words. */
MUST_CHECK enum err rating_fixed_add(struct ctx *ctx, struct tx *tx,
                                     const struct invoice_item *item, struct invoice_build *build);

#endif
