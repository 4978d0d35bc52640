#include "app/plan_change.h"

#include "app/audit.h"
#include "app/entitlement.h"
#include "app/plan_cascade.h"
#include "app/tax.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/pricing/charge.h"
#include "store/sql/catalog.h"
#include "store/sql/subscription.h"

struct plan_changing {
    const struct plan_change *change;
    struct plan_view *view;
};

static bool sent(const struct plan_change *change, enum plan_field field)
{
    return (change->sent & (uint64_t)field) != 0;
}

enum err plan_lock_code(struct ctx *ctx, struct tx *tx, struct str code, struct plan_row *row)
{
    bool found = false;
    TRY(plan_lock(tx, &(struct plan_lock_in){.code = code}, row, &found));
    if (!found)
        return fail_not_found(ctx, "plan", code);
    return ERR_NONE;
}

enum err plan_lock_id(struct tx *tx, struct uuid id)
{
    struct plan_row row;
    bool found = false;
    TRY(plan_lock_by_id(tx, &(struct plan_lock_by_id_in){.id = id}, &row, &found));
    ASSERT(found);
    return ERR_NONE;
}

/* ---- charges --------------------------------------------------------------------------------- */

static struct charge_filter_input *filter_inputs(struct arena *arena,
                                                 const struct charge_view *charge)
{
    struct charge_filter_input *inputs =
        ARENA_ARRAY(arena, charge->filter_count, struct charge_filter_input);
    for (size_t i = 0; i < charge->filter_count; i++)
        inputs[i] = charge_filter_input_of(&charge->filters[i]);
    return inputs;
}

struct charge_input charge_input_of(struct arena *arena, const struct charge_view *charge)
{
    return (struct charge_input){
        .lineage_id = charge->row.lineage_id,
        .metric_id = uuid_text(arena, charge->metric.id),
        .code = charge->row.code,
        .invoice_display_name = charge->row.invoice_display_name,
        .charge_model = charge->row.charge_model,
        .properties = charge->row.properties,
        .min_amount_minor = charge->row.min_amount_minor,
        .max_amount_minor = charge->row.max_amount_minor,
        .pay_in_advance = charge->row.pay_in_advance,
        .invoiceable = charge->row.is_invoiceable,
        .prorated = charge->row.prorated,
        .regroup_paid_fees = charge->row.regroup_paid_fees,
        .sent = CHARGE_INVOICEABLE,
        .filters = filter_inputs(arena, charge),
        .filter_count = charge->filter_count,
        .filters_before = charge->filters,
        .filter_before_count = charge->filter_count,
        .tax_codes = tax_codes_of(arena, charge->taxes, charge->tax_count),
        .tax_code_count = charge->tax_count,
    };
}

static bool has_metric(struct arena *arena, const struct charge_view *charge,
                       const struct charge_input *input)
{
    if (!str_is_null(input->metric_id))
        return str_eq_nocase(input->metric_id, uuid_text(arena, charge->metric.id));
    return str_is_null(input->metric_code) || str_eq(input->metric_code, charge->metric.code);
}

static bool has_code(struct arena *arena, const struct charge_view *charge,
                     const struct charge_input *input)
{
    if (!str_is_null(input->code))
        return str_eq(input->code, charge->row.code);
    bool names_metric = !str_is_null(input->metric_id) || !str_is_null(input->metric_code);
    return names_metric && has_metric(arena, charge, input) &&
           str_eq(charge->row.code, charge->metric.code);
}

/* The charge that an input goes on from; NULL: none. */
static const struct charge_view *find_charge(struct arena *arena, const struct plan_view *old,
                                             const struct charge_input *input)
{
    const struct charge_view *match = NULL;
    size_t count = 0;
    for (size_t i = 0; i < old->charge_count; i++) {
        const struct charge_view *charge = &old->charges[i];
        bool is_it = uuid_is_nil(input->lineage_id)
                         ? has_code(arena, charge, input)
                         : uuid_eq(charge->row.lineage_id, input->lineage_id);
        if (!is_it)
            continue;
        match = charge;
        count++;
    }
    return count == 1 ? match : NULL;
}

