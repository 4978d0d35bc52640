/* Plans, customers, sellers, taxes and subscriptions changed and ended while they are billed;
 * amounts worked out by hand. */
#include "tests/app/books.h"

#include "app/plan_change.h"

/* A price for each call. */
static struct charge_input calls_at(const char *properties)
{
    return (struct charge_input){.metric_code = STR("calls"),
                                 .charge_model = STR("standard"),
                                 .properties = str_of(properties)};
}

/* Plan "p" with a price for each call; customer "c", in UTC, is on it as "s". */
static void open_with_plan(struct world *w, const char *start, int64_t amount, bool in_advance,
                           int64_t grace)
{
    const struct charge_input charges[] = {calls_at("{\"amount\":\"1\"}"),
                                           {.metric_code = STR_NULL}};
    world_open(w);
    at(w, start);
    make_metric(w, "calls", "count_agg", NULL);
    make_plan(
        w,
        (struct plan_input){.code = STR("p"), .amount_minor = amount, .pay_in_advance = in_advance},
        charges);
    make_customer(w, "c", "UTC");
    set_grace(w, "c", grace);
    subscribe(w, "c", "s", "p", "calendar");
}

static void send_calls(struct world *w, const char *at_text, int count)
{
    for (int i = 0; i < count; i++)
        send_event(w, "s", "calls", at_text, "{}");
}

/* The plan's next version: another amount, and another price for each call. */
static struct plan_view change_price(struct world *w, int64_t amount, const char *properties,
                                     enum plan_applies_to applies_to, int64_t effective_at)
{
    struct charge_input charge = calls_at(properties);
    struct plan_view view;
    MUST(w,
         plan_change(&w->ctx,
                     &(struct plan_change){
                         .code = STR("p"),
                         .sent = PLAN_AMOUNT | PLAN_CHARGES,
                         .input = {.amount_minor = amount, .charges = &charge, .charge_count = 1},
                         .effective_at = effective_at,
                         .applies_to = applies_to,
                     },
                     &view));
    return view;
}

/* ---- versions of a plan ---------------------------------------------------------------------- */

TEST(a_version_for_all_prices_the_whole_running_period)
{
    struct world w;
    struct plan_view first;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 3100, false, 0);
    MUST(&w, plan_get(&w.ctx, STR("p"), &first));
    send_calls(&w, "2024-01-10T00:00:00Z", 3);
    at(&w, "2024-01-15T00:00:00Z");
    struct plan_view second =
        change_price(&w, 6200, "{\"amount\":\"2\"}", PLAN_APPLIES_TO_ALL, TIME_NONE);
    CHECK_INT(second.version.version, 2);
    CHECK(uuid_eq(second.charges[0].row.lineage_id, first.charges[0].row.lineage_id));
    CHECK(!uuid_eq(second.charges[0].row.id, first.charges[0].row.id));
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    struct invoice_view january = invoice_at(&w, "c", 0);
    CHECK_INT(january.row.total_amount_minor, 6800); /* 62.00 and 3 calls at 2.00 */
    REQUIRE(january.fee_count == 2);
    CHECK(uuid_eq(january.fees[0].row.plan_version_id, second.version.id));
    CHECK(uuid_eq(january.fees[1].row.plan_version_id, second.version.id));
    CHECK(uuid_eq(january.fees[1].charge_lineage_id, first.charges[0].row.lineage_id));
    check_books(&w);

    /* What is billed keeps its version, whatever comes later. */
    at(&w, "2024-02-02T00:00:00Z");
    change_price(&w, 100, "{\"amount\":\"7\"}", PLAN_APPLIES_TO_ALL, TIME_NONE);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 6800);
    check_books(&w);
    world_close(&w);
}

