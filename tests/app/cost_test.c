/* Vendor cost: files in, cost of customers, fees, corrections.  Expected figures by hand. */
#include "tests/app/books.h"

#include "app/cost_import.h"
#include "app/cost_read.h"
#include "app/resale_rule.h"
#include "app/vendor_account.h"
#include "base/json_read.h"

#include <stdlib.h>

static const char *data_path(struct world *w, const char *name)
{
    const char *root = getenv("BILLOW_SOURCE");
    return arena_fmt(&w->arena, "%s/%s", root == NULL ? "." : root, name).ptr;
}

static enum err import(struct world *w, const char *name, struct cost_import_result *result)
{
    fault_reset(&w->fault);
    return cost_import(&w->ctx, &(struct cost_import_options){.path = str_of(data_path(w, name))},
                       result);
}

static void check_decimal(struct world *w, struct decimal got, const char *want)
{
    CHECK_STR(decimal_text(&w->arena, got), want);
}

/* A customer that pays in EUR, without a subscription. */
static void own(struct world *w, const char *customer, const char *provider, const char *account)
{
    struct vendor_account_row row;
    MUST(w, vendor_account_assign(&w->ctx,
                                  &(struct vendor_account_input){
                                      .external_customer_id = str_of(customer),
                                      .provider_name = str_of(provider),
                                      .sub_account_id = str_of(account),
                                  },
                                  &row));
}

static void rule(struct world *w, const char *code, const char *method, const char *percent)
{
    struct resale_rule_view view;
    MUST(w, resale_rule_create(&w->ctx,
                               &(struct resale_rule_input){
                                   .code = str_of(code),
                                   .name = str_of(code),
                                   .method = str_of(method),
                                   .percent = decimal_lit(percent),
                                   .valid_from_at = TIME_NONE,
                               },
                               &view));
}

TEST(cost_import_of_the_real_file_has_its_totals)
{
    struct world w;
    struct cost_import_result result;
    world_open(&w);
    at(&w, "2024-10-08T12:00:00Z");
    MUST(&w, import(&w, "data/demo/focus-2024-09.csv.gz", &result));
    CHECK_INT(result.row_count, 572);
    CHECK_INT(result.batch_count, 3);
    CHECK_INT(result.unassigned_row_count, 572);
    CHECK_INT(result.unassigned_account_count, 48);
    CHECK_STR(result.focus_version, "1.0");
    check_decimal(&w, result.billed_cost, "16.30605588923");
    check_decimal(&w, result.effective_cost, "13.1756821062");
    check_decimal(&w, result.list_cost, "16.08045588923");
    check_decimal(&w, result.contracted_cost, "13.1756810903");
    CHECK(!result.is_known);
    MUST(&w, import(&w, "data/demo/focus-2024-09.csv.gz", &result));
    CHECK(result.is_known);
    world_close(&w);
}

/* ---- tests/data/focus/expected.json: each file, and what is to come of it -------------------- */

static struct str read_text(struct world *w, const char *name)
{
    static char text[1 << 20];
    FILE *file = fopen(data_path(w, name), "rb");
    REQUIRE(file != NULL);
    size_t len = fread(text, 1, sizeof text, file);
    fclose(file);
    REQUIRE(len < sizeof text);
    return (struct str){text, len};
}

/* The member `name` of a JSON object, as written; STR_NULL when it has none. */
static struct str member(struct world *w, struct str object, const char *name)
{
    struct json_reader reader;
    struct str raw = STR_NULL;
    json_reader_init(&reader, &w->arena, object);
    if (str_is_null(object) || json_next(&reader) != JSON_OBJECT_START)
        return STR_NULL;
    while (json_next(&reader) == JSON_KEY) {
        bool is_it = str_eq(reader.text, str_of(name));
        REQUIRE(json_skip(&reader, &raw));
        if (is_it)
            return str_eq(raw, STR("null")) ? STR_NULL : raw;
    }
    return STR_NULL;
}

/* A text without its quotes. */
static struct str text_of(struct str raw)
{
    return raw.len >= 2 && raw.ptr[0] == '"' ? str_slice(raw, 1, raw.len - 1) : raw;
}

