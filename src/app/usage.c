#include "app/usage.h"

#include "app/customer_terms.h"
#include "app/event_commit.h"
#include "app/event_match.h"
#include "app/metric_rule.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/partition.h"
#include "store/sql/advance.h"
#include "store/sql/catalog.h"
#include "store/sql/customer.h"
#include "store/sql/event.h"
#include "store/sql/instance.h"
#include "store/sql/subscription.h"

static struct decimal or_zero(struct decimal value)
{
    return decimal_is_none(value) ? DECIMAL_ZERO : value;
}

size_t usage_part_count(const struct usage_query *query)
{
    return query->filters == NULL ? 1 : query->filters->count + 1;
}

/* ---- from raw events ------------------------------------------------------------------------- */

struct raw_reading {
    struct arena arena; /* of one event's reading */
    struct metric_rule rule;
    const struct filter_set *filters; /* NULL: there is one part */
    struct usage_total *totals;       /* of each part */
};

static enum err add_raw(void *arg, const struct event_row *row)
{
    struct raw_reading *reading = arg;
    struct usage_event event = metric_rule_event(&reading->arena, &reading->rule, row);
    size_t part = reading->filters == NULL
                      ? 0
                      : filter_set_pick(&reading->arena, reading->filters, row->properties);
    enum err err =
        usage_total_add(&reading->totals[part], &(struct usage_point){
                                                    .aggregation = reading->rule.meter.aggregation,
                                                    .value = event.value.number,
                                                    .cents = event.cents,
                                                    .occurred_at = event.occurred_at,
                                                    .id = event.id,
                                                });
    arena_reset(&reading->arena);
    return err;
}

enum err usage_each_event(struct tx *tx, const struct usage_query *query, int64_t from_at,
                          int64_t to_at,
                          enum err (*visit)(void *arg, const struct event_row *event), void *arg)
{
    if (from_at >= to_at)
        return ERR_NONE;
    int32_t last_day = day_of_instant(to_at - 1);
    for (int32_t day = day_of_instant(from_at); day <= last_day; day++)
        TRY(event_of_subscription_each(tx,
                                       &(struct event_of_subscription_each_in){
                                           .day = day,
                                           .customer_id = query->customer_id,
                                           .subscription_id = query->subscription_id,
                                           .metric_id = query->metric_id,
                                           .from_at = from_at,
                                           .to_at = to_at,
                                       },
                                       visit, arg));
    return ERR_NONE;
}

/* ---- what it goes on from -------------------------------------------------------------------- */

/* Those that the subscription follows, one after the other, the oldest first: each asked for all
 * its time. */
struct lineage {
    struct usage_query *queries;
    size_t count, capacity;
};

static enum err load_lineage(struct tx *tx, const struct usage_query *query,
                             struct lineage *lineage)
{
    struct uuid previous_id = query->previous_id;
    *lineage = (struct lineage){0};
    while (!uuid_is_nil(previous_id)) {
        struct subscription_row row;
        bool found = false;
        TRY(subscription_load(
            tx,
            &(struct subscription_load_in){.customer_id = query->customer_id, .id = previous_id},
            &row, &found));
        ASSERT(found && row.terminated_at != TIME_NONE);
        lineage->queries = arena_grow(tx_arena(tx), lineage->queries, lineage->count,
                                      &lineage->capacity, sizeof *lineage->queries);
        struct usage_query *one = &lineage->queries[lineage->count++];
        *one = *query;
        one->subscription_id = row.id;
        one->started_at = one->span.from_at = row.started_at;
        one->span.to_at = row.terminated_at;
        previous_id = row.previous_id;
    }
    for (size_t i = 0; i < lineage->count / 2; i++) {
        struct usage_query *mirrored = &lineage->queries[lineage->count - 1 - i];
        struct usage_query one = lineage->queries[i];
        lineage->queries[i] = *mirrored;
        *mirrored = one;
    }
    return ERR_NONE;
}

enum err usage_each_event_carried(struct tx *tx, const struct usage_query *query, bool is_recurring,
                                  int64_t from_at, int64_t to_at,
                                  enum err (*visit)(void *arg, const struct event_row *event),
                                  void *arg)
{
    struct lineage lineage = {0};
    if (is_recurring)
        TRY(load_lineage(tx, query, &lineage));
    for (size_t i = 0; i < lineage.count; i++) {
        const struct usage_query *one = &lineage.queries[i];
        TRY(usage_each_event(tx, one, one->span.from_at, one->span.to_at, visit, arg));
    }
    if (is_recurring && query->started_at < from_at)
        from_at = query->started_at;
    return usage_each_event(tx, query, from_at, to_at, visit, arg);
}

