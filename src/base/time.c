#include "base/time.h"

#include "base/assert.h"

/* Proleptic Gregorian days by era of 400 years, March first, so that leap days end a year. */
int32_t day_from_civil(struct civil date)
{
    ASSERT(date.month >= 1 && date.month <= 12);
    int32_t year = date.year - (date.month <= 2);
    int32_t era = (year >= 0 ? year : year - 399) / 400;
    int32_t year_of_era = year - era * 400;
    int32_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    int32_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil civil_from_day(int32_t day)
{
    int32_t shifted = day + 719468;
    int32_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int32_t day_of_era = shifted - era * 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month_from_march = (5 * day_of_year + 2) / 153;
    int32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return (struct civil){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * month_from_march + 2) / 5 + 1,
    };
}

static bool is_leap_year(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int32_t days_in_month(int32_t year, int32_t month)
{
    static const int32_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    ASSERT(month >= 1 && month <= 12);
    return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

bool civil_is_valid(struct civil date)
{
    return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
           date.day >= 1 && date.day <= days_in_month(date.year, date.month);
}

int32_t weekday_of(int32_t day)
{
    int32_t since_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */
    return since_monday < 0 ? since_monday + 7 : since_monday;
}

int32_t day_of_instant(int64_t at_us)
{
    int64_t day = at_us / TIME_DAY;
    return (int32_t)(at_us % TIME_DAY < 0 ? day - 1 : day);
}

int64_t instant_of_day(int32_t day)
{
    return day * TIME_DAY;
}

/* Exactly `count` digits at *at; moves on. */
static bool digits(struct str text, size_t *at, size_t count, int32_t *number)
{
    *number = 0;
    if (text.len - *at < count)
        return false;
    for (size_t i = 0; i < count; i++, (*at)++) {
        char c = text.ptr[*at];
        if (c < '0' || c > '9')
            return false;
        *number = *number * 10 + (c - '0');
    }
    return true;
}

static bool one_of(struct str text, size_t *at, const char *allowed)
{
    if (*at >= text.len)
        return false;
    for (; *allowed != '\0'; allowed++) {
        if (text.ptr[*at] == *allowed) {
            (*at)++;
            return true;
        }
    }
    return false;
}

static bool parse_date(struct str text, size_t *at, int32_t *day)
{
    struct civil date;
    if (!digits(text, at, 4, &date.year) || !one_of(text, at, "-") ||
        !digits(text, at, 2, &date.month) || !one_of(text, at, "-") ||
        !digits(text, at, 2, &date.day) || !civil_is_valid(date))
        return false;
    *day = day_from_civil(date);
    return true;
}

/* Microseconds; further digits must be zeros. */
static bool parse_fraction(struct str text, size_t *at, int64_t *us)
{
    int64_t unit = 100000;
    size_t first = *at;
    for (*us = 0; *at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9'; (*at)++) {
        int64_t digit = text.ptr[*at] - '0';
        if (unit == 0 && digit != 0)
            return false;
        *us += digit * unit;
        unit /= 10;
    }
    return *at > first;
}

static bool parse_offset(struct str text, size_t *at, int64_t *offset_us)
{
    int32_t hours = 0;
    int32_t minutes = 0;
    *offset_us = 0;
    if (one_of(text, at, "Zz"))
        return true;
    if (*at >= text.len)
        return false;
    bool west = text.ptr[*at] == '-';
    if (!one_of(text, at, "+-") || !digits(text, at, 2, &hours) || !one_of(text, at, ":") ||
        !digits(text, at, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    int64_t east_minutes = hours * 60 + minutes;
    *offset_us = east_minutes * 60 * TIME_SECOND * (west ? -1 : 1);
    return true;
}

enum err time_parse(struct str text, int64_t *at_us)
{
    size_t at = 0;
    int32_t day = 0;
    int32_t hour = 0;
    int32_t minute = 0;
    int32_t second = 0;
    int64_t fraction = 0;
    int64_t offset = 0;
    if (!parse_date(text, &at, &day) || !one_of(text, &at, "Tt") || !digits(text, &at, 2, &hour) ||
        !one_of(text, &at, ":") || !digits(text, &at, 2, &minute) || !one_of(text, &at, ":") ||
        !digits(text, &at, 2, &second) || hour > 23 || minute > 59 || second > 60)
        return ERR_MALFORMED;
    if (one_of(text, &at, ".") && !parse_fraction(text, &at, &fraction))
        return ERR_MALFORMED;
    if (!parse_offset(text, &at, &offset) || at != text.len)
        return ERR_MALFORMED;
    *at_us = instant_of_day(day) + ((hour * 60 + minute) * 60 + second) * TIME_SECOND + fraction -
             offset;
    return ERR_NONE;
}

enum err day_parse(struct str text, int32_t *day)
{
    size_t at = 0;
    int32_t parsed = 0;
    if (!parse_date(text, &at, &parsed) || at != text.len)
        return ERR_MALFORMED;
    *day = parsed;
    return ERR_NONE;
}

void buf_day(struct buf *buf, int32_t day)
{
    struct civil date = civil_from_day(day);
    buf_int_padded(buf, date.year, 4);
    buf_char(buf, '-');
    buf_int_padded(buf, date.month, 2);
    buf_char(buf, '-');
    buf_int_padded(buf, date.day, 2);
}

void buf_time(struct buf *buf, int64_t at_us)
{
    int32_t day = day_of_instant(at_us);
    int64_t of_day = at_us - instant_of_day(day);
    int64_t seconds = of_day / TIME_SECOND;
    buf_day(buf, day);
    buf_char(buf, 'T');
    buf_int_padded(buf, seconds / 3600, 2);
    buf_char(buf, ':');
    buf_int_padded(buf, seconds / 60 % 60, 2);
    buf_char(buf, ':');
    buf_int_padded(buf, seconds % 60, 2);
    if (of_day % TIME_SECOND != 0) {
        buf_char(buf, '.');
        buf_int_padded(buf, of_day % TIME_SECOND, 6);
    }
    buf_char(buf, 'Z');
}

struct str time_text(struct arena *arena, int64_t at_us)
{
    struct buf buf;
    buf_init(&buf, arena, 40);
    buf_time(&buf, at_us);
    return buf_str(&buf);
}

struct str day_text(struct arena *arena, int32_t day)
{
    struct buf buf;
    buf_init(&buf, arena, 16);
    buf_day(&buf, day);
    return buf_str(&buf);
}
