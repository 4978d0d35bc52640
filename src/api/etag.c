#include "api/frame.h"

#include "base/hash.h"

struct str api_etag(struct arena *arena, struct str body)
{
    struct hash_stream stream;
    unsigned char digest[32];
    struct buf text;
    hash_init(&stream, STR_NULL);
    hash_add(&stream, body);
    hash_end(&stream, digest);
    buf_init(&text, arena, 64);
    buf_char(&text, '"');
    buf_hex(&text, digest, 16);
    buf_char(&text, '"');
    return buf_str(&text);
}

bool api_etag_matches(struct str list, struct str etag, bool strong)
{
    struct str part;
    if (str_eq(str_trim(list), STR("*")))
        return true;
    while (str_split(&list, ',', &part)) { /* our own ETags hold no comma */
        part = str_trim(part);
        if (str_starts(part, STR("W/"))) {
            if (strong)
                continue;
            part = str_slice(part, 2, part.len);
        }
        if (str_eq(part, etag))
            return true;
    }
    return false;
}
