#include "web/frame.h"

#include "base/buf.h"
#include "web/assets.h"

void frame_init(struct frame *frame, const struct locale *locale)
{
    bool is_rtl = locale_is_rtl(locale);
    *frame = (struct frame){
        .language = locale_tag(locale),
        .is_rtl = is_rtl,
        .assets = {.style = asset_url(is_rtl ? ASSET_STYLE_RTL : ASSET_STYLE),
                   .theme_script = asset_url(ASSET_THEME_SCRIPT),
                   .script = asset_url(ASSET_SCRIPT),
                   .font = asset_url(ASSET_FONT),
                   .logo = asset_url(ASSET_LOGO)},
    };
}

#define INITIALS_MAX 2

/* Bytes of the character that begins with `lead`. */
static size_t char_bytes(unsigned char lead)
{
    return lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Capitals are the style's business. */
struct str frame_initials(struct arena *arena, struct str name)
{
    struct buf out;
    struct str word;
    int count = 0;
    buf_init(&out, arena, (size_t)INITIALS_MAX * 4);
    while (count < INITIALS_MAX && str_split(&name, ' ', &word)) {
        if (word.len == 0)
            continue;
        buf_add(&out, str_slice(word, 0, char_bytes((unsigned char)word.ptr[0])));
        count++;
    }
    return count == 0 ? STR("?") : buf_str(&out);
}

void frame_menu(struct frame *frame, struct arena *arena, const struct locale *locale,
                const struct menu_item *items, struct str current_url)
{
    size_t count = 0;
    while (items[count].english != NULL)
        count++;
    struct menu_entry *menu = ARENA_ARRAY(arena, count, struct menu_entry);
    for (size_t i = 0; i < count; i++) {
        struct str url = str_of(items[i].url);
        menu[i] = (struct menu_entry){.words = locale_words(locale, str_of(items[i].english)),
                                      .url = url,
                                      .icon = items[i].icon,
                                      .keys = str_of(items[i].keys),
                                      .is_current = str_eq(url, current_url)};
    }
    frame->menu = menu;
    frame->menu_count = count;
}
