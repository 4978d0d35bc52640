#include "app/billing_period.h"

#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"

static struct cycle plan_cycle(const struct billing_terms *terms)
{
    struct cycle cycle = {.billing_time = BILLING_CALENDAR};
    bool known = interval_parse(terms->plan->billing_interval, &cycle.interval);
    ASSERT(known);
    known = billing_time_parse(terms->subscription->billing_time, &cycle.billing_time);
    ASSERT(known);
    /* One that has ended may see its plan go on with another interval. */
    if (!interval_has_calendar(cycle.interval))
        cycle.billing_time = BILLING_ANNIVERSARY;
    cycle.anchor_day = zone_day(terms->zone, terms->subscription->subscription_at);
    return cycle;
}

/* The plan's, or monthly within a long one. */
static struct cycle cycle_of(const struct billing_terms *terms, bool is_monthly)
{
    struct cycle cycle = plan_cycle(terms);
    if (interval_is_long(cycle.interval) && is_monthly)
        cycle.interval = (struct interval){.months = 1};
    return cycle;
}

struct period billing_plan_period(const struct billing_terms *terms, int32_t day)
{
    return period_of_day(plan_cycle(terms), day);
}

struct period billing_usage_period(const struct billing_terms *terms, int32_t day)
{
    return period_of_day(cycle_of(terms, terms->plan->bill_charges_monthly), day);
}

struct period billing_fixed_period(const struct billing_terms *terms, int32_t day)
{
    return period_of_day(cycle_of(terms, terms->plan->bill_fixed_charges_monthly), day);
}

struct period billing_day_period(const struct billing_terms *terms, int32_t day)
{
    bool is_monthly = terms->plan->bill_charges_monthly || terms->plan->bill_fixed_charges_monthly;
    return period_of_day(cycle_of(terms, is_monthly), day);
}

int32_t billing_next_day(const struct billing_terms *terms)
{
    ASSERT(terms->subscription->billed_until_day != DAY_NONE);
    return billing_day_period(terms, terms->subscription->billed_until_day).end_day;
}

/* The first day of the plan fee: not before the subscription itself. */
static int32_t first_day(const struct billing_terms *terms, struct period period)
{
    int32_t start_day = zone_day(terms->zone, terms->subscription->started_at);
    return start_day > period.start_day ? start_day : period.start_day;
}

/* No days are left where a changed zone has moved the start onto the day of the end. */
static void set_days(const struct billing_terms *terms, int32_t from_day, int32_t to_day,
                     struct invoice_subscription_row *row)
{
    if (from_day >= to_day)
        return;
    row->from_at = zone_day_start(terms->zone, from_day);
    row->to_at = zone_day_start(terms->zone, to_day);
}

/* The plan fee of the period that starts on, or holds, the first day. */
static void set_advance(const struct billing_terms *terms, int32_t day,
                        struct invoice_subscription_row *row)
{
    struct period period = billing_plan_period(terms, day);
    set_days(terms, first_day(terms, period), period.end_day, row);
}

/* The plan fee of what was used up to `end_day`, the first day not used. */
static void set_arrears(const struct billing_terms *terms, int32_t end_day,
                        struct invoice_subscription_row *row)
{
    struct period period = billing_plan_period(terms, end_day - 1);
    set_days(terms, first_day(terms, period), end_day, row);
}

/* Where an end leaves off: the first day that is not used any more.  An end known beforehand that
 * falls on a billing day opens no new period; any other day of an end counts as used. */
static int32_t end_day_of(const struct billing_terms *terms, enum billing_reason reason)
{
    int32_t day = zone_day(terms->zone, terms->subscription->terminated_at);
    if (reason == BILLING_ENDING && day == billing_next_day(terms))
        return day;
    return day + 1;
}

/* On a day that counts as used, what comes at the very instant of the end came before it. */
static int64_t end_of_usage(const struct billing_terms *terms, enum billing_reason reason)
{
    int64_t ended_at = terms->subscription->terminated_at;
    bool is_used = end_day_of(terms, reason) > zone_day(terms->zone, ended_at);
    return ended_at + is_used;
}

static void set_usage(const struct billing_terms *terms, int64_t to_at,
                      struct invoice_subscription_row *row)
{
    int64_t from_at = terms->subscription->billed_until_at;
    row->charges_from_at = from_at;
    row->charges_to_at =
        to_at > from_at ? to_at : from_at; /* a changed zone may have moved to_at */
}

