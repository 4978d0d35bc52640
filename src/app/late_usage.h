/* late_usage.h - usage that arrives after its period was billed.
 *
 * Late is what an ingest commit brought that is newer than the one up to which the period's bill
 * counted (invoice_subscription.usage_seq).  The ingest notes the days that may have got such
 * (late_usage, in event_commit.c); when the subscription is billed next, the periods of these days
 * are looked at, and each charge whose price is another now gets a correction on that invoice
 * (late_fee.h).  Nothing else is read: without a note there is nothing late.
 *
 * - Drafts are not closed: they count again what came.  A voided invoice's fees count as billed.
 * - The two periods before the one that is billed are corrected; what is late for an older one
 *   becomes an exception (late_exception), which stays until it is dismissed (late_read.h).
 * - An ended subscription is billed once more on the day on which its next period would have been,
 *   for the period in which that day's eve lies and the two before; its exceptions likewise.
 * - Usage of times that the contract never bills (before the first period that is billed, after an
 *   end without invoice) is not late. */
#ifndef APP_LATE_USAGE_H
#define APP_LATE_USAGE_H

#include "app/ctx.h"
#include "app/invoice_build.h"

/* Adds the corrections for the invoice's subscriptions, and notes in build->late what they settle.
 * A source of fees: after the usage of its own periods.  ERR_OVERFLOW with words; ERR_BUSY. */
MUST_CHECK enum err late_usage_add(struct ctx *ctx, struct tx *tx, struct invoice_build *build);

/* The invoice for which this was noted is settled. */
MUST_CHECK enum err late_usage_settle(struct tx *tx, const struct late_taken *taken);

/* Before an ended subscription's last usage is read: no ingest that has not seen the end commits
 * any more.  The transaction holds the ingest's number from here on. */
MUST_CHECK enum err late_usage_end(struct tx *tx, struct uuid customer_id,
                                   struct uuid subscription_id);

/* Makes ended subscriptions due for which there is late usage. */
MUST_CHECK enum err late_usage_due(struct ctx *ctx);

#endif
