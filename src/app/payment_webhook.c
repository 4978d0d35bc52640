#include "app/payment_settle.h"
#include "app/payment_settle_private.h"
#include "base/assert.h"
#include "base/log.h"
#include "store/sql/payment.h"

struct taking {
    const struct gateway *gateway;
    const struct gateway_notice *notice;
    enum payment_news news;
};

static struct str outcome_of(enum payment_news news)
{
    switch (news) {
    case PAYMENT_NEWS_SETTLED:
        return STR("settled");
    case PAYMENT_NEWS_KNOWN:
    case PAYMENT_NEWS_LATE:
        return STR("late");
    case PAYMENT_NEWS_DOUBTED:
        return STR("doubted");
    case PAYMENT_NEWS_STRANGE:
        break;
    }
    return STR("strange");
}

static enum err note_event(struct ctx *ctx, struct tx *tx, const struct taking *taking)
{
    return gateway_event_insert(tx, &(struct gateway_event_row){
                                        .gateway_code = str_of(taking->gateway->code),
                                        .event_id = taking->notice->event_id,
                                        .kind = taking->notice->kind,
                                        .gateway_reference = taking->notice->payment.reference,
                                        .outcome = outcome_of(taking->news),
                                        .received_at = ctx_now(ctx),
                                    });
}

static enum err take(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct taking *taking = arg;
    struct str code = str_of(taking->gateway->code);
    struct gateway_event_row seen;
    struct payment_by_reference_row key;
    struct payment_work work;
    bool found = false;
    bool is_known = false;
    TRY(payment_by_reference(
        tx,
        &(struct payment_by_reference_in){.gateway_reference = taking->notice->payment.reference,
                                          .gateway_code = code},
        &key, &found));
    if (found)
        TRY(payment_work_lock(ctx, tx, key.customer_id, key.id, &work));
    /* Under the customer's lock, so that the same event at the same time waits here. */
    TRY(gateway_event_load(
        tx,
        &(struct gateway_event_load_in){.gateway_code = code, .event_id = taking->notice->event_id},
        &seen, &is_known));
    taking->news = is_known ? PAYMENT_NEWS_KNOWN : PAYMENT_NEWS_STRANGE;
    if (is_known)
        return ERR_NONE;
    if (found)
        TRY(payment_settle(ctx, tx, &work, PAYMENT_TOLD, &taking->notice->payment, &taking->news));
    return note_event(ctx, tx, taking);
}

static void tell(const struct taking *taking)
{
    const struct gateway_notice *notice = taking->notice;
    if (taking->news == PAYMENT_NEWS_STRANGE || taking->news == PAYMENT_NEWS_DOUBTED)
        log_warn(taking->news == PAYMENT_NEWS_STRANGE
                     ? "a gateway told of a payment that is none of ours"
                     : "a gateway told of another amount or currency; it is looked up",
                 LOG_STR("gateway", str_of(taking->gateway->code)),
                 LOG_STR("event", notice->event_id),
                 LOG_STR("reference", notice->payment.reference));
    else
        log_debug("webhook taken", LOG_STR("event", notice->event_id),
                  LOG_STR("kind", notice->kind), LOG_STR("outcome", outcome_of(taking->news)));
}

static enum err take_one(struct ctx *ctx, struct taking *taking)
{
    enum err err = tx_run(ctx, TX_WRITE, take, taking);
    if (err == ERR_CONFLICT) { /* a strange event, twice at the same time: no lock holds those */
        fault_reset(ctx->fault);
        err = tx_run(ctx, TX_WRITE, take, taking);
    }
    return err;
}

enum err payment_webhook(struct ctx *ctx, struct str code, const struct gateway_webhook *webhook,
                         int64_t *changed)
{
    struct gateway_notices notices = {0};
    struct gateway *gateway = gateways_find(&ctx->app->gateways, code);
    *changed = 0;
    if (gateway == NULL)
        return fail_not_found(ctx, "gateway", code);
    TRY(gateway->driver->webhook_read(gateway, ctx->arena, ctx->fault, webhook, &notices));
    for (size_t i = 0; i < notices.count; i++) {
        struct taking taking = {.gateway = gateway, .notice = &notices.items[i]};
        TRY(take_one(ctx, &taking));
        *changed += taking.news == PAYMENT_NEWS_SETTLED;
        tell(&taking);
    }
    return ERR_NONE;
}
