/* Charges that are divided by what their events say, from the event to the invoice; amounts worked
 * out by hand. */
#include "tests/app/books.h"

#include "app/current_usage.h"
#include "app/fee_shares.h"

/* A monthly plan with one charge of the metric. */
static void begin(struct world *w, const char *metric, const char *model, const char *properties,
                  struct charge_input charge)
{
    charge.metric_code = str_of(metric);
    charge.charge_model = str_of(model);
    charge.properties = str_of(properties);
    const struct charge_input charges[] = {charge, {.metric_code = STR_NULL}};
    at(w, "2024-03-01T00:00:00Z");
    sell(w, (struct plan_input){0}, charges);
}

/* "eu, ann 2 events 3 units 900; …" of the nth invoice's usage; what is corrected begins with
 * "late". */
static struct str lines_of(struct world *w, size_t invoice)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    struct str text = STR("");
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_row *row = &view.fees[i].row;
        if (!str_eq(row->fee_type, STR("charge")))
            continue;
        struct str name = row->is_true_up                ? STR("minimum")
                          : str_is_null(row->grouped_by) ? STR("all")
                                                         : group_name(&w->arena, row->grouped_by);
        text = arena_fmt(&w->arena, "%.*s%s%s%.*s %lld events %.*s units %lld", STR_ARG(text),
                         text.len > 0 ? "; " : "", row->is_correction ? "late " : "", STR_ARG(name),
                         (long long)row->event_count, STR_ARG(decimal_text(&w->arena, row->units)),
                         (long long)row->amount_minor);
    }
    return text;
}

/* The one charge's usage as it is now. */
static struct usage_of_charge choose(struct world *w, struct usage_choice choice)
{
    struct current_usage_view view;
    MUST(w, current_usage_choose(&w->ctx, STR("c"), STR("s"), &choice, &view));
    REQUIRE(view.count == 1);
    CHECK_INT(view.build.row.fees_amount_minor, view.charges[0].fee.amount_minor);
    return view.charges[0];
}

/* "{"region":"eu"} 3 units 900; …" */
static struct str slices_of(struct world *w, const struct usage_of_charge *usage)
{
    struct str text = STR("");
    for (size_t i = 0; i < usage->slice_count; i++) {
        const struct usage_of_slice *slice = &usage->slices[i];
        text = arena_fmt(
            &w->arena, "%.*s%s%.*s %.*s units %lld", STR_ARG(text), text.len > 0 ? "; " : "",
            STR_ARG(str_is_null(slice->group) ? STR("all") : slice->group),
            STR_ARG(decimal_text(&w->arena, slice->fee.units)), (long long)slice->fee.amount_minor);
    }
    return text;
}

/* The first 10 cost 1.00 each, what is above 0.50. */
#define TIERS                                                                             \
    "\"graduated_ranges\": ["                                                             \
    "{\"from_value\": 0, \"to_value\": 10, \"per_unit_amount\": \"1\", \"flat_amount\": " \
    "\"0\"}, {\"from_value\": 11, \"to_value\": null, \"per_unit_amount\": \"0.5\", "     \
    "\"flat_amount\": \"0\"}]"

/* ---- groups ---------------------------------------------------------------------------------- */

static const struct {
    const char *when, *properties;
} sent[] = {
    {"2024-03-02T00:00:00Z", "{\"v\": 8, \"region\": \"eu\", \"user\": \"ann\"}"},
    {"2024-03-02T00:00:00Z", "{\"v\": 4, \"region\": \"eu\", \"user\": \"bob\"}"},
    {"2024-03-09T00:00:00Z", "{\"v\": 7, \"region\": \"eu\", \"user\": \"ann\", \"x\": 1}"},
    {"2024-03-10T00:00:00Z", "{\"v\": 12}"},
    {"2024-03-31T23:59:59Z", "{\"v\": 1, \"region\": \"us\", \"user\": null}"},
};
#define SENT_COUNT (sizeof sent / sizeof sent[0])

/* 15 of ann: 10 x 1 + 5 x 0.5; 12 of nobody: 10 + 2 x 0.5. */
static const char sent_lines[] = "eu, ann 2 events 15 units 1250; eu, bob 1 events 4 units 400; "
                                 "us, – 1 events 1 units 100; –, – 1 events 12 units 1100";

