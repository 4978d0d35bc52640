#include "app/list.h"

#include "base/assert.h"
#include "base/buf.h"

#include <string.h>

int64_t list_before_at(const struct list_key *after)
{
    return after->is_set ? after->at : INT64_MAX;
}

struct uuid list_first_id(struct uuid wanted)
{
    if (uuid_is_nil(wanted))
        wanted.bytes[sizeof wanted.bytes - 1] = 1; /* nil itself is NULL to the store */
    return wanted;
}

struct uuid list_last_id(struct uuid wanted)
{
    if (uuid_is_nil(wanted))
        memset(wanted.bytes, 0xff, sizeof wanted.bytes);
    return wanted;
}

struct str list_like(struct arena *arena, struct str part)
{
    if (str_is_null(part))
        return STR_NULL;
    struct buf out;
    buf_init(&out, arena, 2 * part.len + 2);
    buf_char(&out, '%');
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (c == '%' || c == '_' || c == '!')
            buf_char(&out, '!');
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        buf_char(&out, c);
    }
    buf_char(&out, '%');
    ASSERT(buf_ok(&out));
    return buf_str(&out);
}
