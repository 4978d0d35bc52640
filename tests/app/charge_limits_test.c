/* The least and the greatest that a charge costs for a period; amounts worked out by hand. */
#include "tests/app/books.h"

#include "app/current_usage.h"
#include "app/late_read.h"

/* Calls at 8.00 each. */
static void begin(struct world *w, const char *start, const char *proration, int64_t min_minor,
                  int64_t max_minor)
{
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"8\"}"),
                                            .min_amount_minor = min_minor,
                                            .max_amount_minor = max_minor},
                                           {.metric_code = STR_NULL}};
    make_metric(w, "calls", "count_agg", NULL);
    at(w, start);
    sell(w, (struct plan_input){.proration = str_of(proration)}, charges);
}

static void call(struct world *w, const char *occurred_at)
{
    send_event(w, "s", "calls", occurred_at, "{}");
}

/* The fee for usage or the true-up of the nth invoice, or of its corrections; none: NULL. */
static const struct fee_row *fee_in(struct world *w, size_t invoice, bool is_true_up,
                                    bool is_correction)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_row *row = &view.fees[i].row;
        if (!str_eq(row->fee_type, STR("charge")) || row->is_true_up != is_true_up ||
            row->is_correction != is_correction)
            continue;
        struct fee_row *copy = ARENA_NEW(&w->arena, struct fee_row);
        *copy = *row;
        return copy;
    }
    return NULL;
}

static int64_t amount_in(struct world *w, size_t invoice, bool is_true_up, bool is_correction)
{
    const struct fee_row *fee = fee_in(w, invoice, is_true_up, is_correction);
    return fee == NULL ? INT_NONE : fee->amount_minor;
}

TEST(what_is_missing_to_a_minimum_is_a_fee_of_its_own)
{
    struct world w;
    world_open(&w);
    make_tax(&w, "vat", "20", true);
    begin(&w, "2024-03-01T00:00:00Z", NULL, 1000, 0);
    call(&w, "2024-03-05T00:00:00Z");
    bill(&w, "2024-04-01T00:00:00Z");
    const struct fee_row *usage = fee_in(&w, 0, false, false);
    const struct fee_row *true_up = fee_in(&w, 0, true, false);
    REQUIRE(usage != NULL && true_up != NULL);
    CHECK_INT(usage->amount_minor, 800);
    CHECK(uuid_is_nil(usage->true_up_parent_fee_id));
    CHECK_INT(true_up->amount_minor, 200);
    CHECK_INT(true_up->taxes_amount_minor, 40);
    CHECK_INT(true_up->event_count, 0);
    CHECK_STR(decimal_text(&w.arena, true_up->units), "1");
    CHECK(uuid_eq(true_up->true_up_parent_fee_id, usage->id));
    CHECK_STR(true_up->explanation,
              "[{\"text\":\"minimum of 10\",\"inputs\":{"
              "\"op\":\"round(amount * days / days_of_period, decimals)\",\"amount\":\"10\","
              "\"days\":\"31\",\"days_of_period\":\"31\",\"decimals\":\"2\"},\"result\":\"10\"},"
              "{\"text\":\"less the fee for usage, down to 0\",\"inputs\":{"
              "\"op\":\"max(subtotal - usage_amount, 0) - subtotal\",\"usage_amount\":\"8\","
              "\"subtotal\":\"10\"},\"result\":\"-8\"}]");
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 1200);
    /* nothing used: the fee for usage stands there for the true-up */
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, false, false), 0);
    CHECK_INT(amount_in(&w, 1, true, false), 1000);
    /* more than the minimum */
    call(&w, "2024-05-02T00:00:00Z");
    call(&w, "2024-05-03T00:00:00Z");
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 2, false, false), 1600);
    CHECK_INT(amount_in(&w, 2, true, false), INT_NONE);
    check_verify(&w);
    world_close(&w);
}

