/* db_postgres.c - PostgreSQL through libpq: statements prepared once per connection, values in
 * binary form, bulk inserts as arrays. */
#include "store/db_postgres.h"

#include "base/assert.h"
#include "base/log.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST     512
#define BATCH_ROWS_MAX  5000
#define BATCH_BYTES_MAX ((size_t)32 << 20)
#define FETCH_ROWS      "1000" /* of a streamed query at a time */

struct postgres_db {
    struct db_base base;
    PGconn *conn;
    const struct query **prepared; /* open addressing, by the query's address */
    size_t slot_count;
    size_t used;
    int64_t cursor_number; /* of streamed queries */
    enum tx_mode mode;     /* of the running transaction */
    bool is_stale;         /* the prepared statements do not fit the schema any more */
};

struct stmt {
    struct postgres_db *db;
    const struct query *query;
    PGresult *result;
    int row;         /* current; -1 before the first */
    char cursor[32]; /* name of a streamed query's cursor; "" for others */
};

static void *must(void *memory)
{
    if (memory == NULL)
        abort(); /* out of memory ends the process, see base/arena.h */
    return memory;
}

/* https://www.postgresql.org/docs/15/errcodes-appendix.html */
static enum err translate(const char *state)
{
    static const struct {
        const char *prefix;
        enum err err;
    } states[] = {
        {"40001", ERR_BUSY},       {"40P01", ERR_BUSY},    {"55P03", ERR_BUSY},
        {"23505", ERR_CONFLICT},   {"53100", ERR_FULL},    {"08", ERR_UNAVAILABLE},
        {"57P0", ERR_UNAVAILABLE}, {"53300", ERR_BUSY},    {"25006", ERR_UNAVAILABLE},
        {"58030", ERR_IO},         {"XX001", ERR_CORRUPT},
    };
    if (state == NULL)
        return ERR_UNAVAILABLE; /* no answer from the server at all */
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strncmp(state, states[i].prefix, strlen(states[i].prefix)) == 0)
            return states[i].err;
    }
    return ERR_STORE;
}

/* The schema was changed below a prepared statement, or somebody took the statement away.  The
 * transaction may be tried again: the next one makes a new connection. */
static bool is_stale(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
    if (state == NULL || function == NULL)
        return false;
    return strcmp(state, "26000") == 0 ||
           (strcmp(state, "0A000") == 0 && strcmp(function, "RevalidateCachedQuery") == 0);
}

static enum err failed(struct postgres_db *db, const char *doing, const PGresult *result)
{
    enum err err = PQstatus(db->conn) != CONNECTION_OK
                       ? ERR_UNAVAILABLE
                       : translate(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    struct str words = str_trim(str_of(PQerrorMessage(db->conn)));
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state != NULL && strcmp(state, "25006") == 0 && db->mode == TX_READ)
        err = ERR_STORE; /* our own bug, not a server that has become a standby */
    if (is_stale(result)) {
        db->is_stale = true;
        err = ERR_BUSY;
    }
    return fault_set(db->base.fault, err, "%s: %.*s", doing, STR_ARG(words));
}

/* Takes the result; ERR_NONE when the command went well. */
static enum err check(struct postgres_db *db, const char *doing, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    enum err err = ERR_NONE;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        err = failed(db, doing, result);
    PQclear(result);
    return err;
}

static enum err run(struct postgres_db *db, const char *sql)
{
    return check(db, sql, PQexec(db->conn, sql));
}

static enum err postgres_exec(struct db *db, const char *sql)
{
    return run((struct postgres_db *)db, sql);
}

static enum err set_up(struct postgres_db *db)
{
    const char *encoding = PQparameterStatus(db->conn, "server_encoding");
    if (encoding == NULL || strcmp(encoding, "UTF8") != 0)
        return fault_set(db->base.fault, ERR_INVALID,
                         "the database's encoding is %s; Billow needs UTF8",
                         encoding == NULL ? "unknown" : encoding);
    /* A stream is always read to its end, so plans are made for that. */
    return run(db, "SET client_min_messages = warning; SET timezone = 'UTC'; "
                   "SET lock_timeout = '30s'; SET cursor_tuple_fraction = 1.0");
}

