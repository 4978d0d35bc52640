/* overview.h - the portal's first page: what is due, what this period comes to so far, what was
 * billed before. */
#ifndef WEB_PORTAL_OVERVIEW_H
#define WEB_PORTAL_OVERVIEW_H

#include "web/frame.h"
#include "web/parts.h"
#include "web/portal/invoices.h"

/* What wants to be looked at, with a way there. */
struct portal_alert {
    enum tone tone;
    struct str words, url, link;
};

/* A running subscription in the period that runs. */
struct portal_running {
    struct str name, plan, period, amount;
    struct str day, days; /* of how many the period is at */
    struct str progress_words;
};

struct portal_months {
    struct str currency;
    struct html chart;
};

struct portal_overview_view {
    struct frame frame;
    struct str about;
    const struct portal_alert *alerts;
    size_t alert_count;
    const struct stat *stats;
    size_t stat_count;
    const struct portal_running *running;
    size_t running_count;
    struct str running_note;
    const struct portal_months *months; /* a chart for each currency */
    size_t month_count;
    const struct portal_invoices_row *rows;
    size_t row_count;
    struct empty empty; /* instead of invoices */
};

#endif
