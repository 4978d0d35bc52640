/* charge_filter.h - filters of metrics and charges: checked as they were sent, and kept.
 *
 * A metric lists keys and values (core/metering/filter.h).  A charge of it may have filters that
 * name some of them, each with properties of the charge's model and a name of its own.  A charge
 * has parts: one for each of its filters, in their order, and the last one for events that no
 * filter takes, at the charge's own properties.  Each part is metered, priced and billed by itself.
 */
#ifndef APP_CHARGE_FILTER_H
#define APP_CHARGE_FILTER_H

#include "app/ctx.h"
#include "core/metering/filter.h"
#include "core/pricing/charge.h"
#include "store/sql/rows.h"

struct charge_view;

struct metric_filter_input {
    struct str key;
    const struct str *values;
    size_t value_count;
};

/* Notes what is wrong; else gives the text that is kept (billable_metric.filters). */
struct str metric_filters_check(struct ctx *ctx, const struct metric_filter_input *inputs,
                                size_t count);

struct charge_filter_input {
    struct str values; /* a JSON object of arrays, as it was sent */
    struct str invoice_display_name;
    struct str properties;  /* a JSON object of the charge's model */
    struct uuid lineage_id; /* of the one that it goes on from; nil: the one with the same values */
    uint64_t sent;          /* of a change: bits of filter_field */
};

/* The input that makes one as it is. */
struct charge_filter_input charge_filter_input_of(const struct charge_filter_row *row);

/* What a change of a filter may clear; the rest is kept where it is not sent. */
enum filter_field { FILTER_DISPLAY_NAME = 1 << 0 };

struct charge_filters {
    struct charge_filter_input *inputs;
    size_t count;
    const struct charge_filter_row *before; /* of the charge that it goes on from: who has the
                                             * same values goes on with its lineage */
    size_t before_count;
};

/* Notes below `path` ("charges.0") what is wrong; rows[i] is complete but for id and charge, and
 * models[i] is its price. */
void charge_filters_check(struct ctx *ctx, struct str path,
                          const struct billable_metric_row *metric, struct str charge_model,
                          const struct charge_filters *filters, struct charge_filter_row *rows,
                          struct charge *models);

/* The filter of a text that was sent, a JSON object of arrays: what is wrong with it, for a charge
 * of the metric, is noted at `path`. */
struct filter charge_filter_read(struct ctx *ctx, struct str path,
                                 const struct billable_metric_row *metric, struct str values);

/* What is left of a charge's filters once the metric lists what it lists now: values that are gone
 * go, keys without values too, and filters without keys or that have become the same as one before.
 * false: nothing changes. */
bool charge_filters_fit(struct arena *arena, const struct billable_metric_row *metric,
                        const struct charge_view *charge, struct charge_filter_input **left,
                        size_t *count);

/* Of a charge without filters: 1. */
size_t charge_part_count(const struct charge_view *charge);
/* NULL: what no filter takes. */
const struct charge_filter_row *charge_part_filter(const struct charge_view *charge, size_t part);
struct charge charge_part_model(struct arena *arena, const struct charge_view *charge, size_t part);
/* By which part an event is told. */
struct filter_set charge_filter_set(struct arena *arena, const struct charge_view *charge);
/* As it is shown: its own name, or else its values; STR_NULL: no filter. */
struct str charge_filter_name(struct arena *arena, const struct charge_filter_row *filter);

#endif
