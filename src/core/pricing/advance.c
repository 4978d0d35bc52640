#include "core/pricing/advance.h"

#include "base/assert.h"
#include "base/time.h"

bool advance_allows_metric(enum aggregation aggregation)
{
    return aggregation == AGGREGATION_COUNT || aggregation == AGGREGATION_SUM ||
           aggregation == AGGREGATION_UNIQUE;
}

bool advance_allows_model(enum charge_model model)
{
    switch (model) {
    case CHARGE_STANDARD:
    case CHARGE_GRADUATED:
    case CHARGE_GRADUATED_PERCENTAGE:
    case CHARGE_PACKAGE:
    case CHARGE_PERCENTAGE:
    case CHARGE_DYNAMIC:
    case CHARGE_TIME_OF_USE:
    case CHARGE_PRICE_TABLE:
        return true;
    case CHARGE_VOLUME:
    case CHARGE_CAPACITY:
        break;
    }
    return false;
}

/* ---- a unique count -------------------------------------------------------------------------- */

/* Events come in order of arrival, and of each value the newest by time decides. */
struct advance_item {
    int64_t occurred_at;
    struct uuid id;
    bool is_there;
};

static struct advance_item *item_of(struct advance *advance, struct str value)
{
    size_t met = advance->values.count;
    size_t number = group_set_number(&advance->values, 0, value);
    if (number == met) {
        advance->items = arena_grow(advance->arena, advance->items, met, &advance->item_capacity,
                                    sizeof *advance->items);
        advance->items[number] = (struct advance_item){.occurred_at = TIME_NONE}; /* before all */
    }
    return &advance->items[number];
}

static bool is_newer(const struct usage_event *event, const struct advance_item *item)
{
    if (event->occurred_at != item->occurred_at)
        return event->occurred_at > item->occurred_at;
    return uuid_cmp(event->id, item->id) >= 0;
}

static void add_item(struct advance *advance, const struct usage_event *event)
{
    struct advance_item *item = item_of(advance, event->value.text);
    bool is_there = !event->value.removes;
    if (!is_newer(event, item))
        return;
    advance->present += is_there - item->is_there;
    *item = (struct advance_item){event->occurred_at, event->id, is_there};
}

/* ---- the running quantity -------------------------------------------------------------------- */

struct advance_cell {
    struct decimal quantity, paid;
};

static struct advance_cell *new_cells(struct arena *arena, size_t count)
{
    struct advance_cell *cells = ARENA_ARRAY(arena, count, struct advance_cell);
    for (size_t i = 0; i < count; i++)
        cells[i] = (struct advance_cell){DECIMAL_ZERO, DECIMAL_ZERO};
    return cells;
}

void advance_init(struct advance *advance, struct arena *arena, const struct charge *charge,
                  const struct usage_rule *usage)
{
    ASSERT(advance_allows_metric(usage->aggregation) && advance_allows_model(charge->model));
    size_t cell_count = charge_cell_count(charge);
    *advance = (struct advance){
        .arena = arena,
        .usage = *usage,
        .prices_events =
            charge->model == CHARGE_PERCENTAGE || charge->model == CHARGE_DYNAMIC || cell_count > 0,
        .cells = cell_count > 0 ? new_cells(arena, cell_count) : NULL,
        .sum = DECIMAL_ZERO,
        .quantity = DECIMAL_ZERO,
        .paid = DECIMAL_ZERO,
        .cents = DECIMAL_ZERO,
    };
    if (usage->aggregation == AGGREGATION_UNIQUE)
        group_set_init(&advance->values, arena);
}

/* What it adds to a count or a sum. */
static struct decimal value_of(const struct advance *advance, const struct usage_event *event)
{
    return advance->usage.aggregation == AGGREGATION_COUNT ? DECIMAL_ONE : event->value.number;
}

static enum err take(struct advance *advance, const struct usage_event *event)
{
    struct decimal added = value_of(advance, event);
    if (!decimal_is_none(added))
        TRY(decimal_add(advance->sum, added, &advance->sum));
    struct decimal quantity = advance->sum;
    if (advance->usage.aggregation == AGGREGATION_UNIQUE) {
        if (!str_is_null(event->value.text))
            add_item(advance, event);
        quantity = decimal_of(advance->present);
    }
    const struct usage_rounding *rounding = &advance->usage.rounding;
    if (rounding->is_on && !advance->prices_events)
        TRY(decimal_round(quantity, rounding->decimals, rounding->rounding, &quantity));
    advance->quantity = quantity;
    return ERR_NONE;
}

