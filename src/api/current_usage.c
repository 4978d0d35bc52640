#include "app/current_usage.h"

#include "api/api.h"
#include "base/json_read.h"
#include "base/time.h"

struct usage_query_params {
    struct str external_subscription_id;
    int apply_taxes;
    struct uuid charge_id;
    struct str charge_code, metric_code;
    int skip_grouping, full_usage;
    struct str presentation;
};

static const struct bind_word yes_no[] = {{"true", 1}, {"false", 0}, {0}};
static const struct bind_field usage_query_fields[] = {
    {"external_subscription_id", BIND_TEXT(usage_query_params, external_subscription_id),
     .flags = BIND_REQUIRED},
    {"apply_taxes", BIND_WORD(usage_query_params, apply_taxes, yes_no), .preset = 1},
    {"filter_by_charge_id", BIND_UUID(usage_query_params, charge_id)},
    {"filter_by_charge_code", BIND_TEXT(usage_query_params, charge_code)},
    {"filter_by_metric_code", BIND_TEXT(usage_query_params, metric_code)},
    {"skip_grouping", BIND_WORD(usage_query_params, skip_grouping, yes_no), .preset = 0},
    {"filter_by_presentation", BIND_TEXT(usage_query_params, presentation)},
    {"full_usage", BIND_WORD(usage_query_params, full_usage, yes_no), .preset = 0},
    {0},
};
static const struct bind_table usage_query_table = {NULL, usage_query_fields, 0};

/* "filter_by_group[region]", or "group[region]": the key; STR_NULL: the parameter is another. */
static struct str chosen_key(struct str name)
{
    static const char *const prefixes[] = {"filter_by_group[", "group["};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        struct str prefix = str_of(prefixes[i]);
        if (str_starts(name, prefix) && str_ends(name, STR("]")))
            return str_slice(name, prefix.len, name.len - 1);
    }
    return STR_NULL;
}

static void choose_group(struct api_request *req, const struct http_param *param, struct str key,
                         struct usage_chosen_group *groups, size_t *count)
{
    struct fault *fault = req->bind.fault;
    if (key.len == 0 || *count == GROUP_KEYS_MAX) {
        fault_field(fault, param->name, key.len == 0 ? "value_is_mandatory" : "too_many_values",
                    param->value, "a name of an event property, at most %d of them",
                    GROUP_KEYS_MAX);
        return;
    }
    for (size_t i = 0; i < *count; i++) {
        if (!str_eq(groups[i].key, key))
            continue;
        fault_field(fault, param->name, "duplicate_field", param->value, "each parameter once");
        return;
    }
    groups[(*count)++] = (struct usage_chosen_group){key, param->value};
}

/* A JSON array of presentation keys; an empty one: of none. */
static const struct group_keys *read_presentation(struct api_request *req, struct str text)
{
    struct arena *arena = req->ctx->arena;
    struct str *keys = ARENA_ARRAY(arena, GROUP_SHOWN_MAX, struct str);
    struct group_keys *shown = ARENA_NEW(arena, struct group_keys);
    struct json_reader reader;
    size_t count = 0;
    if (str_is_null(text))
        return NULL;
    json_reader_init(&reader, arena, text);
    enum json_token token = json_next(&reader);
    if (token == JSON_ARRAY_START)
        token = json_next(&reader);
    for (; token == JSON_STRING && count < GROUP_SHOWN_MAX; token = json_next(&reader))
        keys[count++] = reader.text;
    *shown = (struct group_keys){keys, count};
    if (token != JSON_ARRAY_END || json_next(&reader) != JSON_END)
        fault_field(
            req->bind.fault, STR("filter_by_presentation"), "value_is_invalid", text,
            "a JSON array of at most %d presentation_group_keys, as [\"team\"]; [] for none",
            GROUP_SHOWN_MAX);
    return shown;
}

