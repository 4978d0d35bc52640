#include "app/invoice.h"
#include "app/invoice_document.h"

#include "api/api.h"
#include "api/customer.h"
#include "api/fee.h"
#include "api/subscription.h"
#include "base/none.h"
#include "base/time.h"

static void write_taxes(struct json_writer *out, const struct face *face,
                        const struct invoice_view *view)
{
    json_array(out, "applied_taxes");
    for (size_t i = 0; i < view->tax_count; i++) {
        const struct invoice_tax_row *tax = &view->taxes[i];
        json_object(out, NULL);
        face_ref(out, face, "invoice", tax->invoice_id);
        face_ref(out, face, "tax", tax->tax_id);
        json_str(out, "tax_code", tax->code);
        json_str(out, "tax_name", tax->name);
        face_number(out, face, "tax_rate", tax->rate);
        json_int(out, "fees_amount_cents", tax->fees_amount_minor);
        json_int(out, "amount_cents", tax->amount_minor);
        json_str(out, "amount_currency", view->row.currency);
        json_time(out, "created_at", view->row.created_at);
        json_object_end(out);
    }
    json_array_end(out);
}

/* A plan fee counts the whole day on which a subscription was ended; its period ends with the
 * subscription all the same. */
static int64_t plan_end_at(struct str timezone, const struct invoice_subscription_row *row)
{
    int64_t end_at = row->charges_to_at != TIME_NONE ? row->charges_to_at : row->fixed_to_at;
    bool inside_day = end_at != TIME_NONE && last_instant(timezone, end_at, TIME_NONE) == end_at;
    return inside_day && end_at < row->to_at && end_at > row->from_at ? end_at : row->to_at;
}

/* Of fixed charges in arrears; where there are only such in advance, theirs. */
static void write_fixed_period(struct json_writer *out, struct str timezone,
                               const struct invoice_subscription_row *row)
{
    bool in_arrears = row->fixed_from_at != TIME_NONE;
    json_time(out, "fixed_charges_from_datetime",
              in_arrears ? row->fixed_from_at : row->advance_from_at);
    json_time(
        out, "fixed_charges_to_datetime",
        last_instant(timezone, in_arrears ? row->fixed_to_at : row->advance_to_at, TIME_NONE));
}

static void write_period(struct json_writer *out, const struct face *face, struct str timezone,
                         const struct invoice_period_view *period)
{
    const struct invoice_subscription_row *row = &period->row;
    int64_t ended_at = period->subscription.row.terminated_at;
    json_object(out, NULL);
    face_ref(out, face, "subscription", row->subscription_id);
    json_str(out, "external_subscription_id", period->subscription.row.external_id);
    face_ref(out, face, "plan", period->subscription.plan.row.id);
    bool is_named = row->named_from_at != TIME_NONE; /* of fees that were gathered */
    json_time(out, "subscription_from_datetime", is_named ? row->named_from_at : row->from_at);
    json_time(
        out, "subscription_to_datetime",
        last_instant(timezone, is_named ? row->named_to_at : plan_end_at(timezone, row), ended_at));
    json_time(out, "charges_from_datetime", is_named ? row->named_from_at : row->charges_from_at);
    json_time(out, "charges_to_datetime",
              last_instant(timezone, is_named ? row->named_to_at : row->charges_to_at, ended_at));
    write_fixed_period(out, timezone, row);
    json_str(out, "invoicing_reason", row->invoicing_reason);
    json_object_end(out);
}

static void write_details(struct json_writer *out, const struct face *face,
                          const struct invoice_view *view)
{
    json_array(out, "billing_periods");
    for (size_t i = 0; i < view->period_count; i++)
        write_period(out, face, view->row.timezone, &view->periods[i]);
    json_array_end(out);
    json_array(out, "subscriptions");
    for (size_t i = 0; i < view->period_count; i++)
        subscription_write(out, face, NULL, &view->periods[i].subscription);
    json_array_end(out);
    json_array(out, "fees");
    for (size_t i = 0; i < view->fee_count; i++)
        fee_write(out, face, NULL, &view->fees[i]);
    json_array_end(out);
    json_array(out, "credits");
    json_array_end(out);
}

static void write_amounts(struct json_writer *out, const struct invoice_row *row)
{
    json_str(out, "currency", row->currency);
    json_int(out, "fees_amount_cents", row->fees_amount_minor);
    json_int(out, "coupons_amount_cents", 0);
    json_int(out, "credit_notes_amount_cents", 0);
    json_int(out, "sub_total_excluding_taxes_amount_cents", row->fees_amount_minor);
    json_int(out, "taxes_amount_cents", row->taxes_amount_minor);
    json_int(out, "sub_total_including_taxes_amount_cents",
             row->fees_amount_minor + row->taxes_amount_minor);
    json_int(out, "prepaid_credit_amount_cents", 0);
    json_int(out, "progressive_billing_credit_amount_cents", 0);
    json_int(out, "total_amount_cents", row->total_amount_minor);
    json_int(out, "total_paid_amount_cents", row->paid_amount_minor);
    json_int(out, "total_due_amount_cents",
             str_eq(row->status, STR("voided")) ? 0
                                                : row->total_amount_minor - row->paid_amount_minor);
}

