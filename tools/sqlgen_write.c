/* sqlgen_write.c - the C: structs of rows and parameters, a function for each query. */
#include "tools/sqlgen.h"

#include "base/hash.h"

#include <ctype.h>
#include <string.h>

/* ---- pieces ---------------------------------------------------------------------------------- */

/* C string literals, one for each line, each on its own line behind the indent. */
static void put_literal(struct buf *out, struct str text, const char *indent)
{
    struct str line;
    while (str_split(&text, '\n', &line)) {
        buf_fmt(out, "\n%s\"", indent);
        for (size_t i = 0; i < line.len; i++) {
            if (line.ptr[i] == '"' || line.ptr[i] == '\\')
                buf_char(out, '\\');
            buf_char(out, line.ptr[i]);
        }
        buf_add(out, str_is_null(text) ? STR("\"") : STR("\\n\""));
    }
}

/* Lines of words as a comment. */
static void put_comment(struct buf *out, struct str words)
{
    struct str line;
    const char *start = "/*";
    while (str_split(&words, '\n', &line)) {
        buf_fmt(out, "%s%.*s", start, STR_ARG(line));
        start = "\n *";
    }
    buf_add(out, STR(" */\n"));
}

static bool mentions_none(struct str words)
{
    size_t at = 0;
    struct str token;
    while (!str_is_null(token = next_token(words, &at))) {
        if (token_is(token, "none"))
            return true;
    }
    return false;
}

static void put_members(struct buf *out, const struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        bool words = !str_is_null(column->comment);
        /* Where the migration says what none means, that is better than our words. */
        bool none = column->nullable && !(words && mentions_none(column->comment));
        buf_fmt(out, "    %s%.*s;", column->type->c, STR_ARG(column->name));
        if (none || words)
            buf_fmt(out, " /* %s%s%.*s */", none ? "may be none" : "", none && words ? "; " : "",
                    words ? (int)column->comment.len : 0, words ? column->comment.ptr : "");
        buf_char(out, '\n');
    }
}

/* The members, as data: "static const struct db_field NAME_WHAT[] = …" */
static void put_fields(struct buf *out, struct str name, const char *what, struct str of_struct,
                       const struct columns *columns)
{
    buf_fmt(out, "const struct db_field %.*s_%s[] = {\n", STR_ARG(name), what);
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->items[i];
        buf_fmt(out, "    {\"%.*s\", %s, offsetof(struct %.*s, %.*s)},\n", STR_ARG(column->name),
                column->type->db, STR_ARG(of_struct), STR_ARG(column->name));
    }
    buf_add(out, STR("};\n"));
}

static void put_guard(struct gen *gen, struct buf *out, struct str stem)
{
    struct str path = arena_fmt(&gen->arena, "%.*s/%.*s_H", STR_ARG(gen->prefix), STR_ARG(stem));
    struct buf guard;
    buf_init(&guard, &gen->arena, GEN_TEXT_MAX);
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        buf_char(&guard, isalnum(c) ? (char)toupper(c) : '_');
    }
    buf_fmt(out, "#ifndef %.*s\n#define %.*s\n", STR_ARG(buf_str(&guard)),
            STR_ARG(buf_str(&guard)));
}

/* ---- rows of tables -------------------------------------------------------------------------- */

static void write_table(struct gen *gen, const struct table *table, struct buf *h, struct buf *c)
{
    struct str row = arena_fmt(&gen->arena, "%.*s_row", STR_ARG(table->name));
    buf_char(h, '\n');
    if (!str_is_null(table->comment))
        put_comment(h, table->comment);
    buf_fmt(h, "struct %.*s {\n", STR_ARG(row));
    put_members(h, &table->columns);
    buf_fmt(h,
            "};\n#define %.*s_COLUMNS %zu\n"
            "extern const struct db_field %.*s_fields[];\n"
            "struct str %.*s_json(struct arena *arena, const struct %.*s *row);\n",
            STR_ARG(table->name), table->columns.count, STR_ARG(table->name), STR_ARG(row),
            STR_ARG(row));
    buf_char(c, '\n');
    put_fields(c, table->name, "fields", row, &table->columns);
    buf_fmt(c,
            "\nstruct str %.*s_json(struct arena *arena, const struct %.*s *row)\n{\n"
            "    return db_row_json(arena, %.*s_fields, %.*s_COLUMNS, row);\n}\n",
            STR_ARG(row), STR_ARG(row), STR_ARG(table->name), STR_ARG(table->name));
}

