#include "app/usage_cells.h"

#include "app/metric_rule.h"
#include "base/none.h"
#include "core/pricing/charge.h"
#include "store/sql/event.h"

struct cells {
    struct decimal *units; /* of each cell */
    size_t count;
};

struct cell_reading {
    struct arena arena; /* of one event's reading */
    struct metric_rule rule;
    struct charge *models; /* of each part */
    struct usage_splitter splitter;
    struct cells *slices; /* by the splitter's numbers */
    size_t slice_count;
    const struct zone *zone;
    int64_t event_seq;
};

static enum err add_units(struct cell_reading *reading, const struct event_row *row,
                          struct decimal value)
{
    struct usage_splitter *splitter = &reading->splitter;
    size_t number = usage_splitter_pick(splitter, &reading->arena, row->properties);
    if (number >= reading->slice_count)
        return ERR_NONE; /* a group that has come meanwhile: it is not billed here */
    const struct cells *slice = &reading->slices[number];
    size_t cell =
        charge_cell(&reading->arena, &reading->models[group_set_owner(&splitter->set, number)],
                    row->properties, zone_local_us(reading->zone, row->occurred_at));
    return decimal_add(slice->units[cell], value, &slice->units[cell]);
}

static enum err add_event(void *arg, const struct event_row *row)
{
    struct cell_reading *reading = arg;
    struct decimal value = DECIMAL_ONE;
    if (reading->event_seq != INT_NONE && row->seq > reading->event_seq)
        return ERR_NONE;
    if (reading->rule.meter.aggregation != AGGREGATION_COUNT)
        value = metric_rule_event(&reading->arena, &reading->rule, row).value.number;
    enum err err = ERR_NONE;
    if (!decimal_is_none(value))
        err = add_units(reading, row, value);
    arena_reset(&reading->arena);
    return err;
}

static struct cells new_cells(struct arena *arena, size_t count)
{
    struct cells cells = {ARENA_ARRAY(arena, count, struct decimal), count};
    for (size_t i = 0; i < count; i++)
        cells.units[i] = DECIMAL_ZERO;
    return cells;
}

enum err usage_cells_read(struct ctx *ctx, struct tx *tx, const struct usage_query *query,
                          const struct zone *zone, const struct charge_view *charge,
                          int64_t event_seq, struct usage_slices *slices)
{
    size_t part_count = usage_part_count(query);
    if (charge->row.prorated && !charge->row.pay_in_advance)
        return usage_prorated_read(ctx, tx, query, zone, charge, event_seq, slices);
    struct cell_reading reading = {
        .rule = metric_rule_of(ctx->arena, &charge->metric),
        .models = ARENA_ARRAY(ctx->arena, part_count, struct charge),
        .slices = ARENA_ARRAY(ctx->arena, slices->count, struct cells),
        .slice_count = slices->count,
        .zone = zone,
        .event_seq = event_seq,
    };
    for (size_t i = 0; i < part_count; i++) {
        reading.models[i] = charge_part_model(ctx->arena, charge, i);
        if (charge_cell_count(&reading.models[i]) == 0)
            return ERR_NONE; /* all parts are of one model */
    }
    usage_splitter_init(&reading.splitter, ctx->arena, query);
    for (size_t i = 0; i < slices->count; i++) {
        struct usage_slice *slice = &slices->items[i];
        size_t number = usage_splitter_add(&reading.splitter, slice);
        struct cells cells = new_cells(ctx->arena, charge_cell_count(&reading.models[slice->part]));
        reading.slices[number] = cells;
        slice->usage.values = cells.units;
        slice->usage.value_count = cells.count;
    }
    arena_init(&reading.arena);
    enum err err =
        usage_each_event(tx, query, query->span.from_at, query->span.to_at, add_event, &reading);
    arena_clear(&reading.arena);
    return err;
}
