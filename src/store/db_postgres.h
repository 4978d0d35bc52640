/* db_postgres.h - values in PostgreSQL's binary form; of its driver alone.
 *
 * The forms are those of each type's send and receive function, in network order
 * (https://www.postgresql.org/docs/15/protocol-overview.html#PROTOCOL-FORMAT-CODES). */
#ifndef STORE_DB_POSTGRES_H
#define STORE_DB_POSTGRES_H

#include "store/db.h"

/* Parameters as libpq takes them, all binary. */
struct pg_params {
    const char **values; /* NULL: none */
    int *lengths;
    int *formats;
};

/* The OID of a type, of arrays of it; pg_type_fits: whether a result of that OID can be read. */
unsigned pg_type(enum db_type type);
unsigned pg_array_type(enum db_type type);
bool pg_type_fits(enum db_type type, unsigned oid);

/* One struct's members.  Texts stay the caller's, the rest is in the arena.
 * ERR_INEXACT: a decimal that could not be read again.  ERR_TOO_LARGE: a text of a gigabyte. */
MUST_CHECK enum err pg_scalars(struct arena *arena, struct fault *fault, const struct query *query,
                               const void *in, struct pg_params *params);
/* Each member of many structs as an array. */
MUST_CHECK enum err pg_arrays(struct arena *arena, struct fault *fault, const struct query *query,
                              const char *rows, size_t count, size_t stride,
                              struct pg_params *params);
/* Bytes that one struct takes within the arrays, about. */
size_t pg_row_bytes(const struct query *query, const char *row);

/* Reads a value of a result into its member; STR_NULL is none.  Texts are copied into the arena,
 * or with NULL stay views.  false: it is not of that type or out of range. */
bool pg_read(enum db_type type, struct str bytes, struct arena *arena, void *member);

#endif
