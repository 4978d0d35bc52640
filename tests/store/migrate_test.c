/* migrate_test.c - migrations of this test's own: applied once, in order, and never others'. */
#include "tests/store/database.h"

#include <pthread.h>

/* In place of those that the build makes for the program. */
const struct migration migrations[] = {
    {1, "0001_first", "hash of the first",
     "CREATE TABLE first (a bigint); INSERT INTO first VALUES (1)",
     "CREATE TABLE first (a bigint); INSERT INTO first VALUES (1)"},
    {2, "0002_second", "hash of the second", "ALTER TABLE first ADD COLUMN b bigint",
     "ALTER TABLE first ADD COLUMN b bigint"},
    {3, "0003_third", "hash of the third",
     "INSERT INTO first VALUES (3, 3); CREATE TABLE third (a bigint)",
     "INSERT INTO first VALUES (3, 3); CREATE TABLE third (a bigint)"},
};
const int migration_count = 3;

struct number {
    int64_t value;
};

static const struct db_field number_field[] = {{"value", DB_INT, offsetof(struct number, value)}};

/* The one number that a query gives. */
static int64_t ask(struct database *d, const char *sql)
{
    struct query query = {.name = sql, /* as good as any */
                          .sqlite = sql,
                          .postgres = sql,
                          .columns = number_field,
                          .column_count = 1,
                          .row_bytes = sizeof(struct number)};
    struct number number = {0};
    bool found = false;
    struct store *store = database_open_again(d); /* which forgets the statement with it */
    struct tx *tx = NULL;
    MUST(d, tx_begin(store, TX_READ, &d->arena, &d->fault, &tx));
    MUST(d, db_one(tx, &query, NULL, &number, &found));
    tx_rollback(tx);
    store_close(store);
    REQUIRE(found);
    return number.value;
}

static const char count_rows[] = "SELECT count(*) FROM first";
static const char count_records[] = "SELECT count(*) FROM schema_migration";
static const char first_time[] = "SELECT min(applied_at) FROM schema_migration";
static const char last_time[] = "SELECT max(applied_at) FROM schema_migration";

TEST(migrate_blank_and_twice)
{
    struct database d;
    database_open_blank(&d);
    MUST(&d, migrate(d.store, 1111, &d.fault));
    MUST(&d, migrate(d.store, 2222, &d.fault));
    CHECK_INT(ask(&d, count_records), 3);
    CHECK_INT(ask(&d, count_rows), 2); /* each one ran once */
    CHECK_INT(ask(&d, first_time), 1111);
    CHECK_INT(ask(&d, last_time), 1111);
    store_close(d.store);
    d.store = database_open_again(&d);
    MUST(&d, migrate(d.store, 3333, &d.fault));
    CHECK_INT(ask(&d, last_time), 1111);
    database_close(&d);
}

TEST(migrate_goes_on_where_it_ended)
{
    struct database d;
    database_open_blank(&d);
    MUST(&d, migrate(d.store, 1111, &d.fault));
    run_sql(&d, "DELETE FROM schema_migration WHERE number = 3; DROP TABLE third");
    MUST(&d, migrate(d.store, 2222, &d.fault));
    CHECK_INT(ask(&d, last_time), 2222);
    CHECK_INT(ask(&d, count_rows), 3);
    database_close(&d);
}

TEST(migrate_one_that_fails_leaves_those_before_it)
{
    struct database d;
    database_open_blank(&d);
    MUST(&d, migrate(d.store, 1111, &d.fault));
    /* As after the first one, but for a table that is in the third one's way. */
    run_sql(&d, "DELETE FROM schema_migration WHERE number > 1; DROP TABLE first;"
                "CREATE TABLE first (a bigint); INSERT INTO first VALUES (1)");
    CHECK_INT(migrate(d.store, 2222, &d.fault), ERR_STORE);
    CHECK(memmem(d.fault.message.ptr, d.fault.message.len, "third", 5) != NULL);
    CHECK_INT(ask(&d, count_records), 2);
    CHECK_INT(ask(&d, last_time), 2222);
    CHECK_INT(ask(&d, count_rows), 1); /* not half of the third */
    run_sql(&d, "DROP TABLE third");
    MUST(&d, migrate(d.store, 3333, &d.fault));
    CHECK_INT(ask(&d, count_records), 3);
    CHECK_INT(ask(&d, count_rows), 2);
    database_close(&d);
}

