#include "core/metering/usage.h"

#include "base/assert.h"

bool usage_rounding_parse(struct str word, int decimals, struct usage_rounding *rounding)
{
    *rounding = (struct usage_rounding){.is_on = !str_is_null(word), .decimals = decimals};
    if (str_eq(word, STR("round")))
        rounding->rounding = ROUND_HALF_UP;
    else if (str_eq(word, STR("ceil")))
        rounding->rounding = ROUND_CEILING;
    else if (str_eq(word, STR("floor")))
        rounding->rounding = ROUND_FLOOR;
    else
        return !rounding->is_on;
    return true;
}

bool aggregation_needs_events(enum aggregation aggregation)
{
    return aggregation == AGGREGATION_UNIQUE || aggregation == AGGREGATION_PERCENTILE;
}

bool aggregation_may_recur(enum aggregation aggregation)
{
    return aggregation == AGGREGATION_SUM || aggregation == AGGREGATION_UNIQUE ||
           aggregation == AGGREGATION_WEIGHTED;
}

/* ---- from totals ----------------------------------------------------------------------------- */

static struct decimal or_zero(struct decimal value)
{
    return decimal_is_none(value) ? DECIMAL_ZERO : value;
}

static enum err average(const struct usage_total *total, struct decimal *quantity)
{
    *quantity = DECIMAL_ZERO;
    if (total->value_count == 0)
        return ERR_NONE;
    return decimal_div(total->sum, decimal_of(total->value_count), USAGE_DECIMALS, ROUND_HALF_UP,
                       quantity);
}

/* What was carried in holds for the whole time, each value from its event's second to the end:
 * the sum of value * (end - second) is end * sum - moment. */
static enum err weigh(const struct usage_span *span, struct usage *usage, struct decimal *quantity)
{
    int64_t from = metering_second(span->from_at);
    int64_t to = metering_second(span->to_at);
    int64_t whole = metering_second(span->whole_to_at) - metering_second(span->whole_from_at);
    struct decimal held;
    struct decimal added;
    *quantity = DECIMAL_ZERO;
    usage->held = DECIMAL_ZERO;
    usage->whole_seconds = whole;
    if (from >= to || whole <= 0)
        return ERR_NONE;
    TRY(decimal_mul(usage->carried, decimal_of(to - from), &held));
    TRY(decimal_mul(usage->total.sum, decimal_of(to), &added));
    TRY(decimal_sub(added, usage->total.moment, &added));
    TRY(decimal_add(held, added, &usage->held));
    return decimal_div(usage->held, decimal_of(whole), USAGE_DECIMALS, ROUND_HALF_UP, quantity);
}

static enum err quantity_of(const struct usage_rule *rule, const struct usage_span *span,
                            struct usage *usage, struct decimal *quantity)
{
    const struct usage_total *total = &usage->total;
    switch (rule->aggregation) {
    case AGGREGATION_COUNT:
        *quantity = decimal_of(total->event_count);
        return ERR_NONE;
    case AGGREGATION_SUM:
        return decimal_add(usage->carried, total->sum, quantity);
    case AGGREGATION_MIN:
        *quantity = or_zero(total->min);
        return ERR_NONE;
    case AGGREGATION_MAX:
        *quantity = or_zero(total->max);
        return ERR_NONE;
    case AGGREGATION_AVERAGE:
        return average(total, quantity);
    case AGGREGATION_LATEST:
        *quantity = or_zero(total->latest);
        return ERR_NONE;
    case AGGREGATION_WEIGHTED:
        return weigh(span, usage, quantity);
    case AGGREGATION_UNIQUE:
    case AGGREGATION_PERCENTILE:
        break;
    }
    *quantity = DECIMAL_ZERO;
    return ERR_NONE;
}

/* A stock costs nothing for no time. */
static enum err set_quantity(const struct usage_rule *rule, const struct usage_span *span,
                             struct decimal quantity, struct usage *usage)
{
    if (span->from_at >= span->to_at)
        quantity = DECIMAL_ZERO;
    usage->exact = quantity;
    if (rule->rounding.is_on)
        TRY(decimal_round(quantity, rule->rounding.decimals, rule->rounding.rounding, &quantity));
    usage->quantity = quantity;
    usage->level = quantity;
    if (rule->aggregation == AGGREGATION_WEIGHTED)
        return decimal_add(usage->carried, usage->total.sum, &usage->level);
    return ERR_NONE;
}

