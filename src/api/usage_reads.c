/* usage_reads.c - usage of periods that were billed, of the period to its end, of a whole life. */
#include "app/lifetime_usage.h"
#include "app/past_usage.h"
#include "app/projected_usage.h"

#include "api/api.h"
#include "api/fee.h"
#include "base/none.h"
#include "base/time.h"

static void write_metric(struct json_writer *out, const struct face *face,
                         const struct billable_metric_row *metric)
{
    json_object(out, "billable_metric");
    face_id(out, face, metric->id);
    json_str(out, "name", metric->name);
    json_str(out, "code", metric->code);
    json_str(out, "aggregation_type", metric->aggregation_type);
    json_object_end(out);
}

static void write_charge(struct json_writer *out, const struct face *face,
                         const struct charge_row *charge)
{
    json_object(out, "charge");
    face_id(out, face, charge->id);
    json_str(out, "charge_model", charge->charge_model);
    json_str(out, "invoice_display_name", charge->invoice_display_name);
    json_object_end(out);
}

/* ---- past ------------------------------------------------------------------------------------ */

static const struct bind_field past_fields[] = {
    {"external_subscription_id", BIND_TEXT(past_usage_query, external_subscription_id),
     .flags = BIND_REQUIRED},
    {"billable_metric_code", BIND_TEXT(past_usage_query, metric_code)},
    {"periods_count", BIND_INT(past_usage_query, periods_max), .min = 1, .max = 1000000},
    {0},
};
static const struct bind_table past_table = {NULL, past_fields, 0};

static void write_past_amounts(struct json_writer *out, const struct past_amounts *amounts)
{
    json_decimal(out, "units", amounts->units);
    json_decimal(out, "total_aggregated_units", amounts->total_units);
    json_int(out, "events_count", amounts->event_count);
    json_int(out, "amount_cents", amounts->amount_minor);
}

static void write_past_filters(struct json_writer *out, const struct face *face,
                               const struct past_whole *whole)
{
    json_array(out, "filters");
    for (size_t i = 0; i < whole->filter_count; i++) {
        const struct past_filter *filter = &whole->filters[i];
        json_object(out, NULL);
        face_ref(out, face, "charge_filter", filter->row.lineage_id);
        json_str(out, "invoice_display_name", filter->row.invoice_display_name);
        json_raw(out, "values", filter->row.match_values);
        write_past_amounts(out, &filter->amounts);
        json_object_end(out);
    }
    json_array_end(out);
}

static void write_past_groups(struct json_writer *out, const struct face *face,
                              const struct past_charge *charge)
{
    json_array(out, "grouped_usage");
    for (size_t i = 0; i < charge->group_count; i++) {
        const struct past_group *group = &charge->groups[i];
        json_object(out, NULL);
        json_raw(out, "grouped_by", group->grouped_by);
        write_past_amounts(out, &group->whole.amounts);
        write_past_filters(out, face, &group->whole);
        json_object_end(out);
    }
    json_array_end(out);
}

static void write_past_charge(struct json_writer *out, const struct face *face,
                              const struct past_period *period, const struct past_charge *charge)
{
    json_object(out, NULL);
    write_past_amounts(out, &charge->whole.amounts);
    json_str(out, "amount_currency", period->invoice.currency);
    write_charge(out, face, &charge->row);
    write_metric(out, face, &charge->metric);
    write_past_filters(out, face, &charge->whole);
    write_past_groups(out, face, charge);
    json_object_end(out);
}

static void write_period(struct json_writer *out, const struct face *face,
                         const struct past_period *period)
{
    const struct invoice_row *invoice = &period->invoice;
    json_object(out, NULL);
    json_time(out, "from_datetime", period->row.charges_from_at);
    json_time(out, "to_datetime",
              last_instant(invoice->timezone, period->row.charges_to_at, period->ended_at));
    json_day(out, "issuing_date", invoice->issuing_day);
    face_ref(out, face, "invoice", invoice->id);
    face_ref(out, face, "subscription", period->row.subscription_id);
    json_str(out, "currency", invoice->currency);
    json_int(out, "amount_cents", period->amount_minor);
    json_int(out, "taxes_amount_cents", period->taxes_minor);
    json_int(out, "total_amount_cents", period->amount_minor + period->taxes_minor);
    json_array(out, "charges_usage");
    for (size_t i = 0; i < period->charge_count; i++)
        write_past_charge(out, face, period, &period->charges[i]);
    json_array_end(out);
    json_object_end(out);
}

