#include "sandbox/teller.h"

#include "base/log.h"
#include "base/time.h"
#include "connectors/http_call.h"
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <time.h>

#define SILENT_MAX 256
#define IDLE_MS    ((int64_t)60000)

struct teller {
    struct sandbox *sandbox;
    pthread_t thread;
    pthread_cond_t wake; /* with the state's mutex */
    bool stop;
    struct {
        struct http_request *request;
        int64_t until_us;
    } silent[SILENT_MAX];
    size_t silent_count;
};

/* ---- one delivery ---------------------------------------------------------------------------- */

/* Without the mutex. */
static bool post(const struct sandbox *sandbox, struct str id, struct str body)
{
    struct arena arena;
    struct fault fault;
    struct http_reply reply = {.status = 0};
    arena_init(&arena);
    fault_init(&fault, &arena);
    int64_t now_s = sandbox_now_us() / TIME_SECOND;
    struct http_call call = {
        .method = "POST",
        .url = sandbox->webhook_url,
        .headers = {{"Content-Type", STR("application/json")},
                    {"webhook-id", id},
                    {"webhook-timestamp", arena_fmt(&arena, "%lld", (long long)now_s)},
                    {"webhook-signature",
                     webhook_sign(&arena, &sandbox->webhook_key, id, now_s, body)}},
        .body = body,
        .timeout_ms = TELLER_TIMEOUT_MS,
    };
    enum err err = http_call(&arena, &fault, &call, &reply);
    bool is_taken = err == ERR_NONE && reply.status >= 200 && reply.status < 300;
    if (!is_taken)
        log_debug("a webhook was not taken", LOG_STR("event", id), LOG_INT("status", reply.status));
    arena_clear(&arena);
    return is_taken;
}

static void put_off(struct sandbox_event *event)
{
    int64_t pause_ms = TELLER_FIRST_PAUSE_MS;
    for (int i = 0; i < event->tries && pause_ms < TELLER_PAUSE_MAX_MS; i++)
        pause_ms *= 2;
    if (pause_ms > TELLER_PAUSE_MAX_MS)
        pause_ms = TELLER_PAUSE_MAX_MS;
    event->tries++;
    event->next_us = sandbox_monotonic_us() + pause_ms * 1000;
}

/* With the mutex, which is free meanwhile. */
static bool send_event(struct teller *teller, struct sandbox_event *event)
{
    struct sandbox *sandbox = teller->sandbox;
    struct sandbox_state *state = &sandbox->state;
    int copies = state->controls.copies;
    bool is_taken = true;
    put_off(event); /* nobody else takes it meanwhile */
    sandbox_step(state, "webhook:before");
    pthread_mutex_unlock(&state->mutex);
    for (int i = 0; i < copies; i++)
        is_taken = post(sandbox, event->id, event->body) && is_taken;
    pthread_mutex_lock(&state->mutex);
    sandbox_step(state, "webhook:after");
    if (is_taken && !event->delivered)
        sandbox_delivered(state, event);
    return is_taken;
}

bool teller_send_now(struct teller *teller, struct sandbox_event *event)
{
    struct sandbox *sandbox = teller->sandbox;
    bool is_taken = false;
    if (str_is_null(sandbox->webhook_url))
        return false;
    pthread_mutex_lock(&sandbox->state.mutex);
    if (!sandbox->state.controls.hold && !event->delivered)
        is_taken = send_event(teller, event);
    pthread_mutex_unlock(&sandbox->state.mutex);
    return is_taken;
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Sends what is due; gives when the next is. */
static int64_t tell_all(struct teller *teller)
{
    struct sandbox_state *state = &teller->sandbox->state;
    int64_t next_us = sandbox_monotonic_us() + IDLE_MS * 1000;
    if (state->controls.hold || str_is_null(teller->sandbox->webhook_url))
        return next_us;
    for (size_t i = 0; i < state->event_count && !teller->stop && !state->controls.hold; i++) {
        struct sandbox_event *event = state->events[i];
        if (!event->delivered && event->next_us <= sandbox_monotonic_us())
            send_event(teller, event);
        if (!event->delivered && event->next_us < next_us)
            next_us = event->next_us;
    }
    return next_us;
}

static void break_silence(struct teller *teller, bool all, int64_t *next_us)
{
    size_t kept = 0;
    for (size_t i = 0; i < teller->silent_count; i++) {
        if (all || teller->silent[i].until_us <= sandbox_monotonic_us()) {
            http_answer(teller->silent[i].request,
                        &(struct http_answer){.status = 504,
                                              .content_type = "text/plain",
                                              .body = STR("no answer\n")});
        } else {
            if (teller->silent[i].until_us < *next_us)
                *next_us = teller->silent[i].until_us;
            teller->silent[kept++] = teller->silent[i];
        }
    }
    teller->silent_count = kept;
}

static void *work(void *arg)
{
    struct teller *teller = arg;
    struct sandbox_state *state = &teller->sandbox->state;
    pthread_mutex_lock(&state->mutex);
    while (!teller->stop) {
        int64_t next_us = tell_all(teller);
        break_silence(teller, false, &next_us);
        struct timespec until = {.tv_sec = next_us / 1000000, .tv_nsec = next_us % 1000000 * 1000};
        if (!teller->stop && next_us > sandbox_monotonic_us())
            pthread_cond_timedwait(&teller->wake, &state->mutex, &until);
    }
    pthread_mutex_unlock(&state->mutex);
    return NULL;
}

enum err teller_start(struct sandbox *sandbox, struct fault *fault, struct teller **teller)
{
    struct teller *started = calloc(1, sizeof *started);
    pthread_condattr_t attributes;
    if (started == NULL)
        return fault_set(fault, ERR_UNAVAILABLE, "no memory for the thread that sends webhooks");
    started->sandbox = sandbox;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&started->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&started->thread, NULL, work, started) != 0) {
        pthread_cond_destroy(&started->wake);
        free(started);
        return fault_set(fault, ERR_UNAVAILABLE, "the system gives no thread for webhooks");
    }
    *teller = started;
    return ERR_NONE;
}

void teller_wake(struct teller *teller)
{
    pthread_mutex_lock(&teller->sandbox->state.mutex);
    pthread_cond_signal(&teller->wake);
    pthread_mutex_unlock(&teller->sandbox->state.mutex);
}

void teller_never_answer(struct teller *teller, struct http_request *request)
{
    bool is_full = false;
    pthread_mutex_lock(&teller->sandbox->state.mutex);
    is_full = teller->silent_count == SILENT_MAX || teller->stop;
    if (!is_full) {
        teller->silent[teller->silent_count].request = request;
        teller->silent[teller->silent_count++].until_us =
            sandbox_monotonic_us() + (int64_t)TELLER_SILENCE_MS * 1000;
        pthread_cond_signal(&teller->wake);
    }
    pthread_mutex_unlock(&teller->sandbox->state.mutex);
    if (is_full)
        http_answer(request, &(struct http_answer){.status = 503});
}

void teller_stop(struct teller *teller)
{
    struct sandbox_state *state = &teller->sandbox->state;
    int64_t never = INT64_MAX;
    pthread_mutex_lock(&state->mutex);
    teller->stop = true;
    pthread_cond_signal(&teller->wake);
    pthread_mutex_unlock(&state->mutex);
    pthread_join(teller->thread, NULL);
    pthread_mutex_lock(&state->mutex);
    break_silence(teller, true, &never);
    pthread_mutex_unlock(&state->mutex);
}

void teller_free(struct teller *teller)
{
    pthread_cond_destroy(&teller->wake);
    free(teller);
}
