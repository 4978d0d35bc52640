#include "app/subscription_plan.h"

#include "app/billing_step.h"
#include "base/assert.h"
#include "base/none.h"

/* ---- reading --------------------------------------------------------------------------------- */

struct reading {
    struct str external_id;
    struct str status;
    const struct plan_edit *edit; /* NULL: all of it */
    struct plan_part *part;
};

static enum err read_part(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct reading *reading = arg;
    struct subscription_row row;
    TRY(subscription_running_find(ctx, tx, reading->external_id, reading->status, false, &row));
    TRY(subscription_plan_load(ctx, tx, &row, &reading->part->plan));
    return reading->edit == NULL ? ERR_NONE : plan_part_find(ctx, reading->edit, reading->part);
}

enum err subscription_plan_get(struct ctx *ctx, struct str external_id, struct str status,
                               struct plan_view *plan)
{
    struct plan_part part;
    struct reading reading = {external_id, status, NULL, &part};
    TRY(tx_run(ctx, TX_READ, read_part, &reading));
    *plan = part.plan;
    return ERR_NONE;
}

enum err subscription_part_get(struct ctx *ctx, struct str external_id, struct str status,
                               const struct plan_edit *edit, struct plan_part *part)
{
    struct reading reading = {external_id, status, edit, part};
    return tx_run(ctx, TX_READ, read_part, &reading);
}

/* ---- changing -------------------------------------------------------------------------------- */

static bool sends_units(const struct fixed_charge_input *input)
{
    return (input->sent & FIXED_UNITS) != 0;
}

struct units_input *plan_override_units(struct arena *arena, const struct plan_override *override,
                                        size_t *count)
{
    const struct plan_input *input = &override->change.input;
    struct units_input *units = ARENA_ARRAY(arena, input->fixed_charge_count, struct units_input);
    *count = 0;
    for (size_t i = 0; i < input->fixed_charge_count; i++) {
        const struct fixed_charge_input *fixed = &input->fixed_charges[i];
        if (!sends_units(fixed) && plan_fixed_is_copied(fixed))
            continue;
        units[(*count)++] = (struct units_input){
            .lineage_id = fixed->lineage_id,
            .code = fixed->code,
            .units = fixed->units,
            .at_once = fixed->units_at_once,
            .has_units = sends_units(fixed),
            .path = arena_fmt(arena, "%.*s.fixed_charges.%zu", STR_ARG(override->path), i),
        };
    }
    return units;
}

static enum err edit_fixed(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                           const struct plan_edit *edit, struct plan_part *part)
{
    struct plan_edit rest = *edit;
    bool has_units = sends_units(&edit->fixed);
    if (!has_units && !plan_fixed_is_copied(&edit->fixed)) {
        fault_field(ctx->fault, STR("units"), "value_is_mandatory", STR_NULL, "a number of units");
        return fault_check(ctx->fault);
    }
    TRY(subscription_plan_load(ctx, tx, row, &part->plan));
    TRY(plan_part_find(ctx, edit, part));
    plan_copy_keeps_code(ctx->fault, STR("code"), edit->fixed.code, part->fixed->row.code);
    TRY(fault_check(ctx->fault));
    struct units_input units = {
        .lineage_id = part->fixed->row.lineage_id,
        .units = edit->fixed.units,
        .at_once = edit->fixed.units_at_once,
        .has_units = has_units,
    };
    rest.fixed.sent &= ~(uint64_t)FIXED_UNITS;
    rest.fixed.units_at_once = false;
    if (plan_fixed_is_copied(&edit->fixed))
        TRY(plan_copy_edit(ctx, tx, row, &rest, part));
    TRY(subscription_units_put(ctx, tx, row, str_eq(row->status, STR("pending")), &units,
                               has_units ? 1 : 0));
    TRY(subscription_plan_load(ctx, tx, row, &part->plan));
    return plan_part_find(ctx, edit, part);
}

static enum err edit_part(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct reading *editing = arg;
    const struct plan_edit *edit = editing->edit;
    struct subscription_row row;
    struct billing_counts counts = {0};
    TRY(subscription_running_find(ctx, tx, editing->external_id, editing->status, true, &row));
    TRY(billing_step(ctx, tx, row.customer_id, ctx_now(ctx), &counts));
    TRY(subscription_running_find(ctx, tx, editing->external_id, editing->status, true, &row));
    if (edit->kind == PLAN_PART_FIXED_CHARGE)
        return edit_fixed(ctx, tx, &row, edit, editing->part);
    return plan_copy_edit(ctx, tx, &row, edit, editing->part);
}

enum err subscription_part_edit(struct ctx *ctx, struct str external_id, struct str status,
                                const struct plan_edit *edit, struct plan_part *part)
{
    ASSERT(edit->kind == PLAN_PART_FILTER || edit->act == PLAN_PART_CHANGE);
    struct reading editing = {external_id, status, edit, part};
    return tx_run(ctx, TX_WRITE, edit_part, &editing);
}
