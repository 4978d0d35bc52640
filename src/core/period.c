#include "core/period.h"

#include "base/assert.h"
#include "base/time.h"

static bool find_word(struct str text, struct interval *interval)
{
    static const struct {
        const char *word;
        struct interval interval;
    } words[] = {{"weekly", {0, 7}},
                 {"monthly", {1, 0}},
                 {"quarterly", {3, 0}},
                 {"semiannual", {6, 0}},
                 {"yearly", {12, 0}}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (str_eq(text, str_of(words[i].word))) {
            *interval = words[i].interval;
            return true;
        }
    }
    return false;
}

/* Cuts "18M" off the front.  0: no number of at most four digits with a unit behind it. */
static char take_part(struct str *text, int32_t *number)
{
    size_t digits = 0;
    *number = 0;
    while (digits < text->len && text->ptr[digits] >= '0' && text->ptr[digits] <= '9') {
        if (digits == 4)
            return 0;
        *number = *number * 10 + (text->ptr[digits++] - '0');
    }
    if (digits == 0 || digits == text->len)
        return 0;
    char unit = text->ptr[digits];
    *text = str_slice(*text, digits + 1, text->len);
    return unit;
}

bool interval_parse(struct str text, struct interval *interval)
{
    static const char units[] = "YMWD"; /* in the order in which they stand */
    static const struct interval lengths[] = {{12, 0}, {1, 0}, {0, 7}, {0, 1}};
    struct interval sum = {0, 0};
    int32_t number = 0;
    size_t next = 0;
    if (find_word(text, interval))
        return true;
    if (text.len < 2 || text.ptr[0] != 'P')
        return false;
    for (struct str rest = str_slice(text, 1, text.len); rest.len > 0; next++) {
        char unit = take_part(&rest, &number);
        while (next < sizeof lengths / sizeof lengths[0] && units[next] != unit)
            next++;
        if (next == sizeof lengths / sizeof lengths[0])
            return false;
        sum.months += number * lengths[next].months;
        sum.days += number * lengths[next].days;
    }
    if ((sum.months == 0) == (sum.days == 0) || sum.months > INTERVAL_MONTHS_MAX ||
        sum.days > INTERVAL_DAYS_MAX)
        return false;
    *interval = sum;
    return true;
}

bool interval_has_calendar(struct interval interval)
{
    if (interval.months == 0)
        return interval.days == 7;
    return 12 % interval.months == 0 || interval.months % 12 == 0;
}

bool interval_is_long(struct interval interval)
{
    return interval.months >= 6;
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

static struct period of_days(int32_t anchor_day, int32_t days, int32_t day)
{
    int32_t start = anchor_day + floor_div(day - anchor_day, days) * days;
    return (struct period){start, start + days};
}

struct period period_of_day(struct cycle cycle, int32_t day)
{
    static const int32_t a_monday = -3; /* 1969-12-29 */
    bool calendar = cycle.billing_time == BILLING_CALENDAR;
    int32_t months = cycle.interval.months;
    ASSERT(!calendar || interval_has_calendar(cycle.interval));
    if (months == 0)
        return of_days(calendar ? a_monday : cycle.anchor_day, cycle.interval.days, day);
    struct civil anchor = civil_from_day(cycle.anchor_day);
    struct civil date = civil_from_day(day);
    if (calendar)
        anchor.month = anchor.day = 1;
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
