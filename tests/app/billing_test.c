/* Billing, from subscriptions and events to invoices; amounts worked out by hand. */
#include "tests/app/world.h"

#include "app/subscription_due.h"
#include "store/sql/ledger.h"

TEST(a_month_in_arrears_from_the_middle)
{
    struct world w;
    world_open(&w);
    at(&w, "2023-02-04T10:00:00Z");
    sell(&w, (struct plan_input){.amount_minor = 1000}, NULL);
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 0);
    at(&w, "2023-03-01T00:00:00Z");
    run(&w);
    run(&w); /* again: nothing more */
    CHECK_INT(invoices_of(&w, "c").count, 1);
    struct invoice_view first = invoice_at(&w, "c", 0);
    CHECK_INT(first.row.total_amount_minor, 893); /* 25 of 28 days of 10.00 */
    CHECK_STR(first.row.status, "finalized");
    CHECK_STR(first.row.number, "BIL-001-001");
    CHECK_DAY(first.row.issuing_day, "2023-03-01");
    REQUIRE(first.period_count == 1);
    CHECK_AT(first.periods[0].row.from_at, "2023-02-04T00:00:00Z");
    CHECK_AT(first.periods[0].row.to_at, "2023-03-01T00:00:00Z");
    CHECK_AT(first.periods[0].row.charges_from_at, "2023-02-04T10:00:00Z");
    CHECK_AT(first.periods[0].row.charges_to_at, "2023-03-01T00:00:00Z");
    world_close(&w);
}

TEST(missed_months_are_made_up_for_in_order_and_dated_as_they_should_have_been)
{
    struct world w;
    world_open(&w);
    at(&w, "2024-01-31T01:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 3100}, NULL);
    make_customer(&w, "c", "UTC");
    subscribe(&w, "c", "s", "p", "anniversary");
    at(&w, "2024-04-30T02:00:00Z");
    struct billing_progress progress = run(&w);
    CHECK_INT(progress.invoices_made, 3);
    CHECK_INT(progress.invoices_finalized, 3);
    static const char *days[] = {"2024-02-29", "2024-03-31", "2024-04-30"};
    struct invoices all = invoices_of(&w, "c");
    REQUIRE(all.count == 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_DAY(all.views[i].row.issuing_day, days[i]);
        CHECK_INT(all.views[i].row.sequential_id, (int64_t)i + 1);
        CHECK_INT(all.views[i].row.total_amount_minor, 3100);
    }
    world_close(&w);
}

TEST(an_advance_plan_is_billed_at_its_start_and_charges_afterwards)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"0.5\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    at(&w, "2023-06-16T20:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    make_plan(&w,
              (struct plan_input){.code = STR("p"),
                                  .billing_interval = STR("weekly"),
                                  .amount_minor = 700,
                                  .pay_in_advance = true},
              charges);
    make_customer(&w, "c", "Europe/Paris");
    subscribe(&w, "c", "s", "p", "calendar");
    struct invoice_view first = invoice_at(&w, "c", 0);
    CHECK_INT(first.row.total_amount_minor, 300); /* Friday 22:00 there: 3 of 7 days */
    CHECK_DAY(first.row.issuing_day, "2023-06-16");
    CHECK_STR(first.periods[0].row.invoicing_reason, "subscription_starting");
    CHECK_AT(first.periods[0].row.charges_from_at, "");

    send_event(&w, "s", "calls", "2023-06-17T00:00:00Z", "{}");
    send_event(&w, "s", "calls", "2023-06-18T21:59:59Z", "{}"); /* the last second of the week */
    send_event(&w, "s", "calls", "2023-06-18T22:00:00Z", "{}"); /* Monday there */
    at(&w, "2023-06-18T22:00:00Z");
    run(&w);
    struct invoice_view second = invoice_at(&w, "c", 1);
    CHECK_INT(second.row.total_amount_minor, 800); /* a week ahead and two calls */
    CHECK_DAY(second.row.issuing_day, "2023-06-19");
    REQUIRE(second.fee_count == 2);
    CHECK_STR(second.fees[0].row.fee_type, "subscription");
    CHECK_STR(second.fees[1].row.fee_type, "charge");
    CHECK_INT(second.fees[1].row.event_count, 2);
    CHECK_INT(second.fees[1].row.amount_minor, 100);
    CHECK_INT(second.fees[1].row.event_seq, 4); /* the new subscription took 1, the events 2 to 4 */
    CHECK_AT(second.periods[0].row.charges_from_at, "2023-06-16T20:00:00Z");
    CHECK_AT(second.periods[0].row.charges_to_at, "2023-06-18T22:00:00Z");
    world_close(&w);
}

