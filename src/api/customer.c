#include "api/customer.h"

#include "api/api.h"
#include "api/tax.h"
#include "app/document_terms.h"
#include "app/portal_link.h"
#include "base/none.h"

static const struct bind_field billing_configuration_body_fields[] = {
    {"invoice_grace_period", BIND_INT(customer_input, grace_days), .min = 0, .max = 365,
     .sent = CUSTOMER_GRACE_DAYS},
    {"subscription_invoice_issuing_date_anchor", BIND_UNSUPPORTED},
    {"subscription_invoice_issuing_date_adjustment", BIND_UNSUPPORTED},
    {"payment_provider", BIND_UNSUPPORTED},
    {"payment_provider_code", BIND_UNSUPPORTED},
    {"provider_customer_id", BIND_UNSUPPORTED},
    {"provider_payment_methods", BIND_UNSUPPORTED},
    {"sync", BIND_UNSUPPORTED},
    {"sync_with_provider", BIND_UNSUPPORTED},
    {"document_locale", BIND_TEXT(customer_input, document_locale), .max = LOCALE_TAG_MAX,
     .sent = CUSTOMER_DOCUMENT_LOCALE},
    {0},
};
/* Its fields are the customer's own, one level down. */
static const struct bind_table billing_configuration = {NULL, billing_configuration_body_fields,
                                                        BIND_SENT_AT(customer_input, sent)};

static const struct bind_word zero_policies[] = {{"inherit", 0}, {"finalize", 1}, {"skip", 2}, {0}};
static const struct bind_word account_types[] = {{"customer", 0}, {"partner", 1}, {0}};

/* What the body says; words become the texts of customer_input. */
struct customer_request {
    struct customer_input input;
    int zero_policy;
    int account_type;
    struct str configuration;
};

#define AT(member) input.member
static const struct bind_field customer_body_fields[] = {
    {"external_id", BIND_TEXT(customer_request, AT(external_id)), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(customer_request, AT(name)), .sent = CUSTOMER_NAME},
    {"legal_name", BIND_TEXT(customer_request, AT(legal_name)), .sent = CUSTOMER_LEGAL_NAME},
    {"email", BIND_EMAIL(customer_request, AT(email)), .sent = CUSTOMER_EMAIL},
    {"country", BIND_COUNTRY(customer_request, AT(country)), .sent = CUSTOMER_COUNTRY},
    {"address_line1", BIND_TEXT(customer_request, AT(address_line1)),
     .sent = CUSTOMER_ADDRESS_LINE1},
    {"address_line2", BIND_TEXT(customer_request, AT(address_line2)),
     .sent = CUSTOMER_ADDRESS_LINE2},
    {"city", BIND_TEXT(customer_request, AT(city)), .sent = CUSTOMER_CITY},
    {"state", BIND_TEXT(customer_request, AT(state)), .sent = CUSTOMER_STATE},
    {"zipcode", BIND_TEXT(customer_request, AT(zipcode)), .sent = CUSTOMER_ZIPCODE},
    {"tax_identification_number", BIND_TEXT(customer_request, AT(tax_identification_number)),
     .sent = CUSTOMER_TAX_IDENTIFICATION_NUMBER},
    {"currency", BIND_CURRENCY(customer_request, AT(currency)), .sent = CUSTOMER_CURRENCY},
    {"timezone", BIND_ZONE(customer_request, AT(timezone)), .sent = CUSTOMER_TIMEZONE},
    {"net_payment_term", BIND_INT(customer_request, AT(payment_term_days)), .min = 0, .max = 365,
     .sent = CUSTOMER_PAYMENT_TERM_DAYS},
    {"finalize_zero_amount_invoice", BIND_WORD(customer_request, zero_policy, zero_policies),
     .sent = CUSTOMER_ZERO_AMOUNT_POLICY},
    {"account_type", BIND_WORD(customer_request, account_type, account_types),
     .sent = CUSTOMER_ACCOUNT_TYPE},
    {"billing_entity_code", BIND_CODE(customer_request, AT(billing_entity_code)),
     .sent = CUSTOMER_BILLING_ENTITY_CODE},
    {"tax_codes", BIND_TEXTS(customer_request, AT(tax_codes), AT(tax_code_count)),
     .sent = CUSTOMER_TAX_CODES},
    {"metadata", BIND_RAW(customer_request, AT(metadata)), .max = 10000,
     .flags = BIND_RAW_OBJECT | BIND_RAW_ARRAY, .sent = CUSTOMER_METADATA},
    {"billing_configuration", BIND_RAW(customer_request, configuration), .flags = BIND_RAW_OBJECT},
    {"firstname", BIND_UNSUPPORTED},
    {"lastname", BIND_UNSUPPORTED},
    {"customer_type", BIND_UNSUPPORTED},
    {"legal_number", BIND_UNSUPPORTED},
    {"logo_url", BIND_UNSUPPORTED},
    {"phone", BIND_UNSUPPORTED},
    {"url", BIND_UNSUPPORTED},
    {"shipping_address", BIND_UNSUPPORTED},
    {"integration_customers", BIND_UNSUPPORTED},
    {"invoice_custom_section_codes", BIND_UNSUPPORTED},
    {0},
};
#undef AT
static const struct bind_table customer_body = {"customer", customer_body_fields,
                                                BIND_SENT_AT(customer_request, input.sent)};

