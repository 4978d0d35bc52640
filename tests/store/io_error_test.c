/* SQLite's own I/O failing: the nth write, sync or truncate of its files answers SQLITE_IOERR or
 * SQLITE_FULL.  The transaction is there whole or not at all, the answer says which, and the
 * database works again as soon as the disk does. */
#include "tests/store/database.h"

#include "base/none.h"
#include "tests/store/sql/thing.h"

#include <sqlite3.h>

/* ---- a VFS around the system's --------------------------------------------------------------- */

static int64_t countdown; /* to the call that fails; 0: none */
static bool is_for_good;  /* all that follow fail too, until the disk is mended */
static bool is_failing;
static int failure;

struct failing_file {
    sqlite3_file base;
    sqlite3_file *inner; /* behind this struct */
};

static sqlite3_vfs *inner_vfs;
static sqlite3_io_methods methods;

static sqlite3_file *inner_of(sqlite3_file *file)
{
    return ((struct failing_file *)file)->inner;
}

static bool is_due(void)
{
    if (is_failing)
        return true;
    if (countdown == 0 || --countdown > 0)
        return false;
    is_failing = is_for_good;
    return true;
}

static int failing_close(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xClose(inner_of(file));
}

static int failing_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 at)
{
    return inner_of(file)->pMethods->xRead(inner_of(file), bytes, count, at);
}

static int failing_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 at)
{
    if (is_due())
        return failure == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    return inner_of(file)->pMethods->xWrite(inner_of(file), bytes, count, at);
}

static int failing_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (is_due())
        return SQLITE_IOERR_TRUNCATE;
    return inner_of(file)->pMethods->xTruncate(inner_of(file), size);
}

static int failing_sync(sqlite3_file *file, int flags)
{
    if (is_due())
        return failure == SQLITE_FULL ? SQLITE_FULL : SQLITE_IOERR_FSYNC;
    return inner_of(file)->pMethods->xSync(inner_of(file), flags);
}

static int failing_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return inner_of(file)->pMethods->xFileSize(inner_of(file), size);
}

static int failing_lock(sqlite3_file *file, int level)
{
    return inner_of(file)->pMethods->xLock(inner_of(file), level);
}

static int failing_unlock(sqlite3_file *file, int level)
{
    return inner_of(file)->pMethods->xUnlock(inner_of(file), level);
}

static int failing_check_lock(sqlite3_file *file, int *is_reserved)
{
    return inner_of(file)->pMethods->xCheckReservedLock(inner_of(file), is_reserved);
}

static int failing_control(sqlite3_file *file, int what, void *arg)
{
    return inner_of(file)->pMethods->xFileControl(inner_of(file), what, arg);
}

static int failing_sector(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xSectorSize(inner_of(file));
}

static int failing_device(sqlite3_file *file)
{
    return inner_of(file)->pMethods->xDeviceCharacteristics(inner_of(file));
}

static int failing_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **map)
{
    return inner_of(file)->pMethods->xShmMap(inner_of(file), page, size, extend, map);
}

static int failing_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return inner_of(file)->pMethods->xShmLock(inner_of(file), offset, count, flags);
}

static void failing_shm_barrier(sqlite3_file *file)
{
    inner_of(file)->pMethods->xShmBarrier(inner_of(file));
}

static int failing_shm_unmap(sqlite3_file *file, int delete)
{
    return inner_of(file)->pMethods->xShmUnmap(inner_of(file), delete);
}

static int failing_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                        int *out_flags)
{
    struct failing_file *self = (struct failing_file *)file;
    (void)vfs;
    self->inner = (sqlite3_file *)(self + 1);
    int code = inner_vfs->xOpen(inner_vfs, name, self->inner, flags, out_flags);
    self->base.pMethods = self->inner->pMethods == NULL ? NULL : &methods;
    return code;
}

