/* billable_metric.h - billable metrics: which events are counted, and how. */
#ifndef APP_BILLABLE_METRIC_H
#define APP_BILLABLE_METRIC_H

#include "app/ctx.h"
#include "store/sql/rows.h"

struct billable_metric_input {
    struct str code; /* 1 to 255 bytes, not taken; events name it */
    struct str name;
    struct str description;
    struct str aggregation_type; /* count_agg, sum_agg, max_agg, latest_agg */
    struct str field_name;       /* property to aggregate; must be given but for count_agg */
};

/* ERR_INVALID: bad field or code taken.  ERR_NOT_SUPPORTED: an aggregation that is not built yet.
 */
MUST_CHECK enum err billable_metric_create(struct ctx *ctx,
                                           const struct billable_metric_input *input,
                                           struct billable_metric_row *row);
MUST_CHECK enum err billable_metric_get(struct ctx *ctx, struct str code,
                                        struct billable_metric_row *row);
MUST_CHECK enum err billable_metric_list_page(struct ctx *ctx, int64_t limit, int64_t offset,
                                              struct billable_metric_row **rows, size_t *count,
                                              int64_t *total);

#endif
