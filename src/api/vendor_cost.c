#include "app/cost_read.h"

#include "api/api.h"
#include "base/none.h"

struct cost_filter {
    struct str external_customer_id;
    int64_t period_start_at;
};

static const struct bind_field cost_fields[] = {
    {"external_customer_id", BIND_TEXT(cost_filter, external_customer_id), .flags = BIND_REQUIRED},
    {"period_start_at", BIND_INSTANT(cost_filter, period_start_at)},
    {0},
};
static const struct bind_table cost_query = {"vendor_cost", cost_fields, 0};

static struct cost_page page_of(const struct api_page *page)
{
    return (struct cost_page){page->limit, page->offset, page->after};
}

/* The columns that costs of customers and of nobody share. */
#define WRITE_COST(out, row)                                            \
    do {                                                                \
        json_time((out), "period_start_at", (row)->period_start_at);    \
        json_time((out), "period_end_at", (row)->period_end_at);        \
        json_str((out), "provider_name", (row)->provider_name);         \
        json_str((out), "sub_account_id", (row)->sub_account_id);       \
        json_str((out), "service_name", (row)->service_name);           \
        json_str((out), "currency", (row)->currency);                   \
        json_int((out), "row_count", (row)->row_count);                 \
        json_decimal((out), "billed_cost", (row)->billed_cost);         \
        json_decimal((out), "effective_cost", (row)->effective_cost);   \
        json_decimal((out), "list_cost", (row)->list_cost);             \
        json_decimal((out), "contracted_cost", (row)->contracted_cost); \
        json_str((out), "missing_columns", (row)->missing_columns);     \
        json_bool((out), "is_generated", (row)->is_generated);          \
    } while (0)

#define KEY_OF_COST(row)             \
    ((struct list_key){              \
        .at = (row).period_start_at, \
        .id = (row).batch_id,        \
        .texts = {(row).provider_name, (row).service_name, (row).currency, (row).sub_account_id}})

static enum err list_costs(struct api_request *req, struct json_writer *out)
{
    struct cost_filter filter = {.period_start_at = TIME_NONE};
    struct api_page page;
    struct customer_cost_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_key_query(req, &cost_query, &filter, &page));
    TRY(cost_of_customer_list(req->ctx, filter.external_customer_id, filter.period_start_at,
                              page_of(&page), &rows, &count, &total));
    api_list(out, "vendor_costs");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        WRITE_COST(out, &rows[i]);
        json_object_end(out);
    }
    if (count > 0)
        api_page_key(req, &page, &KEY_OF_COST(rows[count - 1]), count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err list_unassigned(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct cost_unassigned_page_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_key_query(req, NULL, NULL, &page));
    TRY(cost_unassigned_list(req->ctx, page_of(&page), &rows, &count, &total));
    api_list(out, "vendor_costs");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        json_str(out, "source", rows[i].source);
        json_str(out, "billing_account_id", rows[i].billing_account_id);
        json_str(out, "sub_account_name", rows[i].sub_account_name);
        WRITE_COST(out, &rows[i]);
        json_object_end(out);
    }
    if (count > 0)
        api_page_key(req, &page, &KEY_OF_COST(rows[count - 1]), count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err list_exceptions(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct cost_exception_page_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_key_query(req, NULL, NULL, &page));
    TRY(cost_exception_list(req->ctx, page_of(&page), &rows, &count, &total));
    api_list(out, "cost_exceptions");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        json_str(out, "external_customer_id", rows[i].external_id);
        face_ref(out, req->face, "customer", rows[i].customer_id);
        json_time(out, "period_start_at", rows[i].period_start_at);
        json_str(out, "provider_name", rows[i].provider_name);
        json_str(out, "service_name", rows[i].service_name);
        json_str(out, "currency", rows[i].currency);
        json_str(out, "reason", rows[i].reason);
        json_decimal(out, "billed_cost", rows[i].billed_cost);
        json_time(out, "created_at", rows[i].created_at);
        json_object_end(out);
    }
    if (count > 0)
        api_page_key(
            req, &page,
            &(struct list_key){.at = rows[count - 1].period_start_at,
                               .texts = {rows[count - 1].external_id, rows[count - 1].provider_name,
                                         rows[count - 1].service_name, rows[count - 1].currency}},
            count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

static enum err list_imports(struct api_request *req, struct json_writer *out)
{
    struct api_page page;
    struct cost_import_row *rows = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(api_key_query(req, NULL, NULL, &page));
    TRY(cost_import_list(req->ctx, page_of(&page), &rows, &count, &total));
    api_list(out, "cost_imports");
    for (size_t i = 0; i < count; i++) {
        json_object(out, NULL);
        face_id(out, req->face, rows[i].id);
        json_str(out, "source", rows[i].source);
        json_str(out, "file_name", rows[i].file_name);
        json_str(out, "focus_version", rows[i].focus_version);
        json_int(out, "row_count", rows[i].row_count);
        json_decimal(out, "billed_cost", rows[i].billed_cost);
        json_decimal(out, "effective_cost", rows[i].effective_cost);
        json_decimal(out, "list_cost", rows[i].list_cost);
        json_decimal(out, "contracted_cost", rows[i].contracted_cost);
        json_time(out, "imported_at", rows[i].imported_at);
        json_object_end(out);
    }
    if (count > 0)
        api_page_key(
            req, &page,
            &(struct list_key){.at = rows[count - 1].imported_at, .id = rows[count - 1].id}, count);
    api_list_end(out, &page, total);
    return ERR_NONE;
}

const struct api_route vendor_cost_routes[] = {
    {HTTP_GET, "/vendor_costs", list_costs, 0, 0},
    {HTTP_GET, "/vendor_costs/unassigned", list_unassigned, 0, 0},
    {HTTP_GET, "/cost_exceptions", list_exceptions, 0, 0},
    {HTTP_GET, "/cost_imports", list_imports, 0, 0},
    {0},
};
