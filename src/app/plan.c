#include "app/plan.h"

#include "app/audit.h"
#include "app/entitlement.h"
#include "app/tax.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "base/time.h"
#include "core/currency.h"
#include "core/metering.h"
#include "core/period.h"
#include "core/pricing/advance.h"
#include "core/pricing/charge.h"
#include "core/recurring.h"
#include "store/sql/advance.h"
#include "store/sql/catalog.h"
#include "store/sql/instance.h"

struct uuid plan_catalogue_id(const struct plan_row *row)
{
    return uuid_is_nil(row->parent_id) ? row->id : row->parent_id;
}

bool plan_is_paid_ahead(const struct plan_view *view)
{
    return view->version.pay_in_advance ||
           fixed_charges_any(view->fixed_charges, view->fixed_charge_count, true);
}

struct plan_creating {
    const struct plan_input *input;
    struct plan_view *view;
};

enum err charge_metric_find(struct tx *tx, const struct charge_input *input,
                            struct billable_metric_row *metric, bool *found)
{
    struct uuid id;
    bool by_id = !str_is_null(input->metric_id);
    *found = false;
    if (by_id && uuid_parse(input->metric_id, &id))
        return billable_metric_load(tx, &(struct billable_metric_load_in){.id = id}, metric, found);
    if (!by_id && !str_is_null(input->metric_code))
        return billable_metric_by_code(
            tx, &(struct billable_metric_by_code_in){.code = input->metric_code}, metric, found);
    return ERR_NONE;
}

static enum err find_metric(struct ctx *ctx, struct tx *tx, struct str path,
                            const struct charge_input *input, struct billable_metric_row *metric)
{
    bool found = false;
    bool by_id = !str_is_null(input->metric_id);
    struct str value = by_id ? input->metric_id : input->metric_code;
    TRY(charge_metric_find(tx, input, metric, &found));
    if (!found)
        fault_field(
            ctx->fault,
            arena_fmt(ctx->arena, "%.*s.billable_metric_%s", STR_ARG(path), by_id ? "id" : "code"),
            str_is_null(value) ? "value_is_mandatory" : "billable_metric_not_found", value,
            "a billable metric that exists");
    return ERR_NONE;
}

/* What is free or bounded for each event needs values that add up to the quantity; of a stock
 * nobody knows in which window of time its units were used. */
static void check_metric(struct ctx *ctx, struct str path, const struct billable_metric_row *metric,
                         const struct charge *charge, bool pay_in_advance)
{
    if (fault_is_set(ctx->fault) || !charge_needs_events(charge))
        return;
    enum aggregation aggregation = aggregation_of(metric->aggregation_type);
    if ((aggregation != AGGREGATION_COUNT && aggregation != AGGREGATION_SUM) ||
        (metric->is_recurring && (!pay_in_advance || charge_cell_count(charge) > 0)))
        fault_field(
            ctx->fault, arena_fmt(ctx->arena, "%.*s.billable_metric_code", STR_ARG(path)),
            "value_is_invalid", metric->code,
            "a count_agg or sum_agg that is not recurring: free units, amounts per transaction, "
            "windows of time and price tables need events that add up");
}

static void check_limits(struct ctx *ctx, struct str path, const struct charge_input *input)
{
    if (input->max_amount_minor == 0 || input->max_amount_minor >= input->min_amount_minor)
        return;
    fault_field(ctx->fault, arena_fmt(ctx->arena, "%.*s.max_amount_cents", STR_ARG(path)),
                "value_is_out_of_range",
                arena_fmt(ctx->arena, "%lld", (long long)input->max_amount_minor),
                "at least min_amount_cents, %lld", (long long)input->min_amount_minor);
}

/* ---- in advance, alone, prorated ------------------------------------------------------------- */

static bool is_invoiceable(const struct charge_input *input)
{
    return (input->sent & CHARGE_INVOICEABLE) == 0 || input->invoiceable;
}

