#include "app/rating_fixed.h"

#include "app/billing_period.h"
#include "app/fee_explanation.h"
#include "app/fixed_units.h"
#include "app/rating.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/pricing/charge.h"
#include "core/proration.h"

#include <string.h>

#define EXPLANATION_BYTES_MAX ((size_t)1 << 20)
#define UNIT_DECIMALS         15

/* One fixed charge of one subscription, in one of the item's periods. */
struct rating {
    struct arena *arena;
    const struct invoice_item *item;
    const struct plan_view *plan; /* whose prices hold */
    const struct fixed_charge_view *charge;
    const struct zone *zone;
    const struct currency *currency;
    struct period period; /* the whole one */
    struct fixed_units units;
    int64_t from_at, to_at;
    struct fee_steps steps;
    struct decimal amount; /* so far; the steps' results add up to it */
};

/* ---- the arithmetic, step by step ------------------------------------------------------------ */

static enum err add_amount(struct rating *r, struct decimal amount)
{
    return decimal_add(r->amount, amount, &r->amount);
}

/* What a step begins with: `names`, up to a NULL, and the formula of the result in these. */
struct step_form {
    const char *op;
    const char *names[5];
};

static enum err step(struct rating *r, struct str text, const struct step_form *form,
                     const struct decimal *inputs, struct decimal result)
{
    fee_step_begin(&r->steps, text, form->op);
    for (size_t i = 0; form->names[i] != NULL; i++)
        fee_step_input(&r->steps, form->names[i], inputs[i]);
    fee_step_end(&r->steps, NULL, result);
    return add_amount(r, result);
}

static struct charge model_of(const struct rating *r, bool with_flat)
{
    struct charge model =
        charge_of(r->arena, r->charge->row.charge_model, r->charge->row.properties);
    for (size_t i = 0; !with_flat && i < model.tier_count; i++)
        model.tiers[i].flat = DECIMAL_ZERO;
    return model;
}

static enum err price_of(const struct rating *r, bool with_flat, struct decimal units,
                         struct price *price)
{
    struct charge model = model_of(r, with_flat);
    return charge_price(r->arena, &model, &(struct charge_use){.units = units}, price);
}

/* The price of a whole period; *amount where it is asked for. */
static enum err price_steps(struct rating *r, bool with_flat, struct decimal units,
                            struct decimal *amount)
{
    struct price price;
    TRY(price_of(r, with_flat, units, &price));
    for (size_t i = 0; i < price.step_count; i++) {
        const struct price_step *one = &price.steps[i];
        fee_step_add(&r->steps, price_step_text(r->arena, one), price_step_inputs(r->arena, one),
                     NULL, one->result);
    }
    if (amount != NULL)
        *amount = price.amount;
    return add_amount(r, price.amount);
}

static struct str number(const struct rating *r, struct decimal value)
{
    return decimal_text(r->arena, value);
}

/* What stands in the steps since `whole` was priced is cut to the share of some days. */
static enum err share_step(struct rating *r, struct decimal units, struct decimal whole,
                           struct period used)
{
    static const struct step_form form = {"round(amount * days / days_of_period, 15) - amount",
                                          {"units", "amount", "days", "days_of_period", NULL}};
    int32_t days = 0;
    int32_t of = 0;
    struct decimal part;
    proration_days(proration_of(r->plan->version.proration), r->period, used, &days, &of);
    if (days == of)
        return ERR_NONE;
    TRY(decimal_mul_div(whole, decimal_of(days), decimal_of(of), UNIT_DECIMALS, ROUND_HALF_UP,
                        &part));
    TRY(decimal_sub(part, whole, &part));
    return step(r,
                arena_fmt(r->arena, "%.*s units for %d of %d days", STR_ARG(number(r, units)),
                          (int)days, (int)of),
                &form, (const struct decimal[]){units, whole, decimal_of(days), decimal_of(of)},
                part);
}

/* Of all tiers that `units` enter. */
static enum err flat_of(const struct rating *r, struct decimal units, struct decimal *flat)
{
    struct price with;
    struct price without;
    TRY(price_of(r, true, units, &with));
    TRY(price_of(r, false, units, &without));
    return decimal_sub(with.amount, without.amount, flat);
}

