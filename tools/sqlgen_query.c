/* sqlgen_query.c - a file of queries: reads annotations, prepares each query, finds its types. */
#include "tools/sqlgen.h"

#include <string.h>

/* ---- annotations ----------------------------------------------------------------------------- */

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
static void parse_declared(struct gen *gen, struct str rest, struct columns *columns)
{
    struct str name = STR_NULL;
    rest = str_trim(rest);
    str_split(&rest, ' ', &name);
    struct str word = str_is_null(rest) ? STR("") : str_trim(rest);
    bool nullable = str_ends(word, STR("?"));
    if (nullable)
        word = str_slice(word, 0, word.len - 1);
    const struct type *type = type_find(word);
    if (type == NULL)
        gen_complain(gen, "wanted NAME TYPE; \"%.*s\" is none of the types of sql/README.md",
                     STR_ARG(word));
    else if (nullable && type->none == NULL)
        gen_complain(gen, "%.*s: a %s has no value for none", STR_ARG(name), type->word);
    else if (columns_find(columns, name) != NULL)
        gen_complain(gen, "%.*s is said twice", STR_ARG(name));
    else
        columns_add(gen, columns,
                    (struct column){.name = name, .type = type, .nullable = nullable});
}

static void parse_name(struct gen *gen, struct str rest, struct query *query)
{
    struct str name = STR_NULL;
    rest = str_trim(rest);
    str_split(&rest, ' ', &name);
    *query = (struct query){.name = name, .line = gen->line};
    if (str_is_null(rest) || !parse_kind(str_trim(rest), &query->kind))
        gen_complain(gen, "wanted -- name: NAME and :one, :list, :each, :exec or :batch");
}

static bool is_block(struct str line)
{
    return str_starts(line, STR("-- only:")) || str_eq(line, STR("-- end"));
}

static void check_block(struct gen *gen, struct str line)
{
    if (str_starts(line, STR("-- only:")) && !str_eq(line, STR("-- only: sqlite")) &&
        !str_eq(line, STR("-- only: postgres")))
        gen_complain(gen, "wanted -- only: sqlite or -- only: postgres");
}

/* A line before the SQL that begins with "--": an annotation, or words for the header. */
static void annotate(struct gen *gen, struct query *query, struct str line)
{
    static const char param[] = "-- param ";
    static const char column[] = "-- column ";
    static const char all[] = "-- all customers:";
    if (str_starts(line, str_of(param)))
        parse_declared(gen, str_slice(line, sizeof param - 1, line.len), &query->given);
    else if (str_starts(line, str_of(column)))
        parse_declared(gen, str_slice(line, sizeof column - 1, line.len), &query->told);
    else if (str_starts(line, str_of(all)))
        query->all_customers = true;
    else
        query->comment = str_is_null(query->comment)
                             ? str_slice(line, 2, line.len)
                             : arena_fmt(&gen->arena, "%.*s\n%.*s", STR_ARG(query->comment),
                                         STR_ARG(str_slice(line, 2, line.len)));
}

/* ---- parameters and results ------------------------------------------------------------------ */

static void find_param(struct gen *gen, struct query *query, struct str name)
{
    const struct column *given = columns_find(&query->given, name);
    const struct column *column = columns_find(&gen->known, name);
    if (given != NULL)
        columns_add(gen, &query->params, *given);
    else if (column != NULL)
        columns_add(gen, &query->params, *column);
    else
        gen_complain(gen, "parameter :%.*s is no column's name; say -- param %.*s TYPE",
                     STR_ARG(name), STR_ARG(name));
}

/* Both engines' texts use the same parameters. */
static void check_same_params(struct gen *gen, struct query *query)
{
    struct tokens lite = tokens_of(gen, text_for(gen, query->text, SQLITE));
    struct tokens post = tokens_of(gen, text_for(gen, query->text, POSTGRES));
    for (int side = 0; side < 2; side++) {
        const struct tokens *from = side == 0 ? &lite : &post;
        const struct tokens *in = side == 0 ? &post : &lite;
        for (size_t i = 0; i < from->count; i++) {
            bool found = !token_is_param(from->items[i]);
            for (size_t j = 0; j < in->count && !found; j++)
                found = str_eq(from->items[i], in->items[j]);
            if (!found)
                gen_complain(gen, "parameter %.*s is not in the text for %s",
                             STR_ARG(from->items[i]), side == 0 ? "PostgreSQL" : "SQLite");
        }
    }
}

static void find_params(struct gen *gen, sqlite3_stmt *stmt, struct query *query)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++) {
        const char *bound = sqlite3_bind_parameter_name(stmt, i);
        if (bound == NULL || bound[0] != ':') {
            gen_complain(gen, "parameters are written :name");
            return;
        }
        find_param(gen, query, arena_str(&gen->arena, str_of(bound + 1)));
    }
    for (size_t i = 0; i < query->given.count; i++) {
        struct str name = query->given.items[i].name;
        if (columns_find(&query->params, name) == NULL)
            gen_complain(gen, "-- param %.*s is not in the query", STR_ARG(name));
    }
    check_same_params(gen, query);
}