TEST(an_end_bills_the_days_begun_and_the_usage)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("items"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"1\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    at(&w, "2025-02-08T00:00:00Z");
    make_tax(&w, "vat", "20", true);
    make_metric(&w, "items", "sum_agg", "item_count");
    sell(&w, (struct plan_input){.amount_minor = 10000}, charges);
    at(&w, "2025-02-10T00:00:00Z");
    for (int i = 0; i < 5; i++)
        send_event(&w, "s", "items", NULL, "{\"item_count\":10}");
    at(&w, "2025-02-21T00:00:00Z");
    terminate(&w, "s");
    struct invoice_view last = invoice_at(&w, "c", 0);
    CHECK_STR(last.row.status, "finalized");
    CHECK_INT(last.row.fees_amount_minor, 10000); /* 14 of 28 days, and 50 items */
    CHECK_INT(last.row.taxes_amount_minor, 2000);
    CHECK_INT(last.row.total_amount_minor, 12000);
    CHECK_STR(last.periods[0].row.invoicing_reason, "subscription_terminating");
    REQUIRE(last.fee_count == 2 && last.tax_count == 1);
    CHECK_INT(last.fees[0].row.amount_minor, 5000);
    CHECK_INT(last.fees[0].row.taxes_amount_minor, 1000);
    CHECK_INT(last.taxes[0].fees_amount_minor, 10000);
    /* Exclusive: the instant of the end itself is billed. */
    CHECK_AT(last.periods[0].row.charges_to_at, "2025-02-21T00:00:00.000001Z");
    at(&w, "2025-03-05T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1);
    world_close(&w);
}

TEST(an_end_after_a_missed_billing_day_bills_that_first)
{
    struct world w;
    world_open(&w);
    at(&w, "2023-09-01T00:00:00Z");
    sell(&w, (struct plan_input){.amount_minor = 3000}, NULL);
    at(&w, "2023-10-03T12:00:00Z");
    terminate(&w, "s");
    run(&w); /* gives the missed one its number */
    struct invoices all = invoices_of(&w, "c");
    REQUIRE(all.count == 2);
    int64_t sum = all.views[0].row.total_amount_minor + all.views[1].row.total_amount_minor;
    CHECK_INT(sum, 3290); /* September, and 3 of 31 days: 290 */
    world_close(&w);
}

TEST(an_end_known_beforehand_comes_by_its_local_day)
{
    static const struct {
        const char *name;
        const char *timezone, *ending_at, *until;
        int64_t total;
        const char *issuing_day;
    } cases[] = {
        {"Paris", "Europe/Paris", "2023-09-06T00:00:00Z", "2023-09-06T00:15:00Z", 67, "2023-09-06"},
        {"Bangkok", "Asia/Bangkok", "2023-09-06T00:00:00Z", "2023-09-06T00:15:00Z", 67,
         "2023-09-06"},
        {"Bogota", "America/Bogota", "2023-09-06T00:00:00Z", "2023-09-06T00:15:00Z", 67,
         "2023-09-05"},
        {"billing day", "UTC", "2023-10-05T00:00:00Z", "2023-10-05T00:15:00Z", 1000, "2023-10-05"},
        {"same day", "UTC", "2023-09-05T10:00:00Z", "2023-09-05T10:00:00Z", 33, "2023-09-05"},
    };
    EACH(c, cases) {
        struct world w;
        struct subscription_view view;
        world_open(&w);
        at(&w, "2023-09-05T00:00:00Z");
        make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 1000}, NULL);
        make_customer(&w, "c", c->timezone);
        MUST(&w, subscription_create(&w.ctx,
                                     &(struct subscription_input){
                                         .external_customer_id = STR("c"),
                                         .external_id = STR("s"),
                                         .plan_code = STR("p"),
                                         .billing_time = STR("anniversary"),
                                         .subscription_at = TIME_NONE,
                                         .ending_at = instant(c->ending_at),
                                     },
                                     &view));
        run(&w);
        CHECK_INT(invoices_of(&w, "c").count, 0);
        at(&w, c->until);
        run(&w);
        struct invoices all = invoices_of(&w, "c");
        REQUIRE(all.count == 1);
        CHECK_INT(all.views[0].row.total_amount_minor, c->total);
        CHECK_DAY(all.views[0].row.issuing_day, c->issuing_day);
        MUST(&w, subscription_get(&w.ctx, STR("s"), STR("terminated"), &view));
        world_close(&w);
    }
}

