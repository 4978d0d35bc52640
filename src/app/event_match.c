#include "app/event_match.h"

#include "app/customer_terms.h"
#include "base/assert.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/subscription.h"

#define SLOTS_FIRST 64
/* By so much the clocks of two processes may differ, one of which bills. */
#define CLOCK_SKEW (300 * TIME_SECOND)

/* What is known of one external id. */
struct match_entry {
    struct str external_id;
    struct uuid customer_id; /* nil: nobody has it */
    const struct zone *zone;
    struct subscription_row *subscriptions; /* newest first */
    size_t count;
};

void event_matcher_init(struct event_matcher *matcher, struct arena *arena)
{
    *matcher = (struct event_matcher){.arena = arena, .slot_count = SLOTS_FIRST};
    matcher->slots = ARENA_ARRAY(arena, SLOTS_FIRST, struct match_entry *);
}

static size_t slot_of(const struct event_matcher *matcher, struct str external_id)
{
    size_t slot = (size_t)str_hash(external_id) & (matcher->slot_count - 1);
    while (matcher->slots[slot] != NULL && !str_eq(matcher->slots[slot]->external_id, external_id))
        slot = (slot + 1) & (matcher->slot_count - 1);
    return slot;
}

static void grow(struct event_matcher *matcher)
{
    struct match_entry **old = matcher->slots;
    size_t old_count = matcher->slot_count;
    matcher->slot_count *= 2;
    matcher->slots = ARENA_ARRAY(matcher->arena, matcher->slot_count, struct match_entry *);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL)
            matcher->slots[slot_of(matcher, old[i]->external_id)] = old[i];
    }
}

static enum err load_entry(struct ctx *ctx, struct tx *tx, struct match_entry *entry)
{
    struct subscription_owner_row owner;
    struct customer_row customer;
    struct customer_terms terms;
    bool found = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = entry->external_id},
                           &owner, &found));
    if (!found)
        return ERR_NONE;
    TRY(customer_load(tx, &(struct customer_load_in){.id = owner.customer_id}, &customer, &found));
    ASSERT(found);
    if (customer.deleted_at != TIME_NONE)
        return ERR_NONE; /* the external id is free: what comes now waits for its next holder */
    TRY(customer_terms_load(ctx, tx, &customer, &terms));
    entry->customer_id = owner.customer_id;
    entry->zone = terms.zone;
    return subscription_by_external_list(
        tx,
        &(struct subscription_by_external_list_in){.customer_id = owner.customer_id,
                                                   .external_id = entry->external_id},
        &entry->subscriptions, &entry->count);
}

static enum err find_entry(struct ctx *ctx, struct tx *tx, struct event_matcher *matcher,
                           struct str external_id, const struct match_entry **found)
{
    size_t slot = slot_of(matcher, external_id);
    if (matcher->slots[slot] == NULL) {
        struct match_entry *entry = ARENA_NEW(matcher->arena, struct match_entry);
        entry->external_id = external_id;
        TRY(load_entry(ctx, tx, entry));
        matcher->slots[slot] = entry;
        *found = entry;
        if (++matcher->used * 2 >= matcher->slot_count)
            grow(matcher);
        return ERR_NONE;
    }
    *found = matcher->slots[slot];
    return ERR_NONE;
}

static bool runs_at(const struct subscription_row *row, int64_t at)
{
    return row->started_at != TIME_NONE && at >= row->started_at &&
           (row->terminated_at == TIME_NONE || at <= row->terminated_at);
}

/* What is billed meanwhile by a transaction that this one does not see counts as over as well. */
static bool may_be_late(const struct subscription_row *row, int64_t at, int64_t now)
{
    return !str_eq(row->status, STR("active")) || at < row->billed_until_at ||
           row->next_due_at <= now + CLOCK_SKEW;
}

enum err event_match(struct ctx *ctx, struct tx *tx, struct event_matcher *matcher,
                     struct str external_subscription_id, int64_t occurred_at,
                     struct event_match *match)
{
    const struct match_entry *entry = NULL;
    *match = (struct event_match){.found = false};
    if (str_is_null(external_subscription_id))
        return ERR_NONE;
    TRY(find_entry(ctx, tx, matcher, external_subscription_id, &entry));
    for (size_t i = 0; i < entry->count && !match->found; i++) {
        const struct subscription_row *row = &entry->subscriptions[i];
        if (runs_at(row, occurred_at))
            *match = (struct event_match){
                .found = true,
                .customer_id = entry->customer_id,
                .subscription_id = row->id,
                .zone = entry->zone,
                .may_be_late = may_be_late(row, occurred_at, ctx_now(ctx)),
                .is_ended = str_eq(row->status, STR("terminated")),
            };
    }
    return ERR_NONE;
}
