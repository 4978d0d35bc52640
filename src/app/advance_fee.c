#include "app/advance_fee.h"

#include "app/advance_price.h"
#include "app/billing_period.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/advance.h"

#include <stdlib.h>

bool advance_renews(const struct charge_view *charge)
{
    return charge->row.pay_in_advance && charge->metric.is_recurring;
}

bool advance_renews_any(const struct plan_view *plan)
{
    bool any = false;
    for (size_t i = 0; i < plan->charge_count; i++)
        any |= advance_renews(&plan->charges[i]);
    return any;
}

size_t advance_part_of(const struct charge_view *charge, const struct fee_row *fee)
{
    size_t part = 0;
    while (part < charge->filter_count && !uuid_eq(charge->filters[part].id, fee->charge_filter_id))
        part++;
    return part;
}

/* ---- the period ------------------------------------------------------------------------------ */

void advance_period_at(const struct zone *zone, int64_t at, struct invoice_item *item)
{
    struct period whole = advance_whole_period(zone, item, at);
    int64_t start_at = zone_day_start(zone, whole.start_day);
    int64_t started_at = item->subscription.started_at;
    item->period.charges_from_at = start_at > started_at ? start_at : started_at;
    item->period.charges_to_at = zone_day_start(zone, whole.end_day);
}

struct invoice_item advance_next_item(const struct zone *zone, const struct invoice_item *item)
{
    struct invoice_item next = {
        .subscription = item->subscription,
        .plan = item->advance_plan,
        .fee_plan = item->advance_plan,
        .advance_plan = item->advance_plan,
    };
    billing_no_period(&next.period);
    /* One that starts goes on with the stock of the one that it follows. */
    int64_t to_at = item->period.charges_to_at;
    advance_period_at(zone, to_at == TIME_NONE ? item->subscription.started_at : to_at, &next);
    return next;
}

enum err advance_renewal_of(struct tx *tx, const struct invoice_item *item, int64_t *seq)
{
    struct renewal_of_period_row row;
    bool found = false;
    TRY(renewal_of_period(
        tx,
        &(struct renewal_of_period_in){
            .customer_id = item->subscription.customer_id,
            .subscription_id = item->subscription.id,
            .from_at = item->period.charges_from_at,
            .is_first = item->period.charges_from_at == item->subscription.started_at,
        },
        &row, &found));
    *seq = found ? row.renewal_seq : INT_NONE;
    return ERR_NONE;
}

enum err advance_find_renewal(struct tx *tx, struct advance_period *period)
{
    period->renewal_seq = INT_NONE;
    if (!advance_renews(period->charge))
        return ERR_NONE;
    return advance_renewal_of(tx, period->item, &period->renewal_seq);
}

/* ---- the stock that is carried in ------------------------------------------------------------ */

enum err advance_renewals_make(struct ctx *ctx, struct tx *tx, const struct advance_period *period,
                               struct advance_slices *slices)
{
    struct advance_reading r;
    struct advance_running running;
    struct advance_limit limit;
    ASSERT(advance_renews(period->charge) && period->renewal_seq != INT_NONE);
    TRY(advance_read(ctx, tx, period, NULL, false, &r));
    TRY(advance_begin(ctx->arena, &r, &running));
    advance_limit_init(&limit, period);
    return advance_renewal_fees(ctx->arena, &r, &running,
                                advance_order_slices(ctx->arena, &r, running.count), &limit,
                                slices);
}

/* ---- fees of events -------------------------------------------------------------------------- */

static enum err begin_limit(struct tx *tx, struct arena *arena, const struct advance_reading *r,
                            const struct advance_running *running, bool by_itself,
                            struct advance_limit *limit)
{
    struct advance_slices renewals;
    advance_limit_init(limit, r->period);
    if (!limit->is_on || by_itself)
        return ERR_NONE;
    TRY(advance_limit_load(tx, arena, limit));
    if (limit->is_renewed)
        return ERR_NONE;
    return advance_renewal_fees(arena, r, running, advance_order_slices(arena, r, running->count),
                                limit, &renewals);
}

/* An event that is not wanted: it only counts where there is a limit. */
static enum err pass(struct arena *arena, const struct advance_reading *r,
                     struct advance_limit *limit, const struct advance_arrived *arrived,
                     const struct advance_step *step)
{
    struct fee_row fee;
    int64_t minor = 0;
    if (!limit->is_on)
        return ERR_NONE;
    if (advance_limit_billed(limit, arrived->event.id, &minor))
        return advance_limit_add(limit, minor);
    TRY(advance_event_fee(arena, r, arrived, step, &fee));
    return advance_limit_apply(arena, limit, &fee);
}

