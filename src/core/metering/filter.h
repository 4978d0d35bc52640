/* filter.h - events told apart by what their properties say.
 *
 * A filter names keys, and for each the values that it takes: {"cloud": ["aws", "gcp"], "region":
 * ["eu"]}.  An event matches when every key of the filter is a property of the event with one of
 * its values, compared as they are written.  Of several filters that match an event belongs to one
 * alone, the most exact: more keys first, then fewer combinations of values, then the one that
 * stands first.  Half a match is none.
 *
 * A metric lists all keys and values by which its events may be told apart, in the same form.  What
 * an event says of them is its segment, so that totals kept by segment can be added up for any
 * filters that name nothing else. */
#ifndef CORE_METERING_FILTER_H
#define CORE_METERING_FILTER_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

#define FILTER_KEYS_MAX   20
#define FILTER_VALUES_MAX 1000 /* of one key */
#define FILTERS_MAX       1000 /* of one charge */
/* In the place of a key's values: all that the metric lists for it. */
#define FILTER_ALL_VALUES "__ALL_FILTER_VALUES__"

struct filter_key {
    struct str key;
    const struct str *values;
    size_t value_count;
};

struct filter {
    const struct filter_key *keys;
    size_t key_count;
};

/* Of a text that filter_text made (asserted).  Lives as long as both. */
struct filter filter_of(struct arena *arena, struct str text);
struct str filter_text(struct arena *arena, const struct filter *filter);

/* NULL: it has no such key. */
const struct filter_key *filter_find(const struct filter *filter, struct str key);
bool filter_key_has(const struct filter_key *key, struct str value);
/* The same keys with the same values, in any order. */
bool filter_same(const struct filter *a, const struct filter *b);
/* With the metric's values where all are meant. */
struct filter filter_expand(struct arena *arena, const struct filter *filter,
                            const struct filter *metric);
/* The metric lists all that the filter names, or means. */
bool filter_is_listed(const struct filter *filter, const struct filter *metric);

/* ---- which filter an event belongs to -------------------------------------------------------- */

struct filter_set {
    const struct filter *filters; /* without FILTER_ALL_VALUES */
    size_t count;
    size_t *order;    /* the most exact first */
    struct str *keys; /* of all filters */
    size_t key_count;
};

struct filter_set filter_set_of(struct arena *arena, const struct filter *filters, size_t count);
/* The index of the filter; `count`: none.
 *   properties  the event's JSON object
 *   arena       for reading */
size_t filter_set_pick(struct arena *arena, const struct filter_set *set, struct str properties);

/* ---- segments -------------------------------------------------------------------------------- */

/* What an event says of the metric's keys, as a short text: the place of each value among those
 * that are listed, "-" for none or another. */
struct str filter_segment(struct arena *arena, const struct filter *metric, struct str properties);
/* As filter_set_pick, for all events of a segment of the metric. */
size_t filter_set_pick_segment(struct arena *arena, const struct filter_set *set,
                               const struct filter *metric, struct str segment);

#endif
