#include "core/metering/percentile.h"

#include "base/assert.h"
#include "base/none.h"
#include "core/metering.h"

void percentile_init(struct percentile *percentile, struct arena *arena,
                     struct percentile_rule rule, int64_t origin_at)
{
    ASSERT(rule.slot_seconds > 0);
    *percentile = (struct percentile){
        .arena = arena,
        .rule = rule,
        .origin = metering_second(origin_at),
        .last_slot = INT_NONE,
    };
}

/* Slots before the origin count down from -1. */
static int64_t slot_of(const struct percentile *percentile, int64_t at_us)
{
    int64_t second = metering_second(at_us) - percentile->origin;
    int64_t slot = second / percentile->rule.slot_seconds;
    return second % percentile->rule.slot_seconds < 0 ? slot - 1 : slot;
}

void percentile_add(struct percentile *percentile, struct decimal value, int64_t occurred_at)
{
    int64_t slot = slot_of(percentile, occurred_at);
    ASSERT(percentile->last_slot == INT_NONE || slot >= percentile->last_slot);
    if (slot == percentile->last_slot) {
        struct decimal *last = &percentile->values[percentile->value_count - 1];
        *last = decimal_max(*last, value);
        return;
    }
    percentile->last_slot = slot;
    percentile->values = arena_grow(percentile->arena, percentile->values, percentile->value_count,
                                    &percentile->value_capacity, sizeof *percentile->values);
    percentile->values[percentile->value_count++] = value;
}

static void swap(struct decimal *a, struct decimal *b)
{
    struct decimal kept = *a;
    *a = *b;
    *b = kept;
}

/* The value at `index` of the values ordered from the top.  What is greater than a value from the
 * middle goes before it and what is less behind it, then the part with the index goes on alone. */
static struct decimal select_from_top(struct decimal *values, size_t count, size_t index)
{
    size_t low = 0;
    size_t high = count;
    ASSERT(index < count);
    while (high - low > 1) {
        struct decimal pivot = values[low + (high - low) / 2];
        size_t greater_end = low; /* [low, greater_end) is greater, [greater_end, at) equal, */
        size_t less_start = high; /* [less_start, high) less */
        for (size_t at = low; at < less_start;) {
            int order = decimal_cmp(values[at], pivot);
            if (order > 0)
                swap(&values[at++], &values[greater_end++]);
            else if (order < 0)
                swap(&values[at], &values[--less_start]);
            else
                at++;
        }
        if (index < greater_end)
            high = greater_end;
        else if (index >= less_start)
            low = less_start;
        else
            return pivot;
    }
    return values[low];
}

/* floor(n * (100 - percentile) / 100), exactly. */
static int64_t dropped_of(int64_t slot_count, struct decimal percentile)
{
    struct decimal left;
    struct decimal dropped;
    int64_t count = 0;
    enum err err = decimal_sub(decimal_of(100), percentile, &left);
    if (err == ERR_NONE)
        err = decimal_mul(left, decimal_of(slot_count), &dropped);
    if (err == ERR_NONE)
        err = decimal_scale(dropped, -2, &dropped);
    if (err == ERR_NONE)
        err = decimal_round(dropped, 0, ROUND_FLOOR, &dropped);
    if (err == ERR_NONE)
        err = decimal_to_int64(dropped, &count);
    ASSERT(err == ERR_NONE); /* few decimals, and a period's slots */
    return count;
}

void percentile_end(struct percentile *percentile, int64_t from_at, int64_t to_at,
                    struct percentile_result *result)
{
    size_t filled = percentile->value_count;
    size_t positive = 0; /* values above 0 go to the front, those below to the end */
    size_t not_negative = filled;
    *result = (struct percentile_result){.value = DECIMAL_ZERO, .filled_count = (int64_t)filled};
    if (from_at >= to_at)
        return;
    result->slot_count = slot_of(percentile, to_at - 1) - slot_of(percentile, from_at) + 1;
    result->dropped_count = dropped_of(result->slot_count, percentile->rule.percentile);
    ASSERT(result->dropped_count < result->slot_count && result->slot_count >= (int64_t)filled);
    for (size_t at = 0; at < not_negative;) {
        int sign = decimal_sign(percentile->values[at]);
        if (sign > 0)
            swap(&percentile->values[at++], &percentile->values[positive++]);
        else if (sign < 0)
            swap(&percentile->values[at], &percentile->values[--not_negative]);
        else
            at++;
    }
    size_t index = (size_t)result->dropped_count;
    size_t zeros = (size_t)result->slot_count - positive - (filled - not_negative);
    if (index < positive)
        result->value = select_from_top(percentile->values, positive, index);
    else if (index >= positive + zeros)
        result->value = select_from_top(&percentile->values[not_negative], filled - not_negative,
                                        index - positive - zeros);
}
