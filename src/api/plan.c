#include "api/plan.h"

#include "api/api.h"
#include "api/bodies.h"
#include "api/entitlement.h"
#include "api/fixed_charge.h"
#include "api/tax.h"
#include "app/plan_change.h"

#define FILTER_FIELDS(values_flags)                                                       \
    {"values", BIND_RAW(charge_filter_input, values), .max = 1000000,                     \
     .flags = BIND_RAW_OBJECT | (values_flags)},                                          \
        {"invoice_display_name", BIND_TEXT(charge_filter_input, invoice_display_name),    \
         .sent = FILTER_DISPLAY_NAME},                                                    \
    {                                                                                     \
        "properties", BIND_RAW(charge_filter_input, properties), .max = 1000000,          \
                                                                 .flags = BIND_RAW_OBJECT \
    }
static const struct bind_field filter_fields[] = {FILTER_FIELDS(BIND_REQUIRED), {0}};
static const struct bind_table filter_table = {NULL, filter_fields,
                                               BIND_SENT_AT(charge_filter_input, sent)};

#define CHARGE_FIELDS(model_flags)                                                                 \
    {"billable_metric_id", BIND_TEXT(charge_input, metric_id)},                                    \
        {"billable_metric_code", BIND_TEXT(charge_input, metric_code)},                            \
        {"code", BIND_CODE(charge_input, code)},                                                   \
        {"invoice_display_name", BIND_TEXT(charge_input, invoice_display_name),                    \
         .sent = CHARGE_DISPLAY_NAME},                                                             \
        {"charge_model", BIND_CODE(charge_input, charge_model), .flags = (model_flags)},           \
        {"properties", BIND_RAW(charge_input, properties), .max = 1000000,                         \
         .flags = BIND_RAW_OBJECT},                                                                \
        {"tax_codes", BIND_TEXTS(charge_input, tax_codes, tax_code_count),                         \
         .sent = CHARGE_TAX_CODES},                                                                \
        {"pay_in_advance", BIND_BOOL(charge_input, pay_in_advance),                                \
         .sent = CHARGE_PAY_IN_ADVANCE},                                                           \
        {"invoiceable", BIND_BOOL(charge_input, invoiceable), .sent = CHARGE_INVOICEABLE},         \
        {"prorated", BIND_BOOL(charge_input, prorated), .sent = CHARGE_PRORATED},                  \
        {"min_amount_cents",                                                                       \
         BIND_INT(charge_input, min_amount_minor),                                                 \
         .min = 0,                                                                                 \
         .max = INT64_MAX / 1000,                                                                  \
         .flags = BIND_PRESET,                                                                     \
         .sent = CHARGE_MIN_AMOUNT},                                                               \
        {"max_amount_cents",                                                                       \
         BIND_INT(charge_input, max_amount_minor),                                                 \
         .min = 1,                                                                                 \
         .max = INT64_MAX / 1000,                                                                  \
         .flags = BIND_PRESET,                                                                     \
         .sent = CHARGE_MAX_AMOUNT},                                                               \
        {"filters", BIND_OBJECTS(charge_input, filters, filter_count, &filter_table),              \
         .max = FILTERS_MAX, .sent = CHARGE_FILTERS},                                              \
        {"regroup_paid_fees", BIND_TEXT(charge_input, regroup_paid_fees), .sent = CHARGE_REGROUP}, \
        {"accepts_target_wallet", BIND_UNSUPPORTED},                                               \
    {                                                                                              \
        "applied_pricing_unit", BIND_UNSUPPORTED                                                   \
    }
static const struct bind_field charge_body_fields[] = {CHARGE_FIELDS(BIND_REQUIRED), {0}};
static const struct bind_table charge_table = {NULL, charge_body_fields,
                                               BIND_SENT_AT(charge_input, sent)};
