#include "app/usage_move.h"

#include "app/event_commit.h"
#include "app/event_prepare.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/advance.h"
#include "store/sql/event.h"
#include "store/sql/instance.h"
#include "store/sql/late.h"

struct moving {
    struct ctx *ctx;
    struct tx *tx;
    struct uuid from_id;
    const struct subscription_row *to;
    const struct event_row *events; /* in order of time */
    size_t count;
};

/* A repeat is known by its key, and answered with whose it is. */
static enum err move_keys(const struct moving *m)
{
    unsigned char transaction[16];
    unsigned char subscription[8];
    event_subscription_hash(m->ctx->app, m->to->external_id, subscription);
    for (size_t i = 0; i < m->count; i++) {
        event_transaction_hash(m->ctx->app, m->events[i].transaction_id, transaction);
        TRY(event_key_move(
            m->tx,
            &(struct event_key_move_in){
                .customer_id = m->to->customer_id,
                .subscription_id = m->to->id,
                .arrival_day = day_of_instant(m->events[i].received_at),
                .transaction_hash = (struct str){(const char *)transaction, sizeof transaction},
                .subscription_hash = (struct str){(const char *)subscription, sizeof subscription},
            },
            NULL));
    }
    return ERR_NONE;
}

static enum err move_events(const struct moving *m)
{
    for (size_t i = 0; i < m->count; i++)
        TRY(event_move(m->tx,
                       &(struct event_move_in){
                           .to_id = m->to->id,
                           .day = m->events[i].day,
                           .customer_id = m->events[i].customer_id,
                           .subscription_id = m->from_id,
                           .metric_id = m->events[i].metric_id,
                           .occurred_at = m->events[i].occurred_at,
                           .id = m->events[i].id,
                       },
                       NULL));
    return ERR_NONE;
}

/* The day on which it starts, where a part of it is the other one's: both parts are made anew. */
static enum err part_totals(const struct moving *m, const struct zone *zone, int32_t day)
{
    struct event_row *kept = NULL;
    struct ingest_seq_newest_row newest;
    size_t kept_count = 0;
    size_t count = 0;
    bool found = false;
    TRY(usage_since(m->tx, m->to->customer_id, m->from_id, zone_day_start(zone, day), &kept,
                    &kept_count));
    struct usage_cell *cells = ARENA_ARRAY(m->ctx->arena, kept_count + m->count, struct usage_cell);
    for (size_t i = 0; i < kept_count; i++)
        TRY(usage_cell_of(m->ctx, m->tx, zone, &kept[i], &cells[count++]));
    for (size_t i = 0; i < m->count && zone_day(zone, m->events[i].occurred_at) == day; i++) {
        struct event_row moved = m->events[i];
        moved.subscription_id = m->to->id;
        TRY(usage_cell_of(m->ctx, m->tx, zone, &moved, &cells[count++]));
    }
    TRY(usage_day_drop(m->tx,
                       &(struct usage_day_drop_in){.day = day,
                                                   .customer_id = m->to->customer_id,
                                                   .subscription_id = m->from_id},
                       NULL));
    TRY(usage_segment_drop(m->tx,
                           &(struct usage_segment_drop_in){.day = day,
                                                           .customer_id = m->to->customer_id,
                                                           .subscription_id = m->from_id},
                           NULL));
    TRY(ingest_seq_newest(m->tx, &newest, &found));
    ASSERT(found);
    return usage_cells_add(m->ctx, m->tx, newest.ingest_seq, cells, count);
}

/* Whole days, from one on. */
static enum err move_totals(const struct moving *m, const struct zone *zone, int32_t first_day)
{
    int32_t last_day = first_day - 1;
    for (size_t i = 0; i < m->count; i++) {
        int32_t day = zone_day(zone, m->events[i].occurred_at);
        if (day <= last_day)
            continue;
        last_day = day;
        TRY(usage_day_move(m->tx,
                           &(struct usage_day_move_in){.to_id = m->to->id,
                                                       .day = day,
                                                       .customer_id = m->to->customer_id,
                                                       .subscription_id = m->from_id},
                           NULL));
        TRY(usage_segment_move(m->tx,
                               &(struct usage_segment_move_in){.to_id = m->to->id,
                                                               .day = day,
                                                               .customer_id = m->to->customer_id,
                                                               .subscription_id = m->from_id},
                               NULL));
    }
    return ERR_NONE;
}

enum err usage_since(struct tx *tx, struct uuid customer_id, struct uuid subscription_id,
                     int64_t from_at, struct event_row **events, size_t *count)
{
    struct event_last_day_row last;
    bool found = false;
    *count = 0;
    TRY(event_last_day(tx, &last, &found));
    if (!found)
        return ERR_NONE;
    return event_since_list(tx,
                            &(struct event_since_list_in){
                                .first_day = day_of_instant(from_at),
                                .last_day = last.day,
                                .customer_id = customer_id,
                                .subscription_id = subscription_id,
                                .from_at = from_at,
                            },
                            events, count);
}

enum err usage_move(struct ctx *ctx, struct tx *tx, struct uuid from_id,
                    const struct subscription_row *to, const struct zone *zone)
{
    int64_t from_at = to->started_at;
    int32_t first_day = zone_day(zone, from_at);
    bool is_whole = zone_day_start(zone, first_day) == from_at;
    struct event_row *events = NULL;
    struct moving m = {.ctx = ctx, .tx = tx, .from_id = from_id, .to = to};
    TRY(usage_since(tx, to->customer_id, from_id, from_at, &events, &m.count));
    if (m.count == 0)
        return ERR_NONE;
    m.events = events;
    TRY(move_keys(&m));
    TRY(move_events(&m));
    if (!is_whole)
        TRY(part_totals(&m, zone, first_day++));
    TRY(move_totals(&m, zone, first_day));
    TRY(advance_event_move(tx,
                           &(struct advance_event_move_in){.to_id = to->id,
                                                           .customer_id = to->customer_id,
                                                           .subscription_id = from_id,
                                                           .from_at = from_at},
                           NULL));
    return late_usage_move(tx,
                           &(struct late_usage_move_in){.to_id = to->id,
                                                        .customer_id = to->customer_id,
                                                        .subscription_id = from_id,
                                                        .first_day = first_day},
                           NULL);
}
