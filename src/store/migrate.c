/* migrate.c - applies migrations one after the other, each with its record in one transaction; an
 * empty database gets all of them in one. */
#include "store/migrate.h"

#include "store/db.h"

#include <string.h>

/* The record of what was applied is not in the migrations: it must exist before the first. */
static const char create_record[] =
    "CREATE TABLE IF NOT EXISTS schema_migration (number bigint NOT NULL PRIMARY KEY, "
    "name text NOT NULL, hash text NOT NULL, applied_at bigint NOT NULL)";

struct applied {
    int64_t number;
    struct str name;
    struct str hash;
    int64_t applied_at;
};

static const struct db_field applied_fields[] = {
    {"number", DB_INT, offsetof(struct applied, number)},
    {"name", DB_TEXT, offsetof(struct applied, name)},
    {"hash", DB_TEXT, offsetof(struct applied, hash)},
    {"applied_at", DB_INT, offsetof(struct applied, applied_at)},
};

static const struct query list_applied = {
    .name = "schema_migration_list",
    .sqlite = "SELECT number, name, hash, applied_at FROM schema_migration ORDER BY number",
    .postgres = "SELECT number, name, hash, applied_at FROM schema_migration ORDER BY number",
    .columns = applied_fields,
    .column_count = 4,
    .row_bytes = sizeof(struct applied),
};

static const struct query add_applied = {
    .name = "schema_migration_insert",
    .sqlite = "INSERT INTO schema_migration (number, name, hash, applied_at) "
              "VALUES (:number, :name, :hash, :applied_at)",
    .postgres = "INSERT INTO schema_migration (number, name, hash, applied_at) "
                "SELECT u.p1, u.p2, u.p3, u.p4 FROM "
                "unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) AS u (p1, p2, p3, p4)",
    .params = applied_fields,
    .param_count = 4,
};

static enum err exec(struct tx *tx, const char *sql)
{
    struct db *db = tx_db(tx);
    return ((struct db_base *)db)->driver->exec(db, sql);
}

/* Serializes migrating processes; SQLite's write transaction does by itself.  The other process may
 * take long. */
static enum err lock(struct tx *tx)
{
    return tx_engine(tx) == STORE_POSTGRES
               ? exec(tx, "SET LOCAL lock_timeout = 0; "
                          "SELECT pg_advisory_xact_lock(7308326404563661871)")
               : ERR_NONE;
}

static enum err check(struct tx *tx, const struct applied *rows, size_t count)
{
    if (count > (size_t)migration_count)
        return fault_set(tx_fault(tx), ERR_CORRUPT,
                         "the database is newer than this program: it has migration %lld (%.*s), "
                         "the program knows %d; use the newer program",
                         (long long)rows[count - 1].number, STR_ARG(rows[count - 1].name),
                         migration_count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].number != migrations[i].number ||
            !str_eq(rows[i].hash, str_of(migrations[i].hash)))
            return fault_set(tx_fault(tx), ERR_CORRUPT,
                             "migration %d (%s) of this database differs from this program's: it "
                             "was made by another version",
                             migrations[i].number, migrations[i].name);
    }
    return ERR_NONE;
}

static enum err apply(struct tx *tx, const struct migration *next, int64_t now_us)
{
    TRY(exec(tx, tx_engine(tx) == STORE_POSTGRES ? next->postgres : next->sqlite));
    struct applied row = {
        .number = next->number,
        .name = str_of(next->name),
        .hash = str_of(next->hash),
        .applied_at = now_us,
    };
    return db_batch(tx, &add_applied, &row, 1, sizeof row, NULL, NULL);
}

/* Applies the next one, if any; to a database that has none yet all of them, which spares a new
 * one the commits. */
static enum err step(struct tx *tx, int64_t now_us, bool *done)
{
    void *rows = NULL;
    size_t count = 0;
    TRY(lock(tx));
    TRY(exec(tx, create_record));
    TRY(db_list(tx, &list_applied, NULL, &rows, &count));
    TRY(check(tx, rows, count));
    size_t end =
        count == 0 || count == (size_t)migration_count ? (size_t)migration_count : count + 1;
    for (size_t i = count; i < end; i++)
        TRY(apply(tx, &migrations[i], now_us));
    *done = end == (size_t)migration_count;
    return ERR_NONE;
}

enum err migrate_look(struct tx *tx, int *number)
{
    void *rows = NULL;
    size_t count = 0;
    TRY(db_list(tx, &list_applied, NULL, &rows, &count));
    TRY(check(tx, rows, count));
    if (count == 0)
        return fault_set(tx_fault(tx), ERR_NOT_FOUND,
                         "the database is empty; billow serve or billow migrate fills one");
    if (count < (size_t)migration_count)
        return fault_set(tx_fault(tx), ERR_CONFLICT,
                         "the database has %zu of %d migrations; billow migrate brings it up to "
                         "this program",
                         count, migration_count);
    *number = migration_count;
    return ERR_NONE;
}

static enum err check_all(struct tx *tx)
{
    int number = 0;
    TRY(exec(tx, create_record)); /* rolled back */
    return migrate_look(tx, &number);
}

enum err migrate_check(struct store *store, struct fault *fault)
{
    struct arena arena;
    struct tx *tx = NULL;
    arena_init(&arena);
    enum err err = tx_begin(store, TX_WRITE, &arena, fault, &tx);
    if (err == ERR_NONE) {
        err = check_all(tx);
        tx_rollback(tx);
    }
    arena_clear(&arena);
    return err;
}

enum err migrate(struct store *store, int64_t now_us, struct fault *fault)
{
    struct arena arena;
    arena_init(&arena);
    enum err err = ERR_NONE;
    for (bool done = false; !done && err == ERR_NONE;) {
        struct tx *tx = NULL;
        err = tx_begin(store, TX_WRITE, &arena, fault, &tx);
        if (err != ERR_NONE)
            break;
        err = step(tx, now_us, &done);
        if (err != ERR_NONE)
            tx_rollback(tx);
        else
            err = tx_commit(tx);
    }
    arena_clear(&arena);
    return err;
}
