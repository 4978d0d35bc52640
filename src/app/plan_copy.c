#include "app/plan_copy.h"

#include "app/audit.h"
#include "app/billing.h"
#include "app/subscription_change.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/fixed.h"

/* ---- what an override makes of a version ----------------------------------------------------- */

bool plan_fixed_is_copied(const struct fixed_charge_input *input)
{
    return (input->sent & ~(uint64_t)FIXED_UNITS) != 0 || !str_is_null(input->properties) ||
           !str_is_null(input->charge_model) || !str_is_null(input->add_on_id) ||
           !str_is_null(input->add_on_code);
}

bool plan_override_copies(const struct plan_override *override)
{
    const struct plan_change *change = &override->change;
    if ((change->sent & ~(uint64_t)PLAN_FIXED_CHARGES) != 0 || change->input.charge_count > 0)
        return true;
    for (size_t i = 0; i < change->input.fixed_charge_count; i++) {
        if (plan_fixed_is_copied(&change->input.fixed_charges[i]))
            return true;
    }
    return false;
}

void plan_copy_keeps_code(struct fault *fault, struct str field, struct str sent, struct str code)
{
    if (!str_is_null(sent) && !str_eq(sent, code))
        fault_field(fault, field, "value_is_immutable", sent, "%.*s: the code is the plan's",
                    STR_ARG(code));
}

struct overriding {
    struct ctx *ctx;
    const struct plan_view *old;
    const struct plan_override *override;
    struct plan_change *full;
    size_t *charge_at; /* where the Nth that is named stands in the plan; SIZE_MAX: nowhere */
    size_t *fixed_at;
};

static struct str field_of(const struct overriding *o, const char *list, size_t index,
                           const char *name)
{
    struct str path = o->override->path;
    return arena_fmt(o->ctx->arena, "%.*s.%s.%zu.%s", STR_ARG(path), list, index, name);
}

/* `at` the one that is named; else told. */
static void check_named(const struct overriding *o, const char *list, size_t index,
                        const char *code, struct uuid lineage_id, struct str name, size_t at)
{
    if (at != SIZE_MAX)
        return;
    bool by_id = !uuid_is_nil(lineage_id);
    struct str value = by_id ? uuid_text(o->ctx->arena, lineage_id) : name;
    fault_field(o->ctx->fault, field_of(o, list, index, by_id ? "id" : "code"),
                str_is_null(value) ? "value_is_mandatory" : code, value,
                "the id, or the code, of one that the plan has");
}

static size_t charge_named(const struct plan_view *plan, const struct charge_input *input)
{
    size_t at = SIZE_MAX;
    for (size_t i = 0; i < plan->charge_count; i++) {
        const struct charge_row *row = &plan->charges[i].row;
        if (!uuid_is_nil(input->lineage_id) ? uuid_eq(row->lineage_id, input->lineage_id)
                                            : str_eq(row->code, input->code)) {
            if (at != SIZE_MAX)
                return SIZE_MAX; /* several have the code */
            at = i;
        }
    }
    return at;
}

static size_t fixed_named(const struct plan_view *plan, const struct fixed_charge_input *input)
{
    for (size_t i = 0; i < plan->fixed_charge_count; i++) {
        const struct fixed_charge_row *row = &plan->fixed_charges[i].row;
        if (!uuid_is_nil(input->lineage_id) ? uuid_eq(row->lineage_id, input->lineage_id)
                                            : str_eq(row->code, input->code))
            return i;
    }
    return SIZE_MAX;
}

static bool is_named_before(const size_t *at, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (at[i] != SIZE_MAX && at[i] == at[index])
            return true;
    }
    return false;
}

static void check_once(const struct overriding *o, const char *list, size_t index, const size_t *at,
                       struct str code)
{
    if (is_named_before(at, index))
        fault_field(o->ctx->fault, field_of(o, list, index, "id"), "value_already_exist", code,
                    "each one once");
}

static void override_charges(struct overriding *o)
{
    const struct plan_input *input = &o->override->change.input;
    size_t count = o->old->charge_count;
    struct charge_input *all = ARENA_ARRAY(o->ctx->arena, count, struct charge_input);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct charge_input){.lineage_id = o->old->charges[i].row.lineage_id};
    for (size_t i = 0; i < input->charge_count; i++) {
        const struct charge_input *named = &input->charges[i];
        size_t at = o->charge_at[i] = charge_named(o->old, named);
        check_named(o, "charges", i, "charge_not_found", named->lineage_id, named->code, at);
        if (at == SIZE_MAX)
            continue;
        const struct charge_row *row = &o->old->charges[at].row;
        check_once(o, "charges", i, o->charge_at, row->code);
        plan_copy_keeps_code(o->ctx->fault, field_of(o, "charges", i, "code"), named->code,
                             row->code);
        all[at] = *named;
        all[at].lineage_id = row->lineage_id;
    }
    o->full->sent |= PLAN_CHARGES;
    o->full->input.charges = all;
    o->full->input.charge_count = count;
}

