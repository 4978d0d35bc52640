/* world.h - an application with an empty database and a test clock, and short ways to fill it.
 *
 * For tests of use cases; each test makes its own.  Whatever goes wrong in a helper ends the test
 * with the words of the fault. */
#ifndef TESTS_APP_WORLD_H
#define TESTS_APP_WORLD_H

#include "tests/app/audited.h"
#include "tests/memory.h"
#include "tests/server.h"
#include "tests/test.h"

#include "app/add_on.h"
#include "app/billable_metric.h"
#include "app/billing.h"
#include "app/billing_entity.h"
#include "app/customer.h"
#include "app/ingest.h"
#include "app/invoice.h"
#include "app/payment.h"
#include "app/plan.h"
#include "app/subscription.h"
#include "app/tax.h"
#include "base/none.h"
#include "base/time.h"

#include <unistd.h>

struct world {
    struct arena arena;
    struct fault fault;
    struct app app;
    struct ctx ctx;
    struct audited audited; /* every change must be in the audit trail */
};

#define MUST(w, call)                                                                   \
    do {                                                                                \
        enum err must_err_ = (call);                                                    \
        if (must_err_ != ERR_NONE) {                                                    \
            printf("    %s: %.*s\n", err_code(must_err_), STR_ARG((w)->fault.message)); \
            for (size_t i_ = 0; i_ < (w)->fault.field_count; i_++)                      \
                printf("      %.*s: %.*s\n", STR_ARG((w)->fault.fields[i_].field),      \
                       STR_ARG((w)->fault.fields[i_].expected));                        \
        }                                                                               \
        REQUIRE(must_err_ == ERR_NONE);                                                 \
    } while (0)

__attribute__((unused)) static void world_open_at(struct world *w, const char *url)
{
    struct str new_key = STR_NULL;
    *w = (struct world){0};
    arena_init(&w->arena);
    fault_init(&w->fault, &w->arena);
    MUST(w, app_open(&(struct app_options){.database_url = str_of(url),
                                           .test_clock = true,
                                           .watch = audited_init(&w->audited),
                                           .api_key = STR("test")},
                     &w->arena, &w->fault, &w->app, &new_key));
    w->ctx = (struct ctx){.app = &w->app,
                          .arena = &w->arena,
                          .fault = &w->fault,
                          .actor = STR("key:test"),
                          .origin = STR("test")};
}

/* What a world held, from which others begin; to the end of the process. */
struct kept_world {
    sqlite3 *memory;
    char database[64]; /* on PostgreSQL */
};

/* An empty one, or with what was `kept`. */
static void world_open_with(struct world *w, const struct kept_world *kept)
{
    char name[64];
    char url[1200];
    if (test_server() == NULL) {
        memory_start(kept == NULL ? NULL : kept->memory);
        world_open_at(w, "sqlite::memory:");
        memory_end();
        return;
    }
    snprintf(name, sizeof name, "billow_test_%ld", (long)getpid());
    server_do("postgres", "DROP DATABASE IF EXISTS %s WITH (FORCE)", name);
    if (kept == NULL)
        server_make_migrated(name);
    else
        server_copy(kept->database, name);
    snprintf(url, sizeof url, "%s/%s", test_server(), name);
    world_open_at(w, url);
}

/* In memory; or, where BILLOW_TEST_POSTGRES is set ("postgresql://", say), on that server. */
__attribute__((unused)) static void world_open(struct world *w)
{
    world_open_with(w, NULL);
}

__attribute__((unused)) static void world_close(struct world *w)
{
    app_close(&w->app);
    CHECK_INT(w->audited.faults, 0);
    arena_clear(&w->arena);
}

static int kept_worlds;

static void kept_worlds_drop(void)
{
    for (; kept_worlds > 0; kept_worlds--)
        server_do("postgres", "DROP DATABASE billow_kept_%ld_%d WITH (FORCE)", (long)getpid(),
                  kept_worlds);
}

