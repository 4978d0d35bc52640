/* usage_cells.h - usage told apart by what its events say: the windows of time, or the cells of a
 * price table, of a charge (core/pricing/charge.h). */
#ifndef APP_USAGE_CELLS_H
#define APP_USAGE_CELLS_H

#include "app/plan.h"
#include "app/usage_slices.h"

/* Where the charge is prorated, puts what its units' days come to into the values of each slice's
 * usage (core/pricing/prorated.h), by the days of `zone`.  Reads all events since the subscription
 * started. */
MUST_CHECK enum err usage_prorated_read(struct ctx *ctx, struct tx *tx,
                                        const struct usage_query *query, const struct zone *zone,
                                        const struct charge_view *charge, int64_t event_seq,
                                        struct usage_slices *slices);

/* The same of a part of a prorated charge whose units are there all the time of the query. */
MUST_CHECK enum err usage_prorated_steady(struct arena *arena, const struct charge_view *charge,
                                          size_t part, const struct usage_query *query,
                                          const struct zone *zone, struct usage *usage);

/* Where the charge is prorated does that.  Where it has cells, puts the units of each into the
 * values of each slice's usage; else changes nothing.
 * Reads all events of the query's time, of ingest commits up to `event_seq` (INT_NONE: all).
 *   zone  by whose clock a window holds: the customer's, of an invoice the invoice's
 * ERR_OVERFLOW. */
MUST_CHECK enum err usage_cells_read(struct ctx *ctx, struct tx *tx,
                                     const struct usage_query *query, const struct zone *zone,
                                     const struct charge_view *charge, int64_t event_seq,
                                     struct usage_slices *slices);

#endif
