/* zone.h - time zones as values: tables read once from the system's tzdata (TZif, RFC 8536).
 *
 * A zone is immutable and may be shared by threads and passed to core.  The POSIX rule in a
 * file's footer extends it beyond its last transition.  The process's TZ and localtime are never
 * used. */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

struct zone; /* opaque */

extern const struct zone *const ZONE_UTC; /* always there, name "UTC" */

/* The zone of an IANA name ("Europe/Paris"), read on first use and kept for the life of the
 * process; safe from any thread.  ERR_NOT_FOUND: no such zone (also for names with "..", a
 * leading '/', or odd characters).  ERR_CORRUPT: unreadable file. */
MUST_CHECK enum err zone_find(struct str name, const struct zone **zone);

struct str zone_name(const struct zone *zone);
/* Seconds east of UTC at an instant. */
int32_t zone_offset_s(const struct zone *zone, int64_t at_us);
/* The local day that holds an instant. */
int32_t zone_day(const struct zone *zone, int64_t at_us);
/* The first instant of a local day: local midnight, or where a zone skips it the first instant
 * after the gap; where midnight happens twice, the earlier one. */
int64_t zone_day_start(const struct zone *zone, int32_t day);
/* Local wall-clock time of an instant, as an instant in UTC would show it. */
int64_t zone_local_us(const struct zone *zone, int64_t at_us);
/* Version of the tzdata found ("2024a"), or "unknown". */
struct str zone_data_version(void);

#endif
