/* outbox_job.h - delivers what waits in the outbox (app/outbox.h) while `billow serve` runs.
 *
 * One thread that looks twice a second, also with a test clock: due is what is due by that. Several
 * servers on one database share the work. */
#ifndef JOBS_OUTBOX_JOB_H
#define JOBS_OUTBOX_JOB_H

#include "app/outbox.h"
#include "jobs/job_thread.h"

/* All that is delivered, each topic by its own use case; ends with NULL. */
extern const struct outbox_topic *const outbox_topics[];

/* Ends after the delivery that it is at.  ERR_UNAVAILABLE: the system gives no thread. */
MUST_CHECK enum err outbox_job_start(struct app *app, struct fault *fault, struct job_thread **job);

#endif
