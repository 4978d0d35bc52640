/* sqlgen.c - build tool: SQL in, checked and typed C out.
 *
 *   sqlgen OUTPUT_DIR MIGRATION.sql... --queries QUERY.sql...
 *
 * Applies the migrations to an empty SQLite database, prepares every query against it, and writes
 * rows.h, rows.c, migrations.c and NAME.h, NAME.c for each query file.  The language of the input
 * is described in sql/README.md.  Anything that does not fit is an error with file and line. */
#include "base/arena.h"
#include "base/assert.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/str.h"

#include <ctype.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)8 << 20)

static struct arena arena;

/* ---- types --------------------------------------------------------------------------------- */

static const struct type {
    const char *word;     /* in our SQL */
    const char *db;       /* enum db_type */
    const char *c;        /* C type of the member */
    const char *postgres; /* PostgreSQL's type */
    const char *cast;     /* in casts and arrays */
} types[] = {
    {"uuid_blob", "DB_UUID", "struct uuid ", "uuid", "uuid"},
    {"text", "DB_TEXT", "struct str ", "text COLLATE \"C\"", "text"},
    {"json_text", "DB_TEXT", "struct str ", "text COLLATE \"C\"", "text"},
    {"decimal_text", "DB_DECIMAL", "struct decimal ", "numeric", "numeric"},
    {"money_int", "DB_INT", "int64_t ", "bigint", "bigint"},
    {"bigint", "DB_INT", "int64_t ", "bigint", "bigint"},
    {"time_int", "DB_INT", "int64_t ", "bigint", "bigint"},
    {"day_int", "DB_DAY", "int32_t ", "integer", "integer"},
    {"bool_int", "DB_BOOL", "bool ", "boolean", "boolean"},
    {"blob", "DB_BLOB", "struct str ", "bytea", "bytea"},
};
#define TYPE_COUNT (sizeof types / sizeof types[0])

static const struct type *type_find(struct str word)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (str_eq_nocase(word, str_of(types[i].word)))
            return &types[i];
    }
    return NULL;
}

struct column {
    struct str name;
    const struct type *type;
    bool nullable;
};

struct columns {
    struct column *items;
    size_t count, capacity;
};

static void columns_add(struct columns *columns, struct column column)
{
    columns->items = arena_grow(&arena, columns->items, columns->count, &columns->capacity,
                                sizeof *columns->items);
    columns->items[columns->count++] = column;
}

static struct column *columns_find(const struct columns *columns, struct str name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (str_eq(columns->items[i].name, name))
            return &columns->items[i];
    }
    return NULL;
}

struct table {
    struct str name;
    struct columns columns;
    bool of_customer; /* keyed by customer: first, or second after the day */
};

static struct table *tables;
static size_t table_count, table_capacity;
static struct columns known; /* every column name once: one name, one type */

/* ---- errors and files ---------------------------------------------------------------------- */

static const char *here_file = "sqlgen";
static int here_line;
static int error_count;

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
    va_list args;
    fprintf(stderr, "%s:%d: ", here_file, here_line);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    error_count++;
}

static struct str read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(1); // NOLINT(concurrency-mt-unsafe): there is one thread
    }
    struct buf text;
    char piece[65536];
    size_t len = 0;
    buf_init(&text, &arena, TEXT_MAX);
    while ((len = fread(piece, 1, sizeof piece, file)) > 0)
        buf_add(&text, (struct str){piece, len});
    fclose(file);
    return buf_str(&text);
}

/* A file that says the same already is left as it is, so that nothing is built again for it. */
static bool is_written(const char *path, const struct buf *text)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    char *there = arena_alloc(&arena, text->len + 1);
    size_t len = fread(there, 1, text->len + 1, file);
    fclose(file);
    return len == text->len && memcmp(there, text->ptr, len) == 0;
}

static void write_file(const char *dir, struct str name, const char *ending, const struct buf *text)
{
    struct str path = arena_fmt(&arena, "%s/%.*s%s", dir, STR_ARG(name), ending);
    if (buf_ok(text) && is_written(path.ptr, text))
        return;
    FILE *file = fopen(path.ptr, "wb");
    if (file == NULL || !buf_ok(text) || fwrite(text->ptr, 1, text->len, file) != text->len ||
        fclose(file) != 0) {
        fprintf(stderr, "%s: cannot be written\n", path.ptr);
        exit(1);
    }
}

/* "sql/queries/invoice.sql" to "invoice" */
static struct str stem(const char *path)
{
    struct str name = str_of(path);
    const char *slash = strrchr(path, '/');
    if (slash != NULL)
        name = str_of(slash + 1);
    return str_ends(name, STR(".sql")) ? str_slice(name, 0, name.len - 4) : name;
}

/* ---- SQL as tokens ------------------------------------------------------------------------- */

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The next token at *at: a word, a number, a parameter with its colon, a quoted text, or one
 * operator.  Comments and spaces are passed over.  STR_NULL at the end. */