/* Parameters whose names hold a key are read here, the others by the table. */
static enum err read_query(struct api_request *req, struct usage_query_params *query,
                           struct usage_choice *choice)
{
    const struct http_request *http = req->http;
    struct arena *arena = req->ctx->arena;
    struct http_param *others = ARENA_ARRAY(arena, http->query_count, struct http_param);
    struct usage_chosen_group *groups =
        ARENA_ARRAY(arena, GROUP_KEYS_MAX, struct usage_chosen_group);
    size_t count = 0;
    *choice = (struct usage_choice){.groups = groups};
    for (size_t i = 0; i < http->query_count; i++) {
        struct str key = chosen_key(http->query[i].name);
        if (str_is_null(key))
            others[count++] = http->query[i];
        else
            choose_group(req, &http->query[i], key, groups, &choice->group_count);
    }
    bind_query(&req->bind, others, count, &usage_query_table, query);
    choice->charge_id = query->charge_id;
    choice->charge_code = query->charge_code;
    choice->metric_code = query->metric_code;
    choice->skips_groups = query->skip_grouping == 1;
    choice->is_full = query->full_usage == 1;
    choice->shown = read_presentation(req, query->presentation);
    return bind_check(&req->bind);
}

static void write_amounts(struct json_writer *out, const struct fee_row *fee)
{
    json_decimal(out, "units", fee->units);
    json_decimal(out, "total_aggregated_units",
                 decimal_is_none(fee->total_units) ? fee->units : fee->total_units);
    json_int(out, "events_count", fee->event_count);
    json_int(out, "amount_cents", fee->amount_minor);
    json_null(out, "pricing_unit_details");
    json_raw(out, "presentation_breakdowns",
             str_is_null(fee->presentation_breakdowns) ? STR("[]") : fee->presentation_breakdowns);
}

/* The last one is for what no filter takes: it has no values. */
static void write_filter(struct json_writer *out, const struct face *face,
                         const struct charge_view *charge, size_t part, const struct fee_row *fee)
{
    const struct charge_filter_row *filter = charge_part_filter(charge, part);
    json_object(out, NULL);
    face_ref(out, face, "charge_filter", filter == NULL ? UUID_NIL : filter->lineage_id);
    json_str(out, "invoice_display_name", filter == NULL ? STR_NULL : filter->invoice_display_name);
    json_raw(out, "values", filter == NULL ? STR_NULL : filter->match_values);
    write_amounts(out, fee);
    json_raw(out, "explanation", fee->explanation);
    json_object_end(out);
}

/* Slices of one group, one of each part. */
static enum err write_group(struct api_request *req, struct json_writer *out,
                            const struct charge_view *charge, const struct usage_of_slice *slices,
                            size_t count)
{
    struct fee_row fee;
    TRY(usage_slices_total(req->ctx->arena, slices, count, &fee));
    json_object(out, NULL);
    json_raw(out, "grouped_by", str_is_null(slices->group) ? STR("{}") : slices->group);
    write_amounts(out, &fee);
    json_array(out, "filters");
    for (size_t i = 0; charge->filter_count > 0 && i < count; i++)
        write_filter(out, req->face, charge, slices[i].part, &slices[i].fee);
    json_array_end(out);
    json_raw(out, "explanation", fee.explanation);
    json_object_end(out);
    return ERR_NONE;
}

/* Empty where nothing is divided. */
static enum err write_groups(struct api_request *req, struct json_writer *out,
                             const struct usage_of_charge *usage)
{
    bool is_divided = usage_is_divided(usage);
    size_t end = 0;
    json_array(out, "grouped_usage");
    for (size_t first = 0; is_divided && first < usage->slice_count; first = end) {
        end = usage_group_end(usage, first);
        TRY(write_group(req, out, usage->charge, &usage->slices[first], end - first));
    }
    json_array_end(out);
    return ERR_NONE;
}

static enum err write_charge(struct api_request *req, struct json_writer *out,
                             const struct usage_of_charge *usage)
{
    const struct face *face = req->face;
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
        write_filter(out, face, charge, i, &usage->parts[i]);
    json_array_end(out);
    TRY(write_groups(req, out, usage));
    json_raw(out, "explanation", usage->fee.explanation);
    json_object_end(out);
    return ERR_NONE;
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct usage_query_params query = {0};
    struct current_usage_view view;
    struct usage_choice choice;
    TRY(read_query(req, &query, &choice));
    TRY(current_usage_choose(req->ctx, api_path(req, 0), query.external_subscription_id, &choice,
                             &view));
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
        TRY(write_charge(req, out, &view.charges[i]));
    json_array_end(out);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route current_usage_routes[] = {
    {HTTP_GET, "/customers/{external_id}/current_usage", get, 0, 0},
    {0},
};
