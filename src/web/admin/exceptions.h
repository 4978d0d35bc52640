/* exceptions.h - what waits for a person: events without a subscription, cost that nobody has. */
#ifndef WEB_ADMIN_EXCEPTIONS_H
#define WEB_ADMIN_EXCEPTIONS_H

#include "web/frame.h"
#include "web/parts.h"

struct exceptions_waiting {
    struct str subscription, hidden; /* as it is shown, and as it is posted */
    struct str count, first, last;
};

struct exceptions_cost {
    struct str provider, account, account_name, period, services, cost;
};

struct exceptions_unbilled {
    struct str customer, customer_url, period, service, cost, reason;
};

struct exceptions_view {
    struct frame frame;
    bool may_write;
    struct str events_about, cost_about, unbilled_about;
    const struct exceptions_waiting *waiting;
    size_t waiting_count;
    const struct exceptions_cost *costs;
    size_t cost_count;
    const struct exceptions_unbilled *unbilled;
    size_t unbilled_count;
    struct pager cost_pager;
    struct empty empty; /* where there is nothing at all */
    bool is_empty;
    /* Whose a vendor account is to be. */
    bool is_refused;
    struct form_error refused;
    struct input provider, account, customer;
};

#endif