/* Flat amounts, less those that were due for `billed` units (none: nothing was billed). */
static enum err flat_step(struct rating *r, struct decimal units, struct decimal billed)
{
    static const struct step_form first_form = {"flat_amount", {"units", "flat_amount", NULL}};
    static const struct step_form form = {
        "flat_amount - billed_flat_amount",
        {"units", "flat_amount", "billed_units", "billed_flat_amount", NULL}};
    struct decimal flat;
    struct decimal before;
    struct decimal more;
    TRY(flat_of(r, units, &flat));
    if (decimal_is_none(billed)) {
        if (decimal_is_zero(flat))
            return ERR_NONE;
        return step(
            r, arena_fmt(r->arena, "flat amounts of %.*s units in full", STR_ARG(number(r, units))),
            &first_form, (const struct decimal[]){units, flat}, flat);
    }
    TRY(flat_of(r, billed, &before));
    TRY(decimal_sub(flat, before, &more));
    if (decimal_is_zero(more))
        return ERR_NONE;
    return step(r,
                arena_fmt(r->arena, "flat amounts of %.*s units in full, less those of %.*s",
                          STR_ARG(number(r, units)), STR_ARG(number(r, billed))),
                &form, (const struct decimal[]){units, flat, billed, before}, more);
}

/* A later change that costs less than what was billed gives nothing back. */
static enum err not_below_zero(struct rating *r)
{
    static const struct step_form form = {"0 - amount", {"amount", NULL}};
    if (decimal_sign(r->amount) >= 0)
        return ERR_NONE;
    return step(r, STR("an amount below 0 counts as 0"), &form, &r->amount, decimal_neg(r->amount));
}

/* ---- a fee ----------------------------------------------------------------------------------- */

/* The local day of the end, not used any more: a day that was begun counts. */
static int32_t end_day(const struct rating *r)
{
    int32_t day = zone_day(r->zone, r->to_at);
    if (zone_day_start(r->zone, day) < r->to_at)
        day++;
    return day < r->period.end_day ? day : r->period.end_day;
}

static int32_t clamp(int32_t day, int32_t from, int32_t to)
{
    return day < from ? from : day > to ? to : day;
}

static struct decimal most_units(const struct fixed_units *units, size_t count)
{
    struct decimal most = units->steps[0].units;
    for (size_t i = 1; i < count; i++)
        most = decimal_max(most, units->steps[i].units);
    return most;
}

/* By the days of each stretch of the same units; of the changes of one day the last counts. */
static enum err add_stretches(struct rating *r)
{
    const struct fixed_units *units = &r->units;
    int32_t first = zone_day(r->zone, r->from_at);
    int32_t end = end_day(r);
    for (size_t i = 0; i < units->count; i++) {
        struct decimal count = units->steps[i].units;
        bool is_last = i + 1 == units->count;
        int32_t from = clamp(zone_day(r->zone, units->steps[i].at), first, end);
        int32_t to = is_last ? end : clamp(zone_day(r->zone, units->steps[i + 1].at), first, end);
        struct decimal whole;
        if (to <= from && !(is_last && i == 0))
            continue;
        TRY(price_steps(r, false, count, &whole));
        TRY(share_step(r, count, whole, (struct period){from, to < from ? from : to}));
    }
    return flat_step(r, most_units(units, units->count), DECIMAL_NONE);
}

static enum err arrears(struct rating *r)
{
    if (r->charge->row.prorated)
        return add_stretches(r);
    return price_steps(r, true, r->units.steps[r->units.count - 1].units, NULL);
}

static enum err advance(struct rating *r)
{
    struct decimal units = r->units.steps[0].units;
    struct decimal whole;
    if (!r->charge->row.prorated)
        return price_steps(r, true, units, NULL);
    TRY(price_steps(r, false, units, &whole));
    TRY(share_step(r, units, whole,
                   (struct period){zone_day(r->zone, r->from_at), r->period.end_day}));
    return flat_step(r, units, DECIMAL_NONE);
}

/* What a step adds to the most that was billed before it. */
static enum err change(struct rating *r, size_t index, struct decimal *more)
{
    static const struct step_form none_form = {"max(units - billed_units, 0)",
                                               {"units", "billed_units", NULL}};
    static const struct step_form billed_form = {"0 - billed_amount",
                                                 {"billed_units", "billed_amount", NULL}};
    struct decimal units = r->units.steps[index].units;
    struct decimal most = most_units(&r->units, index);
    bool prorated = r->charge->row.prorated;
    struct price billed;
    struct decimal whole;
    if (decimal_cmp(units, most) <= 0) {
        *more = DECIMAL_ZERO;
        return step(r,
                    arena_fmt(r->arena, "%.*s units are billed already", STR_ARG(number(r, most))),
                    &none_form, (const struct decimal[]){units, most}, DECIMAL_ZERO);
    }
    TRY(decimal_sub(units, most, more));
    TRY(price_steps(r, !prorated, units, NULL));
    TRY(price_of(r, !prorated, most, &billed));
    TRY(step(r, arena_fmt(r->arena, "less %.*s units that are billed", STR_ARG(number(r, most))),
             &billed_form, (const struct decimal[]){most, billed.amount},
             decimal_neg(billed.amount)));
    whole = r->amount;
    if (prorated) {
        int32_t day = clamp(zone_day(r->zone, r->units.steps[index].at),
                            zone_day(r->zone, r->from_at), r->period.end_day);
        TRY(share_step(r, *more, whole, (struct period){day, r->period.end_day}));
        TRY(flat_step(r, units, most));
    }
    return not_below_zero(r);
}

