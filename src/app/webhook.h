/* webhook.h - telling endpoints of changes: written down in the transaction of the change, sent
 * after it.
 *
 * Whatever has an audit entry can be told of: audit_add and audit_add_many call webhook_note, and
 * a table says which action is which type of message.  An endpoint that wants the type gets a row
 * of webhook and, under the same id, one of the outbox, whose topic is the endpoint's own, so that
 * an endpoint that is slow or dead holds up nobody else.  What a message says is made at the first
 * try (app/webhook_send.h). */
#ifndef APP_WEBHOOK_H
#define APP_WEBHOOK_H

#include "app/audit.h"
#include "app/ctx.h"
#include "store/sql/rows.h"

#define WEBHOOK_TYPE_TEST "webhook_endpoint.test"

#define WEBHOOK_ACTIONS_MAX 4

/* A type that an endpoint can choose, and the actions of the audit trail that it tells of. */
struct webhook_kind {
    const char *type;
    const char *actions[WEBHOOK_ACTIONS_MAX]; /* up to the first NULL */
    const char *status; /* only when the object's status is this then; NULL: always */
};

/* By name; ends with a NULL type. */
extern const struct webhook_kind webhook_kinds[];

bool webhook_type_is_known(struct str type);
/* "invoice" of "invoice.created". */
struct str webhook_object_type(struct str type);
/* "plan.deleted": nobody can load the object any more. */
bool webhook_is_deletion(struct str type);
/* "webhook:" and the endpoint's id: the topic of what waits for it. */
struct str webhook_topic(struct arena *arena, struct uuid endpoint_id);

/* Writes messages for all endpoints that want to know of these changes; also for whoever changes
 * something within what has another's entry.  Costs a query where an
 * action has a type, and nothing where it has none. */
MUST_CHECK enum err webhook_note(struct ctx *ctx, struct tx *tx, const struct audit *entries,
                                 size_t count);

/* One message for one endpoint, whatever types that wants. */
struct webhook_row webhook_new(struct ctx *ctx, struct uuid customer_id, struct uuid endpoint_id,
                               struct str type, struct uuid object_id);
MUST_CHECK enum err webhook_queue(struct ctx *ctx, struct tx *tx, const struct webhook_row *row);

#endif
