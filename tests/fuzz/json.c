/* json.c - the JSON reader says yes to exactly what a second, plain checker says yes to, and what
 * it reads, written again, reads the same. */
#include "base/buf.h"
#include "base/json_read.h"
#include "base/json_write.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* ---- the second checker: recursive, byte by byte -------------------------------------------- */

struct text {
    const unsigned char *at, *end;
};

static bool value(struct text *t, int depth);

static int peek(const struct text *t)
{
    return t->at < t->end ? *t->at : -1;
}

static void spaces(struct text *t)
{
    while (peek(t) == ' ' || peek(t) == '\t' || peek(t) == '\n' || peek(t) == '\r')
        t->at++;
}

static bool take(struct text *t, int c)
{
    if (peek(t) != c)
        return false;
    t->at++;
    return true;
}

static bool word(struct text *t, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        if (!take(t, *letters))
            return false;
    }
    return true;
}

static bool digits(struct text *t)
{
    const unsigned char *start = t->at;
    while (peek(t) >= '0' && peek(t) <= '9')
        t->at++;
    return t->at > start;
}

static bool number(struct text *t)
{
    take(t, '-');
    if (!take(t, '0') && !digits(t))
        return false;
    if (take(t, '.') && !digits(t))
        return false;
    if (peek(t) == 'e' || peek(t) == 'E') {
        t->at++;
        if (!take(t, '+'))
            take(t, '-');
        return digits(t);
    }
    return true;
}

/* Four hex digits, or -1. */
static int unit(struct text *t)
{
    int result = 0;
    for (int i = 0; i < 4; i++) {
        static const char hex[] = "0123456789abcdef0123456789ABCDEF";
        int c = peek(t);
        const char *found = c > 0 ? strchr(hex, c) : NULL;
        if (found == NULL)
            return -1;
        result = result * 16 + (int)((found - hex) % 16);
        t->at++;
    }
    return result;
}

static bool escape(struct text *t)
{
    int c = peek(t);
    if (c <= 0 || strchr("\"\\/bfnrtu", c) == NULL)
        return false;
    t->at++;
    if (c != 'u')
        return true;
    int high = unit(t);
    if (high <= 0) /* malformed, or U+0000 */
        return false;
    if (high < 0xd800 || high > 0xdfff)
        return true;
    if (high > 0xdbff || !take(t, '\\') || !take(t, 'u'))
        return false;
    int low = unit(t);
    return low >= 0xdc00 && low <= 0xdfff;
}

/* One character above ASCII, in its shortest form. */
static bool utf8(struct text *t)
{
    int first = peek(t);
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    long code = first >= 0xf0 ? first & 7 : first >= 0xe0 ? first & 15 : first & 31;
    if (first < 0xc0 || first > 0xf7)
        return false;
    t->at++;
    for (int i = 0; i < more; i++) {
        if (peek(t) < 0x80 || peek(t) > 0xbf)
            return false;
        code = code * 64 + (peek(t) & 63);
        t->at++;
    }
    static const long least[] = {0x80, 0x800, 0x10000};
    return code >= least[more - 1] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

static bool string(struct text *t)
{
    if (!take(t, '"'))
        return false;
    for (;;) {
        int c = peek(t);
        if (c < 0x20)
            return false;
        if (c >= 0x80) {
            if (!utf8(t))
                return false;
            continue;
        }
        t->at++;
        if (c == '"')
            return true;
        if (c == '\\' && !escape(t))
            return false;
    }
}

static bool members(struct text *t, int depth, bool is_object)
{
    int close = is_object ? '}' : ']';
    t->at++;
    spaces(t);
    if (take(t, close))
        return true;
    for (;;) {
        spaces(t);
        if (is_object) {
            if (!string(t))
                return false;
            spaces(t);
            if (!take(t, ':'))
                return false;
            spaces(t);
        }
        if (!value(t, depth + 1))
            return false;
        spaces(t);
        if (take(t, close))
            return true;
        if (!take(t, ','))
            return false;
    }
}

static bool value(struct text *t, int depth)
{
    switch (peek(t)) {
    case '{':
    case '[':
        return depth < JSON_DEPTH_MAX && members(t, depth, peek(t) == '{');
    case '"':
        return string(t);
    case 't':
        return word(t, "true");
    case 'f':
        return word(t, "false");
    case 'n':
        return word(t, "null");
    default:
        return number(t);
    }
}

static bool is_json(struct str input)
{
    struct text t = {(const unsigned char *)input.ptr,
                     (const unsigned char *)input.ptr + input.len};
    spaces(&t);
    if (!value(&t, 0))
        return false;
    spaces(&t);
    return t.at == t.end;
}

/* ---- written again -------------------------------------------------------------------------- */

static void quoted(struct buf *out, struct str text)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_str(&writer, NULL, text);
}

/* The document without spaces, and with every text escaped as the writer does it. */
static struct str rewritten(struct arena *arena, struct str input)
{
    struct json_reader reader;
    struct buf out;
    bool need_comma = false;
    buf_init(&out, arena, 8 * input.len + 16);
    json_reader_init(&reader, arena, input);
    for (;;) {
        enum json_token token = json_next(&reader);
        if (token == JSON_END)
            break;
        FUZZ_CHECK(token != JSON_ERROR);
        bool is_end = token == JSON_OBJECT_END || token == JSON_ARRAY_END;
        if (need_comma && !is_end)
            buf_char(&out, ',');
        need_comma = token != JSON_KEY && token != JSON_OBJECT_START && token != JSON_ARRAY_START;
        switch (token) {
        case JSON_OBJECT_START:
            buf_char(&out, '{');
            break;
        case JSON_OBJECT_END:
            buf_char(&out, '}');
            break;
        case JSON_ARRAY_START:
            buf_char(&out, '[');
            break;
        case JSON_ARRAY_END:
            buf_char(&out, ']');
            break;
        case JSON_KEY:
        case JSON_STRING:
            FUZZ_CHECK(str_is_text(reader.text));
            quoted(&out, reader.text);
            if (token == JSON_KEY)
                buf_char(&out, ':');
            break;
        case JSON_NUMBER:
            buf_add(&out, reader.text);
            break;
        case JSON_TRUE:
            buf_add(&out, STR("true"));
            break;
        case JSON_FALSE:
            buf_add(&out, STR("false"));
            break;
        case JSON_NULL:
            buf_add(&out, STR("null"));
            break;
        case JSON_END:
        case JSON_ERROR:
            break;
        }
    }
    FUZZ_CHECK(buf_ok(&out));
    return buf_str(&out);
}

void fuzz_one(struct arena *arena, struct str input)
{
    struct str error = STR_NULL;
    struct json_reader reader;
    struct str raw = STR_NULL;
    bool is_valid = json_is_valid(arena, input, &error);
    FUZZ_CHECK(is_valid == is_json(input));
    FUZZ_CHECK(is_valid == str_is_null(error));

    json_reader_init(&reader, arena, input);
    json_next(&reader);
    bool is_passed = json_skip(&reader, &raw) && json_next(&reader) == JSON_END;
    FUZZ_CHECK(is_passed == is_valid);
    if (!is_valid) {
        FUZZ_CHECK(json_next(&reader) == JSON_ERROR);
        return;
    }
    FUZZ_CHECK(str_eq(raw, str_trim(input)));
    struct str once = rewritten(arena, input);
    FUZZ_CHECK(str_eq(rewritten(arena, once), once));
}