static enum err finish(struct rating *r, struct str once_suffix, struct decimal units,
                       struct fee_row *fee)
{
    const struct invoice_item *item = r->item;
    const struct fixed_charge_row *row = &r->charge->row;
    struct str explanation = fee_steps_end(&r->steps);
    ASSERT(!str_is_null(explanation));
    struct str subscription = uuid_text(r->arena, item->subscription.id);
    struct str lineage = uuid_text(r->arena, row->lineage_id);
    struct str day = day_text(r->arena, zone_day(r->zone, r->from_at));
    *fee = rating_fee_begin(item, STR("fixed_charge"), r->from_at, r->to_at);
    fee->plan_version_id = r->plan->version.id;
    fee->currency = r->plan->version.currency;
    fee->once_key = arena_fmt(r->arena, "fixed:%.*s:%.*s:%.*s%.*s", STR_ARG(subscription),
                              STR_ARG(lineage), STR_ARG(day), STR_ARG(once_suffix));
    fee->fixed_charge_id = row->id;
    fee->add_on_id = r->charge->add_on.id;
    fee->item_code = r->charge->add_on.code;
    fee->item_name = r->charge->add_on.name;
    fee->units = units;
    fee->explanation = explanation;
    return rating_set_price(r->currency, r->amount, fee);
}

/* ---- all of an item's ------------------------------------------------------------------------ */

struct all {
    struct ctx *ctx;
    const struct invoice_item *item;
    const struct zone *zone;
    struct fixed_changes changes;
    struct fixed_fee *fees;
    size_t count;
};

static struct rating begin(const struct all *all, const struct plan_view *plan,
                           const struct fixed_charge_view *charge, int64_t from_at, int64_t to_at)
{
    struct billing_terms terms = {
        .subscription = &all->item->subscription, .plan = &plan->version, .zone = all->zone};
    struct rating r = {
        .arena = all->ctx->arena,
        .item = all->item,
        .plan = plan,
        .charge = charge,
        .zone = all->zone,
        .currency = currency_find(plan->version.currency),
        .period = billing_fixed_period(&terms, zone_day(all->zone, from_at)),
        .units = fixed_units_of(all->ctx->arena, &all->changes, charge->row.lineage_id, all->zone,
                                from_at, to_at),
        .from_at = from_at,
        .to_at = to_at,
        .amount = DECIMAL_ZERO,
    };
    ASSERT(r.currency != NULL);
    return r;
}

static void put(struct all *all, const struct rating *r, const struct fee_row *fee, bool must)
{
    all->fees[all->count++] =
        (struct fixed_fee){.charge = r->charge, .row = *fee, .must_be_invoiced = must};
}

/* A period's own fee stands on the invoice where there are units or something to pay. */
static bool counts(const struct fee_row *fee)
{
    return !decimal_is_zero(fee->units) || fee->amount_minor != 0;
}

static enum err rate_arrears(struct all *all, const struct fixed_charge_view *charge)
{
    const struct invoice_subscription_row *period = &all->item->period;
    struct rating r =
        begin(all, &all->item->plan, charge, period->fixed_from_at, period->fixed_to_at);
    struct fee_row fee;
    bool is_there =
        fixed_charge_of(all->changes.base, all->changes.base_count, charge->row.lineage_id) != NULL;
    if (!is_there && r.units.count == 1)
        return ERR_NONE; /* added for the next period */
    fee_steps_begin(&r.steps, r.arena, EXPLANATION_BYTES_MAX);
    TRY(arrears(&r));
    TRY(finish(&r, STR(""), r.units.steps[r.units.count - 1].units, &fee));
    put(all, &r, &fee, counts(&fee));
    return ERR_NONE;
}

static enum err rate_advance(struct all *all, const struct fixed_charge_view *charge)
{
    const struct invoice_subscription_row *period = &all->item->period;
    struct rating r = begin(all, &all->item->advance_plan, charge, period->advance_from_at,
                            period->advance_to_at);
    struct fee_row fee;
    fee_steps_begin(&r.steps, r.arena, EXPLANATION_BYTES_MAX);
    TRY(advance(&r));
    TRY(finish(&r, STR(""), r.units.steps[0].units, &fee));
    put(all, &r, &fee, counts(&fee));
    return ERR_NONE;
}

