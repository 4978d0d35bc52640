#include "app/projected_usage.h"

struct projecting {
    struct str external_customer_id;
    struct str external_subscription_id;
    struct projected_usage *usage;
};

/* Both in one transaction, so that they are of the same usage. */
static enum err get(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct projecting *p = arg;
    struct projected_usage *usage = p->usage;
    struct projection projection;
    TRY(current_usage_read(ctx, tx, p->external_customer_id, p->external_subscription_id, false,
                           &usage->current));
    projection = current_usage_days(&usage->current);
    usage->elapsed_days = projection.elapsed_days;
    usage->period_days = projection.period_days;
    return current_usage_read(ctx, tx, p->external_customer_id, p->external_subscription_id, true,
                              &usage->projected);
}

enum err projected_usage_get(struct ctx *ctx, struct str external_customer_id,
                             struct str external_subscription_id, struct projected_usage *usage)
{
    struct projecting projecting = {external_customer_id, external_subscription_id, usage};
    return tx_run(ctx, TX_READ, get, &projecting);
}
