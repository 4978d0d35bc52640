/* database.h - for tests of the store: an empty database, which is gone afterwards.
 *
 * On SQLite a file in a folder of its own; where BILLOW_TEST_POSTGRES is set ("postgresql://…", a
 * server's URL) a database on that server.  So one test body runs on both. */
#ifndef TESTS_STORE_DATABASE_H
#define TESTS_STORE_DATABASE_H

#include "tests/server.h"
#include "tests/test.h"

#include "store/db.h"
#include "store/migrate.h"
#include "store/store.h"

#include <unistd.h>

struct database {
    struct arena arena;
    struct fault fault;
    struct store *store;
    char url[1200];
    char folder[200]; /* of SQLite's file; "": PostgreSQL */
    char name[64];    /* of PostgreSQL's database */
};

/* Of tests that are only about PostgreSQL: says so and is true where there is none. */
__attribute__((unused)) static bool test_is_skipped(const char *what)
{
    if (test_server() == NULL)
        printf("skipped, BILLOW_TEST_POSTGRES is not set: %s\n", what);
    return test_server() == NULL;
}

#define MUST(d, call)                                                                   \
    do {                                                                                \
        enum err must_err_ = (call);                                                    \
        if (must_err_ != ERR_NONE)                                                      \
            printf("    %s: %.*s\n", err_code(must_err_), STR_ARG((d)->fault.message)); \
        REQUIRE(must_err_ == ERR_NONE);                                                 \
    } while (0)

/* The same on a file, beside the store, with no store open or only readers at work. */
__attribute__((unused)) static struct store *database_open_again(struct database *d)
{
    struct store *store = NULL;
    MUST(d, store_open(str_of(d->url), &(struct store_options){0}, &d->fault, &store));
    return store;
}

static void database_prepare(struct database *d)
{
    static int number;
    *d = (struct database){0};
    arena_init(&d->arena);
    fault_init(&d->fault, &d->arena);
    if (test_server() == NULL) {
        test_folder(d->folder, sizeof d->folder);
        snprintf(d->url, sizeof d->url, "sqlite:%s/test.db", d->folder);
    } else {
        snprintf(d->name, sizeof d->name, "store_test_%ld_%d", (long)getpid(), ++number);
        snprintf(d->url, sizeof d->url, "%s/%s", test_server(), d->name);
    }
}

/* An empty database; no migrations have run. */
__attribute__((unused)) static void database_open_blank(struct database *d)
{
    database_prepare(d);
    if (d->name[0] != '\0')
        server_do("postgres", "CREATE DATABASE %s", d->name);
    d->store = database_open_again(d);
}

__attribute__((unused)) static void database_open(struct database *d)
{
    database_prepare(d);
    if (d->name[0] != '\0')
        server_make_migrated(d->name);
    d->store = database_open_again(d);
    if (d->name[0] == '\0')
        MUST(d, migrate(d->store, 1, &d->fault));
}

__attribute__((unused)) static void database_close(struct database *d)
{
    char text[300];
    store_close(d->store);
    if (d->name[0] != '\0')
        server_do("postgres", "DROP DATABASE %s WITH (FORCE)", d->name);
    static const char *const files[] = {"test.db", "test.db-wal", "test.db-shm"};
    for (int i = 0; i < 3 && d->folder[0] != '\0'; i++) {
        snprintf(text, sizeof text, "%s/%s", d->folder, files[i]);
        unlink(text);
    }
    if (d->folder[0] != '\0')
        rmdir(d->folder);
    arena_clear(&d->arena);
}

__attribute__((unused)) static struct tx *begin(struct database *d, enum tx_mode mode)
{
    struct tx *tx = NULL;
    fault_reset(&d->fault);
    MUST(d, tx_begin(d->store, mode, &d->arena, &d->fault, &tx));
    return tx;
}

/* SQL as it is, in the engine's words, in a transaction of its own. */
__attribute__((unused)) static void run_sql(struct database *d, const char *sql)
{
    struct tx *tx = begin(d, TX_WRITE);
    struct db *db = tx_db(tx);
    MUST(d, ((struct db_base *)db)->driver->exec(db, sql));
    MUST(d, tx_commit(tx));
}

__attribute__((unused)) static struct uuid test_id(int64_t number)
{
    struct uuid id = {{0xff}};
    for (int i = 0; i < 8; i++)
        id.bytes[15 - i] = (unsigned char)(number >> (8 * i));
    return id;
}

#endif
