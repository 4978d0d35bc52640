/* advance_fee.h - fees of charges that are paid in advance: one for each event, made when it comes.
 *
 * An event is billed in the period in which it happened, after all that arrived before it and
 * belongs to that period (core/pricing/advance.h).  Of a recurring metric the stock that is carried
 * into a period is paid in full when the period begins, as of one ingest commit (the period's
 * renewal_seq); what comes later is a step of that period, whenever it happened.
 *
 * Fees are computed from raw events and the catalogue alone, so the same functions make them,
 * estimate them and derive them again.  Linear in the events of the period. */
#ifndef APP_ADVANCE_FEE_H
#define APP_ADVANCE_FEE_H

#include "app/ctx.h"
#include "app/invoice_build.h"
#include "base/zone.h"

/* A charge in a period. */
struct advance_period {
    const struct invoice_item *item; /* its subscription and plan; the period is
                                      * period.charges_from_at to charges_to_at */
    const struct charge_view *charge;
    const struct zone *zone; /* by whose days the period runs */
    int64_t renewal_seq;     /* INT_NONE: nothing was renewed, what is carried in came before */
};

/* Sets the item's period to the one in which an instant lies. */
void advance_period_at(const struct zone *zone, int64_t at, struct invoice_item *item);
/* The item of the period that begins when the item's period of usage ends; of an item without one,
 * of a subscription that starts, its first period. */
struct invoice_item advance_next_item(const struct zone *zone, const struct invoice_item *item);
/* Sets renewal_seq: up to which ingest commit a stock that is carried in was renewed. */
MUST_CHECK enum err advance_find_renewal(struct tx *tx, struct advance_period *period);
/* The same of the item's period, whatever charges it has; INT_NONE: nothing was renewed. */
MUST_CHECK enum err advance_renewal_of(struct tx *tx, const struct invoice_item *item,
                                       int64_t *seq);

struct advance_fees {
    const struct uuid *events; /* those to be billed, in any order */
    size_t count;
    const struct event_row *supposed; /* NULL; an event that is not there, behind all others */
    bool by_itself;                   /* it: without a look at what came before, nothing is free */
    struct fee_row *fees; /* for each, without id and taxes; then for the supposed one */
    bool *found;          /* for each */
};

/* ERR_OVERFLOW. */
MUST_CHECK enum err advance_fees_make(struct ctx *ctx, struct tx *tx,
                                      const struct advance_period *period,
                                      struct advance_fees *fees);

/* Fees one by one, in order of arrival. */
struct advance_each {
    struct arena *arena; /* for the fees; `visit` may reset it */
    bool (*wants)(void *arg, struct uuid event_id);
    void (*visit)(void *arg, const struct fee_row *fee); /* without id and taxes */
    void *arg;
};

/* One reading of the period, however many are wanted.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_fees_each(struct ctx *ctx, struct tx *tx,
                                      const struct advance_period *period,
                                      const struct advance_each *each);

/* A slice of the charge (app/usage_slices.h): each of its groups is priced by itself. */
struct advance_slice {
    size_t part;
    struct fee_row fee; /* fee.grouped_by: the group */
};

/* In order of the parts, then of their groups; those that are idle are left out. */
struct advance_slices {
    struct advance_slice *items;
    size_t count;
};

/* What the period's stock costs at its start, where there is any.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_renewals_make(struct ctx *ctx, struct tx *tx,
                                          const struct advance_period *period,
                                          struct advance_slices *slices);

/* Whether a charge in advance carries something into a period, which is renewed then. */
bool advance_renews(const struct charge_view *charge);
bool advance_renews_any(const struct plan_view *plan);

/* The part of the charge that a fee is of. */
size_t advance_part_of(const struct charge_view *charge, const struct fee_row *fee);

#endif
