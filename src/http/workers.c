#include "http/workers.h"

#include "base/assert.h"
#include "base/log.h"
#include "http/router.h"
#include "http/server_private.h"

/* The next exchange, or NULL when the workers are to end. */
static struct exchange *take(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    while (workers->first == NULL && !workers->is_stopping)
        pthread_cond_wait(&workers->more, &workers->lock);
    struct exchange *exchange = workers->first;
    if (exchange != NULL) {
        workers->first = exchange->next;
        if (workers->first == NULL)
            workers->last = NULL;
        workers->waiting--;
        exchange->next = NULL;
    }
    pthread_mutex_unlock(&workers->lock);
    return exchange;
}

/* The last one to let go of an exchange sends its answer: a deferred answer may come before the
 * handler that deferred it has returned. */
static void let_go(struct exchange *exchange)
{
    if (atomic_fetch_sub(&exchange->holds, 1) == 1)
        server_send(exchange);
}

static void run(struct exchange *exchange)
{
    struct http_answer answer = {0};
    log_request(exchange->request.id);
    if (exchange->stream != NULL) {
        stream_run(exchange);
        log_request(STR_NULL);
        return;
    }
    atomic_store(&exchange->holds, 1);
    if (exchange->is_packed && exchange->body_len > 0 && !content_unpack(exchange)) {
        let_go(exchange);
        log_request(STR_NULL);
        return;
    }
    exchange->request.route->handle(&exchange->request, &answer);
    if (!exchange->is_deferred) {
        ASSERT(answer.status >= 200 && answer.status <= 599);
        exchange->answer = answer;
        exchange->has_answer = true;
    }
    let_go(exchange);
    log_request(STR_NULL);
}

void http_defer(struct http_request *request)
{
    struct exchange *exchange = (struct exchange *)request;
    ASSERT(!exchange->is_deferred);
    exchange->is_deferred = true;
    atomic_fetch_add(&exchange->holds, 1);
}

void http_answer(struct http_request *request, const struct http_answer *answer)
{
    struct exchange *exchange = (struct exchange *)request;
    ASSERT(!exchange->has_answer);
    ASSERT(answer->status >= 200 && answer->status <= 599);
    if (exchange->stream != NULL) {
        stream_answer(exchange, answer);
        return;
    }
    ASSERT(exchange->is_deferred);
    exchange->answer = *answer;
    exchange->has_answer = true;
    let_go(exchange);
}

static void *work(void *arg)
{
    struct workers *workers = arg;
    struct exchange *exchange;
    while ((exchange = take(workers)) != NULL)
        run(exchange);
    return NULL;
}

enum err workers_start(struct workers *workers, int thread_count, int waiting_max)
{
    ASSERT(thread_count > 0 && thread_count <= WORKERS_MAX);
    *workers = (struct workers){.waiting_max = waiting_max};
    pthread_mutex_init(&workers->lock, NULL);
    pthread_cond_init(&workers->more, NULL);
    for (int i = 0; i < thread_count; i++) {
        if (pthread_create(&workers->threads[i], NULL, work, workers) != 0) {
            workers_stop(workers);
            return ERR_UNAVAILABLE;
        }
        workers->thread_count++;
    }
    return ERR_NONE;
}

static bool submit(struct workers *workers, struct exchange *exchange, bool always)
{
    pthread_mutex_lock(&workers->lock);
    bool fits = always || workers->waiting < workers->waiting_max;
    if (fits) {
        if (workers->last != NULL)
            workers->last->next = exchange;
        else
            workers->first = exchange;
        workers->last = exchange;
        workers->waiting++;
        pthread_cond_signal(&workers->more);
    }
    pthread_mutex_unlock(&workers->lock);
    return fits;
}

bool workers_submit(struct workers *workers, struct exchange *exchange)
{
    return submit(workers, exchange, false);
}

void workers_submit_again(struct workers *workers, struct exchange *exchange)
{
    (void)submit(workers, exchange, true);
}

int workers_waiting(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    int waiting = workers->waiting;
    pthread_mutex_unlock(&workers->lock);
    return waiting;
}

void workers_stop(struct workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    workers->is_stopping = true;
    pthread_cond_broadcast(&workers->more);
    pthread_mutex_unlock(&workers->lock);
    for (int i = 0; i < workers->thread_count; i++)
        pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->more);
    pthread_mutex_destroy(&workers->lock);
}
