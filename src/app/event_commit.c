#include "app/event_commit.h"

#include "app/customer_terms.h"
#include "app/event_match.h"
#include "app/metric_rule.h"
#include "app/usage.h"
#include "base/assert.h"
#include "base/time.h"
#include "core/metering.h"
#include "store/partition.h"
#include "store/sql/advance.h"
#include "store/sql/event.h"
#include "store/sql/instance.h"
#include "store/sql/late.h"

#include <stdlib.h>
#include <string.h>

/* Nobody adds keys to an arrival day that is over, if clocks differ by less than a day. */
#define CLOCK_SKEW_DAYS 1

/* ---- what one commit gathers ----------------------------------------------------------------- */

struct seen {
    const struct prepared_event *event; /* NULL: free */
    const struct event_result *result;
};

struct commit {
    struct ctx *ctx;
    struct tx *tx;
    struct event_memory *memory;
    bool trust_filter;
    int64_t seq, key_commits;
    int64_t now;
    int32_t arrival_day;
    struct event_row *events;
    struct event_unmatched_row *unmatched;
    struct event_key_add_in *keys;
    struct usage_cell *cells;
    size_t event_count, unmatched_count, key_count;
    struct advance_event_row *advance; /* notes of those that may have to be billed at once */
    size_t advance_count, advance_capacity;
    struct seen *seen; /* open addressing: the new events of this commit */
    size_t seen_mask;
    struct event_matcher matcher;
};

static size_t count_events(const struct ingest_batch *batches)
{
    size_t count = 0;
    for (; batches != NULL; batches = batches->next)
        count += batches->count;
    return count;
}

static void make_room(struct commit *c, size_t count)
{
    struct arena *arena = c->ctx->arena;
    size_t slots = 16;
    while (slots < count * 2)
        slots *= 2;
    c->seen = ARENA_ARRAY(arena, slots, struct seen);
    c->seen_mask = slots - 1;
    c->events = ARENA_ARRAY(arena, count, struct event_row);
    c->unmatched = ARENA_ARRAY(arena, count, struct event_unmatched_row);
    c->keys = ARENA_ARRAY(arena, count, struct event_key_add_in);
    c->cells = ARENA_ARRAY(arena, count, struct usage_cell);
}

static bool same_key(const struct prepared_event *a, const struct prepared_event *b)
{
    return memcmp(a->transaction_hash, b->transaction_hash, sizeof a->transaction_hash) == 0 &&
           memcmp(a->subscription_hash, b->subscription_hash, sizeof a->subscription_hash) == 0;
}

static struct seen *seen_slot(struct commit *c, const struct prepared_event *event)
{
    size_t slot = 0;
    memcpy(&slot, event->transaction_hash, sizeof slot);
    for (slot &= c->seen_mask;
         c->seen[slot].event != NULL && !same_key(c->seen[slot].event, event);)
        slot = (slot + 1) & c->seen_mask;
    return &c->seen[slot];
}

/* ---- repeats --------------------------------------------------------------------------------- */

static struct str bytes16(const unsigned char *bytes)
{
    return (struct str){(const char *)bytes, 16};
}

static struct str bytes8(const unsigned char *bytes)
{
    return (struct str){(const char *)bytes, 8};
}

/* Both hashes in one for the filter. */
static void filter_key(const unsigned char transaction[16], const unsigned char subscription[8],
                       unsigned char key[16])
{
    memcpy(key, transaction, 16);
    for (int i = 0; i < 8; i++)
        key[i] ^= subscription[i];
}

static void answer_repeat(const struct prepared_event *event, const struct event_key_row *key,
                          struct event_result *result)
{
    *result = (struct event_result){
        .outcome = EVENT_DUPLICATE,
        .id = key->id,
        .customer_id = key->customer_id,
        .subscription_id = key->subscription_id,
        .occurred_at = key->occurred_at,
        .precise_total_cents = event->cents,
        .differs = !str_eq(key->digest, bytes16(event->digest)),
        .other_source = event->has_source && !str_is_null(key->source_hash) &&
                        !str_eq(key->source_hash, bytes8(event->source_hash)),
    };
}

/* Looks in the days where the event may have arrived before. */
static enum err find_repeat(struct commit *c, const struct prepared_event *event,
                            struct event_result *result, bool *found)
{
    unsigned char key[16];
    filter_key(event->transaction_hash, event->subscription_hash, key);
    *found = false;
    for (int32_t day = c->arrival_day; day > c->arrival_day - EVENT_FILTER_DAYS && !*found; day--) {
        struct event_key_row row;
        bool is_known = c->trust_filter || day < c->memory->whole_before;
        if (is_known && !event_filter_may_hold(c->memory->filter, day, key))
            continue;
        TRY(event_key_find(c->tx,
                           &(struct event_key_find_in){
                               .arrival_day = day,
                               .transaction_hash = bytes16(event->transaction_hash),
                               .subscription_hash = bytes8(event->subscription_hash),
                           },
                           &row, found));
        if (*found)
            answer_repeat(event, &row, result);
    }
    return ERR_NONE;
}

