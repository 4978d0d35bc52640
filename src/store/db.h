/* db.h - what the store's generated queries and the two drivers agree on.
 *
 * A query is data: its SQL in both dialects, and where its parameters and columns stand in the
 * structs of the generated header.  So the generated functions are one call each, and a driver has
 * about ten functions.  Layers above use the functions of "store/sql/NAME.h", never these. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/none.h"
#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"
#include "store/store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum db_type { DB_UUID, DB_TEXT, DB_DECIMAL, DB_INT, DB_DAY, DB_BOOL, DB_BLOB };

struct db_field {
    const char *name;
    enum db_type type;
    size_t at; /* offset of the member */
};

struct query {
    const char *name;
    const char *sqlite;
    const char *postgres;
    const struct db_field *params;
    size_t param_count;
    const struct db_field *columns;
    size_t column_count;
    size_t row_bytes;
};

/* All that the build made, each list ended by a row of NULLs. */
struct query_file {
    const char *name;                   /* "customer" */
    const struct query *const *queries; /* ends with NULL */
};
struct table_info {
    const char *name;
    const struct db_field *columns;
    size_t column_count;
    const struct query *all;    /* every row, in no order */
    const struct query *insert; /* a batch of rows */
};
extern const struct query_file query_files[];
extern const struct table_info table_infos[]; /* a table after those that it refers to */

struct db;   /* one connection: begins with struct db_base */
struct stmt; /* one running statement of it */

typedef enum err db_each_fn(void *arg, const void *row);

/* What a driver (SQLite, PostgreSQL) and the wrappers (trace, faulty) are.  Errors leave their
 * words in the connection's fault.  After an error of the database only rollback may follow:
 * everything else, commit too, is ERR_STORE then.  A TX_READ that writes is ERR_STORE. */
struct db_driver {
    enum err (*begin)(struct db *db, enum tx_mode mode);
    enum err (*commit)(struct db *db); /* on error, rollback follows */
    void (*rollback)(struct db *db);   /* cannot fail; harmless with nothing open */
    /* Starts a query with the parameters in `in`, which must live until finish.  With `stream` its
     * rows are not all held in memory; it is a SELECT then. */
    enum err (*start)(struct db *db, const struct query *query, const void *in, bool stream,
                      struct stmt **stmt);
    enum err (*step)(struct stmt *stmt, bool *has_row);
    /* The current row into a struct.  Texts are copied into the arena; with NULL they are views
     * that live until the next step.  ERR_CORRUPT: a value is not of its column's type. */
    enum err (*read)(struct stmt *stmt, struct arena *arena, void *row);
    int64_t (*changed)(struct stmt *stmt);
    void (*finish)(struct stmt *stmt);
    /* An INSERT … VALUES for `count` structs, `stride` bytes apart; `each` gets the rows that it
     * returns, and may be NULL. */
    enum err (*batch)(struct db *db, const struct query *query, const void *rows, size_t count,
                      size_t stride, db_each_fn *each, void *arg);
    enum err (*exec)(struct db *db, const char *sql); /* of migrations */
    void (*close)(struct db *db);
};

struct db_base {
    const struct db_driver *driver;
    struct fault *fault; /* of the running transaction */
    struct arena *arena;
};

/* The drivers.  Both begin their struct with struct db_base. */
struct db_sqlite_options {
    bool shared;    /* a file, which other connections use too */
    bool read_only; /* not even the log is put back into the file */
};
MUST_CHECK enum err db_sqlite_open(const char *path, const struct db_sqlite_options *options,
                                   struct fault *fault, struct db **db);
MUST_CHECK enum err db_postgres_open(const char *url, struct fault *fault, struct db **db);
/* Wrap a driver; closing the wrapper closes what it wraps. */
/* Logs what it is asked; or, where `watch` is given, tells that. */
struct db *db_trace_new(struct db *inner, const struct store_watch *watch);
/* Fails the call that brings the countdown to zero; shared by the connections of a store. */
struct db_faults {
    _Atomic int64_t countdown;
    _Atomic int fault; /* enum store_fault */
};
struct db *db_faulty_new(struct db *inner, struct db_faults *faults);

/* The text form of a decimal that is to be stored; false when it could not be read again: 10^34 or
 * more, or more than DECIMAL_DECIMALS_MAX decimals.  `text` is fixed, of DECIMAL_TEXT_MAX bytes. */
bool db_decimal_text(struct decimal value, struct buf *text);

/* What the generated functions are made of. */
MUST_CHECK enum err db_one(struct tx *tx, const struct query *query, const void *in, void *row,
                           bool *found);
MUST_CHECK enum err db_list(struct tx *tx, const struct query *query, const void *in, void **rows,
                            size_t *count);
MUST_CHECK enum err db_each(struct tx *tx, const struct query *query, const void *in,
                            db_each_fn *each, void *arg);
MUST_CHECK enum err db_exec(struct tx *tx, const struct query *query, const void *in,
                            int64_t *changed);
MUST_CHECK enum err db_batch(struct tx *tx, const struct query *query, const void *rows,
                             size_t count, size_t stride, db_each_fn *each, void *arg);
struct str db_row_json(struct arena *arena, const struct db_field *fields, size_t count,
                       const void *row);

/* Of the store's own files (migrations, partitions): the connection of a transaction. */
struct db *tx_db(struct tx *tx);

#endif
