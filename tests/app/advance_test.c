/* Charges in advance: each event is billed when it comes.  Amounts worked out by hand. */
#include "tests/app/ahead.h"

#include "app/current_usage.h"
#include "app/event_estimate.h"
#include "app/plan_change.h"
#include "app/plan_estimate.h"
#include "app/projected_usage.h"
#include "app/subscription_plan.h"

static struct fee_view newest_fee(struct world *w)
{
    struct fee_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    MUST(w, fee_list(&w->ctx,
                     &(struct fee_filter){.charge = true,
                                          .created_from_at = TIME_NONE,
                                          .created_to_at = TIME_NONE,
                                          .limit = 1},
                     &views, &count, &total));
    REQUIRE(count == 1);
    return views[0];
}

/* A call at 10.00 on 10 February is an invoice of that day, whatever grace period there is; 1 March
 * bills the plan alone. */
TEST(advance_is_billed_when_it_comes)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    make_tax(&w, "vat", "20", true);
    begin(&w, "2024-02-01T00:00:00Z", ahead("calls", "standard", STANDARD_10));
    set_grace(&w, "c", 5);
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    struct invoice_view invoice = invoice_at(&w, "c", 0);
    CHECK_STR(invoice.row.status, "finalized");
    CHECK_AT(invoice.row.billing_at, "2024-02-10T10:00:00Z");
    CHECK_DAY(invoice.row.issuing_day, "2024-02-10");
    CHECK_INT(invoice.row.total_amount_minor, 1200);
    REQUIRE(invoice.fee_count == 1 && invoice.period_count == 1);
    CHECK_STR(invoice.periods[0].row.invoicing_reason, "in_advance_charge");
    const struct fee_row *fee = &invoice.fees[0].row;
    CHECK(fee->pay_in_advance && !invoice.fees[0].is_alone);
    CHECK_STR(decimal_text(&w.arena, fee->units), "1");
    CHECK_INT(fee->event_count, 1);
    CHECK_AT(fee->from_at, "2024-02-01T00:00:00Z");
    CHECK_AT(fee->to_at, "2024-03-01T00:00:00Z");
    run(&w); /* once is enough */
    CHECK_INT(invoices_of(&w, "c").count, 1);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    struct invoice_view month = invoice_at(&w, "c", 1);
    REQUIRE(month.fee_count == 1);
    CHECK_STR(month.fees[0].row.fee_type, "subscription");
    check_fees(&w, "1000");
    check_verify(&w);
    world_close(&w);
}

/* The billing rules' example 26, in one request and one instant; a repeat makes nothing. */
TEST(advance_prices_each_step_of_one_instant)
{
    static const char tiers[] =
        "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 2, \"per_unit_amount\": \"0\", "
        "\"flat_amount\": \"0\"}, {\"from_value\": 3, \"to_value\": null, \"per_unit_amount\": "
        "\"2\", \"flat_amount\": \"0\"}]}";
    struct world w;
    struct event_input events[4];
    struct event_result results[4];
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("calls", "graduated", tiers)));
    at(&w, "2024-02-10T10:00:00Z");
    for (int i = 0; i < 4; i++)
        events[i] = (struct event_input){
            .transaction_id = arena_fmt(&w.arena, "e%d", i == 3 ? 0 : i),
            .external_subscription_id = STR("s"),
            .code = STR("calls"),
            .occurred_at = instant("2024-02-10T09:00:00Z"),
            .properties = STR("{}"),
            .precise_total_amount_cents = STR_NULL,
        };
    MUST(&w, ingest_now(&w.ctx, events, 4, false, results));
    CHECK(results[3].outcome == EVENT_DUPLICATE);
    run(&w);
    check_fees(&w, "0 0 200");
    CHECK_INT(invoices_of(&w, "c").count, 0);
    check_verify(&w);
    world_close(&w);
}

/* A fee that stands alone is on no invoice, has its own payment, and is not in the books. */
TEST(advance_fees_that_stand_alone)
{
    struct world w;
    struct fee_view view;
    world_open(&w);
    make_metric(&w, "gb", "sum_agg", "n");
    make_tax(&w, "vat", "20", true);
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("gb", "standard", STANDARD_10)));
    send(&w, "2024-02-10T10:00:00Z", "gb", NULL, "{\"n\": 1.5}");
    struct fee_view fee = newest_fee(&w);
    CHECK_INT(fee.row.amount_minor, 1500);
    CHECK_INT(fee.row.taxes_amount_minor, 300);
    CHECK(fee.is_alone && !fee.is_invoiceable && fee.row.pay_in_advance);
    CHECK_STR(fee.payment_status, "pending");
    MUST(&w, fee_set_payment_status(&w.ctx, fee.row.id, STR("succeeded"), &view));
    CHECK_STR(view.payment_status, "succeeded");
    CHECK_AT(view.row.succeeded_at, "2024-02-10T10:00:00Z");
    at(&w, "2024-02-11T00:00:00Z");
    MUST(&w, fee_set_payment_status(&w.ctx, fee.row.id, STR("refunded"), &view));
    CHECK_AT(view.row.succeeded_at, "2024-02-10T10:00:00Z");
    CHECK_AT(view.row.refunded_at, "2024-02-11T00:00:00Z");
    MUST(&w, fee_set_payment_status(&w.ctx, fee.row.id, STR("failed"), &view));
    CHECK(view.row.succeeded_at == TIME_NONE && view.row.refunded_at == TIME_NONE);
    CHECK_INT(invoices_of(&w, "c").count, 0);
    struct invoice_view none;
    CHECK(invoice_get(&w.ctx, fee.row.invoice_id, &none) == ERR_NOT_FOUND);
    fault_reset(w.ctx.fault);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    struct invoice_view month = invoice_at(&w, "c", 0);
    REQUIRE(month.fee_count == 1);
    CHECK(fee_set_payment_status(&w.ctx, month.fees[0].row.id, STR("succeeded"), &view) ==
          ERR_NOT_ALLOWED);
    fault_reset(w.ctx.fault);
    CHECK(fee_set_payment_status(&w.ctx, ctx_new_id(&w.ctx), STR("succeeded"), &view) ==
          ERR_NOT_FOUND);
    fault_reset(w.ctx.fault);
    check_verify(&w);
    world_close(&w);
}

/* 3 of 5 units at 1.00 in February, then at 0.10.  4 more of February that come in March are
 * February's: 2 x 1.00 + 2 x 0.10; March begins anew. */
TEST(advance_takes_late_events_into_their_own_period)
{
    static const char tiers[] =
        "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 5, \"per_unit_amount\": \"1\", "
        "\"flat_amount\": \"0\"}, {\"from_value\": 6, \"to_value\": null, \"per_unit_amount\": "
        "\"0.1\", \"flat_amount\": \"0\"}]}";
    struct world w;
    world_open(&w);
    make_metric(&w, "gb", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("gb", "graduated", tiers)));
    send(&w, "2024-02-10T10:00:00Z", "gb", NULL, "{\"n\": 3}");
    send(&w, "2024-03-02T00:00:00Z", "gb", NULL, "{\"n\": 1}");
    send(&w, "2024-03-03T00:00:00Z", "gb", "2024-02-28T00:00:00Z", "{\"n\": 4}");
    check_fees(&w, "300 100 220");
    CHECK_AT(newest_fee(&w).row.from_at, "2024-02-01T00:00:00Z");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    check_fees(&w, "300 100 220"); /* and nothing is late of it */
    check_verify(&w);
    world_close(&w);
}