static enum err read_raw(struct tx *tx, const struct usage_query *query,
                         struct raw_reading *reading, int64_t from_at, int64_t to_at)
{
    arena_init(&reading->arena);
    enum err err = usage_each_event(tx, query, from_at, to_at, add_raw, reading);
    arena_clear(&reading->arena);
    return err;
}

enum err usage_overflow(struct tx *tx, enum err err)
{
    if (err == ERR_OVERFLOW)
        return fault_set(tx_fault(tx), err, "the usage adds up to more than 34 digits");
    return err;
}

/* ---- from running totals --------------------------------------------------------------------- */

/* Of a row of either table: they have the same columns. */
#define TOTAL_OF(row)                                                                              \
    (struct usage_total)                                                                           \
    {                                                                                              \
        .event_count = (row)->event_count,                                                         \
        .value_count = (row)->value_count == INT_NONE ? 0 : (row)->value_count, .sum = (row)->sum, \
        .min = (row)->min, .max = (row)->max, .latest = (row)->latest,                             \
        .latest_at = (row)->latest_at, .latest_id = (row)->latest_id,                              \
        .moment = or_zero((row)->moment), .cents = or_zero((row)->precise_total_cents),            \
    }

struct usage_total usage_total_of_day(const struct usage_day_row *row)
{
    return TOTAL_OF(row);
}

struct usage_total usage_total_of_segment(const struct usage_segment_row *row)
{
    return TOTAL_OF(row);
}

/* Totals being added up, for a query; one for each part. */
struct adding {
    struct tx *tx;
    const struct usage_query *query;
    struct metric_rule rule; /* loaded where it is needed */
    bool has_rule;
    struct usage_total *totals;
};

static enum err need_rule(struct adding *adding)
{
    if (!adding->has_rule)
        TRY(metric_rule_load(adding->tx, tx_arena(adding->tx), adding->query->metric_id,
                             &adding->rule));
    adding->has_rule = true;
    return ERR_NONE;
}

/* Raw events: the cut day at one end, [from_at, to_at). */
static enum err add_cut(struct adding *adding, int64_t from_at, int64_t to_at)
{
    if (from_at >= to_at)
        return ERR_NONE;
    TRY(need_rule(adding));
    size_t count = usage_part_count(adding->query);
    struct raw_reading reading = {
        .rule = adding->rule,
        .filters = adding->query->filters,
        .totals = ARENA_ARRAY(tx_arena(adding->tx), count, struct usage_total),
    };
    for (size_t i = 0; i < count; i++)
        reading.totals[i] = USAGE_NONE;
    TRY(read_raw(adding->tx, adding->query, &reading, from_at, to_at));
    for (size_t i = 0; i < count; i++)
        TRY(usage_total_merge(&adding->totals[i], &reading.totals[i]));
    return ERR_NONE;
}

/* The segments of one day, rows [0, count), or else its events. */
static enum err add_segments(struct adding *adding, const struct usage_day_row *day,
                             const struct usage_segment_row *rows, size_t count)
{
    const struct usage_query *query = adding->query;
    int64_t events = 0;
    for (size_t i = 0; i < count; i++)
        events += rows[i].event_count;
    if (events != day->event_count)
        return add_cut(adding, zone_day_start(query->zone, day->day),
                       zone_day_start(query->zone, day->day + 1));
    for (size_t i = 0; i < count; i++) {
        struct usage_total total = usage_total_of_segment(&rows[i]);
        size_t part = filter_set_pick_segment(tx_arena(adding->tx), query->filters,
                                              &adding->rule.filters, rows[i].segment);
        TRY(usage_total_merge(&adding->totals[part], &total));
    }
    return ERR_NONE;
}

/* The first row, in order of day, that is not before the day. */
static size_t lower_bound(const struct usage_segment_row *rows, size_t count, int32_t day)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum err add_days_apart(struct adding *adding, const struct usage_day_row *days,
                               size_t day_count, int32_t first_day, int32_t end_day)
{
    const struct usage_query *query = adding->query;
    struct usage_segment_row *rows = NULL;
    size_t count = 0;
    TRY(usage_segment_range(adding->tx,
                            &(struct usage_segment_range_in){
                                .first_day = first_day,
                                .end_day = end_day,
                                .customer_id = query->customer_id,
                                .subscription_id = query->subscription_id,
                                .metric_id = query->metric_id,
                                .filter_revision = adding->rule.filter_revision,
                            },
                            &rows, &count));
    for (size_t i = 0; i < day_count; i++) {
        size_t first = lower_bound(rows, count, days[i].day);
        size_t end = lower_bound(rows, count, days[i].day + 1);
        TRY(add_segments(adding, &days[i], &rows[first], end - first));
    }
    return ERR_NONE;
}

