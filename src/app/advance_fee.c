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
    advance_period_at(zone, item->period.charges_to_at, &next);
    return next;
}

enum err advance_find_renewal(struct tx *tx, struct advance_period *period)
{
    const struct invoice_item *item = period->item;
    struct renewal_of_period_row row;
    bool found = false;
    period->renewal_seq = INT_NONE;
    if (!advance_renews(period->charge))
        return ERR_NONE;
    TRY(renewal_of_period(tx,
                          &(struct renewal_of_period_in){
                              .customer_id = item->subscription.customer_id,
                              .subscription_id = item->subscription.id,
                              .from_at = item->period.charges_from_at,
                          },
                          &row, &found));
    if (found)
        period->renewal_seq = row.renewal_seq;
    return ERR_NONE;
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

/* The wanted events, to be found by id. */
struct wanted {
    struct uuid id;
    size_t index; /* of its fee */
};

static int compare_wanted(const void *a, const void *b)
{
    return uuid_cmp(((const struct wanted *)a)->id, ((const struct wanted *)b)->id);
}

static struct wanted *index_wanted(struct arena *arena, const struct advance_fees *fees,
                                   size_t *count)
{
    struct wanted *wanted = ARENA_ARRAY(arena, fees->count + 1, struct wanted);
    for (*count = 0; *count < fees->count; ++*count)
        wanted[*count] = (struct wanted){fees->events[*count], *count};
    if (fees->supposed != NULL) {
        wanted[*count] = (struct wanted){fees->supposed->id, *count};
        ++*count;
    }
    if (*count > 0)
        qsort(wanted, *count, sizeof *wanted, compare_wanted);
    return wanted;
}

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

enum err advance_fees_make(struct ctx *ctx, struct tx *tx, const struct advance_period *period,
                           struct advance_fees *fees)
{
    struct advance_reading r;
    struct advance_running running;
    struct advance_limit limit;
    TRY(advance_read(ctx, tx, period, fees->supposed, fees->by_itself, &r));
    TRY(advance_begin(ctx->arena, &r, &running));
    for (size_t i = 0; fees->by_itself && i < charge_part_count(period->charge); i++)
        advance_take_free_away(&r.models[i]);
    size_t wanted_count = 0;
    const struct wanted *wanted = index_wanted(ctx->arena, fees, &wanted_count);
    for (size_t i = 0; i < wanted_count; i++)
        fees->found[i] = false;
    TRY(begin_limit(tx, ctx->arena, &r, &running, fees->by_itself, &limit));
    while (running.next < r.count) {
        const struct advance_arrived *arrived = &r.events[running.next];
        struct advance_step step;
        TRY(advance_next(&r, &running, &step));
        struct wanted key = {.id = arrived->event.id};
        const struct wanted *hit =
            bsearch(&key, wanted, wanted_count, sizeof *wanted, compare_wanted);
        if (hit == NULL) {
            TRY(pass(ctx->arena, &r, &limit, arrived, &step));
            continue;
        }
        TRY(advance_event_fee(ctx->arena, &r, arrived, &step, &fees->fees[hit->index]));
        TRY(advance_limit_apply(ctx->arena, &limit, &fees->fees[hit->index]));
        fees->found[hit->index] = true;
    }
    return ERR_NONE;
}
