/* Plans of two years, 18 months, 14 days: which periods they bill and what a part of one costs,
 * worked out by hand in the comments. */
#include "tests/app/books.h"

#include "app/current_usage.h"
#include "app/customer_table.h"
#include "app/overview.h"

/* The fee of a type on the nth invoice; none: NULL. */
static const struct fee_row *fee_in(struct world *w, size_t invoice, const char *type)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    for (size_t i = 0; i < view.fee_count; i++) {
        if (!str_eq(view.fees[i].row.fee_type, str_of(type)))
            continue;
        struct fee_row *copy = ARENA_NEW(&w->arena, struct fee_row);
        *copy = view.fees[i].row;
        return copy;
    }
    return NULL;
}

static int64_t amount_in(struct world *w, size_t invoice, const char *type)
{
    const struct fee_row *fee = fee_in(w, invoice, type);
    return fee == NULL ? INT_NONE : fee->amount_minor;
}

/* 100.00 for a whole period. */
TEST(terms_bill_their_own_fee)
{
    // clang-format off
    static const struct {
        const char *name, *interval, *billing_time; bool in_advance; const char *start;
        const char *runs[3], *end; /* billing runs, and a termination */
        struct { const char *from, *to; int64_t amount; } fees[3];
    } cases[] = {
        {"two years of 29 February", "P2Y", "anniversary", false, "2024-02-29T10:00:00Z",
         {"2026-02-27T23:59:59Z", "2026-02-28T00:00:00Z", "2028-02-29T00:00:00Z"}, NULL,
         {{"2024-02-29T00:00:00Z", "2026-02-28T00:00:00Z", 10000},
          {"2026-02-28T00:00:00Z", "2028-02-29T00:00:00Z", 10000}}},
        /* 2 July to 31 December 2023 is 183 days, and 366: 10000 x 549 / 731 = 7510.26 */
        {"the rest of two calendar years", "P2Y", "calendar", false, "2023-07-02T00:00:00Z",
         {"2024-07-02T00:00:00Z", "2024-12-31T00:00:00Z", "2025-01-01T00:00:00Z"}, NULL,
         {{"2023-07-02T00:00:00Z", "2025-01-01T00:00:00Z", 7510}}},
        {"a year's word for it", "P24M", NULL, false, "2023-07-02T00:00:00Z",
         {"2025-01-01T00:00:00Z"}, NULL,
         {{"2023-07-02T00:00:00Z", "2025-01-01T00:00:00Z", 7510}}},
        {"three years in advance", "P3Y", "calendar", true, "2024-01-01T00:00:00Z",
         {"2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z"}, NULL,
         {{"2024-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 10000},
          {"2027-01-01T00:00:00Z", "2030-01-01T00:00:00Z", 10000}}},
        /* 5, 6, 7 and 8 March of 14 days: 10000 x 4 / 14 = 2857.14 */
        {"14 days over 29 February, and 4 of the next", "P14D", "anniversary", false, "2024-02-20T08:00:00Z",
         {"2024-03-05T00:00:00Z"}, "2024-03-08T12:00:00Z",
         {{"2024-02-20T00:00:00Z", "2024-03-05T00:00:00Z", 10000},
          {"2024-03-05T00:00:00Z", "2024-03-09T00:00:00Z", 2857}}},
        {"four weeks in advance", "P4W", "anniversary", true, "2024-02-20T08:00:00Z",
         {"2024-03-19T00:00:00Z"}, NULL,
         {{"2024-02-20T00:00:00Z", "2024-03-19T00:00:00Z", 10000},
          {"2024-03-19T00:00:00Z", "2024-04-16T00:00:00Z", 10000}}},
        {"18 months of 31 August, without a word", "P18M", NULL, false, "2023-08-31T00:00:00Z",
         {"2025-02-27T00:00:00Z", "2025-02-28T00:00:00Z", "2026-08-31T00:00:00Z"}, NULL,
         {{"2023-08-31T00:00:00Z", "2025-02-28T00:00:00Z", 10000},
          {"2025-02-28T00:00:00Z", "2026-08-31T00:00:00Z", 10000}}},
        /* a calendar month, by its other name: 27 of 31 days: 8709.68 */
        {"one month as a duration", "P1M", NULL, false, "2024-03-05T00:00:00Z",
         {"2024-04-01T00:00:00Z"}, NULL,
         {{"2024-03-05T00:00:00Z", "2024-04-01T00:00:00Z", 8710}}},
        {"a day", "P1D", NULL, false, "2024-02-28T00:00:00Z",
         {"2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"}, NULL,
         {{"2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z", 10000},
          {"2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z", 10000}}},
    };
    // clang-format on
    EACH(c, cases) {
        struct world w;
        size_t count = 0;
        world_open(&w);
        at(&w, c->start);
        make_plan(&w,
                  (struct plan_input){.code = STR("p"),
                                      .amount_minor = 10000,
                                      .billing_interval = str_of(c->interval),
                                      .pay_in_advance = c->in_advance},
                  NULL);
        make_customer(&w, "c", "UTC");
        subscribe(&w, "c", "s", "p", c->billing_time);
        for (size_t i = 0; i < 3 && c->runs[i] != NULL; i++)
            bill(&w, c->runs[i]);
        if (c->end != NULL) {
            at(&w, c->end);
            terminate(&w, "s");
        }
        for (; count < 3 && c->fees[count].from != NULL; count++) {
            const struct fee_row *fee = fee_in(&w, count, "subscription");
            REQUIRE(fee != NULL);
            CHECK_INT(fee->amount_minor, c->fees[count].amount);
            CHECK_AT(fee->from_at, c->fees[count].from);
            CHECK_AT(fee->to_at, c->fees[count].to);
        }
        CHECK_INT(invoices_of(&w, "c").count, count);
        check_verify(&w);
        world_close(&w);
    }
}

/* Months of 30 days: January to March 2024 is 90 of 540: 10000 / 6 = 1666.67. */
TEST(terms_with_months_of_30_days)
{
    struct world w;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    make_plan(&w,
              (struct plan_input){.code = STR("p"),
                                  .amount_minor = 10000,
                                  .billing_interval = STR("P18M"),
                                  .proration = STR("fixed_30")},
              NULL);
    make_customer(&w, "c", "UTC");
    subscribe(&w, "c", "s", "p", NULL);
    at(&w, "2024-03-31T12:00:00Z");
    terminate(&w, "s");
    CHECK_INT(amount_in(&w, 0, "subscription"), 1667);
    check_verify(&w);
    world_close(&w);
}

/* Two years of 31 January, 100.00 in advance; calls at 0.50 and two seats at 3.00 each month. */
TEST(terms_bill_charges_monthly)
{
    const struct charge_input calls[] = {{.metric_code = STR("calls"),
                                          .charge_model = STR("standard"),
                                          .properties = STR("{\"amount\":\"0.5\"}")},
                                         {.metric_code = STR_NULL}};
    struct fixed_charge_input seats = {.add_on_code = STR("seats"),
                                       .charge_model = STR("standard"),
                                       .properties = STR("{\"amount\":\"3\"}"),
                                       .units = decimal_lit("2"),
                                       .sent = FIXED_UNITS};
    struct world w;
    world_open(&w);
    at(&w, "2024-01-31T00:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    make_add_on(&w, "seats", NULL);
    make_plan(&w,
              (struct plan_input){.code = STR("p"),
                                  .amount_minor = 10000,
                                  .billing_interval = STR("P2Y"),
                                  .pay_in_advance = true,
                                  .bill_charges_monthly = true,
                                  .bill_fixed_charges_monthly = true,
                                  .fixed_charges = &seats,
                                  .fixed_charge_count = 1},
              calls);
    make_customer(&w, "c", "UTC");
    subscribe(&w, "c", "s", "p", "anniversary");
    CHECK_INT(amount_in(&w, 0, "subscription"), 10000);
    CHECK_AT(fee_in(&w, 0, "subscription")->to_at, "2026-01-31T00:00:00Z");
    at(&w, "2024-02-28T23:59:59Z");
    send_event(&w, "s", "calls", "2024-02-01T00:00:00Z", "{}");
    send_event(&w, "s", "calls", "2024-02-28T23:59:59Z", "{}");
    bill(&w, "2024-02-29T00:00:00Z");
    send_event(&w, "s", "calls", "2024-02-29T00:00:00Z", "{}");
    CHECK_INT(amount_in(&w, 1, "subscription"), INT_NONE);
    CHECK_INT(amount_in(&w, 1, "charge"), 100);
    CHECK_INT(amount_in(&w, 1, "fixed_charge"), 600);
    CHECK_AT(fee_in(&w, 1, "charge")->from_at, "2024-01-31T00:00:00Z");
    CHECK_AT(fee_in(&w, 1, "charge")->to_at, "2024-02-29T00:00:00Z");
    bill(&w, "2024-03-31T00:00:00Z");
    CHECK_INT(amount_in(&w, 2, "charge"), 50);
    CHECK_AT(fee_in(&w, 2, "fixed_charge")->to_at, "2024-03-31T00:00:00Z");
    bill(&w, "2026-01-31T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 25); /* at the start, and at the end of each month */
    CHECK_INT(amount_in(&w, 24, "subscription"), 10000);
    CHECK_INT(amount_in(&w, 24, "fixed_charge"), 600);
    CHECK_AT(fee_in(&w, 24, "subscription")->from_at, "2026-01-31T00:00:00Z");
    CHECK_AT(fee_in(&w, 24, "subscription")->to_at, "2028-01-31T00:00:00Z");
    check_verify(&w);
    world_close(&w);
}

/* 14 days in Paris from 19 March on, of which one has 23 hours; a call comes late. */
TEST(terms_have_current_and_late_usage)
{
    const struct charge_input calls[] = {{.metric_code = STR("calls"),
                                          .charge_model = STR("standard"),
                                          .properties = STR("{\"amount\":\"0.5\"}")},
                                         {.metric_code = STR_NULL}};
    struct current_usage_view usage;
    struct world w;
    world_open(&w);
    at(&w, "2024-03-18T23:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    make_plan(&w, (struct plan_input){.code = STR("p"), .billing_interval = STR("P14D")}, calls);
    make_customer(&w, "c", "Europe/Paris");
    subscribe(&w, "c", "s", "p", NULL);
    at(&w, "2024-04-01T21:59:59Z");
    send_event(&w, "s", "calls", "2024-04-01T21:00:00Z", "{}");
    MUST(&w, current_usage_get(&w.ctx, STR("c"), STR("s"), &usage));
    CHECK_AT(usage.from_at, "2024-03-18T23:00:00Z");
    CHECK_AT(usage.to_at, "2024-04-01T22:00:00Z");
    CHECK_INT(usage.build.row.fees_amount_minor, 50);
    bill(&w, "2024-04-01T22:00:00Z");
    CHECK_INT(amount_in(&w, 0, "charge"), 50);
    at(&w, "2024-04-05T00:00:00Z");
    send_event(&w, "s", "calls", "2024-04-01T21:59:59Z", "{}"); /* late, of the first period */
    send_event(&w, "s", "calls", "2024-04-01T22:00:00Z", "{}");
    send_event(&w, "s", "calls", "2024-04-01T22:00:01Z", "{}");
    MUST(&w, current_usage_get(&w.ctx, STR("c"), STR("s"), &usage));
    CHECK_AT(usage.from_at, "2024-04-01T22:00:00Z");
    CHECK_AT(usage.to_at, "2024-04-15T22:00:00Z");
    bill(&w, "2024-04-15T22:00:00Z");
    CHECK_INT(invoice_at(&w, "c", 1).row.fees_amount_minor, 150); /* two calls, and the late one */
    check_verify(&w);
    world_close(&w);
}

/* What a year comes to: 2,400.00 for two years 1,200.00; 11.00 for 10 days 36.5 times, 401.50; and
 * 500.00 for 18 months two thirds, 333.33.  1,934.83 / 12 = 161.24. */
TEST(terms_count_by_the_year)
{
    static const struct {
        const char *code, *interval;
        int64_t amount, mrr;
    } plans[] = {
        {"a", "P2Y", 240000, 10000}, {"b", "P10D", 1100, 3346}, {"d", "P18M", 50000, 2778}};
    struct overview overview;
    struct world w;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    for (size_t i = 0; i < 3; i++) {
        struct str code = str_of(plans[i].code);
        struct customer_numbers numbers;
        make_plan(&w,
                  (struct plan_input){.code = code,
                                      .amount_minor = plans[i].amount,
                                      .billing_interval = str_of(plans[i].interval)},
                  NULL);
        make_customer(&w, plans[i].code, "UTC");
        subscribe(&w, plans[i].code, plans[i].code, plans[i].code, NULL);
        MUST(&w, customer_numbers_get(&w.ctx, code, &numbers));
        CHECK_INT(numbers.entry.mrr_minor, plans[i].mrr);
    }
    at(&w, "2024-03-02T00:00:00Z");
    MUST(&w, overview_load(&w.ctx, &overview));
    REQUIRE(overview.currency_count == 1);
    CHECK_INT(overview.currencies[0].yearly_minor, 120000 + 40150 + 33333);
    CHECK_INT(overview.currencies[0].mrr_minor[OVERVIEW_MONTHS - 1], 16124);
    world_close(&w);
}

TEST(terms_refused)
{
    // clang-format off
    const struct { const char *name; struct plan_input input; const char *field, *code; } cases[] = {
        {"no such word", {.billing_interval = STR("daily")}, "interval", "value_is_invalid"},
        {"no time",      {.billing_interval = STR("P0D")}, "interval", "value_is_invalid"},
        {"eleven years", {.billing_interval = STR("P11Y")}, "interval", "value_is_invalid"},
        {"months and days", {.billing_interval = STR("P1M15D")}, "interval", "value_is_invalid"},
        {"hours",        {.billing_interval = STR("PT24H")}, "interval", "value_is_invalid"},
        {"charges monthly in 5 months", {.billing_interval = STR("P5M"), .bill_charges_monthly = true},
         "bill_charges_monthly", "value_is_invalid"},
        {"fixed charges monthly in 52 weeks", {.billing_interval = STR("P52W"), .bill_fixed_charges_monthly = true},
         "bill_fixed_charges_monthly", "value_is_invalid"},
        {"months of 30 days in 45 days", {.billing_interval = STR("P45D"), .proration = STR("fixed_30")},
         "proration", "value_is_invalid"},
        {"too much a year", {.billing_interval = STR("P1D"), .amount_minor = INT64_MAX / 300},
         "amount_cents", "value_is_out_of_range"},
    };
    // clang-format on
    struct plan_view view;
    struct world w;
    world_open(&w);
    EACH(c, cases) {
        struct plan_input input = c->input;
        input.code = input.name = STR("p");
        input.currency = STR("EUR");
        fault_reset(&w.fault);
        CHECK_INT(plan_create(&w.ctx, &input, &view), ERR_INVALID);
        REQUIRE(w.fault.field_count == 1);
        CHECK_STR(w.fault.fields[0].field, c->field);
        CHECK_STR(w.fault.fields[0].code, c->code);
    }
    fault_reset(&w.fault);
    CHECK_INT(plan_get(&w.ctx, STR("p"), &view), ERR_NOT_FOUND);
    world_close(&w);
}

/* A subscription on a plan whose periods begin on no day of the calendar. */
TEST(terms_without_a_calendar)
{
    struct subscription_view view;
    struct world w;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p"), .billing_interval = STR("P14D")}, NULL);
    make_customer(&w, "c", "UTC");
    fault_reset(&w.fault);
    const struct subscription_input input = {.external_customer_id = STR("c"),
                                             .external_id = STR("s"),
                                             .plan_code = STR("p"),
                                             .billing_time = STR("calendar"),
                                             .subscription_at = TIME_NONE,
                                             .ending_at = TIME_NONE};
    CHECK_INT(subscription_create(&w.ctx, &input, &view), ERR_INVALID);
    REQUIRE(w.fault.field_count == 1);
    CHECK_STR(w.fault.fields[0].field, "billing_time");
    CHECK_STR(w.fault.fields[0].code, "value_is_invalid");
    fault_reset(&w.fault);
    CHECK_INT(subscription_get(&w.ctx, STR("s"), STR_NULL, &view), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    view = subscribe(&w, "c", "s", "p", NULL);
    CHECK_STR(view.row.billing_time, "anniversary");
    world_close(&w);
}