static void check_advance(struct ctx *ctx, struct str path, const struct charge_input *input,
                          const struct billable_metric_row *metric, const struct charge *charge)
{
    enum aggregation aggregation = aggregation_of(metric->aggregation_type);
    struct str field = arena_fmt(ctx->arena, "%.*s.pay_in_advance", STR_ARG(path));
    if (!input->pay_in_advance) {
        if (!is_invoiceable(input))
            fault_field(ctx->fault, arena_fmt(ctx->arena, "%.*s.invoiceable", STR_ARG(path)),
                        "value_is_invalid", STR("false"),
                        "true: only fees of charges that are paid in advance stand alone");
        return;
    }
    if (!advance_allows_metric(aggregation) || !advance_allows_model(charge->model))
        fault_field(ctx->fault, field, "invalid_aggregation_type_or_charge_model", STR("true"),
                    "false: only count_agg, sum_agg and unique_count_agg, and no volume and "
                    "capacity, can be paid event by event");
    if (input->min_amount_minor > 0)
        fault_field(ctx->fault, arena_fmt(ctx->arena, "%.*s.min_amount_cents", STR_ARG(path)),
                    "not_compatible_with_pay_in_advance",
                    arena_fmt(ctx->arena, "%lld", (long long)input->min_amount_minor),
                    "none: each event is billed for good when it comes, and nothing bills what is "
                    "missing at the end of the period");
}

static void check_regroup(struct ctx *ctx, struct str path, const struct charge_input *input)
{
    struct str value = input->regroup_paid_fees;
    struct str field = arena_fmt(ctx->arena, "%.*s.regroup_paid_fees", STR_ARG(path));
    if (str_is_null(value))
        return;
    if (!str_eq(value, STR("invoice")))
        fault_field(ctx->fault, field, "value_is_invalid", value, "invoice, or null");
    else if (!input->pay_in_advance || is_invoiceable(input))
        fault_field(ctx->fault, field, "only_compatible_with_pay_in_advance_and_non_invoiceable",
                    value,
                    "null: only fees that stand alone, of a charge that is paid in advance and "
                    "not invoiceable, are gathered");
}

static void check_prorated(struct ctx *ctx, struct str path, const struct charge_input *input,
                           const struct billable_metric_row *metric, const struct charge *charge)
{
    enum aggregation aggregation = aggregation_of(metric->aggregation_type);
    bool is_stock = metric->is_recurring && aggregation != AGGREGATION_WEIGHTED;
    bool may = charge->model == CHARGE_STANDARD ||
               (!input->pay_in_advance &&
                (charge->model == CHARGE_GRADUATED || charge->model == CHARGE_VOLUME));
    struct str field = arena_fmt(ctx->arena, "%.*s.prorated", STR_ARG(path));
    if (!input->prorated)
        return;
    if (!is_stock || !may)
        fault_field(ctx->fault, field, "invalid_billable_metric_or_charge_model", STR("true"),
                    "false: only a recurring sum_agg or unique_count_agg at a standard price, or "
                    "in arrears at a graduated or volume price, can be prorated");
}

/* From now on its events are noted as such that may have to be billed at once. */
static enum err note_metric(struct tx *tx, const struct billable_metric_row *metric)
{
    struct metric_revision_next_row revision;
    bool found = false;
    if (metric->is_paid_ahead)
        return ERR_NONE;
    TRY(metric_revision_next(tx, &revision, &found));
    ASSERT(found);
    return metric_pay_ahead(tx, &(struct metric_pay_ahead_in){.id = metric->id}, NULL);
}

static enum err write_charge(struct ctx *ctx, struct tx *tx, const struct charge_row *row,
                             struct charge_filter_row *filters, size_t filter_count,
                             const struct tax_row *taxes, size_t tax_count)
{
    TRY(charge_insert(tx, row));
    for (size_t i = 0; i < filter_count; i++) {
        filters[i].id = ctx_new_id(ctx);
        filters[i].charge_id = row->id;
    }
    if (filter_count > 0)
        TRY(charge_filter_insert_many(tx, filters, filter_count));
    for (size_t i = 0; i < tax_count; i++)
        TRY(charge_tax_insert(
            tx, &(struct charge_tax_row){.charge_id = row->id, .tax_id = taxes[i].id}));
    return ERR_NONE;
}

/* Checks one charge; writes it when nothing was found wrong with the plan so far.
 *   draft  not NULL: put there instead */
