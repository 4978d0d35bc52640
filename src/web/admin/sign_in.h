/* sign_in.h - signing in to the console. */
#ifndef WEB_ADMIN_SIGN_IN_H
#define WEB_ADMIN_SIGN_IN_H

#include "web/frame.h"
#include "web/parts.h"

struct sign_in_view {
    struct frame frame;
    struct form_error refused;
    struct input email, password;
    struct str next; /* where to go then */
};

#endif