/* What is stamped in a period to come is billed when that begins. */
TEST(advance_waits_for_a_period_that_has_not_begun)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("calls", "standard", STANDARD_10)));
    send(&w, "2024-02-10T10:00:00Z", "calls", "2024-02-20T00:00:00Z", "{}"); /* in this one */
    send(&w, "2024-02-10T10:00:01Z", "calls", "2024-03-20T00:00:00Z", "{}");
    check_fees(&w, "1000");
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    check_fees(&w, "1000 1000");
    CHECK_AT(newest_fee(&w).row.from_at, "2024-03-01T00:00:00Z");
    check_verify(&w);
    world_close(&w);
}

/* Nobody looked from 10 February to 5 March: the documents are those of their own days, in order.
 */
TEST(advance_is_caught_up_in_order)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", ahead("calls", "standard", STANDARD_10));
    at(&w, "2024-02-10T10:00:00Z");
    send_event(&w, "s", "calls", NULL, "{}");
    send(&w, "2024-03-05T12:00:00Z", "calls", NULL, "{}");
    REQUIRE(invoices_of(&w, "c").count == 3);
    CHECK_AT(invoice_at(&w, "c", 0).row.billing_at, "2024-02-10T10:00:00Z");
    CHECK_AT(invoice_at(&w, "c", 1).row.billing_at, "2024-03-01T00:00:00Z");
    CHECK_AT(invoice_at(&w, "c", 2).row.billing_at, "2024-03-05T12:00:00Z");
    CHECK(str_cmp(invoice_at(&w, "c", 0).row.number, invoice_at(&w, "c", 1).row.number) < 0);
    check_verify(&w);
    world_close(&w);
}

/* Events that came before their subscription was known are billed when it is. */
TEST(advance_of_events_that_waited_for_their_subscription)
{
    struct world w;
    struct subscription_view view;
    struct charge_input charges[] = {alone(ahead("calls", "standard", STANDARD_10)),
                                     {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    at(&w, "2024-02-01T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p")}, charges);
    make_customer(&w, "c", "UTC");
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "");
    at(&w, "2024-02-11T00:00:00Z");
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){
                                     .external_customer_id = STR("c"),
                                     .external_id = STR("s"),
                                     .plan_code = STR("p"),
                                     .billing_time = STR("calendar"),
                                     .subscription_at = instant("2024-02-05T00:00:00Z"),
                                     .ending_at = TIME_NONE,
                                 },
                                 &view));
    run(&w);
    check_fees(&w, "1000");
    check_verify(&w);
    world_close(&w);
}

/* A stock of seats at 10.00.  February: +5 is 50.00.  1 March renews 5 for 50.00.  March: +2 is
 * 20.00, to 7; -3 nothing.  +1 of 20 February comes late: the sixth of February is 10.00, and in
 * March the fifth seat again, of 7 that are paid.  1 April renews 5. */
TEST(advance_renews_a_stock)
{
    struct world w;
    struct current_usage_view usage;
    world_open(&w);
    make_stock(&w, "seats", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z", ahead("seats", "standard", STANDARD_10));
    send(&w, "2024-02-10T10:00:00Z", "seats", NULL, "{\"n\": 5}");
    check_fees(&w, "5000");
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    check_fees(&w, "5000 5000");
    struct invoice_view month = invoice_at(&w, "c", 1);
    REQUIRE(month.fee_count == 2);
    CHECK_AT(month.fees[1].row.from_at, "2024-03-01T00:00:00Z");
    CHECK_AT(month.fees[1].row.to_at, "2024-04-01T00:00:00Z");
    CHECK(!month.fees[1].row.pay_in_advance);
    send(&w, "2024-03-05T00:00:00Z", "seats", NULL, "{\"n\": 2}");
    send(&w, "2024-03-06T00:00:00Z", "seats", NULL, "{\"n\": -3}");
    check_fees(&w, "5000 5000 2000 0");
    MUST(&w, current_usage_get(&w.ctx, STR("c"), STR("s"), &usage));
    CHECK_STR(decimal_text(&w.arena, usage.charges[0].fee.units), "4");
    CHECK_INT(usage.charges[0].fee.amount_minor, 7000);
    send(&w, "2024-03-07T00:00:00Z", "seats", "2024-02-20T00:00:00Z", "{\"n\": 1}");
    check_fees(&w, "5000 5000 2000 0 1000 0");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    check_fees(&w, "5000 5000 2000 0 1000 0 5000");
    check_verify(&w);
    terminate(&w, "s");
    run(&w);
    check_fees(&w, "5000 5000 2000 0 1000 0 5000"); /* paid in advance: nothing more */
    check_verify(&w);
    world_close(&w);
}

/* The same on no invoice: the renewal is a fee by itself, at once in spite of the grace period. */
TEST(advance_renews_alone)
{
    struct world w;
    world_open(&w);
    make_stock(&w, "seats", "unique_count_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("seats", "standard", STANDARD_10)));
    set_grace(&w, "c", 5);
    send(&w, "2024-02-10T10:00:00Z", "seats", NULL, "{\"n\": \"ann\"}");
    send(&w, "2024-02-11T10:00:00Z", "seats", NULL, "{\"n\": \"bob\"}");
    send(&w, "2024-02-12T10:00:00Z", "seats", NULL,
         "{\"n\": \"ann\", \"operation_type\": \"remove\"}");
    check_fees(&w, "1000 1000 0");
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    check_fees(&w, "1000 1000 0 1000"); /* bob */
    struct fee_view renewal = newest_fee(&w);
    CHECK(renewal.is_alone && renewal.row.pay_in_advance);
    CHECK_AT(renewal.row.from_at, "2024-03-01T00:00:00Z");
    CHECK_STR(invoice_at(&w, "c", 0).row.status, "draft");
    send(&w, "2024-03-02T00:00:00Z", "seats", NULL, "{\"n\": \"ann\"}");
    check_fees(&w, "1000 1000 0 1000 1000");
    at(&w, "2024-03-10T00:00:00Z");
    run(&w);
    check_fees(&w, "1000 1000 0 1000 1000");
    check_verify(&w);
    world_close(&w);
}

/* Prorated, 30.00 a month: 11 June is 20 of 30 days; the renewal is whole; 12 July 20 of 31. */
TEST(advance_is_prorated)
{
    struct charge_input charge = ahead("seats", "standard", "{\"amount\": \"30\"}");
    struct world w;
    world_open(&w);
    make_stock(&w, "seats", "unique_count_agg", "n");
    charge.prorated = true;
    begin(&w, "2024-06-05T12:12:00Z", charge);
    send(&w, "2024-06-11T10:00:00Z", "seats", NULL, "{\"n\": \"ann\"}");
    at(&w, "2024-07-01T00:00:00Z");
    run(&w);
    send(&w, "2024-07-12T10:00:00Z", "seats", NULL, "{\"n\": \"bob\"}");
    check_fees(&w, "2000 3000 1936"); /* 20/31 up to 0.64517, x 30 */
    check_verify(&w);
    world_close(&w);
}

/* A new price holds for events that come from then on; how it is billed stays as it is. */
TEST(advance_of_a_plan_that_changes)
{
    struct world w;
    struct plan_view view;
    struct charge_input dearer = {.code = STR("calls"), .properties = STR("{\"amount\": \"12\"}")};
    struct charge_input arrears = {.code = STR("calls"), .sent = CHARGE_PAY_IN_ADVANCE};
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("calls", "standard", STANDARD_10)));
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    struct plan_change change = {.code = STR("p"), .sent = PLAN_CHARGES, .effective_at = TIME_NONE};
    change.input.charges = &arrears;
    change.input.charge_count = 1;
    CHECK(plan_change(&w.ctx, &change, &view) == ERR_INVALID);
    CHECK_STR(w.ctx.fault->fields[0].field, "charges.0.pay_in_advance");
    CHECK_STR(w.ctx.fault->fields[0].code, "value_is_immutable");
    fault_reset(w.ctx.fault);
    change.input.charges = &dearer;
    MUST(&w, plan_change(&w.ctx, &change, &view));
    CHECK(view.charges[0].row.pay_in_advance && !view.charges[0].row.is_invoiceable);
    send(&w, "2024-02-11T10:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 1200"); /* 2 x 12.00 less 1 x 12.00 */
    check_verify(&w);
    world_close(&w);
}

