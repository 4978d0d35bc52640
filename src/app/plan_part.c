#include "app/plan_part.h"

#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"

/* ---- finding --------------------------------------------------------------------------------- */

static enum err ambiguous(struct ctx *ctx, const char *noun, struct str code)
{
    fault_field(ctx->fault, arena_fmt(ctx->arena, "%s_code", noun), "value_is_invalid", code,
                "the id, as several have this code");
    return fault_check(ctx->fault);
}

/* The position of the one with the code, or the id; `count`: none. */
static enum err find_charge(struct ctx *ctx, const struct plan_view *plan, struct str code,
                            size_t *index)
{
    struct uuid id = {0};
    bool by_id = uuid_parse(code, &id);
    size_t matches = 0;
    for (size_t i = 0; i < plan->charge_count; i++) {
        const struct charge_row *row = &plan->charges[i].row;
        if (by_id && uuid_eq(row->lineage_id, id)) {
            *index = i;
            return ERR_NONE;
        }
        if (!str_eq(row->code, code))
            continue;
        *index = i;
        matches++;
    }
    if (matches == 0)
        return fail_not_found(ctx, "charge", code);
    return matches == 1 ? ERR_NONE : ambiguous(ctx, "charge", code);
}

static enum err find_fixed(struct ctx *ctx, const struct plan_view *plan, struct str code,
                           size_t *index)
{
    struct uuid id = {0};
    bool by_id = uuid_parse(code, &id);
    for (size_t i = 0; i < plan->fixed_charge_count; i++) {
        const struct fixed_charge_row *row = &plan->fixed_charges[i].row;
        if (!str_eq(row->code, code) && !(by_id && uuid_eq(row->lineage_id, id)))
            continue;
        *index = i;
        return ERR_NONE;
    }
    return fail_not_found(ctx, "fixed_charge", code);
}

static enum err find_filter(struct ctx *ctx, const struct charge_view *charge, struct str text,
                            size_t *index)
{
    struct uuid id = {0};
    bool is_id = uuid_parse(text, &id);
    for (size_t i = 0; is_id && i < charge->filter_count; i++) {
        if (!uuid_eq(charge->filters[i].lineage_id, id))
            continue;
        *index = i;
        return ERR_NONE;
    }
    return fail_not_found(ctx, "charge_filter", text);
}

static enum err locate(struct ctx *ctx, const struct plan_view *plan, const struct plan_edit *edit,
                       size_t *index, size_t *filter_index)
{
    if (edit->kind == PLAN_PART_FIXED_CHARGE)
        return find_fixed(ctx, plan, edit->code, index);
    TRY(find_charge(ctx, plan, edit->code, index));
    if (edit->kind == PLAN_PART_CHARGE || edit->act == PLAN_PART_ADD)
        return ERR_NONE;
    return find_filter(ctx, &plan->charges[*index], edit->filter_id, filter_index);
}

static void point(const struct plan_edit *edit, size_t index, size_t filter_index,
                  struct plan_part *part)
{
    part->charge = NULL;
    part->filter = NULL;
    part->fixed = NULL;
    if (edit->kind == PLAN_PART_FIXED_CHARGE) {
        ASSERT(index < part->plan.fixed_charge_count);
        part->fixed = &part->plan.fixed_charges[index];
        return;
    }
    ASSERT(index < part->plan.charge_count);
    part->charge = &part->plan.charges[index];
    if (edit->kind == PLAN_PART_FILTER && filter_index < part->charge->filter_count)
        part->filter = &part->charge->filters[filter_index];
}

enum err plan_part_find(struct ctx *ctx, const struct plan_edit *edit, struct plan_part *part)
{
    size_t index = 0;
    size_t filter_index = SIZE_MAX;
    TRY(locate(ctx, &part->plan, edit, &index, &filter_index));
    point(edit, index, filter_index, part);
    return ERR_NONE;
}

enum err plan_part_get(struct ctx *ctx, struct str plan_code, const struct plan_edit *edit,
                       struct plan_part *part)
{
    TRY(plan_get(ctx, plan_code, &part->plan));
    return plan_part_find(ctx, edit, part);
}

/* ---- what an edit makes of a version --------------------------------------------------------- */

static bool has_code(const struct plan_view *plan, struct str code)
{
    for (size_t i = 0; i < plan->charge_count; i++) {
        if (str_eq(plan->charges[i].row.code, code))
            return true;
    }
    return false;
}

