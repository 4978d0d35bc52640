#include "base/buf.h"

#include "base/assert.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void buf_init(struct buf *buf, struct arena *arena, size_t max)
{
    *buf = (struct buf){.arena = arena, .max = max};
}

void buf_fixed(struct buf *buf, void *storage, size_t size)
{
    *buf = (struct buf){.ptr = storage, .capacity = size, .max = size};
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->overflowed = false;
}

/* Makes room for `more` bytes; false (and the flag) when they do not fit. */
static bool room(struct buf *buf, size_t more)
{
    if (buf->overflowed || more > buf->max - buf->len) {
        buf->overflowed = true;
        return false;
    }
    if (more <= buf->capacity - buf->len)
        return true;
    ASSERT(buf->arena != NULL);
    size_t wanted = buf->capacity < 128 ? 256 : buf->capacity * 2;
    if (wanted < buf->len + more)
        wanted = buf->len + more;
    if (wanted > buf->max)
        wanted = buf->max;
    char *grown = arena_alloc(buf->arena, wanted);
    if (buf->len > 0)
        memcpy(grown, buf->ptr, buf->len);
    buf->ptr = grown;
    buf->capacity = wanted;
    return true;
}

void buf_add(struct buf *buf, struct str s)
{
    if (s.len == 0 || !room(buf, s.len))
        return;
    memcpy(buf->ptr + buf->len, s.ptr, s.len);
    buf->len += s.len;
}

void buf_char(struct buf *buf, char c)
{
    if (room(buf, 1))
        buf->ptr[buf->len++] = c;
}

void buf_int(struct buf *buf, int64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, value);
    buf_add(buf, (struct str){digits, (size_t)len});
}

void buf_int_padded(struct buf *buf, int64_t value, int width)
{
    ASSERT(value >= 0 && width >= 0 && width < 24);
    char digits[48];
    int len = snprintf(digits, sizeof digits, "%0*" PRId64, width, value);
    buf_add(buf, (struct str){digits, (size_t)len});
}

void buf_fmt(struct buf *buf, const char *format, ...)
{
    va_list args;
    char small[256];
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    ASSERT(len >= 0);
    if ((size_t)len < sizeof small) {
        buf_add(buf, (struct str){small, (size_t)len});
        return;
    }
    if (!room(buf, (size_t)len + 1)) /* vsnprintf writes a NUL too */
        return;
    va_start(args, format);
    vsnprintf(buf->ptr + buf->len, (size_t)len + 1, format, args);
    va_end(args);
    buf->len += (size_t)len;
}

void buf_html(struct buf *buf, struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        switch (s.ptr[i]) {
        case '&':
            buf_add(buf, STR("&amp;"));
            break;
        case '<':
            buf_add(buf, STR("&lt;"));
            break;
        case '>':
            buf_add(buf, STR("&gt;"));
            break;
        case '"':
            buf_add(buf, STR("&quot;"));
            break;
        case '\'':
            buf_add(buf, STR("&#39;"));
            break;
        default:
            buf_char(buf, s.ptr[i]);
        }
    }
}

void buf_hex(struct buf *buf, const void *bytes, size_t len)
{
    static const char digit[] = "0123456789abcdef";
    const unsigned char *p = bytes;
    for (size_t i = 0; i < len; i++) {
        buf_char(buf, digit[p[i] >> 4]);
        buf_char(buf, digit[p[i] & 15]);
    }
}

bool buf_ok(const struct buf *buf)
{
    return !buf->overflowed;
}

struct str buf_str(const struct buf *buf)
{
    return (struct str){buf->ptr == NULL ? "" : buf->ptr, buf->len};
}
