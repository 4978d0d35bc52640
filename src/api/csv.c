/* A JSON answer as CSV, in two passes: which columns there are, then the rows. */
#include "api/frame.h"

#include "base/assert.h"
#include "base/csv_write.h"
#include "base/json_read.h"

#include <string.h>

#define CSV_ANSWER_COLUMNS_MAX 1000

struct table {
    struct arena *arena;
    struct fault *fault;
    struct str *columns;
    size_t count, capacity;
    size_t next;       /* where the next column of this row is looked for first */
    struct str *cells; /* of a row; NULL in the first pass */
    size_t rows;
};

/* ---- columns --------------------------------------------------------------------------------- */

/* Rows have their members in the same order, so the column is mostly the next one. */
static size_t column_find(const struct table *table, struct str path)
{
    for (size_t i = 0; i < table->count; i++) {
        size_t at = (table->next + i) % table->count;
        if (str_eq(table->columns[at], path))
            return at;
    }
    return table->count;
}

/* A column that only some rows have stands behind the one that it follows there. */
static enum err column_add(struct table *table, struct str path)
{
    if (table->count == CSV_ANSWER_COLUMNS_MAX)
        return fault_set(table->fault, ERR_INVALID,
                         "the rows have more than %d different members; ask for JSON",
                         CSV_ANSWER_COLUMNS_MAX);
    table->columns = arena_grow(table->arena, table->columns, table->count, &table->capacity,
                                sizeof(struct str));
    memmove(&table->columns[table->next + 1], &table->columns[table->next],
            (table->count - table->next) * sizeof(struct str));
    table->columns[table->next] = arena_str(table->arena, path);
    table->count++;
    return ERR_NONE;
}

static enum err take_value(struct table *table, struct str path, struct str value)
{
    size_t column = column_find(table, path);
    if (column == table->count) {
        ASSERT(table->cells == NULL);
        column = table->next;
        TRY(column_add(table, path));
    }
    if (table->cells != NULL)
        table->cells[column] = value;
    table->next = column + 1;
    return ERR_NONE;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static struct str path_of(struct arena *arena, struct str above, struct str name)
{
    return str_is_null(above) ? name : arena_fmt(arena, "%.*s.%.*s", STR_ARG(above), STR_ARG(name));
}

static enum err take_members(struct table *table, struct json_reader *in, struct str path);

/* The value that begins with `token`. */
static enum err take_token(struct table *table, struct json_reader *in, enum json_token token,
                           struct str path)
{
    struct str text = in->text;
    if (token == JSON_OBJECT_START)
        return take_members(table, in, path);
    if (token == JSON_ARRAY_START) {
        bool skipped = json_skip(in, &text);
        ASSERT(skipped);
    } else if (token == JSON_STRING && table->cells != NULL) {
        text = csv_defused(table->arena, text);
    } else if (token == JSON_TRUE) {
        text = STR("true");
    } else if (token == JSON_FALSE) {
        text = STR("false");
    } else if (token == JSON_NULL) {
        text = STR("");
    } else {
        ASSERT(token == JSON_STRING || token == JSON_NUMBER);
    }
    return take_value(table, path, text);
}

static enum err take_members(struct table *table, struct json_reader *in, struct str path)
{
    enum json_token token;
    while ((token = json_next(in)) == JSON_KEY) {
        struct str member = path_of(table->arena, path, in->text);
        TRY(take_token(table, in, json_next(in), member));
    }
    ASSERT(token == JSON_OBJECT_END);
    return ERR_NONE;
}

static enum err take_row(struct table *table, struct json_reader *in, enum json_token token,
                         struct buf *csv)
{
    table->next = 0;
    if (++table->rows > CSV_ROWS_MAX)
        return fault_set(table->fault, ERR_INVALID,
                         "the list has more than %d rows, which is the most that one CSV answer "
                         "holds; narrow it by its filters",
                         CSV_ROWS_MAX);
    for (size_t i = 0; table->cells != NULL && i < table->count; i++)
        table->cells[i] = STR("");
    TRY(token == JSON_OBJECT_START ? take_members(table, in, STR_NULL)
                                   : take_token(table, in, token, STR("value")));
    if (table->cells != NULL)
        csv_write_row(csv, table->cells, table->count);
    return ERR_NONE;
}

/* The first member of the answer holds the rows, or the one row. */
static enum err pass(struct table *table, struct str json, struct buf *csv)
{
    struct json_reader in;
    enum json_token token;
    json_reader_init(&in, table->arena, json);
    table->rows = 0;
    token = json_next(&in);
    ASSERT(token == JSON_OBJECT_START);
    if (json_next(&in) != JSON_KEY) /* an object without members */
        return ERR_NONE;
    token = json_next(&in);
    if (token != JSON_ARRAY_START)
        return take_row(table, &in, token, csv);
    while ((token = json_next(&in)) != JSON_ARRAY_END) {
        ASSERT(token != JSON_ERROR && token != JSON_END);
        TRY(take_row(table, &in, token, csv));
    }
    return ERR_NONE;
}

enum err api_csv(struct arena *arena, struct fault *fault, struct str json, struct buf *csv)
{
    struct table table = {.arena = arena, .fault = fault};
    TRY(pass(&table, json, csv));
    if (table.count == 0) /* no row says what the columns are */
        return ERR_NONE;
    struct str *names = ARENA_ARRAY(arena, table.count, struct str);
    for (size_t i = 0; i < table.count; i++)
        names[i] = csv_defused(arena, table.columns[i]);
    csv_write_row(csv, names, table.count);
    table.cells = ARENA_ARRAY(arena, table.count, struct str);
    TRY(pass(&table, json, csv));
    if (!buf_ok(csv))
        return fault_set(fault, ERR_INVALID, "the answer is larger than %zu bytes; ask for less",
                         API_ANSWER_BYTES_MAX);
    return ERR_NONE;
}
