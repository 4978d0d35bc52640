/* subscription_change.h - a subscription's row written back, with its entry in the audit. */
#ifndef APP_SUBSCRIPTION_CHANGE_H
#define APP_SUBSCRIPTION_CHANGE_H

#include "app/ctx.h"
#include "store/sql/rows.h"

/* Writes all that can change of a subscription; sets row->updated_at. */
MUST_CHECK enum err subscription_save(struct ctx *ctx, struct tx *tx, struct subscription_row *row);

/* The same, with an audit entry ("subscription.start", "subscription.terminate") that keeps how
 * it was and how it is. */
MUST_CHECK enum err subscription_change(struct ctx *ctx, struct tx *tx, const char *action,
                                        struct subscription_row *row);

#endif
