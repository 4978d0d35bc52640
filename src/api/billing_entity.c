/* billing_entity.c - billing entities, and the organization, whose settings are those of the
 * billing entity `default`. */
#include "app/billing_entity.h"
#include "app/billing_entity_logo.h"
#include "app/document_terms.h"

#include "api/api.h"
#include "api/bodies.h"
#include "api/tax.h"

#include <sodium.h>

/* per_organization is the word of PUT /organizations for the same thing. */
static const struct bind_word numberings[] = {
    {"per_customer", 0}, {"per_billing_entity", 1}, {"per_organization", 1}, {0}};

struct entity_request {
    struct billing_entity_input input;
    int numbering;
    struct str configuration;
    struct str logo; /* data:TYPE;base64,BYTES */
};

/* Room for the longest logo as a data URL. */
#define LOGO_URL_MAX ((int64_t)(LOGO_BYTES_MAX / 3 * 4 + 100))

static const struct bind_field configuration_fields[] = {
    {"invoice_grace_period", BIND_INT(billing_entity_input, grace_days), .min = 0, .max = 365,
     .sent = ENTITY_GRACE_DAYS},
    {"subscription_invoice_issuing_date_anchor", BIND_UNSUPPORTED},
    {"subscription_invoice_issuing_date_adjustment", BIND_UNSUPPORTED},
    {"invoice_footer", BIND_UNSUPPORTED},
    {"document_locale", BIND_TEXT(billing_entity_input, document_locale), .max = LOCALE_TAG_MAX,
     .sent = ENTITY_DOCUMENT_LOCALE},
    {0},
};
static const struct bind_table configuration_table = {NULL, configuration_fields,
                                                      BIND_SENT_AT(billing_entity_input, sent)};

#define AT(member) input.member
#define ENTITY_FIELDS                                                                           \
    {"name", BIND_TEXT(entity_request, AT(name)), .sent = ENTITY_NAME},                         \
        {"legal_name", BIND_TEXT(entity_request, AT(legal_name)), .sent = ENTITY_LEGAL_NAME},   \
        {"email", BIND_EMAIL(entity_request, AT(email)), .sent = ENTITY_EMAIL},                 \
        {"country", BIND_COUNTRY(entity_request, AT(country)), .sent = ENTITY_COUNTRY},         \
        {"timezone", BIND_ZONE(entity_request, AT(timezone)), .sent = ENTITY_TIMEZONE},         \
        {"default_currency", BIND_CURRENCY(entity_request, AT(default_currency)),               \
         .sent = ENTITY_DEFAULT_CURRENCY},                                                      \
        {"document_numbering", BIND_WORD(entity_request, numbering, numberings),                \
         .sent = ENTITY_DOCUMENT_NUMBERING},                                                    \
        {"document_number_prefix", BIND_CODE(entity_request, AT(document_number_prefix)),       \
         .sent = ENTITY_DOCUMENT_NUMBER_PREFIX},                                                \
        {"net_payment_term", BIND_INT(entity_request, AT(payment_term_days)), .min = 0,         \
         .max = 365, .sent = ENTITY_PAYMENT_TERM_DAYS},                                         \
        {"finalize_zero_amount_invoice", BIND_BOOL(entity_request, AT(finalize_zero_amount)),   \
         .preset = true, .sent = ENTITY_FINALIZE_ZERO_AMOUNT},                                  \
        {"tax_codes", BIND_TEXTS(entity_request, AT(tax_codes), AT(tax_code_count)),            \
         .sent = ENTITY_TAX_CODES},                                                             \
        {"iban", BIND_TEXT(entity_request, AT(iban)), .max = 42, .sent = ENTITY_IBAN},          \
        {"bic", BIND_TEXT(entity_request, AT(bic)), .max = 11, .sent = ENTITY_BIC},             \
        {"bank_name", BIND_TEXT(entity_request, AT(bank_name)), .sent = ENTITY_BANK_NAME},      \
        {"account_holder", BIND_TEXT(entity_request, AT(account_holder)),                       \
         .sent = ENTITY_ACCOUNT_HOLDER},                                                        \
        {"billing_configuration", BIND_RAW(entity_request, configuration),                      \
         .flags = BIND_RAW_OBJECT},                                                             \
        {"address_line1", BIND_TEXT(entity_request, AT(address_line1)),                         \
         .sent = ENTITY_ADDRESS_LINE1},                                                         \
        {"address_line2", BIND_TEXT(entity_request, AT(address_line2)),                         \
         .sent = ENTITY_ADDRESS_LINE2},                                                         \
        {"city", BIND_TEXT(entity_request, AT(city)), .sent = ENTITY_CITY},                     \
        {"state", BIND_TEXT(entity_request, AT(state)), .sent = ENTITY_STATE},                  \
        {"zipcode", BIND_TEXT(entity_request, AT(zipcode)), .sent = ENTITY_ZIPCODE},            \
        {"legal_number", BIND_TEXT(entity_request, AT(legal_number)),                           \
         .sent = ENTITY_LEGAL_NUMBER},                                                          \
        {"tax_identification_number", BIND_TEXT(entity_request, AT(tax_identification_number)), \
         .sent = ENTITY_TAX_IDENTIFICATION_NUMBER},                                             \
        {"email_settings", BIND_UNSUPPORTED}, {"eu_tax_management", BIND_UNSUPPORTED},          \
        {"einvoicing", BIND_UNSUPPORTED}, {"webhook_url", BIND_UNSUPPORTED},                    \
    {                                                                                           \
        "phone", BIND_UNSUPPORTED                                                               \
    }