/* Closes it and keeps what it holds. */
__attribute__((unused)) static struct kept_world world_keep(struct world *w)
{
    struct kept_world kept = {0};
    if (test_server() == NULL)
        kept.memory = memory_keep();
    world_close(w);
    if (test_server() == NULL)
        return kept;
    if (kept_worlds == 0)
        REQUIRE(atexit(kept_worlds_drop) == 0);
    snprintf(kept.database, sizeof kept.database, "billow_kept_%ld_%d", (long)getpid(),
             ++kept_worlds);
    server_do("postgres", "ALTER DATABASE billow_test_%ld RENAME TO %s", (long)getpid(),
              kept.database);
    return kept;
}

__attribute__((unused)) static int64_t instant(const char *text)
{
    int64_t at_us = 0;
    REQUIRE(time_parse(str_of(text), &at_us) == ERR_NONE);
    return at_us;
}

__attribute__((unused)) static void at(struct world *w, const char *text)
{
    MUST(w, clock_set(&w->app.clock, instant(text)));
}

/* All that is due now. */
__attribute__((unused)) static struct billing_progress run(struct world *w)
{
    struct billing_progress progress;
    MUST(w, billing_run(&w->ctx, &(struct billing_run_options){.until_at = ctx_now(&w->ctx)},
                        &progress));
    return progress;
}

/* All that is due by then. */
__attribute__((unused)) static void bill(struct world *w, const char *when)
{
    at(w, when);
    run(w);
}

static inline void create_metric(struct world *w, const char *code, const char *aggregation,
                                 const char *field, bool recurring)
{
    struct billable_metric_row row;
    MUST(w, billable_metric_create(&w->ctx,
                                   &(struct billable_metric_input){
                                       .code = str_of(code),
                                       .name = str_of(code),
                                       .aggregation_type = str_of(aggregation),
                                       .field_name = str_of(field),
                                       .recurring = recurring,
                                   },
                                   &row));
}

__attribute__((unused)) static void make_metric(struct world *w, const char *code,
                                                const char *aggregation, const char *field)
{
    create_metric(w, code, aggregation, field, false);
}

/* A recurring metric. */
__attribute__((unused)) static void make_stock(struct world *w, const char *code,
                                               const char *aggregation, const char *field)
{
    create_metric(w, code, aggregation, field, true);
}

__attribute__((unused)) static void make_tax(struct world *w, const char *code, const char *rate,
                                             bool for_all)
{
    struct tax_view view;
    MUST(w, tax_create(&w->ctx,
                       &(struct tax_input){.code = str_of(code),
                                           .name = str_of(code),
                                           .rate = decimal_lit(rate),
                                           .applied_to_organization = for_all},
                       &view));
}

/* Charges end with one without metric. */
/* `tax_code` NULL: none of its own. */
__attribute__((unused)) static void make_add_on(struct world *w, const char *code,
                                                const char *tax_code)
{
    struct add_on_view view;
    struct str tax = str_of(tax_code == NULL ? "" : tax_code);
    MUST(w, add_on_create(&w->ctx,
                          &(struct add_on_input){.code = str_of(code),
                                                 .name = str_of(code),
                                                 .amount_minor = 100,
                                                 .currency = STR("EUR"),
                                                 .tax_codes = &tax,
                                                 .tax_code_count = tax_code == NULL ? 0 : 1},
                          &view));
}

__attribute__((unused)) static void make_plan(struct world *w, struct plan_input input,
                                              const struct charge_input *charges)
{
    struct plan_view view;
    while (charges != NULL && charges[input.charge_count].metric_code.ptr != NULL)
        input.charge_count++;
    input.charges = charges;
    input.name = input.code;
    if (str_is_null(input.currency))
        input.currency = STR("EUR");
    if (str_is_null(input.billing_interval))
        input.billing_interval = STR("monthly");
    MUST(w, plan_create(&w->ctx, &input, &view));
}

__attribute__((unused)) static void make_customer(struct world *w, const char *external_id,
                                                  const char *zone)
{
    struct customer_view view;
    MUST(w, customer_save(&w->ctx,
                          &(struct customer_input){
                              .sent = CUSTOMER_CURRENCY | CUSTOMER_TIMEZONE,
                              .external_id = str_of(external_id),
                              .currency = STR("EUR"),
                              .timezone = str_of(zone),
                          },
                          &view));
}

__attribute__((unused)) static void set_grace(struct world *w, const char *external_id,
                                              int64_t days)
{
    struct customer_view view;
    MUST(w, customer_save(&w->ctx,
                          &(struct customer_input){.sent = CUSTOMER_GRACE_DAYS,
                                                   .external_id = str_of(external_id),
                                                   .grace_days = days},
                          &view));
}

