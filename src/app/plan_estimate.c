#include "app/plan_estimate.h"

#include "app/advance_usage.h"
#include "app/billing_period.h"
#include "app/customer.h"
#include "app/fee_explanation.h"
#include "app/invoice_taxes.h"
#include "app/rating.h"
#include "app/rating_fixed.h"
#include "app/tax.h"
#include "app/usage_cells.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/currency.h"
#include "store/sql/catalog.h"

#define STEP_BYTES_MAX ((size_t)4096)
#define DAY_OF_2200    84006 /* 2200-01-01: later is a mistake */

struct estimating {
    struct ctx *ctx;
    struct tx *tx;
    const struct plan_estimate_input *input;
    struct plan_estimate *estimate;
    struct invoice_item *item;
    struct usage **usages; /* of each part of each charge */
};

/* ---- the plan -------------------------------------------------------------------------------- */

/* What is wrong with a plan that is told stands below "plan". */
static enum err draft_plan(const struct estimating *e, struct plan_view *plan)
{
    struct ctx ctx = *e->ctx;
    struct fault fault;
    fault_init(&fault, ctx.arena);
    ctx.fault = &fault;
    enum err err = plan_draft(&ctx, e->tx, e->input->plan, plan);
    for (size_t i = 0; i < fault.field_count; i++) {
        const struct fault_field *field = &fault.fields[i];
        fault_field(e->ctx->fault, arena_fmt(ctx.arena, "plan.%.*s", STR_ARG(field->field)),
                    arena_cstr(ctx.arena, field->code), field->value, "%.*s",
                    STR_ARG(field->expected));
    }
    if (err != ERR_NONE && fault.field_count == 0 && fault.err != ERR_NONE)
        return fault_set(e->ctx->fault, err, "%.*s", STR_ARG(fault.message));
    return fault.field_count > 0 ? fault_check(e->ctx->fault) : err;
}

static enum err find_plan(struct estimating *e)
{
    const struct plan_estimate_input *input = e->input;
    struct plan_view *plan = &e->item->plan;
    bool by_code = !str_is_null(input->plan_code);
    if (by_code == (input->plan != NULL))
        fault_field(e->ctx->fault, STR("plan_code"),
                    by_code ? "value_is_invalid" : "value_is_mandatory", input->plan_code,
                    "the code of a plan, or a whole plan in its place");
    TRY(fault_check(e->ctx->fault));
    TRY(by_code ? plan_find(e->ctx, e->tx, input->plan_code, plan) : draft_plan(e, plan));
    e->estimate->plan = plan;
    return ERR_NONE;
}

static bool names(const struct estimate_fixed *said, const struct fixed_charge_view *fixed)
{
    return str_is_null(said->code) ? str_eq(fixed->add_on.code, said->add_on_code)
                                   : str_eq(fixed->row.code, said->code);
}

/* The units that are said take the place of the plan's. */
static void set_fixed_units(const struct estimating *e, size_t index, bool *said)
{
    const struct estimate_fixed *input = &e->input->fixed_charges[index];
    struct plan_view *plan = &e->item->plan;
    bool by_code = !str_is_null(input->code);
    struct str wanted = by_code ? input->code : input->add_on_code;
    struct str path = arena_fmt(e->ctx->arena, "fixed_charges.%zu.%s", index,
                                by_code ? "fixed_charge_code" : "add_on_code");
    size_t found = 0;
    for (size_t i = 0; i < plan->fixed_charge_count; i++) {
        if (str_is_null(wanted) || !names(input, &plan->fixed_charges[i]))
            continue;
        if (said[i])
            fault_field(e->ctx->fault, path, "value_already_exist", wanted,
                        "each fixed charge once");
        said[i] = true;
        plan->fixed_charges[i].row.units = input->units;
        found++;
    }
    if (found == 0)
        fault_field(e->ctx->fault, path,
                    str_is_null(wanted) ? "value_is_mandatory" : "fixed_charge_not_found", wanted,
                    "the code of a fixed charge of the plan (fixed_charge_code), or of its add-on "
                    "(add_on_code)");
}

/* ---- whose bill ------------------------------------------------------------------------------ */

static enum err find_entity(const struct estimating *e, struct billing_entity_row *entity)
{
    struct str code = e->input->billing_entity_code;
    bool found = false;
    TRY(billing_entity_by_code(
        e->tx,
        &(struct billing_entity_by_code_in){.code = str_is_null(code) ? STR("default") : code},
        entity, &found));
    return found ? ERR_NONE : fail_not_found(e->ctx, "billing_entity", code);
}