TEST(a_version_at_renewal_takes_over_with_the_period_paid_in_advance)
{
    struct world w;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, true, 0);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 1000);
    send_calls(&w, "2024-01-10T00:00:00Z", 3);
    at(&w, "2024-01-15T00:00:00Z");
    struct plan_view second =
        change_price(&w, 2000, "{\"amount\":\"5\"}", PLAN_APPLIES_TO_AT_RENEWAL, TIME_NONE);
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    struct invoice_view february = invoice_at(&w, "c", 1);
    CHECK_INT(february.row.total_amount_minor, 2300); /* 20.00 ahead, 3 calls at the old 1.00 */
    REQUIRE(february.fee_count == 2);
    CHECK(uuid_eq(february.fees[0].row.plan_version_id, second.version.id));
    CHECK(!uuid_eq(february.fees[1].row.plan_version_id, second.version.id));
    send_calls(&w, "2024-02-05T00:00:00Z", 2);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 2).row.total_amount_minor, 3000); /* 20.00, 2 calls at 5.00 */
    check_books(&w);
    world_close(&w);
}

TEST(a_version_for_new_ones_leaves_those_who_are_there)
{
    struct world w;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, false, 0);
    at(&w, "2024-01-02T00:00:00Z");
    change_price(&w, 3100, "{\"amount\":\"5\"}", PLAN_APPLIES_TO_NEW, TIME_NONE);
    make_customer(&w, "later", "UTC");
    subscribe(&w, "later", "s2", "p", "calendar");
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 1000);
    CHECK_INT(invoice_at(&w, "later", 0).row.total_amount_minor, 3000); /* 30 of 31 days */
    check_books(&w);
    world_close(&w);
}

TEST(a_version_takes_effect_at_its_time_and_not_before)
{
    struct world w;
    struct plan_view now;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, false, 0);
    at(&w, "2024-01-02T00:00:00Z");
    change_price(&w, 2000, "{\"amount\":\"5\"}", PLAN_APPLIES_TO_ALL,
                 instant("2024-02-10T00:00:00Z"));
    MUST(&w, plan_get(&w.ctx, STR("p"), &now));
    CHECK_INT(now.version.version, 1);
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 1000);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 1).row.total_amount_minor, 2000);
    MUST(&w, plan_get(&w.ctx, STR("p"), &now));
    CHECK_INT(now.version.version, 2);
    check_books(&w);
    world_close(&w);
}

TEST(a_draft_keeps_its_version_and_takes_up_late_events)
{
    struct world w;
    struct invoice_view refreshed;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, false, 3);
    send_calls(&w, "2024-01-10T00:00:00Z", 3);
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    struct invoice_view draft = invoice_at(&w, "c", 0);
    CHECK_STR(draft.row.status, "draft");
    CHECK_INT(draft.row.total_amount_minor, 1300);
    at(&w, "2024-02-02T00:00:00Z");
    change_price(&w, 9000, "{\"amount\":\"2\"}", PLAN_APPLIES_TO_ALL, TIME_NONE);
    send_calls(&w, "2024-01-31T23:59:59Z", 1);
    MUST(&w, invoice_refresh(&w.ctx, draft.row.id, &refreshed));
    CHECK(uuid_eq(refreshed.row.id, draft.row.id));
    CHECK_INT(refreshed.row.total_amount_minor, 1400); /* 10.00 and 4 calls at the old price */
    at(&w, "2024-02-04T00:00:00Z");
    run(&w);
    struct invoice_view final = invoice_at(&w, "c", 0);
    CHECK_STR(final.row.status, "finalized");
    CHECK_INT(final.row.total_amount_minor, 1400);
    check_books(&w);
    world_close(&w);
}

static bool has_field(const struct world *w, const char *field, const char *code)
{
    for (size_t i = 0; i < w->fault.field_count; i++) {
        if (str_eq(w->fault.fields[i].field, str_of(field)) &&
            str_eq(w->fault.fields[i].code, str_of(code)))
            return true;
    }
    return false;
}

