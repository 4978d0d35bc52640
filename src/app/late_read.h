/* late_read.h - late usage that could not be billed: looked at, and dismissed by a person's
 * decision.
 *
 * What is dismissed is no longer listed.  Should more come for the same charge and period, a new
 * exception says all that is not billed of it, what was dismissed included. */
#ifndef APP_LATE_READ_H
#define APP_LATE_READ_H

#include "app/ctx.h"
#include "store/sql/late.h"

struct late_query {
    struct str external_customer_id; /* STR_NULL: everybody's */
    int64_t limit, offset;
};

/* Newest first. */
MUST_CHECK enum err late_exception_list(struct ctx *ctx, const struct late_query *query,
                                        struct late_exception_page_row **rows, size_t *count,
                                        int64_t *total);

/* Audited with what it said.  ERR_NOT_FOUND. */
MUST_CHECK enum err late_exception_dismiss(struct ctx *ctx, struct uuid id);

#endif
