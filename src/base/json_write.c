#include "base/json_write.h"

#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"

void json_writer_init(struct json_writer *w, struct buf *buf)
{
    *w = (struct json_writer){.buf = buf};
}

static void write_string(struct buf *buf, struct str s)
{
    static const char digit[] = "0123456789abcdef";
    size_t clean = 0; /* start of the run that needs no escape */
    buf_char(buf, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(buf, str_slice(s, clean, i));
        clean = i + 1;
        buf_char(buf, '\\');
        switch (c) {
        case '"':
        case '\\':
            buf_char(buf, (char)c);
            break;
        case '\n':
            buf_char(buf, 'n');
            break;
        case '\r':
            buf_char(buf, 'r');
            break;
        case '\t':
            buf_char(buf, 't');
            break;
        default:
            buf_add(buf, STR("u00"));
            buf_char(buf, digit[c >> 4]);
            buf_char(buf, digit[c & 15]);
        }
    }
    buf_add(buf, str_slice(s, clean, s.len));
    buf_char(buf, '"');
}

/* What stands before each value: a comma, and the member's name. */
static void begin(struct json_writer *w, const char *key)
{
    if (w->need_comma)
        buf_char(w->buf, ',');
    w->need_comma = true;
    if (key != NULL) {
        buf_char(w->buf, '"');
        buf_add(w->buf, str_of(key));
        buf_add(w->buf, STR("\":"));
    }
}

static void open(struct json_writer *w, const char *key, char bracket)
{
    begin(w, key);
    buf_char(w->buf, bracket);
    w->need_comma = false;
    w->depth++;
}

static void close(struct json_writer *w, char bracket)
{
    ASSERT(w->depth > 0);
    buf_char(w->buf, bracket);
    w->need_comma = true;
    w->depth--;
}

void json_object(struct json_writer *w, const char *key)
{
    open(w, key, '{');
}

void json_object_end(struct json_writer *w)
{
    close(w, '}');
}

void json_array(struct json_writer *w, const char *key)
{
    open(w, key, '[');
}

void json_array_end(struct json_writer *w)
{
    close(w, ']');
}

void json_null(struct json_writer *w, const char *key)
{
    begin(w, key);
    buf_add(w->buf, STR("null"));
}

void json_str(struct json_writer *w, const char *key, struct str value)
{
    if (str_is_null(value)) {
        json_null(w, key);
        return;
    }
    begin(w, key);
    write_string(w->buf, value);
}

void json_int(struct json_writer *w, const char *key, int64_t value)
{
    if (value == INT_NONE) {
        json_null(w, key);
        return;
    }
    begin(w, key);
    buf_int(w->buf, value);
}

void json_bool(struct json_writer *w, const char *key, bool value)
{
    begin(w, key);
    buf_add(w->buf, value ? STR("true") : STR("false"));
}

void json_decimal(struct json_writer *w, const char *key, struct decimal value)
{
    if (decimal_is_none(value)) {
        json_null(w, key);
        return;
    }
    begin(w, key);
    buf_char(w->buf, '"');
    buf_decimal(w->buf, value);
    buf_char(w->buf, '"');
}

void json_time(struct json_writer *w, const char *key, int64_t at_us)
{
    if (at_us == TIME_NONE) {
        json_null(w, key);
        return;
    }
    begin(w, key);
    buf_char(w->buf, '"');
    buf_time(w->buf, at_us);
    buf_char(w->buf, '"');
}

void json_day(struct json_writer *w, const char *key, int32_t day)
{
    if (day == DAY_NONE) {
        json_null(w, key);
        return;
    }
    begin(w, key);
    buf_char(w->buf, '"');
    buf_day(w->buf, day);
    buf_char(w->buf, '"');
}

void json_uuid(struct json_writer *w, const char *key, struct uuid id)
{
    if (uuid_is_nil(id)) {
        json_null(w, key);
        return;
    }
    begin(w, key);
    buf_char(w->buf, '"');
    buf_uuid(w->buf, id);
    buf_char(w->buf, '"');
}

void json_raw(struct json_writer *w, const char *key, struct str json)
{
    begin(w, key);
    buf_add(w->buf, str_is_null(json) ? STR("null") : json);
}

void json_str_named(struct json_writer *w, struct str key, struct str value)
{
    begin(w, NULL);
    write_string(w->buf, key);
    buf_char(w->buf, ':');
    w->need_comma = false;
    json_str(w, NULL, value);
}

void json_array_named(struct json_writer *w, struct str key)
{
    if (w->need_comma)
        buf_char(w->buf, ',');
    write_string(w->buf, key);
    buf_char(w->buf, ':');
    w->need_comma = false;
    open(w, NULL, '[');
}
