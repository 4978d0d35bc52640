/* Filters of metrics and charges, from the event to the invoice; amounts worked out by hand. */
#include "tests/app/books.h"

#include "app/current_usage.h"
#include "app/late_read.h"
#include "app/plan_change.h"
#include "store/sql/event.h"

static const struct str clouds[] = {{"aws", 3}, {"gcp", 3}, {"azure", 5}};
static const struct str regions[] = {{"eu", 2}, {"us", 2}};

/* The metric lists clouds, the first `cloud_count` of them, and regions where asked for. */
static enum err list_filters(struct world *w, const char *code, size_t cloud_count,
                             bool with_regions)
{
    struct metric_filter_input filters[] = {{STR("cloud"), clouds, cloud_count},
                                            {STR("region"), regions, 2}};
    struct billable_metric_row row;
    return billable_metric_change(&w->ctx, str_of(code),
                                  &(struct billable_metric_input){
                                      .filters = filters,
                                      .filter_count = with_regions ? 2 : 1,
                                      .sent = METRIC_FILTERS,
                                  },
                                  &row);
}

#define CLOUD(name, price)                               \
    {                                                    \
        .values = STR("{\"cloud\": [\"" name "\"]}"),    \
        .properties = STR("{\"amount\": \"" price "\"}") \
    }

/* A monthly plan with one charge of the metric, 10.00 each where no filter says otherwise. */
static void begin(struct world *w, const char *metric, struct charge_filter_input *filters,
                  size_t count, struct charge_input charge)
{
    charge.metric_code = str_of(metric);
    charge.charge_model = str_is_null(charge.charge_model) ? STR("standard") : charge.charge_model;
    if (str_is_null(charge.properties))
        charge.properties = STR("{\"amount\": \"10\"}");
    charge.filters = filters;
    charge.filter_count = count;
    const struct charge_input charges[] = {charge, {.metric_code = STR_NULL}};
    at(w, "2024-03-01T00:00:00Z");
    sell(w, (struct plan_input){0}, charges);
}

static struct usage_of_charge usage_now(struct world *w)
{
    struct current_usage_view view;
    MUST(w, current_usage_get(&w->ctx, STR("c"), STR("s"), &view));
    REQUIRE(view.count == 1);
    return view.charges[0];
}

/* "aws 2 events 3 units 900; …" of the nth invoice's usage; what is corrected begins with "late".
 */
static struct str lines_of(struct world *w, size_t invoice)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    struct str text = STR("");
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_view *fee = &view.fees[i];
        if (!str_eq(fee->row.fee_type, STR("charge")))
            continue;
        struct str name = fee->row.is_true_up             ? STR("minimum")
                          : str_is_null(fee->filter_name) ? STR("rest")
                                                          : fee->filter_name;
        text = arena_fmt(&w->arena, "%.*s%s%s%.*s %lld events %.*s units %lld", STR_ARG(text),
                         text.len > 0 ? "; " : "", fee->row.is_correction ? "late " : "",
                         STR_ARG(name), (long long)fee->row.event_count,
                         STR_ARG(decimal_text(&w->arena, fee->row.units)),
                         (long long)fee->row.amount_minor);
    }
    return text;
}

