#include "app/resale_rule.h"

#include "api/api.h"
#include "api/bodies.h"
#include "core/resale.h"

static const struct bind_field rule_fields[] = {
    {"code", BIND_CODE(resale_rule_input, code), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(resale_rule_input, name), .flags = BIND_REQUIRED},
    {"method", BIND_TEXT(resale_rule_input, method), .flags = BIND_REQUIRED},
    {"percent", BIND_DECIMAL(resale_rule_input, percent), .digits = 5,
     .decimals = RESALE_DECIMALS_MAX, .flags = BIND_REQUIRED | BIND_NOT_NEGATIVE},
    {"cost_column", BIND_TEXT(resale_rule_input, cost_column)},
    {"external_customer_id", BIND_TEXT(resale_rule_input, external_customer_id)},
    {"provider_name", BIND_TEXT(resale_rule_input, provider_name)},
    {"service_name", BIND_TEXT(resale_rule_input, service_name)},
    {"valid_from_at", BIND_INSTANT(resale_rule_input, valid_from_at)},
    {0},
};
const struct bind_table rule_body = {"resale_rule", rule_fields, 0};

static void write_rule(struct json_writer *out, const struct face *face, const char *key,
                       const struct resale_rule_view *view)
{
    const struct resale_rule_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    json_str(out, "code", row->code);
    json_str(out, "name", row->name);
    json_str(out, "method", row->resale_method);
    json_decimal(out, "percent", row->percent);
    json_str(out, "cost_column", row->cost_column);
    json_str(out, "external_customer_id", view->external_customer_id);
    json_str(out, "provider_name", row->provider_name);
    json_str(out, "service_name", row->service_name);
    json_time(out, "valid_from_at", row->valid_from_at);
    json_time(out, "created_at", row->created_at);
    json_object_end(out);
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct resale_rule_input input = {0};
    struct resale_rule_view view;
    TRY(api_body(req, &rule_body, &input));
    TRY(resale_rule_create(req->ctx, &input, &view));
    api_created(req);
    json_object(out, NULL);
    write_rule(out, req->face, "resale_rule", &view);
    json_object_end(out);
    return ERR_NONE;
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct resale_rule_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(resale_rule_list(req->ctx, page.limit, page.offset, &views, &count, &total));
    api_list(out, "resale_rules");
    for (size_t i = 0; i < count; i++)
        write_rule(out, req->face, NULL, &views[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route resale_rule_routes[] = {
    {HTTP_POST, "/resale_rules", create, 0, 0},
    {HTTP_GET, "/resale_rules", list, 0, 0},
    {0},
};
