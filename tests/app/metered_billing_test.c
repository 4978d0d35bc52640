/* What is priced from events: unique counts, percentage and dynamic charges, expressions; amounts
 * worked out by hand.  And what may change of a metric. */
#include "tests/app/books.h"

#include "app/current_usage.h"
#include "app/event_read.h"

#include <pthread.h>
#include <string.h>

static struct current_usage_view usage_now(struct world *w)
{
    struct current_usage_view view;
    MUST(w, current_usage_get(&w->ctx, STR("c"), STR("s"), &view));
    return view;
}

static int64_t fee_of(struct world *w, size_t invoice, const char *code, const char *units)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    for (size_t i = 0; i < view.fee_count; i++) {
        if (!str_eq(view.fees[i].row.item_code, str_of(code)))
            continue;
        CHECK_STR(decimal_text(&w->arena, view.fees[i].row.units), units);
        return view.fees[i].row.amount_minor;
    }
    return -1;
}

static void begin(struct world *w, const struct charge_input *charges)
{
    at(w, "2024-03-01T00:00:00Z");
    sell(w, (struct plan_input){0}, charges);
}

TEST(a_unique_count_is_billed_from_its_events)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("seats"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"3\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "seats", "unique_count_agg", "user");
    begin(&w, charges);
    send_event(&w, "s", "seats", "2024-03-02T09:00:00Z", "{\"user\": \"a\"}");
    send_event(&w, "s", "seats", "2024-03-05T09:00:00Z", "{\"user\": \"b\"}");
    send_event(&w, "s", "seats", "2024-03-09T09:00:00Z", "{\"user\": \"a\"}");
    send_event(&w, "s", "seats", "2024-03-20T09:00:00Z",
               "{\"user\": \"c\", \"operation_type\": \"add\"}");
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 900);
    send_event(&w, "s", "seats", "2024-03-21T09:00:00Z",
               "{\"user\": \"b\", \"operation_type\": \"remove\"}");
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 600);
    /* an older removal that comes late changes nothing: c was added after it */
    send_event(&w, "s", "seats", "2024-03-19T09:00:00Z",
               "{\"user\": \"c\", \"operation_type\": \"remove\"}");
    CHECK_INT(usage_now(&w).charges[0].fee.event_count, 6);
    CHECK_STR(decimal_text(&w.arena, usage_now(&w).charges[0].fee.units), "2");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "seats", "2"), 600);
    /* what comes after the bill is none of its business */
    send_event(&w, "s", "seats", "2024-03-25T09:00:00Z", "{\"user\": \"d\"}");
    check_verify(&w);
    world_close(&w);
}

TEST(a_percentage_is_billed_event_by_event)
{
    struct world w;
    static const char properties[] =
        "{\"rate\": \"1.3\", \"fixed_amount\": \"2\", \"free_units_per_events\": 3, "
        "\"free_units_per_total_aggregation\": \"250\"}";
    static const char plain[] = "{\"rate\": \"1.3\", \"fixed_amount\": \"2\"}";
    const struct charge_input charges[] = {{.metric_code = STR("paid"),
                                            .code = STR("tiered"),
                                            .charge_model = STR("percentage"),
                                            .properties = {properties, sizeof properties - 1}},
                                           {.metric_code = STR("paid"),
                                            .code = STR("plain"),
                                            .charge_model = STR("percentage"),
                                            .properties = {plain, sizeof plain - 1}},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "paid", "sum_agg", "amount");
    begin(&w, charges);
    /* out of order: what counts is the time of each */
    send_event(&w, "s", "paid", "2024-03-04T00:00:00Z", "{\"amount\": 400}");
    send_event(&w, "s", "paid", "2024-03-01T00:00:00Z", "{\"amount\": 50}");
    send_event(&w, "s", "paid", "2024-03-03T00:00:00Z", "{\"amount\": 250}");
    send_event(&w, "s", "paid", "2024-03-02T00:00:00Z", "{\"amount\": 100}");
    struct current_usage_view view = usage_now(&w);
    REQUIRE(view.count == 2);
    CHECK_INT(view.charges[0].fee.amount_minor, 1115); /* 550 x 1.3% + 2 x 2 */
    CHECK_INT(view.charges[1].fee.amount_minor, 1840); /* 800 x 1.3% + 4 x 2 */
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.fees_amount_minor, 1115 + 1840);
    check_verify(&w);
    world_close(&w);
}