/* 110 units, 100 of them free, at 10 %: 1.00.  Then 20 units would be 2.00; nothing is kept. */
TEST(advance_estimates)
{
    static const char free_100[] =
        "{\"rate\": \"10\", \"free_units_per_total_aggregation\": \"100\"}";
    struct world w;
    struct event_input event = {.external_subscription_id = STR("s"),
                                .code = STR("gb"),
                                .occurred_at = TIME_NONE,
                                .properties = STR("{\"n\": 20}")};
    struct event_estimate estimate = {.events = &event, .count = 1};
    world_open(&w);
    make_metric(&w, "gb", "sum_agg", "n");
    make_metric(&w, "other", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", ahead("gb", "percentage", free_100));
    at(&w, "2024-02-10T00:00:00Z");
    MUST(&w, event_estimate(&w.ctx, &estimate));
    REQUIRE(estimate.fee_count == 1);
    CHECK_INT(estimate.fees[0].row.amount_minor, 0); /* free yet */
    send(&w, "2024-02-10T10:00:00Z", "gb", NULL, "{\"n\": 110}");
    MUST(&w, event_estimate(&w.ctx, &estimate));
    CHECK_INT(estimate.fees[0].row.amount_minor, 200);
    CHECK(uuid_is_nil(estimate.fees[0].row.id));
    estimate.by_itself = true;
    MUST(&w, event_estimate(&w.ctx, &estimate));
    CHECK_INT(estimate.fees[0].row.amount_minor, 200); /* nothing is free */
    check_fees(&w, "100");
    event.code = STR("other");
    event.properties = STR("{}");
    CHECK(event_estimate(&w.ctx, &estimate) == ERR_INVALID);
    CHECK_STR(w.ctx.fault->fields[0].code, "does_not_match_an_instant_charge");
    fault_reset(w.ctx.fault);
    event.code = STR("none");
    CHECK(event_estimate(&w.ctx, &estimate) == ERR_INVALID);
    CHECK_STR(w.ctx.fault->fields[0].code, "billable_metric_not_found");
    fault_reset(w.ctx.fault);
    event.code = STR("gb");
    event.properties = STR("{\"n\": 1}");
    event.external_subscription_id = STR("nobody");
    CHECK(event_estimate(&w.ctx, &estimate) == ERR_NOT_FOUND);
    fault_reset(w.ctx.fault);
    world_close(&w);
}

/* What can't be paid event by event. */
/* ---- groups ---------------------------------------------------------------------------------- */

/* "eu 12 1150; us 4 450": group, units and amount of the one charge now. */
static struct str groups_now(struct world *w)
{
    struct current_usage_view usage;
    struct str text = STR("");
    MUST(w, current_usage_get(&w->ctx, STR("c"), STR("s"), &usage));
    REQUIRE(usage.count == 1);
    for (size_t i = 0; i < usage.charges[0].slice_count; i++) {
        const struct usage_of_slice *slice = &usage.charges[0].slices[i];
        text = arena_fmt(&w->arena, "%.*s%s%.*s %.*s %lld", STR_ARG(text), i > 0 ? "; " : "",
                         STR_ARG(group_name(&w->arena, slice->group)),
                         STR_ARG(decimal_text(&w->arena, slice->fee.units)),
                         (long long)slice->fee.amount_minor);
    }
    return text;
}

#define TIERS_BY_REGION                                                                         \
    "{\"pricing_group_keys\": [\"region\"], \"graduated_ranges\": [{\"from_value\": 0, "        \
    "\"to_value\": 10, \"per_unit_amount\": \"1\", \"flat_amount\": \"0.5\"}, {\"from_value\":" \
    " 11, \"to_value\": null, \"per_unit_amount\": \"0.5\", \"flat_amount\": \"0\"}]}"

/* Each region goes through the tiers by itself: 8 of eu 8.00 + 0.50; 4 of us 4.00 + 0.50; 4 more of
 * eu 2 x 1.00 + 2 x 0.50; 1 of nowhere 1.00 + 0.50. */
TEST(advance_of_each_group_is_its_own)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "gb", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z", ahead("gb", "graduated", TIERS_BY_REGION));
    CHECK_STR(groups_now(&w), "\xE2\x80\x93 0 0");
    send(&w, "2024-02-10T10:00:00Z", "gb", NULL, "{\"n\": 8, \"region\": \"eu\"}");
    CHECK_STR(newest_fee(&w).row.grouped_by, "{\"region\":\"eu\"}");
    send(&w, "2024-02-11T10:00:00Z", "gb", NULL, "{\"n\": 4, \"region\": \"us\"}");
    send(&w, "2024-02-12T10:00:00Z", "gb", NULL, "{\"n\": 4, \"region\": \"eu\"}");
    send(&w, "2024-02-13T10:00:00Z", "gb", NULL, "{\"n\": 1}");
    check_fees(&w, "850 450 300 150");
    CHECK_STR(newest_fee(&w).row.grouped_by, "{\"region\":null}");
    CHECK_STR(groups_now(&w), "eu 12 1150; us 4 450; \xE2\x80\x93 1 150");
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    check_fees(&w, "850 450 300 150"); /* the month's invoice bills none of it again */
    check_verify(&w);
    world_close(&w);
}

