/* The price calculator; figures are the worked examples of docs/guide, or worked out beside them.
 */
#include "tests/app/books.h"

#include "app/plan_estimate.h"

#define NOTHING_SAID .units = DECIMAL_NONE, .event_count = INT_NONE, .own_cents = DECIMAL_NONE

static struct estimate_use units_of(const char *units)
{
    struct estimate_use use = {NOTHING_SAID};
    use.units = decimal_lit(units);
    return use;
}

static struct plan_estimate_input input_of(const struct plan_input *plan,
                                           struct estimate_charge *charges, size_t count)
{
    return (struct plan_estimate_input){
        .plan = plan,
        .billing_time = STR("calendar"),
        .from_day = DAY_NONE,
        .to_day = DAY_NONE,
        .charges = charges,
        .charge_count = count,
    };
}

static struct plan_input plan_of(const struct charge_input *charges, size_t count)
{
    return (struct plan_input){
        .code = STR("thought"),
        .name = STR("Thought of"),
        .billing_interval = STR("monthly"),
        .currency = STR("EUR"),
        .charges = charges,
        .charge_count = count,
    };
}

/* "charge 2 1115; …": type, units and amount of each fee but the plan's own. */
static struct str fees_of(struct world *w, const struct plan_estimate *estimate)
{
    struct str text = STR("");
    for (size_t i = 0; i < estimate->fee_count; i++) {
        const struct fee_view *fee = &estimate->fees[i];
        CHECK(check_steps_lead(w, fee->row.explanation, &fee->row) > 1);
        if (str_eq(fee->row.fee_type, STR("subscription")))
            continue;
        text = arena_fmt(&w->arena, "%.*s%s%.*s %.*s %lld", STR_ARG(text), text.len > 0 ? "; " : "",
                         STR_ARG(fee->row.is_true_up ? STR("true_up") : estimate->charge_codes[i]),
                         STR_ARG(decimal_text(&w->arena, fee->row.units)),
                         (long long)fee->row.amount_minor);
    }
    return text;
}

/* A charge of metric `m`, by a model, for a use. */
static struct str priced(struct world *w, const char *model, const char *properties,
                         struct estimate_use use)
{
    struct charge_input charge = {
        .metric_code = STR("m"), .charge_model = str_of(model), .properties = str_of(properties)};
    struct plan_input plan = plan_of(&charge, 1);
    struct estimate_charge said = {.code = STR("m"), .use = use};
    struct plan_estimate_input input = input_of(&plan, &said, 1);
    struct plan_estimate estimate;
    MUST(w, plan_estimate(&w->ctx, &input, &estimate));
    return fees_of(w, &estimate);
}

#define GRADUATED                                                                                 \
    "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 10, \"per_unit_amount\": \"10\", " \
    "\"flat_amount\": \"2\"}, {\"from_value\": 11, \"to_value\": 20, \"per_unit_amount\": "       \
    "\"5\", \"flat_amount\": \"3\"}, {\"from_value\": 21, \"to_value\": null, "                   \
    "\"per_unit_amount\": \"5\", \"flat_amount\": \"3\"}]}"
#define VOLUME                                                                                 \
    "{\"volume_ranges\": [{\"from_value\": 0, \"to_value\": 100, \"per_unit_amount\": \"2\", " \
    "\"flat_amount\": \"10\"}, {\"from_value\": 101, \"to_value\": 200, \"per_unit_amount\": " \
    "\"1\", \"flat_amount\": \"0\"}, {\"from_value\": 201, \"to_value\": null, "               \
    "\"per_unit_amount\": \"0.5\", \"flat_amount\": \"50\"}]}"

