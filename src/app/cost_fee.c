#include "app/cost_fee.h"

#include "app/fee_explanation.h"
#include "base/assert.h"
#include "base/none.h"

#define EXPLANATION_BYTES_MAX ((size_t)8 << 20) /* some 100 bytes for each of many services */

enum err cost_charged_of(const struct cost_group *group, const struct currency *currency,
                         const struct fee_row *fees, size_t count, struct cost_charged *charged)
{
    *charged = (struct cost_charged){.amount = {0, currency}, .cost = DECIMAL_ZERO};
    for (size_t i = 0; i < count; i++) {
        if (!uuid_eq(fees[i].resale_rule_id, group->rule->id) ||
            !str_eq(fees[i].provider_name, group->provider_name))
            continue;
        charged->count++;
        TRY(money_add(charged->amount, (struct money){fees[i].amount_minor, currency},
                      &charged->amount));
        TRY(decimal_add(charged->cost, fees[i].vendor_cost, &charged->cost));
    }
    return ERR_NONE;
}

static const char *op_of(enum resale_method method)
{
    switch (method) {
    case RESALE_MARKUP:
        return "cost * (100 + percent) / 100";
    case RESALE_MARGIN:
        return "round(cost * 100 / (100 - percent), 20)";
    case RESALE_DISCOUNT:
        return "cost * (100 - percent) / 100";
    }
    ASSERT(false);
    return "";
}

static enum err explain(struct arena *arena, const struct resale_rule_row *rule,
                        const struct cost_group *group, const struct resale_price *price,
                        const struct cost_charged *charged, struct str *text)
{
    /* The name of a service's cost is that of the column it is from: a word of ours. */
    const char *column = arena_cstr(arena, rule->cost_column);
    struct fee_steps steps;
    fee_steps_begin(&steps, arena, EXPLANATION_BYTES_MAX);
    for (size_t i = 0; i < group->service_count; i++) {
        fee_step_begin(&steps, group->services[i].name, column);
        fee_step_input(&steps, column, group->services[i].cost);
        fee_step_end(&steps, "cost", group->services[i].cost);
    }
    fee_step_begin(&steps, rule->name, op_of(group->rule->method));
    fee_step_input(&steps, "cost", group->cost);
    fee_step_input(&steps, "percent", rule->percent);
    fee_step_end(&steps, NULL, price->precise);
    if (charged->count > 0) {
        struct decimal before = money_major(charged->amount);
        fee_step_round(&steps, arena, price->precise, price->amount);
        fee_step_begin(&steps, STR("less what earlier invoices charged"), "0 - charged");
        fee_step_input(&steps, "charged", before);
        fee_step_input(&steps, "earlier_fees", decimal_of((int64_t)charged->count));
        fee_step_end(&steps, NULL, decimal_neg(before));
    }
    *text = fee_steps_end(&steps);
    return str_is_null(*text) ? ERR_TOO_LARGE : ERR_NONE;
}

enum err cost_fee(struct arena *arena, const struct customer_cost_period_row *period,
                  const struct cost_rules *rules, const struct cost_group *group,
                  const struct cost_charged *charged, struct fee_row *fee)
{
    const struct currency *currency = charged->amount.currency;
    const struct resale_rule_row *rule = cost_rule_row(rules, group->rule);
    struct resale_price price;
    struct money amount;
    struct decimal cost;
    struct str explanation;
    bool is_correction = charged->count > 0;
    TRY(resale_price_of(group->rule, group->cost, currency, &price));
    TRY(money_sub(price.amount, charged->amount, &amount));
    TRY(decimal_sub(group->cost, charged->cost, &cost));
    TRY(explain(arena, rule, group, &price, charged, &explanation));
    struct decimal precise = is_correction ? money_major(amount) : price.precise;
    struct str rule_id = uuid_text(arena, group->rule->id);
    *fee = (struct fee_row){
        .fee_type = STR("resale"),
        .once_key =
            arena_fmt(arena, "cost:%lld:%.*s:%lld:%.*s", (long long)period->period_start_at,
                      STR_ARG(rule_id), (long long)period->revision, STR_ARG(group->provider_name)),
        .resale_rule_id = group->rule->id,
        .provider_name = group->provider_name,
        .item_code = rule->code,
        .item_name =
            arena_fmt(arena, "%.*s: %.*s", STR_ARG(group->provider_name), STR_ARG(rule->name)),
        .from_at = period->period_start_at,
        .to_at = period->period_end_at,
        .units = DECIMAL_ONE,
        .total_units = DECIMAL_NONE,
        .event_seq = INT_NONE,
        .unit_amount = precise,
        .precise_amount = precise,
        .amount_minor = amount.minor,
        .currency = currency->code,
        .tax_rate = DECIMAL_ZERO,
        .taxes_precise_amount = DECIMAL_ZERO,
        .is_correction = is_correction,
        .vendor_cost = cost,
        .explanation = explanation,
        .succeeded_at = TIME_NONE,
        .failed_at = TIME_NONE,
        .refunded_at = TIME_NONE,
    };
    return ERR_NONE;
}
