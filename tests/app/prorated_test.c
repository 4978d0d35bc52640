/* Charges in arrears whose stock is prorated; amounts worked out by hand. */
#include "tests/app/books.h"

#include "app/current_usage.h"
#include "app/plan_estimate.h"
#include "app/projected_usage.h"

/* 5 at 10.00, 10 more at 5.00, then 2.00; 100.00 and 50.00 flat. */
#define TIERS                                                                                    \
    "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 5, \"per_unit_amount\": \"10\", " \
    "\"flat_amount\": \"100\"}, {\"from_value\": 6, \"to_value\": 15, \"per_unit_amount\": "     \
    "\"5\", \"flat_amount\": \"50\"}, {\"from_value\": 16, \"to_value\": null, "                 \
    "\"per_unit_amount\": \"2\", \"flat_amount\": \"0\"}]}"

/* Plan p with the charge of a stock; customer c has s of it from `start` on. */
static void begin(struct world *w, const char *start, const char *aggregation, const char *model,
                  const char *properties)
{
    struct charge_input charges[] = {{.metric_code = STR("seats"),
                                      .charge_model = str_of(model),
                                      .properties = str_of(properties),
                                      .prorated = true},
                                     {.metric_code = STR_NULL}};
    at(w, start);
    make_stock(w, "seats", aggregation, "n");
    sell(w, (struct plan_input){0}, charges);
}

static void send(struct world *w, const char *when, const char *properties)
{
    at(w, when);
    send_event(w, "s", "seats", NULL, properties);
}

static int64_t current_amount(struct world *w)
{
    struct current_usage_view view;
    MUST(w, current_usage_get(&w->ctx, STR("c"), STR("s"), &view));
    REQUIRE(view.count == 1);
    return view.charges[0].fee.amount_minor;
}

/* The scenario of current_usage/by_charge_model/prorated_graduated.json. */
TEST(prorated_sum_of_three_tiers)
{
    struct world w;
    world_open(&w);
    begin(&w, "2023-09-01T00:00:00Z", "sum_agg", "graduated", TIERS);
    CHECK_INT(current_amount(&w), 10000);
    send(&w, "2023-09-10T00:00:00Z", "{\"n\": 2}");
    send(&w, "2023-09-16T00:00:00Z", "{\"n\": 5}");
    CHECK_INT(current_amount(&w), 18400);
    send(&w, "2023-09-20T00:00:00Z", "{\"n\": -6}");
    CHECK_INT(current_amount(&w), 16567);
    send(&w, "2023-09-25T00:00:00Z", "{\"n\": 10}");
    send(&w, "2023-09-26T00:00:00Z", "{\"n\": 4}");
    send(&w, "2023-09-30T00:00:00Z", "{\"n\": 60}");
    at(&w, "2023-10-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 18700);
    CHECK_INT(current_amount(&w), 37000);
    check_verify(&w);
    world_close(&w);
}

/* 2 seats at 30.00 from 11 June: 40/30 up to 1.33334, 40.00.  One of 21 June comes late: 10/30 more
 * are 50/30 up to 1.66667, 50.00; July, 3 seats until the 15th, is 45/31 up to 1.45162, 43.55. */
TEST(prorated_late_and_ended)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-06-01T00:00:00Z", "sum_agg", "standard", "{\"amount\": \"30\"}");
    send(&w, "2024-06-11T10:00:00Z", "{\"n\": 2}");
    at(&w, "2024-07-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 4000);
    at(&w, "2024-07-10T00:00:00Z");
    send_event(&w, "s", "seats", "2024-06-21T00:00:00Z", "{\"n\": 1}");
    at(&w, "2024-07-15T12:00:00Z");
    terminate(&w, "s");
    struct invoice_view last = invoice_at(&w, "c", 1);
    int64_t usage = 0;
    int64_t correction = 0;
    for (size_t i = 0; i < last.fee_count; i++) {
        if (!str_eq(last.fees[i].row.fee_type, STR("charge")))
            continue;
        if (last.fees[i].row.is_correction)
            correction += last.fees[i].row.amount_minor;
        else
            usage += last.fees[i].row.amount_minor;
    }
    CHECK_INT(usage, 4355);
    CHECK_INT(correction, 1000);
    check_verify(&w);
    world_close(&w);
}

/* b is removed on 20 July: 20 of 31 days. */
TEST(prorated_items)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-07-01T00:00:00Z", "unique_count_agg", "standard", "{\"amount\": \"31\"}");
    send(&w, "2024-07-01T00:00:00Z", "{\"n\": \"a\"}");
    send(&w, "2024-07-01T10:00:00Z", "{\"n\": \"b\"}");
    send(&w, "2024-07-20T10:00:00Z", "{\"n\": \"b\", \"operation_type\": \"remove\"}");
    at(&w, "2024-08-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 5100); /* 51/31 up to 1.64517, x 31 */
    check_verify(&w);
    world_close(&w);
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* "a 4000; late c 500": the usage of an invoice. */
static struct str lines_of(struct world *w, size_t invoice)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    struct str text = STR("");
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_row *row = &view.fees[i].row;
        if (!str_eq(row->fee_type, STR("charge")))
            continue;
        text = arena_fmt(&w->arena, "%.*s%s%s%.*s %lld", STR_ARG(text), text.len > 0 ? "; " : "",
                         row->is_correction ? "late " : "",
                         STR_ARG(group_name(&w->arena, row->grouped_by)),
                         (long long)row->amount_minor);
    }
    return text;
}

