#include "app/payment_settle.h"

#include "api/api.h"

static void write_exception(struct json_writer *out, const struct face *face, const char *key,
                            const struct payment_exception_view *view)
{
    const struct payment_exception_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    face_ref(out, face, "customer", row->customer_id);
    json_str(out, "external_customer_id", view->external_customer_id);
    face_ref(out, face, "invoice", row->invoice_id);
    json_str(out, "invoice_number", view->invoice_number);
    face_ref(out, face, "payment", row->payment_id);
    json_str(out, "reason", row->reason);
    json_int(out, "amount_cents", row->amount_minor);
    json_str(out, "amount_currency", row->currency);
    json_str(out, "detail", row->detail);
    json_time(out, "created_at", row->created_at);
    json_time(out, "resolved_at", row->resolved_at);
    json_object_end(out);
}

struct exception_query {
    bool with_resolved;
};

static const struct bind_field query_fields[] = {
    {"with_resolved", BIND_BOOL(exception_query, with_resolved)},
    {0},
};
static const struct bind_table list_query = {NULL, query_fields, 0};

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct exception_query query = {0};
    struct payment_exception_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, &list_query, &query, &page));
    TRY(payment_exception_list(
        req->ctx,
        &(struct payment_exception_filter){
            .with_resolved = query.with_resolved, .limit = page.limit, .offset = page.offset},
        &views, &count, &total));
    api_list(out, "payment_exceptions");
    for (size_t i = 0; i < count; i++)
        write_exception(out, req->face, NULL, &views[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err resolve(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct payment_exception_view view;
    TRY(api_path_uuid(req, 0, "payment_exception", &id));
    TRY(payment_exception_resolve(req->ctx, id, &view));
    json_object(out, NULL);
    write_exception(out, req->face, "payment_exception", &view);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route payment_exception_routes[] = {
    {HTTP_GET, "/payment_exceptions", list, 0, 0},
    {HTTP_POST, "/payment_exceptions/{id}/resolve", resolve, 0, 0},
    {0},
};
