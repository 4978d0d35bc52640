/* db_sqlite.c - SQLite: one connection, its statements prepared once and kept.
 *
 * A transaction in which anything failed can only be rolled back, as on PostgreSQL; SQLite itself
 * would go on with what did not fail. */
#include "store/db.h"

#include "base/assert.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 512 /* of the statement table; a power of two */

#define CACHE_KIB        "65536" /* of pages, per connection */
#define CHECKPOINT_PAGES "8192"  /* the log is put back into the file when it is this long */

#define BIND_INEXACT (-1) /* beside SQLite's codes */

enum control { BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK };
static const char *const controls[] = {
    [BEGIN_READ] = "BEGIN",
    [BEGIN_WRITE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
};

struct stmt {
    struct sqlite_db *db;
    const struct query *query;
    sqlite3_stmt *handle;
    char
        *decimals; /* their texts while they are bound, DECIMAL_TEXT_MAX bytes for each parameter */
    bool busy;     /* started and not finished */
};

struct sqlite_db {
    struct db_base base;
    sqlite3 *handle;
    struct stmt **slots; /* open addressing, by the query's address */
    size_t slot_count;
    size_t used;
    sqlite3_stmt *controls[4];
    enum tx_mode mode; /* of the running transaction */
    bool is_failed;    /* it can only be rolled back */
};

static enum err translate(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* another process held WAL's locks too long */
        return ERR_BUSY;
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_TOOBIG:
        return ERR_TOO_LARGE;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
        return ERR_UNAVAILABLE;
    case SQLITE_IOERR:
        return ERR_IO;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return ERR_CORRUPT;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                       code == SQLITE_CONSTRAINT_ROWID
                   ? ERR_CONFLICT
                   : ERR_STORE;
    default:
        return ERR_STORE;
    }
}

static enum err failed(struct sqlite_db *db, const char *doing, int code)
{
    enum err err = translate(code);
    int reason = sqlite3_system_errno(db->handle);
    /* Some calls say only that they failed: growing the log's index, for one. */
    if (err == ERR_IO && (reason == ENOSPC || reason == EDQUOT))
        err = ERR_FULL;
    db->is_failed = true;
    return fault_set(db->base.fault, err, "%s: %s", doing, sqlite3_errmsg(db->handle));
}

/* What was read is not what the schema says. */
static enum err corrupt(struct stmt *stmt, int index, const char *what)
{
    stmt->db->is_failed = true;
    return fault_set(stmt->db->base.fault, ERR_CORRUPT, "%s: %s is %s", stmt->query->name,
                     stmt->query->columns[index].name, what);
}

static enum err check_alive(struct sqlite_db *db, const char *doing)
{
    if (db->is_failed)
        return fault_set(db->base.fault, ERR_STORE, "%s: the transaction has failed before", doing);
    return ERR_NONE;
}

static enum err run(struct sqlite_db *db, const char *sql)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ERR_NONE : failed(db, sql, sqlite3_extended_errcode(db->handle));
}

static enum err control(struct sqlite_db *db, enum control what)
{
    int code = SQLITE_OK;
    if (db->controls[what] == NULL)
        code = sqlite3_prepare_v3(db->handle, controls[what], -1, SQLITE_PREPARE_PERSISTENT,
                                  &db->controls[what], NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(db->controls[what]) == SQLITE_DONE
                   ? SQLITE_OK
                   : sqlite3_extended_errcode(db->handle);
    enum err err = code == SQLITE_OK ? ERR_NONE : failed(db, controls[what], code);
    sqlite3_reset(db->controls[what]);
    return err;
}

static enum err sqlite_begin(struct db *db, enum tx_mode mode)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    self->mode = mode;
    self->is_failed = false;
    return control(self, mode == TX_READ ? BEGIN_READ : BEGIN_WRITE);
}

static enum err sqlite_commit(struct db *db)
{
    TRY(check_alive((struct sqlite_db *)db, "COMMIT"));
    return control((struct sqlite_db *)db, COMMIT);
}

static void sqlite_rollback(struct db *db)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    if (sqlite3_get_autocommit(self->handle))
        return; /* nothing is open, or SQLite has rolled it back already */
    enum err err = control(self, ROLLBACK);
    ASSERT(err == ERR_NONE || sqlite3_get_autocommit(self->handle));
}

static size_t slot_of(const struct sqlite_db *db, const struct query *query)
{
    uint64_t hash = (uint64_t)(uintptr_t)query * 0x9e3779b97f4a7c15u;
    size_t slot = (size_t)(hash >> 32) & (db->slot_count - 1);
    while (db->slots[slot] != NULL && db->slots[slot]->query != query)
        slot = (slot + 1) & (db->slot_count - 1);
    return slot;
}

