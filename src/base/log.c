#include "base/log.h"

#include "base/buf.h"
#include "base/json_write.h"
#include "base/time.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define REQUEST_ID_MAX 64
#define JSON_TEXT_MAX  1024 /* of one field */

static _Atomic int log_least = LOG_INFO;
static _Atomic bool log_as_json;

static _Thread_local char log_request_id[REQUEST_ID_MAX];
static _Thread_local size_t log_request_len;

static const char *const level_names[] = {"debug", "info", "warn", "error"};

void log_configure(enum log_level least, bool json)
{
    atomic_store(&log_least, (int)least);
    atomic_store(&log_as_json, json);
}

bool log_level_parse(struct str text, enum log_level *level)
{
    for (int i = 0; i < 4; i++) {
        if (str_eq(text, str_of(level_names[i]))) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void log_request(struct str request_id)
{
    log_request_len = request_id.len < REQUEST_ID_MAX ? request_id.len : REQUEST_ID_MAX;
    if (log_request_len > 0)
        memcpy(log_request_id, request_id.ptr, log_request_len);
}

static int64_t wall_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Cut to `most` bytes where a UTF-8 sequence starts; what is no text at all becomes some. */
static struct str tidy(struct str text, size_t most, char *storage)
{
    size_t len = text.len < most ? text.len : most;
    while (len < text.len && len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    struct str cut = str_slice(text, 0, len);
    if (str_is_null(text) || str_is_text(cut))
        return cut;
    for (size_t i = 0; i < len; i++) {
        bool is_ascii = (unsigned char)text.ptr[i] < 0x80 && text.ptr[i] != '\0';
        storage[i] = '?';
        if (is_ascii)
            storage[i] = text.ptr[i];
    }
    return (struct str){storage, len};
}

/* No text is longer than `text_most`. */
static void write_json(struct buf *line, enum log_level level, const char *message,
                       const struct log_field *fields, size_t text_most)
{
    char storage[JSON_TEXT_MAX];
    struct json_writer w;
    json_writer_init(&w, line);
    json_object(&w, NULL);
    json_time(&w, "time", wall_clock_us());
    json_str(&w, "level", str_of(level_names[level]));
    json_str(&w, "message", str_of(message));
    if (log_request_len > 0)
        json_str(&w, "request_id",
                 tidy((struct str){log_request_id, log_request_len}, REQUEST_ID_MAX, storage));
    for (; fields->key != NULL; fields++) {
        if (fields->is_number)
            json_int(&w, fields->key, fields->number);
        else
            json_str(&w, fields->key, tidy(fields->text, text_most, storage));
    }
    json_object_end(&w);
}

/* A line that is cut would be no JSON: texts are made shorter until all fits. */
static void write_json_that_fits(struct buf *line, enum log_level level, const char *message,
                                 const struct log_field *fields)
{
    static const size_t most[] = {JSON_TEXT_MAX, 64, 0};
    struct buf empty = *line;
    for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
        *line = empty;
        write_json(line, level, message, fields, most[i]);
        if (buf_ok(line))
            return;
    }
}

/* Quoted where it has spaces or quotes; control characters never reach the terminal. */
static void write_plain(struct buf *line, struct str text)
{
    bool quoted = text.len == 0;
    for (size_t i = 0; i < text.len && !quoted; i++)
        quoted = text.ptr[i] == ' ' || text.ptr[i] == '"' || text.ptr[i] == '=';
    if (quoted)
        buf_char(line, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == 0x7f)
            buf_fmt(line, "\\x%02x", c);
        else
            buf_char(line, (char)c);
    }
    if (quoted)
        buf_char(line, '"');
}

static void write_text(struct buf *line, enum log_level level, const char *message,
                       const struct log_field *fields)
{
    buf_time(line, wall_clock_us());
    buf_fmt(line, " %-5s %s", level_names[level], message);
    if (log_request_len > 0) {
        buf_add(line, STR(" request_id="));
        write_plain(line, (struct str){log_request_id, log_request_len});
    }
    for (; fields->key != NULL; fields++) {
        buf_fmt(line, " %s=", fields->key);
        if (fields->is_number)
            buf_int(line, fields->number);
        else if (!str_is_null(fields->text))
            write_plain(line, fields->text);
    }
}

void log_write(enum log_level level, const char *message, const struct log_field *fields)
{
    char storage[LINE_MAX_BYTES];
    struct buf line;
    if ((int)level < atomic_load(&log_least))
        return;
    buf_fixed(&line, storage, sizeof storage - 1);
    if (atomic_load(&log_as_json))
        write_json_that_fits(&line, level, message, fields);
    else
        write_text(&line, level, message, fields);
    storage[line.len] = '\n';
    /* One write, so that lines of several threads do not mix; nobody can be told when it fails. */
    ssize_t written = write(STDERR_FILENO, storage, line.len + 1);
    (void)written;
}
