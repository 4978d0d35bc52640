#include "app/usage_move.h"

#include "app/event_prepare.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/advance.h"
#include "store/sql/event.h"
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

/* The days are whole: the change is at the start of one. */
static enum err move_totals(const struct moving *m, const struct zone *zone)
{
    int32_t last_day = DAY_NONE;
    for (size_t i = 0; i < m->count; i++) {
        int32_t day = zone_day(zone, m->events[i].occurred_at);
        if (day == last_day)
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
    struct event_row *events = NULL;
    struct moving m = {.ctx = ctx, .tx = tx, .from_id = from_id, .to = to};
    ASSERT(zone_day_start(zone, first_day) == from_at);
    TRY(usage_since(tx, to->customer_id, from_id, from_at, &events, &m.count));
    if (m.count == 0)
        return ERR_NONE;
    m.events = events;
    TRY(move_keys(&m));
    TRY(move_events(&m));
    TRY(move_totals(&m, zone));
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
