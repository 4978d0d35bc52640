/* sqlgen_schema.c - applies the migrations, and reads what tables they make. */
#include "tools/sqlgen.h"

#include <stdlib.h>
#include <string.h>

static const struct type types[] = {
    {"uuid_blob", "DB_UUID", "struct uuid ", "uuid", "uuid", "nil"},
    {"text", "DB_TEXT", "struct str ", "text COLLATE \"C\"", "text", "STR_NULL"},
    {"json_text", "DB_TEXT", "struct str ", "text COLLATE \"C\"", "text", "STR_NULL"},
    {"decimal_text", "DB_DECIMAL", "struct decimal ", "numeric", "numeric", "DECIMAL_NONE"},
    {"money_int", "DB_INT", "int64_t ", "bigint", "bigint", "INT_NONE"},
    {"bigint", "DB_INT", "int64_t ", "bigint", "bigint", "INT_NONE"},
    {"time_int", "DB_INT", "int64_t ", "bigint", "bigint", "TIME_NONE"},
    {"day_int", "DB_DAY", "int32_t ", "integer", "integer", "DAY_NONE"},
    {"bool_int", "DB_BOOL", "bool ", "boolean", "boolean", NULL},
    {"blob", "DB_BLOB", "struct str ", "bytea", "bytea", "STR_NULL"},
};

const struct type *type_find(struct str word)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (str_eq_nocase(word, str_of(types[i].word)))
            return &types[i];
    }
    return NULL;
}

/* ---- migrations ------------------------------------------------------------------------------ */

/* "0007_credit_note" has the number 7; numbers grow, gaps are fine. */
static int read_number(struct gen *gen, struct str stem, int last)
{
    int64_t found = 0;
    gen->line = 1;
    if (stem.len >= 6 && stem.ptr[4] == '_' && str_to_int64(str_slice(stem, 0, 4), &found) &&
        found > last)
        return (int)found;
    gen_complain(gen, "the migration is to be named NNNN_WHAT.sql, with a number above %04d", last);
    return last;
}

