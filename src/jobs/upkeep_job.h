/* upkeep_job.h - the small work that `billow serve` does once a minute: answers kept for repeats
 * are deleted when their time is over, and when each key was last used is written down. */
#ifndef JOBS_UPKEEP_JOB_H
#define JOBS_UPKEEP_JOB_H

#include "app/api_key.h"
#include "app/ctx.h"

struct upkeep_job;

/* Starts the thread.  `take_uses` gives the uses of keys since its last call, at most `max`.
 * ERR_UNAVAILABLE: the system gives no thread. */
MUST_CHECK enum err upkeep_job_start(struct app *app,
                                     size_t (*take_uses)(void *arg, struct api_key_use *uses,
                                                         size_t max),
                                     void *arg, struct fault *fault, struct upkeep_job **job);
/* Does the work once more and ends; NULL is fine. */
void upkeep_job_stop(struct upkeep_job *job);

#endif
