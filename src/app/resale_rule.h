/* resale_rule.h - rules by which vendor cost is resold (core/resale.h), made and listed.
 *
 * A rule is never changed: a new one takes over for cost periods that start at or after its
 * valid_from_at.  Cost that could not be priced for want of a rule is open again once one is made.
 */
#ifndef APP_RESALE_RULE_H
#define APP_RESALE_RULE_H

#include "app/ctx.h"
#include "base/decimal.h"
#include "store/sql/rows.h"

struct resale_rule_input {
    struct str code; /* 1 to 255 bytes, not taken */
    struct str name;
    struct str method;               /* markup, margin, discount */
    struct decimal percent;          /* see resale_percent_is_valid */
    struct str cost_column;          /* STR_NULL: billed_cost */
    struct str external_customer_id; /* STR_NULL: any customer */
    struct str provider_name;        /* STR_NULL: any provider */
    struct str service_name;         /* STR_NULL: any service */
    int64_t valid_from_at;           /* TIME_NONE: from the first cost period on */
};

struct resale_rule_view {
    struct resale_rule_row row;
    struct str external_customer_id; /* STR_NULL: any */
};

/* ERR_INVALID names each bad field: code taken, unknown method, column or customer, percentage out
 * of its range. */
MUST_CHECK enum err resale_rule_create(struct ctx *ctx, const struct resale_rule_input *input,
                                       struct resale_rule_view *view);
/* Newest first. */
MUST_CHECK enum err resale_rule_list(struct ctx *ctx, int64_t limit, int64_t offset,
                                     struct resale_rule_view **views, size_t *count,
                                     int64_t *total);

#endif