TEST(each_group_is_priced_and_billed_by_itself)
{
    /* In any order of arrival it is the same. */
    static const struct {
        const char *name;
        size_t places[SENT_COUNT];
    } orders[] = {{"as it happened", {0, 1, 2, 3, 4}},
                  {"backwards", {4, 3, 2, 1, 0}},
                  {"mixed", {2, 4, 0, 3, 1}}};
    EACH(order, orders) {
        struct world w;
        world_open(&w);
        make_metric(&w, "m", "sum_agg", "v");
        begin(&w, "m", "graduated", "{\"pricing_group_keys\": [\"region\", \"user\"], " TIERS "}",
              (struct charge_input){0});
        for (size_t i = 0; i < SENT_COUNT; i++)
            send_event(&w, "s", "m", sent[order->places[i]].when,
                       sent[order->places[i]].properties);
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_STR(lines_of(&w, 0), sent_lines);
        struct invoice_view view = invoice_at(&w, "c", 0);
        CHECK_STR(view.fees[1].row.grouped_by, "{\"region\":\"eu\",\"user\":\"ann\"}");
        CHECK_STR(fee_name(&w.arena, &view.fees[3]), "m · us, –");
        CHECK_INT(view.row.fees_amount_minor, 1250 + 400 + 100 + 1100);
        check_verify(&w);
        world_close(&w);
    }
}

TEST(current_usage_of_some_groups)
{
    struct world w;
    static const struct usage_chosen_group eu = {{"region", 6}, {"eu", 2}};
    static const struct usage_chosen_group none = {{"region", 6}, {"", 0}};
    static const struct usage_chosen_group other = {{"zone", 4}, {"eu", 2}};
    static const struct usage_chosen_group ann[] = {{{"user", 4}, {"ann", 3}},
                                                    {{"region", 6}, {"eu", 2}}};
    static const struct usage_chosen_group mars = {{"region", 6}, {"mars", 4}};
    struct current_usage_view view;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "graduated", "{\"grouped_by\": [\"region\", \"user\"], " TIERS "}",
          (struct charge_input){.code = STR("calls")});
    struct usage_of_charge now = choose(&w, (struct usage_choice){0});
    CHECK_STR(slices_of(&w, &now), "{\"region\":null,\"user\":null} 0 units 0");
    for (size_t i = 0; i < SENT_COUNT; i++)
        send_event(&w, "s", "m", sent[i].when, sent[i].properties);
    now = choose(&w, (struct usage_choice){.charge_code = STR("calls"), .metric_code = STR("m")});
    CHECK_STR(slices_of(&w, &now), "{\"region\":\"eu\",\"user\":\"ann\"} 15 units 1250; "
                                   "{\"region\":\"eu\",\"user\":\"bob\"} 4 units 400; "
                                   "{\"region\":\"us\",\"user\":null} 1 units 100; "
                                   "{\"region\":null,\"user\":null} 12 units 1100");
    CHECK_INT(now.fee.event_count, 5);
    now = choose(&w, (struct usage_choice){.groups = &eu, .group_count = 1});
    CHECK_STR(slices_of(&w, &now),
              "{\"user\":\"ann\"} 15 units 1250; {\"user\":\"bob\"} 4 units 400");
    CHECK_STR(decimal_text(&w.arena, now.fee.units), "19");
    now = choose(&w, (struct usage_choice){.groups = &none, .group_count = 1});
    CHECK_STR(slices_of(&w, &now), "{\"user\":null} 12 units 1100");
    now = choose(&w, (struct usage_choice){.groups = ann, .group_count = 2});
    CHECK_STR(slices_of(&w, &now), "all 15 units 1250");
    now = choose(&w, (struct usage_choice){.groups = &mars, .group_count = 1});
    CHECK_INT(now.slice_count, 0);
    CHECK_STR(decimal_text(&w.arena, now.fee.units), "0");
    now = choose(&w, (struct usage_choice){.skips_groups = true});
    CHECK_STR(slices_of(&w, &now), "all 32 units 2100"); /* 10 x 1 + 22 x 0.5 */
    now = choose(&w, (struct usage_choice){.skips_groups = true, .groups = &eu, .group_count = 1});
    CHECK_STR(slices_of(&w, &now), "all 19 units 1450"); /* 10 x 1 + 9 x 0.5 */
    now =
        choose(&w, (struct usage_choice){.skips_groups = true, .groups = &none, .group_count = 1});
    CHECK_STR(slices_of(&w, &now), "all 12 units 1100");
    MUST(&w,
         current_usage_choose(&w.ctx, STR("c"), STR("s"),
                              &(struct usage_choice){.groups = &other, .group_count = 1}, &view));
    CHECK_INT(view.count, 0);
    CHECK_INT(current_usage_choose(&w.ctx, STR("c"), STR("s"),
                                   &(struct usage_choice){.charge_code = STR("x")}, &view),
              ERR_NOT_FOUND);
    CHECK_INT(current_usage_choose(&w.ctx, STR("c"), STR("s"),
                                   &(struct usage_choice){.metric_code = STR("x")}, &view),
              ERR_NOT_FOUND);
    world_close(&w);
}