/* A connection that was lost is made again when the next transaction begins. */
static enum err reconnect(struct postgres_db *db)
{
    PQreset(db->conn);
    for (size_t i = 0; i < db->slot_count; i++)
        db->prepared[i] = NULL;
    db->used = 0;
    db->is_stale = false;
    if (PQstatus(db->conn) != CONNECTION_OK)
        return failed(db, "connect", NULL);
    return set_up(db);
}

static enum err postgres_begin(struct db *db, enum tx_mode mode)
{
    static const char *const begins[] = {
        [TX_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        [TX_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED",
        [TX_WRITE_STRICT] = "BEGIN ISOLATION LEVEL REPEATABLE READ",
    };
    struct postgres_db *self = (struct postgres_db *)db;
    self->mode = mode;
    if (self->is_stale || PQstatus(self->conn) != CONNECTION_OK)
        TRY(reconnect(self));
    enum err err = run(self, begins[mode]);
    if (err == ERR_UNAVAILABLE) { /* found dead only now: nothing has been done yet */
        fault_reset(self->base.fault);
        TRY(reconnect(self));
        err = run(self, begins[mode]);
    }
    return err;
}

static enum err postgres_commit(struct db *db)
{
    struct postgres_db *self = (struct postgres_db *)db;
    bool was_there = PQstatus(self->conn) == CONNECTION_OK;
    /* COMMIT of a failed transaction answers ROLLBACK and no error. */
    if (PQtransactionStatus(self->conn) == PQTRANS_INERROR)
        return fault_set(self->base.fault, ERR_STORE, "COMMIT: the transaction has failed before");
    enum err err = run(self, "COMMIT");
    if (err == ERR_UNAVAILABLE && was_there && self->mode != TX_READ)
        return fault_set(
            self->base.fault, ERR_STORE,
            "the connection was lost during COMMIT: it is unknown whether it was done");
    return err;
}

static void postgres_rollback(struct db *db)
{
    struct postgres_db *self = (struct postgres_db *)db;
    PGTransactionStatusType status = PQtransactionStatus(self->conn);
    if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR)
        PQclear(PQexec(self->conn, "ROLLBACK"));
}

/* ---- statements ------------------------------------------------------------------------------ */

static size_t slot_of(const struct postgres_db *db, const struct query *query)
{
    uint64_t hash = (uint64_t)(uintptr_t)query * 0x9e3779b97f4a7c15u;
    size_t slot = (size_t)(hash >> 32) & (db->slot_count - 1);
    while (db->prepared[slot] != NULL && db->prepared[slot] != query)
        slot = (slot + 1) & (db->slot_count - 1);
    return slot;
}

static void grow(struct postgres_db *db)
{
    const struct query **old = db->prepared;
    size_t old_count = db->slot_count;
    db->slot_count = old_count == 0 ? SLOTS_FIRST : old_count * 2;
    db->prepared = must(calloc(db->slot_count, sizeof(void *)));
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL)
            db->prepared[slot_of(db, old[i])] = old[i];
    }
    free(old);
}

static enum err prepare(struct postgres_db *db, const struct query *query)
{
    if (db->used * 2 >= db->slot_count)
        grow(db);
    size_t slot = slot_of(db, query);
    if (db->prepared[slot] != NULL)
        return ERR_NONE;
    TRY(check(db, query->name, PQprepare(db->conn, query->name, query->postgres, 0, NULL)));
    db->prepared[slot] = query;
    db->used++;
    return ERR_NONE;
}

/* What the columns are on PostgreSQL must be what the build took them for. */
static enum err check_columns(struct postgres_db *db, const struct query *query,
                              const PGresult *result)
{
    if (query->column_count > 0 && (size_t)PQnfields(result) < query->column_count)
        return fault_set(db->base.fault, ERR_STORE, "%s: %d columns", query->name,
                         PQnfields(result));
    for (size_t i = 0; i < query->column_count; i++) {
        unsigned oid = PQftype(result, (int)i);
        if (!pg_type_fits(query->columns[i].type, oid))
            return fault_set(db->base.fault, ERR_STORE, "%s: %s is of type %u", query->name,
                             query->columns[i].name, oid);
    }
    return ERR_NONE;
}

