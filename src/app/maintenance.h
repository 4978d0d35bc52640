/* maintenance.h - when work that keeps the system going was last done, and what waits. */
#ifndef APP_MAINTENANCE_H
#define APP_MAINTENANCE_H

#include "app/ctx.h"

#define MAINTENANCE_BACKUP  STR("backup")
#define MAINTENANCE_BILLING STR("billing")

/* Notes that a task was done between the two instants. */
MUST_CHECK enum err maintenance_note(struct ctx *ctx, struct str task, int64_t started_at,
                                     struct str words);

struct queues {
    int64_t due_at;   /* of the oldest thing that is due and not done; TIME_NONE: nothing is */
    int64_t drafts;   /* invoices in their grace period */
    int64_t complete; /* invoices that are complete and have no number yet */
    int64_t unmatched;
    int64_t unmatched_at; /* the oldest one's arrival; TIME_NONE: none */
    int64_t unassigned;   /* sums of vendor cost of sub-accounts that nobody has */
    int64_t cost_exceptions;
    int64_t late_exceptions; /* charges and periods whose late usage is not billed */
};

/* What waits in the database. */
MUST_CHECK enum err queues_load(struct ctx *ctx, struct queues *queues);
/* The same in an open transaction. */
MUST_CHECK enum err queues_read(struct tx *tx, int64_t now, struct queues *queues);

#endif
