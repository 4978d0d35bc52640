#include "core/pricing/prorated.h"

#include "base/assert.h"

#define UNIT_DECIMALS 5

/* ---- days ------------------------------------------------------------------------------------ */

/* From a day to the end of what is billed. */
static int32_t days_from(const struct prorating *p, int32_t day)
{
    int32_t days = 0;
    int32_t of = 0;
    if (day < p->billed.start_day)
        day = p->billed.start_day;
    if (day >= p->billed.end_day)
        return 0;
    proration_days(p->proration, p->period, (struct period){day, p->billed.end_day}, &days, &of);
    return days;
}

/* The part of [low, high] that is in the tier above `from`. */
static enum err inside(const struct prorating *p, size_t tier, struct decimal from,
                       struct decimal low, struct decimal high, struct decimal *part)
{
    struct decimal up_to = p->is_tiered ? p->charge->tiers[tier].up_to : DECIMAL_NONE;
    struct decimal top = decimal_is_none(up_to) ? high : decimal_min(high, up_to);
    struct decimal bottom = decimal_max(low, from);
    *part = DECIMAL_ZERO;
    return decimal_cmp(top, bottom) > 0 ? decimal_sub(top, bottom, part) : ERR_NONE;
}

/* The units between two levels count for so many days more, or fewer. */
static enum err count_days(struct prorating *p, struct decimal low, struct decimal high,
                           int32_t days)
{
    struct decimal from = DECIMAL_ZERO;
    for (size_t i = 0; i < p->tier_count; i++) {
        struct decimal part;
        struct decimal product;
        TRY(inside(p, i, from, low, high, &part));
        TRY(decimal_mul(part, decimal_of(days), &product));
        TRY(decimal_add(p->unit_days[i], product, &p->unit_days[i]));
        if (p->is_tiered)
            from = p->charge->tiers[i].up_to;
    }
    return ERR_NONE;
}

static enum err begin(struct prorating *p)
{
    if (p->has_begun)
        return ERR_NONE;
    p->has_begun = true;
    p->highest = decimal_max(p->level, DECIMAL_ZERO);
    return count_days(p, DECIMAL_ZERO, p->highest, days_from(p, p->billed.start_day));
}

/* `day` is the first one on which it holds. */
static enum err change_level(struct prorating *p, struct decimal change, int32_t day)
{
    struct decimal before = decimal_max(p->level, DECIMAL_ZERO);
    TRY(decimal_add(p->level, change, &p->level));
    if (!p->has_begun)
        return ERR_NONE;
    struct decimal after = decimal_max(p->level, DECIMAL_ZERO);
    int32_t days = days_from(p, day);
    p->highest = decimal_max(p->highest, after);
    return decimal_cmp(after, before) >= 0 ? count_days(p, before, after, days)
                                           : count_days(p, after, before, -days);
}

/* ---- a unique count -------------------------------------------------------------------------- */

struct prorated_item {
    bool is_there;
    int32_t counted_until; /* the day behind its removal */
};

static struct prorated_item *item_of(struct prorating *p, struct str value)
{
    size_t met = p->values.count;
    size_t number = group_set_number(&p->values, 0, value);
    if (number == met) {
        p->items = arena_grow(p->arena, p->items, met, &p->item_capacity, sizeof *p->items);
        p->items[number] = (struct prorated_item){.counted_until = INT32_MIN};
    }
    return &p->items[number];
}

static enum err add_item(struct prorating *p, const struct usage_event *event, int32_t day)
{
    struct prorated_item *item = item_of(p, event->value.text);
    if (item->is_there != event->value.removes)
        return ERR_NONE; /* there already, or not there */
    item->is_there = !event->value.removes;
    if (item->is_there)
        return change_level(p, DECIMAL_ONE, day > item->counted_until ? day : item->counted_until);
    item->counted_until = day + 1;
    return change_level(p, decimal_of(-1), day + 1);
}

/* ---- all ------------------------------------------------------------------------------------- */

void prorating_init(struct prorating *p, struct arena *arena, const struct charge *charge,
                    enum aggregation aggregation, enum proration proration, struct period period,
                    struct period billed)
{
    bool is_unique = aggregation == AGGREGATION_UNIQUE;
    ASSERT(is_unique || aggregation == AGGREGATION_SUM);
    *p = (struct prorating){
        .arena = arena,
        .charge = charge,
        .proration = proration,
        .period = period,
        .billed = billed,
        .is_unique = is_unique,
        .level = DECIMAL_ZERO,
        .highest = DECIMAL_ZERO,
        .is_tiered = charge->model == CHARGE_GRADUATED,
        .tier_count = charge->model == CHARGE_GRADUATED ? charge->tier_count : 1,
    };
    p->unit_days = ARENA_ARRAY(arena, p->tier_count, struct decimal);
    for (size_t i = 0; i < p->tier_count; i++)
        p->unit_days[i] = DECIMAL_ZERO;
    if (is_unique)
        group_set_init(&p->values, arena);
}

