/* session.h - signing in to the console, and the sessions that come of it.
 *
 * A session ends SESSION_IDLE_US after it was last used, SESSION_LIFE_US after it began, when it is
 * signed out, or when its user is disabled or gets a new password.  Times are of the application's
 * clock.  When it was last seen is written at most every five minutes. */
#ifndef APP_SESSION_H
#define APP_SESSION_H

#include "app/attempts.h"
#include "app/ctx.h"
#include "base/time.h"
#include "store/sql/rows.h"

#define SESSION_IDLE_US (12 * TIME_HOUR)
#define SESSION_LIFE_US (7 * TIME_DAY)
/* Of the portal's sessions, too: */
#define SESSION_TOUCH_US       (300 * TIME_SECOND)
#define SESSION_FORGET_US      (30 * TIME_DAY) /* what is over is known so long, if it is used */
#define SESSION_USER_AGENT_MAX 200             /* bytes that are kept */

/* Who is signed in. */
struct session_user {
    struct uuid session_id;
    struct uuid user_id;
    struct str email, name, role;
    struct str language; /* STR(""): what the browser asks for */
};

/* Where a browser stands; both are kept with the session, for the list. */
struct session_place {
    struct str address;
    struct str user_agent;
};

struct session_sign_in {
    struct str email, password; /* as typed */
    struct session_place place;
    struct attempts *attempts;
    int64_t now_us; /* monotonic */
};

/* A new session; *token is for the browser alone.  Unknown addresses, disabled users and wrong
 * passwords get the same answer after the same time: ERR_UNAUTHORIZED.  ERR_LIMITED: too many
 * attempts, by this account or from this address; *wait_s says for how long.  ERR_BUSY.  Failures
 * stand in the security log. */
MUST_CHECK enum err session_sign_in(struct ctx *ctx, const struct session_sign_in *in,
                                    int64_t *wait_s, struct str *token);

/* Whose session it is.  ERR_UNAUTHORIZED: unknown or over; a signed-out one that is used
 * stands in the security log. */
MUST_CHECK enum err session_check(struct ctx *ctx, struct str token,
                                  const struct session_place *place, struct session_user *user);

struct session_new_password {
    const struct session_user *user; /* keeps this session; the others end */
    struct str old, password;
    struct session_place place;
    struct attempts *attempts;
    int64_t now_us; /* monotonic */
};

/* As user_set_password; guesses at the old one are slowed down like signing in: ERR_LIMITED. */
MUST_CHECK enum err session_change_password(struct ctx *ctx, const struct session_new_password *in);

/* Ends one of a user's sessions, or all but `kept_id` (may be nil).  Ended already: changes
 * nothing.  ERR_NOT_FOUND: the user has no such session. */
MUST_CHECK enum err session_end(struct ctx *ctx, struct uuid user_id, struct uuid session_id);
MUST_CHECK enum err session_end_all(struct ctx *ctx, struct uuid user_id, struct uuid kept_id);

/* Those that are not over, newest first. */
MUST_CHECK enum err session_list(struct ctx *ctx, struct uuid user_id,
                                 struct user_session_row **rows, size_t *count);

#endif
