/* memory.h - databases of SQLite in memory that need no migrations.
 *
 * Making the schema costs more than most tests do, so the first migrated database of a process is
 * kept, and the next ones begin as copies of it, as server.h does on PostgreSQL.  That migrations
 * make the schema from nothing is tests/store/migrate_test.c's and tests/faults' to show. */
#ifndef TESTS_MEMORY_H
#define TESTS_MEMORY_H

#include "tests/test.h"

#include "store/migrate.h"
#include "store/store.h"

#include <sqlite3.h>

static struct store *memory_store; /* of the template; open until the process ends */
static sqlite3 *memory_template;
static sqlite3 *memory_from; /* what the next ones are copies of */
static sqlite3 *memory_last; /* the one that was opened last */

static void memory_drop_template(void)
{
    store_close(memory_store);
}

static int memory_copy(sqlite3 *to, sqlite3 *from)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    sqlite3_backup_step(copy, -1);
    return sqlite3_backup_finish(copy);
}

/* What SQLite calls with each connection as it is opened; the first is the template's. */
static int memory_begin(sqlite3 *db, char **why, const struct sqlite3_api_routines *api)
{
    (void)why;
    (void)api;
    if (memory_template == NULL) {
        memory_template = db;
        return SQLITE_OK;
    }
    memory_last = db;
    return memory_copy(db, memory_from == NULL ? memory_template : memory_from);
}

/* What the database holds that was opened last, for memory_start(); to the end of the process. */
__attribute__((unused)) static sqlite3 *memory_keep(void)
{
    sqlite3 *kept = NULL;
    REQUIRE(sqlite3_open(":memory:", &kept) == SQLITE_OK);
    REQUIRE(memory_copy(kept, memory_last) == SQLITE_OK);
    return kept;
}

/* From here to memory_end() each database that is opened is a copy of what was kept; NULL: of the
 * template. */
__attribute__((unused)) static void memory_start(sqlite3 *kept)
{
    memory_from = kept;
    /* An entry point is registered as what it is not. */
    REQUIRE(sqlite3_auto_extension((void (*)(void))memory_begin) == SQLITE_OK);
    if (memory_store != NULL)
        return;
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    REQUIRE(store_open(STR("sqlite::memory:"), &(struct store_options){0}, &fault, &memory_store) ==
            ERR_NONE);
    REQUIRE(atexit(memory_drop_template) == 0);
    REQUIRE(migrate(memory_store, 1, &fault) == ERR_NONE);
    arena_clear(&arena);
}

__attribute__((unused)) static void memory_end(void)
{
    sqlite3_cancel_auto_extension((void (*)(void))memory_begin);
}

#endif
