#include "app/advance_usage.h"

#include "app/advance_price.h"
#include "app/fee_explanation.h"
#include "app/rating.h"
#include "base/none.h"

#define STEPS_BYTES_MAX ((size_t)4096)

/* What an event cost, or will. */
static enum err add_step(struct arena *arena, const struct advance_reading *r,
                         struct advance_limit *limit, const struct advance_arrived *arrived,
                         const struct advance_step *step, struct decimal *amount)
{
    const struct currency *currency = advance_currency(r->period);
    struct advance_share share = advance_share_at(r->period, arrived->event.occurred_at);
    struct price price;
    struct advance_details details;
    int64_t minor = 0;
    if (advance_limit_billed(limit, arrived->event.id, &minor)) {
        TRY(advance_limit_add(limit, minor));
        return decimal_add(*amount, money_major((struct money){minor, currency}), amount);
    }
    if (limit->is_on) {
        struct fee_row fee;
        TRY(advance_event_fee(arena, r, arrived, step, &fee));
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

/* ---- events to come -------------------------------------------------------------------------- */

struct projecting {
    struct arena scratch; /* of one price */
    const struct advance_reading *r;
    struct advance_limit *limit;
    size_t slice;
    struct decimal *amount; /* of the slice */
};

static enum err add_coming(void *arg, const struct advance_step *step)
{
    struct projecting *p = arg;
    struct advance_arrived arrived = {
        .event.occurred_at = p->r->period->item->period.charges_from_at,
        .slice = p->slice,
        .share = SHARE_NONE,
        .transaction_id = STR_NULL,
    };
    enum err err = add_step(&p->scratch, p->r, p->limit, &arrived, step, p->amount);
    arena_reset(&p->scratch);
    return err;
}

static enum err add_all_coming(const struct advance_reading *r, struct advance_running *running,
                               const struct advance_ordered *ordered, struct projection projection,
                               struct advance_limit *limit, struct decimal *amounts)
{
    struct projecting p = {.r = r, .limit = limit};
    enum err err = ERR_NONE;
    arena_init(&p.scratch);
    for (size_t i = 0; i < running->count && err == ERR_NONE; i++) {
        p.slice = ordered[i].number;
        p.amount = &amounts[p.slice];
        err = advance_project(&running->slices[p.slice], &r->models[ordered[i].part], projection,
                              add_coming, &p);
    }
    arena_clear(&p.scratch);
    return err;
}

/* ---- together -------------------------------------------------------------------------------- */

/* A fee for all events together; its units stand there. */
static enum err end_fee(struct arena *arena, const struct advance_reading *r,
                        const struct advance *advance, struct decimal amount, struct fee_row *fee)
{
    struct fee_steps steps;
    fee->pay_in_advance = true;
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
    return rating_set_price(advance_currency(r->period), amount, fee);
}

static enum err end_usage(struct arena *arena, const struct advance_reading *r, size_t slice,
                          const struct advance *advance, struct decimal amount, struct fee_row *fee)
{
    *fee = advance_fee_begin(r, slice);
    fee->units = decimal_max(advance->quantity, DECIMAL_ZERO);
    return end_fee(arena, r, advance, amount, fee);
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
                             const struct advance_running *running,
                             const struct advance_ordered *ordered, struct advance_limit *limit,
                             struct decimal *amounts)
{
    struct advance_slices renewals;
    struct advance_limit of_renewals;
    size_t next = 0;
    advance_limit_init(limit, r->period);
    of_renewals = *limit;
    TRY(advance_renewal_fees(arena, r, running, ordered, &of_renewals, &renewals));
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
                            const struct projection *projection, struct advance_slices *slices)
{
    struct advance_reading r;
    struct advance_running running;
    struct advance_limit limit;
    TRY(advance_read(ctx, tx, period, NULL, false, &r));
    TRY(advance_begin(ctx->arena, &r, &running));
    const struct advance_ordered *ordered = advance_order_slices(ctx->arena, &r, running.count);
    struct decimal *amounts = ARENA_ARRAY(ctx->arena, running.count, struct decimal);
    TRY(add_renewals(tx, ctx->arena, &r, &running, ordered, &limit, amounts));
    TRY(add_steps(&r, &running, &limit, amounts));
    if (projection != NULL)
        TRY(add_all_coming(&r, &running, ordered, *projection, &limit, amounts));
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

/* ---- usage that was said --------------------------------------------------------------------- */

struct saying {
    struct arena *arena;      /* of one event's fee */
    struct advance_reading r; /* without events */
    size_t part;
    struct advance advance;
    struct advance_limit *limit;
    struct fee_row fee;    /* of the newest event */
    struct decimal amount; /* of all events */
};

/* One more event. */
static enum err say(struct saying *s, struct decimal units, size_t cell, struct decimal cents)
{
    struct advance_arrived arrived = {
        .event = {.value = {.number = units},
                  .occurred_at = s->r.period->item->period.charges_from_at,
                  .cents = cents},
        .slice = s->part, /* the splitter's first numbers are those of parts */
        .share = SHARE_NONE,
        .transaction_id = STR_NULL,
    };
    const struct currency *currency = advance_currency(s->r.period);
    struct advance_step step;
    TRY(advance_add(&s->advance, &arrived.event, cell, &step));
    TRY(advance_event_fee(s->arena, &s->r, &arrived, &step, &s->fee));
    TRY(advance_limit_apply(s->arena, s->limit, &s->fee));
    return decimal_add(s->amount, money_major((struct money){s->fee.amount_minor, currency}),
                       &s->amount);
}

static enum err say_all(struct saying *s, const struct usage *usage)
{
    bool has_cells = charge_cell_count(&s->r.models[s->part]) > 0;
    struct arena *arena = s->arena;
    struct arena scratch; /* of many that are only added up */
    enum err err = ERR_NONE;
    if (usage->value_count == 0)
        return usage->total.event_count == 0 ? ERR_NONE
                                             : say(s, usage->exact, 0, usage->total.cents);
    arena_init(&scratch);
    if (usage->value_count > 1)
        s->arena = &scratch;
    for (size_t i = 0; i < usage->value_count && err == ERR_NONE; i++) {
        if (!has_cells || decimal_sign(usage->values[i]) > 0)
            err = say(s, usage->values[i], has_cells ? i : 0, DECIMAL_NONE);
        arena_reset(&scratch);
    }
    arena_clear(&scratch);
    s->arena = arena;
    return err;
}

enum err advance_usage_said(struct arena *arena, const struct advance_period *period, size_t part,
                            const struct usage *usage, struct advance_limit *limit,
                            struct fee_row *fee, bool *is_there)
{
    struct saying s = {.arena = arena, .part = part, .limit = limit, .amount = DECIMAL_ZERO};
    advance_reading_init(&s.r, arena, period);
    /* Units are said, not what they are counted from. */
    struct usage_rule rule = {.aggregation = AGGREGATION_SUM, .rounding = s.r.rule.usage.rounding};
    advance_init(&s.advance, arena, &s.r.models[part], &rule);
    TRY(say_all(&s, usage));
    *is_there = s.advance.event_count > 0;
    *fee = s.fee;
    if (usage->value_count > 1) {
        *fee = advance_fee_begin(&s.r, part);
        fee->units = s.advance.paid;
        TRY(end_fee(arena, &s.r, &s.advance, s.amount, fee));
    }
    fee->event_count = usage->total.event_count;
    fee->grouped_by = STR_NULL; /* what is said is of one group */
    fee->once_key = STR_NULL;
    fee->event_seq = INT_NONE;
    return ERR_NONE;
}
