/* copy.h - every row of a database into another one, of the same engine or the other.
 *
 * What backups are made of, and the move from SQLite to PostgreSQL and back.  Both databases have
 * this program's schema.  A digest of each table, the same in whatever order its rows come, shows
 * that a copy holds what the original held. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/store.h"

#include <stddef.h>

struct table_digest {
    const char *name;
    int64_t row_count;
    uint64_t sum[4]; /* of all rows' SHA-256, lane by lane */
};

struct store_digest {
    struct table_digest *tables; /* in the arena of the transaction, one for each table */
    size_t table_count;
    int64_t row_count; /* of all tables */
};

/* Called now and then; may be NULL. */
typedef void store_copy_progress(void *arg, int64_t rows_done);

/* Copies all rows that `from` sees and digests them.
 * ERR_CONFLICT: `to` is not empty, the table is named. */
MUST_CHECK enum err store_copy(struct tx *from, struct tx *to, store_copy_progress *progress,
                               void *arg, struct store_digest *digest);

/* The digest alone. */
MUST_CHECK enum err store_digest(struct tx *tx, store_copy_progress *progress, void *arg,
                                 struct store_digest *digest);

/* The first table of which the two differ; NULL: none. */
const char *store_digest_difference(const struct store_digest *a, const struct store_digest *b);

#endif
