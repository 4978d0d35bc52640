#include "app/plan_part.h"

#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"

/* ---- finding --------------------------------------------------------------------------------- */

static enum err ambiguous(struct ctx *ctx, struct str code)
{
    fault_field(ctx->fault, STR("charge_code"), "value_is_invalid", code,
                "the id, as several have this code");
    return fault_check(ctx->fault);
}

/* The position of the one with the code, or the id. */
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
    return matches == 1 ? ERR_NONE : ambiguous(ctx, code);
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
    bool found = false;
    if (!str_is_null(input->code))
        return ERR_NONE;
    TRY(charge_metric_find(tx, input, &metric, &found));
    if (!found)
        return ERR_NONE; /* told with the charge */
    input->code = metric.code;
    for (int number = 2; has_code(old, input->code); number++)
        input->code = arena_fmt(ctx->arena, "%.*s_%d", STR_ARG(metric.code), number);
    return ERR_NONE;
}

/* A code that another charge has is told, and goes: it would be taken for that charge's, and told
 * once more. */
static void check_code(struct ctx *ctx, const struct plan_view *old, size_t index,
                       struct charge_input *input)
{
    bool is_kept = index < old->charge_count && str_eq(input->code, old->charges[index].row.code);
    if (str_is_null(input->code) || is_kept || !has_code(old, input->code))
        return;
    fault_field(ctx->fault, arena_fmt(ctx->arena, "charges.%zu.code", index), "value_already_exist",
                input->code, "a code that no other charge of the plan has");
    input->code = STR_NULL;
}

/* All charges as they are; what is not sent is kept. */
static struct charge_input *keep_charges(struct arena *arena, const struct plan_view *old)
{
    struct charge_input *charges = ARENA_ARRAY(arena, old->charge_count + 1, struct charge_input);
    for (size_t i = 0; i < old->charge_count; i++)
        charges[i] = (struct charge_input){.lineage_id = old->charges[i].row.lineage_id};
    return charges;
}

static enum err edit_charge(struct ctx *ctx, struct tx *tx, struct plan_editing *e)
{
    const struct plan_view *old = e->old;
    struct charge_input *charges = keep_charges(ctx->arena, old);
    size_t count = old->charge_count;
    if (e->edit->act == PLAN_PART_ADD) {
        e->index = count;
        charges[count] = e->edit->charge;
        charges[count].lineage_id = UUID_NIL;
        check_code(ctx, old, count, &charges[count]);
        TRY(name_charge(ctx, tx, old, &charges[count]));
        count++;
    } else if (e->edit->act == PLAN_PART_CHANGE) {
        charges[e->index] = e->edit->charge;
        charges[e->index].lineage_id = old->charges[e->index].row.lineage_id;
        check_code(ctx, old, e->index, &charges[e->index]);
    } else {
        for (size_t i = e->index; i + 1 < count; i++)
            charges[i] = charges[i + 1];
        count--;
    }
    e->change.sent |= PLAN_CHARGES;
    e->change.input.charges = charges;
    e->change.input.charge_count = count;
    return ERR_NONE;
}

static struct charge_filter_input changed_filter(const struct charge_filter_row *row,
                                                 const struct charge_filter_input *input)
{
    struct charge_filter_input changed = charge_filter_input_of(row);
    if (!str_is_null(input->values))
        changed.values = input->values;
    if ((input->sent & FILTER_DISPLAY_NAME) != 0)
        changed.invoice_display_name = input->invoice_display_name;
    if (!str_is_null(input->properties))
        changed.properties = input->properties;
    return changed;
}

static void edit_filter(struct ctx *ctx, struct plan_editing *e)
{
    const struct plan_edit *edit = e->edit;
    const struct charge_view *charge = &e->old->charges[e->index];
    struct charge_input *charges = keep_charges(ctx->arena, e->old);
    struct charge_filter_input *filters =
        ARENA_ARRAY(ctx->arena, charge->filter_count + 1, struct charge_filter_input);
    size_t count = 0;
    for (size_t i = 0; i < charge->filter_count; i++) {
        bool is_it = edit->act != PLAN_PART_ADD && i == e->filter_index;
        if (is_it && edit->act == PLAN_PART_REMOVE)
            continue;
        filters[count++] = is_it ? changed_filter(&charge->filters[i], &edit->filter)
                                 : charge_filter_input_of(&charge->filters[i]);
    }
    if (edit->act == PLAN_PART_ADD) {
        e->filter_index = count;
        filters[count] = edit->filter;
        filters[count++].lineage_id = ctx_new_id(ctx);
    }
    if (count > FILTERS_MAX)
        fault_field(ctx->fault, arena_fmt(ctx->arena, "charges.%zu.filters", e->index),
                    "too_many_values", arena_fmt(ctx->arena, "%zu", count), "at most %d filters",
                    FILTERS_MAX);
    charges[e->index].sent = CHARGE_FILTERS;
    charges[e->index].filters = filters;
    charges[e->index].filter_count = count;
    e->change.sent |= PLAN_CHARGES;
    e->change.input.charges = charges;
    e->change.input.charge_count = e->old->charge_count;
}

