/* store.c - connections and transactions: who may use which connection when. */
#include "store/store.h"

#include "base/assert.h"
#include "store/db.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_DEFAULT 8
#define WAIT_S              30

struct tx {
    struct store *store;
    struct db *db;
    struct arena *arena;
    struct fault *fault;
    enum tx_mode mode;
    bool is_writer; /* holds SQLite's one writing connection */
};

struct store {
    enum store_engine engine;
    bool single; /* sqlite::memory: one connection for all */
    bool trace;
    const struct store_watch *watch;
    bool read_only;
    char *path; /* of SQLite's file, or the URL */
    pthread_mutex_t mutex;
    pthread_cond_t freed;
    struct db *writer; /* SQLite's; NULL while in use, and on PostgreSQL */
    struct db **idle;
    int idle_count;
    int open_count; /* idle and in use, without the writer */
    int open_max;
    struct db_faults faults;
};

static const struct db_driver *driver_of(struct db *db)
{
    return ((struct db_base *)db)->driver;
}

static enum err connect(struct store *store, struct fault *fault, struct db **db)
{
    if (store->engine == STORE_SQLITE)
        TRY(db_sqlite_open(
            store->path,
            &(struct db_sqlite_options){.shared = !store->single, .read_only = store->read_only},
            fault, db));
    else
        TRY(db_postgres_open(store->path, fault, db));
    if (store->trace)
        *db = db_trace_new(*db, NULL);
    if (store->watch != NULL)
        *db = db_trace_new(*db, store->watch);
    *db = db_faulty_new(*db, &store->faults);
    return ERR_NONE;
}

static enum err parse_url(struct store *store, struct str url, struct fault *fault)
{
    struct str sqlite = STR("sqlite:");
    if (str_starts(url, sqlite) && url.len > sqlite.len) {
        store->engine = STORE_SQLITE;
        url = str_slice(url, sqlite.len, url.len);
        store->single = str_eq(url, STR(":memory:"));
    } else if (str_starts(url, STR("postgresql://")) || str_starts(url, STR("postgres://"))) {
        store->engine = STORE_POSTGRES;
    } else {
        /* Whatever stands behind the scheme may hold a password. */
        ptrdiff_t colon = str_find(url, ':');
        return fault_set(fault, ERR_INVALID,
                         "database %.*s: wanted sqlite:FILE, sqlite::memory: or postgresql://…",
                         STR_ARG(str_slice(url, 0, colon < 0 ? url.len : (size_t)colon + 1)));
    }
    store->path = strndup(url.ptr, url.len);
    return store->path == NULL ? ERR_STORE : ERR_NONE;
}

enum err store_open(struct str url, const struct store_options *options, struct fault *fault,
                    struct store **store)
{
    struct store *self = calloc(1, sizeof *self);
    if (self == NULL)
        abort();
    pthread_mutex_init(&self->mutex, NULL);
    pthread_condattr_t monotonic; /* waits are not for the wall clock to shorten */
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&self->freed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    self->trace = options->trace;
    self->watch = options->watch;
    self->read_only = options->read_only;
    self->open_max = options->connections_max == 0 ? CONNECTIONS_DEFAULT : options->connections_max;
    self->idle = calloc((size_t)self->open_max, sizeof(struct db *));
    if (self->idle == NULL)
        abort();
    atomic_init(&self->faults.countdown, options->fail_at_call);
    atomic_init(&self->faults.fault, STORE_FAULT_ERROR);
    enum err err = parse_url(self, url, fault);
    if (err == ERR_NONE && options->must_exist && self->engine == STORE_SQLITE &&
        access(self->path, F_OK) != 0)
        err = fault_set(fault, ERR_NOT_FOUND,
                        "%s: there is no such database; billow serve or billow migrate makes one",
                        self->path);
    if (err == ERR_NONE && self->engine == STORE_SQLITE)
        err = connect(self, fault, &self->writer);
    if (err == ERR_NONE && self->engine == STORE_POSTGRES) { /* tells at once whether it is there */
        err = connect(self, fault, &self->idle[0]);
        self->idle_count = self->open_count = err == ERR_NONE;
    }
    if (err != ERR_NONE) {
        store_close(self);
        return err;
    }
    *store = self;
    return ERR_NONE;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    ASSERT(store->idle_count == store->open_count);
    for (int i = 0; i < store->idle_count; i++)
        driver_of(store->idle[i])->close(store->idle[i]);
    if (store->writer != NULL)
        driver_of(store->writer)->close(store->writer);
    pthread_cond_destroy(&store->freed);
    pthread_mutex_destroy(&store->mutex);
    free(store->idle);
    free(store->path);
    free(store);
}