/* ---- new events ------------------------------------------------------------------------------ */

/* By whole seconds: what came within one is billed together. */
struct advance_event_row event_advance_note(const struct ctx *ctx, const struct event_row *event)
{
    return (struct advance_event_row){
        .customer_id = event->customer_id,
        .subscription_id = event->subscription_id,
        .seq = event->seq,
        .usage_event_id = event->id,
        .metric_id = event->metric_id,
        .occurred_at = event->occurred_at,
        .due_at = metering_second(ctx_now(ctx)) * TIME_SECOND,
    };
}

static void keep_matched(struct commit *c, const struct prepared_event *event,
                         const struct event_match *match, struct uuid id)
{
    c->events[c->event_count] = (struct event_row){
        .day = day_of_instant(event->occurred_at),
        .customer_id = match->customer_id,
        .subscription_id = match->subscription_id,
        .metric_id = event->metric_id,
        .occurred_at = event->occurred_at,
        .id = id,
        .transaction_id = event->input->transaction_id,
        .properties = event->properties,
        .seq = c->seq,
        .received_at = c->now,
        .precise_total_cents = event->cents,
    };
    c->cells[c->event_count] = (struct usage_cell){
        .day = zone_day(match->zone, event->occurred_at),
        .customer_id = match->customer_id,
        .subscription_id = match->subscription_id,
        .metric_id = event->metric_id,
        .timezone = zone_name(match->zone),
        .aggregation = event->aggregation,
        .value = event->value,
        .cents = event->cents,
        .occurred_at = event->occurred_at,
        .event_id = id,
        .segment = event->segment,
        .filter_revision = event->filter_revision,
        .may_be_late = match->may_be_late,
        .is_ended = match->is_ended,
    };
    if (event->is_paid_ahead) {
        c->advance = arena_grow(c->ctx->arena, c->advance, c->advance_count, &c->advance_capacity,
                                sizeof *c->advance);
        c->advance[c->advance_count++] = event_advance_note(c->ctx, &c->events[c->event_count]);
    }
    c->event_count++;
}

static void keep_unmatched(struct commit *c, const struct prepared_event *event, struct uuid id)
{
    struct str external_id = event->input->external_subscription_id;
    c->unmatched[c->unmatched_count++] = (struct event_unmatched_row){
        .external_subscription_id = str_is_null(external_id) ? STR("") : external_id,
        .occurred_at = event->occurred_at,
        .id = id,
        .metric_id = event->metric_id,
        .transaction_id = event->input->transaction_id,
        .properties = event->properties,
        .received_at = c->now,
        .arrival_day = c->arrival_day,
        .precise_total_cents = event->cents,
    };
}

static enum err accept(struct commit *c, const struct prepared_event *event,
                       struct event_result *result)
{
    struct event_match match = {0};
    struct uuid id = ctx_new_id(c->ctx);
    TRY(event_match(c->ctx, c->tx, &c->matcher, event->input->external_subscription_id,
                    event->occurred_at, &match));
    if (match.found)
        keep_matched(c, event, &match, id);
    else
        keep_unmatched(c, event, id);
    c->keys[c->key_count++] = (struct event_key_add_in){
        .arrival_day = c->arrival_day,
        .transaction_hash = bytes16(event->transaction_hash),
        .subscription_hash = bytes8(event->subscription_hash),
        .digest = bytes16(event->digest),
        .id = id,
        .customer_id = match.customer_id,
        .subscription_id = match.subscription_id,
        .metric_id = event->metric_id,
        .occurred_at = event->occurred_at,
        .source_hash = event->has_source ? bytes8(event->source_hash) : STR_NULL,
    };
    *result = (struct event_result){
        .outcome = EVENT_ACCEPTED,
        .id = id,
        .customer_id = match.customer_id,
        .subscription_id = match.subscription_id,
        .occurred_at = event->occurred_at,
        .precise_total_cents = event->cents,
    };
    return ERR_NONE;
}