static enum err add_charge(struct ctx *ctx, struct tx *tx, struct uuid version_id, size_t index,
                           const struct charge_input *input, struct charge_view *draft)
{
    struct str path = arena_fmt(ctx->arena, "charges.%zu", index);
    struct billable_metric_row metric = {0};
    struct charge charge;
    TRY(find_metric(ctx, tx, path, input, &metric));
    charge_parse(ctx->arena, input->charge_model,
                 str_is_null(input->properties) ? STR("{}") : input->properties, path, ctx->fault,
                 &charge);
    struct charge_filters filters = {input->filters, input->filter_count, input->filters_before,
                                     input->filter_before_count};
    struct charge_filter_row *filter_rows =
        ARENA_ARRAY(ctx->arena, input->filter_count, struct charge_filter_row);
    struct charge *models = ARENA_ARRAY(ctx->arena, input->filter_count, struct charge);
    charge_filters_check(ctx, path, &metric, input->charge_model, &filters, filter_rows, models);
    check_metric(ctx, path, &metric, &charge, input->pay_in_advance);
    for (size_t i = 0; i < input->filter_count; i++)
        check_metric(ctx, path, &metric, &models[i], input->pay_in_advance);
    check_limits(ctx, path, input);
    if (!fault_is_set(ctx->fault)) {
        check_advance(ctx, path, input, &metric, &charge);
        check_prorated(ctx, path, input, &metric, &charge);
        check_regroup(ctx, path, input);
    }
    struct charge_row row = {
        .id = ctx_new_id(ctx),
        .plan_version_id = version_id,
        .position = (int64_t)index,
        .code = str_is_null(input->code) ? metric.code : input->code,
        .metric_id = metric.id,
        .invoice_display_name = input->invoice_display_name,
        .charge_model = input->charge_model,
        .min_amount_minor = input->min_amount_minor,
        .max_amount_minor = input->max_amount_minor,
        .pay_in_advance = input->pay_in_advance,
        .is_invoiceable = is_invoiceable(input),
        .prorated = input->prorated,
        .regroup_paid_fees = input->regroup_paid_fees,
    };
    row.lineage_id = uuid_is_nil(input->lineage_id) ? row.id : input->lineage_id;
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    TRY(taxes_find(ctx, tx, arena_fmt(ctx->arena, "%.*s.", STR_ARG(path)), input->tax_codes,
                   input->tax_code_count, taxes));
    if (fault_is_set(ctx->fault))
        return ERR_NONE; /* told together with what else is wrong */
    row.properties = charge_properties_text(ctx->arena, &charge);
    if (draft != NULL) {
        for (size_t i = 0; i < input->filter_count; i++)
            filter_rows[i].id = ctx_new_id(ctx);
        *draft = (struct charge_view){.row = row,
                                      .metric = metric,
                                      .filters = filter_rows,
                                      .filter_count = input->filter_count,
                                      .taxes = taxes,
                                      .tax_count = input->tax_code_count};
        return ERR_NONE;
    }
    if (row.pay_in_advance)
        TRY(note_metric(tx, &metric));
    return write_charge(ctx, tx, &row, filter_rows, input->filter_count, taxes,
                        input->tax_code_count);
}

static void refuse_monthly(struct ctx *ctx, const char *field, struct str term)
{
    fault_field(ctx->fault, str_of(field), "value_is_invalid", STR("true"),
                "false: %.*s is not six months or more", STR_ARG(term));
}

/* What does not go with the term; the words of old accept a monthly flag that says nothing. */
static void check_term(struct ctx *ctx, const struct plan_input *input, struct interval interval)
{
    struct str term = input->billing_interval;
    bool is_word = term.ptr[0] != 'P';
    if (!is_word && !interval_is_long(interval) && input->bill_charges_monthly)
        refuse_monthly(ctx, "bill_charges_monthly", term);
    if (!is_word && !interval_is_long(interval) && input->bill_fixed_charges_monthly)
        refuse_monthly(ctx, "bill_fixed_charges_monthly", term);
    if (!is_word && interval.months == 0 && str_eq(input->proration, STR("fixed_30")))
        fault_field(ctx->fault, STR("proration"), "value_is_invalid", input->proration,
                    "days or none: the days of %.*s are real ones", STR_ARG(term));
}

static void check_fields(struct ctx *ctx, const struct plan_input *input, int64_t *yearly_minor)
{
    struct interval interval;
    if (!interval_parse(input->billing_interval, &interval)) {
        fault_field(ctx->fault, STR("interval"), "value_is_invalid", input->billing_interval,
                    INTERVAL_WORDS);
    } else {
        check_term(ctx, input, interval);
        if (recurring_year(interval, input->amount_minor, 1, yearly_minor) != ERR_NONE)
            fault_field(ctx->fault, STR("amount_cents"), "value_is_out_of_range",
                        arena_fmt(ctx->arena, "%lld", (long long)input->amount_minor),
                        "an amount of which a year's, at %.*s, is below 2^63",
                        STR_ARG(input->billing_interval));
    }
    if (currency_find(input->currency) == NULL)
        fault_field(ctx->fault, STR("amount_currency"), "value_is_invalid", input->currency,
                    "an ISO 4217 code such as EUR");
    if (input->amount_minor < 0)
        fault_field(ctx->fault, STR("amount_cents"), "value_is_out_of_range",
                    arena_fmt(ctx->arena, "%lld", (long long)input->amount_minor), "0 or more");
}