/* The tables of tiers: 0, 11 and 21 units are 2, 110 and 163; 100.5 at volume prices 100.50. */
TEST(prices_of_quantities)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    CHECK_STR(priced(&w, "standard", "{\"amount\": \"1.255\"}", units_of("2")), "m 2 251");
    CHECK_STR(priced(&w, "graduated", GRADUATED, units_of("0")), "m 0 200");
    CHECK_STR(priced(&w, "graduated", GRADUATED, units_of("11")), "m 11 11000");
    CHECK_STR(priced(&w, "graduated", GRADUATED, units_of("21")), "m 21 16300");
    CHECK_STR(priced(&w, "volume", VOLUME, units_of("100.5")), "m 100.5 10050");
    CHECK_STR(priced(&w, "package",
                     "{\"amount\": \"5\", \"package_size\": 100, \"free_units\": 10}",
                     units_of("111")),
              "m 111 1000"); /* 101 behind the free ones: two packages */
    CHECK_STR(priced(&w, "capacity",
                     "{\"capacity\": \"100\", \"amount\": \"50\", \"overage_amount\": \"0.6\"}",
                     units_of("137.5")),
              "m 137.5 7250");
    struct estimate_use dynamic = units_of("2");
    dynamic.own_cents = decimal_lit("912");
    CHECK_STR(priced(&w, "dynamic", "{}", dynamic), "m 2 912");
    world_close(&w);
}

#define PERCENTAGE(more) "{\"rate\": \"1.3\", \"fixed_amount\": \"2\"" more "}"

/* 50, 100, 250 and 400, as in docs/guide/metrics-and-charges.md: 18.40 with nothing free, 7.20 with
 * three free events, 11.15 with these or 250 units.  Evenly, 200 each: the first event is free, the
 * second one reaches 250 and pays for 150, two more for 400: 550 x 1.3 % + 3 x 2 = 13.15. */
TEST(prices_of_events)
{
    struct world w;
    const struct str values[] = {STR("50"), STR("100"), STR("250"), STR("400")};
    struct estimate_use use = {NOTHING_SAID, .values = values, .value_count = 4};
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    CHECK_STR(priced(&w, "percentage", PERCENTAGE(""), use), "m 800 1840");
    CHECK_STR(priced(&w, "percentage", PERCENTAGE(", \"free_units_per_events\": 3"), use),
              "m 800 720");
    CHECK_STR(priced(&w, "percentage",
                     PERCENTAGE(", \"free_units_per_events\": 3, "
                                "\"free_units_per_total_aggregation\": \"250\""),
                     use),
              "m 800 1115");
    use = units_of("800");
    use.event_count = 4;
    CHECK_STR(priced(&w, "percentage", PERCENTAGE(""), use), "m 800 1840");
    CHECK_STR(priced(&w, "percentage",
                     PERCENTAGE(", \"free_units_per_total_aggregation\": \"250\""), use),
              "m 800 1315");
    /* 100 / 3 is cut at 15 decimals and the last one has the rest: 100 x 1.3 % + 3 x 2. */
    use = units_of("100");
    use.event_count = 3;
    CHECK_STR(priced(&w, "percentage", PERCENTAGE(", \"per_transaction_max_amount\": \"12\""), use),
              "m 100 730");
    world_close(&w);
}

#define WINDOWS                                                                                 \
    "{\"amount\": \"0.30\", \"windows\": [{\"name\": \"peak\", \"weekdays\": [1, 2, 3, 4, 5], " \
    "\"from_hour\": 8, \"to_hour\": 20, \"amount\": \"0.50\"}, {\"name\": \"late\", "           \
    "\"from_hour\": 22, \"to_hour\": 24, \"amount\": \"0.10\"}]}"
#define TABLE                                                                                \
    "{\"row_key\": \"size\", \"column_key\": \"region\", \"rows\": [\"small\", \"large\"], " \
    "\"columns\": [\"eu\", \"us\"], \"amounts\": [[\"1\", \"1.20\"], [\"2.50\", \"3\"]], "   \
    "\"amount\": \"5\"}"

/* 10 x 0.50 + 4 x 0.30 + 6 x 0.10 = 6.80; 3 x 1 + 2 x 3 = 9.00, with one more elsewhere 14.00. */
TEST(prices_of_cells)
{
    struct world w;
    struct estimate_cell windows[] = {{.window = STR("late"), .units = decimal_lit("6")},
                                      {.window = STR("peak"), .units = decimal_lit("10")}};
    struct estimate_cell places[] = {
        {.row = STR("small"), .column = STR("eu"), .units = decimal_lit("3")},
        {.row = STR("large"), .column = STR("us"), .units = decimal_lit("2")}};
    struct estimate_use use = units_of("20");
    world_open(&w);
    make_metric(&w, "m", "count_agg", "");
    use.cells = windows;
    use.cell_count = 2;
    CHECK_STR(priced(&w, "time_of_use", WINDOWS, use), "m 20 680");
    use = (struct estimate_use){NOTHING_SAID, .cells = places, .cell_count = 2};
    CHECK_STR(priced(&w, "price_table", TABLE, use), "m 5 900");
    use.units = decimal_lit("6");
    CHECK_STR(priced(&w, "price_table", TABLE, use), "m 6 1400");
    CHECK_STR(priced(&w, "price_table", TABLE, units_of("2")), "m 2 1000");
    world_close(&w);
}

