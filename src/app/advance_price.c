#include "app/advance_price.h"

#include "app/billing_period.h"
#include "app/fee_explanation.h"
#include "app/rating.h"
#include "base/assert.h"
#include "core/currency.h"
#include "core/proration.h"

#include <stdlib.h>

#define STEPS_BYTES_MAX   ((size_t)1 << 20)
#define DETAILS_BYTES_MAX ((size_t)2048)

struct period advance_whole_period(const struct zone *zone, const struct invoice_item *item,
                                   int64_t at)
{
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    return billing_usage_period(&terms, zone_day(zone, at));
}

struct advance_share advance_share_at(const struct advance_period *p, int64_t occurred_at)
{
    const struct invoice_item *item = p->item;
    int64_t from_at = item->period.charges_from_at;
    struct advance_share share = {.is_on = p->charge->row.prorated};
    if (!share.is_on)
        return share;
    struct period period =
        advance_whole_period(p->zone, item, from_at + (item->period.charges_to_at - from_at) / 2);
    int32_t day = zone_day(p->zone, occurred_at < from_at ? from_at : occurred_at);
    if (day < period.start_day)
        day = period.start_day;
    proration_days(proration_of(item->plan.version.proration), period,
                   (struct period){day, period.end_day}, &share.days, &share.days_of_period);
    return share;
}

/* ---- the fee of an event --------------------------------------------------------------------- */

static struct str key_of(struct arena *arena, const struct advance_reading *r, size_t slice,
                         const char *kind)
{
    const struct advance_period *p = r->period;
    return rating_charge_key(arena, kind, p->item, p->charge,
                             charge_part_filter(p->charge, advance_slice_part(r, slice)),
                             advance_slice_group(r, slice));
}

struct fee_row advance_fee_begin(const struct advance_reading *r, size_t slice)
{
    const struct advance_period *p = r->period;
    const struct charge_view *charge = p->charge;
    const struct charge_filter_row *filter =
        charge_part_filter(charge, advance_slice_part(r, slice));
    struct fee_row fee = rating_fee_begin(p->item, STR("charge"), p->item->period.charges_from_at,
                                          p->item->period.charges_to_at);
    fee.charge_id = charge->row.id;
    fee.charge_filter_id = filter == NULL ? UUID_NIL : filter->id;
    fee.grouped_by = advance_slice_group(r, slice);
    fee.metric_id = charge->metric.id;
    fee.item_code = charge->metric.code;
    fee.item_name = charge->metric.name;
    return fee;
}

const struct currency *advance_currency(const struct advance_period *p)
{
    return currency_find(p->item->plan.version.currency);
}

static void add_price_steps(struct fee_steps *steps, struct arena *arena, const struct price *price)
{
    for (size_t i = 0; i < price->step_count; i++)
        fee_step_add(steps, price_step_text(arena, &price->steps[i]),
                     price_step_inputs(arena, &price->steps[i]), NULL, price->steps[i].result);
}

/* What is priced: all units so far, what the event adds, or its share of the days. */
static struct str explain(struct arena *arena, const struct charge *model,
                          const struct advance_step *step, const struct advance_share *share,
                          const struct price *price)
{
    struct fee_steps steps;
    bool by_itself = share->is_on || model->model == CHARGE_PERCENTAGE ||
                     model->model == CHARGE_DYNAMIC || charge_cell_count(model) > 0;
    fee_steps_begin(&steps, arena, STEPS_BYTES_MAX);
    fee_step_begin(&steps,
                   arena_fmt(arena, "%.*s units before the event, %.*s with it",
                             STR_ARG(decimal_text(arena, step->before)),
                             STR_ARG(decimal_text(arena, step->paid))),
                   by_itself ? "units_with_it - units_before" : "units_with_it");
    fee_step_input(&steps, "units_before", step->before);
    fee_step_input(&steps, "units_with_it", step->paid);
    fee_step_end(&steps, "quantity", by_itself ? step->units : step->paid);
    if (share->is_on) {
        struct decimal part;
        enum err err = advance_share_of(step->units, share, &part);
        ASSERT(err == ERR_NONE); /* it was priced */
        fee_step_begin(&steps,
                       arena_fmt(arena, "%.*s units for %d of %d days",
                                 STR_ARG(decimal_text(arena, step->units)), (int)share->days,
                                 (int)share->days_of_period),
                       "ceil(units * days / days_of_period, 5)");
        fee_step_input(&steps, "units", step->units);
        fee_step_input(&steps, "days", decimal_of(share->days));
        fee_step_input(&steps, "days_of_period", decimal_of(share->days_of_period));
        fee_step_end(&steps, "quantity", part);
    }
    add_price_steps(&steps, arena, price);
    return fee_steps_end(&steps);
}

