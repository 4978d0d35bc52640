/* usage.h - the usage explorer: which subscriptions there are, one by metric and day, its events.
 */
#ifndef WEB_ADMIN_USAGE_H
#define WEB_ADMIN_USAGE_H

#include "web/frame.h"
#include "web/parts.h"

struct usage_row {
    struct str name, url;
    struct copyable id;
    struct str customer, customer_url, plan;
    struct status status;
};

struct usage_list_view {
    struct frame frame;
    struct str about, search;
    const struct usage_row *rows;
    size_t row_count;
    struct pager pager;
    struct empty empty;
};

struct usage_metric {
    struct str id; /* of its card */
    struct str name, code, aggregation;
    struct str quantity, events; /* of the whole time */
    struct html chart;
    struct str events_url;
};

struct usage_page_view {
    struct frame frame;
    struct str about;
    struct copyable id;
    struct str customer, customer_url;
    struct str subscription; /* kept by the form of days */
    struct str from, to, problem;
    struct chips spans;
    const struct usage_metric *metrics;
    size_t metric_count;
    struct empty empty;
    struct str json_url;
    struct copyable request;
};

struct usage_event {
    struct str when, transaction_id, value, received;
};

struct usage_events_view {
    struct frame frame;
    struct str about, back_url;
    const struct usage_event *events;
    size_t event_count;
    struct pager pager;
    struct empty empty;
};

#endif
