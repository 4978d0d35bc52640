/* advance.h - a charge that is paid in advance: what each event costs when it comes.
 *
 * Events are taken in the order in which they arrived.  Each costs the price of all usage of the
 * period up to and with it, less the price of what came before it.  What is paid is the highest
 * point that the quantity has reached in the period: going down gives nothing back, coming back up
 * costs nothing.  Where nothing was paid yet, nothing is taken off: the first event pays the flat
 * amount of the first tier, too.
 *
 * Where prices depend on what an event says (time_of_use, price_table), each cell has a quantity
 * and a highest point of its own.
 *
 * A percentage and a dynamic price are each event's own: the rate on what it adds to the highest
 * point, with the free events and units that are left, fixed part and bounds; an event that adds
 * nothing costs nothing.  A dynamic one costs what it says.
 *
 * A recurring metric's stock is carried in, and was paid in full when the period began
 * (advance_renewal): only what goes beyond costs more.
 *
 * Prorated, an event costs its units' share of the period's days, from its own day to the end.
 * Pure. */
#ifndef CORE_PRICING_ADVANCE_H
#define CORE_PRICING_ADVANCE_H

#include "core/metering/group.h"
#include "core/metering/projection.h"
#include "core/metering/usage.h"
#include "core/pricing/charge.h"

/* Whether a charge can be paid in advance at all: its quantity only ever grows event by event, and
 * so does its price. */
bool advance_allows_metric(enum aggregation aggregation);
bool advance_allows_model(enum charge_model model);

struct advance_item; /* of a unique count: what became of a value */
struct advance_cell; /* how many units, and how many are paid */

/* The usage of a period so far, in order of arrival. */
struct advance {
    struct arena *arena;
    struct usage_rule usage;
    bool prices_events; /* the quantity is not rounded: each event's own value is priced */
    int64_t event_count;
    struct decimal sum;
    struct group_set values; /* of a unique count, each with its item */
    struct advance_item *items;
    size_t item_capacity;
    int64_t present;            /* of them */
    struct advance_cell *cells; /* charge_cell_count; NULL: none */
    struct decimal quantity;    /* now */
    struct decimal paid;        /* the highest quantity so far, 0 at least; of all cells */
    struct decimal cents;       /* what the events of the period said they cost */
    bool has_paid;              /* something was priced: an event, or what was carried in */
};

void advance_init(struct advance *advance, struct arena *arena, const struct charge *charge,
                  const struct usage_rule *usage);
/* Only first: an event before the period, of a recurring metric.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_carry(struct advance *advance, const struct usage_event *event);

/* What one event adds. */
struct advance_step {
    int64_t events_before; /* of the period */
    size_t cell;           /* that it is of, where there are cells */
    struct decimal before; /* paid before it, of its cell */
    struct decimal paid;   /* and with it */
    bool has_paid;         /* before it */
    struct decimal units;  /* the difference */
    struct decimal total;  /* paid with it, of all cells */
    struct decimal cents;  /* what it says it costs, in minor units; DECIMAL_NONE */
};

/* The next event of the period.
 *   cell  as charge_cell says; 0 where the charge has none
 * ERR_OVERFLOW. */
MUST_CHECK enum err advance_add(struct advance *advance, const struct usage_event *event,
                                size_t cell, struct advance_step *step);

/* Events to come, if the usage goes on at the same rate: as many as the projection gives share its
 * units evenly; where events are not priced by themselves, one has all.  Each is visited.
 * ERR_OVERFLOW: too many, too. */
MUST_CHECK enum err advance_project(struct advance *advance, const struct charge *charge,
                                    struct projection projection,
                                    enum err (*visit)(void *arg, const struct advance_step *step),
                                    void *arg);

/* The part of the period's days that an event pays for. */
struct advance_share {
    bool is_on;
    int32_t days, days_of_period;
};

#define ADVANCE_SHARE_DECIMALS 5 /* prorated units are rounded up to so many */

/* Units for a part of the days.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_share_of(struct decimal units, const struct advance_share *share,
                                     struct decimal *part);

/* How an event's price by percentage came about. */
struct advance_details {
    struct decimal rate;        /* percent */
    struct decimal units;       /* of the event */
    struct decimal free_units;  /* of them */
    bool is_free;               /* the whole event */
    struct decimal rate_amount; /* on what is not free */
    struct decimal fixed_amount;
    struct decimal adjustment; /* by which the least or greatest price changes it */
};

/* What the event costs, exactly, with its steps.
 *   digits   of the currency
 *   details  set where the model is percentage
 * ERR_OVERFLOW. */
MUST_CHECK enum err advance_price(struct arena *arena, const struct charge *charge,
                                  const struct advance_step *step,
                                  const struct advance_share *share, int digits,
                                  struct price *price, struct advance_details *details);

/* Without what is free of the first usage of a period: for what is priced without a look at it. */
void advance_take_free_away(struct charge *charge);

/* What the stock that is carried into a period costs for all of it.  ERR_OVERFLOW. */
MUST_CHECK enum err advance_renewal(struct arena *arena, const struct charge *charge,
                                    struct decimal units, struct price *price);

/* ---- between the files of this folder -------------------------------------------------------- */

MUST_CHECK enum err price_percentage_event(struct arena *arena, const struct charge *charge,
                                           const struct advance_step *step, struct price *price,
                                           struct advance_details *details);

#endif