static void failing_start(void)
{
    static sqlite3_vfs vfs;
    methods = (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = failing_close,
        .xRead = failing_read,
        .xWrite = failing_write,
        .xTruncate = failing_truncate,
        .xSync = failing_sync,
        .xFileSize = failing_size,
        .xLock = failing_lock,
        .xUnlock = failing_unlock,
        .xCheckReservedLock = failing_check_lock,
        .xFileControl = failing_control,
        .xSectorSize = failing_sector,
        .xDeviceCharacteristics = failing_device,
        .xShmMap = failing_shm_map,
        .xShmLock = failing_shm_lock,
        .xShmBarrier = failing_shm_barrier,
        .xShmUnmap = failing_shm_unmap,
    };
    countdown = 0;
    is_failing = false;
    if (inner_vfs != NULL)
        return;
    inner_vfs = sqlite3_vfs_find(NULL);
    vfs = *inner_vfs; /* what is not a file's is the system's */
    vfs.zName = "failing";
    vfs.szOsFile += (int)sizeof(struct failing_file);
    vfs.xOpen = failing_open;
    REQUIRE(sqlite3_vfs_register(&vfs, 1) == SQLITE_OK);
}

/* ---- the work -------------------------------------------------------------------------------- */

#define ROWS 30 /* of one transaction: a few pages */

static enum err add_some(struct database *d, int64_t first)
{
    struct tx *tx = NULL;
    static struct thing_row rows[ROWS];
    for (int i = 0; i < ROWS; i++)
        rows[i] = (struct thing_row){
            .id = test_id(first + i), .position = first + i, .price = DECIMAL_NONE};
    fault_reset(&d->fault);
    TRY(tx_begin(d->store, TX_WRITE, &d->arena, &d->fault, &tx));
    enum err err = thing_insert_many(tx, rows, ROWS);
    if (err == ERR_NONE)
        return tx_commit(tx);
    tx_rollback(tx);
    return err;
}

static int64_t count_all(struct database *d)
{
    struct thing_count_row row;
    bool found = false;
    struct tx *tx = begin(d, TX_READ);
    MUST(d, thing_count(tx, &row, &found));
    tx_rollback(tx);
    return row.total;
}

/* Fails one of the first calls of some transactions, again and again. */
static void fail_each(int what, bool for_good)
{
    struct database d;
    int failures = 0;
    failing_start();
    database_open(&d);
    failure = what;
    is_for_good = for_good;
    int64_t next = 1;
    int64_t rows = 0;
    for (int round = 0; round < 25; round++) {
        countdown = test_between(1, 12);
        enum err err = ERR_NONE;
        for (int i = 0; i < 4 && err == ERR_NONE; i++) {
            err = add_some(&d, next);
            next += ROWS;
            if (err == ERR_NONE)
                rows += ROWS;
        }
        countdown = 0;
        is_failing = false; /* the disk is mended */
        if (err != ERR_NONE) {
            failures++;
            CHECK(err == (what == SQLITE_FULL ? ERR_FULL : ERR_IO));
            CHECK(d.fault.message.len > 0);
        }
        CHECK_INT(count_all(&d), rows); /* what was reported as written is, and nothing else */
        CHECK_INT(store_use(d.store).in_use, 0);
        arena_reset(&d.arena);
    }
    CHECK(failures >= 10);
    MUST(&d, add_some(&d, next));
    store_close(d.store);
    d.store = database_open_again(&d); /* and what was written is so for the next process */
    CHECK_INT(count_all(&d), rows + ROWS);
    database_close(&d);
}

TEST(io_error_once_at_any_write_or_sync)
{
    if (test_server() == NULL)
        fail_each(SQLITE_IOERR, false);
}

TEST(io_errors_until_the_disk_is_mended)
{
    if (test_server() == NULL)
        fail_each(SQLITE_IOERR, true);
}

TEST(disk_full_until_there_is_room)
{
    if (test_server() == NULL)
        fail_each(SQLITE_FULL, true);
}
