/* kit_pages.h - the kit's test pages, filled with fixed figures; each writes itself. */
#ifndef TESTS_KIT_KIT_PAGES_H
#define TESTS_KIT_KIT_PAGES_H

#include "base/arena.h"
#include "locale/locale.h"
#include "web/page_writer.h"

struct kit_page {
    const char *path;
    void (*write)(struct page_writer *w, struct arena *arena, const struct locale *locale);
};

extern const struct kit_page kit_pages[]; /* ends with a NULL path */

#endif
