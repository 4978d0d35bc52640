/* plan_copy.h - a plan of one subscription's own.
 *
 * What was agreed with one customer makes a copy of the plan as it is in force for the
 * subscription, and changes that.  A subscription has one copy at most; what is agreed later is the
 * copy's next version.  The copy goes by the plan's code, keeps the ids of its charges, filters and
 * fixed charges, and is none of the catalogue.  From then on changes of the plan pass it by, but
 * for those that are passed on (app/plan_cascade.h); with the plan it is deleted.
 *
 * As with any version (app/plan_change.h) a period is priced as a whole by what holds when its
 * invoice is made.  Units of fixed charges are not copied but kept with the subscription
 * (app/subscription_units.h); who overrides nothing else keeps the plan. */
#ifndef APP_PLAN_COPY_H
#define APP_PLAN_COPY_H

#include "app/plan_part.h"

/* What is to be otherwise: as a change of the plan, but charges and fixed charges that are not
 * named stay, each that is named must be there, and all keep their codes.  Units of fixed charges
 * are passed over. */
struct plan_override {
    struct plan_change change; /* name to tax_codes, charges, fixed charges */
    struct str path;           /* before its fields in errors: "plan_overrides" */
};

/* Whether it is more than units. */
bool plan_override_copies(const struct plan_override *override);
/* The same of one fixed charge. */
bool plan_fixed_is_copied(const struct fixed_charge_input *input);

/* Notes at a field what was sent as another code than that of the plan's charge. */
void plan_copy_keeps_code(struct fault *fault, struct str field, struct str sent, struct str code);

/* Within a transaction that holds the customer. */

/* For a subscription that is to be made, on a plan that is held: *version is the plan's that it
 * would get, and becomes its own.  What is wrong is noted; ask fault_check. */
MUST_CHECK enum err plan_copy_start(struct ctx *ctx, struct tx *tx, struct uuid subscription_id,
                                    const struct plan_override *override,
                                    struct plan_version_row *version);

/* For one that runs or waits, after what was due was billed: its row and what is due of the plan's
 * units are written, too. */
MUST_CHECK enum err plan_copy_override(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                                       const struct plan_override *override);
/* The same for one charge or filter, or what is not units of one fixed charge. */
MUST_CHECK enum err plan_copy_edit(struct ctx *ctx, struct tx *tx, struct subscription_row *row,
                                   const struct plan_edit *edit, struct plan_part *part);

#endif
