#include "app/payment.h"
#include "app/payment_checkout.h"
#include "app/payment_settle.h"
#include "app/receipt_document.h"

#include "api/api.h"
#include "base/time.h"

static const struct bind_field input_fields[] = {
    {"invoice_id", BIND_UUID(payment_input, invoice_id), .flags = BIND_REQUIRED},
    {"amount_cents", BIND_INT(payment_input, amount_minor), .min = 1, .max = INT64_MAX / 1000,
     .flags = BIND_REQUIRED},
    {"reference", BIND_TEXT(payment_input, reference)},
    {"paid_at", BIND_INSTANT(payment_input, paid_at)},
    {0},
};
static const struct bind_table payment_body = {"payment", input_fields, 0};

/* Lago knows no payment of which nobody knows. */
static struct str payment_status(const struct face *face, const struct payment_row *row)
{
    return face->is_lago && str_eq(row->status, STR("unknown")) ? STR("processing") : row->status;
}

static void write_payment(struct json_writer *out, const struct face *face, const char *key,
                          const struct payment_view *view)
{
    const struct payment_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    face_ref(out, face, "customer", row->customer_id);
    json_str(out, "external_customer_id", view->external_customer_id);
    json_array(out, "invoice_ids");
    json_uuid(out, NULL, row->invoice_id);
    json_array_end(out);
    json_array(out, "invoice_numbers");
    json_str(out, NULL, view->invoice_number);
    json_array_end(out);
    face_ref(out, face, "payable", row->invoice_id);
    json_str(out, "payable_type", STR("Invoice"));
    json_int(out, "amount_cents", row->amount_minor);
    json_str(out, "amount_currency", row->currency);
    json_str(out, "status", row->status);
    json_str(out, "payment_status", payment_status(face, row));
    json_str(out, "type", row->payment_type);
    json_str(out, "reference", row->reference);
    json_str(out, "payment_provider_code", row->gateway_code);
    json_str(out, "provider_payment_id", row->gateway_payment_id);
    json_str(out, "failure_code", row->failure_code);
    json_str(out, "receipt_number", row->receipt_number);
    json_int(out, "unapplied_amount_cents", row->unapplied_minor);
    json_time(out, "paid_at", row->paid_at);
    json_time(out, "created_at", row->created_at);
    json_object_end(out);
}

static enum err answer_payment(struct api_request *req, struct json_writer *out,
                               const struct payment_view *view)
{
    json_object(out, NULL);
    write_payment(out, req->face, "payment", view);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct payment_input input = {0};
    struct payment_view view;
    TRY(api_body(req, &payment_body, &input));
    TRY(payment_create(req->ctx, &input, &view));
    api_created(req);
    return answer_payment(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct payment_view view;
    TRY(api_path_uuid(req, 0, "payment", &id));
    TRY(payment_get(req->ctx, id, &view));
    return answer_payment(req, out, &view);
}

static const struct bind_field list_fields[] = {
    {"external_customer_id", BIND_TEXT(payment_filter, external_customer_id)},
    {"invoice_id", BIND_UUID(payment_filter, invoice_id)},
    {"paid_at_from", BIND_INSTANT(payment_filter, paid_from_at)},
    {"paid_at_to", BIND_INSTANT(payment_filter, paid_to_at)},
    {0},
};
static const struct bind_table list_query = {NULL, list_fields, 0};

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct payment_filter filter = {0};
    struct payment_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_cursor_query(req, &list_query, &filter, &page));
    filter.after_id = page.after_id;
    filter.limit = page.limit;
    filter.offset = page.offset;
    TRY(payment_list(req->ctx, &filter, &views, &count, &total));
    api_list(out, "payments");
    for (size_t i = 0; i < count; i++)
        write_payment(out, req->face, NULL, &views[i]);
    api_page_last(req, &page, count > 0 ? views[count - 1].row.id : UUID_NIL, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err receipt(struct api_request *req, struct json_writer *out)
{
    struct str language = STR_NULL;
    struct uuid id;
    (void)out; /* no JSON */
    TRY(api_document(req, &language));
    TRY(api_path_uuid(req, 0, "payment", &id));
    return receipt_pdf(req->ctx, id, language, req->body);
}

static enum err refresh(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct payment_view view;
    TRY(api_path_uuid(req, 0, "payment", &id));
    TRY(payment_refresh(req->ctx, id, &view));
    return answer_payment(req, out, &view);
}

static enum err payment_url(struct api_request *req, struct json_writer *out)
{
    struct payment_checkout_input input = {.return_url = STR_NULL};
    struct payment_checkout checkout;
    struct payment_view view;
    TRY(api_path_uuid(req, 0, "invoice", &input.invoice_id));
    TRY(payment_checkout_start(req->ctx, &input, &checkout));
    TRY(payment_get(req->ctx, checkout.payment_id, &view));
    json_object(out, NULL);
    json_object(out, "invoice_payment_details");
    face_ref(out, req->face, "customer", checkout.customer_id);
    face_ref(out, req->face, "invoice", input.invoice_id);
    face_ref(out, req->face, "payment", checkout.payment_id);
    json_str(out, "external_customer_id", view.external_customer_id);
    json_str(out, "payment_provider", checkout.gateway_code);
    json_str(out, "payment_url", checkout.redirect_url);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route payment_routes[] = {
    {HTTP_POST, "/payments", create, 0, 0},
    {HTTP_GET, "/payments", list, 0, 0},
    {HTTP_GET, "/payments/{id}", get, 0, 0},
    {HTTP_GET, "/payments/{id}/receipt.pdf", receipt, 0, 0},
    {HTTP_POST, "/payments/{id}/refresh", refresh, API_APART, 0},
    {HTTP_POST, "/invoices/{id}/payment_url", payment_url, API_APART, 0},
    {0},
};