static enum err past(struct api_request *req, struct json_writer *out)
{
    struct past_usage_query query = {0};
    struct past_period *periods = NULL;
    struct api_page page;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, &past_table, &query, &page));
    query.external_customer_id = api_path(req, 0);
    query.limit = page.limit;
    query.offset = page.offset;
    TRY(past_usage_list(req->ctx, &query, &periods, &count, &total));
    api_list(out, "usage_periods");
    for (size_t i = 0; i < count; i++)
        write_period(out, req->face, &periods[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

/* ---- projected ------------------------------------------------------------------------------- */

struct projected_query {
    struct str external_subscription_id;
    int apply_taxes;
};

static const struct bind_word yes_no[] = {{"true", 1}, {"false", 0}, {0}};
static const struct bind_field projected_fields[] = {
    {"external_subscription_id", BIND_TEXT(projected_query, external_subscription_id),
     .flags = BIND_REQUIRED},
    {"apply_taxes", BIND_WORD(projected_query, apply_taxes, yes_no), .preset = 1},
    {0},
};
static const struct bind_table projected_table = {NULL, projected_fields, 0};

static void write_projected(struct json_writer *out, const struct fee_row *fee,
                            const struct fee_row *projected)
{
    json_decimal(out, "units", fee->units);
    json_decimal(out, "projected_units", projected->units);
    json_decimal(out, "total_aggregated_units",
                 decimal_is_none(fee->total_units) ? fee->units : fee->total_units);
    json_int(out, "events_count", fee->event_count);
    json_int(out, "amount_cents", fee->amount_minor);
    json_int(out, "projected_amount_cents", projected->amount_minor);
}

/* The last part is for what no filter takes: it has no values. */
static void write_projected_filter(struct json_writer *out, const struct face *face,
                                   const struct charge_view *charge, size_t part,
                                   const struct fee_row *fee, const struct fee_row *projected)
{
    const struct charge_filter_row *filter = charge_part_filter(charge, part);
    bool is_rest = filter == NULL;
    json_object(out, NULL);
    face_ref(out, face, "charge_filter", is_rest ? UUID_NIL : filter->lineage_id);
    json_str(out, "invoice_display_name", is_rest ? STR_NULL : filter->invoice_display_name);
    json_raw(out, "values", is_rest ? STR_NULL : filter->match_values);
    write_projected(out, fee, projected);
    json_object_end(out);
}

/* Both have the same slices: what is to come is of groups that are there. */
static enum err write_projected_groups(struct api_request *req, struct json_writer *out,
                                       const struct usage_of_charge *usage,
                                       const struct usage_of_charge *projected)
{
    struct arena *arena = req->ctx->arena;
    const struct charge_view *charge = usage->charge;
    bool is_divided = usage_is_divided(usage);
    size_t end = 0;
    json_array(out, "grouped_usage");
    for (size_t first = 0; is_divided && first < usage->slice_count; first = end) {
        const struct usage_of_slice *now = &usage->slices[first];
        const struct usage_of_slice *then = &projected->slices[first];
        struct fee_row fee;
        struct fee_row total;
        end = usage_group_end(usage, first);
        TRY(usage_slices_total(arena, now, end - first, &fee));
        TRY(usage_slices_total(arena, then, end - first, &total));
        json_object(out, NULL);
        json_raw(out, "grouped_by", str_is_null(now->group) ? STR("{}") : now->group);
        write_projected(out, &fee, &total);
        json_array(out, "filters");
        for (size_t i = 0; charge->filter_count > 0 && i < end - first; i++)
            write_projected_filter(out, req->face, charge, now[i].part, &now[i].fee, &then[i].fee);
        json_array_end(out);
        json_object_end(out);
    }
    json_array_end(out);
    return ERR_NONE;
}

static enum err write_projected_charge(struct api_request *req, struct json_writer *out,
                                       const struct usage_of_charge *usage,
                                       const struct usage_of_charge *projected)
{
    const struct face *face = req->face;
    const struct charge_view *charge = usage->charge;
    json_object(out, NULL);
    write_projected(out, &usage->fee, &projected->fee);
    json_str(out, "amount_currency", usage->fee.currency);
    write_charge(out, face, &charge->row);
    write_metric(out, face, &charge->metric);
    json_array(out, "filters");
    for (size_t i = 0; charge->filter_count > 0 && i < charge_part_count(charge); i++)
        write_projected_filter(out, face, charge, i, &usage->parts[i], &projected->parts[i]);
    json_array_end(out);
    TRY(write_projected_groups(req, out, usage, projected));
    json_raw(out, "explanation", projected->fee.explanation);
    json_object_end(out);
    return ERR_NONE;
}

static enum err projected(struct api_request *req, struct json_writer *out)
{
    struct projected_query query = {0};
    struct projected_usage usage;
    TRY(api_query(req, &projected_table, &query));
    TRY(projected_usage_get(req->ctx, api_path(req, 0), query.external_subscription_id, &usage));
    const struct current_usage_view *now = &usage.current;
    const struct invoice_row *row = &now->build.row;
    const struct invoice_row *then = &usage.projected.build.row;
    bool taxed = query.apply_taxes == 1;
    json_object(out, NULL);
    json_object(out, "customer_projected_usage");
    json_time(out, "from_datetime", now->from_at);
    json_time(out, "to_datetime", now->to_at - TIME_SECOND);
    json_day(out, "issuing_date", now->issuing_day);
    json_str(out, "currency", row->currency);
    json_int(out, "elapsed_days", usage.elapsed_days);
    json_int(out, "period_days", usage.period_days);
    json_int(out, "amount_cents", row->fees_amount_minor);
    json_int(out, "projected_amount_cents", then->fees_amount_minor);
    json_int(out, "taxes_amount_cents", taxed ? row->taxes_amount_minor : 0);
    json_int(out, "projected_taxes_amount_cents", taxed ? then->taxes_amount_minor : 0);
    json_int(out, "total_amount_cents",
             row->fees_amount_minor + (taxed ? row->taxes_amount_minor : 0));
    json_int(out, "projected_total_amount_cents",
             then->fees_amount_minor + (taxed ? then->taxes_amount_minor : 0));
    json_array(out, "charges_usage");
    for (size_t i = 0; i < now->count; i++)
        TRY(write_projected_charge(req, out, &now->charges[i], &usage.projected.charges[i]));
    json_array_end(out);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

/* ---- lifetime -------------------------------------------------------------------------------- */

struct lifetime_input {
    int64_t historical_minor;
};

static const struct bind_field lifetime_fields[] = {
    {"external_historical_usage_amount_cents", BIND_INT(lifetime_input, historical_minor), .min = 0,
     .max = INT64_MAX / 1000, .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table lifetime_body = {"lifetime_usage", lifetime_fields, 0};

static enum err write_lifetime(struct api_request *req, struct json_writer *out,
                               const struct lifetime_usage *usage)
{
    json_object(out, NULL);
    json_object(out, "lifetime_usage");
    face_id(out, req->face, usage->subscription.id);
    face_ref(out, req->face, "subscription", usage->subscription.id);
    json_str(out, "external_subscription_id", usage->subscription.external_id);
    json_int(out, "external_historical_usage_amount_cents", usage->historical_minor);
    json_int(out, "invoiced_usage_amount_cents", usage->invoiced_minor);
    json_int(out, "current_usage_amount_cents", usage->current_minor);
    json_time(out, "from_datetime", usage->from_at);
    json_time(out, "to_datetime", usage->to_at);
    json_array(out, "usage_thresholds");
    json_array_end(out);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err lifetime(struct api_request *req, struct json_writer *out)
{
    struct lifetime_usage usage;
    TRY(api_found(req, "subscription", lifetime_usage_get(req->ctx, api_path(req, 0), &usage)));
    return write_lifetime(req, out, &usage);
}

static enum err set_lifetime(struct api_request *req, struct json_writer *out)
{
    struct lifetime_input input = {0};
    struct lifetime_usage usage;
    TRY(api_body(req, &lifetime_body, &input));
    TRY(api_found(req, "subscription",
                  lifetime_usage_set(req->ctx, api_path(req, 0), input.historical_minor, &usage)));
    return write_lifetime(req, out, &usage);
}

const struct api_route usage_reads_routes[] = {
    {HTTP_GET, "/customers/{external_id}/past_usage", past, 0, 0},
    {HTTP_GET, "/customers/{external_id}/projected_usage", projected, 0, 0},
    {HTTP_GET, "/subscriptions/{external_id}/lifetime_usage", lifetime, 0, 0},
    {HTTP_PUT, "/subscriptions/{external_id}/lifetime_usage", set_lifetime, 0, 0},
    {0},
};