static struct str next_token(struct str sql, size_t *at)
{
    while (*at < sql.len) {
        if (isspace((unsigned char)sql.ptr[*at])) {
            (*at)++;
        } else if (str_starts(str_slice(sql, *at, sql.len), STR("--"))) {
            while (*at < sql.len && sql.ptr[*at] != '\n')
                (*at)++;
        } else {
            break;
        }
    }
    if (*at == sql.len)
        return STR_NULL;
    size_t start = *at;
    char c = sql.ptr[start];
    if (c == '\'' || c == '"') {
        for ((*at)++; *at < sql.len && sql.ptr[*at] != c; (*at)++)
            ;
        (*at)++;
    } else if (is_word_char(c) || (c == ':' && start + 1 < sql.len &&
                                   is_word_char(sql.ptr[start + 1]))) {
        for ((*at)++; *at < sql.len && is_word_char(sql.ptr[*at]); (*at)++)
            ;
    } else {
        (*at)++;
        if (*at < sql.len && strchr("<>=|!:", c) != NULL && strchr("=>|:", sql.ptr[*at]) != NULL)
            (*at)++;
    }
    return str_slice(sql, start, *at);
}

static bool token_is(struct str token, const char *word)
{
    return str_eq_nocase(token, str_of(word));
}

/* ---- migrations ---------------------------------------------------------------------------- */

enum engine { SQLITE = 1, POSTGRES = 2 };

/* Lines of `text` that are for `engine`: those outside of "-- only:" blocks and those of its own. */
static struct str for_engine(struct str text, enum engine engine)
{
    struct buf out;
    struct str line;
    int wanted = SQLITE | POSTGRES;
    buf_init(&out, &arena, TEXT_MAX);
    while (str_split(&text, '\n', &line)) {
        struct str trimmed = str_trim(line);
        if (str_eq(trimmed, STR("-- only: sqlite")))
            wanted = SQLITE;
        else if (str_eq(trimmed, STR("-- only: postgres")))
            wanted = POSTGRES;
        else if (str_eq(trimmed, STR("-- end")))
            wanted = SQLITE | POSTGRES;
        else if ((wanted & (int)engine) != 0) {
            buf_add(&out, line);
            buf_char(&out, '\n');
        }
    }
    return buf_str(&out);
}

/* Leaves out comments, "FOR UPDATE …" for SQLite, "WITHOUT ROWID" for PostgreSQL; puts
 * PostgreSQL's types in place.  Words only; spacing is made plain. */
static struct str dialect(struct str sql, enum engine engine, bool is_ddl)
{
    struct buf out;
    size_t at = 0;
    struct str token;
    char last = '\n';
    buf_init(&out, &arena, TEXT_MAX);
    for (size_t line = at; !str_is_null(token = next_token(sql, &at)); line = at) {
        size_t ahead = at;
        struct str next = next_token(sql, &ahead);
        for (size_t i = line; i < at - token.len && is_ddl; i++) {
            if (sql.ptr[i] == '\n' && last == ';')
                buf_char(&out, last = '\n');
        }
        if (engine == SQLITE && token_is(token, "FOR") && token_is(next, "UPDATE")) {
            at = ahead;
            size_t skip = at;
            if (token_is(next_token(sql, &skip), "SKIP") && token_is(next_token(sql, &skip), "LOCKED"))
                at = skip;
            continue;
        }
        if (engine == POSTGRES && token_is(token, "WITHOUT") && token_is(next, "ROWID")) {
            at = ahead;
            continue;
        }
        ASSERT(token.len > 0);
        const struct type *type = engine == POSTGRES && is_ddl ? type_find(token) : NULL;
        struct str shown = type != NULL ? str_of(type->postgres) : token;
        bool tight = last == '(' || last == '\n' || last == '.' || strchr("),;.", shown.ptr[0]) != NULL;
        if (!tight && out.len > 0)
            buf_char(&out, ' ');
        buf_add(&out, shown);
        last = shown.ptr[shown.len - 1];
    }
    return buf_str(&out);
}

static void note_column(struct column column)
{
    const struct column *other = columns_find(&known, column.name);
    if (other == NULL)
        columns_add(&known, column);
    else if (other->type != column.type)
        complain("column %.*s is %s here and %s elsewhere; one name has one type",
                 STR_ARG(column.name), column.type->word, other->type->word);
}

