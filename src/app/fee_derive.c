#include "app/fee_derive.h"

#include "app/advance_fee.h"
#include "app/charge_limits.h"
#include "app/customer_terms.h"
#include "app/late_fee.h"
#include "app/rating.h"
#include "app/rating_fixed.h"
#include "app/usage_cells.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/late.h"
#include "store/sql/subscription.h"

/* Whether it is worth deriving. */
static bool is_wanted(const struct fee_derivation *d, const char *type,
                      const struct invoice_item *item, const struct charge_view *charge)
{
    const struct fee_row *only = d->only;
    return only == NULL || (str_eq(only->fee_type, str_of(type)) && !only->is_correction &&
                            uuid_eq(only->subscription_id, item->subscription.id) &&
                            (charge == NULL || uuid_eq(only->charge_id, charge->row.id)));
}

/* A slice of a charge (app/usage_slices.h), with what the charge's limits make of it. */
struct priced {
    const struct usage_slice *slice;
    struct fee_row fee, true_up;
};

/* Each slice, from the raw events of commits up to `seq`. */
static enum err price(const struct fee_derivation *d, const struct invoice_item *item,
                      const struct charge_view *charge, const struct zone *zone, int64_t seq,
                      struct priced **priced, size_t *count)
{
    struct arena *arena = d->ctx->arena;
    struct usage_slices slices;
    struct usage_query query = rating_query(arena, item, zone, zone, charge);
    struct charge_limits limits = {0};
    TRY(usage_of_events(d->tx, arena, &query, rating_needs_events(arena, charge), seq, &slices));
    TRY(usage_cells_read(d->ctx, d->tx, &query, zone, charge, seq, &slices));
    *count = slices.count;
    *priced = ARENA_ARRAY(arena, slices.count, struct priced);
    for (size_t i = 0; i < slices.count; i++) {
        struct priced *one = &(*priced)[i];
        one->slice = &slices.items[i];
        TRY(rating_charge_fee(arena, item, charge, one->slice, seq, &one->fee));
        TRY(charge_limits_apply(arena, item, zone, charge, i + 1 == slices.count, &limits,
                                &one->fee, &one->true_up));
    }
    return ERR_NONE;
}

/* ---- what an invoice's periods bill ---------------------------------------------------------- */

static enum err derive_plan(const struct fee_derivation *d, const struct invoice_item *item,
                            const struct zone *zone)
{
    struct fee_row fee;
    if (!is_wanted(d, "subscription", item, NULL))
        return ERR_NONE;
    TRY(rating_plan_fee(d->ctx->arena, item, zone, &fee));
    d->visit(d->arg, &(struct fee_derived){.fee = &fee, .must_be_there = true, .item = item});
    return ERR_NONE;
}

static enum err derive_charge(const struct fee_derivation *d, const struct invoice_item *item,
                              const struct charge_view *charge, const struct zone *zone)
{
    struct priced *priced = NULL;
    size_t count = 0;
    int64_t seq = item->period.usage_seq;
    if (!is_wanted(d, "charge", item, charge))
        return ERR_NONE;
    TRY(price(d, item, charge, zone, seq, &priced, &count));
    for (size_t i = 0; i < count; i++) {
        const struct fee_row *fee = &priced[i].fee;
        const struct fee_row *true_up = &priced[i].true_up;
        /* Where no fee tells up to which commit usage counted, later events are no proof of one. */
        d->visit(d->arg, &(struct fee_derived){
                             .fee = fee,
                             .must_be_there = rating_charge_counts(fee, true_up) && seq != INT_NONE,
                             .item = item,
                             .charge = charge,
                             .part = priced[i].slice->part,
                             .usage = &priced[i].slice->usage,
                         });
        if (!str_is_null(true_up->once_key))
            d->visit(d->arg, &(struct fee_derived){
                                 .fee = true_up,
                                 .must_be_there = true_up->amount_minor > 0 && seq != INT_NONE,
                                 .item = item,
                                 .charge = charge,
                                 .part = priced[i].slice->part,
                             });
    }
    return ERR_NONE;
}

static enum err derive_fixed(const struct fee_derivation *d, const struct invoice_item *item,
                             const struct zone *zone)
{
    struct fixed_fee *fees = NULL;
    size_t count = 0;
    if (!is_wanted(d, "fixed_charge", item, NULL))
        return ERR_NONE;
    TRY(rating_fixed_fees(d->ctx, d->tx, item, zone, &fees, &count));
    for (size_t i = 0; i < count; i++)
        d->visit(d->arg, &(struct fee_derived){
                             .fee = &fees[i].row,
                             .must_be_there = fees[i].must_be_invoiced,
                             .item = item,
                             .fixed = fees[i].charge,
                         });
    return ERR_NONE;
}

