/* partition.c - the tables behind a partitioned one, each by its month: event_2024_09. */
#include "store/partition.h"

#include "base/assert.h"
#include "base/time.h"
#include "store/db.h"

#include <stdbool.h>

struct partition_row {
    bool exists;
};

static const struct db_field partition_fields[] = {
    {"found", DB_BOOL, offsetof(struct partition_row, exists)},
};

struct partition_in {
    struct str name;
};

static const struct db_field partition_params[] = {
    {"name", DB_TEXT, offsetof(struct partition_in, name)},
};

/* Asks the catalogue's table: to_regclass() by itself may answer from before the lock. */
static const struct query partition_exists = {
    .name = "partition_exists",
    .sqlite = "SELECT 0",
    .postgres = "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = $1::text::name "
                "AND pg_table_is_visible(oid))",
    .params = partition_params,
    .param_count = 1,
    .columns = partition_fields,
    .column_count = 1,
    .row_bytes = sizeof(struct partition_row),
};

static enum err exists(struct tx *tx, struct str name, bool *is_there)
{
    struct partition_row row = {false};
    bool found = false;
    TRY(db_one(tx, &partition_exists, &(struct partition_in){name}, &row, &found));
    *is_there = found && row.exists;
    return ERR_NONE;
}

/* Two who miss the same month follow each other, and the second finds it.  CREATE TABLE … PARTITION
 * OF would shut out everybody who reads or writes the table; ATTACH does not. */
static enum err create(struct tx *tx, const char *table, struct str name, struct civil month)
{
    struct civil first = {month.year, month.month, 1};
    struct civil next = {month.year + (month.month == 12), month.month % 12 + 1, 1};
    struct db *db = tx_db(tx);
    enum err (*exec)(struct db * db, const char *sql) = ((struct db_base *)db)->driver->exec;
    bool is_there = false;
    TRY(exec(db, "SELECT pg_advisory_xact_lock(7308326404563661872)"));
    TRY(exists(tx, name, &is_there));
    if (is_there)
        return ERR_NONE;
    return exec(db, arena_fmt(tx_arena(tx),
                              "CREATE TABLE %s (LIKE %s INCLUDING ALL); "
                              "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%d) TO (%d)",
                              name.ptr, table, table, name.ptr, (int)day_from_civil(first),
                              (int)day_from_civil(next))
                        .ptr);
}

enum err partition_ensure(struct tx *tx, const char *table, int32_t day)
{
    if (tx_engine(tx) == STORE_SQLITE)
        return ERR_NONE;
    struct civil date = civil_from_day(day);
    ASSERT(date.year >= 1 && date.year <= 9999);
    struct str name =
        arena_fmt(tx_arena(tx), "%s_%04d_%02d", table, (int)date.year, (int)date.month);
    bool is_there = false;
    TRY(exists(tx, name, &is_there));
    return is_there ? ERR_NONE : create(tx, table, name, date);
}
