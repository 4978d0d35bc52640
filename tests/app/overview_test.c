/* overview_test.c - the provider's figures at a glance.  Expected figures by hand, in the comments.
 */
#include "tests/app/world.h"

#include "app/cost_import.h"
#include "app/overview.h"
#include "app/resale_rule.h"
#include "app/vendor_account.h"

#include <stdlib.h>

#define NOW   (OVERVIEW_MONTHS - 1)
#define MONTH (OVERVIEW_MONTHS - 1)

static const struct overview_currency *of(const struct overview *overview, const char *currency)
{
    for (size_t i = 0; i < overview->currency_count; i++) {
        if (str_eq(overview->currencies[i].currency, str_of(currency)))
            return &overview->currencies[i];
    }
    test_fail(__FILE__, __LINE__, "no figures of a currency");
    return NULL;
}

static struct overview look(struct world *w)
{
    struct overview overview;
    MUST(w, overview_load(&w->ctx, &overview));
    return overview;
}

static void make_dollar_customer(struct world *w, const char *external_id)
{
    struct customer_view view;
    MUST(w, customer_save(&w->ctx,
                          &(struct customer_input){
                              .sent = CUSTOMER_CURRENCY | CUSTOMER_TIMEZONE,
                              .external_id = str_of(external_id),
                              .currency = STR("USD"),
                              .timezone = STR("UTC"),
                          },
                          &view));
}

static void set_payment_term(struct world *w, const char *external_id, int64_t days)
{
    struct customer_view view;
    MUST(w, customer_save(&w->ctx,
                          &(struct customer_input){.sent = CUSTOMER_PAYMENT_TERM_DAYS,
                                                   .external_id = str_of(external_id),
                                                   .payment_term_days = days},
                          &view));
}

static void make_plans(struct world *w)
{
    const struct charge_input calls[] = {{.metric_code = STR("calls"),
                                          .charge_model = STR("standard"),
                                          .properties = STR("{\"amount\":\"0.5\"}")},
                                         {.metric_code = STR_NULL}};
    make_tax(w, "VAT", "20", true);
    make_metric(w, "calls", "count_agg", NULL);
    make_plan(w, (struct plan_input){.code = STR("month"), .amount_minor = 2900}, calls);
    make_plan(w,
              (struct plan_input){
                  .code = STR("week"), .amount_minor = 1000, .billing_interval = STR("weekly")},
              NULL);
    make_plan(w,
              (struct plan_input){
                  .code = STR("year"), .amount_minor = 120000, .billing_interval = STR("yearly")},
              NULL);
    make_plan(w,
              (struct plan_input){.code = STR("quarter"),
                                  .amount_minor = 9900,
                                  .currency = STR("USD"),
                                  .billing_interval = STR("quarterly")},
              NULL);
}

/* One on each plan, the weekly one from Monday, 15 April on; one in dollars.  Four calls in April.
 */
static void play_to_april(struct world *w)
{
    at(w, "2024-03-01T00:00:00Z");
    make_plans(w);
    make_customer(w, "monthly", "UTC");
    make_customer(w, "yearly", "UTC");
    make_dollar_customer(w, "dollars");
    subscribe(w, "monthly", "s-month", "month", "calendar");
    subscribe(w, "yearly", "s-year", "year", "anniversary");
    subscribe(w, "dollars", "s-quarter", "quarter", "calendar");
    at(w, "2024-04-10T00:00:00Z");
    run(w);
    for (int i = 0; i < 4; i++)
        send_event(w, "s-month", "calls", "2024-04-09T00:00:00Z", "{}");
    at(w, "2024-04-15T00:00:00Z");
    make_customer(w, "weekly", "UTC");
    subscribe(w, "weekly", "s-week", "week", "calendar");
}

/* And one that pays within 30 days, from 1 May on. */
static void play(struct world *w)
{
    play_to_april(w);
    at(w, "2024-05-01T00:00:00Z");
    run(w);
    make_customer(w, "slow", "UTC");
    set_payment_term(w, "slow", 30);
    subscribe(w, "slow", "s-slow", "month", "calendar");
}

