/* broken_test.c - databases that are away, full, damaged or lost on the way. */
#include "tests/store/database.h"

#include "base/none.h"
#include "tests/store/sql/thing.h"

static enum err try_open(struct database *d, const char *url)
{
    struct store *store = NULL;
    arena_init(&d->arena);
    fault_init(&d->fault, &d->arena);
    enum err err = store_open(str_of(url), &(struct store_options){0}, &d->fault, &store);
    store_close(store);
    return err;
}

TEST(broken_urls)
{
    // clang-format off
    static const struct { const char *name, *url; enum err want; } cases[] = {
        {"nothing", "", ERR_INVALID},
        {"a file's name alone", "billow.db", ERR_INVALID},
        {"another database", "mysql://user:secret@host/db", ERR_INVALID},
        {"no file", "sqlite:", ERR_INVALID},
        {"no folder", "sqlite:/nowhere/at/all.db", ERR_UNAVAILABLE},
        {"a folder", "sqlite:/tmp", ERR_UNAVAILABLE},
        {"no database", "sqlite:/proc/self/exe", ERR_CORRUPT},
        {"nobody listens", "postgresql://user:secret@127.0.0.1:1/db", ERR_UNAVAILABLE},
        {"memory", "sqlite::memory:", ERR_NONE},
    };
    // clang-format on
    EACH(c, cases) {
        struct database d;
        CHECK_INT(try_open(&d, c->url), c->want);
        CHECK((c->want == ERR_NONE) == str_is_null(d.fault.message));
        CHECK(c->want == ERR_NONE ||
              memmem(d.fault.message.ptr, d.fault.message.len, "secret", 6) == NULL);
        arena_clear(&d.arena);
    }
}

static enum err load_first(struct database *d)
{
    struct thing_row row;
    bool found = false;
    struct tx *tx = begin(d, TX_READ);
    enum err err = thing_load(tx, &(struct thing_load_in){test_id(1)}, &row, &found);
    tx_rollback(tx);
    return err;
}

TEST(broken_values_on_sqlite)
{
    // clang-format off
    static const struct { const char *name, *sql, *want; } cases[] = {
        {"decimal", "UPDATE thing SET price = 'much'", "thing_load: price is no decimal"},
        {"decimal of too many digits", "UPDATE thing SET price = '10000000000000000000000000000000000'",
         "thing_load: price is no decimal"},
        {"id", "UPDATE thing SET parent_id = x'0102'", "thing_load: parent_id is no id of 16 bytes"},
        {"number", "UPDATE thing SET number = 'x'", "thing_load: number is no whole number"},
        {"number with a fraction", "UPDATE thing SET number = 1.5", "thing_load: number is no whole number"},
        {"day", "UPDATE thing SET day = 2147483648", "thing_load: day is out of range"},
        {"truth", "UPDATE thing SET is_good = 2", "thing_load: is_good is out of range"},
    };
    // clang-format on
    if (test_server() != NULL)
        return; /* PostgreSQL's types leave no such values */
    EACH(c, cases) {
        struct database d;
        char sql[300];
        database_open(&d);
        run_sql(&d,
                "DROP TABLE thing; CREATE TABLE thing (id, position, is_good, parent_id, label, "
                "details, price, amount_minor, number, happened_at, day, picture)");
        run_sql(&d,
                "INSERT INTO thing VALUES (x'ff000000000000000000000000000001', 1, 1, NULL, 'a', "
                "NULL, '1', 1, 1, 1, 1, NULL)");
        CHECK_INT(load_first(&d), ERR_NONE);
        snprintf(sql, sizeof sql, "%s", c->sql);
        run_sql(&d, sql);
        CHECK_INT(load_first(&d), ERR_CORRUPT);
        CHECK_STR(d.fault.message, c->want);
        database_close(&d);
    }
}

TEST(broken_sqlite_full)
{
    struct database d;
    static char bytes[1 << 20];
    if (test_server() != NULL)
        return;
    database_open(&d);
    struct thing_row row = {.id = test_id(1), .position = 1, .price = DECIMAL_NONE};
    row.picture = (struct str){bytes, sizeof bytes};
    run_sql(&d, "PRAGMA max_page_count = 100");
    struct tx *tx = begin(&d, TX_WRITE);
    CHECK_INT(thing_insert(tx, &row), ERR_FULL);
    CHECK_INT(tx_commit(tx), ERR_STORE);
    row.picture = STR_NULL;
    tx = begin(&d, TX_WRITE);
    MUST(&d, thing_insert(tx, &row));
    MUST(&d, tx_commit(tx));
    database_close(&d);
}

TEST(broken_sqlite_damaged)
{
    struct database d;
    char path[300];
    if (test_server() != NULL)
        return;
    database_open(&d);
    struct thing_row row = {.id = test_id(1), .position = 1, .price = DECIMAL_NONE};
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, thing_insert(tx, &row));
    MUST(&d, tx_commit(tx));
    store_close(d.store); /* puts all into the one file */
    snprintf(path, sizeof path, "%s/test.db", d.folder);
    FILE *file = fopen(path, "r+b");
    REQUIRE(file != NULL);
    for (int page = 1; page < 12; page++) { /* all but the first, which has the schema */
        fseek(file, page * 4096L, SEEK_SET);
        for (int i = 0; i < 100; i++)
            fputc(0x5a, file);
    }
    fclose(file);
    d.store = database_open_again(&d);
    CHECK_INT(load_first(&d), ERR_CORRUPT);
    database_close(&d);
}