/* Units that hold at once, of what is paid in advance, are billed for the rest of the period. */
static int64_t units_due_at(const struct plan_input *input, const struct plan_version_row *version)
{
    for (size_t i = 0; i < input->fixed_charge_count; i++) {
        const struct fixed_charge_input *fixed = &input->fixed_charges[i];
        if (fixed->units_at_once && fixed->pay_in_advance &&
            str_eq(version->applies_to, STR("all")))
            return version->effective_at;
    }
    return TIME_NONE;
}

static void fill_version(const struct plan_input *input, struct plan_version_row *version)
{
    version->name = input->name;
    version->invoice_display_name = input->invoice_display_name;
    version->description = input->description;
    version->billing_interval = input->billing_interval;
    version->amount_minor = input->amount_minor;
    version->currency = input->currency;
    version->pay_in_advance = input->pay_in_advance;
    version->bill_charges_monthly = input->bill_charges_monthly;
    version->bill_fixed_charges_monthly = input->bill_fixed_charges_monthly;
    version->units_due_at = units_due_at(input, version);
    version->proration = str_is_null(input->proration) ? STR("days") : input->proration;
}

enum err plan_version_write(struct ctx *ctx, struct tx *tx, const struct plan_input *input,
                            struct plan_version_row *version)
{
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    check_fields(ctx, input, &version->yearly_minor);
    fill_version(input, version);
    if (ctx->fault->field_count == 0)
        TRY(plan_version_insert(tx, version));
    for (size_t i = 0; i < input->charge_count; i++)
        TRY(add_charge(ctx, tx, version->id, i, &input->charges[i], NULL));
    TRY(fixed_charges_write(ctx, tx, version->id, input->fixed_charges, input->fixed_charge_count));
    TRY(taxes_find(ctx, tx, STR(""), input->tax_codes, input->tax_code_count, taxes));
    for (size_t i = 0; i < input->tax_code_count && !fault_is_set(ctx->fault); i++)
        TRY(plan_version_tax_insert(
            tx,
            &(struct plan_version_tax_row){.plan_version_id = version->id, .tax_id = taxes[i].id}));
    return ERR_NONE;
}

enum err plan_draft(struct ctx *ctx, struct tx *tx, const struct plan_input *input,
                    struct plan_view *view)
{
    struct tax_row *taxes = ARENA_ARRAY(ctx->arena, input->tax_code_count, struct tax_row);
    *view = (struct plan_view){
        .row = {.id = ctx_new_id(ctx),
                .code = input->code,
                .created_at = ctx_now(ctx),
                .deleted_at = TIME_NONE,
                .closed_at = TIME_NONE},
        .version = {.id = ctx_new_id(ctx),
                    .version = 1,
                    .effective_at = ctx_now(ctx),
                    .applies_to = STR("all")},
        .charges = ARENA_ARRAY(ctx->arena, input->charge_count, struct charge_view),
        .charge_count = input->charge_count,
        .fixed_charges =
            ARENA_ARRAY(ctx->arena, input->fixed_charge_count, struct fixed_charge_view),
        .fixed_charge_count = input->fixed_charge_count,
        .taxes = taxes,
        .tax_count = input->tax_code_count,
    };
    view->version.plan_id = view->row.id;
    check_fields(ctx, input, &view->version.yearly_minor);
    fill_version(input, &view->version);
    for (size_t i = 0; i < input->charge_count; i++)
        TRY(add_charge(ctx, tx, view->version.id, i, &input->charges[i], &view->charges[i]));
    TRY(fixed_charges_draft(ctx, tx, view->version.id, input->fixed_charges,
                            input->fixed_charge_count, view->fixed_charges));
    TRY(taxes_find(ctx, tx, STR(""), input->tax_codes, input->tax_code_count, taxes));
    return fault_check(ctx->fault);
}