void write_rows(struct gen *gen, struct buf *h, struct buf *c)
{
    buf_add(h,
            STR("/* rows.h - a struct for each table, made by tools/sqlgen from the migrations.\n"
                " *\n"
                " * NAME_row_json writes a row as a JSON object, for the audit trail.  The\n"
                " * NAME_fields tables are the store's own. */\n"));
    put_guard(gen, h, STR("rows"));
    buf_add(h, STR("\n#include \"store/db.h\"\n"));
    buf_fmt(c,
            "/* Made by tools/sqlgen from the migrations. */\n#include \"%.*s/rows.h\"\n\n"
            "#include <stddef.h>\n",
            STR_ARG(gen->prefix));
    for (size_t i = 0; i < gen->table_count; i++)
        write_table(gen, &gen->tables[i], h, c);
    buf_add(h, STR("\n#endif\n"));
}

/* ---- queries --------------------------------------------------------------------------------- */

static struct str row_of(struct gen *gen, const struct query *query)
{
    struct str name = query->row_table != NULL ? query->row_table->name : query->name;
    return arena_fmt(&gen->arena, "%.*s_row", STR_ARG(name));
}

/* The query as data. */
static void put_data(struct gen *gen, struct buf *c, const struct query *q)
{
    const char *n = arena_cstr(&gen->arena, q->name);
    struct str lite = text_sqlite(gen, text_for(gen, q->text, SQLITE));
    struct str post = text_postgres(gen, text_for(gen, q->text, POSTGRES), q);
    if (q->params.count > 0) {
        buf_add(c, STR("static "));
        put_fields(c, q->name, "params", arena_fmt(&gen->arena, "%s_in", n), &q->params);
    }
    if (q->result.count > 0 && q->row_table == NULL) {
        buf_add(c, STR("static "));
        put_fields(c, q->name, "columns", arena_fmt(&gen->arena, "%s_row", n), &q->result);
    }
    buf_fmt(c, "static const struct query %s_query = {\n    .name = \"%s\",\n    .sqlite =", n, n);
    put_literal(c, text_tidy(gen, lite), "        ");
    buf_add(c, STR(",\n    .postgres ="));
    put_literal(c, text_tidy(gen, post), "        ");
    buf_add(c, STR(",\n"));
    if (q->params.count > 0)
        buf_fmt(c, "    .params = %s_params,\n    .param_count = %zu,\n", n, q->params.count);
    if (q->result.count > 0) {
        struct str of = q->row_table != NULL ? q->row_table->name : q->name;
        buf_fmt(c, "    .columns = %.*s_%s,\n", STR_ARG(of),
                q->row_table != NULL ? "fields" : "columns");
        buf_fmt(c, "    .column_count = %zu,\n    .row_bytes = sizeof(struct %.*s),\n",
                q->result.count, STR_ARG(row_of(gen, q)));
    }
    buf_add(c, STR("};\n"));
}

/* The typed callback behind an untyped one. */
static void put_call(struct buf *c, const char *n, struct str row)
{
    buf_fmt(c,
            "\nstruct %s_call {\n    enum err (*each)(void *arg, const struct %.*s *row);\n"
            "    void *arg;\n};\n"
            "\nstatic enum err %s_one(void *arg, const void *row)\n{\n"
            "    struct %s_call *call = arg;\n    return call->each(call->arg, row);\n}\n",
            n, STR_ARG(row), n, n);
}

static void put_signature(struct buf *out, const struct query *q, const char *n, struct str row)
{
    buf_fmt(out, "enum err %s(struct tx *tx", n);
    if (q->params.count > 0)
        buf_fmt(out, ", const struct %s_in *%s", n, q->kind == KIND_BATCH ? "rows" : "in");
    if (q->kind == KIND_ONE)
        buf_fmt(out, ", struct %.*s *row,\n    bool *found", STR_ARG(row));
    if (q->kind == KIND_LIST)
        buf_fmt(out, ", struct %.*s **rows,\n    size_t *count", STR_ARG(row));
    if (q->kind == KIND_BATCH)
        buf_add(out, STR(", size_t count"));
    if (q->kind == KIND_EACH || (q->kind == KIND_BATCH && q->result.count > 0))
        buf_fmt(out, ",\n    enum err (*each)(void *arg, const struct %.*s *row), void *arg",
                STR_ARG(row));
    if (q->kind == KIND_EXEC)
        buf_add(out, STR(", int64_t *changed"));
    buf_char(out, ')');
}