/* They are of another model. */
static void clear_prices(struct charge_input *input)
{
    input->properties = STR_NULL;
    for (size_t i = 0; i < input->filter_count; i++)
        input->filters[i].properties = STR_NULL;
}

/* Else its usage could be billed twice, or never. */
static void keep_fixed(struct ctx *ctx, struct str path, const char *field, bool is_sent,
                       bool value, bool was)
{
    if (is_sent && value != was)
        fault_field(ctx->fault, arena_fmt(ctx->arena, "%.*s.%s", STR_ARG(path), field),
                    "value_is_immutable", value ? STR("true") : STR("false"),
                    "%s: a charge keeps how it is billed; make a new one for another",
                    was ? "true" : "false");
}

static void merge_charge(struct ctx *ctx, const struct plan_view *old, size_t index,
                         const struct charge_input *input, struct charge_input *merged)
{
    struct arena *arena = ctx->arena;
    struct str path = arena_fmt(arena, "charges.%zu", index);
    const struct charge_view *charge = find_charge(arena, old, input);
    *merged = *input;
    if (charge == NULL) {
        if (!uuid_is_nil(input->lineage_id))
            fault_field(ctx->fault, arena_fmt(arena, "%.*s.id", STR_ARG(path)), "charge_not_found",
                        uuid_text(arena, input->lineage_id), "the id of a charge of this plan");
        else if (str_is_null(input->charge_model))
            fault_field(ctx->fault, arena_fmt(arena, "%.*s.charge_model", STR_ARG(path)),
                        "value_is_mandatory", STR_NULL, "the model of a new charge");
        return;
    }
    if (!has_metric(arena, charge, input))
        fault_field(ctx->fault, arena_fmt(arena, "%.*s.billable_metric_id", STR_ARG(path)),
                    "value_is_immutable",
                    str_is_null(input->metric_id) ? input->metric_code : input->metric_id,
                    "%.*s: a charge keeps its metric; make a new one for another",
                    STR_ARG(charge->metric.code));
    keep_fixed(ctx, path, "pay_in_advance", (input->sent & CHARGE_PAY_IN_ADVANCE) != 0,
               input->pay_in_advance, charge->row.pay_in_advance);
    keep_fixed(ctx, path, "invoiceable", (input->sent & CHARGE_INVOICEABLE) != 0,
               input->invoiceable, charge->row.is_invoiceable);
    keep_fixed(ctx, path, "prorated", (input->sent & CHARGE_PRORATED) != 0, input->prorated,
               charge->row.prorated);
    *merged = charge_input_of(arena, charge);
    if ((input->sent & CHARGE_REGROUP) != 0)
        merged->regroup_paid_fees = input->regroup_paid_fees;
    if (!str_is_null(input->code))
        merged->code = input->code;
    if (!str_is_null(input->charge_model)) {
        if (!str_eq(input->charge_model, charge->row.charge_model))
            clear_prices(merged);
        merged->charge_model = input->charge_model;
    }
    if (!str_is_null(input->properties))
        merged->properties = input->properties;
    if ((input->sent & CHARGE_DISPLAY_NAME) != 0)
        merged->invoice_display_name = input->invoice_display_name;
    if ((input->sent & CHARGE_FILTERS) != 0) {
        merged->filters = input->filters;
        merged->filter_count = input->filter_count;
    }
    if ((input->sent & CHARGE_MIN_AMOUNT) != 0)
        merged->min_amount_minor = input->min_amount_minor;
    if ((input->sent & CHARGE_MAX_AMOUNT) != 0)
        merged->max_amount_minor = input->max_amount_minor;
    if ((input->sent & CHARGE_TAX_CODES) != 0) {
        merged->tax_codes = input->tax_codes;
        merged->tax_code_count = input->tax_code_count;
    }
}

