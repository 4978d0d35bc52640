/* queries_test.c - the program's own schema and queries are the same on both engines.
 *
 * The build checks each query on SQLite; here PostgreSQL describes the same ones, and its tables
 * are compared with SQLite's. */
#include "tests/store/database.h"

#include "store/db_postgres.h"

#include <sqlite3.h>

static PGconn *connect_to(struct database *d)
{
    PGconn *connection = PQconnectdb(d->url);
    REQUIRE(PQstatus(connection) == CONNECTION_OK);
    return connection;
}

static void say(const struct query *query, const char *what, const char *name, unsigned got)
{
    char text[300];
    snprintf(text, sizeof text, "%s: %s %s is of PostgreSQL's type %u", query->name, what, name,
             got);
    test_fail(__FILE__, __LINE__, text);
}

static void check_described(const struct query *query, const PGresult *described)
{
    bool is_batch = strstr(query->postgres, "FROM unnest($1::") != NULL;
    CHECK_INT(PQnparams(described), query->param_count);
    for (int i = 0; i < PQnparams(described) && i < (int)query->param_count; i++) {
        const struct db_field *param = &query->params[i];
        unsigned want = is_batch ? pg_array_type(param->type) : pg_type(param->type);
        if (PQparamtype(described, i) != want)
            say(query, "parameter", param->name, PQparamtype(described, i));
    }
    CHECK_INT(PQnfields(described), query->column_count);
    for (int i = 0; i < PQnfields(described) && i < (int)query->column_count; i++) {
        const struct db_field *column = &query->columns[i];
        if (strcmp(PQfname(described, i), column->name) != 0 ||
            !pg_type_fits(column->type, PQftype(described, i)))
            say(query, "column", column->name, PQftype(described, i));
    }
}

TEST(queries_are_as_postgres_describes_them)
{
    struct database d;
    int count = 0;
    if (test_is_skipped("queries as PostgreSQL describes them"))
        return;
    database_open(&d);
    PGconn *connection = connect_to(&d);
    for (const struct query_file *file = query_files; file->name != NULL; file++) {
        for (const struct query *const *query = file->queries; *query != NULL; query++) {
            test_case = (*query)->name;
            PGresult *made = PQprepare(connection, (*query)->name, (*query)->postgres, 0, NULL);
            if (PQresultStatus(made) != PGRES_COMMAND_OK)
                test_fail(__FILE__, __LINE__, PQerrorMessage(connection));
            PQclear(made);
            PGresult *described = PQdescribePrepared(connection, (*query)->name);
            if (PQresultStatus(described) == PGRES_COMMAND_OK)
                check_described(*query, described);
            PQclear(described);
            count++;
        }
    }
    PQfinish(connection);
    CHECK(count > 100);
    database_close(&d);
}

TEST(queries_are_prepared_by_sqlite)
{
    struct database d;
    if (test_server() != NULL)
        return;
    database_open(&d);
    sqlite3 *db = NULL;
    REQUIRE(sqlite3_open(d.url + strlen("sqlite:"), &db) == SQLITE_OK);
    for (const struct query_file *file = query_files; file->name != NULL; file++) {
        for (const struct query *const *query = file->queries; *query != NULL; query++) {
            sqlite3_stmt *stmt = NULL;
            test_case = (*query)->name;
            CHECK_INT(sqlite3_prepare_v2(db, (*query)->sqlite, -1, &stmt, NULL), SQLITE_OK);
            CHECK_INT(sqlite3_bind_parameter_count(stmt), (*query)->param_count);
            CHECK_INT(sqlite3_column_count(stmt), (*query)->column_count);
            for (int i = 0; i < (int)(*query)->param_count; i++)
                CHECK_STR(str_of(sqlite3_bind_parameter_name(stmt, i + 1) + 1),
                          (*query)->params[i].name);
            sqlite3_finalize(stmt);
        }
    }
    sqlite3_close(db);
    database_close(&d);
}

static const struct query *query_of(const char *name)
{
    for (const struct query_file *file = query_files; file->name != NULL; file++) {
        for (const struct query *const *query = file->queries; *query != NULL; query++) {
            if (strcmp((*query)->name, name) == 0)
                return *query;
        }
    }
    return NULL;
}