/* Stocks of charges in advance, as they were carried into a period. */
static enum err derive_renewal(const struct fee_derivation *d, const struct invoice_item *next,
                               const struct charge_view *charge, const struct zone *zone,
                               int64_t seq)
{
    struct advance_slices slices;
    struct advance_period period = {next, charge, zone, seq};
    TRY(advance_renewals_make(d->ctx, d->tx, &period, &slices));
    for (size_t i = 0; i < slices.count; i++)
        d->visit(d->arg, &(struct fee_derived){
                             .fee = &slices.items[i].fee,
                             .must_be_there = charge->row.is_invoiceable,
                             .item = next,
                             .charge = charge,
                             .part = slices.items[i].part,
                         });
    return ERR_NONE;
}

static enum err derive_renewals(const struct fee_derivation *d, const struct invoice_item *item,
                                const struct zone *zone)
{
    struct invoice_item next = advance_next_item(zone, item);
    for (size_t i = 0; i < next.plan.charge_count; i++) {
        const struct charge_view *charge = &next.plan.charges[i];
        if (advance_renews(charge) && charge->row.is_invoiceable &&
            is_wanted(d, "charge", item, charge))
            TRY(derive_renewal(d, &next, charge, zone, item->period.renewal_seq));
    }
    return ERR_NONE;
}

static enum err derive_item(const struct fee_derivation *d, const struct invoice_item *item,
                            const struct zone *zone)
{
    if (item->period.from_at != TIME_NONE)
        TRY(derive_plan(d, item, zone));
    TRY(derive_fixed(d, item, zone));
    if (item->period.renewal_seq != INT_NONE)
        TRY(derive_renewals(d, item, zone));
    if (item->period.charges_from_at == TIME_NONE)
        return ERR_NONE;
    for (size_t i = 0; i < item->plan.charge_count; i++) {
        if (!item->plan.charges[i].row.pay_in_advance)
            TRY(derive_charge(d, item, &item->plan.charges[i], zone));
    }
    return ERR_NONE;
}

/* ---- corrections of periods billed before ---------------------------------------------------- */

/* The period that a correction corrects, as it was billed on another invoice. */
static enum err find_corrected(const struct fee_derivation *d, const struct fee_row *fee,
                               struct invoice_item *item, bool *found)
{
    struct usage_period_list_row *periods = NULL;
    size_t count = 0;
    TRY(subscription_load(
        d->tx,
        &(struct subscription_load_in){.customer_id = fee->customer_id, .id = fee->subscription_id},
        &item->subscription, found));
    ASSERT(*found);
    TRY(usage_period_list(d->tx,
                          &(struct usage_period_list_in){.customer_id = fee->customer_id,
                                                         .subscription_id = fee->subscription_id},
                          &periods, &count));
    *found = false;
    for (size_t i = 0; i < count && !*found; i++) {
        if (periods[i].charges_from_at != fee->from_at || periods[i].charges_to_at != fee->to_at ||
            uuid_eq(periods[i].invoice_id, d->invoice->id))
            continue;
        item->period.charges_from_at = periods[i].charges_from_at;
        item->period.charges_to_at = periods[i].charges_to_at;
        TRY(plan_version_view_load(d->ctx, d->tx, periods[i].usage_version_id, &item->plan));
        *found = true;
    }
    return ERR_NONE;
}

/* What a correction corrects, of which its own key is the longer by its number; NULL: nothing. */
static const struct fee_row *find_corrected_fee(const struct priced *priced, size_t count,
                                                const struct fee_row *fee, size_t *index)
{
    for (*index = 0; *index < count; (*index)++) {
        const struct priced *one = &priced[*index];
        const struct fee_row *of = fee->is_true_up ? &one->true_up : &one->fee;
        struct str key = of->once_key;
        if (!str_is_null(key) && str_starts(fee->once_key, key) && fee->once_key.len > key.len)
            return of;
    }
    return NULL;
}

static enum err derive_correction_of(const struct fee_derivation *d, const struct fee_row *fee,
                                     const struct invoice_item *item,
                                     const struct charge_view *charge, const struct zone *zone)
{
    struct arena *arena = d->ctx->arena;
    struct priced *priced = NULL;
    size_t count = 0;
    size_t index = 0;
    struct late_billed billed;
    TRY(price(d, item, charge, zone, fee->event_seq, &priced, &count));
    const struct fee_row *of = find_corrected_fee(priced, count, fee, &index);
    if (of == NULL)
        return ERR_NONE;
    struct fee_row derived = *of;
    TRY(late_fee_billed(d->ctx, d->tx, fee->customer_id, derived.once_key, (struct uuid){0},
                        late_fee_revision(fee->once_key, derived.once_key) - 1, &billed));
    TRY(late_fee_correct(arena, &billed, &derived));
    d->visit(d->arg, &(struct fee_derived){
                         .fee = &derived,
                         .must_be_there = true,
                         .item = item,
                         .charge = charge,
                         .part = priced[index].slice->part,
                         .usage = fee->is_true_up ? NULL : &priced[index].slice->usage,
                     });
    return ERR_NONE;
}