TEST(what_periods_follow_from_is_fixed_while_subscriptions_run)
{
    struct world w;
    struct plan_view view;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, false, 0);
    struct plan_change change = {
        .code = STR("p"),
        .sent = PLAN_INTERVAL | PLAN_CURRENCY | PLAN_PAY_IN_ADVANCE,
        .input = {.billing_interval = STR("weekly"),
                  .currency = STR("USD"),
                  .pay_in_advance = true},
        .effective_at = TIME_NONE,
    };
    CHECK_INT(plan_change(&w.ctx, &change, &view), ERR_INVALID);
    CHECK(has_field(&w, "interval", "value_is_immutable"));
    CHECK(has_field(&w, "amount_currency", "value_is_immutable"));
    CHECK(has_field(&w, "pay_in_advance", "value_is_immutable"));
    fault_reset(&w.fault);
    MUST(&w, plan_get(&w.ctx, STR("p"), &view));
    CHECK_INT(view.version.version, 1);

    struct charge_input strange = calls_at("{\"amount\":\"1\"}");
    strange.lineage_id = view.row.id;
    change = (struct plan_change){.code = STR("p"),
                                  .sent = PLAN_CHARGES,
                                  .input = {.charges = &strange, .charge_count = 1},
                                  .effective_at = TIME_NONE};
    CHECK_INT(plan_change(&w.ctx, &change, &view), ERR_INVALID);
    CHECK(has_field(&w, "charges.0.id", "charge_not_found"));
    fault_reset(&w.fault);

    change =
        (struct plan_change){.code = STR("p"), .effective_at = instant("2023-12-31T00:00:00Z")};
    CHECK_INT(plan_change(&w.ctx, &change, &view), ERR_INVALID);
    CHECK(has_field(&w, "effective_at", "value_is_out_of_range"));
    fault_reset(&w.fault);

    terminate(&w, "s");
    change = (struct plan_change){.code = STR("p"),
                                  .sent = PLAN_INTERVAL | PLAN_CODE,
                                  .input = {.code = STR("q"), .billing_interval = STR("weekly")},
                                  .effective_at = TIME_NONE};
    MUST(&w, plan_change(&w.ctx, &change, &view));
    CHECK_STR(view.row.code, "q");
    CHECK_STR(view.version.billing_interval, "weekly");
    CHECK_INT(view.charge_count, 1); /* not sent: kept */
    check_books(&w);
    world_close(&w);
}

