/* db_sqlite.c - SQLite: one connection, its statements prepared once and kept. */
#include "store/db.h"

#include "base/assert.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 512 /* of the statement table; a power of two */

struct stmt {
    struct sqlite_db *db;
    const struct query *query;
    sqlite3_stmt *handle;
    bool busy; /* started and not finished */
};

struct sqlite_db {
    struct db_base base;
    sqlite3 *handle;
    struct stmt **slots; /* open addressing, by the query's address */
    size_t slot_count;
    size_t used;
};

static enum err translate(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_FULL:
        return ERR_FULL;
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
    return fault_set(db->base.fault, translate(code), "%s: %s", doing, sqlite3_errmsg(db->handle));
}

static enum err run(struct sqlite_db *db, const char *sql)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? ERR_NONE : failed(db, sql, sqlite3_extended_errcode(db->handle));
}

static enum err sqlite_begin(struct db *db, enum tx_mode mode)
{
    return run((struct sqlite_db *)db, mode == TX_WRITE ? "BEGIN IMMEDIATE" : "BEGIN");
}

static enum err sqlite_commit(struct db *db)
{
    return run((struct sqlite_db *)db, "COMMIT");
}

static void sqlite_rollback(struct db *db)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    if (!sqlite3_get_autocommit(self->handle))
        sqlite3_exec(self->handle, "ROLLBACK", NULL, NULL, NULL);
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

static enum err make_stmt(struct sqlite_db *db, const struct query *query, struct stmt **stmt)
{
    sqlite3_stmt *handle = NULL;
    int code =
        sqlite3_prepare_v3(db->handle, query->sqlite, -1, SQLITE_PREPARE_PERSISTENT, &handle, NULL);
    if (code != SQLITE_OK)
        return failed(db, query->name, sqlite3_extended_errcode(db->handle));
    *stmt = must(calloc(1, sizeof **stmt));
    **stmt = (struct stmt){.db = db, .query = query, .handle = handle};
    return ERR_NONE;
}

/* The kept statement of a query; while that one is running (a query inside its own rows) a second
 * one, which finish throws away. */
static enum err find_stmt(struct sqlite_db *db, const struct query *query, struct stmt **stmt)
{
    if (db->used * 2 >= db->slot_count)
        grow(db);
    size_t slot = slot_of(db, query);
    if (db->slots[slot] == NULL) {
        TRY(make_stmt(db, query, &db->slots[slot]));
        db->used++;
    } else if (db->slots[slot]->busy) {
        return make_stmt(db, query, stmt);
    }
    *stmt = db->slots[slot];
    return ERR_NONE;
}

