#include "api/fee_explain.h"

#include "api/api.h"
#include "api/fee.h"
#include "api/fixed_charge.h"
#include "base/none.h"

static void int_or_null(struct json_writer *out, const char *key, bool is_there, int64_t value)
{
    if (is_there)
        json_int(out, key, value);
    else
        json_null(out, key);
}

static void decimal_or_null(struct json_writer *out, const char *key, bool is_there,
                            struct decimal value)
{
    if (is_there)
        json_decimal(out, key, value);
    else
        json_null(out, key);
}

/* What stands there, and what comes out now. */
static void write_amounts(struct json_writer *out, const struct explained_fee *explained)
{
    const struct fee_row *fee = &explained->fee.row;
    const struct fee_row *derived = &explained->derived;
    bool is_there = explained->is_derived;
    json_bool(out, "matches", explained->matches);
    json_int(out, "amount_cents", fee->amount_minor);
    int_or_null(out, "recomputed_amount_cents", is_there, derived->amount_minor);
    json_str(out, "amount_currency", fee->currency);
    json_decimal(out, "precise_amount", fee->precise_amount);
    decimal_or_null(out, "recomputed_precise_amount", is_there, derived->precise_amount);
    json_decimal(out, "units", fee->units);
    decimal_or_null(out, "recomputed_units", is_there, derived->units);
    json_int(out, "events_count", fee->event_count);
    int_or_null(out, "recomputed_events_count", is_there, derived->event_count);
    int_or_null(out, "ingest_commit", fee->event_seq != INT_NONE, fee->event_seq);
}

static void write_plan(struct json_writer *out, const struct plan_view *plan)
{
    if (str_is_null(plan->row.code)) {
        json_null(out, "plan");
        return;
    }
    json_object(out, "plan");
    json_str(out, "code", plan->row.code);
    json_str(out, "name", plan->version.name);
    json_int(out, "version", plan->version.version);
    json_time(out, "effective_at", plan->version.effective_at);
    json_str(out, "interval", plan->version.billing_interval);
    json_str(out, "proration", plan->version.proration);
    json_object_end(out);
}

static void write_charge(struct json_writer *out, const struct face *face,
                         const struct explained_fee *explained)
{
    const struct charge_view *charge = &explained->charge;
    const struct charge_filter_row *filter = charge_part_filter(charge, explained->part);
    if (uuid_is_nil(charge->row.id)) {
        json_null(out, "charge");
        json_null(out, "billable_metric");
        return;
    }
    json_object(out, "charge");
    face_id(out, face, charge->row.lineage_id);
    json_str(out, "code", charge->row.code);
    json_str(out, "charge_model", charge->row.charge_model);
    json_raw(out, "filter_values", filter == NULL ? STR_NULL : filter->match_values);
    json_raw(out, "grouped_by", explained->fee.row.grouped_by);
    json_raw(out, "properties", filter == NULL ? charge->row.properties : filter->properties);
    json_object_end(out);
    json_object(out, "billable_metric");
    face_id(out, face, charge->metric.id);
    json_str(out, "code", charge->metric.code);
    json_str(out, "name", charge->metric.name);
    json_str(out, "aggregation_type", charge->metric.aggregation_type);
    json_bool(out, "recurring", charge->metric.is_recurring);
    json_object_end(out);
}

static void write_rule(struct json_writer *out, const struct face *face,
                       const struct resale_rule_row *rule)
{
    if (uuid_is_nil(rule->id)) {
        json_null(out, "resale_rule");
        return;
    }
    json_object(out, "resale_rule");
    face_id(out, face, rule->id);
    json_str(out, "code", rule->code);
    json_str(out, "name", rule->name);
    json_str(out, "method", rule->resale_method);
    json_decimal(out, "percent", rule->percent);
    json_str(out, "cost_column", rule->cost_column);
    json_object_end(out);
}

static void write_taxes(struct json_writer *out, const struct face *face,
                        const struct explained_fee *explained)
{
    json_array(out, "taxes");
    for (size_t i = 0; i < explained->tax_count; i++) {
        const struct explained_tax *tax = &explained->taxes[i];
        json_object(out, NULL);
        face_ref(out, face, "tax", tax->row->tax_id);
        json_str(out, "tax_code", tax->row->code);
        json_str(out, "tax_name", tax->row->name);
        face_number(out, face, "tax_rate", tax->row->rate);
        json_str(out, "source", tax->source == NULL ? STR_NULL : str_of(tax->source));
        json_int(out, "amount_cents", tax->row->amount_minor);
        json_int(out, "recomputed_amount_cents", tax->amount_minor);
        json_raw(out, "steps", tax->steps);
        json_object_end(out);
    }
    json_array_end(out);
}

void fee_explain_write(struct json_writer *out, const struct face *face, const char *key,
                       const struct explained_fee *explained)
{
    const struct fee_view *fee = &explained->fee;
    json_object(out, key);
    face_ref(out, face, "fee", fee->row.id);
    face_ref(out, face, "invoice", fee->is_alone ? UUID_NIL : fee->row.invoice_id);
    json_str(out, "invoice_number", explained->invoice.number);
    json_str(out, "fee_type", fee_type_shown(face, &fee->row));
    json_str(out, "item_code", fee->row.item_code);
    json_str(out, "item_name", fee->row.item_name);
    json_str(out, "external_subscription_id", fee->external_subscription_id);
    json_time(out, "from_date", fee->row.from_at);
    json_time(out, "to_date", last_instant(fee->timezone, fee->row.to_at, fee->ended_at));
    json_bool(out, "is_correction", fee->row.is_correction);
    json_bool(out, "is_true_up", fee->row.is_true_up);
    write_amounts(out, explained);
    write_plan(out, &explained->plan);
    write_charge(out, face, explained);
    if (uuid_is_nil(explained->fixed.row.id))
        json_null(out, "fixed_charge");
    else
        fixed_charge_write(out, face, "fixed_charge", &explained->fixed,
                           explained->plan.version.effective_at);
    write_rule(out, face, &explained->rule);
    json_raw(out, "steps", explained->steps);
    write_taxes(out, face, explained);
    json_object_end(out);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct explained_fee explained;
    TRY(api_path_uuid(req, 0, "fee", &id));
    TRY(fee_explain(req->ctx, id, &explained));
    json_object(out, NULL);
    fee_explain_write(out, req->face, "explanation", &explained);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route fee_explain_routes[] = {
    {HTTP_GET, "/fees/{id}/explanation", get, 0, 0},
    {0},
};