TEST(percentage_tiers_are_billed)
{
    struct world w;
    static const char properties[] =
        "{\"graduated_percentage_ranges\": ["
        "{\"from_value\": 0, \"to_value\": 100, \"rate\": \"5\", \"flat_amount\": \"1\"}, "
        "{\"from_value\": 101, \"to_value\": null, \"rate\": \"2\", \"flat_amount\": \"10\"}]}";
    const struct charge_input charges[] = {{.metric_code = STR("paid"),
                                            .charge_model = STR("graduated_percentage"),
                                            .properties = {properties, sizeof properties - 1}},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "paid", "sum_agg", "amount");
    begin(&w, charges);
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 0); /* no flat amount before any unit */
    send_event(&w, "s", "paid", "2024-03-01T00:00:00Z", "{\"amount\": 50}");
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 350); /* 50 x 5% + 1 */
    send_event(&w, "s", "paid", "2024-03-02T00:00:00Z", "{\"amount\": 73.75}");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    /* 100 x 5% + 1 + 23.75 x 2% + 10 = 16.475, rounded half up */
    CHECK_INT(invoice_at(&w, "c", 0).row.fees_amount_minor, 1648);
    check_verify(&w);
    world_close(&w);
}

TEST(a_capacity_is_billed_used_or_not)
{
    struct world w;
    static const char properties[] =
        "{\"capacity\": \"100\", \"amount\": \"50\", \"overage_amount\": \"0.60\"}";
    const struct charge_input charges[] = {{.metric_code = STR("paid"),
                                            .charge_model = STR("capacity"),
                                            .properties = {properties, sizeof properties - 1}},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "paid", "sum_agg", "amount");
    begin(&w, charges);
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.fees_amount_minor, 5000); /* without any event */
    send_event(&w, "s", "paid", "2024-04-02T00:00:00Z", "{\"amount\": 80}");
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 5000);
    send_event(&w, "s", "paid", "2024-04-03T00:00:00Z", "{\"amount\": 57.5}");
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 7250); /* 50 + 37.5 x 0.60 */
    check_verify(&w);
    world_close(&w);
}

TEST(time_of_use_goes_by_the_customers_clock)
{
    struct world w;
    static const char properties[] =
        "{\"amount\": \"0.30\", \"windows\": ["
        "{\"name\": \"peak\", \"weekdays\": [1, 2, 3, 4, 5], \"from_hour\": 8, \"to_hour\": 20, "
        "\"amount\": \"0.50\"},"
        "{\"name\": \"late\", \"from_hour\": 22, \"to_hour\": 24, \"amount\": \"0.10\"},"
        "{\"name\": \"early\", \"from_hour\": 0, \"to_hour\": 6, \"amount\": \"0.10\"}]}";
    const struct charge_input charges[] = {{.metric_code = STR("paid"),
                                            .charge_model = STR("time_of_use"),
                                            .properties = {properties, sizeof properties - 1}},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "paid", "sum_agg", "amount");
    at(&w, "2024-02-29T23:00:00Z"); /* midnight there */
    make_plan(&w, (struct plan_input){.code = STR("p")}, charges);
    make_customer(&w, "c", "Europe/Berlin");
    subscribe(&w, "c", "s", "p", "calendar");
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 0);
    send_event(&w, "s", "paid", "2024-03-01T08:30:00Z", "{\"amount\": 10}"); /* 09:30, Friday */
    send_event(&w, "s", "paid", "2024-03-01T19:00:00Z", "{\"amount\": 4}");  /* 20:00 */
    send_event(&w, "s", "paid", "2024-03-01T22:59:59Z", "{\"amount\": 6}");  /* 23:59:59 */
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 680);
    send_event(&w, "s", "paid", "2024-03-02T08:30:00Z", "{\"amount\": 10}"); /* Saturday */
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 680 + 300);
    send_event(&w, "s", "paid", "2024-03-31T00:30:00Z", "{\"amount\": 2}"); /* 01:30 */
    send_event(&w, "s", "paid", "2024-03-31T03:30:00Z", "{\"amount\": 2}"); /* 05:30 */
    send_event(&w, "s", "paid", "2024-03-31T04:00:00Z", "{\"amount\": 2}"); /* 06:00 */
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "paid", "36"), 680 + 300 + 100);
    /* late, and at another price than what was there */
    send_event(&w, "s", "paid", "2024-03-04T09:00:00Z", "{\"amount\": 1}"); /* Monday, peak */
    at(&w, "2024-05-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 1, "paid", "1"), 50);
    check_verify(&w);
    world_close(&w);
}

