/* sqlgen_test.c - what the build tool takes, refuses with which words, and makes of it. */
#include "tests/test.h"
#include "tools/sqlgen.h"

static const char schema[] =
    "-- A customer's orders.\n"
    "CREATE TABLE orders (\n"
    "  customer_id uuid_blob NOT NULL,\n"
    "  id uuid_blob NOT NULL,\n"
    "  day day_int NOT NULL,      -- of delivery,\n"
    "                             -- in the customer's zone\n"
    "  amount decimal_text NOT NULL,\n"
    "  note text,                 -- for the cook\n"
    "  paid bool_int NOT NULL,\n"
    "  PRIMARY KEY (customer_id, id)\n"
    ") WITHOUT ROWID;\n"
    "\n"
    "CREATE TABLE dish (\n"
    "  code text NOT NULL PRIMARY KEY,\n"
    "  price decimal_text,\n"
    "  picture blob\n"
    ");\n"
    "CREATE TABLE customer (id uuid_blob NOT NULL PRIMARY KEY, name text);\n"
    "CREATE TABLE meter (day day_int NOT NULL, customer_id uuid_blob NOT NULL,\n"
    "  total_count bigint NOT NULL, PRIMARY KEY (day, customer_id));\n";

static struct buf errors;

static void start(struct gen *gen)
{
    gen_init(gen);
    gen->prefix = STR("store/sql");
    gen->errors = &errors;
    buf_init(&errors, &gen->arena, 100000);
}

static void apply(struct gen *gen, const char *text)
{
    struct str migration = str_of(text);
    gen->file = STR("s.sql");
    schema_apply(gen, STR("0001_test"), migration, 0);
    schema_read(gen, &migration, 1);
}

static struct items read_queries(struct gen *gen, const char *text)
{
    gen->file = STR("q.sql");
    return queries_read(gen, str_of(text));
}

struct refusal {
    const char *name;
    const char *sql;
    const char *want; /* all errors, a line each */
};

// clang-format off
static const struct refusal bad_schemas[] = {
    {"a type of SQLite's", "CREATE TABLE t (a INTEGER NOT NULL);",
     "s.sql:1: column t.a: INTEGER is none of the types of sql/README.md\n"},
    {"two types for one name", "CREATE TABLE t (a text);\nCREATE TABLE u (a bigint);",
     "s.sql:1: column u.a is bigint here and text elsewhere; one name has one type\n"},
    {"a truth that may be none", "CREATE TABLE t (a bool_int);",
     "s.sql:1: column t.a: a bool_int has no value for none, so it is NOT NULL\n"},
    {"a mistake in line 3", "CREATE TABLE t (\n a text,\n b text NOT NUL\n);",
     "s.sql:3: near \"NUL\": syntax error\n"},
    {"a table twice, in line 3", "CREATE TABLE t (a text);\n\nCREATE TABLE t (a text);",
     "s.sql:3: table t already exists\n"},
};

