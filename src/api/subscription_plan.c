#include "api/subscription_plan.h"

#include "api/plan.h"
#include "api/plan_part.h"
#include "api/subscription.h"

/* ---- all at once ----------------------------------------------------------------------------- */

#define AT(member) override.change.input.member
static const struct bind_field overrides_fields[] = {
    {"name", BIND_TEXT(overrides_request, AT(name)), .flags = BIND_NOT_EMPTY, .sent = PLAN_NAME},
    {"invoice_display_name", BIND_TEXT(overrides_request, AT(invoice_display_name)),
     .sent = PLAN_DISPLAY_NAME},
    {"description", BIND_TEXT(overrides_request, AT(description)), .max = 600,
     .sent = PLAN_DESCRIPTION},
    {"amount_cents", BIND_INT(overrides_request, AT(amount_minor)), .min = 0,
     .max = INT64_MAX / 1000, .flags = BIND_NOT_EMPTY, .sent = PLAN_AMOUNT},
    {"amount_currency", BIND_CURRENCY(overrides_request, AT(currency)), .flags = BIND_NOT_EMPTY,
     .sent = PLAN_CURRENCY},
    {"charges",
     BIND_OBJECTS(overrides_request, charges, AT(charge_count), &plan_charge_change_table),
     .max = PLAN_CHARGES_MAX},
    {"fixed_charges",
     BIND_OBJECTS(overrides_request, fixed_charges, AT(fixed_charge_count),
                  &plan_fixed_change_table),
     .max = FIXED_CHARGES_MAX},
    {"tax_codes", BIND_TEXTS(overrides_request, AT(tax_codes), AT(tax_code_count)),
     .sent = PLAN_TAX_CODES},
    {"trial_period", BIND_UNSUPPORTED},
    {"minimum_commitment", BIND_UNSUPPORTED},
    {"usage_thresholds", BIND_UNSUPPORTED},
    {"metadata", BIND_UNSUPPORTED},
    {0},
};
#undef AT
const struct bind_table overrides_table = {NULL, overrides_fields,
                                           BIND_SENT_AT(overrides_request, override.change.sent)};

const struct plan_override *overrides_request_input(struct overrides_request *request)
{
    request->override.change.input.charges = request->charges;
    request->override.change.input.fixed_charges = request->fixed_charges;
    request->override.path = STR("plan_overrides");
    return &request->override;
}

/* ---- piece by piece -------------------------------------------------------------------------- */

struct status_query {
    int status;
};

static const struct bind_field status_fields[] = {
    {"status", BIND_WORD(status_query, status, subscription_statuses), .preset = 1}, {0}};
static const struct bind_table status_table = {NULL, status_fields, 0};

static struct str status_of(const struct status_query *query)
{
    return str_of(bind_word_of(subscription_statuses, query->status));
}

static enum err list(struct api_request *req, struct json_writer *out, enum plan_part_kind kind)
{
    struct api_page page;
    struct status_query query = {0};
    struct plan_part part = {0};
    TRY(api_page_query(req, &status_table, &query, &page));
    if (kind == PLAN_PART_FILTER) {
        struct plan_edit edit = plan_part_named(req, PLAN_PART_CHARGE, PLAN_PART_CHANGE);
        TRY(subscription_part_get(req->ctx, api_path(req, 0), status_of(&query), &edit, &part));
    } else {
        TRY(subscription_plan_get(req->ctx, api_path(req, 0), status_of(&query), &part.plan));
    }
    plan_part_list(req, out, kind, &part, &page);
    return ERR_NONE;
}

static enum err show(struct api_request *req, struct json_writer *out, enum plan_part_kind kind)
{
    struct status_query query = {0};
    struct plan_part part = {0};
    struct plan_edit edit = plan_part_named(req, kind, PLAN_PART_CHANGE);
    TRY(api_query(req, &status_table, &query));
    TRY(subscription_part_get(req->ctx, api_path(req, 0), status_of(&query), &edit, &part));
    return plan_part_answer(req, out, kind, &part);
}

static enum err refuse(struct api_request *req, bool is_sent, const char *field, struct str value)
{
    if (is_sent)
        fault_field(req->fault, str_of(field), "not_supported", value,
                    "nothing: what a subscription has of its own holds from now on");
    return fault_check(req->fault);
}

