/* fixed_charge.h - how a fixed charge is written; plans and subscriptions show theirs with it. */
#ifndef API_FIXED_CHARGE_H
#define API_FIXED_CHARGE_H

#include "api/face.h"
#include "app/fixed_charge.h"

/* `key` NULL: an element of an open list. */
void fixed_charge_write(struct json_writer *out, const struct face *face, const char *key,
                        const struct fixed_charge_view *view, int64_t created_at);

#endif
