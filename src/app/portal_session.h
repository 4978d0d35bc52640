/* portal_session.h - customers in the portal: the sessions that links begin (app/portal_link.h).
 *
 * A session shows every customer with the address that the link went to, one at a time, or the one
 * for whom an operator made the link.  It ends PORTAL_IDLE_US after it was last used,
 * PORTAL_LIFE_US after it began, when it is signed out, and when the customer is gone or has
 * another address.  Times are of the application's clock. */
#ifndef APP_PORTAL_SESSION_H
#define APP_PORTAL_SESSION_H

#include "app/ctx.h"
#include "app/session.h"
#include "base/time.h"
#include "store/sql/rows.h"

#define PORTAL_IDLE_US       (12 * TIME_HOUR)
#define PORTAL_LIFE_US       (7 * TIME_DAY)
#define PORTAL_CUSTOMERS_MAX 50 /* of one address that are shown */

/* Who is in the portal. */
struct portal_visitor {
    struct uuid session_id;
    struct customer_row customer; /* whose data is shown */
    struct str seller;            /* name of the billing entity that bills it */
    struct str seller_logo;       /* its logo's path; STR_NULL: it has none */
    struct customer_row *others;  /* all with the address, this one too, by name */
    size_t other_count;           /* 1 where an operator made the link */
};

/* ERR_UNAUTHORIZED: unknown or over; a signed-out one that is used stands in the security log. */
MUST_CHECK enum err portal_session_check(struct ctx *ctx, struct str token,
                                         const struct session_place *place,
                                         struct portal_visitor *visitor);
/* Another of the address's customers is shown from now on.  ERR_NOT_FOUND: it is none. */
MUST_CHECK enum err portal_session_switch(struct ctx *ctx, const struct portal_visitor *visitor,
                                          struct uuid customer_id);
MUST_CHECK enum err portal_session_end(struct ctx *ctx, const struct portal_visitor *visitor);

#endif
