/* time.h - instants and days as numbers, and their text.
 *
 * An instant is int64_t microseconds since 1970-01-01T00:00:00Z (names end in _at or _us); a day
 * is int32_t days since 1970-01-01 (names end in _day).  Range: years 1 to 9999.  No clock here,
 * no zones (see base/clock.h and base/zone.h). */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

#define TIME_SECOND ((int64_t)1000000)
#define TIME_HOUR   (3600 * TIME_SECOND)
#define TIME_DAY    (86400 * TIME_SECOND)
#define TIME_NONE   INT64_MIN /* no instant (SQL's NULL) */
#define DAY_NONE    INT32_MIN /* no day */

struct civil {
    int32_t year;
    int32_t month; /* 1..12 */
    int32_t day;   /* 1..31 */
};

int32_t day_from_civil(struct civil date);
struct civil civil_from_day(int32_t day);
bool civil_is_valid(struct civil date);
int32_t days_in_month(int32_t year, int32_t month);
int32_t weekday_of(int32_t day); /* 0 = Monday .. 6 = Sunday */
/* The UTC day that holds an instant (floor). */
int32_t day_of_instant(int64_t at_us);
int64_t instant_of_day(int32_t day); /* 00:00 UTC */

/* RFC 3339 with zone ("Z" or +hh:mm), fraction up to 6 digits used and further zeros allowed;
 * ERR_MALFORMED otherwise.  A leap second counts as the next second. */
MUST_CHECK enum err time_parse(struct str text, int64_t *at_us);
/* YYYY-MM-DD, a real date. */
MUST_CHECK enum err day_parse(struct str text, int32_t *day);
/* "2024-01-15T10:00:00Z"; with .ffffff only where there is a fraction. */
void buf_time(struct buf *buf, int64_t at_us);
void buf_day(struct buf *buf, int32_t day);
struct str time_text(struct arena *arena, int64_t at_us);
struct str day_text(struct arena *arena, int32_t day);

#endif
