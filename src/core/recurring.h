/* recurring.h - what recurs: a plan's price as a year's and a month's amount.
 *
 * Monthly recurring revenue (MRR) is what the subscriptions that run charge again and again, as if
 * each were billed monthly: the plan's own price for a whole period, times the periods of a year
 * (52 weeks, 12 months, 4 quarters, 2 half-years, 1 year: the rule by which plans are compared),
 * added up exactly, and divided by 12 once, at the end.  So 52.00 a week, 225.33 a month and
 * 2,704.00 a year are about the same MRR.  Usage and resold vendor cost do not recur at a known
 * price and count nothing; neither do proration, tax and what was paid.  Pure. */
#ifndef CORE_RECURRING_H
#define CORE_RECURRING_H

#include "base/err.h"
#include "core/period.h"

#include <stdint.h>

/* What `count` subscriptions at `amount_minor` an interval come to in a year.  ERR_OVERFLOW. */
MUST_CHECK enum err recurring_year(enum interval interval, int64_t amount_minor, int64_t count,
                                   int64_t *yearly_minor);
/* A twelfth of it, rounded half away from zero. */
int64_t recurring_month(int64_t yearly_minor);

#endif
