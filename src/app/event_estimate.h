/* event_estimate.h - what an event would cost if it came now, by charges paid in advance; nothing
 * is stored. */
#ifndef APP_EVENT_ESTIMATE_H
#define APP_EVENT_ESTIMATE_H

#include "app/ctx.h"
#include "app/ingest.h"
#include "app/invoice.h"

#define ESTIMATE_BATCH_MAX 100

struct event_estimate {
    const struct event_input *events; /* transaction_id may be STR_NULL */
    size_t count;                     /* 1 to ESTIMATE_BATCH_MAX; each as if it were the only one */
    bool is_list;                     /* as of struct ingest_batch */
    bool is_lenient;                  /* likewise */
    bool by_itself; /* by standard and percentage prices only, without a look at earlier usage:
                     * nothing is free, and a value that is there counts again */
    struct fee_view *fees;
    size_t fee_count;
};

/* One fee for each event and charge.  ERR_INVALID: what the ingest refuses, and an event that no
 * such charge is for; ERR_NOT_FOUND: a subscription that does not run at the event's time. */
MUST_CHECK enum err event_estimate(struct ctx *ctx, struct event_estimate *estimate);

#endif
