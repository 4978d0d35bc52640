#include "core/period.h"

#include "base/assert.h"
#include "base/time.h"

bool interval_parse(struct str word, enum interval *interval)
{
#define X(name, text, months, a_year) \
    if (str_eq(word, STR(text))) {    \
        *interval = INTERVAL_##name;  \
        return true;                  \
    }
    INTERVAL_MAP(X)
#undef X
    return false;
}

struct str interval_word(enum interval interval)
{
    switch (interval) {
#define X(name, text, months, a_year) \
    case INTERVAL_##name:             \
        return STR(text);
        INTERVAL_MAP(X)
#undef X
    }
    return STR_NULL;
}

static int months_of(enum interval interval)
{
    switch (interval) {
#define X(name, text, months, a_year) \
    case INTERVAL_##name:             \
        return months;
        INTERVAL_MAP(X)
#undef X
    }
    return 0;
}

int interval_per_year(enum interval interval)
{
    switch (interval) {
#define X(name, text, months, a_year) \
    case INTERVAL_##name:             \
        return a_year;
        INTERVAL_MAP(X)
#undef X
    }
    return 0;
}

bool billing_time_parse(struct str word, enum billing_time *billing_time)
{
    bool anniversary = str_eq(word, STR("anniversary"));
    if (!anniversary && !str_eq(word, STR("calendar")))
        return false;
    *billing_time = anniversary ? BILLING_ANNIVERSARY : BILLING_CALENDAR;
    return true;
}

int32_t period_days(struct period period)
{
    return period.end_day - period.start_day;
}

static int32_t floor_div(int32_t a, int32_t b)
{
    int32_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

/* The day `months` months after the anchor's month, on the anchor's day of the month or the last
 * one there is. */
static int32_t add_months(struct civil anchor, int32_t months)
{
    int32_t month = anchor.year * 12 + (anchor.month - 1) + months;
    struct civil date = {floor_div(month, 12), 0, anchor.day};
    date.month = month - date.year * 12 + 1;
    int32_t last = days_in_month(date.year, date.month);
    if (date.day > last)
        date.day = last;
    return day_from_civil(date);
}

static struct period weekly(int32_t anchor_day, int32_t day)
{
    int32_t weeks = floor_div(day - anchor_day, 7);
    int32_t start = anchor_day + weeks * 7;
    return (struct period){start, start + 7};
}

struct period period_of_day(struct cycle cycle, int32_t day)
{
    static const int32_t a_monday = -3; /* 1969-12-29 */
    bool calendar = cycle.billing_time == BILLING_CALENDAR;
    int32_t months = months_of(cycle.interval);
    if (months == 0)
        return weekly(calendar ? a_monday : cycle.anchor_day, day);
    struct civil anchor = calendar ? (struct civil){2000, 1, 1} : civil_from_day(cycle.anchor_day);
    struct civil date = civil_from_day(day);
    int32_t passed = (date.year - anchor.year) * 12 + (date.month - anchor.month);
    int32_t step = floor_div(passed, months);
    /* In the month of a boundary the day may still lie before it. */
    if (add_months(anchor, step * months) > day)
        step--;
    struct period period = {add_months(anchor, step * months),
                            add_months(anchor, (step + 1) * months)};
    ASSERT(period.start_day <= day && day < period.end_day);
    return period;
}

struct period period_after(struct cycle cycle, struct period period)
{
    return period_of_day(cycle, period.end_day);
}

struct period period_before(struct cycle cycle, struct period period)
{
    return period_of_day(cycle, period.start_day - 1);
}

struct period period_overlap(struct period a, struct period b)
{
    struct period both = {a.start_day > b.start_day ? a.start_day : b.start_day,
                          a.end_day < b.end_day ? a.end_day : b.end_day};
    if (both.end_day < both.start_day)
        both.end_day = both.start_day;
    return both;
}
