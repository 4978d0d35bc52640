/* audit_key.h - the key that signs the audit trail's anchors: Ed25519, kept outside the database.
 *
 * Whoever can write to the database must not be able to sign, so the key comes from the
 * environment or from a file that only its owner can read, and is never in a table, backup, log
 * or answer.  Its text is the 32-byte seed as 64 hex digits. */
#ifndef APP_AUDIT_KEY_H
#define APP_AUDIT_KEY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/sign.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_KEYS_MAX 8

struct audit_key {
    bool signs; /* there is one */
    unsigned char secret[SIGN_SECRET_BYTES];
    unsigned char public_key[SIGN_PUBLIC_BYTES];
};

/* What verify holds the trail against, from outside the database. */
struct audit_trust {
    unsigned char keys[AUDIT_KEYS_MAX][SIGN_PUBLIC_BYTES]; /* whose signatures count */
    size_t key_count;                                      /* 0: any */
    int64_t noted_number; /* an anchor that somebody noted elsewhere; 0: none */
    unsigned char noted_hash[32];
};

/* From the seed's text.  ERR_INVALID: not 64 hex digits. */
MUST_CHECK enum err audit_key_parse(struct str text, struct fault *fault, struct audit_key *key);

/* From a file.  ERR_NOT_FOUND: there is none; ERR_INVALID: others can read it, or it holds no key;
 * ERR_IO. */
MUST_CHECK enum err audit_key_read(const char *path, struct fault *fault, struct audit_key *key);

/* Makes a key and its file, for its owner alone.  Where another process was quicker, its key.
 * ERR_IO. */
MUST_CHECK enum err audit_key_make(const char *path, struct fault *fault, struct audit_key *key);

/* Public keys as 64 hex digits each, with commas between.  ERR_INVALID. */
MUST_CHECK enum err audit_trust_keys(struct str text, struct fault *fault,
                                     struct audit_trust *trust);
/* An anchor as NUMBER:HASH, 64 hex digits.  ERR_INVALID. */
MUST_CHECK enum err audit_trust_note(struct str text, struct fault *fault,
                                     struct audit_trust *trust);

/* Where the key lies when nothing else is said: beside the SQLite file ("billow.db.audit-key"), or
 * in the working folder for PostgreSQL; STR_NULL for a database in memory. */
struct str audit_key_path(struct arena *arena, struct str database_url);

#endif