void customer_write(struct json_writer *out, const struct face *face, const char *key,
                    const struct customer_view *view)
{
    const struct customer_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    json_str(out, "external_id", row->external_id);
    json_int(out, "sequential_id", row->customer_number);
    face_ref(out, face, "billing_entity", view->terms.entity.id);
    json_str(out, "billing_entity_code", view->terms.entity.code);
    json_str(out, "account_type", row->account_type);
    json_str(out, "name", row->name);
    json_str(out, "legal_name", row->legal_name);
    json_str(out, "email", row->email);
    json_str(out, "country", row->country);
    json_str(out, "address_line1", row->address_line1);
    json_str(out, "address_line2", row->address_line2);
    json_str(out, "city", row->city);
    json_str(out, "state", row->state);
    json_str(out, "zipcode", row->zipcode);
    json_str(out, "tax_identification_number", row->tax_identification_number);
    json_str(out, "currency", row->currency);
    json_str(out, "timezone", row->timezone);
    json_str(out, "applicable_timezone", zone_name(view->terms.zone));
    if (row->payment_term_days == INT_NONE)
        json_null(out, "net_payment_term");
    else
        json_int(out, "net_payment_term", row->payment_term_days);
    json_str(out, "finalize_zero_amount_invoice", row->zero_amount_policy);
    json_object(out, "billing_configuration");
    if (row->grace_days == INT_NONE)
        json_null(out, "invoice_grace_period");
    else
        json_int(out, "invoice_grace_period", row->grace_days);
    json_str(out, "document_locale", row->document_locale);
    json_object_end(out);
    json_raw(out, "metadata", str_is_null(row->metadata) ? STR("[]") : row->metadata);
    tax_array(out, face, view->taxes, view->tax_count);
    json_time(out, "created_at", row->created_at);
    json_time(out, "updated_at", row->updated_at);
    json_object_end(out);
}

static enum err answer_customer(struct api_request *req, struct json_writer *out,
                                const struct customer_view *view)
{
    json_object(out, NULL);
    customer_write(out, req->face, "customer", view);
    json_object_end(out);
    return ERR_NONE;
}

static enum err save(struct api_request *req, struct json_writer *out)
{
    struct customer_request body = {0};
    struct customer_view view;
    TRY(api_body(req, &customer_body, &body));
    struct customer_input *input = &body.input;
    if (!str_is_null(body.configuration)) {
        struct customer_input configured = {0};
        bind_object(&req->bind, body.configuration, STR("billing_configuration"),
                    &billing_configuration, &configured);
        TRY(bind_check(&req->bind));
        input->grace_days = configured.grace_days;
        input->document_locale = configured.document_locale;
        input->sent |= configured.sent;
    }
    input->zero_amount_policy = str_of(bind_word_of(zero_policies, body.zero_policy));
    input->account_type = str_of(bind_word_of(account_types, body.account_type));
    input->keeps_account_type = req->face->is_lenient;
    TRY(customer_save(req->ctx, input, &view));
    api_created(req);
    return answer_customer(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct customer_view view;
    TRY(customer_get(req->ctx, api_path(req, 0), &view));
    return answer_customer(req, out, &view);
}

static enum err delete (struct api_request *req, struct json_writer *out) {
    struct customer_view view; TRY(customer_delete(req->ctx, api_path(req, 0), &view));
    return answer_customer(req, out, &view);
}

static const struct bind_field list_fields[] = {
    {"search_term", BIND_TEXT(customer_filter, search)},
    {"currency", BIND_CURRENCY(customer_filter, currency)},
    {"billing_entity_code", BIND_CODE(customer_filter, billing_entity_code)},
    {"account_type", BIND_UNSUPPORTED},
    {"billing_entity_codes", BIND_UNSUPPORTED},
    {"countries", BIND_UNSUPPORTED},
    {"currencies", BIND_UNSUPPORTED},
    {"customer_type", BIND_UNSUPPORTED},
    {"has_customer_type", BIND_UNSUPPORTED},
    {"has_tax_identification_number", BIND_UNSUPPORTED},
    {"metadata", BIND_UNSUPPORTED},
    {"states", BIND_UNSUPPORTED},
    {"zipcodes", BIND_UNSUPPORTED},
    {0},
};
static const struct bind_table list_query = {NULL, list_fields, 0};

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct customer_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    struct customer_filter filter = {0};
    TRY(api_cursor_query(req, &list_query, &filter, &page));
    filter.after_id = page.after_id;
    filter.limit = page.limit;
    filter.offset = page.offset;
    TRY(customer_list(req->ctx, &filter, &views, &count, &total));
    api_list(out, "customers");
    for (size_t i = 0; i < count; i++)
        customer_write(out, req->face, NULL, &views[i]);
    api_page_last(req, &page, count > 0 ? views[count - 1].row.id : UUID_NIL, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

/* As Lago has it; but each link opens once. */
static enum err portal_url(struct api_request *req, struct json_writer *out)
{
    struct str url;
    TRY(api_found(req, "customer", portal_link_make(req->ctx, api_path(req, 0), &url)));
    json_object(out, NULL);
    json_object(out, "customer");
    json_str(out, "portal_url", url);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route customer_routes[] = {
    {HTTP_POST, "/customers", save, 0, 0},
    {HTTP_GET, "/customers", list, 0, 0},
    {HTTP_GET, "/customers/{external_id}", get, 0, 0},
    {HTTP_DELETE, "/customers/{external_id}", delete, 0, 0},
    {HTTP_GET, "/customers/{external_id}/portal_url", portal_url, API_MAKES, 0},
    {0},
};
