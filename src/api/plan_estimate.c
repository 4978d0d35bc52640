/* plan_estimate.c - the price calculator: a plan and quantities in, the fees of a bill out. */
#include "app/plan_estimate.h"

#include "api/api.h"
#include "api/bodies.h"
#include "api/fee.h"
#include "api/plan.h"
#include "base/none.h"
#include "base/time.h"

#define UNITS_DIGITS   19
#define UNITS_DECIMALS 15

static const struct bind_field said_cell_fields[] = {
    {"window", BIND_TEXT(estimate_cell, window)},
    {"row", BIND_TEXT(estimate_cell, row)},
    {"column", BIND_TEXT(estimate_cell, column)},
    {"units", BIND_DECIMAL(estimate_cell, units), .digits = UNITS_DIGITS,
     .decimals = UNITS_DECIMALS, .flags = BIND_REQUIRED | BIND_NOT_NEGATIVE},
    {0},
};
static const struct bind_table said_cell_table = {NULL, said_cell_fields, 0};

#define USE_FIELDS(owner)                                                                         \
    {"units", BIND_DECIMAL(owner, use.units), .digits = UNITS_DIGITS, .decimals = UNITS_DECIMALS, \
     .flags = BIND_NOT_NEGATIVE},                                                                 \
        {"events_count", BIND_INT(owner, use.event_count), .min = 0, .max = INT64_MAX / 1000},    \
        {"event_values", BIND_TEXTS(owner, use.values, use.value_count)},                         \
        {"cells", BIND_OBJECTS(owner, use.cells, use.cell_count, &said_cell_table), .max = 1000}, \
    {                                                                                             \
        "precise_total_amount_cents", BIND_DECIMAL(owner, use.own_cents),                         \
            .digits = UNITS_DIGITS, .decimals = UNITS_DECIMALS, .flags = BIND_NOT_NEGATIVE        \
    }

static const struct bind_field said_filter_fields[] = {
    {"values", BIND_RAW(estimate_filter, values), .max = 1000000,
     .flags = BIND_RAW_OBJECT | BIND_REQUIRED},
    USE_FIELDS(estimate_filter),
    {0},
};
static const struct bind_table said_filter_table = {NULL, said_filter_fields, 0};

static const struct bind_field said_charge_fields[] = {
    {"charge_code", BIND_CODE(estimate_charge, code)},
    {"billable_metric_code", BIND_CODE(estimate_charge, metric_code)},
    USE_FIELDS(estimate_charge),
    {"filters", BIND_OBJECTS(estimate_charge, filters, filter_count, &said_filter_table),
     .max = 1000},
    {0},
};
static const struct bind_table said_charge_table = {NULL, said_charge_fields, 0};

static const struct bind_field said_fixed_fields[] = {
    {"fixed_charge_code", BIND_CODE(estimate_fixed, code)},
    {"add_on_code", BIND_CODE(estimate_fixed, add_on_code)},
    {"units", BIND_DECIMAL(estimate_fixed, units), .digits = FIXED_UNITS_DIGITS,
     .decimals = FIXED_UNITS_DIGITS, .flags = BIND_REQUIRED | BIND_NOT_NEGATIVE},
    {0},
};
static const struct bind_table said_fixed_table = {NULL, said_fixed_fields, 0};

enum { ESTIMATE_PLAN = 1 };

static const struct bind_word billing_times[] = {{"calendar", 0}, {"anniversary", 1}, {0}};

struct estimate_request {
    struct plan_estimate_input input;
    struct plan_request plan;
    int billing_time;
    uint64_t sent;
};

#define AT(member) input.member
static const struct bind_field estimate_fields[] = {
    {"plan_code", BIND_CODE(estimate_request, AT(plan_code))},
    {"plan", BIND_OBJECT(estimate_request, plan, &plan_body), .sent = ESTIMATE_PLAN},
    {"external_customer_id", BIND_TEXT(estimate_request, AT(external_customer_id))},
    {"billing_entity_code", BIND_CODE(estimate_request, AT(billing_entity_code))},
    {"tax_codes", BIND_TEXTS(estimate_request, AT(tax_codes), AT(tax_code_count))},
    {"billing_time", BIND_WORD(estimate_request, billing_time, billing_times)},
    {"from_date", BIND_DAY(estimate_request, AT(from_day))},
    {"to_date", BIND_DAY(estimate_request, AT(to_day))},
    {"charges", BIND_OBJECTS(estimate_request, AT(charges), AT(charge_count), &said_charge_table),
     .max = ESTIMATE_CHARGES_MAX},
    {"fixed_charges",
     BIND_OBJECTS(estimate_request, AT(fixed_charges), AT(fixed_charge_count), &said_fixed_table),
     .max = FIXED_CHARGES_MAX},
    {0},
};
#undef AT
static const struct bind_table estimate_body = {"estimate", estimate_fields,
                                                BIND_SENT_AT(estimate_request, sent)};