static const struct bind_field create_fields[] = {
    {"code", BIND_CODE(entity_request, AT(code)), .flags = BIND_REQUIRED},
    {"logo", BIND_UNSUPPORTED},
    ENTITY_FIELDS,
    {0}};
static const struct bind_field change_fields[] = {
    {"logo", BIND_TEXT(entity_request, logo), .max = LOGO_URL_MAX, .sent = ENTITY_LOGO},
    ENTITY_FIELDS,
    {0}};
#undef AT
const struct bind_table billing_entity_body = {"billing_entity", create_fields,
                                               BIND_SENT_AT(entity_request, input.sent)};
static const struct bind_table change_body = {"billing_entity", change_fields,
                                              BIND_SENT_AT(entity_request, input.sent)};
static const struct bind_table organization_body = {"organization", change_fields,
                                                    BIND_SENT_AT(entity_request, input.sent)};

/* "data:image/png;base64,iVBORw0…" */
static void read_logo(struct api_request *req, struct str url, struct billing_entity_input *input)
{
    struct str type = STR_NULL;
    struct str rest = url;
    size_t len = 0;
    if (str_is_null(url))
        return;
    unsigned char *bytes = arena_alloc_array(req->arena, url.len, 1);
    bool is_url = str_starts(url, STR("data:")) && str_split(&rest, ';', &type) &&
                  !str_is_null(rest) && str_starts(rest, STR("base64,"));
    if (is_url) {
        rest = str_slice(rest, STR("base64,").len, rest.len);
        is_url = sodium_base642bin(bytes, url.len, rest.ptr, rest.len, "\r\n", &len, NULL,
                                   sodium_base64_VARIANT_ORIGINAL) == 0;
    }
    if (is_url) {
        input->logo_type = str_slice(type, STR("data:").len, type.len);
        input->logo = (struct str){(const char *)bytes, len};
    } else {
        fault_field(req->fault, STR("logo"), "value_is_invalid", str_slice(url, 0, 40),
                    "a data URL such as data:image/png;base64,iVBORw0…");
    }
}

static enum err read_body(struct api_request *req, const struct bind_table *table,
                          struct entity_request *body)
{
    TRY(api_body(req, table, body));
    body->input.document_numbering = str_of(bind_word_of(numberings, body->numbering));
    read_logo(req, body->logo, &body->input);
    if (str_is_null(body->configuration))
        return bind_check(&req->bind);
    struct billing_entity_input configured = {0};
    bind_object(&req->bind, body->configuration, STR("billing_configuration"), &configuration_table,
                &configured);
    body->input.grace_days = configured.grace_days;
    body->input.document_locale = configured.document_locale;
    body->input.sent |= configured.sent;
    return bind_check(&req->bind);
}

