/* frame.h - what a layout is given: all of a page but its own content.
 *
 * Three layouts take it: admin/_layout (the console), portal/_layout, and plain/_layout (one narrow
 * card: sign-in, errors).  A page's view struct holds a `struct frame`, which web/page.h fills:
 *
 *     struct customers_page { struct frame frame; … };
 *     {% view struct customers_page page from "web/admin/customers.h" %}
 *     {% layout admin/_layout with page->frame %}
 *
 * All words are in the reader's language already.  What is empty or not given is not shown: the
 * menu holds only what exists. */
#ifndef WEB_FRAME_H
#define WEB_FRAME_H

#include "base/arena.h"
#include "base/str.h"
#include "locale/locale.h"
#include "web/icon.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The meaning of a colour; also the class "tone-…". */
enum tone { TONE_PLAIN, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_INFO };

struct menu_entry {
    struct str words, url;
    enum icon icon;   /* the console's menu */
    struct str count; /* "14": what waits there; empty: nothing */
    struct str keys;  /* "g c": the shortcut; empty: none */
    bool is_current;
};

struct notice {
    enum tone tone;
    struct str words;
};

/* A link among some of which one is current. */
struct choice {
    struct str words, url;
    struct str value; /* a language's tag */
    bool is_current;
};

/* Addresses under /a/, set by frame_init. */
struct frame_assets {
    struct str style, theme_script, script, font, logo;
};

struct frame {
    struct str title;       /* of the page: "Invoice INV-2026-0042" */
    struct str site;        /* "Billow"; in the portal the seller's name */
    struct str seller_logo; /* in the portal the address of the seller's own; empty: it has none */
    struct str home_url;
    struct str language; /* "ar": for lang= */
    bool is_rtl;
    struct str csrf; /* token for forms */

    const struct menu_entry *menu;
    size_t menu_count;
    struct str user_name; /* empty: nobody is signed in */
    struct str user_initials;
    struct str user_detail;  /* address or role, below the name */
    struct str account_url;  /* "My account" */
    struct str about_url;    /* what this is, and whose work is in it */
    struct str sign_out_url; /* posted to, with the token */
    const struct choice *languages;
    size_t language_count; /* 0 or 1: no choice */
    struct str search_url; /* GET, with "q"; empty: no search box */
    struct str search_text;
    struct str clock; /* "Test clock: 1 December 2026"; empty: time is real */
    int refresh_s;    /* without JavaScript the browser asks again so soon; 0: never */

    const struct notice *notices;
    size_t notice_count;
    struct frame_assets assets;
};

/* Sets language, direction and assets, all else to nothing. */
void frame_init(struct frame *frame, const struct locale *locale);

/* "MR" of "Maria Rossi", "m" of "maria"; "?" of nothing. */
struct str frame_initials(struct arena *arena, struct str name);

/* An entry of a menu as a table in a C file has it. */
struct menu_item {
    const char *english; /* for po/ */
    const char *url;
    enum icon icon;
    const char *keys; /* "g c", or NULL */
};

/* The menu in the reader's language; `current_url` is one of the items', or empty.  Ends with a
 * NULL `english`. */
void frame_menu(struct frame *frame, struct arena *arena, const struct locale *locale,
                const struct menu_item *items, struct str current_url);

#endif