/* A new charge is called what it is told, or like its metric: metric, metric_2, ... */
static enum err name_charge(struct ctx *ctx, struct tx *tx, const struct plan_view *old,
                            struct charge_input *input)
{
    struct billable_metric_row metric;
    struct uuid id = {0};
    bool found = false;
    if (!str_is_null(input->code)) {
        if (has_code(old, input->code))
            fault_field(ctx->fault, arena_fmt(ctx->arena, "charges.%zu.code", old->charge_count),
                        "value_already_exist", input->code,
                        "a code that no other charge of the plan has");
        return ERR_NONE;
    }
    if (!str_is_null(input->metric_id) && uuid_parse(input->metric_id, &id))
        TRY(billable_metric_load(tx, &(struct billable_metric_load_in){.id = id}, &metric, &found));
    else if (str_is_null(input->metric_id) && !str_is_null(input->metric_code))
        TRY(billable_metric_by_code(
            tx, &(struct billable_metric_by_code_in){.code = input->metric_code}, &metric, &found));
    if (!found)
        return ERR_NONE; /* told with the charge */
    input->code = metric.code;
    for (int number = 2; has_code(old, input->code); number++)
        input->code = arena_fmt(ctx->arena, "%.*s_%d", STR_ARG(metric.code), number);
    return ERR_NONE;
}

static void check_code(struct ctx *ctx, const struct plan_view *old, size_t index, struct str code)
{
    if (!str_is_null(code) && !str_eq(code, old->charges[index].row.code) && has_code(old, code))
        fault_field(ctx->fault, arena_fmt(ctx->arena, "charges.%zu.code", index),
                    "value_already_exist", code, "a code that no other charge of the plan has");
}

/* All charges as they are; what is not sent is kept. */
static struct charge_input *keep_charges(struct arena *arena, const struct plan_view *old)
{
    struct charge_input *charges = ARENA_ARRAY(arena, old->charge_count + 1, struct charge_input);
    for (size_t i = 0; i < old->charge_count; i++)
        charges[i] = (struct charge_input){.lineage_id = old->charges[i].row.lineage_id};
    return charges;
}

static enum err edit_charge(struct ctx *ctx, struct tx *tx, const struct plan_view *old,
                            const struct plan_edit *edit, struct plan_change *change, size_t *index)
{
    struct charge_input *charges = keep_charges(ctx->arena, old);
    size_t count = old->charge_count;
    if (edit->act == PLAN_PART_ADD) {
        *index = count;
        charges[count] = edit->charge;
        charges[count].lineage_id = UUID_NIL;
        TRY(name_charge(ctx, tx, old, &charges[count]));
        count++;
    } else if (edit->act == PLAN_PART_CHANGE) {
        charges[*index] = edit->charge;
        charges[*index].lineage_id = old->charges[*index].row.lineage_id;
        check_code(ctx, old, *index, edit->charge.code);
    } else {
        for (size_t i = *index; i + 1 < count; i++)
            charges[i] = charges[i + 1];
        count--;
    }
    change->sent |= PLAN_CHARGES;
    change->input.charges = charges;
    change->input.charge_count = count;
    return ERR_NONE;
}

static struct charge_filter_input changed_filter(const struct charge_filter_row *row,
                                                 const struct charge_filter_input *input)
{
    struct charge_filter_input changed = {
        .values = str_is_null(input->values) ? row->match_values : input->values,
        .invoice_display_name = (input->sent & FILTER_DISPLAY_NAME) != 0
                                    ? input->invoice_display_name
                                    : row->invoice_display_name,
        .properties = str_is_null(input->properties) ? row->properties : input->properties,
        .lineage_id = row->lineage_id,
    };
    return changed;
}

static void edit_filter(struct ctx *ctx, const struct plan_view *old, const struct plan_edit *edit,
                        struct plan_change *change, size_t index, size_t *filter_index)
{
    const struct charge_view *charge = &old->charges[index];
    struct charge_input *charges = keep_charges(ctx->arena, old);
    struct charge_filter_input *filters =
        ARENA_ARRAY(ctx->arena, charge->filter_count + 1, struct charge_filter_input);
    size_t count = 0;
    for (size_t i = 0; i < charge->filter_count; i++) {
        static const struct charge_filter_input same = {0};
        bool is_it = edit->act != PLAN_PART_ADD && i == *filter_index;
        if (is_it && edit->act == PLAN_PART_REMOVE)
            continue;
        filters[count++] = changed_filter(&charge->filters[i], is_it ? &edit->filter : &same);
    }
    if (edit->act == PLAN_PART_ADD) {
        *filter_index = count;
        filters[count] = edit->filter;
        filters[count++].lineage_id = ctx_new_id(ctx);
    }
    if (count > FILTERS_MAX)
        fault_field(ctx->fault, arena_fmt(ctx->arena, "charges.%zu.filters", index),
                    "too_many_values", arena_fmt(ctx->arena, "%zu", count), "at most %d filters",
                    FILTERS_MAX);
    charges[index].sent = CHARGE_FILTERS;
    charges[index].filters = filters;
    charges[index].filter_count = count;
    change->sent |= PLAN_CHARGES;
    change->input.charges = charges;
    change->input.charge_count = old->charge_count;
}