/* ---- PostgreSQL ------------------------------------------------------------------------------ */

static void kill_connections(struct database *d)
{
    server_do("postgres",
              "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '%s'",
              d->name);
}

TEST(broken_postgres_connection_lost_between_transactions)
{
    struct database d;
    if (test_is_skipped("connection lost between transactions"))
        return;
    database_open(&d);
    CHECK_INT(load_first(&d), ERR_NONE);
    kill_connections(&d);
    CHECK_INT(load_first(&d), ERR_NONE); /* nobody noticed */
    CHECK_INT(load_first(&d), ERR_NONE);
    database_close(&d);
}

TEST(broken_postgres_connection_lost_in_a_transaction)
{
    struct database d;
    struct tally_put_in in = {.name = STR("a"), .total = 1};
    if (test_is_skipped("connection lost in a transaction"))
        return;
    database_open(&d);
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, tally_put(tx, &in, NULL));
    kill_connections(&d);
    CHECK_INT(tally_put(tx, &in, NULL), ERR_UNAVAILABLE);
    CHECK_INT(tally_put(tx, &in, NULL), ERR_UNAVAILABLE);
    tx_rollback(tx);
    tx = begin(&d, TX_WRITE);
    MUST(&d, tally_put(tx, &in, NULL)); /* the first one is not there */
    kill_connections(&d);
    CHECK_INT(tx_commit(tx), ERR_STORE); /* never retried: it might be there */
    CHECK(memmem(d.fault.message.ptr, d.fault.message.len, "unknown", 7) != NULL);
    CHECK_INT(load_first(&d), ERR_NONE);
    database_close(&d);
}

TEST(broken_postgres_schema_changed_below_a_prepared_statement)
{
    struct database d;
    if (test_is_skipped("schema changed below a prepared statement"))
        return;
    database_open(&d);
    CHECK_INT(load_first(&d), ERR_NONE);
    server_do(d.name, "ALTER TABLE thing ADD COLUMN later text");
    CHECK_INT(load_first(&d), ERR_BUSY); /* so the transaction is tried again */
    CHECK_INT(load_first(&d), ERR_NONE);
    database_close(&d);
}

TEST(broken_postgres_lock_is_not_given)
{
    struct database d;
    struct tally_row row;
    bool found = false;
    if (test_is_skipped("a lock is not given"))
        return;
    database_open(&d);
    struct tx *holder = begin(&d, TX_WRITE);
    struct tally_put_in in = {.name = STR("a"), .total = 1};
    MUST(&d, tally_put(holder, &in, NULL));
    MUST(&d, tx_commit(holder));
    holder = begin(&d, TX_WRITE);
    MUST(&d, tally_lock(holder, &(struct tally_lock_in){STR("a")}, &row, &found));
    struct tx *waiter = begin(&d, TX_WRITE);
    struct db *db = tx_db(waiter);
    MUST(&d, ((struct db_base *)db)->driver->exec(db, "SET LOCAL lock_timeout = '1ms'"));
    CHECK_INT(tally_lock(waiter, &(struct tally_lock_in){STR("a")}, &row, &found), ERR_BUSY);
    tx_rollback(waiter);
    tx_rollback(holder);
    database_close(&d);
}

TEST(broken_postgres_numbers)
{
    static const char *const numbers[] = {
        "NaN",   "Infinity", "1e34",    "-12345678901234567890123456789012345",
        "1e-41", "1e1000",   "1e-1000",
    };
    struct database d;
    if (test_is_skipped("numbers that are no decimals"))
        return;
    database_open(&d);
    struct thing_row row = {.id = test_id(1), .position = 1, .price = DECIMAL_NONE};
    struct tx *tx = begin(&d, TX_WRITE);
    MUST(&d, thing_insert(tx, &row));
    MUST(&d, tx_commit(tx));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        char sql[200];
        snprintf(sql, sizeof sql, "UPDATE thing SET price = '%s'", numbers[i]);
        run_sql(&d, sql);
        CHECK_INT(load_first(&d), ERR_CORRUPT);
        CHECK_STR(d.fault.message, "thing_load: price is out of range");
    }
    run_sql(&d, "UPDATE thing SET price = 1e33 + 1e-1 - 1e33"); /* 34 digits of scale */
    CHECK_INT(load_first(&d), ERR_NONE);
    database_close(&d);
}

TEST(broken_postgres_encoding)
{
    struct database d = {0};
    if (test_is_skipped("a database that is not UTF-8"))
        return;
    snprintf(d.name, sizeof d.name, "store_latin_%ld", (long)getpid());
    server_do("postgres",
              "CREATE DATABASE %s ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
              d.name);
    char url[1200];
    snprintf(url, sizeof url, "%s/%s", test_server(), d.name);
    CHECK_INT(try_open(&d, url), ERR_INVALID);
    CHECK_STR(d.fault.message, "the database's encoding is LATIN1; Billow needs UTF8");
    arena_clear(&d.arena);
    server_do("postgres", "DROP DATABASE %s WITH (FORCE)", d.name);
}
