/* usage_explain.h - how a quantity came about, as steps of a fee's explanation.
 *
 * There is nothing to say of a quantity that its events say themselves (a count, a sum, the least,
 * the greatest, the newest value).  The results are quantities, not money. */
#ifndef APP_USAGE_EXPLAIN_H
#define APP_USAGE_EXPLAIN_H

#include "base/arena.h"
#include "base/str.h"
#include "core/metering/usage.h"

#define USAGE_STEPS_MAX 2

struct usage_step {
    struct str text;
    struct str inputs; /* a JSON object */
    struct decimal result;
};

struct usage_steps {
    struct usage_step steps[USAGE_STEPS_MAX];
    size_t count;
};

struct usage_steps usage_explain(struct arena *arena, const struct usage_rule *rule,
                                 const struct usage *usage);
/* What was left out there: one step, or none where there is nothing to add.  For who wants all. */
struct usage_steps usage_explain_plain(struct arena *arena, const struct usage_rule *rule,
                                       const struct usage *usage);

#endif
