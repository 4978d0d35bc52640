#include "core/resale.h"

#include "base/assert.h"

#define PRECISE_DECIMALS 20

static const struct str method_words[] = {{"markup", 6}, {"margin", 6}, {"discount", 8}};
static const struct str column_words[] = {
    {"billed_cost", 11}, {"effective_cost", 14}, {"list_cost", 9}, {"contracted_cost", 15}};

bool resale_method_parse(struct str word, enum resale_method *method)
{
    for (size_t i = 0; i < sizeof method_words / sizeof method_words[0]; i++) {
        if (str_eq(word, method_words[i])) {
            *method = (enum resale_method)i;
            return true;
        }
    }
    return false;
}

bool cost_column_parse(struct str word, enum cost_column *column)
{
    for (size_t i = 0; i < sizeof column_words / sizeof column_words[0]; i++) {
        if (str_eq(word, column_words[i])) {
            *column = (enum cost_column)i;
            return true;
        }
    }
    return false;
}

struct str cost_column_word(enum cost_column column)
{
    return column_words[column];
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
    ASSERT(decimal_sign(denominator) > 0);
    if (rule->method == RESALE_MARGIN) {
        TRY(decimal_mul_div(cost, numerator, denominator, PRECISE_DECIMALS, ROUND_HALF_UP,
                            &price->precise));
    } else {
        struct decimal product;
        TRY(decimal_mul(cost, numerator, &product));
        TRY(decimal_scale(product, -2, &price->precise));
    }
    TRY(decimal_mul_div(cost, numerator, denominator, currency->digits, ROUND_HALF_UP, &rounded));
    return money_round(rounded, currency, ROUND_HALF_UP, &price->amount);
}
