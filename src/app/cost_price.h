/* cost_price.h - a customer's cost of one period, priced by the resale rules. */
#ifndef APP_COST_PRICE_H
#define APP_COST_PRICE_H

#include "app/ctx.h"
#include "core/resale.h"
#include "store/sql/rows.h"

#include <stdbool.h>

struct cost_rules {
    struct resale_rule *rules; /* beside their rows, in order of creation */
    struct resale_rule_row *rows;
    size_t count;
};

MUST_CHECK enum err cost_rules_load(struct ctx *ctx, struct tx *tx, struct cost_rules *rules);
/* Those that were made after a fee: what is left is what there was then. */
void cost_rules_forget_later(struct cost_rules *rules, const struct fee_row *fee);
/* Not found, when the id is of no rule. */
const struct resale_rule *cost_rule_by_id(const struct cost_rules *rules, struct uuid id);
const struct resale_rule_row *cost_rule_row(const struct cost_rules *rules,
                                            const struct resale_rule *rule);

struct cost_service {
    struct str name;
    struct decimal cost;
};

/* What one rule prices of one provider. */
struct cost_group {
    struct str provider_name;
    const struct resale_rule *rule;
    struct decimal cost; /* sum of the rule's column */
    struct cost_service *services;
    size_t service_count, service_capacity;
};

struct cost_pricing {
    struct cost_group *groups;
    size_t group_count, group_capacity;
    struct cost_exception_row *exceptions; /* without created_at */
    size_t exception_count, exception_capacity;
};

struct cost_price_query {
    struct uuid customer_id;
    int64_t period_start_at;
    struct str currency;
    const struct cost_rules *rules;
};

/* Groups rows of customer_cost of one period; what can't be priced becomes an exception. */
MUST_CHECK enum err cost_price(struct arena *arena, const struct cost_price_query *query,
                               const struct customer_cost_row *rows, size_t count,
                               struct cost_pricing *pricing);

/* The group of a provider and rule; made empty where there is none. */
struct cost_group *cost_group_of(struct arena *arena, struct cost_pricing *pricing,
                                 struct str provider_name, const struct resale_rule *rule);

/* Orders the groups by provider, then by the rule's code. */
void cost_groups_sort(struct cost_pricing *pricing, const struct cost_rules *rules);

#endif
