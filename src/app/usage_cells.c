#include "app/usage_cells.h"

#include "app/metric_rule.h"
#include "base/none.h"
#include "core/pricing/charge.h"
#include "store/sql/event.h"

struct cell_part {
    struct charge model;
    struct decimal *units; /* of each cell */
    size_t count;
};

struct cell_reading {
    struct arena arena; /* of one event's reading */
    struct metric_rule rule;
    const struct filter_set *filters; /* NULL: there is one part */
    struct cell_part *parts;
    const struct zone *zone;
    int64_t event_seq;
};

static enum err add_event(void *arg, const struct event_row *row)
{
    struct cell_reading *reading = arg;
    struct decimal value = DECIMAL_ONE;
    if (reading->event_seq != INT_NONE && row->seq > reading->event_seq)
        return ERR_NONE;
    if (reading->rule.meter.aggregation != AGGREGATION_COUNT)
        value = metric_rule_event(&reading->arena, &reading->rule, row).value.number;
    enum err err = ERR_NONE;
    if (!decimal_is_none(value)) {
        size_t index = reading->filters == NULL
                           ? 0
                           : filter_set_pick(&reading->arena, reading->filters, row->properties);
        const struct cell_part *part = &reading->parts[index];
        size_t cell = charge_cell(&reading->arena, &part->model, row->properties,
                                  zone_local_us(reading->zone, row->occurred_at));
        err = decimal_add(part->units[cell], value, &part->units[cell]);
    }
    arena_reset(&reading->arena);
    return err;
}

enum err usage_cells_read(struct ctx *ctx, struct tx *tx, const struct usage_query *query,
                          const struct zone *zone, const struct charge_view *charge,
                          int64_t event_seq, struct usage *usages)
{
    size_t part_count = usage_part_count(query);
    struct cell_reading reading = {
        .rule = metric_rule_of(ctx->arena, &charge->metric),
        .filters = query->filters,
        .parts = ARENA_ARRAY(ctx->arena, part_count, struct cell_part),
        .zone = zone,
        .event_seq = event_seq,
    };
    for (size_t i = 0; i < part_count; i++) {
        struct cell_part *part = &reading.parts[i];
        part->model = charge_part_model(ctx->arena, charge, i);
        part->count = charge_cell_count(&part->model);
        if (part->count == 0)
            return ERR_NONE; /* all parts are of one model */
        part->units = ARENA_ARRAY(ctx->arena, part->count, struct decimal);
        for (size_t j = 0; j < part->count; j++)
            part->units[j] = DECIMAL_ZERO;
    }
    arena_init(&reading.arena);
    enum err err =
        usage_each_event(tx, query, query->span.from_at, query->span.to_at, add_event, &reading);
    arena_clear(&reading.arena);
    for (size_t i = 0; i < part_count; i++) {
        usages[i].values = reading.parts[i].units;
        usages[i].value_count = reading.parts[i].count;
    }
    return err;
}
