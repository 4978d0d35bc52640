#include "app/billable_metric.h"
#include "api/api.h"
#include "api/bodies.h"
#include "base/none.h"
#include "core/metering/usage.h"

static const struct bind_field filter_fields[] = {
    {"key", BIND_TEXT(metric_filter_input, key), .flags = BIND_REQUIRED},
    {"values", BIND_TEXTS(metric_filter_input, values, value_count), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table filter_table = {NULL, filter_fields, 0};

/* What creating and changing have in common. */
#define METRIC_FIELDS                                                                             \
    {"description", BIND_TEXT(billable_metric_input, description), .max = 600,                    \
     .sent = METRIC_DESCRIPTION},                                                                 \
        {"field_name", BIND_TEXT(billable_metric_input, field_name), .sent = METRIC_FIELD_NAME},  \
        {"expression", BIND_TEXT(billable_metric_input, expression), .max = EXPRESSION_BYTES_MAX, \
         .sent = METRIC_EXPRESSION},                                                              \
        {"rounding_function", BIND_TEXT(billable_metric_input, rounding_function),                \
         .sent = METRIC_ROUNDING_FUNCTION},                                                       \
        {"rounding_precision", BIND_INT(billable_metric_input, rounding_precision),               \
         .min = -USAGE_DECIMALS_MAX, .max = USAGE_DECIMALS_MAX,                                   \
         .sent = METRIC_ROUNDING_PRECISION},                                                      \
        {"recurring", BIND_BOOL(billable_metric_input, recurring), .sent = METRIC_RECURRING},     \
        {"weighted_interval", BIND_TEXT(billable_metric_input, weighted_interval),                \
         .sent = METRIC_WEIGHTED_INTERVAL},                                                       \
        {"percentile", BIND_DECIMAL(billable_metric_input, percentile), .digits = 3,              \
         .decimals = PERCENTILE_DECIMALS, .sent = METRIC_PERCENTILE},                             \
        {"slot_seconds", BIND_INT(billable_metric_input, slot_seconds), .min = SLOT_SECONDS_MIN,  \
         .max = SLOT_SECONDS_MAX, .sent = METRIC_SLOT_SECONDS},                                   \
        {"filters", BIND_OBJECTS(billable_metric_input, filters, filter_count, &filter_table),    \
         .max = FILTER_KEYS_MAX, .sent = METRIC_FILTERS},                                         \
    {                                                                                             \
        0                                                                                         \
    }

static const struct bind_field metric_body_fields[] = {
    {"name", BIND_TEXT(billable_metric_input, name), .flags = BIND_REQUIRED},
    {"code", BIND_CODE(billable_metric_input, code), .flags = BIND_REQUIRED},
    {"aggregation_type", BIND_CODE(billable_metric_input, aggregation_type),
     .flags = BIND_REQUIRED},
    METRIC_FIELDS,
};
const struct bind_table metric_body = {"billable_metric", metric_body_fields,
                                       BIND_SENT_AT(billable_metric_input, sent)};

static const struct bind_field change_body_fields[] = {
    {"name", BIND_TEXT(billable_metric_input, name), .sent = METRIC_NAME},
    {"code", BIND_CODE(billable_metric_input, code), .sent = METRIC_CODE},
    {"aggregation_type", BIND_CODE(billable_metric_input, aggregation_type),
     .sent = METRIC_AGGREGATION_TYPE},
    METRIC_FIELDS,
};
static const struct bind_table change_body = {"billable_metric", change_body_fields,
                                              BIND_SENT_AT(billable_metric_input, sent)};

static const struct bind_field tried_event_fields[] = {
    {"code", BIND_TEXT(expression_event, code), .flags = BIND_REQUIRED},
    {"timestamp", BIND_EVENT_TIME(expression_event, occurred_at)},
    {"properties", BIND_RAW(expression_event, properties), .max = 65536, .flags = BIND_RAW_OBJECT},
    {0},
};
static const struct bind_table tried_event_table = {NULL, tried_event_fields, 0};
static const struct bind_field expression_body_fields[] = {
    {"expression", BIND_TEXT(metric_expression_input, expression), .max = EXPRESSION_BYTES_MAX,
     .flags = BIND_REQUIRED},
    {"event", BIND_OBJECT(metric_expression_input, event, &tried_event_table),
     .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table expression_body = {NULL, expression_body_fields, 0};

static void write_filters(struct json_writer *out, const struct filter *filters)
{
    json_array(out, "filters");
    for (size_t i = 0; i < filters->key_count; i++) {
        const struct filter_key *key = &filters->keys[i];
        json_object(out, NULL);
        json_str(out, "key", key->key);
        json_array(out, "values");
        for (size_t j = 0; j < key->value_count; j++)
            json_str(out, NULL, key->values[j]);
        json_array_end(out);
        json_object_end(out);
    }
    json_array_end(out);
}

static void write_metric(const struct api_request *req, struct json_writer *out, const char *key,
                         const struct billable_metric_row *metric)
{
    struct filter filters = filter_of(req->ctx->arena, metric->filters);
    json_object(out, key);
    face_id(out, req->face, metric->id);
    json_str(out, "name", metric->name);
    json_str(out, "code", metric->code);
    json_str(out, "description", metric->description);
    json_str(out, "aggregation_type", metric->aggregation_type);
    json_str(out, "field_name", metric->field_name);
    json_str(out, "expression", metric->expression);
    json_str(out, "rounding_function", metric->rounding_function);
    if (metric->rounding_precision == INT_NONE)
        json_null(out, "rounding_precision");
    else
        json_int(out, "rounding_precision", metric->rounding_precision);
    json_bool(out, "recurring", metric->is_recurring);
    json_str(out, "weighted_interval",
             str_eq(metric->aggregation_type, STR("weighted_sum_agg")) ? STR("seconds") : STR_NULL);
    json_decimal(out, "percentile", metric->percentile);
    if (metric->slot_seconds == INT_NONE)
        json_null(out, "slot_seconds");
    else
        json_int(out, "slot_seconds", metric->slot_seconds);
    write_filters(out, &filters);
    json_time(out, "created_at", metric->created_at);
    json_object_end(out);
}

static enum err answer_metric(struct api_request *req, struct json_writer *out,
                              const struct billable_metric_row *metric)
{
    json_object(out, NULL);
    write_metric(req, out, "billable_metric", metric);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct billable_metric_input input = {0};
    struct billable_metric_row row;
    TRY(api_body(req, &metric_body, &input));
    TRY(billable_metric_create(req->ctx, &input, &row));
    api_created(req);
    return answer_metric(req, out, &row);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct billable_metric_row row;
    TRY(billable_metric_get(req->ctx, api_path(req, 0), &row));
    return answer_metric(req, out, &row);
}

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct billable_metric_input input = {0};
    struct billable_metric_row row;
    TRY(api_body(req, &change_body, &input));
    TRY(billable_metric_change(req->ctx, api_path(req, 0), &input, &row));
    return answer_metric(req, out, &row);
}

static enum err destroy(struct api_request *req, struct json_writer *out)
{
    struct billable_metric_row row;
    TRY(billable_metric_remove(req->ctx, api_path(req, 0), &row));
    return answer_metric(req, out, &row);
}

static enum err evaluate(struct api_request *req, struct json_writer *out)
{
    struct metric_expression_input input = {0};
    struct expression_value value;
    TRY(api_body(req, &expression_body, &input));
    TRY(metric_expression_try(req->ctx, &input, &value));
    json_object(out, NULL);
    json_object(out, "expression_result");
    json_str(out, "value", value.text);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct billable_metric_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(billable_metric_list_page(req->ctx, page.limit, page.offset, &rows, &count, &total));
    api_list(out, "billable_metrics");
    for (size_t i = 0; i < count; i++)
        write_metric(req, out, NULL, &rows[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route billable_metric_routes[] = {
    {HTTP_POST, "/billable_metrics", create, 0, 0},
    {HTTP_GET, "/billable_metrics", list, 0, 0},
    {HTTP_GET, "/billable_metrics/{code}", get, 0, 0},
    {HTTP_PUT, "/billable_metrics/{code}", change, 0, 0},
    {HTTP_DELETE, "/billable_metrics/{code}", destroy, 0, 0},
    {HTTP_POST, "/billable_metrics/evaluate_expression", evaluate, API_READS, 0},
    {0},
};
