/* csv.c - the CSV reader finds the records that a second, plain parser finds, and what it read,
 * written with every field in quotes, reads the same. */
#include "base/csv.h"
#include "base/buf.h"
#include "tests/fuzz/fuzz.h"

#define RECORDS_MAX 2000

struct record {
    struct str fields[64];
    bool quoted[64];
    size_t count; /* more than 64 are only counted */
};

/* ---- the second parser: field by field, in memory -------------------------------------------- */

/* One field from *at on; false: malformed.  *end is the byte that ended it: ',', '\n' or 0. */
static bool plain_field(char **space, struct str in, size_t *at, struct str *field, bool *is_quoted,
                        char *end)
{
    char *out = *space;
    size_t len = 0;
    size_t i = *at;
    *is_quoted = i < in.len && in.ptr[i] == '"';
    if (*is_quoted) {
        for (i++;; i++) {
            if (i == in.len)
                return false;
            if (in.ptr[i] != '"')
                out[len++] = in.ptr[i];
            else if (i + 1 < in.len && in.ptr[i + 1] == '"')
                out[len++] = in.ptr[i++];
            else
                break;
        }
        i++;
    } else {
        while (i < in.len && in.ptr[i] != ',' && in.ptr[i] != '\n' && in.ptr[i] != '\r') {
            if (in.ptr[i] == '"')
                return false;
            out[len++] = in.ptr[i++];
        }
    }
    if (i < in.len && in.ptr[i] == '\r' && ++i < in.len && in.ptr[i] != '\n')
        return false;
    *end = '\0';
    if (i < in.len)
        *end = in.ptr[i];
    if (i < in.len && *end != ',' && *end != '\n')
        return false;
    *at = i < in.len ? i + 1 : i;
    *field = (struct str){out, len};
    *space += len;
    return true;
}

/* `space` has room for what is left of the input. */
static bool plain_record(char **space, struct str in, size_t *at, struct record *record)
{
    char end = ',';
    record->count = 0;
    while (end == ',') {
        struct str field;
        bool is_quoted = false;
        if (!plain_field(space, in, at, &field, &is_quoted, &end))
            return false;
        if (record->count < 64) {
            record->fields[record->count] = field;
            record->quoted[record->count] = is_quoted;
        }
        record->count++;
    }
    return true;
}

/* ---- checks
 * -------------------------------------------------------------------------------------- */

static void write_record(struct buf *out, const struct csv_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_add(out, i == 0 ? STR("\"") : STR(",\""));
        for (size_t k = 0; k < fields[i].text.len; k++) {
            if (fields[i].text.ptr[k] == '"')
                buf_char(out, '"');
            buf_char(out, fields[i].text.ptr[k]);
        }
        buf_char(out, '"');
    }
    buf_add(out, STR("\r\n"));
}

static void compare(const struct csv *csv, const struct record *want)
{
    bool is_text = true;
    FUZZ_CHECK(csv->field_count == want->count);
    for (size_t i = 0; i < want->count && i < 64; i++) {
        FUZZ_CHECK(str_cmp(csv->fields[i].text, want->fields[i]) == 0);
        FUZZ_CHECK(csv->fields[i].is_quoted == want->quoted[i]);
        is_text = is_text && str_is_text(want->fields[i]);
    }
    if (want->count <= 64)
        FUZZ_CHECK(csv->is_bad == (want->count != csv->column_count || !is_text));
}

/* Reads all; compares with the second parser where `in` is given, and writes what was good. */
static size_t read_all(struct arena *arena, struct str bytes, bool compared, struct buf *out)
{
    struct fault fault;
    struct csv csv;
    struct record want;
    char *space = arena_alloc(arena, bytes.len + 1);
    size_t at = str_starts(bytes, STR("\xEF\xBB\xBF")) ? 3 : 0;
    size_t good = 0;
    bool found = false;
    fault_init(&fault, arena);
    if (bytes.len >= 2 && str_starts(bytes, STR("\x1f\x8b")))
        return 0; /* gzip.c's */
    struct input *input = input_of(bytes, &fault);
    enum err err = csv_open(&csv, input, arena, &fault);
    FUZZ_CHECK(err == ERR_NONE || err == ERR_MALFORMED || err == ERR_TOO_LARGE);
    bool is_header = plain_record(&space, bytes, &at, &want);
    if (err == ERR_NONE) {
        FUZZ_CHECK(csv.has_bom == str_starts(bytes, STR("\xEF\xBB\xBF")));
        FUZZ_CHECK(is_header && csv.column_count == want.count);
        for (size_t i = 0; i < csv.column_count && i < 64; i++)
            FUZZ_CHECK(str_eq(csv.columns[i], want.fields[i]));
        if (out != NULL)
            write_record(out, csv.fields, csv.field_count);
    }
    while (err == ERR_NONE && good < RECORDS_MAX) {
        err = csv_next(&csv, &found);
        if (err == ERR_NONE && !found)
            break;
        if (compared) {
            bool is_right = plain_record(&space, bytes, &at, &want);
            FUZZ_CHECK(is_right == (err == ERR_NONE) || err == ERR_TOO_LARGE);
        }
        if (err != ERR_NONE)
            break;
        if (compared)
            compare(&csv, &want);
        if (csv.is_bad)
            continue;
        good++;
        if (out != NULL)
            write_record(out, csv.fields, csv.field_count);
    }
    if (compared && err == ERR_NONE && good < RECORDS_MAX)
        FUZZ_CHECK(at >= bytes.len);
    input_close(input);
    return good;
}

void fuzz_one(struct arena *arena, struct str input)
{
    struct buf once;
    struct buf twice;
    if (input.len > 65536)
        return;
    buf_init(&once, arena, 8 * input.len + 1024);
    buf_init(&twice, arena, 8 * input.len + 1024);
    size_t good = read_all(arena, input, true, &once);
    if (once.len == 0)
        return;
    FUZZ_CHECK(read_all(arena, buf_str(&once), true, &twice) == good);
    FUZZ_CHECK(str_eq(buf_str(&once), buf_str(&twice)));
}