static enum err add_days(struct adding *adding, int32_t first_day, int32_t end_day)
{
    const struct usage_query *query = adding->query;
    struct usage_day_row *rows = NULL;
    size_t count = 0;
    TRY(usage_day_range(adding->tx,
                        &(struct usage_day_range_in){
                            .first_day = first_day,
                            .end_day = end_day,
                            .customer_id = query->customer_id,
                            .subscription_id = query->subscription_id,
                            .metric_id = query->metric_id,
                        },
                        &rows, &count));
    for (size_t i = 0; i < count; i++)
        ASSERT(str_eq(rows[i].timezone, zone_name(query->zone)));
    if (query->filters != NULL)
        return add_days_apart(adding, rows, count, first_day, end_day);
    for (size_t i = 0; i < count; i++) {
        struct usage_total day = usage_total_of_day(&rows[i]);
        TRY(usage_total_merge(&adding->totals[0], &day));
    }
    return ERR_NONE;
}

/* Segments tell events apart by what the metric lists now: that is too little for filters of an
 * older version of a plan with values that are not listed any more. */
static enum err can_use_segments(struct adding *adding, bool *can)
{
    const struct filter_set *filters = adding->query->filters;
    *can = true;
    if (filters == NULL)
        return ERR_NONE;
    TRY(need_rule(adding));
    for (size_t i = 0; i < filters->count && *can; i++)
        *can = filter_is_listed(&filters->filters[i], &adding->rule.filters);
    return ERR_NONE;
}

static enum err total_between(struct tx *tx, const struct usage_query *query, int64_t from_at,
                              int64_t to_at, struct usage_total *totals)
{
    struct adding adding = {.tx = tx, .query = query, .totals = totals};
    bool from_days = false;
    for (size_t i = 0; i < usage_part_count(query); i++)
        totals[i] = USAGE_NONE;
    if (from_at >= to_at)
        return ERR_NONE;
    int32_t first_day = zone_day(query->zone, from_at);
    if (zone_day_start(query->zone, first_day) < from_at)
        first_day++;
    int32_t end_day = zone_day(query->zone, to_at);
    TRY(can_use_segments(&adding, &from_days));
    if (!from_days || first_day >= end_day) /* no whole day inside */
        return add_cut(&adding, from_at, to_at);
    TRY(add_cut(&adding, from_at, zone_day_start(query->zone, first_day)));
    TRY(add_days(&adding, first_day, end_day));
    return add_cut(&adding, zone_day_start(query->zone, end_day), to_at);
}

enum err usage_total(struct tx *tx, const struct usage_query *query, struct usage_total *totals)
{
    return usage_overflow(tx,
                          total_between(tx, query, query->span.from_at, query->span.to_at, totals));
}

static enum err carried_between(struct tx *tx, const struct usage_query *query, int64_t to_at,
                                struct decimal *carried)
{
    size_t count = usage_part_count(query);
    struct usage_total *totals = ARENA_ARRAY(tx_arena(tx), count, struct usage_total);
    TRY(total_between(tx, query, query->started_at, to_at, totals));
    for (size_t i = 0; i < count; i++)
        TRY(decimal_add(carried[i], totals[i].sum, &carried[i]));
    return ERR_NONE;
}

enum err usage_carried(struct tx *tx, const struct usage_query *query, struct decimal *carried)
{
    struct lineage lineage;
    for (size_t i = 0; i < usage_part_count(query); i++)
        carried[i] = DECIMAL_ZERO;
    TRY(load_lineage(tx, query, &lineage));
    for (size_t i = 0; i < lineage.count; i++) {
        const struct usage_query *one = &lineage.queries[i];
        TRY(usage_overflow(tx, carried_between(tx, one, one->span.to_at, carried)));
    }
    return usage_overflow(tx, carried_between(tx, query, query->span.from_at, carried));
}

/* ---- adopting and rebuilding ----------------------------------------------------------------- */