/* Of a change: the charge that it goes on from may be named, and what is left out is kept. */
static const struct bind_field charge_change_fields[] = {
    {"id", BIND_UUID(charge_input, lineage_id)},
    {"lago_id", BIND_UUID(charge_input, lineage_id)},
    CHARGE_FIELDS(BIND_NOT_EMPTY),
    {0},
};
const struct bind_table plan_charge_change_table = {NULL, charge_change_fields,
                                                    BIND_SENT_AT(charge_input, sent)};

#define FIXED_FIELDS(model_flags)                                                              \
    {"add_on_id", BIND_TEXT(fixed_charge_input, add_on_id)},                                   \
        {"add_on_code", BIND_TEXT(fixed_charge_input, add_on_code)},                           \
        {"code", BIND_CODE(fixed_charge_input, code)},                                         \
        {"invoice_display_name", BIND_TEXT(fixed_charge_input, invoice_display_name),          \
         .sent = FIXED_DISPLAY_NAME},                                                          \
        {"charge_model", BIND_CODE(fixed_charge_input, charge_model), .flags = (model_flags)}, \
        {"properties", BIND_RAW(fixed_charge_input, properties), .max = 1000000,               \
         .flags = BIND_RAW_OBJECT},                                                            \
        {"units",                                                                              \
         BIND_DECIMAL(fixed_charge_input, units),                                              \
         .digits = FIXED_UNITS_DIGITS,                                                         \
         .decimals = FIXED_UNITS_DIGITS,                                                       \
         .flags = BIND_NOT_EMPTY | BIND_NOT_NEGATIVE,                                          \
         .sent = FIXED_UNITS},                                                                 \
        {"pay_in_advance", BIND_BOOL(fixed_charge_input, pay_in_advance),                      \
         .sent = FIXED_PAY_IN_ADVANCE},                                                        \
        {"prorated", BIND_BOOL(fixed_charge_input, prorated), .sent = FIXED_PRORATED},         \
    {                                                                                          \
        "tax_codes", BIND_TEXTS(fixed_charge_input, tax_codes, tax_code_count),                \
            .sent = FIXED_TAX_CODES                                                            \
    }
static const struct bind_field fixed_body_fields[] = {FIXED_FIELDS(BIND_REQUIRED), {0}};
static const struct bind_table fixed_table = {NULL, fixed_body_fields,
                                              BIND_SENT_AT(fixed_charge_input, sent)};
static const struct bind_field fixed_change_fields[] = {
    {"id", BIND_UUID(fixed_charge_input, lineage_id)},
    {"lago_id", BIND_UUID(fixed_charge_input, lineage_id)},
    FIXED_FIELDS(BIND_NOT_EMPTY),
    {"apply_units_immediately", BIND_BOOL(fixed_charge_input, units_at_once)},
    {0},
};
const struct bind_table plan_fixed_change_table = {NULL, fixed_change_fields,
                                                   BIND_SENT_AT(fixed_charge_input, sent)};

static const struct bind_word applies_words[] = {{"all", PLAN_APPLIES_TO_ALL},
                                                 {"new", PLAN_APPLIES_TO_NEW},
                                                 {"at_renewal", PLAN_APPLIES_TO_AT_RENEWAL},
                                                 {0}};

/* ---- one part by itself ---------------------------------------------------------------------- */

#define TIMING_FIELDS(s, member)                                        \
    {"effective_at", BIND_INSTANT(s, member effective_at)},             \
        {"applies_to", BIND_WORD(s, member applies_to, applies_words)}, \
    {                                                                   \
        "cascade_updates", BIND_BOOL(s, member cascade_updates)         \
    }

/* The input stands first, so that its fields are where the lists' tables have them. */
_Static_assert(offsetof(struct charge_request, input) == 0, "first");
_Static_assert(offsetof(struct filter_request, input) == 0, "first");
_Static_assert(offsetof(struct fixed_charge_request, input) == 0, "first");

static const struct bind_field charge_part_fields[] = {
    CHARGE_FIELDS(BIND_REQUIRED), TIMING_FIELDS(charge_request, timing.), {0}};
