/* csv.h - a streaming reader of comma-separated values (RFC 4180).
 *
 * Fields may be quoted, with doubled quotes, commas and line ends inside; lines end in LF or CRLF,
 * the last one may lack it; a byte order mark in front is skipped.  The bytes of fields are not
 * checked to be text.  Rows are counted as a spreadsheet counts them: the first is 1, and a field
 * with line breaks does not start a new row. */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/input.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_FIELDS_MAX    1000
#define CSV_ROW_BYTES_MAX ((size_t)8 << 20)

struct csv_field {
    struct str text;
    bool quoted;
};

struct csv_row {
    int64_t number; /* from 1 */
    struct csv_field *fields;
    size_t count;
    bool bad_quote; /* a quote where none may be: fields are those before it, and reading is over */
};

struct csv_reader {
    struct input *input;
    char *bytes;
    size_t start, end;
    bool ended;
    bool stopped; /* after a bad quote */
    int64_t row_number;
    struct arena *row_arena;
};

/* `row_arena` holds one row at a time: it is reset for each. */
void csv_init(struct csv_reader *reader, struct input *input, struct arena *arena,
              struct arena *row_arena);
/* The next row; *found false at the end.  A blank line is a row with one empty field.
 * ERR_TOO_LARGE: more than CSV_FIELDS_MAX fields or CSV_ROW_BYTES_MAX bytes.  Others as
 * input_read. */
MUST_CHECK enum err csv_next(struct csv_reader *reader, struct csv_row *row, bool *found,
                             struct fault *fault);

#endif
