/* webhook_send.h - sends messages to endpoints (app/webhook.h).
 *
 * What a message says is made before its first try, from the object as it is then, kept, and sent
 * byte for byte the same ever after, with the same id.  An object that is gone by then is told by
 * what it was called.
 *
 * 2xx: taken.  410: nobody is there any more; the message has failed and the endpoint is disabled.
 * All else, redirects too, is tried again as app/outbox.h says. */
#ifndef APP_WEBHOOK_SEND_H
#define APP_WEBHOOK_SEND_H

#include "app/ctx.h"
#include "app/outbox.h"
#include "store/sql/rows.h"

#include <stdatomic.h>

#define WEBHOOK_TIMEOUT_S  20             /* of one try, GATEWAY_CONNECT_S of it to connect */
#define WEBHOOK_TIME_MAX_S 60             /* of a try with the transactions beside it */
#define WEBHOOK_ANSWER_MAX ((size_t)4096) /* bytes that are kept of an answer */
#define WEBHOOK_BODY_MAX   ((size_t)64 << 20)

/* What a message is to say, for app->webhook_body. */
struct webhook_told {
    const struct webhook_row *row;
    bool is_lago;
    struct str key;    /* what the object's address has for it: code, external id, or its id */
    struct str status; /* of a subscription, by which it is found besides */
    bool is_gone;      /* there is no such object any more */
};

/* Delivers what is due for the endpoint in place `index` of webhook_endpoint_list_all, unless it
 * is disabled or there is none, until nothing is or *stop; errors as outbox_deliver.
 *   time_max_s  after which a try that was begun counts as lost: WEBHOOK_TIME_MAX_S */
MUST_CHECK enum err webhook_deliver(struct ctx *ctx, size_t index, int64_t time_max_s,
                                    const atomic_bool *stop, struct outbox_progress *progress);

#endif
