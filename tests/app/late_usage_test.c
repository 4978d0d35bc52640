/* Usage that arrives after its period was billed: corrections, worked out by hand, and what can't
 * be corrected any more. */
#include "tests/app/books.h"

#include "app/late_read.h"
#include "app/plan_change.h"

/* The first charge's fee on the nth invoice: its own, or the correction of the period that begins
 * then. */
static const struct fee_row *fee_in(struct world *w, size_t invoice, const char *correction_from)
{
    struct invoice_view view = invoice_at(w, "c", invoice);
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_row *row = &view.fees[i].row;
        if (!str_eq(row->fee_type, STR("charge")) ||
            row->is_correction != (correction_from != NULL) ||
            (correction_from != NULL && row->from_at != instant(correction_from)))
            continue;
        struct fee_row *copy = ARENA_NEW(&w->arena, struct fee_row);
        *copy = *row;
        return copy;
    }
    return NULL;
}

static int64_t amount_in(struct world *w, size_t invoice, const char *correction_from)
{
    const struct fee_row *fee = fee_in(w, invoice, correction_from);
    return fee == NULL ? INT_NONE : fee->amount_minor;
}

static size_t count_fees(struct world *w, size_t invoice)
{
    return invoice_at(w, "c", invoice).fee_count;
}

static enum err count_notes(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct late_customer_of_range_row *rows = NULL;
    struct uuid first = {{0, 1}}; /* the nil id is none */
    struct uuid last;
    (void)ctx;
    memset(last.bytes, 0xff, sizeof last.bytes);
    return late_customer_of_range(
        tx, &(struct late_customer_of_range_in){.first_id = first, .last_id = last}, &rows, arg);
}

/* Whether anything waits to be looked at. */
static bool has_notes(struct world *w)
{
    size_t count = 0;
    MUST(w, tx_run(&w->ctx, TX_READ, count_notes, &count));
    return count > 0;
}

struct exceptions {
    struct late_exception_page_row *rows;
    size_t count;
};

static struct exceptions exceptions_of(struct world *w)
{
    struct exceptions all = {0};
    int64_t total = 0;
    MUST(w, late_exception_list(
                &w->ctx, &(struct late_query){.external_customer_id = STR("c"), .limit = 100},
                &all.rows, &all.count, &total));
    CHECK_INT(total, all.count);
    return all;
}

/* The first 10 cost 1.00 each, what is above 0.50. */
static const char graduated[] =
    "{\"graduated_ranges\": ["
    "{\"from_value\": 0, \"to_value\": 10, \"per_unit_amount\": \"1\", \"flat_amount\": \"0\"},"
    "{\"from_value\": 11, \"to_value\": null, \"per_unit_amount\": \"0.5\", \"flat_amount\": "
    "\"0\"}]}";

static void begin(struct world *w, const char *aggregation, const char *model,
                  const char *properties)
{
    const struct charge_input charges[] = {
        {.metric_code = STR("m"), .charge_model = str_of(model), .properties = str_of(properties)},
        {.metric_code = STR_NULL}};
    make_metric(w, "m", aggregation, "v");
    at(w, "2024-03-01T00:00:00Z");
    sell(w, (struct plan_input){0}, charges);
}

static void send(struct world *w, const char *occurred_at, const char *value)
{
    struct str properties = arena_fmt(&w->arena, "{\"v\": %s}", value);
    send_event(w, "s", "m", occurred_at, arena_fmt(&w->arena, "%.*s", STR_ARG(properties)).ptr);
}

