#include "app/idempotency.h"

#include "base/assert.h"
#include "store/sql/idempotency.h"

struct finding {
    const struct idempotency *once;
    struct kept_answer *kept;
    bool found;
    const struct kept_answer *answer; /* to be written */
    int64_t purged;
};

static enum err load(struct ctx *ctx, struct tx *tx, struct finding *finding)
{
    const struct idempotency *once = finding->once;
    struct idempotent_answer_row row;
    finding->found = false;
    TRY(idempotent_answer_load(tx,
                               &(struct idempotent_answer_load_in){.api_key_id = once->api_key_id,
                                                                   .idempotency_key = once->key},
                               &row, &finding->found));
    if (finding->found && row.created_at <= ctx_now(ctx) - IDEMPOTENCY_KEPT_US)
        finding->found = false;
    if (!finding->found)
        return ERR_NONE;
    if (!str_eq(row.fingerprint, once->fingerprint))
        return fail(ctx, ERR_REUSED,
                    "the Idempotency-Key %.*s came with another request before; each request "
                    "needs a key of its own",
                    STR_ARG(once->key));
    *finding->kept = (struct kept_answer){
        .status = (int)row.answer_status,
        .content_type = row.content_type,
        .ignored_fields = row.ignored_fields,
        .body = row.body,
    };
    return ERR_NONE;
}

static enum err find(struct ctx *ctx, struct tx *tx, void *arg)
{
    return load(ctx, tx, arg);
}

enum err idempotency_find(struct ctx *ctx, const struct idempotency *once, struct kept_answer *kept,
                          bool *found)
{
    struct finding finding = {.once = once, .kept = kept};
    TRY(tx_run(ctx, TX_READ, find, &finding));
    *found = finding.found;
    return ERR_NONE;
}

static enum err write(struct ctx *ctx, struct tx *tx, const struct idempotency *once,
                      const struct kept_answer *answer, int64_t *changed)
{
    return idempotent_answer_claim(tx,
                                   &(struct idempotent_answer_claim_in){
                                       .api_key_id = once->api_key_id,
                                       .idempotency_key = once->key,
                                       .fingerprint = once->fingerprint,
                                       .answer_status = answer->status,
                                       .content_type = answer->content_type,
                                       .ignored_fields = answer->ignored_fields,
                                       .body = answer->body,
                                       .created_at = ctx_now(ctx),
                                   },
                                   changed);
}

/* What is there but no longer good makes room first. */
static enum err drop(struct tx *tx, const struct idempotency *once)
{
    return idempotent_answer_drop(tx,
                                  &(struct idempotent_answer_drop_in){
                                      .api_key_id = once->api_key_id, .idempotency_key = once->key},
                                  NULL);
}

static enum err claim(struct ctx *ctx, struct tx *tx, void *arg)
{
    static const struct kept_answer none = {.body = {"", 0}};
    struct finding *finding = arg;
    int64_t changed = 0;
    TRY(load(ctx, tx, finding));
    if (finding->found)
        return ERR_NONE;
    TRY(write(ctx, tx, finding->once, &none, &changed));
    if (changed == 0) { /* too old, or another process was first: it is over now */
        TRY(load(ctx, tx, finding));
        if (finding->found)
            return ERR_NONE;
        TRY(drop(tx, finding->once));
        TRY(write(ctx, tx, finding->once, &none, &changed));
    }
    return changed == 1 ? ERR_NONE : fail(ctx, ERR_BUSY, "others use the same Idempotency-Key");
}

enum err idempotency_claim(struct ctx *ctx, const struct idempotency *once,
                           struct kept_answer *kept, bool *found)
{
    struct finding finding = {.once = once, .kept = kept};
    ASSERT(ctx->tx != NULL);
    TRY(tx_run(ctx, TX_WRITE, claim, &finding));
    *found = finding.found;
    return ERR_NONE;
}

static enum err fill(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct finding *finding = arg;
    int64_t changed = 0;
    TRY(idempotent_answer_fill(tx,
                               &(struct idempotent_answer_fill_in){
                                   .api_key_id = finding->once->api_key_id,
                                   .idempotency_key = finding->once->key,
                                   .answer_status = finding->answer->status,
                                   .content_type = finding->answer->content_type,
                                   .ignored_fields = finding->answer->ignored_fields,
                                   .body = finding->answer->body,
                               },
                               &changed));
    return changed == 1 ? ERR_NONE : fail(ctx, ERR_STORE, "a claimed Idempotency-Key is gone");
}

enum err idempotency_fill(struct ctx *ctx, const struct idempotency *once,
                          const struct kept_answer *answer)
{
    ASSERT(ctx->tx != NULL);
    return tx_run(ctx, TX_WRITE, fill, &(struct finding){.once = once, .answer = answer});
}

enum err idempotency_keep(struct ctx *ctx, struct tx *tx, const struct idempotency *once,
                          const struct kept_answer *answer)
{
    struct kept_answer other;
    struct finding finding = {.once = once, .kept = &other};
    int64_t changed = 0;
    enum err err = load(ctx, tx, &finding);
    if (err == ERR_REUSED) { /* kept for another request just now */
        fault_reset(ctx->fault);
        return ERR_NONE;
    }
    TRY(err);
    if (finding.found)
        return ERR_NONE;
    TRY(drop(tx, once));
    return write(ctx, tx, once, answer, &changed);
}

static enum err purge(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct finding *finding = arg;
    return idempotent_answer_purge(
        tx, &(struct idempotent_answer_purge_in){.before = ctx_now(ctx) - IDEMPOTENCY_KEPT_US},
        &finding->purged);
}

enum err idempotency_purge(struct ctx *ctx, int64_t *purged)
{
    struct finding finding = {0};
    TRY(tx_run(ctx, TX_WRITE, purge, &finding));
    *purged = finding.purged;
    return ERR_NONE;
}