TEST(mrr_is_a_twelfth_of_a_years_charges_of_those_that_run)
{
    struct world w;
    struct overview o;
    world_open(&w);
    play_to_april(&w);
    at(&w, "2024-04-20T12:00:00Z");
    o = look(&w);
    REQUIRE(o.currency_count == 2);
    CHECK_STR(o.currencies[0].currency, "EUR");
    CHECK_STR(o.currencies[1].currency, "USD");
    const struct overview_currency *eur = of(&o, "EUR");
    /* 12 x 29.00 + 1,200.00 + 52 x 10.00 = 2,068.00 a year, 172.33 a month */
    CHECK_INT(eur->yearly_minor, 206800);
    CHECK_INT(eur->mrr_minor[NOW], 17233);
    CHECK_INT(eur->running_count, 3);
    /* 20 March: without the weekly one, 1,548.00 / 12 */
    CHECK_AT(o.mrr_at[NOW - 1], "2024-03-20T12:00:00Z");
    CHECK_INT(eur->mrr_minor[NOW - 1], 12900);
    /* 20 February: nobody */
    CHECK_INT(eur->mrr_minor[NOW - 2], 0);
    CHECK_INT(of(&o, "USD")->mrr_minor[NOW], 3300); /* 4 x 99.00 / 12 */
    CHECK_INT(of(&o, "USD")->mrr_minor[NOW - 1], 3300);
    world_close(&w);
}

TEST(mrr_falls_when_a_subscription_ends)
{
    struct world w;
    struct overview o;
    world_open(&w);
    play(&w);
    at(&w, "2024-05-10T00:00:00Z");
    terminate(&w, "s-year");
    o = look(&w);
    /* 2 x 12 x 29.00 + 52 x 10.00 = 1,216.00 a year, 101.33 a month; on 10 April 129.00 */
    CHECK_INT(of(&o, "EUR")->mrr_minor[NOW], 10133);
    CHECK_INT(of(&o, "EUR")->mrr_minor[NOW - 1], 12900);
    CHECK_INT(of(&o, "EUR")->running_count, 3);
    world_close(&w);
}

static void pay(struct world *w, struct uuid invoice_id, int64_t amount_minor)
{
    struct payment_view view;
    MUST(w, payment_create(&w->ctx,
                           &(struct payment_input){.invoice_id = invoice_id,
                                                   .amount_minor = amount_minor,
                                                   .paid_at = TIME_NONE},
                           &view));
}

/* On 5 June; all with 20 % tax and due on the day of issue, but for "slow":
 *   monthly  1 Apr 34.80 less 4.80 paid (65 days)   1 May 37.20 (35)   1 June 34.80 (4)
 *   weekly   12.00 each: 22 Apr (44), 29 Apr (37), 6 May (30), 13 May (23), 20 May (16),
 *            27 May (9, voided), 3 June (2)
 *   slow     1 June 34.80, due on 1 July */
static void play_to_june(struct world *w)
{
    struct invoice_view view;
    play(w);
    at(w, "2024-06-05T00:00:00Z");
    run(w);
    pay(w, invoice_at(w, "monthly", 0).row.id, 480);
    MUST(w, invoice_void(&w->ctx, invoice_at(w, "weekly", 5).row.id, &view));
    CHECK_DAY(view.row.issuing_day, "2024-05-27");
}

TEST(what_is_open_is_told_by_age)
{
    struct world w;
    struct overview o;
    world_open(&w);
    play_to_june(&w);
    o = look(&w);
    const struct overview_currency *eur = of(&o, "EUR");
    CHECK_INT(eur->age_minor[AGE_NOT_DUE], 3480);
    CHECK_INT(eur->age_count[AGE_NOT_DUE], 1);
    CHECK_INT(eur->age_minor[AGE_30], 3480 + 4 * 1200); /* 30 days are still of the first 30 */
    CHECK_INT(eur->age_count[AGE_30], 5);
    CHECK_INT(eur->age_minor[AGE_60], 3720 + 2 * 1200);
    CHECK_INT(eur->age_count[AGE_60], 3);
    CHECK_INT(eur->age_minor[AGE_90], 3000);
    CHECK_INT(eur->age_minor[AGE_OLDER], 0);
    CHECK_INT(eur->open_minor, 3480 + 8280 + 6120 + 3000);
    CHECK_INT(eur->open_count, 10);
    CHECK_INT(eur->overdue_minor, 8280 + 6120 + 3000);
    CHECK_INT(eur->overdue_count, 9);
    CHECK_INT(eur->overdue_customers, 2);
    /* 1 April: 31 of 91 days of a quarter of 99.00 are 33.73, and 20 % 6.75. */
    CHECK_INT(of(&o, "USD")->open_minor, 4048);
    world_close(&w);
}

