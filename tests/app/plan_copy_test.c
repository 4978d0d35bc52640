/* Plans changed piece by piece, copies of them for one subscription, and changes that go on to
 * copies; amounts worked out by hand. */
#include "tests/app/books.h"

#include "app/current_usage.h"
#include "app/plan_change.h"
#include "app/subscription_plan.h"

#define STANDARD(price) "{\"amount\":\"" price "\"}"

/* Plan p: 10.00 a month, calls at 1.00; 10 seats at 2.00, in advance, where asked for.  Customers c
 * and d have c-1 and d-1; d's as `override` says. */
static void begin(struct world *w, bool with_seats, const struct plan_override *override)
{
    static const struct str clouds[] = {{"aws", 3}, {"gcp", 3}};
    struct metric_filter_input filters[] = {{STR("cloud"), clouds, 2}};
    struct billable_metric_row metric;
    struct subscription_view view;
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR(STANDARD("1"))},
                                           {.metric_code = STR_NULL}};
    const struct fixed_charge_input fixed = {.add_on_code = STR("seats"),
                                             .charge_model = STR("standard"),
                                             .properties = STR(STANDARD("2")),
                                             .units = decimal_lit("10"),
                                             .pay_in_advance = true,
                                             .sent = FIXED_UNITS};
    world_open(w);
    at(w, "2024-03-01T00:00:00Z");
    make_metric(w, "calls", "count_agg", NULL);
    make_metric(w, "gb", "sum_agg", "size");
    MUST(w,
         billable_metric_change(&w->ctx, STR("calls"),
                                &(struct billable_metric_input){
                                    .filters = filters, .filter_count = 1, .sent = METRIC_FILTERS},
                                &metric));
    make_add_on(w, "seats", NULL);
    make_plan(w,
              (struct plan_input){.code = STR("p"),
                                  .amount_minor = 1000,
                                  .fixed_charges = &fixed,
                                  .fixed_charge_count = with_seats ? 1 : 0},
              charges);
    make_customer(w, "c", "UTC");
    make_customer(w, "d", "UTC");
    subscribe(w, "c", "c-1", "p", "calendar");
    MUST(w, subscription_create(&w->ctx,
                                &(struct subscription_input){.external_customer_id = STR("d"),
                                                             .external_id = STR("d-1"),
                                                             .plan_code = STR("p"),
                                                             .subscription_at = TIME_NONE,
                                                             .ending_at = TIME_NONE,
                                                             .override = override},
                                &view));
}

static struct plan_view plan_of(struct world *w, const char *subscription)
{
    struct plan_view plan;
    MUST(w, subscription_plan_get(&w->ctx, str_of(subscription), STR_NULL, &plan));
    return plan;
}

static struct str price_of(struct world *w, const char *subscription)
{
    struct plan_view plan = plan_of(w, subscription);
    REQUIRE(plan.charge_count > 0);
    return plan.charges[0].row.properties;
}

/* d's charge costs that from now on. */
static void set_price(struct world *w, const char *code, const char *properties)
{
    struct plan_part part;
    const struct plan_edit edit = {.kind = PLAN_PART_CHARGE,
                                   .act = PLAN_PART_CHANGE,
                                   .code = str_of(code),
                                   .charge = {.properties = str_of(properties)}};
    MUST(w, subscription_part_edit(&w->ctx, STR("d-1"), STR_NULL, &edit, &part));
    CHECK_STR(part.charge->row.properties, properties);
}

static const struct plan_timing now = {.effective_at = TIME_NONE};
static const struct plan_timing cascade = {.effective_at = TIME_NONE, .cascade_updates = true};

static struct plan_part edit_plan(struct world *w, struct plan_edit edit,
                                  const struct plan_timing *timing)
{
    struct plan_part part = {0};
    MUST(w, plan_part_edit(&w->ctx, STR("p"), &edit, timing, &part));
    return part;
}

