#include "app/ingest.h"

#include "app/event_commit.h"
#include "app/event_prepare.h"
#include "app/ingest_metrics.h"
#include "base/assert.h"
#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>

#define QUEUED_EVENTS_MAX 200000
#define CHECKS_MAX        3 /* how often a batch is checked again because a metric changed */

struct ingest {
    struct app *app;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t arrived;
    struct ingest_batch *first, **tail; /* waiting */
    size_t waiting;                     /* events */
    int64_t working_since_us;           /* the writer has taken batches; 0: it waits for some */
    bool stopping;
    struct metric_table metrics;
    struct event_memory memory; /* the writer's */
};

/* ---- the writer ------------------------------------------------------------------------------ */

/* Up to INGEST_COMMIT_EVENTS of what waits; at least one batch.  NULL when stopping and empty. */
static struct ingest_batch *take_batches(struct ingest *ingest)
{
    pthread_mutex_lock(&ingest->mutex);
    ingest->working_since_us = 0;
    while (ingest->first == NULL && !ingest->stopping)
        pthread_cond_wait(&ingest->arrived, &ingest->mutex);
    struct ingest_batch *taken = ingest->first;
    ingest->working_since_us = taken != NULL ? clock_monotonic_us() : 0;
    struct ingest_batch **end = &ingest->first;
    size_t events = 0;
    while (*end != NULL && (events == 0 || events + (*end)->count <= INGEST_COMMIT_EVENTS)) {
        events += (*end)->count;
        end = &(*end)->next;
    }
    if (taken != NULL) {
        ingest->first = *end;
        *end = NULL;
        ingest->waiting -= events;
        if (ingest->first == NULL)
            ingest->tail = &ingest->first;
    }
    pthread_mutex_unlock(&ingest->mutex);
    return taken;
}

/* Whatever was in the batches, no other would have fared better: each one is told so at once. */
static bool is_of_store(enum err err)
{
    return err == ERR_BUSY || err == ERR_UNAVAILABLE || err == ERR_FULL || err == ERR_IO ||
           err == ERR_CORRUPT;
}

static void finish(struct ingest_batch *batches, enum err err, const struct fault *fault)
{
    while (batches != NULL) {
        struct ingest_batch *next = batches->next; /* the batch is gone once it is done */
        batches->err = err;
        if (err != ERR_NONE)
            fault_set(batches->ctx->fault, err, "%.*s", STR_ARG(fault->message));
        batches->done(batches);
        batches = next;
    }
}

static enum err commit(struct ingest *ingest, struct arena *arena, struct fault *fault,
                       struct ingest_batch *batches)
{
    struct ctx ctx = {
        .app = ingest->app,
        .arena = arena,
        .fault = fault,
        .actor = STR("ingest"),
        .origin = STR("group commit"),
    };
    arena_reset(arena);
    fault_init(fault, arena);
    int64_t started_us = clock_monotonic_us();
    enum err err = events_commit(&ctx, &ingest->memory, batches);
    ingest_metrics_commit(batches, err, clock_monotonic_us() - started_us,
                          ingest->memory.is_trusted);
    return err;
}

/* One batch alone: its own errors are its own.  Where a metric has changed since it was checked,
 * it is checked again, by the metric as it is now. */
static void commit_alone(struct ingest *ingest, struct arena *arena, struct ingest_batch *batch)
{
    struct fault fault;
    batch->next = NULL;
    batch->err = commit(ingest, arena, &fault, batch);
    for (int i = 0; i < CHECKS_MAX && batch->err == ERR_CONFLICT; i++) {
        metric_table_forget(&ingest->metrics);
        batch->err = events_prepare(&ingest->metrics, batch);
        if (batch->err != ERR_NONE) { /* it has said why */
            batch->done(batch);
            return;
        }
        batch->err = commit(ingest, arena, &fault, batch);
    }
    if (batch->err != ERR_NONE)
        fault_set(batch->ctx->fault, batch->err, "%.*s", STR_ARG(fault.message));
    batch->done(batch);
}

static void write_batches(struct ingest *ingest, struct arena *arena, struct ingest_batch *batches)
{
    struct fault fault;
    enum err err = commit(ingest, arena, &fault, batches);
    if (err == ERR_NONE || is_of_store(err)) {
        finish(batches, err, &fault);
        return;
    }
    while (batches != NULL) { /* one of them may be what is wrong */
        struct ingest_batch *next = batches->next;
        commit_alone(ingest, arena, batches);
        batches = next;
    }
}

static void *write_loop(void *arg)
{
    struct ingest *ingest = arg;
    struct arena arena;
    struct ingest_batch *batches = NULL;
    arena_init(&arena);
    while ((batches = take_batches(ingest)) != NULL)
        write_batches(ingest, &arena, batches);
    arena_clear(&arena);
    return NULL;
}

/* ---- start, submit, stop --------------------------------------------------------------------- */