/* One that is; what comes after it takes it as it was billed, if it was. */
static enum err visit_event(const struct advance_each *each, const struct advance_reading *r,
                            struct advance_limit *limit, const struct advance_arrived *arrived,
                            const struct advance_step *step)
{
    struct fee_row fee;
    struct charge_limits before = limit->limits;
    int64_t minor = 0;
    TRY(advance_event_fee(each->arena, r, arrived, step, &fee));
    TRY(advance_limit_apply(each->arena, limit, &fee));
    each->visit(each->arg, &fee);
    if (!advance_limit_billed(limit, arrived->event.id, &minor))
        return ERR_NONE;
    limit->limits = before;
    return advance_limit_add(limit, minor);
}

/* Each event of the period, in order of arrival. */
static enum err visit_events(const struct advance_reading *r, struct advance_running *running,
                             struct advance_limit *limit, const struct advance_each *each)
{
    while (running->next < r->count) {
        const struct advance_arrived *arrived = &r->events[running->next];
        struct advance_step step;
        TRY(advance_next(r, running, &step));
        if (each->wants(each->arg, arrived->event.id))
            TRY(visit_event(each, r, limit, arrived, &step));
        else
            TRY(pass(each->arena, r, limit, arrived, &step));
    }
    return ERR_NONE;
}

enum err advance_fees_each(struct ctx *ctx, struct tx *tx, const struct advance_period *period,
                           const struct advance_each *each)
{
    struct advance_reading r;
    struct advance_running running;
    struct advance_limit limit;
    TRY(advance_read(ctx, tx, period, NULL, false, &r));
    TRY(advance_begin(ctx->arena, &r, &running));
    TRY(begin_limit(tx, ctx->arena, &r, &running, false, &limit));
    return visit_events(&r, &running, &limit, each);
}

/* The wanted events, to be found by id. */
struct wanted {
    struct uuid id;
    size_t index; /* of its fee */
};

struct wanted_list {
    struct wanted *items;
    size_t count;
    struct advance_fees *fees;
};

static int compare_wanted(const void *a, const void *b)
{
    return uuid_cmp(((const struct wanted *)a)->id, ((const struct wanted *)b)->id);
}

static void index_wanted(struct arena *arena, struct advance_fees *fees, struct wanted_list *list)
{
    *list = (struct wanted_list){ARENA_ARRAY(arena, fees->count + 1, struct wanted), 0, fees};
    for (; list->count < fees->count; list->count++)
        list->items[list->count] = (struct wanted){fees->events[list->count], list->count};
    if (fees->supposed != NULL) {
        list->items[list->count] = (struct wanted){fees->supposed->id, list->count};
        list->count++;
    }
    for (size_t i = 0; i < list->count; i++)
        fees->found[i] = false;
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, compare_wanted);
}

static const struct wanted *find_wanted(const struct wanted_list *list, struct uuid event_id)
{
    struct wanted key = {.id = event_id};
    return bsearch(&key, list->items, list->count, sizeof *list->items, compare_wanted);
}

static bool is_wanted(void *arg, struct uuid event_id)
{
    return find_wanted(arg, event_id) != NULL;
}

static void take_wanted(void *arg, const struct fee_row *fee)
{
    const struct wanted_list *list = arg;
    size_t index = find_wanted(list, fee->usage_event_id)->index;
    list->fees->fees[index] = *fee;
    list->fees->found[index] = true;
}

enum err advance_fees_make(struct ctx *ctx, struct tx *tx, const struct advance_period *period,
                           struct advance_fees *fees)
{
    struct advance_reading r;
    struct advance_running running;
    struct advance_limit limit;
    struct wanted_list wanted;
    TRY(advance_read(ctx, tx, period, fees->supposed, fees->by_itself, &r));
    TRY(advance_begin(ctx->arena, &r, &running));
    for (size_t i = 0; fees->by_itself && i < charge_part_count(period->charge); i++)
        advance_take_free_away(&r.models[i]);
    TRY(begin_limit(tx, ctx->arena, &r, &running, fees->by_itself, &limit));
    index_wanted(ctx->arena, fees, &wanted);
    return visit_events(&r, &running, &limit,
                        &(struct advance_each){ctx->arena, is_wanted, take_wanted, &wanted});
}
