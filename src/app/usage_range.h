/* usage_range.h - the usage of many customers read at once, for a billing run.
 *
 * What a subscription used in whole local days is added up from rows read ahead; it is the same
 * total that usage_total gives, and all of it is of one moment, that of ingest commit `event_seq`.
 */
#ifndef APP_USAGE_RANGE_H
#define APP_USAGE_RANGE_H

#include "app/usage.h"

struct usage_of_range_row;

struct usage_range {
    struct uuid first_customer_id, last_customer_id;
    int32_t first_day, end_day; /* local days [first, end); equal: nothing was read */
    int64_t event_seq;
    struct usage_of_range_row *rows; /* by customer, subscription, metric */
    size_t count;
};

MUST_CHECK enum err usage_range_read(struct tx *tx, struct uuid first_customer_id,
                                     struct uuid last_customer_id, int32_t first_day,
                                     int32_t end_day, struct usage_range *range);

/* Whether the query is for whole days that were read. */
bool usage_range_covers(const struct usage_range *range, const struct usage_query *query);
/* ERR_OVERFLOW. */
MUST_CHECK enum err usage_range_total(const struct usage_range *range,
                                      const struct usage_query *query, struct usage_total *total);

#endif
