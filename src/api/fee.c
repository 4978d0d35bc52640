#include "api/fee.h"

#include "api/api.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "core/currency.h"

int64_t last_instant(struct str timezone, int64_t end_at, int64_t ended_at)
{
    const struct zone *zone = NULL;
    if (end_at == TIME_NONE)
        return TIME_NONE;
    if (ended_at != TIME_NONE && end_at == ended_at + 1)
        return ended_at;
    enum err err = zone_find(timezone, &zone);
    ASSERT(err == ERR_NONE); /* it was found when the invoice was made */
    bool is_midnight = zone_day_start(zone, zone_day(zone, end_at)) == end_at;
    return is_midnight ? end_at - TIME_SECOND : end_at;
}

/* In advance a first period is shown from the start of its day, as the other engine does. */
static int64_t first_instant(const struct fee_view *view)
{
    const struct fee_row *row = &view->row;
    const struct zone *zone = NULL;
    if (!row->pay_in_advance)
        return row->from_at;
    enum err err = zone_find(view->timezone, &zone);
    ASSERT(err == ERR_NONE); /* it was found when the fee was made */
    return zone_day_start(zone, zone_day(zone, row->from_at));
}

/* What the two faces call the kinds of fees, and what they are of. */
struct item {
    struct str type;
    struct str item_type;
    struct uuid id;
};

static struct item item_of(const struct face *face, const struct fee_row *row)
{
    if (str_eq(row->fee_type, STR("subscription")))
        return (struct item){row->fee_type, STR("Subscription"), row->subscription_id};
    if (str_eq(row->fee_type, STR("charge")))
        return (struct item){row->fee_type, STR("BillableMetric"), row->metric_id};
    if (str_eq(row->fee_type, STR("fixed_charge")))
        return (struct item){row->fee_type, STR("AddOn"), row->add_on_id};
    /* Lago has no resale of vendor cost; an add-on is what is nearest. */
    return (struct item){face->is_lago ? STR("add_on") : row->fee_type,
                         face->is_lago ? STR("AddOn") : STR("ResaleRule"), row->resale_rule_id};
}

struct str fee_type_shown(const struct face *face, const struct fee_row *row)
{
    return item_of(face, row).type;
}

static void write_item(struct json_writer *out, const struct face *face,
                       const struct fee_view *view)
{
    const struct fee_row *row = &view->row;
    struct item item = item_of(face, row);
    json_object(out, "item");
    json_str(out, "type", item.type);
    json_str(out, "code", row->item_code);
    json_str(out, "name", row->item_name);
    json_str(out, "invoice_display_name",
             str_is_null(view->invoice_display_name) ? row->item_name : view->invoice_display_name);
    json_raw(out, "filters", view->filter_values);
    json_str(out, "filter_invoice_display_name", view->filter_display_name);
    json_raw(out, "grouped_by", str_is_null(row->grouped_by) ? STR("{}") : row->grouped_by);
    face_ref(out, face, "item", item.id);
    json_str(out, "item_type", item.item_type);
    json_object_end(out);
}

static void write_taxes(struct json_writer *out, const struct face *face,
                        const struct fee_view *view)
{
    json_array(out, "applied_taxes");
    for (size_t i = 0; i < view->tax_count; i++) {
        const struct fee_tax_row *tax = &view->taxes[i];
        json_object(out, NULL);
        face_ref(out, face, "fee", tax->fee_id);
        face_ref(out, face, "tax", tax->tax_id);
        json_str(out, "tax_code", tax->code);
        json_str(out, "tax_name", tax->name);
        face_number(out, face, "tax_rate", tax->rate);
        json_int(out, "amount_cents", tax->amount_minor);
        json_str(out, "amount_currency", view->row.currency);
        json_time(out, "created_at", view->row.created_at);
        json_object_end(out);
    }
    json_array_end(out);
}