/* ---- every way to count ---------------------------------------------------------------------- */

/* Of April: 2 of eu at its start, 6 at half time, 4 when 6 of 30 days are left; 5 of us. */
TEST(every_aggregation_by_group)
{
    // clang-format off
    static const struct { const char *name, *aggregation, *lines; } cases[] = {
        {"count",    "count_agg",        "eu 3 events 3 units 3000; us 1 events 1 units 1000"},
        {"sum",      "sum_agg",          "eu 3 events 12 units 12000; us 1 events 5 units 5000"},
        {"greatest", "max_agg",          "eu 3 events 6 units 6000; us 1 events 5 units 5000"},
        {"least",    "min_agg",          "eu 3 events 2 units 2000; us 1 events 5 units 5000"},
        {"mean",     "average_agg",      "eu 3 events 4 units 4000; us 1 events 5 units 5000"},
        {"newest",   "latest_agg",       "eu 3 events 4 units 4000; us 1 events 5 units 5000"},
        {"unique",   "unique_count_agg", "eu 3 events 3 units 3000; us 1 events 1 units 1000"},
        /* 2 x 30/30 + 6 x 15/30 + 4 x 6/30 */
        {"weighted", "weighted_sum_agg", "eu 3 events 5.8 units 5800; us 1 events 5 units 5000"},
    };
    // clang-format on
    EACH(c, cases) {
        struct world w;
        world_open(&w);
        make_metric(&w, "m", c->aggregation, strcmp(c->name, "count") == 0 ? NULL : "v");
        begin(&w, "m", "standard", "{\"amount\": \"10\", \"pricing_group_keys\": [\"region\"]}",
              (struct charge_input){0});
        send_event(&w, "s", "m", "2024-04-25T00:00:00Z", "{\"v\": 4, \"region\": \"eu\"}");
        send_event(&w, "s", "m", "2024-04-01T00:00:00Z", "{\"v\": 5, \"region\": \"us\"}");
        send_event(&w, "s", "m", "2024-04-01T00:00:00Z", "{\"v\": 2, \"region\": \"eu\"}");
        send_event(&w, "s", "m", "2024-04-16T00:00:00Z", "{\"v\": 6, \"region\": \"eu\"}");
        bill(&w, "2024-05-01T00:00:00Z");
        CHECK_STR(lines_of(&w, 1), c->lines);
        check_verify(&w);
        world_close(&w);
    }
}

