/* A cheaper plan takes over when the period of the one that runs is over, a dearer one at once;
 * amounts worked out by hand. */
#include "tests/app/books.h"

#include "app/plan_change.h"
#include "app/subscription_plan.h"

#define HALF "{\"amount\": \"0.5\"}"
#define ONE  "{\"amount\": \"1\"}"

static struct charge_input charged(const char *metric, const char *properties)
{
    return (struct charge_input){.metric_code = str_of(metric),
                                 .charge_model = STR("standard"),
                                 .properties = str_of(properties)};
}

/* Plan p of 31.00 a month and small of 10.00; c has s of p. */
static void sell_with(struct world *w, const char *zone, struct charge_input dear,
                      struct charge_input cheap)
{
    const struct charge_input dears[] = {dear, {.metric_code = STR_NULL}};
    const struct charge_input cheaps[] = {cheap, {.metric_code = STR_NULL}};
    make_plan(w, (struct plan_input){.code = STR("p"), .amount_minor = 3100}, dears);
    make_plan(w, (struct plan_input){.code = STR("small"), .amount_minor = 1000}, cheaps);
    make_customer(w, "c", zone);
    subscribe(w, "c", "s", "p", NULL);
}

/* A call costs 1.00 on p and 0.50 on small. */
static void sell_calls(struct world *w, const char *zone)
{
    make_metric(w, "calls", "count_agg", NULL);
    sell_with(w, zone, charged("calls", ONE), charged("calls", HALF));
}

static void open_with_calls(struct world *w)
{
    world_open(w);
    at(w, "2024-01-01T00:00:00Z");
    sell_calls(w, "UTC");
}

static struct subscription_view ask(struct world *w, const char *when, const char *plan)
{
    at(w, when);
    return subscribe(w, "c", "s", plan, NULL);
}

static struct subscription_view get(struct world *w, const char *status)
{
    struct subscription_view view;
    MUST(w, subscription_get(&w->ctx, STR("s"), str_of(status), &view));
    return view;
}

static bool is_there(struct world *w, const char *status)
{
    struct subscription_view view;
    bool is = subscription_get(&w->ctx, STR("s"), str_of(status), &view) == ERR_NONE;
    fault_reset(&w->fault);
    return is;
}

static void call(struct world *w, const char *when, const char *occurred_at)
{
    at(w, when);
    send_event(w, "s", "calls", occurred_at, "{}");
}

