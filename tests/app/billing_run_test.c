/* The billing run: repeated, shared by threads, broken off anywhere, it ends in the same books. */
#include "tests/app/world.h"

#include "base/hash.h"
#include "store/sql/ledger.h"

#include <pthread.h>

#define CUSTOMERS      12
#define CUSTOMERS_MANY 120 /* more than one range */
#define CUSTOMERS_FEW  5

static void fill_world(struct world *w, int customers)
{
    const struct charge_input charges[] = {
        {.metric_code = STR("calls"),
         .charge_model = STR("graduated"),
         .properties = STR("{\"graduated_ranges\":[{\"from_value\":0,\"to_value\":1,"
                           "\"per_unit_amount\":\"1\",\"flat_amount\":\"0\"},"
                           "{\"from_value\":2,\"to_value\":null,"
                           "\"per_unit_amount\":\"0.5\",\"flat_amount\":\"2\"}]}")},
        {.metric_code = STR_NULL}};
    struct billing_entity_view entity;
    world_open(w);
    at(w, "2024-01-01T00:00:00Z");
    make_tax(w, "vat", "19", true);
    make_metric(w, "calls", "count_agg", NULL);
    make_plan(w, (struct plan_input){.code = STR("arrears"), .amount_minor = 1000}, charges);
    make_plan(
        w,
        (struct plan_input){.code = STR("advance"), .amount_minor = 2000, .pay_in_advance = true},
        charges);
    MUST(w, billing_entity_change(&w->ctx,
                                  &(struct billing_entity_input){
                                      .sent = ENTITY_DOCUMENT_NUMBERING,
                                      .code = STR("default"),
                                      .document_numbering = STR("per_billing_entity"),
                                  },
                                  &entity));
    for (int i = 0; i < customers; i++) {
        const char *customer = arena_fmt(&w->arena, "c%d", i).ptr;
        const char *subscription = arena_fmt(&w->arena, "s%d", i).ptr;
        make_customer(w, customer, i % 3 == 0 ? "America/New_York" : "UTC");
        if (i % 4 == 1)
            set_grace(w, customer, 3);
        subscribe(w, customer, subscription, i % 2 == 0 ? "arrears" : "advance",
                  i % 5 == 0 ? "anniversary" : "calendar");
        for (int j = 0; j <= i % 4; j++)
            send_event(w, subscription, "calls",
                       arena_fmt(&w->arena, "2024-01-%02dT12:00:00Z", 2 + j).ptr, "{}");
    }
}

/* What the first of so many customers was filled with begins the others. */
static void make_world(struct world *w, int customers)
{
    static struct kept_world kept[CUSTOMERS_MANY + 1];
    static bool is_kept[CUSTOMERS_MANY + 1];
    REQUIRE(customers <= CUSTOMERS_MANY);
    if (!is_kept[customers]) {
        fill_world(w, customers);
        kept[customers] = world_keep(w);
        is_kept[customers] = true;
    }
    world_open_with(w, &kept[customers]);
    at(w, "2024-01-01T00:00:00Z");
}

/* What came out, without ids and times of making: one text for the invoices and the books. */
static struct str outcome(struct world *w)
{
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    struct invoice_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    struct buf out;
    filter.limit = 10000;
    MUST(w, invoice_list(&w->ctx, &filter, &views, &count, &total));
    buf_init(&out, &w->arena, (size_t)1 << 22);
    struct str *lines = ARENA_ARRAY(&w->arena, count, struct str);
    for (size_t i = 0; i < count; i++) {
        const struct invoice_row *row = &views[i].row;
        struct str line = arena_fmt(
            &w->arena, "%.*s %.*s %.*s day %d due %d fees %lld taxes %lld %.*s\n",
            STR_ARG(views[i].customer.row.external_id),
            str_is_null(row->number) ? 1 : (int)row->number.len,
            str_is_null(row->number) ? "-" : row->number.ptr, STR_ARG(row->status),
            (int)row->issuing_day, (int)row->payment_due_day, (long long)row->fees_amount_minor,
            (long long)row->taxes_amount_minor, STR_ARG(row->payment_status));
        size_t place = i;
        for (; place > 0 && str_cmp(lines[place - 1], line) > 0; place--)
            lines[place] = lines[place - 1];
        lines[place] = line;
    }
    for (size_t i = 0; i < count; i++)
        buf_add(&out, lines[i]);
    struct tx *tx = NULL;
    struct ledger_balance_list_row *balances = NULL;
    MUST(w, tx_begin(w->app.store, TX_READ, &w->arena, &w->fault, &tx));
    MUST(w, ledger_balance_list(tx, &balances, &count));
    tx_rollback(tx);
    for (size_t i = 0; i < count; i++)
        buf_fmt(&out, "%.*s %lld\n", STR_ARG(balances[i].account),
                (long long)balances[i].balance_minor);
    return buf_str(&out);
}

