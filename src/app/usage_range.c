#include "app/usage_range.h"

#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/due.h"

enum err usage_range_read(struct tx *tx, struct uuid first_customer_id,
                          struct uuid last_customer_id, int32_t first_day, int32_t end_day,
                          struct usage_range *range)
{
    *range = (struct usage_range){
        .first_customer_id = first_customer_id,
        .last_customer_id = last_customer_id,
        .first_day = first_day,
        .end_day = end_day,
    };
    if (first_day >= end_day)
        return ERR_NONE;
    TRY(usage_of_range(tx,
                       &(struct usage_of_range_in){
                           .first_id = first_customer_id,
                           .last_id = last_customer_id,
                           .first_day = first_day,
                           .end_day = end_day,
                       },
                       &range->rows, &range->count));
    ASSERT(range->count > 0); /* at least the one that names the commit */
    range->event_seq = range->rows[0].ingest_seq;
    if (range->rows[0].day == DAY_NONE)
        range->count = 0;
    return ERR_NONE;
}

static bool is_midnight(const struct zone *zone, int64_t at_us)
{
    return zone_day_start(zone, zone_day(zone, at_us)) == at_us;
}

bool usage_range_covers(const struct usage_range *range, const struct usage_query *query)
{
    const struct usage_span *span = &query->span;
    return range->first_day < range->end_day && span->from_at < span->to_at &&
           uuid_cmp(query->customer_id, range->first_customer_id) >= 0 &&
           uuid_cmp(query->customer_id, range->last_customer_id) <= 0 &&
           is_midnight(query->zone, span->from_at) && is_midnight(query->zone, span->to_at) &&
           zone_day(query->zone, span->from_at) >= range->first_day &&
           zone_day(query->zone, span->to_at) <= range->end_day;
}

static int compare(const struct usage_of_range_row *row, const struct usage_query *query)
{
    int order = uuid_cmp(row->customer_id, query->customer_id);
    if (order == 0)
        order = uuid_cmp(row->subscription_id, query->subscription_id);
    return order != 0 ? order : uuid_cmp(row->metric_id, query->metric_id);
}

/* The first row that is not before the query's. */
static size_t lower_bound(const struct usage_range *range, const struct usage_query *query)
{
    size_t low = 0;
    size_t high = range->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&range->rows[middle], query) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct usage_total total_of(const struct usage_of_range_row *row)
{
    return usage_total_of_day(&(struct usage_day_row){
        .event_count = row->event_count,
        .value_count = row->value_count,
        .sum = row->sum,
        .min = row->min,
        .max = row->max,
        .latest = row->latest,
        .latest_at = row->latest_at,
        .latest_id = row->latest_id,
        .moment = row->moment,
        .precise_total_cents = row->precise_total_cents,
    });
}

enum err usage_range_total(const struct usage_range *range, const struct usage_query *query,
                           struct usage_total *total)
{
    int32_t first_day = zone_day(query->zone, query->span.from_at);
    int32_t end_day = zone_day(query->zone, query->span.to_at);
    ASSERT(usage_range_covers(range, query));
    *total = USAGE_NONE;
    for (size_t i = lower_bound(range, query);
         i < range->count && compare(&range->rows[i], query) == 0; i++) {
        const struct usage_of_range_row *row = &range->rows[i];
        if (row->day < first_day || row->day >= end_day)
            continue;
        ASSERT(str_eq(row->timezone, zone_name(query->zone)));
        struct usage_total day = total_of(row);
        TRY(usage_total_merge(total, &day));
    }
    return ERR_NONE;
}