static void read_table(sqlite3 *db, struct str name)
{
    sqlite3_stmt *info = NULL;
    struct table table = {.name = name};
    int customer_position = 0;
    int day_position = 0;
    const char *sql = arena_fmt(&arena, "SELECT name, type, \"notnull\", pk FROM pragma_table_info('%.*s')",
                                STR_ARG(name)).ptr;
    sqlite3_prepare_v2(db, sql, -1, &info, NULL);
    while (sqlite3_step(info) == SQLITE_ROW) {
        struct str column = arena_str(&arena, str_of((const char *)sqlite3_column_text(info, 0)));
        struct str word = str_of((const char *)sqlite3_column_text(info, 1));
        const struct type *type = type_find(word);
        if (type == NULL) {
            complain("column %.*s.%.*s: %.*s is none of the types of sql/README.md", STR_ARG(name),
                     STR_ARG(column), STR_ARG(word));
            continue;
        }
        struct column found = {column, type, sqlite3_column_int(info, 2) == 0};
        columns_add(&table.columns, found);
        note_column(found);
        if (str_eq(column, STR("customer_id")))
            customer_position = sqlite3_column_int(info, 3);
        if (str_eq(column, STR("day")))
            day_position = sqlite3_column_int(info, 3);
    }
    sqlite3_finalize(info);
    table.of_customer = customer_position == 1 || (customer_position == 2 && day_position == 1) ||
                        str_eq(name, STR("customer"));
    tables = arena_grow(&arena, tables, table_count, &table_capacity, sizeof *tables);
    tables[table_count++] = table;
}

static void read_tables(sqlite3 *db)
{
    sqlite3_stmt *list = NULL;
    sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1,
                       &list, NULL);
    while (sqlite3_step(list) == SQLITE_ROW)
        read_table(db, arena_str(&arena, str_of((const char *)sqlite3_column_text(list, 0))));
    sqlite3_finalize(list);
}

/* A C string literal, one piece for each line. */
static void put_literal(struct buf *out, struct str text, const char *indent)
{
    buf_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n') {
            buf_add(out, STR("\\n"));
            if (i + 1 < text.len)
                buf_fmt(out, "\"\n%s\"", indent);
        } else {
            if (c == '"' || c == '\\')
                buf_char(out, '\\');
            buf_char(out, c);
        }
    }
    buf_char(out, '"');
}

static void make_migrations(sqlite3 *db, const char *dir, char **paths, int count)
{
    struct buf out;
    buf_init(&out, &arena, TEXT_MAX);
    buf_add(&out, STR("/* Made by tools/sqlgen from sql/migrations. */\n"
                      "#include \"store/migrate.h\"\n\n"
                      "const struct migration migrations[] = {\n"));
    for (int i = 0; i < count; i++) {
        struct str text = read_file(paths[i]);
        struct str name = stem(paths[i]);
        struct str lite = dialect(for_engine(text, SQLITE), SQLITE, true);
        struct str post = dialect(for_engine(text, POSTGRES), POSTGRES, true);
        unsigned char digest[32];
        char *message = NULL;
        here_file = paths[i];
        here_line = 1;
        if (sqlite3_exec(db, arena_cstr(&arena, lite), NULL, NULL, &message) != SQLITE_OK)
            complain("%s", message);
        hash_sha256(text, digest);
        buf_fmt(&out, "    {%d, \"%.*s\", \"", i + 1, STR_ARG(name));
        buf_hex(&out, digest, sizeof digest);
        buf_add(&out, STR("\",\n     "));
        put_literal(&out, lite, "     ");
        buf_add(&out, STR(",\n     "));
        put_literal(&out, post, "     ");
        buf_add(&out, STR("},\n"));
    }
    buf_fmt(&out, "};\n\nconst int migration_count = %d;\n", count);
    write_file(dir, STR("migrations"), ".c", &out);
    read_tables(db);
}

/* ---- queries ------------------------------------------------------------------------------- */

enum kind { ONE, LIST, EACH, EXEC, BATCH };

struct query {
    struct str name;
    enum kind kind;
    struct str comment;   /* lines of "-- text" */
    struct columns given; /* -- param */
    struct columns told;  /* -- column */
    bool all_customers;
    struct str text;
    int line;
    struct columns params;
    struct columns result;
    const struct table *row_table; /* the result is exactly a table's columns */
};

static bool parse_kind(struct str word, enum kind *kind)
{
    static const char *const words[] = {":one", ":list", ":each", ":exec", ":batch"};
    for (int i = 0; i < 5; i++) {
        if (str_eq(word, str_of(words[i]))) {
            *kind = (enum kind)i;
            return true;
        }
    }
    return false;
}

/* "NAME TYPE" or "NAME TYPE?" */
static void parse_declared(struct str rest, struct columns *columns)
{
    struct str name;
    rest = str_trim(rest);
    if (!str_split(&rest, ' ', &name) || str_is_null(rest)) {
        complain("wanted NAME TYPE");
        return;
    }
    struct str word = str_trim(rest);
    bool nullable = str_ends(word, STR("?"));
    if (nullable)
        word = str_slice(word, 0, word.len - 1);
    const struct type *type = type_find(word);
    if (type == NULL)
        complain("%.*s is none of the types of sql/README.md", STR_ARG(word));
    else
        columns_add(columns, (struct column){name, type, nullable});
}

