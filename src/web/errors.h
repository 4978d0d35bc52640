/* errors.h - what an error page says: what happened in one sentence, and nothing of why. */
#ifndef WEB_ERRORS_H
#define WEB_ERRORS_H

#include "base/arena.h"
#include "base/str.h"
#include "locale/locale.h"
#include "web/frame.h"

struct error_view {
    struct frame frame;
    struct str words;
    struct str request_id; /* to ask about; empty: not shown */
};

/* Title and words for a status. */
void error_view_fill(struct error_view *view, const struct locale *locale, int status,
                     struct str request_id);

#endif