static void edit_fixed(struct ctx *ctx, struct plan_editing *e)
{
    const struct plan_view *old = e->old;
    size_t count = old->fixed_charge_count;
    struct fixed_charge_input *all = ARENA_ARRAY(ctx->arena, count + 1, struct fixed_charge_input);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct fixed_charge_input){.lineage_id = old->fixed_charges[i].row.lineage_id};
    if (e->edit->act == PLAN_PART_ADD) {
        e->index = count;
        all[count] = e->edit->fixed;
        all[count].is_new = true;
        all[count++].lineage_id = UUID_NIL;
    } else if (e->edit->act == PLAN_PART_CHANGE) {
        all[e->index] = e->edit->fixed;
        all[e->index].lineage_id = old->fixed_charges[e->index].row.lineage_id;
    } else {
        for (size_t i = e->index; i + 1 < count; i++)
            all[i] = all[i + 1];
        count--;
    }
    e->change.sent |= PLAN_FIXED_CHARGES;
    e->change.input.fixed_charges = all;
    e->change.input.fixed_charge_count = count;
}

static void check_count(struct ctx *ctx, const char *list, size_t count, size_t max)
{
    if (count > max)
        fault_field(ctx->fault, str_of(list), "too_many_values",
                    arena_fmt(ctx->arena, "%zu", count), "at most %zu", max);
}

enum err plan_edit_begin(struct ctx *ctx, struct tx *tx, struct plan_editing *e)
{
    const struct plan_input *input = &e->change.input;
    e->index = 0;
    e->filter_index = SIZE_MAX;
    if (e->edit->kind == PLAN_PART_FILTER || e->edit->act != PLAN_PART_ADD)
        TRY(locate(ctx, e->old, e->edit, &e->index, &e->filter_index));
    switch (e->edit->kind) {
    case PLAN_PART_CHARGE:
        TRY(edit_charge(ctx, tx, e));
        break;
    case PLAN_PART_FILTER:
        edit_filter(ctx, e);
        break;
    case PLAN_PART_FIXED_CHARGE:
        edit_fixed(ctx, e);
        break;
    }
    check_count(ctx, "charges", input->charge_count, PLAN_CHARGES_MAX);
    check_count(ctx, "fixed_charges", input->fixed_charge_count, FIXED_CHARGES_MAX);
    return ERR_NONE;
}

/* ---- what became of it ----------------------------------------------------------------------- */

bool plan_field_rename(struct arena *arena, struct str *field, struct str from, struct str to)
{
    if (!str_starts(*field, from) || (field->len > from.len && field->ptr[from.len] != '.'))
        return false;
    bool takes_dot = to.len == 0 && field->len > from.len;
    struct str rest = str_slice(*field, from.len + (takes_dot ? 1 : 0), field->len);
    *field = arena_fmt(arena, "%.*s%.*s", STR_ARG(to), STR_ARG(rest));
    return true;
}

static void tell(struct fault *fault, const struct plan_editing *e)
{
    struct arena *arena = fault->arena;
    const char *list = e->edit->kind == PLAN_PART_FIXED_CHARGE ? "fixed_charges" : "charges";
    struct str part = arena_fmt(arena, "%s.%zu", list, e->index);
    struct str filter = arena_fmt(arena, "%.*s.filters.%zu", STR_ARG(part), e->filter_index);
    for (size_t i = 0; i < fault->field_count; i++) {
        struct str *field = &fault->fields[i].field;
        if (e->edit->kind != PLAN_PART_FILTER || !plan_field_rename(arena, field, filter, STR("")))
            plan_field_rename(arena, field, part, STR(""));
    }
}

void plan_edit_end(struct fault *fault, const struct plan_editing *e, enum err written,
                   const struct plan_view *view, struct plan_part *part)
{
    if (written != ERR_NONE) {
        tell(fault, e);
        return;
    }
    part->plan = e->edit->act == PLAN_PART_REMOVE ? *e->old : *view;
    point(e->edit, e->index, e->filter_index, part);
}

/* ---- editing --------------------------------------------------------------------------------- */

struct part_editing {
    struct str plan_code;
    const struct plan_edit *edit;
    const struct plan_timing *timing;
    struct plan_part *part;
};

static enum err edit_plan(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct part_editing *editing = arg;
    struct plan_row plan;
    struct plan_view old;
    struct plan_view view;
    struct plan_editing e = {
        .edit = editing->edit,
        .old = &old,
        .change = {.effective_at = editing->timing->effective_at,
                   .applies_to = editing->timing->applies_to,
                   .cascade_updates = editing->timing->cascade_updates},
    };
    TRY(plan_lock_code(ctx, tx, editing->plan_code, &plan));
    TRY(plan_newest_load(ctx, tx, plan.id, &old));
    TRY(plan_edit_begin(ctx, tx, &e));
    enum err written = plan_change_write(ctx, tx, &old, &e.change, &view);
    plan_edit_end(ctx->fault, &e, written, &view, editing->part);
    return written;
}

enum err plan_part_edit(struct ctx *ctx, struct str plan_code, const struct plan_edit *edit,
                        const struct plan_timing *timing, struct plan_part *part)
{
    struct part_editing editing = {plan_code, edit, timing, part};
    return tx_run(ctx, TX_WRITE, edit_plan, &editing);
}
