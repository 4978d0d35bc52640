/* mail_list.h - which mails customers were sent, or could not be, and sending one again. */
#ifndef APP_MAIL_LIST_H
#define APP_MAIL_LIST_H

#include "app/ctx.h"
#include "app/list.h"
#include "store/sql/rows.h"

struct mail_view {
    struct mail_row row; /* without the link of a portal_link */
    struct str external_customer_id;
    struct str invoice_number; /* STR_NULL: of no invoice */
    int64_t tries;             /* of sending it */
    int64_t due_at;            /* of the next one; TIME_NONE: there will be none */
};

struct mail_filter {
    struct str external_customer_id; /* STR_NULL: any */
    struct uuid invoice_id;          /* nil: any */
    struct str type;                 /* invoice, receipt, portal_link; STR_NULL: any */
    struct str status;               /* waiting, sent, failed, no_address; STR_NULL: any */
    struct uuid after_id;            /* nil, or the mail behind which the list begins */
    int64_t limit, offset;
};

/* Newest first; *total as app/list.h.  ERR_INVALID: no such after_id. */
MUST_CHECK enum err mail_list(struct ctx *ctx, const struct mail_filter *filter,
                              struct mail_view **views, size_t *count, int64_t *total);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err mail_get(struct ctx *ctx, struct uuid id, struct mail_view *view);

/* Sends it again, to the customer's address as it is now.  One that failed or waits keeps its id,
 * since it may have arrived; of one that was sent a new mail is made, which *view then is.
 * ERR_NOT_FOUND; ERR_NOT_ALLOWED: a link to sign in (it is asked for anew), or the customer has no
 * address. */
MUST_CHECK enum err mail_resend(struct ctx *ctx, struct uuid id, struct mail_view *view);

#endif