__attribute__((unused)) static struct subscription_view
subscribe(struct world *w, const char *customer, const char *external_id, const char *plan,
          const char *billing_time)
{
    struct subscription_view view;
    MUST(w, subscription_create(&w->ctx,
                                &(struct subscription_input){
                                    .external_customer_id = str_of(customer),
                                    .external_id = str_of(external_id),
                                    .plan_code = str_of(plan),
                                    .billing_time = str_of(billing_time),
                                    .subscription_at = TIME_NONE,
                                    .ending_at = TIME_NONE,
                                },
                                &view));
    return view;
}

/* Plan p as `plan` says otherwise; customer c has s of it from now on. */
__attribute__((unused)) static void sell(struct world *w, struct plan_input plan,
                                         const struct charge_input *charges)
{
    plan.code = STR("p");
    make_plan(w, plan, charges);
    make_customer(w, "c", "UTC");
    subscribe(w, "c", "s", "p", "calendar");
}

__attribute__((unused)) static void terminate(struct world *w, const char *external_id)
{
    struct subscription_view view;
    MUST(w, subscription_terminate(&w->ctx, str_of(external_id), STR_NULL, STR_NULL, false, &view));
}

__attribute__((unused)) static void send_event(struct world *w, const char *subscription,
                                               const char *code, const char *occurred_at,
                                               const char *properties)
{
    static int count;
    struct event_result result;
    struct event_input event = {
        .transaction_id = arena_fmt(&w->arena, "t%d", ++count),
        .external_subscription_id = str_of(subscription),
        .code = str_of(code),
        .occurred_at = occurred_at == NULL ? TIME_NONE : instant(occurred_at),
        .properties = str_of(properties),
    };
    MUST(w, ingest_now(&w->ctx, &event, 1, false, &result));
}

/* SQL beside the application, as somebody with access to the database would. */
__attribute__((unused)) static void tamper(struct world *w, const char *sql)
{
    struct tx *tx = NULL;
    MUST(w, tx_begin(w->app.store, TX_WRITE, &w->arena, &w->fault, &tx));
    struct db *db = tx_db(tx);
    MUST(w, ((struct db_base *)db)->driver->exec(db, sql));
    MUST(w, tx_commit(tx));
}

struct invoices {
    struct invoice_view *views;
    size_t count;
};

/* A customer's, oldest first. */
__attribute__((unused)) static struct invoices invoices_of(struct world *w, const char *customer)
{
    struct invoices all = {0};
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    int64_t total = 0;
    filter.external_customer_id = str_of(customer);
    filter.limit = 1000;
    MUST(w, invoice_list(&w->ctx, &filter, &all.views, &all.count, &total));
    CHECK_INT(total, all.count);
    for (size_t i = 0; i < all.count / 2; i++) {
        struct invoice_view other = all.views[i];
        all.views[i] = all.views[all.count - 1 - i];
        all.views[all.count - 1 - i] = other;
    }
    return all;
}

/* The nth with details, from 0. */
__attribute__((unused)) static struct invoice_view invoice_at(struct world *w, const char *customer,
                                                              size_t index)
{
    struct invoices all = invoices_of(w, customer);
    struct invoice_view view;
    REQUIRE(index < all.count);
    MUST(w, invoice_get(&w->ctx, all.views[index].row.id, &view));
    return view;
}

#define CHECK_DAY(got, want)                               \
    do {                                                   \
        char day_text_[32];                                \
        struct buf day_buf_;                               \
        buf_fixed(&day_buf_, day_text_, sizeof day_text_); \
        if ((got) != DAY_NONE)                             \
            buf_day(&day_buf_, (got));                     \
        CHECK_STR(buf_str(&day_buf_), want);               \
    } while (0)

#define CHECK_AT(got, want)                             \
    do {                                                \
        char at_text_[64];                              \
        struct buf at_buf_;                             \
        buf_fixed(&at_buf_, at_text_, sizeof at_text_); \
        if ((got) != TIME_NONE)                         \
            buf_time(&at_buf_, (got));                  \
        CHECK_STR(buf_str(&at_buf_), want);             \
    } while (0)

#endif
