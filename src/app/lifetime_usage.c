#include "app/lifetime_usage.h"

#include "app/audit.h"
#include "app/current_usage.h"
#include "base/assert.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/customer.h"
#include "store/sql/subscription.h"
#include "store/sql/usage_reads.h"

struct lifetime {
    struct str external_id;
    int64_t set_minor; /* INT_NONE: only read */
    struct lifetime_usage *usage;
    struct customer_row customer;
};

/* The running one, else the newest; and when the first one started. */
static enum err choose(struct ctx *ctx, struct tx *tx, const struct lifetime *l)
{
    struct lifetime_usage *usage = l->usage;
    struct subscription_row *rows = NULL;
    size_t count = 0;
    TRY(subscription_by_external_list(
        tx,
        &(struct subscription_by_external_list_in){.customer_id = l->customer.id,
                                                   .external_id = l->external_id},
        &rows, &count));
    if (count == 0)
        return fail_not_found(ctx, "subscription", l->external_id);
    usage->subscription = rows[0];
    usage->from_at = TIME_NONE;
    for (size_t i = count; i-- > 0;) {
        if (str_eq(rows[i].status, STR("active")))
            usage->subscription = rows[i];
        if (rows[i].started_at != TIME_NONE &&
            (usage->from_at == TIME_NONE || rows[i].started_at < usage->from_at))
            usage->from_at = rows[i].started_at;
    }
    bool has_ended = usage->subscription.terminated_at != TIME_NONE;
    usage->to_at = has_ended ? usage->subscription.terminated_at : ctx_now(ctx);
    return ERR_NONE;
}

static enum err find(struct ctx *ctx, struct tx *tx, struct lifetime *l)
{
    struct subscription_owner_row owner;
    bool found = false;
    TRY(subscription_owner(tx, &(struct subscription_owner_in){.external_id = l->external_id},
                           &owner, &found));
    if (!found)
        return fail_not_found(ctx, "subscription", l->external_id);
    if (l->set_minor != INT_NONE)
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = owner.customer_id}, &l->customer,
                          &found));
    else
        TRY(customer_load(tx, &(struct customer_load_in){.id = owner.customer_id}, &l->customer,
                          &found));
    ASSERT(found);
    return choose(ctx, tx, l);
}

static enum err read_historical(struct tx *tx, const struct lifetime *l)
{
    struct lifetime_usage_row row;
    bool found = false;
    TRY(lifetime_usage_load(tx,
                            &(struct lifetime_usage_load_in){.customer_id = l->customer.id,
                                                             .external_id = l->external_id},
                            &row, &found));
    l->usage->historical_minor = found ? row.historical_minor : 0;
    return ERR_NONE;
}

static enum err read_current(struct ctx *ctx, struct tx *tx, const struct lifetime *l)
{
    struct current_usage_view view;
    l->usage->current_minor = 0;
    if (!str_eq(l->usage->subscription.status, STR("active")))
        return ERR_NONE;
    TRY(current_usage_read(ctx, tx, l->customer.external_id, l->external_id, false, &view));
    l->usage->current_minor = view.build.row.fees_amount_minor;
    return ERR_NONE;
}

static enum err read_all(struct ctx *ctx, struct tx *tx, struct lifetime *l)
{
    struct lifetime_invoiced_row invoiced;
    bool found = false;
    TRY(lifetime_invoiced(tx,
                          &(struct lifetime_invoiced_in){.customer_id = l->customer.id,
                                                         .external_id = l->external_id},
                          &invoiced, &found));
    ASSERT(found);
    l->usage->invoiced_minor = invoiced.total_minor;
    TRY(read_historical(tx, l));
    return read_current(ctx, tx, l);
}

static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct lifetime *l = arg;
    TRY(find(ctx, tx, l));
    return read_all(ctx, tx, l);
}

static struct str audit_text(struct arena *arena, const struct lifetime *l, int64_t minor)
{
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, 4096);
    json_writer_init(&out, &buf);
    json_object(&out, NULL);
    json_str(&out, "external_subscription_id", l->external_id);
    json_int(&out, "external_historical_usage_amount_cents", minor);
    json_object_end(&out);
    ASSERT(buf_ok(&buf));
    return buf_str(&buf);
}

static enum err set(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct lifetime *l = arg;
    TRY(find(ctx, tx, l));
    TRY(read_historical(tx, l));
    int64_t before = l->usage->historical_minor;
    TRY(lifetime_usage_put(tx,
                           &(struct lifetime_usage_put_in){.customer_id = l->customer.id,
                                                           .external_id = l->external_id,
                                                           .historical_minor = l->set_minor,
                                                           .updated_at = ctx_now(ctx)},
                           NULL));
    TRY(audit_add(ctx, tx,
                  &(struct audit){
                      .chain_id = l->customer.id,
                      .action = "subscription.lifetime_usage",
                      .object_id = l->usage->subscription.id,
                      .before = audit_text(ctx->arena, l, before),
                      .after = audit_text(ctx->arena, l, l->set_minor),
                  }));
    return read_all(ctx, tx, l);
}

enum err lifetime_usage_get(struct ctx *ctx, struct str external_id, struct lifetime_usage *usage)
{
    struct lifetime lifetime = {.external_id = external_id, .set_minor = INT_NONE, .usage = usage};
    return tx_run(ctx, TX_READ, get, &lifetime);
}

enum err lifetime_usage_set(struct ctx *ctx, struct str external_id, int64_t historical_minor,
                            struct lifetime_usage *usage)
{
    struct lifetime lifetime = {
        .external_id = external_id, .set_minor = historical_minor, .usage = usage};
    return tx_run(ctx, TX_WRITE, set, &lifetime);
}
