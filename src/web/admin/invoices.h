/* invoices.h - the list of invoices. */
#ifndef WEB_ADMIN_INVOICES_H
#define WEB_ADMIN_INVOICES_H

#include "web/frame.h"
#include "web/parts.h"

struct invoices_row {
    struct str number, url; /* "Draft" of one without a number */
    struct str customer, customer_url;
    struct str issued, due, amount, open;
    struct status status;
};

/* A parameter of the address that the search field's form keeps. */
struct invoices_kept {
    const char *name;
    struct str value;
};

struct invoices_view {
    struct frame frame;
    struct str about;
    struct chips states;
    struct str search, issued_from, issued_to;
    const struct invoices_kept *kept;
    size_t kept_count;
    struct chips filters; /* those in force that no field shows; each takes itself away */
    bool has_filters;
    struct table_head head;
    const struct invoices_row *rows;
    size_t row_count;
    struct pager pager;
    struct empty empty;
    struct str csv_url;
};

#endif
