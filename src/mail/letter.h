/* letter.h - what a mail says, as text and as HTML, from words that are ready.
 *
 * Both say the same.  Mail programs know no stylesheets from elsewhere and little of CSS, so the
 * HTML (templates/mail/letter.html) is one column that is readable without any. */
#ifndef MAIL_LETTER_H
#define MAIL_LETTER_H

#include "base/arena.h"
#include "base/str.h"

#include <stddef.h>

struct letter_fact {
    struct str label;
    struct str value;
};

struct letter_paragraph {
    struct str text;
};

struct letter {
    struct str language;  /* a BCP 47 tag */
    struct str direction; /* ltr, rtl */
    struct str sender;    /* who writes: the billing entity's name */
    struct str title;
    const struct letter_paragraph *paragraphs;
    size_t paragraph_count;
    const struct letter_fact *facts; /* "Amount due", "€119.00" */
    size_t fact_count;
    struct str action; /* of a button; empty: none */
    struct str action_url;
    struct str footer;
};

struct str letter_text(const struct letter *letter, struct arena *arena);
struct str letter_html(const struct letter *letter, struct arena *arena);

#endif
