#include "core/pricing/charge.h"

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
    if (charge_cell_count(charge) > 0)
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

/* One event that is not free, with `units` of it charged. */
static enum err add_paying(const struct charge *charge, struct decimal units, struct tally *tally)
{
    struct decimal own = DECIMAL_ZERO;
    tally->paying++;
    TRY(decimal_add(tally->charged, units, &tally->charged));
    TRY(rate_part(charge, units, &own));
    TRY(decimal_add(own, charge->fixed_amount, &own));
    if (!decimal_is_none(charge->min_amount) && decimal_cmp(own, charge->min_amount) < 0) {
        tally->raised++;
        return decimal_add(tally->raised_price, own, &tally->raised_price);
    }
    if (!decimal_is_none(charge->max_amount) && decimal_cmp(own, charge->max_amount) > 0) {
        tally->lowered++;
        return decimal_add(tally->lowered_price, own, &tally->lowered_price);
    }
    return ERR_NONE;
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

static enum err tally_events(const struct charge *charge, const struct charge_use *use,
                             struct tally *tally)
{
    struct decimal before = DECIMAL_ZERO;
    for (size_t i = 0; i < use->value_count; i++) {
        struct decimal value = use->values[i];
        struct decimal after;
        struct decimal units;
        bool in_count = charge->free_events == 0 || (int64_t)i < charge->free_events;
        bool has_free = charge->free_events > 0 || !decimal_is_none(charge->free_units);
        TRY(decimal_add(before, value, &after));
        bool in_units =
            decimal_is_none(charge->free_units) || decimal_cmp(after, charge->free_units) < 0;
        if (!has_free || !in_count || !in_units) {
            struct decimal unpaid = in_count ? free_part(charge, value, before) : DECIMAL_ZERO;
            TRY(decimal_sub(value, unpaid, &units));
            TRY(add_paying(charge, units, tally));
        }
        before = after;
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

enum err price_percentage(struct arena *arena, const struct charge *charge,
                          const struct charge_use *use, struct price *price)
{
    struct tally tally = {
        .charged = DECIMAL_ZERO, .raised_price = DECIMAL_ZERO, .lowered_price = DECIMAL_ZERO};
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
    TRY(add_limit_step(arena, &raised_form, tally.raised, tally.raised_price, charge->min_amount,
                       price));
    return add_limit_step(arena, &lowered_form, tally.lowered, tally.lowered_price,
                          charge->max_amount, price);
}