static void write_item(struct json_writer *out, const struct face *face,
                       const struct fee_view *view, struct str charge_code)
{
    const struct fee_row *row = &view->row;
    json_object(out, "item");
    json_str(out, "type", fee_type_shown(face, row));
    json_str(out, "code", row->item_code);
    json_str(out, "name", row->item_name);
    json_str(out, "invoice_display_name",
             str_is_null(view->invoice_display_name) ? row->item_name : view->invoice_display_name);
    json_str(out, "charge_code", charge_code);
    json_raw(out, "filters", view->filter_values);
    json_str(out, "filter_invoice_display_name", view->filter_display_name);
    json_object_end(out);
}

static void write_fee(struct json_writer *out, const struct face *face, const struct fee_view *view,
                      struct str charge_code)
{
    const struct fee_row *row = &view->row;
    json_object(out, NULL);
    write_item(out, face, view, charge_code);
    fee_amounts_write(out, face, row);
    json_time(out, "from_date", row->from_at);
    json_time(out, "to_date", last_instant(view->timezone, row->to_at, TIME_NONE));
    json_bool(out, "is_true_up", row->is_true_up);
    json_array(out, "applied_taxes");
    for (size_t i = 0; i < view->tax_count; i++) {
        json_object(out, NULL);
        json_str(out, "tax_code", view->taxes[i].code);
        json_str(out, "tax_name", view->taxes[i].name);
        face_number(out, face, "tax_rate", view->taxes[i].rate);
        json_int(out, "amount_cents", view->taxes[i].amount_minor);
        json_str(out, "amount_currency", row->currency);
        json_object_end(out);
    }
    json_array_end(out);
    json_raw(out, "explanation", row->explanation);
    json_object_end(out);
}

static void write_totals(struct json_writer *out, const struct face *face,
                         const struct plan_estimate *estimate)
{
    const struct invoice_build *build = &estimate->build;
    json_int(out, "subscription_amount_cents", estimate->plan_minor);
    json_int(out, "charges_amount_cents", estimate->usage_minor);
    json_int(out, "fixed_charges_amount_cents", estimate->fixed_minor);
    json_int(out, "sub_total_excluding_taxes_amount_cents", build->row.fees_amount_minor);
    json_array(out, "applied_taxes");
    for (size_t i = 0; i < build->tax_count; i++) {
        const struct invoice_tax_row *tax = &build->taxes[i];
        json_object(out, NULL);
        json_str(out, "tax_code", tax->code);
        json_str(out, "tax_name", tax->name);
        face_number(out, face, "tax_rate", tax->rate);
        json_int(out, "fees_amount_cents", tax->fees_amount_minor);
        json_int(out, "amount_cents", tax->amount_minor);
        json_str(out, "amount_currency", build->row.currency);
        json_object_end(out);
    }
    json_array_end(out);
    json_int(out, "taxes_amount_cents", build->row.taxes_amount_minor);
    json_int(out, "total_amount_cents", build->row.total_amount_minor);
}

static enum err estimate(struct api_request *req, struct json_writer *out)
{
    struct estimate_request body = {.input = {.from_day = DAY_NONE, .to_day = DAY_NONE}};
    struct plan_estimate result;
    TRY(api_body(req, &estimate_body, &body));
    body.input.plan = (body.sent & ESTIMATE_PLAN) != 0 ? plan_request_input(&body.plan) : NULL;
    body.input.billing_time = str_of(bind_word_of(billing_times, body.billing_time));
    TRY(plan_estimate(req->ctx, &body.input, &result));
    json_object(out, NULL);
    json_object(out, "estimate");
    json_str(out, "plan_code", result.plan->row.code);
    json_str(out, "interval", result.plan->version.billing_interval);
    json_str(out, "currency", result.build.row.currency);
    json_str(out, "timezone", result.build.row.timezone);
    json_day(out, "from_date", result.from_day);
    json_day(out, "to_date", result.end_day - 1);
    json_array(out, "fees");
    for (size_t i = 0; i < result.fee_count; i++)
        write_fee(out, req->face, &result.fees[i], result.charge_codes[i]);
    json_array_end(out);
    write_totals(out, req->face, &result);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route plan_estimate_routes[] = {
    {HTTP_POST, "/plans/estimate", estimate, API_READS, (size_t)4 << 20},
    {0},
};