TEST(a_deleted_plan_ends_its_subscriptions_and_closes_its_drafts)
{
    struct world w;
    struct plan_view view;
    struct subscription_view subscription;
    open_with_plan(&w, "2022-12-15T00:00:00Z", 1000, true, 60);
    at(&w, "2023-01-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 2);
    send_calls(&w, "2023-01-05T00:00:00Z", 2);
    at(&w, "2023-01-20T12:00:00Z");
    MUST(&w, plan_delete(&w.ctx, STR("p"), &view));
    CHECK_STR(view.row.code, "p");
    CHECK_INT(plan_get(&w.ctx, STR("p"), &view), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    run(&w);
    MUST(&w, subscription_get(&w.ctx, STR("s"), STR("terminated"), &subscription));
    CHECK_AT(subscription.row.terminated_at, "2023-01-20T12:00:00Z");
    CHECK_STR(subscription.plan.row.code, "p");
    struct invoices all = invoices_of(&w, "c");
    REQUIRE(all.count == 3);
    CHECK_INT(all.views[0].row.total_amount_minor, 548);  /* 17 of 31 days of 10.00 */
    CHECK_INT(all.views[1].row.total_amount_minor, 1000); /* January, ahead */
    CHECK_INT(all.views[2].row.total_amount_minor, 200);  /* 2 calls */
    for (size_t i = 0; i < all.count; i++) {
        CHECK_STR(all.views[i].row.status, "finalized");
        CHECK_DAY(all.views[i].row.issuing_day, "2023-01-20");
        CHECK_INT(all.views[i].row.sequential_id, (int64_t)i + 1);
    }
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 1}, NULL);
    at(&w, "2023-03-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 3);
    check_books(&w);
    world_close(&w);
}

/* ---- customers ------------------------------------------------------------------------------- */

static void delete_customer(struct world *w, const char *external_id)
{
    struct customer_view view;
    MUST(w, customer_delete(&w->ctx, str_of(external_id), &view));
}

TEST(a_deleted_customer_ends_and_its_external_ids_are_free)
{
    struct world w;
    struct customer_view customer;
    struct subscription_view view;
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    struct invoice_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 3100, false, 3);
    send_calls(&w, "2024-01-05T00:00:00Z", 2);
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){
                                     .external_customer_id = STR("c"),
                                     .external_id = STR("waits"),
                                     .plan_code = STR("p"),
                                     .subscription_at = instant("2024-05-01T00:00:00Z"),
                                     .ending_at = TIME_NONE,
                                 },
                                 &view));
    at(&w, "2024-01-10T23:58:00Z");
    delete_customer(&w, "c");
    CHECK_INT(customer_get(&w.ctx, STR("c"), &customer), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    CHECK_INT(customer_delete(&w.ctx, STR("c"), &customer), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    MUST(&w, subscription_get(&w.ctx, STR("s"), STR("terminated"), &view));
    MUST(&w, subscription_get(&w.ctx, STR("waits"), STR("canceled"), &view));
    filter.limit = 10;
    MUST(&w, invoice_list(&w.ctx, &filter, &views, &count, &total));
    REQUIRE(count == 1);
    CHECK_STR(views[0].row.status, "draft");
    CHECK_INT(views[0].row.total_amount_minor, 1200); /* 10 of 31 days of 31.00, 2 calls */
    at(&w, "2024-01-11T00:02:59Z");
    run(&w);
    MUST(&w, invoice_list(&w.ctx, &filter, &views, &count, &total));
    CHECK_STR(views[0].row.status, "draft");
    at(&w, "2024-01-11T00:03:00Z"); /* five minutes after */
    run(&w);
    MUST(&w, invoice_list(&w.ctx, &filter, &views, &count, &total));
    REQUIRE(count == 1);
    CHECK_STR(views[0].row.status, "finalized");
    CHECK_DAY(views[0].row.issuing_day, "2024-01-11");
    CHECK_STR(views[0].customer.row.external_id, "c");

    /* An event for nobody waits for the next who has the external id. */
    send_calls(&w, "2024-01-12T01:00:00Z", 1);
    at(&w, "2024-01-12T02:00:00Z");
    make_customer(&w, "c", "UTC");
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){
                                     .external_customer_id = STR("c"),
                                     .external_id = STR("s"),
                                     .plan_code = STR("p"),
                                     .subscription_at = instant("2024-01-12T00:00:00Z"),
                                     .ending_at = TIME_NONE,
                                 },
                                 &view));
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    struct invoice_view january = invoice_at(&w, "c", 0);
    CHECK_INT(january.row.total_amount_minor, 2100); /* 20 of 31 days, 1 call */
    CHECK_STR(january.row.number, "BIL-002-001");
    check_books(&w);
    world_close(&w);
}

static void set_customer_tax(struct world *w, const char *code)
{
    struct customer_view view;
    struct str codes[] = {str_of(code == NULL ? "" : code)};
    MUST(w, customer_save(&w->ctx,
                          &(struct customer_input){.sent = CUSTOMER_TAX_CODES,
                                                   .external_id = STR("c"),
                                                   .tax_codes = codes,
                                                   .tax_code_count = code == NULL ? 0 : 1},
                          &view));
}

/* ---- taxes ----------------------------------------------------------------------------------- */

