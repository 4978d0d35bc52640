/* billing_job.h - the billing that `billow serve` does by itself.
 *
 * One thread that bills whatever is due on the real clock, looking once a second; what fell due
 * while the server was down is made up for in its order.  Several servers on one database share
 * the work: each step looks again, under the customer's lock, whether it is still due.  With a
 * test clock there is no background work: it is billed when asked for. */
#ifndef JOBS_BILLING_JOB_H
#define JOBS_BILLING_JOB_H

#include "app/ctx.h"

struct billing_job;

/* Starts the thread.  ERR_UNAVAILABLE: the system gives none. */
MUST_CHECK enum err billing_job_start(struct app *app, struct fault *fault,
                                      struct billing_job **job);
/* Lets it end soon, without waiting for that; NULL is fine. */
void billing_job_ask_stop(struct billing_job *job);
/* How long it has been since the thread last got on with something, in microseconds; 0 for NULL. */
int64_t billing_job_silent_us(struct billing_job *job);
/* Ends after the running transactions; NULL is fine. */
void billing_job_stop(struct billing_job *job);

#endif