static enum err rate_change(struct all *all, const struct fixed_charge_view *charge)
{
    const struct invoice_subscription_row *period = &all->item->period;
    struct rating r = begin(all, &all->item->advance_plan, charge, period->advance_from_at,
                            period->advance_to_at);
    struct str id = uuid_text(all->ctx->arena, period->units_change_id);
    for (size_t i = 1; i < r.units.count; i++) {
        struct fee_row fee;
        struct decimal more;
        if (!uuid_eq(r.units.steps[i].change_id, period->units_change_id))
            continue;
        fee_steps_begin(&r.steps, r.arena, EXPLANATION_BYTES_MAX);
        TRY(change(&r, i, &more));
        TRY(finish(&r, arena_fmt(all->ctx->arena, ":%.*s", STR_ARG(id)), more, &fee));
        put(all, &r, &fee, true);
        return ERR_NONE;
    }
    return ERR_NONE;
}

static enum err rate_each(struct all *all, const struct plan_view *plan, bool in_advance,
                          enum err (*rate)(struct all *all, const struct fixed_charge_view *charge))
{
    for (size_t i = 0; i < plan->fixed_charge_count; i++) {
        if (plan->fixed_charges[i].row.pay_in_advance == in_advance)
            TRY(rate(all, &plan->fixed_charges[i]));
    }
    return ERR_NONE;
}

static enum err read_changes(struct all *all, struct tx *tx, struct uuid version_id,
                             int64_t until_at)
{
    return fixed_changes_read(all->ctx, tx, all->item->subscription.customer_id,
                              all->item->subscription.id, version_id, until_at, &all->changes);
}

enum err rating_fixed_fees(struct ctx *ctx, struct tx *tx, const struct invoice_item *item,
                           const struct zone *zone, struct fixed_fee **fees, size_t *count)
{
    const struct invoice_subscription_row *period = &item->period;
    struct all all = {.ctx = ctx, .item = item, .zone = zone};
    all.fees = ARENA_ARRAY(ctx->arena,
                           item->plan.fixed_charge_count + item->advance_plan.fixed_charge_count,
                           struct fixed_fee);
    if (period->fixed_from_at != TIME_NONE) {
        TRY(read_changes(&all, tx, period->fixed_version_id, period->fixed_to_at));
        TRY(rate_each(&all, &item->plan, false, rate_arrears));
    }
    if (period->advance_from_at != TIME_NONE) {
        bool is_change = period->units_at != TIME_NONE;
        TRY(read_changes(&all, tx,
                         is_change ? period->fixed_version_id : item->advance_plan.version.id,
                         period->advance_to_at));
        TRY(rate_each(&all, &item->advance_plan, true, is_change ? rate_change : rate_advance));
    }
    *fees = all.fees;
    *count = all.count;
    return ERR_NONE;
}

/* The nearest that names any: the fixed charge, its add-on, the plan; else those of the customer.
 */
static void add_fee(struct arena *arena, struct invoice_build *build, const struct plan_view *plan,
                    const struct fixed_fee *fee)
{
    const struct fixed_charge_view *charge = fee->charge;
    if (charge->tax_count > 0)
        invoice_build_add(arena, build, &fee->row, charge->taxes, charge->tax_count);
    else if (charge->add_on_tax_count > 0)
        invoice_build_add(arena, build, &fee->row, charge->add_on_taxes, charge->add_on_tax_count);
    else
        invoice_build_add(arena, build, &fee->row, plan->taxes, plan->tax_count);
}

static void add_fees(struct ctx *ctx, const struct invoice_item *item, struct invoice_build *build,
                     const struct fixed_fee *fees, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool in_advance = fees[i].charge->row.pay_in_advance;
        if (fees[i].must_be_invoiced)
            add_fee(ctx->arena, build, in_advance ? &item->advance_plan : &item->plan, &fees[i]);
    }
}

enum err rating_fixed_add_planned(struct ctx *ctx, const struct invoice_item *item,
                                  struct invoice_build *build)
{
    const struct plan_view *plan = &item->plan;
    struct all all = {.ctx = ctx, .item = item, .zone = build->zone};
    all.changes.base = plan->fixed_charges;
    all.changes.base_count = plan->fixed_charge_count;
    all.fees = ARENA_ARRAY(ctx->arena, plan->fixed_charge_count, struct fixed_fee);
    TRY(rate_each(&all, plan, false, rate_arrears));
    TRY(rate_each(&all, &item->advance_plan, true, rate_advance));
    add_fees(ctx, item, build, all.fees, all.count);
    return ERR_NONE;
}

enum err rating_fixed_add(struct ctx *ctx, struct tx *tx, const struct invoice_item *item,
                          struct invoice_build *build)
{
    struct fixed_fee *fees = NULL;
    size_t count = 0;
    enum err err = rating_fixed_fees(ctx, tx, item, build->zone, &fees, &count);
    if (err == ERR_OVERFLOW)
        return fail(ctx, err, "a fixed charge of subscription %.*s is too large",
                    STR_ARG(item->subscription.external_id));
    TRY(err);
    add_fees(ctx, item, build, fees, count);
    return ERR_NONE;
}
