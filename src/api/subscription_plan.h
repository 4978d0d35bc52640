/* subscription_plan.h - how what a subscription has otherwise than its plan is read. */
#ifndef API_SUBSCRIPTION_PLAN_H
#define API_SUBSCRIPTION_PLAN_H

#include "api/bind.h"
#include "app/subscription_plan.h"

/* "plan_overrides" of a subscription. */
struct overrides_request {
    struct plan_override override;
    struct charge_input *charges;
    struct fixed_charge_input *fixed_charges;
};
extern const struct bind_table overrides_table;
/* What the use cases are given; lives in the request. */
const struct plan_override *overrides_request_input(struct overrides_request *request);

#endif
