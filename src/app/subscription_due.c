#include "app/subscription_due.h"

#include "app/billing_period.h"
#include "app/customer_terms.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Nothing is billed yet: from the start on, or from the period that holds now. */
static void begin(const struct billing_terms *terms, int64_t now_at, struct subscription_row *row)
{
    int32_t start_day = zone_day(terms->zone, row->started_at);
    int32_t today = zone_day(terms->zone, later(now_at, row->started_at));
    int32_t period_day = billing_day_period(terms, today).start_day;
    int32_t usage_day = billing_usage_period(terms, today).start_day;
    row->billed_until_day = period_day > start_day ? period_day : start_day;
    row->billed_until_at =
        usage_day > start_day ? zone_day_start(terms->zone, usage_day) : row->started_at;
}

int64_t subscription_end_due_at(const struct zone *zone, const struct subscription_row *row)
{
    int64_t day_at = zone_day_start(zone, zone_day(zone, row->ending_at));
    return day_at > row->started_at ? day_at : later(row->ending_at, row->started_at + 1);
}

void subscription_due_of(const struct plan_version_row *plan, const struct zone *zone,
                         int64_t now_at, struct subscription_row *row)
{
    struct billing_terms terms = {.subscription = row, .plan = plan, .zone = zone};
    if (str_eq(row->status, STR("pending"))) {
        row->billed_until_at = TIME_NONE;
        row->billed_until_day = DAY_NONE;
        row->next_due_at = row->takes_over_day == DAY_NONE
                               ? row->subscription_at
                               : zone_day_start(zone, row->takes_over_day);
        return;
    }
    if (!str_eq(row->status, STR("active"))) {
        row->next_due_at = TIME_NONE;
        return;
    }
    ASSERT(row->started_at != TIME_NONE);
    if (row->billed_until_at == TIME_NONE)
        begin(&terms, now_at, row);
    row->next_due_at = zone_day_start(zone, billing_next_day(&terms));
    if (row->ending_at != TIME_NONE && subscription_end_due_at(zone, row) <= row->next_due_at)
        row->next_due_at = subscription_end_due_at(zone, row);
}

enum err subscription_due_set(struct ctx *ctx, struct tx *tx, struct subscription_row *row)
{
    struct customer_row customer;
    struct customer_terms terms;
    struct plan_version_row plan;
    bool found = false;
    TRY(customer_load(tx, &(struct customer_load_in){.id = row->customer_id}, &customer, &found));
    ASSERT(found);
    TRY(customer_terms_load(ctx, tx, &customer, &terms));
    TRY(plan_version_load(tx, &(struct plan_version_load_in){.id = row->plan_version_id}, &plan,
                          &found));
    ASSERT(found);
    subscription_due_of(&plan, terms.zone, ctx_now(ctx), row);
    return ERR_NONE;
}