TEST(each_filter_is_a_fee_of_its_own)
{
    struct world w;
    struct charge_filter_input filters[] = {
        {.values = STR("{\"cloud\": [\"aws\", \"gcp\"]}"),
         .invoice_display_name = STR("Every cloud"),
         .properties = STR("{\"amount\": \"5\"}")},
        CLOUD("aws", "3"),
        {.values = STR("{\"cloud\": [\"__ALL_FILTER_VALUES__\"], \"region\": [\"eu\"]}"),
         .properties = STR("{\"amount\": \"0.5\"}")}};
    world_open(&w);
    make_metric(&w, "load", "sum_agg", "n");
    MUST(&w, list_filters(&w, "load", 3, true));
    begin(&w, "load", filters, 3, (struct charge_input){0});
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"n\": 1, \"cloud\": \"aws\"}");
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"n\": 2, \"cloud\": \"aws\"}");
    send_event(&w, "s", "load", "2024-03-03T00:00:00Z", "{\"n\": 7, \"cloud\": \"gcp\"}");
    send_event(&w, "s", "load", "2024-03-03T00:00:00Z",
               "{\"n\": 4, \"cloud\": \"azure\", \"region\": \"eu\"}");
    send_event(&w, "s", "load", "2024-03-03T12:00:00Z", "{\"n\": 6, \"cloud\": \"azure\"}");
    send_event(&w, "s", "load", "2024-03-31T23:00:00Z", "{\"n\": 1}");
    struct usage_of_charge now = usage_now(&w);
    CHECK_INT(now.fee.amount_minor, 900 + 3500 + 200 + 7000);
    CHECK_INT(now.fee.event_count, 6);
    CHECK_STR(decimal_text(&w.arena, now.fee.units), "21");
    CHECK_INT(now.parts[3].amount_minor, 7000); /* azure without region, and nothing at all */
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "Every cloud 1 events 7 units 3500; aws 2 events 3 units 900; "
                               "cloud, eu 1 events 4 units 200; rest 2 events 7 units 7000");
    struct invoice_view view = invoice_at(&w, "c", 0);
    CHECK_STR(fee_name(&w.arena, &view.fees[1]), "load · Every cloud");
    CHECK_STR(fee_name(&w.arena, &view.fees[4]), "load");
    check_verify(&w);
    world_close(&w);
}

/* Usage that comes late for a filter corrects its fee, not the others. */
TEST(late_usage_corrects_the_filter_that_it_belongs_to)
{
    struct world w;
    struct charge_filter_input filters[] = {CLOUD("aws", "3"), CLOUD("gcp", "5")};
    world_open(&w);
    make_metric(&w, "load", "count_agg", NULL);
    MUST(&w, list_filters(&w, "load", 2, false));
    begin(&w, "load", filters, 2, (struct charge_input){0});
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"cloud\": \"aws\"}");
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{}");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "aws 1 events 1 units 300; rest 1 events 1 units 1000");
    send_event(&w, "s", "load", "2024-03-03T00:00:00Z", "{\"cloud\": \"gcp\"}");
    send_event(&w, "s", "load", "2024-03-03T00:00:00Z", "{\"cloud\": \"gcp\"}");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 1), "late gcp 2 events 2 units 1000");
    send_event(&w, "s", "load", "2024-03-04T00:00:00Z", "{\"cloud\": \"gcp\"}");
    send_event(&w, "s", "load", "2024-03-04T00:00:00Z", "{\"cloud\": \"aws\"}");
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 2), "late aws 1 events 1 units 300; late gcp 1 events 1 units 500");
    check_verify(&w);
    world_close(&w);
}

