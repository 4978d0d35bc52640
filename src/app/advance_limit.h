/* advance_limit.h - the greatest that a charge in advance costs for a period.
 *
 * What is left of it is the maximum (app/charge_limits.h) less what was billed before: the stock
 * that was carried in, then each event in order of arrival.  What was billed counts as it was, at
 * whatever price held then; what is not billed yet at the price that it will have. */
#ifndef APP_ADVANCE_LIMIT_H
#define APP_ADVANCE_LIMIT_H

#include "app/advance_fee.h"
#include "app/charge_limits.h"
#include "store/sql/advance.h"

struct advance_limit {
    const struct advance_period *period;
    bool is_on; /* the charge has a maximum */
    struct advance_billed_list_row *billed;
    size_t billed_count;
    bool is_renewed;             /* the stock was billed: it is in `limits` */
    struct charge_limits limits; /* what was billed so far */
};

/* Nothing was billed. */
void advance_limit_init(struct advance_limit *limit, const struct advance_period *period);
/* What was billed; of it what comes before the first event is in `limits`.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_limit_load(struct tx *tx, struct arena *arena,
                                       struct advance_limit *limit);
/* Whether an event was billed; then *minor is its fee's amount. */
bool advance_limit_billed(const struct advance_limit *limit, struct uuid event_id, int64_t *minor);
/* Adds what was billed.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_limit_add(struct advance_limit *limit, int64_t minor);
/* Lowers the fee that comes next to what is left, and adds it.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_limit_apply(struct arena *arena, struct advance_limit *limit,
                                        struct fee_row *fee);

#endif
