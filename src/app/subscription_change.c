#include "app/subscription_change.h"

#include "app/audit.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "store/sql/subscription.h"

enum err subscription_save(struct ctx *ctx, struct tx *tx, struct subscription_row *row)
{
    int64_t changed = 0;
    row->updated_at = ctx_now(ctx);
    TRY(subscription_update(tx,
                            &(struct subscription_update_in){
                                .customer_id = row->customer_id,
                                .id = row->id,
                                .name = row->name,
                                .plan_version_id = row->plan_version_id,
                                .fixed_version_id = row->fixed_version_id,
                                .status = row->status,
                                .subscription_at = row->subscription_at,
                                .started_at = row->started_at,
                                .ending_at = row->ending_at,
                                .terminated_at = row->terminated_at,
                                .on_termination_invoice = row->on_termination_invoice,
                                .billed_until_at = row->billed_until_at,
                                .billed_until_day = row->billed_until_day,
                                .next_due_at = row->next_due_at,
                                .updated_at = row->updated_at,
                            },
                            &changed));
    ASSERT(changed == 1);
    return ERR_NONE;
}

static struct str audit_text(struct arena *arena, const struct subscription_row *row)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, 8192);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_str(&out, "external_id", row->external_id);
    json_str(&out, "name", row->name);
    json_str(&out, "status", row->status);
    json_uuid(&out, "plan_version_id", row->plan_version_id);
    json_time(&out, "subscription_at", row->subscription_at);
    json_time(&out, "started_at", row->started_at);
    json_time(&out, "ending_at", row->ending_at);
    json_time(&out, "terminated_at", row->terminated_at);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

enum err subscription_change(struct ctx *ctx, struct tx *tx, const char *action,
                             struct subscription_row *row)
{
    struct subscription_row before;
    bool found = false;
    TRY(subscription_load(
        tx, &(struct subscription_load_in){.customer_id = row->customer_id, .id = row->id}, &before,
        &found));
    ASSERT(found);
    TRY(subscription_save(ctx, tx, row));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = row->customer_id,
                         .action = action,
                         .object_id = row->id,
                         .before = audit_text(ctx->arena, &before),
                         .after = audit_text(ctx->arena, row),
                     });
}
