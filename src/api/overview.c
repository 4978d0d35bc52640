/* overview.c - figures to look at: the provider's, customers', and one search for all. */
#include "app/overview.h"

#include "api/api.h"
#include "api/routes.h"
#include "app/customer_table.h"
#include "app/find.h"
#include "base/assert.h"
#include "base/none.h"

/* ---- the provider's -------------------------------------------------------------------------- */

static void write_ages(struct json_writer *out, const struct overview_currency *figures)
{
    static const char *const words[] = {[AGE_NOT_DUE] = "not_due",
                                        [AGE_30] = "days_1_to_30",
                                        [AGE_60] = "days_31_to_60",
                                        [AGE_90] = "days_61_to_90",
                                        [AGE_OLDER] = "days_over_90"};
    json_array(out, "ages");
    for (int age = 0; age < AGE_COUNT; age++) {
        json_object(out, NULL);
        json_str(out, "age", str_of(words[age]));
        json_int(out, "amount_cents", figures->age_minor[age]);
        json_int(out, "invoices_count", figures->age_count[age]);
        json_object_end(out);
    }
    json_array_end(out);
}

static enum err write_month(struct api_request *req, struct json_writer *out,
                            const struct overview *overview,
                            const struct overview_currency *figures, size_t index)
{
    const struct overview_month *month = &figures->months[index];
    struct decimal margin;
    if (overview_margin(figures, index, &margin) != ERR_NONE)
        return fail(req->ctx, ERR_OVERFLOW, "the margin of a month has too many digits");
    json_object(out, NULL);
    json_day(out, "month", overview->month_days[index]);
    json_int(out, "subscription_amount_cents", month->subscription_minor);
    json_int(out, "usage_amount_cents", month->usage_minor);
    json_int(out, "resale_amount_cents", month->resale_minor);
    json_decimal(out, "vendor_cost", month->resale_cost);
    json_decimal(out, "margin", margin);
    json_object_end(out);
    return ERR_NONE;
}

static enum err write_currency(struct api_request *req, struct json_writer *out,
                               const struct overview *overview,
                               const struct overview_currency *figures)
{
    json_object(out, NULL);
    json_str(out, "currency", figures->currency);
    json_int(out, "running_subscriptions_count", figures->running_count);
    json_int(out, "yearly_amount_cents", figures->yearly_minor);
    json_array(out, "mrr");
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++) {
        json_object(out, NULL);
        json_time(out, "at", overview->mrr_at[i]);
        json_int(out, "amount_cents", figures->mrr_minor[i]);
        json_object_end(out);
    }
    json_array_end(out);
    json_int(out, "open_amount_cents", figures->open_minor);
    json_int(out, "open_invoices_count", figures->open_count);
    json_int(out, "overdue_amount_cents", figures->overdue_minor);
    json_int(out, "overdue_invoices_count", figures->overdue_count);
    json_int(out, "overdue_customers_count", figures->overdue_customers);
    write_ages(out, figures);
    json_array(out, "months");
    for (size_t i = 0; i < OVERVIEW_MONTHS; i++)
        TRY(write_month(req, out, overview, figures, i));
    json_array_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static void write_run(struct json_writer *out, const struct overview_run *run)
{
    json_object(out, "billing_run");
    json_time(out, "started_at", run->started_at);
    json_time(out, "finished_at", run->finished_at);
    json_str(out, "done", run->words);
    json_int(out, "due_subscriptions_count", run->due_subscriptions);
    json_int(out, "due_invoices_count", run->due_invoices);
    json_int(out, "draft_invoices_count", run->drafts);
    json_int(out, "unnumbered_invoices_count", run->unnumbered);
    json_time(out, "next_due_at", run->next_at);
    json_object_end(out);
}

