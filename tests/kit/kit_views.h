/* kit_views.h - what the pages of the kit's own browser tests are given. */
#ifndef TESTS_KIT_KIT_VIEWS_H
#define TESTS_KIT_KIT_VIEWS_H

#include "web/frame.h"
#include "web/parts.h"

struct kit_customer {
    struct str id, name, plan, amount, open;
    struct html trend;
    struct status status;
    struct copyable copy;
};

struct kit_age {
    const char *class;
    struct str words, share, amount, url;
};

struct kit_dashboard {
    struct frame frame;
    struct stat stats[4];
    size_t stat_count;
    struct html revenue, legend;
    struct html days;
    struct html ages;
    struct kit_age age_rows[5];
    size_t age_count;
    const struct kit_customer *customers;
    size_t customer_count;
    struct table_head head;
    struct activities activities;
    struct status run;
    struct facts facts;
};

struct kit_list {
    struct frame frame;
    struct chips chips;
    struct table_head head;
    const struct kit_customer *customers;
    size_t customer_count;
    struct pager pager;
};

struct kit_form {
    struct frame frame;
    struct form_error error;
    struct input name, mail, country, notes, agreed, day;
};

struct kit_empty {
    struct frame frame;
    struct empty empty;
};

struct kit_step {
    struct str words;
};

struct kit_line {
    struct str name, quantity, price, amount;
    struct kit_step steps[2];
    size_t step_count;
};

struct kit_invoice {
    struct frame frame;
    struct str number, due;
    struct status status;
    const struct kit_line *lines;
    size_t line_count;
    struct html trend;
    struct activities activities;
};

struct kit_sign_in {
    struct frame frame;
    struct form_error error;
    struct input mail, password;
};

#endif