TEST(a_price_table_is_billed_by_two_properties)
{
    struct world w;
    static const char properties[] =
        "{\"row_key\": \"size\", \"column_key\": \"region\", \"rows\": [\"small\", \"large\"], "
        "\"columns\": [\"eu\", \"us\"], \"amounts\": [[\"1\", \"1.20\"], [\"2.50\", \"3\"]], "
        "\"amount\": \"5\"}";
    const struct charge_input charges[] = {{.metric_code = STR("paid"),
                                            .charge_model = STR("price_table"),
                                            .properties = {properties, sizeof properties - 1}},
                                           {.metric_code = STR("counted"),
                                            .charge_model = STR("price_table"),
                                            .properties = {properties, sizeof properties - 1}},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "paid", "sum_agg", "amount");
    make_metric(&w, "counted", "count_agg", NULL);
    begin(&w, charges);
    send_event(&w, "s", "paid", "2024-03-01T00:00:00Z",
               "{\"amount\": 3, \"size\": \"small\", \"region\": \"eu\"}");
    send_event(&w, "s", "paid", "2024-03-02T00:00:00Z",
               "{\"amount\": 2, \"size\": \"large\", \"region\": \"us\"}");
    send_event(&w, "s", "counted", "2024-03-02T00:00:00Z",
               "{\"size\": \"small\", \"region\": \"us\"}");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "paid", "5"), 900);
    CHECK_INT(fee_of(&w, 0, "counted", "1"), 120);
    send_event(&w, "s", "paid", "2024-04-01T00:00:00Z",
               "{\"amount\": 1, \"size\": \"small\", \"region\": \"asia\"}");
    send_event(&w, "s", "paid", "2024-04-01T00:00:00Z", "{\"amount\": 2, \"region\": \"eu\"}");
    at(&w, "2024-05-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 1, "paid", "3"), 1500);
    send_event(&w, "s", "paid", "2024-05-01T00:00:00Z",
               "{\"amount\": 0.5, \"size\": \"large\", \"region\": \"eu\"}");
    send_event(&w, "s", "paid", "2024-05-02T00:00:00Z",
               "{\"amount\": 0.25, \"size\": \"large\", \"region\": \"eu\"}");
    at(&w, "2024-06-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 2, "paid", "0.75"), 188);
    check_verify(&w);
    world_close(&w);
}

static void send_priced(struct world *w, const char *occurred_at, const char *cents)
{
    static int count;
    struct event_result result;
    struct event_input event = {
        .transaction_id = arena_fmt(&w->arena, "priced%d", ++count),
        .external_subscription_id = STR("s"),
        .code = STR("work"),
        .occurred_at = instant(occurred_at),
        .properties = STR("{\"n\": 10}"),
        .precise_total_amount_cents = str_of(cents),
    };
    MUST(w, ingest_now(&w->ctx, &event, 1, false, &result));
    CHECK_INT(result.outcome, EVENT_ACCEPTED);
    MUST(w, ingest_now(&w->ctx, &event, 1, false, &result));
    CHECK(result.outcome == EVENT_DUPLICATE && !result.differs);
    event.precise_total_amount_cents = STR("7");
    MUST(w, ingest_now(&w->ctx, &event, 1, false, &result));
    CHECK(result.outcome == EVENT_DUPLICATE && result.differs);
}

TEST(a_dynamic_charge_adds_up_what_events_cost)
{
    struct world w;
    const struct charge_input charges[] = {
        {.metric_code = STR("work"), .charge_model = STR("dynamic")}, {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "work", "sum_agg", "n");
    at(&w, "2024-03-01T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p")}, charges);
    make_customer(&w, "c", "UTC");
    send_priced(&w, "2024-03-01T06:00:00Z", "0.4"); /* before its subscription is known */
    subscribe(&w, "c", "s", "p", "calendar");
    send_priced(&w, "2024-03-02T00:00:00Z", "0.4");
    send_priced(&w, "2024-03-20T00:00:00Z", "0.4");
    CHECK_INT(usage_now(&w).charges[0].fee.amount_minor, 1);           /* 1.2, rounded once */
    send_event(&w, "s", "work", "2024-03-21T00:00:00Z", "{\"n\": 1}"); /* costs nothing */
    send_priced(&w, "2024-03-22T00:00:00Z", "901.9");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "work", "41"), 903); /* 903.1 */
    struct event_view view;
    MUST(&w, event_get(&w.ctx, STR("priced4"), STR("s"), &view));
    CHECK_STR(decimal_text(&w.arena, view.precise_total_cents), "901.9");
    check_verify(&w);
    world_close(&w);
}

