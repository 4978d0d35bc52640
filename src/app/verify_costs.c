#include "app/cost_price.h"
#include "app/verify_parts.h"
#include "base/none.h"
#include "core/currency.h"
#include "core/money.h"
#include "store/sql/cost.h"

/* A period's cost is what counts now, and its price is what all its fees add up to; so only a
 * period that is billed as it stands can be derived again, by the rules of when it was billed. */

static enum err add(struct decimal *sum, struct decimal value)
{
    return decimal_is_none(value) ? ERR_NONE : decimal_add(*sum, value, sum);
}

static enum err check_sum(struct verifier *v, const struct customer_cost_row *row)
{
    struct cost_row_of_sum_row *raw = NULL;
    size_t count = 0;
    struct decimal sums[] = {DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};
    TRY(cost_row_of_sum(v->tx,
                        &(struct cost_row_of_sum_in){
                            .batch_id = row->batch_id,
                            .provider_name = row->provider_name,
                            .sub_account_id = row->sub_account_id,
                            .service_name = row->service_name,
                            .billing_currency = row->currency,
                        },
                        &raw, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(add(&sums[0], raw[i].billed_cost));
        TRY(add(&sums[1], raw[i].effective_cost));
        TRY(add(&sums[2], raw[i].list_cost));
        TRY(add(&sums[3], raw[i].contracted_cost));
    }
    if ((int64_t)count != row->row_count || !decimal_eq(sums[0], row->billed_cost) ||
        !decimal_eq(sums[1], row->effective_cost) || !decimal_eq(sums[2], row->list_cost) ||
        !decimal_eq(sums[3], row->contracted_cost))
        verify_found(
            v, "vendor cost of sub-account %.*s, %.*s, %.*s: the sums are not those of its rows",
            STR_ARG(row->sub_account_id), STR_ARG(row->service_name),
            STR_ARG(time_text(v->ctx->arena, row->period_start_at)));
    return ERR_NONE;
}

static enum err check_group(struct verifier *v, const struct invoice_row *invoice,
                            const struct cost_group *group, const struct fee_row *fees,
                            size_t count)
{
    const struct currency *currency = currency_find(invoice->currency);
    struct resale_price price;
    struct money charged = {0, currency};
    TRY(resale_price_of(group->rule, group->cost, currency, &price));
    for (size_t i = 0; i < count; i++) {
        if (uuid_eq(fees[i].resale_rule_id, group->rule->id) &&
            str_eq(fees[i].provider_name, group->provider_name))
            TRY(money_add(charged, (struct money){fees[i].amount_minor, currency}, &charged));
    }
    if (charged.minor != price.amount.minor)
        verify_found(v,
                     "invoice %.*s: vendor cost of %.*s costs %lld by its rows, its fees say %lld "
                     "(minor units)",
                     STR_ARG(str_is_null(invoice->number) ? STR("-") : invoice->number),
                     STR_ARG(group->provider_name), (long long)price.amount.minor,
                     (long long)charged.minor);
    return ERR_NONE;
}

static enum err check_period(struct verifier *v, const struct invoice_row *invoice, int64_t from_at)
{
    struct customer_cost_period_row period;
    struct customer_cost_row *rows = NULL;
    struct fee_row *fees = NULL;
    size_t row_count = 0;
    size_t fee_count = 0;
    struct cost_rules rules;
    struct cost_pricing pricing;
    bool found = false;
    TRY(cost_period_load(v->tx,
                         &(struct cost_period_load_in){.customer_id = invoice->customer_id,
                                                       .period_start_at = from_at},
                         &period, &found));
    if (!found || period.revision != period.billed_revision)
        return ERR_NONE;
    TRY(customer_cost_of_period(
        v->tx,
        &(struct customer_cost_of_period_in){.customer_id = invoice->customer_id,
                                             .period_start_at = from_at},
        &rows, &row_count));
    for (size_t i = 0; i < row_count; i++)
        TRY(check_sum(v, &rows[i]));
    TRY(cost_fee_of_period_list(v->tx,
                                &(struct cost_fee_of_period_list_in){
                                    .customer_id = invoice->customer_id,
                                    .from_at = from_at,
                                    .currency = invoice->currency,
                                },
                                &fees, &fee_count));
    TRY(cost_rules_load(v->ctx, v->tx, &rules));
    if (fee_count > 0)
        cost_rules_forget_later(&rules, &fees[fee_count - 1]);
    TRY(cost_price(v->ctx->arena,
                   &(struct cost_price_query){.customer_id = invoice->customer_id,
                                              .period_start_at = from_at,
                                              .currency = invoice->currency,
                                              .rules = &rules},
                   rows, row_count, &pricing));
    for (size_t i = 0; i < fee_count; i++) {
        const struct resale_rule *rule = cost_rule_by_id(&rules, fees[i].resale_rule_id);
        if (rule != NULL)
            cost_group_of(v->ctx->arena, &pricing, fees[i].provider_name, rule);
    }
    for (size_t i = 0; i < pricing.group_count; i++)
        TRY(check_group(v, invoice, &pricing.groups[i], fees, fee_count));
    return ERR_NONE;
}

enum err verify_resale_fees(struct verifier *v, const struct invoice_row *invoice,
                            const struct fee_row *fees, size_t count)
{
    int64_t done_at = TIME_NONE; /* fees stand in order of period */
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(fees[i].fee_type, STR("resale")) || fees[i].from_at == done_at)
            continue;
        done_at = fees[i].from_at;
        TRY(check_period(v, invoice, done_at));
    }
    return ERR_NONE;
}
