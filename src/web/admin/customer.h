/* customer.h - one customer: numbers, subscriptions, usage, invoices, payments, mails, what
 * happened. */
#ifndef WEB_ADMIN_CUSTOMER_H
#define WEB_ADMIN_CUSTOMER_H

#include "web/frame.h"
#include "web/parts.h"

struct customer_subscription {
    struct str name;
    struct copyable id;
    struct str plan, price, period, usage_url;
    struct str next;     /* "Changes to small on 1 Feb 2024"; empty: it stays */
    struct str unbilled; /* usage of the period that runs, so far, before tax */
    struct status status;
};

struct customer_invoice {
    struct str number, url, issued, amount, open;
    struct status status;
};

struct customer_payment {
    struct str day, invoice, invoice_url, reference, amount, why, json_url;
    struct status status;
};

struct customer_mail {
    struct str subject, url, day, address;
    struct status status;
};

struct customer_page_view {
    struct frame frame;
    struct status status;
    struct copyable id;
    struct stat mrr, open, overdue, unbilled;
    struct facts facts;
    const struct customer_subscription *subscriptions;
    size_t subscription_count;
    struct str subscriptions_url; /* all of them; empty: all are shown */
    const struct customer_invoice *invoices;
    size_t invoice_count;
    struct str invoices_url; /* all of them; empty: all are shown */
    const struct customer_payment *payments;
    size_t payment_count;
    const struct customer_mail *mails;
    size_t mail_count;
    struct str mails_url;
    struct activities activity;
    struct str json_url;
    struct copyable request;
};

#endif
