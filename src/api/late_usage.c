/* late_usage.c - usage that came too late to be billed. */
#include "app/late_read.h"

#include "api/api.h"
#include "base/time.h"

static const struct bind_field list_fields[] = {
    {"external_customer_id", BIND_TEXT(late_query, external_customer_id)},
    {0},
};
static const struct bind_table list_table = {NULL, list_fields, 0};

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct late_query query = {0};
    struct api_page page;
    struct late_exception_page_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, &list_table, &query, &page));
    query.limit = page.limit;
    query.offset = page.offset;
    TRY(late_exception_list(req->ctx, &query, &rows, &count, &total));
    api_list(out, "late_usage");
    for (size_t i = 0; i < count; i++) {
        const struct late_exception_page_row *row = &rows[i];
        json_object(out, NULL);
        face_id(out, req->face, row->id);
        json_str(out, "external_customer_id", row->external_customer_id);
        face_ref(out, req->face, "customer", row->customer_id);
        json_str(out, "external_subscription_id", row->external_subscription_id);
        face_ref(out, req->face, "subscription", row->subscription_id);
        face_ref(out, req->face, "charge", row->lineage_id);
        json_str(out, "code", row->metric_code);
        json_time(out, "from_datetime", row->from_at);
        json_time(out, "to_datetime", row->to_at - TIME_SECOND);
        json_str(out, "reason", row->reason);
        json_int(out, "events_count", row->event_count);
        json_decimal(out, "units", row->units);
        json_int(out, "amount_cents", row->amount_minor);
        json_str(out, "amount_currency", row->currency);
        json_time(out, "created_at", row->created_at);
        json_time(out, "updated_at", row->updated_at);
        json_object_end(out);
    }
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err dismiss(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    (void)out;
    TRY(api_path_uuid(req, 0, "late_usage", &id));
    return api_found(req, "late_usage", late_exception_dismiss(req->ctx, id));
}

const struct api_route late_usage_routes[] = {
    {HTTP_GET, "/late_usage", list, 0, 0},
    {HTTP_DELETE, "/late_usage/{id}", dismiss, 0, 0},
    {0},
};
