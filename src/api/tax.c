#include "api/tax.h"

#include "api/api.h"
#include "api/bodies.h"
#include "app/tax.h"

static const struct bind_field tax_body_fields[] = {
    {"name", BIND_TEXT(tax_input, name), .flags = BIND_REQUIRED},
    {"code", BIND_CODE(tax_input, code), .flags = BIND_REQUIRED},
    {"rate", BIND_DECIMAL(tax_input, rate), .digits = 3, .decimals = 6,
     .flags = BIND_REQUIRED | BIND_NOT_NEGATIVE},
    {"description", BIND_TEXT(tax_input, description), .max = 600},
    {"applied_to_organization", BIND_BOOL(tax_input, applied_to_organization)},
    {0},
};
const struct bind_table tax_body = {"tax", tax_body_fields, 0};

void tax_members(struct json_writer *out, const struct face *face, const struct tax_row *tax)
{
    face_id(out, face, tax->id);
    json_str(out, "name", tax->name);
    json_str(out, "code", tax->code);
    face_number(out, face, "rate", tax->rate);
    json_str(out, "description", tax->description);
    json_time(out, "created_at", tax->created_at);
}

void tax_array(struct json_writer *out, const struct face *face, const struct tax_row *taxes,
               size_t count)
{
    json_array(out, "taxes");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        tax_members(out, face, &taxes[i]);
        json_object_end(out);
    }
    json_array_end(out);
}

static void write_tax(struct json_writer *out, const struct face *face, const char *key,
                      const struct tax_view *view)
{
    bool on_default = false;
    json_object(out, key);
    tax_members(out, face, &view->row);
    json_array(out, "applied_to_billing_entities_codes");
    for (size_t i = 0; i < view->entity_code_count; i++) {
        on_default |= str_eq(view->entity_codes[i], STR("default"));
        json_str(out, NULL, view->entity_codes[i]);
    }
    json_array_end(out);
    json_bool(out, "applied_to_organization", on_default);
    json_object_end(out);
}

static enum err answer_tax(struct api_request *req, struct json_writer *out,
                           const struct tax_view *view)
{
    json_object(out, NULL);
    write_tax(out, req->face, "tax", view);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct tax_input input = {0};
    struct tax_view view;
    TRY(api_body(req, &tax_body, &input));
    TRY(tax_create(req->ctx, &input, &view));
    api_created(req);
    return answer_tax(req, out, &view);
}

struct tax_change_request {
    struct tax_input input;
    uint64_t sent;
};

#define AT(member) input.member
static const struct bind_field tax_change_fields[] = {
    {"name", BIND_TEXT(tax_change_request, AT(name)), .flags = BIND_NOT_EMPTY, .sent = TAX_NAME},
    {"code", BIND_CODE(tax_change_request, AT(code)), .flags = BIND_NOT_EMPTY, .sent = TAX_CODE},
    {"rate", BIND_DECIMAL(tax_change_request, AT(rate)), .digits = 3, .decimals = 6,
     .flags = BIND_NOT_EMPTY | BIND_NOT_NEGATIVE, .sent = TAX_RATE},
    {"description", BIND_TEXT(tax_change_request, AT(description)), .max = 600,
     .sent = TAX_DESCRIPTION},
    {"applied_to_organization", BIND_BOOL(tax_change_request, AT(applied_to_organization)),
     .sent = TAX_APPLIED_TO_ORGANIZATION},
    {0},
};
#undef AT
static const struct bind_table tax_change_body = {"tax", tax_change_fields,
                                                  BIND_SENT_AT(tax_change_request, sent)};

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct tax_change_request body = {0};
    struct tax_view view;
    TRY(api_body(req, &tax_change_body, &body));
    TRY(tax_change(req->ctx, api_path(req, 0), body.sent, &body.input, &view));
    return answer_tax(req, out, &view);
}

static enum err delete (struct api_request *req, struct json_writer *out) {
    struct tax_view view; TRY(tax_remove(req->ctx, api_path(req, 0), &view));
    return answer_tax(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct tax_view view;
    TRY(tax_get(req->ctx, api_path(req, 0), &view));
    return answer_tax(req, out, &view);
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct tax_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(tax_list(req->ctx, page.limit, page.offset, &views, &count, &total));
    api_list(out, "taxes");
    for (size_t i = 0; i < count; i++)
        write_tax(out, req->face, NULL, &views[i]);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route tax_routes[] = {
    {HTTP_POST, "/taxes", create, 0, 0},          {HTTP_GET, "/taxes", list, 0, 0},
    {HTTP_GET, "/taxes/{code}", get, 0, 0},       {HTTP_PUT, "/taxes/{code}", change, 0, 0},
    {HTTP_DELETE, "/taxes/{code}", delete, 0, 0}, {0},
};
