#include "base/csv.h"

#include "base/buf.h"

#include <string.h>

#define TEXT_BYTES_FIRST 4096

/* Where the reader is inside a record. */
enum place {
    FIELD_START, /* nothing of the field yet */
    UNQUOTED,
    QUOTED,
    QUOTE_SEEN, /* in a quoted field: its end, or the first of a doubled quote */
    RETURN_SEEN /* CR outside quotes: LF must follow */
};

static enum err broken(struct csv *csv, const char *what)
{
    size_t column = csv->field_count;
    if (column < csv->column_count)
        return fault_set(csv->fault, ERR_MALFORMED, "row %lld, %.*s: %s", (long long)csv->row,
                         STR_ARG(csv->columns[column]), what);
    return fault_set(csv->fault, ERR_MALFORMED, "row %lld, column %zu: %s", (long long)csv->row,
                     column + 1, what);
}

static enum err put(struct csv *csv, char c)
{
    if (csv->text_len == csv->text_capacity) {
        if (csv->text_len >= CSV_RECORD_BYTES_MAX)
            return fault_set(csv->fault, ERR_TOO_LARGE, "row %lld is larger than %zu bytes",
                             (long long)csv->row, CSV_RECORD_BYTES_MAX);
        size_t capacity = csv->text_capacity == 0 ? TEXT_BYTES_FIRST : 2 * csv->text_capacity;
        char *text = arena_alloc(csv->arena, capacity);
        if (csv->text_len > 0)
            memcpy(text, csv->text, csv->text_len);
        csv->text = text;
        csv->text_capacity = capacity;
    }
    csv->text[csv->text_len++] = c;
    return ERR_NONE;
}

/* The field's text is found later: the buffer may still move. */
static enum err end_field(struct csv *csv, size_t start, bool is_quoted)
{
    if (csv->field_count == CSV_COLUMNS_MAX)
        return fault_set(csv->fault, ERR_TOO_LARGE, "row %lld has more than %d columns",
                         (long long)csv->row, CSV_COLUMNS_MAX);
    csv->fields = arena_grow(csv->arena, csv->fields, csv->field_count, &csv->field_capacity,
                             sizeof *csv->fields);
    csv->fields[csv->field_count++] = (struct csv_field){
        .text = {NULL, csv->text_len - start},
        .is_quoted = is_quoted,
    };
    return ERR_NONE;
}

static enum err refill(struct csv *csv)
{
    return csv->part.len > 0 ? ERR_NONE : input_next(csv->input, &csv->part);
}

/* One record, unquoted, into text and fields. */
static enum err read_record(struct csv *csv, bool *found)
{
    enum place place = FIELD_START;
    bool is_quoted = false;
    size_t start = 0;
    csv->field_count = 0;
    csv->text_len = 0;
    TRY(refill(csv));
    *found = csv->part.len > 0;
    if (!*found)
        return ERR_NONE;
    csv->row++;
    for (;;) {
        TRY(refill(csv));
        bool is_end = csv->part.len == 0;
        char c = '\n';
        if (!is_end)
            c = csv->part.ptr[0];
        if (is_end && place == QUOTED)
            return broken(csv, "the file ends inside quotes");
        if (!is_end)
            csv->part = (struct str){csv->part.ptr + 1, csv->part.len - 1};
        if (place == QUOTED) {
            if (c == '"')
                place = QUOTE_SEEN;
            else
                TRY(put(csv, c));
        } else if (place == RETURN_SEEN && c != '\n') {
            return broken(csv, "a CR without LF outside quotes");
        } else if (c == '"') {
            if (place == UNQUOTED)
                return broken(csv, "a quote inside a field that does not begin with one");
            if (place == QUOTE_SEEN)
                TRY(put(csv, c));
            place = QUOTED;
            is_quoted = true;
        } else if (c == ',' || c == '\n') {
            TRY(end_field(csv, start, is_quoted));
            start = csv->text_len;
            is_quoted = false;
            place = FIELD_START;
            if (c == '\n')
                return ERR_NONE;
        } else if (c == '\r') {
            place = RETURN_SEEN;
        } else {
            if (place == QUOTE_SEEN)
                return broken(csv, "text behind a closing quote");
            place = UNQUOTED;
            TRY(put(csv, c));
        }
    }
}

