/* webhook_endpoint.c - where changes are told. */
#include "app/webhook_endpoint.h"

#include "api/api.h"
#include "api/webhook.h"
#include "base/none.h"

struct endpoint_request {
    struct webhook_endpoint_input input;
};

/* Lago asks for jwt where a client says nothing; signed is with hmac alone, and the answer says so.
 */
#define AT(member) input.member
// clang-format off
#define ENDPOINT_FIELDS(url_flags)                                                              \
    {"webhook_url", BIND_TEXT(endpoint_request, AT(url)), .max = 2000, .flags = (url_flags),    \
     .sent = WEBHOOK_ENDPOINT_URL},                                                             \
    {"name", BIND_TEXT(endpoint_request, AT(name)), .sent = WEBHOOK_ENDPOINT_NAME},             \
    {"signature_algo", BIND_TEXT(endpoint_request, AT(signature_algo)),                         \
     .sent = WEBHOOK_ENDPOINT_ALGO},                                                            \
    {"event_types", BIND_TEXTS(endpoint_request, AT(types), AT(type_count)),                    \
     .sent = WEBHOOK_ENDPOINT_TYPES}
// clang-format on
static const struct bind_field create_fields[] = {ENDPOINT_FIELDS(BIND_REQUIRED), {0}};
static const struct bind_table create_body = {"webhook_endpoint", create_fields,
                                              BIND_SENT_AT(endpoint_request, AT(sent))};

static const struct bind_field change_fields[] = {
    ENDPOINT_FIELDS(BIND_NOT_EMPTY),
    {"enabled", BIND_BOOL(endpoint_request, AT(is_enabled)), .flags = BIND_NOT_EMPTY,
     .sent = WEBHOOK_ENDPOINT_ENABLED},
    {0},
};
static const struct bind_table change_body = {"webhook_endpoint", change_fields,
                                              BIND_SENT_AT(endpoint_request, AT(sent))};
#undef AT

/* `secret` STR_NULL: not shown, as in all answers but the first. */
static void write_endpoint(const struct api_request *req, struct json_writer *out, const char *key,
                           const struct webhook_endpoint_row *row, struct str secret)
{
    json_object(out, key);
    face_id(out, req->face, row->id);
    face_ref(out, req->face, "organization", req->ctx->app->organization_id);
    json_str(out, "webhook_url", row->webhook_url);
    json_str(out, "signature_algo", row->signature_algo);
    json_str(out, "name", row->name);
    json_raw(out, "event_types", row->event_types);
    json_str(out, "format", row->wire);
    json_bool(out, "enabled", row->disabled_at == TIME_NONE);
    json_time(out, "disabled_at", row->disabled_at);
    json_str(out, "disabled_reason", row->disabled_reason);
    json_time(out, "created_at", row->created_at);
    json_time(out, "updated_at", row->updated_at);
    if (!str_is_null(secret))
        json_str(out, "secret", secret);
    json_object_end(out);
}

static enum err answer(struct api_request *req, struct json_writer *out,
                       const struct webhook_endpoint_row *row, struct str secret)
{
    json_object(out, NULL);
    write_endpoint(req, out, "webhook_endpoint", row, secret);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct endpoint_request request = {0};
    struct webhook_endpoint_row row;
    struct str secret;
    TRY(api_body(req, &create_body, &request));
    request.input.takes_any_type = req->face->is_lago;
    request.input.wire =
        req->face->is_lago ? WEBHOOK_ENDPOINT_WIRE_LAGO : WEBHOOK_ENDPOINT_WIRE_STANDARD;
    TRY(webhook_endpoint_create(req->ctx, &request.input, &row, &secret));
    api_created(req);
    api_secret(req, secret);
    return answer(req, out, &row, secret);
}

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct endpoint_request request = {0};
    struct webhook_endpoint_row row;
    struct uuid id;
    TRY(api_path_uuid(req, 0, "webhook_endpoint", &id));
    TRY(api_body(req, &change_body, &request));
    request.input.takes_any_type = req->face->is_lago;
    TRY(webhook_endpoint_change(req->ctx, id, &request.input, &row));
    return answer(req, out, &row, STR_NULL);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct webhook_endpoint_row row;
    struct uuid id;
    TRY(api_path_uuid(req, 0, "webhook_endpoint", &id));
    TRY(webhook_endpoint_get(req->ctx, id, &row));
    return answer(req, out, &row, STR_NULL);
}

static enum err delete (struct api_request *req, struct json_writer *out) {
    struct webhook_endpoint_row row; struct uuid id;
    TRY(api_path_uuid(req, 0, "webhook_endpoint", &id));
    TRY(webhook_endpoint_remove(req->ctx, id, &row));
    return answer(req, out, &row, STR_NULL);
}

static enum err rotate(struct api_request *req, struct json_writer *out)
{
    struct webhook_endpoint_row row;
    struct uuid id;
    struct str secret;
    TRY(api_path_uuid(req, 0, "webhook_endpoint", &id));
    TRY(webhook_endpoint_rotate(req->ctx, id, &row, &secret));
    api_secret(req, secret);
    return answer(req, out, &row, secret);
}

static enum err test(struct api_request *req, struct json_writer *out)
{
    struct webhook_row row;
    struct webhook_view view;
    struct uuid id;
    TRY(api_path_uuid(req, 0, "webhook_endpoint", &id));
    TRY(webhook_endpoint_test(req->ctx, id, &row));
    TRY(webhook_get(req->ctx, row.id, &view));
    api_created(req);
    json_object(out, NULL);
    webhook_write(out, req->face, "webhook", &view, true);
    json_object_end(out);
    return ERR_NONE;
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct webhook_endpoint_row *rows = NULL;
    size_t count = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(webhook_endpoint_list_all(req->ctx, &rows, &count));
    api_list(out, "webhook_endpoints");
    for (int64_t i = page.offset; i < (int64_t)count && i < page.offset + page.limit; i++)
        write_endpoint(req, out, NULL, &rows[i], STR_NULL);
    api_list_end(out, &page, (int64_t)count);
    return ERR_NONE;
}

const struct api_route webhook_endpoint_routes[] = {
    {HTTP_POST, "/webhook_endpoints", create, 0, 0},
    {HTTP_GET, "/webhook_endpoints", list, 0, 0},
    {HTTP_GET, "/webhook_endpoints/{id}", get, 0, 0},
    {HTTP_PUT, "/webhook_endpoints/{id}", change, 0, 0},
    {HTTP_DELETE, "/webhook_endpoints/{id}", delete, 0, 0},
    {HTTP_POST, "/webhook_endpoints/{id}/rotate_secret", rotate, 0, 0},
    {HTTP_POST, "/webhook_endpoints/{id}/test", test, 0, 0},
    {0},
};
