/* event_dismiss.h - unmatched events that will never match are taken out, by a person's decision.
 *
 * An event that is dismissed is forgotten wholly: sent again it is new.  Audited with what was
 * dismissed: the event itself, or the filter and how many it took. */
#ifndef APP_EVENT_DISMISS_H
#define APP_EVENT_DISMISS_H

#include "app/ctx.h"

/* One, by its id.  ERR_NOT_FOUND: no unmatched event has it. */
MUST_CHECK enum err event_dismiss(struct ctx *ctx, struct uuid id);

/* All that wait for an external id ("": those that named none), of one metric where `code` is
 * not STR_NULL.  In parts of EVENT_DISMISS_PART, each a transaction with its audit entry; *count is
 * how many went.  ERR_NOT_FOUND: no such metric. */
#define EVENT_DISMISS_PART 1000
MUST_CHECK enum err event_dismiss_all(struct ctx *ctx, struct str external_subscription_id,
                                      struct str code, int64_t *count);

#endif