const struct bind_table charge_body = {"charge", charge_part_fields,
                                       BIND_SENT_AT(charge_request, input.sent)};
static const struct bind_field charge_part_change_fields[] = {
    CHARGE_FIELDS(BIND_NOT_EMPTY), TIMING_FIELDS(charge_request, timing.), {0}};
const struct bind_table charge_change_body = {"charge", charge_part_change_fields,
                                              BIND_SENT_AT(charge_request, input.sent)};

static const struct bind_field filter_part_fields[] = {
    FILTER_FIELDS(BIND_REQUIRED), TIMING_FIELDS(filter_request, timing.), {0}};
const struct bind_table filter_body = {"filter", filter_part_fields,
                                       BIND_SENT_AT(filter_request, input.sent)};
static const struct bind_field filter_part_change_fields[] = {
    FILTER_FIELDS(0), TIMING_FIELDS(filter_request, timing.), {0}};
const struct bind_table filter_change_body = {"filter", filter_part_change_fields,
                                              BIND_SENT_AT(filter_request, input.sent)};

static const struct bind_field fixed_part_fields[] = {
    FIXED_FIELDS(BIND_REQUIRED),
    {"apply_units_immediately", BIND_BOOL(fixed_charge_input, units_at_once)},
    TIMING_FIELDS(fixed_charge_request, timing.),
    {0}};
const struct bind_table fixed_charge_body = {"fixed_charge", fixed_part_fields,
                                             BIND_SENT_AT(fixed_charge_request, input.sent)};
static const struct bind_field fixed_part_change_fields[] = {
    FIXED_FIELDS(BIND_NOT_EMPTY),
    {"apply_units_immediately", BIND_BOOL(fixed_charge_input, units_at_once)},
    TIMING_FIELDS(fixed_charge_request, timing.),
    {0}};
const struct bind_table fixed_charge_change_body = {"fixed_charge", fixed_part_change_fields,
                                                    BIND_SENT_AT(fixed_charge_request, input.sent)};

static const struct bind_field remove_fields[] = {TIMING_FIELDS(timing_request, ), {0}};
const struct bind_table charge_remove_body = {"charge", remove_fields, 0};
const struct bind_table filter_remove_body = {"filter", remove_fields, 0};
const struct bind_table fixed_charge_remove_body = {"fixed_charge", remove_fields, 0};

/* ---- a plan ---------------------------------------------------------------------------------- */

static const struct bind_word prorations[] = {{"days", 0}, {"fixed_30", 1}, {"none", 2}, {0}};

#define AT(member) input.member
static const struct bind_field plan_body_fields[] = {
    {"name", BIND_TEXT(plan_request, AT(name)), .flags = BIND_REQUIRED},
    {"code", BIND_CODE(plan_request, AT(code)), .flags = BIND_REQUIRED},
    {"invoice_display_name", BIND_TEXT(plan_request, AT(invoice_display_name))},
    {"description", BIND_TEXT(plan_request, AT(description)), .max = 600},
    {"interval", BIND_CODE(plan_request, AT(billing_interval)), .flags = BIND_REQUIRED},
    {"amount_cents", BIND_INT(plan_request, AT(amount_minor)), .min = 0, .max = INT64_MAX / 1000,
     .flags = BIND_REQUIRED},
    {"amount_currency", BIND_CURRENCY(plan_request, AT(currency)), .flags = BIND_REQUIRED},
    {"pay_in_advance", BIND_BOOL(plan_request, AT(pay_in_advance))},
    {"bill_charges_monthly", BIND_BOOL(plan_request, AT(bill_charges_monthly))},
    {"bill_fixed_charges_monthly", BIND_BOOL(plan_request, AT(bill_fixed_charges_monthly))},
    {"proration", BIND_WORD(plan_request, proration, prorations)},
    {"charges", BIND_OBJECTS(plan_request, charges, AT(charge_count), &charge_table),
     .max = PLAN_CHARGES_MAX},
    {"fixed_charges",
     BIND_OBJECTS(plan_request, fixed_charges, AT(fixed_charge_count), &fixed_table),
     .max = FIXED_CHARGES_MAX},
    {"tax_codes", BIND_TEXTS(plan_request, AT(tax_codes), AT(tax_code_count))},
    {"trial_period", BIND_UNSUPPORTED},
    {"minimum_commitment", BIND_UNSUPPORTED},
    {"usage_thresholds", BIND_UNSUPPORTED},
    {"entitlements", BIND_RAW(plan_request, AT(entitlements)), .max = ENTITLEMENTS_BYTES_MAX,
     .flags = BIND_RAW_OBJECT},
    {"metadata", BIND_UNSUPPORTED},
    {0},
};
#undef AT
const struct bind_table plan_body = {"plan", plan_body_fields, 0};