/* The table that an INSERT, UPDATE or DELETE changes: RETURNING returns its columns. */
static const struct table *changed_table(struct gen *gen, struct str sql)
{
    struct tokens t = tokens_of(gen, sql);
    struct str first = token_at(&t, 0, 0);
    int at = token_is(first, "UPDATE") ? 1 : 2;
    bool changes =
        token_is(first, "INSERT") || token_is(first, "UPDATE") || token_is(first, "DELETE");
    return changes ? table_find(gen, token_at(&t, 0, at)) : NULL;
}

/* The table's column that a result column is; NULL: an expression. */
static const struct column *find_origin(struct gen *gen, sqlite3_stmt *stmt, int index,
                                        const struct table *changed)
{
    const char *table_name = sqlite3_column_table_name(stmt, index);
    if (table_name == NULL) {
        struct str name = str_of(sqlite3_column_name(stmt, index));
        return changed == NULL ? NULL : columns_find(&changed->columns, name);
    }
    const struct table *table = table_find(gen, str_of(table_name));
    return table == NULL
               ? NULL
               : columns_find(&table->columns, str_of(sqlite3_column_origin_name(stmt, index)));
}

static void find_column(struct gen *gen, sqlite3_stmt *stmt, int index, struct str sql,
                        struct query *query)
{
    struct str name = arena_str(&gen->arena, str_of(sqlite3_column_name(stmt, index)));
    const struct column *told = columns_find(&query->told, name);
    const struct column *origin = find_origin(gen, stmt, index, changed_table(gen, sql));
    struct column column = {.name = name, .type = type_find(STR("text"))};
    if (told != NULL)
        column = *told;
    else if (origin != NULL)
        column = *origin;
    column.name = name;
    const char *table = sqlite3_column_table_name(stmt, index);
    if (columns_find(&query->result, name) != NULL)
        gen_complain(gen, "result %.*s comes twice; name one with AS", STR_ARG(name));
    else if (told != NULL && origin != NULL && told->type != origin->type)
        gen_complain(gen, "result %.*s is a column of type %s", STR_ARG(name), origin->type->word);
    else if (told == NULL && origin == NULL)
        gen_complain(gen, "result %.*s is an expression; say -- column %.*s TYPE", STR_ARG(name),
                     STR_ARG(name));
    else if (told == NULL && table != NULL && check_may_be_absent(gen, sql, str_of(table)))
        gen_complain(gen, "result %.*s may be none where its row is absent; say -- column %.*s %s?",
                     STR_ARG(name), STR_ARG(name), origin->type->word);
    columns_add(gen, &query->result, column);
}

static bool is_row_of(const struct query *query, const struct table *table)
{
    if (query->result.count != table->columns.count)
        return false;
    for (size_t i = 0; i < query->result.count; i++) {
        const struct column *a = &query->result.items[i];
        const struct column *b = &table->columns.items[i];
        if (!str_eq(a->name, b->name) || a->type != b->type)
            return false;
    }
    return true;
}

static void find_result(struct gen *gen, sqlite3_stmt *stmt, struct str sql, struct query *query)
{
    for (int i = 0; i < sqlite3_column_count(stmt); i++)
        find_column(gen, stmt, i, sql, query);
    for (size_t i = 0; i < query->told.count; i++) {
        struct str name = query->told.items[i].name;
        if (columns_find(&query->result, name) == NULL)
            gen_complain(gen, "-- column %.*s is not in the result", STR_ARG(name));
    }
    const struct table *changed = changed_table(gen, sql);
    const char *table_name = query->result.count > 0 ? sqlite3_column_table_name(stmt, 0) : NULL;
    const struct table *table = table_name == NULL ? changed : table_find(gen, str_of(table_name));
    if (table != NULL && query->result.count > 0 && is_row_of(query, table))
        query->row_table = table;
}

/* ---- one query ------------------------------------------------------------------------------- */

static void check_name(struct gen *gen, struct str name)
{
    for (size_t i = 0; i < gen->name_count; i++) {
        if (str_eq(gen->names[i], name))
            gen_complain(gen, "there is a query %.*s already", STR_ARG(name));
    }
    gen->names = arena_grow(&gen->arena, gen->names, gen->name_count, &gen->name_capacity,
                            sizeof *gen->names);
    gen->names[gen->name_count++] = name;
}