void fee_amounts_write(struct json_writer *out, const struct face *face, const struct fee_row *row)
{
    const struct currency *currency = currency_find(row->currency);
    struct decimal taxes_major;
    struct decimal total_major;
    struct decimal minor;
    ASSERT(currency != NULL);
    enum err err = decimal_scale(row->taxes_precise_amount, -currency->digits, &taxes_major);
    ASSERT(err == ERR_NONE);
    err = decimal_scale(row->precise_amount, currency->digits, &minor);
    ASSERT(err == ERR_NONE);
    json_int(out, "amount_cents", row->amount_minor);
    json_str(out, "amount_currency", row->currency);
    json_decimal(out, "precise_amount", row->precise_amount);
    if (decimal_add(row->precise_amount, taxes_major, &total_major) == ERR_NONE)
        json_decimal(out, "precise_total_amount", total_major);
    json_int(out, "taxes_amount_cents", row->taxes_amount_minor);
    json_decimal(out, "taxes_precise_amount", taxes_major);
    face_number(out, face, "taxes_rate", row->tax_rate);
    json_int(out, "total_amount_cents", row->amount_minor + row->taxes_amount_minor);
    json_str(out, "total_amount_currency", row->currency);
    json_int(out, "sub_total_excluding_taxes_amount_cents", row->amount_minor);
    json_decimal(out, "sub_total_excluding_taxes_precise_amount_cents", minor);
    json_decimal(out, "units", row->units);
    json_decimal(out, "total_aggregated_units",
                 decimal_is_none(row->total_units) ? row->units : row->total_units);
    json_decimal(out, "precise_unit_amount", row->unit_amount);
    json_int(out, "events_count", row->event_count);
}

void fee_write(struct json_writer *out, const struct face *face, const char *key,
               const struct fee_view *view)
{
    const struct fee_row *row = &view->row;
    json_object(out, key);
    face_id(out, face, row->id);
    face_ref(out, face, "charge", view->charge_lineage_id);
    face_ref(out, face, "charge_filter", view->filter_lineage_id);
    face_ref(out, face, "fixed_charge", view->fixed_charge_lineage_id);
    face_ref(out, face, "invoice", view->is_alone ? UUID_NIL : row->invoice_id);
    face_ref(out, face, "subscription", row->subscription_id);
    face_ref(out, face, "customer", row->customer_id);
    json_str(out, "external_customer_id", view->external_customer_id);
    json_str(out, "external_subscription_id", view->external_subscription_id);
    write_item(out, face, view);
    fee_amounts_write(out, face, row);
    json_bool(out, "pay_in_advance", row->pay_in_advance);
    json_bool(out, "invoiceable", view->is_invoiceable);
    json_str(out, "event_transaction_id", row->event_transaction_id);
    json_raw(out, "amount_details",
             str_is_null(row->amount_details) ? STR("{}") : row->amount_details);
    json_bool(out, "self_billed", view->self_billed);
    json_time(out, "from_date", first_instant(view));
    json_time(out, "to_date", last_instant(view->timezone, row->to_at, view->ended_at));
    json_str(out, "payment_status", view->payment_status);
    json_time(out, "succeeded_at", row->succeeded_at);
    json_time(out, "failed_at", row->failed_at);
    json_time(out, "refunded_at", row->refunded_at);
    json_bool(out, "is_correction", row->is_correction);
    json_bool(out, "is_true_up", row->is_true_up);
    face_ref(out, face, "true_up_fee", view->true_up_fee_id);
    face_ref(out, face, "true_up_parent_fee", row->true_up_parent_fee_id);
    if (!decimal_is_none(row->vendor_cost)) {
        json_str(out, "provider_name", row->provider_name);
        json_decimal(out, "vendor_cost", row->vendor_cost);
    }
    json_raw(out, "presentation_breakdowns",
             str_is_null(row->presentation_breakdowns) ? STR("[]") : row->presentation_breakdowns);
    write_taxes(out, face, view);
    json_raw(out, "explanation", row->explanation);
    json_time(out, "created_at", row->created_at);
    json_object_end(out);
}

/* ---- operations ------------------------------------------------------------------------------ */

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    struct fee_view view;
    TRY(api_path_uuid(req, 0, "fee", &id));
    TRY(fee_get(req->ctx, id, &view));
    json_object(out, NULL);
    fee_write(out, req->face, "fee", &view);
    json_object_end(out);
    return ERR_NONE;
}

static const struct bind_word payment_statuses[] = {
    {"pending", 0}, {"succeeded", 1}, {"failed", 2}, {"refunded", 3}, {0}};

struct fee_change {
    int payment_status;
};

