#include "app/advance_fee.h"

#include "app/advance_limit.h"
#include "app/advance_read.h"
#include "app/billing_period.h"
#include "app/fee_explanation.h"
#include "app/rating.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "core/currency.h"
#include "core/proration.h"
#include "store/sql/advance.h"

#include <stdlib.h>

#define STEPS_BYTES_MAX   ((size_t)1 << 20)
#define DETAILS_BYTES_MAX ((size_t)2048)

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

static struct period whole_period(const struct zone *zone, const struct invoice_item *item,
                                  int64_t at)
{
    struct billing_terms terms = {
        .subscription = &item->subscription, .plan = &item->plan.version, .zone = zone};
    return billing_usage_period(&terms, zone_day(zone, at));
}

void advance_period_at(const struct zone *zone, int64_t at, struct invoice_item *item)
{
    struct period whole = whole_period(zone, item, at);
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

/* The days that an event pays for. */
static struct advance_share share_of(const struct advance_period *p, int64_t occurred_at)
{
    const struct invoice_item *item = p->item;
    int64_t from_at = item->period.charges_from_at;
    struct advance_share share = {.is_on = p->charge->row.prorated};
    if (!share.is_on)
        return share;
    struct period period =
        whole_period(p->zone, item, from_at + (item->period.charges_to_at - from_at) / 2);
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

static struct fee_row begin_fee(const struct advance_reading *r, size_t slice)
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

static const struct currency *currency_of(const struct advance_period *p)
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

static enum err make_fee(struct arena *arena, const struct advance_reading *r,
                         const struct advance_arrived *arrived, const struct advance_step *step,
                         struct fee_row *fee)
{
    const struct advance_period *p = r->period;
    const struct charge *model = &r->models[advance_slice_part(r, arrived->slice)];
    struct price price;
    struct advance_details details;
    struct advance_share share = share_of(p, arrived->event.occurred_at);
    TRY(advance_price(arena, model, step, &share, currency_of(p)->digits, &price, &details));
    *fee = begin_fee(r, arrived->slice);
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
    return rating_set_price(currency_of(p), price.amount, fee);
}

/* ---- slices ---------------------------------------------------------------------------------- */

/* Slices in order of their parts and groups. */
struct ordered {
    size_t number; /* the splitter's */
    size_t part;
    struct str group;
};

static int compare_ordered(const void *a, const void *b)
{
    const struct ordered *x = a;
    const struct ordered *y = b;
    if (x->part != y->part)
        return x->part < y->part ? -1 : 1;
    /* Null only where the part is one slice. */
    return str_is_null(x->group) ? 0 : str_cmp(x->group, y->group);
}

static const struct ordered *order_slices(struct arena *arena, const struct advance_reading *r,
                                          size_t count)
{
    struct ordered *ordered = ARENA_ARRAY(arena, count, struct ordered);
    for (size_t i = 0; i < count; i++)
        ordered[i] = (struct ordered){i, advance_slice_part(r, i), advance_slice_group(r, i)};
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
    *fee = begin_fee(r, slice);
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
    return rating_set_price(currency_of(p), price.amount, fee);
}

/* Of each slice that has any, lowered to the charge's maximum. */
static enum err make_renewals(struct arena *arena, const struct advance_reading *r,
                              const struct advance_running *running, const struct ordered *ordered,
                              struct advance_limit *limit, struct advance_slices *slices)
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
    return make_renewals(ctx->arena, &r, &running, order_slices(ctx->arena, &r, running.count),
                         &limit, slices);
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
    return make_renewals(arena, r, running, order_slices(arena, r, running->count), limit,
                         &renewals);
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
    TRY(make_fee(arena, r, arrived, step, &fee));
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
        TRY(make_fee(ctx->arena, &r, arrived, &step, &fees->fees[hit->index]));
        TRY(advance_limit_apply(ctx->arena, &limit, &fees->fees[hit->index]));
        fees->found[hit->index] = true;
    }
    return ERR_NONE;
}

/* ---- what the period costs so far ------------------------------------------------------------ */

/* What an event cost, or will. */
static enum err add_step(struct arena *arena, const struct advance_reading *r,
                         struct advance_limit *limit, const struct advance_arrived *arrived,
                         const struct advance_step *step, struct decimal *amount)
{
    const struct currency *currency = currency_of(r->period);
    struct advance_share share = share_of(r->period, arrived->event.occurred_at);
    struct price price;
    struct advance_details details;
    int64_t minor = 0;
    if (advance_limit_billed(limit, arrived->event.id, &minor)) {
        TRY(advance_limit_add(limit, minor));
        return decimal_add(*amount, money_major((struct money){minor, currency}), amount);
    }
    if (limit->is_on) {
        struct fee_row fee;
        TRY(make_fee(arena, r, arrived, step, &fee));
        TRY(advance_limit_apply(arena, limit, &fee));
        return decimal_add(*amount, fee.precise_amount, amount);
    }
    TRY(advance_price(arena, &r->models[advance_slice_part(r, arrived->slice)], step, &share,
                      currency->digits, &price, &details));
    return decimal_add(*amount, price.amount, amount);
}

