/* verify_segments.c - running totals by what events say of a metric's filters, against the events.
 */
#include "app/metric_rule.h"
#include "app/usage.h"
#include "app/verify_parts.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/catalog.h"
#include "store/sql/event.h"

struct segment {
    struct str name;
    struct usage_total stored, found;
};

/* The rows of one day, subscription, metric and revision. */
struct day {
    struct verifier *v;
    struct arena *arena; /* of the day */
    struct usage_segment_row row;
    struct metric_rule rule;
    struct segment *segments;
    size_t count, capacity;
};

static struct segment *segment_of(struct day *day, struct str name)
{
    for (size_t i = 0; i < day->count; i++) {
        if (str_eq(day->segments[i].name, name))
            return &day->segments[i];
    }
    day->segments =
        arena_grow(day->arena, day->segments, day->count, &day->capacity, sizeof *day->segments);
    struct segment *segment = &day->segments[day->count++];
    *segment = (struct segment){arena_str(day->arena, name), USAGE_NONE, USAGE_NONE};
    return segment;
}

static enum err add_event(void *arg, const struct event_row *row)
{
    struct day *day = arg;
    struct usage_event event = metric_rule_event(day->arena, &day->rule, row);
    struct str name = metric_rule_segment(day->arena, &day->rule, row->properties);
    return usage_total_add(&segment_of(day, name)->found,
                           &(struct usage_point){
                               .aggregation = day->rule.meter.aggregation,
                               .value = event.value.number,
                               .cents = event.cents,
                               .occurred_at = event.occurred_at,
                               .id = event.id,
                           });
}

static bool same_total(const struct usage_total *a, const struct usage_total *b)
{
    return a->event_count == b->event_count && a->value_count == b->value_count &&
           decimal_eq(a->sum, b->sum) && decimal_same(a->min, b->min) &&
           decimal_same(a->max, b->max) && decimal_same(a->latest, b->latest) &&
           decimal_eq(a->moment, b->moment) && decimal_eq(a->cents, b->cents);
}

static void compare(const struct day *day, const struct segment *segment)
{
    struct arena *arena = day->arena;
    if (same_total(&segment->stored, &segment->found))
        return;
    verify_found(
        day->v,
        "running total of %.*s, subscription %.*s, segment %.*s: %lld events with sum "
        "%.*s, the events make %lld with sum %.*s",
        STR_ARG(day_text(arena, day->row.day)), STR_ARG(uuid_text(arena, day->row.subscription_id)),
        STR_ARG(segment->name), (long long)segment->stored.event_count,
        STR_ARG(decimal_text(arena, segment->stored.sum)), (long long)segment->found.event_count,
        STR_ARG(decimal_text(arena, segment->found.sum)));
}

/* What nobody reads is not looked at: rows of an older revision, and days that were begun before
 * this one. */
static enum err check_day(struct day *day)
{
    const struct usage_segment_row *row = &day->row;
    struct usage_day_row whole;
    struct billable_metric_row metric;
    int64_t events = 0;
    bool found = false;
    if (day->count == 0)
        return ERR_NONE;
    day->v->result->totals += (int64_t)day->count;
    TRY(billable_metric_load(day->v->tx, &(struct billable_metric_load_in){.id = row->metric_id},
                             &metric, &found));
    if (!found || metric.filter_revision != row->filter_revision)
        return ERR_NONE;
    TRY(usage_day_load(day->v->tx,
                       &(struct usage_day_load_in){
                           .day = row->day,
                           .customer_id = row->customer_id,
                           .subscription_id = row->subscription_id,
                           .metric_id = row->metric_id,
                       },
                       &whole, &found));
    for (size_t i = 0; i < day->count; i++)
        events += day->segments[i].stored.event_count;
    if (found && events < whole.event_count)
        return ERR_NONE;
    struct usage_query query = {.customer_id = row->customer_id,
                                .subscription_id = row->subscription_id,
                                .metric_id = row->metric_id};
    TRY(usage_zone_of(day->v->ctx, day->v->tx, row->customer_id, &query.zone));
    day->rule = metric_rule_of(day->arena, &metric);
    TRY(usage_each_event(day->v->tx, &query, zone_day_start(query.zone, row->day),
                         zone_day_start(query.zone, row->day + 1), add_event, day));
    for (size_t i = 0; i < day->count; i++)
        compare(day, &day->segments[i]);
    return ERR_NONE;
}

static bool is_same_day(const struct usage_segment_row *a, const struct usage_segment_row *b)
{
    return a->day == b->day && uuid_eq(a->customer_id, b->customer_id) &&
           uuid_eq(a->subscription_id, b->subscription_id) && uuid_eq(a->metric_id, b->metric_id) &&
           a->filter_revision == b->filter_revision;
}

static enum err take_row(void *arg, const struct usage_segment_row *row)
{
    struct day *day = arg;
    if (day->count > 0 && !is_same_day(&day->row, row)) {
        TRY(check_day(day));
        arena_reset(day->arena);
        day->segments = NULL;
        day->count = 0;
        day->capacity = 0;
    }
    day->row = *row;
    segment_of(day, row->segment)->stored = usage_total_of_segment(row);
    return ERR_NONE;
}

enum err verify_segments(struct verifier *v)
{
    struct arena arena;
    struct day day = {.v = v, .arena = &arena};
    arena_init(&arena);
    enum err err = usage_segment_each(v->tx, take_row, &day);
    if (err == ERR_NONE)
        err = check_day(&day);
    arena_clear(&arena);
    return err;
}