/* Hundreds of GB, rounded up: 101 is 200, at 0.01. */
TEST(a_metric_rounds_what_is_said)
{
    struct world w;
    struct billable_metric_row row;
    world_open(&w);
    MUST(&w,
         billable_metric_create(&w.ctx,
                                &(struct billable_metric_input){.code = STR("m"),
                                                                .name = STR("m"),
                                                                .aggregation_type = STR("sum_agg"),
                                                                .field_name = STR("v"),
                                                                .rounding_function = STR("ceil"),
                                                                .rounding_precision = -2},
                                &row));
    CHECK_STR(priced(&w, "standard", "{\"amount\": \"0.01\"}", units_of("101")), "m 200 200");
    world_close(&w);
}

/* The guide's filters: 7 on gcp are 35.00, 3 on aws 9.00, 1 elsewhere 10.00. */
TEST(filters_have_quantities_of_their_own)
{
    struct world w;
    static const struct str clouds[] = {{"aws", 3}, {"gcp", 3}, {"azure", 5}};
    struct metric_filter_input listed[] = {{STR("cloud"), clouds, 3}};
    struct billable_metric_row row;
    struct charge_filter_input filters[] = {
        {.values = STR("{\"cloud\": [\"aws\", \"gcp\"]}"),
         .properties = STR("{\"amount\": \"5\"}")},
        {.values = STR("{\"cloud\": [\"aws\"]}"), .properties = STR("{\"amount\": \"3\"}")}};
    struct charge_input charge = {.metric_code = STR("m"),
                                  .charge_model = STR("standard"),
                                  .properties = STR("{\"amount\": \"10\"}"),
                                  .filters = filters,
                                  .filter_count = 2};
    struct plan_input plan = plan_of(&charge, 1);
    struct estimate_filter said_filters[] = {
        {.values = STR("{\"cloud\": [\"aws\"]}"), .use = units_of("3")},
        {.values = STR("{\"cloud\": [\"gcp\", \"aws\"]}"), .use = units_of("7")}};
    struct estimate_charge said = {
        .metric_code = STR("m"), .use = units_of("1"), .filters = said_filters, .filter_count = 2};
    struct plan_estimate estimate;
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    MUST(&w,
         billable_metric_change(&w.ctx, STR("m"),
                                &(struct billable_metric_input){
                                    .filters = listed, .filter_count = 1, .sent = METRIC_FILTERS},
                                &row));
    struct plan_estimate_input input = input_of(&plan, &said, 1);
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_STR(fees_of(&w, &estimate), "m 7 3500; m 3 900; m 1 1000");
    CHECK_STR(estimate.fees[1].filter_name, "aws, gcp");
    CHECK_INT(estimate.build.row.total_amount_minor, 5400);
    said_filters[1].values = STR("{\"cloud\": [\"azure\"]}");
    CHECK_INT(plan_estimate(&w.ctx, &input, &estimate), ERR_INVALID);
    REQUIRE(w.fault.field_count == 1);
    CHECK_STR(w.fault.fields[0].field, "charges.0.filters.1.values");
    world_close(&w);
}

static int32_t day(const char *text)
{
    int32_t number = 0;
    REQUIRE(day_parse(str_of(text), &number) == ERR_NONE);
    return number;
}

/* From 12 March: 31.00 x 20/31 = 20.00; 10 seats at 2.00 x 20/31 = 12.903, in arrears, so 12.90,
 * and the same in advance.  From 1 to 25 February 2023: a minimum of 10.00 x 25/28 = 8.93, less
 * 8.00, and 28.00 x 25/28 = 25.00. */