static void check_kind(struct gen *gen, const struct query *query, struct str sql)
{
    struct tokens t = tokens_of(gen, sql);
    struct str first = token_at(&t, 0, 0);
    bool is_select = token_is(first, "SELECT") || token_is(first, "WITH");
    for (size_t i = 0; i < t.count; i++) {
        if (token_is(t.items[i], ";"))
            gen_complain(gen, "a query ends without a semicolon");
        if (token_is(token_at(&t, i, 1), "JOIN") &&
            (token_is(t.items[i], "RIGHT") || token_is(t.items[i], "FULL")))
            gen_complain(gen, "a %.*s JOIN is not supported; turn it around", STR_ARG(t.items[i]));
    }
    if (query->kind == KIND_BATCH)
        check_batch(gen, sql);
    else if (query->kind == KIND_EXEC && query->result.count > 0)
        gen_complain(gen, "%.*s returns rows: it is no :exec", STR_ARG(query->name));
    else if (query->kind != KIND_EXEC && query->result.count == 0)
        gen_complain(gen, "%.*s returns nothing: make it :exec", STR_ARG(query->name));
    else if (query->kind == KIND_EACH && !is_select)
        gen_complain(gen, "%.*s: an :each is a SELECT", STR_ARG(query->name));
}

static void check_query(struct gen *gen, struct query *query)
{
    sqlite3_stmt *stmt = NULL;
    struct str sql = text_sqlite(gen, text_for(gen, query->text, SQLITE));
    gen->line = query->line;
    check_name(gen, query->name);
    if (sqlite3_prepare_v2(gen->db, sql.ptr, (int)sql.len, &stmt, NULL) != SQLITE_OK) {
        int offset = sqlite3_error_offset(gen->db);
        if (offset >= 0)
            gen->line += 1 + text_line(sql, (size_t)offset);
        gen_complain(gen, "%.*s: %s", STR_ARG(query->name), sqlite3_errmsg(gen->db));
        return;
    }
    if (stmt == NULL) {
        gen_complain(gen, "%.*s: no SQL", STR_ARG(query->name));
        return;
    }
    find_params(gen, stmt, query);
    find_result(gen, stmt, sql, query);
    sqlite3_finalize(stmt);
    check_kind(gen, query, sql);
    check_decimals(gen, query, sql);
    check_customer(gen, query, sql);
}

/* ---- a file ---------------------------------------------------------------------------------- */

struct reader {
    struct query query; /* being read; name is STR_NULL: none */
    struct buf text;
    bool in_sql; /* its first word has come */
    struct items items;
};

static void add_item(struct gen *gen, struct items *items, struct item item)
{
    items->items =
        arena_grow(&gen->arena, items->items, items->count, &items->capacity, sizeof *items->items);
    items->items[items->count++] = item;
}

static void end_query(struct gen *gen, struct reader *r)
{
    int line = gen->line;
    if (str_is_null(r->query.name))
        return;
    r->query.text = arena_str(&gen->arena, buf_str(&r->text));
    if (str_is_null(r->query.text))
        r->query.text = STR("");
    check_query(gen, &r->query);
    add_item(gen, &r->items, (struct item){.query = r->query});
    r->query = (struct query){0};
    buf_reset(&r->text);
    r->in_sql = false;
    gen->line = line;
}

static void read_insert(struct gen *gen, struct reader *r, struct str name)
{
    const struct table *table = table_find(gen, name);
    if (table == NULL) {
        gen_complain(gen, "there is no table %.*s", STR_ARG(name));
        return;
    }
    check_name(gen, arena_fmt(&gen->arena, "%.*s_insert", STR_ARG(name)));
    add_item(gen, &r->items, (struct item){.insert = table});
}

static void read_line(struct gen *gen, struct reader *r, struct str line)
{
    static const char name[] = "-- name:";
    static const char insert[] = "-- insert:";
    struct str trimmed = str_trim(line);
    bool comment = str_starts(trimmed, STR("--"));
    if (str_starts(trimmed, str_of(name))) {
        end_query(gen, r);
        parse_name(gen, str_slice(trimmed, sizeof name - 1, trimmed.len), &r->query);
        return;
    }
    if (str_starts(trimmed, str_of(insert))) {
        end_query(gen, r);
        read_insert(gen, r, str_trim(str_slice(trimmed, sizeof insert - 1, trimmed.len)));
        return;
    }
    if (str_is_null(r->query.name)) {
        if (trimmed.len > 0 && !comment)
            gen_complain(gen, "SQL without a -- name:");
        return;
    }
    if (is_block(trimmed))
        check_block(gen, trimmed);
    else if (comment && !r->in_sql)
        annotate(gen, &r->query, trimmed);
    else if (str_starts(trimmed, STR("-- param ")) || str_starts(trimmed, STR("-- column ")))
        gen_complain(gen, "annotations stand before the SQL");
    r->in_sql |= trimmed.len > 0 && !comment;
    buf_add(&r->text, line);
    buf_char(&r->text, '\n');
}

struct items queries_read(struct gen *gen, struct str text)
{
    struct reader r = {0};
    struct str line;
    buf_init(&r.text, &gen->arena, GEN_TEXT_MAX);
    gen->line = 0;
    while (str_split(&text, '\n', &line)) {
        gen->line++;
        read_line(gen, &r, line);
    }
    end_query(gen, &r);
    return r.items;
}