struct plan_change_request {
    struct plan_change change;
    struct charge_input *charges;
    struct fixed_charge_input *fixed_charges;
    int proration;
    int applies_to;
};

#define AT(member) change.input.member
static const struct bind_field plan_change_fields[] = {
    {"name", BIND_TEXT(plan_change_request, AT(name)), .flags = BIND_NOT_EMPTY, .sent = PLAN_NAME},
    {"code", BIND_CODE(plan_change_request, AT(code)), .flags = BIND_NOT_EMPTY, .sent = PLAN_CODE},
    {"invoice_display_name", BIND_TEXT(plan_change_request, AT(invoice_display_name)),
     .sent = PLAN_DISPLAY_NAME},
    {"description", BIND_TEXT(plan_change_request, AT(description)), .max = 600,
     .sent = PLAN_DESCRIPTION},
    {"interval", BIND_CODE(plan_change_request, AT(billing_interval)), .flags = BIND_NOT_EMPTY,
     .sent = PLAN_INTERVAL},
    {"amount_cents", BIND_INT(plan_change_request, AT(amount_minor)), .min = 0,
     .max = INT64_MAX / 1000, .flags = BIND_NOT_EMPTY, .sent = PLAN_AMOUNT},
    {"amount_currency", BIND_CURRENCY(plan_change_request, AT(currency)), .flags = BIND_NOT_EMPTY,
     .sent = PLAN_CURRENCY},
    {"pay_in_advance", BIND_BOOL(plan_change_request, AT(pay_in_advance)),
     .sent = PLAN_PAY_IN_ADVANCE},
    {"bill_charges_monthly", BIND_BOOL(plan_change_request, AT(bill_charges_monthly)),
     .sent = PLAN_BILL_CHARGES_MONTHLY},
    {"bill_fixed_charges_monthly", BIND_BOOL(plan_change_request, AT(bill_fixed_charges_monthly)),
     .sent = PLAN_BILL_FIXED_MONTHLY},
    {"proration", BIND_WORD(plan_change_request, proration, prorations), .sent = PLAN_PRORATION},
    {"charges",
     BIND_OBJECTS(plan_change_request, charges, AT(charge_count), &plan_charge_change_table),
     .max = PLAN_CHARGES_MAX, .sent = PLAN_CHARGES},
    {"fixed_charges",
     BIND_OBJECTS(plan_change_request, fixed_charges, AT(fixed_charge_count),
                  &plan_fixed_change_table),
     .max = FIXED_CHARGES_MAX, .sent = PLAN_FIXED_CHARGES},
    {"tax_codes", BIND_TEXTS(plan_change_request, AT(tax_codes), AT(tax_code_count)),
     .sent = PLAN_TAX_CODES},
    {"effective_at", BIND_INSTANT(plan_change_request, change.effective_at)},
    {"applies_to", BIND_WORD(plan_change_request, applies_to, applies_words)},
    {"cascade_updates", BIND_BOOL(plan_change_request, change.cascade_updates)},
    {"trial_period", BIND_UNSUPPORTED},
    {"minimum_commitment", BIND_UNSUPPORTED},
    {"usage_thresholds", BIND_UNSUPPORTED},
    {"entitlements", BIND_RAW(plan_change_request, AT(entitlements)), .max = ENTITLEMENTS_BYTES_MAX,
     .flags = BIND_RAW_OBJECT, .sent = PLAN_ENTITLEMENTS},
    {"metadata", BIND_UNSUPPORTED},
    {0},
};
#undef AT
static const struct bind_table plan_change_body = {"plan", plan_change_fields,
                                                   BIND_SENT_AT(plan_change_request, change.sent)};