/* Without rows and statistics SQLite's plan is that of the rules alone, the same everywhere. */
TEST(queries_of_figures_and_lists_are_read_by_their_indexes)
{
    // clang-format off
    static const struct { const char *name, *uses; } cases[] = {
        {"overview_running_each",    "SCAN subscription USING COVERING INDEX subscription_running"},
        {"overview_open_list",       "SCAN invoice USING COVERING INDEX invoice_open"},
        {"overview_debtor_each",     "SCAN invoice USING COVERING INDEX invoice_open"},
        {"overview_resale_each",     "SCAN fee USING COVERING INDEX fee_resale"},
        {"overview_income_list",     "USING COVERING INDEX ledger_income"},
        {"invoice_state_count_list", "SCAN invoice USING COVERING INDEX invoice_state"},
        {"customer_table_list",      "SCAN invoice USING COVERING INDEX invoice_open"},
        {"customer_table_sums",      "SEARCH invoice USING COVERING INDEX invoice_open (customer_id=?)"},
        {"customer_due_list",        "SEARCH invoice USING COVERING INDEX invoice_open (customer_id=?)"},
        {"find_customer_exact",      "SEARCH customer USING INDEX customer_email (<expr>=?)"},
        {"find_customer_exact",      "SEARCH customer USING INDEX customer_tax_number (<expr>=?)"},
        {"find_customer_exact",      "SEARCH customer USING INDEX customer_name (<expr>=?)"},
        {"find_invoice_exact",       "SEARCH invoice USING INDEX invoice_number (number=?)"},
        {"invoice_table_list",       "SEARCH invoice USING PRIMARY KEY (customer_id>? AND customer_id<?)"},
        {"mail_page",                "SEARCH mail USING INDEX mail_created"},
        {"mail_of_customer_page",    "SEARCH mail USING PRIMARY KEY (customer_id=?)"},
        {"mail_count",               "SEARCH mail USING PRIMARY KEY (customer_id>? AND customer_id<?)"},
        {"payment_page",             "SEARCH payment USING INDEX payment_created"},
        {"payment_of_customer_page", "SEARCH payment USING PRIMARY KEY (customer_id=?)"},
        {"audit_of_object",          "SEARCH audit_entry USING INDEX audit_entry_object (object_id=?)"},
        {"audit_of_chain",           "SEARCH audit_entry USING PRIMARY KEY (chain_id=?)"},
    };
    // clang-format on
    struct arena arena;
    sqlite3 *db = NULL;
    arena_init(&arena);
    REQUIRE(sqlite3_open(":memory:", &db) == SQLITE_OK);
    for (int i = 0; i < migration_count; i++)
        REQUIRE(sqlite3_exec(db, migrations[i].sqlite, NULL, NULL, NULL) == SQLITE_OK);
    EACH(c, cases) {
        const struct query *query = query_of(c->name);
        sqlite3_stmt *stmt = NULL;
        bool is_used = false;
        REQUIRE(query != NULL);
        struct str sql = arena_fmt(&arena, "EXPLAIN QUERY PLAN %s", query->sqlite);
        REQUIRE(sqlite3_prepare_v2(db, sql.ptr, (int)sql.len, &stmt, NULL) == SQLITE_OK);
        while (sqlite3_step(stmt) == SQLITE_ROW)
            is_used |= strstr((const char *)sqlite3_column_text(stmt, 3), c->uses) != NULL;
        CHECK(is_used);
        sqlite3_finalize(stmt);
    }
    sqlite3_close(db);
    arena_clear(&arena);
}

/* ---- tables ---------------------------------------------------------------------------------- */

/* All lines of a query's one text column. */
static struct str lines_of_postgres(struct database *d, PGconn *connection, const char *sql)
{
    struct buf out;
    buf_init(&out, &d->arena, 1 << 20);
    PGresult *result = PQexec(connection, sql);
    REQUIRE(PQresultStatus(result) == PGRES_TUPLES_OK);
    for (int i = 0; i < PQntuples(result); i++)
        buf_fmt(&out, "%s\n", PQgetvalue(result, i, 0));
    PQclear(result);
    return buf_str(&out);
}