static enum err show(struct api_request *req, struct json_writer *out)
{
    struct overview overview;
    TRY(api_query(req, NULL, NULL));
    TRY(overview_load(req->ctx, &overview));
    json_object(out, NULL);
    json_object(out, "overview");
    json_time(out, "at", overview.at);
    json_str(out, "timezone", zone_name(overview.zone));
    json_array(out, "currencies");
    for (size_t i = 0; i < overview.currency_count; i++)
        TRY(write_currency(req, out, &overview, &overview.currencies[i]));
    json_array_end(out);
    write_run(out, &overview.run);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

/* ---- customers' ------------------------------------------------------------------------------ */

enum table_order { ASCENDING, DESCENDING };

struct table_query {
    struct customer_table_filter filter;
    enum table_order order;
};

static const struct bind_word statuses[] = {
    {"active", 0}, {"inactive", 0}, {"open", 0}, {"overdue", 0}, {NULL, 0}};
static const struct bind_word sorts[] = {{"created", 0}, {"name", 0},    {"mrr", 0},
                                         {"open", 0},    {"overdue", 0}, {NULL, 0}};
static const struct bind_word orders[] = {{"asc", ASCENDING}, {"desc", DESCENDING}, {NULL, 0}};

static const struct bind_field table_fields[] = {
    {"search", BIND_TEXT(table_query, filter.search)},
    {"currency", BIND_CURRENCY(table_query, filter.currency)},
    {"status", BIND_TEXT(table_query, filter.status), .words = statuses},
    {"sort", BIND_TEXT(table_query, filter.sort), .words = sorts},
    {"order", BIND_WORD(table_query, order, orders), .preset = DESCENDING},
    {0},
};
static const struct bind_table table_table = {NULL, table_fields, 0};

/* The members that the list and the one have in common. */
static void write_entry(struct json_writer *out, const struct face *face,
                        const struct customer_entry *entry)
{
    const struct customer_row *row = &entry->row;
    face_ref(out, face, "customer", row->id);
    json_str(out, "external_customer_id", row->external_id);
    json_str(out, "name", row->name);
    json_str(out, "currency", row->currency);
    json_int(out, "running_subscriptions_count", entry->running_count);
    json_int(out, "mrr_cents", entry->mrr_minor);
    json_int(out, "yearly_amount_cents", entry->yearly_minor);
    json_int(out, "open_amount_cents", entry->open_minor);
    json_int(out, "overdue_amount_cents", entry->overdue_minor);
    json_day(out, "oldest_due_date", entry->oldest_due_day);
}

static enum err list_customers(struct api_request *req, struct json_writer *out)
{
    struct table_query query = {.order = DESCENDING};
    struct api_page page;
    struct customer_entry *entries = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_page_query(req, &table_table, &query, &page));
    query.filter.is_ascending = query.order == ASCENDING;
    query.filter.limit = page.limit;
    query.filter.offset = page.offset;
    TRY(customer_table(req->ctx, &query.filter, &entries, &count, &total));
    api_list(out, "customer_figures");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        write_entry(out, req->face, &entries[i]);
        json_object_end(out);
    }
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err show_customer(struct api_request *req, struct json_writer *out)
{
    struct customer_numbers numbers;
    TRY(api_query(req, NULL, NULL));
    TRY(api_found(req, "customer", customer_numbers_get(req->ctx, api_path(req, 0), &numbers)));
    json_object(out, NULL);
    json_object(out, "customer_figures");
    write_entry(out, req->face, &numbers.entry);
    json_int(out, "invoiced_amount_cents", numbers.invoiced_minor);
    json_int(out, "paid_amount_cents", numbers.paid_minor);
    json_int(out, "invoices_count", numbers.invoice_count);
    json_int(out, "draft_invoices_count", numbers.draft_count);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

/* ---- search ---------------------------------------------------------------------------------- */

struct search_query {
    struct str text;
};

static const struct bind_field search_fields[] = {
    {"q", BIND_TEXT(search_query, text), .flags = BIND_REQUIRED},
    {0},
};
static const struct bind_table search_table = {NULL, search_fields, 0};

static enum err search(struct api_request *req, struct json_writer *out)
{
    static const char *const kinds[] = {[FIND_CUSTOMER] = "customer",
                                        [FIND_SUBSCRIPTION] = "subscription",
                                        [FIND_INVOICE] = "invoice"};
    struct search_query query = {0};
    struct find_result result;
    TRY(api_query(req, &search_table, &query));
    TRY(find(req->ctx, query.text, &result));
    json_object(out, NULL);
    json_object(out, "search");
    json_bool(out, "is_exact", result.is_exact);
    json_array(out, "hits");
    for (size_t i = 0; i < result.count; i++) {
        const struct find_hit *hit = &result.hits[i];
        json_object(out, NULL);
        json_str(out, "kind", str_of(kinds[hit->kind]));
        face_id(out, req->face, hit->id);
        face_ref(out, req->face, "customer", hit->customer_id);
        json_str(out, "title", hit->title);
        json_str(out, "external_id", hit->external_id);
        json_str(out, "customer_name", hit->customer_name);
        json_str(out, "detail", hit->detail);
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

const struct api_route overview_routes[] = {
    {HTTP_GET, "/overview", show, 0, 0},
    {HTTP_GET, "/customer_figures", list_customers, 0, 0},
    {HTTP_GET, "/customers/{external_id}/figures", show_customer, 0, 0},
    {HTTP_GET, "/search", search, 0, 0},
    {0},
};
