#include "app/webhook_send.h"

#include "app/webhook.h"
#include "app/webhook_endpoint.h"
#include "base/assert.h"
#include "base/none.h"
#include "connectors/http_call.h"
#include "connectors/webhook_sign.h"
#include "store/sql/customer.h"
#include "store/sql/subscription.h"
#include "store/sql/webhook.h"

#include <time.h>

#define GONE 410

/* What is needed to send one message. */
struct sending {
    struct uuid customer_id, id;
    struct webhook_row row;
    struct webhook_endpoint_row endpoint;
    struct webhook_secret_row secret;
    struct http_reply reply; /* status 0: there was none */
};

/* ---- what it says ---------------------------------------------------------------------------- */

static enum err find_customer(struct tx *tx, struct webhook_told *told)
{
    struct customer_row customer;
    bool found = false;
    TRY(customer_load(tx, &(struct customer_load_in){.id = told->row->object_id}, &customer,
                      &found));
    told->is_gone = !found || customer.deleted_at != TIME_NONE;
    if (found)
        told->key = customer.external_id;
    return ERR_NONE;
}

static enum err find_subscription(struct tx *tx, struct webhook_told *told)
{
    struct subscription_row subscription;
    bool found = false;
    TRY(subscription_load(tx,
                          &(struct subscription_load_in){.customer_id = told->row->customer_id,
                                                         .id = told->row->object_id},
                          &subscription, &found));
    told->is_gone = !found;
    if (found) {
        told->key = subscription.external_id;
        told->status = subscription.status;
    }
    return ERR_NONE;
}

static enum err find_code(struct tx *tx, struct webhook_told *told)
{
    struct webhook_object_code_row code;
    bool found = false;
    TRY(webhook_object_code(tx, &(struct webhook_object_code_in){.object_id = told->row->object_id},
                            &code, &found));
    told->is_gone = !found;
    if (found)
        told->key = code.code;
    return ERR_NONE;
}

/* Objects that are known by something else than their id. */
static const struct {
    const char *object_type;
    enum err (*find)(struct tx *tx, struct webhook_told *told);
} finders[] = {
    {"customer", find_customer}, {"subscription", find_subscription},
    {"plan", find_code},         {"billable_metric", find_code},
    {"add_on", find_code},       {"feature", find_code},
    {"tax", find_code},          {"billing_entity", find_code},
};

static enum err find_object(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct webhook_told *told = arg;
    told->key = uuid_text(ctx->arena, told->row->object_id);
    told->is_gone = webhook_is_deletion(told->row->webhook_type);
    if (told->is_gone)
        return ERR_NONE;
    for (size_t i = 0; i < sizeof finders / sizeof finders[0]; i++) {
        if (str_eq(told->row->object_type, str_of(finders[i].object_type)))
            return finders[i].find(tx, told);
    }
    return ERR_NONE;
}

struct composing {
    struct sending *sending;
    struct str body;
};

/* In one transaction, so that what was found is still so when it is written. */
static enum err compose(struct ctx *ctx, void *arg)
{
    struct composing *composing = arg;
    const struct sending *sending = composing->sending;
    struct webhook_told told = {
        .row = &sending->row,
        .is_lago = str_eq(sending->endpoint.wire, WEBHOOK_ENDPOINT_WIRE_LAGO),
    };
    TRY(tx_run(ctx, TX_READ, find_object, &told));
    return ctx->app->webhook_body(ctx, &told, &composing->body);
}