TEST(usage_goes_by_its_own_time)
{
    struct world w;
    open_with_calls(&w);
    call(&w, "2024-01-10T00:00:00Z", NULL);
    call(&w, "2024-01-12T00:00:00Z", "2024-02-03T00:00:00Z"); /* before anybody asked */
    struct subscription_view now = ask(&w, "2024-01-15T00:00:00Z", "small");
    CHECK_STR(now.plan.row.code, "p");
    CHECK_STR(now.neighbours.next_plan_code, "small");
    CHECK_DAY(now.neighbours.takes_over_day, "2024-02-01");
    struct subscription_view next = get(&w, "pending");
    CHECK_STR(next.plan.row.code, "small");
    CHECK_STR(next.neighbours.previous_plan_code, "p");
    CHECK_INT(next.row.started_at, TIME_NONE);
    call(&w, "2024-01-20T00:00:00Z", "2024-02-01T00:00:00Z");
    call(&w, "2024-01-20T00:00:00Z", "2024-01-31T23:59:59Z");
    bill(&w, "2024-02-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 3100; charge 2 200");
    next = get(&w, "active");
    CHECK_STR(next.plan.row.code, "small");
    CHECK_AT(next.row.started_at, "2024-02-01T00:00:00Z");
    CHECK_AT(next.row.subscription_at, "2024-01-01T00:00:00Z");
    CHECK_STR(next.neighbours.previous_plan_code, "p");
    now = get(&w, "terminated");
    CHECK_AT(now.row.terminated_at, "2024-02-01T00:00:00Z");
    CHECK_STR(now.neighbours.next_plan_code, "small");
    CHECK_INT(now.neighbours.takes_over_day, DAY_NONE);
    run(&w);                                                  /* once */
    call(&w, "2024-02-05T00:00:00Z", "2024-01-30T00:00:00Z"); /* late: at the old price */
    call(&w, "2024-02-10T00:00:00Z", NULL);
    bill(&w, "2024-03-01T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 2);
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 1000; charge 3 150; late charge 1 100");
    check_verify(&w);
    world_close(&w);
}

/* In Tokyo the day begins at 15:00 of the day before; nothing was run for two months. */
TEST(what_was_missed_is_made_up_for_in_order)
{
    struct world w;
    world_open(&w);
    at(&w, "2023-12-31T15:00:00Z");
    sell_calls(&w, "Asia/Tokyo");
    ask(&w, "2024-01-15T00:00:00Z", "small");
    call(&w, "2024-01-31T14:59:59Z", NULL);
    call(&w, "2024-01-31T15:00:00Z", NULL);
    call(&w, "2024-02-10T00:00:00Z", NULL);
    CHECK_STR(get(&w, "active").plan.row.code, "p");
    bill(&w, "2024-03-05T00:00:00Z");
    CHECK_INT(invoices_of(&w, "c").count, 2);
    CHECK_AT(invoice_at(&w, "c", 0).row.billing_at, "2024-01-31T15:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 3100; charge 1 100");
    CHECK_AT(invoice_at(&w, "c", 1).row.billing_at, "2024-02-29T15:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 1000; charge 2 100");
    check_verify(&w);
    world_close(&w);
}

/* An end that is asked for after the change was due, but before it was made, is the next one's. */
TEST(what_is_asked_for_comes_after_what_is_due)
{
    struct world w;
    open_with_calls(&w);
    ask(&w, "2024-01-15T00:00:00Z", "small");
    at(&w, "2024-02-15T12:00:00Z");
    terminate(&w, "s");
    run(&w);
    CHECK_INT(invoices_of(&w, "c").count, 2);
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 3100");
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 517"); /* 10.00 * 15/29 */
    CHECK_STR(get(&w, "terminated").plan.row.code, "small");
    check_verify(&w);
    world_close(&w);
}

/* Whose the event with this transaction id is. */
static struct uuid owner_of(struct world *w, const char *transaction_id, const char *occurred_at)
{
    struct event_result result;
    struct event_input event = {
        .transaction_id = str_of(transaction_id),
        .external_subscription_id = STR("s"),
        .code = STR("calls"),
        .occurred_at = instant(occurred_at),
        .properties = STR("{}"),
    };
    MUST(w, ingest_now(&w->ctx, &event, 1, false, &result));
    return result.subscription_id;
}

TEST(an_event_that_went_over_is_known)
{
    struct world w;
    open_with_calls(&w);
    ask(&w, "2024-01-15T00:00:00Z", "small");
    struct uuid running = get(&w, "active").row.id;
    CHECK(uuid_eq(owner_of(&w, "t", "2024-02-03T00:00:00Z"), running));
    bill(&w, "2024-02-01T00:00:00Z");
    CHECK(uuid_eq(owner_of(&w, "t", "2024-02-03T00:00:00Z"), get(&w, "active").row.id));
    bill(&w, "2024-03-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 1000; charge 1 50");
    check_verify(&w);
    world_close(&w);
}

/* A call costs 10.00 on p and 4.00 on small, at once; one of February waits for February. */
TEST(what_is_billed_in_advance_goes_by_its_own_time)
{
    struct world w;
    struct charge_input dear = charged("calls", "{\"amount\": \"10\"}");
    struct charge_input cheap = charged("calls", "{\"amount\": \"4\"}");
    dear.pay_in_advance = cheap.pay_in_advance = true;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    make_metric(&w, "calls", "count_agg", NULL);
    sell_with(&w, "UTC", dear, cheap);
    call(&w, "2024-01-12T00:00:00Z", "2024-02-03T00:00:00Z");
    run(&w);
    ask(&w, "2024-01-15T00:00:00Z", "small");
    call(&w, "2024-01-16T00:00:00Z", NULL);
    call(&w, "2024-01-17T00:00:00Z", "2024-02-20T00:00:00Z");
    bill(&w, "2024-01-18T00:00:00Z");
    check_fees(&w, "1000");
    bill(&w, "2024-02-01T00:00:00Z");
    check_fees(&w, "1000 400 400");
    call(&w, "2024-02-05T00:00:00Z", "2024-01-20T00:00:00Z");
    call(&w, "2024-02-06T00:00:00Z", NULL);
    run(&w);
    check_fees(&w, "1000 400 400 1000 400");
    bill(&w, "2024-03-01T00:00:00Z");
    check_fees(&w, "1000 400 400 1000 400");
    check_verify(&w);
    world_close(&w);
}

/* ---- stocks ---------------------------------------------------------------------------------- */

/* 10 seats since 5 January, 2 more since 20 February, of 29 days.  Sum: 1.00 and then 0.50 each,
 * 10 and 12 of them.  By days at 29.00: 10 for 29 days and 2 for 10, 290.00 and 20.00; in January,
 * at 31.00, 10 for 27 of 31 days, 270.00. */
TEST(a_stock_goes_on)
{
    static const struct {
        const char *name, *aggregation, *dear, *cheap;
        bool prorated;
        const char *january, *february;
    } cases[] = {
        {"sum", "sum_agg", ONE, HALF, false, "subscription 1 3100; charge 10 1000",
         "subscription 1 1000; charge 12 600"},
        {"sum by days", "sum_agg", "{\"amount\": \"31\"}", "{\"amount\": \"29\"}", true,
         "subscription 1 3100; charge 10 27000", "subscription 1 1000; charge 12 31000"},
        {"sum, by group", "sum_agg", "{\"amount\": \"1\", \"pricing_group_keys\": [\"team\"]}",
         "{\"amount\": \"0.5\", \"pricing_group_keys\": [\"team\"]}", false,
         "subscription 1 3100; charge 10 1000", "subscription 1 1000; charge 12 600"},
        {"unique", "unique_count_agg", ONE, HALF, false, "subscription 1 3100; charge 1 100",
         "subscription 1 1000; charge 2 100"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world w;
        struct charge_input dear = charged("seats", cases[i].dear);
        struct charge_input cheap = charged("seats", cases[i].cheap);
        printf("  %s\n", cases[i].name);
        dear.prorated = cheap.prorated = cases[i].prorated;
        world_open(&w);
        at(&w, "2024-01-01T00:00:00Z");
        make_stock(&w, "seats", cases[i].aggregation, "count");
        sell_with(&w, "UTC", dear, cheap);
        at(&w, "2024-01-05T00:00:00Z");
        send_event(&w, "s", "seats", NULL, "{\"count\": 10}");
        ask(&w, "2024-01-15T00:00:00Z", "small");
        bill(&w, "2024-02-01T00:00:00Z");
        CHECK_STR(bill_lines(&w, "c", 0), cases[i].january);
        at(&w, "2024-02-20T00:00:00Z");
        send_event(&w, "s", "seats", NULL, "{\"count\": 2}");
        bill(&w, "2024-03-01T00:00:00Z");
        CHECK_STR(bill_lines(&w, "c", 1), cases[i].february);
        check_verify(&w);
        world_close(&w);
    }
}

static void note_finding(void *arg, struct str line)
{
    struct buf *text = arg;
    buf_add(text, line);
    buf_add(text, STR("\n"));
}

/* Whether verify says so. */
static bool finds(struct world *w, const char *finding)
{
    struct verify_result result;
    struct buf text;
    char room[8192]; /* what is in the arena goes with each finding */
    buf_fixed(&text, room, sizeof room);
    MUST(w, verify_books(&w->ctx, note_finding, &text, &result));
    return strstr(arena_cstr(&w->arena, buf_str(&text)), finding) != NULL;
}

/* A seat costs 30.00 on p and 20.00 on small, paid at once and renewed on the first of the month,
 * at the price of the plan that begins then.  A second seat is told late: it counts for January at
 * the old price, and for February at the new one. */
TEST(a_stock_in_advance_is_renewed_by_the_next_plan)
{
    for (int alone = 0; alone < 2; alone++) {
        struct world w;
        struct charge_input dear = charged("seats", "{\"amount\": \"30\"}");
        struct charge_input cheap = charged("seats", "{\"amount\": \"20\"}");
        dear.pay_in_advance = cheap.pay_in_advance = true;
        dear.sent = cheap.sent = CHARGE_INVOICEABLE;
        dear.invoiceable = cheap.invoiceable = alone == 0;
        world_open(&w);
        at(&w, "2024-01-01T00:00:00Z");
        make_stock(&w, "seats", "sum_agg", "count");
        sell_with(&w, "UTC", dear, cheap);
        at(&w, "2024-01-05T00:00:00Z");
        send_event(&w, "s", "seats", NULL, "{\"count\": 1}");
        run(&w);
        ask(&w, "2024-01-15T00:00:00Z", "small");
        bill(&w, "2024-02-01T00:00:00Z");
        check_fees(&w, "3000 2000");
        at(&w, "2024-02-05T00:00:00Z");
        send_event(&w, "s", "seats", "2024-01-20T00:00:00Z", "{\"count\": 1}");
        run(&w);
        check_fees(&w, "3000 2000 3000 2000");
        bill(&w, "2024-03-01T00:00:00Z");
        check_fees(&w, "3000 2000 3000 2000 4000");
        check_verify(&w);
        tamper(&w, "DELETE FROM fee WHERE usage_event_id IS NOT NULL AND subscription_id IN "
                   "(SELECT id FROM subscription WHERE previous_id IS NOT NULL)");
        CHECK(finds(&w, "has no fee of it for the period from 2024-02-01T00:00:00Z"));
        world_close(&w);
    }
}

/* ---- what waits ------------------------------------------------------------------------------ */

TEST(another_plan_takes_the_place_of_what_waits)
{
    struct world w;
    struct subscription_view view;
    open_with_calls(&w);
    make_plan(&w, (struct plan_input){.code = STR("tiny"), .amount_minor = 500}, NULL);
    ask(&w, "2024-01-15T00:00:00Z", "small");
    struct uuid first = get(&w, "pending").row.id;
    ask(&w, "2024-01-16T00:00:00Z", "small"); /* as it waits already */
    CHECK(uuid_eq(get(&w, "pending").row.id, first));
    view = ask(&w, "2024-01-17T00:00:00Z", "tiny");
    CHECK_STR(view.neighbours.next_plan_code, "tiny");
    CHECK(uuid_eq(get(&w, "canceled").row.id, first));
    view = ask(&w, "2024-01-18T00:00:00Z", "p"); /* all stays as it is */
    CHECK(str_is_null(view.neighbours.next_plan_code));
    CHECK(!is_there(&w, "pending"));
    ask(&w, "2024-01-19T00:00:00Z", "tiny");
    MUST(&w, subscription_terminate(&w.ctx, STR("s"), STR("pending"), STR_NULL, false, &view));
    CHECK_STR(view.row.status, "canceled");
    CHECK(str_is_null(get(&w, "active").neighbours.next_plan_code));
    ask(&w, "2024-01-20T00:00:00Z", "small");
    bill(&w, "2024-02-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 3100");
    CHECK_STR(get(&w, "active").plan.row.code, "small");
    ask(&w, "2024-02-10T00:00:00Z", "tiny"); /* and once more */
    bill(&w, "2024-03-01T00:00:00Z");
    bill(&w, "2024-04-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 1000");
    CHECK_STR(bill_lines(&w, "c", 2), "subscription 1 500");
    check_verify(&w);
    world_close(&w);
}

static void end_now(struct world *w)
{
    terminate(w, "s");
}

static void end_on_a_day(struct world *w)
{
    struct subscription_view view;
    MUST(w, subscription_modify(
                &w->ctx,
                &(struct subscription_modification){.external_id = STR("s"),
                                                    .sent = SUBSCRIPTION_ENDING_AT,
                                                    .ending_at = instant("2024-01-21T00:00:00Z")},
                &view));
    bill(w, "2024-01-21T00:00:00Z");
}

static void end_with_the_period(struct world *w)
{
    struct subscription_view view;
    MUST(w, subscription_modify(
                &w->ctx,
                &(struct subscription_modification){.external_id = STR("s"),
                                                    .sent = SUBSCRIPTION_ENDING_AT,
                                                    .ending_at = instant("2024-02-01T00:00:00Z")},
                &view));
    bill(w, "2024-02-01T00:00:00Z");
}

static void delete_the_customer(struct world *w)
{
    struct customer_view view;
    MUST(w, customer_delete(&w->ctx, STR("c"), &view));
}

static void delete_the_plan(struct world *w)
{
    struct plan_view view;
    MUST(w, plan_delete(&w->ctx, STR("p"), &view));
    run(w);
}

TEST(what_waits_goes_with_the_one_that_runs)
{
    static const struct {
        const char *name;
        void (*end)(struct world *w);
    } cases[] = {{"ended", end_now},
                 {"an end on a day", end_on_a_day},
                 {"an end with the period", end_with_the_period},
                 {"customer deleted", delete_the_customer},
                 {"plan deleted", delete_the_plan}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world w;
        printf("  %s\n", cases[i].name);
        open_with_calls(&w);
        ask(&w, "2024-01-15T00:00:00Z", "small");
        at(&w, "2024-01-20T00:00:00Z");
        cases[i].end(&w);
        CHECK_STR(get(&w, "terminated").plan.row.code, "p");
        CHECK_STR(get(&w, "canceled").plan.row.code, "small");
        CHECK(!is_there(&w, "active") && !is_there(&w, "pending"));
        bill(&w, "2024-04-01T00:00:00Z");
        CHECK_INT(check_books(&w).invoices, 1);
        world_close(&w);
    }
}

/* Deleted is the plan that waits: the one that runs goes on. */
TEST(a_deleted_plan_takes_over_nothing)
{
    struct world w;
    struct plan_view view;
    open_with_calls(&w);
    ask(&w, "2024-01-15T00:00:00Z", "small");
    MUST(&w, plan_delete(&w.ctx, STR("small"), &view));
    run(&w);
    CHECK(!is_there(&w, "pending"));
    bill(&w, "2024-03-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 3100");
    check_verify(&w);
    world_close(&w);
}

/* From UTC to Tokyo: 1 February begins nine hours earlier. */
TEST(the_day_stays_when_the_zone_changes)
{
    struct world w;
    open_with_calls(&w);
    ask(&w, "2024-01-15T00:00:00Z", "small");
    call(&w, "2024-01-20T00:00:00Z", "2024-01-31T15:30:00Z");
    make_customer(&w, "c", "Asia/Tokyo");
    bill(&w, "2024-01-31T15:00:00Z");
    CHECK_AT(get(&w, "active").row.started_at, "2024-01-31T15:00:00Z");
    CHECK_STR(get(&w, "active").plan.row.code, "small");
    bill(&w, "2024-03-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 3100");
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 1000; charge 1 50");
    check_verify(&w);
    world_close(&w);
}

/* small at 8.00, with 3 of its seats at 2.00 instead of 1, paid in advance: February on the day of
 * the change, with the last of p. */
TEST(what_takes_over_may_have_its_own_terms)
{
    struct world w;
    struct subscription_view view;
    const struct fixed_charge_input seats = {.add_on_code = STR("seats"),
                                             .charge_model = STR("standard"),
                                             .properties = STR("{\"amount\": \"2\"}"),
                                             .units = decimal_lit("1"),
                                             .pay_in_advance = true,
                                             .sent = FIXED_UNITS};
    const struct fixed_charge_input more = {
        .code = STR("seats"), .units = decimal_lit("3"), .sent = FIXED_UNITS};
    const struct plan_override override = {
        .change = {.sent = PLAN_AMOUNT | PLAN_FIXED_CHARGES,
                   .input = {.amount_minor = 800, .fixed_charges = &more, .fixed_charge_count = 1}},
        .path = STR("plan_overrides")};
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    make_add_on(&w, "seats", NULL);
    make_plan(&w, (struct plan_input){.code = STR("p"), .amount_minor = 3100}, NULL);
    make_plan(&w,
              (struct plan_input){.code = STR("small"),
                                  .amount_minor = 1000,
                                  .fixed_charges = &seats,
                                  .fixed_charge_count = 1},
              NULL);
    make_customer(&w, "c", "UTC");
    subscribe(&w, "c", "s", "p", NULL);
    at(&w, "2024-01-15T00:00:00Z");
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){.external_customer_id = STR("c"),
                                                              .external_id = STR("s"),
                                                              .plan_code = STR("small"),
                                                              .name = STR("Small"),
                                                              .subscription_at = TIME_NONE,
                                                              .ending_at = TIME_NONE,
                                                              .override = &override},
                                 &view));
    CHECK_STR(view.neighbours.next_plan_code, "small");
    bill(&w, "2024-02-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 3100; fixed_charge 3 600");
    CHECK_STR(get(&w, "active").row.name, "Small");
    bill(&w, "2024-03-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 1), "subscription 1 800; fixed_charge 3 600");
    check_verify(&w);
    world_close(&w);
}

