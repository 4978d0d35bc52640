/* customers.h - the list of customers. */
#ifndef WEB_ADMIN_CUSTOMERS_H
#define WEB_ADMIN_CUSTOMERS_H

#include "web/frame.h"
#include "web/parts.h"

struct customers_row {
    struct str name, url;
    struct copyable id;
    struct str email, mrr, open, overdue;
    struct status status;
};

struct customers_view {
    struct frame frame;
    struct str about; /* "214 customers" */
    struct chips states;
    struct str search, state, sort, order; /* as they are now, to be kept by the search field */
    struct table_head head;
    const struct customers_row *rows;
    size_t row_count;
    struct pager pager;
    struct empty empty;
    struct str csv_url;
    bool is_filtered;
};

#endif
