#include "app/token.h"

#include "base/buf.h"
#include "base/hash.h"

struct str token_new(struct arena *arena)
{
    unsigned char bytes[32];
    struct buf text;
    hash_random(bytes, sizeof bytes);
    buf_init(&text, arena, 2 * sizeof bytes);
    buf_hex(&text, bytes, sizeof bytes);
    return buf_str(&text);
}

bool token_is_formed(struct str token)
{
    if (token.len != 64)
        return false;
    for (size_t i = 0; i < token.len; i++) {
        char c = token.ptr[i];
        if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
            return false;
    }
    return true;
}

struct str token_hash(struct arena *arena, struct str token)
{
    unsigned char digest[32];
    hash_sha256(token, digest);
    return arena_str(arena, (struct str){(const char *)digest, sizeof digest});
}
