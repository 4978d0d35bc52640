/* plan.h - how plans and their parts are read and written; a subscription shows its own with it. */
#ifndef API_PLAN_H
#define API_PLAN_H

#include "api/bind.h"
#include "api/face.h"
#include "app/plan_part.h"

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

void charge_write(struct json_writer *out, const struct face *face, const char *key,
                  const struct charge_view *charge, int64_t created_at);
void charge_filter_write(struct json_writer *out, const struct face *face, const char *key,
                         const struct charge_filter_row *filter, struct str charge_code);

/* When a change takes effect, for whom, and whether copies follow. */
struct timing_request {
    int64_t effective_at;
    int applies_to;
    bool cascade_updates;
};

/* Bodies of one part: a charge, a filter, a fixed charge. */
struct charge_request {
    struct charge_input input;
    struct timing_request timing;
};
struct filter_request {
    struct charge_filter_input input;
    struct timing_request timing;
};
struct fixed_charge_request {
    struct fixed_charge_input input;
    struct timing_request timing;
};
/* Each to add one, to change one, and, without the last, to remove one (a timing_request). */
extern const struct bind_table charge_body, charge_change_body, charge_remove_body;
extern const struct bind_table filter_body, filter_change_body, filter_remove_body;
extern const struct bind_table fixed_charge_body, fixed_charge_change_body,
    fixed_charge_remove_body;

/* Those of a list, where one is named and what is left out is kept: of a plan that is changed, or
 * overridden. */
extern const struct bind_table plan_charge_change_table; /* charge_input */
extern const struct bind_table plan_fixed_change_table;  /* fixed_charge_input */

#endif
