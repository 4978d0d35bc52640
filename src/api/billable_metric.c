#include "app/billable_metric.h"
#include "api/api.h"

static const struct bind_field metric_body_fields[] = {
    {"name", BIND_TEXT(billable_metric_input, name), .flags = BIND_REQUIRED},
    {"code", BIND_CODE(billable_metric_input, code), .flags = BIND_REQUIRED},
    {"description", BIND_TEXT(billable_metric_input, description), .max = 600},
    {"aggregation_type", BIND_CODE(billable_metric_input, aggregation_type),
     .flags = BIND_REQUIRED},
    {"field_name", BIND_TEXT(billable_metric_input, field_name)},
    {"recurring", BIND_UNSUPPORTED},
    {"filters", BIND_UNSUPPORTED},
    {"expression", BIND_UNSUPPORTED},
    {"rounding_function", BIND_UNSUPPORTED},
    {"rounding_precision", BIND_UNSUPPORTED},
    {"weighted_interval", BIND_UNSUPPORTED},
    {0},
};
static const struct bind_table metric_body = {"billable_metric", metric_body_fields, 0};

static void write_metric(struct json_writer *out, const struct face *face, const char *key,
                         const struct billable_metric_row *metric)
{
    json_object(out, key);
    face_id(out, face, metric->id);
    json_str(out, "name", metric->name);
    json_str(out, "code", metric->code);
    json_str(out, "description", metric->description);
    json_str(out, "aggregation_type", metric->aggregation_type);
    json_str(out, "field_name", metric->field_name);
    json_bool(out, "recurring", false);
    json_array(out, "filters");
    json_array_end(out);
    json_time(out, "created_at", metric->created_at);
    json_object_end(out);
}

static enum err answer_metric(struct api_request *req, struct json_writer *out,
                              const struct billable_metric_row *metric)
{
    json_object(out, NULL);
    write_metric(out, req->face, "billable_metric", metric);
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
        write_metric(out, req->face, NULL, &rows[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route billable_metric_routes[] = {
    {HTTP_POST, "/billable_metrics", create, 0, 0},
    {HTTP_GET, "/billable_metrics", list, 0, 0},
    {HTTP_GET, "/billable_metrics/{code}", get, 0, 0},
    {0},
};
