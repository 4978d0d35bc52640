#include "base/json_read.h"

#include "base/assert.h"

#include <string.h>

/* What may come next. */
enum {
    AT_VALUE,       /* a value */
    AT_FIRST_KEY,   /* behind '{': a key or '}' */
    AT_KEY,         /* behind ',' in an object: a key */
    AT_FIRST_VALUE, /* behind '[': a value or ']' */
    AFTER_VALUE,    /* ',' or the end of what is open */
    AT_END,         /* only white space */
    FAILED
};

void json_reader_init(struct json_reader *reader, struct arena *arena, struct str input)
{
    *reader = (struct json_reader){.input = input, .arena = arena, .state = AT_VALUE};
}

static enum json_token failed(struct json_reader *r, const char *error, size_t at)
{
    if (r->error == NULL) {
        r->error = error;
        r->error_at = at;
    }
    r->state = FAILED;
    return JSON_ERROR;
}

static void skip_space(struct json_reader *r)
{
    const char *p = r->input.ptr;
    size_t at = r->at;
    while (at < r->input.len && (p[at] == ' ' || p[at] == '\n' || p[at] == '\t' || p[at] == '\r'))
        at++;
    r->at = at;
}

/* A value has been read: what may follow it. */
static void value_done(struct json_reader *r)
{
    r->state = r->depth == 0 ? AT_END : AFTER_VALUE;
}

