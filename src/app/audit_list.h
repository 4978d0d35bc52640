/* audit_list.h - entries of the audit trail, looked through. */
#ifndef APP_AUDIT_LIST_H
#define APP_AUDIT_LIST_H

#include "app/ctx.h"
#include "app/list.h"
#include "store/sql/rows.h"

struct audit_filter {
    struct str external_customer_id; /* STR_NULL: any; the customer's own chain */
    struct str customer_id;          /* the same by id */
    struct str object_id;            /* STR_NULL: any */
    struct str actor;                /* STR_NULL: any; exactly */
    struct str action; /* STR_NULL: any; "plan.create", or "plan" for all that was done to plans */
    int64_t from_at;   /* TIME_NONE: any; inclusive */
    int64_t to_at;     /* TIME_NONE: any; exclusive */
    struct list_key after; /* at: created_at, id: the chain's, number: the entry's */
};

struct audit_entries {
    struct audit_entry_row *items;
    size_t count;
    int64_t total;
};

/* Newest first; total as app/list.h.  ERR_NOT_FOUND: no such customer; ERR_INVALID: an id is none.
 */
MUST_CHECK enum err audit_list(struct ctx *ctx, const struct audit_filter *filter, int64_t limit,
                               int64_t offset, struct audit_entries *entries);

/* Within a transaction: the chain of a filter's customer; nil: any. */
MUST_CHECK enum err audit_filter_chain(struct ctx *ctx, struct tx *tx,
                                       const struct audit_filter *filter, struct uuid *chain_id);

#endif