TEST(parts_of_a_period)
{
    struct world w;
    struct charge_input charge = {.metric_code = STR("m"),
                                  .charge_model = STR("standard"),
                                  .properties = STR("{\"amount\": \"8\"}"),
                                  .min_amount_minor = 1000};
    struct fixed_charge_input fixed[] = {{.add_on_code = STR("seats"),
                                          .charge_model = STR("standard"),
                                          .properties = STR("{\"amount\": \"2\"}"),
                                          .units = decimal_lit("3"),
                                          .prorated = true,
                                          .sent = FIXED_UNITS},
                                         {.add_on_code = STR("seats"),
                                          .charge_model = STR("standard"),
                                          .properties = STR("{\"amount\": \"2\"}"),
                                          .units = decimal_lit("10"),
                                          .pay_in_advance = true,
                                          .prorated = true,
                                          .sent = FIXED_UNITS}};
    struct plan_input plan = plan_of(&charge, 1);
    struct estimate_fixed seats = {.code = STR("seats"), .units = decimal_lit("10")};
    struct estimate_charge said = {.metric_code = STR("m"), .use = units_of("1")};
    struct plan_estimate estimate;
    world_open(&w);
    at(&w, "2024-03-20T00:00:00Z");
    make_metric(&w, "m", "count_agg", "");
    make_add_on(&w, "seats", NULL);
    plan.amount_minor = 3100;
    plan.fixed_charges = fixed;
    plan.fixed_charge_count = 2;
    struct plan_estimate_input input = input_of(&plan, NULL, 0);
    input.from_day = day("2024-03-12");
    input.fixed_charges = &seats;
    input.fixed_charge_count = 1;
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_INT(estimate.plan_minor, 2000);
    CHECK_INT(estimate.usage_minor, 645); /* the true-up: 10.00 x 20/31 = 6.4516 */
    CHECK_STR(fees_of(&w, &estimate), "m 0 0; true_up 1 645; seats 10 1290; seats_2 10 1290");
    CHECK_DAY(estimate.end_day, "2024-04-01");

    plan.amount_minor = 2800;
    plan.fixed_charge_count = 0;
    input = input_of(&plan, &said, 1);
    input.from_day = day("2023-02-01");
    input.to_day = day("2023-02-25");
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_STR(fees_of(&w, &estimate), "m 1 800; true_up 1 93");
    CHECK_INT(estimate.plan_minor, 2500);
    CHECK_INT(estimate.build.row.fees_amount_minor, 3393);

    /* Nothing said: the month of today, in full. */
    input = input_of(&plan, NULL, 0);
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_DAY(estimate.from_day, "2024-03-01");
    CHECK_INT(estimate.plan_minor, 2800);
    input.billing_time = STR("anniversary");
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_DAY(estimate.from_day, "2024-03-20");
    CHECK_DAY(estimate.end_day, "2024-04-20");
    CHECK_INT(estimate.plan_minor, 2800);

    /* A year's fee, and the usage of its first month. */
    plan.billing_interval = STR("yearly");
    plan.bill_charges_monthly = true;
    input = input_of(&plan, &said, 1);
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_STR(fees_of(&w, &estimate), "m 1 800; true_up 1 200");
    CHECK_AT(estimate.fees[1].row.to_at, "2024-02-01T00:00:00Z");
    CHECK_DAY(estimate.end_day, "2025-01-01");
    world_close(&w);
}

/* 20 % of 2.50 is 0.50; with the tax that is told, 10 %, 0.25; the plan's own 5 % of 2.50 is 0.125,
 * so 0.13. */
TEST(whose_taxes)
{
    struct world w;
    const struct str ten = STR("ten");
    const struct str five = STR("five");
    struct charge_input charge = {.metric_code = STR("m"),
                                  .charge_model = STR("standard"),
                                  .properties = STR("{\"amount\": \"1.25\"}")};
    struct plan_input plan = plan_of(&charge, 1);
    struct estimate_charge said = {.metric_code = STR("m"), .use = units_of("2")};
    struct plan_estimate estimate;
    world_open(&w);
    make_tax(&w, "vat", "20", true);
    make_tax(&w, "ten", "10", false);
    make_tax(&w, "five", "5", false);
    make_metric(&w, "m", "count_agg", "");
    struct plan_estimate_input input = input_of(&plan, &said, 1);
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_INT(estimate.build.row.taxes_amount_minor, 50);
    CHECK_INT(estimate.build.row.total_amount_minor, 300);
    input.tax_codes = &ten;
    input.tax_code_count = 1;
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_INT(estimate.build.row.taxes_amount_minor, 25);
    CHECK_STR(estimate.fees[1].taxes[0].code, "ten");
    plan.tax_codes = &five;
    plan.tax_code_count = 1;
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    CHECK_INT(estimate.build.row.taxes_amount_minor, 13);
    world_close(&w);
}

