#include "core/metering.h"

#include "base/assert.h"
#include "base/time.h"
#include "core/metering/property.h"

#define AGGREGATION_WORDS                                                               \
    "count_agg, sum_agg, min_agg, max_agg, average_agg, latest_agg, unique_count_agg, " \
    "weighted_sum_agg or percentile_agg"

const struct usage_total USAGE_NONE = {
    .sum = {{0, (uint64_t)6176 << 49}}, /* DECIMAL_ZERO and DECIMAL_NONE, spelled out: constants */
    .min = {{0, (uint64_t)0x7c << 56}},
    .max = {{0, (uint64_t)0x7c << 56}},
    .latest = {{0, (uint64_t)0x7c << 56}},
    .latest_at = TIME_NONE,
    .moment = {{0, (uint64_t)6176 << 49}},
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
    return str_eq(word, STR("custom_agg"));
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

int64_t metering_second(int64_t at_us)
{
    int64_t second = at_us / TIME_SECOND;
    return at_us % TIME_SECOND < 0 ? second - 1 : second;
}

/* What the event is by itself. */
static enum err total_of(const struct usage_point *point, struct usage_total *total)
{
    *total = USAGE_NONE;
    total->event_count = 1;
    if (!decimal_is_none(point->cents))
        total->cents = point->cents;
    if (decimal_is_none(point->value))
        return ERR_NONE;
    total->value_count = 1;
    total->sum = point->value;
    total->min = point->value;
    total->max = point->value;
    total->latest = point->value;
    total->latest_at = point->occurred_at;
    total->latest_id = point->id;
    if (point->aggregation != AGGREGATION_WEIGHTED)
        return ERR_NONE;
    return decimal_mul(point->value, decimal_of(metering_second(point->occurred_at)),
                       &total->moment);
}

enum err usage_total_add(struct usage_total *total, const struct usage_point *point)
{
    struct usage_total own;
    TRY(total_of(point, &own));
    return usage_total_merge(total, &own);
}

static struct decimal less(struct decimal a, struct decimal b)
{
    return decimal_is_none(a) ? b : decimal_is_none(b) ? a : decimal_min(a, b);
}

static struct decimal greater(struct decimal a, struct decimal b)
{
    return decimal_is_none(a) ? b : decimal_is_none(b) ? a : decimal_max(a, b);
}

enum err usage_total_merge(struct usage_total *total, const struct usage_total *other)
{
    struct decimal sum;
    struct decimal moment;
    struct decimal cents;
    if (other->event_count == 0)
        return ERR_NONE;
    TRY(decimal_add(total->sum, other->sum, &sum));
    TRY(decimal_add(total->moment, other->moment, &moment));
    TRY(decimal_add(total->cents, other->cents, &cents));
    total->sum = sum;
    total->moment = moment;
    total->cents = cents;
    total->event_count += other->event_count;
    total->value_count += other->value_count;
    total->min = less(total->min, other->min);
    total->max = greater(total->max, other->max);
    if (other->latest_at != TIME_NONE && is_later(total, other->latest_at, other->latest_id)) {
        total->latest = other->latest;
        total->latest_at = other->latest_at;
        total->latest_id = other->latest_id;
    }
    return ERR_NONE;
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