TEST(the_nearest_taxes_apply_and_drafts_follow_their_changes)
{
    struct world w;
    struct tax_view view;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 10000, false, 5);
    make_tax(&w, "seller", "20", true);
    make_tax(&w, "own", "10", false);
    make_tax(&w, "plans", "5", false);
    make_tax(&w, "charges", "50", false);
    send_calls(&w, "2024-01-05T00:00:00Z", 20);
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.taxes_amount_minor, 2400); /* 20% of 100.00 + 20.00 */
    set_customer_tax(&w, "own");
    CHECK_INT(invoice_at(&w, "c", 0).row.taxes_amount_minor, 1200); /* the customer's 10% */
    at(&w, "2024-02-02T00:00:00Z");
    MUST(&w,
         tax_change(&w.ctx, STR("own"), TAX_RATE | TAX_NAME,
                    &(struct tax_input){.rate = decimal_lit("30"), .name = STR("now 30")}, &view));
    run(&w);
    struct invoice_view draft = invoice_at(&w, "c", 0);
    CHECK_INT(draft.row.taxes_amount_minor, 3600);
    CHECK_STR(draft.taxes[0].name, "now 30");
    at(&w, "2024-02-06T00:00:00Z");
    run(&w);
    CHECK_STR(invoice_at(&w, "c", 0).row.status, "finalized");

    /* February: the plan names 5%, its charge 50%. */
    struct charge_input charge = calls_at("{\"amount\":\"1\"}");
    struct str plans[] = {STR("plans")};
    struct str charges[] = {STR("charges")};
    struct plan_view plan;
    charge.sent = CHARGE_TAX_CODES;
    charge.tax_codes = charges;
    charge.tax_code_count = 1;
    MUST(&w, plan_change(&w.ctx,
                         &(struct plan_change){
                             .code = STR("p"),
                             .sent = PLAN_CHARGES | PLAN_TAX_CODES,
                             .input = {.charges = &charge,
                                       .charge_count = 1,
                                       .tax_codes = plans,
                                       .tax_code_count = 1},
                             .effective_at = TIME_NONE,
                         },
                         &plan));
    send_calls(&w, "2024-02-10T00:00:00Z", 4);
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    draft = invoice_at(&w, "c", 1);
    CHECK_INT(draft.row.taxes_amount_minor, 700); /* 5% of 100.00, 50% of 4.00 */

    /* Gone: the charge falls back to the plan's; what is final keeps what it had. */
    MUST(&w, tax_remove(&w.ctx, STR("charges"), &view));
    MUST(&w, tax_remove(&w.ctx, STR("own"), &view));
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 1).row.taxes_amount_minor, 520); /* 5% of 104.00 */
    CHECK_INT(invoice_at(&w, "c", 0).row.taxes_amount_minor, 3600);
    CHECK_INT(tax_get(&w.ctx, STR("own"), &view), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    MUST(&w, tax_remove(&w.ctx, STR("plans"), &view));
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 1).row.taxes_amount_minor, 2080); /* the seller's 20% */
    MUST(&w, tax_change(&w.ctx, STR("seller"), TAX_APPLIED_TO_ORGANIZATION,
                        &(struct tax_input){.applied_to_organization = false}, &view));
    CHECK_INT(view.entity_code_count, 0);
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 1).row.taxes_amount_minor, 0);
    check_books(&w);
    world_close(&w);
}

/* ---- sellers --------------------------------------------------------------------------------- */

static enum err change_seller(struct world *w, struct billing_entity_input input)
{
    struct billing_entity_view view;
    return billing_entity_change(&w->ctx, &input, &view);
}

TEST(a_sellers_zone_moves_the_days_of_those_who_have_none_of_their_own)
{
    struct world w;
    struct customer_view customer;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, false, 0);
    MUST(&w,
         customer_save(&w.ctx,
                       &(struct customer_input){.sent = CUSTOMER_TIMEZONE, .external_id = STR("c")},
                       &customer));
    send_calls(&w, "2024-01-31T23:30:00Z", 2); /* 1 February in Berlin */
    at(&w, "2024-01-31T22:00:00Z");
    MUST(&w, change_seller(&w, (struct billing_entity_input){.sent = ENTITY_TIMEZONE,
                                                             .code = STR("default"),
                                                             .timezone = STR("Europe/Berlin")}));
    at(&w, "2024-01-31T23:00:00Z"); /* midnight there */
    run(&w);
    struct invoice_view january = invoice_at(&w, "c", 0);
    CHECK_INT(january.row.total_amount_minor, 1000);
    CHECK_STR(january.row.timezone, "Europe/Berlin");
    CHECK_DAY(january.row.issuing_day, "2024-02-01");
    at(&w, "2024-02-29T23:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 1).row.total_amount_minor, 1200);
    check_books(&w);
    world_close(&w);
}

