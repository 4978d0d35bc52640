/* plan_cascade.h - what changed in a plan is carried to its copies.
 *
 * A copy (app/plan_copy.h) is a plan of one subscription's own.  A change of its plan that says so
 * goes on to each copy whose subscription runs or waits: value by value, where the copy still has
 * what the plan had before.  What was agreed for the subscription stays.  Values are the plan's
 * name, description, amount, proration and taxes; of a charge its code, name, price (model with
 * properties), minimum, maximum and taxes; of a filter its values, name and price; of a fixed
 * charge its code, name, price, units and taxes.  What is new comes to the copy; what is gone from
 * the plan goes from the copy unless its price is another there.
 *
 * Each copy that changes gets a next version, which takes effect as the plan's does. */
#ifndef APP_PLAN_CASCADE_H
#define APP_PLAN_CASCADE_H

#include "app/plan.h"

/* Within a transaction that holds the plan: `was` and `is` are the version before and the new one.
 */
MUST_CHECK enum err plan_cascade(struct ctx *ctx, struct tx *tx, const struct plan_view *was,
                                 const struct plan_view *is);

#endif
