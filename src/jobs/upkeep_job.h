/* upkeep_job.h - the small work that `billow serve` does once a minute: answers kept for repeats
 * are deleted when their time is over, and when each key was last used is written down. */
#ifndef JOBS_UPKEEP_JOB_H
#define JOBS_UPKEEP_JOB_H

#include "app/api_key.h"
#include "jobs/job_thread.h"

/* What it works on; must outlive the thread. */
struct upkeep {
    /* Gives the uses of keys since its last call, at most `max`. */
    size_t (*take_uses)(void *arg, struct api_key_use *uses, size_t max);
    void *arg;
    bool is_warm; /* the fonts of documents; the thread's own */
};

/* Does the work once more when it is stopped.  ERR_UNAVAILABLE: the system gives no thread. */
MUST_CHECK enum err upkeep_job_start(struct app *app, struct upkeep *upkeep, struct fault *fault,
                                     struct job_thread **job);

#endif
