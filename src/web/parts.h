/* parts.h - the pieces that pages are made of: a view struct and a template each.
 *
 *     templates/_NAME.html    {% use _status with row->status %}
 *
 * All words are in the reader's language already and amounts are ready text (locale/locale.h).  A
 * zeroed member is not shown.  docs/pages.md shows a page made of them. */
#ifndef WEB_PARTS_H
#define WEB_PARTS_H

#include "base/arena.h"
#include "base/str.h"
#include "web/frame.h"
#include "web/icon.h"
#include "web/page_writer.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- _status: word, icon and colour; never colour alone */

struct status {
    struct str words;
    enum tone tone;
    enum icon icon;
};

/* With the tone's own icon. */
struct status status_of(enum tone tone, struct str words);

/* ---- _input: a label, an input, its hint, and what is wrong with what was typed */

enum input_kind { INPUT_TEXT, INPUT_AREA, INPUT_SELECT, INPUT_CHECK };

struct input_option {
    struct str value, words;
    bool is_selected;
};

struct input {
    enum input_kind kind;
    struct str name; /* also the id, so once a page */
    struct str label;
    struct str value; /* as it was typed; a password is never given back */
    struct str error; /* empty: nothing is wrong */
    struct str hint;
    struct str type;         /* "email", "password", "date" …; empty: "text" */
    struct str autocomplete; /* "username", "off"; empty: not said */
    struct str placeholder;
    struct str length_max; /* of the text */
    bool is_required;
    bool is_checked;
    bool is_focused; /* where typing begins */
    const struct input_option *options;
    size_t option_count;
};

/* ---- _form_error: at the top of a form that was refused, to be seen and read out first */

struct form_error {
    struct str words; /* "2 fields need another look"; empty: nothing was refused */
};

/* ---- _table_head: <thead>, with links that sort */

enum sorted { SORTED_NOT, SORTED_UP, SORTED_DOWN };

struct column {
    struct str words;    /* empty: a column of buttons, say */
    struct str sort_url; /* the same list sorted by this column; empty: it can't be */
    enum sorted sorted;
    bool is_number; /* stands at the end of its cell: <td class="num"> */
    bool is_wide;   /* not on phones: <td class="wide"> too */
};

struct table_head {
    const struct column *columns;
    size_t column_count;
};

/* ---- _pager: below a table */

struct pager {
    struct str words; /* "1–50 of 214" */
    struct str prev_url, next_url;
};

/* ---- _chips: filters above a table; each is a link to the list filtered so */

struct chip {
    struct str words, url;
    struct str count;
    bool is_current;
};

struct chips {
    struct str label; /* read out: "Status" */
    const struct chip *chips;
    size_t chip_count;
};

/* ---- _empty: instead of a table with no rows: what it is, one button, how by the API */

struct empty {
    enum icon icon;
    struct str title, words;
    struct str button, button_url;
    struct str example; /* a curl line */
};

/* ---- _stat: a card with one figure */

struct stat {
    struct str label; /* "Outstanding" */
    struct str value; /* "€61,480" */
    struct str note;  /* "in 214 invoices" */
    struct str delta; /* "+4.1 %" */
    enum tone delta_tone;
    enum icon delta_icon;
    struct html chart; /* chart_spark (web/chart.h) */
    struct str url;    /* where the figure comes from; empty: no link */
};

/* ---- _copy: an id with a button that copies it */

struct copyable {
    struct str text;
};

/* ---- _activity: what happened, newest first */

struct activity_item {
    enum icon icon;
    enum tone tone;
    struct str before, link, link_url, after; /* "Invoice ", "INV-7", "/invoices/…", " was paid" */
    struct str note;
    struct str when;      /* "2 December 2026" */
    struct str when_full; /* on hover: with time and zone */
};

struct activities {
    const struct activity_item *items;
    size_t item_count;
};

/* ---- _facts: names and values, in two columns */

struct fact {
    struct str name, value;
    struct str url; /* of the value */
    bool is_id;     /* with a copy button */
};

struct facts {
    const struct fact *facts;
    size_t fact_count;
};

/* ---- _notice: a message in the page */
/* struct notice (web/frame.h) */

#endif