/* One event free in each group, then 5 % and 1.00: 10 x 5 % + 1.00. */
TEST(advance_frees_events_of_each_group)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "gb", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z",
          alone(ahead("gb", "percentage",
                      "{\"rate\": \"5\", \"fixed_amount\": \"1\", \"free_units_per_events\": 1, "
                      "\"pricing_group_keys\": [\"region\"]}")));
    send(&w, "2024-02-10T10:00:00Z", "gb", NULL, "{\"n\": 10, \"region\": \"eu\"}");
    send(&w, "2024-02-11T10:00:00Z", "gb", NULL, "{\"n\": 10, \"region\": \"us\"}");
    send(&w, "2024-02-12T10:00:00Z", "gb", NULL, "{\"n\": 10, \"region\": \"eu\"}");
    check_fees(&w, "0 0 150");
    check_verify(&w);
    world_close(&w);
}

/* 5 seats of eu are renewed on 1 March at 10.00 each; of us nothing is left; what it gets then is
 * new. */
TEST(advance_renews_each_group)
{
    struct world w;
    world_open(&w);
    make_stock(&w, "seats", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z",
          ahead("seats", "standard", "{\"amount\": \"10\", \"pricing_group_keys\": [\"region\"]}"));
    send(&w, "2024-02-10T10:00:00Z", "seats", NULL, "{\"n\": 5, \"region\": \"eu\"}");
    send(&w, "2024-02-11T10:00:00Z", "seats", NULL, "{\"n\": 2, \"region\": \"us\"}");
    send(&w, "2024-02-12T10:00:00Z", "seats", NULL, "{\"n\": -2, \"region\": \"us\"}");
    check_fees(&w, "5000 2000 0");
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    check_fees(&w, "5000 2000 0 5000");
    CHECK_STR(newest_fee(&w).row.grouped_by, "{\"region\":\"eu\"}");
    send(&w, "2024-03-02T10:00:00Z", "seats", NULL, "{\"n\": 1, \"region\": \"us\"}");
    check_fees(&w, "5000 2000 0 5000 1000");
    CHECK_STR(groups_now(&w), "eu 5 5000; us 1 1000");
    check_verify(&w);
    world_close(&w);
}

/* ---- prices by time and by table, units told apart ------------------------------------------- */

/* Of the one charge. */
static struct fee_row usage_now(struct world *w)
{
    struct current_usage_view usage;
    MUST(w, current_usage_get(&w->ctx, STR("c"), STR("s"), &usage));
    REQUIRE(usage.count == 1);
    return usage.charges[0].fee;
}

/* docs/guide/charges-in-advance.md, in Berlin on 1 March 2024, an hour before UTC. */
TEST(advance_prices_by_the_time_of_use)
{
    static const char windows[] =
        "{\"amount\": \"0.30\", \"windows\": [{\"name\": \"peak\", \"weekdays\": [1, 2, 3, 4, 5], "
        "\"from_hour\": 8, \"to_hour\": 20, \"amount\": \"0.50\"}, {\"name\": \"late\", "
        "\"from_hour\": "
        "22, \"to_hour\": 24, \"amount\": \"0.10\"}]}";
    struct world w;
    struct charge_input charges[] = {ahead("kwh", "time_of_use", windows),
                                     {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "kwh", "sum_agg", "n");
    at(&w, "2024-02-29T23:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 100}, charges);
    make_customer(&w, "c", "Europe/Berlin");
    subscribe(&w, "c", "s", "p", "calendar");
    send(&w, "2024-03-01T08:30:01Z", "kwh", "2024-03-01T08:30:00Z", "{\"n\": 10}");
    send(&w, "2024-03-01T19:00:01Z", "kwh", "2024-03-01T19:00:00Z", "{\"n\": 4}");
    send(&w, "2024-03-01T22:59:01Z", "kwh", "2024-03-01T22:59:00Z", "{\"n\": 6}");
    send(&w, "2024-03-02T10:00:00Z", "kwh", "2024-03-01T09:00:00Z", "{\"n\": -3}");
    send(&w, "2024-03-02T11:00:00Z", "kwh", "2024-03-01T10:00:00Z", "{\"n\": 5}");
    CHECK_STR(decimal_text(&w.arena, newest_fee(&w).row.units), "2");
    CHECK_STR(decimal_text(&w.arena, newest_fee(&w).row.total_units), "22");
    send(&w, "2024-03-02T12:00:00Z", "kwh", "2024-03-01T06:30:00Z", "{\"n\": 1}");
    check_fees(&w, "500 120 60 0 100 30");
    CHECK_STR(decimal_text(&w.arena, usage_now(&w).units), "23");
    CHECK_INT(usage_now(&w).amount_minor, 810);
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    check_fees(&w, "500 120 60 0 100 30"); /* the month's invoice bills none of it again */
    check_verify(&w);
    world_close(&w);
}

/* docs/guide/charges-in-advance.md; a size that the table does not have costs 5.00, too. */
TEST(advance_prices_by_a_table)
{
    static const char table[] =
        "{\"row_key\": \"size\", \"column_key\": \"region\", \"rows\": [\"small\", \"large\"], "
        "\"columns\": [\"eu\", \"us\"], \"amounts\": [[\"1\", \"1.20\"], [\"2.50\", \"3\"]], "
        "\"amount\": \"5\"}";
    static const struct {
        const char *name, *event;
    } sent[] = {
        {"small eu", "{\"n\": 3, \"size\": \"small\", \"region\": \"eu\"}"},
        {"large us", "{\"n\": 2, \"size\": \"large\", \"region\": \"us\"}"},
        {"less", "{\"n\": -1, \"size\": \"small\", \"region\": \"eu\"}"},
        {"small us", "{\"n\": 2, \"size\": \"small\", \"region\": \"us\"}"},
        {"asia", "{\"n\": 1, \"size\": \"small\", \"region\": \"asia\"}"},
        {"none", "{\"n\": 1}"},
    };
    struct world w;
    world_open(&w);
    make_metric(&w, "hours", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("hours", "price_table", table)));
    EACH(s, sent)
        send(&w, "2024-02-10T10:00:00Z", "hours", NULL, s->event);
    check_fees(&w, "300 600 0 240 500 500");
    CHECK_STR(decimal_text(&w.arena, usage_now(&w).units), "8"); /* 2 small in eu; 3 are paid */
    CHECK_INT(usage_now(&w).amount_minor, 2140);
    check_verify(&w);
    world_close(&w);
}

/* docs/guide/charges-in-advance.md; then 1 April renews 3 of a and 2 of b, of which b gives one
 * back. */
TEST(advance_shows_units_apart)
{
    struct world w;
    world_open(&w);
    make_stock(&w, "seats", "sum_agg", "n");
    begin(&w, "2024-03-01T00:00:00Z",
          ahead("seats", "standard",
                "{\"amount\": \"10\", \"presentation_group_keys\": [{\"value\": \"team\"}]}"));
    send(&w, "2024-03-10T10:00:00Z", "seats", NULL, "{\"n\": 3, \"team\": \"a\"}");
    CHECK_STR(newest_fee(&w).row.presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"a\"},\"units\":\"3\"}]");
    send(&w, "2024-03-11T10:00:00Z", "seats", NULL, "{\"n\": 2, \"team\": \"b\"}");
    CHECK_STR(newest_fee(&w).row.presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"b\"},\"units\":\"2\"}]");
    CHECK_STR(usage_now(&w).presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"a\"},\"units\":\"3\"},"
              "{\"presentation_by\":{\"team\":\"b\"},\"units\":\"2\"}]");
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    check_fees(&w, "3000 2000 5000");
    CHECK_STR(newest_fee(&w).row.presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"a\"},\"units\":\"3\"},"
              "{\"presentation_by\":{\"team\":\"b\"},\"units\":\"2\"}]");
    send(&w, "2024-04-11T10:00:00Z", "seats", NULL, "{\"n\": -1, \"team\": \"b\"}");
    CHECK_STR(newest_fee(&w).row.presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"b\"},\"units\":\"0\"}]");
    CHECK_STR(usage_now(&w).presentation_breakdowns,
              "[{\"presentation_by\":{\"team\":\"a\"},\"units\":\"3\"},"
              "{\"presentation_by\":{\"team\":\"b\"},\"units\":\"1\"}]");
    check_verify(&w);
    world_close(&w);
}

/* ---- a maximum ------------------------------------------------------------------------------- */

static struct charge_input at_most(int64_t minor, struct charge_input charge)
{
    charge.max_amount_minor = minor;
    return charge;
}

/* docs/guide/charges-in-advance.md: 15 of 30 days, 12.50 of 25.00; then a whole month, and the next
 * begins anew. */
TEST(advance_costs_no_more_than_its_maximum)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-06-16T10:00:00Z", at_most(2500, ahead("calls", "standard", STANDARD_10)));
    send(&w, "2024-06-20T10:00:00Z", "calls", NULL, "{}");
    send(&w, "2024-06-20T11:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 250");
    for (int i = 0; i < 4; i++)
        send(&w, "2024-07-10T10:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 250 1000 1000 500 0");
    CHECK_INT(usage_now(&w).amount_minor, 2500);
    CHECK_STR(decimal_text(&w.arena, usage_now(&w).units), "4");
    send(&w, "2024-07-11T10:00:00Z", "calls", "2024-06-30T10:00:00Z", "{}"); /* late: June's */
    send(&w, "2024-08-01T10:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 250 1000 1000 500 0 0 1000");
    check_verify(&w);
    world_close(&w);
}