static enum err create(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct plan_creating *creating = arg;
    const struct plan_input *input = creating->input;
    struct plan_row plan = {
        .id = ctx_new_id(ctx),
        .code = input->code,
        .created_at = ctx_now(ctx),
        .deleted_at = TIME_NONE,
        .closed_at = TIME_NONE,
    };
    struct plan_version_row version = {
        .id = ctx_new_id(ctx),
        .plan_id = plan.id,
        .version = 1,
        .effective_at = ctx_now(ctx),
        .applies_to = STR("all"),
    };
    struct plan_row taken;
    bool found = false;
    TRY(plan_by_code(tx, &(struct plan_by_code_in){.code = input->code}, &taken, &found));
    if (found)
        fault_field(ctx->fault, STR("code"), "value_already_exist", input->code,
                    "a code that no plan has yet");
    if (ctx->fault->field_count == 0)
        TRY(plan_insert(tx, &plan));
    TRY(plan_version_write(ctx, tx, input, &version));
    if (!str_is_null(input->entitlements))
        TRY(plan_entitlements_write(ctx, tx, plan.id, input->entitlements, true));
    TRY(fault_check(ctx->fault));
    TRY(plan_version_view_load(ctx, tx, version.id, creating->view));
    TRY(plan_view_grants(ctx, tx, creating->view));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "plan.create",
                         .object_id = plan.id,
                         .after = plan_audit_text(ctx->arena, creating->view),
                     });
}

enum err plan_create(struct ctx *ctx, const struct plan_input *input, struct plan_view *view)
{
    struct plan_creating creating = {.input = input, .view = view};
    return tx_run(ctx, TX_WRITE, create, &creating);
}

#define AUDIT_BYTES_MAX ((size_t)16 << 20)

struct str plan_audit_text(struct arena *arena, const struct plan_view *view)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, AUDIT_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_str(&out, "code", view->row.code);
    if (!uuid_is_nil(view->row.parent_id)) {
        json_uuid(&out, "parent_id", view->row.parent_id);
        json_uuid(&out, "subscription_id", view->row.subscription_id);
    }
    json_raw(&out, "version", plan_version_row_json(arena, &view->version));
    json_array(&out, "charges");
    for (size_t i = 0; i < view->charge_count; i++) {
        const struct charge_view *charge = &view->charges[i];
        json_object(&out, NULL);
        json_raw(&out, "charge", charge_row_json(arena, &charge->row));
        json_array(&out, "filters");
        for (size_t j = 0; j < charge->filter_count; j++)
            json_raw(&out, NULL, charge_filter_row_json(arena, &charge->filters[j]));
        json_array_end(&out);
        json_array(&out, "tax_codes");
        for (size_t j = 0; j < charge->tax_count; j++)
            json_str(&out, NULL, charge->taxes[j].code);
        json_array_end(&out);
        json_object_end(&out);
    }
    json_array_end(&out);
    fixed_charges_audit(&out, arena, view->fixed_charges, view->fixed_charge_count);
    json_array(&out, "tax_codes");
    for (size_t i = 0; i < view->tax_count; i++)
        json_str(&out, NULL, view->taxes[i].code);
    json_array_end(&out);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

enum err plan_in_force(struct ctx *ctx, struct tx *tx, struct uuid plan_version_id, int64_t at,
                       bool is_renewal, struct plan_view *view)
{
    struct plan_version_row version;
    bool found = false;
    TRY(plan_version_in_force(tx,
                              &(struct plan_version_in_force_in){
                                  .at = at, .is_renewal = is_renewal, .id = plan_version_id},
                              &version, &found));
    ASSERT(found);
    return plan_version_view_load(ctx, tx, version.id, view);
}

/* What the plan goes by, or went by. */
static enum err load_code(struct tx *tx, struct plan_row *row)
{
    struct plan_row parent;
    bool found = false;
    if (!str_is_null(row->deleted_code)) {
        row->code = row->deleted_code;
    } else if (!uuid_is_nil(row->parent_id)) {
        TRY(plan_by_id(tx, &(struct plan_by_id_in){.id = row->parent_id}, &parent, &found));
        ASSERT(found);
        row->code = parent.code;
    }
    return ERR_NONE;
}

/* In a copy they go on from those of its plan, by the same ids. */
static void set_parents(struct plan_view *view)
{
    if (uuid_is_nil(view->row.parent_id))
        return;
    for (size_t i = 0; i < view->charge_count; i++)
        view->charges[i].parent_id = view->charges[i].row.lineage_id;
    for (size_t i = 0; i < view->fixed_charge_count; i++)
        view->fixed_charges[i].parent_id = view->fixed_charges[i].row.lineage_id;
}

