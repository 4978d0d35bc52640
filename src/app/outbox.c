#include "app/outbox.h"

#include "base/assert.h"
#include "base/log.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/outbox.h"

#define PROBLEM_MAX 500 /* bytes that are kept of it */

static const int32_t pauses_s[] = OUTBOX_PAUSES_S;
#define PAUSE_COUNT (sizeof pauses_s / sizeof pauses_s[0])
_Static_assert(PAUSE_COUNT + 1 == OUTBOX_TRIES_MAX, "a pause between two tries");

struct outbox_row outbox_new(const struct ctx *ctx, struct uuid customer_id, struct str topic,
                             struct str payload, struct uuid id)
{
    return (struct outbox_row){
        .customer_id = customer_id,
        .id = id,
        .topic = topic,
        .payload = payload,
        .delivery = STR("waiting"),
        .tries = 0,
        .due_at = ctx_now(ctx),
        .created_at = ctx_now(ctx),
        .ended_at = TIME_NONE,
    };
}

enum err outbox_add(struct ctx *ctx, struct tx *tx, struct uuid customer_id, struct str topic,
                    struct str payload, struct uuid *id)
{
    if (uuid_is_nil(*id))
        *id = ctx_new_id(ctx);
    struct outbox_row row = outbox_new(ctx, customer_id, topic, payload, *id);
    return outbox_insert(tx, &row);
}

enum err outbox_resend(struct ctx *ctx, struct tx *tx, struct uuid customer_id, struct uuid id)
{
    return outbox_again(
        tx, &(struct outbox_again_in){.due_at = ctx_now(ctx), .customer_id = customer_id, .id = id},
        NULL);
}

enum err outbox_tries(struct tx *tx, struct uuid customer_id, struct uuid id, int64_t *tries,
                      int64_t *due_at)
{
    struct outbox_row row;
    bool found = false;
    TRY(outbox_load(tx, &(struct outbox_load_in){.customer_id = customer_id, .id = id}, &row,
                    &found));
    *tries = found ? row.tries : 0;
    *due_at = found ? row.due_at : TIME_NONE;
    return ERR_NONE;
}

/* ---- one row --------------------------------------------------------------------------------- */

struct claiming {
    const struct outbox_topic *topic;
    struct outbox_row row;
    bool found;
};

static enum err look(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct claiming *claiming = arg;
    struct outbox_due_row due;
    return outbox_due(
        tx, &(struct outbox_due_in){.topic = str_of(claiming->topic->name), .now = ctx_now(ctx)},
        &due, &claiming->found);
}

static enum err claim(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct claiming *claiming = arg;
    struct outbox_row *row = &claiming->row;
    int64_t now = ctx_now(ctx);
    TRY(outbox_next(tx,
                    &(struct outbox_next_in){.topic = str_of(claiming->topic->name), .now = now},
                    row, &claiming->found));
    if (!claiming->found)
        return ERR_NONE;
    row->tries++;
    row->due_at = now + claiming->topic->time_max_s * TIME_SECOND;
    return outbox_claim(tx,
                        &(struct outbox_claim_in){
                            .tries = row->tries,
                            .due_at = row->due_at,
                            .customer_id = row->customer_id,
                            .id = row->id,
                        },
                        NULL);
}

struct ending {
    const struct outbox_topic *topic;
    const struct outbox_delivery *delivery;
    struct outbox_end_try_in in;
};

static enum err end_try(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct ending *ending = arg;
    int64_t changed = 0;
    TRY(outbox_end_try(tx, &ending->in, &changed));
    if (changed == 0 || ending->topic->ended == NULL)
        return ERR_NONE;
    return ending->topic->ended(ctx, tx, ending->delivery, ending->in.delivery,
                                ending->in.last_problem);
}

/* Cut between two characters. */
static struct str problem_of(struct ctx *ctx)
{
    struct str problem = ctx->fault->message;
    if (str_is_null(problem) || problem.len == 0)
        return STR("no reason was given");
    return arena_str(ctx->arena, str_cut(problem, PROBLEM_MAX));
}

static void decide(struct ctx *ctx, const struct outbox_row *row, enum outbox_result result,
                   struct outbox_end_try_in *in, struct outbox_progress *progress)
{
    int64_t now = ctx_now(ctx);
    *in = (struct outbox_end_try_in){
        .delivery = STR("done"),
        .due_at = TIME_NONE,
        .ended_at = now,
        .customer_id = row->customer_id,
        .id = row->id,
        .tries = row->tries,
    };
    if (result == OUTBOX_DONE) {
        progress->done++;
        return;
    }
    in->last_problem = problem_of(ctx);
    if (result == OUTBOX_RETRY && row->tries < OUTBOX_TRIES_MAX) {
        in->delivery = STR("waiting");
        in->due_at = now + (int64_t)pauses_s[row->tries - 1] * TIME_SECOND;
        in->ended_at = TIME_NONE;
        progress->retried++;
        return;
    }
    in->delivery = STR("failed");
    progress->failed++;
}

enum outbox_result outbox_unprepared(enum err err, struct outbox_delivery *delivery)
{
    delivery->err = err;
    if (err == ERR_INVALID || err == ERR_NOT_FOUND || err == ERR_TOO_LARGE)
        return OUTBOX_REFUSED;
    return err_http_status(err) >= 500 ? OUTBOX_UNTRIED : OUTBOX_RETRY;
}

static enum err deliver_one(struct ctx *ctx, const struct outbox_topic *topic,
                            struct outbox_progress *progress, bool *any)
{
    struct claiming claiming = {.topic = topic};
    *any = false;
    TRY(tx_run(ctx, TX_READ, look, &claiming));
    if (!claiming.found)
        return ERR_NONE;
    TRY(tx_run(ctx, TX_WRITE, claim, &claiming));
    if (!claiming.found)
        return ERR_NONE;
    *any = true;
    struct outbox_delivery delivery = {.item = &claiming.row};
    struct ending ending = {.topic = topic, .delivery = &delivery};
    enum outbox_result result = topic->deliver(ctx, &delivery);
    if (result == OUTBOX_UNTRIED && claiming.row.tries < OUTBOX_TRIES_MAX)
        return delivery.err;
    decide(ctx, &claiming.row, result, &ending.in, progress);
    fault_reset(ctx->fault);
    if (result != OUTBOX_DONE)
        log_warn("a delivery failed", LOG_STR("topic", str_of(topic->name)),
                 LOG_STR("id", uuid_text(ctx->arena, claiming.row.id)),
                 LOG_STR("delivery", ending.in.delivery), LOG_INT("tries", claiming.row.tries),
                 LOG_STR("why", ending.in.last_problem));
    return tx_run(ctx, TX_WRITE, end_try, &ending);
}

enum err outbox_deliver(struct ctx *ctx, const struct outbox_topic *const *topics,
                        const atomic_bool *stop, struct outbox_progress *progress)
{
    bool goes_on = true;
    *progress = (struct outbox_progress){0};
    while (goes_on) {
        goes_on = false;
        for (size_t i = 0; topics[i] != NULL; i++) {
            struct arena_mark mark = arena_mark(ctx->arena);
            bool any = false;
            if (stop != NULL && atomic_load(stop))
                return ERR_NONE;
            if (topics[i]->is_ready != NULL && !topics[i]->is_ready(ctx->app))
                continue;
            TRY(deliver_one(ctx, topics[i], progress, &any));
            arena_return(ctx->arena, mark);
            goes_on = goes_on || any;
        }
    }
    return ERR_NONE;
}