static enum err derive_correction(const struct fee_derivation *d, const struct fee_row *fee,
                                  const struct zone *zone)
{
    struct invoice_item item = {0};
    bool found = false;
    if (d->only != NULL && d->only->position != fee->position)
        return ERR_NONE;
    TRY(find_corrected(d, fee, &item, &found));
    for (size_t i = 0; found && i < item.plan.charge_count; i++) {
        if (uuid_eq(item.plan.charges[i].row.id, fee->charge_id))
            TRY(derive_correction_of(d, fee, &item, &item.plan.charges[i], zone));
    }
    return ERR_NONE;
}

/* ---- charges in advance ---------------------------------------------------------------------- */

static enum err derive_event(const struct fee_derivation *d, const struct fee_row *fee,
                             const struct advance_period *period)
{
    struct fee_row derived;
    bool found = false;
    struct advance_fees fees = {
        .events = &fee->usage_event_id, .count = 1, .fees = &derived, .found = &found};
    TRY(advance_fees_make(d->ctx, d->tx, period, &fees));
    if (found)
        d->visit(d->arg, &(struct fee_derived){
                             .fee = &derived,
                             .must_be_there = true,
                             .item = period->item,
                             .charge = period->charge,
                             .part = advance_part_of(period->charge, fee),
                         });
    return ERR_NONE;
}

/* Its period and its prices are the fee's own; its event, or the stock, is found again. */
static enum err derive_advance(const struct fee_derivation *d, const struct fee_row *fee,
                               const struct zone *zone)
{
    struct invoice_item item = {0};
    bool found = false;
    if (d->only != NULL && d->only->position != fee->position)
        return ERR_NONE;
    TRY(subscription_load(
        d->tx,
        &(struct subscription_load_in){.customer_id = fee->customer_id, .id = fee->subscription_id},
        &item.subscription, &found));
    ASSERT(found);
    TRY(plan_version_view_load(d->ctx, d->tx, fee->plan_version_id, &item.plan));
    item.fee_plan = item.advance_plan = item.plan;
    item.period.charges_from_at = fee->from_at;
    item.period.charges_to_at = fee->to_at;
    for (size_t i = 0; i < item.plan.charge_count; i++) {
        struct advance_period period = {
            .item = &item, .charge = &item.plan.charges[i], .zone = zone};
        if (!uuid_eq(period.charge->row.id, fee->charge_id))
            continue;
        if (uuid_is_nil(fee->usage_event_id))
            return derive_renewal(d, &item, period.charge, zone, fee->event_seq);
        TRY(advance_find_renewal(d->tx, &period));
        return derive_event(d, fee, &period);
    }
    return ERR_NONE;
}

/* One that was gathered keeps the days of its own period. */
static const struct zone *zone_of(const struct fee_row *fee, const struct zone *zone)
{
    if (!str_is_null(fee->period_timezone)) {
        enum err err = zone_find(fee->period_timezone, &zone);
        ASSERT(err == ERR_NONE); /* it was found when the fee was made */
    }
    return zone;
}

enum err fee_derive(const struct fee_derivation *d)
{
    struct invoice_build build;
    struct customer_row customer;
    const struct zone *zone = NULL;
    bool found = false;
    TRY(customer_load(d->tx, &(struct customer_load_in){.id = d->invoice->customer_id}, &customer,
                      &found));
    ASSERT(found);
    TRY(zone_find(d->invoice->timezone, &zone));
    TRY(invoice_build_load(d->ctx, d->tx, &customer, d->invoice, &build));
    for (size_t i = 0; i < build.item_count; i++)
        TRY(derive_item(d, &build.items[i], zone));
    for (size_t i = 0; i < d->fee_count; i++) {
        if (d->fees[i].is_correction && str_eq(d->fees[i].fee_type, STR("charge")))
            TRY(derive_correction(d, &d->fees[i], zone));
        if (d->fees[i].pay_in_advance && !d->without_advance)
            TRY(derive_advance(d, &d->fees[i], zone_of(&d->fees[i], zone)));
    }
    return ERR_NONE;
}