static enum err take_event(struct commit *c, const struct prepared_event *event,
                           struct event_result *result)
{
    bool known = false;
    struct seen *slot = seen_slot(c, event);
    if (slot->event != NULL) { /* a repeat within this commit */
        *result = *slot->result;
        result->outcome = EVENT_DUPLICATE;
        result->differs = memcmp(slot->event->digest, event->digest, sizeof event->digest) != 0;
        result->other_source =
            event->has_source && slot->event->has_source &&
            memcmp(slot->event->source_hash, event->source_hash, sizeof event->source_hash) != 0;
        return ERR_NONE;
    }
    TRY(find_repeat(c, event, result, &known));
    if (known)
        return ERR_NONE;
    TRY(accept(c, event, result));
    *slot = (struct seen){event, result};
    return ERR_NONE;
}

/* ---- totals ---------------------------------------------------------------------------------- */

/* Of one day, subscription and metric: 0. */
static int compare_days(const struct usage_cell *x, const struct usage_cell *y)
{
    if (x->day != y->day)
        return x->day < y->day ? -1 : 1;
    int order = uuid_cmp(x->customer_id, y->customer_id);
    if (order == 0)
        order = uuid_cmp(x->subscription_id, y->subscription_id);
    if (order == 0)
        order = uuid_cmp(x->metric_id, y->metric_id);
    return order;
}

static int compare_cells(const void *a, const void *b)
{
    const struct usage_cell *x = a;
    const struct usage_cell *y = b;
    int order = compare_days(x, y);
    return order != 0 ? order : str_cmp(x->segment, y->segment);
}

static enum err add_cells(struct ctx *ctx, const struct usage_cell *cells, size_t first, size_t end,
                          struct usage_total *total)
{
    for (size_t i = first; i < end; i++) {
        enum err err = usage_total_add(total, &(struct usage_point){
                                                  .aggregation = cells[i].aggregation,
                                                  .value = cells[i].value,
                                                  .cents = cells[i].cents,
                                                  .occurred_at = cells[i].occurred_at,
                                                  .id = cells[i].event_id,
                                              });
        if (err != ERR_NONE)
            return fail(ctx, err, "the usage of a day adds up to more than 34 digits");
    }
    return ERR_NONE;
}

/* What a total is in either table, of days and of segments. */
#define COLUMNS_OF(total)                                                                         \
    .event_count = (total).event_count, .sum = (total).sum, .max = (total).max,                   \
    .latest = (total).latest, .latest_at = (total).latest_at, .latest_id = (total).latest_id,     \
    .precise_total_cents = (total).cents, .value_count = (total).value_count, .min = (total).min, \
    .moment = (total).moment

/* The cells [first, end) of one day, subscription and metric onto what the store holds. */
static enum err merge_cell(struct ctx *ctx, struct tx *tx, const struct usage_cell *cells,
                           size_t first, size_t end, struct usage_day_save_in *saved)
{
    const struct usage_cell *cell = &cells[first];
    struct usage_day_row row;
    bool found = false;
    TRY(usage_day_load(tx,
                       &(struct usage_day_load_in){
                           .day = cell->day,
                           .customer_id = cell->customer_id,
                           .subscription_id = cell->subscription_id,
                           .metric_id = cell->metric_id,
                       },
                       &row, &found));
    struct usage_total total = found ? usage_total_of_day(&row) : USAGE_NONE;
    TRY(add_cells(ctx, cells, first, end, &total));
    *saved = (struct usage_day_save_in){
        .day = cell->day,
        .customer_id = cell->customer_id,
        .subscription_id = cell->subscription_id,
        .metric_id = cell->metric_id,
        .timezone = cell->timezone,
        COLUMNS_OF(total),
    };
    return ERR_NONE;
}

/* The same for the cells [first, end) of one segment, where the metric has filters. */
static enum err merge_segment(struct ctx *ctx, struct tx *tx, const struct usage_cell *cells,
                              size_t first, size_t end, struct usage_segment_save_in *saved)
{
    const struct usage_cell *cell = &cells[first];
    struct usage_segment_row row;
    bool found = false;
    TRY(usage_segment_load(tx,
                           &(struct usage_segment_load_in){
                               .day = cell->day,
                               .customer_id = cell->customer_id,
                               .subscription_id = cell->subscription_id,
                               .metric_id = cell->metric_id,
                               .filter_revision = cell->filter_revision,
                               .segment = cell->segment,
                           },
                           &row, &found));
    struct usage_total total = found ? usage_total_of_segment(&row) : USAGE_NONE;
    TRY(add_cells(ctx, cells, first, end, &total));
    *saved = (struct usage_segment_save_in){
        .day = cell->day,
        .customer_id = cell->customer_id,
        .subscription_id = cell->subscription_id,
        .metric_id = cell->metric_id,
        .filter_revision = cell->filter_revision,
        .segment = cell->segment,
        COLUMNS_OF(total),
    };
    return ERR_NONE;
}

