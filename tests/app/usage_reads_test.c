/* Usage of periods that were billed, of a period to its end, and of a whole life; figures are
 * worked out beside them. */
#include "tests/app/world.h"

#include "app/current_usage.h"
#include "app/lifetime_usage.h"
#include "app/past_usage.h"
#include "app/projected_usage.h"

#define EACH_AT(price) "{\"amount\": \"" price "\"}"
#define TIERS                                                                                     \
    "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 10, \"per_unit_amount\": \"10\", " \
    "\"flat_amount\": \"2\"}, {\"from_value\": 11, \"to_value\": null, \"per_unit_amount\": "     \
    "\"5\", \"flat_amount\": \"3\"}]}"

/* Calls at 1.00 with at least 5.00, gb in tiers, the highest load at 2.00. */
static void begin(struct world *w, const char *start)
{
    const struct charge_input charges[] = {
        {.metric_code = STR("calls"),
         .charge_model = STR("standard"),
         .properties = STR(EACH_AT("1")),
         .min_amount_minor = 500},
        {.metric_code = STR("gb"), .charge_model = STR("graduated"), .properties = STR(TIERS)},
        {.metric_code = STR("load"),
         .charge_model = STR("standard"),
         .properties = STR(EACH_AT("2"))},
        {.metric_code = STR_NULL}};
    world_open(w);
    at(w, start);
    make_tax(w, "vat", "10", true);
    make_metric(w, "calls", "count_agg", "");
    make_metric(w, "gb", "sum_agg", "gb");
    make_metric(w, "load", "max_agg", "n");
    sell(w, (struct plan_input){.amount_minor = 100}, charges);
}

static void calls(struct world *w, int count, const char *when)
{
    for (int i = 0; i < count; i++)
        send_event(w, "s", "calls", when, "{}");
}

static struct past_usage_query query_of(const char *metric)
{
    return (struct past_usage_query){.external_customer_id = STR("c"),
                                     .external_subscription_id = STR("s"),
                                     .metric_code = metric == NULL ? STR_NULL : str_of(metric),
                                     .periods_max = INT_NONE,
                                     .limit = 100};
}

/* "calls 3 500 3; gb …": units, amount and events of each charge. */
static struct str charges_of(struct world *w, const struct past_period *period)
{
    struct str text = STR("");
    for (size_t i = 0; i < period->charge_count; i++) {
        const struct past_charge *charge = &period->charges[i];
        text = arena_fmt(&w->arena, "%.*s%s%.*s %.*s %lld %lld", STR_ARG(text), i > 0 ? "; " : "",
                         STR_ARG(charge->metric.code),
                         STR_ARG(decimal_text(&w->arena, charge->whole.amounts.units)),
                         (long long)charge->whole.amounts.amount_minor,
                         (long long)charge->whole.amounts.event_count);
    }
    return text;
}

/* March: 3 calls are 3.00 and 2.00 to the minimum, 1 gb is 12.00; April: 8 calls, the load of 4.
 * Then 2 more calls of March come: 5.00 all the same; and 10 gb of it: 102 + 1 x 5 + 3 = 110.00. */
