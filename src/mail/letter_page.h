/* letter_page.h - what templates/mail/letter.html is given; private to this folder. */
#ifndef MAIL_LETTER_PAGE_H
#define MAIL_LETTER_PAGE_H

#include "mail/letter.h"
#include "web/page_writer.h"

struct letter_page {
    const struct letter *letter;
    struct html style;
};

#endif
