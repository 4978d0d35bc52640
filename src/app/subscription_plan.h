/* subscription_plan.h - a subscription's plan piece by piece: what it has otherwise than others.
 *
 * Whatever is changed here but units makes a copy of the plan (app/plan_copy.h), or the copy's next
 * version.  All of it is of the subscription with an external id and a status, active or pending;
 * STR_NULL: active.  ERR_NOT_FOUND: none that runs or waits. */
#ifndef APP_SUBSCRIPTION_PLAN_H
#define APP_SUBSCRIPTION_PLAN_H

#include "app/plan_copy.h"
#include "app/subscription_units.h"

/* The plan that holds for it now, with its own units. */
MUST_CHECK enum err subscription_plan_get(struct ctx *ctx, struct str external_id,
                                          struct str status, struct plan_view *plan);

/* A charge or a filter of that. */
MUST_CHECK enum err subscription_part_get(struct ctx *ctx, struct str external_id,
                                          struct str status, const struct plan_edit *edit,
                                          struct plan_part *part);

/* Changes a charge; adds, changes or removes a filter; changes a fixed charge: its units for the
 * subscription, the rest in the copy.  ERR_INVALID names bad fields of the part. */
MUST_CHECK enum err subscription_part_edit(struct ctx *ctx, struct str external_id,
                                           struct str status, const struct plan_edit *edit,
                                           struct plan_part *part);

/* The units of an override, for subscription_units_put; `path` as the override's. */
struct units_input *plan_override_units(struct arena *arena, const struct plan_override *override,
                                        size_t *count);

#endif