/* What is estimated for a customer's plan is what the bill says for the same quantities. */
TEST(an_estimate_is_the_bill)
{
    struct world w;
    const struct charge_input charges[] = {
        {.metric_code = STR("gb"), .charge_model = STR("graduated"), .properties = STR(GRADUATED)},
        {.metric_code = STR("calls"),
         .code = STR("fees"),
         .charge_model = STR("percentage"),
         .properties = STR(PERCENTAGE(", \"free_units_per_events\": 1")),
         .min_amount_minor = 5000},
        {.metric_code = STR_NULL}};
    const struct fixed_charge_input fixed = {.add_on_code = STR("seats"),
                                             .charge_model = STR("graduated"),
                                             .properties = STR(GRADUATED),
                                             .units = decimal_lit("12"),
                                             .prorated = true,
                                             .sent = FIXED_UNITS};
    struct estimate_charge said[] = {{.metric_code = STR("gb"), .use = units_of("10.75")},
                                     {.code = STR("fees"), .use = units_of("3")}};
    struct plan_estimate estimate;
    world_open(&w);
    at(&w, "2024-03-12T00:00:00Z");
    make_tax(&w, "vat", "19", true);
    make_metric(&w, "gb", "sum_agg", "gb");
    make_metric(&w, "calls", "count_agg", "");
    make_add_on(&w, "seats", NULL);
    make_plan(&w,
              (struct plan_input){.code = STR("p"),
                                  .amount_minor = 9999,
                                  .fixed_charges = &fixed,
                                  .fixed_charge_count = 1},
              charges);
    make_customer(&w, "c", "Asia/Tokyo");
    subscribe(&w, "c", "s", "p", "calendar");
    send_event(&w, "s", "gb", "2024-03-13T00:00:00Z", "{\"gb\": 10.5}");
    send_event(&w, "s", "gb", "2024-03-14T00:00:00Z", "{\"gb\": 0.25}");
    for (int i = 0; i < 3; i++)
        send_event(&w, "s", "calls", "2024-03-15T00:00:00Z", "{}");
    struct plan_estimate_input input = input_of(NULL, said, 2);
    input.plan_code = STR("p");
    input.external_customer_id = STR("c");
    input.from_day = day("2024-03-12");
    MUST(&w, plan_estimate(&w.ctx, &input, &estimate));
    at(&w, "2024-03-31T15:00:00Z"); /* 1 April in Tokyo */
    run(&w);
    struct invoice_view bill = invoice_at(&w, "c", 0);
    REQUIRE(bill.fee_count == estimate.fee_count);
    for (size_t i = 0; i < bill.fee_count; i++) {
        const struct fee_row *billed = &bill.fees[i].row;
        const struct fee_row *fee = &estimate.fees[i].row;
        CHECK_INT(fee->amount_minor, billed->amount_minor);
        CHECK(decimal_eq(fee->precise_amount, billed->precise_amount));
        CHECK(decimal_eq(fee->units, billed->units));
        CHECK_INT(fee->taxes_amount_minor, billed->taxes_amount_minor);
        CHECK(str_starts(fee->explanation,
                         str_slice(billed->explanation, 0, billed->explanation.len - 1)));
    }
    CHECK_INT(estimate.build.row.total_amount_minor, bill.row.total_amount_minor);
    world_close(&w);
}

/* "field code" of all that is wrong. */
static struct str wrong(struct world *w, const struct plan_estimate_input *input)
{
    struct plan_estimate estimate;
    struct str text = STR("");
    fault_reset(&w->fault);
    CHECK(plan_estimate(&w->ctx, input, &estimate) != ERR_NONE);
    for (size_t i = 0; i < w->fault.field_count; i++)
        text = arena_fmt(&w->arena, "%.*s%s%.*s %.*s", STR_ARG(text), i > 0 ? "; " : "",
                         STR_ARG(w->fault.fields[i].field), STR_ARG(w->fault.fields[i].code));
    return text;
}

