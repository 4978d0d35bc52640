#include "base/hash.h"

#include "base/assert.h"

void hash_sha256(struct str data, unsigned char digest[32])
{
    crypto_hash_sha256(digest, (const unsigned char *)data.ptr, data.len);
}

void hash_init(struct hash_stream *stream, struct str key)
{
    ASSERT(key.len <= crypto_generichash_KEYBYTES_MAX);
    int failed =
        crypto_generichash_init(&stream->state, (const unsigned char *)key.ptr, key.len, 32);
    ASSERT(failed == 0);
}

void hash_add(struct hash_stream *stream, struct str data)
{
    if (data.len > 0)
        crypto_generichash_update(&stream->state, (const unsigned char *)data.ptr, data.len);
}

void hash_end(struct hash_stream *stream, unsigned char digest[32])
{
    crypto_generichash_final(&stream->state, digest, 32);
}

void hash_random(unsigned char *bytes, size_t len)
{
    randombytes_buf(bytes, len);
}