static enum err run_with(struct world *w, int threads, struct billing_progress *progress)
{
    return billing_run(
        &w->ctx, &(struct billing_run_options){.until_at = ctx_now(&w->ctx), .threads = threads},
        progress);
}

static void check_same(struct str got, struct str want)
{
    CHECK(str_eq(got, want));
    if (!str_eq(got, want))
        printf("got\n%.*s\nwanted\n%.*s\n", STR_ARG(got), STR_ARG(want));
}

TEST(running_again_changes_nothing_and_says_so)
{
    struct world w;
    struct billing_progress progress;
    make_world(&w, CUSTOMERS);
    at(&w, "2024-04-10T00:00:00Z");
    MUST(&w, run_with(&w, 1, &progress));
    CHECK(progress.invoices_made > 0);
    struct str before = outcome(&w);
    MUST(&w, run_with(&w, 1, &progress));
    CHECK_INT(progress.invoices_made, 0);
    CHECK_INT(progress.invoices_finalized, 0);
    CHECK_INT(progress.customers_total, 0);
    check_same(outcome(&w), before);
    world_close(&w);
}

TEST(day_by_day_or_all_at_once_is_the_same)
{
    struct world w;
    struct billing_progress progress;
    make_world(&w, CUSTOMERS);
    at(&w, "2024-04-10T00:00:00Z");
    MUST(&w, run_with(&w, 1, &progress));
    struct str at_once = outcome(&w);
    struct world days;
    make_world(&days, CUSTOMERS);
    for (int64_t day = instant("2024-01-02T00:00:00Z"); day <= instant("2024-04-10T00:00:00Z");
         day += TIME_DAY) {
        MUST(&days, clock_set(&days.app.clock, day));
        MUST(&days, run_with(&days, 1, &progress));
    }
    check_same(outcome(&days), at_once);
    world_close(&w);
    world_close(&days);
}

TEST(threads_share_the_work)
{
    struct world one;
    struct world many;
    struct billing_progress progress;
    int customers = CUSTOMERS_MANY;
    make_world(&one, customers);
    at(&one, "2024-03-10T00:00:00Z");
    MUST(&one, run_with(&one, 1, &progress));
    struct str want = outcome(&one);
    int64_t made = progress.invoices_made;
    world_close(&one);
    make_world(&many, customers);
    at(&many, "2024-03-10T00:00:00Z");
    MUST(&many, run_with(&many, 4, &progress));
    CHECK_INT(progress.invoices_made, made);
    struct str got = outcome(&many);
    CHECK_INT(got.len, want.len);
    world_close(&many);
}

/* Breaks the run off at its nth call of the database, then lets it go on.  Which calls is drawn,
 * here and below, unless all is tested: each takes a world of its own. */
TEST(broken_off_anywhere_it_ends_in_the_same_books)
{
    struct world whole;
    struct billing_progress progress;
    int customers = CUSTOMERS_FEW;
    make_world(&whole, customers);
    at(&whole, "2024-02-10T00:00:00Z");
    MUST(&whole, run_with(&whole, 1, &progress));
    struct str want = outcome(&whole);
    bool broke = true;
    for (int64_t call = 1; broke;
         call += test_is_all() ? 1 + call / 3 : test_between(1, 1 + call)) {
        struct world w;
        make_world(&w, customers);
        at(&w, "2024-02-10T00:00:00Z");
        store_fail_at(w.app.store, call);
        broke = run_with(&w, 1, &progress) != ERR_NONE;
        store_fail_at(w.app.store, 0);
        fault_reset(&w.fault);
        MUST(&w, run_with(&w, 1, &progress));
        check_same(outcome(&w), want);
        world_close(&w);
    }
    world_close(&whole);
}

