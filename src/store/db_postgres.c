/* db_postgres.c - PostgreSQL through libpq: statements prepared once per connection, values as
 * text, bulk inserts as arrays. */
#include "store/db.h"

#include "base/assert.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST    512
#define BATCH_ROWS_MAX 5000
#define FETCH_ROWS     "1000" /* of a streamed query at a time */
#define TEXT_MAX       ((size_t)1 << 30)

struct postgres_db {
    struct db_base base;
    PGconn *conn;
    const struct query **prepared; /* open addressing, by the query's address */
    size_t slot_count;
    size_t used;
    int64_t cursor_number; /* of streamed queries */
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

static enum err failed(struct postgres_db *db, const char *doing, const PGresult *result)
{
    enum err err = PQstatus(db->conn) != CONNECTION_OK
                       ? ERR_UNAVAILABLE
                       : translate(PQresultErrorField(result, PG_DIAG_SQLSTATE));
    struct str words = str_trim(str_of(PQerrorMessage(db->conn)));
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
    return run(db, "SET client_min_messages = warning; SET timezone = 'UTC'; "
                   "SET lock_timeout = '30s'; SET bytea_output = 'hex'");
}

/* A connection that was lost is made again when the next transaction begins. */
static enum err reconnect(struct postgres_db *db)
{
    PQreset(db->conn);
    memset(db->prepared, 0, db->slot_count * sizeof(void *));
    db->used = 0;
    if (PQstatus(db->conn) != CONNECTION_OK)
        return failed(db, "connect", NULL);
    return set_up(db);
}

static enum err postgres_begin(struct db *db, enum tx_mode mode)
{
    static const char *const begins[] = {
        [TX_READ] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        [TX_WRITE] = "BEGIN ISOLATION LEVEL READ COMMITTED",
    };
    struct postgres_db *self = (struct postgres_db *)db;
    if (PQstatus(self->conn) != CONNECTION_OK)
        TRY(reconnect(self));
    enum err err = run(self, begins[mode]);
    if (err == ERR_UNAVAILABLE) { /* found dead only now: nothing has been done yet */
        TRY(reconnect(self));
        fault_reset(self->base.fault);
        err = run(self, begins[mode]);
    }
    return err;
}

static enum err postgres_commit(struct db *db)
{
    struct postgres_db *self = (struct postgres_db *)db;
    /* COMMIT of a failed transaction answers ROLLBACK and no error. */
    if (PQtransactionStatus(self->conn) == PQTRANS_INERROR)
        return fault_set(self->base.fault, ERR_STORE, "commit of a failed transaction");
    return run(self, "COMMIT");
}

static void postgres_rollback(struct db *db)
{
    struct postgres_db *self = (struct postgres_db *)db;
    PGTransactionStatusType status = PQtransactionStatus(self->conn);
    if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR)
        PQclear(PQexec(self->conn, "ROLLBACK"));
}

/* ---- parameters ------------------------------------------------------------------------------ */

static void put_hex(struct buf *buf, struct str bytes)
{
    buf_add(buf, STR("\\x"));
    buf_hex(buf, bytes.ptr, bytes.len);
}

/* The member as PostgreSQL's text; false when it is none. */
static bool put_value(struct buf *buf, enum db_type type, const void *member)
{
    switch (type) {
    case DB_UUID:
        if (uuid_is_nil(*(const struct uuid *)member))
            return false;
        buf_uuid(buf, *(const struct uuid *)member);
        return true;
    case DB_TEXT:
        if (str_is_null(*(const struct str *)member))
            return false;
        buf_add(buf, *(const struct str *)member);
        return true;
    case DB_BLOB:
        if (str_is_null(*(const struct str *)member))
            return false;
        put_hex(buf, *(const struct str *)member);
        return true;
    case DB_DECIMAL:
        if (decimal_is_none(*(const struct decimal *)member))
            return false;
        buf_decimal(buf, *(const struct decimal *)member);
        return true;
    case DB_INT:
        if (*(const int64_t *)member == INT_NONE)
            return false;
        buf_int(buf, *(const int64_t *)member);
        return true;
    case DB_DAY:
        if (*(const int32_t *)member == DAY_NONE)
            return false;
        buf_int(buf, *(const int32_t *)member);
        return true;
    case DB_BOOL:
        buf_char(buf, *(const bool *)member ? 't' : 'f');
        return true;
    }
    return false;
}