TEST(late_units_cost_what_the_tiers_make_of_them)
{
    struct world w;
    world_open(&w);
    make_tax(&w, "vat", "20", true);
    begin(&w, "sum_agg", "graduated", graduated);
    send(&w, "2024-03-05T00:00:00Z", "8");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 0, NULL), 800);
    CHECK(!has_notes(&w));
    at(&w, "2024-04-02T00:00:00Z");
    send(&w, "2024-03-31T23:59:59Z", "7");
    send(&w, "2024-04-01T00:00:00Z", "4"); /* in time */
    CHECK(has_notes(&w));
    bill(&w, "2024-05-01T00:00:00Z");
    const struct fee_row *fee = fee_in(&w, 1, "2024-03-01T00:00:00Z");
    REQUIRE(fee != NULL);
    CHECK_INT(fee->amount_minor, 450); /* 15: 10 x 1 + 5 x 0.5 = 12.50, less 8.00; not 7.00 */
    CHECK_INT(fee->taxes_amount_minor, 90);
    CHECK_INT(fee->event_count, 1);
    CHECK_AT(fee->to_at, "2024-04-01T00:00:00Z");
    CHECK_STR(decimal_text(&w.arena, fee->units), "7");
    CHECK(strstr(fee->explanation.ptr, "with all usage now") != NULL);
    CHECK(strstr(fee->explanation.ptr, "billed before") != NULL);
    CHECK_INT(amount_in(&w, 1, NULL), 400);
    CHECK_INT(invoice_at(&w, "c", 1).row.total_amount_minor, 1020);
    CHECK(!has_notes(&w));
    check_verify(&w);
    world_close(&w);
}

TEST(late_twice_is_corrected_twice_and_then_too_late)
{
    struct world w;
    world_open(&w);
    begin(&w, "sum_agg", "graduated", graduated);
    send(&w, "2024-03-05T00:00:00Z", "8");
    bill(&w, "2024-04-01T00:00:00Z");
    send(&w, "2024-03-06T00:00:00Z", "7");
    bill(&w, "2024-05-01T00:00:00Z");
    send(&w, "2024-03-07T00:00:00Z", "10");
    send(&w, "2024-04-07T00:00:00Z", "3"); /* nothing was billed for April */
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 450);
    CHECK_INT(amount_in(&w, 2, "2024-03-01T00:00:00Z"), 500); /* 25: 17.50 less 12.50 */
    CHECK_INT(amount_in(&w, 2, "2024-04-01T00:00:00Z"), 300);
    CHECK_INT(exceptions_of(&w).count, 0);
    /* March is none of the two before June; April is */
    send(&w, "2024-03-08T00:00:00Z", "2");
    send(&w, "2024-04-08T00:00:00Z", "8");
    bill(&w, "2024-07-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 3, "2024-03-01T00:00:00Z"), INT_NONE);
    CHECK_INT(amount_in(&w, 3, "2024-04-01T00:00:00Z"), 750); /* 11: 10.50 less 3.00 */
    struct exceptions all = exceptions_of(&w);
    REQUIRE(all.count == 1);
    CHECK_STR(all.rows[0].reason, "too_old");
    CHECK_STR(all.rows[0].metric_code, "m");
    CHECK_INT(all.rows[0].amount_minor, 100);
    CHECK_INT(all.rows[0].event_count, 1);
    CHECK_STR(decimal_text(&w.arena, all.rows[0].units), "2");
    CHECK_AT(all.rows[0].from_at, "2024-03-01T00:00:00Z");
    /* more of it: one exception says all */
    send(&w, "2024-03-09T00:00:00Z", "4");
    bill(&w, "2024-08-01T00:00:00Z");
    all = exceptions_of(&w);
    REQUIRE(all.count == 1);
    CHECK_INT(all.rows[0].amount_minor, 300);
    CHECK_INT(all.rows[0].event_count, 2);
    /* a store that fails at its nth call leaves it as it was */
    int64_t failures = 0;
    for (;; failures++) {
        store_fail_at(w.app.store, failures + 1);
        enum err err = late_exception_dismiss(&w.ctx, all.rows[0].id);
        store_fail_at(w.app.store, 0);
        fault_reset(&w.fault);
        if (err == ERR_NONE)
            break;
        CHECK_INT(err, ERR_STORE);
        REQUIRE(exceptions_of(&w).count == 1);
        REQUIRE(failures < 100);
    }
    CHECK(failures > 3); /* begin, read, delete, audit, commit */
    CHECK_INT(exceptions_of(&w).count, 0);
    CHECK(late_exception_dismiss(&w.ctx, all.rows[0].id) == ERR_NOT_FOUND);
    fault_reset(&w.fault);
    CHECK(!has_notes(&w));
    check_verify(&w);
    world_close(&w);
}