/* A customer that is not there yet has nothing of its own. */
static enum err begin_build(struct estimating *e)
{
    struct str id = e->input->external_customer_id;
    struct invoice_build *build = &e->estimate->build;
    struct customer_row customer;
    struct customer_terms terms;
    if (str_is_null(id)) {
        struct billing_entity_row entity;
        TRY(find_entity(e, &entity));
        customer = (struct customer_row){
            .billing_entity_id = entity.id,
            .external_id = STR("estimate"),
            .timezone = STR_NULL,
            .currency = STR_NULL,
            .grace_days = INT_NONE,
            .payment_term_days = INT_NONE,
            .zero_amount_policy = STR("inherit"),
        };
        TRY(customer_terms_of(e->ctx, &customer, &entity, &terms));
    } else {
        TRY(customer_find(e->ctx, e->tx, id, false, &customer));
        TRY(customer_terms_load(e->ctx, e->tx, &customer, &terms));
    }
    return invoice_build_new(e->ctx, &customer, &terms, e->item->plan.version.currency,
                             ctx_now(e->ctx), build);
}

/* ---- the period ------------------------------------------------------------------------------ */

static void check_days(const struct estimating *e, int32_t from_day, struct period period)
{
    const struct plan_estimate_input *input = e->input;
    int32_t to_day = input->to_day;
    if (from_day < 0 || from_day >= DAY_OF_2200)
        fault_field(e->ctx->fault, STR("from_date"), "value_is_out_of_range",
                    day_text(e->ctx->arena, from_day), "a day from 1970 to 2199");
    else if (to_day != DAY_NONE && (to_day < from_day || to_day >= period.end_day))
        fault_field(e->ctx->fault, STR("to_date"), "value_is_out_of_range",
                    day_text(e->ctx->arena, to_day),
                    "a day from %.*s to %.*s, the plan's period that holds from_date",
                    STR_ARG(day_text(e->ctx->arena, from_day)),
                    STR_ARG(day_text(e->ctx->arena, period.end_day - 1)));
}

