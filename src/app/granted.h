/* granted.h - grants as they are told (app/entitlement.h), read and checked. */
#ifndef APP_GRANTED_H
#define APP_GRANTED_H

#include "app/feature.h"

struct granted_value {
    const struct feature_privilege_row *privilege;
    struct str value; /* as text */
};

struct granted {
    struct feature_view feature; /* held for a write */
    struct granted_value *values;
    size_t count;
};

/* Within a transaction that writes.  What is wrong is noted below "entitlements"; ask fault_check:
 * without a fault *grants is all that was told. */
MUST_CHECK enum err granted_read(struct ctx *ctx, struct tx *tx, struct str text,
                                 struct granted **grants, size_t *count);

#endif