static struct ingest *ingest_new(struct app *app)
{
    struct ingest *ingest = calloc(1, sizeof *ingest);
    if (ingest == NULL)
        abort();
    ingest->app = app;
    ingest->tail = &ingest->first;
    pthread_mutex_init(&ingest->mutex, NULL);
    pthread_cond_init(&ingest->arrived, NULL);
    metric_table_init(&ingest->metrics);
    return ingest;
}

static void ingest_free(struct ingest *ingest)
{
    event_filter_free(ingest->memory.filter);
    metric_table_clear(&ingest->metrics);
    pthread_cond_destroy(&ingest->arrived);
    pthread_mutex_destroy(&ingest->mutex);
    free(ingest);
}

enum err ingest_start(struct app *app, struct fault *fault)
{
    struct arena arena;
    struct ingest *ingest = ingest_new(app);
    ASSERT(app->ingest == NULL);
    arena_init(&arena);
    struct ctx ctx = {.app = app,
                      .arena = &arena,
                      .fault = fault,
                      .actor = STR("ingest"),
                      .origin = STR("start")};
    enum err err = event_memory_fill(&ctx, &ingest->memory);
    arena_clear(&arena);
    if (err == ERR_NONE && pthread_create(&ingest->thread, NULL, write_loop, ingest) != 0)
        err = fault_set(fault, ERR_IO, "no thread can be made for the ingest");
    if (err != ERR_NONE) {
        ingest_free(ingest);
        return err;
    }
    app->ingest = ingest;
    ingest_metrics_register(ingest->memory.filter != NULL);
    return ERR_NONE;
}

void ingest_stop(struct app *app)
{
    struct ingest *ingest = app->ingest;
    if (ingest == NULL)
        return;
    pthread_mutex_lock(&ingest->mutex);
    ingest->stopping = true;
    pthread_cond_signal(&ingest->arrived);
    pthread_mutex_unlock(&ingest->mutex);
    pthread_join(ingest->thread, NULL);
    app->ingest = NULL;
    ingest_free(ingest);
}

static enum err enqueue(struct ingest *ingest, struct ingest_batch *batch)
{
    enum err err = ERR_NONE;
    pthread_mutex_lock(&ingest->mutex);
    bool is_full = !batch->waits && ingest->waiting + batch->count > QUEUED_EVENTS_MAX;
    if (ingest->stopping || is_full) {
        err = fail(batch->ctx, ERR_BUSY, "%zu events wait to be written; send again in a moment",
                   ingest->waiting);
    } else {
        batch->next = NULL;
        batch->queued_us = clock_monotonic_us();
        *ingest->tail = batch;
        ingest->tail = &batch->next;
        ingest->waiting += batch->count;
        pthread_cond_signal(&ingest->arrived);
    }
    pthread_mutex_unlock(&ingest->mutex);
    return err;
}

void ingest_submit(struct ingest *ingest, struct ingest_batch *batch)
{
    ASSERT(batch->count > 0 && batch->count <= INGEST_BATCH_MAX);
    enum err err = events_prepare(&ingest->metrics, batch);
    batch->err = err;
    if (err == ERR_NONE)
        err = enqueue(ingest, batch);
    if (err == ERR_NONE)
        return; /* the batch is the writer's now, and may be gone already */
    batch->err = err;
    batch->done(batch);
}

void ingest_status(const struct app *app, struct ingest_status *status)
{
    struct ingest *ingest = app->ingest;
    *status = (struct ingest_status){0};
    if (ingest == NULL)
        return;
    int64_t now_us = clock_monotonic_us();
    pthread_mutex_lock(&ingest->mutex);
    status->waiting_events = (int64_t)ingest->waiting;
    if (ingest->first != NULL)
        status->oldest_wait_us = now_us - ingest->first->queued_us;
    if (ingest->working_since_us != 0)
        status->working_us = now_us - ingest->working_since_us;
    pthread_mutex_unlock(&ingest->mutex);
}

/* ---- in the caller's thread ------------------------------------------------------------------ */

static void nothing(struct ingest_batch *batch)
{
    (void)batch;
}

enum err ingest_now(struct ctx *ctx, const struct event_input *events, size_t count,
                    bool is_lenient, struct event_result *results)
{
    struct ingest *ingest = ingest_new(ctx->app);
    struct ingest_batch batch = {
        .ctx = ctx,
        .events = events,
        .count = count,
        .results = results,
        .is_list = true,
        .is_lenient = is_lenient,
        .done = nothing,
    };
    enum err err = events_prepare(&ingest->metrics, &batch);
    if (err == ERR_NONE)
        err = events_commit(ctx, &ingest->memory, &batch);
    for (int i = 0; i < CHECKS_MAX && err == ERR_CONFLICT; i++) {
        fault_reset(ctx->fault);
        metric_table_forget(&ingest->metrics);
        err = events_prepare(&ingest->metrics, &batch);
        if (err == ERR_NONE)
            err = events_commit(ctx, &ingest->memory, &batch);
    }
    ingest_free(ingest);
    return err;
}
