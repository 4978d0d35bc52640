#include "core/resale.h"

#include "base/assert.h"

#define PRECISE_DECIMALS 20
#define MARKUP_MAX       10000 /* percent: a hundredfold; more is a slip of the pen */

bool resale_method_parse(struct str word, enum resale_method *method)
{
#define X(name, text)              \
    if (str_eq(word, STR(text))) { \
        *method = RESALE_##name;   \
        return true;               \
    }
    RESALE_METHOD_MAP(X)
#undef X
    return false;
}

bool cost_column_parse(struct str word, enum cost_column *column)
{
#define X(name, text)              \
    if (str_eq(word, STR(text))) { \
        *column = COST_##name;     \
        return true;               \
    }
    COST_COLUMN_MAP(X)
#undef X
    return false;
}

struct str cost_column_word(enum cost_column column)
{
    switch (column) {
#define X(name, text) \
    case COST_##name: \
        return STR(text);
        COST_COLUMN_MAP(X)
#undef X
    }
    return STR_NULL;
}

bool resale_percent_is_valid(enum resale_method method, struct decimal percent)
{
    if (decimal_sign(percent) < 0 || decimal_decimals(percent) > RESALE_DECIMALS_MAX)
        return false;
    if (method == RESALE_MARKUP)
        return decimal_cmp(percent, decimal_of(MARKUP_MAX)) <= 0;
    return decimal_cmp(percent, decimal_of(100)) < 0;
}

/* How specific a rule that fits is; negative when it does not fit. */
static int rank(const struct resale_rule *rule, struct uuid customer_id, struct str provider_name,
                struct str service_name, int64_t period_start_at)
{
    int score = 0;
    if (rule->valid_from_at > period_start_at)
        return -1;
    if (!uuid_is_nil(rule->customer_id)) {
        if (!uuid_eq(rule->customer_id, customer_id))
            return -1;
        score += 4;
    }
    if (!str_is_null(rule->service_name)) {
        if (!str_eq(rule->service_name, service_name))
            return -1;
        score += 2;
    }
    if (!str_is_null(rule->provider_name)) {
        if (!str_eq(rule->provider_name, provider_name))
            return -1;
        score += 1;
    }
    return score;
}

static bool is_newer(const struct resale_rule *a, const struct resale_rule *b)
{
    if (a->valid_from_at != b->valid_from_at)
        return a->valid_from_at > b->valid_from_at;
    return uuid_cmp(a->id, b->id) > 0;
}

const struct resale_rule *resale_rule_find(const struct resale_rule *rules, size_t count,
                                           struct uuid customer_id, struct str provider_name,
                                           struct str service_name, int64_t period_start_at)
{
    const struct resale_rule *best = NULL;
    int best_rank = -1;
    for (size_t i = 0; i < count; i++) {
        int own = rank(&rules[i], customer_id, provider_name, service_name, period_start_at);
        if (own > best_rank || (own >= 0 && own == best_rank && is_newer(&rules[i], best))) {
            best = &rules[i];
            best_rank = own;
        }
    }
    return best;
}

enum err resale_price_of(const struct resale_rule *rule, struct decimal cost,
                         const struct currency *currency, struct resale_price *price)
{
    struct decimal hundred = decimal_of(100);
    struct decimal numerator = hundred;
    struct decimal denominator = hundred;
    struct decimal rounded;
    struct resale_price result;
    ASSERT(resale_percent_is_valid(rule->method, rule->percent));
    switch (rule->method) {
    case RESALE_MARKUP:
        TRY(decimal_add(hundred, rule->percent, &numerator));
        break;
    case RESALE_DISCOUNT:
        TRY(decimal_sub(hundred, rule->percent, &numerator));
        break;
    case RESALE_MARGIN:
        TRY(decimal_sub(hundred, rule->percent, &denominator));
        break;
    }
    if (rule->method == RESALE_MARGIN) {
        TRY(decimal_mul_div(cost, numerator, denominator, PRECISE_DECIMALS, ROUND_HALF_UP,
                            &result.precise));
    } else {
        struct decimal product;
        TRY(decimal_mul(cost, numerator, &product));
        TRY(decimal_scale(product, -2, &result.precise));
    }
    /* From the exact quotient, not from `precise`: rounded once. */
    TRY(decimal_mul_div(cost, numerator, denominator, currency->digits, ROUND_HALF_UP, &rounded));
    TRY(money_round(rounded, currency, ROUND_HALF_UP, &result.amount));
    *price = result;
    return ERR_NONE;
}
