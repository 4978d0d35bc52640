/* advance_read.h - the events of a charge in advance, in order of arrival, and what they run to.
 *
 * For app/advance_price.h and who uses it. */
#ifndef APP_ADVANCE_READ_H
#define APP_ADVANCE_READ_H

#include "app/advance_fee.h"
#include "app/metric_rule.h"
#include "app/usage_slices.h"
#include "core/pricing/advance.h"

#define SHARE_NONE SIZE_MAX

struct advance_arrived {
    struct usage_event event;
    int64_t seq;
    size_t slice; /* by the splitter's numbers */
    size_t cell;  /* of its part's model; 0: that has none */
    size_t share; /* by the numbers of `shown`; SHARE_NONE: its units are not told apart */
    bool is_carried;
    struct str transaction_id;
};

struct advance_reading {
    struct arena *arena;
    struct arena scratch; /* of one event */
    const struct advance_period *period;
    struct metric_rule rule;
    struct usage_query query;
    struct charge *models; /* of each part */
    struct usage_splitter splitter;
    struct group_set shown; /* its owners are slices */
    struct advance_arrived *events;
    size_t count, capacity;
};

/* Without events. */
void advance_reading_init(struct advance_reading *r, struct arena *arena,
                          const struct advance_period *period);
/* The events of the period, and of a stock all before; what is carried in comes first.
 *   supposed   NULL, or an event that is not there
 *   by_itself  it alone */
MUST_CHECK enum err advance_read(struct ctx *ctx, struct tx *tx,
                                 const struct advance_period *period,
                                 const struct event_row *supposed, bool by_itself,
                                 struct advance_reading *r);

size_t advance_slice_part(const struct advance_reading *r, size_t slice);
/* STR_NULL: its part is not divided. */
struct str advance_slice_group(const struct advance_reading *r, size_t slice);

/* The running state of each slice (app/usage_slices.h). */
struct advance_running {
    struct advance *slices;
    struct advance *shares; /* of each of `shown`: its units alone, not rounded */
    int64_t *carried;       /* events of each that came before the period */
    size_t count;
    size_t next; /* the next event of the period */
};

/* As of the start of the period: with what is carried in.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_begin(struct arena *arena, const struct advance_reading *r,
                                  struct advance_running *running);
/* The next event of the period.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_next(const struct advance_reading *r, struct advance_running *running,
                                 struct advance_step *step);
/* The units of each slice told apart, as of now: what rating_shares_text makes of them. */
struct str *advance_shares_texts(struct arena *arena, const struct advance_reading *r,
                                 const struct advance_running *running);

#endif
