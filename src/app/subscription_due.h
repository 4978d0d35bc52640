/* subscription_due.h - when a subscription must be looked at next.
 *
 * A subscription falls due, in the customer's zone:
 *   pending   at its start: 00:00 of the local day of subscription_at
 *   active    at 00:00 of its next billing day (the day after a period ends; the day it starts
 *             is none), or at 00:00 of the local day of ending_at, whichever comes first
 *   ended     never again
 * billed_until_at remembers what is done: everything before it is billed, so the next billing day
 * is the first one after it, and a missed one is made up for in order. */
#ifndef APP_SUBSCRIPTION_DUE_H
#define APP_SUBSCRIPTION_DUE_H

#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

/* Sets row->next_due_at (and, for one that has just started, row->billed_until_at); writes
 * nothing.  The caller has set status, started_at, ending_at and terminated_at before.  A started
 * subscription whose start lies in the past gets a billed_until_at at the start of the period that
 * holds now: periods that ended before it was made are not billed. */
MUST_CHECK enum err subscription_due_set(struct ctx *ctx, struct tx *tx,
                                         struct subscription_row *row);

/* The same where plan version and zone are at hand. */
void subscription_due_of(const struct plan_version_row *plan, const struct zone *zone,
                         int64_t now_at, struct subscription_row *row);

#endif
