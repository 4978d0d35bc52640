#include "core/metering/projection.h"

#include "base/assert.h"

bool usage_goes_on(const struct usage_rule *rule)
{
    return !rule->is_recurring &&
           (rule->aggregation == AGGREGATION_COUNT || rule->aggregation == AGGREGATION_SUM);
}

enum err projection_units(struct projection p, struct decimal value, struct decimal *projected)
{
    return decimal_mul_div(value, decimal_of(p.period_days), decimal_of(p.elapsed_days),
                           USAGE_DECIMALS, ROUND_HALF_UP, projected);
}

enum err projection_events(struct projection p, int64_t *count)
{
    struct decimal projected;
    TRY(decimal_mul_div(decimal_of(*count), decimal_of(p.period_days), decimal_of(p.elapsed_days),
                        0, ROUND_CEILING, &projected));
    return decimal_to_int64(projected, count);
}

static enum err project_cells(struct arena *arena, struct projection p, struct usage *usage)
{
    struct decimal *values = ARENA_ARRAY(arena, usage->value_count, struct decimal);
    for (size_t i = 0; i < usage->value_count; i++)
        TRY(projection_units(p, usage->values[i], &values[i]));
    usage->values = values;
    return ERR_NONE;
}

/* The last one of those to come has what is left at 15 decimals. */
static enum err add_values(struct arena *arena, int64_t event_count, struct decimal units,
                           struct usage *usage)
{
    struct decimal *values;
    struct decimal left = units;
    struct decimal each;
    size_t before = usage->value_count;
    size_t count = (size_t)event_count;
    if (event_count > PROJECTION_EVENTS_MAX)
        return ERR_OVERFLOW;
    if (count <= before)
        return ERR_NONE;
    values = ARENA_ARRAY(arena, count, struct decimal);
    for (size_t i = 0; i < before; i++) {
        values[i] = usage->values[i];
        TRY(decimal_sub(left, values[i], &left));
    }
    TRY(decimal_div(left, decimal_of((int64_t)(count - before)), USAGE_DECIMALS, ROUND_HALF_UP,
                    &each));
    for (size_t i = before; i + 1 < count; i++) {
        values[i] = each;
        TRY(decimal_sub(left, each, &left));
    }
    values[count - 1] = left;
    usage->values = values;
    usage->value_count = count;
    return ERR_NONE;
}

enum err usage_project(struct arena *arena, const struct usage_rule *rule,
                       struct projection projection, bool cells, struct usage *usage)
{
    struct usage projected;
    struct usage_total total = usage->total;
    struct decimal units;
    ASSERT(projection.elapsed_days > 0);
    ASSERT(projection.elapsed_days <= projection.period_days);
    if (!usage_goes_on(rule) || projection.elapsed_days == projection.period_days)
        return ERR_NONE;
    TRY(projection_units(projection, usage->exact, &units));
    TRY(projection_units(projection, total.cents, &total.cents));
    TRY(projection_events(projection, &total.event_count));
    TRY(usage_of_units(rule, &total, units, &projected));
    projected.values = usage->values;
    projected.value_count = usage->value_count;
    if (cells)
        TRY(project_cells(arena, projection, &projected));
    else if (usage->value_count > 0)
        TRY(add_values(arena, total.event_count, units, &projected));
    *usage = projected;
    return ERR_NONE;
}