/* 10 of eu at nine in the morning and 20 at nine in the evening, 5 of us in the morning. */
TEST(every_model_by_group)
{
    // clang-format off
    static const struct { const char *name, *properties, *lines; } cases[] = {
        {"standard", "{\"amount\": \"3\"", "eu 2 events 30 units 9000; us 1 events 5 units 1500"},
        /* 25 are 3 packages; 5 are free */
        {"package", "{\"amount\": \"5\", \"package_size\": 10, \"free_units\": 5",
                    "eu 2 events 30 units 1500; us 1 events 5 units 0"},
        {"volume", "{\"volume_ranges\": [{\"from_value\": 0, \"to_value\": 10, \"per_unit_amount\": \"2\"}, "
                   "{\"from_value\": 11, \"to_value\": null, \"per_unit_amount\": \"1\"}]",
                    "eu 2 events 30 units 3000; us 1 events 5 units 1000"},
        /* the first event of each is free */
        {"percentage", "{\"rate\": \"10\", \"free_units_per_events\": 1",
                    "eu 2 events 30 units 200; us 1 events 5 units 0"},
        /* 1 + 10 x 10 % + 20 x 50 % */
        {"graduated_percentage", "{\"graduated_percentage_ranges\": ["
                   "{\"from_value\": 0, \"to_value\": 10, \"rate\": \"10\", \"flat_amount\": \"1\"}, "
                   "{\"from_value\": 11, \"to_value\": null, \"rate\": \"50\", \"flat_amount\": \"0\"}]",
                    "eu 2 events 30 units 1200; us 1 events 5 units 150"},
        {"capacity", "{\"capacity\": \"10\", \"amount\": \"8\", \"overage_amount\": \"0.5\"",
                    "eu 2 events 30 units 1800; us 1 events 5 units 800"},
        {"time_of_use", "{\"amount\": \"1\", \"windows\": [{\"name\": \"peak\", \"from_hour\": 8, \"to_hour\": 20, \"amount\": \"2\"}]",
                    "eu 2 events 30 units 4000; us 1 events 5 units 1000"},
        {"price_table", "{\"row_key\": \"size\", \"column_key\": \"zone\", \"rows\": [\"s\"], \"columns\": [\"a\"], "
                   "\"amounts\": [[\"2\"]], \"amount\": \"1\"",
                    "eu 2 events 30 units 4000; us 1 events 5 units 500"},
    };
    // clang-format on
    EACH(c, cases) {
        struct world w;
        world_open(&w);
        make_metric(&w, "m", "sum_agg", "v");
        begin(&w, "m", c->name,
              arena_fmt(&w.arena, "%s, \"pricing_group_keys\": [\"region\"]}", c->properties).ptr,
              (struct charge_input){0});
        send_event(&w, "s", "m", "2024-03-03T21:00:00Z", "{\"v\": 20, \"region\": \"eu\"}");
        send_event(&w, "s", "m", "2024-03-03T09:00:00Z", "{\"v\": 5, \"region\": \"us\"}");
        send_event(&w, "s", "m", "2024-03-03T09:00:00Z",
                   "{\"v\": 10, \"region\": \"eu\", \"size\": \"s\", \"zone\": \"a\"}");
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_STR(lines_of(&w, 0), c->lines);
        check_verify(&w);
        world_close(&w);
    }
}

/* What is there of a group stays, until it is given back. */
TEST(a_stock_is_carried_by_group)
{
    struct world w;
    struct billable_metric_row metric;
    world_open(&w);
    struct billable_metric_input stock = {.code = STR("m"),
                                          .name = STR("m"),
                                          .aggregation_type = STR("sum_agg"),
                                          .field_name = STR("v"),
                                          .rounding_precision = INT_NONE,
                                          .recurring = true};
    MUST(&w, billable_metric_create(&w.ctx, &stock, &metric));
    begin(&w, "m", "standard", "{\"amount\": \"10\", \"pricing_group_keys\": [\"region\"]}",
          (struct charge_input){0});
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 5, \"region\": \"eu\"}");
    send_event(&w, "s", "m", "2024-03-03T00:00:00Z", "{\"v\": 3, \"region\": \"us\"}");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "eu 1 events 5 units 5000; us 1 events 3 units 3000");
    send_event(&w, "s", "m", "2024-04-02T00:00:00Z", "{\"v\": -5, \"region\": \"eu\"}");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 1), "eu 1 events 0 units 0; us 0 events 3 units 3000");
    struct usage_of_charge now = choose(&w, (struct usage_choice){0});
    CHECK_STR(slices_of(&w, &now), "{\"region\":\"us\"} 3 units 3000");
    /* It comes late that there was nothing of us any more in April, either. */
    send_event(&w, "s", "m", "2024-04-03T00:00:00Z", "{\"v\": -3, \"region\": \"us\"}");
    now = choose(&w, (struct usage_choice){0});
    CHECK_STR(slices_of(&w, &now), "{\"region\":null} 0 units 0");
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 2), "late us 1 events -3 units -3000");
    check_verify(&w);
    world_close(&w);
}

