/* advance_price.h - fees of charges in advance from events that were read: of one event, and of the
 * stock that is carried in.
 *
 * For app/advance_fee.c and app/advance_usage.c. */
#ifndef APP_ADVANCE_PRICE_H
#define APP_ADVANCE_PRICE_H

#include "app/advance_limit.h"
#include "app/advance_read.h"
#include "core/currency.h"

/* The period of usage in which an instant lies, whatever of it is billed. */
struct period advance_whole_period(const struct zone *zone, const struct invoice_item *item,
                                   int64_t at);
const struct currency *advance_currency(const struct advance_period *p);
/* The days that an event pays for. */
struct advance_share advance_share_at(const struct advance_period *p, int64_t occurred_at);

/* A fee of a slice for the period, without price. */
struct fee_row advance_fee_begin(const struct advance_reading *r, size_t slice);
/* The fee of one event, but for the charge's maximum.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_event_fee(struct arena *arena, const struct advance_reading *r,
                                      const struct advance_arrived *arrived,
                                      const struct advance_step *step, struct fee_row *fee);

/* Slices in order of their parts and groups. */
struct advance_ordered {
    size_t number; /* the splitter's */
    size_t part;
    struct str group;
};

const struct advance_ordered *advance_order_slices(struct arena *arena,
                                                   const struct advance_reading *r, size_t count);

/* The fee of each slice that carries something into the period, lowered to the charge's maximum.
 * ERR_OVERFLOW. */
MUST_CHECK enum err advance_renewal_fees(struct arena *arena, const struct advance_reading *r,
                                         const struct advance_running *running,
                                         const struct advance_ordered *ordered,
                                         struct advance_limit *limit,
                                         struct advance_slices *slices);

#endif