TEST(a_part_of_a_period_has_a_part_of_the_minimum)
{
    struct world w;
    world_open(&w);
    begin(&w, "2023-01-08T08:00:00Z", NULL, 1000, 0);
    bill(&w, "2023-02-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 0, true, false), 774); /* 10.00 x 24/31 = 7.7419 */
    at(&w, "2023-02-25T06:00:00Z");
    call(&w, "2023-02-25T05:00:00Z");
    terminate(&w, "s");
    run(&w);
    CHECK_INT(amount_in(&w, 1, false, false), 800);
    CHECK_INT(amount_in(&w, 1, true, false), 93); /* 10.00 x 25/28 = 8.93, less 8.00 */
    check_verify(&w);
    world_close(&w);
}

/* Plan of 50.00 in advance, VAT of 20 %. */
static void begin_in_advance(struct world *w, const char *start, const struct charge_input *charges)
{
    make_tax(w, "vat", "20", true);
    at(w, start);
    make_plan(w,
              (struct plan_input){.code = STR("p"), .amount_minor = 5000, .pay_in_advance = true},
              charges);
    make_customer(w, "c", "UTC");
}

/* "800 + 160" of a fee or an invoice before its taxes and those. */
#define CHECK_TAXED(amount, taxes, want_amount, want_taxes) \
    do {                                                    \
        CHECK_INT(amount, want_amount);                     \
        CHECK_INT(taxes, want_taxes);                       \
    } while (0)

/* Started on 8 January: 50.00 x 24/31 = 38.71, + 20 % = 46.45.  Ended on 25 February at the very
 * instant of a call: 8.00 used, 10.00 x 25/28 = 8.93, so 0.93 is missing; 8.93 + 1.79 = 10.72. */
TEST(an_end_has_its_part_of_the_minimum_on_a_draft)
{
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"8\"}"),
                                            .min_amount_minor = 1000},
                                           {.metric_code = STR_NULL}};
    struct world w;
    struct fee_view used;
    struct fee_view missing;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    begin_in_advance(&w, "2023-01-08T08:00:00Z", charges);
    set_grace(&w, "c", 3);
    subscribe(&w, "c", "s", "p", "calendar");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 4645);
    bill(&w, "2023-02-01T06:00:00Z");
    at(&w, "2023-02-25T06:00:00Z");
    send_event(&w, "s", "calls", NULL, "{}");
    terminate(&w, "s");
    struct invoice_view last = invoice_at(&w, "c", 2);
    CHECK_STR(last.row.status, "draft");
    CHECK_TAXED(last.row.fees_amount_minor, last.row.taxes_amount_minor, 893, 179);
    CHECK_INT(last.row.total_amount_minor, 1072);
    MUST(&w, invoice_refresh(&w.ctx, last.row.id, &last));
    CHECK_INT(last.row.total_amount_minor, 1072);
    MUST(&w, invoice_finalize(&w.ctx, last.row.id, &last));
    REQUIRE(last.fee_count == 2);
    /* Each tells of the other, on the invoice and by itself. */
    MUST(&w, fee_get(&w.ctx, last.fees[0].row.id, &used));
    MUST(&w, fee_get(&w.ctx, last.fees[1].row.id, &missing));
    CHECK_TAXED(used.row.amount_minor, used.row.taxes_amount_minor, 800, 160);
    CHECK_STR(decimal_text(&w.arena, used.row.units), "1");
    CHECK(uuid_is_nil(used.row.true_up_parent_fee_id));
    CHECK(uuid_eq(used.true_up_fee_id, missing.row.id));
    CHECK(uuid_eq(last.fees[0].true_up_fee_id, missing.row.id));
    CHECK_TAXED(missing.row.amount_minor, missing.row.taxes_amount_minor, 93, 19);
    CHECK_STR(decimal_text(&w.arena, missing.row.units), "1");
    CHECK(uuid_eq(missing.row.true_up_parent_fee_id, used.row.id));
    CHECK(uuid_is_nil(missing.true_up_fee_id));
    check_verify(&w);
    world_close(&w);
}

/* Ended on 25 February: 100.00 x 25/28 = 89.29, less 20.00 and 50.00 that the filters cost, leaves
 * 19.29, which stands behind the usage that no filter takes; 89.29 + 17.86 = 107.15. */