/* Of fixed charges in arrears, up to `to_at`; `day` lies in their period. */
static void set_fixed(const struct billing_terms *terms, int32_t day, int64_t to_at,
                      struct invoice_subscription_row *row)
{
    int64_t start_at = zone_day_start(terms->zone, billing_fixed_period(terms, day).start_day);
    int64_t started_at = terms->subscription->started_at;
    int64_t from_at = started_at > start_at ? started_at : start_at;
    row->fixed_from_at = from_at;
    row->fixed_to_at = to_at > from_at ? to_at : from_at;
    row->fixed_version_id = terms->subscription->fixed_version_id;
}

/* Of fixed charges in advance. */
static void set_fixed_advance(const struct billing_terms *terms, int32_t day,
                              struct invoice_subscription_row *row)
{
    struct period period = billing_fixed_period(terms, day);
    int64_t start_at = zone_day_start(terms->zone, period.start_day);
    int64_t started_at = terms->subscription->started_at;
    row->advance_from_at = started_at > start_at ? started_at : start_at;
    row->advance_to_at = zone_day_start(terms->zone, period.end_day);
}

static struct str reason_word(enum billing_reason reason)
{
    switch (reason) {
    case BILLING_STARTING:
        return STR("subscription_starting");
    case BILLING_PERIODIC:
        return STR("subscription_periodic");
    case BILLING_ENDING:
    case BILLING_TERMINATING:
    case BILLING_CHANGING:
        break;
    }
    return STR("subscription_terminating");
}

void billing_no_period(struct invoice_subscription_row *row)
{
    row->from_at = row->to_at = TIME_NONE;
    row->charges_from_at = row->charges_to_at = TIME_NONE;
    row->fixed_from_at = row->fixed_to_at = TIME_NONE;
    row->advance_from_at = row->advance_to_at = TIME_NONE;
    row->units_at = TIME_NONE;
    row->named_from_at = row->named_to_at = TIME_NONE;
    row->usage_seq = INT_NONE;
    row->renewal_seq = INT_NONE;
}

/* A billing day: of each kind, what ends or begins on it. */
static void set_periodic(const struct billing_terms *terms, int32_t day,
                         struct invoice_subscription_row *row)
{
    int64_t day_at = zone_day_start(terms->zone, day);
    if (billing_plan_period(terms, day).start_day == day) {
        if (terms->plan->pay_in_advance)
            set_advance(terms, day, row);
        else
            set_arrears(terms, day, row);
    }
    if (billing_usage_period(terms, day).start_day == day)
        set_usage(terms, day_at, row);
    if (billing_fixed_period(terms, day).start_day == day) {
        set_fixed(terms, day - 1, day_at, row);
        set_fixed_advance(terms, day, row);
    }
}

/* On a day on which a period begins none of it is used. */
static void set_changing(const struct billing_terms *terms, int32_t day,
                         struct invoice_subscription_row *row)
{
    int64_t at = terms->subscription->terminated_at;
    if (!terms->plan->pay_in_advance && billing_plan_period(terms, day).start_day < day)
        set_arrears(terms, day, row);
    set_usage(terms, at, row);
    set_fixed(terms, day, at, row);
}

void billing_period_of(const struct billing_terms *terms, enum billing_reason reason,
                       int64_t billing_at, struct invoice_subscription_row *row)
{
    bool in_advance = terms->plan->pay_in_advance;
    row->invoicing_reason = reason_word(reason);
    row->billing_at = billing_at;
    billing_no_period(row);
    switch (reason) {
    case BILLING_STARTING:
        if (in_advance)
            set_advance(terms, terms->subscription->billed_until_day, row);
        set_fixed_advance(terms, terms->subscription->billed_until_day, row);
        return;
    case BILLING_PERIODIC:
        set_periodic(terms, billing_next_day(terms), row);
        return;
    case BILLING_ENDING:
    case BILLING_TERMINATING:
        if (!in_advance)
            set_arrears(terms, end_day_of(terms, reason), row);
        set_usage(terms, end_of_usage(terms, reason), row);
        set_fixed(terms, end_day_of(terms, reason) - 1, terms->subscription->terminated_at, row);
        return;
    case BILLING_CHANGING:
        set_changing(terms, zone_day(terms->zone, terms->subscription->terminated_at), row);
        return;
    }
}

void billing_units_period_of(const struct billing_terms *terms, int64_t at,
                             struct invoice_subscription_row *row)
{
    row->invoicing_reason = STR("in_advance_charge");
    row->billing_at = at;
    billing_no_period(row);
    set_fixed_advance(terms, zone_day(terms->zone, at), row);
    row->fixed_version_id = terms->subscription->fixed_version_id;
    row->units_at = at;
}