enum err advance_carry(struct advance *advance, const struct usage_event *event)
{
    ASSERT(advance->usage.is_recurring && advance->event_count == 0 && advance->cells == NULL);
    TRY(take(advance, event));
    advance->paid = decimal_max(advance->quantity, DECIMAL_ZERO);
    advance->has_paid = decimal_sign(advance->paid) > 0;
    return ERR_NONE;
}

/* The step of the event's cell alone. */
static enum err add_to_cell(struct advance *advance, const struct usage_event *event,
                            struct advance_step *step)
{
    struct advance_cell *cell = &advance->cells[step->cell];
    struct decimal added = value_of(advance, event);
    step->before = cell->paid;
    if (!decimal_is_none(added))
        TRY(decimal_add(cell->quantity, added, &cell->quantity));
    cell->paid = step->paid = decimal_max(cell->paid, cell->quantity);
    TRY(decimal_sub(step->paid, step->before, &step->units));
    return decimal_add(advance->paid, step->units, &advance->paid);
}

enum err advance_add(struct advance *advance, const struct usage_event *event, size_t cell,
                     struct advance_step *step)
{
    *step = (struct advance_step){
        .events_before = advance->event_count,
        .cell = cell,
        .before = advance->paid,
        .has_paid = advance->has_paid,
        .cents = event->cents,
    };
    TRY(take(advance, event));
    if (!decimal_is_none(event->cents))
        TRY(decimal_add(advance->cents, event->cents, &advance->cents));
    advance->event_count++;
    advance->has_paid = true;
    if (advance->cells != NULL) {
        TRY(add_to_cell(advance, event, step));
    } else {
        step->paid = advance->paid = decimal_max(advance->paid, advance->quantity);
        TRY(decimal_sub(step->paid, step->before, &step->units));
    }
    step->total = advance->paid;
    return ERR_NONE;
}

/* ---- what is to come ------------------------------------------------------------------------- */

struct coming {
    struct advance *advance;
    struct projection projection;
    enum err (*visit)(void *arg, const struct advance_step *step);
    void *arg;
};

static enum err come(const struct coming *c, struct decimal units, size_t cell,
                     struct decimal cents)
{
    struct usage_event event = {.value = {.number = units}, .cents = cents};
    struct advance_step step;
    TRY(advance_add(c->advance, &event, cell, &step));
    return c->visit(c->arg, &step);
}

static enum err left_to_come(const struct coming *c, struct decimal now, struct decimal *left)
{
    TRY(projection_units(c->projection, now, left));
    return decimal_sub(*left, now, left);
}

/* The last one has what is left at 15 decimals. */
static enum err come_evenly(const struct coming *c, int64_t count, struct decimal units)
{
    struct decimal each;
    if (count > PROJECTION_EVENTS_MAX)
        return ERR_OVERFLOW;
    TRY(decimal_div(units, decimal_of(count), USAGE_DECIMALS, ROUND_HALF_UP, &each));
    for (int64_t i = 0; i + 1 < count; i++) {
        TRY(come(c, each, 0, DECIMAL_NONE));
        TRY(decimal_sub(units, each, &units));
    }
    return come(c, units, 0, DECIMAL_NONE);
}

static enum err come_to_cells(const struct coming *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct decimal units;
        TRY(left_to_come(c, c->advance->cells[i].quantity, &units));
        TRY(come(c, units, i, DECIMAL_NONE));
    }
    return ERR_NONE;
}

