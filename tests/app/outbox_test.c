/* The outbox: delivered once, tried again when it fails, claimed by one process at a time. */
#include "app/mail.h"
#include "app/outbox.h"
#include "base/log.h"
#include "store/sql/outbox.h"
#include "tests/app/world.h"

#define MINUTE (60 * TIME_SECOND)

/* What the deliverer of these tests does, and what it saw. */
static struct {
    enum outbox_result result;
    bool is_ready;
    bool is_slow; /* another process delivers it meanwhile */
    int64_t calls, ended;
    struct uuid id;
    char status[16];
} played;

static bool is_ready(const struct app *app)
{
    (void)app;
    return played.is_ready;
}

static const struct outbox_topic *const topics[2];

static void be_slow(struct ctx *ctx)
{
    struct outbox_progress progress;
    played.is_slow = false;
    CHECK_INT(outbox_deliver(ctx, topics, NULL, &progress), ERR_NONE);
    CHECK_INT(progress.done, 0); /* it is claimed */
    CHECK_INT(clock_set(&ctx->app->clock, ctx_now(ctx) + 3 * MINUTE), ERR_NONE);
    played.result = OUTBOX_DONE;
    CHECK_INT(outbox_deliver(ctx, topics, NULL, &progress), ERR_NONE);
    CHECK_INT(progress.done, 1);
    played.result = OUTBOX_RETRY;
}

static enum outbox_result deliver(struct ctx *ctx, struct outbox_delivery *delivery)
{
    CHECK(played.calls == 0 || uuid_eq(played.id, delivery->item->id));
    played.calls++;
    played.id = delivery->item->id;
    if (played.is_slow)
        be_slow(ctx);
    if (played.result != OUTBOX_DONE)
        (void)fail(ctx, ERR_IO, "the other side said no");
    return played.result;
}

static enum err ended(struct ctx *ctx, struct tx *tx, const struct outbox_delivery *delivery,
                      struct str status, struct str problem)
{
    (void)ctx;
    (void)tx;
    (void)delivery;
    CHECK(str_is_null(problem) == str_eq(status, STR("done")));
    played.ended++;
    snprintf(played.status, sizeof played.status, "%.*s", STR_ARG(status));
    return ERR_NONE;
}

static const struct outbox_topic topic = {
    .name = "test",
    .time_max_s = 120,
    .is_ready = is_ready,
    .deliver = deliver,
    .ended = ended,
};
static const struct outbox_topic *const topics[2] = {&topic, NULL};

struct adding {
    struct uuid customer_id, id;
};

static enum err add(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct adding *adding = arg;
    return outbox_add(ctx, tx, adding->customer_id, STR("test"), STR("{\"a\":1}"), &adding->id);
}

static enum err again(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct adding *adding = arg;
    return outbox_resend(ctx, tx, adding->customer_id, adding->id);
}

struct loading {
    struct adding key;
    struct outbox_row row;
};

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct loading *loading = arg;
    bool found = false;
    (void)ctx;
    TRY(outbox_load(
        tx,
        &(struct outbox_load_in){.customer_id = loading->key.customer_id, .id = loading->key.id},
        &loading->row, &found));
    return found ? ERR_NONE : ERR_NOT_FOUND;
}

static struct outbox_row row_of(struct world *w, struct adding key)
{
    struct loading loading = {.key = key};
    MUST(w, tx_run(&w->ctx, TX_READ, load, &loading));
    return loading.row;
}

static struct adding begin(struct world *w)
{
    struct customer_view customer;
    world_open(w);
    log_configure(LOG_ERROR, false); /* deliveries fail on purpose */
    at(w, "2026-01-01T00:00:00Z");
    make_customer(w, "acme", "UTC");
    MUST(w, customer_get(&w->ctx, STR("acme"), &customer));
    struct adding adding = {.customer_id = customer.row.id};
    MUST(w, tx_run(&w->ctx, TX_WRITE, add, &adding));
    memset(&played, 0, sizeof played);
    played.is_ready = true;
    return adding;
}