static int32_t earlier(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* All parts of the bill begin on one day, and end with their own period or before it. */
static void set_periods(struct estimating *e, int32_t from_day, int32_t end_day)
{
    struct invoice_item *item = e->item;
    const struct zone *zone = e->estimate->build.zone;
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    int64_t from_at = zone_day_start(zone, from_day);
    int32_t usage_end = earlier(end_day, billing_usage_period(&terms, from_day).end_day);
    struct period fixed = billing_fixed_period(&terms, from_day);
    billing_no_period(&item->period);
    item->period.from_at = item->period.charges_from_at = from_at;
    item->period.fixed_from_at = item->period.advance_from_at = from_at;
    item->period.to_at = zone_day_start(zone, end_day);
    item->period.charges_to_at = zone_day_start(zone, usage_end);
    item->period.fixed_to_at = zone_day_start(zone, earlier(end_day, fixed.end_day));
    item->period.advance_to_at = zone_day_start(zone, fixed.end_day);
    e->estimate->from_day = from_day;
    e->estimate->end_day = end_day;
}

/* As of a subscription that starts on the first day; that of an anniversary counts from there. */
static enum err choose_period(struct estimating *e)
{
    const struct plan_estimate_input *input = e->input;
    struct invoice_item *item = e->item;
    const struct zone *zone = e->estimate->build.zone;
    int32_t today = zone_day(zone, ctx_now(e->ctx));
    int32_t from_day = input->from_day == DAY_NONE ? today : input->from_day;
    bool is_calendar = str_eq(input->billing_time, STR("calendar"));
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    item->subscription = (struct subscription_row){
        .customer_id = e->estimate->build.customer.id,
        .external_id = STR("estimate"),
        .billing_time = input->billing_time,
        .subscription_at = zone_day_start(zone, from_day),
        .started_at = zone_day_start(zone, from_day),
    };
    struct period period = billing_plan_period(&terms, from_day);
    if (input->from_day == DAY_NONE && is_calendar) {
        from_day = period.start_day;
        item->subscription.started_at = zone_day_start(zone, from_day);
    }
    check_days(e, from_day, period);
    TRY(fault_check(e->ctx->fault));
    set_periods(e, from_day, input->to_day == DAY_NONE ? period.end_day : input->to_day + 1);
    return ERR_NONE;
}

/* ---- fees ------------------------------------------------------------------------------------ */

/* What is wrong with any quantity is told together. */
static enum err read_quantities(struct estimating *e)
{
    struct plan_view *plan = &e->item->plan;
    const struct plan_estimate_input *input = e->input;
    bool *said = ARENA_ARRAY(e->ctx->arena, plan->fixed_charge_count, bool);
    e->usages = ARENA_ARRAY(e->ctx->arena, plan->charge_count, struct usage *);
    for (size_t i = 0; i < input->fixed_charge_count; i++)
        set_fixed_units(e, i, said);
    TRY(estimate_usages(e->ctx, plan, input->charges, input->charge_count, e->usages));
    return fault_check(e->ctx->fault);
}

/* Units of a prorated charge are there on all days of the bill. */
static enum err prorate(struct estimating *e, size_t index)
{
    const struct charge_view *charge = &e->item->plan.charges[index];
    const struct zone *zone = e->estimate->build.zone;
    struct usage_query query = rating_query(e->ctx->arena, e->item, zone, zone, charge);
    for (size_t part = 0; charge->row.prorated && part < charge_part_count(charge); part++)
        TRY(usage_prorated_steady(e->ctx->arena, charge, part, &query, zone,
                                  &e->usages[index][part]));
    return ERR_NONE;
}

/* The fees of all events together, which come on the first day; they pay to the end of their period
 * of usage, also where the bill ends before it. */
static enum err add_advance(struct estimating *e, size_t index)
{
    struct invoice_build *build = &e->estimate->build;
    struct invoice_item item = *e->item;
    const struct charge_view *charge = &item.plan.charges[index];
    struct advance_period period = {&item, charge, build->zone, INT_NONE};
    struct advance_limit limit;
    struct fee_row fee;
    bool is_there = false;
    advance_period_at(build->zone, item.period.charges_from_at, &item);
    advance_limit_init(&limit, &period);
    for (size_t part = 0; part < charge_part_count(charge); part++) {
        TRY(advance_usage_said(e->ctx->arena, &period, part, &e->usages[index][part], &limit, &fee,
                               &is_there));
        if (is_there)
            invoice_build_add_charge(e->ctx->arena, build, &fee, &e->item->plan, charge);
    }
    return ERR_NONE;
}

static enum err add_fees(struct estimating *e)
{
    struct invoice_build *build = &e->estimate->build;
    struct invoice_item *item = e->item;
    struct fee_row fee;
    TRY(rating_plan_fee(e->ctx->arena, item, build->zone, &fee));
    invoice_build_add(e->ctx->arena, build, &fee, item->plan.taxes, item->plan.tax_count);
    /* What is said is of one group, where a charge is divided into such. */
    for (size_t i = 0; i < item->plan.charge_count; i++) {
        const struct charge_view *charge = &item->plan.charges[i];
        if (charge->row.pay_in_advance) {
            TRY(add_advance(e, i));
            continue;
        }
        TRY(prorate(e, i));
        struct usage_slices slices =
            usage_slices_of_parts(e->ctx->arena, e->usages[i], charge_part_count(charge));
        TRY(rating_charge_add(e->ctx, item, build, charge, &slices, INT_NONE));
    }
    return rating_fixed_add_planned(e->ctx, item, build);
}

/* Taxes that are told take the place of those of the customer. */
static enum err add_taxes(struct estimating *e)
{
    struct invoice_build *build = &e->estimate->build;
    size_t count = e->input->tax_code_count;
    struct tax_row *taxes = ARENA_ARRAY(e->ctx->arena, count, struct tax_row);
    TRY(taxes_find(e->ctx, e->tx, STR(""), e->input->tax_codes, count, taxes));
    TRY(fault_check(e->ctx->fault));
    for (size_t i = 0; i < build->fee_count; i++) {
        if (build->fees[i].tax_count > 0)
            continue;
        build->fees[i].taxes = taxes;
        build->fees[i].tax_count = count;
    }
    /* The taxes of a fee are found by its id. */
    for (size_t i = 0; i < build->fee_count; i++)
        build->fees[i].row.id = ctx_new_id(e->ctx);
    return invoice_tax(e->ctx, e->tx, build);
}

/* ---- what is shown --------------------------------------------------------------------------- */

static struct str with_rounding(struct arena *arena, const struct fee_row *row)
{
    struct fee_steps steps;
    fee_steps_begin(&steps, arena, STEP_BYTES_MAX);
    fee_step_round(&steps, arena, row->precise_amount,
                   (struct money){row->amount_minor, currency_find(row->currency)});
    return fee_explanation_join(arena, row->explanation, fee_steps_end(&steps));
}

static const struct charge_view *charge_of_fee(const struct plan_view *plan,
                                               const struct fee_row *row)
{
    for (size_t i = 0; i < plan->charge_count; i++) {
        if (uuid_eq(plan->charges[i].row.id, row->charge_id))
            return &plan->charges[i];
    }
    return NULL;
}

static void name_charge(struct arena *arena, const struct charge_view *charge,
                        struct fee_view *view)
{
    view->invoice_display_name = charge->row.invoice_display_name;
    for (size_t i = 0; i < charge->filter_count; i++) {
        const struct charge_filter_row *filter = &charge->filters[i];
        if (!uuid_eq(filter->id, view->row.charge_filter_id))
            continue;
        view->filter_name = charge_filter_name(arena, filter);
        view->filter_display_name = filter->invoice_display_name;
        view->filter_values = filter->match_values;
    }
}

static struct str name_fixed(const struct plan_view *plan, struct fee_view *view)
{
    for (size_t i = 0; i < plan->fixed_charge_count; i++) {
        const struct fixed_charge_view *fixed = &plan->fixed_charges[i];
        if (!uuid_eq(fixed->row.id, view->row.fixed_charge_id))
            continue;
        view->invoice_display_name = str_is_null(fixed->row.invoice_display_name)
                                         ? fixed->add_on.invoice_display_name
                                         : fixed->row.invoice_display_name;
        return fixed->row.code;
    }
    return STR_NULL;
}

static enum err show_fee(const struct estimating *e, size_t index)
{
    struct plan_estimate *estimate = e->estimate;
    const struct fee_row *row = &estimate->build.fees[index].row;
    const struct plan_view *plan = estimate->plan;
    const struct charge_view *charge = charge_of_fee(plan, row);
    struct fee_view *view = &estimate->fees[index];
    int64_t *sum = &estimate->plan_minor;
    *view = (struct fee_view){
        .row = *row,
        .filter_name = STR_NULL,
        .filter_display_name = STR_NULL,
        .filter_values = STR_NULL,
        .invoice_display_name = plan->version.invoice_display_name,
        .timezone = estimate->build.row.timezone,
    };
    view->row.explanation = with_rounding(e->ctx->arena, row);
    estimate->charge_codes[index] = STR_NULL;
    if (charge != NULL) {
        name_charge(e->ctx->arena, charge, view);
        estimate->charge_codes[index] = charge->row.code;
        sum = &estimate->usage_minor;
    } else if (!uuid_is_nil(row->fixed_charge_id)) {
        estimate->charge_codes[index] = name_fixed(plan, view);
        sum = &estimate->fixed_minor;
    }
    view->taxes =
        ARENA_ARRAY(e->ctx->arena, estimate->build.fees[index].tax_count, struct fee_tax_row);
    for (size_t i = 0; i < estimate->build.fee_tax_count; i++) {
        if (uuid_eq(estimate->build.fee_taxes[i].fee_id, row->id))
            view->taxes[view->tax_count++] = estimate->build.fee_taxes[i];
    }
    return __builtin_add_overflow(*sum, row->amount_minor, sum) ? ERR_OVERFLOW : ERR_NONE;
}

static enum err show(struct estimating *e)
{
    struct plan_estimate *estimate = e->estimate;
    estimate->fee_count = estimate->build.fee_count;
    estimate->fees = ARENA_ARRAY(e->ctx->arena, estimate->fee_count, struct fee_view);
    estimate->charge_codes = ARENA_ARRAY(e->ctx->arena, estimate->fee_count, struct str);
    for (size_t i = 0; i < estimate->fee_count; i++)
        TRY(show_fee(e, i));
    return ERR_NONE;
}

static enum err run(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct estimating *e = arg;
    e->ctx = ctx;
    e->tx = tx;
    *e->estimate = (struct plan_estimate){0};
    e->item = ARENA_NEW(ctx->arena, struct invoice_item);
    TRY(find_plan(e));
    TRY(begin_build(e));
    TRY(choose_period(e));
    enum err err = read_quantities(e);
    e->item->fee_plan = e->item->advance_plan = e->item->plan;
    if (err == ERR_NONE)
        err = add_fees(e);
    if (err == ERR_NONE)
        err = add_taxes(e);
    if (err == ERR_NONE)
        err = show(e);
    if (err == ERR_OVERFLOW && !fault_is_set(ctx->fault))
        return fail(ctx, err, "an amount of the estimate is too large");
    return err;
}

enum err plan_estimate(struct ctx *ctx, const struct plan_estimate_input *input,
                       struct plan_estimate *estimate)
{
    return tx_run(ctx, TX_READ, run, &(struct estimating){.input = input, .estimate = estimate});
}
