/* page_icon.c - apart from page_writer.c, because mails have no icons and know no assets. */
#include "web/page_writer.h"

#include "base/assert.h"
#include "web/assets.h"

void page_icon(struct page_writer *w, enum icon icon, bool is_small)
{
    // clang-format off
    static const struct { struct str name; bool turns; } icons[] = {
#define ICON_ROW(constant, name, turns) [ICON_##constant] = {{name, sizeof(name) - 1}, turns},
        ICONS(ICON_ROW)
#undef ICON_ROW
    };
    // clang-format on
    ASSERT(icon < ICON_COUNT);
    if (icon == ICON_NONE)
        return;
    buf_fmt(w->buf,
            "<svg class=\"icon%s%s\" aria-hidden=\"true\" focusable=\"false\"><use "
            "href=\"%.*s#%.*s\"/></svg>",
            is_small ? " icon-sm" : "", icons[icon].turns ? " icon-turns" : "",
            STR_ARG(asset_url(ASSET_ICONS)), STR_ARG(icons[icon].name));
}