/* A minimum and a maximum are of the whole charge. */
TEST(limits_are_of_all_filters)
{
    struct world w;
    struct charge_filter_input filters[] = {CLOUD("aws", "3"), CLOUD("gcp", "5")};
    struct late_exception_page_row *rows = NULL;
    struct late_query query = {.external_customer_id = STR("c"), .limit = 100};
    size_t count = 0;
    int64_t total = 0;
    world_open(&w);
    make_metric(&w, "load", "sum_agg", "n");
    MUST(&w, list_filters(&w, "load", 2, false));
    begin(&w, "load", filters, 2,
          (struct charge_input){.min_amount_minor = 2000, .max_amount_minor = 3000});
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"n\": 1, \"cloud\": \"aws\"}");
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"n\": 2, \"cloud\": \"gcp\"}");
    bill(&w, "2024-04-01T00:00:00Z"); /* 3.00 + 10.00, 7.00 are missing */
    CHECK_STR(lines_of(&w, 0), "aws 1 events 1 units 300; gcp 1 events 2 units 1000; "
                               "rest 0 events 0 units 0; minimum 0 events 1 units 700");
    send_event(&w, "s", "load", "2024-04-02T00:00:00Z", "{\"n\": 4, \"cloud\": \"aws\"}");
    send_event(&w, "s", "load", "2024-04-02T00:00:00Z", "{\"n\": 5, \"cloud\": \"gcp\"}");
    send_event(&w, "s", "load", "2024-04-02T00:00:00Z", "{\"n\": 1}");
    bill(&w, "2024-05-01T00:00:00Z"); /* 12.00 + 25.00 + 10.00: 18.00 are left for gcp */
    CHECK_STR(lines_of(&w, 1), "aws 1 events 4 units 1200; gcp 1 events 5 units 1800; "
                               "rest 1 events 1 units 0");
    /* 3.00 more of March: 4.00 are missing now, not 7.00 */
    send_event(&w, "s", "load", "2024-03-05T00:00:00Z", "{\"n\": 1, \"cloud\": \"aws\"}");
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 2), "rest 0 events 0 units 0; minimum 0 events 1 units 2000; "
                               "late aws 1 events 1 units 300; late minimum 0 events 0 units -300");
    /* too old, and within the minimum: nothing; then 25.00 of it, 5.00 above */
    bill(&w, "2024-07-01T00:00:00Z");
    send_event(&w, "s", "load", "2024-03-06T00:00:00Z", "{\"n\": 1, \"cloud\": \"aws\"}");
    bill(&w, "2024-08-01T00:00:00Z");
    MUST(&w, late_exception_list(&w.ctx, &query, &rows, &count, &total));
    CHECK_INT(count, 0);
    send_event(&w, "s", "load", "2024-03-07T00:00:00Z", "{\"n\": 2, \"cloud\": \"aws\"}");
    bill(&w, "2024-09-01T00:00:00Z"); /* 5 x 3.00 + 2 x 5.00 = 25.00 */
    MUST(&w, late_exception_list(&w.ctx, &query, &rows, &count, &total));
    REQUIRE(count == 1);
    CHECK_INT(rows[0].amount_minor, 500);
    check_verify(&w);
    world_close(&w);
}

static int64_t segment_rows;

static enum err count_segment(void *arg, const struct usage_segment_row *row)
{
    (void)arg;
    segment_rows += row->event_count > 0;
    return ERR_NONE;
}

static enum err count_segments(struct ctx *ctx, struct tx *tx, void *arg)
{
    (void)ctx;
    segment_rows = 0;
    return usage_segment_each(tx, count_segment, arg);
}