/* Each team's seats at 30.00 by themselves.  June: 2 of a from the 11th 40/30 up to 1.33334, 40.00;
 * 1 of b from the 21st 10/30 up to 0.33334, 10.00.  July: a 60.00; b is gone on the 1st, 0.00; 1 of
 * c comes late, there since 26 June: 30.00, and of June 5/30 up to 0.16667, 5.00. */
TEST(prorated_by_group)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-06-01T00:00:00Z", "sum_agg", "standard",
          "{\"amount\": \"30\", \"pricing_group_keys\": [\"team\"]}");
    send(&w, "2024-06-11T10:00:00Z", "{\"n\": 2, \"team\": \"a\"}");
    send(&w, "2024-06-21T10:00:00Z", "{\"n\": 1, \"team\": \"b\"}");
    at(&w, "2024-07-01T00:00:00Z");
    run(&w);
    CHECK_STR(lines_of(&w, 0), "a 4000; b 1000");
    send(&w, "2024-07-01T08:00:00Z", "{\"n\": -1, \"team\": \"b\"}");
    at(&w, "2024-07-10T00:00:00Z");
    send_event(&w, "s", "seats", "2024-06-26T00:00:00Z", "{\"n\": 1, \"team\": \"c\"}");
    CHECK_INT(current_amount(&w), 9000);
    at(&w, "2024-08-01T00:00:00Z");
    run(&w);
    CHECK_STR(lines_of(&w, 1), "a 6000; b 0; c 3000; late c 500");
    check_verify(&w);
    world_close(&w);
}

/* ---- estimates ------------------------------------------------------------------------------- */

static int64_t estimated(struct world *w, const char *units, const char *from_day)
{
    struct estimate_charge said = {
        .code = STR("seats"),
        .use = {.units = decimal_lit(units), .event_count = INT_NONE, .own_cents = DECIMAL_NONE}};
    struct plan_estimate_input input = {.plan_code = STR("p"),
                                        .billing_time = STR("calendar"),
                                        .from_day = DAY_NONE,
                                        .to_day = DAY_NONE,
                                        .charges = &said,
                                        .charge_count = 1};
    struct plan_estimate estimate;
    input.from_day = day_of_instant(instant(from_day));
    MUST(w, plan_estimate(&w->ctx, &input, &estimate));
    return estimate.usage_minor;
}

/* 7 units in June: 5 x 10.00 + 100.00 + 2 x 5.00 + 50.00.  From the 16th on 15 of 30 days of each:
 * 2.5 x 10.00 + 100.00 + 1 x 5.00 + 50.00. */
TEST(prorated_estimates)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-06-01T00:00:00Z", "unique_count_agg", "graduated", TIERS);
    CHECK_INT(estimated(&w, "7", "2024-06-01T00:00:00Z"), 21000);
    CHECK_INT(estimated(&w, "7", "2024-06-16T00:00:00Z"), 18000);
    world_close(&w);
}

/* A stock stays as it is: on 16 June 1 seat at 30.00 from the 16th on is 15.00 at the end, too. */
TEST(prorated_projection)
{
    struct world w;
    struct projected_usage usage;
    world_open(&w);
    begin(&w, "2024-06-01T00:00:00Z", "sum_agg", "standard", "{\"amount\": \"30\"}");
    send(&w, "2024-06-16T10:00:00Z", "{\"n\": 1}");
    MUST(&w, projected_usage_get(&w.ctx, STR("c"), STR("s"), &usage));
    CHECK_INT(usage.current.build.row.fees_amount_minor, 1500);
    CHECK_INT(usage.projected.build.row.fees_amount_minor, 1500);
    world_close(&w);
}
