#include "app/add_on.h"

#include "api/api.h"
#include "api/bodies.h"
#include "api/tax.h"

#define ADD_ON_FIELDS(needed)                                                                      \
    {"name", BIND_TEXT(add_on_input, name), .flags = (needed), .sent = ADD_ON_NAME},               \
        {"code", BIND_CODE(add_on_input, code), .flags = (needed), .sent = ADD_ON_CODE},           \
        {"invoice_display_name", BIND_TEXT(add_on_input, invoice_display_name),                    \
         .sent = ADD_ON_DISPLAY_NAME},                                                             \
        {"description", BIND_TEXT(add_on_input, description), .max = 600,                          \
         .sent = ADD_ON_DESCRIPTION},                                                              \
        {"amount_cents",    BIND_INT(add_on_input, amount_minor),                                  \
         .min = 0,          .max = INT64_MAX / 1000,                                               \
         .flags = (needed), .sent = ADD_ON_AMOUNT},                                                \
        {"amount_currency", BIND_CURRENCY(add_on_input, currency), .flags = (needed),              \
         .sent = ADD_ON_CURRENCY},                                                                 \
    {                                                                                              \
        "tax_codes", BIND_TEXTS(add_on_input, tax_codes, tax_code_count), .sent = ADD_ON_TAX_CODES \
    }
static const struct bind_field add_on_body_fields[] = {ADD_ON_FIELDS(BIND_REQUIRED), {0}};
const struct bind_table add_on_body = {"add_on", add_on_body_fields,
                                       BIND_SENT_AT(add_on_input, sent)};
static const struct bind_field change_fields[] = {ADD_ON_FIELDS(BIND_NOT_EMPTY), {0}};
static const struct bind_table change_body = {"add_on", change_fields,
                                              BIND_SENT_AT(add_on_input, sent)};

static void write_add_on(struct json_writer *out, const struct face *face, const char *key,
                         const struct add_on_view *view)
{
    const struct add_on_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    json_str(out, "code", row->code);
    json_str(out, "name", row->name);
    json_str(out, "invoice_display_name", row->invoice_display_name);
    json_str(out, "description", row->description);
    json_int(out, "amount_cents", row->amount_minor);
    json_str(out, "amount_currency", row->currency);
    tax_array(out, face, view->taxes, view->tax_count);
    json_time(out, "created_at", row->created_at);
    json_object_end(out);
}

static enum err answer_add_on(struct api_request *req, struct json_writer *out,
                              const struct add_on_view *view)
{
    json_object(out, NULL);
    write_add_on(out, req->face, "add_on", view);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct add_on_input input = {0};
    struct add_on_view view;
    TRY(api_body(req, &add_on_body, &input));
    TRY(add_on_create(req->ctx, &input, &view));
    api_created(req);
    return answer_add_on(req, out, &view);
}

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct add_on_input input = {0};
    struct add_on_view view;
    TRY(api_body(req, &change_body, &input));
    TRY(add_on_change(req->ctx, api_path(req, 0), &input, &view));
    return answer_add_on(req, out, &view);
}

static enum err delete (struct api_request *req, struct json_writer *out) {
    struct add_on_view view; TRY(add_on_remove(req->ctx, api_path(req, 0), &view));
    return answer_add_on(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct add_on_view view;
    TRY(add_on_get(req->ctx, api_path(req, 0), &view));
    return answer_add_on(req, out, &view);
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct add_on_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(add_on_list(req->ctx, page.limit, page.offset, &views, &count, &total));
    api_list(out, "add_ons");
    for (size_t i = 0; i < count; i++)
        write_add_on(out, req->face, NULL, &views[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route add_on_routes[] = {
    {HTTP_POST, "/add_ons", create, 0, 0},          {HTTP_GET, "/add_ons", list, 0, 0},
    {HTTP_GET, "/add_ons/{code}", get, 0, 0},       {HTTP_PUT, "/add_ons/{code}", change, 0, 0},
    {HTTP_DELETE, "/add_ons/{code}", delete, 0, 0}, {0},
};
