/* plan.h - how a plan is written; a subscription shows its own with it. */
#ifndef API_PLAN_H
#define API_PLAN_H

#include "api/face.h"
#include "app/plan.h"

/* `key` NULL: an element of an open list. */
void plan_write(struct json_writer *out, const struct face *face, const char *key,
                const struct plan_view *view);

#endif