TEST(migrate_one_that_fails_leaves_an_empty_database_empty)
{
    struct database d;
    database_open_blank(&d);
    run_sql(&d, "CREATE TABLE third (b bigint)");
    CHECK_INT(migrate(d.store, 1111, &d.fault), ERR_STORE);
    CHECK(memmem(d.fault.message.ptr, d.fault.message.len, "third", 5) != NULL);
    run_sql(&d, "CREATE TABLE first (a bigint); DROP TABLE first"); /* there is none */
    run_sql(&d, "DROP TABLE third");
    MUST(&d, migrate(d.store, 2222, &d.fault));
    CHECK_INT(ask(&d, count_records), 3);
    CHECK_INT(ask(&d, first_time), 2222);
    CHECK_INT(ask(&d, count_rows), 2);
    database_close(&d);
}

TEST(migrate_refuses_what_is_newer)
{
    struct database d;
    database_open_blank(&d);
    MUST(&d, migrate(d.store, 1111, &d.fault));
    run_sql(&d, "INSERT INTO schema_migration VALUES (4, '0004_later', 'x', 5)");
    CHECK_INT(migrate(d.store, 2222, &d.fault), ERR_CORRUPT);
    CHECK_STR(
        d.fault.message,
        "the database is newer than this program: it has migration 4 (0004_later), the program "
        "knows 3; use the newer program");
    database_close(&d);
}

TEST(migrate_refuses_what_is_different)
{
    struct database d;
    database_open_blank(&d);
    MUST(&d, migrate(d.store, 1111, &d.fault));
    run_sql(&d, "UPDATE schema_migration SET hash = 'another' WHERE number = 2");
    CHECK_INT(migrate(d.store, 2222, &d.fault), ERR_CORRUPT);
    CHECK_STR(d.fault.message, "migration 2 (0002_second) of this database differs from this "
                               "program's: it was made by another version");
    database_close(&d);
}

TEST(migrate_refuses_a_gap)
{
    struct database d;
    database_open_blank(&d);
    MUST(&d, migrate(d.store, 1111, &d.fault));
    run_sql(&d, "DELETE FROM schema_migration WHERE number = 1");
    CHECK_INT(migrate(d.store, 2222, &d.fault), ERR_CORRUPT);
    database_close(&d);
}

struct starter {
    struct database *d;
    pthread_barrier_t *together;
    enum err err;
};

/* As a process of its own: with its own store. */
static void *start(void *arg)
{
    struct starter *starter = arg;
    struct arena arena;
    struct fault fault;
    struct store *store = NULL;
    arena_init(&arena);
    fault_init(&fault, &arena);
    pthread_barrier_wait(starter->together);
    starter->err = store_open(str_of(starter->d->url), &(struct store_options){0}, &fault, &store);
    if (starter->err == ERR_NONE)
        starter->err = migrate(store, 1111, &fault);
    if (starter->err != ERR_NONE)
        printf("    %.*s\n", STR_ARG(fault.message));
    store_close(store);
    arena_clear(&arena);
    return NULL;
}

TEST(migrate_processes_that_start_together)
{
    enum { STARTERS = 4 };
    struct database d;
    pthread_t threads[STARTERS];
    struct starter starters[STARTERS];
    pthread_barrier_t together;
    database_open_blank(&d);
    pthread_barrier_init(&together, NULL, STARTERS);
    for (int i = 0; i < STARTERS; i++) {
        starters[i] = (struct starter){.d = &d, .together = &together};
        REQUIRE(pthread_create(&threads[i], NULL, start, &starters[i]) == 0);
    }
    for (int i = 0; i < STARTERS; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(starters[i].err, ERR_NONE);
    }
    pthread_barrier_destroy(&together);
    CHECK_INT(ask(&d, count_records), 3);
    CHECK_INT(ask(&d, count_rows), 2);
    database_close(&d);
}