TEST(a_subscription_that_waits_starts_when_its_time_comes)
{
    struct world w;
    struct subscription_view view;
    world_open(&w);
    at(&w, "2023-08-24T00:07:00Z");
    make_plan(&w,
              (struct plan_input){.code = STR("p"), .amount_minor = 3100, .pay_in_advance = true},
              NULL);
    make_customer(&w, "c", "America/Bogota");
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){
                                     .external_customer_id = STR("c"),
                                     .external_id = STR("s"),
                                     .plan_code = STR("p"),
                                     .subscription_at = instant("2023-08-25T10:00:00Z"),
                                     .ending_at = TIME_NONE,
                                 },
                                 &view));
    CHECK_STR(view.row.status, "pending");
    at(&w, "2023-08-25T09:59:59Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 0);
    at(&w, "2023-08-25T10:00:00Z");
    run(&w);
    MUST(&w, subscription_get(&w.ctx, STR("s"), STR("active"), &view));
    CHECK_AT(view.row.started_at, "2023-08-25T10:00:00Z");
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 700); /* 7 of 31 days */
    world_close(&w);
}

/* Its time has come, but no run has started it yet. */
TEST(usage_of_a_subscription_that_waits_is_counted_once_it_starts)
{
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"1\"}")},
                                           {.metric_code = STR_NULL}};
    struct world w;
    struct subscription_view view;
    world_open(&w);
    at(&w, "2024-01-20T00:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    make_plan(&w, (struct plan_input){.code = STR("p")}, charges);
    make_customer(&w, "c", "UTC");
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){
                                     .external_customer_id = STR("c"),
                                     .external_id = STR("s"),
                                     .plan_code = STR("p"),
                                     .subscription_at = instant("2024-02-01T00:00:00Z"),
                                     .ending_at = TIME_NONE,
                                 },
                                 &view));
    send_event(&w, "s", "calls", "2024-02-05T00:00:00Z", "{}"); /* of the future */
    at(&w, "2024-02-10T00:00:00Z");
    send_event(&w, "s", "calls", "2024-02-09T00:00:00Z", "{}");
    send_event(&w, "s", "calls", "2024-01-31T23:59:59Z", "{}"); /* before it starts */
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 200);
    world_close(&w);
}

TEST(a_draft_counts_what_comes_in_its_grace_period)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("usage"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"5\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    at(&w, "2023-07-19T12:12:00Z");
    make_metric(&w, "usage", "sum_agg", "amount");
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 12900}, charges);
    make_customer(&w, "c", "UTC");
    set_grace(&w, "c", 5);
    subscribe(&w, "c", "s", "p", "anniversary");
    send_event(&w, "s", "usage", "2023-07-23T10:12:00Z", "{\"amount\":0}");
    at(&w, "2023-08-19T12:12:00Z");
    run(&w);
    struct invoice_view draft = invoice_at(&w, "c", 0);
    CHECK_STR(draft.row.status, "draft");
    CHECK(str_is_null(draft.row.number));
    CHECK_INT(draft.row.total_amount_minor, 12900);
    REQUIRE(draft.fee_count == 2); /* where there were events there is a fee, also of 0 */
    CHECK_INT(draft.fees[1].row.amount_minor, 0);
    CHECK_DAY(draft.row.issuing_day, "2023-08-24");

    send_event(&w, "s", "usage", "2023-08-18T23:00:00Z", "{\"amount\":2}");
    send_event(&w, "s", "usage", "2023-08-19T00:00:00Z", "{\"amount\":7}"); /* the next period's */
    MUST(&w, invoice_refresh(&w.ctx, draft.row.id, &draft));
    CHECK_INT(draft.row.total_amount_minor, 13900);
    send_event(&w, "s", "usage", "2023-08-18T23:30:00Z", "{\"amount\":1}");
    at(&w, "2023-08-24T00:00:00Z");
    run(&w);
    MUST(&w, invoice_get(&w.ctx, draft.row.id, &draft));
    CHECK_STR(draft.row.status, "finalized");
    CHECK_INT(draft.row.total_amount_minor, 14400);
    CHECK_STR(draft.row.number, "BIL-001-001");
    CHECK_INT(invoices_of(&w, "c").count, 1);
    CHECK(invoice_finalize(&w.ctx, draft.row.id, &draft) == ERR_NOT_ALLOWED);
    world_close(&w);
}