/* No charge may be gone on from twice: its usage would be billed twice. */
static void check_lineages(struct ctx *ctx, const struct charge_input *charges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i && !uuid_is_nil(charges[i].lineage_id); j++) {
            if (!uuid_eq(charges[i].lineage_id, charges[j].lineage_id))
                continue;
            fault_field(ctx->fault, arena_fmt(ctx->arena, "charges.%zu", i), "value_already_exist",
                        uuid_text(ctx->arena, charges[i].lineage_id),
                        "another charge than charges.%zu; one that is new needs its own code", j);
            break;
        }
    }
}

static void merge_charges(struct ctx *ctx, const struct plan_view *old,
                          const struct plan_change *change, struct plan_input *merged)
{
    bool are_sent = sent(change, PLAN_CHARGES);
    size_t count = are_sent ? change->input.charge_count : old->charge_count;
    struct charge_input *charges = ARENA_ARRAY(ctx->arena, count, struct charge_input);
    for (size_t i = 0; i < count; i++) {
        if (are_sent)
            merge_charge(ctx, old, i, &change->input.charges[i], &charges[i]);
        else
            charges[i] = charge_input_of(ctx->arena, &old->charges[i]);
    }
    check_lineages(ctx, charges, count);
    merged->charges = charges;
    merged->charge_count = count;
}

/* ---- the plan -------------------------------------------------------------------------------- */

struct plan_input plan_change_merge(struct ctx *ctx, const struct plan_view *old,
                                    const struct plan_change *change)
{
    const struct plan_version_row *version = &old->version;
    struct plan_input merged = {
        .code = old->row.code,
        .name = version->name,
        .invoice_display_name = version->invoice_display_name,
        .description = version->description,
        .billing_interval = version->billing_interval,
        .amount_minor = version->amount_minor,
        .currency = version->currency,
        .pay_in_advance = version->pay_in_advance,
        .bill_charges_monthly = version->bill_charges_monthly,
        .bill_fixed_charges_monthly = version->bill_fixed_charges_monthly,
        .proration = version->proration,
        .tax_codes = tax_codes_of(ctx->arena, old->taxes, old->tax_count),
        .tax_code_count = old->tax_count,
    };
    const struct plan_input *input = &change->input;
#define TAKE(bit, member)    \
    if (sent(change, (bit))) \
    merged.member = input->member
    TAKE(PLAN_CODE, code);
    TAKE(PLAN_NAME, name);
    TAKE(PLAN_DISPLAY_NAME, invoice_display_name);
    TAKE(PLAN_DESCRIPTION, description);
    TAKE(PLAN_INTERVAL, billing_interval);
    TAKE(PLAN_AMOUNT, amount_minor);
    TAKE(PLAN_CURRENCY, currency);
    TAKE(PLAN_PAY_IN_ADVANCE, pay_in_advance);
    TAKE(PLAN_BILL_CHARGES_MONTHLY, bill_charges_monthly);
    TAKE(PLAN_BILL_FIXED_MONTHLY, bill_fixed_charges_monthly);
    TAKE(PLAN_PRORATION, proration);
    TAKE(PLAN_TAX_CODES, tax_codes);
    TAKE(PLAN_TAX_CODES, tax_code_count);
#undef TAKE
    merge_charges(ctx, old, change, &merged);
    struct fixed_charge_input *fixed = NULL;
    fixed_charges_merge(ctx, old->fixed_charges, old->fixed_charge_count,
                        sent(change, PLAN_FIXED_CHARGES), input->fixed_charges,
                        input->fixed_charge_count, &fixed, &merged.fixed_charge_count);
    merged.fixed_charges = fixed;
    return merged;
}

static void immutable(struct ctx *ctx, const char *field, struct str value, struct str kept)
{
    fault_field(ctx->fault, str_of(field), "value_is_immutable", value,
                "%.*s: it is fixed while the plan has subscriptions, and in a change that takes "
                "effect later",
                STR_ARG(kept));
}

