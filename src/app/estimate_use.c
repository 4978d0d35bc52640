#include "app/estimate_use.h"

#include "app/metric_rule.h"
#include "base/none.h"
#include "core/pricing/charge.h"

/* One part of a charge, and what is said of it. */
struct part {
    struct ctx *ctx;
    struct str path; /* "charges.0", "charges.0.filters.1" */
    const struct estimate_use *use;
    const struct charge_view *charge;
    struct charge model;
    struct usage_rule rule;
    struct decimal units; /* as said, or as the rest adds up; DECIMAL_NONE: nothing is said */
    int64_t event_count;
    struct decimal *values; /* of each event or cell, where the price needs them */
    size_t value_count;
};

static struct str below(const struct part *part, const char *field)
{
    return arena_fmt(part->ctx->arena, "%.*s.%s", STR_ARG(part->path), field);
}

static struct str number(const struct part *part, struct decimal value)
{
    return decimal_is_none(value) ? STR_NULL : decimal_text(part->ctx->arena, value);
}

/* The units that are said must be what `sum` comes to. */
static void agree(struct part *part, struct decimal sum, const char *what)
{
    if (decimal_is_none(part->units))
        part->units = sum;
    else if (!decimal_eq(part->units, sum))
        fault_field(part->ctx->fault, below(part, "units"), "value_is_invalid",
                    number(part, part->units), "%.*s, to which the %s add up, or nothing",
                    STR_ARG(number(part, sum)), what);
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool is_whole(struct decimal value, int64_t *count)
{
    return decimal_to_int64(value, count) == ERR_NONE;
}

/* A count is of its events. */
static void count_events(struct part *part)
{
    int64_t events = 0;
    if (part->use->event_count != INT_NONE) {
        agree(part, decimal_of(part->use->event_count), "events");
        part->event_count = part->use->event_count;
    } else if (!decimal_is_none(part->units) && !is_whole(part->units, &events))
        fault_field(part->ctx->fault, below(part, "units"), "value_is_invalid",
                    number(part, part->units), "a whole number: the metric counts events");
    else
        part->event_count = events;
}

static enum err read_values(struct part *part)
{
    const struct estimate_use *use = part->use;
    struct decimal sum = DECIMAL_ZERO;
    part->values = ARENA_ARRAY(part->ctx->arena, use->value_count, struct decimal);
    part->value_count = use->value_count;
    for (size_t i = 0; i < use->value_count; i++) {
        struct decimal *value = &part->values[i];
        if (decimal_parse(use->values[i], value) == ERR_NONE && decimal_sign(*value) >= 0) {
            TRY(decimal_add(sum, *value, &sum));
            continue;
        }
        *value = DECIMAL_ZERO;
        fault_field(
            part->ctx->fault,
            arena_fmt(part->ctx->arena, "%.*s.%zu", STR_ARG(below(part, "event_values")), i),
            "value_is_invalid", use->values[i], "a decimal of 0 or more");
    }
    agree(part, sum, "values of the events");
    if (use->event_count != INT_NONE && use->event_count != (int64_t)use->value_count)
        fault_field(part->ctx->fault, below(part, "events_count"), "value_is_invalid",
                    arena_fmt(part->ctx->arena, "%lld", (long long)use->event_count),
                    "%zu, as many as there are values, or nothing", use->value_count);
    part->event_count = (int64_t)use->value_count;
    return ERR_NONE;
}

/* All the same, but for the last one, which has what is left at 15 decimals. */
static enum err spread_values(struct part *part)
{
    size_t count = (size_t)part->event_count;
    struct decimal each;
    struct decimal before;
    if (count == 0)
        return ERR_NONE;
    part->values = ARENA_ARRAY(part->ctx->arena, count, struct decimal);
    part->value_count = count;
    TRY(decimal_div(part->units, decimal_of(part->event_count), USAGE_DECIMALS, ROUND_FLOOR,
                    &each));
    TRY(decimal_mul(each, decimal_of(part->event_count - 1), &before));
    for (size_t i = 0; i + 1 < count; i++)
        part->values[i] = each;
    return decimal_sub(part->units, before, &part->values[count - 1]);
}

static bool has_units(const struct part *part)
{
    return !decimal_is_none(part->units) && !decimal_is_zero(part->units);
}

/* How many events there are is a part of the price. */
static bool prices_events(const struct part *part)
{
    return charge_cell_count(&part->model) == 0 &&
           (charge_needs_events(&part->model) ||
            (part->model.model == CHARGE_PERCENTAGE && !decimal_is_zero(part->model.fixed_amount)));
}

static enum err set_events(struct part *part)
{
    const struct estimate_use *use = part->use;
    if (use->value_count > 0 && part->rule.aggregation == AGGREGATION_COUNT)
        fault_field(part->ctx->fault, below(part, "event_values"), "value_is_invalid",
                    use->values[0], "nothing: the metric counts events, each is worth 1");
    else if (use->value_count > 0)
        return read_values(part);
    if (part->rule.aggregation == AGGREGATION_COUNT)
        count_events(part);
    else if (use->event_count != INT_NONE)
        part->event_count = use->event_count;
    else if (has_units(part) && prices_events(part))
        fault_field(part->ctx->fault, below(part, "events_count"), "value_is_mandatory", STR_NULL,
                    "how many events the units are of: the price depends on it");
    else
        part->event_count = has_units(part) ? 1 : 0;
    if (part->event_count == 0 && has_units(part) && use->event_count == 0)
        fault_field(part->ctx->fault, below(part, "events_count"), "value_is_out_of_range",
                    STR("0"), "1 or more where there are units");
    return ERR_NONE;
}

/* In advance each event is priced by itself, where it is told or makes a difference. */
static bool keeps_values(const struct part *part)
{
    if (charge_cell_count(&part->model) > 0)
        return false;
    return charge_needs_events(&part->model) ||
           (part->charge->row.pay_in_advance && (part->values != NULL || prices_events(part)));
}

static enum err set_event_values(struct part *part)
{
    if (!keeps_values(part)) {
        part->values = NULL;
        part->value_count = 0;
        return ERR_NONE;
    }
    if (part->event_count > ESTIMATE_EVENTS_MAX) {
        fault_field(part->ctx->fault, below(part, "events_count"), "value_is_out_of_range",
                    arena_fmt(part->ctx->arena, "%lld", (long long)part->event_count),
                    "at most %d events where each is priced by itself", ESTIMATE_EVENTS_MAX);
        return ERR_NONE;
    }
    return part->values == NULL ? spread_values(part) : ERR_NONE;
}

/* ---- cells ----------------------------------------------------------------------------------- */

static size_t find_cell(const struct part *part, const struct estimate_cell *cell)
{
    if (part->model.model == CHARGE_TIME_OF_USE)
        return charge_cell_of_window(&part->model, cell->window);
    return charge_cell_of_place(&part->model, cell->row, cell->column);
}

static enum err add_cell(struct part *part, size_t index, size_t count, struct decimal *sum)
{
    const struct estimate_cell *cell = &part->use->cells[index];
    struct ctx *ctx = part->ctx;
    bool by_time = part->model.model == CHARGE_TIME_OF_USE;
    struct str path = arena_fmt(ctx->arena, "%.*s.%zu.%s", STR_ARG(below(part, "cells")), index,
                                by_time ? "window" : "row");
    size_t at = find_cell(part, cell);
    if (at >= count) {
        struct str value = by_time ? cell->window
                                   : arena_fmt(ctx->arena, "%.*s, %.*s", STR_ARG(cell->row),
                                               STR_ARG(cell->column));
        fault_field(ctx->fault, path, "value_is_invalid", value,
                    by_time ? "the name of a window of the charge"
                            : "with column, a row and a column of the charge's table");
        return ERR_NONE;
    }
    if (!decimal_is_none(part->values[at])) {
        fault_field(ctx->fault, path, "value_already_exist", by_time ? cell->window : cell->row,
                    "each cell once");
        return ERR_NONE;
    }
    part->values[at] = decimal_is_none(cell->units) ? DECIMAL_ZERO : cell->units;
    return decimal_add(*sum, part->values[at], sum);
}

/* What is in no cell that is named is elsewhere, in the last one. */
static enum err set_cells(struct part *part)
{
    size_t count = charge_cell_count(&part->model);
    struct decimal sum = DECIMAL_ZERO;
    struct decimal left = DECIMAL_ZERO;
    if (count == 0) {
        if (part->use->cell_count > 0)
            fault_field(part->ctx->fault, below(part, "cells"), "value_is_invalid", STR_NULL,
                        "nothing: only time_of_use and price_table charges have cells");
        return ERR_NONE;
    }
    part->value_count = count;
    part->values = ARENA_ARRAY(part->ctx->arena, count, struct decimal);
    for (size_t i = 0; i < count; i++)
        part->values[i] = DECIMAL_NONE;
    for (size_t i = 0; i < part->use->cell_count; i++)
        TRY(add_cell(part, i, count, &sum));
    if (decimal_is_none(part->units))
        part->units = sum;
    TRY(decimal_sub(part->units, sum, &left));
    if (decimal_sign(left) < 0)
        fault_field(part->ctx->fault, below(part, "units"), "value_is_out_of_range",
                    number(part, part->units), "at least %.*s, the units of the cells",
                    STR_ARG(number(part, sum)));
    part->values[count - 1] = left;
    for (size_t i = 0; i < count; i++) {
        if (decimal_is_none(part->values[i]))
            part->values[i] = DECIMAL_ZERO;
    }
    return ERR_NONE;
}

/* ---- a part ---------------------------------------------------------------------------------- */

static void check_own_cost(const struct part *part)
{
    if (!decimal_is_none(part->use->own_cents) && part->model.model != CHARGE_DYNAMIC)
        fault_field(part->ctx->fault, below(part, "precise_total_amount_cents"), "value_is_invalid",
                    number(part, part->use->own_cents),
                    "nothing: only dynamic charges cost what their events say");
}

static enum err set_part(struct part *part, struct usage *usage)
{
    struct usage_total total = USAGE_NONE;
    part->units = part->use->units;
    check_own_cost(part);
    TRY(set_cells(part));
    struct decimal *cells = part->values;
    size_t cell_count = part->value_count;
    part->values = NULL;
    TRY(set_events(part));
    if (decimal_is_none(part->units))
        part->units = DECIMAL_ZERO;
    if (fault_is_set(part->ctx->fault))
        return ERR_NONE;
    TRY(set_event_values(part));
    total.event_count = part->event_count;
    if (!decimal_is_none(part->use->own_cents))
        total.cents = part->use->own_cents;
    TRY(usage_of_units(&part->rule, &total, part->units, usage));
    usage->values = cell_count > 0 ? cells : part->values;
    usage->value_count = cell_count > 0 ? cell_count : part->value_count;
    return ERR_NONE;
}

/* ---- charges --------------------------------------------------------------------------------- */

struct estimating {
    struct ctx *ctx;
    const struct plan_view *plan;
    struct usage **usages;
    const struct estimate_use ***uses; /* of each part of each charge; NULL: nothing is said */
};

static bool names(const struct estimate_charge *said, const struct charge_view *charge)
{
    return str_is_null(said->code) ? str_eq(charge->metric.code, said->metric_code)
                                   : str_eq(charge->row.code, said->code);
}

static size_t part_of_values(struct arena *arena, const struct charge_view *charge,
                             const struct filter *values)
{
    struct filter listed =
        filter_of(arena, str_is_null(charge->metric.filters) ? STR("{}") : charge->metric.filters);
    struct filter wanted = filter_expand(arena, values, &listed);
    size_t part = 0;
    for (; part < charge->filter_count; part++) {
        struct filter filter = filter_of(arena, charge->filters[part].match_values);
        filter = filter_expand(arena, &filter, &listed);
        if (filter_same(&filter, &wanted))
            break;
    }
    return part;
}

static enum err say(const struct estimating *e, size_t index, size_t part, struct str path,
                    const struct estimate_use *use)
{
    const struct charge_view *charge = &e->plan->charges[index];
    struct part one = {
        .ctx = e->ctx,
        .path = path,
        .use = use,
        .charge = charge,
        .model = charge_part_model(e->ctx->arena, charge, part),
        .rule = metric_rule_of(e->ctx->arena, &charge->metric).usage,
    };
    one.model.prorated = false; /* that is for the time of the bill */
    if (e->uses[index][part] != NULL) {
        fault_field(e->ctx->fault, path, "value_already_exist", charge->row.code,
                    "each charge, and each of its filters, once");
        return ERR_NONE;
    }
    e->uses[index][part] = use;
    return set_part(&one, &e->usages[index][part]);
}

static enum err say_charge(const struct estimating *e, const struct estimate_charge *said,
                           size_t index, struct str path)
{
    const struct charge_view *charge = &e->plan->charges[index];
    struct arena *arena = e->ctx->arena;
    TRY(say(e, index, charge->filter_count, path, &said->use));
    for (size_t i = 0; i < said->filter_count; i++) {
        struct str below_path = arena_fmt(arena, "%.*s.filters.%zu", STR_ARG(path), i);
        struct str values_path = arena_fmt(arena, "%.*s.values", STR_ARG(below_path));
        size_t faults = e->ctx->fault->field_count;
        struct filter values =
            charge_filter_read(e->ctx, values_path, &charge->metric, said->filters[i].values);
        size_t part = part_of_values(arena, charge, &values);
        if (e->ctx->fault->field_count > faults)
            continue;
        if (part == charge->filter_count)
            fault_field(e->ctx->fault, values_path, "value_is_invalid", said->filters[i].values,
                        "the values of a filter of charge %.*s", STR_ARG(charge->row.code));
        else
            TRY(say(e, index, part, below_path, &said->filters[i].use));
    }
    return ERR_NONE;
}

static enum err say_all(const struct estimating *e, const struct estimate_charge *said,
                        struct str path)
{
    bool by_code = !str_is_null(said->code);
    struct str wanted = by_code ? said->code : said->metric_code;
    size_t found = 0;
    size_t faults = e->ctx->fault->field_count;
    /* What is wrong for one of them is told once. */
    for (size_t i = 0; i < e->plan->charge_count && e->ctx->fault->field_count == faults; i++) {
        if (str_is_null(wanted) || !names(said, &e->plan->charges[i]))
            continue;
        found++;
        TRY(say_charge(e, said, i, path));
    }
    if (found == 0)
        fault_field(e->ctx->fault,
                    arena_fmt(e->ctx->arena, "%.*s.%s", STR_ARG(path),
                              by_code ? "charge_code" : "billable_metric_code"),
                    str_is_null(wanted) ? "value_is_mandatory" : "charge_not_found", wanted,
                    "the code of a charge of the plan (charge_code), or of its metric "
                    "(billable_metric_code)");
    return ERR_NONE;
}

enum err estimate_usages(struct ctx *ctx, const struct plan_view *plan,
                         const struct estimate_charge *charges, size_t count, struct usage **usages)
{
    struct estimating e = {.ctx = ctx, .plan = plan, .usages = usages};
    struct estimate_use nothing = {
        .units = DECIMAL_NONE, .event_count = INT_NONE, .own_cents = DECIMAL_NONE};
    e.uses = ARENA_ARRAY(ctx->arena, plan->charge_count, const struct estimate_use **);
    for (size_t i = 0; i < plan->charge_count; i++) {
        size_t parts = charge_part_count(&plan->charges[i]);
        e.uses[i] = ARENA_ARRAY(ctx->arena, parts, const struct estimate_use *);
        usages[i] = ARENA_ARRAY(ctx->arena, parts, struct usage);
    }
    for (size_t i = 0; i < count; i++)
        TRY(say_all(&e, &charges[i], arena_fmt(ctx->arena, "charges.%zu", i)));
    for (size_t i = 0; i < plan->charge_count && !fault_is_set(ctx->fault); i++) {
        for (size_t j = 0; j < charge_part_count(&plan->charges[i]); j++) {
            if (e.uses[i][j] == NULL)
                TRY(say(&e, i, j, STR("charges"), &nothing));
        }
    }
    return ERR_NONE;
}