/* Now that the text does not move any more. */
static void place_fields(struct csv *csv)
{
    size_t at = 0;
    for (size_t i = 0; i < csv->field_count; i++) {
        size_t len = csv->fields[i].text.len;
        csv->fields[i].text.ptr = len == 0 ? "" : csv->text + at;
        at += len;
    }
}

static enum err pass_bom(struct csv *csv)
{
    struct str bom = STR("\xEF\xBB\xBF");
    TRY(refill(csv));
    csv->has_bom = str_starts(csv->part, bom);
    if (csv->has_bom)
        csv->part = str_slice(csv->part, bom.len, csv->part.len);
    return ERR_NONE;
}

enum err csv_open(struct csv *csv, struct input *input, struct arena *arena, struct fault *fault)
{
    bool found = false;
    *csv = (struct csv){.input = input, .arena = arena, .fault = fault, .part = STR("")};
    TRY(pass_bom(csv));
    TRY(read_record(csv, &found));
    if (!found)
        return fault_set(fault, ERR_MALFORMED, "the file is empty: it must begin with a header");
    place_fields(csv);
    csv->columns = ARENA_ARRAY(arena, csv->field_count, struct str);
    csv->column_count = csv->field_count;
    for (size_t i = 0; i < csv->field_count; i++) {
        struct str name = csv->fields[i].text;
        if (!str_is_text(name))
            return fault_set(fault, ERR_MALFORMED,
                             "row 1, column %zu: the name is not UTF-8, or holds U+0000", i + 1);
        if (name.len == 0)
            return fault_set(fault, ERR_MALFORMED, "row 1, column %zu: the column has no name",
                             i + 1);
        for (size_t j = 0; j < i; j++) {
            if (str_eq(csv->columns[j], name))
                return fault_set(fault, ERR_MALFORMED, "row 1, %.*s: two columns have this name",
                                 STR_ARG(name));
        }
        csv->columns[i] = arena_str(arena, name);
    }
    return ERR_NONE;
}

enum err csv_next(struct csv *csv, bool *found)
{
    char name[64];
    char number[32];
    struct buf row;
    struct buf got;
    csv->is_bad = false;
    TRY(read_record(csv, found));
    if (!*found)
        return ERR_NONE;
    place_fields(csv);
    buf_fixed(&row, name, sizeof name);
    buf_fmt(&row, "row %lld", (long long)csv->row);
    if (csv->field_count != csv->column_count) {
        buf_fixed(&got, number, sizeof number);
        buf_fmt(&got, "%zu fields", csv->field_count);
        struct str where = buf_str(&row);
        if (csv->field_count < csv->column_count) /* the first that is not there */
            where = arena_fmt(csv->fault->arena, "%.*s, %.*s", STR_ARG(where),
                              STR_ARG(csv->columns[csv->field_count]));
        fault_field(csv->fault, where, "value_is_invalid", buf_str(&got),
                    "as many fields as the header has: %zu", csv->column_count);
        csv->is_bad = true;
        return ERR_NONE;
    }
    for (size_t i = 0; i < csv->field_count; i++) {
        if (str_is_text(csv->fields[i].text))
            continue;
        fault_field(csv->fault,
                    arena_fmt(csv->fault->arena, "%.*s, %.*s", STR_ARG(buf_str(&row)),
                              STR_ARG(csv->columns[i])),
                    "value_is_invalid", STR_NULL, "text in UTF-8 without U+0000");
        csv->is_bad = true;
    }
    return ERR_NONE;
}
