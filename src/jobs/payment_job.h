/* payment_job.h - what `billow serve` does about payments by itself: it asks gateways what became
 * of those that nobody told us of, when their time has come.
 *
 * One thread on the real clock.  Several servers on one database may ask about the same payment,
 * which changes nothing twice.  With a test clock it is done when asked for. */
#ifndef JOBS_PAYMENT_JOB_H
#define JOBS_PAYMENT_JOB_H

#include "jobs/job_thread.h"

/* Where no gateway is set up there is nothing to start.  Ends after the call that is under way.
 * ERR_UNAVAILABLE: the system gives no thread. */
MUST_CHECK enum err payment_job_start(struct app *app, struct fault *fault,
                                      struct job_thread **job);

#endif