static enum err add_segments(struct ctx *ctx, struct tx *tx, const struct usage_cell *cells,
                             size_t count)
{
    struct usage_segment_save_in *saved = NULL;
    size_t saved_count = 0;
    size_t capacity = 0;
    for (size_t first = 0; first < count;) {
        size_t end = first + 1;
        while (end < count && compare_cells(&cells[first], &cells[end]) == 0)
            end++;
        if (!str_is_null(cells[first].segment)) {
            saved = arena_grow(ctx->arena, saved, saved_count, &capacity, sizeof *saved);
            TRY(merge_segment(ctx, tx, cells, first, end, &saved[saved_count++]));
        }
        first = end;
    }
    return saved_count == 0 ? ERR_NONE : usage_segment_save(tx, saved, saved_count);
}

/* Notes what may be late of the cells [first, end), of one day, subscription and metric. */
static bool note_late(const struct usage_cell *cells, size_t first, size_t end, int64_t seq,
                      int64_t now, struct late_usage_note_in *note)
{
    bool is_noted = false;
    for (size_t i = first; i < end; i++) {
        const struct usage_cell *cell = &cells[i];
        if (!cell->may_be_late)
            continue;
        if (!is_noted)
            *note = (struct late_usage_note_in){
                .customer_id = cell->customer_id,
                .subscription_id = cell->subscription_id,
                .metric_id = cell->metric_id,
                .day = cell->day,
                .seq = seq,
                .first_at = cell->occurred_at,
                .last_at = cell->occurred_at,
                .noted_at = now,
            };
        is_noted = true;
        note->is_ended |= cell->is_ended;
        if (cell->occurred_at < note->first_at)
            note->first_at = cell->occurred_at;
        if (cell->occurred_at > note->last_at)
            note->last_at = cell->occurred_at;
    }
    return is_noted;
}

static bool any_late(const struct usage_cell *cells, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++)
        any |= cells[i].may_be_late;
    return any;
}

enum err usage_cell_of(struct ctx *ctx, struct tx *tx, const struct zone *zone,
                       const struct event_row *row, struct usage_cell *cell)
{
    struct metric_rule rule;
    TRY(metric_rule_load(tx, ctx->arena, row->metric_id, &rule));
    *cell = (struct usage_cell){
        .day = zone_day(zone, row->occurred_at),
        .customer_id = row->customer_id,
        .subscription_id = row->subscription_id,
        .metric_id = row->metric_id,
        .timezone = zone_name(zone),
        .aggregation = rule.meter.aggregation,
        .value = metric_rule_event(ctx->arena, &rule, row).value.number,
        .cents = row->precise_total_cents,
        .occurred_at = row->occurred_at,
        .event_id = row->id,
        .segment = metric_rule_segment(ctx->arena, &rule, row->properties),
        .filter_revision = rule.filter_revision,
    };
    return ERR_NONE;
}

enum err usage_cells_add(struct ctx *ctx, struct tx *tx, int64_t seq, struct usage_cell *cells,
                         size_t count)
{
    struct usage_day_save_in *saved = ARENA_ARRAY(ctx->arena, count, struct usage_day_save_in);
    struct late_usage_note_in *notes = NULL;
    size_t saved_count = 0;
    size_t note_count = 0;
    if (count == 0)
        return ERR_NONE;
    if (any_late(cells, count))
        notes = ARENA_ARRAY(ctx->arena, count, struct late_usage_note_in);
    qsort(cells, count, sizeof *cells, compare_cells);
    for (size_t first = 0; first < count;) {
        size_t end = first + 1;
        while (end < count && compare_days(&cells[first], &cells[end]) == 0)
            end++;
        TRY(merge_cell(ctx, tx, cells, first, end, &saved[saved_count++]));
        if (notes != NULL)
            note_count += note_late(cells, first, end, seq, ctx_now(ctx), &notes[note_count]);
        first = end;
    }
    if (note_count > 0)
        TRY(late_usage_note(tx, notes, note_count));
    TRY(usage_day_save(tx, saved, saved_count));
    return add_segments(ctx, tx, cells, count);
}

/* ---- the transaction ------------------------------------------------------------------------- */

