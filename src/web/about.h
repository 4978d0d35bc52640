/* about.h - what this software is, and whose work is in it. */
#ifndef WEB_ABOUT_H
#define WEB_ABOUT_H

#include "web/frame.h"

struct about_view {
    struct frame frame;
    struct str version;
    struct str notices_url; /* the licences of others' work in the pages */
};

#endif
