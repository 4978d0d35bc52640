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

/* All types that an endpoint can choose; ends with NULL. */
extern const char *const webhook_types[];

bool webhook_type_is_known(struct str type);
/* "invoice" of "invoice.created". */
struct str webhook_object_type(struct str type);
/* "webhook:" and the endpoint's id: the topic of what waits for it. */
struct str webhook_topic(struct arena *arena, struct uuid endpoint_id);

/* Writes messages for all endpoints that want to know of these changes.  Costs a query where an
 * action has a type, and nothing where it has none. */
MUST_CHECK enum err webhook_note(struct ctx *ctx, struct tx *tx, const struct audit *entries,
                                 size_t count);

/* One message for one endpoint, whatever types that wants. */
struct webhook_row webhook_new(struct ctx *ctx, struct uuid customer_id, struct uuid endpoint_id,
                               struct str type, struct uuid object_id);
MUST_CHECK enum err webhook_queue(struct ctx *ctx, struct tx *tx, const struct webhook_row *row);

#endif