static struct str bool_word(bool value)
{
    return value ? STR("true") : STR("false");
}

/* What the periods of those who are on the plan follow from. */
static void check_fixed(struct ctx *ctx, const struct plan_version_row *old,
                        const struct plan_input *now)
{
    if (!str_eq(old->billing_interval, now->billing_interval))
        immutable(ctx, "interval", now->billing_interval, old->billing_interval);
    if (!str_eq(old->currency, now->currency))
        immutable(ctx, "amount_currency", now->currency, old->currency);
    if (old->pay_in_advance != now->pay_in_advance)
        immutable(ctx, "pay_in_advance", bool_word(now->pay_in_advance),
                  bool_word(old->pay_in_advance));
    if (old->bill_charges_monthly != now->bill_charges_monthly)
        immutable(ctx, "bill_charges_monthly", bool_word(now->bill_charges_monthly),
                  bool_word(old->bill_charges_monthly));
    if (old->bill_fixed_charges_monthly != now->bill_fixed_charges_monthly)
        immutable(ctx, "bill_fixed_charges_monthly", bool_word(now->bill_fixed_charges_monthly),
                  bool_word(old->bill_fixed_charges_monthly));
}

static void check_effective(struct ctx *ctx, const struct plan_version_row *old, int64_t now,
                            int64_t effective_at)
{
    if (effective_at < now)
        fault_field(ctx->fault, STR("effective_at"), "value_is_out_of_range",
                    time_text(ctx->arena, effective_at),
                    "now or later: periods that are billed are not changed");
    else if (effective_at < old->effective_at)
        fault_field(ctx->fault, STR("effective_at"), "value_is_out_of_range",
                    time_text(ctx->arena, effective_at),
                    "%.*s or later: version %lld takes effect then",
                    STR_ARG(time_text(ctx->arena, old->effective_at)), (long long)old->version);
}

static enum err rename_plan(struct ctx *ctx, struct tx *tx, const struct plan_row *plan,
                            struct str code)
{
    struct plan_row taken;
    bool found = false;
    if (str_eq(plan->code, code))
        return ERR_NONE;
    TRY(plan_by_code(tx, &(struct plan_by_code_in){.code = code}, &taken, &found));
    if (found) {
        fault_field(ctx->fault, STR("code"), "value_already_exist", code,
                    "a code that no plan has yet");
        return ERR_NONE;
    }
    return plan_set_code(tx, &(struct plan_set_code_in){.code = code, .id = plan->id}, NULL);
}

static struct str applies_word(enum plan_applies_to applies_to)
{
    switch (applies_to) {
    case PLAN_APPLIES_TO_NEW:
        return STR("new");
    case PLAN_APPLIES_TO_AT_RENEWAL:
        return STR("at_renewal");
    case PLAN_APPLIES_TO_ALL:
        break;
    }
    return STR("all");
}

enum err plan_newest_load(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                          struct plan_view *view)
{
    struct plan_version_row version;
    bool found = false;
    TRY(plan_version_newest(tx, &(struct plan_version_newest_in){.plan_id = plan_id}, &version,
                            &found));
    ASSERT(found);
    return plan_version_view_load(ctx, tx, version.id, view);
}

enum err plan_next_version(struct ctx *ctx, struct tx *tx, const struct plan_view *old,
                           const struct plan_input *input, int64_t effective_at,
                           struct str applies_to, struct plan_view *view)
{
    struct plan_version_row version = {
        .id = ctx_new_id(ctx),
        .plan_id = old->row.id,
        .version = old->version.version + 1,
        .effective_at = effective_at,
        .applies_to = applies_to,
    };
    TRY(plan_version_write(ctx, tx, input, &version));
    TRY(fault_check(ctx->fault));
    TRY(plan_version_view_load(ctx, tx, version.id, view));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "plan.update",
                         .object_id = old->row.id,
                         .before = plan_audit_text(ctx->arena, old),
                         .after = plan_audit_text(ctx->arena, view),
                     });
}

