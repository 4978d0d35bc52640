/* buf.h - writing text: grows up to a largest size, and remembers that it overflowed.
 *
 * A buf lives in an arena (buf_init) or in storage of the caller (buf_fixed).  Writing past the
 * largest size drops the bytes and sets a sticky flag, asked once at the end with buf_ok. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *ptr;
    size_t len;
    size_t capacity;
    size_t max;          /* largest size in bytes */
    struct arena *arena; /* NULL: fixed storage */
    bool overflowed;
};

void buf_init(struct buf *buf, struct arena *arena, size_t max);
void buf_fixed(struct buf *buf, void *storage, size_t size);
/* Empty again, same storage. */
void buf_reset(struct buf *buf);

void buf_add(struct buf *buf, struct str s);
void buf_char(struct buf *buf, char c);
void buf_int(struct buf *buf, int64_t value);
/* Right-aligned with leading zeros, at least `width` digits; value >= 0. */
void buf_int_padded(struct buf *buf, int64_t value, int width);
void buf_fmt(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Escaped for HTML text and quoted attributes. */
void buf_html(struct buf *buf, struct str s);
void buf_hex(struct buf *buf, const void *bytes, size_t len);

/* false once anything was dropped. */
bool buf_ok(const struct buf *buf);
/* What was written, as a view into the buf. */
struct str buf_str(const struct buf *buf);

#endif
