/* db_trace.c - a driver that logs what it is asked, with the time that it took; or tells a watch.
 */
#include "store/db.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

struct trace_db {
    struct db_base base;
    struct db *inner;
    const struct store_watch *watch; /* NULL: the log */
};

struct stmt {
    struct trace_db *db;
    struct stmt *inner;
    const struct query *query;
    int64_t started_us;
    int64_t rows;
};

static const struct db_driver *inner_driver(struct trace_db *db)
{
    struct db_base *inner = (struct db_base *)db->inner;
    inner->fault = db->base.fault;
    inner->arena = db->base.arena;
    return inner->driver;
}

static void note(const struct trace_db *db, const char *what, const struct query *query,
                 int64_t started_us, int64_t rows)
{
    if (db->watch != NULL) {
        db->watch->note(db->watch->arg, db, what, query);
        return;
    }
    log_info("sql", LOG_STR("call", str_of(what)), LOG_INT("us", clock_monotonic_us() - started_us),
             LOG_INT("rows", rows));
}

static enum err trace_begin(struct db *db, enum tx_mode mode)
{
    struct trace_db *self = (struct trace_db *)db;
    int64_t started_us = clock_monotonic_us();
    enum err err = inner_driver(self)->begin(self->inner, mode);
    note(self, mode == TX_READ ? "begin read" : "begin write", NULL, started_us, 0);
    return err;
}

static enum err trace_commit(struct db *db)
{
    struct trace_db *self = (struct trace_db *)db;
    int64_t started_us = clock_monotonic_us();
    enum err err = inner_driver(self)->commit(self->inner);
    note(self, "commit", NULL, started_us, 0);
    return err;
}

static void trace_rollback(struct db *db)
{
    struct trace_db *self = (struct trace_db *)db;
    int64_t started_us = clock_monotonic_us();
    inner_driver(self)->rollback(self->inner);
    note(self, "rollback", NULL, started_us, 0);
}

static enum err trace_start(struct db *db, const struct query *query, const void *in, bool stream,
                            struct stmt **stmt)
{
    struct trace_db *self = (struct trace_db *)db;
    struct stmt *inner = NULL;
    int64_t started_us = clock_monotonic_us();
    TRY(inner_driver(self)->start(self->inner, query, in, stream, &inner));
    *stmt = malloc(sizeof **stmt);
    if (*stmt == NULL)
        abort();
    **stmt = (struct stmt){.db = self, .inner = inner, .query = query, .started_us = started_us};
    return ERR_NONE;
}

static enum err trace_step(struct stmt *stmt, bool *has_row)
{
    enum err err = inner_driver(stmt->db)->step(stmt->inner, has_row);
    stmt->rows += *has_row;
    return err;
}

static enum err trace_read(struct stmt *stmt, struct arena *arena, void *row)
{
    return inner_driver(stmt->db)->read(stmt->inner, arena, row);
}

static int64_t trace_changed(struct stmt *stmt)
{
    return inner_driver(stmt->db)->changed(stmt->inner);
}

static void trace_finish(struct stmt *stmt)
{
    inner_driver(stmt->db)->finish(stmt->inner);
    note(stmt->db, stmt->query->name, stmt->query, stmt->started_us, stmt->rows);
    free(stmt);
}

static enum err trace_batch(struct db *db, const struct query *query, const void *rows,
                            size_t count, size_t stride, db_each_fn *each, void *arg)
{
    struct trace_db *self = (struct trace_db *)db;
    int64_t started_us = clock_monotonic_us();
    enum err err = inner_driver(self)->batch(self->inner, query, rows, count, stride, each, arg);
    note(self, query->name, query, started_us, (int64_t)count);
    return err;
}

static enum err trace_exec(struct db *db, const char *sql)
{
    struct trace_db *self = (struct trace_db *)db;
    return inner_driver(self)->exec(self->inner, sql);
}

static void trace_close(struct db *db)
{
    struct trace_db *self = (struct trace_db *)db;
    inner_driver(self)->close(self->inner);
    free(self);
}

struct db *db_trace_new(struct db *inner, const struct store_watch *watch)
{
    static const struct db_driver driver = {
        .begin = trace_begin,
        .commit = trace_commit,
        .rollback = trace_rollback,
        .start = trace_start,
        .step = trace_step,
        .read = trace_read,
        .changed = trace_changed,
        .finish = trace_finish,
        .batch = trace_batch,
        .exec = trace_exec,
        .close = trace_close,
    };
    struct trace_db *self = malloc(sizeof *self);
    if (self == NULL)
        abort();
    *self = (struct trace_db){.base = {.driver = &driver}, .inner = inner, .watch = watch};
    return (struct db *)self;
}
