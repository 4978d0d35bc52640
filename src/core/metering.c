#include "core/metering.h"

#include "base/assert.h"
#include "base/time.h"
#include "core/metering/property.h"

#define AGGREGATION_WORDS "count_agg, sum_agg, max_agg, latest_agg or unique_count_agg"

const struct usage_total USAGE_NONE = {
    .sum = {{0, (uint64_t)6176 << 49}}, /* DECIMAL_ZERO and DECIMAL_NONE, spelled out: constants */
    .max = {{0, (uint64_t)0x7c << 56}},
    .latest = {{0, (uint64_t)0x7c << 56}},
    .latest_at = TIME_NONE,
    .cents = {{0, (uint64_t)6176 << 49}},
};

static bool find_word(struct str word, enum aggregation *aggregation)
{
#define X(name, text)                      \
    if (str_eq(word, STR(text))) {         \
        *aggregation = AGGREGATION_##name; \
        return true;                       \
    }
    AGGREGATION_MAP(X)
#undef X
    return false;
}

/* Words of the API that stand for something real which is not built yet. */
static bool is_planned(struct str word)
{
    return str_eq(word, STR("weighted_sum_agg")) || str_eq(word, STR("custom_agg"));
}

enum err aggregation_parse(struct str word, struct str field, struct fault *fault,
                           enum aggregation *aggregation)
{
    *aggregation = AGGREGATION_COUNT;
    if (find_word(word, aggregation))
        return ERR_NONE;
    if (is_planned(word)) {
        fault_field(fault, field, "not_supported", word, AGGREGATION_WORDS);
        return fault_set(fault, ERR_NOT_SUPPORTED, "%.*s: %.*s is not supported yet",
                         STR_ARG(field), STR_ARG(word));
    }
    fault_field(fault, field, "value_is_invalid", word, AGGREGATION_WORDS);
    return ERR_NONE;
}

enum aggregation aggregation_of(struct str word)
{
    enum aggregation aggregation = AGGREGATION_COUNT;
    bool known = find_word(word, &aggregation);
    ASSERT(known);
    return aggregation;
}

static bool is_later(const struct usage_total *total, int64_t at, struct uuid id)
{
    if (total->latest_at == TIME_NONE || at != total->latest_at)
        return total->latest_at == TIME_NONE || at > total->latest_at;
    return uuid_cmp(id, total->latest_id) > 0;
}

enum err usage_total_add(struct usage_total *total, struct decimal value, int64_t occurred_at,
                         struct uuid id)
{
    if (decimal_is_none(value)) {
        total->event_count++;
        return ERR_NONE;
    }
    return usage_total_merge(total, &(struct usage_total){
                                        .event_count = 1,
                                        .sum = value,
                                        .max = value,
                                        .latest = value,
                                        .latest_at = occurred_at,
                                        .latest_id = id,
                                        .cents = DECIMAL_ZERO,
                                    });
}

enum err usage_total_add_cents(struct usage_total *total, struct decimal cents)
{
    return decimal_is_none(cents) ? ERR_NONE : decimal_add(total->cents, cents, &total->cents);
}

enum err usage_total_merge(struct usage_total *total, const struct usage_total *other)
{
    struct decimal sum;
    struct decimal cents;
    if (other->event_count == 0)
        return ERR_NONE;
    TRY(decimal_add(total->sum, other->sum, &sum));
    TRY(decimal_add(total->cents, other->cents, &cents));
    total->sum = sum;
    total->cents = cents;
    total->event_count += other->event_count;
    if (decimal_is_none(total->max))
        total->max = other->max;
    else if (!decimal_is_none(other->max))
        total->max = decimal_max(total->max, other->max);
    if (other->latest_at != TIME_NONE && is_later(total, other->latest_at, other->latest_id)) {
        total->latest = other->latest;
        total->latest_at = other->latest_at;
        total->latest_id = other->latest_id;
    }
    return ERR_NONE;
}

static struct decimal or_zero(struct decimal value)
{
    return decimal_is_none(value) ? DECIMAL_ZERO : value;
}

struct decimal usage_quantity(enum aggregation aggregation, const struct usage_total *total)
{
    switch (aggregation) {
    case AGGREGATION_COUNT:
        return decimal_of(total->event_count);
    case AGGREGATION_SUM:
        return total->sum;
    case AGGREGATION_MAX:
        return or_zero(total->max);
    case AGGREGATION_LATEST:
        return or_zero(total->latest);
    case AGGREGATION_UNIQUE:
        return DECIMAL_ZERO;
    }
    return DECIMAL_ZERO;
}

enum err metering_value(struct arena *arena, struct str properties, struct str field,
                        struct decimal *value, struct str *text)
{
    struct property property;
    TRY(property_find(arena, properties, field, &property));
    *text = property.text;
    if (!property.is_number && !property.is_text)
        return ERR_INVALID;
    return decimal_parse(str_trim(property.text), value) == ERR_NONE ? ERR_NONE : ERR_INVALID;
}
