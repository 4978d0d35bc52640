/* cost_due.h - which cost periods of a customer are to be billed, when, and by which invoice.
 *
 * The rules are those of app/cost_fees.h: a period ends for a customer at 00:00, in its zone, of
 * the day on which it ends by UTC; an invoice with a billing instant at or after that takes it up.
 */
#ifndef APP_COST_DUE_H
#define APP_COST_DUE_H

#include "app/cost_fees.h"
#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

/* When a cost period ends for a customer in a zone. */
int64_t cost_period_ends_at(const struct zone *zone, int64_t period_end_at);

/* The periods that an invoice takes up now, oldest first: open ones that have ended for the
 * customer by its billing instant, and are not left to another draft: one of an earlier billing
 * instant, or one that has fees of the period already. */
MUST_CHECK enum err cost_periods_taken(struct ctx *ctx, struct tx *tx,
                                       const struct cost_fees_query *query,
                                       struct customer_cost_period_row **periods, size_t *count);

/* The cost of a locked customer's period changed: it is open again, and due when nothing else will
 * take it up.  Makes the period where it is new. */
MUST_CHECK enum err cost_period_changed(struct ctx *ctx, struct tx *tx,
                                        const struct customer_row *customer,
                                        int64_t period_start_at, int64_t period_end_at);

/* Sets when a locked customer's open periods are due; to be called when its last subscription has
 * ended, since only then nothing else takes them up. */
MUST_CHECK enum err cost_due_refresh(struct ctx *ctx, struct tx *tx,
                                     const struct customer_row *customer);

#endif
