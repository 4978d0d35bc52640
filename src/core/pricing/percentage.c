#include "core/pricing/advance.h"

#include "base/assert.h"

/* What the events come to, before any price. */
struct tally {
    struct decimal charged;       /* units behind the free ones */
    int64_t paying;               /* events that are not free */
    int64_t raised, lowered;      /* to the minimum, to the maximum */
    struct decimal raised_price;  /* what the raised ones would have cost */
    struct decimal lowered_price; /* what the lowered ones would have cost */
};

bool charge_needs_events(const struct charge *charge)
{
    if (charge->prorated || charge_cell_count(charge) > 0)
        return true;
    return charge->model == CHARGE_PERCENTAGE &&
           (charge->free_events > 0 || !decimal_is_none(charge->free_units) ||
            !decimal_is_none(charge->min_amount) || !decimal_is_none(charge->max_amount));
}

static enum err rate_part(const struct charge *charge, struct decimal units, struct decimal *part)
{
    TRY(decimal_mul(units, charge->rate, part));
    return decimal_scale(*part, -2, part);
}

/* The part of an event's value that is free, when the events before it came to `before`. */
static struct decimal free_part(const struct charge *charge, struct decimal value,
                                struct decimal before)
{
    struct decimal left;
    if (decimal_is_none(charge->free_units) ||
        decimal_sub(charge->free_units, before, &left) != ERR_NONE)
        return DECIMAL_ZERO;
    return decimal_max(decimal_min(value, left), DECIMAL_ZERO);
}

/* One event: what of it is charged, and what that costs before a minimum or maximum. */
struct one_event {
    bool is_free;
    struct decimal after; /* what the events come to with it */
    struct decimal units;
    struct decimal own; /* rate and fixed amount */
};

/*   index   how many events were before it
 *   before  what they came to */
static enum err look_at(const struct charge *charge, int64_t index, struct decimal before,
                        struct decimal value, struct one_event *one)
{
    bool in_count = charge->free_events == 0 || index < charge->free_events;
    bool has_free = charge->free_events > 0 || !decimal_is_none(charge->free_units);
    *one = (struct one_event){.units = DECIMAL_ZERO, .own = DECIMAL_ZERO};
    TRY(decimal_add(before, value, &one->after));
    bool in_units =
        decimal_is_none(charge->free_units) || decimal_cmp(one->after, charge->free_units) < 0;
    one->is_free = has_free && in_count && in_units;
    if (one->is_free)
        return ERR_NONE;
    struct decimal unpaid = in_count ? free_part(charge, value, before) : DECIMAL_ZERO;
    TRY(decimal_sub(value, unpaid, &one->units));
    TRY(rate_part(charge, one->units, &one->own));
    return decimal_add(one->own, charge->fixed_amount, &one->own);
}

static enum err add_paying(const struct charge *charge, const struct one_event *one,
                           struct tally *tally)
{
    tally->paying++;
    TRY(decimal_add(tally->charged, one->units, &tally->charged));
    if (!decimal_is_none(charge->min_amount) && decimal_cmp(one->own, charge->min_amount) < 0) {
        tally->raised++;
        return decimal_add(tally->raised_price, one->own, &tally->raised_price);
    }
    if (!decimal_is_none(charge->max_amount) && decimal_cmp(one->own, charge->max_amount) > 0) {
        tally->lowered++;
        return decimal_add(tally->lowered_price, one->own, &tally->lowered_price);
    }
    return ERR_NONE;
}

static enum err tally_events(const struct charge *charge, const struct charge_use *use,
                             struct tally *tally)
{
    struct decimal before = DECIMAL_ZERO;
    for (size_t i = 0; i < use->value_count; i++) {
        struct one_event one;
        TRY(look_at(charge, (int64_t)i, before, use->values[i], &one));
        if (!one.is_free)
            TRY(add_paying(charge, &one, tally));
        before = one.after;
    }
    return ERR_NONE;
}

/* ---- the steps ------------------------------------------------------------------------------- */

static const struct price_form rate_form = {"{units} units less {free_units} free at {rate}%",
                                            {"units", "free_units", "rate"},
                                            "(units - free_units) * rate / 100"};
static const struct price_form fixed_form = {
    "{events} events less {free_events} free at {fixed_amount} each",
    {"events", "free_events", "fixed_amount"},
    "(events - free_events) * fixed_amount"};
static const struct price_form raised_form = {
    "{events} events raised to the minimum of {amount_each} each instead of {instead_of} together",
    {"events", "amount_each", "instead_of"},
    "events * amount_each - instead_of"};
