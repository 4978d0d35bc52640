#include "api/subscription.h"

#include "api/api.h"
#include "api/plan.h"
#include "api/subscription_plan.h"
#include "base/time.h"

static const struct bind_word billing_times[] = {{"calendar", 0}, {"anniversary", 1}, {0}};

struct subscription_request {
    struct subscription_input input;
    struct overrides_request overrides;
    int billing_time;
};

#define AT(member) input.member
static const struct bind_field subscription_body_fields[] = {
    {"external_customer_id", BIND_TEXT(subscription_request, AT(external_customer_id)),
     .flags = BIND_REQUIRED},
    {"external_id", BIND_TEXT(subscription_request, AT(external_id)), .flags = BIND_REQUIRED},
    {"plan_code", BIND_TEXT(subscription_request, AT(plan_code)), .flags = BIND_REQUIRED},
    {"name", BIND_TEXT(subscription_request, AT(name))},
    {"billing_time", BIND_WORD(subscription_request, billing_time, billing_times)},
    {"subscription_at", BIND_INSTANT(subscription_request, AT(subscription_at))},
    {"ending_at", BIND_INSTANT(subscription_request, AT(ending_at))},
    {"plan_overrides", BIND_OBJECT(subscription_request, overrides, &overrides_table)},
    {"activation_rules", BIND_UNSUPPORTED},
    {"billing_entity_code", BIND_UNSUPPORTED},
    {"usage_thresholds", BIND_UNSUPPORTED},
    {"payment_method", BIND_UNSUPPORTED},
    {"invoice_custom_section", BIND_UNSUPPORTED},
    {"purchase_order_number", BIND_UNSUPPORTED},
    {"consolidate_invoice", BIND_UNSUPPORTED, .neutral = "true"},
    {"progressive_billing_disabled", BIND_UNSUPPORTED},
    {0},
};
#undef AT
static const struct bind_table subscription_body = {"subscription", subscription_body_fields, 0};

static void write_members(struct json_writer *out, const struct face *face,
                          const struct subscription_view *view)
{
    const struct subscription_row *row = &view->row;
    bool canceled = str_eq(row->status, STR("canceled"));
    face_id(out, face, row->id);
    json_str(out, "external_id", row->external_id);
    face_ref(out, face, "customer", row->customer_id);
    json_str(out, "external_customer_id", view->customer.external_id);
    json_str(out, "name", row->name);
    json_str(out, "plan_code", view->plan.row.code);
    json_int(out, "plan_amount_cents", view->plan.version.amount_minor);
    json_str(out, "plan_amount_currency", view->plan.version.currency);
    json_str(out, "status", row->status);
    json_str(out, "billing_time", row->billing_time);
    json_time(out, "subscription_at", row->subscription_at);
    json_time(out, "started_at", row->started_at);
    json_time(out, "ending_at", row->ending_at);
    json_time(out, "terminated_at", canceled ? TIME_NONE : row->terminated_at);
    json_time(out, "canceled_at", canceled ? row->terminated_at : TIME_NONE);
    json_time(out, "created_at", row->created_at);
    json_str(out, "previous_plan_code", view->neighbours.previous_plan_code);
    json_str(out, "next_plan_code", view->neighbours.next_plan_code);
    json_day(out, "downgrade_plan_date", view->neighbours.takes_over_day);
    json_null(out, "trial_ended_at");
    json_time(out, "current_billing_period_started_at", view->period_from_at);
    json_time(out, "current_billing_period_ending_at",
              view->period_to_at == TIME_NONE ? TIME_NONE : view->period_to_at - TIME_SECOND);
    /* What a plan in arrears gives back at its end is nothing. */
    json_str(out, "on_termination_credit_note",
             view->plan.version.pay_in_advance ? STR("credit") : STR_NULL);
    json_str(out, "on_termination_invoice", row->on_termination_invoice);
}

void subscription_write(struct json_writer *out, const struct face *face, const char *key,
                        const struct subscription_view *view)
{
    json_object(out, key);
    write_members(out, face, view);
    json_object_end(out);
}

/* One by itself shows its plan. */
static enum err answer_subscription(struct api_request *req, struct json_writer *out,
                                    const struct subscription_view *view)
{
    json_object(out, NULL);
    json_object(out, "subscription");
    write_members(out, req->face, view);
    plan_write(out, req->face, "plan", &view->plan);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err create(struct api_request *req, struct json_writer *out)
{
    struct subscription_request body = {0};
    struct subscription_view view;
    TRY(api_body(req, &subscription_body, &body));
    body.input.billing_time = str_of(bind_word_of(billing_times, body.billing_time));
    body.input.override = overrides_request_input(&body.overrides);
    TRY(subscription_create(req->ctx, &body.input, &view));
    api_created(req);
    return answer_subscription(req, out, &view);
}

const struct bind_word subscription_statuses[] = {
    {"pending", 0}, {"active", 1}, {"terminated", 2}, {"canceled", 3}, {0}};
static const struct bind_word credit_notes[] = {
    {"skip", 0}, {"credit", 1}, {"refund", 2}, {"offset", 3}, {0}};
static const struct bind_word termination_invoices[] = {{"generate", 0}, {"skip", 1}, {0}};

struct subscription_query {
    int status;
    uint64_t statuses; /* of a list: bit 1 << value */
    int on_termination_invoice;
    int credit_note;
    struct str external_customer_id;
    struct str plan_code;
};

static struct str status_of(const struct subscription_query *query)
{
    return str_of(bind_word_of(subscription_statuses, query->status));
}

static const struct bind_field get_fields[] = {
    {"status", BIND_WORD(subscription_query, status, subscription_statuses), .preset = 1}, {0}};
static const struct bind_table get_query = {NULL, get_fields, 0};

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct subscription_query query = {0};
    struct subscription_view view;
    TRY(api_query(req, &get_query, &query));
    TRY(subscription_get(req->ctx, api_path(req, 0), status_of(&query), &view));
    return answer_subscription(req, out, &view);
}

