/* cost_rollup.h - the rows of a vendor's file summed up while they are read.
 *
 * By batch, and within it by provider, sub-account, service and currency.  Sums are exact. */
#ifndef APP_COST_ROLLUP_H
#define APP_COST_ROLLUP_H

#include "app/ctx.h"
#include "store/sql/rows.h"

struct cost_rollup {
    struct arena *arena;
    struct cost_batch_row
        *batches; /* in order of appearance; id, source and import are the caller's */
    size_t batch_count, batch_capacity;
    struct cost_rollup_row *sums;
    size_t *sum_batches; /* index of each sum's batch */
    size_t sum_count, sum_capacity, sum_batch_capacity;
    size_t *slots; /* hash table over the sums: index + 1, 0 is free */
    size_t slot_count;
    struct decimal billed_cost, effective_cost, list_cost, contracted_cost;
    int64_t row_count;
    const char *too_long; /* after ERR_OVERFLOW: the column */
};

void cost_rollup_init(struct cost_rollup *rollup, struct arena *arena);

/* The index of a row's batch, which is made where it is new. */
size_t cost_rollup_batch(struct cost_rollup *rollup, const struct cost_row_row *row);

/* Adds a row; *batch is the index of its batch.  ERR_OVERFLOW: a sum needs more than 34 digits. */
MUST_CHECK enum err cost_rollup_add(struct cost_rollup *rollup, const struct cost_row_row *row,
                                    bool is_generated, size_t *batch);

#endif
