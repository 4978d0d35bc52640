/* metric_rule.h - a billable metric as core wants it: how its events are read and added up. */
#ifndef APP_METRIC_RULE_H
#define APP_METRIC_RULE_H

#include "app/ctx.h"
#include "core/metering/filter.h"
#include "core/metering/usage.h"
#include "store/sql/rows.h"

struct metric_rule {
    struct str code;
    struct meter meter;
    struct usage_rule usage;
    struct filter filters;   /* what may tell its events apart */
    int64_t filter_revision; /* raised when that changes */
    bool is_paid_ahead;      /* its events may have to be billed at once */
};

/* Of a metric that was checked when it was made (asserted).  Lives as long as `arena` and the
 * row's texts. */
struct metric_rule metric_rule_of(struct arena *arena, const struct billable_metric_row *row);

/* Of a metric that is there (asserted).  Lives as long as both. */
MUST_CHECK enum err metric_rule_load(struct tx *tx, struct arena *arena, struct uuid metric_id,
                                     struct metric_rule *rule);

/* What a stored event says; where it says nothing useful it was taken as one without a value.
 * Lives as long as `arena` and the row's texts. */
struct usage_event metric_rule_event(struct arena *arena, const struct metric_rule *rule,
                                     const struct event_row *row);

/* What an event says of the metric's filters; STR_NULL: it has none. */
struct str metric_rule_segment(struct arena *arena, const struct metric_rule *rule,
                               struct str properties);

#endif