/* Its own running quantity, but one maximum of the charge: 2 of eu, 1 of us, 1 of eu. */
TEST(advance_has_one_maximum_for_all_groups)
{
    struct world w;
    world_open(&w);
    make_metric(&w, "gb", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z",
          alone(at_most(2500, ahead("gb", "standard",
                                    "{\"amount\": \"10\", \"pricing_group_keys\": "
                                    "[\"region\"]}"))));
    send(&w, "2024-02-10T10:00:00Z", "gb", NULL, "{\"n\": 2, \"region\": \"eu\"}");
    send(&w, "2024-02-10T11:00:00Z", "gb", NULL, "{\"n\": 1, \"region\": \"us\"}");
    send(&w, "2024-02-10T12:00:00Z", "gb", NULL, "{\"n\": 1, \"region\": \"eu\"}");
    check_fees(&w, "2000 500 0");
    CHECK_STR(groups_now(&w), "eu 3 2000; us 1 500");
    check_verify(&w);
    world_close(&w);
}

/* 25.00 at most: 10.00 and 10.00 were paid, then a call is 4.00, of which 1.00 is left for the
 * second; and with a maximum of 15.00 nothing is left. */
TEST(advance_counts_what_was_paid_to_the_maximum)
{
    const struct plan_edit cheaper = {.kind = PLAN_PART_CHARGE,
                                      .act = PLAN_PART_CHANGE,
                                      .code = STR("calls"),
                                      .charge = {.properties = STR("{\"amount\": \"4\"}")}};
    const struct plan_edit less = {.kind = PLAN_PART_CHARGE,
                                   .act = PLAN_PART_CHANGE,
                                   .code = STR("calls"),
                                   .charge = {.sent = CHARGE_MAX_AMOUNT, .max_amount_minor = 1500}};
    struct world w;
    struct plan_part part;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", at_most(2500, ahead("calls", "standard", STANDARD_10)));
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    send(&w, "2024-02-10T11:00:00Z", "calls", NULL, "{}");
    MUST(&w, subscription_part_edit(&w.ctx, STR("s"), STR_NULL, &cheaper, &part));
    send(&w, "2024-02-11T10:00:00Z", "calls", NULL, "{}");
    send(&w, "2024-02-11T11:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 1000 400 100");
    CHECK_INT(usage_now(&w).amount_minor, 2500);
    MUST(&w, subscription_part_edit(&w.ctx, STR("s"), STR_NULL, &less, &part));
    send(&w, "2024-02-12T10:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 1000 400 100 0");
    check_verify(&w);
    world_close(&w);
}

/* At most 15.00 a month: 10.00 and 5.00 in February, 10.00 in March; as one period, 3 calls. */
TEST(advance_of_the_whole_life_has_no_maximum)
{
    struct world w;
    struct current_usage_view usage;
    struct usage_choice full = {.metric_code = STR("calls"), .is_full = true};
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", at_most(1500, ahead("calls", "standard", STANDARD_10)));
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    send(&w, "2024-02-10T11:00:00Z", "calls", NULL, "{}");
    send(&w, "2024-03-10T10:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 500 1000");
    MUST(&w, current_usage_choose(&w.ctx, STR("c"), STR("s"), &full, &usage));
    CHECK_INT(usage.charges[0].fee.amount_minor, 3000);
    world_close(&w);
}

/* 5 seats at 10.00, at most 45.00, in February and again for March, on the invoice or alone; then
 * nothing is left for a sixth. */
TEST(advance_renews_a_stock_up_to_its_maximum)
{
    for (int i = 0; i < 2; i++) {
        struct charge_input seats = at_most(4500, ahead("seats", "standard", STANDARD_10));
        struct world w;
        world_open(&w);
        make_stock(&w, "seats", "sum_agg", "n");
        begin(&w, "2024-02-01T00:00:00Z", i == 0 ? seats : alone(seats));
        send(&w, "2024-02-10T10:00:00Z", "seats", NULL, "{\"n\": 5}");
        at(&w, "2024-03-01T00:00:00Z");
        CHECK_INT(usage_now(&w).amount_minor, 4500); /* nothing was billed yet */
        run(&w);
        check_fees(&w, "4500 4500");
        send(&w, "2024-03-02T10:00:00Z", "seats", NULL, "{\"n\": 1}");
        check_fees(&w, "4500 4500 0");
        CHECK_INT(usage_now(&w).amount_minor, 4500);
        check_verify(&w);
        world_close(&w);
    }
}