/* Units are the subscription's own. */
static void override_fixed_charges(struct overriding *o)
{
    const struct plan_input *input = &o->override->change.input;
    size_t count = o->old->fixed_charge_count;
    struct fixed_charge_input *all = ARENA_ARRAY(o->ctx->arena, count, struct fixed_charge_input);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct fixed_charge_input){.lineage_id = o->old->fixed_charges[i].row.lineage_id};
    for (size_t i = 0; i < input->fixed_charge_count; i++) {
        const struct fixed_charge_input *named = &input->fixed_charges[i];
        size_t at = o->fixed_at[i] = fixed_named(o->old, named);
        check_named(o, "fixed_charges", i, "fixed_charge_not_found", named->lineage_id, named->code,
                    at);
        if (at == SIZE_MAX)
            continue;
        const struct fixed_charge_row *row = &o->old->fixed_charges[at].row;
        check_once(o, "fixed_charges", i, o->fixed_at, row->code);
        plan_copy_keeps_code(o->ctx->fault, field_of(o, "fixed_charges", i, "code"), named->code,
                             row->code);
        all[at] = *named;
        all[at].lineage_id = row->lineage_id;
        all[at].units_at_once = false;
        all[at].sent &= ~(uint64_t)FIXED_UNITS;
    }
    o->full->sent |= PLAN_FIXED_CHARGES;
    o->full->input.fixed_charges = all;
    o->full->input.fixed_charge_count = count;
}

static bool tell_in(const struct overriding *o, const char *list, const size_t *at, size_t count,
                    struct str *field)
{
    struct arena *arena = o->ctx->arena;
    for (size_t i = 0; i < count; i++) {
        if (plan_field_rename(arena, field, arena_fmt(arena, "%s.%zu", list, at[i]),
                              arena_fmt(arena, "%s.%zu", list, i)))
            return true;
    }
    return false;
}

/* Fields of the whole plan's lists are told where they were sent. */
static void tell(const struct overriding *o, size_t first)
{
    struct fault *fault = o->ctx->fault;
    const struct plan_input *input = &o->override->change.input;
    for (size_t i = first; i < fault->field_count; i++) {
        struct str *field = &fault->fields[i].field;
        if (!tell_in(o, "charges", o->charge_at, input->charge_count, field))
            tell_in(o, "fixed_charges", o->fixed_at, input->fixed_charge_count, field);
        *field = arena_fmt(o->ctx->arena, "%.*s.%.*s", STR_ARG(o->override->path), STR_ARG(*field));
    }
}

static void override_begin(struct overriding *o)
{
    const struct plan_change *change = &o->override->change;
    struct arena *arena = o->ctx->arena;
    *o->full = *change;
    o->full->effective_at = TIME_NONE;
    o->full->applies_to = PLAN_APPLIES_TO_ALL;
    o->full->cascade_updates = false;
    o->charge_at = ARENA_ARRAY(arena, change->input.charge_count, size_t);
    o->fixed_at = ARENA_ARRAY(arena, change->input.fixed_charge_count, size_t);
    override_charges(o);
    override_fixed_charges(o);
}

/* ---- making a copy --------------------------------------------------------------------------- */

/* As the first version of a plan of its own. */
static enum err make(struct ctx *ctx, struct tx *tx, struct uuid subscription_id,
                     const struct plan_view *old, const struct plan_change *full,
                     struct plan_version_row *version)
{
    struct plan_row copy = {
        .id = ctx_new_id(ctx),
        .created_at = ctx_now(ctx),
        .deleted_at = TIME_NONE,
        .closed_at = TIME_NONE,
        .parent_id = old->row.id,
        .parent_version_id = old->version.id,
        .subscription_id = subscription_id,
    };
    struct plan_input input = plan_change_merge(ctx, old, full);
    copy.code = uuid_text(ctx->arena, copy.id); /* shown is the plan's */
    *version = (struct plan_version_row){
        .id = ctx_new_id(ctx),
        .plan_id = copy.id,
        .version = 1,
        .effective_at = ctx_now(ctx),
        .applies_to = STR("all"),
    };
    if (!fault_is_set(ctx->fault))
        TRY(plan_insert(tx, &copy));
    return plan_version_write(ctx, tx, &input, version);
}

static enum err made(struct ctx *ctx, struct tx *tx, const struct plan_version_row *version,
                     struct plan_view *view)
{
    TRY(plan_version_view_load(ctx, tx, version->id, view));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "plan.copy",
                         .object_id = view->row.id,
                         .after = plan_audit_text(ctx->arena, view),
                     });
}

