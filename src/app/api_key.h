/* api_key.h - keys of the API: 32 random bytes, shown once, kept as their SHA-256. */
#ifndef APP_API_KEY_H
#define APP_API_KEY_H

#include "app/ctx.h"

/* A new key as text: "billow_" and 64 hex digits. */
struct str api_key_generate(struct arena *arena);

/* Makes a key with every right, within the caller's transaction. */
MUST_CHECK enum err api_key_add(struct ctx *ctx, struct tx *tx, struct str name, struct str key);

/* Whose key it is: *actor becomes "key:NAME".  ERR_UNAUTHORIZED: unknown or revoked. */
MUST_CHECK enum err api_key_check(struct ctx *ctx, struct str key, struct str *actor);

#endif
