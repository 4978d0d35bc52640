/* usage_cells.h - usage told apart by what its events say: the windows of time, or the cells of a
 * price table, of a charge (core/pricing/charge.h). */
#ifndef APP_USAGE_CELLS_H
#define APP_USAGE_CELLS_H

#include "app/plan.h"
#include "app/usage_slices.h"

/* Where the charge has cells, puts the units of each into the values of each slice's usage; else
 * changes nothing.
 * Reads all events of the query's time, of ingest commits up to `event_seq` (INT_NONE: all).
 *   zone  by whose clock a window holds: the customer's, of an invoice the invoice's
 * ERR_OVERFLOW. */
MUST_CHECK enum err usage_cells_read(struct ctx *ctx, struct tx *tx,
                                     const struct usage_query *query, const struct zone *zone,
                                     const struct charge_view *charge, int64_t event_seq,
                                     struct usage_slices *slices);

#endif
