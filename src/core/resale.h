/* resale.h - what vendor cost is sold for.
 *
 *   markup    cost * (1 + percent / 100)
 *   margin    cost / (1 - percent / 100): the percentage is of the selling price
 *   discount  cost * (1 - percent / 100): off the vendor's list cost, as a rule
 * Each rule names the cost column that it takes.  It may be for one customer, one provider, one
 * service, or any of them.  Of the rules that fit, the most specific one wins; what a rule names
 * counts in this order, the customer above all else:
 *   customer + service + provider, customer + service, customer + provider, customer,
 *   service + provider, service, provider, none (the default)
 * and of equals the one valid from later, then the one made later.  A rule is valid for cost
 * periods that start at or after valid_from_at, so a period is never priced by two rules. */
#ifndef CORE_RESALE_H
#define CORE_RESALE_H

#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"
#include "core/money.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// clang-format off
/*  name      word */
#define RESALE_METHOD_MAP(X)   \
    X(MARKUP,   "markup")      \
    X(MARGIN,   "margin")      \
    X(DISCOUNT, "discount")
// clang-format on

// clang-format off
#define COST_COLUMN_MAP(X)           \
    X(BILLED,     "billed_cost")     \
    X(EFFECTIVE,  "effective_cost")  \
    X(LIST,       "list_cost")       \
    X(CONTRACTED, "contracted_cost")
// clang-format on

enum resale_method {
#define X(name, word) RESALE_##name,
    RESALE_METHOD_MAP(X)
#undef X
};

enum cost_column {
#define X(name, word) COST_##name,
    COST_COLUMN_MAP(X)
#undef X
};

bool resale_method_parse(struct str word, enum resale_method *method);
bool cost_column_parse(struct str word, enum cost_column *column);
struct str cost_column_word(enum cost_column column);

/* Whether a rule of this method may have this percentage, with at most RESALE_DECIMALS_MAX
 * decimals: a mark-up from 0 to 10,000, a margin or discount from 0 up to but not 100. */
#define RESALE_DECIMALS_MAX 10
bool resale_percent_is_valid(enum resale_method method, struct decimal percent);

struct resale_rule {
    struct uuid id;
    enum resale_method method;
    struct decimal percent; /* see resale_percent_is_valid */
    enum cost_column column;
    struct uuid customer_id;  /* nil: any */
    struct str provider_name; /* STR_NULL: any */
    struct str service_name;  /* STR_NULL: any */
    int64_t valid_from_at;    /* for cost periods that start at or after it */
};

/* NULL when no rule fits. */
const struct resale_rule *resale_rule_find(const struct resale_rule *rules, size_t count,
                                           struct uuid customer_id, struct str provider_name,
                                           struct str service_name, int64_t period_start_at);

struct resale_price {
    struct money amount;    /* rounded once, half away from zero */
    struct decimal precise; /* major units; exact for markup and discount, margin to 20 decimals */
};

/* The price of a sum of cost, which is in major units of `currency`; negative for a credit.
 * ERR_OVERFLOW. */
MUST_CHECK enum err resale_price_of(const struct resale_rule *rule, struct decimal cost,
                                    const struct currency *currency, struct resale_price *price);

#endif