static const struct price_form lowered_form = {
    "{events} events lowered to the maximum of {amount_each} each instead of {instead_of} together",
    {"events", "amount_each", "instead_of"},
    "events * amount_each - instead_of"};

static enum err add_rate_step(struct arena *arena, const struct charge *charge,
                              const struct charge_use *use, const struct tally *tally,
                              struct price *price)
{
    struct price_step step = {.form = &rate_form};
    struct decimal unpaid;
    TRY(rate_part(charge, tally->charged, &step.result));
    TRY(decimal_sub(use->units, tally->charged, &unpaid));
    step.inputs[0] = use->units;
    step.inputs[1] = unpaid;
    step.inputs[2] = charge->rate;
    return price_add_step(arena, price, &step);
}

static enum err add_fixed_step(struct arena *arena, const struct charge *charge,
                               const struct charge_use *use, const struct tally *tally,
                               struct price *price)
{
    struct price_step step = {.form = &fixed_form,
                              .inputs = {decimal_of(use->event_count),
                                         decimal_of(use->event_count - tally->paying),
                                         charge->fixed_amount}};
    TRY(decimal_mul(decimal_of(tally->paying), charge->fixed_amount, &step.result));
    return price_add_step(arena, price, &step);
}

/* Events whose own price is replaced by a limit: what that changes. */
static enum err add_limit_step(struct arena *arena, const struct price_form *form, int64_t events,
                               struct decimal own_price, struct decimal limit, struct price *price)
{
    struct price_step step = {.form = form, .inputs = {decimal_of(events), limit, own_price}};
    if (events == 0)
        return ERR_NONE;
    TRY(decimal_mul(decimal_of(events), limit, &step.result));
    TRY(decimal_sub(step.result, own_price, &step.result));
    return price_add_step(arena, price, &step);
}

static struct tally no_events(void)
{
    return (struct tally){
        .charged = DECIMAL_ZERO, .raised_price = DECIMAL_ZERO, .lowered_price = DECIMAL_ZERO};
}

static enum err add_limit_steps(struct arena *arena, const struct charge *charge,
                                const struct tally *tally, struct price *price)
{
    TRY(add_limit_step(arena, &raised_form, tally->raised, tally->raised_price, charge->min_amount,
                       price));
    return add_limit_step(arena, &lowered_form, tally->lowered, tally->lowered_price,
                          charge->max_amount, price);
}

enum err price_percentage(struct arena *arena, const struct charge *charge,
                          const struct charge_use *use, struct price *price)
{
    struct tally tally = no_events();
    if (charge_needs_events(charge)) {
        ASSERT((int64_t)use->value_count == use->event_count);
        TRY(tally_events(charge, use, &tally));
    } else {
        tally.charged = use->units;
        tally.paying = use->event_count;
    }
    TRY(add_rate_step(arena, charge, use, &tally, price));
    if (!decimal_is_zero(charge->fixed_amount))
        TRY(add_fixed_step(arena, charge, use, &tally, price));
    return add_limit_steps(arena, charge, &tally, price);
}

/* ---- one event in advance -------------------------------------------------------------------- */

/* How it came about, once the steps stand. */
static enum err tell(const struct charge *charge, const struct advance_step *step,
                     const struct tally *tally, const struct price *price,
                     struct advance_details *details)
{
    bool is_free = tally->paying == 0;
    struct decimal adjusted;
    *details = (struct advance_details){
        .rate = charge->rate,
        .units = step->units,
        .is_free = is_free,
        .fixed_amount = is_free ? DECIMAL_ZERO : charge->fixed_amount,
    };
    TRY(decimal_sub(step->units, tally->charged, &details->free_units));
    TRY(rate_part(charge, tally->charged, &details->rate_amount));
    TRY(decimal_sub(price->amount, details->rate_amount, &adjusted));
    return decimal_sub(adjusted, details->fixed_amount, &details->adjustment);
}

enum err price_percentage_event(struct arena *arena, const struct charge *charge,
                                const struct advance_step *step, struct price *price,
                                struct advance_details *details)
{
    struct charge_use use = {.units = step->units, .event_count = 1};
    struct tally tally = no_events();
    struct one_event one;
    TRY(look_at(charge, step->events_before, step->before, step->units, &one));
    /* What adds nothing costs nothing. */
    if (!one.is_free && !decimal_is_zero(step->units))
        TRY(add_paying(charge, &one, &tally));
    TRY(add_rate_step(arena, charge, &use, &tally, price));
    if (!decimal_is_zero(charge->fixed_amount))
        TRY(add_fixed_step(arena, charge, &use, &tally, price));
    TRY(add_limit_steps(arena, charge, &tally, price));
    return tell(charge, step, &tally, price, details);
}
