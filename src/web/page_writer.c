#include "web/page_writer.h"

#include "base/assert.h"

void page_str(struct page_writer *w, struct str text)
{
    buf_html(w->buf, text);
}

void page_cstr(struct page_writer *w, const char *text)
{
    buf_html(w->buf, str_of(text));
}

void page_int(struct page_writer *w, int64_t value)
{
    buf_int(w->buf, value);
}

void page_uint(struct page_writer *w, uint64_t value)
{
    ASSERT(value <= INT64_MAX);
    buf_int(w->buf, (int64_t)value);
}

void page_html(struct page_writer *w, struct html html)
{
    buf_add(w->buf, html.str);
}

/* The scheme that a browser would see: what stands before the first colon, unless one of "/?#"
 * comes first.  Browsers drop tabs and line ends anywhere and controls and spaces in front, so an
 * address that holds any of them has no good scheme. */
static bool has_good_scheme(struct str url)
{
    for (size_t i = 0; i < url.len; i++) {
        unsigned char c = (unsigned char)url.ptr[i];
        if (c <= ' ' || c == 127 || c == '\\')
            return false;
    }
    for (size_t i = 0; i < url.len; i++) {
        char c = url.ptr[i];
        if (c == '/' || c == '?' || c == '#')
            return true;
        if (c == ':') {
            struct str scheme = str_slice(url, 0, i);
            return str_eq_nocase(scheme, STR("http")) || str_eq_nocase(scheme, STR("https")) ||
                   str_eq_nocase(scheme, STR("mailto"));
        }
    }
    return true;
}

void page_url(struct page_writer *w, struct str url)
{
    buf_html(w->buf, has_good_scheme(url) ? url : STR("#"));
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

void page_url_part(struct page_writer *w, struct str part)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < part.len; i++) {
        unsigned char c = (unsigned char)part.ptr[i];
        if (is_unreserved((char)c)) {
            buf_char(w->buf, (char)c);
        } else {
            buf_char(w->buf, '%');
            buf_char(w->buf, digits[c >> 4]);
            buf_char(w->buf, digits[c & 15]);
        }
    }
}

void page_url_part_int(struct page_writer *w, int64_t value)
{
    buf_int(w->buf, value);
}

void page_translate(struct page_writer *w, struct str words)
{
    buf_html(w->buf, w->translate == NULL ? words : w->translate(w->arg, words));
}