TEST(what_changes_no_price_makes_no_fee)
{
    struct world w;
    world_open(&w);
    begin(&w, "sum_agg", "package",
          "{\"amount\": \"5\", \"free_units\": 0, \"package_size\": 100}");
    send(&w, "2024-03-05T00:00:00Z", "60");
    bill(&w, "2024-04-01T00:00:00Z");
    send(&w, "2024-03-06T00:00:00Z", "30");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(count_fees(&w, 1), 1); /* the plan's own */
    CHECK(!has_notes(&w));
    send(&w, "2024-03-07T00:00:00Z", "20");
    bill(&w, "2024-06-01T00:00:00Z");
    const struct fee_row *fee = fee_in(&w, 2, "2024-03-01T00:00:00Z");
    REQUIRE(fee != NULL);
    CHECK_INT(fee->amount_minor, 500); /* 110: two packages */
    CHECK_INT(fee->event_count, 2);    /* the one that changed nothing is counted here */
    CHECK_STR(decimal_text(&w.arena, fee->units), "50");
    check_verify(&w);
    world_close(&w);
}

TEST(a_unique_count_and_a_newest_value_may_be_given_back)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("seats"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"3\"}")},
                                           {.metric_code = STR("disk"),
                                            .charge_model = STR("standard"),
                                            .properties = STR("{\"amount\": \"0.1\"}")},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_tax(&w, "vat", "10", true);
    make_metric(&w, "seats", "unique_count_agg", "user");
    make_metric(&w, "disk", "latest_agg", "gb");
    at(&w, "2024-03-01T00:00:00Z");
    sell(&w, (struct plan_input){0}, charges);
    send_event(&w, "s", "seats", "2024-03-02T00:00:00Z", "{\"user\": \"a\"}");
    send_event(&w, "s", "seats", "2024-03-03T00:00:00Z", "{\"user\": \"b\"}");
    send_event(&w, "s", "disk", "2024-03-20T00:00:00Z", "{\"gb\": 500}");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_INT(invoice_at(&w, "c", 0).row.fees_amount_minor, 600 + 5000);
    send_event(&w, "s", "seats", "2024-03-04T00:00:00Z", "{\"user\": \"c\"}");
    send_event(&w, "s", "seats", "2024-03-05T00:00:00Z", "{\"user\": \"a\"}");
    send_event(&w, "s", "disk", "2024-03-19T00:00:00Z", "{\"gb\": 900}"); /* not the newest */
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(invoice_at(&w, "c", 1).row.fees_amount_minor, 300);
    CHECK_STR(decimal_text(&w.arena, fee_in(&w, 1, "2024-03-01T00:00:00Z")->units), "1");
    send_event(&w, "s", "seats", "2024-03-06T00:00:00Z",
               "{\"user\": \"b\", \"operation_type\": \"remove\"}");
    send_event(&w, "s", "disk", "2024-03-21T00:00:00Z", "{\"gb\": 200}");
    bill(&w, "2024-06-01T00:00:00Z");
    struct invoice_view view = invoice_at(&w, "c", 2);
    CHECK_INT(view.row.fees_amount_minor, -300 - 3000);
    CHECK_INT(view.row.taxes_amount_minor, -330);
    CHECK_INT(view.row.total_amount_minor, -3630);
    check_verify(&w);
    world_close(&w);
}