TEST(a_seller_is_archived_when_nothing_of_it_is_open)
{
    struct world w;
    struct billing_entity_view view;
    struct billing_entity_view *views = NULL;
    struct customer_view customer;
    size_t count = 0;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, false, 3);
    MUST(&w,
         billing_entity_create(&w.ctx,
                               &(struct billing_entity_input){.sent = ENTITY_DOCUMENT_NUMBER_PREFIX,
                                                              .code = STR("other"),
                                                              .document_number_prefix = STR("OT")},
                               &view));
    struct customer_input move = {.sent = CUSTOMER_BILLING_ENTITY_CODE,
                                  .external_id = STR("c"),
                                  .billing_entity_code = STR("other")};
    MUST(&w, customer_save(&w.ctx, &move, &customer));
    CHECK_INT(billing_entity_archive(&w.ctx, STR("default"), &view), ERR_NOT_ALLOWED);
    fault_reset(&w.fault);
    CHECK_INT(billing_entity_archive(&w.ctx, STR("other"), &view), ERR_NOT_ALLOWED);
    fault_reset(&w.fault);
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    move.billing_entity_code = STR("default");
    MUST(&w, customer_save(&w.ctx, &move, &customer));
    CHECK_INT(billing_entity_archive(&w.ctx, STR("other"), &view), ERR_NOT_ALLOWED); /* a draft */
    fault_reset(&w.fault);
    at(&w, "2024-02-04T00:00:00Z");
    run(&w);
    CHECK_STR(invoice_at(&w, "c", 0).row.number, "OT-001-001"); /* whose it was when it was made */
    MUST(&w, billing_entity_archive(&w.ctx, STR("other"), &view));
    CHECK_AT(view.row.archived_at, "2024-02-04T00:00:00Z");
    MUST(&w, billing_entity_list_all(&w.ctx, &views, &count));
    CHECK_INT(count, 1);
    move.billing_entity_code = STR("other");
    CHECK_INT(customer_save(&w.ctx, &move, &customer), ERR_INVALID);
    CHECK(has_field(&w, "billing_entity_code", "billing_entity_archived"));
    fault_reset(&w.fault);
    CHECK_INT(change_seller(&w, (struct billing_entity_input){.sent = ENTITY_NAME,
                                                              .code = STR("other"),
                                                              .name = STR("again")}),
              ERR_NOT_ALLOWED);
    fault_reset(&w.fault);
    check_books(&w);
    world_close(&w);
}

/* ---- subscriptions --------------------------------------------------------------------------- */

TEST(a_subscription_is_renamed_and_given_another_end)
{
    struct world w;
    struct subscription_view view;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 3100, false, 0);
    MUST(&w, subscription_modify(&w.ctx,
                                 &(struct subscription_modification){
                                     .external_id = STR("s"),
                                     .sent = SUBSCRIPTION_NAME | SUBSCRIPTION_ENDING_AT,
                                     .name = STR("Servers"),
                                     .ending_at = instant("2024-01-10T15:00:00Z"),
                                     .subscription_at = TIME_NONE,
                                 },
                                 &view));
    CHECK_STR(view.row.name, "Servers");
    struct subscription_modification wrong = {.external_id = STR("s"),
                                              .sent = SUBSCRIPTION_AT,
                                              .ending_at = TIME_NONE,
                                              .subscription_at = instant("2024-06-01T00:00:00Z")};
    CHECK_INT(subscription_modify(&w.ctx, &wrong, &view), ERR_INVALID);
    CHECK(has_field(&w, "subscription_at", "value_is_immutable"));
    fault_reset(&w.fault);
    wrong.sent = SUBSCRIPTION_ENDING_AT;
    wrong.ending_at = instant("2023-12-01T00:00:00Z");
    CHECK_INT(subscription_modify(&w.ctx, &wrong, &view), ERR_INVALID);
    CHECK(has_field(&w, "ending_at", "invalid_date"));
    fault_reset(&w.fault);
    at(&w, "2024-01-10T00:00:00Z"); /* the first run of that day ends it */
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 1000); /* 10 of 31 days */
    CHECK_INT(subscription_modify(&w.ctx, &wrong, &view), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    check_books(&w);
    world_close(&w);
}