void charge_filter_write(struct json_writer *out, const struct face *face, const char *key,
                         const struct charge_filter_row *filter, struct str charge_code)
{
    json_object(out, key);
    face_id(out, face, filter->lineage_id);
    json_str(out, "charge_code", charge_code);
    json_str(out, "invoice_display_name", filter->invoice_display_name);
    json_raw(out, "values", filter->match_values);
    json_raw(out, "properties", filter->properties);
    json_object_end(out);
}

void charge_write(struct json_writer *out, const struct face *face, const char *key,
                  const struct charge_view *charge, int64_t created_at)
{
    json_object(out, key);
    face_id(out, face, charge->row.lineage_id);
    face_ref(out, face, "parent", charge->parent_id);
    face_ref(out, face, "billable_metric", charge->metric.id);
    json_str(out, "billable_metric_code", charge->metric.code);
    json_str(out, "code", charge->row.code);
    json_str(out, "invoice_display_name", charge->row.invoice_display_name);
    json_str(out, "charge_model", charge->row.charge_model);
    json_bool(out, "pay_in_advance", charge->row.pay_in_advance);
    json_bool(out, "invoiceable", charge->row.is_invoiceable);
    json_str(out, "regroup_paid_fees", charge->row.regroup_paid_fees);
    json_bool(out, "prorated", charge->row.prorated);
    json_int(out, "min_amount_cents", charge->row.min_amount_minor);
    if (charge->row.max_amount_minor > 0)
        json_int(out, "max_amount_cents", charge->row.max_amount_minor);
    else
        json_null(out, "max_amount_cents");
    json_raw(out, "properties", charge->row.properties);
    json_array(out, "filters");
    for (size_t i = 0; i < charge->filter_count; i++)
        charge_filter_write(out, face, NULL, &charge->filters[i], charge->row.code);
    json_array_end(out);
    tax_array(out, face, charge->taxes, charge->tax_count);
    json_time(out, "created_at", created_at);
    json_object_end(out);
}

void fixed_charge_write(struct json_writer *out, const struct face *face, const char *key,
                        const struct fixed_charge_view *view, int64_t created_at)
{
    const struct fixed_charge_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->lineage_id);
    face_ref(out, face, "parent", view->parent_id);
    face_ref(out, face, "add_on", view->add_on.id);
    json_str(out, "add_on_code", view->add_on.code);
    json_str(out, "code", row->code);
    json_str(out, "invoice_display_name", row->invoice_display_name);
    json_str(out, "charge_model", row->charge_model);
    json_raw(out, "properties", row->properties);
    json_decimal(out, "units", row->units);
    json_bool(out, "pay_in_advance", row->pay_in_advance);
    json_bool(out, "prorated", row->prorated);
    tax_array(out, face, view->taxes, view->tax_count);
    json_time(out, "created_at", created_at);
    json_object_end(out);
}

