/* webhook_list.h - which messages endpoints were sent, or could not be, and sending one again. */
#ifndef APP_WEBHOOK_LIST_H
#define APP_WEBHOOK_LIST_H

#include "app/ctx.h"
#include "app/list.h"
#include "store/sql/rows.h"

#define WEBHOOK_KEPT_DAYS 30 /* after its end a message is kept so long */

struct webhook_view {
    struct webhook_row row;
    struct str url; /* of the endpoint */
    int64_t tries;  /* of sending it */
    int64_t due_at; /* of the next one; TIME_NONE: there will be none */
};

struct webhook_filter {
    struct uuid endpoint_id; /* nil: any */
    struct str type;         /* STR_NULL: any */
    struct str status;       /* waiting, succeeded, failed; STR_NULL: any */
    struct uuid after_id;    /* nil, or the message behind which the list begins */
    int64_t limit, offset;
};

/* Newest first; *total as app/list.h.  ERR_INVALID: no such after_id. */
MUST_CHECK enum err webhook_list(struct ctx *ctx, const struct webhook_filter *filter,
                                 struct webhook_view **views, size_t *count, int64_t *total);
/* ERR_NOT_FOUND. */
MUST_CHECK enum err webhook_get(struct ctx *ctx, struct uuid id, struct webhook_view *view);

/* Sends it again, with its id and its body, as if it were new.  ERR_NOT_FOUND. */
MUST_CHECK enum err webhook_resend(struct ctx *ctx, struct uuid id, struct webhook_view *view);

/* Deletes messages that ended more than WEBHOOK_KEPT_DAYS ago, so many at once that nobody waits
 * for it; *count is how many. */
MUST_CHECK enum err webhook_purge(struct ctx *ctx, int64_t *count);

#endif
