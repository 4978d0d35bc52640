/* search.h - one field that finds everything; what was meant exactly is gone to at once. */
#ifndef WEB_ADMIN_SEARCH_H
#define WEB_ADMIN_SEARCH_H

#include "web/frame.h"
#include "web/parts.h"

struct search_hit {
    enum icon icon;
    struct str title, url, kind, note;
};

struct search_view {
    struct frame frame;
    struct str about;
    const struct search_hit *hits;
    size_t hit_count;
    struct empty empty;
};

#endif