TEST(what_was_billed)
{
    struct world w;
    struct past_period *periods = NULL;
    size_t count = 0;
    int64_t total = 0;
    begin(&w, "2024-03-01T00:00:00Z");
    struct past_usage_query query = query_of(NULL);
    MUST(&w, past_usage_list(&w.ctx, &query, &periods, &count, &total));
    CHECK_INT(total, 0);
    calls(&w, 3, "2024-03-05T00:00:00Z");
    send_event(&w, "s", "gb", "2024-03-05T00:00:00Z", "{\"gb\": 1}");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    calls(&w, 8, "2024-04-05T00:00:00Z");
    send_event(&w, "s", "load", "2024-04-05T00:00:00Z", "{\"n\": 4}");
    send_event(&w, "s", "load", "2024-04-06T00:00:00Z", "{\"n\": 3}");
    at(&w, "2024-05-01T00:00:00Z");
    run(&w);
    MUST(&w, past_usage_list(&w.ctx, &query, &periods, &count, &total));
    CHECK_INT(total, 2);
    REQUIRE(count == 2);
    CHECK_STR(charges_of(&w, &periods[1]), "calls 3 500 3; gb 1 1200 1");
    CHECK_INT(periods[1].amount_minor, 1700);
    CHECK_INT(periods[1].taxes_minor, 170);
    CHECK_STR(charges_of(&w, &periods[0]), "calls 8 800 8; gb 0 200 0; load 4 800 2");
    CHECK_AT(periods[0].row.charges_from_at, "2024-04-01T00:00:00Z");

    calls(&w, 2, "2024-03-06T00:00:00Z");
    send_event(&w, "s", "gb", "2024-03-06T00:00:00Z", "{\"gb\": 10}");
    at(&w, "2024-06-01T00:00:00Z");
    run(&w);
    query = query_of(NULL);
    query.offset = 2;
    MUST(&w, past_usage_list(&w.ctx, &query, &periods, &count, &total));
    CHECK_INT(total, 3);
    REQUIRE(count == 1);
    CHECK_STR(charges_of(&w, &periods[0]), "calls 5 500 5; gb 11 11000 2");
    query = query_of("gb");
    query.periods_max = 2;
    MUST(&w, past_usage_list(&w.ctx, &query, &periods, &count, &total));
    CHECK_INT(total, 2);
    REQUIRE(count == 2);
    CHECK_STR(charges_of(&w, &periods[1]), "gb 0 200 0");
    CHECK_INT(periods[1].amount_minor, 200);

    query = query_of("none");
    CHECK_INT(past_usage_list(&w.ctx, &query, &periods, &count, &total), ERR_NOT_FOUND);
    query = query_of(NULL);
    query.external_subscription_id = STR("none");
    CHECK_INT(past_usage_list(&w.ctx, &query, &periods, &count, &total), ERR_NOT_FOUND);
    world_close(&w);
}

/* A charge with a filter: 2 on aws at 3.00, 1 elsewhere at 10.00. */
TEST(filters_that_were_billed)
{
    struct world w;
    static const struct str clouds[] = {{"aws", 3}, {"gcp", 3}};
    struct metric_filter_input listed = {STR("cloud"), clouds, 2};
    struct billable_metric_row row;
    struct charge_filter_input filter = {.values = STR("{\"cloud\": [\"aws\"]}"),
                                         .properties = STR(EACH_AT("3"))};
    const struct charge_input charges[] = {{.metric_code = STR("m"),
                                            .charge_model = STR("standard"),
                                            .properties = STR(EACH_AT("10")),
                                            .filters = &filter,
                                            .filter_count = 1},
                                           {.metric_code = STR_NULL}};
    struct past_period *periods = NULL;
    size_t count = 0;
    int64_t total = 0;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_metric(&w, "m", "sum_agg", "n");
    MUST(&w,
         billable_metric_change(&w.ctx, STR("m"),
                                &(struct billable_metric_input){
                                    .filters = &listed, .filter_count = 1, .sent = METRIC_FILTERS},
                                &row));
    sell(&w, (struct plan_input){0}, charges);
    send_event(&w, "s", "m", "2024-03-05T00:00:00Z", "{\"n\": 2, \"cloud\": \"aws\"}");
    send_event(&w, "s", "m", "2024-03-05T00:00:00Z", "{\"n\": 1, \"cloud\": \"gcp\"}");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    struct past_usage_query query = query_of(NULL);
    MUST(&w, past_usage_list(&w.ctx, &query, &periods, &count, &total));
    REQUIRE(count == 1 && periods[0].charge_count == 1);
    CHECK_STR(charges_of(&w, &periods[0]), "m 3 1600 2");
    const struct past_charge *charge = &periods[0].charges[0];
    REQUIRE(charge->whole.filter_count == 2);
    CHECK_INT(charge->whole.filters[0].amounts.amount_minor, 600);
    CHECK_STR(charge->whole.filters[0].row.match_values, "{\"cloud\":[\"aws\"]}");
    CHECK_INT(charge->whole.filters[1].amounts.amount_minor, 1000);
    CHECK(uuid_is_nil(charge->whole.filters[1].row.id));
    world_close(&w);
}

