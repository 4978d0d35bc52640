/* subscription.h - how a subscription is written; invoices show theirs with it. */
#ifndef API_SUBSCRIPTION_H
#define API_SUBSCRIPTION_H

#include "api/face.h"
#include "app/subscription.h"

void subscription_write(struct json_writer *out, const struct face *face, const char *key,
                        const struct subscription_view *view);

#endif
