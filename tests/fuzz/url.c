/* url.c - paths and query strings: decoding is what a plain decoder does, and what is decoded comes
 * back from its own escaped form. */
#include "http/url.h"
#include "base/buf.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Decodes with sscanf; false where an escape is none. */
static bool plainly(struct arena *arena, struct str encoded, bool plus_is_space,
                    struct str *decoded)
{
    char *out = arena_alloc(arena, encoded.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < encoded.len; i++) {
        char c = encoded.ptr[i];
        if (c == '%') {
            static const char hex[] = "0123456789abcdefABCDEF";
            char pair[3] = {0};
            unsigned byte = 0;
            if (i + 2 >= encoded.len)
                return false;
            memcpy(pair, encoded.ptr + i + 1, 2);
            if (pair[0] == '\0' || pair[1] == '\0' || strspn(pair, hex) != 2)
                return false;
            byte = (unsigned)strtoul(pair, NULL, 16);
            c = (char)byte;
            i += 2;
        }
        if (encoded.ptr[i] == '+' && plus_is_space)
            c = ' ';
        out[len++] = c;
    }
    *decoded = (struct str){out, len};
    return str_is_text(*decoded);
}

static struct str escaped(struct arena *arena, struct str text)
{
    struct buf out;
    buf_init(&out, arena, 3 * text.len + 1);
    for (size_t i = 0; i < text.len; i++)
        buf_fmt(&out, "%%%02x", (unsigned)(unsigned char)text.ptr[i]);
    return (struct str){out.len == 0 ? "" : out.ptr, out.len};
}

static void decoding(struct arena *arena, struct str input, bool plus_is_space)
{
    struct str got = STR_NULL;
    struct str want = STR_NULL;
    struct str again = STR_NULL;
    bool is_good = url_decode(arena, input, plus_is_space, &got);
    FUZZ_CHECK(is_good == plainly(arena, input, plus_is_space, &want));
    if (!is_good)
        return;
    FUZZ_CHECK(got.len == want.len && memcmp(got.ptr, want.ptr, got.len) == 0);
    FUZZ_CHECK(url_decode(arena, escaped(arena, got), plus_is_space, &again));
    FUZZ_CHECK(again.len == got.len && memcmp(again.ptr, got.ptr, got.len) == 0);
}

static void query(struct arena *arena, struct str input)
{
    const struct http_param *params = NULL;
    size_t count = 0;
    struct buf out;
    enum url_query_result result = url_query(arena, input, &params, &count);
    if (result != URL_QUERY_READ)
        return;
    FUZZ_CHECK(count <= HTTP_QUERY_PARAMS_MAX);
    buf_init(&out, arena, 7 * input.len + 1024);
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(str_is_text(params[i].name) && str_is_text(params[i].value));
        buf_char(&out, '&');
        buf_add(&out, escaped(arena, params[i].name));
        buf_char(&out, '=');
        buf_add(&out, escaped(arena, params[i].value));
    }
    const struct http_param *again = NULL;
    size_t again_count = 0;
    FUZZ_CHECK(url_query(arena, buf_str(&out), &again, &again_count) == URL_QUERY_READ);
    FUZZ_CHECK(again_count == count);
    for (size_t i = 0; i < count; i++) {
        FUZZ_CHECK(str_cmp(again[i].name, params[i].name) == 0);
        FUZZ_CHECK(str_cmp(again[i].value, params[i].value) == 0);
    }
}

void fuzz_one(struct arena *arena, struct str input)
{
    decoding(arena, input, false);
    decoding(arena, input, true);
    query(arena, input);
}
