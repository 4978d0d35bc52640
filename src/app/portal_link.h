/* portal_link.h - the way into the portal: a link by mail, or made by an operator.
 *
 * A link is for an address, and shows every customer with it, or for one customer where an operator
 * made it.  It opens once, within its time (of the application's clock). */
#ifndef APP_PORTAL_LINK_H
#define APP_PORTAL_LINK_H

#include "app/attempts.h"
#include "app/ctx.h"
#include "app/portal_session.h"
#include "base/time.h"

#define PORTAL_LINK_US          ((int64_t)15 * 60 * TIME_SECOND) /* by mail */
#define PORTAL_LINK_OPERATOR_US (12 * TIME_HOUR)                 /* made by an operator */

struct portal_link_request {
    struct str email; /* as typed */
    struct session_place place;
    struct attempts *attempts;
    int64_t now_us; /* monotonic */
};

/* Sends a link to the address, if any customer has it; the answer is the same where none has.
 * ERR_LIMITED: too many for this address or from this place; *wait_s says for how long. */
MUST_CHECK enum err portal_link_send(struct ctx *ctx, const struct portal_link_request *request,
                                     int64_t *wait_s);

/* A link for one customer, made by an operator, as a whole address.  ERR_NOT_FOUND. */
MUST_CHECK enum err portal_link_make(struct ctx *ctx, struct str external_id, struct str *url);

/* Whether a link would open now. */
MUST_CHECK enum err portal_link_check(struct ctx *ctx, struct str token, bool *opens);
/* Uses it up; *session_token is for the browser alone.  ERR_NOT_FOUND: unknown, used, or too old.
 */
MUST_CHECK enum err portal_link_open(struct ctx *ctx, struct str token,
                                     const struct session_place *place, struct str *session_token);

#endif