/* 3 calls: c pays 10.00 + 3 × 1.00, d 5.00 + 3 × 0.25 = 5.75. */
TEST(what_was_agreed_is_billed_and_the_plan_stays)
{
    struct world w;
    struct charge_input price = {.code = STR("calls"), .properties = STR(STANDARD("0.25"))};
    const struct plan_override override = {
        .change = {.sent = PLAN_NAME | PLAN_AMOUNT,
                   .input = {.name = STR("Agreed"),
                             .amount_minor = 500,
                             .charges = &price,
                             .charge_count = 1}},
        .path = STR("plan_overrides"),
    };
    begin(&w, false, &override);
    for (int i = 0; i < 3; i++) {
        send_event(&w, "c-1", "calls", "2024-03-02T00:00:00Z", "{}");
        send_event(&w, "d-1", "calls", "2024-03-02T00:00:00Z", "{}");
    }
    struct current_usage_view usage;
    MUST(&w, current_usage_get(&w.ctx, STR("d"), STR("d-1"), &usage));
    CHECK_INT(usage.charges[0].fee.amount_minor, 75);
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 1000; charge 3 300");
    CHECK_STR(bill_lines(&w, "d", 0), "subscription 1 500; charge 3 75");

    struct plan_view plan;
    struct plan_view *plans = NULL;
    size_t count = 0;
    int64_t total = 0;
    MUST(&w, plan_get(&w.ctx, STR("p"), &plan));
    CHECK_INT(plan.version.version, 1);
    MUST(&w, plan_list(&w.ctx, 10, 0, &plans, &count, &total));
    CHECK_INT(count, 1);
    CHECK_INT(total, 1);
    struct plan_view copy = plan_of(&w, "d-1");
    CHECK_STR(copy.row.code, "p");
    CHECK_STR(copy.version.name, "Agreed");
    CHECK(uuid_eq(copy.row.parent_id, plan.row.id));
    CHECK(uuid_eq(copy.charges[0].parent_id, plan.charges[0].row.lineage_id));
    CHECK(plan_get(&w.ctx, uuid_text(&w.arena, copy.row.id), &plan) == ERR_NOT_FOUND);
    check_verify(&w);
    world_close(&w);
}

/* Of a period that runs the usage costs what is agreed at its end: 2 × 0.50.  Late usage of the
 * one before costs what it cost then: 1 × 1.00. */
TEST(a_copy_prices_what_is_billed_from_then_on)
{
    struct world w;
    begin(&w, false, NULL);
    send_event(&w, "d-1", "calls", "2024-03-02T00:00:00Z", "{}");
    bill(&w, "2024-04-01T00:00:00Z");
    send_event(&w, "d-1", "calls", "2024-04-02T00:00:00Z", "{}");
    at(&w, "2024-04-10T00:00:00Z");
    set_price(&w, "calls", STANDARD("0.5"));
    send_event(&w, "d-1", "calls", "2024-03-05T00:00:00Z", "{}");
    send_event(&w, "d-1", "calls", "2024-04-11T00:00:00Z", "{}");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "d", 0), "subscription 1 1000; charge 1 100");
    CHECK_STR(bill_lines(&w, "d", 1), "subscription 1 1000; charge 2 100; late charge 1 100");
    check_verify(&w);
    world_close(&w);
}

/* Seats, paid in advance: 10 × 2.00 on the 1st.  On the 10th 12 at 3.00: (12 − 10) × 3.00; in April
 * 12 × 3.00.  What the plan had changed at once before, 10 → 15, comes first: 5 × 2.00. */
