/* mail.c - the mails that customers were sent, or could not be. */
#include "app/mail_list.h"

#include "api/api.h"

static const struct bind_word types[] = {
    {"invoice", 0}, {"receipt", 0}, {"portal_link", 0}, {NULL, 0}};
static const struct bind_word statuses[] = {
    {"waiting", 0}, {"sent", 0}, {"failed", 0}, {"no_address", 0}, {NULL, 0}};

struct list_request {
    struct str external_customer_id;
    struct uuid invoice_id;
    struct str type, status;
};

static const struct bind_field list_fields[] = {
    {"external_customer_id", BIND_TEXT(list_request, external_customer_id)},
    {"invoice_id", BIND_UUID(list_request, invoice_id)},
    {"type", BIND_TEXT(list_request, type), .words = types},
    {"status", BIND_TEXT(list_request, status), .words = statuses},
    {0},
};
static const struct bind_table list_query = {NULL, list_fields, 0};

static void write_mail(struct json_writer *out, const struct face *face, const char *key,
                       const struct mail_view *view)
{
    const struct mail_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    json_str(out, "type", row->mail_type);
    json_str(out, "status", row->mail_status);
    json_str(out, "external_customer_id", view->external_customer_id);
    json_uuid(out, "invoice_id", row->invoice_id);
    json_uuid(out, "payment_id", row->payment_id);
    json_str(out, "invoice_number", view->invoice_number);
    json_str(out, "to", row->to_address);
    json_str(out, "subject", row->subject);
    json_int(out, "tries", view->tries);
    json_str(out, "problem", row->last_problem);
    json_time(out, "next_try_at", view->due_at);
    json_time(out, "sent_at", row->sent_at);
    json_time(out, "created_at", row->created_at);
    json_object_end(out);
}

static enum err answer(struct api_request *req, struct json_writer *out,
                       const struct mail_view *view)
{
    json_object(out, NULL);
    write_mail(out, req->face, "mail", view);
    json_object_end(out);
    return ERR_NONE;
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct mail_view view;
    TRY(api_path_uuid(req, 0, "mail", &id));
    TRY(mail_get(req->ctx, id, &view));
    return answer(req, out, &view);
}

static enum err resend(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct mail_view view;
    TRY(api_path_uuid(req, 0, "mail", &id));
    TRY(mail_resend(req->ctx, id, &view));
    return answer(req, out, &view);
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct list_request query = {0};
    struct mail_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_cursor_query(req, &list_query, &query, &page));
    struct mail_filter filter = {
        .external_customer_id = query.external_customer_id,
        .invoice_id = query.invoice_id,
        .type = query.type,
        .status = query.status,
        .after_id = page.after_id,
        .limit = page.limit,
        .offset = page.offset,
    };
    TRY(mail_list(req->ctx, &filter, &views, &count, &total));
    api_list(out, "mails");
    for (size_t i = 0; i < count; i++)
        write_mail(out, req->face, NULL, &views[i]);
    api_page_last(req, &page, count > 0 ? views[count - 1].row.id : UUID_NIL, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route mail_routes[] = {
    {HTTP_GET, "/mails", list, 0, 0},
    {HTTP_GET, "/mails/{id}", get, 0, 0},
    {HTTP_POST, "/mails/{id}/resend", resend, 0, 0},
    {0},
};