struct subscription_change_request {
    struct subscription_modification input;
    struct overrides_request overrides;
};

#define AT(member) input.member
static const struct bind_field change_fields[] = {
    {"name", BIND_TEXT(subscription_change_request, AT(name)), .sent = SUBSCRIPTION_NAME},
    {"ending_at", BIND_INSTANT(subscription_change_request, AT(ending_at)),
     .sent = SUBSCRIPTION_ENDING_AT},
    {"subscription_at", BIND_INSTANT(subscription_change_request, AT(subscription_at)),
     .sent = SUBSCRIPTION_AT},
    {"plan_code", BIND_UNSUPPORTED},
    {"plan_overrides", BIND_OBJECT(subscription_change_request, overrides, &overrides_table)},
    {"on_termination_credit_note", BIND_UNSUPPORTED, .neutral = "skip"},
    {"usage_thresholds", BIND_UNSUPPORTED},
    {"payment_method", BIND_UNSUPPORTED},
    {"invoice_custom_section", BIND_UNSUPPORTED},
    {"purchase_order_number", BIND_UNSUPPORTED},
    {"consolidate_invoice", BIND_UNSUPPORTED, .neutral = "true"},
    {"progressive_billing_disabled", BIND_UNSUPPORTED},
    {0},
};
#undef AT
static const struct bind_table change_body = {
    "subscription", change_fields, BIND_SENT_AT(subscription_change_request, input.sent)};

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct subscription_change_request body = {0};
    struct subscription_query query = {0};
    struct subscription_view view;
    TRY(api_query(req, &get_query, &query));
    TRY(api_body(req, &change_body, &body));
    body.input.external_id = api_path(req, 0);
    body.input.wanted_status = status_of(&query);
    body.input.override = overrides_request_input(&body.overrides);
    TRY(subscription_modify(req->ctx, &body.input, &view));
    return answer_subscription(req, out, &view);
}

static const struct bind_field end_fields[] = {
    {"status", BIND_WORD(subscription_query, status, subscription_statuses), .preset = 1},
    {"on_termination_invoice",
     BIND_WORD(subscription_query, on_termination_invoice, termination_invoices)},
    {"on_termination_credit_note", BIND_WORD(subscription_query, credit_note, credit_notes)},
    {0}};
static const struct bind_table end_query = {NULL, end_fields, 0};

static enum err end(struct api_request *req, struct json_writer *out)
{
    struct subscription_query query = {0};
    struct subscription_view view;
    TRY(api_query(req, &end_query, &query));
    TRY(subscription_terminate(
        req->ctx, api_path(req, 0), status_of(&query),
        str_of(bind_word_of(termination_invoices, query.on_termination_invoice)),
        query.credit_note != 0, &view));
    return answer_subscription(req, out, &view);
}

static const struct bind_field list_fields[] = {
    {"status", BIND_WORDS(subscription_query, statuses, subscription_statuses)},
    {"external_customer_id", BIND_TEXT(subscription_query, external_customer_id)},
    {"plan_code", BIND_TEXT(subscription_query, plan_code)},
    {0}};
static const struct bind_table list_query = {NULL, list_fields, 0};

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct subscription_query query = {0};
    struct subscription_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_cursor_query(req, &list_query, &query, &page));
    uint64_t wanted = query.statuses == 0 ? 1 << 1 : query.statuses;
    TRY(subscription_list(req->ctx,
                          &(struct subscription_filter){
                              .external_customer_id = query.external_customer_id,
                              .plan_code = query.plan_code,
                              .pending = (wanted & 1 << 0) != 0,
                              .active = (wanted & 1 << 1) != 0,
                              .terminated = (wanted & 1 << 2) != 0,
                              .canceled = (wanted & 1 << 3) != 0,
                              .after_id = page.after_id,
                              .limit = page.limit,
                              .offset = page.offset,
                          },
                          &views, &count, &total));
    api_list(out, "subscriptions");
    for (size_t i = 0; i < count; i++)
        subscription_write(out, req->face, NULL, &views[i]);
    api_page_last(req, &page, count > 0 ? views[count - 1].row.id : UUID_NIL, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route subscription_routes[] = {
    {HTTP_POST, "/subscriptions", create, 0, 0},
    {HTTP_GET, "/subscriptions", list, 0, 0},
    {HTTP_GET, "/subscriptions/{external_id}", get, 0, 0},
    {HTTP_PUT, "/subscriptions/{external_id}", change, 0, 0},
    {HTTP_DELETE, "/subscriptions/{external_id}", end, 0, 0},
    {0},
};