TEST(units_go_on_from_the_plan_to_the_copy)
{
    struct world w;
    const struct fixed_charge_input more = {.code = STR("seats"),
                                            .units = decimal_lit("15"),
                                            .units_at_once = true,
                                            .sent = FIXED_UNITS};
    const struct plan_change raise = {.code = STR("p"),
                                      .sent = PLAN_FIXED_CHARGES,
                                      .input = {.fixed_charges = &more, .fixed_charge_count = 1},
                                      .effective_at = TIME_NONE};
    const struct plan_edit edit = {.kind = PLAN_PART_FIXED_CHARGE,
                                   .act = PLAN_PART_CHANGE,
                                   .code = STR("seats"),
                                   .fixed = {.properties = STR(STANDARD("3")),
                                             .units = decimal_lit("12"),
                                             .units_at_once = true,
                                             .sent = FIXED_UNITS}};
    for (int i = 0; i < 2; i++) {
        struct plan_view view;
        struct plan_part part;
        begin(&w, true, NULL);
        at(&w, "2024-03-10T00:00:00Z");
        if (i == 1) /* and the billing run has not come to it */
            MUST(&w, plan_change(&w.ctx, &raise, &view));
        MUST(&w, subscription_part_edit(&w.ctx, STR("d-1"), STR_NULL, &edit, &part));
        CHECK(decimal_eq(part.fixed->row.units, decimal_lit("12")));
        CHECK_STR(part.fixed->row.properties, STANDARD("3"));
        run(&w);
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_STR(bill_lines(&w, "d", 0), "fixed_charge 10 2000");
        if (i == 0) {
            CHECK_STR(bill_lines(&w, "d", 1), "fixed_charge 2 600");
            CHECK_STR(bill_lines(&w, "d", 2), "subscription 1 1000; fixed_charge 12 3600");
        } else {
            CHECK_STR(bill_lines(&w, "d", 1), "fixed_charge 5 1000");
            CHECK_STR(bill_lines(&w, "d", 2), "fixed_charge 0 0"); /* 15 were paid for */
            CHECK_STR(bill_lines(&w, "d", 3), "subscription 1 1000; fixed_charge 12 3600");
        }
        check_verify(&w);
        world_close(&w);
    }
}

/* 10 → 15 passes the copy by, 15 → 20 does not, as the copy has not the 15; 10 → 20 does reach it:
 * 10 more at 2.00. */
TEST(units_of_the_plan_reach_a_copy_that_still_has_the_old_ones)
{
    struct world w;
    const struct plan_override override = {
        .change = {.sent = PLAN_NAME, .input = {.name = STR("Agreed")}},
        .path = STR("plan_overrides"),
    };
    for (int i = 0; i < 2; i++) {
        struct plan_edit edit = {
            .kind = PLAN_PART_FIXED_CHARGE,
            .act = PLAN_PART_CHANGE,
            .code = STR("seats"),
            .fixed = {.units = decimal_lit("15"), .units_at_once = true, .sent = FIXED_UNITS}};
        begin(&w, true, &override);
        at(&w, "2024-03-10T00:00:00Z");
        if (i == 0)
            edit_plan(&w, edit, &now);
        run(&w);
        CHECK_INT(invoices_of(&w, "d").count, 1);
        edit.fixed.units = decimal_lit("20");
        at(&w, "2024-03-11T00:00:00Z");
        edit_plan(&w, edit, &cascade);
        run(&w);
        CHECK_INT(invoices_of(&w, "d").count, i == 0 ? 1 : 2);
        if (i == 1)
            CHECK_STR(bill_lines(&w, "d", 1), "fixed_charge 10 2000");
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_STR(bill_lines(&w, "d", i == 0 ? 1 : 2),
                  i == 0 ? "subscription 1 1000; fixed_charge 10 2000"
                         : "subscription 1 1000; fixed_charge 20 4000");
        check_verify(&w);
        world_close(&w);
    }
}