static enum err edit(struct api_request *req, struct json_writer *out, enum plan_part_kind kind,
                     enum plan_part_act act)
{
    struct status_query query = {0};
    struct plan_edit edit = plan_part_named(req, kind, act);
    struct plan_timing timing = {.effective_at = TIME_NONE};
    struct plan_part part = {0};
    TRY(act == PLAN_PART_REMOVE ? plan_part_read_removal(req, kind, &timing)
                                : plan_part_read(req, kind, act, &edit, &timing));
    TRY(api_query(req, &status_table, &query));
    TRY(refuse(req, timing.effective_at != TIME_NONE, "effective_at", STR_NULL));
    TRY(refuse(req, timing.applies_to != PLAN_APPLIES_TO_ALL, "applies_to", STR_NULL));
    TRY(refuse(req, timing.cascade_updates, "cascade_updates", STR("true")));
    TRY(subscription_part_edit(req->ctx, api_path(req, 0), status_of(&query), &edit, &part));
    if (act == PLAN_PART_ADD)
        api_created(req);
    return plan_part_answer(req, out, kind, &part);
}

static enum err charge_index(struct api_request *req, struct json_writer *out)
{
    return list(req, out, PLAN_PART_CHARGE);
}

static enum err charge_show(struct api_request *req, struct json_writer *out)
{
    return show(req, out, PLAN_PART_CHARGE);
}

static enum err charge_change(struct api_request *req, struct json_writer *out)
{
    return edit(req, out, PLAN_PART_CHARGE, PLAN_PART_CHANGE);
}

static enum err filter_index(struct api_request *req, struct json_writer *out)
{
    return list(req, out, PLAN_PART_FILTER);
}

static enum err filter_show(struct api_request *req, struct json_writer *out)
{
    return show(req, out, PLAN_PART_FILTER);
}

static enum err filter_add(struct api_request *req, struct json_writer *out)
{
    return edit(req, out, PLAN_PART_FILTER, PLAN_PART_ADD);
}

static enum err filter_change(struct api_request *req, struct json_writer *out)
{
    return edit(req, out, PLAN_PART_FILTER, PLAN_PART_CHANGE);
}

static enum err filter_remove(struct api_request *req, struct json_writer *out)
{
    return edit(req, out, PLAN_PART_FILTER, PLAN_PART_REMOVE);
}

static enum err fixed_index(struct api_request *req, struct json_writer *out)
{
    return list(req, out, PLAN_PART_FIXED_CHARGE);
}

static enum err fixed_show(struct api_request *req, struct json_writer *out)
{
    return show(req, out, PLAN_PART_FIXED_CHARGE);
}

static enum err fixed_change(struct api_request *req, struct json_writer *out)
{
    return edit(req, out, PLAN_PART_FIXED_CHARGE, PLAN_PART_CHANGE);
}

#define CHARGES  "/subscriptions/{external_id}/charges"
#define CHARGE   CHARGES "/{charge_code}"
#define FILTERS  CHARGE "/filters"
#define FILTER   FILTERS "/{filter_id}"
#define FIXED    "/subscriptions/{external_id}/fixed_charges"
#define BODY_MAX ((size_t)4 << 20)

const struct api_route subscription_plan_routes[] = {
    {HTTP_GET, CHARGES, charge_index, 0, 0},
    {HTTP_GET, CHARGE, charge_show, 0, 0},
    {HTTP_PUT, CHARGE, charge_change, 0, BODY_MAX},
    {HTTP_GET, FILTERS, filter_index, 0, 0},
    {HTTP_POST, FILTERS, filter_add, 0, BODY_MAX},
    {HTTP_GET, FILTER, filter_show, 0, 0},
    {HTTP_PUT, FILTER, filter_change, 0, BODY_MAX},
    {HTTP_DELETE, FILTER, filter_remove, 0, 0},
    {HTTP_GET, FIXED, fixed_index, 0, 0},
    {HTTP_GET, FIXED "/{fixed_charge_code}", fixed_show, 0, 0},
    {HTTP_PUT, FIXED "/{fixed_charge_code}", fixed_change, 0, BODY_MAX},
    {0},
};