TEST(finalizing_by_hand_issues_today)
{
    struct world w;
    world_open(&w);
    at(&w, "2023-08-01T12:00:00Z");
    make_plan(&w,
              (struct plan_input){.code = STR("p"), .amount_minor = 100, .pay_in_advance = true},
              NULL);
    make_customer(&w, "c", "UTC");
    set_grace(&w, "c", 60);
    subscribe(&w, "c", "s", "p", "calendar");
    struct invoice_view view = invoice_at(&w, "c", 0);
    CHECK_STR(view.row.status, "draft");
    at(&w, "2023-08-05T12:00:00Z");
    MUST(&w, invoice_finalize(&w.ctx, view.row.id, &view));
    CHECK_STR(view.row.status, "finalized");
    CHECK_DAY(view.row.issuing_day, "2023-08-05");
    CHECK_AT(view.row.finalized_at, "2023-08-05T12:00:00Z");
    world_close(&w);
}

TEST(no_grace_any_more_makes_drafts_final)
{
    struct world w;
    world_open(&w);
    at(&w, "2022-12-15T00:00:00Z");
    make_plan(&w,
              (struct plan_input){.code = STR("p"), .amount_minor = 100, .pay_in_advance = true},
              NULL);
    make_customer(&w, "c", "UTC");
    set_grace(&w, "c", 30);
    subscribe(&w, "c", "s", "p", "calendar");
    at(&w, "2022-12-20T08:00:00Z");
    run(&w);
    CHECK_STR(invoice_at(&w, "c", 0).row.status, "draft");
    set_grace(&w, "c", 0);
    run(&w);
    struct invoice_view view = invoice_at(&w, "c", 0);
    CHECK_STR(view.row.status, "finalized");
    CHECK_DAY(view.row.issuing_day, "2022-12-20"); /* not before the change that made it final */
    world_close(&w);
}