TEST(a_draft_counts_what_comes)
{
    struct world w;
    world_open(&w);
    begin(&w, "sum_agg", "graduated", graduated);
    set_grace(&w, "c", 3);
    send(&w, "2024-03-05T00:00:00Z", "8");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 0, NULL), 800);
    send(&w, "2024-03-06T00:00:00Z", "7");
    bill(&w, "2024-04-04T00:00:00Z");
    CHECK_INT(count_fees(&w, 0), 2);
    CHECK_INT(amount_in(&w, 0, NULL), 1250);
    CHECK_STR(invoice_at(&w, "c", 0).row.status, "finalized");
    CHECK(!has_notes(&w));
    send(&w, "2024-03-07T00:00:00Z", "10");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 500);
    send(&w, "2024-03-08T00:00:00Z", "2"); /* the draft takes up this too */
    bill(&w, "2024-05-04T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 600);
    CHECK_INT(count_fees(&w, 1), 2);
    CHECK(!has_notes(&w));
    check_verify(&w);
    world_close(&w);
}

/* Grace of more than a period: what is late for March goes on the first draft that took some up,
 * and nowhere else, whichever is finalized first. */
TEST(of_two_drafts_one_bears_the_correction)
{
    struct world w;
    struct invoice_view done;
    world_open(&w);
    begin(&w, "sum_agg", "graduated", graduated);
    send(&w, "2024-03-05T00:00:00Z", "8");
    bill(&w, "2024-04-01T00:00:00Z");
    set_grace(&w, "c", 45);
    send(&w, "2024-03-06T00:00:00Z", "7");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 450);
    send(&w, "2024-03-07T00:00:00Z", "10");
    send(&w, "2024-04-07T00:00:00Z", "1"); /* for a period that is open */
    bill(&w, "2024-06-01T00:00:00Z");
    CHECK_STR(invoice_at(&w, "c", 1).row.status, "draft");
    CHECK_STR(invoice_at(&w, "c", 2).row.status, "draft");
    CHECK_INT(count_fees(&w, 2), 1);
    MUST(&w, invoice_finalize(&w.ctx, invoice_at(&w, "c", 2).row.id, &done));
    CHECK_INT(count_fees(&w, 2), 1);
    CHECK(has_notes(&w));
    MUST(&w, invoice_finalize(&w.ctx, invoice_at(&w, "c", 1).row.id, &done));
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 950); /* 25: 17.50 less 8.00 */
    CHECK_INT(amount_in(&w, 1, NULL), 100);
    CHECK(!has_notes(&w));
    check_verify(&w);
    world_close(&w);
}

TEST(an_ended_subscription_is_billed_once_more)
{
    struct world w;
    world_open(&w);
    begin(&w, "sum_agg", "graduated", graduated);
    send(&w, "2024-03-05T00:00:00Z", "8");
    at(&w, "2024-03-15T12:00:00Z");
    terminate(&w, "s");
    CHECK_INT(amount_in(&w, 0, NULL), 800);
    at(&w, "2024-03-20T00:00:00Z");
    send(&w, "2024-03-06T00:00:00Z", "7");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 1);
    bill(&w, "2024-04-10T00:00:00Z"); /* caught up: dated as it should have been */
    REQUIRE(invoices_of(&w, "c").count == 2);
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 450);
    CHECK_DAY(invoice_at(&w, "c", 1).row.issuing_day, "2024-04-01");
    CHECK(!has_notes(&w));
    /* nothing changes: no invoice */
    send(&w, "2024-03-07T00:00:00Z", "0");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 2);
    CHECK(!has_notes(&w));
    send(&w, "2024-03-08T00:00:00Z", "10");
    bill(&w, "2024-06-01T00:00:00Z");
    REQUIRE(invoices_of(&w, "c").count == 3);
    CHECK_INT(amount_in(&w, 2, "2024-03-01T00:00:00Z"), 500);
    /* March is older than the two periods before June */
    send(&w, "2024-03-09T00:00:00Z", "2");
    bill(&w, "2024-07-01T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 3);
    REQUIRE(exceptions_of(&w).count == 1);
    CHECK_INT(exceptions_of(&w).rows[0].amount_minor, 100);
    CHECK(!has_notes(&w));
    check_verify(&w);
    world_close(&w);
}