void plan_write(struct json_writer *out, const struct face *face, const char *key,
                const struct plan_view *view)
{
    const struct plan_version_row *version = &view->version;
    json_object(out, key);
    face_id(out, face, view->row.id);
    json_uuid(out, "parent_id", view->row.parent_id);
    json_str(out, "code", view->row.code);
    json_str(out, "name", version->name);
    json_str(out, "invoice_display_name", version->invoice_display_name);
    json_str(out, "description", version->description);
    json_int(out, "version", version->version);
    json_time(out, "effective_at", version->effective_at);
    json_str(out, "applies_to", version->applies_to);
    json_str(out, "interval", version->billing_interval);
    json_int(out, "amount_cents", version->amount_minor);
    json_str(out, "amount_currency", version->currency);
    json_bool(out, "pay_in_advance", version->pay_in_advance);
    json_bool(out, "bill_charges_monthly", version->bill_charges_monthly);
    json_bool(out, "bill_fixed_charges_monthly", version->bill_fixed_charges_monthly);
    json_str(out, "proration", version->proration);
    json_array(out, "charges");
    for (size_t i = 0; i < view->charge_count; i++)
        charge_write(out, face, NULL, &view->charges[i], version->effective_at);
    json_array_end(out);
    json_array(out, "fixed_charges");
    for (size_t i = 0; i < view->fixed_charge_count; i++)
        fixed_charge_write(out, face, NULL, &view->fixed_charges[i], version->effective_at);
    json_array_end(out);
    tax_array(out, face, view->taxes, view->tax_count);
    if (view->entitlements != NULL)
        entitlements_write(out, "entitlements", view->entitlements);
    json_time(out, "created_at", view->row.created_at);
    json_object_end(out);
}

static enum err answer_plan(struct api_request *req, struct json_writer *out,
                            const struct plan_view *view)
{
    json_object(out, NULL);
    plan_write(out, req->face, "plan", view);
    json_object_end(out);
    return ERR_NONE;
}

const struct plan_input *plan_request_input(struct plan_request *request)
{
    request->input.charges = request->charges;
    request->input.fixed_charges = request->fixed_charges;
    request->input.proration = str_of(bind_word_of(prorations, request->proration));
    return &request->input;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct plan_request body = {0};
    struct plan_view view;
    TRY(api_body(req, &plan_body, &body));
    TRY(plan_create(req->ctx, plan_request_input(&body), &view));
    api_created(req);
    return answer_plan(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct plan_view view;
    TRY(plan_get(req->ctx, api_path(req, 0), &view));
    return answer_plan(req, out, &view);
}

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct plan_change_request body = {0};
    struct plan_view view;
    TRY(api_body(req, &plan_change_body, &body));
    body.change.code = api_path(req, 0);
    body.change.input.charges = body.charges;
    body.change.input.fixed_charges = body.fixed_charges;
    body.change.input.proration = str_of(bind_word_of(prorations, body.proration));
    body.change.applies_to = (enum plan_applies_to)body.applies_to;
    TRY(plan_change(req->ctx, &body.change, &view));
    return answer_plan(req, out, &view);
}

static enum err delete (struct api_request *req, struct json_writer *out) {
    struct plan_view view; TRY(plan_delete(req->ctx, api_path(req, 0), &view));
    return answer_plan(req, out, &view);
}

static enum err versions(struct api_request *req, struct json_writer *out)
{
    struct plan_view *views = NULL;
    size_t count = 0;
    struct api_page page;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(plan_versions(req->ctx, api_path(req, 0), &views, &count));
    api_list(out, "versions");
    for (int64_t i = page.offset; i < (int64_t)count && i < page.offset + page.limit; i++)
        plan_write(out, req->face, NULL, &views[i]);
    api_list_end(out, &page, (int64_t)count);
    return ERR_NONE;
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct plan_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(plan_list(req->ctx, page.limit, page.offset, &views, &count, &total));
    api_list(out, "plans");
    for (size_t i = 0; i < count; i++)
        plan_write(out, req->face, NULL, &views[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route plan_routes[] = {
    {HTTP_POST, "/plans", create, 0, (size_t)4 << 20},
    {HTTP_GET, "/plans", list, 0, 0},
    {HTTP_GET, "/plans/{code}", get, 0, 0},
    {HTTP_PUT, "/plans/{code}", change, 0, (size_t)4 << 20},
    {HTTP_DELETE, "/plans/{code}", delete, 0, 0},
    {HTTP_GET, "/plans/{code}/versions", versions, 0, 0},
    {0},
};