/* The SQL with its parameters numbered and typed, for PostgreSQL. */
static struct str number_params(struct str sql, const struct query *query)
{
    struct buf out;
    size_t at = 0;
    size_t copied = 0;
    struct str token;
    bool batch = query->kind == BATCH;
    bool in_values = false;
    buf_init(&out, &arena, TEXT_MAX);
    while (!str_is_null(token = next_token(sql, &at))) {
        size_t start = at - token.len;
        if (batch && !in_values && token_is(token, "VALUES")) {
            buf_add(&out, str_slice(sql, copied, start));
            buf_add(&out, STR("SELECT "));
            next_token(sql, &at); /* the parenthesis */
            copied = at;
            in_values = true;
        } else if (batch && in_values && token_is(token, ")")) {
            buf_add(&out, str_slice(sql, copied, start));
            buf_add(&out, STR(" FROM unnest("));
            for (size_t i = 0; i < query->params.count; i++)
                buf_fmt(&out, "%s$%zu::%s[]", i > 0 ? ", " : "", i + 1,
                        query->params.items[i].type->cast);
            buf_add(&out, STR(") AS u ("));
            for (size_t i = 0; i < query->params.count; i++)
                buf_fmt(&out, "%sp%zu", i > 0 ? ", " : "", i + 1);
            buf_char(&out, ')');
            copied = at;
            batch = false;
        } else if (token.ptr[0] == ':' && token.len > 1 && is_word_char(token.ptr[1])) {
            struct str name = str_slice(token, 1, token.len);
            const struct column *param = columns_find(&query->params, name);
            buf_add(&out, str_slice(sql, copied, start));
            copied = at;
            if (param == NULL)
                continue;
            size_t number = (size_t)(param - query->params.items) + 1;
            if (query->kind == BATCH)
                buf_fmt(&out, "u.p%zu", number);
            else
                buf_fmt(&out, "$%zu::%s", number, param->type->cast);
        }
    }
    buf_add(&out, str_slice(sql, copied, sql.len));
    return buf_str(&out);
}

static void find_params(sqlite3_stmt *stmt, struct query *query)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++) {
        const char *bound = sqlite3_bind_parameter_name(stmt, i);
        if (bound == NULL || bound[0] != ':') {
            complain("parameters are written :name");
            return;
        }
        struct str name = arena_str(&arena, str_of(bound + 1));
        const struct column *given = columns_find(&query->given, name);
        const struct column *column = columns_find(&known, name);
        if (given != NULL)
            columns_add(&query->params, *given);
        else if (column != NULL)
            columns_add(&query->params, (struct column){name, column->type, true});
        else
            complain("parameter :%.*s is no column's name; say -- param %.*s TYPE", STR_ARG(name),
                     STR_ARG(name));
    }
    for (size_t i = 0; i < query->given.count; i++) {
        if (columns_find(&query->params, query->given.items[i].name) == NULL)
            complain("-- param %.*s is not in the query", STR_ARG(query->given.items[i].name));
    }
}

static bool has_word(struct str sql, const char *word)
{
    size_t at = 0;
    struct str token;
    while (!str_is_null(token = next_token(sql, &at))) {
        if (token_is(token, word))
            return true;
    }
    return false;
}

static void find_result(sqlite3_stmt *stmt, struct query *query)
{
    bool outer = has_word(query->text, "LEFT");
    for (int i = 0; i < sqlite3_column_count(stmt); i++) {
        struct str name = arena_str(&arena, str_of(sqlite3_column_name(stmt, i)));
        const char *table = sqlite3_column_table_name(stmt, i);
        const char *origin = sqlite3_column_origin_name(stmt, i);
        const struct column *told = columns_find(&query->told, name);
        if (told != NULL) {
            columns_add(&query->result, *told);
            continue;
        }
        const struct column *column = NULL;
        for (size_t t = 0; table != NULL && t < table_count; t++) {
            if (str_eq(tables[t].name, str_of(table)))
                column = columns_find(&tables[t].columns, str_of(origin));
        }
        if (column == NULL)
            complain("result %.*s is an expression; say -- column %.*s TYPE", STR_ARG(name),
                     STR_ARG(name));
        else if (outer)
            complain("result %.*s may be of the outer side of the LEFT JOIN; say -- column %.*s "
                     "TYPE or TYPE?",
                     STR_ARG(name), STR_ARG(name));
        else
            columns_add(&query->result, (struct column){name, column->type, column->nullable});
    }
    for (size_t t = 0; t < table_count && query->row_table == NULL; t++) {
        bool same = tables[t].columns.count == query->result.count && query->result.count > 0;
        for (size_t i = 0; same && i < query->result.count; i++)
            same = str_eq(tables[t].columns.items[i].name, query->result.items[i].name) &&
                   tables[t].columns.items[i].type == query->result.items[i].type;
        if (same && sqlite3_column_table_name(stmt, 0) != NULL &&
            str_eq(tables[t].name, str_of(sqlite3_column_table_name(stmt, 0))))
            query->row_table = &tables[t];
    }
}

