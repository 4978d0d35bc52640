#include "web/frame.h"

#include "tests/test.h"
#include "web/assets.h"

TEST(initials_of_a_name)
{
    // clang-format off
    static const struct { const char *name, *want; } cases[] = {
        {"Maria Rossi", "MR"},
        {"  ada   lovelace  byron ", "al"},
        {"maria@northwind.example", "m"},
        {"東海 物流", "東物"},
        {"مريم", "م"},
        {"", "?"},
        {"   ", "?"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct str got = frame_initials(&arena, str_of(c->name));
        CHECK(str_eq(got, str_of(c->want)));
    }
    arena_clear(&arena);
}

TEST(a_menu_is_in_the_readers_language_and_knows_where_it_is)
{
    static const struct menu_item items[] = {
        {"Invoice", "/invoices", ICON_RECEIPT, "g i"}, {"Nowhere", "/", ICON_HOME, NULL}, {0}};
    struct arena arena;
    struct locale *locale = NULL;
    struct frame frame;
    arena_init(&arena);
    REQUIRE(locale_open(STR("ar"), &locale) == ERR_NONE);
    frame_init(&frame, locale);
    CHECK(frame.is_rtl);
    CHECK(!str_eq(frame.assets.style, asset_url(ASSET_STYLE)));
    frame_menu(&frame, &arena, locale, items, STR("/invoices"));
    REQUIRE(frame.menu_count == 2);
    CHECK(str_eq(frame.menu[0].words, STR("فاتورة")));
    CHECK(frame.menu[0].is_current && !frame.menu[1].is_current);
    CHECK(str_eq(frame.menu[0].keys, STR("g i")) && frame.menu[1].keys.len == 0);
    CHECK(str_eq(frame.menu[1].words, STR("Nowhere")));
    locale_close(locale);
    arena_clear(&arena);
}
