/* outbox_job.h - delivers what waits in the outbox (app/outbox.h) while `billow serve` runs.
 *
 * One thread that looks twice a second, also with a test clock: due is what is due by that. Several
 * servers on one database share the work. */
#ifndef JOBS_OUTBOX_JOB_H
#define JOBS_OUTBOX_JOB_H

#include "app/ctx.h"
#include "app/outbox.h"

/* All that is delivered, each topic by its own use case; ends with NULL. */
extern const struct outbox_topic *const outbox_topics[];

struct outbox_job;

/* Starts the thread.  ERR_UNAVAILABLE: the system gives none. */
MUST_CHECK enum err outbox_job_start(struct app *app, const struct outbox_topic *const *topics,
                                     struct fault *fault, struct outbox_job **job);
/* Asks it to end after the delivery that it is at; NULL is fine. */
void outbox_job_ask_stop(struct outbox_job *job);
/* The same, and waits for it; NULL is fine. */
void outbox_job_stop(struct outbox_job *job);

#endif