TEST(a_cascade_carries_what_the_copy_has_not_of_its_own)
{
    struct world w;
    const struct plan_override override = {
        .change = {.sent = PLAN_AMOUNT, .input = {.amount_minor = 500}},
        .path = STR("plan_overrides"),
    };
    struct plan_edit price = {.kind = PLAN_PART_CHARGE,
                              .act = PLAN_PART_CHANGE,
                              .code = STR("calls"),
                              .charge = {.properties = STR(STANDARD("2"))}};
    begin(&w, false, &override);
    edit_plan(&w, price, &now);
    CHECK_STR(price_of(&w, "c-1"), STANDARD("2"));
    CHECK_STR(price_of(&w, "d-1"), STANDARD("1"));
    price.charge.properties = STR(STANDARD("1"));
    edit_plan(&w, price, &now);
    price.charge.properties = STR(STANDARD("3"));
    edit_plan(&w, price, &cascade);
    CHECK_STR(price_of(&w, "d-1"), STANDARD("3"));

    /* A charge and a filter that are new. */
    edit_plan(&w,
              (struct plan_edit){.kind = PLAN_PART_CHARGE,
                                 .act = PLAN_PART_ADD,
                                 .charge = {.metric_code = STR("gb"),
                                            .charge_model = STR("standard"),
                                            .properties = STR(STANDARD("7"))}},
              &cascade);
    struct plan_part aws =
        edit_plan(&w,
                  (struct plan_edit){.kind = PLAN_PART_FILTER,
                                     .act = PLAN_PART_ADD,
                                     .code = STR("calls"),
                                     .filter = {.values = STR("{\"cloud\": [\"aws\"]}"),
                                                .properties = STR(STANDARD("4"))}},
                  &cascade);
    struct plan_view copy = plan_of(&w, "d-1");
    REQUIRE(copy.charge_count == 2 && copy.charges[0].filter_count == 1);
    CHECK(uuid_eq(copy.charges[0].filters[0].lineage_id, aws.filter->lineage_id));
    CHECK_INT(copy.version.amount_minor, 500);

    /* What has a price of its own stays where it is. */
    set_price(&w, "gb", STANDARD("6"));
    struct plan_edit gone = {.kind = PLAN_PART_CHARGE, .act = PLAN_PART_REMOVE, .code = STR("gb")};
    edit_plan(&w, gone, &cascade);
    gone = (struct plan_edit){.kind = PLAN_PART_FILTER,
                              .act = PLAN_PART_REMOVE,
                              .code = STR("calls"),
                              .filter_id = uuid_text(&w.arena, aws.filter->lineage_id)};
    edit_plan(&w, gone, &cascade);
    copy = plan_of(&w, "d-1");
    REQUIRE(copy.charge_count == 2);
    CHECK_INT(copy.charges[0].filter_count, 0);
    CHECK_STR(copy.charges[1].row.properties, STANDARD("6"));
    CHECK_INT(plan_of(&w, "c-1").charge_count, 1);

    /* Another model comes with its prices, or not at all. */
    edit_plan(&w,
              (struct plan_edit){.kind = PLAN_PART_CHARGE,
                                 .act = PLAN_PART_CHANGE,
                                 .code = STR("calls"),
                                 .charge = {.charge_model = STR("package"),
                                            .properties = STR("{\"amount\":\"5\","
                                                              "\"package_size\":10}")}},
              &cascade);
    CHECK_STR(plan_of(&w, "d-1").charges[0].row.charge_model, "package");
    set_price(&w, "calls", "{\"amount\":\"4\",\"package_size\":\"10\",\"free_units\":\"0\"}");
    edit_plan(&w,
              (struct plan_edit){
                  .kind = PLAN_PART_CHARGE,
                  .act = PLAN_PART_CHANGE,
                  .code = STR("calls"),
                  .charge = {.charge_model = STR("standard"), .properties = STR(STANDARD("1"))}},
              &cascade);
    CHECK_STR(plan_of(&w, "d-1").charges[0].row.charge_model, "package");
    world_close(&w);
}

