#include "app/advance_read.h"

#include "app/rating.h"
#include "base/none.h"

#include <stdlib.h>

/* What the event's price and its fee need to know of its properties. */
static void place(struct advance_reading *r, const struct event_row *row,
                  struct advance_arrived *arrived)
{
    arrived->slice = usage_splitter_pick(&r->splitter, &r->scratch, row->properties);
    size_t part = advance_slice_part(r, arrived->slice);
    const struct charge *model = &r->models[part];
    arrived->cell = 0;
    arrived->share = SHARE_NONE;
    if (charge_cell_count(model) > 0)
        arrived->cell = charge_cell(&r->scratch, model, row->properties,
                                    zone_local_us(r->period->zone, row->occurred_at));
    if (r->query.divisions != NULL && r->query.divisions[part].shown.count > 0)
        arrived->share = group_set_number(
            &r->shown, arrived->slice,
            group_text(&r->scratch, &r->query.divisions[part].shown, row->properties));
}

static enum err add_event(void *arg, const struct event_row *row)
{
    struct advance_reading *r = arg;
    const struct invoice_item *item = r->period->item;
    struct advance_arrived arrived = {
        .event = metric_rule_event(&r->scratch, &r->rule, row),
        .seq = row->seq,
        .is_carried = row->occurred_at < item->period.charges_from_at &&
                      (r->period->renewal_seq == INT_NONE || row->seq <= r->period->renewal_seq),
        .transaction_id = arena_str(r->arena, row->transaction_id),
    };
    place(r, row, &arrived);
    arrived.event.value.text = arena_str(r->arena, arrived.event.value.text);
    r->events = arena_grow(r->arena, r->events, r->count, &r->capacity, sizeof *r->events);
    r->events[r->count++] = arrived;
    arena_reset(&r->scratch);
    return ERR_NONE;
}

/* What is carried in comes first. */
static int compare_arrived(const void *a, const void *b)
{
    const struct advance_arrived *x = a;
    const struct advance_arrived *y = b;
    if (x->is_carried != y->is_carried)
        return x->is_carried ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return uuid_cmp(x->event.id, y->event.id);
}

void advance_reading_init(struct advance_reading *r, struct arena *arena,
                          const struct advance_period *period)
{
    const struct charge_view *charge = period->charge;
    size_t part_count = charge_part_count(charge);
    *r = (struct advance_reading){
        .arena = arena,
        .period = period,
        .rule = metric_rule_of(arena, &charge->metric),
        .query = rating_query(arena, period->item, period->zone, period->zone, charge),
        .models = ARENA_ARRAY(arena, part_count, struct charge),
    };
    for (size_t i = 0; i < part_count; i++)
        r->models[i] = charge_part_model(arena, charge, i);
    usage_splitter_init(&r->splitter, arena, &r->query);
    group_set_init(&r->shown, arena);
}

enum err advance_read(struct ctx *ctx, struct tx *tx, const struct advance_period *period,
                      const struct event_row *supposed, bool by_itself, struct advance_reading *r)
{
    const struct invoice_item *item = period->item;
    enum err err = ERR_NONE;
    advance_reading_init(r, ctx->arena, period);
    arena_init(&r->scratch);
    if (!by_itself)
        err = usage_each_event_carried(tx, &r->query, period->charge->metric.is_recurring,
                                       item->period.charges_from_at, item->period.charges_to_at,
                                       add_event, r);
    if (err == ERR_NONE && supposed != NULL)
        err = add_event(r, supposed);
    arena_clear(&r->scratch);
    if (err == ERR_NONE && r->count > 0)
        qsort(r->events, r->count, sizeof *r->events, compare_arrived);
    return err;
}

/* ---- what they run to ------------------------------------------------------------------------ */

size_t advance_slice_part(const struct advance_reading *r, size_t slice)
{
    return group_set_owner(&r->splitter.set, slice);
}

struct str advance_slice_group(const struct advance_reading *r, size_t slice)
{
    struct str group = group_set_text(&r->splitter.set, slice);
    return group.len == 0 ? STR_NULL : group;
}

/* A group of which nothing is left is not there, and has paid nothing. */
static enum err carry(const struct advance_reading *r, struct advance_running *running)
{
    for (; running->next < r->count && r->events[running->next].is_carried; running->next++) {
        const struct advance_arrived *arrived = &r->events[running->next];
        TRY(advance_carry(&running->slices[arrived->slice], &arrived->event));
        if (arrived->share != SHARE_NONE)
            TRY(advance_carry(&running->shares[arrived->share], &arrived->event));
        running->carried[arrived->slice]++;
    }
    for (size_t i = 0; i < running->count; i++) {
        if (!str_is_null(advance_slice_group(r, i)) && decimal_is_zero(running->slices[i].paid))
            running->slices[i].has_paid = false;
    }
    return ERR_NONE;
}

enum err advance_begin(struct arena *arena, const struct advance_reading *r,
                       struct advance_running *running)
{
    static const struct charge plain = {.model = CHARGE_STANDARD};
    struct usage_rule exact = r->rule.usage;
    size_t count = r->splitter.set.count;
    *running = (struct advance_running){
        .slices = ARENA_ARRAY(arena, count, struct advance),
        .shares = ARENA_ARRAY(arena, r->shown.count, struct advance),
        .carried = ARENA_ARRAY(arena, count, int64_t),
        .count = count,
    };
    exact.rounding.is_on = false;
    for (size_t i = 0; i < count; i++)
        advance_init(&running->slices[i], arena, &r->models[advance_slice_part(r, i)],
                     &r->rule.usage);
    for (size_t i = 0; i < r->shown.count; i++)
        advance_init(&running->shares[i], arena, &plain, &exact);
    return carry(r, running);
}

enum err advance_next(const struct advance_reading *r, struct advance_running *running,
                      struct advance_step *step)
{
    const struct advance_arrived *arrived = &r->events[running->next++];
    struct advance_step of_share;
    if (arrived->share != SHARE_NONE)
        TRY(advance_add(&running->shares[arrived->share], &arrived->event, 0, &of_share));
    return advance_add(&running->slices[arrived->slice], &arrived->event, arrived->cell, step);
}

struct str *advance_shares_texts(struct arena *arena, const struct advance_reading *r,
                                 const struct advance_running *running)
{
    struct str *texts = ARENA_ARRAY(arena, running->count, struct str);
    struct usage_slice *slices = ARENA_ARRAY(arena, running->count, struct usage_slice);
    for (size_t i = 0; i < r->shown.count; i++)
        slices[group_set_owner(&r->shown, i)].share_count++;
    for (size_t i = 0; i < running->count; i++) {
        slices[i].shares = ARENA_ARRAY(arena, slices[i].share_count, struct usage_share);
        slices[i].share_count = 0;
    }
    for (size_t i = 0; i < r->shown.count; i++) {
        const struct advance *share = &running->shares[i];
        struct usage_slice *slice = &slices[group_set_owner(&r->shown, i)];
        if (share->event_count > 0 || !decimal_is_zero(share->quantity))
            slice->shares[slice->share_count++] =
                (struct usage_share){group_set_text(&r->shown, i), share->quantity};
    }
    for (size_t i = 0; i < running->count; i++) {
        usage_shares_sort(slices[i].shares, slices[i].share_count);
        texts[i] = rating_shares_text(arena, slices[i].shares, slices[i].share_count);
    }
    return texts;
}