/* Events that came before the metric had filters, or listed other values, are told apart too. */
TEST(a_metric_may_list_other_values_at_any_time)
{
    struct world w;
    struct plan_view view;
    world_open(&w);
    make_metric(&w, "load", "max_agg", "n");
    begin(&w, "load", NULL, 0, (struct charge_input){0});
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"n\": 9, \"cloud\": \"aws\"}");
    send_event(&w, "s", "load", "2024-03-03T08:00:00Z", "{\"n\": 2, \"cloud\": \"gcp\"}");
    send_event(&w, "s", "load", "2024-03-03T08:00:00Z", "{\"n\": 1, \"cloud\": \"azure\"}");
    MUST(&w, list_filters(&w, "load", 2, true));
    struct charge_filter_input filters[] = {CLOUD("aws", "3"), CLOUD("gcp", "5")};
    struct charge_input charge = {.metric_code = STR("load"),
                                  .charge_model = STR("standard"),
                                  .properties = STR("{\"amount\": \"10\"}"),
                                  .filters = filters,
                                  .filter_count = 2,
                                  .sent = CHARGE_FILTERS};
    MUST(&w, plan_change(&w.ctx,
                         &(struct plan_change){.code = STR("p"),
                                               .sent = PLAN_CHARGES,
                                               .input = {.charges = &charge, .charge_count = 1},
                                               .effective_at = TIME_NONE},
                         &view));
    CHECK_INT(view.charges[0].filter_count, 2);
    send_event(&w, "s", "load", "2024-03-03T09:00:00Z", "{\"n\": 4, \"cloud\": \"gcp\"}");
    send_event(&w, "s", "load", "2024-03-04T09:00:00Z", "{\"n\": 3, \"cloud\": \"gcp\"}");
    CHECK_INT(usage_now(&w).fee.amount_minor, 2700 + 2000 + 1000);
    /* gcp goes: its filter has no value left; who is on the plan is priced by what is left */
    MUST(&w, list_filters(&w, "load", 1, false));
    send_event(&w, "s", "load", "2024-03-05T09:00:00Z", "{\"n\": 1, \"cloud\": \"aws\"}");
    MUST(&w, tx_run(&w.ctx, TX_READ, count_segments, NULL));
    CHECK_INT(segment_rows, 3); /* gcp on the 3rd and 4th, aws on the 5th, by the new list */
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "aws 2 events 9 units 2700; rest 4 events 4 units 4000");
    MUST(&w, plan_get(&w.ctx, STR("p"), &view));
    CHECK_INT(view.version.version, 3);
    CHECK_INT(view.charges[0].filter_count, 1);
    check_verify(&w);
    /* all go, and come back: the plan's filters stay away */
    MUST(&w, list_filters(&w, "load", 0, false) == ERR_INVALID ? ERR_NONE : ERR_CONFLICT);
    fault_reset(&w.fault);
    struct billable_metric_row row;
    MUST(&w, billable_metric_change(&w.ctx, STR("load"),
                                    &(struct billable_metric_input){.sent = METRIC_FILTERS}, &row));
    CHECK_STR(row.filters, "{}");
    MUST(&w, list_filters(&w, "load", 3, false));
    MUST(&w, plan_get(&w.ctx, STR("p"), &view));
    CHECK_INT(view.charges[0].filter_count, 0);
    check_verify(&w);
    world_close(&w);
}

/* What was billed by filters that are gone is corrected by them. */
TEST(late_usage_knows_the_filters_of_its_time)
{
    struct world w;
    struct charge_filter_input filters[] = {CLOUD("aws", "3"), CLOUD("gcp", "5")};
    world_open(&w);
    make_metric(&w, "load", "count_agg", NULL);
    MUST(&w, list_filters(&w, "load", 2, false));
    begin(&w, "load", filters, 2, (struct charge_input){0});
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"cloud\": \"gcp\"}");
    bill(&w, "2024-04-01T00:00:00Z");
    at(&w, "2024-04-02T00:00:00Z");
    MUST(&w, list_filters(&w, "load", 1, false));
    send_event(&w, "s", "load", "2024-03-03T00:00:00Z", "{\"cloud\": \"gcp\"}");
    send_event(&w, "s", "load", "2024-04-03T00:00:00Z", "{\"cloud\": \"gcp\"}");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 1), "rest 1 events 1 units 1000; late gcp 1 events 1 units 500");
    check_verify(&w);
    world_close(&w);
}

/* Totals by segment are made anew with the customer's days, and with events that find their
 * subscription later. */
