/* mails.h - what customers were sent: the list, and one mail. */
#ifndef WEB_ADMIN_MAILS_H
#define WEB_ADMIN_MAILS_H

#include "web/frame.h"
#include "web/parts.h"

struct mails_row {
    struct str subject, url, customer, customer_url, address, when;
    struct status status;
};

struct mails_view {
    struct frame frame;
    struct str about;
    struct chips states;
    const struct mails_row *rows;
    size_t row_count;
    struct pager pager;
    struct empty empty;
};

struct mail_page_view {
    struct frame frame;
    struct str url;
    struct status status;
    struct str problem;
    struct facts facts;
    struct str invoice_url, invoice;
    bool may_resend;
};

#endif