/* Midnight of the due day comes to each customer in its own zone, whenever the billing run comes.
 * At noon UTC on 1 May it is the 2nd in Kiritimati (UTC+14), the 1st in Pago Pago. */
TEST(a_customer_is_overdue_by_the_day_of_its_zone)
{
    struct world w;
    struct overview o;
    world_open(&w);
    at(&w, "2024-04-10T00:00:00Z");
    make_plans(&w);
    make_customer(&w, "east", "Pacific/Kiritimati");
    make_customer(&w, "west", "Pacific/Pago_Pago");
    subscribe(&w, "east", "s-east", "month", "calendar");
    subscribe(&w, "west", "s-west", "month", "calendar");
    at(&w, "2024-05-01T11:30:00Z"); /* 00:30 in Pago Pago */
    run(&w);
    at(&w, "2024-05-01T12:00:00Z");
    o = look(&w);
    CHECK_INT(of(&o, "EUR")->open_count, 2);
    CHECK_INT(of(&o, "EUR")->overdue_count, 1);
    CHECK_INT(of(&o, "EUR")->overdue_customers, 1);
    at(&w, "2024-05-02T12:00:00Z"); /* and no run since */
    o = look(&w);
    CHECK_INT(of(&o, "EUR")->overdue_count, 2);
    CHECK_INT(of(&o, "EUR")->overdue_customers, 2);
    world_close(&w);
}

/* Two zones in turn, with an invoice of each: one customer all the same. */
TEST(a_customer_who_moved_is_counted_once)
{
    struct world w;
    struct overview o;
    struct customer_view view;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_plans(&w);
    make_customer(&w, "mover", "UTC");
    subscribe(&w, "mover", "s", "month", "calendar");
    at(&w, "2024-04-02T00:00:00Z");
    run(&w);
    MUST(&w, customer_save(&w.ctx,
                           &(struct customer_input){.sent = CUSTOMER_TIMEZONE,
                                                    .external_id = STR("mover"),
                                                    .timezone = STR("Asia/Tokyo")},
                           &view));
    at(&w, "2024-05-10T00:00:00Z");
    run(&w);
    o = look(&w);
    CHECK_INT(of(&o, "EUR")->overdue_count, 2);
    CHECK_INT(of(&o, "EUR")->overdue_customers, 1);
    world_close(&w);
}

TEST(a_payment_in_full_leaves_nothing_open)
{
    struct world w;
    struct overview before;
    struct overview after;
    world_open(&w);
    play_to_june(&w);
    before = look(&w);
    pay(&w, invoice_at(&w, "monthly", 0).row.id, 3000);
    after = look(&w);
    CHECK_INT(of(&after, "EUR")->open_minor, of(&before, "EUR")->open_minor - 3000);
    CHECK_INT(of(&after, "EUR")->age_count[AGE_90], 0);
    CHECK_INT(of(&after, "EUR")->overdue_customers, 2);
    world_close(&w);
}

TEST(revenue_is_by_month_of_issue_and_by_kind)
{
    struct world w;
    struct overview o;
    world_open(&w);
    play_to_june(&w);
    o = look(&w);
    const struct overview_month *months = of(&o, "EUR")->months;
    CHECK_DAY(o.month_days[MONTH], "2024-06-01");
    CHECK_DAY(o.month_days[0], "2023-07-01");
    CHECK_INT(months[MONTH - 2].subscription_minor, 2900 + 2 * 1000);
    CHECK_INT(months[MONTH - 2].usage_minor, 0);
    CHECK_INT(months[MONTH - 1].subscription_minor, 2900 + 3 * 1000); /* one of four is void */
    CHECK_INT(months[MONTH - 1].usage_minor, 4 * 50);
    CHECK_INT(months[MONTH].subscription_minor, 2 * 2900 + 1000);
    CHECK_INT(months[MONTH - 3].subscription_minor, 0);
    CHECK_INT(of(&o, "USD")->months[MONTH - 1].subscription_minor, 0);
    world_close(&w);
}