/* SQLite compares and adds decimals as text or doubles: what would do so is refused. */
static void check_decimals(struct str sql)
{
    static const char *const wrong[] = {"+", "-", "*", "/", "%", "<", ">", "<=", ">=", "BETWEEN"};
    struct str before = STR_NULL;
    struct str before_that = STR_NULL;
    struct str token;
    bool ordering = false;
    size_t at = 0;
    while (!str_is_null(token = next_token(sql, &at))) {
        size_t ahead = at;
        struct str next = next_token(sql, &ahead);
        if (token_is(token, "BY") && token_is(before, "ORDER"))
            ordering = true;
        else if (token_is(token, "LIMIT") || token_is(token, ")"))
            ordering = false;
        const struct column *column = columns_find(&known, token);
        if (column != NULL && strcmp(column->type->db, "DB_DECIMAL") == 0 && !token_is(next, "(")) {
            bool bad = ordering;
            for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                bad |= token_is(next, wrong[i]) || (token_is(before, wrong[i]) && !token_is(before, "*"));
            if (token_is(before, "(") &&
                (token_is(before_that, "SUM") || token_is(before_that, "AVG") ||
                 token_is(before_that, "MIN") || token_is(before_that, "MAX")))
                bad = true;
            if (bad)
                complain("%.*s is a decimal: add, compare and order it in C", STR_ARG(token));
        }
        before_that = before;
        before = token;
    }
}

/* A query on a customer's table filters on the customer, or says why not. */
static void check_customer(const struct query *query)
{
    struct str token;
    struct str before = STR_NULL;
    size_t at = 0;
    bool filtered = query->all_customers || has_word(query->text, "INSERT");
    const struct table *of_customer = NULL;
    while (!str_is_null(token = next_token(query->text, &at))) {
        size_t ahead = at;
        struct str next = next_token(query->text, &ahead);
        bool is_id = token_is(token, "customer_id") ||
                     (token_is(token, "id") && of_customer != NULL &&
                      str_eq(of_customer->name, STR("customer")));
        filtered |= is_id && token_is(next, "=");
        for (size_t t = 0; t < table_count; t++) {
            if (tables[t].of_customer && str_eq(tables[t].name, token) &&
                (token_is(before, "FROM") || token_is(before, "JOIN") || token_is(before, "UPDATE")))
                of_customer = &tables[t];
        }
        before = token;
    }
    if (of_customer != NULL && !filtered)
        complain("%.*s is a customer's table: filter on customer_id, or say -- all customers: WHY",
                 STR_ARG(of_customer->name));
}

static void check_query(sqlite3 *db, struct query *query)
{
    sqlite3_stmt *stmt = NULL;
    here_line = query->line;
    struct str lite = dialect(for_engine(query->text, SQLITE), SQLITE, false);
    if (sqlite3_prepare_v2(db, lite.ptr, (int)lite.len, &stmt, NULL) != SQLITE_OK) {
        complain("%.*s: %s", STR_ARG(query->name), sqlite3_errmsg(db));
        return;
    }
    if (stmt == NULL) {
        complain("%.*s: no SQL", STR_ARG(query->name));
        return;
    }
    find_params(stmt, query);
    find_result(stmt, query);
    sqlite3_finalize(stmt);
    check_decimals(lite);
    check_customer(query);
    if (query->kind != EXEC && query->kind != BATCH && query->result.count == 0)
        complain("%.*s returns nothing: make it :exec", STR_ARG(query->name));
    if (query->kind == EXEC && query->result.count > 0)
        complain("%.*s returns rows: it is no :exec", STR_ARG(query->name));
}

/* ---- C ------------------------------------------------------------------------------------- */

static void put_members(struct buf *out, const struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        buf_fmt(out, "    %s%.*s;%s\n", column->type->c, STR_ARG(column->name),
                column->nullable && strcmp(column->type->db, "DB_BOOL") != 0 ? " /* may be none */"
                                                                             : "");
    }
}

static void put_fields(struct buf *out, const char *struct_name, struct str name, const char *what,
                       const struct columns *columns, bool shared)
{
    buf_fmt(out, "%sconst struct db_field %.*s_%s[] = {\n", shared ? "" : "static ", STR_ARG(name),
            what);
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        buf_fmt(out, "    {\"%.*s\", %s, offsetof(struct %s, %.*s)},\n", STR_ARG(column->name),
                column->type->db, struct_name, STR_ARG(column->name));
    }
    buf_add(out, STR("};\n"));
}

