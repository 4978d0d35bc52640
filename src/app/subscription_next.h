/* subscription_next.h - a subscription goes on with another plan: with a dearer one at once, with a
 * cheaper one when its period is over.
 *
 * Which plan is cheaper is told by the price of a year (core/recurring.h); one as dear takes over
 * at once.  A dearer one ends the one that runs and starts in its place within the call: the day is
 * the new plan's for the plans' own fees, usage goes by the instant, fixed charges in arrears count
 * the day in both.  A cheaper one is a second subscription under the same external id: it waits
 * (pending), names the one that runs (previous_id) and the local day of the customer at whose start
 * it takes over (takes_over_day: the first day after the running period of the plan).  At 00:00 of
 * that day, in order with all other work that is due, the one that runs is ended and billed to
 * there, and the one that waits starts: same anchor, no time between the two, none that both bill.
 *
 * There is at most one that runs and one that waits under an external id.  Asking for another plan
 * takes the place of what waits, asking for the plan that runs takes it away, and so does the end
 * of the one that runs, whatever ends it.
 *
 * Usage goes by its own time, not by when it came: events from the day of the change on which came
 * before it belong to the one that runs until then and go over to the next with it; what is
 * stamped before and comes later is late usage of the one that has ended. */
#ifndef APP_SUBSCRIPTION_NEXT_H
#define APP_SUBSCRIPTION_NEXT_H

#include "app/subscription.h"

/* Within a transaction that holds the customer, after what was due was billed: what is asked for
 * where *running is active under the external id.
 *   version  the version of the plan asked for that new subscriptions get
 * ERR_INVALID: the plan that it runs on and none waits; a field that says otherwise than what
 * goes on: billing_time, subscription_at (the anchor or the day of the change are welcome),
 * ending_at (of the next: after the change; not sent: that of the one that runs); another currency.
 * ERR_NOT_SUPPORTED: a plan that takes over at once where something would have to be given back, or
 * counts by days.  *running is then the one that runs now. */
MUST_CHECK enum err subscription_next_ask(struct ctx *ctx, struct tx *tx,
                                          const struct subscription_input *input,
                                          const struct customer_row *customer,
                                          struct subscription_row *running,
                                          struct plan_version_row *version);

/* Within a transaction: the one that waits to follow it; *found: there is one. */
MUST_CHECK enum err subscription_next_find(struct tx *tx, const struct subscription_row *row,
                                           struct subscription_row *next, bool *found);

/* The same that holds the customer: it is canceled, as of `at`, where there is one. */
MUST_CHECK enum err subscription_next_cancel(struct ctx *ctx, struct tx *tx,
                                             const struct subscription_row *row, int64_t at);

/* The same: what is due of the customer is billed, where a change of plan of that external id is
 * among it. */
MUST_CHECK enum err subscription_next_catch_up(struct ctx *ctx, struct tx *tx,
                                               struct uuid customer_id, struct str external_id);

/* Within a transaction: the plans before and after it, for its view. */
MUST_CHECK enum err subscription_next_view(struct tx *tx, const struct subscription_row *row,
                                           struct subscription_neighbours *neighbours);

#endif
