/* cost_fees.h - vendor cost made into fees for one invoice of one customer.
 *
 * A cost period (the vendor's month) is billed by the first invoice whose billing instant is at or
 * after its end in the customer's zone.  One fee per customer, provider and rule; the services
 * stand in its explanation.  Where a period was invoiced before and its cost has changed since,
 * the fee is the difference, marked as a correction with the old period.  Cost that cannot be
 * priced (other currency, no rule, cost column missing) goes to cost_exception and into no fee. */
#ifndef APP_COST_FEES_H
#define APP_COST_FEES_H

#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

struct cost_fees_query {
    struct uuid customer_id;
    struct uuid invoice_id;  /* the invoice being made or refreshed: its own old fees do not count as billed */
    struct str currency;     /* the invoice's */
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