TEST(a_changed_zone_moves_what_is_to_come_and_bills_nothing_twice)
{
    struct world w;
    struct customer_view customer;
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"1\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 3100}, charges);
    make_customer(&w, "c", "UTC");
    set_grace(&w, "c", 5);
    subscribe(&w, "c", "s", "p", "calendar");
    send_event(&w, "s", "calls", "2024-01-31T23:00:00Z", "{}");
    send_event(&w, "s", "calls", "2024-02-01T03:00:00Z", "{}"); /* 31 January in New York */
    send_event(&w, "s", "calls", "2024-02-15T00:00:00Z", "{}");
    at(&w, "2024-02-01T01:00:00Z");
    run(&w);
    MUST(&w, customer_save(&w.ctx,
                           &(struct customer_input){.sent = CUSTOMER_TIMEZONE,
                                                    .external_id = STR("c"),
                                                    .timezone = STR("America/New_York")},
                           &customer));
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1);
    struct invoice_view draft = invoice_at(&w, "c", 0);
    MUST(&w, invoice_refresh(&w.ctx, draft.row.id, &draft));
    CHECK_INT(draft.row.total_amount_minor, 3200); /* January as it was, by UTC */
    at(&w, "2024-03-01T04:59:59Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1);
    at(&w, "2024-03-01T05:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 2);
    CHECK_INT(invoice_at(&w, "c", 1).row.total_amount_minor, 3300); /* from where it left off */
    world_close(&w);
}

TEST(all_subscriptions_of_one_day_share_an_invoice)
{
    struct world w;
    world_open(&w);
    at(&w, "2023-01-01T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 1000}, NULL);
    make_plan(&w, (struct plan_input){.code = STR("q"), .amount_minor = 500}, NULL);
    make_customer(&w, "c", "UTC");
    subscribe(&w, "c", "s1", "p", "calendar");
    subscribe(&w, "c", "s2", "q", "calendar");
    at(&w, "2023-02-01T00:00:00Z");
    run(&w);
    REQUIRE(invoices_of(&w, "c").count == 1);
    struct invoice_view view = invoice_at(&w, "c", 0);
    CHECK_INT(view.row.total_amount_minor, 1500);
    CHECK_INT(view.period_count, 2);
    CHECK_INT(view.fee_count, 2);
    world_close(&w);
}

TEST(a_zero_invoice_is_kept_but_not_shown_where_policy_says_so)
{
    struct world w;
    struct customer_view customer;
    world_open(&w);
    at(&w, "2023-01-01T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 0}, NULL);
    make_customer(&w, "c", "UTC");
    make_customer(&w, "d", "UTC");
    MUST(&w, customer_save(&w.ctx,
                           &(struct customer_input){.sent = CUSTOMER_ZERO_AMOUNT_POLICY,
                                                    .external_id = STR("c"),
                                                    .zero_amount_policy = STR("skip")},
                           &customer));
    subscribe(&w, "c", "s", "p", "calendar");
    subscribe(&w, "d", "t", "p", "calendar");
    at(&w, "2023-02-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 0);
    struct invoice_view view = invoice_at(&w, "d", 0);
    CHECK_STR(view.row.status, "finalized");
    CHECK_STR(view.row.payment_status, "succeeded");
    at(&w, "2023-03-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 0);
    CHECK_INT(invoices_of(&w, "d").count, 2);
    world_close(&w);
}

TEST(a_year_with_usage_billed_by_the_month)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"1\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    at(&w, "2024-01-31T01:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    make_plan(&w,
              (struct plan_input){.code = STR("p"),
                                  .billing_interval = STR("yearly"),
                                  .amount_minor = 36600,
                                  .bill_charges_monthly = true},
              charges);
    make_customer(&w, "c", "UTC");
    subscribe(&w, "c", "s", "p", "anniversary");
    send_event(&w, "s", "calls", "2024-02-01T00:00:00Z", "{}");
    at(&w, "2025-01-31T02:00:00Z");
    run(&w);
    struct invoices all = invoices_of(&w, "c");
    REQUIRE(all.count == 12);
    struct invoice_view first = invoice_at(&w, "c", 0);
    CHECK_INT(first.row.total_amount_minor, 100);
    CHECK_DAY(first.row.issuing_day, "2024-02-29");
    CHECK_AT(first.periods[0].row.from_at, "");
    CHECK_AT(first.periods[0].row.charges_to_at, "2024-02-29T00:00:00Z");
    struct invoice_view last = invoice_at(&w, "c", 11);
    CHECK_INT(last.row.total_amount_minor, 36600);
    CHECK_AT(last.periods[0].row.from_at, "2024-01-31T00:00:00Z");
    CHECK_AT(last.periods[0].row.to_at, "2025-01-31T00:00:00Z");
    CHECK_AT(last.periods[0].row.charges_from_at, "2024-12-31T00:00:00Z");
    world_close(&w);
}

TEST(taxes_of_the_charge_before_those_of_plan_customer_and_entity)
{
    struct world w;
    const struct str plan_taxes[] = {STR("plan_rate")};
    const struct str charge_taxes[] = {STR("none")};
    const struct charge_input charges[] = {{.metric_code = STR("transfers"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"1\"}"),
                                            .tax_codes = charge_taxes,
                                            .tax_code_count = 1},
                                           {.metric_code = STR("cards"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\":\"30\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    at(&w, "2023-01-01T00:00:00Z");
    make_tax(&w, "plan_rate", "10", false);
    make_tax(&w, "none", "0", false);
    make_tax(&w, "entity_rate", "20", true);
    make_metric(&w, "transfers", "sum_agg", "total");
    make_metric(&w, "cards", "count_agg", NULL);
    make_plan(
        &w,
        (struct plan_input){
            .code = STR("p"), .amount_minor = 10000, .tax_codes = plan_taxes, .tax_code_count = 1},
        charges);
    make_plan(&w, (struct plan_input){.code = STR("q"), .amount_minor = 1005}, NULL);
    make_customer(&w, "c", "UTC");
    subscribe(&w, "c", "s", "p", "calendar");
    subscribe(&w, "c", "t", "q", "calendar");
    send_event(&w, "s", "transfers", NULL, "{\"total\":50}");
    send_event(&w, "s", "cards", NULL, "{}");
    at(&w, "2023-02-01T00:00:00Z");
    run(&w);
    struct invoice_view view = invoice_at(&w, "c", 0);
    REQUIRE(view.fee_count == 4);
    CHECK_INT(view.fees[0].row.taxes_amount_minor, 1000); /* 100.00 at 10% */
    CHECK_INT(view.fees[1].row.taxes_amount_minor, 0);    /* 50.00 at 0% */
    CHECK_INT(view.fees[2].row.taxes_amount_minor, 300);  /* 30.00 at the plan's 10% */
    CHECK_INT(view.fees[3].row.taxes_amount_minor, 201);  /* 10.05 at the entity's 20% */
    CHECK_INT(view.row.fees_amount_minor, 19005);
    CHECK_INT(view.row.taxes_amount_minor, 1501);
    CHECK_INT(view.row.total_amount_minor, 20506);
    CHECK_INT(view.tax_count, 3);
    world_close(&w);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void set_numbering(struct world *w, const char *numbering, const char *prefix)
{
    struct billing_entity_view view;
    MUST(w, billing_entity_change(&w->ctx,
                                  &(struct billing_entity_input){
                                      .sent = ENTITY_DOCUMENT_NUMBERING |
                                              ENTITY_DOCUMENT_NUMBER_PREFIX | ENTITY_TIMEZONE,
                                      .code = STR("default"),
                                      .document_numbering = str_of(numbering),
                                      .document_number_prefix = str_of(prefix),
                                      .timezone = STR("Europe/Paris"),
                                  },
                                  &view));
}

static void check_numbers(struct world *w, size_t index, const char *first, const char *second)
{
    CHECK_STR(invoice_at(w, "c1", index).row.number, first);
    CHECK_STR(invoice_at(w, "c2", index).row.number, second);
}

TEST(both_series_of_numbers_go_on_whichever_is_shown)
{
    struct world w;
    world_open(&w);
    at(&w, "2023-07-30T22:10:00Z");
    set_numbering(&w, "per_customer", "B-1");
    make_plan(&w,
              (struct plan_input){.code = STR("p"), .amount_minor = 100, .pay_in_advance = true},
              NULL);
    make_customer(&w, "c1", NULL);
    make_customer(&w, "c2", NULL);
    subscribe(&w, "c1", "s1", "p", "anniversary"); /* 31 July in Paris */
    subscribe(&w, "c2", "s2", "p", "anniversary");
    check_numbers(&w, 0, "B-1-001-001", "B-1-002-001");
    at(&w, "2023-08-30T22:10:00Z");
    run(&w);
    check_numbers(&w, 1, "B-1-001-002", "B-1-002-002");
    set_numbering(&w, "per_billing_entity", "B-2");
    at(&w, "2023-09-29T22:10:00Z"); /* 30 September in Paris */
    run(&w);
    check_numbers(&w, 2, "B-2-202309-005", "B-2-202309-006");
    set_numbering(&w, "per_customer", "B-2");
    at(&w, "2023-10-30T23:10:00Z");
    run(&w);
    check_numbers(&w, 3, "B-2-001-004", "B-2-002-004");
    world_close(&w);
}

/* ---- money ----------------------------------------------------------------------------------- */

static int64_t balance(struct world *w, const char *account)
{
    struct tx *tx = NULL;
    struct ledger_balance_list_row *rows = NULL;
    size_t count = 0;
    int64_t sum = 0;
    int64_t found = 0;
    MUST(w, tx_begin(w->app.store, TX_READ, &w->arena, &w->fault, &tx));
    MUST(w, ledger_balance_list(tx, &rows, &count));
    tx_rollback(tx);
    for (size_t i = 0; i < count; i++) {
        sum += rows[i].balance_minor;
        if (str_eq(rows[i].account, str_of(account)))
            found = rows[i].balance_minor;
    }
    CHECK_INT(sum, 0);
    return found;
}

static struct invoice_view one_invoice(struct world *w)
{
    world_open(w);
    at(w, "2023-01-01T00:00:00Z");
    make_tax(w, "vat", "20", true);
    make_plan(w,
              (struct plan_input){.code = STR("p"), .amount_minor = 1000, .pay_in_advance = true},
              NULL);
    make_customer(w, "c", "UTC");
    subscribe(w, "c", "s", "p", "calendar");
    struct invoice_view view = invoice_at(w, "c", 0);
    CHECK_INT(view.row.total_amount_minor, 1200);
    CHECK_INT(balance(w, "assets:receivable"), 1200);
    CHECK_INT(balance(w, "income:subscription"), -1000);
    return view;
}

static enum err pay(struct world *w, struct uuid invoice_id, int64_t amount,
                    struct payment_view *payment)
{
    fault_reset(&w->fault);
    return payment_create(&w->ctx,
                          &(struct payment_input){.invoice_id = invoice_id,
                                                  .amount_minor = amount,
                                                  .paid_at = TIME_NONE},
                          payment);
}

TEST(payments_in_parts_settle_an_invoice_and_never_exceed_it)
{
    struct world w;
    struct payment_view payment;
    struct invoice_view view = one_invoice(&w);
    MUST(&w, pay(&w, view.row.id, 500, &payment));
    MUST(&w, invoice_get(&w.ctx, view.row.id, &view));
    CHECK_INT(view.row.paid_amount_minor, 500);
    CHECK_STR(view.row.payment_status, "pending");
    CHECK(pay(&w, view.row.id, 701, &payment) == ERR_INVALID);
    CHECK(pay(&w, view.row.id, 0, &payment) == ERR_INVALID);
    MUST(&w, pay(&w, view.row.id, 700, &payment));
    MUST(&w, invoice_get(&w.ctx, view.row.id, &view));
    CHECK_INT(view.row.paid_amount_minor, 1200);
    CHECK_STR(view.row.payment_status, "succeeded");
    CHECK_INT(balance(&w, "assets:receivable"), 0);
    CHECK_INT(balance(&w, "assets:bank"), 1200);
    CHECK(pay(&w, view.row.id, 1, &payment) == ERR_INVALID);
    world_close(&w);
}

TEST(a_void_takes_the_invoice_out_of_the_books_and_bills_nothing_again)
{
    struct world w;
    struct payment_view payment;
    struct invoice_view view = one_invoice(&w);
    MUST(&w, invoice_void(&w.ctx, view.row.id, &view));
    CHECK_STR(view.row.status, "voided");
    CHECK_INT(balance(&w, "assets:receivable"), 0);
    CHECK_INT(balance(&w, "income:subscription"), 0);
    CHECK(invoice_void(&w.ctx, view.row.id, &view) == ERR_NOT_ALLOWED);
    CHECK(pay(&w, view.row.id, 1, &payment) == ERR_INVALID);
    at(&w, "2023-01-31T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1);
    world_close(&w);
}

TEST(an_unpaid_invoice_is_overdue_on_the_day_after_it_was_due)
{
    struct world w;
    struct payment_view payment;
    struct invoice_view view = one_invoice(&w);
    CHECK_DAY(view.row.payment_due_day, "2023-01-01");
    at(&w, "2023-01-01T23:59:59Z");
    run(&w);
    CHECK(!invoice_at(&w, "c", 0).row.payment_overdue);
    at(&w, "2023-01-02T00:00:00Z");
    run(&w);
    CHECK(invoice_at(&w, "c", 0).row.payment_overdue);
    MUST(&w, pay(&w, view.row.id, 1200, &payment));
    CHECK(!invoice_at(&w, "c", 0).row.payment_overdue);
    world_close(&w);
}

TEST(a_status_said_by_someone_records_no_payment)
{
    struct world w;
    struct payment_view payment;
    struct invoice_view view = one_invoice(&w);
    MUST(&w, invoice_set_payment_status(&w.ctx, view.row.id, STR("succeeded"), &view));
    CHECK_STR(view.row.payment_status, "succeeded");
    CHECK_INT(view.row.paid_amount_minor, 0);
    at(&w, "2023-01-05T00:00:00Z");
    run(&w);
    CHECK(!invoice_at(&w, "c", 0).row.payment_overdue);
    MUST(&w, pay(&w, view.row.id, 1200, &payment));
    world_close(&w);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static size_t count_with(struct world *w, struct invoice_filter filter)
{
    struct invoice_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    filter.limit = 10;
    MUST(w, invoice_list(&w->ctx, &filter, &views, &count, &total));
    CHECK_INT(count, total);
    return count;
}

TEST(lists_let_through_what_was_asked_for)
{
    struct world w;
    struct payment_view payment;
    struct payment_view *payments = NULL;
    struct fee_view *fees = NULL;
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    size_t count = 0;
    int64_t total = 0;
    struct invoice_view view = one_invoice(&w); /* 12.00 of 1 January, number BIL-001-001 */
    at(&w, "2023-02-01T00:00:00Z");
    run(&w);
    MUST(&w, pay(&w, view.row.id, 1200, &payment));
    CHECK_INT(count_with(&w, filter), 2);
    filter.succeeded = true;
    CHECK_INT(count_with(&w, filter), 1);
    filter = INVOICE_FILTER_ALL;
    filter.voided = true;
    CHECK_INT(count_with(&w, filter), 0);
    filter = INVOICE_FILTER_ALL;
    filter.issuing_from_day = view.row.issuing_day + 1;
    CHECK_INT(count_with(&w, filter), 1);
    filter.issuing_to_day = view.row.issuing_day + 30;
    CHECK_INT(count_with(&w, filter), 0);
    filter = INVOICE_FILTER_ALL;
    filter.amount_from_minor = 1201;
    CHECK_INT(count_with(&w, filter), 0);
    filter.amount_from_minor = 1200;
    filter.amount_to_minor = 1200;
    CHECK_INT(count_with(&w, filter), 2);
    filter = INVOICE_FILTER_ALL;
    filter.number = STR("bil-001-002");
    CHECK_INT(count_with(&w, filter), 1);
    filter.number = STR("001_002"); /* no wildcard */
    CHECK_INT(count_with(&w, filter), 0);
    filter = INVOICE_FILTER_ALL;
    filter.currency = STR("USD");
    CHECK_INT(count_with(&w, filter), 0);
    filter = INVOICE_FILTER_ALL;
    filter.external_customer_id = STR("nobody");
    CHECK_INT(count_with(&w, filter), 0);

    struct fee_filter fee_filter = {.external_subscription_id = STR("s"),
                                    .subscription = true,
                                    .created_from_at = TIME_NONE,
                                    .created_to_at = TIME_NONE,
                                    .limit = 10};
    MUST(&w, fee_list(&w.ctx, &fee_filter, &fees, &count, &total));
    CHECK_INT(count, 2);
    CHECK_INT(fees[0].row.amount_minor, 1000);
    CHECK_STR(fees[0].external_customer_id, "c");
    CHECK_STR(fees[1].payment_status, "succeeded");
    fee_filter.succeeded = true;
    MUST(&w, fee_list(&w.ctx, &fee_filter, &fees, &count, &total));
    CHECK_INT(count, 1);
    fee_filter.subscription = false;
    fee_filter.charge = true;
    MUST(&w, fee_list(&w.ctx, &fee_filter, &fees, &count, &total));
    CHECK_INT(count, 0);

    MUST(&w, payment_get(&w.ctx, payment.row.id, &payment));
    CHECK_STR(payment.invoice_number, "BIL-001-001");
    MUST(&w, payment_list(&w.ctx,
                          &(struct payment_filter){.external_customer_id = STR("c"),
                                                   .paid_from_at = TIME_NONE,
                                                   .paid_to_at = TIME_NONE,
                                                   .limit = 10},
                          &payments, &count, &total));
    CHECK_INT(count, 1);
    MUST(&w, payment_list(&w.ctx,
                          &(struct payment_filter){.invoice_id = payment.row.id,
                                                   .paid_from_at = TIME_NONE,
                                                   .paid_to_at = TIME_NONE,
                                                   .limit = 10},
                          &payments, &count, &total));
    CHECK_INT(count, 0);
    world_close(&w);
}
