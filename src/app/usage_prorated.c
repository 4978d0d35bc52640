/* usage_prorated.c - how many days the units of a stock are there. */
#include "app/usage_cells.h"

#include "app/metric_rule.h"
#include "base/none.h"
#include "core/pricing/prorated.h"
#include "store/sql/event.h"

struct prorated_reading {
    struct arena arena; /* of one event's reading */
    struct metric_rule rule;
    struct usage_splitter splitter;
    struct prorating *slices; /* by the splitter's numbers */
    size_t slice_count;
    const struct zone *zone;
    int64_t event_seq;
};

static enum err add_event(void *arg, const struct event_row *row)
{
    struct prorated_reading *reading = arg;
    if (reading->event_seq != INT_NONE && row->seq > reading->event_seq)
        return ERR_NONE;
    struct usage_event event = metric_rule_event(&reading->arena, &reading->rule, row);
    size_t slice = usage_splitter_pick(&reading->splitter, &reading->arena, row->properties);
    enum err err = ERR_NONE;
    if (slice < reading->slice_count) /* else a group that has come meanwhile */
        err = prorating_add(&reading->slices[slice], &event,
                            zone_day(reading->zone, row->occurred_at));
    arena_reset(&reading->arena);
    return err;
}

/* The days of a span; one that was begun counts. */
static struct period days_of(const struct zone *zone, int64_t from_at, int64_t to_at)
{
    struct period days = {zone_day(zone, from_at), zone_day(zone, to_at)};
    if (zone_day_start(zone, days.end_day) < to_at)
        days.end_day++;
    if (from_at >= to_at)
        days.end_day = days.start_day;
    return days;
}

enum err usage_prorated_read(struct ctx *ctx, struct tx *tx, const struct usage_query *query,
                             const struct zone *zone, const struct charge_view *charge,
                             int64_t event_seq, struct usage_slices *slices)
{
    size_t part_count = usage_part_count(query);
    const struct usage_span *span = &query->span;
    struct period period = days_of(zone, span->whole_from_at, span->whole_to_at);
    /* A zone that changed since may have moved an end out of it. */
    struct period billed = period_overlap(period, days_of(zone, span->from_at, span->to_at));
    struct prorated_reading reading = {
        .rule = metric_rule_of(ctx->arena, &charge->metric),
        .slices = ARENA_ARRAY(ctx->arena, slices->count, struct prorating),
        .slice_count = slices->count,
        .zone = zone,
        .event_seq = event_seq,
    };
    struct charge *models = ARENA_ARRAY(ctx->arena, part_count, struct charge);
    size_t *numbers = ARENA_ARRAY(ctx->arena, slices->count, size_t);
    enum proration proration = proration_of(query->proration);
    for (size_t i = 0; i < part_count; i++)
        models[i] = charge_part_model(ctx->arena, charge, i);
    usage_splitter_init(&reading.splitter, ctx->arena, query);
    for (size_t i = 0; i < slices->count; i++) {
        numbers[i] = usage_splitter_add(&reading.splitter, &slices->items[i]);
        prorating_init(&reading.slices[numbers[i]], ctx->arena, &models[slices->items[i].part],
                       reading.rule.usage.aggregation, proration, period, billed);
    }
    arena_init(&reading.arena);
    enum err err = usage_each_event_carried(tx, query, reading.rule.usage.is_recurring,
                                            query->started_at, span->to_at, add_event, &reading);
    arena_clear(&reading.arena);
    for (size_t i = 0; i < slices->count && err == ERR_NONE; i++) {
        struct usage *usage = &slices->items[i].usage;
        struct decimal *values = NULL;
        err = prorating_end(&reading.slices[numbers[i]], &values, &usage->value_count);
        usage->values = values;
    }
    return err;
}

enum err usage_prorated_steady(struct arena *arena, const struct charge_view *charge, size_t part,
                               const struct usage_query *query, const struct zone *zone,
                               struct usage *usage)
{
    const struct usage_span *span = &query->span;
    struct charge *model = ARENA_NEW(arena, struct charge);
    struct period period = days_of(zone, span->whole_from_at, span->whole_to_at);
    struct period billed = period_overlap(period, days_of(zone, span->from_at, span->to_at));
    struct usage_event all = {.value.number = usage->quantity};
    struct prorating prorating;
    struct decimal *values = NULL;
    *model = charge_part_model(arena, charge, part);
    prorating_init(&prorating, arena, model, AGGREGATION_SUM, proration_of(query->proration),
                   period, billed);
    TRY(prorating_add(&prorating, &all, billed.start_day));
    TRY(prorating_end(&prorating, &values, &usage->value_count));
    usage->values = values;
    return ERR_NONE;
}