static const struct bind_field change_fields[] = {
    {"payment_status", BIND_WORD(fee_change, payment_status, payment_statuses),
     .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table change_body = {"fee", change_fields, 0};

static enum err change(struct api_request *req, struct json_writer *out)
{
    struct fee_change body = {0};
    struct uuid id;
    struct fee_view view;
    TRY(api_path_uuid(req, 0, "fee", &id));
    TRY(api_body(req, &change_body, &body));
    TRY(fee_set_payment_status(req->ctx, id,
                               str_of(bind_word_of(payment_statuses, body.payment_status)), &view));
    json_object(out, NULL);
    fee_write(out, req->face, "fee", &view);
    json_object_end(out);
    return ERR_NONE;
}

enum { TYPE_ANY, TYPE_SUBSCRIPTION, TYPE_CHARGE, TYPE_RESALE, TYPE_FIXED_CHARGE, TYPE_NONE };

static const struct bind_word native_types[] = {{"subscription", TYPE_SUBSCRIPTION},
                                                {"charge", TYPE_CHARGE},
                                                {"resale", TYPE_RESALE},
                                                {"fixed_charge", TYPE_FIXED_CHARGE},
                                                {0}};
/* Of the last ones there are none yet, which is a right answer. */
static const struct bind_word lago_types[] = {{"subscription", TYPE_SUBSCRIPTION},
                                              {"charge", TYPE_CHARGE},
                                              {"add_on", TYPE_RESALE},
                                              {"fixed_charge", TYPE_FIXED_CHARGE},
                                              {"credit", TYPE_NONE},
                                              {"commitment", TYPE_NONE},
                                              {0}};
struct fee_query {
    struct fee_filter filter;
    int type;
    uint64_t payment_statuses;
};

#define AT(member) filter.member
#define COMMON_FIELDS                                                                     \
    {"external_customer_id", BIND_TEXT(fee_query, AT(external_customer_id))},             \
        {"external_subscription_id", BIND_TEXT(fee_query, AT(external_subscription_id))}, \
        {"billable_metric_code", BIND_TEXT(fee_query, AT(metric_code))},                  \
        {"currency", BIND_CURRENCY(fee_query, AT(currency))},                             \
        {"payment_status", BIND_WORDS(fee_query, payment_statuses, payment_statuses)},    \
        {"created_at_from", BIND_INSTANT(fee_query, AT(created_from_at))},                \
        {"created_at_to", BIND_INSTANT(fee_query, AT(created_to_at))},                    \
        {"event_transaction_id", BIND_TEXT(fee_query, AT(event_transaction_id))},         \
        {"succeeded_at_from", BIND_UNSUPPORTED}, {"succeeded_at_to", BIND_UNSUPPORTED},   \
        {"failed_at_from", BIND_UNSUPPORTED}, {"failed_at_to", BIND_UNSUPPORTED},         \
        {"refunded_at_from", BIND_UNSUPPORTED},                                           \
    {                                                                                     \
        "refunded_at_to", BIND_UNSUPPORTED                                                \
    }

static const struct bind_field native_fields[] = {
    COMMON_FIELDS, {"fee_type", BIND_WORD(fee_query, type, native_types)}, {0}};
static const struct bind_field lago_fields[] = {
    COMMON_FIELDS, {"fee_type", BIND_WORD(fee_query, type, lago_types)}, {0}};
#undef COMMON_FIELDS
#undef AT
static const struct bind_table native_query = {NULL, native_fields, 0};
static const struct bind_table lago_query = {NULL, lago_fields, 0};

static bool wants(const struct fee_query *query, int type)
{
    return query->type == TYPE_ANY || query->type == type;
}

static enum err list(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct fee_query query = {0};
    struct fee_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_cursor_query(req, req->face->is_lago ? &lago_query : &native_query, &query, &page));
    struct fee_filter *filter = &query.filter;
    filter->subscription = wants(&query, TYPE_SUBSCRIPTION);
    filter->charge = wants(&query, TYPE_CHARGE);
    filter->resale = wants(&query, TYPE_RESALE);
    filter->fixed_charge = wants(&query, TYPE_FIXED_CHARGE);
    filter->pending = (query.payment_statuses & 1 << 0) != 0;
    filter->succeeded = (query.payment_statuses & 1 << 1) != 0;
    filter->failed = (query.payment_statuses & 1 << 2) != 0;
    filter->refunded = (query.payment_statuses & 1 << 3) != 0;
    filter->after_id = page.after_id;
    filter->limit = page.limit;
    filter->offset = page.offset;
    TRY(fee_list(req->ctx, filter, &views, &count, &total));
    api_list(out, "fees");
    for (size_t i = 0; i < count; i++)
        fee_write(out, req->face, NULL, &views[i]);
    api_page_last(req, &page, count > 0 ? views[count - 1].row.id : UUID_NIL, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route fee_routes[] = {
    {HTTP_GET, "/fees", list, 0, 0},
    {HTTP_GET, "/fees/{id}", get, 0, 0},
    {HTTP_PUT, "/fees/{id}", change, 0, 0},
    {0},
};
