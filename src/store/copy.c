/* copy.c - rows are streamed from one side and written in batches on the other. */
#include "store/copy.h"

#include "base/assert.h"
#include "base/hash.h"
#include "store/db.h"
#include "store/partition.h"

#include <string.h>

#define BATCH_ROWS  1000
#define BATCH_FIRST 16 /* most tables hold no more: place for a thousand takes longer to make */

struct copying {
    struct tx *from;
    struct tx *to; /* NULL: only the digest is wanted */
    struct arena batch;
    store_copy_progress *progress;
    void *arg;
    struct store_digest *digest;
};

static const struct db_driver *driver_of(struct tx *tx)
{
    return ((struct db_base *)tx_db(tx))->driver;
}

static void add_row(struct copying *copying, const struct table_info *table, const void *row,
                    struct table_digest *digest)
{
    union {
        unsigned char bytes[32];
        uint64_t lanes[4];
    } hash;
    hash_sha256(db_row_json(&copying->batch, table->columns, table->column_count, row), hash.bytes);
    for (int i = 0; i < 4; i++)
        digest->sum[i] += hash.lanes[i];
    digest->row_count++;
    copying->digest->row_count++;
}

/* The months of events must be there before their rows. */
static enum err ensure_partitions(struct tx *tx, const struct table_info *table, const char *rows,
                                  size_t count)
{
    if (strcmp(table->name, "event") != 0)
        return ERR_NONE;
    ASSERT(strcmp(table->columns[0].name, "day") == 0);
    int32_t done_day = DAY_NONE;
    for (size_t i = 0; i < count; i++) {
        int32_t day = *(const int32_t *)(rows + i * table->all->row_bytes + table->columns[0].at);
        if (day != done_day)
            TRY(partition_ensure(tx, table->name, day));
        done_day = day;
    }
    return ERR_NONE;
}

static enum err write_batch(struct copying *copying, const struct table_info *table,
                            const char *rows, size_t count)
{
    if (copying->progress != NULL)
        copying->progress(copying->arg, copying->digest->row_count);
    if (copying->to == NULL)
        return ERR_NONE;
    TRY(ensure_partitions(copying->to, table, rows, count));
    return db_batch(copying->to, table->insert, rows, count, table->all->row_bytes, NULL, NULL);
}

static enum err copy_rows(struct copying *copying, const struct table_info *table,
                          struct stmt *stmt, struct table_digest *digest)
{
    const struct db_driver *driver = driver_of(copying->from);
    size_t row_bytes = table->all->row_bytes;
    bool has_row = true;
    for (size_t room = BATCH_FIRST; has_row; room = BATCH_ROWS) {
        struct arena_mark mark = arena_mark(&copying->batch);
        char *rows = arena_alloc(&copying->batch, room * row_bytes);
        size_t count = 0;
        while (count < room) {
            TRY(driver->step(stmt, &has_row));
            if (!has_row)
                break;
            TRY(driver->read(stmt, &copying->batch, rows + count * row_bytes));
            add_row(copying, table, rows + count * row_bytes, digest);
            count++;
        }
        TRY(write_batch(copying, table, rows, count));
        arena_return(&copying->batch, mark);
    }
    return ERR_NONE;
}

static enum err check_empty(struct copying *copying, const struct table_info *table)
{
    bool has_row = false;
    struct stmt *stmt = NULL;
    const struct db_driver *driver = driver_of(copying->to);
    TRY(driver->start(tx_db(copying->to), table->all, NULL, true, &stmt));
    enum err err = driver->step(stmt, &has_row);
    driver->finish(stmt);
    if (err == ERR_NONE && has_row)
        err = fault_set(tx_fault(copying->to), ERR_CONFLICT,
                        "the database is not empty: it has rows in %s", table->name);
    return err;
}

static enum err copy_table(struct copying *copying, const struct table_info *table,
                           struct table_digest *digest)
{
    struct stmt *stmt = NULL;
    const struct db_driver *driver = driver_of(copying->from);
    *digest = (struct table_digest){.name = table->name};
    if (copying->to != NULL)
        TRY(check_empty(copying, table));
    TRY(driver->start(tx_db(copying->from), table->all, NULL, true, &stmt));
    enum err err = copy_rows(copying, table, stmt, digest);
    driver->finish(stmt);
    return err;
}

enum err store_copy(struct tx *from, struct tx *to, store_copy_progress *progress, void *arg,
                    struct store_digest *digest)
{
    struct copying copying = {
        .from = from, .to = to, .progress = progress, .arg = arg, .digest = digest};
    size_t count = 0;
    while (table_infos[count].name != NULL)
        count++;
    *digest = (struct store_digest){
        .tables = ARENA_ARRAY(tx_arena(from), count, struct table_digest), .table_count = count};
    arena_init(&copying.batch);
    enum err err = ERR_NONE;
    for (size_t i = 0; i < count && err == ERR_NONE; i++)
        err = copy_table(&copying, &table_infos[i], &digest->tables[i]);
    arena_clear(&copying.batch);
    return err;
}

enum err store_digest(struct tx *tx, store_copy_progress *progress, void *arg,
                      struct store_digest *digest)
{
    return store_copy(tx, NULL, progress, arg, digest);
}

const char *store_digest_difference(const struct store_digest *a, const struct store_digest *b)
{
    ASSERT(a->table_count == b->table_count);
    for (size_t i = 0; i < a->table_count; i++) {
        if (a->tables[i].row_count != b->tables[i].row_count ||
            memcmp(a->tables[i].sum, b->tables[i].sum, sizeof a->tables[i].sum) != 0)
            return a->tables[i].name;
    }
    return NULL;
}
