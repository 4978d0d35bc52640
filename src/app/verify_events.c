#include "app/event_prepare.h"
#include "app/metric_rule.h"
#include "app/usage.h"
#include "app/verify_parts.h"
#include "base/assert.h"
#include "base/time.h"
#include "base/zone.h"
#include "store/sql/catalog.h"
#include "store/sql/event.h"
#include "store/sql/verify.h"

#include <string.h>

#define SLOTS_FIRST 1024

/* The totals of the events themselves, by day, subscription and metric, in the zone that the
 * stored total names. */
struct cell {
    bool used;
    int32_t day;
    struct uuid customer_id, subscription_id, metric_id;
    struct usage_total total;
};

struct event_check {
    struct verifier *v;
    struct cell *slots;
    size_t slot_count, used;
    struct billable_metric_row *metrics;
    struct metric_rule *rules; /* of the metrics */
    size_t metric_count;
    int64_t keys;
};

/* ---- each event is as it arrived ------------------------------------------------------------- */

static enum err check_key(void *arg, const struct event_key_row *key)
{
    struct event_check *check = arg;
    struct verifier *v = check->v;
    struct event_row event;
    unsigned char digest[16];
    bool found = false;
    struct arena_mark mark = arena_mark(v->ctx->arena);
    check->keys++;
    TRY(event_load(v->tx,
                   &(struct event_load_in){
                       .day = day_of_instant(key->occurred_at),
                       .customer_id = key->customer_id,
                       .subscription_id = key->subscription_id,
                       .metric_id = key->metric_id,
                       .occurred_at = key->occurred_at,
                       .id = key->id,
                   },
                   &event, &found));
    if (!found) {
        verify_found(v, "event %.*s is missing, or its metric or time was changed",
                     STR_ARG(uuid_text(v->ctx->arena, key->id)));
    } else {
        event_digest(v->ctx->app, event.metric_id, event.occurred_at, event.properties,
                     event.precise_total_cents, digest);
        if (key->digest.len != sizeof digest || memcmp(key->digest.ptr, digest, sizeof digest) != 0)
            verify_found(v, "event %.*s (transaction id %.*s) was changed",
                         STR_ARG(uuid_text(v->ctx->arena, event.id)),
                         STR_ARG(event.transaction_id));
    }
    arena_return(v->ctx->arena, mark);
    return ERR_NONE;
}

/* There are more events than keys: which ones nobody sent. */
static enum err find_added(void *arg, const struct event_row *row)
{
    struct event_check *check = arg;
    struct verifier *v = check->v;
    struct event_key_row *keys = NULL;
    size_t count = 0;
    unsigned char hash[16];
    bool known = false;
    struct arena_mark mark = arena_mark(v->ctx->arena);
    event_transaction_hash(v->ctx->app, row->transaction_id, hash);
    TRY(event_key_of_transaction(
        v->tx,
        &(struct event_key_of_transaction_in){
            .arrival_day = day_of_instant(row->received_at),
            .transaction_hash = (struct str){(const char *)hash, sizeof hash},
        },
        &keys, &count));
    for (size_t i = 0; i < count && !known; i++)
        known = uuid_eq(keys[i].id, row->id);
    if (!known)
        verify_found(v, "event %.*s (transaction id %.*s) never arrived",
                     STR_ARG(uuid_text(v->ctx->arena, row->id)), STR_ARG(row->transaction_id));
    arena_return(v->ctx->arena, mark);
    return ERR_NONE;
}

/* ---- totals ---------------------------------------------------------------------------------- */

static struct cell *slot_of(struct event_check *check, int32_t day, struct uuid customer_id,
                            struct uuid subscription_id, struct uuid metric_id)
{
    uint64_t hash = (uint64_t)day * 0x9e3779b97f4a7c15u;
    uint64_t part = 0;
    memcpy(&part, subscription_id.bytes + 8, sizeof part);
    hash = (hash ^ part) * 0xff51afd7ed558ccdu;
    memcpy(&part, metric_id.bytes + 8, sizeof part);
    hash = (hash ^ part) * 0xc4ceb9fe1a85ec53u;
    size_t slot = (size_t)(hash >> 20) & (check->slot_count - 1);
    for (;; slot = (slot + 1) & (check->slot_count - 1)) {
        struct cell *cell = &check->slots[slot];
        if (!cell->used || (cell->day == day && uuid_eq(cell->customer_id, customer_id) &&
                            uuid_eq(cell->subscription_id, subscription_id) &&
                            uuid_eq(cell->metric_id, metric_id)))
            return cell;
    }
}

static void grow(struct event_check *check)
{
    struct cell *old = check->slots;
    size_t old_count = check->slot_count;
    check->slot_count = old_count == 0 ? SLOTS_FIRST : old_count * 2;
    check->slots = ARENA_ARRAY(check->v->ctx->arena, check->slot_count, struct cell);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].used)
            *slot_of(check, old[i].day, old[i].customer_id, old[i].subscription_id,
                     old[i].metric_id) = old[i];
    }
}