static struct outbox_progress deliver_due(struct world *w)
{
    struct outbox_progress progress;
    MUST(w, outbox_deliver(&w->ctx, topics, NULL, &progress));
    return progress;
}

TEST(what_was_added_is_delivered_once)
{
    struct world w;
    struct adding key = begin(&w);
    CHECK_INT(deliver_due(&w).done, 1);
    CHECK_INT(deliver_due(&w).done, 0);
    CHECK_INT(played.calls, 1);
    CHECK_INT(played.ended, 1);
    CHECK(uuid_eq(played.id, key.id));
    struct outbox_row row = row_of(&w, key);
    CHECK_STR(row.delivery, "done");
    CHECK_STR(row.payload, "{\"a\":1}");
    CHECK_INT(row.tries, 1);
    CHECK_INT(row.due_at, TIME_NONE);
    CHECK_INT(row.ended_at, instant("2026-01-01T00:00:00Z"));
    world_close(&w);
}

TEST(a_topic_that_is_not_ready_waits_and_counts_no_try)
{
    struct world w;
    struct adding key = begin(&w);
    played.is_ready = false;
    deliver_due(&w);
    CHECK_INT(played.calls, 0);
    CHECK_INT(row_of(&w, key).tries, 0);
    played.is_ready = true;
    CHECK_INT(deliver_due(&w).done, 1);
    world_close(&w);
}

TEST(tries_are_repeated_with_growing_pauses_and_then_given_up)
{
    static const int64_t pauses_s[] = {15, 60, 240, 900, 3600, 14400, 21600, 21600, 21600};
    struct world w;
    struct adding key = begin(&w);
    played.result = OUTBOX_RETRY;
    CHECK_INT(deliver_due(&w).retried, 1);
    for (size_t i = 0; i < sizeof pauses_s / sizeof pauses_s[0]; i++) {
        struct outbox_row row = row_of(&w, key);
        CHECK_STR(row.delivery, "waiting");
        CHECK_STR(row.last_problem, "the other side said no");
        CHECK_INT(row.due_at, ctx_now(&w.ctx) + pauses_s[i] * TIME_SECOND);
        MUST(&w, clock_set(&w.app.clock, row.due_at - 1));
        deliver_due(&w);
        CHECK_INT(played.calls, (int64_t)i + 1); /* not yet */
        MUST(&w, clock_set(&w.app.clock, row.due_at));
        deliver_due(&w);
        CHECK_INT(played.calls, (int64_t)i + 2);
    }
    CHECK_STR(row_of(&w, key).delivery, "failed");
    CHECK_STR(str_of(played.status), "failed");
    MUST(&w, clock_set(&w.app.clock, ctx_now(&w.ctx) + 1000 * MINUTE));
    deliver_due(&w);
    CHECK_INT(played.calls, OUTBOX_TRIES_MAX);
    MUST(&w, tx_run(&w.ctx, TX_WRITE, again, &key));
    played.result = OUTBOX_DONE;
    CHECK_INT(deliver_due(&w).done, 1);
    CHECK_INT(row_of(&w, key).tries, 1);
    CHECK(str_is_null(row_of(&w, key).last_problem));
    world_close(&w);
}

TEST(what_is_refused_has_failed_at_once)
{
    struct world w;
    struct adding key = begin(&w);
    played.result = OUTBOX_REFUSED;
    CHECK_INT(deliver_due(&w).failed, 1);
    CHECK_STR(row_of(&w, key).delivery, "failed");
    CHECK_INT(row_of(&w, key).due_at, TIME_NONE);
    world_close(&w);
}

/* A process that took longer than it may does not note over what another one did meanwhile. */
TEST(a_claim_is_for_one_and_comes_back_when_its_time_is_over)
{
    struct world w;
    struct adding key = begin(&w);
    played.is_slow = true;
    played.result = OUTBOX_RETRY;
    deliver_due(&w);
    CHECK_INT(played.calls, 2);
    CHECK_INT(played.ended, 1);
    struct outbox_row row = row_of(&w, key);
    CHECK_STR(row.delivery, "done");
    CHECK_INT(row.tries, 2);
    CHECK(str_is_null(row.last_problem));
    world_close(&w);
}
