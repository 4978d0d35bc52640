/* webhook_job.h - sends messages to endpoints (app/webhook_send.h) while `billow serve` runs.
 *
 * One thread counts the endpoints twice a second and sees that each has a thread of its own, so
 * that none waits for another.  Also with a test clock, as the outbox's job. */
#ifndef JOBS_WEBHOOK_JOB_H
#define JOBS_WEBHOOK_JOB_H

#include "app/webhook_endpoint.h"
#include "jobs/job_thread.h"

struct webhook_job;

struct webhook_worker {
    struct webhook_job *job;
    size_t index; /* of its endpoint */
};

struct webhook_job {
    struct app *app;
    struct webhook_worker workers[WEBHOOK_ENDPOINTS_MAX];
    struct job_thread *threads[WEBHOOK_ENDPOINTS_MAX];
    size_t count; /* of workers that were started; the counting thread's while that runs */
    struct job_thread *counting;
};

/* `job` must outlive the threads.  ERR_UNAVAILABLE: the system gives no thread. */
MUST_CHECK enum err webhook_job_start(struct webhook_job *job, struct app *app,
                                      struct fault *fault);
/* Waits for the deliveries that they are at; harmless where it was never started. */
void webhook_job_stop(struct webhook_job *job);

#endif