static void make_rows(const char *dir)
{
    struct buf h;
    struct buf c;
    buf_init(&h, &arena, TEXT_MAX);
    buf_init(&c, &arena, TEXT_MAX);
    buf_add(&h, STR("/* rows.h - a struct for each table, made by tools/sqlgen from sql/migrations.\n"
                    " *\n"
                    " * NAME_row_json writes a row as a JSON object, for the audit trail.  The NAME_fields\n"
                    " * tables are the store's own. */\n"
                    "#ifndef STORE_SQL_ROWS_H\n#define STORE_SQL_ROWS_H\n\n"
                    "#include \"store/db.h\"\n"));
    buf_add(&c, STR("/* Made by tools/sqlgen from sql/migrations. */\n"
                    "#include \"store/sql/rows.h\"\n\n#include <stddef.h>\n"));
    for (size_t i = 0; i < table_count; i++) {
        const struct table *table = &tables[i];
        struct str row = arena_fmt(&arena, "%.*s_row", STR_ARG(table->name));
        buf_fmt(&h, "\nstruct %.*s {\n", STR_ARG(row));
        put_members(&h, &table->columns);
        buf_fmt(&h,
                "};\n#define %.*s_COLUMNS %zu\n"
                "extern const struct db_field %.*s_fields[];\n"
                "struct str %.*s_json(struct arena *arena, const struct %.*s *row);\n",
                STR_ARG(table->name), table->columns.count, STR_ARG(table->name), STR_ARG(row),
                STR_ARG(row));
        buf_char(&c, '\n');
        put_fields(&c, row.ptr, table->name, "fields", &table->columns, true);
        buf_fmt(&c,
                "\nstruct str %.*s_json(struct arena *arena, const struct %.*s *row)\n{\n"
                "    return db_row_json(arena, %.*s_fields, %zu, row);\n}\n",
                STR_ARG(row), STR_ARG(row), STR_ARG(table->name), table->columns.count);
    }
    buf_add(&h, STR("\n#endif\n"));
    write_file(dir, STR("rows"), ".h", &h);
    write_file(dir, STR("rows"), ".c", &c);
}

/* The typed callback behind an untyped one. */
static void put_call(struct buf *out, const char *n, struct str row)
{
    buf_fmt(out,
            "\nstruct %s_call {\n    enum err (*each)(void *arg, const struct %.*s *row);\n"
            "    void *arg;\n};\n"
            "\nstatic enum err %s_one(void *arg, const void *row)\n{\n"
            "    struct %s_call *call = arg;\n    return call->each(call->arg, row);\n}\n",
            n, STR_ARG(row), n, n);
}

static void put_batch_body(struct buf *out, const struct query *q, const char *n)
{
    if (q->result.count > 0)
        buf_fmt(out,
                "\n{\n    struct %s_call call = {each, arg};\n"
                "    return db_batch(tx, &%s_query, rows, count, sizeof *rows, %s_one, &call);\n}\n",
                n, n, n);
    else
        buf_fmt(out,
                "\n{\n    return db_batch(tx, &%s_query, rows, count, sizeof *rows, NULL, NULL);\n}\n",
                n);
}

static void put_signature(struct buf *out, const struct query *q, struct str row, bool body)
{
    const char *n = arena_cstr(&arena, q->name);
    const char *in = q->params.count == 0
                         ? ""
                         : arena_fmt(&arena, ", const struct %s_in *%s", n,
                                     q->kind == BATCH ? "rows" : "in").ptr;
    const char *use = q->params.count == 0 ? "NULL" : "in";
    buf_fmt(out, "%senum err %s(struct tx *tx%s", body ? "\n" : "MUST_CHECK ", n, in);
    switch (q->kind) {
    case ONE:
        buf_fmt(out, ", struct %.*s *row, bool *found)", STR_ARG(row));
        if (body)
            buf_fmt(out, "\n{\n    return db_one(tx, &%s_query, %s, row, found);\n}\n", n, use);
        break;
    case LIST:
        buf_fmt(out, ", struct %.*s **rows, size_t *count)", STR_ARG(row));
        if (body)
            buf_fmt(out, "\n{\n    void *list = NULL;\n"
                         "    enum err err = db_list(tx, &%s_query, %s, &list, count);\n"
                         "    *rows = list;\n    return err;\n}\n",
                    n, use);
        break;
    case EACH:
        buf_fmt(out, ", enum err (*each)(void *arg, const struct %.*s *row), void *arg)",
                STR_ARG(row));
        if (body)
            buf_fmt(out,
                    "\n{\n    struct %s_call call = {each, arg};\n"
                    "    return db_each(tx, &%s_query, %s, %s_one, &call);\n}\n",
                    n, n, use, n);
        break;
    case EXEC:
        buf_add(out, STR(", int64_t *changed)"));
        if (body)
            buf_fmt(out, "\n{\n    return db_exec(tx, &%s_query, %s, changed);\n}\n", n, use);
        break;
    case BATCH:
        buf_add(out, STR(", size_t count"));
        if (q->result.count > 0)
            buf_fmt(out, ", enum err (*each)(void *arg, const struct %.*s *row), void *arg",
                    STR_ARG(row));
        buf_char(out, ')');
        if (body)
            put_batch_body(out, q, n);
        break;
    }
    if (!body)
        buf_add(out, STR(";\n"));
}

