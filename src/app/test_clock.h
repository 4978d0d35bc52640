/* test_clock.h - the test clock of this database: set by hand, kept in the database. */
#ifndef APP_TEST_CLOCK_H
#define APP_TEST_CLOCK_H

#include "app/billing.h"
#include "app/ctx.h"

/* Sets the clock and, when asked, does all work that is due by then before it returns.
 * ERR_NOT_FOUND: this database runs on the real clock.  ERR_INVALID: `now_at` lies before the
 * clock's time. */
MUST_CHECK enum err test_clock_set(struct ctx *ctx, int64_t now_at, bool run_jobs,
                                   struct billing_progress *progress);
/* ERR_NOT_FOUND: the real clock. */
MUST_CHECK enum err test_clock_get(struct ctx *ctx, int64_t *now_at);

#endif
