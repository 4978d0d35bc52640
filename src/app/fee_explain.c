#include "app/fee_explain.h"

#include "app/cost_derive.h"
#include "app/fee_derive.h"
#include "app/fee_explanation.h"
#include "app/metric_rule.h"
#include "app/usage_explain.h"
#include "core/currency.h"
#include "core/invoicing.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/fee.h"
#include "store/sql/find.h"

#define STEP_BYTES_MAX       ((size_t)4096)
#define INVOICES_OF_ONE_NAME 10 /* each billing entity may have its own */

struct explaining {
    struct ctx *ctx;
    struct tx *tx;
    struct explained_fee *to;
};

/* ---- the fee --------------------------------------------------------------------------------- */

/* What the fee's own steps begin with where the events say it all. */
static struct str explain_events(struct arena *arena, const struct charge_view *charge,
                                 const struct usage *usage)
{
    struct metric_rule rule = metric_rule_of(arena, &charge->metric);
    struct usage_steps plain = usage_explain_plain(arena, &rule.usage, usage);
    struct fee_steps steps;
    fee_steps_begin(&steps, arena, STEP_BYTES_MAX);
    for (size_t i = 0; i < plain.count; i++)
        fee_step_add(&steps, plain.steps[i].text, plain.steps[i].inputs, "quantity",
                     plain.steps[i].result);
    return fee_steps_end(&steps);
}

static struct str explain_rounding(struct arena *arena, const struct fee_row *fee)
{
    struct fee_steps steps;
    fee_steps_begin(&steps, arena, STEP_BYTES_MAX);
    fee_step_round(&steps, arena, fee->precise_amount,
                   (struct money){fee->amount_minor, currency_find(fee->currency)});
    return fee_steps_end(&steps);
}

static void take(struct explaining *e, const struct fee_row *derived, struct str first)
{
    struct arena *arena = e->ctx->arena;
    struct explained_fee *to = e->to;
    to->is_derived = true;
    to->derived = *derived;
    to->steps = fee_explanation_join(arena, first, derived->explanation);
    to->steps = fee_explanation_join(arena, to->steps, explain_rounding(arena, derived));
}

/* The version that prices it. */
static const struct plan_view *plan_of(const struct fee_derived *derived)
{
    const struct invoice_item *item = derived->item;
    if (derived->fixed != NULL)
        return derived->fixed->row.pay_in_advance ? &item->advance_plan : &item->plan;
    return derived->charge == NULL ? &item->fee_plan : &item->plan;
}

static void take_derived(void *arg, const struct fee_derived *derived)
{
    struct explaining *e = arg;
    struct explained_fee *to = e->to;
    struct str first = STR("[]");
    if (!str_eq(derived->fee->once_key, to->fee.row.once_key))
        return;
    to->plan = *plan_of(derived);
    if (derived->fixed != NULL)
        to->fixed = *derived->fixed;
    if (derived->charge != NULL)
        to->charge = *derived->charge;
    to->part = derived->part;
    if (derived->usage != NULL)
        first = explain_events(e->ctx->arena, derived->charge, derived->usage);
    take(e, derived->fee, first);
}

static enum err derive(struct explaining *e)
{
    struct explained_fee *to = e->to;
    struct fee_row *fees = NULL;
    size_t count = 0;
    if (str_eq(to->fee.row.fee_type, STR("resale"))) {
        struct fee_row derived;
        bool found = false;
        TRY(cost_derive(e->ctx, e->tx, &to->fee.row, &derived, &to->rule, &found));
        if (found)
            take(e, &derived, STR("[]"));
        return ERR_NONE;
    }
    TRY(fee_of_invoice_list(e->tx,
                            &(struct fee_of_invoice_list_in){.customer_id = to->invoice.customer_id,
                                                             .invoice_id = to->invoice.id},
                            &fees, &count));
    return fee_derive(&(struct fee_derivation){
        .ctx = e->ctx,
        .tx = e->tx,
        .invoice = &to->invoice,
        .fees = fees,
        .fee_count = count,
        .only = &to->fee.row,
        .visit = take_derived,
        .arg = e,
    });
}

/* ---- its taxes ------------------------------------------------------------------------------- */

static bool has_tax(const struct tax_row *taxes, size_t count, struct uuid id)
{
    for (size_t i = 0; i < count; i++) {
        if (uuid_eq(taxes[i].id, id))
            return true;
    }
    return false;
}

/* NULL: neither a charge nor the plan has taxes. */
static const char *plan_source(const struct explained_fee *to)
{
    if (to->charge.tax_count > 0)
        return "charge";
    if (to->fixed.tax_count > 0)
        return "fixed_charge";
    if (to->fixed.add_on_tax_count > 0)
        return "add_on";
    return to->plan.tax_count > 0 ? "plan" : NULL;
}

/* The charge and the plan are as they were; the customer and its seller are as they are now. */
static enum err find_source(struct explaining *e, struct explained_tax *tax)
{
    const struct explained_fee *to = e->to;
    struct tax_row *taxes = NULL;
    size_t count = 0;
    tax->source = plan_source(to);
    if (tax->source != NULL)
        return ERR_NONE;
    tax->source = "customer";
    TRY(customer_tax_list(e->tx,
                          &(struct customer_tax_list_in){.customer_id = to->invoice.customer_id},
                          &taxes, &count));
    if (has_tax(taxes, count, tax->row->tax_id))
        return ERR_NONE;
    TRY(billing_entity_tax_list(
        e->tx,
        &(struct billing_entity_tax_list_in){.billing_entity_id = to->invoice.billing_entity_id},
        &taxes, &count));
    tax->source = has_tax(taxes, count, tax->row->tax_id) ? "billing_entity" : NULL;
    return ERR_NONE;
}

