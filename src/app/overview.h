/* overview.h - the provider's figures at a glance: what recurs, what is open, what months brought.
 *
 * Per currency; amounts of different currencies are never added.
 *
 * MRR: core/recurring.h, of all subscriptions that run, each at the version of its plan that holds.
 * For the past: those that ran then, at the version that held then (one that took over at renewals
 * counts from the day it took effect on, for those that are on it now).
 *
 * Open: total less payments of finalized invoices that are not settled.  Its age is counted in the
 * days of each invoice's own zone since the day it was due: an invoice due today is not overdue,
 * one due yesterday is by 1 day; a customer is overdue who has such an invoice.
 *
 * Revenue: net of tax, of finalized invoices by the month of their issuing day, from the books; a
 * voided invoice counts nowhere.
 *
 * Cost: the vendor cost behind the resale fees of the same invoices, exact; the margin is resale
 * revenue less that.  Cost that is not billed (app/cost_read.h) is not in it.
 *
 * Nothing reads events or running totals.  Work grows with the subscriptions, resale fees and
 * voided invoices there have ever been, each read once; with open invoices, read twice; and with
 * the bookings of a year. */
#ifndef APP_OVERVIEW_H
#define APP_OVERVIEW_H

#include "app/ctx.h"
#include "base/decimal.h"
#include "base/zone.h"

#define OVERVIEW_MONTHS 12

enum overview_age { AGE_NOT_DUE, AGE_30, AGE_60, AGE_90, AGE_OLDER, AGE_COUNT };

/* How old an open amount is that has been due since `days` days (0 and less: not overdue). */
enum overview_age overview_age_of(int32_t days);

struct overview_month {
    int64_t subscription_minor, usage_minor, resale_minor;
    struct decimal resale_cost; /* in major units */
};

struct overview_currency {
    struct str currency;
    int64_t running_count;              /* subscriptions */
    int64_t mrr_minor[OVERVIEW_MONTHS]; /* at the instants of overview.mrr_at; the last: now */
    int64_t yearly_minor;               /* what the last is a twelfth of */
    int64_t open_minor, open_count;
    int64_t overdue_minor, overdue_count, overdue_customers;
    int64_t age_minor[AGE_COUNT], age_count[AGE_COUNT];
    struct overview_month months[OVERVIEW_MONTHS]; /* oldest first; the last one runs */
};

/* The billing run: what it did last and has before it. */
struct overview_run {
    int64_t started_at, finished_at; /* of the last one that did something; TIME_NONE: none yet */
    struct str words;                /* what it did, in English */
    int64_t due_subscriptions, due_invoices; /* due and not done: a run is at it, or will be */
    int64_t drafts;                          /* in their grace period */
    int64_t unnumbered;                      /* complete, about to be numbered */
    int64_t next_at; /* when something falls due next; TIME_NONE: nothing will */
};

struct overview {
    int64_t at;
    const struct zone *zone;              /* whose months they are: the first billing entity's */
    int64_t mrr_at[OVERVIEW_MONTHS];      /* now, and the same time of day months before */
    int32_t month_days[OVERVIEW_MONTHS];  /* the first of each month */
    struct overview_currency *currencies; /* by code; those that have any figure */
    size_t currency_count, currency_capacity;
    struct overview_run run;
};

/* Resale revenue less the vendor cost behind it, in major units.  ERR_OVERFLOW. */
MUST_CHECK enum err overview_margin(const struct overview_currency *currency, size_t month,
                                    struct decimal *margin);

/* ERR_OVERFLOW: a sum beyond 64 bits. */
MUST_CHECK enum err overview_load(struct ctx *ctx, struct overview *overview);

#endif
