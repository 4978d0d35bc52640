/* advance_usage.h - what a charge in advance costs for a period so far, and what usage that
 * somebody thinks of would cost. */
#ifndef APP_ADVANCE_USAGE_H
#define APP_ADVANCE_USAGE_H

#include "app/advance_limit.h"
#include "core/metering/projection.h"

/* Renewal and events together, of as many units as there are now.
 *   projection  NULL, or with the events to come, too
 * ERR_OVERFLOW. */
MUST_CHECK enum err advance_usage_make(struct ctx *ctx, struct tx *tx,
                                       const struct advance_period *period,
                                       const struct projection *projection,
                                       struct advance_slices *slices);

/* The fees together of usage that was said (app/estimate_use.h), of one part of the charge, when
 * the period begins.  Its events come one after another where their values are there; units of each
 * cell, and all that is left, as one event.
 *   limit     for all parts, one after another; at first nothing is billed
 *   is_there  set: there is an event, and a fee; without ids
 * ERR_OVERFLOW. */
MUST_CHECK enum err advance_usage_said(struct arena *arena, const struct advance_period *period,
                                       size_t part, const struct usage *usage,
                                       struct advance_limit *limit, struct fee_row *fee,
                                       bool *is_there);

#endif
