/* sign_in.h - the ways into the portal: asking for a link, and opening it. */
#ifndef WEB_PORTAL_SIGN_IN_H
#define WEB_PORTAL_SIGN_IN_H

#include "web/frame.h"
#include "web/parts.h"

struct portal_sign_in_view {
    struct frame frame;
    struct form_error refused;
    struct input email;
    bool is_sent;
    struct str sent_words;
};

struct portal_link_view {
    struct frame frame;
    struct str token;
    bool opens;
};

/* Whose data is shown, and who else's could be. */
struct portal_choice {
    struct str id, name, external_id;
    bool is_shown;
};

struct portal_account_view {
    struct frame frame;
    struct facts facts;
    const struct portal_choice *choices;
    size_t choice_count; /* 0: no choice */
    struct status shown;
};

#endif
