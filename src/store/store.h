/* store.h - a database as the layers above see it: open it, run a transaction, close it.
 *
 * Two engines, one behaviour: sqlite:FILE, sqlite::memory:, postgresql://...  The queries
 * themselves are the generated functions of "store/sql/NAME.h" (see sql/README.md); each takes a
 * struct tx, so whatever happens is in one transaction.
 *
 * SQLite: one writer at a time, many readers on snapshots (WAL, synchronous=FULL);
 * sqlite::memory: is one connection behind a mutex.  PostgreSQL: a pool of connections, READ
 * COMMITTED for writes and REPEATABLE READ for reads, so that a TX_READ always sees one state.
 * A write transaction that concerns a customer begins with customer_lock
 * (sql/queries/customer.sql), so that two writers of one customer follow each other on both
 * engines.  Safe from any thread; a struct tx belongs to one thread. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct store;
struct tx;

enum store_engine { STORE_SQLITE, STORE_POSTGRES };
/* TX_WRITE_STRICT is for what is compared before it is changed: a TX_WRITE that sees one state, and
 * is ERR_BUSY where it would change what others have changed since. */
enum tx_mode { TX_READ, TX_WRITE, TX_WRITE_STRICT };

/* Tests: is told of each statement that has run; `call` is "begin write", "begin read", "commit",
 * "rollback" or the query's name, `query` (store/db.h) the query or NULL.  From any thread; the
 * calls of one transaction have the same `connection`. */
struct query;
struct store_watch {
    void (*note)(void *arg, const void *connection, const char *call, const struct query *query);
    void *arg;
};

struct store_options {
    int connections_max;             /* of PostgreSQL, or readers of SQLite; 0: 8 */
    bool must_exist;                 /* an SQLite file that is not there is not made */
    bool read_only;                  /* nothing is changed, not even how the file is kept */
    bool trace;                      /* log each statement with its time */
    const struct store_watch *watch; /* lives as long as the store; NULL: nobody */
    int64_t fail_at_call; /* tests: the nth driver call of the next transactions fails; 0: none */
};

/* Opens (SQLite: creates) a database; runs no migrations.
 * ERR_INVALID: not a database URL.  ERR_NOT_FOUND: must_exist, and doesn't.
 * ERR_UNAVAILABLE: can't be reached or opened. */
MUST_CHECK enum err store_open(struct str url, const struct store_options *options,
                               struct fault *fault, struct store **store);
void store_close(struct store *store); /* NULL is fine; no transaction may be open */
enum store_engine store_engine(const struct store *store);
/* The path of SQLite's file; NULL: PostgreSQL, or a database in memory. */
const char *store_file(const struct store *store);

struct store_use {
    int in_use; /* connections that run a transaction */
    int most;   /* that there may be */
};
struct store_use store_use(struct store *store);

/* Tests: what happens to the nth call. */
enum store_fault {
    STORE_FAULT_ERROR,   /* ERR_STORE: the database is lost to this transaction */
    STORE_FAULT_BUSY,    /* ERR_BUSY: the transaction may be tried again */
    STORE_FAULT_UNKNOWN, /* counts commits of TX_WRITE alone: it takes effect, and is ERR_STORE */
};
/* As store_options.fail_at_call, counted from now on; 0 turns it off.  Returns what was left to
 * count of the one before. */
int64_t store_fail_with(struct store *store, enum store_fault fault, int64_t call);
/* The same with STORE_FAULT_ERROR. */
int64_t store_fail_at(struct store *store, int64_t call);

/* Begins a transaction.  Rows read live in `arena`, words of errors go to `fault`.
 * ERR_BUSY: no connection or writer became free in time.  ERR_UNAVAILABLE: connection lost. */
MUST_CHECK enum err tx_begin(struct store *store, enum tx_mode mode, struct arena *arena,
                             struct fault *fault, struct tx **tx);
/* Makes it durable.  On error nothing was written, and the transaction is over all the same.
 * Two exceptions.  Where PostgreSQL's connection is lost while it answers, nobody can know; that is
 * ERR_STORE (never retried) and says so.  Where SQLite's disk refuses to sync (ERR_IO, ERR_FULL)
 * and the process dies before it writes again, the next start may find the transaction whole. */
MUST_CHECK enum err tx_commit(struct tx *tx);
/* Undoes it; cannot fail. */
void tx_rollback(struct tx *tx);

struct arena *tx_arena(struct tx *tx);
struct fault *tx_fault(struct tx *tx);
enum store_engine tx_engine(const struct tx *tx);

#endif