/* As the other engine's API shows it. */
static struct str details_text(struct arena *arena, const struct advance_details *details)
{
    struct buf buf;
    struct json_writer out;
    struct decimal paid = DECIMAL_ZERO;
    enum err err = decimal_sub(details->units, details->free_units, &paid);
    ASSERT(err == ERR_NONE); /* they were parts of it */
    buf_init(&buf, arena, DETAILS_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_decimal(&out, "rate", details->rate);
    json_decimal(&out, "units", details->units);
    json_decimal(&out, "free_units", details->free_units);
    json_decimal(&out, "paid_units", paid);
    json_decimal(&out, "free_events", decimal_of(details->is_free));
    json_decimal(&out, "paid_events", decimal_of(!details->is_free));
    json_decimal(&out, "fixed_fee_unit_amount", details->fixed_amount);
    json_decimal(&out, "fixed_fee_total_amount", details->fixed_amount);
    json_decimal(&out, "per_unit_total_amount", details->rate_amount);
    json_decimal(&out, "min_max_adjustment_total_amount", details->adjustment);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

/* Its units are all of one group. */
static struct str event_share(struct arena *arena, const struct advance_reading *r,
                              const struct advance_arrived *arrived,
                              const struct advance_step *step)
{
    if (arrived->share == SHARE_NONE)
        return STR_NULL;
    return rating_shares_text(
        arena, &(struct usage_share){group_set_text(&r->shown, arrived->share), step->units}, 1);
}

enum err advance_event_fee(struct arena *arena, const struct advance_reading *r,
                           const struct advance_arrived *arrived, const struct advance_step *step,
                           struct fee_row *fee)
{
    const struct advance_period *p = r->period;
    const struct charge *model = &r->models[advance_slice_part(r, arrived->slice)];
    struct price price;
    struct advance_details details;
    struct advance_share share = advance_share_at(p, arrived->event.occurred_at);
    TRY(advance_price(arena, model, step, &share, advance_currency(p)->digits, &price, &details));
    *fee = advance_fee_begin(r, arrived->slice);
    fee->once_key =
        arena_fmt(arena, "%.*s:%.*s", STR_ARG(key_of(arena, r, arrived->slice, "advance")),
                  STR_ARG(uuid_text(arena, arrived->event.id)));
    fee->pay_in_advance = true;
    fee->usage_event_id = arrived->event.id;
    fee->event_transaction_id = arrived->transaction_id;
    fee->units = step->units;
    fee->total_units = step->total;
    fee->event_count = 1;
    fee->presentation_breakdowns = event_share(arena, r, arrived, step);
    fee->event_seq = arrived->seq;
    if (!share.is_on && model->model == CHARGE_PERCENTAGE)
        fee->amount_details = details_text(arena, &details);
    fee->explanation = explain(arena, model, step, &share, &price);
    return rating_set_price(advance_currency(p), price.amount, fee);
}

/* ---- slices ---------------------------------------------------------------------------------- */

static int compare_ordered(const void *a, const void *b)
{
    const struct advance_ordered *x = a;
    const struct advance_ordered *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    /* Null only where the part is one slice. */
    return str_is_null(x->group) ? 0 : str_cmp(x->group, y->group);
}

const struct advance_ordered *advance_order_slices(struct arena *arena,
                                                   const struct advance_reading *r, size_t count)
{
    struct advance_ordered *ordered = ARENA_ARRAY(arena, count, struct advance_ordered);
    for (size_t i = 0; i < count; i++)
        ordered[i] =
            (struct advance_ordered){i, advance_slice_part(r, i), advance_slice_group(r, i)};
    qsort(ordered, count, sizeof *ordered, compare_ordered);
    return ordered;
}

/* ---- the stock that is carried in ------------------------------------------------------------ */

static enum err make_renewal(struct arena *arena, const struct advance_reading *r,
                             const struct advance_running *running, size_t slice,
                             struct fee_row *fee)
{
    const struct advance_period *p = r->period;
    const struct charge *model = &r->models[advance_slice_part(r, slice)];
    const struct advance *advance = &running->slices[slice];
    struct price price;
    struct fee_steps steps;
    TRY(advance_renewal(arena, model, advance->paid, &price));
    *fee = advance_fee_begin(r, slice);
    fee->once_key = key_of(arena, r, slice, "renewal");
    /* On an invoice it is a fee like others. */
    fee->pay_in_advance = !p->charge->row.is_invoiceable;
    fee->units = advance->paid;
    fee->total_units = advance->paid;
    fee->event_count = running->carried[slice];
    fee->event_seq = p->renewal_seq;
    fee_steps_begin(&steps, arena, STEPS_BYTES_MAX);
    fee_step_begin(&steps,
                   arena_fmt(arena, "%.*s units at the start of the period",
                             STR_ARG(decimal_text(arena, advance->paid))),
                   "units");
    fee_step_input(&steps, "units", advance->paid);
    fee_step_end(&steps, "quantity", advance->paid);
    add_price_steps(&steps, arena, &price);
    fee->explanation = fee_steps_end(&steps);
    return rating_set_price(advance_currency(p), price.amount, fee);
}

enum err advance_renewal_fees(struct arena *arena, const struct advance_reading *r,
                              const struct advance_running *running,
                              const struct advance_ordered *ordered, struct advance_limit *limit,
                              struct advance_slices *slices)
{
    const struct str *shares = advance_shares_texts(arena, r, running);
    *slices = (struct advance_slices){ARENA_ARRAY(arena, running->count, struct advance_slice), 0};
    for (size_t i = 0; i < running->count; i++) {
        size_t number = ordered[i].number;
        struct advance_slice *slice = &slices->items[slices->count];
        if (!running->slices[number].has_paid)
            continue;
        slice->part = ordered[i].part;
        TRY(make_renewal(arena, r, running, number, &slice->fee));
        slice->fee.presentation_breakdowns = shares[number];
        TRY(advance_limit_apply(arena, limit, &slice->fee));
        slices->count++;
    }
    return ERR_NONE;
}
