/* webhook.c - the messages that endpoints were sent, or could not be. */
#include "api/webhook.h"

#include "api/api.h"
#include "base/none.h"

static const struct bind_word statuses[] = {
    {"waiting", 0}, {"succeeded", 0}, {"failed", 0}, {NULL, 0}};

struct list_request {
    struct uuid endpoint_id;
    struct str type, status;
};

static const struct bind_field list_fields[] = {
    {"webhook_endpoint_id", BIND_UUID(list_request, endpoint_id)},
    {"type", BIND_TEXT(list_request, type)},
    {"status", BIND_TEXT(list_request, status), .words = statuses},
    {0},
};
static const struct bind_table list_query = {NULL, list_fields, 0};

static void write_int(struct json_writer *out, const char *key, int64_t value)
{
    if (value == INT_NONE)
        json_null(out, key);
    else
        json_int(out, key, value);
}

void webhook_write(struct json_writer *out, const struct face *face, const char *key,
                   const struct webhook_view *view, bool whole)
{
    const struct webhook_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    face_ref(out, face, "webhook_endpoint", row->endpoint_id);
    json_str(out, "webhook_url", view->url);
    json_str(out, "webhook_type", row->webhook_type);
    json_str(out, "object_type", row->object_type);
    json_uuid(out, "object_id", row->object_id);
    json_str(out, "status", row->webhook_status);
    json_int(out, "tries", view->tries);
    write_int(out, "http_status", row->http_status);
    json_str(out, "problem", row->last_problem);
    json_time(out, "next_try_at", view->due_at);
    json_time(out, "created_at", row->created_at);
    json_time(out, "ended_at", row->ended_at);
    if (whole) {
        json_str(out, "payload", row->message_body);
        json_str(out, "response", row->answer_head);
    }
    json_object_end(out);
}

static enum err answer(struct api_request *req, struct json_writer *out,
                       const struct webhook_view *view)
{
    json_object(out, NULL);
    webhook_write(out, req->face, "webhook", view, true);
    json_object_end(out);
    return ERR_NONE;
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct webhook_view view;
    struct uuid id;
    TRY(api_path_uuid(req, 0, "webhook", &id));
    TRY(webhook_get(req->ctx, id, &view));
    return answer(req, out, &view);
}

static enum err resend(struct api_request *req, struct json_writer *out)
{
    struct webhook_view view;
    struct uuid id;
    TRY(api_path_uuid(req, 0, "webhook", &id));
    TRY(webhook_resend(req->ctx, id, &view));
    return answer(req, out, &view);
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct list_request query = {0};
    struct webhook_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_cursor_query(req, &list_query, &query, &page));
    struct webhook_filter filter = {
        .endpoint_id = query.endpoint_id,
        .type = query.type,
        .status = query.status,
        .after_id = page.after_id,
        .limit = page.limit,
        .offset = page.offset,
    };
    TRY(webhook_list(req->ctx, &filter, &views, &count, &total));
    api_list(out, "webhooks");
    for (size_t i = 0; i < count; i++)
        webhook_write(out, req->face, NULL, &views[i], false);
    api_page_last(req, &page, count > 0 ? views[count - 1].row.id : UUID_NIL, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route webhook_routes[] = {
    {HTTP_GET, "/webhooks", list, 0, 0},
    {HTTP_GET, "/webhooks/{id}", get, 0, 0},
    {HTTP_POST, "/webhooks/{id}/resend", resend, 0, 0},
    {0},
};