static const struct refusal bad_queries[] = {
    {"no table", "-- name: q :one\nSELECT a\nFROM plate",
     "q.sql:1: q: no such table: plate\n"},
    {"no column, in its line", "-- name: q :one\n-- words\nSELECT code,\n  cod FROM dish",
     "q.sql:4: q: no such column: cod\n"},
    {"its line behind a block", "-- name: q :one\n-- only: postgres\nSELECT code FROM dish\n-- end\n"
     "-- only: sqlite\nSELECT cod FROM dish\n-- end",
     "q.sql:6: q: no such column: cod\n"},
    {"unknown kind", "-- name: q :some\nSELECT code FROM dish",
     "q.sql:1: wanted -- name: NAME and :one, :list, :each, :exec or :batch\n"},
    {"no SQL", "-- name: q :one\n-- only words",
     "q.sql:1: q: no SQL\n"},
    {"SQL before a name", "SELECT 1",
     "q.sql:1: SQL without a -- name:\n"},
    {"two of one name", "-- name: q :one\nSELECT code FROM dish\n-- name: q :one\nSELECT code FROM dish",
     "q.sql:3: there is a query q already\n"},
    {"insert and its name", "-- insert: dish\n-- name: dish_insert :exec\nDELETE FROM dish",
     "q.sql:2: there is a query dish_insert already\n"},
    {"insert into nothing", "-- insert: plate",
     "q.sql:1: there is no table plate\n"},
    {"two statements", "-- name: q :exec\nDELETE FROM dish; DELETE FROM dish",
     "q.sql:1: a query ends without a semicolon\n"},

    {"parameter of no type", "-- name: q :exec\nDELETE FROM dish WHERE code = :which",
     "q.sql:1: parameter :which is no column's name; say -- param which TYPE\n"},
    {"parameter that is not used", "-- name: q :exec\n-- param which text\nDELETE FROM dish",
     "q.sql:1: -- param which is not in the query\n"},
    {"numbered parameter", "-- name: q :exec\nDELETE FROM dish WHERE code = ?",
     "q.sql:1: parameters are written :name\n"},
    {"wrong type", "-- name: q :exec\n-- param code varchar\nDELETE FROM dish WHERE code = :code",
     "q.sql:2: wanted NAME TYPE; \"varchar\" is none of the types of sql/README.md\n"},
    {"no type", "-- name: q :exec\n-- param code\nDELETE FROM dish WHERE code = :code",
     "q.sql:2: wanted NAME TYPE; \"\" is none of the types of sql/README.md\n"},
    {"declared twice", "-- name: q :exec\n-- param x text\n-- param x text\nDELETE FROM dish WHERE code = :x",
     "q.sql:3: x is said twice\n"},
    {"a truth that may be none", "-- name: q :exec\n-- param x bool_int?\nDELETE FROM dish WHERE :x",
     "q.sql:2: x: a bool_int has no value for none\n"
     "q.sql:1: parameter :x is no column's name; say -- param x TYPE\n"},
    {"parameter for one engine", "-- name: q :exec\n-- only: sqlite\nDELETE FROM dish WHERE code = :code\n-- end\n"
     "-- only: postgres\nDELETE FROM dish\n-- end",
     "q.sql:1: parameter :code is not in the text for PostgreSQL\n"},
    {"annotation below", "-- name: q :exec\nDELETE FROM dish\n-- param code text\nWHERE code = :code",
     "q.sql:3: annotations stand before the SQL\n"},
    {"unknown engine", "-- name: q :exec\n-- only: oracle\nDELETE FROM dish\n-- end",
     "q.sql:2: wanted -- only: sqlite or -- only: postgres\n"},

    {"expression", "-- name: q :one\nSELECT count(*) AS total FROM dish",
     "q.sql:1: result total is an expression; say -- column total TYPE\n"},
    {"column that is not there", "-- name: q :one\n-- column total bigint\nSELECT code FROM dish",
     "q.sql:1: -- column total is not in the result\n"},
    {"column of another type", "-- name: q :one\n-- column code bigint\nSELECT code FROM dish",
     "q.sql:1: result code is a column of type text\n"},
    {"twice in the result", "-- name: q :list\nSELECT a.code, b.code FROM dish AS a JOIN dish AS b ON b.code = a.code",
     "q.sql:1: result code comes twice; name one with AS\n"},
    {"outer side of a join", "-- name: q :list\n-- all customers: test\n"
     "SELECT orders.id, dish.code FROM orders LEFT JOIN dish ON dish.code = orders.note",
     "q.sql:1: result code may be none where its row is absent; say -- column code text?\n"},
    {"outer side in parentheses", "-- name: q :list\n-- all customers: test\n"
     "SELECT orders.id, d.code FROM orders LEFT OUTER JOIN (SELECT code FROM dish) AS d ON d.code = orders.note",
     "q.sql:1: result code may be none where its row is absent; say -- column code text?\n"},
    {"SELECT as a value", "-- name: q :list\n-- all customers: test\n"
     "SELECT id, (SELECT dish.code FROM dish WHERE dish.code = orders.note) AS dish_code FROM orders",
     "q.sql:1: result dish_code may be none where its row is absent; say -- column dish_code text?\n"},
    {"right join", "-- name: q :list\n-- all customers: test\n"
     "SELECT dish.code FROM orders RIGHT JOIN dish ON dish.code = orders.note",
     "q.sql:1: a RIGHT JOIN is not supported; turn it around\n"},

    {":one of nothing", "-- name: q :one\nDELETE FROM dish",
     "q.sql:1: q returns nothing: make it :exec\n"},
    {":exec of rows", "-- name: q :exec\nSELECT code FROM dish",
     "q.sql:1: q returns rows: it is no :exec\n"},
    {":each that changes", "-- name: q :each\nDELETE FROM dish RETURNING code",
     "q.sql:1: q: an :each is a SELECT\n"},
    {":batch of no INSERT", "-- name: q :batch\nDELETE FROM dish WHERE code = :code",
     "q.sql:1: a :batch is INSERT INTO … VALUES (…)\n"},
    {":batch of two rows", "-- name: q :batch\nINSERT INTO dish (code) VALUES (:code), (:code)",
     "q.sql:1: a :batch has one row of VALUES\n"},
    {":batch with a parameter behind", "-- name: q :batch\nINSERT INTO dish (code) VALUES (:code)\n"
     "ON CONFLICT (code) DO UPDATE SET picture = :picture",
     "q.sql:1: :picture: behind VALUES (…) a :batch has no parameters; say excluded.NAME\n"},

    {"sum", "-- name: q :one\n-- column total decimal_text\nSELECT SUM(price) AS total FROM dish",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"sum of a qualified one", "-- name: q :one\n-- column total decimal_text\nSELECT sum(d.price) AS total FROM dish AS d",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"sum of distinct ones", "-- name: q :one\n-- column total decimal_text\nSELECT sum(DISTINCT price) AS total FROM dish",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"average", "-- name: q :one\n-- column total decimal_text\nSELECT avg(price) AS total FROM dish",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"largest", "-- name: q :one\n-- column total decimal_text\nSELECT max(price) AS total FROM dish",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"cast", "-- name: q :one\n-- column total bigint\nSELECT CAST(price AS bigint) AS total FROM dish",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"addition", "-- name: q :exec\nUPDATE dish SET price = price + 1",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"addition of coalesce", "-- name: q :exec\nUPDATE dish SET price = 1 + coalesce(dish.price, '0')",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"multiplication", "-- name: q :exec\nUPDATE dish SET price = 2 * price",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"multiplication in parentheses", "-- name: q :exec\nUPDATE dish SET price = 2 * (price)",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"negation", "-- name: q :exec\nUPDATE dish SET price = -price",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"less", "-- name: q :list\nSELECT code FROM dish WHERE dish.price < :price",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"
     "q.sql:1: :price is a decimal: add, compare and order it in C\n"},
    {"less, turned around", "-- name: q :list\n-- param low decimal_text\nSELECT code FROM dish WHERE :low <= 7",
     "q.sql:1: :low is a decimal: add, compare and order it in C\n"},
    {"between", "-- name: q :list\nSELECT code FROM dish WHERE price BETWEEN 1 AND 2",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"order", "-- name: q :list\nSELECT code FROM dish ORDER BY code, price DESC LIMIT 3",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"order within", "-- name: q :list\nSELECT code FROM (SELECT code FROM dish ORDER BY price) AS d",
     "q.sql:1: price is a decimal: add, compare and order it in C\n"},
    {"order by an alias", "-- name: q :list\n-- column cheap decimal_text?\n"
     "SELECT coalesce(price, '0') AS cheap FROM dish ORDER BY cheap",
     "q.sql:1: cheap is a decimal: add, compare and order it in C\n"},

    {"all customers", "-- name: q :list\nSELECT * FROM orders",
     "q.sql:1: orders is a customer's table: filter on customer_id, or say -- all customers: WHY\n"},
    {"all customers, day first", "-- name: q :list\nSELECT * FROM meter WHERE day = :day",
     "q.sql:1: meter is a customer's table: filter on customer_id, or say -- all customers: WHY\n"},
    {"set is no filter", "-- name: q :exec\nUPDATE orders SET customer_id = :customer_id",
     "q.sql:1: orders is a customer's table: filter on customer_id, or say -- all customers: WHY\n"},
    {"a join is no filter", "-- name: q :list\nSELECT orders.* FROM orders JOIN meter\n"
     "ON meter.customer_id = orders.customer_id",
     "q.sql:1: meter is a customer's table: filter on customer_id, or say -- all customers: WHY\n"},
    {"insert from all customers", "-- name: q :exec\nINSERT INTO dish (code) SELECT note FROM orders",
     "q.sql:1: orders is a customer's table: filter on customer_id, or say -- all customers: WHY\n"},
    {"customers themselves", "-- name: q :list\nSELECT * FROM customer WHERE name = :name",
     "q.sql:1: customer is a customer's table: filter on customer_id, or say -- all customers: WHY\n"},
};