/* ---- late usage ------------------------------------------------------------------------------ */

TEST(late_usage_corrects_the_group_that_it_belongs_to)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "graduated", "{\"pricing_group_keys\": [\"region\"], " TIERS "}",
          (struct charge_input){0});
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 8, \"region\": \"eu\"}");
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 8, \"region\": \"us\"}");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "eu 1 events 8 units 800; us 1 events 8 units 800");
    send_event(&w, "s", "m", "2024-03-05T00:00:00Z", "{\"v\": 6, \"region\": \"us\"}");
    send_event(&w, "s", "m", "2024-03-05T00:00:00Z", "{\"v\": 2, \"region\": \"asia\"}");
    send_event(&w, "s", "m", "2024-04-05T00:00:00Z", "{\"v\": 1, \"region\": \"us\"}");
    bill(&w, "2024-05-01T00:00:00Z"); /* 14 of us: 10 + 4 x 0.5 = 12.00, less 8.00 */
    CHECK_STR(lines_of(&w, 1), "us 1 events 1 units 100; late asia 1 events 2 units 200; "
                               "late us 1 events 6 units 400");
    send_event(&w, "s", "m", "2024-03-06T00:00:00Z", "{\"v\": 2, \"region\": \"us\"}");
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 2), "late us 1 events 2 units 100");
    check_verify(&w);
    world_close(&w);
}

/* Without usage the group of nulls costs what no usage costs; once there is a group, that one does.
 */
TEST(the_first_group_of_a_period_may_come_late)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "capacity",
          "{\"capacity\": \"10\", \"amount\": \"8\", \"overage_amount\": \"0.5\", "
          "\"pricing_group_keys\": [\"region\"]}",
          (struct charge_input){0});
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "– 0 events 0 units 800");
    send_event(&w, "s", "m", "2024-03-05T00:00:00Z", "{\"v\": 12, \"region\": \"eu\"}");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 1), "– 0 events 0 units 800; late – 0 events 0 units -800; "
                               "late eu 1 events 12 units 900");
    check_verify(&w);
    world_close(&w);
}

/* March has 744 slots of an hour; at 99 the 7 highest of each group are left out: of nine readings
 * of eu (10 to 90) 20 is the next, of eight of us (100 to 800) 100, and of seven of asia nothing.
 */
TEST(each_group_has_its_own_percentile)
{
    static const struct {
        const char *name;
        int count, step;
    } regions[] = {{"eu", 9, 10}, {"us", 8, 100}, {"asia", 7, 1000}};
    struct world w;
    struct billable_metric_row row;
    world_open(&w);
    MUST(&w, billable_metric_create(&w.ctx,
                                    &(struct billable_metric_input){
                                        .code = STR("m"),
                                        .name = STR("m"),
                                        .aggregation_type = STR("percentile_agg"),
                                        .field_name = STR("v"),
                                        .percentile = decimal_of(99),
                                        .slot_seconds = 3600,
                                        .sent = METRIC_PERCENTILE,
                                    },
                                    &row));
    begin(&w, "m", "standard", "{\"amount\": \"1\", \"pricing_group_keys\": [\"region\"]}",
          (struct charge_input){0});
    EACH(region, regions) {
        for (int i = 1; i <= region->count; i++) {
            char when[48];
            char properties[64];
            snprintf(when, sizeof when, "2024-03-%02dT07:00:00Z", i);
            snprintf(properties, sizeof properties, "{\"v\": %d, \"region\": \"%s\"}",
                     i * region->step, region->name);
            send_event(&w, "s", "m", when, properties);
        }
    }
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "asia 7 events 0 units 0; eu 9 events 20 units 2000; "
                               "us 8 events 100 units 10000");
    check_verify(&w);
    world_close(&w);
}

/* Each group's own costs are rounded by themselves: of eu 10.4 + 10.4 cents, of us 0.4 three times,
 * 1.2, of nowhere none. */
