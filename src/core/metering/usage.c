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
    return aggregation == AGGREGATION_UNIQUE;
}

static enum err set_quantity(struct usage *usage, struct usage_rounding rounding,
                             struct decimal quantity)
{
    if (rounding.is_on)
        TRY(decimal_round(quantity, rounding.decimals, rounding.rounding, &quantity));
    usage->quantity = quantity;
    return ERR_NONE;
}

enum err usage_of_totals(enum aggregation aggregation, struct usage_rounding rounding,
                         const struct usage_total *total, struct usage *usage)
{
    ASSERT(!aggregation_needs_events(aggregation));
    *usage = (struct usage){.total = *total};
    return set_quantity(usage, rounding, usage_quantity(aggregation, total));
}

void usage_fold_init(struct usage_fold *fold, struct arena *arena, enum aggregation aggregation,
                     struct usage_rounding rounding, bool keeps_values)
{
    *fold = (struct usage_fold){
        .arena = arena,
        .aggregation = aggregation,
        .rounding = rounding,
        .keeps_values = keeps_values,
        .total = USAGE_NONE,
    };
    if (aggregation == AGGREGATION_UNIQUE)
        unique_init(&fold->unique, arena);
}

/* What the event counts for by itself. */
static struct decimal own_value(const struct usage_fold *fold, const struct usage_event *event)
{
    if (fold->aggregation == AGGREGATION_COUNT)
        return DECIMAL_ONE;
    return decimal_is_none(event->value.number) ? DECIMAL_ZERO : event->value.number;
}

enum err usage_fold_add(struct usage_fold *fold, const struct usage_event *event)
{
    TRY(usage_total_add(&fold->total, event->value.number, event->occurred_at, event->id));
    TRY(usage_total_add_cents(&fold->total, event->cents));
    if (fold->aggregation == AGGREGATION_UNIQUE && !str_is_null(event->value.text))
        unique_add(&fold->unique, &(struct unique_event){
                                      .value = event->value.text,
                                      .removes = event->value.removes,
                                      .occurred_at = event->occurred_at,
                                      .id = event->id,
                                  });
    if (fold->keeps_values) {
        fold->values = arena_grow(fold->arena, fold->values, fold->value_count,
                                  &fold->value_capacity, sizeof *fold->values);
        fold->values[fold->value_count++] = own_value(fold, event);
    }
    return ERR_NONE;
}

enum err usage_fold_end(struct usage_fold *fold, struct usage *usage)
{
    struct decimal quantity = fold->aggregation == AGGREGATION_UNIQUE
                                  ? decimal_of(unique_count(&fold->unique))
                                  : usage_quantity(fold->aggregation, &fold->total);
    *usage = (struct usage){
        .total = fold->total,
        .values = fold->values,
        .value_count = fold->value_count,
    };
    return set_quantity(usage, fold->rounding, quantity);
}