static enum err write_all(struct commit *c)
{
    for (size_t i = 0; i < c->event_count; i++) {
        if (i == 0 || c->events[i].day != c->events[i - 1].day)
            TRY(partition_ensure(c->tx, "event", c->events[i].day));
    }
    enum err err = event_key_add(c->tx, c->keys, c->key_count);
    if (err == ERR_CONFLICT) /* another process brought the same event just now: look again */
        return fail(c->ctx, ERR_BUSY, "another process is bringing the same events");
    TRY(err);
    TRY(event_insert_many(c->tx, c->events, c->event_count));
    TRY(event_unmatched_insert_many(c->tx, c->unmatched, c->unmatched_count));
    if (c->advance_count > 0)
        TRY(advance_event_insert_many(c->tx, c->advance, c->advance_count));
    return usage_cells_add(c->ctx, c->tx, c->seq, c->cells, c->event_count);
}

struct committing {
    struct event_memory *memory;
    struct ingest_batch *batches;
    struct commit commit;
};

/* A metric has changed since an event was checked: its value may be another. */
static enum err check_metrics(struct ctx *ctx, const struct committing *committing,
                              int64_t revision)
{
    for (const struct ingest_batch *b = committing->batches; b != NULL; b = b->next) {
        if (b->metric_revision != revision)
            return fail(ctx, ERR_CONFLICT, "a billable metric changed while its events came in");
    }
    return ERR_NONE;
}

static enum err commit_events(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct committing *committing = arg;
    struct commit *c = &committing->commit;
    struct ingest_commit_next_row next;
    bool found = false;
    TRY(ingest_commit_next(tx, &next, &found));
    ASSERT(found);
    TRY(check_metrics(ctx, committing, next.metric_revision));
    *c = (struct commit){
        .ctx = ctx,
        .tx = tx,
        .memory = committing->memory,
        .seq = next.ingest_seq,
        .key_commits = next.key_commits,
        .now = ctx_now(ctx),
    };
    c->arrival_day = day_of_instant(c->now);
    c->trust_filter = c->memory->filter != NULL && c->memory->key_commits + 1 == c->key_commits;
    make_room(c, count_events(committing->batches));
    event_matcher_init(&c->matcher, ctx->arena);
    for (struct ingest_batch *batch = committing->batches; batch != NULL; batch = batch->next) {
        for (size_t i = 0; i < batch->count; i++)
            TRY(take_event(c, &batch->prepared[i], &batch->results[i]));
    }
    TRY(write_all(c));
    for (struct ingest_batch *batch = committing->batches; batch != NULL; batch = batch->next) {
        if (batch->keep != NULL)
            TRY(batch->keep(ctx, tx, batch));
    }
    return ERR_NONE;
}

/* The commit is durable: the filter learns its keys, unless it missed some before. */
static void remember(struct commit *c)
{
    c->memory->is_trusted = c->trust_filter;
    if (!c->trust_filter)
        return;
    for (size_t i = 0; i < c->key_count; i++) {
        unsigned char key[16];
        filter_key((const unsigned char *)c->keys[i].transaction_hash.ptr,
                   (const unsigned char *)c->keys[i].subscription_hash.ptr, key);
        event_filter_add(c->memory->filter, c->arrival_day, key);
    }
    c->memory->key_commits = c->key_commits;
    c->memory->whole_before = c->arrival_day - CLOCK_SKEW_DAYS;
}

enum err events_commit(struct ctx *ctx, struct event_memory *memory, struct ingest_batch *batches)
{
    struct committing committing = {.memory = memory, .batches = batches};
    TRY(tx_run(ctx, TX_WRITE, commit_events, &committing));
    remember(&committing.commit);
    return ERR_NONE;
}

/* ---- filling the filter ---------------------------------------------------------------------- */

static enum err fill_one(void *arg, const struct event_key_since_row *row)
{
    struct event_memory *memory = arg;
    unsigned char key[16];
    filter_key((const unsigned char *)row->transaction_hash.ptr,
               (const unsigned char *)row->subscription_hash.ptr, key);
    event_filter_add(memory->filter, row->arrival_day, key);
    return ERR_NONE;
}

static enum err fill(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct event_memory *memory = arg;
    struct instance_row instance;
    bool found = false;
    event_filter_free(memory->filter);
    memory->filter = event_filter_new();
    TRY(instance_load(tx, &instance, &found));
    ASSERT(found);
    memory->key_commits = instance.key_commits;
    memory->whole_before = day_of_instant(ctx_now(ctx)) - CLOCK_SKEW_DAYS;
    return event_key_since(tx,
                           &(struct event_key_since_in){.first_day = day_of_instant(ctx_now(ctx)) -
                                                                     EVENT_FILTER_DAYS + 1},
                           fill_one, memory);
}

enum err event_memory_fill(struct ctx *ctx, struct event_memory *memory)
{
    return tx_run(ctx, TX_READ, fill, memory);
}