/* What an entity and an organization show alike. */
static void write_settings(struct api_request *req, struct json_writer *out,
                           const struct billing_entity_view *view)
{
    struct str logo = view->logo_path;
    const struct billing_entity_row *row = &view->row;
    json_str(out, "legal_name", row->legal_name);
    json_str(out, "email", row->email);
    json_str(out, "country", row->country);
    json_str(out, "timezone", row->timezone);
    json_str(out, "default_currency", row->default_currency);
    json_str(out, "document_number_prefix", row->document_number_prefix);
    json_int(out, "net_payment_term", row->payment_term_days);
    json_bool(out, "finalize_zero_amount_invoice", row->finalize_zero_amount);
    json_str(out, "iban", row->iban);
    json_str(out, "bic", row->bic);
    json_str(out, "bank_name", row->bank_name);
    json_str(out, "account_holder", row->account_holder);
    json_str(out, "address_line1", row->address_line1);
    json_str(out, "address_line2", row->address_line2);
    json_str(out, "city", row->city);
    json_str(out, "state", row->state);
    json_str(out, "zipcode", row->zipcode);
    json_str(out, "legal_number", row->legal_number);
    json_str(out, "tax_identification_number", row->tax_identification_number);
    json_array(out, "email_settings");
    json_array_end(out);
    json_str(out, "logo_url",
             str_is_null(logo) ? STR_NULL
                               : arena_fmt(req->arena, "%.*s%.*s",
                                           STR_ARG(req->ctx->app->public_url), STR_ARG(logo)));
    tax_array(out, req->face, view->taxes, view->tax_count);
    json_time(out, "created_at", row->created_at);
    json_time(out, "updated_at", row->updated_at);
}

static void write_entity(struct api_request *req, struct json_writer *out, const char *key,
                         const struct billing_entity_view *view)
{
    json_object(out, key);
    face_id(out, req->face, view->row.id);
    json_str(out, "code", view->row.code);
    json_str(out, "name", view->row.name);
    json_bool(out, "is_default", str_eq(view->row.code, STR("default")));
    json_str(out, "document_numbering", view->row.document_numbering);
    json_int(out, "invoice_grace_period", view->row.grace_days);
    json_str(out, "document_locale", view->row.document_locale);
    json_bool(out, "eu_tax_management", false);
    json_time(out, "archived_at", view->row.archived_at);
    write_settings(req, out, view);
    json_object_end(out);
}

static enum err answer_entity(struct api_request *req, struct json_writer *out,
                              const struct billing_entity_view *view)
{
    json_object(out, NULL);
    write_entity(req, out, "billing_entity", view);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct entity_request body = {0};
    struct billing_entity_view view;
    TRY(read_body(req, &billing_entity_body, &body));
    TRY(billing_entity_create(req->ctx, &body.input, &view));
    api_created(req);
    return answer_entity(req, out, &view);
}

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct entity_request body = {0};
    struct billing_entity_view view;
    TRY(read_body(req, &change_body, &body));
    body.input.code = api_path(req, 0);
    TRY(billing_entity_change(req->ctx, &body.input, &view));
    return answer_entity(req, out, &view);
}

static enum err archive(struct api_request *req, struct json_writer *out)
{
    struct billing_entity_view view;
    TRY(billing_entity_archive(req->ctx, api_path(req, 0), &view));
    return answer_entity(req, out, &view);
}

/* ---- its logo, as the bytes that it is ---- */

/* "image/png; charset=binary" is "image/png". */
static struct str media_type_of(struct api_request *req)
{
    struct str type = http_request_header(req->http, "Content-Type");
    struct str name;
    if (str_is_null(type) || !str_is_text(type) || !str_split(&type, ';', &name))
        return STR_NULL;
    name = str_trim(name);
    if (str_eq_nocase(name, STR(LOGO_SVG)))
        return STR(LOGO_SVG);
    return str_eq_nocase(name, STR(LOGO_PNG)) ? STR(LOGO_PNG) : STR_NULL;
}