TEST(a_minimum_is_over_all_filters)
{
    static const struct str regions[] = {{"europe", 6}, {"usa", 3}};
    struct metric_filter_input listed = {STR("region"), regions, 2};
    struct charge_filter_input filters[] = {
        {.values = STR("{\"region\": [\"europe\"]}"), .properties = STR("{\"amount\": \"20\"}")},
        {.values = STR("{\"region\": [\"usa\"]}"), .properties = STR("{\"amount\": \"50\"}")}};
    const struct charge_input charges[] = {{.metric_code = STR("calls"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"0\"}"),
                                            .filters = filters,
                                            .filter_count = 2,
                                            .min_amount_minor = 10000},
                                           {.metric_code = STR_NULL}};
    struct billable_metric_row metric;
    struct world w;
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
    MUST(&w,
         billable_metric_change(&w.ctx, STR("calls"),
                                &(struct billable_metric_input){
                                    .filters = &listed, .filter_count = 1, .sent = METRIC_FILTERS},
                                &metric));
    begin_in_advance(&w, "2023-01-08T00:00:00Z", charges);
    subscribe(&w, "c", "s", "p", "calendar");
    run(&w);
    CHECK_INT(invoice_at(&w, "c", 0).row.total_amount_minor, 4645);
    bill(&w, "2023-02-01T06:00:00Z");
    at(&w, "2023-02-25T08:00:00Z");
    send_event(&w, "s", "calls", NULL, "{\"region\": \"usa\"}");
    send_event(&w, "s", "calls", NULL, "{\"region\": \"europe\"}");
    terminate(&w, "s");
    run(&w);
    struct invoice_view last = invoice_at(&w, "c", 2);
    CHECK_STR(last.row.status, "finalized");
    CHECK_TAXED(last.row.fees_amount_minor, last.row.taxes_amount_minor, 8929, 1786);
    CHECK_INT(last.row.total_amount_minor, 10715);
    REQUIRE(last.fee_count == 4);
    const int64_t amounts[] = {2000, 5000, 0, 1929};
    for (size_t i = 0; i < 4; i++) {
        CHECK_INT(last.fees[i].row.amount_minor, amounts[i]);
        CHECK(uuid_is_nil(last.fees[i].row.true_up_parent_fee_id) == (i < 3));
        CHECK(uuid_is_nil(last.fees[i].true_up_fee_id) == (i != 2));
    }
    CHECK_STR(last.fees[0].filter_values, "{\"region\":[\"europe\"]}");
    CHECK_STR(last.fees[1].filter_values, "{\"region\":[\"usa\"]}");
    CHECK_INT(last.fees[3].row.taxes_amount_minor, 386);
    CHECK_STR(decimal_text(&w.arena, last.fees[3].row.units), "1");
    CHECK(uuid_eq(last.fees[2].true_up_fee_id, last.fees[3].row.id));
    CHECK(uuid_eq(last.fees[3].row.true_up_parent_fee_id, last.fees[2].row.id));
    check_verify(&w);
    world_close(&w);
}

/* What came at the instant of the end came before it: nothing is taken and never billed.  At
 * midnight that day is the last one: 10.00 x 7/31 = 2.26. */
TEST(the_instant_of_an_end_is_billed)
{
    static const struct {
        const char *name, *end;
    } cases[] = {
        {"inside a day", "2024-03-07T12:34:56.789012Z"},
        {"at midnight", "2024-03-07T00:00:00Z"},
    };
    EACH(c, cases) {
        struct world w;
        world_open(&w);
        begin(&w, "2024-03-01T00:00:00Z", NULL, 1000, 0);
        at(&w, c->end);
        call(&w, c->end);
        terminate(&w, "s");
        CHECK_INT(amount_in(&w, 0, false, false), 800);
        CHECK_INT(amount_in(&w, 0, true, false), INT_NONE);
        CHECK_INT(invoice_at(&w, "c", 0).fees[0].ended_at, instant(c->end));
        check_verify(&w);
        world_close(&w);
    }
    struct world w;
    world_open(&w);
    begin(&w, "2024-03-01T00:00:00Z", NULL, 1000, 0);
    at(&w, "2024-03-07T00:00:00Z");
    terminate(&w, "s");
    CHECK_INT(amount_in(&w, 0, true, false), 226);
    check_verify(&w);
    world_close(&w);
}

/* An end known beforehand comes at the start of its day, which is its last one, as for the plan's
 * own fee: 10.00 x 11/31 = 3.55; a call of that instant is billed, 8.00.  On a billing day nothing
 * of that day is. */