TEST(one_that_waits_may_start_at_another_time_or_never)
{
    struct world w;
    struct subscription_view view;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 3100, false, 0);
    struct subscription_input input = {.external_customer_id = STR("c"),
                                       .external_id = STR("waits"),
                                       .plan_code = STR("p"),
                                       .subscription_at = instant("2024-05-01T00:00:00Z"),
                                       .ending_at = TIME_NONE};
    MUST(&w, subscription_create(&w.ctx, &input, &view));
    MUST(&w, subscription_modify(&w.ctx,
                                 &(struct subscription_modification){
                                     .external_id = STR("waits"),
                                     .wanted_status = STR("pending"),
                                     .sent = SUBSCRIPTION_AT,
                                     .ending_at = TIME_NONE,
                                     .subscription_at = instant("2024-01-20T00:00:00Z"),
                                 },
                                 &view));
    input.external_id = STR("never");
    MUST(&w, subscription_create(&w.ctx, &input, &view));
    MUST(&w, subscription_terminate(&w.ctx, STR("never"), STR("pending"), STR_NULL, false, &view));
    CHECK_STR(view.row.status, "canceled");
    at(&w, "2024-01-20T00:00:00Z");
    run(&w);
    MUST(&w, subscription_get(&w.ctx, STR("waits"), STR_NULL, &view));
    CHECK_AT(view.row.started_at, "2024-01-20T00:00:00Z");
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 4300); /* 31.00, and 12 of 31 days */
    check_books(&w);
    world_close(&w);
}

/* ---- policies and numbers -------------------------------------------------------------------- */

TEST(invoices_of_nothing_are_issued_or_not_by_policy)
{
    struct world w;
    struct customer_view view;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 0, false, 0);
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1); /* the seller finalizes them */
    CHECK_STR(invoice_at(&w, "c", 0).row.payment_status, "succeeded");
    struct customer_input policy = {.sent = CUSTOMER_ZERO_AMOUNT_POLICY,
                                    .external_id = STR("c"),
                                    .zero_amount_policy = STR("skip")};
    MUST(&w, customer_save(&w.ctx, &policy, &view));
    at(&w, "2024-03-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1);
    policy.zero_amount_policy = STR("inherit");
    MUST(&w, customer_save(&w.ctx, &policy, &view));
    MUST(&w, change_seller(&w, (struct billing_entity_input){.sent = ENTITY_FINALIZE_ZERO_AMOUNT,
                                                             .code = STR("default"),
                                                             .finalize_zero_amount = false}));
    at(&w, "2024-04-01T00:00:00Z");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1);
    policy.zero_amount_policy = STR("finalize");
    MUST(&w, customer_save(&w.ctx, &policy, &view));
    at(&w, "2024-05-01T00:00:00Z");
    run(&w);
    REQUIRE(invoices_of(&w, "c").count == 2);
    CHECK_STR(invoice_at(&w, "c", 1).row.number, "BIL-001-002"); /* skipped ones take none */
    check_books(&w);
    world_close(&w);
}

TEST(terms_of_payment_reach_drafts_and_make_invoices_overdue)
{
    struct world w;
    struct customer_view view;
    open_with_plan(&w, "2024-01-01T00:00:00Z", 1000, false, 2);
    at(&w, "2024-02-01T00:00:00Z");
    run(&w);
    CHECK_DAY(invoice_at(&w, "c", 0).row.payment_due_day, "2024-02-03");
    MUST(&w, change_seller(&w, (struct billing_entity_input){.sent = ENTITY_PAYMENT_TERM_DAYS,
                                                             .code = STR("default"),
                                                             .payment_term_days = 10}));
    CHECK_DAY(invoice_at(&w, "c", 0).row.payment_due_day, "2024-02-13");
    MUST(&w, customer_save(&w.ctx,
                           &(struct customer_input){.sent = CUSTOMER_PAYMENT_TERM_DAYS,
                                                    .external_id = STR("c"),
                                                    .payment_term_days = 4},
                           &view));
    CHECK_DAY(invoice_at(&w, "c", 0).row.payment_due_day, "2024-02-07");
    at(&w, "2024-02-07T23:59:59Z");
    run(&w);
    CHECK(!invoice_at(&w, "c", 0).row.payment_overdue);
    at(&w, "2024-02-08T00:00:00Z");
    run(&w);
    CHECK(invoice_at(&w, "c", 0).row.payment_overdue);
    check_books(&w);
    world_close(&w);
}

