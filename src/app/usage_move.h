/* usage_move.h - usage that goes over to the subscription that follows another. */
#ifndef APP_USAGE_MOVE_H
#define APP_USAGE_MOVE_H

#include "app/ctx.h"
#include "base/zone.h"
#include "store/sql/rows.h"

/* Within the transaction that ends `from_id` and starts *to, after both are written and the
 * ingest's number is held (late_usage_end): events of the start on, which came while the other one
 * ran, become those of *to, with their running totals by the days of `zone`, the customer's, their
 * keys and the notes of what has not been billed of charges in advance.  None of them has been
 * billed: bills go up to the start, and where that is none of a period nothing is charged in
 * advance. */
MUST_CHECK enum err usage_move(struct ctx *ctx, struct tx *tx, struct uuid from_id,
                               const struct subscription_row *to, const struct zone *zone);

/* A subscription's events from an instant on, in order of time. */
MUST_CHECK enum err usage_since(struct tx *tx, struct uuid customer_id, struct uuid subscription_id,
                                int64_t from_at, struct event_row **events, size_t *count);

#endif