static void check_accepted(struct world *w, struct str item,
                           const struct cost_import_result *result)
{
    struct str totals = member(w, item, "totals");
    struct str batches = member(w, item, "batches");
    int64_t number = 0;
    CHECK(str_to_int64(member(w, item, "rows"), &number));
    CHECK_INT(result->row_count, number);
    if (!str_is_null(batches) && str_to_int64(batches, &number))
        CHECK_INT(result->batch_count, number);
    CHECK(str_eq(result->focus_version, text_of(member(w, item, "version"))));
    CHECK(str_eq(decimal_text(&w->arena, result->billed_cost),
                 text_of(member(w, totals, "BilledCost"))));
    CHECK(str_eq(decimal_text(&w->arena, result->effective_cost),
                 text_of(member(w, totals, "EffectiveCost"))));
    CHECK(
        str_eq(decimal_text(&w->arena, result->list_cost), text_of(member(w, totals, "ListCost"))));
    CHECK(str_eq(decimal_text(&w->arena, result->contracted_cost),
                 text_of(member(w, totals, "ContractedCost"))));
}

/* The words name row and column, in a field or in the message. */
static bool is_told(const struct world *w, struct str row, struct str column)
{
    char place[300];
    snprintf(place, sizeof place, "row %.*s%s%.*s", STR_ARG(row), str_is_null(column) ? "" : ", ",
             STR_ARG(str_is_null(column) ? STR("") : column));
    for (size_t i = 0; i < w->fault.field_count; i++) {
        if (str_eq(w->fault.fields[i].field, str_of(place)))
            return true;
    }
    snprintf(place, sizeof place, "row %.*s", STR_ARG(row));
    return w->fault.field_count == 0 && str_starts(w->fault.message, str_of(place));
}

static void check_refused(struct world *w, struct str item)
{
    struct json_reader reader;
    struct str count = member(w, item, "error_count");
    struct str error;
    int64_t all = 0;
    json_reader_init(&reader, &w->arena, member(w, item, "errors"));
    REQUIRE(json_next(&reader) == JSON_ARRAY_START);
    while (json_next(&reader) == JSON_OBJECT_START && json_skip(&reader, &error)) {
        struct str row = member(w, error, "row");
        struct str column = text_of(member(w, error, "column"));
        if (!str_is_null(row) && !is_told(w, row, column)) {
            printf("    not told: row %.*s, %.*s; said: %.*s\n", STR_ARG(row), STR_ARG(column),
                   STR_ARG(w->fault.message));
            CHECK(false);
        }
        all++;
    }
    if (!str_is_null(count))
        CHECK(str_to_int64(count, &all));
    if (w->fault.field_count > 0)
        CHECK_INT(w->fault.field_count + w->fault.field_dropped, all);
}

TEST(cost_import_takes_or_refuses_each_file_as_expected)
{
    struct world w;
    struct json_reader reader;
    struct str item;
    struct cost_import_row *rows = NULL;
    int64_t total = 0;
    size_t files = 0;
    size_t taken = 0;
    world_open(&w);
    json_reader_init(&reader, &w.arena, read_text(&w, "tests/data/focus/expected.json"));
    REQUIRE(json_next(&reader) == JSON_ARRAY_START);
    while (json_next(&reader) == JSON_OBJECT_START && json_skip(&reader, &item)) {
        struct cost_import_result result;
        struct str file = text_of(member(&w, item, "file"));
        bool is_accepted = str_eq(member(&w, item, "accepted"), STR("true"));
        const char *name = arena_fmt(&w.arena, "%.*s", STR_ARG(file)).ptr;
        test_case = name;
        enum err err = import(&w, arena_fmt(&w.arena, "tests/data/focus/%s", name).ptr, &result);
        CHECK((err == ERR_NONE) == is_accepted);
        if (err == ERR_NONE && is_accepted)
            check_accepted(&w, item, &result);
        if (err != ERR_NONE && !is_accepted)
            check_refused(&w, item);
        files++;
        taken += err == ERR_NONE && !result.is_known;
    }
    test_case = "";
    CHECK_INT(files, 77);
    MUST(&w, cost_import_list(&w.ctx, (struct cost_page){.limit = 10}, &rows, &files, &total));
    CHECK_INT(total, taken);
    world_close(&w);
}

