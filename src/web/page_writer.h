/* page_writer.h - what a compiled template (templates/README.md) writes to.
 *
 * The functions are called by generated code only; a page fills its view struct and calls
 * tpl_NAME(&writer, &view).  Text is escaped for the place where it stands; what is HTML already
 * has a type of its own, so that it can't be mistaken for text. */
#ifndef WEB_PAGE_WRITER_H
#define WEB_PAGE_WRITER_H

#include "base/buf.h"
#include "base/str.h"
#include "web/icon.h"

#include <stdbool.h>
#include <stdint.h>

/* Text that is HTML already: made by our own code from escaped parts, never from outside. */
struct html {
    struct str str;
};

struct page_writer {
    struct buf *buf;
    /* The words in the reader's language; NULL: as they are. */
    struct str (*translate)(void *arg, struct str words);
    void *arg;
};

/* For text and quoted attributes. */
void page_str(struct page_writer *w, struct str text);
void page_cstr(struct page_writer *w, const char *text);
void page_int(struct page_writer *w, int64_t value);
void page_uint(struct page_writer *w, uint64_t value);
/* As it is. */
void page_html(struct page_writer *w, struct html html);
/* A whole address in an attribute; "#" in place of one whose scheme is not http, https or mailto.
 */
void page_url(struct page_writer *w, struct str url);
/* A part of an address: all but letters, digits and -_.~ percent-encoded. */
void page_url_part(struct page_writer *w, struct str part);
void page_url_part_int(struct page_writer *w, int64_t value);
/* An icon of the sprite, for the eye alone; nothing for ICON_NONE. */
void page_icon(struct page_writer *w, enum icon icon, bool is_small);
/* Translated, then escaped. */
void page_translate(struct page_writer *w, struct str words);

static inline bool page_is_str(struct str s)
{
    return s.ptr != NULL && s.len > 0;
}

static inline bool page_is_html(struct html html)
{
    return page_is_str(html.str);
}

static inline bool page_is_int(int64_t value)
{
    return value != 0;
}

static inline bool page_is_uint(uint64_t value)
{
    return value != 0;
}

static inline bool page_is_pointer(const void *pointer)
{
    return pointer != NULL;
}

// clang-format off
#define PAGE_VALUE(w, x) _Generic((x),                              \
    struct str: page_str, const struct str: page_str,               \
    struct html: page_html, const struct html: page_html,           \
    const char *: page_cstr, char *: page_cstr,                     \
    int: page_int, long: page_int, long long: page_int,             \
    unsigned: page_uint, unsigned long: page_uint,                  \
    unsigned long long: page_uint)((w), (x))
/* No HTML in attributes. */
#define PAGE_ATTRIBUTE(w, x) _Generic((x),                          \
    struct str: page_str, const struct str: page_str,               \
    const char *: page_cstr, char *: page_cstr,                     \
    int: page_int, long: page_int, long long: page_int,             \
    unsigned: page_uint, unsigned long: page_uint,                  \
    unsigned long long: page_uint)((w), (x))
#define PAGE_URL(w, x) _Generic((x), struct str: page_url, const struct str: page_url)((w), (x))
#define PAGE_URL_PART(w, x) _Generic((x),                           \
    struct str: page_url_part, const struct str: page_url_part,     \
    int: page_url_part_int, long: page_url_part_int,                \
    long long: page_url_part_int)((w), (x))
/* What `if` asks: a bool that is, a number that is not 0, a text that is not empty, a pointer that is
 * not NULL. */
#define PAGE_IS(x) _Generic((x),                                    \
    struct str: page_is_str, const struct str: page_is_str,         \
    struct html: page_is_html, const struct html: page_is_html,     \
    bool: page_is_int, int: page_is_int, long: page_is_int,         \
    long long: page_is_int, unsigned: page_is_uint,                 \
    unsigned long: page_is_uint, unsigned long long: page_is_uint,  \
    default: page_is_pointer)(x)
// clang-format on

#endif