TEST(an_end_known_beforehand_has_one_last_day)
{
    static const struct {
        const char *name, *ending_at, *call_at;
        int64_t usage, missing;
    } cases[] = {
        {"unused", "2024-03-11T15:00:00Z", NULL, 0, 355},
        {"a call of the instant", "2024-03-11T15:00:00Z", "2024-03-11T00:00:00Z", 800, INT_NONE},
        {"a billing day", "2024-04-01T00:00:00Z", NULL, 0, 1000},
    };
    EACH(c, cases) {
        struct world w;
        struct subscription_view view;
        world_open(&w);
        begin(&w, "2024-03-01T00:00:00Z", NULL, 1000, 0);
        MUST(&w, subscription_modify(&w.ctx,
                                     &(struct subscription_modification){
                                         .external_id = STR("s"),
                                         .sent = SUBSCRIPTION_ENDING_AT,
                                         .ending_at = instant(c->ending_at),
                                         .subscription_at = TIME_NONE,
                                     },
                                     &view));
        if (c->call_at != NULL)
            call(&w, c->call_at);
        bill(&w, c->ending_at);
        CHECK_INT(invoices_of(&w, "c").count, 1);
        CHECK_INT(amount_in(&w, 0, false, false), c->usage);
        CHECK_INT(amount_in(&w, 0, true, false), c->missing);
        check_verify(&w);
        world_close(&w);
    }
}

TEST(limits_follow_the_proration_of_the_plan)
{
    // clang-format off
    static const struct { const char *name, *proration; int64_t want; } cases[] = {
        {"days",     "days",     484},  /* 10.00 x 15/31 = 4.8387 */
        {"fixed_30", "fixed_30", 467},  /* 10.00 x 14/30: the 31st adds none */
        {"none",     "none",     1000},
    };
    // clang-format on
    EACH(c, cases) {
        struct world w;
        world_open(&w);
        begin(&w, "2024-03-17T12:00:00Z", c->proration, 1000, 0);
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_INT(amount_in(&w, 0, true, false), c->want);
        check_verify(&w);
        world_close(&w);
    }
}

TEST(a_maximum_lowers_the_fee)
{
    struct world w;
    struct current_usage_view view;
    world_open(&w);
    begin(&w, "2024-03-17T00:00:00Z", NULL, 0, 2000);
    call(&w, "2024-03-18T00:00:00Z");
    call(&w, "2024-03-19T00:00:00Z");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 0, false, false), 968); /* 16.00; 20.00 x 15/31 = 9.677 */
    call(&w, "2024-04-02T00:00:00Z");
    call(&w, "2024-04-03T00:00:00Z");
    MUST(&w, current_usage_get(&w.ctx, STR("c"), STR("s"), &view));
    CHECK_INT(view.charges[0].fee.amount_minor, 1600);
    call(&w, "2024-04-04T00:00:00Z");
    MUST(&w, current_usage_get(&w.ctx, STR("c"), STR("s"), &view));
    CHECK_INT(view.charges[0].fee.amount_minor, 2000); /* of 24.00 */
    bill(&w, "2024-05-01T00:00:00Z");
    const struct fee_row *fee = fee_in(&w, 1, false, false);
    REQUIRE(fee != NULL);
    CHECK_INT(fee->amount_minor, 2000);
    CHECK_STR(decimal_text(&w.arena, fee->precise_amount), "20");
    CHECK_STR(decimal_text(&w.arena, fee->unit_amount), "6.666666666666667");
    CHECK_STR(fee->explanation,
              "[{\"text\":\"3 units at 8\",\"inputs\":{\"op\":\"units * unit_amount\","
              "\"units\":\"3\",\"unit_amount\":\"8\"},"
              "\"result\":\"24\"},{\"text\":\"lowered to the maximum of 20\",\"inputs\":{"
              "\"op\":\"round(amount * days / days_of_period, decimals) - subtotal\","
              "\"amount\":\"20\",\"days\":\"30\",\"days_of_period\":\"30\","
              "\"decimals\":\"2\",\"subtotal\":\"24\"},\"result\":\"-4\"}]");
    check_verify(&w);
    world_close(&w);
}

