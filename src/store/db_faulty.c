/* db_faulty.c - tests: a driver whose nth call fails as enum store_fault says. */
#include "store/db.h"

#include <stdatomic.h>
#include <stdlib.h>

struct faulty_db {
    struct db_base base;
    struct db *inner;
    struct db_faults *faults;
    bool is_write;  /* the running transaction */
    bool is_failed; /* in the running transaction: it can only be rolled back */
};

struct stmt {
    struct faulty_db *db;
    struct stmt *inner;
};

static const struct db_driver *inner_driver(struct faulty_db *db)
{
    struct db_base *inner = (struct db_base *)db->inner;
    inner->fault = db->base.fault;
    inner->arena = db->base.arena;
    return inner->driver;
}

static bool is_due(struct db_faults *faults)
{
    return atomic_load(&faults->countdown) > 0 && atomic_fetch_sub(&faults->countdown, 1) == 1;
}

/* The fault when this call is the one, and ERR_STORE for all that follow it in its transaction. */
static enum err count(struct faulty_db *db, const char *call)
{
    int fault = atomic_load(&db->faults->fault);
    if (db->is_failed)
        return fault_set(db->base.fault, ERR_STORE, "%s: the transaction has failed before", call);
    if (fault == STORE_FAULT_UNKNOWN || !is_due(db->faults))
        return ERR_NONE;
    db->is_failed = true;
    return fault_set(db->base.fault, fault == STORE_FAULT_BUSY ? ERR_BUSY : ERR_STORE,
                     "injected fault in %s", call);
}

static enum err faulty_begin(struct db *db, enum tx_mode mode)
{
    struct faulty_db *self = (struct faulty_db *)db;
    const struct db_driver *driver = inner_driver(self);
    self->is_failed = false;
    self->is_write = mode == TX_WRITE;
    TRY(count(self, "begin"));
    return driver->begin(self->inner, mode);
}

static enum err faulty_commit(struct db *db)
{
    struct faulty_db *self = (struct faulty_db *)db;
    const struct db_driver *driver = inner_driver(self);
    TRY(count(self, "commit"));
    TRY(driver->commit(self->inner));
    if (!self->is_write || atomic_load(&self->faults->fault) != STORE_FAULT_UNKNOWN ||
        !is_due(self->faults))
        return ERR_NONE;
    return fault_set(self->base.fault, ERR_STORE,
                     "injected fault: it is not known whether the transaction was committed");
}

static void faulty_rollback(struct db *db)
{
    struct faulty_db *self = (struct faulty_db *)db;
    inner_driver(self)->rollback(self->inner);
}

static enum err faulty_start(struct db *db, const struct query *query, const void *in, bool stream,
                             struct stmt **stmt)
{
    struct faulty_db *self = (struct faulty_db *)db;
    const struct db_driver *driver = inner_driver(self);
    struct stmt *inner = NULL;
    TRY(count(self, query->name));
    TRY(driver->start(self->inner, query, in, stream, &inner));
    *stmt = malloc(sizeof **stmt);
    if (*stmt == NULL)
        abort();
    **stmt = (struct stmt){.db = self, .inner = inner};
    return ERR_NONE;
}

static enum err faulty_step(struct stmt *stmt, bool *has_row)
{
    TRY(count(stmt->db, "step"));
    return inner_driver(stmt->db)->step(stmt->inner, has_row);
}

static enum err faulty_read(struct stmt *stmt, struct arena *arena, void *row)
{
    return inner_driver(stmt->db)->read(stmt->inner, arena, row);
}

static int64_t faulty_changed(struct stmt *stmt)
{
    return inner_driver(stmt->db)->changed(stmt->inner);
}

static void faulty_finish(struct stmt *stmt)
{
    inner_driver(stmt->db)->finish(stmt->inner);
    free(stmt);
}

static enum err faulty_batch(struct db *db, const struct query *query, const void *rows,
                             size_t row_count, size_t stride, db_each_fn *each, void *arg)
{
    struct faulty_db *self = (struct faulty_db *)db;
    const struct db_driver *driver = inner_driver(self);
    TRY(count(self, query->name));
    return driver->batch(self->inner, query, rows, row_count, stride, each, arg);
}

static enum err faulty_exec(struct db *db, const char *sql)
{
    struct faulty_db *self = (struct faulty_db *)db;
    const struct db_driver *driver = inner_driver(self);
    TRY(count(self, "exec"));
    return driver->exec(self->inner, sql);
}

static void faulty_close(struct db *db)
{
    struct faulty_db *self = (struct faulty_db *)db;
    inner_driver(self)->close(self->inner);
    free(self);
}

struct db *db_faulty_new(struct db *inner, struct db_faults *faults)
{
    static const struct db_driver driver = {
        .begin = faulty_begin,
        .commit = faulty_commit,
        .rollback = faulty_rollback,
        .start = faulty_start,
        .step = faulty_step,
        .read = faulty_read,
        .changed = faulty_changed,
        .finish = faulty_finish,
        .batch = faulty_batch,
        .exec = faulty_exec,
        .close = faulty_close,
    };
    struct faulty_db *self = malloc(sizeof *self);
    if (self == NULL)
        abort();
    *self = (struct faulty_db){.base = {.driver = &driver}, .inner = inner, .faults = faults};
    return (struct db *)self;
}
