/* billing_job.h - the billing that `billow serve` does by itself.
 *
 * One thread that bills whatever is due on the real clock, looking once a second; what fell due
 * while the server was down is made up for in its order.  Several servers on one database share
 * the work: each step looks again, under the customer's lock, whether it is still due.  With a
 * test clock there is no background work: it is billed when asked for. */
#ifndef JOBS_BILLING_JOB_H
#define JOBS_BILLING_JOB_H

#include "jobs/job_thread.h"

/* Whether the thread gets on; must outlive it.  All zero where there is no thread. */
struct billing_watch {
    _Atomic int64_t seen_us; /* monotonic: when it last got on */
};

/* Ends after the running transactions.  ERR_UNAVAILABLE: the system gives no thread. */
MUST_CHECK enum err billing_job_start(struct app *app, struct billing_watch *watch,
                                      struct fault *fault, struct job_thread **job);
/* How long it has been since the thread last got on with something, in microseconds; 0 without a
 * thread. */
int64_t billing_watch_silent_us(const struct billing_watch *watch);

#endif
