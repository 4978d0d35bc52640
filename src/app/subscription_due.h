/* subscription_due.h - when a subscription must be looked at next.
 *
 * A subscription falls due, in the customer's zone:
 *   pending   at its start, subscription_at; one that follows another at 00:00 of takes_over_day
 *   active    at 00:00 of its next billing day (the day after a period ends; the day it starts
 *             is none), or at 00:00 of the local day of ending_at (at ending_at itself where it
 *             starts on that day), whichever comes first
 *   ended     never again
 * billed_until_day and billed_until_at remember what is done: the next billing day is the first
 * one after that day, so a missed one is made up for in order; the day decides, so that no period
 * is billed twice when the customer's zone changes. */
#ifndef APP_SUBSCRIPTION_DUE_H
#define APP_SUBSCRIPTION_DUE_H

#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

/* Sets row->next_due_at and, for one that is active and was never billed, billed_until_at and
 * billed_until_day; writes nothing.  The caller has set status, subscription_at,
 * takes_over_day, started_at, ending_at and terminated_at before.  A start that lies in the past
 * counts as billed up to the start of the period that holds now: periods that ended before it was
 * made are not billed. */
MUST_CHECK enum err subscription_due_set(struct ctx *ctx, struct tx *tx,
                                         struct subscription_row *row);

/* The same where plan version and zone are at hand. */
void subscription_due_of(const struct plan_version_row *plan, const struct zone *zone,
                         int64_t now_at, struct subscription_row *row);

/* When one with an ending_at ends. */
int64_t subscription_end_due_at(const struct zone *zone, const struct subscription_row *row);

#endif