static enum err execute(struct postgres_db *db, const struct query *query,
                        const struct pg_params *params, PGresult **result)
{
    TRY(prepare(db, query));
    PGresult *made = PQexecPrepared(db->conn, query->name, (int)query->param_count, params->values,
                                    params->lengths, params->formats, 1);
    ExecStatusType status = PQresultStatus(made);
    enum err err = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
                       ? check_columns(db, query, made)
                       : failed(db, query->name, made);
    if (err != ERR_NONE)
        PQclear(made);
    else
        *result = made;
    return err;
}

static enum err fetch(struct stmt *stmt)
{
    struct postgres_db *db = stmt->db;
    char sql[80];
    snprintf(sql, sizeof sql, "FETCH " FETCH_ROWS " FROM %s", stmt->cursor);
    PQclear(stmt->result);
    stmt->row = -1;
    stmt->result = PQexecParams(db->conn, sql, 0, NULL, NULL, NULL, NULL, 1);
    if (PQresultStatus(stmt->result) == PGRES_TUPLES_OK)
        return check_columns(db, stmt->query, stmt->result);
    return failed(db, stmt->query->name, stmt->result);
}

/* A streamed query is a cursor, so that other queries may run between its rows. */
static enum err open_cursor(struct stmt *stmt, const struct pg_params *params)
{
    struct postgres_db *db = stmt->db;
    const struct query *query = stmt->query;
    snprintf(stmt->cursor, sizeof stmt->cursor, "each_%lld", (long long)++db->cursor_number);
    struct str sql = arena_fmt(db->base.arena, "DECLARE %s NO SCROLL CURSOR FOR %s", stmt->cursor,
                               query->postgres);
    TRY(check(db, query->name,
              PQexecParams(db->conn, sql.ptr, (int)query->param_count, NULL, params->values,
                           params->lengths, params->formats, 1)));
    return fetch(stmt);
}

static void postgres_finish(struct stmt *stmt)
{
    if (stmt->cursor[0] != '\0' && PQtransactionStatus(stmt->db->conn) == PQTRANS_INTRANS) {
        char sql[64];
        snprintf(sql, sizeof sql, "CLOSE %s", stmt->cursor);
        PQclear(PQexec(stmt->db->conn, sql));
    }
    PQclear(stmt->result);
    free(stmt);
}

static enum err start(struct stmt *stmt, const void *in, bool stream)
{
    struct postgres_db *db = stmt->db;
    struct pg_params params;
    TRY(pg_scalars(db->base.arena, db->base.fault, stmt->query, in, &params));
    return stream ? open_cursor(stmt, &params) : execute(db, stmt->query, &params, &stmt->result);
}

static enum err postgres_start(struct db *db, const struct query *query, const void *in,
                               bool stream, struct stmt **stmt)
{
    struct postgres_db *self = (struct postgres_db *)db;
    struct arena_mark mark = arena_mark(self->base.arena);
    struct stmt *made = must(calloc(1, sizeof *made));
    *made = (struct stmt){.db = self, .query = query, .row = -1};
    enum err err = start(made, in, stream);
    if (err != ERR_NONE) {
        postgres_finish(made); /* the fault's words are in the arena: it is not returned */
        return err;
    }
    arena_return(self->base.arena, mark);
    *stmt = made;
    return ERR_NONE;
}