/* Moves one event; *cell is its part of the totals. */
static enum err adopt(struct ctx *ctx, struct tx *tx, const struct event_unmatched_row *row,
                      const struct event_match *match, int64_t seq, struct usage_cell *cell)
{
    struct metric_rule rule;
    unsigned char transaction[16];
    unsigned char subscription[8];
    event_transaction_hash(ctx->app, row->transaction_id, transaction);
    event_subscription_hash(ctx->app, row->external_subscription_id, subscription);
    struct event_row event = {
        .day = day_of_instant(row->occurred_at),
        .customer_id = match->customer_id,
        .subscription_id = match->subscription_id,
        .metric_id = row->metric_id,
        .occurred_at = row->occurred_at,
        .id = row->id,
        .transaction_id = row->transaction_id,
        .properties = row->properties,
        .seq = seq,
        .received_at = row->received_at,
        .precise_total_cents = row->precise_total_cents,
    };
    TRY(metric_rule_load(tx, ctx->arena, row->metric_id, &rule));
    TRY(partition_ensure(tx, "event", event.day));
    TRY(event_insert(tx, &event));
    if (rule.is_paid_ahead) {
        struct advance_event_row note = event_advance_note(ctx, &event);
        TRY(advance_event_insert(tx, &note));
    }
    TRY(event_key_move(
        tx,
        &(struct event_key_move_in){
            .customer_id = match->customer_id,
            .subscription_id = match->subscription_id,
            .arrival_day = row->arrival_day,
            .transaction_hash = (struct str){(const char *)transaction, sizeof transaction},
            .subscription_hash = (struct str){(const char *)subscription, sizeof subscription},
        },
        NULL));
    *cell = (struct usage_cell){
        .day = zone_day(match->zone, row->occurred_at),
        .customer_id = match->customer_id,
        .subscription_id = match->subscription_id,
        .metric_id = row->metric_id,
        .timezone = zone_name(match->zone),
        .aggregation = rule.meter.aggregation,
        .value = metric_rule_event(ctx->arena, &rule, &event).value.number,
        .cents = row->precise_total_cents,
        .occurred_at = row->occurred_at,
        .event_id = row->id,
        .segment = metric_rule_segment(ctx->arena, &rule, row->properties),
        .filter_revision = rule.filter_revision,
        .may_be_late = match->may_be_late,
        .is_ended = match->is_ended,
    };
    return event_unmatched_delete(tx,
                                  &(struct event_unmatched_delete_in){
                                      .external_subscription_id = row->external_subscription_id,
                                      .occurred_at = row->occurred_at,
                                      .id = row->id,
                                  },
                                  NULL);
}

enum err usage_adopt_unmatched(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                               struct str external_subscription_id)
{
    struct event_unmatched_row *rows = NULL;
    size_t count = 0;
    size_t cell_count = 0;
    struct ingest_seq_next_row next;
    struct event_matcher matcher;
    bool found = false;
    /* First: an ingest that did not see the subscription has then written what it could not match,
     * and the next one sees it. */
    TRY(ingest_seq_next(tx, &next, &found));
    TRY(event_unmatched_list(
        tx, &(struct event_unmatched_list_in){.external_subscription_id = external_subscription_id},
        &rows, &count));
    if (count == 0)
        return ERR_NONE;
    event_matcher_init(&matcher, ctx->arena);
    struct usage_cell *cells = ARENA_ARRAY(ctx->arena, count, struct usage_cell);
    for (size_t i = 0; i < count; i++) {
        struct event_match match;
        TRY(event_match(ctx, tx, &matcher, external_subscription_id, rows[i].occurred_at, &match));
        if (!match.found)
            continue;
        ASSERT(uuid_eq(match.customer_id, customer_id));
        TRY(adopt(ctx, tx, &rows[i], &match, next.ingest_seq, &cells[cell_count++]));
    }
    return usage_cells_add(ctx, tx, next.ingest_seq, cells, cell_count);
}

struct rebuilding {
    struct ctx *ctx;
    struct tx *tx;
    const struct zone *zone;
    struct usage_cell *cells;
    size_t count, capacity;
};

static enum err gather(void *arg, const struct event_row *row)
{
    struct rebuilding *r = arg;
    r->cells = arena_grow(r->ctx->arena, r->cells, r->count, &r->capacity, sizeof *r->cells);
    return usage_cell_of(r->ctx, r->tx, r->zone, row, &r->cells[r->count++]);
}

enum err usage_rebuild(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                       const struct zone *zone)
{
    static const int32_t first_day = -1; /* no event is older than 1970 */
    struct rebuilding r = {.ctx = ctx, .tx = tx, .zone = zone};
    struct ingest_seq_next_row next;
    bool found = false;
    TRY(ingest_seq_next(tx, &next, &found)); /* no event arrives meanwhile */
    TRY(event_of_customer_each(
        tx, &(struct event_of_customer_each_in){.day = first_day, .customer_id = customer_id},
        gather, &r));
    TRY(usage_day_clear(
        tx, &(struct usage_day_clear_in){.day = first_day, .customer_id = customer_id}, NULL));
    TRY(usage_segment_clear(
        tx, &(struct usage_segment_clear_in){.day = first_day, .customer_id = customer_id}, NULL));
    return usage_cells_add(ctx, tx, next.ingest_seq, r.cells, r.count);
}

enum err usage_zone_of(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                       const struct zone **zone)
{
    struct customer_row customer;
    struct customer_terms terms;
    bool found = false;
    TRY(customer_load(tx, &(struct customer_load_in){.id = customer_id}, &customer, &found));
    ASSERT(found);
    TRY(customer_terms_load(ctx, tx, &customer, &terms));
    *zone = terms.zone;
    return ERR_NONE;
}