static void put_query(struct buf *h, struct buf *c, const struct query *q)
{
    const char *n = arena_cstr(&arena, q->name);
    struct str row = q->row_table != NULL ? arena_fmt(&arena, "%.*s_row", STR_ARG(q->row_table->name))
                                          : arena_fmt(&arena, "%s_row", n);
    buf_char(h, '\n');
    if (q->params.count > 0) {
        buf_fmt(h, "struct %s_in {\n", n);
        put_members(h, &q->params);
        buf_add(h, STR("};\n"));
    }
    if (q->result.count > 0 && q->row_table == NULL) {
        buf_fmt(h, "struct %s_row {\n", n);
        put_members(h, &q->result);
        buf_add(h, STR("};\n"));
    }
    if (q->comment.len > 0)
        buf_fmt(h, "/*%.*s */\n", (int)(q->comment.len - 2), q->comment.ptr + 2);
    put_signature(h, q, row, false);

    buf_char(c, '\n');
    if (q->params.count > 0)
        put_fields(c, arena_fmt(&arena, "%s_in", n).ptr, q->name, "params", &q->params, false);
    if (q->result.count > 0 && q->row_table == NULL)
        put_fields(c, arena_fmt(&arena, "%s_row", n).ptr, q->name, "columns", &q->result, false);
    buf_fmt(c, "static const struct query %s_query = {\n    .name = \"%s\",\n    .sqlite = ", n, n);
    put_literal(c, dialect(for_engine(q->text, SQLITE), SQLITE, false), "        ");
    buf_add(c, STR(",\n    .postgres = "));
    put_literal(c, number_params(dialect(for_engine(q->text, POSTGRES), POSTGRES, false), q),
                "        ");
    buf_add(c, STR(",\n"));
    if (q->params.count > 0)
        buf_fmt(c, "    .params = %s_params,\n    .param_count = %zu,\n", n, q->params.count);
    if (q->result.count > 0) {
        if (q->row_table != NULL)
            buf_fmt(c, "    .columns = %.*s_fields,\n", STR_ARG(q->row_table->name));
        else
            buf_fmt(c, "    .columns = %s_columns,\n", n);
        buf_fmt(c, "    .column_count = %zu,\n    .row_bytes = sizeof(struct %.*s),\n", q->result.count,
                STR_ARG(row));
    }
    buf_add(c, STR("};\n"));
    if (q->kind == EACH || (q->kind == BATCH && q->result.count > 0))
        put_call(c, n, row);
    put_signature(c, q, row, true);
}

/* -- insert: TABLE */
static void put_insert(struct buf *h, struct buf *c, struct str name)
{
    const struct table *table = NULL;
    for (size_t t = 0; t < table_count; t++) {
        if (str_eq(tables[t].name, name))
            table = &tables[t];
    }
    if (table == NULL) {
        complain("there is no table %.*s", STR_ARG(name));
        return;
    }
    struct buf sql;
    buf_init(&sql, &arena, TEXT_MAX);
    buf_fmt(&sql, "INSERT INTO %.*s (", STR_ARG(name));
    for (size_t i = 0; i < table->columns.count; i++)
        buf_fmt(&sql, "%s%.*s", i > 0 ? ", " : "", STR_ARG(table->columns.items[i].name));
    buf_add(&sql, STR(") VALUES ("));
    for (size_t i = 0; i < table->columns.count; i++)
        buf_fmt(&sql, "%s:%.*s", i > 0 ? ", " : "", STR_ARG(table->columns.items[i].name));
    buf_char(&sql, ')');
    struct query query = {.name = name, .kind = BATCH, .params = table->columns};
    const char *n = arena_cstr(&arena, name);
    buf_fmt(h,
            "\n/* All columns of new rows. */\n"
            "MUST_CHECK enum err %s_insert(struct tx *tx, const struct %s_row *row);\n"
            "MUST_CHECK enum err %s_insert_many(struct tx *tx, const struct %s_row *rows, size_t count);\n",
            n, n, n, n);
    buf_fmt(c, "\nstatic const struct query %s_insert_query = {\n    .name = \"%s_insert\",\n    .sqlite = ", n, n);
    put_literal(c, buf_str(&sql), "        ");
    buf_add(c, STR(",\n    .postgres = "));
    put_literal(c, number_params(buf_str(&sql), &query), "        ");
    buf_fmt(c,
            ",\n    .params = %s_fields,\n    .param_count = %zu,\n};\n"
            "\nenum err %s_insert(struct tx *tx, const struct %s_row *row)\n{\n"
            "    return db_batch(tx, &%s_insert_query, row, 1, sizeof *row, NULL, NULL);\n}\n"
            "\nenum err %s_insert_many(struct tx *tx, const struct %s_row *rows, size_t count)\n{\n"
            "    return db_batch(tx, &%s_insert_query, rows, count, sizeof *rows, NULL, NULL);\n}\n",
            n, table->columns.count, n, n, n, n, n, n);
}