static void refused(struct world *w, enum err got, enum err err, const char *field,
                    const char *code)
{
    CHECK_INT(got, err);
    REQUIRE(w->fault.field_count > 0);
    CHECK_STR(w->fault.fields[0].field, field);
    CHECK_STR(w->fault.fields[0].code, code);
    fault_reset(&w->fault);
}

TEST(an_expression_makes_the_value_and_the_quantity_is_rounded)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("mem"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"1\"}")},
                                           {.metric_code = STR_NULL}};
    struct billable_metric_row row;
    struct event_result result;
    world_open(&w);
    MUST(&w,
         billable_metric_create(&w.ctx,
                                &(struct billable_metric_input){
                                    .code = STR("mem"),
                                    .name = STR("Memory"),
                                    .aggregation_type = STR("sum_agg"),
                                    .expression = STR("event.properties.mb / event.properties.div"),
                                    .rounding_function = STR("ceil"),
                                    .rounding_precision = 1,
                                },
                                &row));
    begin(&w, charges);
    send_event(&w, "s", "mem", "2024-03-02T00:00:00Z", "{\"mb\": 100, \"div\": 3}");
    send_event(&w, "s", "mem", "2024-03-03T00:00:00Z", "{\"mb\": \"50\", \"div\": 4}");
    struct event_input bad = {.transaction_id = STR("x"),
                              .external_subscription_id = STR("s"),
                              .code = STR("mem"),
                              .occurred_at = TIME_NONE,
                              .properties = STR("{\"mb\": 1, \"div\": 0}")};
    refused(&w, ingest_now(&w.ctx, &bad, 1, true, &result), ERR_INVALID, "events.0.properties",
            "expression_evaluation_failed");
    bad.properties = STR("{\"div\": 1}");
    refused(&w, ingest_now(&w.ctx, &bad, 1, true, &result), ERR_INVALID, "events.0.properties",
            "expression_evaluation_failed");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    /* 33.333333333333333 + 12.5 = 45.833333333333333, up to one decimal */
    CHECK_INT(fee_of(&w, 0, "mem", "45.9"), 4590);
    check_verify(&w);
    world_close(&w);
}

static void send_value(struct world *w, const char *code, const char *when, const char *value)
{
    send_event(w, "s", code, when,
               arena_cstr(&w->arena, arena_fmt(&w->arena, "{\"v\": %s}", value)));
}