/* Calls at 1.00 divided by cloud, filter aws at 3.00 divided by zone.  aws a twice, b once; gcp
 * once: 2 × 3.00, 1 × 3.00, 1 × 1.00.  A price of the copy's own does not say how it is divided:
 * 1 × 3.00 of b, undivided 1 × 0.50. */
TEST(a_copy_is_divided_as_its_plan)
{
#define BY(price, key) "{\"amount\":\"" price "\",\"pricing_group_keys\":[\"" key "\"]}"
#define AWS(zone)      "{\"cloud\":\"aws\",\"zone\":\"" zone "\"}"
    struct world w;
    const struct plan_override override = {
        .change = {.sent = PLAN_NAME, .input = {.name = STR("Agreed")}},
        .path = STR("plan_overrides"),
    };
    const struct plan_edit divide = {.kind = PLAN_PART_CHARGE,
                                     .act = PLAN_PART_CHANGE,
                                     .code = STR("calls"),
                                     .charge = {.properties = STR(BY("1", "cloud"))}};
    const struct plan_edit filter = {
        .kind = PLAN_PART_FILTER,
        .act = PLAN_PART_ADD,
        .code = STR("calls"),
        .filter = {.values = STR("{\"cloud\":[\"aws\"]}"), .properties = STR(BY("3", "zone"))}};
    begin(&w, false, &override);
    edit_plan(&w, divide, &cascade);
    edit_plan(&w, filter, &cascade);
    send_event(&w, "d-1", "calls", "2024-03-02T00:00:00Z", AWS("a"));
    send_event(&w, "d-1", "calls", "2024-03-02T00:00:00Z", AWS("a"));
    send_event(&w, "d-1", "calls", "2024-03-02T00:00:00Z", AWS("b"));
    send_event(&w, "d-1", "calls", "2024-03-02T00:00:00Z", "{\"cloud\":\"gcp\"}");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "d", 0),
              "subscription 1 1000; charge 2 600; charge 1 300; charge 1 100");
    set_price(&w, "calls", STANDARD("0.5"));
    send_event(&w, "d-1", "calls", "2024-04-02T00:00:00Z", "{\"cloud\":\"gcp\"}");
    send_event(&w, "d-1", "calls", "2024-04-02T00:00:00Z", AWS("b"));
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "d", 1), "subscription 1 1000; charge 1 300; charge 1 50");
    check_verify(&w);
    world_close(&w);
#undef AWS
#undef BY
}

/* With the plan its copies end: from 1 to 15 March, half of 31 days is 15/31 of 10.00 and 5.00. */
TEST(a_copy_is_deleted_with_its_plan)
{
    struct world w;
    struct plan_view view;
    const struct plan_override override = {
        .change = {.sent = PLAN_AMOUNT, .input = {.amount_minor = 500}},
        .path = STR("plan_overrides"),
    };
    begin(&w, false, &override);
    at(&w, "2024-03-15T12:00:00Z");
    MUST(&w, plan_delete(&w.ctx, STR("p"), &view));
    run(&w);
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 484");
    CHECK_STR(bill_lines(&w, "d", 0), "subscription 1 242");
    struct subscription_view subscription;
    MUST(&w, subscription_get(&w.ctx, STR("d-1"), STR("terminated"), &subscription));
    CHECK_STR(subscription.plan.row.code, "p");
    check_verify(&w);
    world_close(&w);
}

/* A value that the metric lists no more goes from copies, too. */
TEST(a_metric_that_changes_reaches_copies)
{
    struct world w;
    struct plan_part part;
    struct billable_metric_row row;
    static const struct str clouds[] = {{"gcp", 3}};
    struct metric_filter_input left[] = {{STR("cloud"), clouds, 1}};
    const struct plan_edit own = {
        .kind = PLAN_PART_FILTER,
        .act = PLAN_PART_ADD,
        .code = STR("calls"),
        .filter = {.values = STR("{\"cloud\": [\"aws\"]}"), .properties = STR(STANDARD("4"))}};
    begin(&w, false, NULL);
    MUST(&w, subscription_part_edit(&w.ctx, STR("d-1"), STR_NULL, &own, &part));
    CHECK_INT(plan_of(&w, "d-1").charges[0].filter_count, 1);
    MUST(&w, billable_metric_change(&w.ctx, STR("calls"),
                                    &(struct billable_metric_input){
                                        .filters = left, .filter_count = 1, .sent = METRIC_FILTERS},
                                    &row));
    CHECK_INT(plan_of(&w, "d-1").charges[0].filter_count, 0);
    world_close(&w);
}