/* A draft has no number; Lago shows one that says so. */
static void write_number(struct json_writer *out, const struct face *face,
                         const struct invoice_view *view)
{
    struct str number = view->row.number;
    char text[512];
    struct buf draft;
    if (str_is_null(number) && face->is_lago) {
        buf_fixed(&draft, text, sizeof text);
        buf_add(&draft, view->entity.document_number_prefix);
        buf_add(&draft, STR("-DRAFT"));
        number = buf_str(&draft);
    }
    json_str(out, "number", number);
}

static void write_invoice(struct json_writer *out, const struct face *face, const char *key,
                          bool details, const struct invoice_view *view)
{
    const struct invoice_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    json_str(out, "billing_entity_code", view->entity.code);
    if (row->sequential_id == INT_NONE)
        json_null(out, "sequential_id");
    else
        json_int(out, "sequential_id", row->sequential_id);
    write_number(out, face, view);
    json_day(out, "issuing_date", row->issuing_day);
    json_day(out, "payment_due_date", row->payment_due_day);
    json_bool(out, "payment_overdue", row->payment_overdue);
    json_int(out, "net_payment_term", row->payment_term_days);
    json_str(out, "invoice_type", row->invoice_type);
    json_str(out, "status", row->status);
    json_str(out, "payment_status", row->payment_status);
    write_amounts(out, row);
    json_bool(out, "self_billed", str_eq(view->customer.row.account_type, STR("partner")));
    if (face->is_lago)
        json_int(out, "version_number", 4);
    json_time(out, "billing_at", row->billing_at);
    json_time(out, "finalized_at", row->finalized_at);
    json_time(out, "voided_at", row->voided_at);
    json_time(out, "created_at", row->created_at);
    json_time(out, "updated_at", row->updated_at);
    customer_write(out, face, "customer", &view->customer);
    write_taxes(out, face, view);
    if (details)
        write_details(out, face, view);
    json_object_end(out);
}

static enum err answer_invoice(struct api_request *req, struct json_writer *out,
                               const struct invoice_view *view)
{
    json_object(out, NULL);
    write_invoice(out, req->face, "invoice", true, view);
    json_object_end(out);
    return ERR_NONE;
}

/* ---- one invoice ----------------------------------------------------------------------------- */

static enum err act(struct api_request *req, struct json_writer *out,
                    enum err (*use_case)(struct ctx *, struct uuid, struct invoice_view *))
{
    struct uuid id;
    struct invoice_view view;
    TRY(api_path_uuid(req, 0, "invoice", &id));
    TRY(use_case(req->ctx, id, &view));
    return answer_invoice(req, out, &view);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    return act(req, out, invoice_get);
}

/* ---- its document ---- */

static enum err pdf(struct api_request *req, struct json_writer *out)
{
    struct str language = STR_NULL;
    struct uuid id;
    (void)out; /* no JSON */
    TRY(api_document(req, &language));
    TRY(api_path_uuid(req, 0, "invoice", &id));
    return invoice_pdf(req->ctx, id, language, req->body);
}

static enum err finalize(struct api_request *req, struct json_writer *out)
{
    return act(req, out, invoice_finalize);
}

static enum err refresh(struct api_request *req, struct json_writer *out)
{
    return act(req, out, invoice_refresh);
}

struct void_request {
    int64_t nothing;
};

static const struct bind_field void_fields[] = {
    {"generate_credit_note", BIND_UNSUPPORTED},
    {"refund_amount", BIND_UNSUPPORTED},
    {"credit_amount", BIND_UNSUPPORTED},
    {0},
};
static const struct bind_table void_body = {NULL, void_fields, 0};

static enum err void_one(struct api_request *req, struct json_writer *out)
{
    struct void_request body = {0};
    if (req->http->body.len > 0)
        TRY(api_body(req, &void_body, &body));
    return act(req, out, invoice_void);
}

static const struct bind_word payment_statuses[] = {
    {"pending", 0}, {"succeeded", 1}, {"failed", 2}, {0}};

struct update_request {
    int payment_status;
    uint64_t sent;
};

enum { UPDATE_PAYMENT_STATUS = 1 };

static const struct bind_field update_fields[] = {
    {"payment_status", BIND_WORD(update_request, payment_status, payment_statuses),
     .sent = UPDATE_PAYMENT_STATUS},
    {"metadata", BIND_UNSUPPORTED},
    {0},
};
static const struct bind_table update_body = {"invoice", update_fields,
                                              BIND_SENT_AT(update_request, sent)};

static enum err update(struct api_request *req, struct json_writer *out)
{
    struct update_request body = {0};
    struct uuid id;
    struct invoice_view view;
    TRY(api_path_uuid(req, 0, "invoice", &id));
    TRY(api_body(req, &update_body, &body));
    if ((body.sent & UPDATE_PAYMENT_STATUS) == 0)
        TRY(invoice_get(req->ctx, id, &view));
    else
        TRY(invoice_set_payment_status(
            req->ctx, id, str_of(bind_word_of(payment_statuses, body.payment_status)), &view));
    return answer_invoice(req, out, &view);
}

