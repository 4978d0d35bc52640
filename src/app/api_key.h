/* api_key.h - keys of the API: 32 random bytes, shown once, kept as their SHA-256.
 *
 * A key has a name, scopes (app/scope.h), perhaps an end, and is revoked at last; a revoked key
 * stays listed.  Every change is audited, without the key. */
#ifndef APP_API_KEY_H
#define APP_API_KEY_H

#include "app/ctx.h"
#include "app/scope.h"
#include "store/sql/rows.h"

#define API_KEY_OVERLAP_DEFAULT_S 86400 /* how long a rotated key still works */
#define API_KEY_OVERLAP_MAX_S     ((int64_t)90 * 86400)

/* Whose request it is. */
struct api_caller {
    struct uuid key_id;
    struct str actor; /* "key:NAME" */
    uint64_t scopes;
    bool is_unlimited; /* no rate limit */
};

/* A new key as text: "billow_" and 64 hex digits. */
struct str api_key_generate(struct arena *arena);

/* Makes a key with every right and without a rate limit, within the caller's transaction. */
MUST_CHECK enum err api_key_add(struct ctx *ctx, struct tx *tx, struct str name, struct str key);

/* Whose key it is.  ERR_UNAUTHORIZED: unknown, revoked or expired. */
MUST_CHECK enum err api_key_check(struct ctx *ctx, struct str key, struct api_caller *caller);

/* ---- managing keys (api_key_manage.c) ---- */

enum { API_KEY_NAME = 1, API_KEY_SCOPES = 2, API_KEY_EXPIRES_AT = 4 };

struct api_key_input {
    struct str name;
    struct str scopes;  /* as app/scope.h says; STR_NULL: "all" */
    int64_t expires_at; /* TIME_NONE: never */
    uint64_t sent;      /* of a change: what is to be changed */
};

/* A new key.  *key is its text, which nobody can get again.  ERR_INVALID: unknown scopes, an end
 * that has passed. */
MUST_CHECK enum err api_key_create(struct ctx *ctx, const struct api_key_input *input,
                                   struct api_key_row *row, struct str *key);
/* Changes name, scopes or end of a key that is not revoked.  ERR_NOT_FOUND, ERR_INVALID. */
MUST_CHECK enum err api_key_change(struct ctx *ctx, struct uuid id,
                                   const struct api_key_input *input, struct api_key_row *row);
/* The key is refused from now on.  ERR_NOT_FOUND; revoked already: changes nothing. */
MUST_CHECK enum err api_key_revoke(struct ctx *ctx, struct uuid id, struct api_key_row *row);
/* A new key with the name and scopes of another one, which ends `overlap_s` seconds from now, or
 * when it would have ended anyway.  ERR_NOT_FOUND; ERR_INVALID: it is revoked or has ended. */
MUST_CHECK enum err api_key_rotate(struct ctx *ctx, struct uuid id, int64_t overlap_s,
                                   struct api_key_row *row, struct str *key);
MUST_CHECK enum err api_key_get(struct ctx *ctx, struct uuid id, struct api_key_row *row);
/* Newest first, revoked ones too. */
MUST_CHECK enum err api_key_list(struct ctx *ctx, int64_t limit, int64_t offset,
                                 struct api_key_row **rows, size_t *count, int64_t *total);

/* When a key was last seen; written now and then, not with each request, and not audited. */
struct api_key_use {
    struct uuid key_id;
    int64_t used_at;
};
MUST_CHECK enum err api_key_used(struct ctx *ctx, const struct api_key_use *uses, size_t count);

#endif