/* The events of the period. */
static enum err add_steps(const struct advance_reading *r, struct advance_running *running,
                          struct advance_limit *limit, struct decimal *amounts)
{
    struct arena scratch; /* of one price */
    enum err err = ERR_NONE;
    arena_init(&scratch);
    while (running->next < r->count && err == ERR_NONE) {
        const struct advance_arrived *arrived = &r->events[running->next];
        struct advance_step step;
        err = advance_next(r, running, &step);
        if (err == ERR_NONE)
            err = add_step(&scratch, r, limit, arrived, &step, &amounts[arrived->slice]);
        arena_reset(&scratch);
    }
    arena_clear(&scratch);
    return err;
}

static enum err end_usage(struct arena *arena, const struct advance_reading *r, size_t slice,
                          const struct advance *advance, struct decimal amount, struct fee_row *fee)
{
    struct fee_steps steps;
    *fee = begin_fee(r, slice);
    fee->pay_in_advance = true;
    fee->units = decimal_max(advance->quantity, DECIMAL_ZERO);
    fee->event_count = advance->event_count;
    fee_steps_begin(&steps, arena, STEPS_BYTES_MAX);
    fee_step_begin(
        &steps,
        arena_fmt(arena, "%lld events, each at its own price", (long long)advance->event_count),
        "amount");
    fee_step_input(&steps, "events", decimal_of(advance->event_count));
    fee_step_input(&steps, "amount", amount);
    fee_step_end(&steps, NULL, amount);
    fee->explanation = fee_steps_end(&steps);
    return rating_set_price(currency_of(r->period), amount, fee);
}

static bool is_idle(const struct advance *advance, struct decimal amount)
{
    return advance->event_count == 0 && decimal_is_zero(advance->quantity) &&
           decimal_is_zero(amount);
}

/* Which slices are shown: of a part whose groups are all idle that of nulls, its first one. */
static bool *find_shown(struct arena *arena, const struct advance_reading *r,
                        const struct advance_running *running, const struct decimal *amounts)
{
    size_t part_count = charge_part_count(r->period->charge);
    bool *is_shown = ARENA_ARRAY(arena, running->count, bool);
    bool *is_used = ARENA_ARRAY(arena, part_count, bool);
    for (size_t i = 0; i < running->count; i++) {
        is_shown[i] = !is_idle(&running->slices[i], amounts[i]);
        is_used[advance_slice_part(r, i)] |= is_shown[i];
    }
    for (size_t part = 0; part < part_count; part++)
        is_shown[part] |= !is_used[part];
    return is_shown;
}

/* The stock that was carried in: amounts by the slices' numbers.  The limit has what was billed of
 * it, or else what it will be. */
static enum err add_renewals(struct tx *tx, struct arena *arena, const struct advance_reading *r,
                             const struct advance_running *running, const struct ordered *ordered,
                             struct advance_limit *limit, struct decimal *amounts)
{
    struct advance_slices renewals;
    struct advance_limit of_renewals;
    size_t next = 0;
    advance_limit_init(limit, r->period);
    of_renewals = *limit;
    TRY(make_renewals(arena, r, running, ordered, &of_renewals, &renewals));
    for (size_t i = 0; i < running->count; i++) {
        size_t number = ordered[i].number;
        amounts[number] = DECIMAL_ZERO;
        if (running->slices[number].has_paid)
            amounts[number] = renewals.items[next++].fee.precise_amount;
    }
    if (!limit->is_on)
        return ERR_NONE;
    TRY(advance_limit_load(tx, arena, limit));
    if (!limit->is_renewed)
        limit->limits = of_renewals.limits;
    return ERR_NONE;
}

enum err advance_usage_make(struct ctx *ctx, struct tx *tx, const struct advance_period *period,
                            struct advance_slices *slices)
{
    struct advance_reading r;
    struct advance_running running;
    struct advance_limit limit;
    TRY(advance_read(ctx, tx, period, NULL, false, &r));
    TRY(advance_begin(ctx->arena, &r, &running));
    const struct ordered *ordered = order_slices(ctx->arena, &r, running.count);
    struct decimal *amounts = ARENA_ARRAY(ctx->arena, running.count, struct decimal);
    TRY(add_renewals(tx, ctx->arena, &r, &running, ordered, &limit, amounts));
    TRY(add_steps(&r, &running, &limit, amounts));
    const struct str *shares = advance_shares_texts(ctx->arena, &r, &running);
    const bool *is_shown = find_shown(ctx->arena, &r, &running, amounts);
    *slices =
        (struct advance_slices){ARENA_ARRAY(ctx->arena, running.count, struct advance_slice), 0};
    for (size_t i = 0; i < running.count; i++) {
        size_t number = ordered[i].number;
        struct advance_slice *slice = &slices->items[slices->count];
        if (!is_shown[number])
            continue;
        slice->part = ordered[i].part;
        TRY(end_usage(ctx->arena, &r, number, &running.slices[number], amounts[number],
                      &slice->fee));
        slice->fee.presentation_breakdowns = shares[number];
        slices->count++;
    }
    return ERR_NONE;
}