TEST(each_group_has_its_own_dynamic_price)
{
    static const struct {
        const char *name, *properties, *cents;
    } events[] = {
        {"eu", "{\"v\": 1, \"region\": \"eu\"}", "10.4"},
        {"us", "{\"v\": 2, \"region\": \"us\"}", "0.4"},
        {"eu again", "{\"v\": 2, \"region\": \"eu\"}", "10.4"},
        {"us again", "{\"v\": 2, \"region\": \"us\"}", "0.4"},
        {"a third of us", "{\"v\": 2.5, \"region\": \"us\"}", "0.4"},
        {"nowhere", "{\"v\": 5}", NULL},
    };
    struct world w;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "dynamic", "{\"pricing_group_keys\": [\"region\"]}", (struct charge_input){0});
    EACH(e, events) {
        struct event_result result;
        struct event_input event = {
            .transaction_id = str_of(e->name),
            .external_subscription_id = STR("s"),
            .code = STR("m"),
            .occurred_at = instant("2024-03-05T00:00:00Z"),
            .properties = str_of(e->properties),
            .precise_total_amount_cents = e->cents == NULL ? STR_NULL : str_of(e->cents),
        };
        MUST(&w, ingest_now(&w.ctx, &event, 1, false, &result));
    }
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "eu 2 events 3 units 21; us 3 events 6.5 units 1; "
                               "– 1 events 5 units 0");
    check_verify(&w);
    world_close(&w);
}

/* March as above is billed, at most 10.00; in April ann has 2 more: 17 in all, 10 x 1 + 7 x 0.5. */
TEST(full_usage_of_some_groups)
{
    static const struct usage_chosen_group eu = {{"region", 6}, {"eu", 2}};
    struct usage_choice full = {.is_full = true, .groups = &eu, .group_count = 1};
    struct world w;
    struct current_usage_view view;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "graduated", "{\"pricing_group_keys\": [\"region\", \"user\"], " TIERS "}",
          (struct charge_input){.max_amount_minor = 1000});
    for (size_t i = 0; i < SENT_COUNT; i++)
        send_event(&w, "s", "m", sent[i].when, sent[i].properties);
    bill(&w, "2024-04-10T00:00:00Z");
    send_event(&w, "s", "m", "2024-04-05T00:00:00Z",
               "{\"v\": 2, \"region\": \"eu\", \"user\": \"ann\"}");
    struct usage_of_charge now = choose(&w, (struct usage_choice){0});
    CHECK_STR(slices_of(&w, &now), "{\"region\":\"eu\",\"user\":\"ann\"} 2 units 200");
    MUST(&w, current_usage_choose(&w.ctx, STR("c"), STR("s"), &full, &view));
    CHECK_STR(slices_of(&w, &view.charges[0]),
              "{\"user\":\"ann\"} 17 units 1350; {\"user\":\"bob\"} 4 units 400");
    CHECK_AT(view.from_at, "2024-03-01T00:00:00Z");
    CHECK_AT(view.to_at, "2024-05-01T00:00:00Z");
    full.group_count = 0;
    CHECK_INT(current_usage_choose(&w.ctx, STR("c"), STR("s"), &full, &view), ERR_NOT_ALLOWED);
    REQUIRE(w.fault.field_count == 1);
    CHECK_STR(w.fault.fields[0].code, "full_usage_not_allowed");
    world_close(&w);
}

/* ---- limits, and what is only shown ---------------------------------------------------------- */

TEST(limits_are_of_all_groups)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "standard", "{\"amount\": \"5\", \"pricing_group_keys\": [\"region\"]}",
          (struct charge_input){.min_amount_minor = 2000, .max_amount_minor = 3000});
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 4, \"region\": \"eu\"}");
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 5, \"region\": \"us\"}");
    bill(&w, "2024-04-01T00:00:00Z"); /* 20.00 + 25.00, at most 30.00 */
    CHECK_STR(lines_of(&w, 0), "eu 1 events 4 units 2000; us 1 events 5 units 1000");
    send_event(&w, "s", "m", "2024-04-02T00:00:00Z", "{\"v\": 1, \"region\": \"eu\"}");
    send_event(&w, "s", "m", "2024-04-02T00:00:00Z", "{\"v\": 1.5, \"region\": \"us\"}");
    bill(&w, "2024-05-01T00:00:00Z"); /* 5.00 + 7.50, at least 20.00 */
    CHECK_STR(lines_of(&w, 1), "eu 1 events 1 units 500; us 1 events 1.5 units 750; "
                               "minimum 0 events 1 units 750");
    struct invoice_view view = invoice_at(&w, "c", 1);
    CHECK(str_is_null(view.fees[3].row.grouped_by));
    CHECK(uuid_eq(view.fees[3].row.true_up_parent_fee_id, view.fees[2].row.id));
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 2), "– 0 events 0 units 0; minimum 0 events 1 units 2000");
    check_verify(&w);
    world_close(&w);
}

