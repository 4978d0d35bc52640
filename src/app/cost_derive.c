#include "app/cost_derive.h"

#include "app/cost_fee.h"
#include "core/currency.h"
#include "store/sql/cost.h"

static enum err add(struct decimal *sum, struct decimal value)
{
    return decimal_is_none(value) ? ERR_NONE : decimal_add(*sum, value, sum);
}

/* The sums of the vendor's own rows, in place of those that were kept. */
static enum err sum_rows(struct tx *tx, struct customer_cost_row *cost)
{
    struct cost_row_of_sum_row *rows = NULL;
    size_t count = 0;
    TRY(cost_row_of_sum(tx,
                        &(struct cost_row_of_sum_in){
                            .batch_id = cost->batch_id,
                            .provider_name = cost->provider_name,
                            .sub_account_id = cost->sub_account_id,
                            .service_name = cost->service_name,
                            .billing_currency = cost->currency,
                        },
                        &rows, &count));
    cost->billed_cost = cost->effective_cost = DECIMAL_ZERO;
    cost->list_cost = cost->contracted_cost = DECIMAL_ZERO;
    for (size_t i = 0; i < count; i++) {
        TRY(add(&cost->billed_cost, rows[i].billed_cost));
        TRY(add(&cost->effective_cost, rows[i].effective_cost));
        TRY(add(&cost->list_cost, rows[i].list_cost));
        TRY(add(&cost->contracted_cost, rows[i].contracted_cost));
    }
    return ERR_NONE;
}

static enum err read_costs(struct ctx *ctx, struct tx *tx, const struct fee_row *fee,
                           struct customer_cost_row **costs, size_t *count)
{
    struct cost_rollup_row *sums = NULL;
    TRY(cost_as_of_list(tx,
                        &(struct cost_as_of_list_in){
                            .customer_id = fee->customer_id,
                            .period_start_at = fee->from_at,
                            .made_id = fee->id,
                            .made_at = fee->created_at,
                        },
                        &sums, count));
    *costs = ARENA_ARRAY(ctx->arena, *count, struct customer_cost_row);
    for (size_t i = 0; i < *count; i++) {
        (*costs)[i] = (struct customer_cost_row){
            .customer_id = fee->customer_id,
            .period_start_at = fee->from_at,
            .batch_id = sums[i].batch_id,
            .provider_name = sums[i].provider_name,
            .sub_account_id = sums[i].sub_account_id,
            .service_name = sums[i].service_name,
            .currency = sums[i].currency,
            .missing_columns = sums[i].missing_columns,
        };
        TRY(sum_rows(tx, &(*costs)[i]));
    }
    return ERR_NONE;
}

static bool is_earlier(const struct fee_row *a, const struct fee_row *b)
{
    return a->created_at < b->created_at ||
           (a->created_at == b->created_at && uuid_cmp(a->id, b->id) < 0);
}

/* What was on invoices that were no drafts any more when the fee was made. */
static enum err read_charged(struct tx *tx, const struct fee_row *fee,
                             const struct cost_group *group, struct cost_charged *charged)
{
    struct fee_row *fees = NULL;
    size_t count = 0;
    size_t kept = 0;
    TRY(cost_fee_of_period_list(tx,
                                &(struct cost_fee_of_period_list_in){
                                    .customer_id = fee->customer_id,
                                    .from_at = fee->from_at,
                                    .currency = fee->currency,
                                },
                                &fees, &count));
    for (size_t i = 0; i < count; i++) {
        if (is_earlier(&fees[i], fee) && !uuid_eq(fees[i].invoice_id, fee->invoice_id))
            fees[kept++] = fees[i];
    }
    return cost_charged_of(group, currency_find(fee->currency), fees, kept, charged);
}

enum err cost_derive(struct ctx *ctx, struct tx *tx, const struct fee_row *fee,
                     struct fee_row *derived, struct resale_rule_row *rule_row, bool *found)
{
    struct customer_cost_row *costs = NULL;
    size_t count = 0;
    struct cost_rules rules;
    struct cost_pricing pricing;
    struct cost_charged charged;
    TRY(read_costs(ctx, tx, fee, &costs, &count));
    TRY(cost_rules_load(ctx, tx, &rules));
    cost_rules_forget_later(&rules, fee);
    const struct resale_rule *rule = cost_rule_by_id(&rules, fee->resale_rule_id);
    *found = rule != NULL;
    if (!*found)
        return ERR_NONE;
    TRY(cost_price(ctx->arena,
                   &(struct cost_price_query){.customer_id = fee->customer_id,
                                              .period_start_at = fee->from_at,
                                              .currency = fee->currency,
                                              .rules = &rules},
                   costs, count, &pricing));
    const struct cost_group *group = cost_group_of(ctx->arena, &pricing, fee->provider_name, rule);
    TRY(read_charged(tx, fee, group, &charged));
    *rule_row = *cost_rule_row(&rules, rule);
    return cost_fee(ctx->arena,
                    &(struct customer_cost_period_row){.period_start_at = fee->from_at,
                                                       .period_end_at = fee->to_at},
                    &rules, group, &charged, derived);
}
