/* period.h - billing periods: which days belong together on a bill.
 *
 * Everything is in local days of the customer (base/zone.h turns instants into days and back), and
 * periods are half-open [start_day, end_day), so neighbours never share a day.  Anniversary
 * periods are derived from the original day each time, and a month that is too short ends them
 * early: 31 January, 29 February, 31 March.  Calendar weeks start on Monday, quarters in January,
 * April, July and October, half-years in January and July. */
#ifndef CORE_PERIOD_H
#define CORE_PERIOD_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

// clang-format off
/*  name         word          months (0: 7 days)   a year */
#define INTERVAL_MAP(X)                                       \
    X(WEEKLY,     "weekly",     0,                   52)      \
    X(MONTHLY,    "monthly",    1,                   12)      \
    X(QUARTERLY,  "quarterly",  3,                   4)       \
    X(SEMIANNUAL, "semiannual", 6,                   2)       \
    X(YEARLY,     "yearly",     12,                  1)
// clang-format on

enum interval {
#define X(name, word, months, a_year) INTERVAL_##name,
    INTERVAL_MAP(X)
#undef X
};

bool interval_parse(struct str word, enum interval *interval);
struct str interval_word(enum interval interval);
/* How many of them make a year: by it plans are compared. */
int interval_per_year(enum interval interval);

enum billing_time { BILLING_CALENDAR, BILLING_ANNIVERSARY };

bool billing_time_parse(struct str word, enum billing_time *billing_time);

/* What repeats, and from where. */
struct cycle {
    enum interval interval;
    enum billing_time billing_time;
    int32_t anchor_day; /* local day of subscription_at; only anniversaries need it */
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