static enum err postgres_step(struct stmt *stmt, bool *has_row)
{
    stmt->row++;
    if (stmt->row >= PQntuples(stmt->result) && stmt->cursor[0] != '\0' &&
        PQntuples(stmt->result) > 0) {
        TRY(fetch(stmt));
        stmt->row = 0;
    }
    *has_row = stmt->row < PQntuples(stmt->result);
    return ERR_NONE;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum err postgres_read(struct stmt *stmt, struct arena *arena, void *row)
{
    const struct query *query = stmt->query;
    for (size_t i = 0; i < query->column_count; i++) {
        const struct db_field *field = &query->columns[i];
        int column = (int)i;
        struct str bytes = STR_NULL;
        if (!PQgetisnull(stmt->result, stmt->row, column))
            bytes = (struct str){PQgetvalue(stmt->result, stmt->row, column),
                                 (size_t)PQgetlength(stmt->result, stmt->row, column)};
        if (!pg_read(field->type, bytes, arena, (char *)row + field->at))
            return fault_set(stmt->db->base.fault, ERR_CORRUPT, "%s: %s is out of range",
                             query->name, field->name);
    }
    return ERR_NONE;
}

static int64_t postgres_changed(struct stmt *stmt)
{
    int64_t changed = 0;
    return str_to_int64(str_of(PQcmdTuples(stmt->result)), &changed) ? changed : 0;
}

static enum err each_row(struct postgres_db *db, const struct query *query, PGresult *result,
                         db_each_fn *each, void *arg)
{
    struct stmt stmt = {.db = db, .query = query, .result = result};
    ASSERT(query->row_bytes > 0);
    void *row = arena_alloc(db->base.arena, query->row_bytes);
    for (; stmt.row < PQntuples(result); stmt.row++) {
        TRY(postgres_read(&stmt, NULL, row));
        TRY(each(arg, row));
    }
    return ERR_NONE;
}

static enum err batch_part(struct postgres_db *db, const struct query *query, const char *rows,
                           size_t count, size_t stride, db_each_fn *each, void *arg)
{
    struct arena *arena = db->base.arena;
    struct arena_mark mark = arena_mark(arena);
    struct pg_params params;
    PGresult *result = NULL;
    TRY(pg_arrays(arena, db->base.fault, query, rows, count, stride, &params));
    TRY(execute(db, query, &params, &result));
    arena_return(arena, mark);
    enum err err = each == NULL ? ERR_NONE : each_row(db, query, result, each, arg);
    PQclear(result);
    return err;
}

/* As many rows as go at once. */
static size_t part_of(const struct query *query, const char *rows, size_t count, size_t stride)
{
    size_t bytes = 0;
    size_t part = 0;
    while (part < count && part < BATCH_ROWS_MAX && bytes < BATCH_BYTES_MAX)
        bytes += pg_row_bytes(query, rows + part++ * stride);
    return part;
}

static enum err postgres_batch(struct db *db, const struct query *query, const void *rows,
                               size_t count, size_t stride, db_each_fn *each, void *arg)
{
    const char *next = rows;
    while (count > 0) {
        size_t part = part_of(query, next, count, stride);
        TRY(batch_part((struct postgres_db *)db, query, next, part, stride, each, arg));
        next += part * stride;
        count -= part;
    }
    return ERR_NONE;
}

static void postgres_close(struct db *db)
{
    struct postgres_db *self = (struct postgres_db *)db;
    PQfinish(self->conn);
    free(self->prepared);
    free(self);
}

static const struct db_driver postgres_driver = {
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .start = postgres_start,
    .step = postgres_step,
    .read = postgres_read,
    .changed = postgres_changed,
    .finish = postgres_finish,
    .batch = postgres_batch,
    .exec = postgres_exec,
    .close = postgres_close,
};

static void log_notice(void *arg, const char *message)
{
    (void)arg;
    log_warn("postgresql", LOG_STR("notice", str_trim(str_of(message))));
}

/* Settings before the URL are defaults, that behind it is not to be changed. */
static PGconn *connect(const char *url)
{
    static const char *const keys[] = {"connect_timeout", "application_name", "dbname",
                                       "client_encoding", NULL};
    const char *const values[] = {"10", "billow", url, "UTF8", NULL};
    return PQconnectdbParams(keys, values, 1);
}

enum err db_postgres_open(const char *url, struct fault *fault, struct db **db)
{
    struct postgres_db *self = must(calloc(1, sizeof *self));
    self->base = (struct db_base){.driver = &postgres_driver, .fault = fault};
    grow(self);
    self->conn = connect(url);
    PQsetNoticeProcessor(self->conn, log_notice, NULL);
    enum err err =
        PQstatus(self->conn) == CONNECTION_OK ? set_up(self) : failed(self, "connect", NULL);
    if (err != ERR_NONE) {
        postgres_close((struct db *)self);
        return err;
    }
    *db = (struct db *)self;
    return ERR_NONE;
}