/* 1 of eu and 1 of us at 10.00, at least 30.00; then one more of eu comes late: 20.00 and 10.00,
 * and nothing is missing. */
TEST(groups_that_were_billed)
{
    struct world w;
    const struct charge_input charges[] = {
        {.metric_code = STR("m"),
         .charge_model = STR("standard"),
         .properties = STR("{\"amount\": \"10\", \"pricing_group_keys\": [\"region\"]}"),
         .min_amount_minor = 3000},
        {.metric_code = STR_NULL}};
    struct past_usage_query query = query_of(NULL);
    struct past_period *periods = NULL;
    size_t count = 0;
    int64_t total = 0;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_metric(&w, "m", "sum_agg", "n");
    sell(&w, (struct plan_input){0}, charges);
    send_event(&w, "s", "m", "2024-03-05T00:00:00Z", "{\"n\": 1, \"region\": \"us\"}");
    send_event(&w, "s", "m", "2024-03-05T00:00:00Z", "{\"n\": 1, \"region\": \"eu\"}");
    bill(&w, "2024-04-01T00:00:00Z");
    for (int late = 0; late < 2; late++) {
        MUST(&w, past_usage_list(&w.ctx, &query, &periods, &count, &total));
        const struct past_charge *charge = &periods[count - 1].charges[0];
        CHECK_INT(charge->whole.amounts.amount_minor, 3000);
        REQUIRE(charge->group_count == 2);
        CHECK_STR(charge->groups[0].grouped_by, "{\"region\":\"eu\"}");
        CHECK_INT(charge->groups[0].whole.amounts.amount_minor, late == 0 ? 1000 : 2000);
        CHECK_INT(charge->groups[0].whole.amounts.event_count, 1 + late);
        CHECK_STR(charge->groups[1].grouped_by, "{\"region\":\"us\"}");
        CHECK_INT(charge->groups[1].whole.amounts.amount_minor, 1000);
        CHECK_INT(charge->groups[1].whole.filter_count, 0);
        send_event(&w, "s", "m", "2024-03-06T00:00:00Z", "{\"n\": 1, \"region\": \"eu\"}");
        bill(&w, "2024-05-01T00:00:00Z");
    }
    world_close(&w);
}

static struct str projected_of(struct world *w, const struct projected_usage *usage)
{
    struct str text = STR("");
    for (size_t i = 0; i < usage->projected.count; i++) {
        const struct usage_of_charge *charge = &usage->projected.charges[i];
        text = arena_fmt(&w->arena, "%.*s%s%.*s %.*s %lld", STR_ARG(text), i > 0 ? "; " : "",
                         STR_ARG(charge->charge->metric.code),
                         STR_ARG(decimal_text(&w->arena, charge->fee.units)),
                         (long long)charge->fee.amount_minor);
    }
    return text;
}

/* On 10 March 10 of 31 days have passed: 7 calls are 21.7, 5 gb 15.5: 102 + 5.5 x 5 + 3 = 132.50.
 * The highest load stays.  On the 31st nothing is to come.  From 22 April: on the 24th 3 of 9. */
