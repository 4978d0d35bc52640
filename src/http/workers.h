/* workers.h - private to http: the threads that run handlers, and the bounded queue before them. */
#ifndef HTTP_WORKERS_H
#define HTTP_WORKERS_H

#include "base/err.h"
#include "http/exchange.h"

#include <pthread.h>
#include <stdbool.h>

#define WORKERS_MAX 256

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t more;
    pthread_t threads[WORKERS_MAX];
    int thread_count;
    struct exchange *first;
    struct exchange *last;
    int waiting; /* in the queue */
    int waiting_max;
    bool is_stopping;
};

/* ERR_UNAVAILABLE: no threads to be had. */
MUST_CHECK enum err workers_start(struct workers *workers, int thread_count, int waiting_max);
/* false: the queue is full, the exchange stays the caller's. */
bool workers_submit(struct workers *workers, struct exchange *exchange);
/* The same for what was let in before: never refused. */
void workers_submit_again(struct workers *workers, struct exchange *exchange);
/* Requests in the queue. */
int workers_waiting(struct workers *workers);
/* Runs what is queued, then ends the threads. */
void workers_stop(struct workers *workers);

#endif