enum store_engine store_engine(const struct store *store)
{
    return store->engine;
}

const char *store_file(const struct store *store)
{
    return store->engine == STORE_SQLITE && !store->single ? store->path : NULL;
}

struct store_use store_use(struct store *store)
{
    pthread_mutex_lock(&store->mutex);
    int writers = store->engine == STORE_SQLITE;
    struct store_use use = {
        .in_use = store->open_count - store->idle_count + (writers == 1 && store->writer == NULL),
        .most = store->open_max + writers,
    };
    pthread_mutex_unlock(&store->mutex);
    return use;
}

int64_t store_fail_with(struct store *store, enum store_fault fault, int64_t call)
{
    int64_t left = atomic_exchange(&store->faults.countdown, 0);
    atomic_store(&store->faults.fault, (int)fault);
    atomic_store(&store->faults.countdown, call);
    return left;
}

int64_t store_fail_at(struct store *store, int64_t call)
{
    return store_fail_with(store, STORE_FAULT_ERROR, call);
}

static bool wants_writer(const struct store *store, enum tx_mode mode)
{
    return store->engine == STORE_SQLITE && (store->single || mode != TX_READ);
}

/* Waits for a connection; on success *db is NULL where a new one must be made. */
static enum err take(struct store *store, bool writer, struct fault *fault, struct db **db)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += WAIT_S;
    enum err err = ERR_NONE;
    pthread_mutex_lock(&store->mutex);
    for (;;) {
        if (writer && store->writer != NULL) {
            *db = store->writer;
            store->writer = NULL;
            break;
        }
        if (!writer && store->idle_count > 0) {
            *db = store->idle[--store->idle_count];
            break;
        }
        if (!writer && store->open_count < store->open_max) {
            store->open_count++;
            *db = NULL;
            break;
        }
        if (pthread_cond_timedwait(&store->freed, &store->mutex, &until) == ETIMEDOUT) {
            err = fault_set(fault, ERR_BUSY, "no database connection became free in %d s", WAIT_S);
            break;
        }
    }
    pthread_mutex_unlock(&store->mutex);
    return err;
}

static void give_back(struct store *store, bool writer, struct db *db)
{
    pthread_mutex_lock(&store->mutex);
    if (writer)
        store->writer = db;
    else if (db == NULL)
        store->open_count--;
    else
        store->idle[store->idle_count++] = db;
    pthread_cond_broadcast(&store->freed);
    pthread_mutex_unlock(&store->mutex);
}

enum err tx_begin(struct store *store, enum tx_mode mode, struct arena *arena, struct fault *fault,
                  struct tx **tx)
{
    bool writer = wants_writer(store, mode);
    struct db *db = NULL;
    TRY(take(store, writer, fault, &db));
    enum err err = db == NULL ? connect(store, fault, &db) : ERR_NONE;
    if (err == ERR_NONE) {
        struct db_base *base = (struct db_base *)db;
        base->fault = fault;
        base->arena = arena;
        err = base->driver->begin(db, mode);
    }
    if (err != ERR_NONE) {
        give_back(store, writer, db);
        return err;
    }
    *tx = ARENA_NEW(arena, struct tx);
    **tx = (struct tx){.store = store,
                       .db = db,
                       .arena = arena,
                       .fault = fault,
                       .mode = mode,
                       .is_writer = writer};
    return ERR_NONE;
}

enum err tx_commit(struct tx *tx)
{
    enum err err = driver_of(tx->db)->commit(tx->db);
    if (err != ERR_NONE)
        driver_of(tx->db)->rollback(tx->db);
    give_back(tx->store, tx->is_writer, tx->db);
    tx->db = NULL;
    return err;
}

void tx_rollback(struct tx *tx)
{
    driver_of(tx->db)->rollback(tx->db);
    give_back(tx->store, tx->is_writer, tx->db);
    tx->db = NULL;
}

struct arena *tx_arena(struct tx *tx)
{
    return tx->arena;
}

struct fault *tx_fault(struct tx *tx)
{
    return tx->fault;
}

enum store_engine tx_engine(const struct tx *tx)
{
    return tx->store->engine;
}

struct db *tx_db(struct tx *tx)
{
    ASSERT(tx->db != NULL); /* the transaction is not over */
    return tx->db;
}