TEST(what_the_period_comes_to)
{
    struct world w;
    struct projected_usage usage;
    begin(&w, "2024-03-01T00:00:00Z");
    calls(&w, 7, "2024-03-05T00:00:00Z");
    send_event(&w, "s", "gb", "2024-03-05T00:00:00Z", "{\"gb\": 5}");
    send_event(&w, "s", "load", "2024-03-05T00:00:00Z", "{\"n\": 4}");
    at(&w, "2024-03-10T12:00:00Z");
    MUST(&w, projected_usage_get(&w.ctx, STR("c"), STR("s"), &usage));
    CHECK_INT(usage.elapsed_days, 10);
    CHECK_INT(usage.period_days, 31);
    CHECK_STR(projected_of(&w, &usage), "calls 21.7 2170; gb 15.5 13250; load 4 800");
    CHECK_INT(usage.current.build.row.fees_amount_minor, 700 + 5200 + 800);
    CHECK_INT(usage.projected.build.row.fees_amount_minor, 2170 + 13250 + 800);
    CHECK_INT(usage.projected.build.row.taxes_amount_minor, 1622);
    at(&w, "2024-03-31T23:59:59Z");
    MUST(&w, projected_usage_get(&w.ctx, STR("c"), STR("s"), &usage));
    CHECK_STR(projected_of(&w, &usage), "calls 7 700; gb 5 5200; load 4 800");
    at(&w, "2024-04-22T10:00:00Z");
    subscribe(&w, "c", "t", "p", "calendar");
    send_event(&w, "t", "calls", "2024-04-22T11:00:00Z", "{}");
    at(&w, "2024-04-24T00:00:00Z");
    MUST(&w, projected_usage_get(&w.ctx, STR("c"), STR("t"), &usage));
    CHECK_INT(usage.elapsed_days, 3);
    CHECK_INT(usage.period_days, 9);
    CHECK_STR(projected_of(&w, &usage), "calls 3 300; gb 0 200; load 0 0");
    CHECK_INT(projected_usage_get(&w.ctx, STR("c"), STR("none"), &usage), ERR_NOT_FOUND);
    world_close(&w);
}

/* 2 calls at 10.00; the charge names no tax, so the plan's 7 % are 1.40, as on the bill, and not
 * the seller's 19 %. */
TEST(current_usage_has_the_taxes_of_the_plan)
{
    static const struct str codes[] = {{"low", 3}};
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR(EACH_AT("10"))},
                                           {.metric_code = STR_NULL}};
    struct world w;
    struct current_usage_view usage;
    world_open(&w);
    at(&w, "2024-02-01T00:00:00Z");
    make_tax(&w, "vat", "19", true);
    make_tax(&w, "low", "7", false);
    make_metric(&w, "calls", "count_agg", "");
    sell(&w, (struct plan_input){.tax_codes = codes, .tax_code_count = 1}, charges);
    calls(&w, 2, "2024-02-10T00:00:00Z");
    at(&w, "2024-02-20T00:00:00Z");
    MUST(&w, current_usage_get(&w.ctx, STR("c"), STR("s"), &usage));
    CHECK_INT(usage.build.row.taxes_amount_minor, 140);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.taxes_amount_minor, 140);
    world_close(&w);
}

/* March: 5.00 of calls, 2.00 of gb; April, that runs: 6.00 and 2.00; and 30.00 before it all. */
TEST(what_a_life_comes_to)
{
    struct world w;
    struct lifetime_usage usage;
    begin(&w, "2024-03-01T00:00:00Z");
    calls(&w, 3, "2024-03-05T00:00:00Z");
    MUST(&w, lifetime_usage_get(&w.ctx, STR("s"), &usage));
    CHECK_INT(usage.historical_minor, 0);
    CHECK_INT(usage.invoiced_minor, 0);
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    calls(&w, 6, "2024-04-05T00:00:00Z");
    at(&w, "2024-04-10T00:00:00Z");
    MUST(&w, lifetime_usage_set(&w.ctx, STR("s"), 2000, &usage));
    MUST(&w, lifetime_usage_set(&w.ctx, STR("s"), 3000, &usage));
    CHECK_INT(usage.historical_minor, 3000);
    CHECK_INT(usage.invoiced_minor, 700);
    CHECK_INT(usage.current_minor, 800);
    CHECK_AT(usage.from_at, "2024-03-01T00:00:00Z");
    CHECK_AT(usage.to_at, "2024-04-10T00:00:00Z");
    terminate(&w, "s");
    at(&w, "2024-04-12T00:00:00Z");
    MUST(&w, lifetime_usage_get(&w.ctx, STR("s"), &usage));
    CHECK_INT(usage.historical_minor, 3000);
    CHECK_INT(usage.invoiced_minor, 700 + 800);
    CHECK_INT(usage.current_minor, 0);
    CHECK_AT(usage.to_at, "2024-04-10T00:00:00Z");
    CHECK_INT(lifetime_usage_get(&w.ctx, STR("none"), &usage), ERR_NOT_FOUND);
    CHECK_INT(lifetime_usage_set(&w.ctx, STR("none"), 1, &usage), ERR_NOT_FOUND);
    world_close(&w);
}
