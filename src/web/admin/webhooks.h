/* webhooks.h - where changes are told, and what was told: endpoints, one endpoint, one message. */
#ifndef WEB_ADMIN_WEBHOOKS_H
#define WEB_ADMIN_WEBHOOKS_H

#include "web/frame.h"
#include "web/parts.h"

struct endpoints_row {
    struct str label, address, url, types;
    struct status status;
};

struct webhooks_row {
    struct str type, url, address, when;
    struct status status;
};

/* ---- _webhooks: messages, filtered and turned over by the page's address */

struct webhooks_list {
    struct str about;
    struct chips states;
    const struct webhooks_row *rows;
    size_t row_count;
    struct pager pager;
    struct empty empty;
};

struct endpoints_view {
    struct frame frame;
    struct str about;
    const struct endpoints_row *rows;
    size_t row_count;
    struct empty empty;
    struct webhooks_list messages;
    bool may_write;
    struct form_error refused;
    struct input address, name, types;
};

struct endpoint_view {
    struct frame frame;
    struct str url;
    struct status status;
    struct facts facts;
    struct copyable secret; /* shown once; empty: not now */
    struct webhooks_list messages;
    bool may_write, is_enabled;
};

struct webhook_page_view {
    struct frame frame;
    struct str url;
    struct status status;
    struct str problem, body, answer;
    struct facts facts;
    bool may_write;
};

#endif