static void end_query(sqlite3 *db, struct query *query, struct buf *text, struct buf *h,
                      struct buf *c)
{
    if (str_is_null(query->name))
        return;
    query->text = arena_str(&arena, buf_str(text));
    check_query(db, query);
    if (error_count == 0)
        put_query(h, c, query);
    *query = (struct query){0};
    buf_reset(text);
}

static void begin_query(struct query *query, struct str rest, int line)
{
    struct str name;
    rest = str_trim(rest);
    str_split(&rest, ' ', &name);
    *query = (struct query){.name = name, .line = line};
    if (str_is_null(rest) || !parse_kind(str_trim(rest), &query->kind))
        complain("wanted -- name: NAME and :one, :list, :each, :exec or :batch");
}

static void add_comment(struct query *query, struct str line)
{
    query->comment = str_is_null(query->comment)
                         ? arena_fmt(&arena, "--%.*s", STR_ARG(line))
                         : arena_fmt(&arena, "%.*s\n *%.*s", STR_ARG(query->comment), STR_ARG(line));
}

/* One line that begins with "--": an annotation, or words for the header. */
static bool annotate(struct query *query, struct str line)
{
    static const struct {
        const char *word;
        int what;
    } words[] = {{"-- param ", 0}, {"-- column ", 1}, {"-- all customers:", 2}};
    for (int i = 0; i < 3; i++) {
        if (!str_starts(line, str_of(words[i].word)))
            continue;
        struct str rest = str_slice(line, strlen(words[i].word), line.len);
        if (words[i].what == 2)
            query->all_customers = true;
        else
            parse_declared(rest, words[i].what == 0 ? &query->given : &query->told);
        return true;
    }
    return false;
}

static void make_queries(sqlite3 *db, const char *dir, const char *path)
{
    struct str text = read_file(path);
    struct str file = stem(path);
    struct str line;
    struct query query = {0};
    struct buf h;
    struct buf c;
    struct buf sql;
    buf_init(&h, &arena, TEXT_MAX);
    buf_init(&c, &arena, TEXT_MAX);
    buf_init(&sql, &arena, TEXT_MAX);
    here_file = path;
    here_line = 0;
    struct buf guard;
    buf_init(&guard, &arena, 200);
    for (size_t i = 0; i < file.len; i++)
        buf_char(&guard, (char)toupper((unsigned char)file.ptr[i]));
    buf_fmt(&h,
            "/* %.*s.h - typed queries, made by tools/sqlgen from sql/queries/%.*s.sql. */\n"
            "#ifndef STORE_SQL_%.*s_H\n#define STORE_SQL_%.*s_H\n\n#include \"store/sql/rows.h\"\n",
            STR_ARG(file), STR_ARG(file), STR_ARG(buf_str(&guard)), STR_ARG(buf_str(&guard)));
    buf_fmt(&c,
            "/* Made by tools/sqlgen from sql/queries/%.*s.sql. */\n#include \"store/sql/%.*s.h\"\n\n"
            "#include <stddef.h>\n",
            STR_ARG(file), STR_ARG(file));
    while (str_split(&text, '\n', &line)) {
        struct str trimmed = str_trim(line);
        here_line++;
        if (str_starts(trimmed, STR("-- name:")) || str_starts(trimmed, STR("-- insert:"))) {
            int at = here_line;
            end_query(db, &query, &sql, &h, &c);
            here_line = at;
            if (str_starts(trimmed, STR("-- name:")))
                begin_query(&query, str_slice(trimmed, 8, trimmed.len), here_line);
            else
                put_insert(&h, &c, str_trim(str_slice(trimmed, 10, trimmed.len)));
        } else if (!str_is_null(query.name) && str_starts(trimmed, STR("--")) &&
                   !str_starts(trimmed, STR("-- only:")) && !str_eq(trimmed, STR("-- end"))) {
            if (!annotate(&query, trimmed))
                add_comment(&query, str_slice(trimmed, 2, trimmed.len));
        } else if (!str_is_null(query.name)) {
            buf_add(&sql, line);
            buf_char(&sql, '\n');
        } else if (trimmed.len > 0 && !str_starts(trimmed, STR("--"))) {
            complain("SQL before the first -- name:");
        }
    }
    end_query(db, &query, &sql, &h, &c);
    buf_add(&h, STR("\n#endif\n"));
    write_file(dir, file, ".h", &h);
    write_file(dir, file, ".c", &c);
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    int first_query = 2;
    if (argc < 3) {
        fprintf(stderr, "usage: sqlgen OUTPUT_DIR MIGRATION.sql... --queries QUERY.sql...\n");
        return 2;
    }
    arena_init(&arena);
    while (first_query < argc && strcmp(argv[first_query], "--queries") != 0)
        first_query++;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return 1;
    make_migrations(db, argv[1], argv + 2, first_query - 2);
    make_rows(argv[1]);
    for (int i = first_query + 1; i < argc; i++)
        make_queries(db, argv[1], argv[i]);
    sqlite3_close(db);
    arena_clear(&arena);
    return error_count > 0;
}
