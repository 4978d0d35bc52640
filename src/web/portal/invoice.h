/* invoice.h - one invoice as its customer reads it, and pays it. */
#ifndef WEB_PORTAL_INVOICE_H
#define WEB_PORTAL_INVOICE_H

#include "web/frame.h"
#include "web/parts.h"
#include "web/portal/own.h"

struct portal_party {
    struct str label, name;
    const struct portal_text *lines;
    size_t line_count;
};

struct portal_line {
    struct str description, quantity, unit_price, amount;
    const struct portal_text *steps;
    size_t step_count;
};

/* Lines of one subscription or provider. */
struct portal_group {
    struct str title, amount;
    const struct portal_line *lines;
    size_t line_count;
};

struct portal_total {
    struct str label, amount;
    bool is_grand;
};

struct portal_paid {
    struct str amount, when, how;
    struct status status;
    struct str url;         /* of the payment's page */
    struct str receipt_url; /* empty: there is none */
    struct str receipt_number;
};

/* This invoice beside those before it. */
struct portal_compare {
    bool is_shown;
    struct html spark;
    struct str first; /* of which day the first one is */
    struct str delta; /* "+19 % on Oct 2, 2026" */
    bool is_more;
    enum icon delta_icon;
    struct str mostly; /* what made the difference; empty: nothing stands out */
};

struct portal_invoice_view {
    struct frame frame;
    struct str number, about; /* "Due 2 December 2026 · in 9 days" */
    struct str url;
    struct status status;
    struct str notice; /* "This document is void."; empty: none */
    struct portal_party from, to;
    struct facts facts; /* date, due, period */
    struct str column_description, column_quantity, column_unit_price, column_amount;
    const struct portal_group *groups;
    size_t group_count;
    const struct portal_total *totals;
    size_t total_count;

    struct str due_label, due_amount; /* what is to be paid, or that all is */
    bool can_pay;                     /* shows the button */
    struct str pay_words;             /* "Pay €4,310.38" */
    struct str pay_note;
    struct str under_way_url; /* of a payment whose end is not known; empty: none */
    struct facts transfer;    /* bank details; none: empty */
    struct str transfer_title;

    const struct portal_paid *payments;
    size_t payment_count;
    struct portal_compare compare;
    struct activities history;
};

/* invoice_compare.c */
MUST_CHECK enum err portal_compare_fill(struct page *page, const struct invoice_view *invoice,
                                        struct portal_compare *compare);
/* invoice_history.c: payments newest first. */
MUST_CHECK enum err portal_history_fill(struct page *page, const struct invoice_view *invoice,
                                        const struct payment_view *payments, size_t count,
                                        struct activities *history);

#endif
