/* lifetime_usage.h - what a subscription has used in all its life, in money without taxes.
 *
 * The sum of three: what was used before Billow knew it, as the operator says; what was billed, on
 * drafts and finalized invoices; and the current usage.  It belongs to the external id, so it goes
 * on with the next subscription of that id. */
#ifndef APP_LIFETIME_USAGE_H
#define APP_LIFETIME_USAGE_H

#include "app/ctx.h"
#include "store/sql/rows.h"

struct lifetime_usage {
    struct subscription_row subscription; /* the running one, else the newest */
    int64_t historical_minor, invoiced_minor, current_minor;
    int64_t from_at; /* the first one's start; TIME_NONE: none has started */
    int64_t to_at;   /* now, or when the last one ended */
};

/* ERR_NOT_FOUND: no such subscription. */
MUST_CHECK enum err lifetime_usage_get(struct ctx *ctx, struct str external_id,
                                       struct lifetime_usage *usage);
/* Says what was used before; 0 or more.  ERR_NOT_FOUND. */
MUST_CHECK enum err lifetime_usage_set(struct ctx *ctx, struct str external_id,
                                       int64_t historical_minor, struct lifetime_usage *usage);

#endif