static struct str lines_of_sqlite(struct database *d, sqlite3 *db, const char *sql)
{
    struct buf out;
    sqlite3_stmt *stmt = NULL;
    buf_init(&out, &d->arena, 1 << 20);
    REQUIRE(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        buf_fmt(&out, "%s\n", (const char *)sqlite3_column_text(stmt, 0));
    sqlite3_finalize(stmt);
    return buf_str(&out);
}

/* Says the first line that only one of them has. */
static void check_same_lines(struct str lite, struct str post)
{
    struct str a;
    struct str b;
    bool more = true;
    while (more) {
        bool has_a = str_split(&lite, '\n', &a);
        bool has_b = str_split(&post, '\n', &b);
        more = has_a && has_b;
        if (has_a != has_b || (more && !str_eq(a, b))) {
            printf("    SQLite: %.*s\n    PostgreSQL: %.*s\n", has_a ? (int)a.len : 0,
                   has_a ? a.ptr : "", has_b ? (int)b.len : 0, has_b ? b.ptr : "");
            CHECK(str_eq(a, b));
            return;
        }
    }
}

static const struct {
    const char *name;
    const char *sqlite;
    const char *postgres;
} schema_questions[] = {
    {"columns",
     "SELECT m.name || '.' || c.name || ' ' || CASE lower(c.type) WHEN 'uuid_blob' THEN 'uuid' "
     "WHEN 'json_text' THEN 'text' WHEN 'decimal_text' THEN 'numeric' WHEN 'money_int' THEN "
     "'bigint' "
     "WHEN 'time_int' THEN 'bigint' WHEN 'day_int' THEN 'integer' WHEN 'bool_int' THEN 'boolean' "
     "WHEN 'blob' THEN 'bytea' ELSE lower(c.type) END || CASE WHEN c.\"notnull\" THEN ' NOT NULL' "
     "ELSE '' "
     "END "
     "FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' "
     "AND m.name <> 'schema_migration' ORDER BY 1",
     "SELECT (c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || "
     "CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END) COLLATE \"C\" "
     "FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid "
     "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 "
     "AND NOT a.attisdropped AND c.relname <> 'schema_migration' ORDER BY 1"},
    {"indexes",
     "SELECT tbl_name || ' ' || name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL "
     "ORDER BY 1",
     "SELECT (i.indrelid::regclass || ' ' || c.relname) COLLATE \"C\" "
     "FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid "
     "WHERE c.relnamespace = 'public'::regnamespace AND NOT EXISTS "
     "(SELECT 1 FROM pg_constraint AS k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u')) "
     "ORDER BY 1"},
    {"primary keys",
     "SELECT name || ' ' || (SELECT group_concat(name) FROM (SELECT name FROM "
     "pragma_table_info(m.name) "
     "WHERE pk > 0 ORDER BY pk)) FROM sqlite_schema AS m WHERE type = 'table' "
     "AND name <> 'schema_migration' ORDER BY 1",
     "SELECT (k.conrelid::regclass || ' ' || (SELECT string_agg(a.attname, ',' ORDER BY p.at) "
     "FROM unnest(k.conkey) WITH ORDINALITY AS p (num, at) JOIN pg_attribute AS a "
     "ON a.attrelid = k.conrelid AND a.attnum = p.num)) COLLATE \"C\" FROM pg_constraint AS k "
     "WHERE k.contype = 'p' AND k.connamespace = 'public'::regnamespace "
     "AND k.conrelid::regclass::text <> 'schema_migration' ORDER BY 1"},
    {"texts in order of bytes", "SELECT 'none' WHERE FALSE",
     "SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid "
     "= c.oid "
     "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 "
     "AND a.atttypid = 'text'::regtype AND c.relname <> 'schema_migration' "
     "AND a.attcollation <> '\"C\"'::regcollation"},
};

TEST(queries_schema_is_the_same_on_both)
{
    struct database d;
    sqlite3 *db = NULL;
    char *message = NULL;
    if (test_is_skipped("the schema is the same on both"))
        return;
    database_open(&d);
    PGconn *connection = connect_to(&d);
    REQUIRE(sqlite3_open(":memory:", &db) == SQLITE_OK);
    for (int i = 0; i < migration_count; i++)
        REQUIRE(sqlite3_exec(db, migrations[i].sqlite, NULL, NULL, &message) == SQLITE_OK);
    EACH(q, schema_questions) {
        check_same_lines(lines_of_sqlite(&d, db, q->sqlite),
                         lines_of_postgres(&d, connection, q->postgres));
    }
    sqlite3_close(db);
    PQfinish(connection);
    database_close(&d);
}

TEST(queries_rows_have_all_columns)
{
    const struct table_info *info = table_infos;
    for (; info->name != NULL; info++) {
        CHECK(info->column_count > 0);
        for (size_t i = 1; i < info->column_count; i++)
            CHECK(info->columns[i].at > info->columns[i - 1].at);
    }
    CHECK(info - table_infos > 20);
}