TEST(totals_by_segment_follow_the_zone_and_what_waited)
{
    struct world w;
    struct charge_filter_input filters[] = {CLOUD("aws", "3"), CLOUD("gcp", "5")};
    world_open(&w);
    make_metric(&w, "load", "count_agg", NULL);
    MUST(&w, list_filters(&w, "load", 2, false));
    at(&w, "2024-03-01T00:00:00Z");
    send_event(&w, "s", "load", "2024-03-02T23:30:00Z", "{\"cloud\": \"gcp\"}");
    begin(&w, "load", filters, 2, (struct charge_input){0});
    send_event(&w, "s", "load", "2024-03-31T22:30:00Z", "{\"cloud\": \"aws\"}");
    CHECK_INT(usage_now(&w).fee.amount_minor, 800);
    make_customer(&w, "c", "Europe/Berlin"); /* there it is 1 April, 00:30 */
    CHECK_INT(usage_now(&w).parts[0].amount_minor, 0);
    CHECK_INT(usage_now(&w).parts[1].amount_minor, 500);
    MUST(&w, tx_run(&w.ctx, TX_READ, count_segments, NULL));
    CHECK_INT(segment_rows, 2);
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "gcp 1 events 1 units 500");
    check_verify(&w);
    world_close(&w);
}

/* What can't be merged is told apart event by event. */
TEST(filters_of_charges_that_need_events)
{
    // clang-format off
    static const struct {
        const char *name, *aggregation, *model, *properties, *filter, *lines;
    } cases[] = {
        {"a unique count", "unique_count_agg", "standard", "{\"amount\": \"10\"}", "{\"amount\": \"3\"}",
         /* 1 and 2 on aws, 2 on gcp */
         "aws 3 events 2 units 600; rest 1 events 1 units 1000"},
        {"a percentile", "percentile_agg", "standard", "{\"amount\": \"10\"}", "{\"amount\": \"3\"}",
         "aws 3 events 2 units 600; rest 1 events 2 units 2000"},
        {"free events of a filter alone", "sum_agg", "percentage", "{\"rate\": \"100\"}",
         "{\"rate\": \"100\", \"fixed_amount\": \"1\", \"free_units_per_events\": 2}",
         /* the third of aws, by time: 1 at 100 % and 1.00 */
         "aws 3 events 4 units 200; rest 1 events 2 units 200"},
        {"prices by the hour", "sum_agg", "time_of_use", "{\"amount\": \"10\", \"windows\": [{\"name\": \"w\", "
         "\"weekdays\": [1], \"from_hour\": 23, \"to_hour\": 24, \"amount\": \"9\"}]}",
         "{\"amount\": \"3\", \"windows\": [{\"name\": \"night\", \"weekdays\": [1, 2, 3, 4, 5, 6, 7], "
         "\"from_hour\": 0, \"to_hour\": 6, \"amount\": \"1\"}]}",
         /* 1 and 1 by day, 2 at night */
         "aws 3 events 4 units 800; rest 1 events 2 units 2000"},
        {"graduated", "count_agg", "graduated",
         "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": null, \"per_unit_amount\": \"1\"}]}",
         "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 2, \"per_unit_amount\": \"1\"}, "
         "{\"from_value\": 3, \"to_value\": null, \"per_unit_amount\": \"5\"}]}",
         "aws 3 events 3 units 700; rest 1 events 1 units 100"},
        {"an average", "average_agg", "standard", "{\"amount\": \"1\"}", "{\"amount\": \"3\"}",
         "aws 3 events 1.333333333333333 units 400; rest 1 events 2 units 200"},
        {"a least value", "min_agg", "standard", "{\"amount\": \"1\"}", "{\"amount\": \"3\"}",
         "aws 3 events 1 units 300; rest 1 events 2 units 200"},
        {"the latest value", "latest_agg", "standard", "{\"amount\": \"1\"}", "{\"amount\": \"3\"}",
         "aws 3 events 1 units 300; rest 1 events 2 units 200"},
    };
    // clang-format on
    EACH(c, cases) {
        struct world w;
        struct charge_filter_input filter = {.values = STR("{\"cloud\": [\"aws\"]}"),
                                             .properties = str_of(c->filter)};
        bool is_percentile = str_eq(str_of(c->aggregation), STR("percentile_agg"));
        struct billable_metric_row row;
        world_open(&w);
        MUST(&w, billable_metric_create(&w.ctx,
                                        &(struct billable_metric_input){
                                            .code = STR("load"),
                                            .name = STR("Load"),
                                            .aggregation_type = str_of(c->aggregation),
                                            .field_name = STR("n"),
                                            .percentile = decimal_of(100),
                                            .sent = is_percentile ? (uint64_t)METRIC_PERCENTILE : 0,
                                        },
                                        &row));
        MUST(&w, list_filters(&w, "load", 2, false));
        begin(&w, "load", &filter, 1,
              (struct charge_input){.charge_model = str_of(c->model),
                                    .properties = str_of(c->properties)});
        send_event(&w, "s", "load", "2024-03-04T08:00:00Z", "{\"n\": 1, \"cloud\": \"aws\"}");
        send_event(&w, "s", "load", "2024-03-02T02:00:00Z", "{\"n\": 2, \"cloud\": \"aws\"}");
        send_event(&w, "s", "load", "2024-03-03T08:00:00Z", "{\"n\": 1, \"cloud\": \"aws\"}");
        send_event(&w, "s", "load", "2024-03-03T08:00:00Z", "{\"n\": 2, \"cloud\": \"gcp\"}");
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_STR(lines_of(&w, 0), c->lines);
        check_verify(&w);
        world_close(&w);
    }
}

