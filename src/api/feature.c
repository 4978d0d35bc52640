/* feature.c - features and their privileges. */
#include "app/feature.h"

#include "api/api.h"
#include "api/bodies.h"
#include "api/entitlement.h"

static const struct bind_field config_fields[] = {
    {"select_options", BIND_TEXTS(privilege_input, options, option_count)},
    {0},
};
static const struct bind_table config_table = {NULL, config_fields, 0};

/* The options stand inside "config", which is of the same struct. */
static const struct bind_field privilege_fields[] = {
    {"code", BIND_CODE(privilege_input, code), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(privilege_input, name)},
    {"value_type", BIND_CODE(privilege_input, value_type)},
    {"config", .kind = BIND_KIND_OBJECT, .at = 0, .table = &config_table},
    {0},
};
static const struct bind_table privilege_table = {NULL, privilege_fields, 0};

struct feature_request {
    struct feature_input input;
    struct privilege_input *privileges;
    uint64_t sent;
};

#define FEATURE_FIELDS(needed)                                                                  \
    {"code", BIND_CODE(feature_request, input.code), .flags = (needed), .sent = FEATURE_CODE},  \
        {"name", BIND_TEXT(feature_request, input.name), .sent = FEATURE_NAME},                 \
        {"description", BIND_TEXT(feature_request, input.description), .max = 600,              \
         .sent = FEATURE_DESCRIPTION},                                                          \
    {                                                                                           \
        "privileges",                                                                           \
            BIND_OBJECTS(feature_request, privileges, input.privilege_count, &privilege_table), \
            .sent = FEATURE_PRIVILEGES                                                          \
    }
static const struct bind_field body_fields[] = {FEATURE_FIELDS(BIND_REQUIRED), {0}};
const struct bind_table feature_body = {"feature", body_fields,
                                        BIND_SENT_AT(feature_request, sent)};
static const struct bind_field change_fields[] = {FEATURE_FIELDS(BIND_NOT_EMPTY), {0}};
static const struct bind_table change_body = {"feature", change_fields,
                                              BIND_SENT_AT(feature_request, sent)};

void privilege_members_write(struct json_writer *out, const struct feature_privilege_row *privilege)
{
    json_str(out, "code", privilege->code);
    json_str(out, "name", privilege->name);
    json_str(out, "value_type", privilege->value_type);
    json_object(out, "config");
    if (!str_is_null(privilege->select_options))
        json_raw(out, "select_options", privilege->select_options);
    json_object_end(out);
}

static void write_feature(struct json_writer *out, const struct face *face, const char *key,
                          const struct feature_view *view)
{
    json_object(out, key);
    face_id(out, face, view->row.id);
    json_str(out, "code", view->row.code);
    json_str(out, "name", view->row.name);
    json_str(out, "description", view->row.description);
    json_array(out, "privileges");
    for (size_t i = 0; i < view->privilege_count; i++) {
        json_object(out, NULL);
        privilege_members_write(out, &view->privileges[i]);
        json_object_end(out);
    }
    json_array_end(out);
    json_time(out, "created_at", view->row.created_at);
    json_object_end(out);
}

static enum err answer_feature(struct api_request *req, struct json_writer *out,
                               const struct feature_view *view)
{
    json_object(out, NULL);
    write_feature(out, req->face, "feature", view);
    json_object_end(out);
    return ERR_NONE;
}

static const struct feature_input *input_of(struct feature_request *body)
{
    body->input.privileges = body->privileges;
    body->input.sent = body->sent;
    return &body->input;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct feature_request body = {0};
    struct feature_view view;
    TRY(api_body(req, &feature_body, &body));
    TRY(feature_create(req->ctx, input_of(&body), &view));
    api_created(req);
    return answer_feature(req, out, &view);
}

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct feature_request body = {0};
    struct feature_view view;
    TRY(api_body(req, &change_body, &body));
    TRY(feature_change(req->ctx, api_path(req, 0), input_of(&body), &view));
    return answer_feature(req, out, &view);
}

static enum err delete (struct api_request *req, struct json_writer *out) {
    struct feature_view view; TRY(feature_remove(req->ctx, api_path(req, 0), &view));
    return answer_feature(req, out, &view);
}

static enum err delete_privilege(struct api_request *req, struct json_writer *out)
{
    struct feature_view view;
    TRY(feature_privilege_remove(req->ctx, api_path(req, 0), api_path(req, 1), &view));
    return answer_feature(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct feature_view view;
    TRY(feature_get(req->ctx, api_path(req, 0), &view));
    return answer_feature(req, out, &view);
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct feature_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(feature_list(req->ctx, page.limit, page.offset, &views, &count, &total));
    api_list(out, "features");
    for (size_t i = 0; i < count; i++)
        write_feature(out, req->face, NULL, &views[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route feature_routes[] = {
    {HTTP_POST, "/features", create, 0, 0},
    {HTTP_GET, "/features", list, 0, 0},
    {HTTP_GET, "/features/{code}", get, 0, 0},
    {HTTP_PUT, "/features/{code}", change, 0, 0},
    {HTTP_DELETE, "/features/{code}", delete, 0, 0},
    {HTTP_DELETE, "/features/{code}/privileges/{privilege_code}", delete_privilege, 0, 0},
    {0},
};