static void check_cascade(struct ctx *ctx, const struct plan_change *wanted)
{
    if (wanted->cascade_updates && wanted->applies_to == PLAN_APPLIES_TO_NEW)
        fault_field(ctx->fault, STR("cascade_updates"), "value_is_invalid", STR("true"),
                    "false, or applies_to all or at_renewal: copies are of subscriptions that are "
                    "there already");
}

enum err plan_change_write(struct ctx *ctx, struct tx *tx, const struct plan_view *old,
                           const struct plan_change *wanted, struct plan_view *view)
{
    const struct plan_row *plan = &old->row;
    struct subscription_running_count_row running;
    bool found = false;
    TRY(subscription_running_count(tx, &(struct subscription_running_count_in){.plan_id = plan->id},
                                   &running, &found));
    int64_t now = ctx_now(ctx);
    int64_t effective_at = wanted->effective_at == TIME_NONE ? now : wanted->effective_at;
    struct plan_input input = plan_change_merge(ctx, old, wanted);
    check_effective(ctx, &old->version, now, effective_at);
    check_cascade(ctx, wanted);
    if (running.total > 0 || effective_at > now || old->version.effective_at > now)
        check_fixed(ctx, &old->version, &input);
    if (uuid_is_nil(plan->parent_id)) /* a copy has its plan's code */
        TRY(rename_plan(ctx, tx, plan, input.code));
    TRY(plan_next_version(ctx, tx, old, &input, effective_at, applies_word(wanted->applies_to),
                          view));
    return wanted->cascade_updates ? plan_cascade(ctx, tx, old, view) : ERR_NONE;
}

static enum err change(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct plan_changing *changing = arg;
    struct plan_row plan;
    struct plan_view old;
    TRY(plan_lock_code(ctx, tx, changing->change->code, &plan));
    TRY(plan_newest_load(ctx, tx, plan.id, &old));
    return plan_change_write(ctx, tx, &old, changing->change, changing->view);
}

static enum err change_with_grants(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct plan_changing *changing = arg;
    const struct plan_change *wanted = changing->change;
    struct str granted = wanted->input.entitlements;
    TRY(change(ctx, tx, arg));
    if (sent(wanted, PLAN_ENTITLEMENTS))
        TRY(plan_entitlements_write(ctx, tx, changing->view->row.id,
                                    str_is_null(granted) ? STR("{}") : granted, true));
    TRY(fault_check(ctx->fault));
    return plan_view_grants(ctx, tx, changing->view);
}

enum err plan_change(struct ctx *ctx, const struct plan_change *wanted, struct plan_view *view)
{
    struct plan_changing changing = {.change = wanted, .view = view};
    return tx_run(ctx, TX_WRITE, change_with_grants, &changing);
}

struct plan_versions_getting {
    struct str code;
    struct plan_view *views;
    size_t count;
};

static enum err get_versions(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct plan_versions_getting *getting = arg;
    struct plan_version_row *rows = NULL;
    struct plan_row plan;
    bool found = false;
    TRY(plan_by_code(tx, &(struct plan_by_code_in){.code = getting->code}, &plan, &found));
    if (!found)
        return fail_not_found(ctx, "plan", getting->code);
    TRY(plan_version_list(tx, &(struct plan_version_list_in){.plan_id = plan.id}, &rows,
                          &getting->count));
    getting->views = ARENA_ARRAY(ctx->arena, getting->count, struct plan_view);
    for (size_t i = 0; i < getting->count; i++) {
        TRY(plan_version_view_load(ctx, tx, rows[i].id, &getting->views[i]));
        TRY(plan_view_grants(ctx, tx, &getting->views[i]));
    }
    return ERR_NONE;
}

enum err plan_versions(struct ctx *ctx, struct str code, struct plan_view **views, size_t *count)
{
    struct plan_versions_getting getting = {.code = code};
    TRY(tx_run(ctx, TX_READ, get_versions, &getting));
    *views = getting.views;
    *count = getting.count;
    return ERR_NONE;
}

