/* subscription_units.h - a subscription's fixed charges, with units of its own in place of the
 * plan's.
 *
 * Units of its own hold from the next period of fixed charges on, or at once; then what they cost
 * more of a fixed charge paid in advance is billed within the call.  Those of one that has not
 * begun hold from its start.  From then on the plan's units, and their changes, pass it by. */
#ifndef APP_SUBSCRIPTION_UNITS_H
#define APP_SUBSCRIPTION_UNITS_H

#include "app/ctx.h"
#include "app/fixed_charge.h"
#include "store/sql/rows.h"

struct plan_view;

struct units_input {
    struct uuid lineage_id; /* the fixed charge by its id, or else by its code */
    struct str code;
    struct decimal units;
    bool at_once;
    bool has_units;  /* they were sent */
    struct str path; /* before its fields in errors */
};

/* Within a transaction, and holding the customer with `lock`: the one that runs or waits.
 * ERR_NOT_FOUND. */
MUST_CHECK enum err subscription_running_find(struct ctx *ctx, struct tx *tx,
                                              struct str external_id, struct str status, bool lock,
                                              struct subscription_row *row);
/* Within a transaction: the plan that holds for it now, with the units that are agreed last. */
MUST_CHECK enum err subscription_plan_load(struct ctx *ctx, struct tx *tx,
                                           const struct subscription_row *row,
                                           struct plan_view *plan);

/* Within a transaction that holds the customer and has billed what was due, for the subscription's
 * use cases: sets several that are changed, and billed, together.
 *   begins  the subscription has not begun, or begins within the call and is not billed yet
 * ERR_INVALID names what is wrong below "plan_overrides.fixed_charges.N". */
MUST_CHECK enum err subscription_units_put(struct ctx *ctx, struct tx *tx,
                                           const struct subscription_row *row, bool begins,
                                           const struct units_input *inputs, size_t count);

#endif