/* Two sub-accounts, one mapped: 10.00 + 2.345 at 15 % is 14.19675, so 14.20; the USD row waits. */
TEST(cost_is_billed_and_corrected)
{
    struct world w;
    struct cost_import_result result;
    struct cost_exception_page_row *exceptions = NULL;
    struct cost_unassigned_page_row *unassigned = NULL;
    size_t count = 0;
    int64_t total = 0;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    make_customer(&w, "alpha", "Europe/Berlin");
    make_customer(&w, "beta", "Europe/Berlin");
    own(&w, "alpha", "Acme", "a1");
    rule(&w, "default", "markup", "15");
    at(&w, "2024-02-08T12:00:00Z");
    MUST(&w, import(&w, "tests/data/cost/costs-a.csv", &result));
    CHECK_INT(result.assigned_row_count, 3);
    CHECK_INT(result.unassigned_row_count, 1);
    CHECK_INT(result.superseded_count, 0);
    MUST(&w, cost_unassigned_list(&w.ctx, (struct cost_page){.limit = 10}, &unassigned, &count,
                                  &total));
    CHECK_INT(total, 1);
    run(&w);
    struct invoice_view first = invoice_at(&w, "alpha", 0);
    CHECK_INT(first.row.fees_amount_minor, 1420);
    MUST(&w,
         cost_exception_list(&w.ctx, (struct cost_page){.limit = 10}, &exceptions, &count, &total));
    CHECK_INT(total, 1);
    CHECK_STR(exceptions[0].reason, "currency_differs");
    check_decimal(&w, exceptions[0].billed_cost, "7");

    /* Twice changes nothing. */
    run(&w);
    CHECK_INT(invoices_of(&w, "alpha").count, 1);

    /* 11.00 + 2.345 = 13.345 at 15 % is 15.34675, so 15.35: 1.15 more; and no USD any more. */
    at(&w, "2024-02-09T12:00:00Z");
    MUST(&w, import(&w, "tests/data/cost/costs-b.csv", &result));
    CHECK_INT(result.superseded_count, 1);
    run(&w);
    struct invoice_view second = invoice_at(&w, "alpha", 1);
    CHECK_INT(second.row.fees_amount_minor, 115);
    MUST(&w,
         cost_exception_list(&w.ctx, (struct cost_page){.limit = 10}, &exceptions, &count, &total));
    CHECK_INT(total, 0);

    /* 5 at 15 % is 5.75, once somebody has the account. */
    CHECK_INT(invoices_of(&w, "beta").count, 0);
    own(&w, "beta", "Acme", "b2");
    run(&w);
    CHECK_INT(invoice_at(&w, "beta", 0).row.fees_amount_minor, 575);
    MUST(&w, cost_unassigned_list(&w.ctx, (struct cost_page){.limit = 10}, &unassigned, &count,
                                  &total));
    CHECK_INT(total, 0);

    /* The account moves: beta gets its 5.75 back, alpha pays (13.345 + 5) * 1.15 = 21.09675. */
    own(&w, "alpha", "Acme", "b2");
    run(&w);
    CHECK_INT(invoice_at(&w, "beta", 1).row.fees_amount_minor, -575);
    CHECK_INT(invoice_at(&w, "alpha", 2).row.fees_amount_minor, 2110 - 1535);
    CHECK(check_books(&w).fees > 0);
    CHECK_INT(check_explained(&w), 5);
    world_close(&w);
}

/* Without a rule nothing can be priced; with one the same cost is billed. */
TEST(cost_waits_for_a_rule)
{
    struct world w;
    struct cost_import_result result;
    struct cost_exception_page_row *exceptions = NULL;
    size_t count = 0;
    int64_t total = 0;
    world_open(&w);
    at(&w, "2024-02-08T12:00:00Z");
    make_customer(&w, "beta", "UTC");
    own(&w, "beta", "Acme", "b2");
    MUST(&w, import(&w, "tests/data/cost/costs-b.csv", &result));
    run(&w);
    MUST(&w,
         cost_exception_list(&w.ctx, (struct cost_page){.limit = 10}, &exceptions, &count, &total));
    CHECK_INT(total, 1);
    CHECK_STR(exceptions[0].reason, "no_rule");
    at(&w, "2024-02-08T13:00:00Z");
    rule(&w, "margin", "margin", "20"); /* 5 / 0.8 = 6.25 */
    run(&w);
    struct invoices all = invoices_of(&w, "beta");
    REQUIRE(all.count > 0);
    CHECK_INT(invoice_at(&w, "beta", all.count - 1).row.fees_amount_minor, 625);
    MUST(&w,
         cost_exception_list(&w.ctx, (struct cost_page){.limit = 10}, &exceptions, &count, &total));
    CHECK_INT(total, 0);
    world_close(&w);
}