enum err usage_of_units(const struct usage_rule *rule, const struct usage_total *total,
                        struct decimal units, struct usage *usage)
{
    *usage = (struct usage){.total = *total,
                            .carried = DECIMAL_ZERO,
                            .held = DECIMAL_ZERO,
                            .exact = units,
                            .quantity = units,
                            .is_said = true};
    if (rule->rounding.is_on)
        TRY(decimal_round(units, rule->rounding.decimals, rule->rounding.rounding,
                          &usage->quantity));
    usage->level = usage->quantity;
    return ERR_NONE;
}

enum err usage_of_totals(const struct usage_rule *rule, const struct usage_span *span,
                         struct decimal carried, const struct usage_total *total,
                         struct usage *usage)
{
    struct decimal quantity;
    ASSERT(!aggregation_needs_events(rule->aggregation));
    ASSERT(rule->is_recurring || decimal_is_zero(carried));
    *usage = (struct usage){.total = *total, .carried = carried, .held = DECIMAL_ZERO};
    TRY(quantity_of(rule, span, usage, &quantity));
    return set_quantity(rule, span, quantity, usage);
}

/* ---- from events ----------------------------------------------------------------------------- */

void usage_fold_init(struct usage_fold *fold, struct arena *arena, const struct usage_rule *rule,
                     const struct usage_span *span, bool keeps_values)
{
    *fold = (struct usage_fold){
        .arena = arena,
        .rule = *rule,
        .span = *span,
        .keeps_values = keeps_values,
        .total = USAGE_NONE,
        .carried = DECIMAL_ZERO,
    };
    if (rule->aggregation == AGGREGATION_UNIQUE)
        unique_init(&fold->unique, arena);
    if (rule->aggregation == AGGREGATION_PERCENTILE)
        percentile_init(&fold->percentile, arena, rule->percentile, span->whole_from_at);
}

/* What the event counts for by itself. */
static struct decimal own_value(const struct usage_fold *fold, const struct usage_event *event)
{
    if (fold->rule.aggregation == AGGREGATION_COUNT)
        return DECIMAL_ONE;
    return or_zero(event->value.number);
}

static void add_unmerged(struct usage_fold *fold, const struct usage_event *event)
{
    if (fold->rule.aggregation == AGGREGATION_UNIQUE && !str_is_null(event->value.text))
        unique_add(&fold->unique, &(struct unique_event){
                                      .value = event->value.text,
                                      .removes = event->value.removes,
                                      .occurred_at = event->occurred_at,
                                      .id = event->id,
                                  });
    if (fold->rule.aggregation == AGGREGATION_PERCENTILE && !decimal_is_none(event->value.number))
        percentile_add(&fold->percentile, event->value.number, event->occurred_at);
}

enum err usage_fold_add(struct usage_fold *fold, const struct usage_event *event)
{
    bool is_carried = fold->rule.is_recurring && event->occurred_at < fold->span.from_at;
    add_unmerged(fold, event);
    if (is_carried)
        return decimal_add(fold->carried, or_zero(event->value.number), &fold->carried);
    TRY(usage_total_add(&fold->total, &(struct usage_point){
                                          .aggregation = fold->rule.aggregation,
                                          .value = event->value.number,
                                          .cents = event->cents,
                                          .occurred_at = event->occurred_at,
                                          .id = event->id,
                                      }));
    if (fold->keeps_values) {
        fold->values = arena_grow(fold->arena, fold->values, fold->value_count,
                                  &fold->value_capacity, sizeof *fold->values);
        fold->values[fold->value_count++] = own_value(fold, event);
    }
    return ERR_NONE;
}

enum err usage_fold_end(struct usage_fold *fold, struct usage *usage)
{
    struct decimal quantity;
    *usage = (struct usage){
        .total = fold->total,
        .carried = fold->carried,
        .held = DECIMAL_ZERO,
        .values = fold->values,
        .value_count = fold->value_count,
    };
    TRY(quantity_of(&fold->rule, &fold->span, usage, &quantity));
    if (fold->rule.aggregation == AGGREGATION_UNIQUE)
        quantity = decimal_of(unique_count(&fold->unique));
    if (fold->rule.aggregation == AGGREGATION_PERCENTILE) {
        percentile_end(&fold->percentile, fold->span.from_at, fold->span.to_at, &usage->percentile);
        quantity = usage->percentile.value;
    }
    return set_quantity(&fold->rule, &fold->span, quantity, usage);
}