/* A stock is one for each filter. */
TEST(stocks_are_carried_by_filter)
{
    struct world w;
    struct charge_filter_input filters[] = {CLOUD("aws", "3")};
    struct billable_metric_row row;
    world_open(&w);
    make_metric(&w, "load", "sum_agg", "n");
    MUST(&w,
         billable_metric_change(
             &w.ctx, STR("load"),
             &(struct billable_metric_input){.recurring = true, .sent = METRIC_RECURRING}, &row));
    MUST(&w, list_filters(&w, "load", 2, false));
    begin(&w, "load", filters, 1, (struct charge_input){0});
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"n\": 5, \"cloud\": \"aws\"}");
    send_event(&w, "s", "load", "2024-03-02T00:00:00Z", "{\"n\": 1, \"cloud\": \"gcp\"}");
    bill(&w, "2024-04-01T00:00:00Z");
    send_event(&w, "s", "load", "2024-04-02T00:00:00Z", "{\"n\": -2, \"cloud\": \"aws\"}");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_STR(lines_of(&w, 0), "aws 1 events 5 units 1500; rest 1 events 1 units 1000");
    CHECK_STR(lines_of(&w, 1), "aws 1 events 3 units 900; rest 0 events 1 units 1000");
    check_verify(&w);
    world_close(&w);
}

