#include "store/partition.h"

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

static const struct query partition_exists = {
    .name = "partition_exists",
    .sqlite = "SELECT 0",
    .postgres = "SELECT to_regclass($1::text) IS NOT NULL",
    .params = partition_params,
    .param_count = 1,
    .columns = partition_fields,
    .column_count = 1,
    .row_bytes = sizeof(struct partition_row),
};

enum err partition_ensure(struct tx *tx, const char *table, int32_t day)
{
    if (tx_engine(tx) == STORE_SQLITE)
        return ERR_NONE;
    struct civil date = civil_from_day(day);
    struct civil first = {date.year, date.month, 1};
    struct civil next = {date.year + (date.month == 12), date.month % 12 + 1, 1};
    struct str name =
        arena_fmt(tx_arena(tx), "%s_%04d_%02d", table, (int)date.year, (int)date.month);
    struct partition_row row = {false};
    bool found = false;
    TRY(db_one(tx, &partition_exists, &(struct partition_in){name}, &row, &found));
    if (row.exists)
        return ERR_NONE;
    struct str sql = arena_fmt(
        tx_arena(tx), "CREATE TABLE IF NOT EXISTS %s PARTITION OF %s FOR VALUES FROM (%d) TO (%d)",
        name.ptr, table, (int)day_from_civil(first), (int)day_from_civil(next));
    struct db *db = tx_db(tx);
    return ((struct db_base *)db)->driver->exec(db, sql.ptr);
}
