/* estimate_use.h - quantities that somebody thinks of, as the usage of a plan's charges.
 *
 * What is said stands for a charge, by its code, or for all charges of a metric, as usage does; and
 * within it for what no filter takes, and for each of the filters.  Of what is not mentioned
 * nothing is used.  Where a price depends on more than the quantity, more has to be said:
 *
 *   events     a fixed amount for each event; free events and units, least and greatest amounts:
 *              how many there are, and what each is worth, or else all are worth the same
 *   cells      windows of time, places of a price table: the units of each; the rest is elsewhere
 *   own cost   of a dynamic charge: what the events say they cost
 *
 * Of a charge in advance the values are kept of all events that are told one by one. */
#ifndef APP_ESTIMATE_USE_H
#define APP_ESTIMATE_USE_H

#include "app/ctx.h"
#include "app/plan.h"
#include "core/metering/usage.h"

#define ESTIMATE_CHARGES_MAX 1000
#define ESTIMATE_EVENTS_MAX  100000 /* where each is priced by itself */

struct estimate_cell {
    struct str window;      /* of a time_of_use charge, or else */
    struct str row, column; /* of a price_table charge */
    struct decimal units;
};

struct estimate_use {
    struct decimal units;        /* 0 or more; DECIMAL_NONE: what the rest adds up to */
    int64_t event_count;         /* INT_NONE: of a count its units; else 1 where there are units */
    const struct str *values;    /* of each event, in order: decimals of 0 or more */
    size_t value_count;          /* 0: all events are worth the same */
    struct estimate_cell *cells; /* each once */
    size_t cell_count;
    struct decimal own_cents; /* what the events say they cost, in minor units; DECIMAL_NONE: 0 */
};

struct estimate_filter {
    struct str values; /* a JSON object: those of a filter of the charge */
    struct estimate_use use;
};

struct estimate_charge {
    struct str code;        /* the charge, or else */
    struct str metric_code; /* all charges of the metric */
    struct estimate_use use;
    struct estimate_filter *filters;
    size_t filter_count;
};

/* The usage of each part of each of the plan's charges; usages[i] of the ith.  What is wrong is
 * noted in the fault below "charges.N"; ask fault_check.  ERR_OVERFLOW. */
MUST_CHECK enum err estimate_usages(struct ctx *ctx, const struct plan_view *plan,
                                    const struct estimate_charge *charges, size_t count,
                                    struct usage **usages);

#endif