enum err plan_version_view_load(struct ctx *ctx, struct tx *tx, struct uuid plan_version_id,
                                struct plan_view *view)
{
    struct charge_row *charges = NULL;
    bool found = false;
    TRY(plan_version_load(tx, &(struct plan_version_load_in){.id = plan_version_id}, &view->version,
                          &found));
    ASSERT(found);
    TRY(plan_of_version(tx, &(struct plan_of_version_in){.plan_version_id = plan_version_id},
                        &view->row, &found));
    ASSERT(found);
    TRY(load_code(tx, &view->row));
    TRY(charge_list(tx, &(struct charge_list_in){.plan_version_id = plan_version_id}, &charges,
                    &view->charge_count));
    view->charges = ARENA_ARRAY(ctx->arena, view->charge_count, struct charge_view);
    for (size_t i = 0; i < view->charge_count; i++) {
        struct charge_view *charge = &view->charges[i];
        charge->row = charges[i];
        TRY(billable_metric_load(tx, &(struct billable_metric_load_in){.id = charges[i].metric_id},
                                 &charge->metric, &found));
        ASSERT(found);
        TRY(charge_filter_list(tx, &(struct charge_filter_list_in){.charge_id = charges[i].id},
                               &charge->filters, &charge->filter_count));
        TRY(charge_tax_list(tx, &(struct charge_tax_list_in){.charge_id = charges[i].id},
                            &charge->taxes, &charge->tax_count));
    }
    TRY(fixed_charges_load(ctx, tx, plan_version_id, &view->fixed_charges,
                           &view->fixed_charge_count));
    view->entitlements = NULL;
    set_parents(view);
    return plan_version_tax_list(
        tx, &(struct plan_version_tax_list_in){.plan_version_id = plan_version_id}, &view->taxes,
        &view->tax_count);
}

static enum err load_current(struct ctx *ctx, struct tx *tx, struct uuid plan_id,
                             struct plan_view *view)
{
    struct plan_version_row version;
    bool found = false;
    TRY(plan_version_for_new(
        tx, &(struct plan_version_for_new_in){.plan_id = plan_id, .at = ctx_now(ctx)}, &version,
        &found));
    ASSERT(found);
    TRY(plan_version_view_load(ctx, tx, version.id, view));
    return plan_view_grants(ctx, tx, view);
}

enum err plan_view_grants(struct ctx *ctx, struct tx *tx, struct plan_view *view)
{
    view->entitlements = ARENA_NEW(ctx->arena, struct entitlements);
    return plan_entitlements_load(ctx, tx, view->row.id, view->entitlements);
}

struct plan_getting {
    struct str code;
    struct plan_view *view;
};

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct plan_getting *getting = arg;
    return plan_find(ctx, tx, getting->code, getting->view);
}

enum err plan_find(struct ctx *ctx, struct tx *tx, struct str code, struct plan_view *view)
{
    struct plan_row row;
    bool found = false;
    TRY(plan_by_code(tx, &(struct plan_by_code_in){.code = code}, &row, &found));
    if (!found)
        return fail_not_found(ctx, "plan", code);
    return load_current(ctx, tx, row.id, view);
}

enum err plan_get(struct ctx *ctx, struct str code, struct plan_view *view)
{
    struct plan_getting getting = {.code = code, .view = view};
    return tx_run(ctx, TX_READ, get, &getting);
}

struct plan_listing {
    int64_t limit, offset, total;
    struct plan_view *views;
    size_t count;
};

static enum err list(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct plan_listing *listing = arg;
    struct plan_row *rows = NULL;
    struct plan_count_row counted;
    bool found = false;
    TRY(plan_count(tx, &counted, &found));
    listing->total = counted.total;
    TRY(plan_page(tx, &(struct plan_page_in){.limit = listing->limit, .offset = listing->offset},
                  &rows, &listing->count));
    listing->views = ARENA_ARRAY(ctx->arena, listing->count, struct plan_view);
    for (size_t i = 0; i < listing->count; i++)
        TRY(load_current(ctx, tx, rows[i].id, &listing->views[i]));
    return ERR_NONE;
}

enum err plan_list(struct ctx *ctx, int64_t limit, int64_t offset, struct plan_view **views,
                   size_t *count, int64_t *total)
{
    struct plan_listing listing = {.limit = limit, .offset = offset};
    TRY(tx_run(ctx, TX_READ, list, &listing));
    *views = listing.views;
    *count = listing.count;
    *total = listing.total;
    return ERR_NONE;
}
