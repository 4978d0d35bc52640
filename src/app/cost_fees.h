/* cost_fees.h - vendor cost made into fees for one invoice of one customer.
 *
 * A cost period is the vendor's billing period.  It ends for a customer at 00:00, in the customer's
 * zone, of the day on which it ends by UTC; an invoice whose billing instant is at or after that
 * takes it up whenever it is computed, for the last time when it is finalized.  So cost that
 * arrives while a fitting invoice is a draft is on that draft; else it waits for the next billing
 * instant of the customer's subscriptions; only a customer without a running subscription gets an
 * invoice for it alone, at once (docs/demo.md, R5 to R7, are the rules in full).
 *
 * One fee per customer, period, provider and rule, also where it rounds to 0; the services stand in
 * its explanation.  The rule is found per service.  Where finalized invoices charged for the same
 * before, the fee is the rounded price of all cost as it is now less what they charged, marked as a
 * correction; none when that is 0.  Where a rule has no cost any more its price now is 0.  Cost
 * that cannot be priced (other currency, no rule, cost column missing) goes to cost_exception and
 * into no fee.
 */
#ifndef APP_COST_FEES_H
#define APP_COST_FEES_H

#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

struct cost_fees_query {
    struct uuid customer_id;
    struct uuid invoice_id; /* the invoice being made or refreshed: its own old fees do not count as
                               billed */
    struct str currency;    /* the invoice's */
    const struct zone *zone; /* the customer's */
    int64_t billing_at;      /* the invoice's billing instant */
};

/* Computes the fees of all cost periods that this invoice must take up, in order of period,
 * provider and rule; without ids of their own, taxes and position, which the invoice gives.
 * Writes the exceptions it finds (and removes those that are settled), nothing else. */
MUST_CHECK enum err cost_fees(struct ctx *ctx, struct tx *tx, const struct cost_fees_query *query,
                              struct fee_row **fees, size_t *count);

/* The invoice is finalized: the revisions of the cost periods that it took up are billed now.
 * Also sets next_due_at none where nothing is left. */
MUST_CHECK enum err cost_fees_billed(struct ctx *ctx, struct tx *tx,
                                     const struct cost_fees_query *query);

#endif