enum err advance_project(struct advance *advance, const struct charge *charge,
                         struct projection projection,
                         enum err (*visit)(void *arg, const struct advance_step *step), void *arg)
{
    struct coming c = {advance, projection, visit, arg};
    int64_t before = advance->event_count;
    int64_t count = before;
    struct decimal units;
    struct decimal cents;
    if (!usage_goes_on(&advance->usage) || before == 0 ||
        projection.elapsed_days == projection.period_days)
        return ERR_NONE;
    advance->usage.aggregation = AGGREGATION_SUM; /* of a count, too: one event may have many */
    TRY(projection_events(projection, &count));
    TRY(left_to_come(&c, advance->sum, &units));
    TRY(left_to_come(&c, advance->cents, &cents));
    if (advance->cells != NULL)
        TRY(come_to_cells(&c, charge_cell_count(charge)));
    else if (charge->model == CHARGE_PERCENTAGE)
        TRY(come_evenly(&c, count - before, units));
    else
        TRY(come(&c, units, 0, cents));
    advance->event_count = count;
    return ERR_NONE;
}

enum err advance_share_of(struct decimal units, const struct advance_share *share,
                          struct decimal *part)
{
    return decimal_mul_div(units, decimal_of(share->days), decimal_of(share->days_of_period),
                           ADVANCE_SHARE_DECIMALS, ROUND_UP, part);
}

/* ---- prices ---------------------------------------------------------------------------------- */

static const struct price_form paid_before = {
    "less {units_before} units that are billed", {"units_before", "billed"}, "0 - billed"};
static const struct price_form same_as_before = {
    "{units_before} units are billed already", {"units_before"}, "0"};

static enum err price_difference(struct arena *arena, const struct charge *charge,
                                 const struct advance_step *step, struct price *price)
{
    struct charge_use use = {.units = step->paid};
    struct price before;
    if (step->has_paid && decimal_is_zero(step->units))
        return price_add_step(arena, price,
                              &(struct price_step){.form = &same_as_before,
                                                   .inputs = {step->before},
                                                   .result = DECIMAL_ZERO});
    TRY(charge_price(arena, charge, &use, price));
    if (!step->has_paid)
        return ERR_NONE;
    use.units = step->before;
    TRY(charge_price(arena, charge, &use, &before));
    return price_add_step(arena, price,
                          &(struct price_step){.form = &paid_before,
                                               .inputs = {step->before, before.amount},
                                               .result = decimal_neg(before.amount)});
}

/* Only a standard price is prorated: each unit costs the same. */
static enum err price_share(struct arena *arena, const struct charge *charge,
                            const struct advance_step *step, const struct advance_share *share,
                            struct price *price)
{
    struct decimal units;
    ASSERT(charge->model == CHARGE_STANDARD);
    TRY(advance_share_of(step->units, share, &units));
    return price_standard(arena, charge, units, price);
}

static enum err price_own(struct arena *arena, const struct advance_step *step, int digits,
                          struct price *price)
{
    struct charge_use use = {.event_count = 1, .own_amount = DECIMAL_ZERO};
    if (!decimal_is_none(step->cents))
        TRY(decimal_scale(step->cents, -digits, &use.own_amount));
    return price_dynamic(arena, &use, price);
}

enum err advance_price(struct arena *arena, const struct charge *charge,
                       const struct advance_step *step, const struct advance_share *share,
                       int digits, struct price *price, struct advance_details *details)
{
    *price = (struct price){.amount = DECIMAL_ZERO};
    if (share->is_on)
        TRY(price_share(arena, charge, step, share, price));
    else if (charge->model == CHARGE_PERCENTAGE)
        TRY(price_percentage_event(arena, charge, step, price, details));
    else if (charge->model == CHARGE_DYNAMIC)
        TRY(price_own(arena, step, digits, price));
    else if (charge_cell_count(charge) > 0)
        TRY(price_cell(arena, charge, step->cell, step->units, price));
    else
        TRY(price_difference(arena, charge, step, price));
    return price_not_below_zero(arena, price);
}

void advance_take_free_away(struct charge *charge)
{
    charge->free_events = 0;
    if (charge->model == CHARGE_PERCENTAGE)
        charge->free_units = DECIMAL_NONE;
}

enum err advance_renewal(struct arena *arena, const struct charge *charge, struct decimal units,
                         struct price *price)
{
    struct charge plain = *charge;
    struct charge_use use = {.units = units, .own_amount = DECIMAL_ZERO};
    /* There is no event: nothing of what is each event's own. */
    advance_take_free_away(&plain);
    plain.min_amount = plain.max_amount = DECIMAL_NONE;
    return charge_price(arena, &plain, &use, price);
}