static void put_body(struct buf *c, const struct query *q, const char *n)
{
    const char *in = q->params.count == 0 ? "NULL" : "in";
    switch (q->kind) {
    case KIND_ONE:
        buf_fmt(c, "    return db_one(tx, &%s_query, %s, row, found);\n", n, in);
        break;
    case KIND_LIST:
        buf_fmt(c,
                "    void *list = NULL;\n"
                "    enum err err = db_list(tx, &%s_query, %s, &list, count);\n"
                "    if (err == ERR_NONE)\n        *rows = list;\n    return err;\n",
                n, in);
        break;
    case KIND_EACH:
        buf_fmt(c,
                "    struct %s_call call = {each, arg};\n"
                "    return db_each(tx, &%s_query, %s, %s_one, &call);\n",
                n, n, in, n);
        break;
    case KIND_EXEC:
        buf_fmt(c, "    return db_exec(tx, &%s_query, %s, changed);\n", n, in);
        break;
    case KIND_BATCH:
        if (q->result.count > 0)
            buf_fmt(
                c,
                "    struct %s_call call = {each, arg};\n"
                "    return db_batch(tx, &%s_query, rows, count, sizeof *rows, %s_one, &call);\n",
                n, n, n);
        else
            buf_fmt(c,
                    "    return db_batch(tx, &%s_query, rows, count, sizeof *rows, NULL, NULL);\n",
                    n);
        break;
    }
}

static void write_query(struct gen *gen, struct buf *h, struct buf *c, const struct query *q)
{
    const char *n = arena_cstr(&gen->arena, q->name);
    struct str row = row_of(gen, q);
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
    if (!str_is_null(q->comment))
        put_comment(h, q->comment);
    buf_add(h, STR("MUST_CHECK "));
    put_signature(h, q, n, row);
    buf_add(h, STR(";\n"));

    buf_char(c, '\n');
    put_data(gen, c, q);
    if (q->kind == KIND_EACH || (q->kind == KIND_BATCH && q->result.count > 0))
        put_call(c, n, row);
    buf_char(c, '\n');
    put_signature(c, q, n, row);
    buf_add(c, STR("\n{\n"));
    put_body(c, q, n);
    buf_add(c, STR("}\n"));
}

/* An insert of all columns, as data: "static const struct query TABLE_WHAT_query = ..." */
static void put_insert(struct gen *gen, struct buf *c, const struct table *table, const char *what)
{
    const char *n = arena_cstr(&gen->arena, table->name);
    struct buf sql;
    buf_init(&sql, &gen->arena, GEN_TEXT_MAX);
    buf_fmt(&sql, "INSERT INTO %s (", n);
    columns_list(&sql, &table->columns, "", false);
    buf_add(&sql, STR(")\nVALUES ("));
    columns_list(&sql, &table->columns, ":", false);
    buf_char(&sql, ')');
    struct query query = {.kind = KIND_BATCH, .params = table->columns};
    buf_fmt(c,
            "\nstatic const struct query %s_%s_query = {\n    .name = \"%s_%s\",\n"
            "    .sqlite =",
            n, what, n, what);
    put_literal(c, buf_str(&sql), "        ");
    buf_add(c, STR(",\n    .postgres ="));
    put_literal(c, text_postgres(gen, buf_str(&sql), &query), "        ");
    buf_fmt(c, ",\n    .params = %s_fields,\n    .param_count = %s_COLUMNS,\n};\n", n, n);
}

/* -- insert: TABLE */
static void write_insert(struct gen *gen, struct buf *h, struct buf *c, const struct table *table)
{
    const char *n = arena_cstr(&gen->arena, table->name);
    buf_fmt(h,
            "\n/* All columns of new rows. */\n"
            "MUST_CHECK enum err %s_insert(struct tx *tx, const struct %s_row *row);\n"
            "MUST_CHECK enum err %s_insert_many(struct tx *tx, const struct %s_row *rows,\n"
            "    size_t count);\n",
            n, n, n, n);
    put_insert(gen, c, table, "insert");
    buf_fmt(
        c,
        "\nenum err %s_insert(struct tx *tx, const struct %s_row *row)\n{\n"
        "    return db_batch(tx, &%s_insert_query, row, 1, sizeof *row, NULL, NULL);\n}\n"
        "\nenum err %s_insert_many(struct tx *tx, const struct %s_row *rows,\n"
        "    size_t count)\n{\n"
        "    return db_batch(tx, &%s_insert_query, rows, count, sizeof *rows, NULL, NULL);\n}\n",
        n, n, n, n, n, n);
}

