/* webhook_body.h - what a webhook says: the object as the endpoint's face shows it.
 *
 * Standard form: {"type", "timestamp", "data": {object}}; Lago's: {"webhook_type", "object_type",
 * "organization_id", "<object type>": {object}}.  The object is what a GET of it answers.  One that
 * is gone is told by its id, its code or external id, and its name. */
#ifndef API_WEBHOOK_BODY_H
#define API_WEBHOOK_BODY_H

#include "app/webhook_send.h"

/* For app->webhook_body; within ctx->tx.  ERR_TOO_LARGE: more than WEBHOOK_BODY_MAX. */
MUST_CHECK enum err webhook_body_write(struct ctx *ctx, const struct webhook_told *told,
                                       struct str *body);

#endif
