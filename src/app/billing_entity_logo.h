/* billing_entity_logo.h - the logo of a seller: at the head of its documents, and of its customers'
 * portal.
 *
 * A logo is known by the SHA-256 of its bytes; its address at this server holds that, so that what
 * an address shows never changes.  What may be one: document/logo.h. */
#ifndef APP_BILLING_ENTITY_LOGO_H
#define APP_BILLING_ENTITY_LOGO_H

#include "app/billing_entity.h"
#include "app/ctx.h"
#include "document/logo.h"
#include "store/sql/rows.h"

/* In place of the one before.  ERR_INVALID: it can't be one, the field `logo` says why;
 * ERR_NOT_FOUND: no such billing entity; ERR_NOT_ALLOWED: it is archived. */
MUST_CHECK enum err billing_entity_logo_set(struct ctx *ctx, struct str code, struct str media_type,
                                            struct str content, struct billing_entity_view *view);
/* ERR_NOT_FOUND: no such billing entity, or it has none; ERR_NOT_ALLOWED: it is archived. */
MUST_CHECK enum err billing_entity_logo_remove(struct ctx *ctx, struct str code,
                                               struct billing_entity_view *view);
/* ERR_NOT_FOUND: no such billing entity, or it has none. */
MUST_CHECK enum err billing_entity_logo_get(struct ctx *ctx, struct str code,
                                            struct billing_entity_logo_row *logo);
/* Some seller's that has the hash, in hex.  ERR_NOT_FOUND: nobody's. */
MUST_CHECK enum err billing_entity_logo_find(struct ctx *ctx, struct str hash,
                                             struct billing_entity_logo_row *logo);

/* ---- for other use cases ---- */

/* Notes why `content` can't be a logo, of the field `logo`. */
void billing_entity_logo_check(struct ctx *ctx, struct str media_type, struct str content);
/* Saves one that was checked, or removes it where `content` is STR_NULL, with the audit entry; what
 * it is already is no change.  *changed: whether it was one. */
MUST_CHECK enum err billing_entity_logo_save(struct ctx *ctx, struct tx *tx, struct uuid entity_id,
                                             struct str media_type, struct str content,
                                             bool *changed);
/* "/logos/…"; STR_NULL: it has none. */
MUST_CHECK enum err billing_entity_logo_path(struct arena *arena, struct tx *tx,
                                             struct uuid entity_id, struct str *path);
/* The bytes for a document, STR_NULL: none. */
MUST_CHECK enum err billing_entity_logo_bytes(struct tx *tx, struct uuid entity_id,
                                              struct str *bytes);

#endif