/* ---- after a metric's filters changed -------------------------------------------------------- */

static enum err refit(struct ctx *ctx, struct tx *tx, const struct plan_row *plan,
                      const struct billable_metric_row *metric)
{
    struct plan_change nothing = {0};
    struct plan_view old;
    struct plan_view view;
    bool changes = false;
    TRY(plan_lock_id(tx, plan_catalogue_id(plan)));
    TRY(plan_newest_load(ctx, tx, plan->id, &old));
    struct plan_input input = plan_change_merge(ctx, &old, &nothing);
    struct charge_input *charges = ARENA_ARRAY(ctx->arena, old.charge_count, struct charge_input);
    for (size_t i = 0; i < old.charge_count; i++) {
        struct charge_filter_input *left = NULL;
        size_t left_count = 0;
        charges[i] = input.charges[i];
        if (!uuid_eq(old.charges[i].metric.id, metric->id) ||
            !charge_filters_fit(ctx->arena, metric, &old.charges[i], &left, &left_count))
            continue;
        charges[i].filters = left;
        charges[i].filter_count = left_count;
        changes = true;
    }
    if (!changes)
        return ERR_NONE;
    int64_t now = ctx_now(ctx);
    input.charges = charges;
    return plan_next_version(ctx, tx, &old, &input,
                             old.version.effective_at > now ? old.version.effective_at : now,
                             old.version.applies_to, &view);
}

enum err plan_fit_filters(struct ctx *ctx, struct tx *tx, const struct billable_metric_row *metric)
{
    struct plan_row *plans = NULL;
    size_t count = 0;
    TRY(plan_filtered_list(tx, &(struct plan_filtered_list_in){.metric_id = metric->id}, &plans,
                           &count));
    for (size_t i = 0; i < count; i++)
        TRY(refit(ctx, tx, &plans[i], metric));
    return ERR_NONE;
}

/* ---- its end --------------------------------------------------------------------------------- */

struct plan_deleting {
    struct str code;
    struct plan_view *view;
};

static enum err delete_one(struct ctx *ctx, struct tx *tx, const struct plan_row *plan,
                           struct str code, struct plan_view *view)
{
    struct plan_version_row version;
    bool found = false;
    TRY(plan_version_for_new(
        tx, &(struct plan_version_for_new_in){.plan_id = plan->id, .at = ctx_now(ctx)}, &version,
        &found));
    ASSERT(found);
    TRY(plan_version_view_load(ctx, tx, version.id, view));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = ctx->app->organization_id,
                      .action = "plan.delete",
                      .object_id = plan->id,
                      .before = plan_audit_text(ctx->arena, view),
                  }));
    view->row.deleted_at = ctx_now(ctx);
    return plan_set_deleted(tx,
                            &(struct plan_set_deleted_in){
                                .code = uuid_text(ctx->arena, plan->id),
                                .deleted_code = code,
                                .deleted_at = ctx_now(ctx),
                                .id = plan->id,
                            },
                            NULL);
}

static enum err end(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct plan_deleting *deleting = arg;
    struct plan_row plan;
    struct plan_row *copies = NULL;
    size_t count = 0;
    TRY(plan_lock_code(ctx, tx, deleting->code, &plan));
    TRY(plan_copy_list(tx, &(struct plan_copy_list_in){.parent_id = plan.id}, &copies, &count));
    for (size_t i = 0; i < count; i++) {
        struct plan_view copy;
        TRY(delete_one(ctx, tx, &copies[i], plan.code, &copy));
    }
    return delete_one(ctx, tx, &plan, plan.code, deleting->view);
}

enum err plan_delete(struct ctx *ctx, struct str code, struct plan_view *view)
{
    struct plan_deleting deleting = {.code = code, .view = view};
    return tx_run(ctx, TX_WRITE, end, &deleting);
}
