/* event_filter.h - which event keys may be known, in memory: no answer "no" is ever wrong.
 *
 * A Bloom filter for each arrival day, so that a day can be forgotten; a layer is added when one
 * is full.  About 2 bytes an event, and one wrong "maybe" in 1,000 for each day.  Not locked: it
 * belongs to the ingest's writer. */
#ifndef APP_EVENT_FILTER_H
#define APP_EVENT_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_FILTER_DAYS 35

struct event_filter;

struct event_filter *event_filter_new(void);
void event_filter_free(struct event_filter *filter); /* NULL is fine */

/* The key's hash, 16 bytes that are evenly spread. */
void event_filter_add(struct event_filter *filter, int32_t arrival_day,
                      const unsigned char hash[16]);
/* Whether an event with this key may have arrived on the day. */
bool event_filter_may_hold(const struct event_filter *filter, int32_t arrival_day,
                           const unsigned char hash[16]);
/* Forgets the days before this one. */
void event_filter_forget(struct event_filter *filter, int32_t first_day);

#endif
