#include "app/current_usage.h"

#include "api/api.h"
#include "base/time.h"

struct usage_query_params {
    struct str external_subscription_id;
    int apply_taxes;
};

static const struct bind_word yes_no[] = {{"true", 1}, {"false", 0}, {0}};
static const struct bind_field usage_query_fields[] = {
    {"external_subscription_id", BIND_TEXT(usage_query_params, external_subscription_id),
     .flags = BIND_REQUIRED},
    {"apply_taxes", BIND_WORD(usage_query_params, apply_taxes, yes_no), .preset = 1},
    {0},
};
static const struct bind_table usage_query_table = {NULL, usage_query_fields, 0};

static void write_amounts(struct json_writer *out, const struct fee_row *fee)
{
    json_decimal(out, "units", fee->units);
    json_decimal(out, "total_aggregated_units",
                 decimal_is_none(fee->total_units) ? fee->units : fee->total_units);
    json_int(out, "events_count", fee->event_count);
    json_int(out, "amount_cents", fee->amount_minor);
    json_null(out, "pricing_unit_details");
}

/* The last one is for what no filter takes: it has no values. */
static void write_filter(struct json_writer *out, const struct face *face,
                         const struct usage_of_charge *usage, size_t part)
{
    const struct charge_filter_row *filter = charge_part_filter(usage->charge, part);
    json_object(out, NULL);
    face_ref(out, face, "charge_filter", filter == NULL ? UUID_NIL : filter->lineage_id);
    json_str(out, "invoice_display_name", filter == NULL ? STR_NULL : filter->invoice_display_name);
    json_raw(out, "values", filter == NULL ? STR_NULL : filter->match_values);
    write_amounts(out, &usage->parts[part]);
    json_raw(out, "explanation", usage->parts[part].explanation);
    json_object_end(out);
}

static void write_charge(struct json_writer *out, const struct face *face,
                         const struct usage_of_charge *usage)
{
    const struct charge_view *charge = usage->charge;
    json_object(out, NULL);
    write_amounts(out, &usage->fee);
    json_str(out, "amount_currency", usage->fee.currency);
    json_object(out, "charge");
    face_id(out, face, charge->row.id);
    json_str(out, "charge_model", charge->row.charge_model);
    json_str(out, "invoice_display_name", charge->row.invoice_display_name);
    json_object_end(out);
    json_object(out, "billable_metric");
    face_id(out, face, charge->metric.id);
    json_str(out, "name", charge->metric.name);
    json_str(out, "code", charge->metric.code);
    json_str(out, "aggregation_type", charge->metric.aggregation_type);
    json_object_end(out);
    json_array(out, "filters");
    for (size_t i = 0; charge->filter_count > 0 && i < charge_part_count(charge); i++)
        write_filter(out, face, usage, i);
    json_array_end(out);
    json_array(out, "grouped_usage");
    json_array_end(out);
    json_raw(out, "explanation", usage->fee.explanation);
    json_object_end(out);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct usage_query_params query = {0};
    struct current_usage_view view;
    TRY(api_query(req, &usage_query_table, &query));
    TRY(current_usage_get(req->ctx, api_path(req, 0), query.external_subscription_id, &view));
    int64_t taxes = query.apply_taxes == 1 ? view.build.row.taxes_amount_minor : 0;
    json_object(out, NULL);
    json_object(out, "customer_usage");
    json_time(out, "from_datetime", view.from_at);
    json_time(out, "to_datetime", view.to_at - TIME_SECOND);
    json_day(out, "issuing_date", view.issuing_day);
    json_str(out, "currency", view.build.row.currency);
    json_int(out, "amount_cents", view.build.row.fees_amount_minor);
    json_int(out, "taxes_amount_cents", taxes);
    json_int(out, "total_amount_cents", view.build.row.fees_amount_minor + taxes);
    json_array(out, "charges_usage");
    for (size_t i = 0; i < view.count; i++)
        write_charge(out, req->face, &view.charges[i]);
    json_array_end(out);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route current_usage_routes[] = {
    {HTTP_GET, "/customers/{external_id}/current_usage", get, 0, 0},
    {0},
};