static const struct {
    const char *name;
    const char *sql;
} good_queries[] = {
    {"a column called as a function", "-- name: q :one\n-- column total bigint\nSELECT count(*) AS total FROM dish"},
    {"equal decimals", "-- name: q :list\nSELECT code FROM dish WHERE price = :price OR price IN ('1', '2')"},
    {"decimal in a row", "-- name: q :list\nSELECT code, price, picture FROM dish ORDER BY code LIMIT 3"},
    {"order of another", "-- name: q :list\nSELECT * FROM (SELECT * FROM dish ORDER BY code) AS d WHERE price IS NOT NULL"},
    {"customer first", "-- name: q :list\nSELECT * FROM orders WHERE customer_id = :customer_id ORDER BY day"},
    {"customer second", "-- name: q :list\nSELECT * FROM meter AS m WHERE day < :day AND m.customer_id = :customer_id"},
    {"customer itself", "-- name: q :one\nSELECT * FROM customer WHERE id = :id FOR UPDATE"},
    {"range of customers", "-- name: q :list\n-- param a uuid_blob\n-- param b uuid_blob\n"
     "SELECT * FROM orders WHERE customer_id BETWEEN :a AND :b"},
    {"with a reason", "-- name: q :list\n-- all customers: the report is of all\nSELECT * FROM orders"},
    {"inner side of a join", "-- name: q :list\n-- column code text?\nSELECT orders.id, dish.code FROM orders\n"
     "LEFT JOIN dish ON dish.code = orders.note WHERE orders.customer_id = :customer_id"},
    {"an inner join", "-- name: q :list\nSELECT orders.id, dish.code FROM orders JOIN dish ON dish.code = orders.note\n"
     "WHERE orders.customer_id = :customer_id"},
    {"EXISTS in a filter", "-- name: q :list\nSELECT * FROM dish WHERE EXISTS (SELECT 1 FROM customer WHERE id = :id)"},
    {"returning", "-- name: q :one\nUPDATE dish SET picture = NULL WHERE code = :code RETURNING code, price"},
    {"returning with a told type", "-- name: q :list\n-- column n bigint\nDELETE FROM dish RETURNING code, 1 AS n"},
    {"skip locked", "-- name: q :list\nSELECT * FROM dish ORDER BY code LIMIT 1 FOR UPDATE SKIP LOCKED"},
    {"batch with a function", "-- name: q :batch\nINSERT INTO dish (code, price) VALUES (:code, coalesce(:price, '0'))\n"
     "ON CONFLICT (code) DO UPDATE SET price = excluded.price RETURNING code"},
    {"insert", "-- insert: dish"},
};
// clang-format on