/* ---- lists ----------------------------------------------------------------------------------- */

enum { SAY_ANY, SAY_YES, SAY_NO };
static const struct bind_word yes_or_no[] = {{"true", SAY_YES}, {"false", SAY_NO}, {0}};
static const struct bind_word statuses[] = {{"draft", 0},  {"finalized", 1}, {"voided", 2},
                                            {"failed", 3}, {"pending", 4},   {0}};
/* Invoices are of the first type, or of advance_charges; of the others there are none yet. */
static const struct bind_word types[] = {{"subscription", 0},
                                         {"add_on", 1},
                                         {"credit", 2},
                                         {"one_off", 3},
                                         {"advance_charges", 4},
                                         {"progressive_billing", 5},
                                         {0}};

struct invoice_query {
    struct invoice_filter filter;
    uint64_t statuses;
    uint64_t payment_statuses;
    uint64_t types;
    int overdue;
    struct str search_term;
};

#define AT(member) filter.member
static const struct bind_field list_fields[] = {
    {"external_customer_id", BIND_TEXT(invoice_query, AT(external_customer_id))},
    {"status", BIND_WORDS(invoice_query, statuses, statuses)},
    {"statuses", BIND_WORDS(invoice_query, statuses, statuses)},
    {"payment_status", BIND_WORDS(invoice_query, payment_statuses, payment_statuses)},
    {"payment_overdue", BIND_WORD(invoice_query, overdue, yes_or_no)},
    {"invoice_type", BIND_WORDS(invoice_query, types, types)},
    {"issuing_date_from", BIND_DAY(invoice_query, AT(issuing_from_day))},
    {"issuing_date_to", BIND_DAY(invoice_query, AT(issuing_to_day))},
    {"amount_from", BIND_INT(invoice_query, AT(amount_from_minor))},
    {"amount_to", BIND_INT(invoice_query, AT(amount_to_minor))},
    {"currency", BIND_CURRENCY(invoice_query, AT(currency))},
    {"billing_entity_code", BIND_CODE(invoice_query, AT(billing_entity_code))},
    {"number", BIND_TEXT(invoice_query, AT(number))},
    {"search_term", BIND_TEXT(invoice_query, search_term)},
    {"self_billed", BIND_UNSUPPORTED},
    {"payment_dispute_lost", BIND_UNSUPPORTED},
    {"billing_entity_codes", BIND_UNSUPPORTED},
    {"metadata", BIND_UNSUPPORTED},
    {0},
};
#undef AT
static const struct bind_table list_query = {NULL, list_fields, 0};

static bool has(uint64_t mask, int bit)
{
    return (mask & (uint64_t)1 << bit) != 0;
}

/* Whether what was asked for can exist at all: not of a type or status that there is none of. */
static bool can_exist(const struct invoice_query *query)
{
    return (query->types == 0 || has(query->types, 0) || has(query->types, 4)) &&
           (query->statuses == 0 || (query->statuses & 7) != 0);
}

static void fill_filter(struct invoice_query *query, const struct api_page *page)
{
    struct invoice_filter *filter = &query->filter;
    filter->subscription = has(query->types, 0);
    filter->advance_charges = has(query->types, 4);
    filter->draft = has(query->statuses, 0);
    filter->finalized = has(query->statuses, 1);
    filter->voided = has(query->statuses, 2);
    filter->pending = has(query->payment_statuses, 0);
    filter->succeeded = has(query->payment_statuses, 1);
    filter->failed = has(query->payment_statuses, 2);
    filter->overdue_only = query->overdue == SAY_YES;
    filter->not_overdue_only = query->overdue == SAY_NO;
    if (str_is_null(filter->number))
        filter->number = query->search_term;
    filter->after_id = page->after_id;
    filter->limit = page->limit;
    filter->offset = page->offset;
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct invoice_query query = {0};
    struct invoice_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_cursor_query(req, &list_query, &query, &page));
    fill_filter(&query, &page);
    if (can_exist(&query))
        TRY(invoice_list(req->ctx, &query.filter, &views, &count, &total));
    api_list(out, "invoices");
    for (size_t i = 0; i < count; i++)
        write_invoice(out, req->face, NULL, false, &views[i]);
    api_page_last(req, &page, count > 0 ? views[count - 1].row.id : UUID_NIL, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route invoice_routes[] = {
    {HTTP_GET, "/invoices", list, 0, 0},
    {HTTP_GET, "/invoices/{id}", get, 0, 0},
    {HTTP_GET, "/invoices/{id}/pdf", pdf, 0, 0},
    {HTTP_PUT, "/invoices/{id}", update, 0, 0},
    {HTTP_PUT, "/invoices/{id}/finalize", finalize, 0, 0},
    {HTTP_PUT, "/invoices/{id}/refresh", refresh, 0, 0},
    {HTTP_POST, "/invoices/{id}/void", void_one, 0, 0},
    {0},
};
