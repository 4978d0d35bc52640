#include "app/maintenance.h"

#include "base/assert.h"
#include "base/none.h"
#include "store/sql/cost.h"
#include "store/sql/operate.h"

static enum err note(struct ctx *ctx, struct tx *tx, void *arg)
{
    (void)ctx;
    return maintenance_save(tx, arg, NULL);
}

enum err maintenance_note(struct ctx *ctx, struct str task, int64_t started_at, struct str words)
{
    struct maintenance_save_in in = {
        .task = task,
        .started_at = started_at,
        .finished_at = ctx_now(ctx),
        .words = words,
    };
    return tx_run(ctx, TX_WRITE, note, &in);
}

static int64_t earlier(int64_t a, int64_t b)
{
    if (a == TIME_NONE)
        return b;
    return b == TIME_NONE || a < b ? a : b;
}

enum err queues_read(struct tx *tx, int64_t now, struct queues *queues)
{
    struct queue_figures_row row;
    struct cost_unassigned_count_row unassigned;
    bool found = false;
    TRY(queue_figures(tx, &(struct queue_figures_in){.now = now}, &row, &found));
    ASSERT(found);
    TRY(cost_unassigned_count(tx, &unassigned, &found));
    ASSERT(found);
    *queues = (struct queues){
        .due_at = earlier(row.subscription_due_at, earlier(row.cost_due_at, row.draft_due_at)),
        .drafts = row.draft_count,
        .complete = row.complete_count,
        .unmatched = row.unmatched_count,
        .unmatched_at = row.unmatched_at,
        .unassigned = unassigned.total,
        .cost_exceptions = row.cost_exception_count,
        .late_exceptions = row.late_exception_count,
    };
    return ERR_NONE;
}

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    return queues_read(tx, ctx_now(ctx), arg);
}

enum err queues_load(struct ctx *ctx, struct queues *queues)
{
    return tx_run(ctx, TX_READ, load, queues);
}