TEST(drafts_are_neither_revenue_nor_open)
{
    struct world w;
    struct overview o;
    world_open(&w);
    at(&w, "2024-03-01T00:00:00Z");
    make_plans(&w);
    make_customer(&w, "c", "UTC");
    set_grace(&w, "c", 5);
    subscribe(&w, "c", "s", "month", "calendar");
    at(&w, "2024-04-02T00:00:00Z");
    run(&w);
    o = look(&w);
    CHECK_INT(of(&o, "EUR")->open_minor, 0);
    CHECK_INT(of(&o, "EUR")->months[MONTH].subscription_minor, 0);
    CHECK_INT(o.run.drafts, 1);
    CHECK_INT(o.run.due_subscriptions, 0);
    CHECK_AT(o.run.next_at, "2024-04-06T00:00:00Z"); /* the draft's grace is over */
    at(&w, "2024-05-01T00:00:00Z");
    o = look(&w);
    CHECK_INT(o.run.due_subscriptions, 1);
    CHECK_INT(o.run.due_invoices, 1);
    world_close(&w);
}

static const char *data_path(struct world *w, const char *name)
{
    const char *root = getenv("BILLOW_SOURCE");
    return arena_fmt(&w->arena, "%s/%s", root == NULL ? "." : root, name).ptr;
}

/* costs-a.csv bills account a1 for January 10.00 + 2.345 EUR; resold with 15 % on top. */
TEST(vendor_cost_stands_beside_what_it_was_resold_for)
{
    struct world w;
    struct overview o;
    struct vendor_account_row account;
    struct resale_rule_view rule;
    struct cost_import_result result;
    world_open(&w);
    at(&w, "2024-01-01T00:00:00Z");
    make_customer(&w, "alpha", "Europe/Berlin");
    MUST(&w, vendor_account_assign(&w.ctx,
                                   &(struct vendor_account_input){
                                       .external_customer_id = STR("alpha"),
                                       .provider_name = STR("Acme"),
                                       .sub_account_id = STR("a1"),
                                   },
                                   &account));
    MUST(&w, resale_rule_create(&w.ctx,
                                &(struct resale_rule_input){
                                    .code = STR("default"),
                                    .name = STR("default"),
                                    .method = STR("markup"),
                                    .percent = decimal_lit("15"),
                                    .valid_from_at = TIME_NONE,
                                },
                                &rule));
    at(&w, "2024-02-08T12:00:00Z");
    MUST(&w, cost_import(&w.ctx,
                         &(struct cost_import_options){
                             .path = str_of(data_path(&w, "tests/data/cost/costs-a.csv"))},
                         &result));
    run(&w);
    o = look(&w);
    const struct overview_month *month = &of(&o, "EUR")->months[MONTH];
    CHECK_INT(month->resale_minor, 1420);
    CHECK_STR(decimal_text(&w.arena, month->resale_cost), "12.345");
    struct decimal margin;
    CHECK_INT(overview_margin(of(&o, "EUR"), MONTH, &margin), ERR_NONE);
    CHECK_STR(decimal_text(&w.arena, margin), "1.855"); /* 14.20 - 12.345 */
    world_close(&w);
}

TEST(ages_end_at_30_60_and_90_days)
{
    CHECK_INT(overview_age_of(-3), AGE_NOT_DUE);
    CHECK_INT(overview_age_of(0), AGE_NOT_DUE);
    CHECK_INT(overview_age_of(1), AGE_30);
    CHECK_INT(overview_age_of(30), AGE_30);
    CHECK_INT(overview_age_of(31), AGE_60);
    CHECK_INT(overview_age_of(60), AGE_60);
    CHECK_INT(overview_age_of(90), AGE_90);
    CHECK_INT(overview_age_of(91), AGE_OLDER);
}
