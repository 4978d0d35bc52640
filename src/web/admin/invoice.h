/* invoice.h - one invoice with each line's calculation opened up, and what can be done with it. */
#ifndef WEB_ADMIN_INVOICE_H
#define WEB_ADMIN_INVOICE_H

#include "web/frame.h"
#include "web/parts.h"

struct invoice_step {
    struct str text, result;
    bool is_last; /* what the steps come to */
};

struct invoice_line {
    struct str description, period;
    struct str quantity, unit_price, amount; /* the first two empty where there are none */
    const struct invoice_step *steps;
    size_t step_count;
    struct status mark; /* of a correction */
};

struct invoice_lines {
    struct str title, amount;
    const struct invoice_line *lines;
    size_t line_count;
};

struct invoice_total {
    struct str label, amount;
    bool is_grand;
};

struct invoice_payment {
    struct str day, reference, amount, why, json_url;
    struct status status;
};

struct invoice_page_view {
    struct frame frame;
    struct str about; /* who is billed for what time */
    struct status status;
    struct str url; /* of this page: forms are posted below it */
    struct facts facts;
    const struct invoice_lines *groups;
    size_t group_count;
    const struct invoice_total *totals;
    size_t total_count;
    const struct invoice_payment *payments;
    size_t payment_count;

    bool may_finalize, may_refresh, may_void, may_pay;
    struct form_error refused;
    struct input amount, paid_on, reference;
    struct str paid_so_far; /* so that a payment sent twice is written down once */
    struct input void_number;
    struct form_error void_refused;
    bool void_is_open;

    struct activities activity;
    struct str json_url;
    struct copyable request; /* the same by the API */
};

#endif
