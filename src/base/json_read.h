/* json_read.h - a pull parser for JSON (RFC 8259): the reader asks for the next token.
 *
 * Numbers are kept as text, never turned into doubles.  Strings are views into the input where
 * they hold no escape, else copies in the arena.  Invalid UTF-8, lone surrogates and U+0000 are
 * refused; big numbers are accepted as text; repeated names are the caller's business.  A reader
 * lives as long as its input and arena. */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define JSON_DEPTH_MAX 64

enum json_token {
    JSON_END, /* after the one top-level value */
    JSON_OBJECT_START,
    JSON_OBJECT_END,
    JSON_ARRAY_START,
    JSON_ARRAY_END,
    JSON_KEY,    /* text: the member's name, unescaped */
    JSON_STRING, /* text: the value, unescaped */
    JSON_NUMBER, /* text: as written */
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL,
    JSON_ERROR /* sticky; see json_error */
};

struct json_reader {
    struct str input;
    size_t at;          /* next byte to read */
    size_t token_start; /* first byte of the newest token */
    struct arena *arena;
    struct str text; /* of KEY, STRING, NUMBER */
    int depth;
    unsigned char in_object[JSON_DEPTH_MAX + 1];
    unsigned char state;
    const char *error; /* what is wrong, in words; NULL while all is well */
    size_t error_at;   /* byte position */
};

void json_reader_init(struct json_reader *reader, struct arena *arena, struct str input);
enum json_token json_next(struct json_reader *r);
/* Passes over the value that starts with the newest token (or, after a KEY, the value that
 * follows) and returns its text as written, for keeping JSON as it is.  false on error. */
bool json_skip(struct json_reader *r, struct str *raw);
/* Line and column (from 1) of the error. */
void json_error_place(const struct json_reader *r, int *line, int *column);

/* Whether `input` is one well-formed JSON value; *error says what is wrong (in words with line
 * and column, in the arena). */
bool json_is_valid(struct arena *arena, struct str input, struct str *error);

#endif