/* The texts are the caller's until the statement is finished. */
static void bind_text(sqlite3_stmt *handle, int index, struct str text, bool blob)
{
    if (str_is_null(text))
        sqlite3_bind_null(handle, index);
    else if (blob)
        sqlite3_bind_blob64(handle, index, text.ptr, text.len, SQLITE_STATIC);
    else
        sqlite3_bind_text64(handle, index, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static void bind_decimal(sqlite3_stmt *handle, int index, struct decimal value)
{
    char storage[512];
    struct buf text;
    if (decimal_is_none(value)) {
        sqlite3_bind_null(handle, index);
        return;
    }
    buf_fixed(&text, storage, sizeof storage);
    buf_decimal(&text, value);
    ASSERT(buf_ok(&text));
    sqlite3_bind_text(handle, index, text.ptr, (int)text.len, SQLITE_TRANSIENT);
}

static void bind_int(sqlite3_stmt *handle, int index, int64_t value, int64_t none)
{
    if (value == none)
        sqlite3_bind_null(handle, index);
    else
        sqlite3_bind_int64(handle, index, value);
}

static void bind_all(struct stmt *stmt, const void *in)
{
    const struct query *query = stmt->query;
    for (size_t i = 0; i < query->param_count; i++) {
        const void *member = (const char *)in + query->params[i].at;
        int index = (int)i + 1;
        switch (query->params[i].type) {
        case DB_UUID: {
            const struct uuid *id = member;
            if (uuid_is_nil(*id))
                sqlite3_bind_null(stmt->handle, index);
            else
                sqlite3_bind_blob(stmt->handle, index, id->bytes, sizeof id->bytes, SQLITE_STATIC);
            break;
        }
        case DB_TEXT:
            bind_text(stmt->handle, index, *(const struct str *)member, false);
            break;
        case DB_BLOB:
            bind_text(stmt->handle, index, *(const struct str *)member, true);
            break;
        case DB_DECIMAL:
            bind_decimal(stmt->handle, index, *(const struct decimal *)member);
            break;
        case DB_INT:
            bind_int(stmt->handle, index, *(const int64_t *)member, INT_NONE);
            break;
        case DB_DAY:
            bind_int(stmt->handle, index, *(const int32_t *)member, DAY_NONE);
            break;
        case DB_BOOL:
            sqlite3_bind_int(stmt->handle, index, *(const bool *)member);
            break;
        }
    }
}

static enum err sqlite_start(struct db *db, const struct query *query, const void *in, bool stream,
                             struct stmt **stmt)
{
    (void)stream; /* SQLite always streams */
    TRY(find_stmt((struct sqlite_db *)db, query, stmt));
    ASSERT(*stmt != NULL);
    (*stmt)->busy = true;
    bind_all(*stmt, in);
    return ERR_NONE;
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
        return fault_set(stmt->db->base.fault, ERR_CORRUPT, "%s: %.*s is no decimal",
                         stmt->query->columns[index].name, STR_ARG(text));
    return ERR_NONE;
}

static enum err column_uuid(struct stmt *stmt, int index, struct uuid *id)
{
    struct str bytes = column_bytes(stmt, NULL, index, true);
    *id = UUID_NIL;
    if (str_is_null(bytes))
        return ERR_NONE;
    if (bytes.len != sizeof id->bytes)
        return fault_set(stmt->db->base.fault, ERR_CORRUPT, "%s: an id of %zu bytes",
                         stmt->query->columns[index].name, bytes.len);
    memcpy(id->bytes, bytes.ptr, sizeof id->bytes);
    return ERR_NONE;
}

static enum err sqlite_read(struct stmt *stmt, struct arena *arena, void *row)
{
    const struct query *query = stmt->query;
    for (int i = 0; i < (int)query->column_count; i++) {
        void *member = (char *)row + query->columns[i].at;
        bool null = sqlite3_column_type(stmt->handle, i) == SQLITE_NULL;
        switch (query->columns[i].type) {
        case DB_UUID:
            TRY(column_uuid(stmt, i, member));
            break;
        case DB_TEXT:
            *(struct str *)member = column_bytes(stmt, arena, i, false);
            break;
        case DB_BLOB:
            *(struct str *)member = column_bytes(stmt, arena, i, true);
            break;
        case DB_DECIMAL:
            TRY(column_decimal(stmt, i, member));
            break;
        case DB_INT:
            *(int64_t *)member = null ? INT_NONE : sqlite3_column_int64(stmt->handle, i);
            break;
        case DB_DAY:
            *(int32_t *)member = null ? DAY_NONE : sqlite3_column_int(stmt->handle, i);
            break;
        case DB_BOOL:
            *(bool *)member = sqlite3_column_int(stmt->handle, i) != 0;
            break;
        }
    }
    return ERR_NONE;
}

static int64_t sqlite_changed(struct stmt *stmt)
{
    return sqlite3_changes64(stmt->db->handle);
}

static void sqlite_finish(struct stmt *stmt)
{
    struct sqlite_db *db = stmt->db;
    if (db->slots[slot_of(db, stmt->query)] != stmt) {
        sqlite3_finalize(stmt->handle);
        free(stmt);
        return;
    }
    sqlite3_reset(stmt->handle);
    sqlite3_clear_bindings(stmt->handle); /* they point into the caller's memory */
    stmt->busy = false;
}

static enum err batch_row(struct db *db, struct stmt *stmt, db_each_fn *each, void *arg, void *row)
{
    bool has_row = false;
    TRY(sqlite_step(stmt, &has_row));
    while (has_row) {
        TRY(sqlite_read(stmt, NULL, row));
        TRY(each(arg, row));
        TRY(sqlite_step(stmt, &has_row));
    }
    (void)db;
    return ERR_NONE;
}

static enum err sqlite_batch(struct db *db, const struct query *query, const void *rows,
                             size_t count, size_t stride, db_each_fn *each, void *arg)
{
    struct stmt *stmt = NULL;
    enum err err = ERR_NONE;
    void *row = query->row_bytes == 0
                    ? NULL
                    : arena_alloc(((struct sqlite_db *)db)->base.arena, query->row_bytes);
    TRY(sqlite_start(db, query, rows, false, &stmt));
    for (size_t i = 0; i < count && err == ERR_NONE; i++) {
        if (i > 0) {
            sqlite3_reset(stmt->handle);
            bind_all(stmt, (const char *)rows + i * stride);
        }
        err = batch_row(db, stmt, each, arg, row);
    }
    sqlite_finish(stmt);
    return err;
}

static enum err sqlite_exec(struct db *db, const char *sql)
{
    return run((struct sqlite_db *)db, sql);
}

static void sqlite_close(struct db *db)
{
    struct sqlite_db *self = (struct sqlite_db *)db;
    for (size_t i = 0; i < self->slot_count; i++) {
        if (self->slots[i] != NULL) {
            sqlite3_finalize(self->slots[i]->handle);
            free(self->slots[i]);
        }
    }
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

enum err db_sqlite_open(const char *path, bool shared, struct fault *fault, struct db **db)
{
    struct sqlite_db *self = must(calloc(1, sizeof *self));
    self->base = (struct db_base){.driver = &sqlite_driver, .fault = fault};
    /* A connection is used by one thread at a time, so SQLite's own mutexes are not needed. */
    int code =
        sqlite3_open_v2(path, &self->handle,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    enum err err = ERR_NONE;
    if (code != SQLITE_OK)
        err = fault_set(fault, translate(code), "%s: %s", path, sqlite3_errmsg(self->handle));
    if (err == ERR_NONE) {
        sqlite3_busy_timeout(self->handle, 30000);
        err = run(self, "PRAGMA foreign_keys = ON");
    }
    if (err == ERR_NONE && shared)
        err = run(self, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; "
                        "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; "
                        "PRAGMA journal_size_limit = 67108864");
    if (err != ERR_NONE) {
        sqlite_close((struct db *)self);
        return err;
    }
    grow(self);
    *db = (struct db *)self;
    return ERR_NONE;
}
