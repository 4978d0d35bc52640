#include "app/api_key.h"

#include "api/api.h"
#include "base/time.h"

static const struct bind_field create_fields[] = {
    {"name", BIND_TEXT(api_key_input, name), .flags = BIND_REQUIRED},
    {"scopes", BIND_TEXT(api_key_input, scopes), .max = 500},
    {"expires_at", BIND_INSTANT(api_key_input, expires_at)},
    {0},
};
static const struct bind_table create_body = {"api_key", create_fields, 0};

static const struct bind_field change_fields[] = {
    {"name", BIND_TEXT(api_key_input, name), .sent = API_KEY_NAME},
    {"scopes", BIND_TEXT(api_key_input, scopes), .max = 500, .sent = API_KEY_SCOPES},
    {"expires_at", BIND_INSTANT(api_key_input, expires_at), .sent = API_KEY_EXPIRES_AT},
    {0},
};
static const struct bind_table change_body = {"api_key", change_fields,
                                              BIND_SENT_AT(api_key_input, sent)};

static const char *status_of(const struct api_request *req, const struct api_key_row *row)
{
    if (row->revoked_at != TIME_NONE)
        return "revoked";
    return row->expires_at != TIME_NONE && row->expires_at <= ctx_now(req->ctx) ? "expired"
                                                                                : "active";
}

/* `key` STR_NULL: not shown, as in all answers but the first. */
static void write_key(struct api_request *req, struct json_writer *out, const char *member,
                      const struct api_key_row *row, struct str key)
{
    json_object(out, member);
    face_id(out, req->face, row->id);
    json_str(out, "name", row->name);
    if (!str_is_null(key))
        json_str(out, "key", key);
    json_str(out, "scopes", row->scopes);
    json_str(out, "status", str_of(status_of(req, row)));
    json_time(out, "expires_at", row->expires_at);
    json_time(out, "last_used_at", row->last_used_at);
    json_time(out, "revoked_at", row->revoked_at);
    json_time(out, "created_at", row->created_at);
    json_object_end(out);
}

static enum err answer_key(struct api_request *req, struct json_writer *out,
                           const struct api_key_row *row, struct str key)
{
    json_object(out, NULL);
    write_key(req, out, "api_key", row, key);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct api_key_input input = {0};
    struct api_key_row row;
    struct str key;
    TRY(api_body(req, &create_body, &input));
    TRY(api_key_create(req->ctx, &input, &row, &key));
    api_created(req);
    api_secret(req, key);
    return answer_key(req, out, &row, key);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct api_key_row row;
    TRY(api_path_uuid(req, 0, "api_key", &id));
    TRY(api_query(req, NULL, NULL));
    TRY(api_key_get(req->ctx, id, &row));
    return answer_key(req, out, &row, STR_NULL);
}

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct api_key_input input = {0};
    struct uuid id;
    struct api_key_row row;
    TRY(api_path_uuid(req, 0, "api_key", &id));
    TRY(api_body(req, &change_body, &input));
    TRY(api_key_change(req->ctx, id, &input, &row));
    return answer_key(req, out, &row, STR_NULL);
}

static enum err revoke(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct api_key_row row;
    TRY(api_path_uuid(req, 0, "api_key", &id));
    TRY(api_key_revoke(req->ctx, id, &row));
    return answer_key(req, out, &row, STR_NULL);
}

struct rotation {
    int64_t overlap_s;
};

static const struct bind_field rotate_fields[] = {
    {"overlap_seconds", BIND_INT(rotation, overlap_s), .min = 0, .max = API_KEY_OVERLAP_MAX_S,
     .flags = BIND_PRESET, .preset = API_KEY_OVERLAP_DEFAULT_S},
    {0},
};
static const struct bind_table rotate_body = {NULL, rotate_fields, 0};

static enum err rotate(struct api_request *req, struct json_writer *out)
{
    struct rotation rotation = {.overlap_s = API_KEY_OVERLAP_DEFAULT_S};
    struct uuid id;
    struct api_key_row row;
    struct str key;
    TRY(api_path_uuid(req, 0, "api_key", &id));
    if (req->http->body.len > 0)
        TRY(api_body(req, &rotate_body, &rotation));
    TRY(api_key_rotate(req->ctx, id, rotation.overlap_s, &row, &key));
    api_created(req);
    api_secret(req, key);
    return answer_key(req, out, &row, key);
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct api_key_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(api_key_list(req->ctx, page.limit, page.offset, &rows, &count, &total));
    api_list(out, "api_keys");
    for (size_t i = 0; i < count; i++)
        write_key(req, out, NULL, &rows[i], STR_NULL);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route api_key_routes[] = {
    {HTTP_POST, "/api_keys", create, 0, 0},
    {HTTP_GET, "/api_keys", list, 0, 0},
    {HTTP_GET, "/api_keys/{id}", get, 0, 0},
    {HTTP_PUT, "/api_keys/{id}", change, 0, 0},
    {HTTP_DELETE, "/api_keys/{id}", revoke, 0, 0},
    {HTTP_POST, "/api_keys/{id}/rotate", rotate, 0, 0},
    {0},
};