static void check_fault(struct world *w, enum err err, const char *field, const char *code)
{
    CHECK(err == ERR_INVALID);
    REQUIRE(w->fault.field_count == 1);
    CHECK_STR(w->fault.fields[0].field, field);
    CHECK_STR(w->fault.fields[0].code, code);
    fault_reset(&w->fault);
}

static void check_override(struct world *w, struct plan_change change, const char *field,
                           const char *code)
{
    const struct plan_override override = {.change = change, .path = STR("plan_overrides")};
    struct subscription_view view;
    check_fault(w,
                subscription_modify(&w->ctx,
                                    &(struct subscription_modification){.external_id = STR("d-1"),
                                                                        .override = &override},
                                    &view),
                field, code);
}

static void check_edit(struct world *w, struct plan_edit edit, const char *field, const char *code)
{
    struct plan_part part;
    check_fault(w, plan_part_edit(&w->ctx, STR("p"), &edit, &now, &part), field, code);
}

TEST(what_is_wrong_is_told_where_it_was_sent)
{
    struct world w;
    struct plan_view view;
    struct plan_part part;
    begin(&w, true, NULL);
    edit_plan(&w,
              (struct plan_edit){.kind = PLAN_PART_CHARGE,
                                 .act = PLAN_PART_ADD,
                                 .charge = {.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR(STANDARD("7"))}},
              &now);
    /* Named in another order than the plan's. */
    struct charge_input charges[] = {
        {.code = STR("calls_2"), .properties = STR(STANDARD("-1"))},
        {.code = STR("calls"), .properties = STR("{}")},
    };
    const struct plan_change two = {.input = {.charges = charges, .charge_count = 2}};
    const struct plan_override override = {.change = two, .path = STR("plan_overrides")};
    struct subscription_view subscription;
    CHECK(subscription_modify(
              &w.ctx,
              &(struct subscription_modification){.external_id = STR("d-1"), .override = &override},
              &subscription) == ERR_INVALID);
    REQUIRE(w.fault.field_count == 2);
    CHECK_STR(w.fault.fields[0].field, "plan_overrides.charges.1.properties.amount");
    CHECK_STR(w.fault.fields[1].field, "plan_overrides.charges.0.properties.amount");
    fault_reset(&w.fault);

    charges[1] = (struct charge_input){.code = STR("none"), .properties = STR(STANDARD("1"))};
    charges[0].properties = STR(STANDARD("1"));
    check_override(&w, two, "plan_overrides.charges.1.code", "charge_not_found");
    charges[1] = charges[0];
    check_override(&w, two, "plan_overrides.charges.1.id", "value_already_exist");
    check_override(&w,
                   (struct plan_change){.sent = PLAN_CURRENCY, .input = {.currency = STR("USD")}},
                   "plan_overrides.amount_currency", "value_is_immutable");
    check_override(&w, (struct plan_change){.sent = PLAN_AMOUNT, .input = {.amount_minor = -1}},
                   "plan_overrides.amount_cents", "value_is_out_of_range");
    CHECK(uuid_is_nil(plan_of(&w, "d-1").row.parent_id)); /* nothing changed */

    check_edit(&w,
               (struct plan_edit){.kind = PLAN_PART_CHARGE,
                                  .act = PLAN_PART_CHANGE,
                                  .code = STR("calls_2"),
                                  .charge = {.properties = STR("{}")}},
               "properties.amount", "value_is_mandatory");
    check_edit(&w,
               (struct plan_edit){.kind = PLAN_PART_CHARGE,
                                  .act = PLAN_PART_CHANGE,
                                  .code = STR("calls_2"),
                                  .charge = {.code = STR("calls")}},
               "code", "value_already_exist");
    check_edit(&w,
               (struct plan_edit){.kind = PLAN_PART_CHARGE,
                                  .act = PLAN_PART_ADD,
                                  .charge = {.metric_code = STR("calls"),
                                             .code = STR("calls"),
                                             .charge_model = STR("standard"),
                                             .properties = STR(STANDARD("1"))}},
               "code", "value_already_exist");
    check_edit(&w,
               (struct plan_edit){.kind = PLAN_PART_FILTER,
                                  .act = PLAN_PART_ADD,
                                  .code = STR("calls_2"),
                                  .filter = {.values = STR("{\"cloud\": [\"oci\"]}"),
                                             .properties = STR(STANDARD("1"))}},
               "values.cloud.0", "value_is_invalid");
    check_edit(&w,
               (struct plan_edit){.kind = PLAN_PART_FIXED_CHARGE,
                                  .act = PLAN_PART_ADD,
                                  .fixed = {.add_on_code = STR("none"),
                                            .charge_model = STR("standard"),
                                            .properties = STR(STANDARD("1"))}},
               "add_on_code", "add_on_not_found");
    check_edit(&w,
               (struct plan_edit){.kind = PLAN_PART_FIXED_CHARGE,
                                  .act = PLAN_PART_CHANGE,
                                  .code = STR("seats"),
                                  .fixed = {.prorated = true, .sent = FIXED_PRORATED}},
               "prorated", "value_is_immutable");
    const struct plan_edit none = {
        .kind = PLAN_PART_FIXED_CHARGE, .act = PLAN_PART_CHANGE, .code = STR("seats")};
    check_fault(&w, subscription_part_edit(&w.ctx, STR("d-1"), STR_NULL, &none, &part), "units",
                "value_is_mandatory");
    const struct plan_edit codes[] = {
        {.kind = PLAN_PART_CHARGE,
         .act = PLAN_PART_CHANGE,
         .code = STR("calls"),
         .charge = {.code = STR("other"), .properties = STR(STANDARD("2"))}},
        {.kind = PLAN_PART_FIXED_CHARGE,
         .act = PLAN_PART_CHANGE,
         .code = STR("seats"),
         .fixed = {.code = STR("other"), .properties = STR(STANDARD("3"))}},
        {.kind = PLAN_PART_FIXED_CHARGE,
         .act = PLAN_PART_CHANGE,
         .code = STR("seats"),
         .fixed = {.code = STR("other"), .units = decimal_lit("4"), .sent = FIXED_UNITS}},
    };
    for (int i = 0; i < 3; i++)
        check_fault(&w, subscription_part_edit(&w.ctx, STR("d-1"), STR_NULL, &codes[i], &part),
                    "code", "value_is_immutable");
    check_fault(&w,
                plan_change(&w.ctx,
                            &(struct plan_change){.code = STR("p"),
                                                  .effective_at = TIME_NONE,
                                                  .applies_to = PLAN_APPLIES_TO_NEW,
                                                  .cascade_updates = true},
                            &view),
                "cascade_updates", "value_is_invalid");
    /* What the periods follow from is fixed also where all that is left are copies. */
    set_price(&w, "calls", STANDARD("2"));
    terminate(&w, "c-1");
    check_fault(&w,
                plan_change(&w.ctx,
                            &(struct plan_change){.code = STR("p"),
                                                  .sent = PLAN_INTERVAL,
                                                  .input = {.billing_interval = STR("weekly")},
                                                  .effective_at = TIME_NONE},
                            &view),
                "interval", "value_is_immutable");
    world_close(&w);
}
