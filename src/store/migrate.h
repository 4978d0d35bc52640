/* migrate.h - brings a database's schema up to this program.
 *
 * Forward only; each migration in its own transaction, recorded with its hash; an empty database
 * gets all of them in one.  Two processes that start together wait for each other. */
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include "base/err.h"
#include "base/fault.h"
#include "store/store.h"

#include <stdint.h>

struct migration {
    int number;       /* 1, 2, 3 … */
    const char *name; /* of the file, "0001_first_slice" */
    const char *hash; /* SHA-256 of the file, in hex */
    const char *sqlite;
    const char *postgres;
};

/* All of them, made by the build. */
extern const struct migration migrations[];
extern const int migration_count;

/* Applies what is missing; `now_us` is recorded as the time of it.  Those before one that fails
 * stay applied, but in an empty database none do.  ERR_CORRUPT: the database is newer than this
 * program, or was made by another version of a migration (named); nothing is changed then.  Else as
 * tx_begin and the migration's own SQL. */
MUST_CHECK enum err migrate(struct store *store, int64_t now_us, struct fault *fault);

/* Whether the schema is this program's; changes nothing.
 * ERR_NOT_FOUND: there is none.  ERR_CONFLICT: it is older.  ERR_CORRUPT: as migrate. */
MUST_CHECK enum err migrate_check(struct store *store, struct fault *fault);

/* The same in an open transaction that only reads; *count is how many there are.
 * ERR_STORE: there is no schema at all. */
MUST_CHECK enum err migrate_look(struct tx *tx, int *count);

#endif
