/* resale.h - what vendor cost is sold for.
 *
 *   markup    cost * (1 + percent / 100)
 *   margin    cost / (1 - percent / 100): the percentage is of the selling price
 *   discount  cost * (1 - percent / 100): off the vendor's list cost, as a rule
 * Each rule names the cost column that it takes.  It may be for one customer, one provider, one
 * service, or any of them; the most specific rule wins: one for the customer before all others,
 * then one for the service, then one for the provider; of equals the newest. */
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

enum resale_method { RESALE_MARKUP, RESALE_MARGIN, RESALE_DISCOUNT };
enum cost_column { COST_BILLED, COST_EFFECTIVE, COST_LIST, COST_CONTRACTED };

bool resale_method_parse(struct str word, enum resale_method *method); /* markup, margin, discount */
bool cost_column_parse(struct str word, enum cost_column *column); /* billed_cost, effective_cost … */
struct str cost_column_word(enum cost_column column);

struct resale_rule {
    struct uuid id;
    enum resale_method method;
    struct decimal percent; /* markup: 0 or more; margin, discount: 0 up to but not 100 */
    enum cost_column column;
    struct uuid customer_id;    /* nil: any */
    struct str provider_name;   /* STR_NULL: any */
    struct str service_name;    /* STR_NULL: any */
    int64_t valid_from_at;      /* for cost periods that start at or after it */
};

/* NULL when no rule fits. */
const struct resale_rule *resale_rule_find(const struct resale_rule *rules, size_t count,
                                           struct uuid customer_id, struct str provider_name,
                                           struct str service_name, int64_t period_start_at);

struct resale_price {
    struct money amount;    /* rounded once, half away from zero */
    struct decimal precise; /* major units; exact for markup and discount, margin to 20 decimals */
};

/* The price of a sum of cost, in major units of `currency`.  ERR_OVERFLOW. */
MUST_CHECK enum err resale_price_of(const struct resale_rule *rule, struct decimal cost,
                                    const struct currency *currency, struct resale_price *price);

#endif