/* A maximum that is used up by another group, once that one comes. */
TEST(a_late_group_takes_from_the_maximum)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "standard", "{\"amount\": \"5\", \"pricing_group_keys\": [\"region\"]}",
          (struct charge_input){.max_amount_minor = 3000});
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 4, \"region\": \"eu\"}");
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 5, \"region\": \"us\"}");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "eu 1 events 4 units 2000; us 1 events 5 units 1000");
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z", "{\"v\": 1, \"region\": \"asia\"}");
    bill(&w, "2024-05-01T00:00:00Z"); /* 5.00, 20.00, 5.00 are left */
    CHECK_STR(lines_of(&w, 1), "late asia 1 events 1 units 500; late us 0 events 0 units -500");
    check_verify(&w);
    world_close(&w);
}

TEST(units_are_shown_apart_without_another_price)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    begin(&w, "m", "graduated",
          "{\"pricing_group_keys\": [\"region\"], \"presentation_group_keys\": [{\"value\": "
          "\"team\", \"options\": {\"display_in_invoice\": true}}, \"user\"], " TIERS "}",
          (struct charge_input){0});
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z",
               "{\"v\": 8, \"region\": \"eu\", \"team\": \"b\"}");
    send_event(&w, "s", "m", "2024-03-02T00:00:00Z",
               "{\"v\": 3, \"region\": \"eu\", \"team\": \"a\", \"user\": 7}");
    send_event(&w, "s", "m", "2024-03-03T00:00:00Z",
               "{\"v\": 1.5, \"region\": \"eu\", \"team\": \"b\"}");
    send_event(&w, "s", "m", "2024-03-03T00:00:00Z", "{\"v\": 1}");
    static const struct str wanted[] = {{"team", 4}, {"nothing", 7}};
    const struct group_keys team = {wanted, 2};
    const struct group_keys none = {NULL, 0};
    struct usage_of_charge now = choose(&w, (struct usage_choice){.shown = &team});
    CHECK_STR(now.slices[0].fee.presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"a\"},\"units\":\"3\"},"
              "{\"presentation_by\":{\"team\":\"b\"},\"units\":\"9.5\"}]");
    now = choose(&w, (struct usage_choice){.shown = &none});
    CHECK(str_is_null(now.slices[0].fee.presentation_breakdowns));
    bill(&w, "2024-04-01T00:00:00Z"); /* 12.5 of eu: 10 + 2.5 x 0.5 = 11.25 */
    CHECK_STR(lines_of(&w, 0), "eu 3 events 12.5 units 1125; – 1 events 1 units 100");
    struct invoice_view view = invoice_at(&w, "c", 0);
    CHECK_STR(view.fees[1].row.presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"a\",\"user\":\"7\"},\"units\":\"3\"},"
              "{\"presentation_by\":{\"team\":\"b\",\"user\":null},\"units\":\"9.5\"}]");
    CHECK_STR(view.fees[2].row.presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":null,\"user\":null},\"units\":\"1\"}]");
    /* On documents by team alone. */
    size_t count = 0;
    const struct fee_share *shares = fee_shares(&w.arena, &view.fees[1], &count);
    REQUIRE(count == 2);
    CHECK_STR(shares[0].name, "a");
    CHECK_STR(decimal_text(&w.arena, shares[1].units), "9.5");
    send_event(&w, "s", "m", "2024-03-04T00:00:00Z",
               "{\"v\": 1, \"region\": \"eu\", \"team\": \"b\"}");
    bill(&w, "2024-05-01T00:00:00Z");
    view = invoice_at(&w, "c", 1);
    CHECK_STR(lines_of(&w, 1), "late eu 1 events 1 units 50");
    CHECK(str_is_null(view.fees[1].row.presentation_breakdowns));
    check_verify(&w);
    world_close(&w);
}
