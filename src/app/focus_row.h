/* focus_row.h - one row of a FOCUS file: its columns found, its values checked and typed. */
#ifndef APP_FOCUS_ROW_H
#define APP_FOCUS_ROW_H

#include "app/ctx.h"
#include "base/csv.h"
#include "store/sql/rows.h"

#include <stdbool.h>

/* What was accepted although the specification says otherwise; a bit each. */
// clang-format off
/*  name         notice */
#define FOCUS_QUIRK_MAP(X)                                                                       \
    X(NULL_TEXT,   "the word NULL, not in quotes, stands for no value")                           \
    X(SPACE_TIME,  "times with a space and without a zone (2024-09-01 00:00:00) are taken as UTC") \
    X(WORD_CASE,   "values that differ from the specification's in upper and lower case only are kept as they are") \
    X(NULL_CONTRACTED, "ContractedCost has no value on some rows; they are left out of its sums")
// clang-format on

enum focus_quirk {
#define X(name, notice) FOCUS_##name,
    FOCUS_QUIRK_MAP(X)
#undef X
        FOCUS_QUIRK_COUNT
};

/* What a file's header says. */
struct focus_file {
    const struct csv *csv;
    int *targets;           /* for each column of the file: its FOCUS column, or -1 */
    size_t generated_index; /* of the column x_Generated, else SIZE_MAX */
    bool has_unknown;       /* columns go to `extra` */
    struct str version;     /* "1.0", "1.1", "1.2" */
    unsigned quirks;        /* 1 << enum focus_quirk, as seen so far */
};

/* Finds the columns; notes the mandatory ones that are missing in the fault. */
void focus_file_init(struct focus_file *file, const struct csv *csv, struct arena *arena,
                     struct fault *fault);

/* The csv's newest record as a row; what is bad is noted in the fault with row and column.  Texts
 * live in the arena; `batch_id` is left nil.
 *   is_generated  set to whether x_Generated says true */
void focus_row_read(struct focus_file *file, struct arena *arena, struct fault *fault,
                    struct cost_row_row *row, bool *is_generated);

/* Sentences for a person about quirks and unknown columns, at most `max`. */
size_t focus_notices(const struct focus_file *file, struct arena *arena, struct str *notices,
                     size_t max);

#endif