/* What an event would cost beside those that were billed, and those that will be. */
TEST(advance_estimates_up_to_the_maximum)
{
    struct event_input event = {
        .external_subscription_id = STR("s"),
        .code = STR("calls"),
        .occurred_at = TIME_NONE,
        .properties = STR("{}"),
        .precise_total_amount_cents = STR_NULL,
    };
    struct event_estimate estimate = {.events = &event, .count = 1};
    struct world w;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", at_most(2500, ahead("calls", "standard", STANDARD_10)));
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    send_event(&w, "s", "calls", NULL, "{}"); /* not billed yet */
    MUST(&w, event_estimate(&w.ctx, &estimate));
    REQUIRE(estimate.fee_count == 1);
    CHECK_INT(estimate.fees[0].row.amount_minor, 500);
    world_close(&w);
}

/* A call at 10.00; the subscription's own plan has 4.00 from then on, in advance and alone still.
 */
TEST(advance_of_a_copy_of_the_plan)
{
    struct world w;
    struct plan_part part;
    const struct plan_edit edit = {.kind = PLAN_PART_CHARGE,
                                   .act = PLAN_PART_CHANGE,
                                   .code = STR("calls"),
                                   .charge = {.properties = STR("{\"amount\": \"4\"}")}};
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin(&w, "2024-02-01T00:00:00Z", alone(ahead("calls", "standard", STANDARD_10)));
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{}");
    MUST(&w, subscription_part_edit(&w.ctx, STR("s"), STR_NULL, &edit, &part));
    CHECK(part.charge->row.pay_in_advance && !part.charge->row.is_invoiceable);
    send(&w, "2024-02-11T10:00:00Z", "calls", NULL, "{}");
    check_fees(&w, "1000 400");
    CHECK(newest_fee(&w).is_alone);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    check_fees(&w, "1000 400");
    check_verify(&w);
    world_close(&w);
}

/* ---- what is to come ------------------------------------------------------------------------- */

/* "3 0.07 …": units and amount of the one charge in advance, for what is said; "none": no fee. */
static struct str estimated(struct world *w, struct charge_input charge, const char *from_day,
                            struct estimate_use use)
{
    struct plan_input plan = {.code = STR("thought"),
                              .name = STR("thought"),
                              .billing_interval = STR("monthly"),
                              .currency = STR("EUR"),
                              .charges = &charge,
                              .charge_count = 1};
    struct estimate_charge said = {.code = charge.metric_code, .use = use};
    struct plan_estimate estimate;
    struct plan_estimate_input input = {.plan = &plan,
                                        .billing_time = STR("calendar"),
                                        .from_day = DAY_NONE,
                                        .to_day = DAY_NONE,
                                        .charges = &said,
                                        .charge_count = 1};
    if (from_day != NULL)
        REQUIRE(day_parse(str_of(from_day), &input.from_day) == ERR_NONE);
    MUST(w, plan_estimate(&w->ctx, &input, &estimate));
    if (estimate.fee_count == 1)
        return STR("none");
    REQUIRE(estimate.fee_count == 2);
    const struct fee_row *fee = &estimate.fees[1].row;
    CHECK(fee->pay_in_advance && check_steps_lead(w, fee->explanation, fee) > 1);
    return arena_fmt(&w->arena, "%.*s units %lld", STR_ARG(decimal_text(&w->arena, fee->units)),
                     (long long)fee->amount_minor);
}

static struct estimate_use said_units(const char *units)
{
    return (struct estimate_use){.units = units == NULL ? DECIMAL_NONE : decimal_lit(units),
                                 .event_count = INT_NONE,
                                 .own_cents = DECIMAL_NONE};
}

#define TIERS_OF_CENTS                                                                             \
    "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 5, \"per_unit_amount\": \"0.02\", " \
    "\"flat_amount\": \"0.01\"}, {\"from_value\": 6, \"to_value\": null, \"per_unit_amount\": "    \
    "\"0.01\", \"flat_amount\": \"0.01\"}]}"
#define PEAK                                                                                    \
    "{\"amount\": \"0.30\", \"windows\": [{\"name\": \"peak\", \"from_hour\": 8, \"to_hour\": " \
    "20, \"amount\": \"0.50\"}]}"

/* The examples of docs/guide/estimates.md; nothing is stored, and a charge of which nothing is said
 * has no event, and no fee. */
TEST(advance_of_a_plan_is_estimated)
{
    const struct str ones[] = {STR("1"), STR("1"), STR("1")};
    const struct str payments[] = {STR("100"), STR("10"), STR("20"), STR("20")};
    struct estimate_cell peak = {.window = STR("peak"), .units = decimal_of(10)};
    struct world w;
    world_open(&w);
    at(&w, "2024-06-01T00:00:00Z");
    make_metric(&w, "gb", "sum_agg", "n");
    make_metric(&w, "calls", "count_agg", NULL);
    make_stock(&w, "seats", "sum_agg", "n");
    CHECK_STR(estimated(&w, ahead("gb", "graduated", TIERS_OF_CENTS), NULL, said_units("6")),
              "6 units 13");
    CHECK_STR(estimated(&w, ahead("gb", "graduated", TIERS_OF_CENTS), NULL, said_units(NULL)),
              "none");
    struct charge_input half_cents = ahead("gb", "standard", "{\"amount\": \"0.005\"}");
    CHECK_STR(estimated(&w, half_cents, NULL, said_units("3")), "3 units 2");
    struct estimate_use use = said_units(NULL);
    use.values = ones;
    use.value_count = 3;
    CHECK_STR(estimated(&w, half_cents, NULL, use), "3 units 3");
    struct charge_input share = ahead("gb", "percentage",
                                      "{\"rate\": \"5\", \"fixed_amount\": \"1\", "
                                      "\"free_units_per_total_aggregation\": \"120\"}");
    use.values = payments;
    use.value_count = 4;
    CHECK_STR(estimated(&w, share, NULL, use), "150 units 350");
    use = said_units("14");
    use.cells = &peak;
    use.cell_count = 1;
    CHECK_STR(estimated(&w, ahead("gb", "time_of_use", PEAK), NULL, use), "14 units 620");
    struct charge_input calls = at_most(2500, ahead("calls", "standard", STANDARD_10));
    CHECK_STR(estimated(&w, calls, NULL, said_units("4")), "4 units 2500");
    CHECK_STR(estimated(&w, calls, "2024-06-16", said_units("4")), "4 units 1250");
    struct charge_input seats = ahead("seats", "standard", "{\"amount\": \"30\"}");
    seats.prorated = true;
    CHECK_STR(estimated(&w, seats, "2024-06-11", said_units("1")), "1 units 2000");
    use = said_units("2");
    use.own_cents = decimal_lit("912.4");
    CHECK_STR(estimated(&w, ahead("gb", "dynamic", "{}"), NULL, use), "2 units 912");
    world_close(&w);
}

/* Of the one charge, in advance, of a month of 31 days on its tenth: "217 217.00", units and
 * amount. */