int schema_apply(struct gen *gen, struct str stem, struct str text, int last)
{
    struct str sql = text_sqlite(gen, text_for(gen, text, SQLITE));
    const char *start = arena_cstr(&gen->arena, sql);
    int number = read_number(gen, stem, last);
    for (const char *next = start; next != NULL && *next != '\0';) {
        sqlite3_stmt *stmt = NULL;
        const char *tail = NULL;
        int code = sqlite3_prepare_v2(gen->db, next, -1, &stmt, &tail);
        int offset = code == SQLITE_OK ? 0 : sqlite3_error_offset(gen->db);
        size_t at = (size_t)(next - start) + (size_t)(offset > 0 ? offset : 0);
        struct str rest = str_slice(sql, at, sql.len);
        size_t first = 0; /* errors without a place are said at the statement's first word */
        struct str token = next_token(rest, &first);
        gen->line = 1 + text_line(sql, at + first - token.len);
        if (code == SQLITE_OK && stmt != NULL)
            code = sqlite3_step(stmt) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
        if (code != SQLITE_OK)
            gen_complain(gen, "%s", sqlite3_errmsg(gen->db));
        sqlite3_finalize(stmt);
        next = code == SQLITE_OK ? tail : NULL;
    }
    gen->line = 1;
    return number;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static void note_column(struct gen *gen, struct str table, struct column column)
{
    struct column *other = columns_find(&gen->known, column.name);
    if (other == NULL) {
        columns_add(gen, &gen->known, column);
        return;
    }
    other->nullable |= column.nullable;
    if (other->type != column.type)
        gen_complain(gen, "column %.*s.%.*s is %s here and %s elsewhere; one name has one type",
                     STR_ARG(table), STR_ARG(column.name), column.type->word, other->type->word);
}

static void read_column(struct gen *gen, struct table *table, struct str name, struct str word,
                        bool nullable)
{
    struct column column = {.name = name, .type = type_find(word), .nullable = nullable};
    if (column.type == NULL) {
        gen_complain(gen, "column %.*s.%.*s: %.*s is none of the types of sql/README.md",
                     STR_ARG(table->name), STR_ARG(name), STR_ARG(word));
        return;
    }
    if (nullable && column.type->none == NULL)
        gen_complain(gen, "column %.*s.%.*s: a %s has no value for none, so it is NOT NULL",
                     STR_ARG(table->name), STR_ARG(name), column.type->word);
    columns_add(gen, &table->columns, column);
    note_column(gen, table->name, column);
}

static void read_table(struct gen *gen, struct str name)
{
    sqlite3_stmt *info = NULL;
    struct table table = {.name = name};
    int customer_at = 0; /* position in the primary key; 0: not in it */
    int day_at = 0;
    struct str sql =
        arena_fmt(&gen->arena, "SELECT name, type, \"notnull\", pk FROM pragma_table_info('%.*s')",
                  STR_ARG(name));
    if (sqlite3_prepare_v2(gen->db, sql.ptr, -1, &info, NULL) != SQLITE_OK)
        gen_complain(gen, "%s", sqlite3_errmsg(gen->db));
    while (sqlite3_step(info) == SQLITE_ROW) {
        struct str column =
            arena_str(&gen->arena, str_of((const char *)sqlite3_column_text(info, 0)));
        read_column(gen, &table, column, str_of((const char *)sqlite3_column_text(info, 1)),
                    sqlite3_column_int(info, 2) == 0);
        if (str_eq(column, STR("customer_id")))
            customer_at = sqlite3_column_int(info, 3);
        if (str_eq(column, STR("day")))
            day_at = sqlite3_column_int(info, 3);
    }
    sqlite3_finalize(info);
    table.of_customer =
        customer_at == 1 || (customer_at == 2 && day_at == 1) || str_eq(name, STR("customer"));
    gen->tables = arena_grow(&gen->arena, gen->tables, gen->table_count, &gen->table_capacity,
                             sizeof *gen->tables);
    gen->tables[gen->table_count++] = table;
}

/* ---- comments of migrations ------------------------------------------------------------------ */

/* The words of a comment line without their dashes; STR_NULL for other lines. */
static struct str comment_of(struct str line)
{
    struct str trimmed = str_trim(line);
    if (!str_starts(trimmed, STR("--")))
        return STR_NULL;
    return str_slice(trimmed, 2, trimmed.len);
}

/* The comment behind the SQL of a line; STR_NULL: none. */
static struct str comment_behind(struct str line)
{
    size_t at = 0;
    size_t end = 0;
    while (!str_is_null(next_token(line, &at)))
        end = at;
    return comment_of(str_slice(line, end, line.len));
}

static void add_words(struct gen *gen, struct str *comment, struct str words, const char *between)
{
    *comment = str_is_null(*comment) ? arena_str(&gen->arena, words)
                                     : arena_fmt(&gen->arena, "%.*s%s%.*s", STR_ARG(*comment),
                                                 between, STR_ARG(words));
}

static struct column *column_of_line(struct table *table, struct str line)
{
    size_t at = 0;
    struct str word = next_token(line, &at);
    if (token_is(word, "ADD")) { /* of ALTER TABLE … ADD COLUMN */
        word = next_token(line, &at);
        if (token_is(word, "COLUMN"))
            word = next_token(line, &at);
    }
    return str_is_null(word) ? NULL : columns_find(&table->columns, word);
}

/* Finds comments line by line: above CREATE TABLE, behind a column, and below that alone. */
static void read_comments(struct gen *gen, struct str text)
{
    struct str line;
    struct str above = STR_NULL;
    struct table *table = NULL; /* whose columns these are */
    struct column *column = NULL;
    while (str_split(&text, '\n', &line)) {
        size_t at = 0;
        struct str first = next_token(line, &at);
        struct str second = next_token(line, &at);
        struct str words = comment_of(line);
        if (!str_is_null(words)) {
            if (table == NULL)
                add_words(gen, &above, words, "\n");
            else if (column != NULL && !str_is_null(column->comment))
                add_words(gen, &column->comment, str_trim(words), " ");
            continue;
        }
        if (token_is(second, "TABLE")) {
            table = table_find(gen, next_token(line, &at));
            if (table != NULL && token_is(first, "CREATE") && !str_is_null(above))
                table->comment = above;
            line = str_slice(line, at, line.len);
        }
        above = STR_NULL;
        column = table == NULL ? NULL : column_of_line(table, line);
        words = comment_behind(line);
        if (column != NULL && !str_is_null(words))
            column->comment = arena_str(&gen->arena, str_trim(words));
        if (str_find(line, ';') >= 0)
            table = NULL;
    }
}

void schema_read(struct gen *gen, const struct str *texts, size_t count)
{
    sqlite3_stmt *list = NULL;
    if (sqlite3_prepare_v2(gen->db,
                           "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid", -1,
                           &list, NULL) != SQLITE_OK)
        gen_complain(gen, "%s", sqlite3_errmsg(gen->db));
    while (sqlite3_step(list) == SQLITE_ROW)
        read_table(gen, arena_str(&gen->arena, str_of((const char *)sqlite3_column_text(list, 0))));
    sqlite3_finalize(list);
    for (size_t i = 0; i < count; i++)
        read_comments(gen, text_for(gen, texts[i], SQLITE));
}
