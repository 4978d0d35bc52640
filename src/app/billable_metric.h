/* billable_metric.h - billable metrics: which events are counted, and how.
 *
 * Name and description may always change.  What decides how events are counted (code, aggregation,
 * property, expression, rounding, recurrence, percentile and its slots) is fixed from the first use
 * on: once a plan, in any of its versions, charges for the metric, or an event of it was taken.
 * Else bills that were made, and totals that are kept, would mean something else.  A metric in use
 * can't be deleted either; an unused one is gone, and its code free again.
 *
 * Filters (keys and values by which charges may tell its events apart) may change at any time:
 * values that go are taken out of the filters of the plans as they are now (app/plan_change.h);
 * what was billed stays as it was. */
#ifndef APP_BILLABLE_METRIC_H
#define APP_BILLABLE_METRIC_H

#include "app/charge_filter.h"
#include "app/ctx.h"
#include "core/metering/expression.h"
#include "store/sql/rows.h"

enum billable_metric_field {
    METRIC_CODE = 1,
    METRIC_NAME = 2,
    METRIC_DESCRIPTION = 4,
    METRIC_AGGREGATION_TYPE = 8,
    METRIC_FIELD_NAME = 16,
    METRIC_EXPRESSION = 32,
    METRIC_ROUNDING_FUNCTION = 64,
    METRIC_ROUNDING_PRECISION = 128,
    METRIC_RECURRING = 256,
    METRIC_WEIGHTED_INTERVAL = 512,
    METRIC_PERCENTILE = 1024,
    METRIC_SLOT_SECONDS = 2048,
    METRIC_FILTERS = 4096
};

struct billable_metric_input {
    struct str code; /* 1 to 255 bytes, not taken; events name it */
    struct str name;
    struct str description;
    struct str aggregation_type;  /* a word of AGGREGATION_MAP (core/metering.h) */
    struct str field_name;        /* property to aggregate; must be given but for count_agg, or with
                                   * an expression */
    struct str expression;        /* computes the value instead (core/metering/expression.h);
                                   * STR_NULL or empty: none; not for count_agg */
    struct str rounding_function; /* of the quantity: round, ceil, floor; STR_NULL: none */
    int64_t rounding_precision;   /* decimals, -30 to 30; INT_NONE: 0 */
    bool recurring;               /* of sum_agg, unique_count_agg and weighted_sum_agg */
    struct str weighted_interval; /* of weighted_sum_agg: seconds, which STR_NULL is too */
    struct decimal percentile;    /* of percentile_agg, which must have it; counts where it was
                                   * sent; core/metering/percentile.h says what may be */
    int64_t slot_seconds;         /* likewise; INT_NONE or 0: 300 */
    struct metric_filter_input *filters; /* all that are to be */
    size_t filter_count;
    uint64_t sent; /* which fields an update gives */
};

/* ERR_INVALID: bad field or code taken.  ERR_NOT_SUPPORTED: an aggregation that is not built yet.
 */
MUST_CHECK enum err billable_metric_create(struct ctx *ctx,
                                           const struct billable_metric_input *input,
                                           struct billable_metric_row *row);
/* Changes what input->sent says.  ERR_NOT_FOUND; ERR_INVALID as above; ERR_NOT_ALLOWED: the metric
 * is in use, and something else than name and description would change. */
MUST_CHECK enum err billable_metric_change(struct ctx *ctx, struct str code,
                                           const struct billable_metric_input *input,
                                           struct billable_metric_row *row);
/* *row is as it was.  ERR_NOT_FOUND; ERR_NOT_ALLOWED: the metric is in use. */
MUST_CHECK enum err billable_metric_remove(struct ctx *ctx, struct str code,
                                           struct billable_metric_row *row);
MUST_CHECK enum err billable_metric_get(struct ctx *ctx, struct str code,
                                        struct billable_metric_row *row);
MUST_CHECK enum err billable_metric_list_page(struct ctx *ctx, int64_t limit, int64_t offset,
                                              struct billable_metric_row **rows, size_t *count,
                                              int64_t *total);

/* Notes under `field` what is wrong with an expression's text. */
void billable_metric_check_expression(struct ctx *ctx, struct str field, struct str expression);

struct metric_expression_input {
    struct str expression;
    struct expression_event event; /* occurred_at TIME_NONE: now; properties STR_NULL: {} */
};

/* Tries an expression on an event; nothing is read or stored.
 * ERR_INVALID: a mistake in it, or the event can't be computed; the fault says where. */
MUST_CHECK enum err metric_expression_try(struct ctx *ctx,
                                          const struct metric_expression_input *input,
                                          struct expression_value *value);

#endif
