/* home.h - the console's first page: the provider's figures in one currency. */
#ifndef WEB_ADMIN_HOME_H
#define WEB_ADMIN_HOME_H

#include "web/frame.h"
#include "web/parts.h"

struct home_age {
    int index; /* a0 to a4 */
    struct str name, percent, amount, url;
};

struct home_customer {
    struct str name, url;
    struct copyable id;
    struct str plan, mrr, open;
    struct status status;
};

struct home_run_fact {
    struct str name, value;
};

struct home_view {
    struct frame frame;
    bool is_empty; /* nothing to show figures of */
    struct empty empty;
    struct str about; /* below the title */
    struct chips currencies;
    bool has_currencies; /* more than one */

    struct stat mrr, open, overdue, revenue;

    struct html revenue_legend, revenue_chart;
    struct html age_bar;
    struct str open_amount, open_note;
    const struct home_age *ages;
    size_t age_count;

    bool has_cost; /* anything was resold in the year */
    struct html cost_legend, cost_chart;
    struct str cost_note;

    const struct home_customer *customers;
    size_t customer_count;
    struct table_head customer_head;
    struct str customers_url;

    struct status run_status;
    const struct fact *run_facts;
    struct facts run;
    struct str run_words;

    struct activities activity;
};

#endif