/* The draft of the end, or of what came late, takes up what comes until it is final. */
TEST(an_ended_subscription_with_grace)
{
    struct world w;
    world_open(&w);
    begin(&w, "sum_agg", "graduated", graduated);
    set_grace(&w, "c", 40);
    send(&w, "2024-03-05T00:00:00Z", "8");
    at(&w, "2024-03-15T12:00:00Z");
    terminate(&w, "s");
    send(&w, "2024-03-06T00:00:00Z", "7");
    bill(&w, "2024-04-20T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 1);
    bill(&w, "2024-04-24T00:00:00Z");
    CHECK_STR(invoice_at(&w, "c", 0).row.status, "finalized");
    CHECK_INT(amount_in(&w, 0, NULL), 1250);
    send(&w, "2024-03-07T00:00:00Z", "10");
    bill(&w, "2024-05-01T00:00:00Z");
    REQUIRE(invoices_of(&w, "c").count == 2);
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 500);
    send(&w, "2024-03-08T00:00:00Z", "2");
    bill(&w, "2024-06-05T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 2);
    bill(&w, "2024-06-10T00:00:00Z");
    CHECK_STR(invoice_at(&w, "c", 1).row.status, "finalized");
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 600);
    CHECK(!has_notes(&w));
    bill(&w, "2024-08-01T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 2);
    check_verify(&w);
    world_close(&w);
}

/* A void takes back the invoice, not that its usage was billed. */
TEST(a_voided_bill_counts_as_billed)
{
    struct world w;
    struct invoice_view view;
    world_open(&w);
    begin(&w, "sum_agg", "graduated", graduated);
    send(&w, "2024-03-05T00:00:00Z", "8");
    bill(&w, "2024-04-01T00:00:00Z");
    MUST(&w, invoice_void(&w.ctx, invoice_at(&w, "c", 0).row.id, &view));
    send(&w, "2024-03-06T00:00:00Z", "7");
    bill(&w, "2024-05-01T00:00:00Z");
    CHECK_INT(amount_in(&w, 1, "2024-03-01T00:00:00Z"), 450);
    check_verify(&w);
    world_close(&w);
}

/* Events of a customer's day that straddles midnight UTC, a start in mid-period, an unknown
 * subscription's events that are adopted. */
TEST(local_days_and_adopted_events)
{
    struct world w;
    const struct charge_input charges[] = {{.metric_code = STR("m"),
                                            .charge_model = STR("graduated"),
                                            .properties = str_of(graduated)},
                                           {.metric_code = STR_NULL}};
    world_open(&w);
    make_metric(&w, "m", "sum_agg", "v");
    at(&w, "2024-03-10T00:00:00Z");
    make_plan(&w, (struct plan_input){.code = STR("p")}, charges);
    make_customer(&w, "c", "America/New_York");
    send(&w, "2024-03-09T00:00:00Z", "50"); /* before there is a contract */
    subscribe(&w, "c", "s", "p", "calendar");
    send(&w, "2024-03-12T00:00:00Z", "8");
    bill(&w, "2024-04-01T04:00:00Z");
    CHECK_INT(amount_in(&w, 0, NULL), 800);
    at(&w, "2024-04-01T05:00:00Z");
    send(&w, "2024-04-01T03:59:59Z", "7"); /* still March there */
    send(&w, "2024-04-01T04:00:00Z", "3");
    bill(&w, "2024-05-01T04:00:00Z");
    CHECK_INT(amount_in(&w, 1, "2024-03-10T00:00:00Z"), 450);
    CHECK_INT(amount_in(&w, 1, NULL), 300);
    CHECK(!has_notes(&w));
    check_verify(&w);
    world_close(&w);
}