static struct str foretold(const char *metric, struct charge_input charge,
                           const char *const *events, size_t count, const char *cents)
{
    static char text[64];
    struct world w;
    struct projected_usage projected;
    world_open(&w);
    make_metric(&w, metric, charge.metric_code.ptr[0] == 'c' ? "count_agg" : "sum_agg",
                charge.metric_code.ptr[0] == 'c' ? NULL : "n");
    begin(&w, "2024-03-01T00:00:00Z", charge);
    at(&w, "2024-03-10T12:00:00Z");
    for (size_t i = 0; i < count; i++) {
        struct event_result result;
        struct event_input event = {
            .transaction_id = arena_fmt(&w.arena, "e%zu", i),
            .external_subscription_id = STR("s"),
            .code = str_of(metric),
            .occurred_at = instant("2024-03-05T10:00:00Z"),
            .properties = str_of(events[i]),
            .precise_total_amount_cents = cents == NULL ? STR_NULL : str_of(cents),
        };
        MUST(&w, ingest_now(&w.ctx, &event, 1, false, &result));
        if (i == 0)
            run(&w); /* the others are not billed yet */
    }
    MUST(&w, projected_usage_get(&w.ctx, STR("c"), STR("s"), &projected));
    REQUIRE(projected.projected.count == 1);
    const struct fee_row *fee = &projected.projected.charges[0].fee;
    snprintf(text, sizeof text, "%.*s units %lld", STR_ARG(decimal_text(&w.arena, fee->units)),
             (long long)fee->amount_minor);
    world_close(&w);
    return str_of(text);
}

/* The examples of docs/guide/usage.md. */
TEST(advance_is_foretold)
{
    static const char *const calls[] = {"{}", "{}", "{}", "{}", "{}", "{}", "{}"};
    static const char *const payments[] = {"{\"n\": 50}", "{\"n\": 50}"};
    static const char *const gb[] = {"{\"n\": 2}", "{\"n\": 3}"};
    static const char *const hours[] = {"{\"n\": 10, \"size\": \"small\", \"region\": \"eu\"}",
                                        "{\"n\": 2}"};
    CHECK_STR(foretold("calls", ahead("calls", "standard", STANDARD_10), calls, 7, NULL),
              "21.7 units 21700");
    CHECK_STR(
        foretold("calls", at_most(10000, ahead("calls", "standard", STANDARD_10)), calls, 7, NULL),
        "21.7 units 10000");
    CHECK_STR(foretold("gb",
                       ahead("gb", "percentage", "{\"rate\": \"5\", \"fixed_amount\": \"1\"}"),
                       payments, 2, NULL),
              "310 units 2250");
    CHECK_STR(foretold("gb",
                       ahead("gb", "graduated",
                             "{\"graduated_ranges\": [{\"from_value\": 0, \"to_value\": 10, "
                             "\"per_unit_amount\": \"10\", \"flat_amount\": \"2\"}, "
                             "{\"from_value\": 11, \"to_value\": null, \"per_unit_amount\": "
                             "\"5\", \"flat_amount\": \"3\"}]}"),
                       gb, 2, NULL),
              "15.5 units 13250");
    CHECK_STR(foretold("gb",
                       ahead("gb", "price_table",
                             "{\"row_key\": \"size\", \"column_key\": \"region\", \"rows\": "
                             "[\"small\"], \"columns\": [\"eu\"], \"amounts\": [[\"0.50\"]], "
                             "\"amount\": \"0.30\"}"),
                       hours, 2, NULL),
              "37.2 units 1736");
    CHECK_STR(foretold("gb", ahead("gb", "dynamic", "{}"), payments, 2, "500"), "310 units 3100");
}

/* ---- what verify notices --------------------------------------------------------------------- */

/* Calls of 10.00 each and seats: five fees, one event that waits for its period, and the seats'
 * renewal; then what `sql` does is found in these words. */