static void *must(void *memory)
{
    if (memory == NULL)
        abort(); /* out of memory ends the process, see base/arena.h */
    return memory;
}

static void grow(struct sqlite_db *db)
{
    struct stmt **old = db->slots;
    size_t old_count = db->slot_count;
    db->slot_count = old_count == 0 ? SLOTS_FIRST : old_count * 2;
    db->slots = must(calloc(db->slot_count, sizeof(struct stmt *)));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL)
            db->slots[slot_of(db, old[i]->query)] = old[i];
    }
    free(old);
}

static void free_stmt(struct stmt *stmt)
{
    sqlite3_finalize(stmt->handle);
    free(stmt->decimals);
    free(stmt);
}

static enum err make_stmt(struct sqlite_db *db, const struct query *query, struct stmt **stmt)
{
    sqlite3_stmt *handle = NULL;
    int code =
        sqlite3_prepare_v3(db->handle, query->sqlite, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (code != SQLITE_OK)
        return failed(db, query->name, sqlite3_extended_errcode(db->handle));
    *stmt = must(calloc(1, sizeof **stmt));
    **stmt = (struct stmt){.db = db, .query = query, .handle = handle};
    (*stmt)->decimals = must(calloc(query->param_count + 1, DECIMAL_TEXT_MAX));
    return ERR_NONE;
}

/* The kept statement of a query; while that one is running (a query inside its own rows) a second
 * one, which finish throws away. */
static enum err find_stmt(struct sqlite_db *db, const struct query *query, struct stmt **stmt)
{
    if (db->used * 2 >= db->slot_count)
        grow(db);
    size_t slot = slot_of(db, query);
    struct stmt *kept = db->slots[slot];
    if (kept != NULL && !kept->busy) {
        *stmt = kept;
        return ERR_NONE;
    }
    TRY(make_stmt(db, query, stmt));
    if (kept == NULL) {
        db->slots[slot] = *stmt;
        db->used++;
    }
    return ERR_NONE;
}

/* Texts are the caller's until the statement is finished. */
static int bind_text(sqlite3_stmt *handle, int index, struct str text, bool blob)
{
    if (str_is_null(text))
        return sqlite3_bind_null(handle, index);
    if (blob)
        return sqlite3_bind_blob64(handle, index, text.ptr, text.len, SQLITE_STATIC);
    return sqlite3_bind_text64(handle, index, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_decimal(struct stmt *stmt, int index, struct decimal value)
{
    struct buf text;
    if (decimal_is_none(value))
        return sqlite3_bind_null(stmt->handle, index);
    buf_fixed(&text, stmt->decimals + (size_t)(index - 1) * DECIMAL_TEXT_MAX, DECIMAL_TEXT_MAX);
    if (!db_decimal_text(value, &text))
        return BIND_INEXACT;
    return bind_text(stmt->handle, index, buf_str(&text), false);
}

static int bind_int(sqlite3_stmt *handle, int index, int64_t value, int64_t none)
{
    return value == none ? sqlite3_bind_null(handle, index)
                         : sqlite3_bind_int64(handle, index, value);
}

static int bind_uuid(sqlite3_stmt *handle, int index, const struct uuid *id)
{
    return uuid_is_nil(*id)
               ? sqlite3_bind_null(handle, index)
               : sqlite3_bind_blob(handle, index, id->bytes, sizeof id->bytes, SQLITE_STATIC);
}

static int bind_member(struct stmt *stmt, int index, enum db_type type, const void *member)
{
    switch (type) {
    case DB_UUID:
        return bind_uuid(stmt->handle, index, member);
    case DB_TEXT:
        return bind_text(stmt->handle, index, *(const struct str *)member, false);
    case DB_BLOB:
        return bind_text(stmt->handle, index, *(const struct str *)member, true);
    case DB_DECIMAL:
        return bind_decimal(stmt, index, *(const struct decimal *)member);
    case DB_INT:
        return bind_int(stmt->handle, index, *(const int64_t *)member, INT_NONE);
    case DB_DAY:
        return bind_int(stmt->handle, index, *(const int32_t *)member, DAY_NONE);
    case DB_BOOL:
        return sqlite3_bind_int(stmt->handle, index, *(const bool *)member);
    }
    return SQLITE_MISUSE;
}

static enum err bind_all(struct stmt *stmt, const void *in)
{
    const struct query *query = stmt->query;
    for (size_t i = 0; i < query->param_count; i++) {
        const struct db_field *param = &query->params[i];
        int code = bind_member(stmt, (int)i + 1, param->type, (const char *)in + param->at);
        if (code == BIND_INEXACT) {
            stmt->db->is_failed = true;
            return fault_set(stmt->db->base.fault, ERR_INEXACT,
                             "%s: %s has more digits than are stored", query->name, param->name);
        }
        if (code != SQLITE_OK)
            return failed(stmt->db, query->name, code);
    }
    return ERR_NONE;
}

static void sqlite_finish(struct stmt *stmt)
{
    struct sqlite_db *db = stmt->db;
    if (db->slots[slot_of(db, stmt->query)] != stmt) {
        free_stmt(stmt);
        return;
    }
    sqlite3_reset(stmt->handle);
    sqlite3_clear_bindings(stmt->handle); /* they point into the caller's memory */
    stmt->busy = false;
}

static enum err sqlite_start(struct db *db, const struct query *query, const void *in, bool stream,
                             struct stmt **stmt)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    struct stmt *found = NULL;
    (void)stream; /* SQLite always streams */
    TRY(check_alive(self, query->name));
    TRY(find_stmt(self, query, &found));
    ASSERT(found != NULL);
    enum err err = ERR_NONE;
    if (self->mode == TX_READ && !sqlite3_stmt_readonly(found->handle)) {
        self->is_failed = true;
        err = fault_set(self->base.fault, ERR_STORE, "%s writes in a TX_READ", query->name);
    }
    found->busy = true;
    if (err == ERR_NONE)
        err = bind_all(found, in);
    if (err != ERR_NONE)
        sqlite_finish(found);
    else
        *stmt = found;
    return err;
}

static enum err sqlite_step(struct stmt *stmt, bool *has_row)
{
    int code = sqlite3_step(stmt->handle);
    *has_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return ERR_NONE;
    return failed(stmt->db, stmt->query->name, sqlite3_extended_errcode(stmt->db->handle));
}

static struct str column_bytes(struct stmt *stmt, struct arena *arena, int index, bool blob)
{
    sqlite3_stmt *handle = stmt->handle;
    if (sqlite3_column_type(handle, index) == SQLITE_NULL)
        return STR_NULL;
    const char *bytes = blob ? sqlite3_column_blob(handle, index)
                             : (const char *)sqlite3_column_text(handle, index);
    struct str view = {bytes == NULL ? "" : bytes, (size_t)sqlite3_column_bytes(handle, index)};
    return arena == NULL ? view : arena_str(arena, view);
}

static enum err column_decimal(struct stmt *stmt, int index, struct decimal *value)
{
    struct str text = column_bytes(stmt, NULL, index, false);
    *value = DECIMAL_NONE;
    if (!str_is_null(text) && decimal_parse(text, value) != ERR_NONE)
        return corrupt(stmt, index, "no decimal");
    return ERR_NONE;
}

static enum err column_uuid(struct stmt *stmt, int index, struct uuid *id)
{
    struct str bytes = column_bytes(stmt, NULL, index, true);
    *id = UUID_NIL;
    if (str_is_null(bytes))
        return ERR_NONE;
    if (bytes.len != sizeof id->bytes)
        return corrupt(stmt, index, "no id of 16 bytes");
    memcpy(id->bytes, bytes.ptr, sizeof id->bytes);
    return ERR_NONE;
}

/* A whole number of [low, high]; `none` for NULL. */
static enum err column_int(struct stmt *stmt, int index, int64_t low, int64_t high, int64_t none,
                           int64_t *value)
{
    int type = sqlite3_column_type(stmt->handle, index);
    *value = type == SQLITE_NULL ? none : sqlite3_column_int64(stmt->handle, index);
    if (type != SQLITE_NULL && type != SQLITE_INTEGER)
        return corrupt(stmt, index, "no whole number");
    if (type != SQLITE_NULL && (*value < low || *value > high))
        return corrupt(stmt, index, "out of range");
    return ERR_NONE;
}

static enum err read_member(struct stmt *stmt, struct arena *arena, int index, enum db_type type,
                            void *member)
{
    int64_t number = 0;
    switch (type) {
    case DB_UUID:
        return column_uuid(stmt, index, member);
    case DB_TEXT:
        *(struct str *)member = column_bytes(stmt, arena, index, false);
        return ERR_NONE;
    case DB_BLOB:
        *(struct str *)member = column_bytes(stmt, arena, index, true);
        return ERR_NONE;
    case DB_DECIMAL:
        return column_decimal(stmt, index, member);
    case DB_INT:
        return column_int(stmt, index, INT64_MIN, INT64_MAX, INT_NONE, member);
    case DB_DAY:
        TRY(column_int(stmt, index, INT32_MIN, INT32_MAX, DAY_NONE, &number));
        *(int32_t *)member = (int32_t)number;
        return ERR_NONE;
    case DB_BOOL:
        TRY(column_int(stmt, index, 0, 1, 0, &number));
        *(bool *)member = number != 0;
        return ERR_NONE;
    }
    return ERR_NONE;
}

static enum err sqlite_read(struct stmt *stmt, struct arena *arena, void *row)
{
    const struct query *query = stmt->query;
    for (size_t i = 0; i < query->column_count; i++)
        TRY(read_member(stmt, arena, (int)i, query->columns[i].type,
                        (char *)row + query->columns[i].at));
    return ERR_NONE;
}

static int64_t sqlite_changed(struct stmt *stmt)
{
    return sqlite3_changes64(stmt->db->handle);
}

static enum err batch_row(struct stmt *stmt, db_each_fn *each, void *arg, void *row)
{
    bool has_row = false;
    TRY(sqlite_step(stmt, &has_row));
    while (has_row) {
        TRY(sqlite_read(stmt, NULL, row));
        TRY(each(arg, row));
        TRY(sqlite_step(stmt, &has_row));
    }
    return ERR_NONE;
}

static enum err sqlite_batch(struct db *db, const struct query *query, const void *rows,
                             size_t count, size_t stride, db_each_fn *each, void *arg)
{
    struct stmt *stmt = NULL;
    void *row = query->row_bytes == 0
                    ? NULL
                    : arena_alloc(((struct sqlite_db *)db)->base.arena, query->row_bytes);
    TRY(sqlite_start(db, query, rows, false, &stmt));
    ASSERT(stmt != NULL);
    enum err err = ERR_NONE;
    for (size_t i = 0; i < count && err == ERR_NONE; i++) {
        if (i > 0) {
            sqlite3_reset(stmt->handle);
            err = bind_all(stmt, (const char *)rows + i * stride);
        }
        if (err == ERR_NONE)
            err = batch_row(stmt, each, arg, row);
    }
    sqlite_finish(stmt);
    return err;
}

static enum err sqlite_exec(struct db *db, const char *sql)
{
    TRY(check_alive((struct sqlite_db *)db, "exec"));
    return run((struct sqlite_db *)db, sql);
}

static void sqlite_close(struct db *db)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    for (size_t i = 0; i < self->slot_count; i++) {
        if (self->slots[i] != NULL)
            free_stmt(self->slots[i]);
    }
    for (size_t i = 0; i < sizeof self->controls / sizeof self->controls[0]; i++)
        sqlite3_finalize(self->controls[i]);
    free(self->slots);
    sqlite3_close(self->handle);
    free(self);
}

static const struct db_driver sqlite_driver = {
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .start = sqlite_start,
    .step = sqlite_step,
    .read = sqlite_read,
    .changed = sqlite_changed,
    .finish = sqlite_finish,
    .batch = sqlite_batch,
    .exec = sqlite_exec,
    .close = sqlite_close,
};

/* WAL is a property of the file, the rest of the connection; all of it but WAL is only read. */
static enum err set_up_shared(struct sqlite_db *db, bool read_only)
{
    if (!read_only)
        TRY(run(db, "PRAGMA journal_mode = WAL"));
    TRY(run(db, "PRAGMA synchronous = FULL; "
                "PRAGMA cache_size = -" CACHE_KIB "; PRAGMA temp_store = MEMORY; "
                "PRAGMA wal_autocheckpoint = " CHECKPOINT_PAGES "; "
                "PRAGMA journal_size_limit = 67108864"));
    if (!read_only)
        return ERR_NONE;
    sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return run(db, "PRAGMA query_only = ON");
}

enum err db_sqlite_open(const char *path, const struct db_sqlite_options *options,
                        struct fault *fault, struct db **db)
{
    struct sqlite_db *self = must(calloc(1, sizeof *self));
    self->base = (struct db_base){.driver = &sqlite_driver, .fault = fault};
    /* A connection is used by one thread at a time, so SQLite's own mutexes are not needed. */
    int code = sqlite3_open_v2(path, &self->handle,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                   (options->read_only ? 0 : SQLITE_OPEN_CREATE),
                               NULL);
    enum err err = ERR_NONE;
    if (code != SQLITE_OK)
        err = fault_set(fault, translate(code), "%s: %s", path, sqlite3_errmsg(self->handle));
    if (err == ERR_NONE) {
        sqlite3_busy_timeout(self->handle, 30000);
        err = run(self, "PRAGMA foreign_keys = ON");
    }
    if (err == ERR_NONE && options->shared)
        err = set_up_shared(self, options->read_only);
    if (err != ERR_NONE) {
        sqlite_close((struct db *)self);
        return err;
    }
    grow(self);
    *db = (struct db *)self;
    return ERR_NONE;
}