static enum err save_body(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct composing *composing = arg;
    struct sending *sending = composing->sending;
    bool found = false;
    (void)ctx;
    TRY(webhook_set_body(tx,
                         &(struct webhook_set_body_in){.message_body = composing->body,
                                                       .customer_id = sending->customer_id,
                                                       .id = sending->id},
                         NULL));
    /* As kept: another process may have been first. */
    return webhook_load(
        tx, &(struct webhook_load_in){.customer_id = sending->customer_id, .id = sending->id},
        &sending->row, &found);
}

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct sending *sending = arg;
    bool found = false;
    TRY(webhook_load(
        tx, &(struct webhook_load_in){.customer_id = sending->customer_id, .id = sending->id},
        &sending->row, &found));
    if (found)
        TRY(webhook_endpoint_load(
            tx, &(struct webhook_endpoint_load_in){.id = sending->row.endpoint_id},
            &sending->endpoint, &found));
    if (!found)
        return fail_not_found(ctx, "webhook", uuid_text(ctx->arena, sending->id));
    TRY(webhook_secret_load(
        tx,
        &(struct webhook_secret_load_in){.owner_id = webhook_secret_owner(ctx, &sending->endpoint)},
        &sending->secret, &found));
    ASSERT(found);
    return ERR_NONE;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Receivers know no test clock. */
static int64_t real_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

static struct str signed_by(struct arena *arena, struct str secret, const struct sending *sending,
                            struct str id, int64_t now_s)
{
    struct webhook_key key;
    bool is_key = webhook_key_parse(secret, &key);
    ASSERT(is_key); /* as we made it */
    return webhook_sign(arena, &key, id, now_s, sending->row.message_body);
}

static void add_standard_headers(struct ctx *ctx, const struct sending *sending,
                                 struct http_call *call)
{
    struct arena *arena = ctx->arena;
    const struct webhook_secret_row *secret = &sending->secret;
    struct str id = uuid_text(arena, sending->id);
    int64_t now_s = real_now_s();
    struct str signature = signed_by(arena, secret->secret, sending, id, now_s);
    if (!str_is_null(secret->previous_secret) && ctx_now(ctx) < secret->previous_until)
        signature =
            arena_fmt(arena, "%.*s %.*s", STR_ARG(signature),
                      STR_ARG(signed_by(arena, secret->previous_secret, sending, id, now_s)));
    call->headers[1] = (struct http_call_header){"webhook-id", id};
    call->headers[2] =
        (struct http_call_header){"webhook-timestamp", arena_fmt(arena, "%lld", (long long)now_s)};
    call->headers[3] = (struct http_call_header){"webhook-signature", signature};
}

static void add_lago_headers(struct ctx *ctx, const struct sending *sending, struct http_call *call)
{
    call->headers[1] = (struct http_call_header){
        "X-Lago-Signature",
        webhook_sign_body(ctx->arena, sending->secret.secret, sending->row.message_body)};
    call->headers[2] = (struct http_call_header){"X-Lago-Signature-Algorithm", STR("hmac")};
    call->headers[3] =
        (struct http_call_header){"X-Lago-Unique-Key", uuid_text(ctx->arena, sending->id)};
}

static bool may_reach(const struct sockaddr *address, const void *arg)
{
    const struct app *app = arg;
    return webhook_target_may_reach(address, app->webhook_reach);
}

static enum outbox_result send_out(struct ctx *ctx, struct sending *sending)
{
    struct str url = sending->endpoint.webhook_url;
    const char *wrong = webhook_target_wrong(url, ctx->app->webhook_reach);
    struct http_call call = {
        .method = "POST",
        .url = url,
        .headers = {{"Content-Type", STR("application/json")}},
        .body = sending->row.message_body,
        .timeout_ms = WEBHOOK_TIMEOUT_S * 1000L,
        .answer_head_max = WEBHOOK_ANSWER_MAX,
        .may_reach = may_reach,
        .may_reach_arg = ctx->app,
    };
    if (wrong != NULL) { /* the setting was another when it was made */
        (void)fail(ctx, ERR_NOT_ALLOWED, "%.*s: wanted %s", STR_ARG(url), wrong);
        return OUTBOX_RETRY;
    }
    if (str_eq(sending->endpoint.wire, WEBHOOK_ENDPOINT_WIRE_LAGO))
        add_lago_headers(ctx, sending, &call);
    else
        add_standard_headers(ctx, sending, &call);
    if (http_call(ctx->arena, ctx->fault, &call, &sending->reply) != ERR_NONE)
        return OUTBOX_RETRY;
    long status = sending->reply.status;
    if (status >= 200 && status < 300)
        return OUTBOX_DONE;
    (void)fail(ctx, ERR_GATEWAY, "answered %ld", status);
    return status == GONE ? OUTBOX_REFUSED : OUTBOX_RETRY;
}

