/* invoices.h - the customer's invoices. */
#ifndef WEB_PORTAL_INVOICES_H
#define WEB_PORTAL_INVOICES_H

#include "store/sql/invoice_table.h"
#include "web/page.h"
#include "web/parts.h"

struct portal_invoices_row {
    struct str number, url, pdf_url;
    struct str issued, due, total, open;
    struct status status;
};

struct portal_invoices_view {
    struct frame frame;
    struct str about; /* "14 invoices" */
    struct chips states;
    struct table_head head;
    const struct portal_invoices_row *rows;
    size_t row_count;
    struct pager pager;
    struct empty empty;
    struct str csv_url;
};

/* A line of a list of invoices. */
struct portal_invoices_row portal_invoices_row_of(const struct page *page,
                                                  const struct invoice_table_list_row *row);

#endif