TEST(sqlgen_refuses_schemas)
{
    EACH(c, bad_schemas) {
        struct gen gen;
        start(&gen);
        apply(&gen, c->sql);
        CHECK_STR(buf_str(&errors), c->want);
        gen_clear(&gen);
    }
}

TEST(sqlgen_refuses_queries)
{
    EACH(c, bad_queries) {
        struct gen gen;
        start(&gen);
        apply(&gen, schema);
        REQUIRE(errors.len == 0);
        (void)read_queries(&gen, c->sql);
        CHECK_STR(errors.len == 0 ? STR("") : buf_str(&errors), c->want);
        CHECK(gen.error_count > 0);
        gen_clear(&gen);
    }
}

TEST(sqlgen_takes_queries)
{
    EACH(c, good_queries) {
        struct gen gen;
        start(&gen);
        apply(&gen, schema);
        struct items items = read_queries(&gen, c->sql);
        CHECK_STR(errors.len == 0 ? STR("") : buf_str(&errors), "");
        CHECK_INT(items.count, 1);
        gen_clear(&gen);
    }
}

TEST(sqlgen_all_errors_of_a_file_are_said)
{
    struct gen gen;
    start(&gen);
    apply(&gen, schema);
    (void)read_queries(
        &gen, "-- name: a :one\nSELECT x FROM dish\n-- name: b :one\nSELECT y FROM dish\n");
    CHECK_STR(buf_str(&errors), "q.sql:2: a: no such column: x\nq.sql:4: b: no such column: y\n");
    gen_clear(&gen);
}