struct stopper {
    int left; /* calls of progress until the run is stopped */
    _Atomic bool stop;
};

static void count_down(void *arg, const struct billing_progress *progress)
{
    struct stopper *stopper = arg;
    (void)progress;
    if (--stopper->left == 0)
        stopper->stop = true;
}

TEST(stopped_anywhere_it_goes_on_with_the_same_numbers)
{
    struct world whole;
    struct billing_progress progress;
    int customers = CUSTOMERS_MANY;
    make_world(&whole, customers);
    at(&whole, "2024-03-10T00:00:00Z");
    MUST(&whole, run_with(&whole, 1, &progress));
    struct str want = outcome(&whole);
    bool stopped = true;
    for (int calls = 1; stopped; calls += test_is_all() ? 2 : (int)test_between(1, 1 + calls)) {
        struct world w;
        struct stopper stopper = {.left = calls};
        make_world(&w, customers);
        at(&w, "2024-03-10T00:00:00Z");
        MUST(&w, billing_run(&w.ctx,
                             &(struct billing_run_options){.until_at = ctx_now(&w.ctx),
                                                           .threads = 1,
                                                           .progress = count_down,
                                                           .arg = &stopper,
                                                           .stop = &stopper.stop},
                             &progress));
        stopped = stopper.stop;
        MUST(&w, run_with(&w, 1, &progress));
        check_same(outcome(&w), want);
        world_close(&w);
    }
    world_close(&whole);
}

/* ---- several runs at once -------------------------------------------------------------------- */

struct runner {
    struct world *world;
    pthread_t thread;
    enum err err;
};

static void *run_beside(void *arg)
{
    struct runner *runner = arg;
    struct billing_progress progress;
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    struct ctx ctx = runner->world->ctx;
    ctx.arena = &arena;
    ctx.fault = &fault;
    runner->err = billing_run(
        &ctx, &(struct billing_run_options){.until_at = ctx_now(&ctx), .threads = 2}, &progress);
    if (runner->err != ERR_NONE)
        printf("    %.*s\n", STR_ARG(fault.message));
    arena_clear(&arena);
    return NULL;
}

TEST(several_runs_at_once_bill_everything_once_and_number_without_gaps)
{
    struct world one;
    struct world w;
    struct runner runners[3];
    struct billing_progress progress;
    int customers = CUSTOMERS_MANY;
    make_world(&one, customers);
    size_t want = (size_t)customers / 2; /* made at the start of those paid in advance */
    at(&one, "2024-03-10T00:00:00Z");
    MUST(&one, run_with(&one, 1, &progress));
    want += (size_t)progress.invoices_made;
    world_close(&one);
    make_world(&w, customers);
    at(&w, "2024-03-10T00:00:00Z");
    for (size_t i = 0; i < 3; i++) {
        runners[i] = (struct runner){.world = &w};
        REQUIRE(pthread_create(&runners[i].thread, NULL, run_beside, &runners[i]) == 0);
    }
    for (size_t i = 0; i < 3; i++) {
        pthread_join(runners[i].thread, NULL);
        CHECK(runners[i].err == ERR_NONE);
    }
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    struct invoice_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    filter.limit = 10000;
    MUST(&w, invoice_list(&w.ctx, &filter, &views, &count, &total));
    CHECK_INT(count, want);
    bool *seen = ARENA_ARRAY(&w.arena, count + 1, bool);
    size_t finalized = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t number = 0;
        struct str text = views[i].row.number;
        if (str_is_null(text))
            continue;
        finalized++;
        REQUIRE(str_to_int64(str_slice(text, text.len - 3, text.len), &number));
        REQUIRE(number >= 1 && (size_t)number <= count);
        CHECK(!seen[number]);
        seen[number] = true;
    }
    CHECK_INT(finalized, count); /* every grace period is over */
    world_close(&w);
}