static int hex4(const char *p)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static size_t put_utf8(char *out, int code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* The code point of the \u escape whose digits start at `at`; -1 when it is none, a lone
 * surrogate or U+0000.  *used is the number of bytes behind "\u". */
static int escaped_code(struct str input, size_t at, size_t *used)
{
    if (input.len - at < 4)
        return -1;
    int code = hex4(input.ptr + at);
    *used = 4;
    if (code <= 0 || (code >= 0xDC00 && code <= 0xDFFF))
        return -1;
    if (code < 0xD800 || code > 0xDBFF)
        return code;
    if (input.len - at < 10 || input.ptr[at + 4] != '\\' || input.ptr[at + 5] != 'u')
        return -1;
    int low = hex4(input.ptr + at + 6);
    if (low < 0xDC00 || low > 0xDFFF)
        return -1;
    *used = 10;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* Unescapes raw (between the quotes, `start` in the input) into the arena. */
static bool unescape(struct json_reader *r, struct str raw, size_t start)
{
    char *out = arena_alloc(r->arena, raw.len + 1); /* never longer than the escapes */
    size_t len = 0;
    for (size_t i = 0; i < raw.len;) {
        if (raw.ptr[i] != '\\') {
            out[len++] = raw.ptr[i++];
            continue;
        }
        size_t used = 0;
        int code = 0;
        switch (raw.ptr[i + 1]) {
        case 'b':
            out[len++] = '\b';
            break;
        case 'f':
            out[len++] = '\f';
            break;
        case 'n':
            out[len++] = '\n';
            break;
        case 'r':
            out[len++] = '\r';
            break;
        case 't':
            out[len++] = '\t';
            break;
        case '"':
        case '\\':
        case '/':
            out[len++] = raw.ptr[i + 1];
            break;
        case 'u':
            code = escaped_code(raw, i + 2, &used);
            if (code < 0) {
                failed(r, "an escape that is no character (or U+0000)", start + i);
                return false;
            }
            len += put_utf8(out + len, code);
            break;
        default:
            failed(r, "an unknown escape", start + i);
            return false;
        }
        i += 2 + used;
    }
    r->text = (struct str){out, len};
    return true;
}

/* At the opening quote; leaves `at` behind the closing one. */
static bool read_string(struct json_reader *r)
{
    const unsigned char *p = (const unsigned char *)r->input.ptr;
    size_t start = r->at + 1;
    size_t i = start;
    size_t end = r->input.len;
    bool escapes = false;
    bool beyond_ascii = false;
    for (; i < end && p[i] != '"'; i++) {
        if (p[i] == '\\') {
            escapes = true;
            i++; /* a quote behind it does not end the string */
        } else if (p[i] < 0x20) {
            failed(r, "a control character inside a string", i);
            return false;
        }
        beyond_ascii |= i < end && p[i] >= 0x80;
    }
    if (i >= end) {
        failed(r, "a string without end", r->at);
        return false;
    }
    struct str raw = str_slice(r->input, start, i);
    if (beyond_ascii && !str_is_text(raw)) {
        failed(r, "malformed UTF-8", start);
        return false;
    }
    r->at = i + 1;
    r->text = raw;
    return !escapes || unescape(r, raw, start);
}

static size_t digits_from(struct str s, size_t at)
{
    while (at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9')
        at++;
    return at;
}

static enum json_token read_number(struct json_reader *r)
{
    struct str in = r->input;
    size_t at = r->at + (in.ptr[r->at] == '-');
    size_t whole = at;
    at = digits_from(in, at);
    if (at == whole || (in.ptr[whole] == '0' && at - whole > 1))
        return failed(r, "a malformed number", r->at);
    if (at < in.len && in.ptr[at] == '.') {
        size_t fraction = at + 1;
        at = digits_from(in, fraction);
        if (at == fraction)
            return failed(r, "a malformed number", r->at);
    }
    if (at < in.len && (in.ptr[at] == 'e' || in.ptr[at] == 'E')) {
        size_t exponent = at + 1;
        if (exponent < in.len && (in.ptr[exponent] == '+' || in.ptr[exponent] == '-'))
            exponent++;
        at = digits_from(in, exponent);
        if (at == exponent)
            return failed(r, "a malformed number", r->at);
    }
    r->text = str_slice(in, r->at, at);
    r->at = at;
    value_done(r);
    return JSON_NUMBER;
}

static enum json_token read_word(struct json_reader *r, struct str word, enum json_token token)
{
    if (!str_starts(str_slice(r->input, r->at, r->input.len), word))
        return failed(r, "an unknown word", r->at);
    r->at += word.len;
    value_done(r);
    return token;
}

static enum json_token open_container(struct json_reader *r, bool object)
{
    if (r->depth == JSON_DEPTH_MAX)
        return failed(r, "nested too deeply", r->at);
    r->at++;
    r->depth++;
    r->in_object[r->depth] = object;
    r->state = object ? AT_FIRST_KEY : AT_FIRST_VALUE;
    return object ? JSON_OBJECT_START : JSON_ARRAY_START;
}

static enum json_token close_container(struct json_reader *r)
{
    bool object = r->in_object[r->depth];
    r->at++;
    r->depth--;
    value_done(r);
    return object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

static enum json_token read_value(struct json_reader *r)
{
    switch (r->input.ptr[r->at]) {
    case '{':
        return open_container(r, true);
    case '[':
        return open_container(r, false);
    case '"':
        if (!read_string(r))
            return JSON_ERROR;
        value_done(r);
        return JSON_STRING;
    case 't':
        return read_word(r, STR("true"), JSON_TRUE);
    case 'f':
        return read_word(r, STR("false"), JSON_FALSE);
    case 'n':
        return read_word(r, STR("null"), JSON_NULL);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return read_number(r);
    default:
        return failed(r, "something that is no value", r->at);
    }
}

static enum json_token read_key(struct json_reader *r)
{
    if (r->input.ptr[r->at] != '"')
        return failed(r, "a name in quotes is wanted", r->at);
    if (!read_string(r))
        return JSON_ERROR;
    struct str key = r->text;
    skip_space(r);
    if (r->at == r->input.len || r->input.ptr[r->at] != ':')
        return failed(r, "a colon is wanted", r->at);
    r->at++;
    r->text = key;
    r->state = AT_VALUE;
    return JSON_KEY;
}

enum json_token json_next(struct json_reader *r)
{
    if (r->state == FAILED)
        return JSON_ERROR;
    skip_space(r);
    r->token_start = r->at;
    bool ended = r->at == r->input.len;
    if (r->state == AT_END)
        return ended ? JSON_END : failed(r, "something behind the value", r->at);
    if (ended)
        return failed(r, "the text ends too early", r->at);
    char c = r->input.ptr[r->at];
    if (r->state == AFTER_VALUE) {
        if (c == (r->in_object[r->depth] ? '}' : ']'))
            return close_container(r);
        if (c != ',')
            return failed(r, "a comma or the end is wanted", r->at);
        r->at++;
        skip_space(r);
        r->token_start = r->at;
        if (r->at == r->input.len)
            return failed(r, "the text ends too early", r->at);
        return r->in_object[r->depth] ? read_key(r) : read_value(r);
    }
    if ((r->state == AT_FIRST_KEY && c == '}') || (r->state == AT_FIRST_VALUE && c == ']'))
        return close_container(r);
    return r->state == AT_FIRST_KEY ? read_key(r) : read_value(r);
}

bool json_skip(struct json_reader *r, struct str *raw)
{
    size_t start = r->token_start;
    int depth = r->depth;
    if (r->state == FAILED)
        return false;
    if (r->state == AT_VALUE && r->depth > 0) { /* behind a key: its value */
        enum json_token token = json_next(r);
        start = r->token_start;
        if (token == JSON_ERROR)
            return false;
        if (token != JSON_OBJECT_START && token != JSON_ARRAY_START) {
            *raw = str_slice(r->input, start, r->at);
            return true;
        }
    } else if (r->state != AT_FIRST_KEY && r->state != AT_FIRST_VALUE) { /* a scalar, read */
        *raw = str_slice(r->input, start, r->at);
        return true;
    } else {
        depth--;
    }
    while (r->depth > depth) {
        if (json_next(r) == JSON_ERROR)
            return false;
    }
    *raw = str_slice(r->input, start, r->at);
    return true;
}

void json_error_place(const struct json_reader *r, int *line, int *column)
{
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < r->error_at && i < r->input.len; i++) {
        if (r->input.ptr[i] == '\n') {
            (*line)++;
            *column = 1;
        } else {
            (*column)++;
        }
    }
}

bool json_is_valid(struct arena *arena, struct str input, struct str *error)
{
    struct json_reader reader;
    enum json_token token = JSON_NULL;
    json_reader_init(&reader, arena, input);
    while (token != JSON_END && token != JSON_ERROR)
        token = json_next(&reader);
    if (token == JSON_END)
        return true;
    int line = 0;
    int column = 0;
    json_error_place(&reader, &line, &column);
    *error = arena_fmt(arena, "line %d, column %d: %s", line, column, reader.error);
    return false;
}