enum err prorating_add(struct prorating *p, const struct usage_event *event, int32_t day)
{
    if (p->is_unique ? str_is_null(event->value.text) : decimal_is_none(event->value.number))
        return ERR_NONE;
    if (day >= p->billed.start_day)
        TRY(begin(p));
    return p->is_unique ? add_item(p, event, day) : change_level(p, event->value.number, day);
}

enum err prorating_end(struct prorating *p, struct decimal **values, size_t *count)
{
    int32_t days = 0;
    int32_t of = 0;
    TRY(begin(p));
    proration_days(p->proration, p->period, p->period, &days, &of);
    *count = p->tier_count + 2;
    *values = ARENA_ARRAY(p->arena, *count, struct decimal);
    for (size_t i = 0; i < p->tier_count; i++)
        (*values)[i] = p->unit_days[i];
    (*values)[p->tier_count] = p->highest;
    (*values)[p->tier_count + 1] = decimal_of(of);
    return ERR_NONE;
}

/* ---- prices ---------------------------------------------------------------------------------- */

#define SHARE "ceil(unit_days / days_of_period, 5)"

static const struct price_form standard_form = {
    "{unit_days} unit-days of {days_of_period} days at {unit_amount}",
    {"unit_days", "days_of_period", "unit_amount"},
    SHARE " * unit_amount"};
static const struct price_form tier_form = {
    "tier {#}: {unit_days} unit-days of {days_of_period} days at {unit_amount} plus {flat_amount}",
    {"unit_days", "days_of_period", "unit_amount", "flat_amount"},
    SHARE " * unit_amount + flat_amount"};
static const struct price_form volume_form = {
    "tier {#}: all {unit_days} unit-days of {days_of_period} days at {unit_amount} plus "
    "{flat_amount}",
    {"unit_days", "days_of_period", "unit_amount", "flat_amount"},
    SHARE " * unit_amount + flat_amount"};

static enum err add_units(struct arena *arena, const struct price_form *form, size_t number,
                          struct decimal unit_days, struct decimal days, struct decimal amount,
                          struct decimal flat, struct price *price)
{
    struct price_step step = {
        .form = form, .number = number, .inputs = {unit_days, days, amount, flat}};
    struct decimal units;
    TRY(decimal_div(unit_days, days, UNIT_DECIMALS, ROUND_CEILING, &units));
    TRY(decimal_mul(units, amount, &step.result));
    TRY(decimal_add(step.result, flat, &step.result));
    return price_add_step(arena, price, &step);
}

static enum err add_tiers(struct arena *arena, const struct charge *charge,
                          const struct charge_use *use, struct price *price)
{
    struct decimal highest = use->values[charge->tier_count];
    struct decimal days = use->values[charge->tier_count + 1];
    struct decimal from = DECIMAL_ZERO;
    for (size_t i = 0; i < charge->tier_count; i++) {
        const struct tier *tier = &charge->tiers[i];
        if (i > 0 && decimal_cmp(highest, from) <= 0)
            break;
        TRY(add_units(arena, &tier_form, i + 1, use->values[i], days, tier->per_unit, tier->flat,
                      price));
        from = tier->up_to;
    }
    return ERR_NONE;
}

enum err price_prorated(struct arena *arena, const struct charge *charge,
                        const struct charge_use *use, struct price *price)
{
    size_t reached = 0;
    if (charge->model == CHARGE_GRADUATED) {
        ASSERT(use->value_count == charge->tier_count + 2);
        return add_tiers(arena, charge, use, price);
    }
    ASSERT(use->value_count == 3);
    if (charge->model == CHARGE_STANDARD)
        return add_units(arena, &standard_form, 0, use->values[0], use->values[2], charge->amount,
                         DECIMAL_ZERO, price);
    ASSERT(charge->model == CHARGE_VOLUME);
    while (reached + 1 < charge->tier_count &&
           decimal_cmp(use->units, charge->tiers[reached].up_to) > 0)
        reached++;
    const struct tier *tier = &charge->tiers[reached];
    return add_units(arena, &volume_form, reached + 1, use->values[0], use->values[2],
                     tier->per_unit, tier->flat, price);
}