/* ---- which way ------------------------------------------------------------------------------- */

/* p is 372.00 a year: 31.00 a month.  A week at 7.15 is 371.80, at 7.16 372.32. */
TEST(the_price_of_a_year_decides)
{
    static const struct {
        const char *interval;
        int64_t amount;
        bool is_cheaper;
    } cases[] = {
        {"monthly", 3099, true}, {"monthly", 3100, false},    {"weekly", 715, true},
        {"weekly", 716, false},  {"quarterly", 9299, true},   {"quarterly", 9300, false},
        {"yearly", 37199, true}, {"yearly", 37200, false},    {"P2Y", 74398, true},
        {"P2Y", 74400, false},   {"semiannual", 18599, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world w;
        open_with_calls(&w);
        make_plan(&w,
                  (struct plan_input){.code = STR("other"),
                                      .amount_minor = cases[i].amount,
                                      .billing_interval = str_of(cases[i].interval)},
                  NULL);
        ask(&w, "2024-01-15T00:00:00Z", "other");
        CHECK_STR(get(&w, "active").plan.row.code, cases[i].is_cheaper ? "p" : "other");
        CHECK_INT(is_there(&w, "pending"), cases[i].is_cheaper);
        world_close(&w);
    }
}

/* ---- at once --------------------------------------------------------------------------------- */

/* big costs 62.00 a month and 2.00 a call.  At noon on 20 January: 19 days of p, 31.00 * 19/31, and
 * two calls; then 12 days of big, 62.00 * 12/31, and what is stamped from noon on, whenever it
 * came. */
TEST(a_dearer_plan_takes_over_at_once)
{
    for (int in_advance = 0; in_advance < 2; in_advance++) {
        struct world w;
        const struct charge_input calls[] = {charged("calls", "{\"amount\": \"2\"}"),
                                             {.metric_code = STR_NULL}};
        open_with_calls(&w);
        make_plan(&w,
                  (struct plan_input){
                      .code = STR("big"), .amount_minor = 6200, .pay_in_advance = in_advance == 1},
                  calls);
        call(&w, "2024-01-10T00:00:00Z", NULL);
        call(&w, "2024-01-15T00:00:00Z", "2024-01-25T00:00:00Z");
        ask(&w, "2024-01-16T00:00:00Z", "small");
        call(&w, "2024-01-20T10:00:00Z", "2024-01-20T18:00:00Z");
        call(&w, "2024-01-20T11:00:00Z", NULL);
        call(&w, "2024-01-20T12:00:00Z", NULL);
        struct subscription_view now = ask(&w, "2024-01-20T12:00:00Z", "big");
        CHECK_STR(now.plan.row.code, "big");
        CHECK_STR(now.row.status, "active");
        CHECK_STR(now.neighbours.previous_plan_code, "p");
        CHECK_AT(now.row.started_at, "2024-01-20T12:00:00Z");
        CHECK_AT(now.row.subscription_at, "2024-01-01T00:00:00Z");
        CHECK_STR(get(&w, "canceled").plan.row.code, "small");
        CHECK_AT(get(&w, "terminated").row.terminated_at, "2024-01-20T12:00:00Z");
        CHECK_STR(bill_lines(&w, "c", 0), in_advance == 1 ? "subscription 1 1900; charge 2 200; "
                                                            "subscription 1 2400"
                                                          : "subscription 1 1900; charge 2 200");
        check_books(&w);
        call(&w, "2024-01-22T00:00:00Z", "2024-01-05T00:00:00Z"); /* late */
        bill(&w, "2024-02-01T00:00:00Z");
        CHECK_STR(bill_lines(&w, "c", 1),
                  in_advance == 1 ? "subscription 1 6200; charge 3 600; late charge 1 100"
                                  : "subscription 1 2400; charge 3 600; late charge 1 100");
        check_verify(&w);
        world_close(&w);
    }
}

/* Three plans on one day, the first of a month: nothing of the first two is used. */
TEST(a_day_has_one_plan)
{
    struct world w;
    open_with_calls(&w);
    make_plan(&w, (struct plan_input){.code = STR("big"), .amount_minor = 6200}, NULL);
    make_plan(&w, (struct plan_input){.code = STR("huge"), .amount_minor = 9300}, NULL);
    bill(&w, "2024-02-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", 0), "subscription 1 3100");
    ask(&w, "2024-02-01T09:00:00Z", "big");
    ask(&w, "2024-02-01T10:00:00Z", "huge");
    bill(&w, "2024-03-01T00:00:00Z");
    CHECK_STR(bill_lines(&w, "c", invoices_of(&w, "c").count - 1), "subscription 1 9300");
    CHECK_INT(check_books(&w).postings > 0, true);
    world_close(&w);
}

