/* hash.h - digests and random bytes (libsodium). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/buf.h"
#include "base/str.h"

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>

/* SHA-256, for what others compute too (files, keys). */
void hash_sha256(struct str data, unsigned char digest[32]);

/* BLAKE2b-256 of parts, one after the other. */
struct hash_stream {
    crypto_generichash_state state;
};

/* `key` of up to 64 bytes, or STR_NULL for none. */
void hash_init(struct hash_stream *stream, struct str key);
void hash_add(struct hash_stream *stream, struct str data);
void hash_end(struct hash_stream *stream, unsigned char digest[32]);

/* Unguessable bytes. */
void hash_random(unsigned char *bytes, size_t len);

#endif