/* Used or not, and however much: one price. */
TEST(the_same_minimum_and_maximum_are_one_price)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-03-01T00:00:00Z", NULL, 1200, 1200);
    call(&w, "2024-03-02T00:00:00Z");
    bill(&w, "2024-04-01T00:00:00Z");
    call(&w, "2024-04-02T00:00:00Z");
    call(&w, "2024-04-03T00:00:00Z");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(invoice_at(&w, "c", 0).row.fees_amount_minor, 1200);
    CHECK_INT(amount_in(&w, 0, true, false), 400);
    CHECK_INT(invoice_at(&w, "c", 1).row.fees_amount_minor, 1200);
    CHECK_INT(amount_in(&w, 1, true, false), INT_NONE);
    check_verify(&w);
    world_close(&w);
}

TEST(late_usage_takes_from_the_true_up_first)
{
    struct world w;
    world_open(&w);
    begin(&w, "2024-03-01T00:00:00Z", NULL, 1000, 2000);
    call(&w, "2024-03-05T00:00:00Z");
    bill(&w, "2024-04-01T00:00:00Z"); /* 8.00 + 2.00 */
    call(&w, "2024-03-06T00:00:00Z");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, false, true), 800); /* 16.00 less 8.00 */
    const struct fee_row *true_up = fee_in(&w, 1, true, true);
    REQUIRE(true_up != NULL);
    CHECK_INT(true_up->amount_minor, -200); /* nothing is missing any more */
    CHECK_STR(decimal_text(&w.arena, true_up->units), "-1");
    CHECK(uuid_is_nil(true_up->true_up_parent_fee_id));
    CHECK_INT(invoice_at(&w, "c", 1).row.fees_amount_minor, 1600); /* + April's minimum */
    /* two more: 32.00, of which the maximum leaves 20.00; 16.00 were billed */
    call(&w, "2024-03-07T00:00:00Z");
    call(&w, "2024-03-08T00:00:00Z");
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 2, false, true), 400);
    CHECK(fee_in(&w, 2, true, true) == NULL);
    check_verify(&w);
    world_close(&w);
}

/* What is too old to be corrected costs only what is above the minimum. */
TEST(late_usage_within_the_minimum_is_no_exception)
{
    struct world w;
    struct late_exception_page_row *rows = NULL;
    struct late_query query = {.external_customer_id = STR("c"), .limit = 100};
    size_t count = 0;
    int64_t total = 0;
    world_open(&w);
    begin(&w, "2024-03-01T00:00:00Z", NULL, 2000, 0);
    bill(&w, "2024-04-01T00:00:00Z");
    bill(&w, "2024-05-01T00:00:00Z");
    bill(&w, "2024-06-01T00:00:00Z");
    call(&w, "2024-03-05T00:00:00Z");
    bill(&w, "2024-07-01T00:00:00Z");
    MUST(&w, late_exception_list(&w.ctx, &query, &rows, &count, &total));
    CHECK_INT(count, 0);
    call(&w, "2024-03-06T00:00:00Z");
    call(&w, "2024-03-07T00:00:00Z");
    bill(&w, "2024-08-01T00:00:00Z");
    MUST(&w, late_exception_list(&w.ctx, &query, &rows, &count, &total));
    REQUIRE(count == 1);
    CHECK_INT(rows[0].amount_minor, 400); /* 24.00 instead of 20.00 */
    CHECK(fee_in(&w, 4, false, true) == NULL);
    check_verify(&w);
    world_close(&w);
}

TEST(a_maximum_is_not_below_the_minimum)
{
    struct world w;
    struct plan_view view;
    const struct charge_input charge = {.metric_code = STR("calls"),
                                        .charge_model = STR("standard"),
                                        .properties = STR("{\"amount\": \"8\"}"),
                                        .min_amount_minor = 1000,
                                        .max_amount_minor = 999};
    world_open(&w);
    make_metric(&w, "calls", "count_agg", NULL);
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
    CHECK_STR(w.fault.fields[0].field, "charges.0.max_amount_cents");
    CHECK_STR(w.fault.fields[0].code, "value_is_out_of_range");
    world_close(&w);
}