static enum err logo_put(struct api_request *req, struct json_writer *out)
{
    struct billing_entity_view view;
    struct str type = media_type_of(req);
    TRY(api_query(req, NULL, NULL));
    if (str_is_null(type))
        return fault_set(req->fault, ERR_MEDIA_TYPE,
                         "a logo is wanted: Content-Type " LOGO_SVG " or " LOGO_PNG);
    TRY(billing_entity_logo_set(req->ctx, api_path(req, 0), type, req->http->body, &view));
    return answer_entity(req, out, &view);
}

static enum err logo_get(struct api_request *req, struct json_writer *out)
{
    struct billing_entity_logo_row logo;
    (void)out; /* no JSON */
    TRY(api_query(req, NULL, NULL));
    TRY(billing_entity_logo_get(req->ctx, api_path(req, 0), &logo));
    req->content_type = str_eq(logo.media_type, STR(LOGO_PNG)) ? LOGO_PNG : LOGO_SVG;
    buf_add(req->body, logo.content);
    return ERR_NONE;
}

static enum err logo_delete(struct api_request *req, struct json_writer *out)
{
    struct billing_entity_view view;
    TRY(billing_entity_logo_remove(req->ctx, api_path(req, 0), &view));
    return answer_entity(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct billing_entity_view view;
    TRY(billing_entity_get(req->ctx, api_path(req, 0), &view));
    return answer_entity(req, out, &view);
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct billing_entity_view *views = NULL;
    size_t count = 0;
    TRY(api_page_query(req, NULL, NULL, &page));
    TRY(billing_entity_list_all(req->ctx, &views, &count));
    api_list(out, "billing_entities");
    for (int64_t i = page.offset; i < (int64_t)count && i < page.offset + page.limit; i++)
        write_entity(req, out, NULL, &views[i]);
    api_list_end(out, &page, (int64_t)count);
    return ERR_NONE;
}

static enum err answer_organization(struct api_request *req, struct json_writer *out,
                                    const struct billing_entity_view *view)
{
    json_object(out, NULL);
    json_object(out, "organization");
    face_id(out, req->face, req->ctx->app->organization_id);
    json_str(out, "name", view->row.name);
    json_str(out, "document_numbering",
             str_eq(view->row.document_numbering, STR("per_customer")) ? STR("per_customer")
                                                                       : STR("per_organization"));
    json_object(out, "billing_configuration");
    json_int(out, "invoice_grace_period", view->row.grace_days);
    json_str(out, "document_locale", view->row.document_locale);
    json_object_end(out);
    write_settings(req, out, view);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err organization_change(struct api_request *req, struct json_writer *out)
{
    struct entity_request body = {0};
    struct billing_entity_view view;
    TRY(read_body(req, &organization_body, &body));
    body.input.code = STR("default");
    TRY(billing_entity_change(req->ctx, &body.input, &view));
    return answer_organization(req, out, &view);
}

static enum err organization_get(struct api_request *req, struct json_writer *out)
{
    struct billing_entity_view view;
    TRY(billing_entity_get(req->ctx, STR("default"), &view));
    return answer_organization(req, out, &view);
}

const struct api_route billing_entity_routes[] = {
    {HTTP_POST, "/billing_entities", create, 0, 0},
    {HTTP_GET, "/billing_entities", list, 0, 0},
    {HTTP_GET, "/billing_entities/{code}", get, 0, 0},
    {HTTP_PUT, "/billing_entities/{code}", change, 0, 0},
    {HTTP_POST, "/billing_entities/{code}/archive", archive, 0, 0},
    {HTTP_PUT, "/billing_entities/{code}/logo", logo_put, 0, LOGO_BYTES_MAX},
    {HTTP_GET, "/billing_entities/{code}/logo", logo_get, 0, 0},
    {HTTP_DELETE, "/billing_entities/{code}/logo", logo_delete, 0, 0},
    {HTTP_GET, "/organizations", organization_get, 0, 0},
    {HTTP_PUT, "/organizations", organization_change, 0, 0},
    {0},
};
