#include "app/vendor_account.h"

#include "api/api.h"

#define NAME_CHARACTERS_MAX 500

static const struct bind_field account_fields[] = {
    {"external_customer_id", BIND_TEXT(vendor_account_input, external_customer_id),
     .flags = BIND_REQUIRED},
    {"provider_name", BIND_TEXT(vendor_account_input, provider_name), .max = NAME_CHARACTERS_MAX,
     .flags = BIND_REQUIRED},
    {"sub_account_id", BIND_TEXT(vendor_account_input, sub_account_id), .max = NAME_CHARACTERS_MAX,
     .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table account_body = {"vendor_account", account_fields, 0};

static enum err assign(struct api_request *req, struct json_writer *out)
{
    struct vendor_account_input input = {0};
    struct vendor_account_row row;
    TRY(api_body(req, &account_body, &input));
    TRY(vendor_account_assign(req->ctx, &input, &row));
    api_created(req);
    json_object(out, NULL);
    json_object(out, "vendor_account");
    json_str(out, "provider_name", row.provider_name);
    json_str(out, "sub_account_id", row.sub_account_id);
    json_str(out, "external_customer_id", input.external_customer_id);
    face_ref(out, req->face, "customer", row.customer_id);
    json_time(out, "created_at", row.created_at);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct vendor_account_page_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(vendor_account_list(req->ctx, page.limit, page.offset, &rows, &count, &total));
    api_list(out, "vendor_accounts");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        json_str(out, "provider_name", rows[i].provider_name);
        json_str(out, "sub_account_id", rows[i].sub_account_id);
        json_str(out, "external_customer_id", rows[i].external_id);
        face_ref(out, req->face, "customer", rows[i].customer_id);
        json_time(out, "created_at", rows[i].created_at);
        json_object_end(out);
    }
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route vendor_account_routes[] = {
    {HTTP_POST, "/vendor_accounts", assign, 0, 0},
    {HTTP_GET, "/vendor_accounts", list, 0, 0},
    {0},
};