TEST(bad_filters_are_named)
{
    // clang-format off
    static const struct {
        const char *name; const char *values, *properties, *field, *code;
    } cases[] = {
        {"no key",          "{}", "{\"amount\": \"1\"}", "charges.0.filters.1.values", "value_is_mandatory"},
        {"no values",       "{\"cloud\": []}", "{\"amount\": \"1\"}", "charges.0.filters.1.values.cloud", "value_is_mandatory"},
        {"no list",         "{\"cloud\": \"gcp\"}", "{\"amount\": \"1\"}", "charges.0.filters.1.values.cloud", "invalid_type"},
        {"no text",         "{\"cloud\": [1]}", "{\"amount\": \"1\"}", "charges.0.filters.1.values.cloud.0", "invalid_type"},
        {"unknown key",     "{\"size\": [\"s\"]}", "{\"amount\": \"1\"}", "charges.0.filters.1.values.size", "value_is_invalid"},
        {"unknown value",   "{\"cloud\": [\"gcp\", \"oci\"]}", "{\"amount\": \"1\"}", "charges.0.filters.1.values.cloud.1", "value_is_invalid"},
        {"a value twice",   "{\"cloud\": [\"gcp\", \"gcp\"]}", "{\"amount\": \"1\"}", "charges.0.filters.1.values.cloud.1", "value_already_exist"},
        {"all and one",     "{\"cloud\": [\"__ALL_FILTER_VALUES__\", \"gcp\"]}", "{\"amount\": \"1\"}", "charges.0.filters.1.values.cloud.1", "value_is_invalid"},
        {"the same again",  "{\"cloud\": [\"aws\"]}", "{\"amount\": \"1\"}", "charges.0.filters.1.values", "value_already_exist"},
        {"no price",        "{\"cloud\": [\"gcp\"]}", "{}", "charges.0.filters.1.properties.amount", "value_is_mandatory"},
        {"a bad price",     "{\"cloud\": [\"gcp\"]}", "{\"amount\": \"-1\"}", "charges.0.filters.1.properties.amount", "value_is_out_of_range"},
    };
    // clang-format on
    struct world w;
    world_open(&w);
    make_metric(&w, "load", "count_agg", NULL);
    MUST(&w, list_filters(&w, "load", 2, false));
    EACH(c, cases) {
        struct plan_view view;
        struct charge_filter_input filters[] = {
            CLOUD("aws", "3"), {.values = str_of(c->values), .properties = str_of(c->properties)}};
        const struct charge_input charge = {.metric_code = STR("load"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"10\"}"),
                                            .filters = filters,
                                            .filter_count = 2};
        fault_reset(&w.fault);
        CHECK_INT(plan_create(&w.ctx,
                              &(struct plan_input){.code = STR("p"),
                                                   .name = STR("P"),
                                                   .billing_interval = STR("monthly"),
                                                   .currency = STR("EUR"),
                                                   .charges = &charge,
                                                   .charge_count = 1},
                              &view),
                  ERR_INVALID);
        REQUIRE(w.fault.field_count == 1);
        CHECK_STR(w.fault.fields[0].field, c->field);
        CHECK_STR(w.fault.fields[0].code, c->code);
        CHECK(w.fault.fields[0].expected.len > 0);
    }
    fault_reset(&w.fault);
    world_close(&w);
}

TEST(bad_lists_of_a_metric_are_named)
{
    static const struct str twice[] = {{"aws", 3}, {"aws", 3}};
    static const struct str all[] = {{"__ALL_FILTER_VALUES__", 21}};
    static const struct str empty[] = {{"", 0}};
    // clang-format off
    static const struct {
        const char *name; const char *key; const struct str *values; size_t count; const char *field, *code;
    } cases[] = {
        {"no key",        "",      clouds, 3, "filters.1.key",      "value_is_mandatory"},
        {"the key again", "cloud", clouds, 3, "filters.1.key",      "value_already_exist"},
        {"no values",     "size",  clouds, 0, "filters.1.values",   "value_is_mandatory"},
        {"twice",         "size",  twice,  2, "filters.1.values.1", "value_already_exist"},
        {"all",           "size",  all,    1, "filters.1.values.0", "value_is_invalid"},
        {"empty",         "size",  empty,  1, "filters.1.values.0", "value_is_mandatory"},
    };
    // clang-format on
    struct world w;
    world_open(&w);
    EACH(c, cases) {
        struct metric_filter_input filters[] = {{STR("cloud"), clouds, 2},
                                                {str_of(c->key), c->values, c->count}};
        struct billable_metric_row row;
        fault_reset(&w.fault);
        CHECK_INT(billable_metric_create(&w.ctx,
                                         &(struct billable_metric_input){
                                             .code = STR("load"),
                                             .name = STR("Load"),
                                             .aggregation_type = STR("count_agg"),
                                             .filters = filters,
                                             .filter_count = 2,
                                             .sent = METRIC_FILTERS,
                                         },
                                         &row),
                  ERR_INVALID);
        REQUIRE(w.fault.field_count == 1);
        CHECK_STR(w.fault.fields[0].field, c->field);
        CHECK_STR(w.fault.fields[0].code, c->code);
    }
    fault_reset(&w.fault);
    world_close(&w);
}
