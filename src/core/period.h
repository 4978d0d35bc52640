/* period.h - billing periods: which days belong together on a bill.
 *
 * Everything is in local days of the customer (base/zone.h turns instants into days and back), and
 * periods are half-open [start_day, end_day), so neighbours never share a day.
 *
 * Anniversary periods are derived from the original day each time, and a month that is too short
 * ends them early: 31 January, 29 February, 31 March.  Calendar periods begin where the calendar
 * does: a week on Monday; terms of 1, 2, 3, 4, 6 and 12 months in January and so on; a term of
 * several years on 1 January of the year of the anchor.  Other terms (14 days, 18 months) begin on
 * no day of the calendar, and are anniversaries alone. */
#ifndef CORE_PERIOD_H
#define CORE_PERIOD_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

/* How long a period is: so many months, or so many days; the other is 0. */
struct interval {
    int32_t months;
    int32_t days;
};

#define INTERVAL_MONTHS_MAX 120  /* ten years */
#define INTERVAL_DAYS_MAX   3652 /* the same */
#define INTERVAL_WORDS                                                                  \
    "weekly, monthly, quarterly, semiannual, yearly, or an ISO 8601 duration of whole " \
    "days or weeks, or of months and years, up to ten years: P14D, P4W, P18M, P2Y"

/* A word, such as "monthly", or an ISO 8601 duration: "P4W", "P1Y6M".  false: neither, longer than
 * ten years, or both days and months. */
bool interval_parse(struct str text, struct interval *interval);
/* Whether there are calendar periods of that length. */
bool interval_has_calendar(struct interval interval);
/* Six months or more, in months: what may bill some of its charges monthly. */
bool interval_is_long(struct interval interval);

enum billing_time { BILLING_CALENDAR, BILLING_ANNIVERSARY };

bool billing_time_parse(struct str word, enum billing_time *billing_time);

/* What repeats, and from where. */
struct cycle {
    struct interval interval;
    enum billing_time billing_time; /* calendar only where there are such periods */
    int32_t anchor_day;             /* local day of subscription_at */
};

struct period {
    int32_t start_day; /* first day billed */
    int32_t end_day;   /* first day not billed */
};

int32_t period_days(struct period period);
/* The period that holds a day; for an anniversary also days before the anchor. */
struct period period_of_day(struct cycle cycle, int32_t day);
struct period period_after(struct cycle cycle, struct period period);
struct period period_before(struct cycle cycle, struct period period);
/* The days that both have; empty (start == end) when none. */
struct period period_overlap(struct period a, struct period b);

#endif