enum err plan_copy_start(struct ctx *ctx, struct tx *tx, struct uuid subscription_id,
                         const struct plan_override *override, struct plan_version_row *version)
{
    struct plan_view old;
    struct plan_view view;
    struct plan_change full;
    struct overriding o = {.ctx = ctx, .old = &old, .override = override, .full = &full};
    TRY(plan_version_view_load(ctx, tx, version->id, &old));
    override_begin(&o);
    size_t first = ctx->fault->field_count;
    TRY(make(ctx, tx, subscription_id, &old, &full, version));
    tell(&o, first);
    return fault_is_set(ctx->fault) ? ERR_NONE : made(ctx, tx, version, &view);
}

/* ---- of one that is there -------------------------------------------------------------------- */

/* What its plan is, held: the copy's newest version, or the plan's that is in force for it. */
static enum err load_old(struct ctx *ctx, struct tx *tx, const struct subscription_row *row,
                         struct plan_view *old)
{
    struct plan_row plan;
    bool found = false;
    TRY(plan_of_version(tx, &(struct plan_of_version_in){.plan_version_id = row->plan_version_id},
                        &plan, &found));
    ASSERT(found);
    TRY(plan_lock_id(tx, plan_catalogue_id(&plan)));
    TRY(plan_by_id(tx, &(struct plan_by_id_in){.id = plan.id}, &plan, &found));
    if (plan.deleted_at != TIME_NONE)
        return fail_not_found(ctx, "plan", plan.deleted_code);
    if (!uuid_is_nil(plan.parent_id))
        return plan_newest_load(ctx, tx, plan.id, old);
    return plan_in_force(ctx, tx, row->plan_version_id, ctx_now(ctx), false, old);
}

/* Units that the plan changed at once, and that the billing run has not come to. */
static enum err bill_units(struct ctx *ctx, struct tx *tx, const struct subscription_row *row)
{
    struct plan_version_row *versions = NULL;
    size_t count = 0;
    TRY(plan_units_waiting_list(
        tx,
        &(struct plan_units_waiting_list_in){.id = row->plan_version_id, .until_at = ctx_now(ctx)},
        &versions, &count));
    for (size_t i = 0; i < count; i++)
        TRY(billing_units_changed(ctx, tx, row->customer_id, row->id, versions[i].id,
                                  versions[i].units_due_at, true));
    return ERR_NONE;
}

static enum err move(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                     struct uuid version_id)
{
    row->plan_version_id = version_id;
    if (str_eq(row->status, STR("pending")))
        row->fixed_version_id = version_id;
    return subscription_change(ctx, tx, "subscription.update", row);
}

static enum err write(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                      const struct plan_view *old, const struct plan_change *full,
                      struct plan_view *view)
{
    struct plan_version_row version;
    if (!uuid_is_nil(old->row.parent_id))
        return plan_change_write(ctx, tx, old, full, view);
    if ((full->sent & PLAN_CURRENCY) != 0 && !str_eq(full->input.currency, old->version.currency))
        fault_field(ctx->fault, STR("amount_currency"), "value_is_immutable", full->input.currency,
                    "%.*s: it is fixed once there is a subscription",
                    STR_ARG(old->version.currency));
    TRY(bill_units(ctx, tx, row));
    TRY(make(ctx, tx, row->id, old, full, &version));
    TRY(fault_check(ctx->fault));
    TRY(made(ctx, tx, &version, view));
    return move(ctx, tx, row, version.id);
}

enum err plan_copy_override(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                            const struct plan_override *override)
{
    struct plan_view old = {0};
    struct plan_view view;
    struct plan_change full;
    struct overriding o = {.ctx = ctx, .old = &old, .override = override, .full = &full};
    TRY(load_old(ctx, tx, row, &old));
    override_begin(&o);
    size_t first = ctx->fault->field_count;
    enum err err = write(ctx, tx, row, &old, &full, &view);
    if (err != ERR_NONE)
        tell(&o, first);
    return err;
}

enum err plan_copy_edit(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                        const struct plan_edit *edit, struct plan_part *part)
{
    struct plan_view old = {0};
    struct plan_view view;
    struct plan_editing e = {.edit = edit, .old = &old, .change = {.effective_at = TIME_NONE}};
    TRY(load_old(ctx, tx, row, &old));
    TRY(plan_edit_begin(ctx, tx, &e));
    if (edit->kind == PLAN_PART_CHARGE)
        plan_copy_keeps_code(ctx->fault, STR("code"), edit->charge.code,
                             old.charges[e.index].row.code);
    enum err written = write(ctx, tx, row, &old, &e.change, &view);
    plan_edit_end(ctx->fault, &e, written, &view, part);
    return written;
}
