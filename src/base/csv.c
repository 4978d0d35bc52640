#include "base/csv.h"

#include <string.h>

#define CHUNK_BYTES 65536

void csv_init(struct csv_reader *reader, struct input *input, struct arena *arena,
              struct arena *row_arena)
{
    *reader = (struct csv_reader){
        .input = input,
        .bytes = arena_alloc(arena, CHUNK_BYTES),
        .row_arena = row_arena,
    };
}

/* The next byte without taking it; -1 at the end, -2 with *err set. */
static int peek(struct csv_reader *r, enum err *err, struct fault *fault)
{
    if (r->start == r->end && !r->ended) {
        size_t len = 0;
        *err = input_read(r->input, r->bytes, CHUNK_BYTES, &len, fault);
        if (*err != ERR_NONE)
            return -2;
        r->start = 0;
        r->end = len;
        r->ended = len == 0;
    }
    return r->ended ? -1 : (unsigned char)r->bytes[r->start];
}

static enum err skip_mark(struct csv_reader *r, struct fault *fault)
{
    enum err err = ERR_NONE;
    if (peek(r, &err, fault) == 0xEF && r->end - r->start >= 3 &&
        memcmp(r->bytes + r->start, "\xEF\xBB\xBF", 3) == 0)
        r->start += 3;
    return err;
}

enum field_end { FIELD_MORE, FIELD_LAST, FIELD_BAD_QUOTE };

/* A line end at the reader's place, LF or CRLF or the end of the input; takes it. */
static enum err take_line_end(struct csv_reader *r, int c, bool *taken, struct fault *fault)
{
    enum err err = ERR_NONE;
    *taken = c == '\n' || c == -1;
    if (c == '\n')
        r->start++;
    if (c != '\r')
        return ERR_NONE;
    r->start++;
    int next = peek(r, &err, fault);
    if (err == ERR_NONE && next == '\n') {
        r->start++;
        *taken = true;
    }
    return err;
}

/* What stands behind a closing quote. */
static enum err after_quote(struct csv_reader *r, enum field_end *end, struct fault *fault)
{
    enum err err = ERR_NONE;
    bool line_end = false;
    int c = peek(r, &err, fault);
    TRY(err);
    if (c == ',') {
        r->start++;
        *end = FIELD_MORE;
        return ERR_NONE;
    }
    TRY(take_line_end(r, c, &line_end, fault));
    *end = line_end ? FIELD_LAST : FIELD_BAD_QUOTE;
    return ERR_NONE;
}

static enum err read_quoted(struct csv_reader *r, struct buf *text, enum field_end *end,
                            struct fault *fault)
{
    enum err err = ERR_NONE;
    r->start++;
    for (;;) {
        int c = peek(r, &err, fault);
        TRY(err);
        if (c == -1) {
            *end = FIELD_BAD_QUOTE;
            return ERR_NONE;
        }
        r->start++;
        if (c != '"') {
            buf_char(text, (char)c);
            continue;
        }
        c = peek(r, &err, fault);
        TRY(err);
        if (c != '"')
            return after_quote(r, end, fault);
        r->start++;
        buf_char(text, '"');
    }
}

static enum err read_plain(struct csv_reader *r, struct buf *text, enum field_end *end,
                           struct fault *fault)
{
    enum err err = ERR_NONE;
    for (;;) {
        bool line_end = false;
        int c = peek(r, &err, fault);
        TRY(err);
        if (c == ',') {
            r->start++;
            *end = FIELD_MORE;
            return ERR_NONE;
        }
        TRY(take_line_end(r, c, &line_end, fault));
        if (line_end) {
            *end = FIELD_LAST;
            return ERR_NONE;
        }
        if (c == '\r') { /* alone: a byte like others */
            buf_char(text, '\r');
            continue;
        }
        if (c == '"') {
            *end = FIELD_BAD_QUOTE;
            return ERR_NONE;
        }
        r->start++;
        buf_char(text, (char)c);
    }
}

static enum err too_large(const struct csv_reader *r, struct fault *fault)
{
    return fault_set(fault, ERR_TOO_LARGE, "row %lld: more than %d fields or %zu bytes",
                     (long long)r->row_number, CSV_FIELDS_MAX, CSV_ROW_BYTES_MAX);
}

enum err csv_next(struct csv_reader *r, struct csv_row *row, bool *found, struct fault *fault)
{
    size_t capacity = 0;
    enum field_end end = FIELD_MORE;
    enum err err = ERR_NONE;
    if (r->row_number == 0)
        TRY(skip_mark(r, fault));
    *found = !r->stopped && peek(r, &err, fault) >= 0;
    if (!*found)
        return err;
    arena_reset(r->row_arena);
    *row = (struct csv_row){.number = ++r->row_number};
    while (end == FIELD_MORE) {
        struct buf text;
        buf_init(&text, r->row_arena, CSV_ROW_BYTES_MAX);
        int first = peek(r, &err, fault);
        TRY(err);
        bool quoted = first == '"';
        TRY(quoted ? read_quoted(r, &text, &end, fault) : read_plain(r, &text, &end, fault));
        if (!buf_ok(&text) || row->count == CSV_FIELDS_MAX ||
            r->row_arena->total_bytes > 4 * CSV_ROW_BYTES_MAX)
            return too_large(r, fault);
        row->fields =
            arena_grow(r->row_arena, row->fields, row->count, &capacity, sizeof *row->fields);
        row->fields[row->count++] = (struct csv_field){buf_str(&text), quoted};
    }
    row->bad_quote = end == FIELD_BAD_QUOTE;
    r->stopped = row->bad_quote;
    return ERR_NONE;
}