/* What would have to be given back, or counts by days. */
TEST(what_can_not_be_changed_at_once_is_refused)
{
    struct charge_input calls = charged("calls", ONE);
    struct charge_input ahead = calls;
    struct charge_input stock = charged("seats", ONE);
    struct charge_input least = calls;
    const struct fixed_charge_input seats = {.add_on_code = STR("seats"),
                                             .charge_model = STR("standard"),
                                             .properties = STR(ONE),
                                             .units = decimal_lit("1"),
                                             .pay_in_advance = true,
                                             .sent = FIXED_UNITS};
    ahead.pay_in_advance = true;
    least.min_amount_minor = 100;
    const struct {
        const char *name;
        bool in_advance, has_seats;
        const struct charge_input *charge;
    } cases[] = {{"plan in advance", true, false, &calls},
                 {"fixed charge in advance", false, true, &calls},
                 {"charge in advance", false, false, &ahead},
                 {"stock", false, false, &stock},
                 {"minimum", false, false, &least}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world w;
        struct subscription_view view;
        const struct charge_input charges[] = {*cases[i].charge, {.metric_code = STR_NULL}};
        printf("  %s\n", cases[i].name);
        world_open(&w);
        at(&w, "2024-01-01T00:00:00Z");
        make_metric(&w, "calls", "count_agg", NULL);
        make_stock(&w, "seats", "sum_agg", "count");
        make_add_on(&w, "seats", NULL);
        make_plan(&w, (struct plan_input){.code = STR("big"), .amount_minor = 6200}, NULL);
        sell(&w,
             (struct plan_input){.amount_minor = 3100,
                                 .pay_in_advance = cases[i].in_advance,
                                 .fixed_charges = &seats,
                                 .fixed_charge_count = cases[i].has_seats ? 1 : 0},
             charges);
        at(&w, "2024-01-15T00:00:00Z");
        CHECK_INT(subscription_create(&w.ctx,
                                      &(struct subscription_input){
                                          .external_customer_id = STR("c"),
                                          .external_id = STR("s"),
                                          .plan_code = STR("big"),
                                          .subscription_at = TIME_NONE,
                                          .ending_at = TIME_NONE,
                                      },
                                      &view),
                  ERR_NOT_SUPPORTED);
        fault_reset(&w.fault);
        CHECK_STR(get(&w, "active").plan.row.code, "p");
        check_books(&w);
        world_close(&w);
    }
}

