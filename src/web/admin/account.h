/* account.h - a user's own name, language, password and sessions. */
#ifndef WEB_ADMIN_ACCOUNT_H
#define WEB_ADMIN_ACCOUNT_H

#include "web/frame.h"
#include "web/parts.h"

struct account_session {
    struct str id;
    struct str device; /* "Firefox, Linux" */
    struct str address;
    struct str begun, seen; /* in words */
    bool is_this;
};

struct account_view {
    struct frame frame;
    struct str email, role;
    struct form_error refused, password_refused;
    struct input name, language;
    struct input old_password, password, again;
    const struct account_session *sessions;
    size_t session_count;
    struct status this_one;
    bool has_others;
};

#endif
