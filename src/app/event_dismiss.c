#include "app/event_dismiss.h"

#include "app/audit.h"
#include "app/event_prepare.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "store/sql/catalog.h"
#include "store/sql/event.h"
#include "store/sql/instance.h"

/* No ingest brings or adopts events meanwhile. */
static enum err lock_ingest(struct tx *tx)
{
    struct ingest_seq_next_row next;
    bool found = false;
    TRY(ingest_seq_next(tx, &next, &found));
    ASSERT(found);
    return ERR_NONE;
}

static enum err forget(struct ctx *ctx, struct tx *tx, const struct event_unmatched_row *row)
{
    unsigned char transaction[16];
    unsigned char subscription[8];
    event_transaction_hash(ctx->app, row->transaction_id, transaction);
    event_subscription_hash(ctx->app, row->external_subscription_id, subscription);
    TRY(event_key_delete(tx,
                         &(struct event_key_delete_in){
                             .arrival_day = row->arrival_day,
                             .transaction_hash = {(const char *)transaction, sizeof transaction},
                             .subscription_hash = {(const char *)subscription, sizeof subscription},
                         },
                         NULL));
    return event_unmatched_delete(tx,
                                  &(struct event_unmatched_delete_in){
                                      .external_subscription_id = row->external_subscription_id,
                                      .occurred_at = row->occurred_at,
                                      .id = row->id,
                                  },
                                  NULL);
}

/* ---- one ------------------------------------------------------------------------------------- */

static enum err dismiss(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct uuid *id = arg;
    struct event_unmatched_row row;
    bool found = false;
    TRY(lock_ingest(tx));
    TRY(event_unmatched_load(tx, &(struct event_unmatched_load_in){.id = *id}, &row, &found));
    if (!found)
        return fail_not_found(ctx, "unmatched_event", uuid_text(ctx->arena, *id));
    TRY(forget(ctx, tx, &row));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "unmatched_event.dismiss",
                         .object_id = row.id,
                         .before = event_unmatched_row_json(ctx->arena, &row),
                     });
}

enum err event_dismiss(struct ctx *ctx, struct uuid id)
{
    return tx_run(ctx, TX_WRITE, dismiss, &id);
}

/* ---- all of an external id ------------------------------------------------------------------- */

struct dismissing {
    struct str external_id, code;
    size_t count; /* in this transaction */
};

static struct str what_went(struct arena *arena, const struct dismissing *d)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, arena, 4096);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    json_str(&out, "external_subscription_id", d->external_id);
    json_str(&out, "code", d->code);
    json_int(&out, "event_count", (int64_t)d->count);
    json_object_end(&out);
    return buf_str(&text);
}

static enum err dismiss_part(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct dismissing *d = arg;
    struct billable_metric_row metric = {0};
    struct event_unmatched_row *rows = NULL;
    bool found = true;
    TRY(lock_ingest(tx));
    if (!str_is_null(d->code))
        TRY(billable_metric_by_code(tx, &(struct billable_metric_by_code_in){.code = d->code},
                                    &metric, &found));
    if (!found)
        return fail_not_found(ctx, "billable_metric", d->code);
    TRY(event_unmatched_oldest(tx,
                               &(struct event_unmatched_oldest_in){
                                   .wanted_external_id = d->external_id,
                                   .wanted_metric_id = metric.id,
                                   .limit = EVENT_DISMISS_PART,
                               },
                               &rows, &d->count));
    for (size_t i = 0; i < d->count; i++)
        TRY(forget(ctx, tx, &rows[i]));
    if (d->count == 0)
        return ERR_NONE;
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "unmatched_event.dismiss_all",
                         .object_id = ctx->app->organization_id,
                         .before = what_went(ctx->arena, d),
                     });
}

enum err event_dismiss_all(struct ctx *ctx, struct str external_subscription_id, struct str code,
                           int64_t *count)
{
    struct dismissing d = {.external_id = external_subscription_id, .code = code};
    ASSERT(!str_is_null(external_subscription_id));
    *count = 0;
    do {
        struct arena_mark mark = arena_mark(ctx->arena);
        TRY(tx_run(ctx, TX_WRITE, dismiss_part, &d));
        *count += (int64_t)d.count;
        arena_return(ctx->arena, mark);
    } while (d.count == EVENT_DISMISS_PART);
    return ERR_NONE;
}
