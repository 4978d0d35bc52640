/* audit_many.h - audit entries of many customers, written together. */
#ifndef APP_AUDIT_MANY_H
#define APP_AUDIT_MANY_H

#include "app/audit.h"

/* The same as audit_add for each, in their order.  All are of customers that this transaction has
 * locked, so nobody else writes to their chains meanwhile. */
MUST_CHECK enum err audit_add_many(struct ctx *ctx, struct tx *tx, const struct audit *entries,
                                   size_t count);

#endif
