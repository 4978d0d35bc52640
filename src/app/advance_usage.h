/* advance_usage.h - what a charge in advance costs for a period so far. */
#ifndef APP_ADVANCE_USAGE_H
#define APP_ADVANCE_USAGE_H

#include "app/advance_fee.h"

/* Renewal and events together, of as many units as there are now.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_usage_make(struct ctx *ctx, struct tx *tx,
                                       const struct advance_period *period,
                                       struct advance_slices *slices);

#endif
