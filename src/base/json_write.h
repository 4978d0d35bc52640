/* json_write.h - writing JSON into a buf; commas and nesting are the writer's business.
 *
 * json_str(w, "name", text) writes a member of the open object; the `key` is NULL inside arrays.
 * A STR_NULL is written as null.  Decimals are written as strings, so that no reader turns them
 * into doubles.  Keys are ASCII literals of ours and are not escaped. */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include "base/buf.h"
#include "base/decimal.h"
#include "base/str.h"
#include "base/uuid.h"

#include <stdbool.h>
#include <stdint.h>

struct json_writer {
    struct buf *buf;
    bool need_comma;
    int depth;
};

void json_writer_init(struct json_writer *w, struct buf *buf);

void json_object(struct json_writer *w, const char *key);
void json_object_end(struct json_writer *w);
void json_array(struct json_writer *w, const char *key);
void json_array_end(struct json_writer *w);

void json_str(struct json_writer *w, const char *key, struct str value);
void json_int(struct json_writer *w, const char *key, int64_t value);
void json_bool(struct json_writer *w, const char *key, bool value);
void json_null(struct json_writer *w, const char *key);
void json_decimal(struct json_writer *w, const char *key, struct decimal value);
/* RFC 3339 in UTC; INT64_MIN is written as null. */
void json_time(struct json_writer *w, const char *key, int64_t at_us);
/* YYYY-MM-DD; INT32_MIN is written as null. */
void json_day(struct json_writer *w, const char *key, int32_t day);
/* The nil id is written as null. */
void json_uuid(struct json_writer *w, const char *key, struct uuid id);
/* Text that is JSON already; STR_NULL is written as null. */
void json_raw(struct json_writer *w, const char *key, struct str json);
/* Members whose keys are data, escaped. */
void json_str_named(struct json_writer *w, struct str key, struct str value);
void json_array_named(struct json_writer *w, struct str key);

#endif
