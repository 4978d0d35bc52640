#include "app/cost_fees.h"

#include "app/cost_due.h"
#include "app/cost_price.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "base/none.h"
#include "core/currency.h"
#include "core/money.h"
#include "store/sql/cost.h"

#define EXPLANATION_BYTES_MAX ((size_t)8 << 20) /* some 100 bytes for each of many services */

struct pricing {
    struct ctx *ctx;
    struct tx *tx;
    const struct cost_fees_query *query;
    const struct currency *currency;
    struct cost_rules rules;
    struct fee_row *fees;
    size_t count, capacity;
};

/* What earlier invoices charged for the same. */
struct charged {
    size_t count;
    struct money amount;
    struct decimal cost;
};

static enum err add_charged(const struct pricing *p, const struct cost_group *group,
                            const struct fee_row *fees, size_t count, struct charged *charged)
{
    *charged = (struct charged){.amount = {0, p->currency}, .cost = DECIMAL_ZERO};
    for (size_t i = 0; i < count; i++) {
        if (!uuid_eq(fees[i].resale_rule_id, group->rule->id) ||
            !str_eq(fees[i].provider_name, group->provider_name))
            continue;
        charged->count++;
        TRY(money_add(charged->amount, (struct money){fees[i].amount_minor, p->currency},
                      &charged->amount));
        TRY(decimal_add(charged->cost, fees[i].vendor_cost, &charged->cost));
    }
    return ERR_NONE;
}

/* ---- the explanation ---------------------------------------------------------------------------
 */

static void write_service(struct json_writer *out, const struct cost_service *service,
                          struct str column)
{
    json_object(out, NULL);
    json_str(out, "text", service->name);
    json_object(out, "inputs");
    json_str(out, "cost_column", column);
    json_object_end(out);
    json_decimal(out, "result", service->cost);
    json_object_end(out);
}

static enum err explain(const struct pricing *p, const struct cost_group *group,
                        const struct resale_price *price, const struct charged *charged,
                        struct str *text)
{
    const struct resale_rule_row *rule = cost_rule_row(&p->rules, group->rule);
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, p->ctx->arena, EXPLANATION_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_array(&out, NULL);
    for (size_t i = 0; i < group->service_count; i++)
        write_service(&out, &group->services[i], rule->cost_column);
    json_object(&out, NULL);
    json_str(&out, "text", rule->name);
    json_object(&out, "inputs");
    json_decimal(&out, "cost", group->cost);
    json_str(&out, "method", rule->resale_method);
    json_decimal(&out, "percent", rule->percent);
    json_object_end(&out);
    json_decimal(&out, "result", price->precise);
    json_object_end(&out);
    if (charged->count > 0) {
        json_object(&out, NULL);
        json_str(&out, "text", STR("less what earlier invoices charged"));
        json_object(&out, "inputs");
        json_decimal(&out, "price", money_major(price->amount));
        json_int(&out, "earlier_fees", (int64_t)charged->count);
        json_object_end(&out);
        json_decimal(&out, "result", decimal_neg(money_major(charged->amount)));
        json_object_end(&out);
    }
    json_array_end(&out);
    if (!buf_ok(&buf))
        return fail(p->ctx, ERR_TOO_LARGE, "the explanation of %.*s has too many services",
                    STR_ARG(rule->code));
    *text = buf_str(&buf);
    return ERR_NONE;
}

/* ---- fees --------------------------------------------------------------------------------------
 */

static enum err add_fee(struct pricing *p, const struct customer_cost_period_row *period,
                        const struct cost_group *group, const struct charged *charged)
{
    struct arena *arena = p->ctx->arena;
    const struct resale_rule_row *rule = cost_rule_row(&p->rules, group->rule);
    struct resale_price price;
    struct money amount;
    struct decimal cost;
    struct str explanation;
    bool is_correction = charged->count > 0;
    TRY(resale_price_of(group->rule, group->cost, p->currency, &price));
    TRY(money_sub(price.amount, charged->amount, &amount));
    TRY(decimal_sub(group->cost, charged->cost, &cost));
    if (is_correction && amount.minor == 0)
        return ERR_NONE;
    TRY(explain(p, group, &price, charged, &explanation));
    struct decimal precise = is_correction ? money_major(amount) : price.precise;
    struct str rule_id = uuid_text(arena, group->rule->id);
    p->fees = arena_grow(arena, p->fees, p->count, &p->capacity, sizeof *p->fees);
    p->fees[p->count++] = (struct fee_row){
        .customer_id = p->query->customer_id,
        .invoice_id = p->query->invoice_id,
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
        .currency = p->query->currency,
        .tax_rate = DECIMAL_ZERO,
        .taxes_precise_amount = DECIMAL_ZERO,
        .is_correction = is_correction,
        .vendor_cost = cost,
        .explanation = explanation,
    };
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
        struct charged charged;
        TRY(add_charged(p, &pricing.groups[i], billed, billed_count, &charged));
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