TEST(sqlgen_migrations_are_numbered_without_gaps)
{
    struct gen gen;
    start(&gen);
    gen.file = STR("0003_more.sql");
    CHECK_INT(schema_apply(&gen, STR("0003_more"), STR("CREATE TABLE t (a text);"), 1), 3);
    CHECK_INT(gen.error_count, 0); /* a gap is fine */
    CHECK_INT(schema_apply(&gen, STR("0003_more"), STR("CREATE TABLE u (a text);"), 3), 3);
    CHECK_STR(
        buf_str(&errors),
        "0003_more.sql:1: the migration is to be named NNNN_WHAT.sql, with a number above 0003\n");
    gen_clear(&gen);
}

/* ---- what is made ---------------------------------------------------------------------------- */

/* The query of one file in PostgreSQL's words. */
static struct str in_postgres(struct gen *gen, const char *sql)
{
    start(gen);
    apply(gen, schema);
    struct items items = read_queries(gen, sql);
    CHECK_STR(errors.len == 0 ? STR("") : buf_str(&errors), "");
    REQUIRE(items.count == 1);
    const struct query *q = &items.items[0].query;
    return text_tidy(gen, text_postgres(gen, text_for(gen, q->text, POSTGRES), q));
}

TEST(sqlgen_postgres_texts)
{
    // clang-format off
    static const struct { const char *name, *sql, *want; } cases[] = {
        {"parameters are numbered and typed",
         "-- name: q :list\n-- param a uuid_blob\nSELECT * FROM meter -- of a day\nWHERE day = :day AND customer_id = :a AND :day > 3",
         "SELECT * FROM meter\nWHERE day = $1::integer AND customer_id = $2::uuid AND $1::integer > 3"},
        {"casts", "-- name: q :one\n-- column n money_int\nSELECT CAST(count(*) AS money_int) AS n FROM dish",
         "SELECT CAST(count(*) AS bigint) AS n FROM dish"},
        {"FOR UPDATE stays", "-- name: q :one\nSELECT * FROM customer WHERE id = :id FOR UPDATE",
         "SELECT * FROM customer WHERE id = $1::uuid FOR UPDATE"},
        {"texts are left alone", "-- name: q :list\nSELECT code FROM dish WHERE code = ':code -- text' AND code <> 'it''s'",
         "SELECT code FROM dish WHERE code = ':code -- text' AND code <> 'it''s'"},
        {"blocks", "-- name: q :exec\n-- only: sqlite\nDELETE FROM dish\n-- end\n-- only: postgres\nTRUNCATE dish\n-- end",
         "TRUNCATE dish"},
        {"a batch is arrays",
         "-- name: q :batch\nINSERT INTO dish (code, price)\nVALUES (:code, coalesce(:price, '0'))\nON CONFLICT (code) DO NOTHING",
         "INSERT INTO dish (code, price)\nSELECT u.code, coalesce(u.price, '0')\nFROM unnest($1::text[], $2::numeric[])\n"
         "AS u (code, price)\nON CONFLICT (code) DO NOTHING"},
    };
    // clang-format on
    EACH(c, cases) {
        struct gen gen;
        CHECK_STR(in_postgres(&gen, c->sql), c->want);
        gen_clear(&gen);
    }
}

TEST(sqlgen_sqlite_leaves_locks_out)
{
    struct gen gen;
    start(&gen);
    CHECK_STR(text_tidy(&gen, text_sqlite(&gen, STR("SELECT 1\nFOR UPDATE"))), "SELECT 1");
    CHECK_STR(text_tidy(&gen, text_sqlite(&gen, STR("SELECT 1 FOR UPDATE SKIP LOCKED"))),
              "SELECT 1");
    gen_clear(&gen);
}

