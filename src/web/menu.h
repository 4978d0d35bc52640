/* menu.h - what stands around every page: menu, who is signed in, the choice of languages. */
#ifndef WEB_MENU_H
#define WEB_MENU_H

#include "web/frame.h"
#include "web/page.h"

void menu_fill(struct page *page, struct frame *frame, struct str current_url);

#endif