static void check_found(const char *sql, const char *wanted)
{
    struct world w;
    struct findings findings = {.len = 0};
    struct verify_result result;
    struct charge_input charges[] = {alone(ahead("calls", "standard", STANDARD_10)),
                                     alone(ahead("seats", "standard", STANDARD_10)),
                                     {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    make_stock(&w, "seats", "sum_agg", "n");
    at(&w, "2024-02-01T00:00:00Z");
    sell(&w, (struct plan_input){.amount_minor = 100}, charges);
    send(&w, "2024-02-10T10:00:00Z", "calls", NULL, "{\"one\": 1}");
    send(&w, "2024-02-11T10:00:00Z", "calls", NULL, "{\"two\": 2}");
    send(&w, "2024-02-12T10:00:00Z", "seats", NULL, "{\"n\": 5}");
    send(&w, "2024-03-02T10:00:00Z", "seats", NULL, "{\"n\": 1}");
    send(&w, "2024-03-03T10:00:00Z", "calls", NULL, "{\"three\": 3}");
    send(&w, "2024-03-04T10:00:00Z", "calls", "2024-04-20T00:00:00Z", "{\"four\": 4}");
    check_verify(&w);
    tamper(&w, sql);
    MUST(&w, verify_books(&w.ctx, gather, &findings, &result));
    if (result.findings == 0 || strstr(findings.text, wanted) == NULL)
        printf("    wanted: %s\n    found: %s", wanted, findings.text);
    CHECK(result.findings > 0 && strstr(findings.text, wanted) != NULL);
    world_close(&w);
}

#define EVENT_OF(what) "(SELECT id FROM event WHERE properties LIKE '%\"" what "\"%')"

TEST(advance_verify_names_what_is_wrong)
{
    // clang-format off
    static const struct { const char *name, *sql, *wanted; } cases[] = {
        {"a fee is gone", "DELETE FROM fee WHERE usage_event_id = " EVENT_OF("two"),
         "of calls, subscription s: charge calls has no fee of it for the period from 2024-02-01T00:00:00Z to 2024-03-01T00:00:00Z, and none is to come"},
        {"the only fee of a period is gone", "DELETE FROM fee WHERE usage_event_id = " EVENT_OF("three"),
         "charge calls has no fee of it for the period from 2024-03-01T00:00:00Z to 2024-04-01T00:00:00Z"},
        {"a note is gone", "DELETE FROM advance_event",
         "charge calls has no fee of it for the period from 2024-04-01T00:00:00Z to 2024-05-01T00:00:00Z"},
        {"another amount", "UPDATE fee SET amount_minor = 999 WHERE usage_event_id = " EVENT_OF("one"),
         "(calls) is 999 (10), derived again it is 1000 (10)"},
        {"other units", "UPDATE fee SET units = '2' WHERE usage_event_id = " EVENT_OF("one"),
         "(calls) has 2 units of 1 events, derived again 1 of 1"},
        {"an event is slipped in", "INSERT INTO event (day, customer_id, subscription_id, metric_id, occurred_at, id, transaction_id, properties, seq, received_at, precise_total_cents) SELECT day, customer_id, subscription_id, metric_id, occurred_at + 1, customer_id, 'x', properties, seq, received_at, precise_total_cents "
         "FROM event WHERE properties LIKE '%two%'",
         "of calls, subscription s: charge calls has no fee of it for the period from 2024-02-01T00:00:00Z to 2024-03-01T00:00:00Z"},
        {"an event is gone", "DELETE FROM event WHERE properties LIKE '%one%'", "(calls) bills nothing that was there"},
        {"all totals are gone", "DELETE FROM usage_day", "(seats) bills nothing that was there"},
        {"a renewal is gone", "DELETE FROM fee WHERE pay_in_advance AND usage_event_id IS NULL", "a fee for the stock of seats (seats) of 5000 at 2024-03-01T00:00:00Z is missing"},
        {"a renewal of another amount", "UPDATE fee SET amount_minor = 1 WHERE pay_in_advance AND usage_event_id IS NULL", "(seats) is 1 (50), derived again it is 5000 (50)"},
    };
    // clang-format on
    EACH(c, cases)
        check_found(c->sql, c->wanted);
}

/* A plan without the charge for February and half of March: what came then is counted, and so it is
 * known of what comes after that it has a fee.  A late seat of the time before has none in any
 * period. */
TEST(advance_verify_knows_what_had_not_to_be_billed)
{
    struct world w;
    struct findings findings = {.len = 0};
    struct verify_result result;
    struct charge_input seats[] = {ahead("seats", "standard", STANDARD_10),
                                   {.metric_code = STR_NULL}};
    struct charge_input none[] = {{.metric_code = STR_NULL}};
    world_open(&w);
    make_stock(&w, "seats", "sum_agg", "n");
    at(&w, "2024-02-01T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("other"), .amount_minor = 1}, seats);
    sell(&w, (struct plan_input){.amount_minor = 100}, none);
    send(&w, "2024-02-10T10:00:00Z", "seats", NULL, "{\"n\": 1}");
    send(&w, "2024-02-11T10:00:00Z", "seats", NULL, "{\"n\": 1}");
    send(&w, "2024-03-02T10:00:00Z", "seats", NULL, "{\"n\": 1}");
    send(&w, "2024-03-03T10:00:00Z", "seats", "2024-02-20T00:00:00Z", "{\"n\": 1}");
    check_books(&w);
    tamper(&w, "UPDATE advance_passed SET event_count = 2 WHERE event_count = 3");
    MUST(&w, verify_books(&w.ctx, gather, &findings, &result));
    CHECK(strstr(findings.text, "2 events of seats came in the period from "
                                "2024-02-01T00:00:00Z when no charge in advance was there, "
                                "but 3 have no fee") != NULL);
    tamper(&w, "UPDATE advance_passed SET event_count = 3 WHERE event_count = 2;"
               "DELETE FROM advance_passed WHERE event_count = 1");
    findings.len = 0;
    MUST(&w, verify_books(&w.ctx, gather, &findings, &result));
    CHECK_INT(result.findings, 1);
    CHECK(strstr(findings.text, "charge in advance has no fee of it for the period from "
                                "2024-03-01T00:00:00Z") != NULL);
    world_close(&w);
}

/* 5 seats of February, renewed in March; then the plan has no seats any more.  One of February that
 * comes after that is the sixth of February's plan, and in March there is no charge for it. */
TEST(advance_verify_knows_a_charge_that_went)
{
    struct world w;
    struct plan_view view;
    world_open(&w);
    make_stock(&w, "seats", "sum_agg", "n");
    begin(&w, "2024-02-01T00:00:00Z", ahead("seats", "standard", STANDARD_10));
    send(&w, "2024-02-10T10:00:00Z", "seats", NULL, "{\"n\": 5}");
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    at(&w, "2024-03-10T00:00:00Z");
    struct plan_change change = {.code = STR("p"), .sent = PLAN_CHARGES, .effective_at = TIME_NONE};
    MUST(&w, plan_change(&w.ctx, &change, &view));
    CHECK_INT(view.charge_count, 0);
    send(&w, "2024-03-11T00:00:00Z", "seats", "2024-02-20T00:00:00Z", "{\"n\": 1}");
    check_fees(&w, "5000 5000 1000");
    check_verify(&w);
    world_close(&w);
}

TEST(advance_refuses)
{
    static const struct {
        const char *name, *metric, *model, *properties;
        struct charge_input more;
        const char *field, *code;
    } cases[] = {
        {"volume",
         "calls",
         "volume",
         "{\"volume_ranges\": [{\"from_value\": 0, \"to_value\": null, \"per_unit_amount\": "
         "\"1\", \"flat_amount\": \"0\"}]}",
         {.pay_in_advance = true},
         "charges.0.pay_in_advance",
         "invalid_aggregation_type_or_charge_model"},
        {"a greatest value",
         "peak",
         "standard",
         STANDARD_10,
         {.pay_in_advance = true},
         "charges.0.pay_in_advance",
         "invalid_aggregation_type_or_charge_model"},
        {"a stock by time",
         "seats",
         "time_of_use",
         "{\"amount\": \"1\", \"windows\": [{\"name\": \"a\", \"from_hour\": 0, \"to_hour\": 1, "
         "\"amount\": \"2\"}]}",
         {.pay_in_advance = true},
         "charges.0.billable_metric_code",
         "value_is_invalid"},
        {"a minimum",
         "calls",
         "standard",
         STANDARD_10,
         {.pay_in_advance = true, .min_amount_minor = 1},
         "charges.0.min_amount_cents",
         "not_compatible_with_pay_in_advance"},
        {"alone in arrears",
         "calls",
         "standard",
         STANDARD_10,
         {.sent = CHARGE_INVOICEABLE},
         "charges.0.invoiceable",
         "value_is_invalid"},
        {"prorated, no stock",
         "calls",
         "standard",
         STANDARD_10,
         {.pay_in_advance = true, .prorated = true},
         "charges.0.prorated",
         "invalid_billable_metric_or_charge_model"},
    };
    struct world w;
    world_open(&w);
    at(&w, "2024-02-01T00:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    make_metric(&w, "peak", "max_agg", "n");
    make_stock(&w, "seats", "sum_agg", "n");
    EACH(c, cases) {
        struct charge_input charge = c->more;
        struct plan_view view;
        charge.metric_code = str_of(c->metric);
        charge.charge_model = str_of(c->model);
        charge.properties = str_of(c->properties);
        CHECK(plan_create(&w.ctx,
                          &(struct plan_input){.code = STR("p"),
                                               .name = STR("p"),
                                               .billing_interval = STR("monthly"),
                                               .currency = STR("EUR"),
                                               .charges = &charge,
                                               .charge_count = 1},
                          &view) != ERR_NONE);
        REQUIRE(w.ctx.fault->field_count == 1);
        CHECK_STR(w.ctx.fault->fields[0].field, c->field);
        CHECK_STR(w.ctx.fault->fields[0].code, c->code);
        fault_reset(w.ctx.fault);
    }
    world_close(&w);
}