static bool explains(struct world *w, size_t invoice, const char *code, const char *words)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    for (size_t i = 0; i < view.fee_count; i++) {
        if (str_eq(view.fees[i].row.item_code, str_of(code)))
            return strstr(arena_cstr(&w->arena, view.fees[i].row.explanation), words) != NULL;
    }
    return false;
}

#define S(text)                \
    {                          \
        text, sizeof(text) - 1 \
    }
static const struct charge_input at_one_each[] = {
    {.metric_code = S("a"), .charge_model = S("standard"), .properties = S("{\"amount\": \"1\"}")},
    {.metric_code = S("b"), .charge_model = S("standard"), .properties = S("{\"amount\": \"1\"}")},
    {.metric_code = {NULL, 0}}};

/* 2,500 from 1 March; -2,000 on 4 April, -200 on 6 April; in May nothing: (2500 x 3 + 500 x 2 + 300
 * x 25) / 30 days, then 300.  Beside it a weighted sum that starts at 0 each month: 2,500; -2,000 x
 * 27 / 30 - 200 x 25 / 30. */
TEST(a_level_is_weighted_by_seconds_and_carried)
{
    struct world w;
    world_open(&w);
    make_stock(&w, "a", "weighted_sum_agg", "v");
    make_metric(&w, "b", "weighted_sum_agg", "v");
    begin(&w, at_one_each);
    for (int i = 0; i < 2; i++)
        send_value(&w, i == 0 ? "a" : "b", "2024-03-01T00:00:00.5Z", "2500");
    struct current_usage_view now = usage_now(&w);
    CHECK_INT(now.build.row.fees_amount_minor, 500000);
    at(&w, "2024-04-06T00:00:00Z");
    run(&w);
    for (int i = 0; i < 2; i++) {
        send_value(&w, i == 0 ? "a" : "b", "2024-04-06T00:00:00Z", "-200");
        send_value(&w, i == 0 ? "a" : "b", "2024-04-04T00:00:00Z", "-2000");
    }
    CHECK_STR(decimal_text(&w.arena, usage_now(&w).charges[0].fee.total_units), "300");
    at(&w, "2024-06-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "a", "2500"), 250000);
    CHECK_INT(fee_of(&w, 0, "b", "2500"), 250000);
    CHECK_INT(fee_of(&w, 1, "a", "533.333333333333333"), 53333);
    CHECK_INT(fee_of(&w, 1, "b", "-1966.666666666666667"), 0);
    CHECK_INT(fee_of(&w, 2, "a", "300"), 30000);
    CHECK_INT(fee_of(&w, 2, "b", ""), -1);
    CHECK(explains(&w, 1, "a", "1382400000 / 2592000 s")); /* 533.33… x 2,592,000 */
    CHECK(explains(&w, 2, "a", "\"carried\":\"300\""));
    check_verify(&w);
    world_close(&w);
}

/* A sum: 5 - 2, nothing, + 1; values: a and b, then b and c, then the same. */
TEST(a_stock_is_billed_each_month)
{
    struct world w;
    world_open(&w);
    make_stock(&w, "a", "sum_agg", "v");
    make_stock(&w, "b", "unique_count_agg", "v");
    begin(&w, at_one_each);
    send_value(&w, "a", "2024-03-02T00:00:00Z", "5");
    send_value(&w, "a", "2024-03-03T00:00:00Z", "-2");
    send_value(&w, "b", "2024-03-02T00:00:00Z", "\"a\"");
    send_value(&w, "b", "2024-03-03T00:00:00Z", "\"b\"");
    at(&w, "2024-04-02T00:00:00Z");
    run(&w);
    send_event(&w, "s", "b", "2024-04-02T00:00:00Z",
               "{\"v\": \"a\", \"operation_type\": \"remove\"}");
    send_value(&w, "b", "2024-04-03T00:00:00Z", "\"c\"");
    send_value(&w, "a", "2024-05-03T00:00:00Z", "1");
    at(&w, "2024-06-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "a", "3"), 300);
    CHECK_INT(fee_of(&w, 1, "a", "3"), 300);
    CHECK_INT(fee_of(&w, 2, "a", "4"), 400);
    CHECK_INT(fee_of(&w, 0, "b", "2"), 200);
    CHECK_INT(fee_of(&w, 1, "b", "2"), 200);
    CHECK_INT(fee_of(&w, 2, "b", "2"), 200);
    CHECK_INT(invoice_at(&w, "c", 1).fees[0].row.event_count +
                  invoice_at(&w, "c", 1).fees[1].row.event_count +
                  invoice_at(&w, "c", 1).fees[2].row.event_count,
              2);
    CHECK(explains(&w, 2, "a", "3 carried in and 1 added in the period"));
    check_verify(&w);
    world_close(&w);
}

/* +2 comes for March when March and April are billed: both are corrected in May, by 2.00 each; a
 * removal for March takes a value from both. */
TEST(late_usage_of_a_stock_changes_what_follows)
{
    struct world w;
    int64_t corrected = 0;
    int64_t corrections = 0;
    world_open(&w);
    make_stock(&w, "a", "sum_agg", "v");
    make_stock(&w, "b", "unique_count_agg", "v");
    begin(&w, at_one_each);
    send_value(&w, "a", "2024-03-02T00:00:00Z", "5");
    send_value(&w, "b", "2024-03-02T00:00:00Z", "\"x\"");
    send_value(&w, "b", "2024-03-03T00:00:00Z", "\"y\"");
    at(&w, "2024-05-01T00:00:00Z");
    run(&w);
    send_value(&w, "a", "2024-03-20T00:00:00Z", "2");
    send_event(&w, "s", "b", "2024-03-20T00:00:00Z",
               "{\"v\": \"y\", \"operation_type\": \"remove\"}");
    at(&w, "2024-06-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 1, "a", "5"), 500);
    CHECK_INT(fee_of(&w, 1, "b", "2"), 200);
    struct invoice_view view = invoice_at(&w, "c", 2);
    for (size_t i = 0; i < view.fee_count; i++) {
        if (!view.fees[i].row.is_correction)
            continue;
        corrections++;
        corrected += view.fees[i].row.amount_minor;
    }
    CHECK_INT(corrections, 4);
    CHECK_INT(corrected, 200 + 200 - 100 - 100);
    CHECK_INT(view.row.fees_amount_minor, 200 + 700 + 100); /* and May itself: 7 and x */
    check_verify(&w);
    at(&w, "2024-07-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 3).row.fees_amount_minor, 800); /* once */
    check_verify(&w);
    world_close(&w);
}

/* 4, 6 and 11: 21 / 3 and 4.  Nothing in April: no fee. */
TEST(averages_and_least_values_are_billed)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "a", "average_agg", "v");
    make_metric(&w, "b", "min_agg", "v");
    begin(&w, at_one_each);
    for (int i = 0; i < 2; i++) {
        const char *code = i == 0 ? "a" : "b";
        send_value(&w, code, "2024-03-05T00:00:00Z", "6");
        send_value(&w, code, "2024-03-02T11:00:00Z", "4");
        send_value(&w, code, "2024-03-02T10:00:00Z", "11");
    }
    at(&w, "2024-05-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "a", "7"), 700);
    CHECK_INT(fee_of(&w, 0, "b", "4"), 400);
    CHECK_INT(fee_of(&w, 1, "a", ""), -1);
    CHECK_INT(fee_of(&w, 1, "b", ""), -1);
    CHECK(explains(&w, 0, "a", "average: 21 / 3 values"));
    check_verify(&w);
    world_close(&w);
}

/* March has 744 slots of an hour; at 99 floor(7.44) = 7 are left out.  Nine slots have readings. */
TEST(a_percentile_is_billed)
{
    struct world w;
    struct billable_metric_row row;
    struct billable_metric_input input = {
        .code = STR("a"),
        .name = STR("a"),
        .aggregation_type = STR("percentile_agg"),
        .field_name = STR("v"),
        .percentile = decimal_of(99),
        .slot_seconds = 3600,
        .sent = METRIC_PERCENTILE,
    };
    world_open(&w);
    MUST(&w, billable_metric_create(&w.ctx, &input, &row));
    make_metric(&w, "b", "count_agg", NULL);
    begin(&w, at_one_each);
    for (int i = 1; i <= 9; i++) {
        char when[48];
        char value[8];
        snprintf(when, sizeof when, "2024-03-%02dT07:%02d:00Z", i, i);
        snprintf(value, sizeof value, "%d", i * 10);
        send_value(&w, "a", when, value);
        send_value(&w, "a", when, "5"); /* the other direction */
    }
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(fee_of(&w, 0, "a", "20"), 2000);
    CHECK(explains(&w, 0, "a",
                   "percentile 99: 744 slots of 3600 s, 9 with events; the 7 highest left out"));
    check_verify(&w);
    input.code = STR("bad");
    input.percentile = decimal_lit("99.00001");
    refused(&w, billable_metric_create(&w.ctx, &input, &row), ERR_INVALID, "percentile",
            "value_is_out_of_range");
    input.percentile = decimal_of(99);
    input.slot_seconds = 59;
    refused(&w, billable_metric_create(&w.ctx, &input, &row), ERR_INVALID, "slot_seconds",
            "value_is_out_of_range");
    refused(&w,
            billable_metric_change(&w.ctx, STR("a"),
                                   &(struct billable_metric_input){.sent = METRIC_PERCENTILE,
                                                                   .percentile = decimal_of(95)},
                                   &row),
            ERR_NOT_ALLOWED, "percentile", "billable_metric_in_use");
    refused(&w,
            billable_metric_change(
                &w.ctx, STR("a"),
                &(struct billable_metric_input){.sent = METRIC_SLOT_SECONDS, .slot_seconds = 300},
                &row),
            ERR_NOT_ALLOWED, "slot_seconds", "billable_metric_in_use");
    world_close(&w);
}

TEST(a_metric_may_change_until_it_is_used)
{
    struct world w;
    struct billable_metric_row row;
    struct event_result result;
    struct billable_metric_input change = {.sent = METRIC_AGGREGATION_TYPE | METRIC_FIELD_NAME,
                                           .aggregation_type = STR("max_agg"),
                                           .field_name = STR("peak")};
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_metric(&w, "m", "sum_agg", "n");
    make_metric(&w, "other", "count_agg", NULL);
    MUST(&w, billable_metric_change(&w.ctx, STR("m"), &change, &row));
    CHECK_STR(row.aggregation_type, "max_agg");
    CHECK_STR(row.name, "m");
    refused(&w,
            billable_metric_change(
                &w.ctx, STR("m"),
                &(struct billable_metric_input){.sent = METRIC_CODE, .code = STR("other")}, &row),
            ERR_INVALID, "code", "value_already_exist");
    refused(&w,
            billable_metric_change(&w.ctx, STR("m"),
                                   &(struct billable_metric_input){.sent = METRIC_EXPRESSION,
                                                                   .expression = STR("1 +")},
                                   &row),
            ERR_INVALID, "expression", "value_is_invalid");
    struct event_input event = {.transaction_id = STR("x"),
                                .external_subscription_id = STR("nobody"),
                                .code = STR("m"),
                                .occurred_at = TIME_NONE,
                                .properties = STR("{\"peak\": 1}")};
    MUST(&w, ingest_now(&w.ctx, &event, 1, false, &result)); /* unmatched, and a use all the same */
    change.field_name = STR("n");
    refused(&w, billable_metric_change(&w.ctx, STR("m"), &change, &row), ERR_NOT_ALLOWED,
            "field_name", "billable_metric_in_use");
    refused(&w, billable_metric_remove(&w.ctx, STR("m"), &row), ERR_NOT_ALLOWED, "code",
            "billable_metric_in_use");
    change = (struct billable_metric_input){
        .sent = METRIC_NAME | METRIC_DESCRIPTION | METRIC_AGGREGATION_TYPE,
        .name = STR("Peak"),
        .description = STR("the highest"),
        .aggregation_type = STR("max_agg")}; /* as it is: no change */
    MUST(&w, billable_metric_change(&w.ctx, STR("m"), &change, &row));
    CHECK_STR(row.name, "Peak");
    CHECK_STR(row.field_name, "peak");
    MUST(&w, billable_metric_remove(&w.ctx, STR("other"), &row));
    refused(&w, billable_metric_remove(&w.ctx, STR("other"), &row), ERR_NOT_FOUND,
            "billable_metric", "billable_metric_not_found");
    make_metric(&w, "other", "latest_agg", "v"); /* its code is free */
    check_books(&w);
    world_close(&w);
}

struct waiting {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    bool over;
};

static void wake(struct ingest_batch *batch)
{
    struct waiting *waiting = batch->arg;
    pthread_mutex_lock(&waiting->mutex);
    waiting->over = true;
    pthread_cond_signal(&waiting->cond);
    pthread_mutex_unlock(&waiting->mutex);
}

/* Through the running ingest, which remembers metrics; ctx and its fault are this thread's again
 * when it returns. */
static enum err submit(struct world *w, struct event_input *event, struct event_result *result)
{
    struct waiting waiting = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    struct ingest_batch batch = {.ctx = &w->ctx,
                                 .events = event,
                                 .count = 1,
                                 .results = result,
                                 .done = wake,
                                 .arg = &waiting};
    ingest_submit(w->app.ingest, &batch);
    pthread_mutex_lock(&waiting.mutex);
    while (!waiting.over)
        pthread_cond_wait(&waiting.cond, &waiting.mutex);
    pthread_mutex_unlock(&waiting.mutex);
    return batch.err;
}

TEST(a_running_ingest_sees_that_a_metric_changed)
{
    struct world w;
    struct billable_metric_row row;
    struct event_result result;
    struct event_input event = {.transaction_id = STR("t1"),
                                .external_subscription_id = STR("nobody"),
                                .code = STR("first"),
                                .occurred_at = TIME_NONE,
                                .properties = STR("{\"n\": 1}")};
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_metric(&w, "first", "count_agg", NULL);
    make_metric(&w, "m", "sum_agg", "n");
    MUST(&w, ingest_start(&w.app, &w.fault));
    CHECK_INT(submit(&w, &event, &result), ERR_NONE); /* now it knows both */
    MUST(&w, billable_metric_change(&w.ctx, STR("m"),
                                    &(struct billable_metric_input){.sent = METRIC_FIELD_NAME,
                                                                    .field_name = STR("bytes")},
                                    &row));
    event.transaction_id = STR("t2");
    event.code = STR("m");
    refused(&w, submit(&w, &event, &result), ERR_INVALID, "properties.bytes", "value_is_mandatory");
    event.properties = STR("{\"bytes\": 5}");
    CHECK_INT(submit(&w, &event, &result), ERR_NONE);
    CHECK_INT(result.outcome, EVENT_ACCEPTED);
    ingest_stop(&w.app);
    world_close(&w);
}

TEST(free_units_need_events_that_add_up)
{
    struct world w;
    struct plan_view view;
    const struct charge_input charge = {.metric_code = STR("m"),
                                        .charge_model = STR("percentage"),
                                        .properties =
                                            STR("{\"rate\": \"1\", \"free_units_per_events\": 1}")};
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_metric(&w, "m", "max_agg", "n");
    refused(&w,
            plan_create(&w.ctx,
                        &(struct plan_input){.code = STR("p"),
                                             .name = STR("P"),
                                             .currency = STR("EUR"),
                                             .billing_interval = STR("monthly"),
                                             .charges = &charge,
                                             .charge_count = 1},
                        &view),
            ERR_INVALID, "charges.0.billable_metric_code", "value_is_invalid");
    world_close(&w);
}