static enum outbox_result deliver(struct ctx *ctx, struct outbox_delivery *delivery)
{
    struct sending *sending = ARENA_NEW(ctx->arena, struct sending);
    *sending =
        (struct sending){.customer_id = delivery->item->customer_id, .id = delivery->item->id};
    delivery->data = sending;
    enum err err = tx_run(ctx, TX_READ, load, sending);
    if (err == ERR_NONE && str_is_null(sending->row.message_body)) {
        struct composing composing = {.sending = sending};
        err = tx_run_joined(ctx, TX_READ, compose, &composing);
        if (err == ERR_NONE)
            err = tx_run(ctx, TX_WRITE, save_body, &composing);
    }
    if (err != ERR_NONE)
        return outbox_unprepared(err, delivery);
    return send_out(ctx, sending);
}

/* The answer's beginning, which may be anything, as text that both engines take. */
static struct str answer_head(struct ctx *ctx, const struct http_reply *reply)
{
    struct buf text;
    if (reply->status == 0)
        return STR_NULL;
    buf_init(&text, ctx->arena, WEBHOOK_ANSWER_MAX);
    for (size_t i = 0; i < reply->body.len; i++) {
        char c = reply->body.ptr[i];
        if (c != '\n' && c != '\t' && (c < ' ' || c > '~'))
            c = '?';
        buf_char(&text, c);
    }
    return buf_str(&text);
}

static enum err ended(struct ctx *ctx, struct tx *tx, const struct outbox_delivery *delivery,
                      struct str status, struct str problem)
{
    const struct sending *sending = delivery->data;
    bool is_done = str_eq(status, STR("done"));
    const struct http_reply *reply = &sending->reply;
    TRY(webhook_end_try(tx,
                        &(struct webhook_end_try_in){
                            .webhook_status = is_done ? STR("succeeded") : status,
                            .http_status = reply->status == 0 ? INT_NONE : (int64_t)reply->status,
                            .answer_head = answer_head(ctx, reply),
                            .last_problem = problem,
                            .ended_at = str_eq(status, STR("waiting")) ? TIME_NONE : ctx_now(ctx),
                            .customer_id = sending->customer_id,
                            .id = sending->id,
                        },
                        NULL));
    return reply->status == GONE ? webhook_endpoint_gone(ctx, tx, sending->endpoint.id) : ERR_NONE;
}

static bool is_ready(const struct app *app)
{
    return app->webhook_body != NULL;
}

enum err webhook_deliver(struct ctx *ctx, size_t index, int64_t time_max_s, const atomic_bool *stop,
                         struct outbox_progress *progress)
{
    struct webhook_endpoint_row *rows = NULL;
    *progress = (struct outbox_progress){0};
    size_t count = 0;
    TRY(webhook_endpoint_list_all(ctx, &rows, &count));
    if (index >= count || rows[index].disabled_at != TIME_NONE)
        return ERR_NONE;
    struct str name = webhook_topic(ctx->arena, rows[index].id);
    const struct outbox_topic topic = {
        .name = arena_cstr(ctx->arena, name),
        .time_max_s = time_max_s,
        .is_ready = is_ready,
        .deliver = deliver,
        .ended = ended,
    };
    return outbox_deliver(ctx, (const struct outbox_topic *const[]){&topic, NULL}, stop, progress);
}
