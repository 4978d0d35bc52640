#include "app/usage_cells.h"

#include "app/metric_rule.h"
#include "base/none.h"
#include "core/pricing/charge.h"
#include "store/sql/event.h"

struct cell_reading {
    struct arena arena; /* of one event's reading */
    struct metric_rule rule;
    const struct charge *charge;
    const struct zone *zone;
    int64_t event_seq;
    struct decimal *units; /* of each cell */
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
        size_t cell = charge_cell(&reading->arena, reading->charge, row->properties,
                                  zone_local_us(reading->zone, row->occurred_at));
        err = decimal_add(reading->units[cell], value, &reading->units[cell]);
    }
    arena_reset(&reading->arena);
    return err;
}

enum err usage_cells_read(struct ctx *ctx, struct tx *tx, const struct usage_query *query,
                          const struct zone *zone, const struct charge_view *charge,
                          int64_t event_seq, struct usage *usage)
{
    struct charge model = charge_of(ctx->arena, charge->row.charge_model, charge->row.properties);
    size_t count = charge_cell_count(&model);
    if (count == 0)
        return ERR_NONE;
    struct cell_reading reading = {
        .rule = metric_rule_of(ctx->arena, &charge->metric),
        .charge = &model,
        .zone = zone,
        .event_seq = event_seq,
        .units = ARENA_ARRAY(ctx->arena, count, struct decimal),
    };
    for (size_t i = 0; i < count; i++)
        reading.units[i] = DECIMAL_ZERO;
    arena_init(&reading.arena);
    enum err err =
        usage_each_event(tx, query, query->span.from_at, query->span.to_at, add_event, &reading);
    arena_clear(&reading.arena);
    usage->values = reading.units;
    usage->value_count = count;
    return err;
}
