/* billing_period.h - which periods of a subscription an invoice bills.
 *
 * The plan's own fee is for the period that starts (paid in advance) or the one that ended (in
 * arrears), in whole local days: the first one from the day of the start, the last one up to and
 * with the day of the end.  Usage is for the time since it was billed last, to the microsecond.
 * Long plans may bill usage monthly; then the invoices between have no plan fee.  Pure. */
#ifndef APP_BILLING_PERIOD_H
#define APP_BILLING_PERIOD_H

#include "base/zone.h"
#include "core/period.h"
#include "store/sql/rows.h"

#include <stdbool.h>
#include <stdint.h>

enum billing_reason {
    BILLING_STARTING,   /* the first invoice of a plan paid in advance */
    BILLING_PERIODIC,   /* a billing day */
    BILLING_ENDING,     /* the day of ending_at has come: billed at its start */
    BILLING_TERMINATING /* ended by someone, inside a day that counts as used */
};

/* What a subscription's periods depend on. */
struct billing_terms {
    const struct subscription_row *subscription;
    const struct plan_version_row *plan;
    const struct zone *zone; /* the customer's */
};

/* The plan's period that holds a local day, and the period by which usage is billed. */
struct period billing_plan_period(const struct billing_terms *terms, int32_t day);
struct period billing_usage_period(const struct billing_terms *terms, int32_t day);

/* The first billing day after what is billed; the subscription has started. */
int32_t billing_next_day(const struct billing_terms *terms);

/* Sets reason, billing_at, from_at, to_at, charges_from_at and charges_to_at of *row; the last
 * four are none where there is nothing of the kind.  An ended subscription has a terminated_at. */
void billing_period_of(const struct billing_terms *terms, enum billing_reason reason,
                       int64_t billing_at, struct invoice_subscription_row *row);

#endif