TEST(sqlgen_ddl_gets_types_of_postgres)
{
    struct gen gen;
    start(&gen);
    CHECK_STR(
        text_tidy(&gen, text_postgres_ddl(
                            &gen, STR("CREATE TABLE t (\n  id uuid_blob NOT NULL, -- blob text\n"
                                      "  text text, at time_int, d day_int, m money_int,\n"
                                      "  x decimal_text, b bool_int NOT NULL, c blob,\n"
                                      "  j json_text, PRIMARY KEY (id, text)\n) WITHOUT ROWID;"))),
        "CREATE TABLE t (\n  id uuid NOT NULL,\n"
        "  text text COLLATE \"C\", at bigint, d integer, m bigint,\n"
        "  x numeric, b boolean NOT NULL, c bytea,\n"
        "  j text COLLATE \"C\", PRIMARY KEY (id, text)\n) ;");
    gen_clear(&gen);
}

static bool holds(const struct buf *text, const char *part)
{
    return memmem(text->ptr, text->len, part, strlen(part)) != NULL;
}

TEST(sqlgen_structs_carry_the_comments)
{
    struct gen gen;
    struct buf h;
    struct buf c;
    start(&gen);
    apply(&gen, schema);
    buf_init(&h, &gen.arena, 100000);
    buf_init(&c, &gen.arena, 100000);
    write_rows(&gen, &h, &c);
    CHECK(holds(&h, "/* A customer's orders. */\n"
                    "struct orders_row {\n"
                    "    struct uuid customer_id;\n"
                    "    struct uuid id;\n"
                    "    int32_t day; /* of delivery, in the customer's zone */\n"
                    "    struct decimal amount;\n"
                    "    struct str note; /* may be none; for the cook */\n"
                    "    bool paid;\n"
                    "};\n"));
    CHECK(holds(&h, "\nstruct dish_row {\n    struct str code;\n    struct decimal price; /* may "
                    "be none */\n"));
    CHECK(holds(&c, "    {\"amount\", DB_DECIMAL, offsetof(struct orders_row, amount)},\n"));
    gen_clear(&gen);
}

TEST(sqlgen_headers_have_comment_parameters_and_row)
{
    struct gen gen;
    struct buf h;
    struct buf c;
    start(&gen);
    apply(&gen, schema);
    struct items items = read_queries(
        &gen, "-- About orders.\n\n"
              "-- name: order_late_list :list\n"
              "-- Orders not delivered in time,\n"
              "-- oldest first.\n"
              "-- param today day_int\n"
              "-- column late bigint\n"
              "SELECT id, note, 1 AS late FROM orders\n"
              "WHERE customer_id = :customer_id AND day < :today\n\n"
              "-- The rest ----------\n\n"
              "-- name: order_load :one\n"
              "SELECT orders.* FROM orders WHERE customer_id = :customer_id AND id = :id\n");
    REQUIRE(gen.error_count == 0);
    buf_init(&h, &gen.arena, 100000);
    buf_init(&c, &gen.arena, 100000);
    write_queries(&gen, STR("orders"), &items, &h, &c);
    CHECK(holds(
        &h,
        "\nstruct order_late_list_in {\n    struct uuid customer_id;\n    int32_t today;\n};\n"
        "struct order_late_list_row {\n    struct uuid id;\n"
        "    struct str note; /* may be none; for the cook */\n    int64_t late;\n};\n"
        "/* Orders not delivered in time,\n * oldest first. */\n"
        "MUST_CHECK enum err order_late_list(struct tx *tx, const struct order_late_list_in *in,"
        " struct order_late_list_row **rows,\n    size_t *count);\n"));
    CHECK(holds(&h, "MUST_CHECK enum err order_load(struct tx *tx, const struct order_load_in *in,"
                    " struct orders_row *row,\n    bool *found);\n"));
    CHECK(holds(&c, "        \"SELECT id, note, 1 AS late FROM orders\\n\"\n"
                    "        \"WHERE customer_id = :customer_id AND day < :today\",\n"));
    CHECK(!holds(&h, "The rest"));
    gen_clear(&gen);
}