static const char **scalar_values(struct arena *arena, const struct query *query, const void *in)
{
    const char **values = ARENA_ARRAY(arena, query->param_count + 1, const char *);
    for (size_t i = 0; i < query->param_count; i++) {
        struct buf text;
        buf_init(&text, arena, TEXT_MAX);
        if (put_value(&text, query->params[i].type, (const char *)in + query->params[i].at)) {
            buf_char(&text, '\0');
            values[i] = text.ptr;
        }
    }
    return values;
}

/* An array literal: {"a","b",NULL}; elements quoted, with backslash before quote and backslash. */
static void put_element(struct buf *array, struct str value)
{
    buf_char(array, '"');
    size_t clean = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] != '"' && value.ptr[i] != '\\')
            continue;
        buf_add(array, str_slice(value, clean, i));
        buf_char(array, '\\');
        clean = i;
    }
    buf_add(array, str_slice(value, clean, value.len));
    buf_char(array, '"');
}

static const char *array_value(struct arena *arena, const struct db_field *field, const char *rows,
                               size_t count, size_t stride)
{
    struct buf array;
    struct buf value;
    buf_init(&array, arena, TEXT_MAX);
    buf_init(&value, arena, TEXT_MAX);
    buf_char(&array, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_char(&array, ',');
        buf_reset(&value);
        if (put_value(&value, field->type, rows + i * stride + field->at))
            put_element(&array, buf_str(&value));
        else
            buf_add(&array, STR("NULL"));
    }
    buf_add(&array, STR("}"));
    buf_char(&array, '\0');
    ASSERT(buf_ok(&array) && buf_ok(&value));
    return array.ptr;
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

static enum err execute(struct postgres_db *db, const struct query *query,
                        const char *const *values, PGresult **result)
{
    TRY(prepare(db, query));
    *result = PQexecPrepared(db->conn, query->name, (int)query->param_count, values, NULL, NULL, 0);
    ExecStatusType status = PQresultStatus(*result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return ERR_NONE;
    enum err err = failed(db, query->name, *result);
    PQclear(*result);
    return err;
}

static enum err fetch(struct stmt *stmt)
{
    char sql[80];
    snprintf(sql, sizeof sql, "FETCH " FETCH_ROWS " FROM %s", stmt->cursor);
    PQclear(stmt->result);
    stmt->row = -1;
    stmt->result = PQexec(stmt->db->conn, sql);
    if (PQresultStatus(stmt->result) == PGRES_TUPLES_OK)
        return ERR_NONE;
    return failed(stmt->db, stmt->query->name, stmt->result);
}

/* A streamed query is a cursor, so that other queries may run between its rows. */
static enum err open_cursor(struct stmt *stmt, const char *const *values)
{
    struct postgres_db *db = stmt->db;
    struct str name = arena_fmt(db->base.arena, "each_%lld", (long long)++db->cursor_number);
    memcpy(stmt->cursor, name.ptr, name.len + 1);
    struct str sql = arena_fmt(db->base.arena, "DECLARE %s NO SCROLL CURSOR FOR %s", stmt->cursor,
                               stmt->query->postgres);
    TRY(check(db, stmt->query->name,
              PQexecParams(db->conn, sql.ptr, (int)stmt->query->param_count, NULL, values, NULL,
                           NULL, 0)));
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

static enum err postgres_start(struct db *db, const struct query *query, const void *in,
                               bool stream, struct stmt **stmt)
{
    struct postgres_db *self = (struct postgres_db *)db;
    struct arena_mark mark = arena_mark(self->base.arena);
    const char **values = scalar_values(self->base.arena, query, in);
    struct stmt *made = must(calloc(1, sizeof *made));
    *made = (struct stmt){.db = self, .query = query, .row = -1};
    enum err err = stream ? open_cursor(made, values) : execute(self, query, values, &made->result);
    if (err != ERR_NONE) {
        if (!stream)
            made->result = NULL;
        postgres_finish(made);
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

static struct str unhex(struct arena *arena, struct str text)
{
    static const char digits[] = "0123456789abcdef";
    ASSERT(str_starts(text, STR("\\x")) && text.len % 2 == 0);
    char *bytes = arena_alloc(arena, text.len / 2);
    for (size_t i = 2; i < text.len; i += 2) {
        const char *high = strchr(digits, text.ptr[i]);
        const char *low = strchr(digits, text.ptr[i + 1]);
        bytes[i / 2 - 1] = (char)((high - digits) << 4 | (low - digits));
    }
    return (struct str){bytes, text.len / 2 - 1};
}

static enum err read_value(const struct query *query, size_t index, struct str text,
                           struct arena *keep, struct arena *scratch, struct fault *fault,
                           void *member)
{
    int64_t number = 0;
    bool ok = true;
    switch (query->columns[index].type) {
    case DB_UUID:
        *(struct uuid *)member = UUID_NIL;
        ok = str_is_null(text) || uuid_parse(text, member);
        break;
    case DB_TEXT:
        *(struct str *)member = keep == NULL ? text : arena_str(keep, text);
        break;
    case DB_BLOB:
        *(struct str *)member =
            str_is_null(text) ? STR_NULL : unhex(keep == NULL ? scratch : keep, text);
        break;
    case DB_DECIMAL:
        *(struct decimal *)member = DECIMAL_NONE;
        ok = str_is_null(text) || decimal_parse(text, member) == ERR_NONE;
        break;
    case DB_INT:
        ok = str_is_null(text) || str_to_int64(text, &number);
        *(int64_t *)member = str_is_null(text) ? INT_NONE : number;
        break;
    case DB_DAY:
        ok = str_is_null(text) || str_to_int64(text, &number);
        *(int32_t *)member = str_is_null(text) ? DAY_NONE : (int32_t)number;
        break;
    case DB_BOOL:
        *(bool *)member = str_eq(text, STR("t"));
        break;
    }
    if (!ok)
        return fault_set(fault, ERR_CORRUPT, "%s: %s cannot be read: %.*s", query->name,
                         query->columns[index].name, STR_ARG(text));
    return ERR_NONE;
}

static enum err postgres_read(struct stmt *stmt, struct arena *arena, void *row)
{
    const struct query *query = stmt->query;
    for (size_t i = 0; i < query->column_count; i++) {
        int column = (int)i;
        struct str text = STR_NULL;
        if (!PQgetisnull(stmt->result, stmt->row, column))
            text = (struct str){PQgetvalue(stmt->result, stmt->row, column),
                                (size_t)PQgetlength(stmt->result, stmt->row, column)};
        TRY(read_value(query, i, text, arena, stmt->db->base.arena, stmt->db->base.fault,
                       (char *)row + query->columns[i].at));
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
    const char **values = ARENA_ARRAY(arena, query->param_count + 1, const char *);
    PGresult *result = NULL;
    for (size_t i = 0; i < query->param_count; i++)
        values[i] = array_value(arena, &query->params[i], rows, count, stride);
    TRY(execute(db, query, values, &result));
    arena_return(arena, mark);
    enum err err = each == NULL ? ERR_NONE : each_row(db, query, result, each, arg);
    PQclear(result);
    return err;
}

static enum err postgres_batch(struct db *db, const struct query *query, const void *rows,
                               size_t count, size_t stride, db_each_fn *each, void *arg)
{
    const char *next = rows;
    while (count > 0) {
        size_t part = count < BATCH_ROWS_MAX ? count : BATCH_ROWS_MAX;
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

enum err db_postgres_open(const char *url, struct fault *fault, struct db **db)
{
    struct postgres_db *self = must(calloc(1, sizeof *self));
    self->base = (struct db_base){.driver = &postgres_driver, .fault = fault};
    grow(self);
    self->conn = PQconnectdb(url);
    enum err err =
        PQstatus(self->conn) == CONNECTION_OK ? set_up(self) : failed(self, "connect", NULL);
    if (err != ERR_NONE) {
        postgres_close((struct db *)self);
        return err;
    }
    *db = (struct db *)self;
    return ERR_NONE;
}
