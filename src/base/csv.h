/* csv.h - reading CSV (RFC 4180) record by record, whatever the size of the file.
 *
 * Comma, double quotes, quotes doubled inside quotes, line ends (LF or CRLF) also inside quotes; a
 * byte order mark is passed over and reported.  The first record is the header.  Records are
 * counted from 1, the header included: that is the "row" of errors, as a spreadsheet shows it.
 *
 * Two kinds of errors.  What leaves the rest without meaning ends the reading with ERR_MALFORMED:
 * a quote inside an unquoted field, text after a closing quote, a quoted field that never ends.
 * What concerns one record is noted in the fault (base/fault.h), the record is marked bad, and
 * reading goes on: another number of fields than the header's, bytes that are not UTF-8, U+0000. */
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

#define CSV_COLUMNS_MAX      1000
#define CSV_RECORD_BYTES_MAX ((size_t)1 << 20) /* a larger record is ERR_TOO_LARGE */

struct csv_field {
    struct str text; /* unquoted, "" doubled no more */
    bool is_quoted;  /* "NULL" in quotes is a text, without them it may mean none */
};

struct csv {
    struct input *input;
    struct fault *fault;
    struct arena *arena;
    struct str part;     /* read, but not used */
    struct str *columns; /* names of the header, once csv_open returned */
    size_t column_count;
    struct csv_field *fields; /* of the newest record; texts are views until the next one */
    size_t field_count;
    size_t field_capacity;
    char *text;
    size_t text_len, text_capacity;
    int64_t row; /* of the newest record */
    bool has_bom;
    bool is_bad; /* the newest record was noted in the fault */
};

/* Reads the header.  ERR_MALFORMED: an empty file, a column without name or twice the same one,
 * bytes that are not UTF-8.  ERR_TOO_LARGE: more than CSV_COLUMNS_MAX columns. */
MUST_CHECK enum err csv_open(struct csv *csv, struct input *input, struct arena *arena,
                             struct fault *fault);

/* The next record into csv->fields; false in *found at the end. */
MUST_CHECK enum err csv_next(struct csv *csv, bool *found);

#endif
