/* webhook_endpoint.h - where the organization wants to be told of changes.
 *
 * An endpoint speaks one of two forms, that of the face by which it was made:
 *   standard  Standard Webhooks (https://www.standardwebhooks.com), with a secret of its own
 *   lago      Lago's, signed with one key that all endpoints of this form share, as there
 * Secrets are shown when they are made and never again.  An endpoint that is disabled, by request
 * or because it answered 410, is not told of what changes meanwhile; what waits for it waits on. */
#ifndef APP_WEBHOOK_ENDPOINT_H
#define APP_WEBHOOK_ENDPOINT_H

#include "app/ctx.h"
#include "store/sql/rows.h"

#define WEBHOOK_ENDPOINTS_MAX          10
#define WEBHOOK_TYPES_MAX              200
#define WEBHOOK_ROTATION_OVERLAP_S     86400 /* the former secret signs along for a day */
#define WEBHOOK_ENDPOINT_WIRE_STANDARD STR("standard")
#define WEBHOOK_ENDPOINT_WIRE_LAGO     STR("lago")

/* Bits of `sent` in webhook_endpoint_change: only what was sent changes. */
enum webhook_endpoint_field {
    WEBHOOK_ENDPOINT_URL = 1 << 0,
    WEBHOOK_ENDPOINT_NAME = 1 << 1,
    WEBHOOK_ENDPOINT_TYPES = 1 << 2,
    WEBHOOK_ENDPOINT_ALGO = 1 << 3,
    WEBHOOK_ENDPOINT_ENABLED = 1 << 4,
};

struct webhook_endpoint_input {
    struct str url;
    struct str name;           /* STR_NULL: none */
    struct str signature_algo; /* STR_NULL or hmac */
    const struct str *types;   /* of webhook_kinds; none: all */
    size_t type_count;
    bool takes_any_type; /* words that look like types but are none of ours are kept */
    bool is_enabled;
    struct str wire; /* of a new one */
    uint64_t sent;
};

/* A new one, enabled.  *secret is what signs; nobody can get it again.  ERR_INVALID: an address
 * that may not be sent to or is taken, unknown types, more than WEBHOOK_ENDPOINTS_MAX;
 * ERR_NOT_SUPPORTED: another signature_algo. */
MUST_CHECK enum err webhook_endpoint_create(struct ctx *ctx,
                                            const struct webhook_endpoint_input *input,
                                            struct webhook_endpoint_row *row, struct str *secret);
/* Errors likewise; ERR_NOT_FOUND. */
MUST_CHECK enum err webhook_endpoint_change(struct ctx *ctx, struct uuid id,
                                            const struct webhook_endpoint_input *input,
                                            struct webhook_endpoint_row *row);
/* With all its messages and what waits for it.  ERR_NOT_FOUND. */
MUST_CHECK enum err webhook_endpoint_remove(struct ctx *ctx, struct uuid id,
                                            struct webhook_endpoint_row *row);
/* A new secret: of a standard endpoint its own, of another the key that these share.  The former
 * one of a standard endpoint signs along for WEBHOOK_ROTATION_OVERLAP_S.  ERR_NOT_FOUND. */
MUST_CHECK enum err webhook_endpoint_rotate(struct ctx *ctx, struct uuid id,
                                            struct webhook_endpoint_row *row, struct str *secret);
/* Queues a message of type WEBHOOK_TYPE_TEST about the endpoint itself.  ERR_NOT_FOUND;
 * ERR_NOT_ALLOWED: it is disabled. */
MUST_CHECK enum err webhook_endpoint_test(struct ctx *ctx, struct uuid id, struct webhook_row *row);

MUST_CHECK enum err webhook_endpoint_get(struct ctx *ctx, struct uuid id,
                                         struct webhook_endpoint_row *row);
/* All of them, the oldest first. */
MUST_CHECK enum err webhook_endpoint_list_all(struct ctx *ctx, struct webhook_endpoint_row **rows,
                                              size_t *count);

/* Within a transaction: it answered 410, so nothing more is sent there. */
MUST_CHECK enum err webhook_endpoint_gone(struct ctx *ctx, struct tx *tx, struct uuid id);
/* Whose secret signs for it. */
struct uuid webhook_secret_owner(const struct ctx *ctx, const struct webhook_endpoint_row *row);

#endif
