/* views.h - what the templates of the tests are given. */
#ifndef TESTS_WEB_VIEWS_H
#define TESTS_WEB_VIEWS_H

#include "base/str.h"
#include "web/page_writer.h"

#include <stdbool.h>
#include <stddef.h>

enum mood { MOOD_CALM, MOOD_CROSS };

struct frame_view {
    struct str title;
};

struct badge_view {
    struct str word;
};

struct order_view {
    struct str name, url;
    int64_t count;
    struct badge_view badge;
    const struct badge_view *second;
};

struct list_view {
    struct frame_view frame;
    struct str note;
    struct html chart;
    const struct order_view *orders;
    size_t order_count;
    enum mood mood;
    bool is_open;
};

#endif