/* ---- what is refused ------------------------------------------------------------------------- */

TEST(what_does_not_fit_is_refused)
{
    static const struct {
        const char *plan, *billing_time, *subscription_at, *ending_at, *field;
    } cases[] = {
        {"small", "calendar", NULL, NULL, NULL},
        {"small", NULL, "2024-01-01T00:00:00Z", NULL, NULL},
        {"small", NULL, "2024-02-01T00:00:00Z", NULL, NULL},
        {"small", NULL, NULL, "2024-02-02T00:00:00Z", NULL},
        {"small", "anniversary", NULL, NULL, "billing_time"},
        {"small", NULL, "2024-03-01T00:00:00Z", NULL, "subscription_at"},
        {"small", NULL, NULL, "2024-02-01T00:00:00Z", "ending_at"},
        {"dollars", NULL, NULL, NULL, "currency"},
        {"p", NULL, NULL, "2024-05-01T00:00:00Z", "ending_at"},
    };
    struct world w;
    open_with_calls(&w);
    make_plan(
        &w,
        (struct plan_input){.code = STR("dollars"), .amount_minor = 100, .currency = STR("USD")},
        NULL);
    at(&w, "2024-01-15T00:00:00Z");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct subscription_view view;
        const char *starts_at = cases[i].subscription_at;
        const char *ends_at = cases[i].ending_at;
        enum err err = subscription_create(
            &w.ctx,
            &(struct subscription_input){
                .external_customer_id = STR("c"),
                .external_id = STR("s"),
                .plan_code = str_of(cases[i].plan),
                .billing_time = str_of(cases[i].billing_time),
                .subscription_at = starts_at == NULL ? TIME_NONE : instant(starts_at),
                .ending_at = ends_at == NULL ? TIME_NONE : instant(ends_at),
            },
            &view);
        CHECK_INT(err, cases[i].field == NULL ? ERR_NONE : ERR_INVALID);
        if (cases[i].field != NULL) {
            REQUIRE(w.fault.field_count == 1);
            CHECK_STR(w.fault.fields[0].field, cases[i].field);
        }
        CHECK_STR(get(&w, "pending").plan.row.code, "small");
        fault_reset(&w.fault);
    }
    world_close(&w);
}

/* ---- what verify finds ----------------------------------------------------------------------- */

TEST(verify_finds_what_does_not_follow)
{
    static const struct {
        const char *sql, *finding;
    } cases[] = {
        {"UPDATE subscription SET started_at = started_at + 1000000 WHERE previous_id IS NOT NULL",
         "the one that it follows ended at 2024-02-01T00:00:00Z"},
        {"UPDATE event SET subscription_id = "
         "(SELECT previous_id FROM subscription WHERE previous_id IS NOT NULL)",
         "which ended by then"},
        {"UPDATE subscription SET status = 'pending' WHERE previous_id IS NOT NULL",
         "waits to follow one that does not run"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct world w;
        open_with_calls(&w);
        ask(&w, "2024-01-15T00:00:00Z", "small");
        bill(&w, "2024-02-01T00:00:00Z");
        call(&w, "2024-02-02T00:00:00Z", NULL);
        check_books(&w);
        tamper(&w, cases[i].sql);
        CHECK(finds(&w, cases[i].finding));
        world_close(&w);
    }
}