void write_queries(struct gen *gen, struct str stem, const struct items *items, struct buf *h,
                   struct buf *c)
{
    buf_fmt(h, "/* %.*s.h - typed queries, made by tools/sqlgen from %.*s. */\n", STR_ARG(stem),
            STR_ARG(gen->file));
    put_guard(gen, h, stem);
    buf_fmt(h, "\n#include \"%.*s/rows.h\"\n", STR_ARG(gen->prefix));
    buf_fmt(
        c,
        "/* Made by tools/sqlgen from %.*s. */\n#include \"%.*s/%.*s.h\"\n\n#include <stddef.h>\n",
        STR_ARG(gen->file), STR_ARG(gen->prefix), STR_ARG(stem));
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->items[i];
        if (item->insert != NULL)
            write_insert(gen, h, c, item->insert);
        else
            write_query(gen, h, c, &item->query);
    }
    buf_fmt(h,
            "\n/* All of these, for the store's tests; ends with NULL. */\n"
            "extern const struct query *const %.*s_queries[];\n\n#endif\n",
            STR_ARG(stem));
    buf_fmt(c, "\nconst struct query *const %.*s_queries[] = {\n", STR_ARG(stem));
    for (size_t i = 0; i < items->count; i++) {
        const struct item *item = &items->items[i];
        if (item->insert != NULL)
            buf_fmt(c, "    &%.*s_insert_query,\n", STR_ARG(item->insert->name));
        else
            buf_fmt(c, "    &%.*s_query,\n", STR_ARG(item->query.name));
    }
    buf_add(c, STR("    NULL,\n};\n"));
}

/* ---- the rest -------------------------------------------------------------------------------- */

void write_migration(struct gen *gen, struct buf *c, struct str stem, struct str text, int number)
{
    struct str lite = text_sqlite(gen, text_for(gen, text, SQLITE));
    struct str post = text_postgres_ddl(gen, text_for(gen, text, POSTGRES));
    unsigned char digest[32];
    hash_sha256(text, digest);
    buf_fmt(c, "    {%d,\n     \"%.*s\",\n     \"", number, STR_ARG(stem));
    buf_hex(c, digest, sizeof digest);
    buf_add(c, STR("\","));
    put_literal(c, text_tidy(gen, lite), "     ");
    buf_char(c, ',');
    put_literal(c, text_tidy(gen, post), "     ");
    buf_add(c, STR("},\n"));
}

/* All rows of a table, as data. */
static void put_all(struct gen *gen, struct buf *c, const struct table *table)
{
    const char *n = arena_cstr(&gen->arena, table->name);
    struct buf sql;
    buf_init(&sql, &gen->arena, GEN_TEXT_MAX);
    buf_add(&sql, STR("SELECT "));
    columns_list(&sql, &table->columns, "", false);
    buf_fmt(&sql, "\nFROM %s", n);
    buf_fmt(c,
            "\nstatic const struct query %s_all_query = {\n    .name = \"%s_all\",\n    .sqlite =",
            n, n);
    put_literal(c, buf_str(&sql), "        ");
    buf_add(c, STR(",\n    .postgres ="));
    put_literal(c, buf_str(&sql), "        ");
    buf_fmt(c,
            ",\n    .columns = %s_fields,\n    .column_count = %s_COLUMNS,\n"
            "    .row_bytes = sizeof(struct %s_row),\n};\n",
            n, n, n);
}

void write_index(struct gen *gen, struct buf *c)
{
    buf_add(c,
            STR("/* Every query and table: for copies of a database, and for the store's tests;\n"
                " * made by tools/sqlgen. */\n"));
    for (size_t i = 0; i < gen->file_count; i++)
        buf_fmt(c, "#include \"%.*s/%.*s.h\"\n", STR_ARG(gen->prefix), STR_ARG(gen->files[i]));
    buf_fmt(c, "#include \"%.*s/rows.h\"\n", STR_ARG(gen->prefix));
    for (size_t i = 0; i < gen->table_count; i++) {
        put_all(gen, c, &gen->tables[i]);
        put_insert(gen, c, &gen->tables[i], "copy");
    }
    buf_add(c, STR("\nconst struct query_file query_files[] = {\n"));
    for (size_t i = 0; i < gen->file_count; i++)
        buf_fmt(c, "    {\"%.*s\", %.*s_queries},\n", STR_ARG(gen->files[i]),
                STR_ARG(gen->files[i]));
    buf_add(c, STR("    {NULL, NULL},\n};\n\nconst struct table_info table_infos[] = {\n"));
    for (size_t i = 0; i < gen->table_count; i++) {
        const char *n = arena_cstr(&gen->arena, gen->tables[i].name);
        buf_fmt(c, "    {\"%s\", %s_fields, %s_COLUMNS, &%s_all_query, &%s_copy_query},\n", n, n, n,
                n, n);
    }
    buf_add(c, STR("    {NULL, NULL, 0, NULL, NULL},\n};\n"));
}