/* The stored totals first: they say in which zone a day is. */
static enum err note_total(void *arg, const struct usage_day_row *row)
{
    struct event_check *check = arg;
    check->v->result->totals++;
    if (++check->used * 2 >= check->slot_count)
        grow(check);
    struct cell *cell =
        slot_of(check, row->day, row->customer_id, row->subscription_id, row->metric_id);
    *cell = (struct cell){
        .used = true,
        .day = row->day,
        .customer_id = row->customer_id,
        .subscription_id = row->subscription_id,
        .metric_id = row->metric_id,
        .total = USAGE_NONE,
    };
    return ERR_NONE;
}

static const struct metric_rule *rule_of(const struct event_check *check, struct uuid metric_id)
{
    for (size_t i = 0; i < check->metric_count; i++) {
        if (uuid_eq(check->metrics[i].id, metric_id))
            return &check->rules[i];
    }
    return NULL;
}

struct zone_memory {
    struct uuid customer_id;
    const struct zone *zone;
};

struct summing {
    struct event_check *check;
    struct zone_memory last;
    struct arena scratch;
};

static enum err add_event(void *arg, const struct event_row *row)
{
    struct summing *summing = arg;
    struct event_check *check = summing->check;
    struct verifier *v = check->v;
    struct usage_event event = {.value = {.number = DECIMAL_NONE},
                                .cents = row->precise_total_cents};
    const struct metric_rule *rule = rule_of(check, row->metric_id);
    v->result->events++;
    if (!uuid_eq(summing->last.customer_id, row->customer_id)) {
        TRY(usage_zone_of(v->ctx, v->tx, row->customer_id, &summing->last.zone));
        summing->last.customer_id = row->customer_id;
    }
    if (rule != NULL)
        event = metric_rule_event(&summing->scratch, rule, row);
    arena_reset(&summing->scratch);
    struct cell *cell = slot_of(check, zone_day(summing->last.zone, row->occurred_at),
                                row->customer_id, row->subscription_id, row->metric_id);
    if (!cell->used) {
        verify_found(v, "event %.*s (transaction id %.*s) is in no running total",
                     STR_ARG(uuid_text(v->ctx->arena, row->id)), STR_ARG(row->transaction_id));
        return ERR_NONE;
    }
    return usage_total_add(
        &cell->total, &(struct usage_point){
                          .aggregation = rule == NULL ? AGGREGATION_COUNT : rule->meter.aggregation,
                          .value = event.value.number,
                          .cents = event.cents,
                          .occurred_at = row->occurred_at,
                          .id = row->id,
                      });
}

/* What only some aggregations read; totals that were begun before it was kept have it in part. */
static bool same_rest(const struct event_check *check, const struct usage_day_row *row,
                      const struct usage_total *total)
{
    const struct metric_rule *rule = rule_of(check, row->metric_id);
    struct usage_total stored = usage_total_of_day(row);
    if (rule == NULL)
        return true;
    if (rule->meter.aggregation == AGGREGATION_MIN)
        return decimal_same(total->min, stored.min);
    if (rule->meter.aggregation == AGGREGATION_AVERAGE)
        return total->value_count == stored.value_count;
    return rule->meter.aggregation != AGGREGATION_WEIGHTED ||
           decimal_eq(total->moment, stored.moment);
}

static enum err compare_total(void *arg, const struct usage_day_row *row)
{
    struct event_check *check = arg;
    const struct cell *cell =
        slot_of(check, row->day, row->customer_id, row->subscription_id, row->metric_id);
    const struct usage_total *total = &cell->total;
    if (total->event_count != row->event_count || !decimal_eq(total->sum, row->sum) ||
        !decimal_same(total->max, row->max) || !decimal_same(total->latest, row->latest) ||
        !decimal_eq(total->cents, usage_total_of_day(row).cents) || !same_rest(check, row, total)) {
        struct arena *arena = check->v->ctx->arena;
        verify_found(check->v,
                     "running total of %.*s, subscription %.*s: %lld events with sum %.*s, the "
                     "events make %lld with sum %.*s",
                     STR_ARG(day_text(arena, row->day)),
                     STR_ARG(uuid_text(arena, row->subscription_id)), (long long)row->event_count,
                     STR_ARG(decimal_text(arena, row->sum)), (long long)total->event_count,
                     STR_ARG(decimal_text(arena, total->sum)));
    }
    return ERR_NONE;
}

enum err verify_events(struct verifier *v)
{
    struct event_check check = {.v = v};
    struct summing summing = {.check = &check};
    grow(&check);
    TRY(billable_metric_list(v->tx, &check.metrics, &check.metric_count));
    check.rules = ARENA_ARRAY(v->ctx->arena, check.metric_count, struct metric_rule);
    for (size_t i = 0; i < check.metric_count; i++)
        check.rules[i] = metric_rule_of(v->ctx->arena, &check.metrics[i]);
    TRY(usage_day_each(v->tx, note_total, &check));
    arena_init(&summing.scratch);
    enum err err = event_all_each(v->tx, add_event, &summing);
    arena_clear(&summing.scratch);
    TRY(err);
    TRY(usage_day_each(v->tx, compare_total, &check));
    TRY(verify_event_key_each(v->tx, check_key, &check));
    if (v->result->events > check.keys)
        TRY(event_all_each(v->tx, find_added, &check));
    return ERR_NONE;
}