static struct str explain_tax(struct arena *arena, struct money net, struct decimal rate,
                              int64_t tax_minor)
{
    struct fee_steps steps;
    struct decimal amount = money_major(net);
    fee_steps_begin(&steps, arena, STEP_BYTES_MAX);
    fee_step_begin(&steps,
                   arena_fmt(arena, "%.*s%% of %.*s", STR_ARG(decimal_text(arena, rate)),
                             STR_ARG(decimal_text(arena, amount))),
                   "round(amount * rate / 100, decimals)");
    fee_step_input(&steps, "amount", amount);
    fee_step_input(&steps, "rate", rate);
    fee_step_input(&steps, "decimals", decimal_of(net.currency->digits));
    fee_step_end(&steps, "total", money_major((struct money){tax_minor, net.currency}));
    return fee_steps_end(&steps);
}

static enum err explain_taxes(struct explaining *e)
{
    struct explained_fee *to = e->to;
    struct arena *arena = e->ctx->arena;
    size_t count = to->fee.tax_count;
    struct applied_tax *applied = ARENA_ARRAY(arena, count, struct applied_tax);
    struct money net = {to->is_derived ? to->derived.amount_minor : to->fee.row.amount_minor,
                        currency_find(to->fee.row.currency)};
    struct invoice_line line = {.net_minor = net.minor, .taxes = applied, .tax_count = count};
    struct invoice_totals totals;
    for (size_t i = 0; i < count; i++)
        applied[i] = (struct applied_tax){to->fee.taxes[i].tax_id, to->fee.taxes[i].rate};
    TRY(invoice_total(arena, &line, 1, &totals));
    to->taxes = ARENA_ARRAY(arena, count, struct explained_tax);
    to->tax_count = count;
    for (size_t i = 0; i < count; i++) {
        to->taxes[i] = (struct explained_tax){
            .row = &to->fee.taxes[i],
            .amount_minor = line.tax_minor[i],
            .steps = explain_tax(arena, net, applied[i].rate, line.tax_minor[i]),
        };
        TRY(find_source(e, &to->taxes[i]));
    }
    return ERR_NONE;
}

static bool comes_out(const struct explained_fee *to)
{
    bool same = to->is_derived && to->derived.amount_minor == to->fee.row.amount_minor;
    for (size_t i = 0; i < to->tax_count; i++)
        same &= to->taxes[i].amount_minor == to->taxes[i].row->amount_minor;
    return same;
}

/* ---- use cases ------------------------------------------------------------------------------- */

struct one {
    struct uuid id;
    struct explained_fee *to;
};

static enum err explain(struct ctx *ctx, struct tx *tx, struct uuid id, struct explained_fee *to)
{
    struct explaining e = {.ctx = ctx, .tx = tx, .to = to};
    *to = (struct explained_fee){.steps = STR("[]")};
    TRY(fee_view_find(ctx, tx, id, &to->fee, &to->invoice));
    TRY(derive(&e));
    TRY(explain_taxes(&e));
    to->matches = comes_out(to);
    return ERR_NONE;
}

static enum err explain_one(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct one *one = arg;
    return explain(ctx, tx, one->id, one->to);
}

enum err fee_explain(struct ctx *ctx, struct uuid id, struct explained_fee *explained)
{
    return tx_run(ctx, TX_READ, explain_one, &(struct one){.id = id, .to = explained});
}

struct all {
    struct str number;
    struct explained_fee **explained;
    size_t *count;
    size_t capacity;
};

static enum err explain_invoice(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice,
                                struct all *all)
{
    struct fee_row *fees = NULL;
    size_t count = 0;
    TRY(fee_of_invoice_list(tx,
                            &(struct fee_of_invoice_list_in){.customer_id = invoice->customer_id,
                                                             .invoice_id = invoice->id},
                            &fees, &count));
    for (size_t i = 0; i < count; i++) {
        *all->explained = arena_grow(ctx->arena, *all->explained, *all->count, &all->capacity,
                                     sizeof **all->explained);
        TRY(explain(ctx, tx, fees[i].id, &(*all->explained)[(*all->count)++]));
    }
    return ERR_NONE;
}

static enum err explain_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct all *all = arg;
    struct invoice_row *invoices = NULL;
    size_t count = 0;
    *all->explained = NULL;
    *all->count = all->capacity = 0;
    TRY(find_invoice_exact(
        tx, &(struct find_invoice_exact_in){.wanted = all->number, .limit = INVOICES_OF_ONE_NAME},
        &invoices, &count));
    if (count == 0)
        return fail_not_found(ctx, "invoice", all->number);
    for (size_t i = 0; i < count; i++)
        TRY(explain_invoice(ctx, tx, &invoices[i], all));
    return ERR_NONE;
}

enum err invoice_explain(struct ctx *ctx, struct str number, struct explained_fee **explained,
                         size_t *count)
{
    return tx_run(ctx, TX_READ, explain_all,
                  &(struct all){.number = number, .explained = explained, .count = count});
}