static int compare_numbers(const void *a, const void *b)
{
    const struct invoice_view *x = a;
    const struct invoice_view *y = b;
    return str_cmp(x->row.number, y->row.number);
}

/* PREFIX-YYYYMM-001, 002, 003 …: none is missing, whichever month it carries. */
static void check_series(struct world *w, const char *prefix, int64_t want)
{
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    struct invoice_view *views = NULL;
    bool seen[200] = {false};
    size_t count = 0;
    int64_t total = 0;
    filter.number = arena_fmt(&w->arena, "%s-", prefix);
    filter.limit = 1000;
    MUST(w, invoice_list(&w->ctx, &filter, &views, &count, &total));
    CHECK_INT(total, want);
    qsort(views, count, sizeof *views, compare_numbers);
    for (size_t i = 0; i < count; i++) {
        struct str number = views[i].row.number;
        int64_t last = 0;
        REQUIRE(str_to_int64(str_slice(number, number.len - 3, number.len), &last));
        REQUIRE(last >= 1 && last <= want);
        CHECK(!seen[last]);
        seen[last] = true;
    }
}

/* Two sellers that count for themselves, invoices of nothing in between, and a store that fails at
 * every so many calls, in runs and in deletions. */
TEST(each_sellers_numbers_have_no_gaps_whatever_fails)
{
    struct world w;
    struct billing_entity_view view;
    struct plan_view plan;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    for (int i = 0; i < 2; i++)
        MUST(&w, billing_entity_create(
                     &w.ctx,
                     &(struct billing_entity_input){
                         .sent = ENTITY_DOCUMENT_NUMBERING | ENTITY_DOCUMENT_NUMBER_PREFIX,
                         .code = i == 0 ? STR("a") : STR("b"),
                         .document_numbering = STR("per_billing_entity"),
                         .document_number_prefix = i == 0 ? STR("AA") : STR("BB")},
                     &view));
    make_plan(&w, (struct plan_input){.code = STR("paid"), .amount_minor = 100}, NULL);
    make_plan(&w, (struct plan_input){.code = STR("free"), .amount_minor = 0}, NULL);
    for (int i = 0; i < 12; i++) {
        struct customer_view customer;
        struct str id = arena_fmt(&w.arena, "c%d", i);
        MUST(&w, customer_save(&w.ctx,
                               &(struct customer_input){
                                   .sent = CUSTOMER_BILLING_ENTITY_CODE |
                                           CUSTOMER_ZERO_AMOUNT_POLICY | CUSTOMER_CURRENCY,
                                   .external_id = id,
                                   .currency = STR("EUR"),
                                   .billing_entity_code = i % 2 == 0 ? STR("a") : STR("b"),
                                   .zero_amount_policy = STR("skip")},
                               &customer));
        subscribe(&w, arena_cstr(&w.arena, id), arena_cstr(&w.arena, id),
                  i % 3 == 0 ? "free" : "paid", "calendar");
    }
    static const char *days[] = {"2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z",
                                 "2024-03-15T00:00:00Z"};
    for (size_t day = 0; day < sizeof days / sizeof days[0]; day++) {
        struct billing_progress progress;
        struct billing_run_options options = {.threads = 2};
        bool broke = true;
        at(&w, days[day]);
        options.until_at = ctx_now(&w.ctx);
        if (day == 2)
            MUST(&w, plan_delete(&w.ctx, STR("paid"), &plan));
        for (int64_t call = 1; broke && call < 400; call += 7) {
            store_fail_at(w.app.store, call);
            broke = billing_run(&w.ctx, &options, &progress) != ERR_NONE;
            store_fail_at(w.app.store, 0);
            fault_reset(&w.fault);
        }
        MUST(&w, billing_run(&w.ctx, &options, &progress));
    }
    /* Of each seller's six customers four pay: two months and the days of March until the end. */
    check_series(&w, "AA", 12);
    check_series(&w, "BB", 12);
    check_books(&w);
    world_close(&w);
}
