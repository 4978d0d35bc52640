/* subscription.h - how a subscription is written; invoices show theirs with it. */
#ifndef API_SUBSCRIPTION_H
#define API_SUBSCRIPTION_H

#include "api/bind.h"
#include "api/face.h"
#include "app/subscription.h"

extern const struct bind_word subscription_statuses[]; /* 0: pending, 1: active, ... */

void subscription_write(struct json_writer *out, const struct face *face, const char *key,
                        const struct subscription_view *view);

#endif
