/* Bodies that came packed. */
#include "base/gunzip.h"
#include "http/server_private.h"

#include <stdlib.h>

#define STEP_BYTES ((size_t)64 << 10)

/* false: refused */
static bool unpack(struct exchange *exchange, struct gunzip *gunzip, struct str packed)
{
    struct str left = packed;
    size_t made = 1;
    while (made > 0) {
        char probe;
        size_t room = exchange->body_bytes_max - exchange->body_len;
        room = room < STEP_BYTES ? room : STEP_BYTES;
        if (room > 0 && !receive_grow_body(exchange, room))
            return false;
        /* At the limit one more byte is asked for: whether there is one decides. */
        char *out = room > 0 ? exchange->body + exchange->body_len : &probe;
        if (!gunzip_feed(gunzip, &left, out, room > 0 ? room : 1, &made))
            break;
        if (room == 0 && made > 0) {
            receive_refuse_too_large(exchange);
            return false;
        }
        exchange->body_len += made;
    }
    if (gunzip_is_complete(gunzip))
        return true;
    receive_refuse(exchange, 400, "bad_request",
                   left.len > 0 || packed.len == 0 ? STR("the body is not a sound gzip")
                                                   : STR("the body's gzip ends too early"));
    return false;
}

bool content_unpack(struct exchange *exchange)
{
    char *packed = exchange->body;
    size_t capacity = exchange->body_capacity;
    struct str content = {packed, exchange->body_len};
    struct gunzip *gunzip = gunzip_new();
    exchange->body = NULL;
    exchange->body_len = 0;
    exchange->body_capacity = 0;
    bool is_good = unpack(exchange, gunzip, content);
    gunzip_free(gunzip);
    free(packed);
    atomic_fetch_sub(&exchange->server->bodies_bytes, capacity);
    exchange->request.body = is_good && exchange->body != NULL
                                 ? (struct str){exchange->body, exchange->body_len}
                                 : STR("");
    return is_good;
}