TEST(what_is_wrong_is_told_by_field)
{
    struct world w;
    const struct str bad_values[] = {STR("1"), STR("-2"), STR("x")};
    struct charge_input charges[] = {{.metric_code = STR("calls"),
                                      .charge_model = STR("standard"),
                                      .properties = STR("{\"amount\": \"1\"}")},
                                     {.metric_code = STR("gb"),
                                      .charge_model = STR("percentage"),
                                      .properties = STR(PERCENTAGE(""))},
                                     {.metric_code = STR("gb"),
                                      .code = STR("table"),
                                      .charge_model = STR("price_table"),
                                      .properties = STR(TABLE)}};
    struct plan_input plan = plan_of(charges, 3);
    struct estimate_cell cells[] = {
        {.row = STR("small"), .column = STR("eu"), .units = decimal_lit("3")},
        {.row = STR("small"), .column = STR("eu"), .units = decimal_lit("3")},
        {.row = STR("small"), .column = STR("asia"), .units = decimal_lit("3")}};
    struct estimate_fixed none = {.add_on_code = STR("none"), .units = DECIMAL_ONE};
    struct estimate_charge said[4] = {{.code = STR("calls"), .use = units_of("1.5")},
                                      {.code = STR("gb"), .use = units_of("7")},
                                      {.code = STR("table"), .use = units_of("1")},
                                      {.code = STR("none"), .use = units_of("1")}};
    world_open(&w);
    at(&w, "2024-03-20T00:00:00Z");
    make_metric(&w, "calls", "count_agg", "");
    make_metric(&w, "gb", "sum_agg", "gb");
    struct plan_estimate_input input = input_of(&plan, said, 4);
    said[2].use.cells = cells;
    said[2].use.cell_count = 3;
    input.fixed_charges = &none;
    input.fixed_charge_count = 1;
    CHECK_STR(wrong(&w, &input), "fixed_charges.0.add_on_code fixed_charge_not_found; "
                                 "charges.0.units value_is_invalid; "
                                 "charges.1.events_count value_is_mandatory; "
                                 "charges.2.cells.1.row value_already_exist; "
                                 "charges.2.cells.2.row value_is_invalid; "
                                 "charges.2.units value_is_out_of_range; "
                                 "charges.3.charge_code charge_not_found");
    said[0] = (struct estimate_charge){
        .metric_code = STR("gb"), .use = {NOTHING_SAID, .values = bad_values, .value_count = 3}};
    said[0].use.event_count = 2;
    said[1] = (struct estimate_charge){.code = STR("calls"), .use = units_of("3")};
    said[1].use.event_count = 4;
    said[1].use.own_cents = DECIMAL_ONE;
    said[2] = said[1];
    said[2].use = units_of("3");
    input = input_of(&plan, said, 3);
    charges[2].charge_model = STR("standard");
    charges[2].properties = STR("{\"amount\": \"1\"}");
    CHECK_STR(wrong(&w, &input), "charges.0.event_values.1 value_is_invalid; "
                                 "charges.0.event_values.2 value_is_invalid; "
                                 "charges.0.events_count value_is_invalid; "
                                 "charges.1.precise_total_amount_cents value_is_invalid; "
                                 "charges.1.units value_is_invalid; "
                                 "charges.2 value_already_exist");
    input = input_of(&plan, NULL, 0);
    input.from_day = day("2024-03-12");
    input.to_day = day("2024-04-01");
    CHECK_STR(wrong(&w, &input), "to_date value_is_out_of_range");
    input.to_day = day("2024-03-11");
    CHECK_STR(wrong(&w, &input), "to_date value_is_out_of_range");
    input.from_day = day("2200-01-01");
    CHECK_STR(wrong(&w, &input), "from_date value_is_out_of_range");
    input.plan = NULL;
    CHECK_STR(wrong(&w, &input), "plan_code value_is_mandatory");
    input.plan_code = STR("none");
    CHECK_STR(wrong(&w, &input), "plan plan_not_found");
    charges[0].metric_code = STR("none");
    plan.billing_interval = STR("daily");
    input = input_of(&plan, NULL, 0);
    CHECK_STR(wrong(&w, &input), "plan.interval value_is_invalid; "
                                 "plan.charges.0.billable_metric_code billable_metric_not_found");
    world_close(&w);
}
