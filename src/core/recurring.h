/* recurring.h - what recurs: a plan's price as a year's and a month's amount.
 *
 * Monthly recurring revenue (MRR) is what the subscriptions that run charge again and again, as if
 * each were billed monthly: the plan's own price for a whole period, times the periods of a year
 * (12 months for terms of months, 52 weeks for those of whole weeks, 365 days for others: the rule
 * by which plans are compared), added up, and divided by 12 once, at the end.  So 52.00 a week,
 * 225.33 a month and 2,704.00 a year are about the same MRR.  A year's price is exact where the
 * term divides a year, and else rounded to the minor unit, half away from zero.  Usage and resold
 * vendor cost do not recur at a known price and count nothing; neither do proration, tax and what
 * was paid.  Pure. */
#ifndef CORE_RECURRING_H
#define CORE_RECURRING_H

#include "base/err.h"
#include "core/period.h"

#include <stdint.h>

/* What `count` subscriptions at `amount_minor` an interval come to in a year.  ERR_OVERFLOW. */
MUST_CHECK enum err recurring_year(struct interval interval, int64_t amount_minor, int64_t count,
                                   int64_t *yearly_minor);
/* A twelfth of it, rounded half away from zero. */
int64_t recurring_month(int64_t yearly_minor);

#endif
