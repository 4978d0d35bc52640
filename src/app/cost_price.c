#include "app/cost_price.h"

#include "base/assert.h"
#include "base/none.h"
#include "store/sql/cost.h"

/* ---- rules ----------------------------------------------------------------------------------- */

static struct resale_rule rule_of(const struct resale_rule_row *row)
{
    struct resale_rule rule = {
        .id = row->id,
        .percent = row->percent,
        .customer_id = row->rule_customer_id,
        .provider_name = row->provider_name,
        .service_name = row->service_name,
        .valid_from_at = row->valid_from_at,
    };
    bool known = resale_method_parse(row->resale_method, &rule.method) &&
                 cost_column_parse(row->cost_column, &rule.column);
    ASSERT(known);
    return rule;
}

enum err cost_rules_load(struct ctx *ctx, struct tx *tx, struct cost_rules *rules)
{
    TRY(resale_rule_all(tx, &rules->rows, &rules->count));
    rules->rules = ARENA_ARRAY(ctx->arena, rules->count, struct resale_rule);
    for (size_t i = 0; i < rules->count; i++)
        rules->rules[i] = rule_of(&rules->rows[i]);
    return ERR_NONE;
}

void cost_rules_forget_later(struct cost_rules *rules, const struct fee_row *fee)
{
    size_t kept = 0;
    for (size_t i = 0; i < rules->count; i++) {
        const struct resale_rule_row *row = &rules->rows[i];
        if (row->created_at > fee->created_at ||
            (row->created_at == fee->created_at && uuid_cmp(row->id, fee->id) > 0))
            continue;
        rules->rules[kept] = rules->rules[i];
        rules->rows[kept++] = rules->rows[i];
    }
    rules->count = kept;
}

const struct resale_rule *cost_rule_by_id(const struct cost_rules *rules, struct uuid id)
{
    for (size_t i = 0; i < rules->count; i++) {
        if (uuid_eq(rules->rules[i].id, id))
            return &rules->rules[i];
    }
    return NULL;
}

const struct resale_rule_row *cost_rule_row(const struct cost_rules *rules,
                                            const struct resale_rule *rule)
{
    return &rules->rows[rule - rules->rules];
}

/* ---- groups ---------------------------------------------------------------------------------- */

struct cost_group *cost_group_of(struct arena *arena, struct cost_pricing *pricing,
                                 struct str provider_name, const struct resale_rule *rule)
{
    for (size_t i = 0; i < pricing->group_count; i++) {
        if (pricing->groups[i].rule == rule &&
            str_eq(pricing->groups[i].provider_name, provider_name))
            return &pricing->groups[i];
    }
    pricing->groups = arena_grow(arena, pricing->groups, pricing->group_count,
                                 &pricing->group_capacity, sizeof *pricing->groups);
    pricing->groups[pricing->group_count] =
        (struct cost_group){.provider_name = provider_name, .rule = rule, .cost = DECIMAL_ZERO};
    return &pricing->groups[pricing->group_count++];
}

static struct decimal cost_in(const struct customer_cost_row *row, enum cost_column column)
{
    switch (column) {
    case COST_BILLED:
        return row->billed_cost;
    case COST_EFFECTIVE:
        return row->effective_cost;
    case COST_LIST:
        return row->list_cost;
    case COST_CONTRACTED:
        return row->contracted_cost;
    }
    ASSERT(false);
    return DECIMAL_ZERO;
}

static bool is_missing(const struct customer_cost_row *row, enum cost_column column)
{
    struct str rest = row->missing_columns;
    struct str word;
    while (str_split(&rest, ',', &word)) {
        if (str_eq(word, cost_column_word(column)))
            return true;
    }
    return false;
}

/* Rows come in order of service, so its sum is the newest one. */
static enum err add_cost(struct arena *arena, struct cost_group *group, struct str service_name,
                         struct decimal cost)
{
    TRY(decimal_add(group->cost, cost, &group->cost));
    if (group->service_count == 0 ||
        !str_eq(group->services[group->service_count - 1].name, service_name)) {
        group->services = arena_grow(arena, group->services, group->service_count,
                                     &group->service_capacity, sizeof *group->services);
        group->services[group->service_count++] =
            (struct cost_service){.name = service_name, .cost = DECIMAL_ZERO};
    }
    struct cost_service *service = &group->services[group->service_count - 1];
    return decimal_add(service->cost, cost, &service->cost);
}

static enum err add_exception(struct arena *arena, struct cost_pricing *pricing,
                              const struct customer_cost_row *row, struct str reason)
{
    struct cost_exception_row *last =
        pricing->exception_count == 0 ? NULL : &pricing->exceptions[pricing->exception_count - 1];
    if (last != NULL && str_eq(last->provider_name, row->provider_name) &&
        str_eq(last->service_name, row->service_name) && str_eq(last->currency, row->currency))
        return decimal_add(last->billed_cost, row->billed_cost, &last->billed_cost);
    pricing->exceptions = arena_grow(arena, pricing->exceptions, pricing->exception_count,
                                     &pricing->exception_capacity, sizeof *pricing->exceptions);
    pricing->exceptions[pricing->exception_count++] = (struct cost_exception_row){
        .customer_id = row->customer_id,
        .period_start_at = row->period_start_at,
        .provider_name = row->provider_name,
        .service_name = row->service_name,
        .currency = row->currency,
        .reason = reason,
        .billed_cost = row->billed_cost,
    };
    return ERR_NONE;
}

enum err cost_price(struct arena *arena, const struct cost_price_query *query,
                    const struct customer_cost_row *rows, size_t count,
                    struct cost_pricing *pricing)
{
    *pricing = (struct cost_pricing){0};
    for (size_t i = 0; i < count; i++) {
        const struct customer_cost_row *row = &rows[i];
        const struct resale_rule *rule =
            resale_rule_find(query->rules->rules, query->rules->count, query->customer_id,
                             row->provider_name, row->service_name, query->period_start_at);
        if (!str_eq(row->currency, query->currency))
            TRY(add_exception(arena, pricing, row, STR("currency_differs")));
        else if (rule == NULL)
            TRY(add_exception(arena, pricing, row, STR("no_rule")));
        else if (is_missing(row, rule->column))
            TRY(add_exception(arena, pricing, row, STR("cost_missing")));
        else
            TRY(add_cost(arena, cost_group_of(arena, pricing, row->provider_name, rule),
                         row->service_name, cost_in(row, rule->column)));
    }
    return ERR_NONE;
}

static int compare(const struct cost_group *a, const struct cost_group *b,
                   const struct cost_rules *rules)
{
    int order = str_cmp(a->provider_name, b->provider_name);
    if (order != 0)
        return order;
    return str_cmp(cost_rule_row(rules, a->rule)->code, cost_rule_row(rules, b->rule)->code);
}

void cost_groups_sort(struct cost_pricing *pricing, const struct cost_rules *rules)
{
    for (size_t i = 1; i < pricing->group_count; i++) {
        struct cost_group group = pricing->groups[i];
        size_t at = i;
        for (; at > 0 && compare(&pricing->groups[at - 1], &group, rules) > 0; at--)
            pricing->groups[at] = pricing->groups[at - 1];
        pricing->groups[at] = group;
    }
}
