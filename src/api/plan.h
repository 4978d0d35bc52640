/* plan.h - how a plan is written; a subscription shows its own with it. */
#ifndef API_PLAN_H
#define API_PLAN_H

#include "api/face.h"
#include "app/plan.h"

/* A plan as plan_body (api/bodies.h) reads it. */
struct plan_request {
    struct plan_input input;
    struct charge_input *charges;
    struct fixed_charge_input *fixed_charges;
    int proration;
};

/* What the use case is given; lives in the request. */
const struct plan_input *plan_request_input(struct plan_request *request);

/* `key` NULL: an element of an open list. */
void plan_write(struct json_writer *out, const struct face *face, const char *key,
                const struct plan_view *view);

#endif
