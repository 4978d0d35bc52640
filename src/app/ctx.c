#include "app/ctx.h"

#include "base/assert.h"
#include "base/log.h"

#include <time.h>

#define TRIES_MAX      6
#define FIRST_PAUSE_MS 2

int64_t ctx_now(const struct ctx *ctx)
{
    return clock_now(&ctx->app->clock);
}

struct uuid ctx_new_id(const struct ctx *ctx)
{
    return uuid_new(ctx_now(ctx));
}

enum err fail_not_found(struct ctx *ctx, const char *noun, struct str value)
{
    fault_field(ctx->fault, str_of(noun), arena_fmt(ctx->arena, "%s_not_found", noun).ptr, value,
                "one that exists");
    return fail(ctx, ERR_NOT_FOUND, "%s %.*s was not found", noun, STR_ARG(value));
}

enum err fail_cursor(struct ctx *ctx, struct uuid id)
{
    fault_field(ctx->fault, STR("starting_after"), "value_is_invalid", uuid_text(ctx->arena, id),
                "the id of an object of this list, as meta.next_cursor says it");
    return fault_check(ctx->fault);
}

static void pause_before_try(int try)
{
    long ms = (long)FIRST_PAUSE_MS << (2 * try);
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static enum err run_once(struct ctx *ctx, enum tx_mode mode,
                         enum err (*work)(struct ctx *ctx, struct tx *tx, void *arg), void *arg)
{
    struct tx *tx = NULL;
    TRY(tx_begin(ctx->app->store, mode, ctx->arena, ctx->fault, &tx));
    enum err err = work(ctx, tx, arg);
    if (err != ERR_NONE) {
        tx_rollback(tx);
        return err;
    }
    return tx_commit(tx);
}

/* What was written before the error is still there, and only the end of the transaction undoes
 * it. */
static enum err join(struct ctx *ctx, enum tx_mode mode,
                     enum err (*work)(struct ctx *ctx, struct tx *tx, void *arg), void *arg)
{
    enum err err = work(ctx, ctx->tx, arg);
    if (err != ERR_NONE && mode != TX_READ)
        ctx->tx_is_spoilt = true;
    return err;
}

enum err tx_run(struct ctx *ctx, enum tx_mode mode,
                enum err (*work)(struct ctx *ctx, struct tx *tx, void *arg), void *arg)
{
    if (ctx->tx != NULL)
        return join(ctx, mode, work, arg);
    for (int try = 0;; try++) {
        enum err err = run_once(ctx, mode, work, arg);
        if (!err_is_retryable(err) || try == TRIES_MAX)
            return err;
        log_debug("transaction is tried again", LOG_STR("why", ctx->fault->message),
                  LOG_INT("try", try + 1));
        fault_reset(ctx->fault);
        pause_before_try(try);
    }
}

struct joined {
    enum err (*work)(struct ctx *ctx, void *arg);
    void *arg;
};

static enum err run_joined(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct joined *joined = arg;
    ctx->tx = tx;
    ctx->tx_is_spoilt = false;
    enum err err = joined->work(ctx, joined->arg);
    ctx->tx = NULL;
    if (err == ERR_NONE && ctx->tx_is_spoilt)
        return fail(ctx, ERR_STORE, "a part of the transaction failed, so none of it is kept");
    return err;
}

enum err tx_run_joined(struct ctx *ctx, enum tx_mode mode,
                       enum err (*work)(struct ctx *ctx, void *arg), void *arg)
{
    ASSERT(ctx->tx == NULL);
    return tx_run(ctx, mode, run_joined, &(struct joined){.work = work, .arg = arg});
}
