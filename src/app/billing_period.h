/* billing_period.h - which periods of a subscription an invoice bills.
 *
 * The plan's own fee is for the period that starts (paid in advance) or the one that ended (in
 * arrears), in whole local days: the first one from the day of the start, the last one up to and
 * with the day of the end.  Usage is for the time since it was billed last, to the microsecond.
 * Fixed charges have their own period, of which those in arrears are billed at its end and those in
 * advance at its start; the first one begins with the subscription, to the microsecond.  Long plans
 * may bill usage, fixed charges or both monthly; then the invoices between have no plan fee.  Pure.
 */
#ifndef APP_BILLING_PERIOD_H
#define APP_BILLING_PERIOD_H

#include "base/zone.h"
#include "core/period.h"
#include "store/sql/rows.h"

#include <stdbool.h>
#include <stdint.h>

enum billing_reason {
    BILLING_STARTING,    /* the first invoice where something is paid in advance */
    BILLING_PERIODIC,    /* a billing day */
    BILLING_ENDING,      /* the day of ending_at has come: billed at its start */
    BILLING_TERMINATING, /* ended by someone, inside a day that counts as used */
    BILLING_CHANGING /* another plan goes on from this instant, and has the day for its own fee */
};

/* What a subscription's periods depend on. */
struct billing_terms {
    const struct subscription_row *subscription;
    const struct plan_version_row *plan;
    const struct zone *zone; /* the customer's */
};

/* The plan's period that holds a local day, and those by which usage and fixed charges are billed.
 */
struct period billing_plan_period(const struct billing_terms *terms, int32_t day);
struct period billing_usage_period(const struct billing_terms *terms, int32_t day);
struct period billing_fixed_period(const struct billing_terms *terms, int32_t day);
/* The one from billing day to billing day: the shortest of them. */
struct period billing_day_period(const struct billing_terms *terms, int32_t day);

/* The first billing day after what is billed; the subscription has started. */
int32_t billing_next_day(const struct billing_terms *terms);

/* Sets reason, billing_at and the periods of *row: from_at, charges_from_at, fixed_from_at,
 * advance_from_at and their ends; they are none where there is nothing of the kind (the last two
 * are there whether the plan has such fixed charges or not).  An ended subscription has a
 * terminated_at. */
void billing_period_of(const struct billing_terms *terms, enum billing_reason reason,
                       int64_t billing_at, struct invoice_subscription_row *row);

/* The same of a row that bills a change of units at `at`, for those paid in advance, and nothing
 * else. */
void billing_units_period_of(const struct billing_terms *terms, int64_t at,
                             struct invoice_subscription_row *row);
/* A row without any period. */
void billing_no_period(struct invoice_subscription_row *row);

#endif