static void edit_fixed(struct ctx *ctx, const struct plan_view *old, const struct plan_edit *edit,
                       struct plan_change *change, size_t *index)
{
    size_t count = old->fixed_charge_count;
    struct fixed_charge_input *all = ARENA_ARRAY(ctx->arena, count + 1, struct fixed_charge_input);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct fixed_charge_input){.lineage_id = old->fixed_charges[i].row.lineage_id};
    if (edit->act == PLAN_PART_ADD) {
        *index = count;
        all[count] = edit->fixed;
        all[count].is_new = true;
        all[count++].lineage_id = UUID_NIL;
    } else if (edit->act == PLAN_PART_CHANGE) {
        all[*index] = edit->fixed;
        all[*index].lineage_id = old->fixed_charges[*index].row.lineage_id;
    } else {
        for (size_t i = *index; i + 1 < count; i++)
            all[i] = all[i + 1];
        count--;
    }
    change->sent |= PLAN_FIXED_CHARGES;
    change->input.fixed_charges = all;
    change->input.fixed_charge_count = count;
}

static void check_count(struct ctx *ctx, const char *list, size_t count, size_t max)
{
    if (count > max)
        fault_field(ctx->fault, str_of(list), "too_many_values",
                    arena_fmt(ctx->arena, "%zu", count), "at most %zu", max);
}

enum err plan_edit_change(struct ctx *ctx, struct tx *tx, const struct plan_view *old,
                          const struct plan_edit *edit, struct plan_change *change, size_t *index,
                          size_t *filter_index)
{
    *index = 0;
    *filter_index = SIZE_MAX;
    if (edit->kind == PLAN_PART_FILTER || edit->act != PLAN_PART_ADD)
        TRY(locate(ctx, old, edit, index, filter_index));
    switch (edit->kind) {
    case PLAN_PART_CHARGE:
        TRY(edit_charge(ctx, tx, old, edit, change, index));
        break;
    case PLAN_PART_FILTER:
        edit_filter(ctx, old, edit, change, *index, filter_index);
        break;
    case PLAN_PART_FIXED_CHARGE:
        edit_fixed(ctx, old, edit, change, index);
        break;
    }
    check_count(ctx, "charges", change->input.charge_count, PLAN_CHARGES_MAX);
    check_count(ctx, "fixed_charges", change->input.fixed_charge_count, FIXED_CHARGES_MAX);
    return ERR_NONE;
}

/* ---- telling what is wrong ------------------------------------------------------------------- */

void plan_fields_rename(struct fault *fault, size_t first, struct str from, struct str to)
{
    for (size_t i = first; i < fault->field_count; i++) {
        struct str *field = &fault->fields[i].field;
        if (!str_starts(*field, from) || (field->len > from.len && field->ptr[from.len] != '.'))
            continue;
        bool takes_dot = to.len == 0 && field->len > from.len;
        struct str rest = str_slice(*field, from.len + (takes_dot ? 1 : 0), field->len);
        *field = arena_fmt(fault->arena, "%.*s%.*s", STR_ARG(to), STR_ARG(rest));
    }
}

void plan_edit_tell(struct fault *fault, const struct plan_edit *edit, size_t index,
                    size_t filter_index)
{
    struct arena *arena = fault->arena;
    const char *list = edit->kind == PLAN_PART_FIXED_CHARGE ? "fixed_charges" : "charges";
    if (edit->kind == PLAN_PART_FILTER)
        plan_fields_rename(
            fault, 0, arena_fmt(arena, "charges.%zu.filters.%zu", index, filter_index), STR(""));
    plan_fields_rename(fault, 0, arena_fmt(arena, "%s.%zu", list, index), STR(""));
}

void plan_edit_result(const struct plan_edit *edit, size_t index, size_t filter_index,
                      struct plan_part *part)
{
    point(edit, index, filter_index, part);
}

/* ---- editing --------------------------------------------------------------------------------- */

struct editing {
    struct str plan_code;
    const struct plan_edit *edit;
    const struct plan_timing *timing;
    struct plan_part *part;
};

static enum err edit_plan(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct editing *editing = arg;
    const struct plan_edit *edit = editing->edit;
    struct plan_part *part = editing->part;
    struct plan_row plan;
    struct plan_view old;
    struct plan_view view;
    size_t index = 0;
    size_t filter_index = 0;
    struct plan_change change = {
        .effective_at = editing->timing->effective_at,
        .applies_to = editing->timing->applies_to,
        .cascade_updates = editing->timing->cascade_updates,
    };
    TRY(plan_lock_code(ctx, tx, editing->plan_code, &plan));
    TRY(plan_newest_load(ctx, tx, plan.id, &old));
    TRY(plan_edit_change(ctx, tx, &old, edit, &change, &index, &filter_index));
    enum err err = plan_change_write(ctx, tx, &old, &change, &view);
    if (err != ERR_NONE) {
        plan_edit_tell(ctx->fault, edit, index, filter_index);
        return err;
    }
    part->plan = edit->act == PLAN_PART_REMOVE ? old : view;
    plan_edit_result(edit, index, filter_index, part);
    return ERR_NONE;
}

enum err plan_part_edit(struct ctx *ctx, struct str plan_code, const struct plan_edit *edit,
                        const struct plan_timing *timing, struct plan_part *part)
{
    struct editing editing = {plan_code, edit, timing, part};
    return tx_run(ctx, TX_WRITE, edit_plan, &editing);
}
