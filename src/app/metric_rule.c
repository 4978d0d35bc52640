#include "app/metric_rule.h"

#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"

struct metric_rule metric_rule_of(struct arena *arena, const struct billable_metric_row *row)
{
    struct metric_rule rule = {
        .code = row->code,
        .meter = {.aggregation = aggregation_of(row->aggregation_type), .field = row->field_name},
        .usage = {.is_recurring = row->is_recurring,
                  .percentile = {row->percentile, row->slot_seconds}},
        .filters = filter_of(arena, row->filters),
        .filter_revision = row->filter_revision,
        .is_paid_ahead = row->is_paid_ahead,
    };
    int decimals = row->rounding_precision == INT_NONE ? 0 : (int)row->rounding_precision;
    bool known = usage_rounding_parse(row->rounding_function, decimals, &rule.usage.rounding);
    ASSERT(known);
    rule.usage.aggregation = rule.meter.aggregation;
    if (!str_is_null(row->expression)) {
        struct expression_error error;
        enum err err = expression_parse(arena, row->expression, &rule.meter.expression, &error);
        ASSERT(err == ERR_NONE);
    }
    return rule;
}

enum err metric_rule_load(struct tx *tx, struct arena *arena, struct uuid metric_id,
                          struct metric_rule *rule)
{
    struct billable_metric_row metric;
    bool found = false;
    TRY(billable_metric_load(tx, &(struct billable_metric_load_in){.id = metric_id}, &metric,
                             &found));
    ASSERT(found);
    *rule = metric_rule_of(arena, &metric);
    return ERR_NONE;
}

struct usage_event metric_rule_event(struct arena *arena, const struct metric_rule *rule,
                                     const struct event_row *row)
{
    struct usage_event event = {
        .occurred_at = row->occurred_at, .id = row->id, .cents = row->precise_total_cents};
    struct expression_event read = {
        .code = rule->code, .occurred_at = row->occurred_at, .properties = row->properties};
    struct meter_fault ignored;
    enum err err = meter_read(arena, &rule->meter, &read, &event.value, &ignored);
    (void)err; /* on error it is the value of an event that has none */
    return event;
}

struct str metric_rule_segment(struct arena *arena, const struct metric_rule *rule,
                               struct str properties)
{
    if (rule->filters.key_count == 0)
        return STR_NULL;
    return filter_segment(arena, &rule->filters, properties);
}
