/* cost_read.h - vendor cost looked at: a customer's, what nobody has, what could not be billed, and
 * which files brought it.  Newest first. */
#ifndef APP_COST_READ_H
#define APP_COST_READ_H

#include "app/ctx.h"
#include "app/list.h"
#include "store/sql/cost.h"

struct cost_page {
    int64_t limit, offset;
    struct list_key after; /* as each list says */
};

/* One customer's; period_start_at TIME_NONE: of all periods.  Behind:
 * as cost_unassigned_list.  ERR_NOT_FOUND: no such customer. */
MUST_CHECK enum err cost_of_customer_list(struct ctx *ctx, struct str external_customer_id,
                                          int64_t period_start_at, struct cost_page page,
                                          struct customer_cost_row **rows, size_t *count,
                                          int64_t *total);
/* Behind: at: period_start_at, texts: provider, service, currency, sub-account, id: the batch. */
MUST_CHECK enum err cost_unassigned_list(struct ctx *ctx, struct cost_page page,
                                         struct cost_unassigned_page_row **rows, size_t *count,
                                         int64_t *total);
/* Behind: at: period_start_at, texts: external id, provider, service, currency. */
MUST_CHECK enum err cost_exception_list(struct ctx *ctx, struct cost_page page,
                                        struct cost_exception_page_row **rows, size_t *count,
                                        int64_t *total);
/* Behind: at: imported_at, id: the import. */
MUST_CHECK enum err cost_import_list(struct ctx *ctx, struct cost_page page,
                                     struct cost_import_row **rows, size_t *count, int64_t *total);

#endif
