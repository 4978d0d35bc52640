/* job_thread.h - a thread that does a piece of work again and again, with pauses between, until it
 * is asked to stop. */
#ifndef JOBS_JOB_THREAD_H
#define JOBS_JOB_THREAD_H

#include "app/ctx.h"

#include <stdatomic.h>

struct job_thread;

struct job_work {
    struct app *app;
    const char *name; /* "billing": the actor is job:billing */
    /* Does the work and returns how many milliseconds to pause.  `ctx` has a fresh fault and an
     * arena that is emptied behind it; `stop` tells long work to end early. */
    int (*once)(struct ctx *ctx, void *arg, const atomic_bool *stop);
    void *arg;
    bool ends_with_once; /* once more when asked to stop */
};

/* ERR_UNAVAILABLE: the system gives no thread.  `work` is copied; its arg must outlive the thread.
 */
MUST_CHECK enum err job_thread_start(const struct job_work *work, struct fault *fault,
                                     struct job_thread **thread);
/* Lets it end soon, without waiting for that; NULL is fine. */
void job_thread_ask_stop(struct job_thread *thread);
/* The same, and waits for it; NULL is fine. */
void job_thread_stop(struct job_thread *thread);

#endif
