#include "app/cost_fees.h"

#include "app/cost_due.h"
#include "app/cost_fee.h"
#include "app/cost_price.h"
#include "base/assert.h"
#include "core/currency.h"
#include "store/sql/cost.h"

struct pricing {
    struct ctx *ctx;
    struct tx *tx;
    const struct cost_fees_query *query;
    const struct currency *currency;
    struct cost_rules rules;
    struct fee_row *fees;
    size_t count, capacity;
};

static enum err add_fee(struct pricing *p, const struct customer_cost_period_row *period,
                        const struct cost_group *group, const struct cost_charged *charged)
{
    struct fee_row fee;
    enum err err = cost_fee(p->ctx->arena, period, &p->rules, group, charged, &fee);
    if (err == ERR_TOO_LARGE)
        return fail(p->ctx, err, "the explanation of %.*s has too many services",
                    STR_ARG(cost_rule_row(&p->rules, group->rule)->code));
    TRY(err);
    if (fee.is_correction && fee.amount_minor == 0)
        return ERR_NONE;
    fee.customer_id = p->query->customer_id;
    fee.invoice_id = p->query->invoice_id;
    p->fees = arena_grow(p->ctx->arena, p->fees, p->count, &p->capacity, sizeof *p->fees);
    p->fees[p->count++] = fee;
    return ERR_NONE;
}

/* Those that were there keep the time at which they were found. */
static enum err save_exceptions(struct pricing *p, const struct customer_cost_period_row *period,
                                struct cost_pricing *pricing)
{
    struct cost_exception_row *old = NULL;
    size_t old_count = 0;
    TRY(cost_exception_of_period(p->tx,
                                 &(struct cost_exception_of_period_in){
                                     .customer_id = p->query->customer_id,
                                     .period_start_at = period->period_start_at,
                                 },
                                 &old, &old_count));
    if (old_count > 0)
        TRY(cost_exception_clear(p->tx,
                                 &(struct cost_exception_clear_in){
                                     .customer_id = p->query->customer_id,
                                     .period_start_at = period->period_start_at,
                                 },
                                 NULL));
    for (size_t i = 0; i < pricing->exception_count; i++) {
        struct cost_exception_row *row = &pricing->exceptions[i];
        row->created_at = ctx_now(p->ctx);
        for (size_t j = 0; j < old_count; j++) {
            if (str_eq(old[j].provider_name, row->provider_name) &&
                str_eq(old[j].service_name, row->service_name) &&
                str_eq(old[j].currency, row->currency) && str_eq(old[j].reason, row->reason))
                row->created_at = old[j].created_at;
        }
    }
    if (pricing->exception_count == 0)
        return ERR_NONE;
    return cost_exception_insert_many(p->tx, pricing->exceptions, pricing->exception_count);
}

static enum err price_period(struct pricing *p, const struct customer_cost_period_row *period)
{
    struct customer_cost_row *rows = NULL;
    struct fee_row *billed = NULL;
    size_t row_count = 0;
    size_t billed_count = 0;
    struct cost_pricing pricing;
    TRY(customer_cost_of_period(p->tx,
                                &(struct customer_cost_of_period_in){
                                    .customer_id = p->query->customer_id,
                                    .period_start_at = period->period_start_at,
                                },
                                &rows, &row_count));
    TRY(cost_fee_billed_list(p->tx,
                             &(struct cost_fee_billed_list_in){
                                 .customer_id = p->query->customer_id,
                                 .from_at = period->period_start_at,
                                 .invoice_id = p->query->invoice_id,
                                 .currency = p->query->currency,
                             },
                             &billed, &billed_count));
    TRY(cost_price(p->ctx->arena,
                   &(struct cost_price_query){
                       .customer_id = p->query->customer_id,
                       .period_start_at = period->period_start_at,
                       .currency = p->query->currency,
                       .rules = &p->rules,
                   },
                   rows, row_count, &pricing));
    for (size_t i = 0; i < billed_count; i++) { /* what was billed but has no cost any more */
        const struct resale_rule *rule = cost_rule_by_id(&p->rules, billed[i].resale_rule_id);
        ASSERT(rule != NULL);
        cost_group_of(p->ctx->arena, &pricing, billed[i].provider_name, rule);
    }
    cost_groups_sort(&pricing, &p->rules);
    for (size_t i = 0; i < pricing.group_count; i++) {
        struct cost_charged charged;
        TRY(cost_charged_of(&pricing.groups[i], p->currency, billed, billed_count, &charged));
        TRY(add_fee(p, period, &pricing.groups[i], &charged));
    }
    return save_exceptions(p, period, &pricing);
}

enum err cost_fees(struct ctx *ctx, struct tx *tx, const struct cost_fees_query *query,
                   struct fee_row **fees, size_t *count)
{
    struct pricing pricing = {.ctx = ctx, .tx = tx, .query = query};
    struct customer_cost_period_row *periods = NULL;
    size_t period_count = 0;
    *fees = NULL;
    *count = 0;
    TRY(cost_periods_taken(ctx, tx, query, &periods, &period_count));
    if (period_count == 0)
        return ERR_NONE;
    pricing.currency = currency_find(query->currency);
    ASSERT(pricing.currency != NULL);
    TRY(cost_rules_load(ctx, tx, &pricing.rules));
    for (size_t i = 0; i < period_count; i++)
        TRY(price_period(&pricing, &periods[i]));
    *fees = pricing.fees;
    *count = pricing.count;
    return ERR_NONE;
}

enum err cost_fees_billed(struct ctx *ctx, struct tx *tx, const struct cost_fees_query *query)
{
    struct customer_cost_period_row *periods = NULL;
    size_t count = 0;
    TRY(cost_periods_taken(ctx, tx, query, &periods, &count));
    for (size_t i = 0; i < count; i++)
        TRY(cost_period_billed(tx,
                               &(struct cost_period_billed_in){
                                   .customer_id = query->customer_id,
                                   .period_start_at = periods[i].period_start_at,
                               },
                               NULL));
    return ERR_NONE;
}
