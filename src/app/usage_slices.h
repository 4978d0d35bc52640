/* usage_slices.h - usage divided as it is billed.
 *
 * A charge's usage has parts (app/charge_filter.h), and a part may be divided into groups by what
 * its events say of some properties (core/metering/group.h).  What is left is a slice: metered,
 * priced, rounded and billed by itself.  A part that is not divided is one slice.
 *
 * A group is there once an event names it.  It is idle in a time in which it has neither events nor
 * units (a stock that was given back long ago): then it costs nothing, and is not shown.  Where all
 * groups of a part are idle, or there is none, the group of nulls stands for the part, and costs
 * what no usage costs. */
#ifndef APP_USAGE_SLICES_H
#define APP_USAGE_SLICES_H

#include "app/usage.h"
#include "core/metering/group.h"

/* How a part is divided. */
struct usage_division {
    struct group_keys groups; /* each is a slice of its own */
    struct group_keys shown;  /* only units are told apart */
};

/* A share of a slice's units; of a metric that does not add up, what its events alone come to. */
struct usage_share {
    struct str group; /* of the division's `shown` */
    struct decimal units;
};

struct usage_slice {
    size_t part;
    struct str group; /* STR_NULL: the part is not divided */
    bool is_idle;
    struct usage usage;
    struct usage_share *shares; /* in order of their groups */
    size_t share_count;
};

void usage_shares_sort(struct usage_share *shares, size_t count);

/* In order of the parts; within one the idle first, then by their groups, null behind all else. */
struct usage_slices {
    struct usage_slice *items;
    size_t count;
};

/* One slice for each of the parts. */
struct usage_slices usage_slices_of_parts(struct arena *arena, const struct usage *usages,
                                          size_t count);

/* From the raw events alone, of ingest commits up to `event_seq` (INT_NONE: all): what can't be
 * merged is billed from, and every bill is derived again from.  One reading, linear in the number
 * of events.
 *   keeps_values  the usages' values will be there; all lives in `arena`
 * ERR_OVERFLOW. */
MUST_CHECK enum err usage_of_events(struct tx *tx, struct arena *arena,
                                    const struct usage_query *query, bool keeps_values,
                                    int64_t event_seq, struct usage_slices *slices);

/* ---- by which slice an event is told --------------------------------------------------------- */

struct usage_splitter {
    const struct usage_query *query;
    struct group_set set;
};

/* The first numbers are those of the parts: the whole of one that is not divided, else its group of
 * nulls. */
void usage_splitter_init(struct usage_splitter *splitter, struct arena *arena,
                         const struct usage_query *query);
/* Adds a slice that is known; its number. */
size_t usage_splitter_add(struct usage_splitter *splitter, const struct usage_slice *slice);
/* The number of an event's slice; splitter->set.count before the call, when it is a new one.
 *   arena  for reading */
size_t usage_splitter_pick(struct usage_splitter *splitter, struct arena *arena,
                           struct str properties);

#endif
