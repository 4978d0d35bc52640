/* locale_test.c - words, money, numbers and dates by language.
 *
 * The wanted texts are those of the CLDR (version 42, Debian 12's ICU 72) for the language. */
#include "tests/test.h"

#include "core/currency.h"
#include "locale/locale.h"

static struct arena arena;

static struct locale *open_locale(const char *tag)
{
    struct locale *locale = NULL;
    REQUIRE(locale_open(str_of(tag), &locale) == ERR_NONE);
    return locale;
}

static struct money money(int64_t minor, const char *code)
{
    return (struct money){minor, currency_find(str_of(code))};
}

// clang-format off
#define NBSP   "\u00a0"
#define NNBSP  "\u202f"
#define ALM    "\u061c"
#define RLM    "\u200f"
static const struct { const char *name; int64_t minor; const char *code, *want; } amounts[] = {
    {"en",    123456789, "EUR", "€1,234,567.89"},
    {"en",           -5, "USD", "-$0.05"},
    {"en",         1000, "JPY", "¥1,000"},
    {"en",         1000, "KWD", "KWD" NBSP "1.000"},
    {"de",    123456789, "EUR", "1.234.567,89" NBSP "€"},
    {"de-CH",    123456, "CHF", "CHF" NBSP "1’234.56"},
    {"fr",       123456, "EUR", "1" NNBSP "234,56" NBSP "€"},
    {"ja",       340079, "JPY", "￥340,079"},
    {"en-IN", 123456789, "EUR", "€12,34,567.89"},
    {"en", INT64_MAX,    "EUR", "€92,233,720,368,547,758.07"},
    {"en", INT64_MIN,    "EUR", "-€92,233,720,368,547,758.08"},
};
static const struct { const char *name, *price, *code, *want; } prices[] = {
    {"en", "0.087",  "EUR", "€0.087"},
    {"en", "3.9",    "EUR", "€3.90"},
    {"en", "14.2",   "JPY", "¥14.2"},
    {"en", "0.000000000000000000001", "USD", "$0.000000000000000000001"},
    {"de", "1234.5", "EUR", "1.234,50" NBSP "€"},
};
static const struct { const char *name, *number, *want; } numbers[] = {
    {"en", "1234567.000001", "1,234,567.000001"},
    {"de", "-1234.5",        "-1.234,5"},
    {"en", "9999999999999999999999999999999999", "9,999,999,999,999,999,999,999,999,999,999,999"},
};
/* Day 20789 is 2 December 2026: 56 years of 365 days, 14 leap days, 334 days to December, 1 more. */
static const struct { const char *name, *want; } days[] = {
    {"en", "December 2, 2026"}, {"en-GB", "2 December 2026"}, {"de", "2. Dezember 2026"},
    {"ja", "2026年12月2日"},
};
// clang-format on

TEST(locale_money)
{
    arena_init(&arena);
    EACH(c, amounts) {
        struct locale *locale = open_locale(c->name);
        CHECK_STR(locale_money(locale, &arena, money(c->minor, c->code)), c->want);
        locale_close(locale);
    }
    arena_clear(&arena);
}

TEST(locale_prices_and_numbers_keep_every_digit)
{
    arena_init(&arena);
    EACH(c, prices) {
        struct locale *locale = open_locale(c->name);
        CHECK_STR(
            locale_price(locale, &arena, decimal_lit(c->price), currency_find(str_of(c->code))),
            c->want);
        locale_close(locale);
    }
    EACH(c, numbers) {
        struct locale *locale = open_locale(c->name);
        CHECK_STR(locale_number(locale, &arena, decimal_lit(c->number)), c->want);
        locale_close(locale);
    }
    arena_clear(&arena);
}

TEST(locale_days)
{
    arena_init(&arena);
    EACH(c, days) {
        struct locale *locale = open_locale(c->name);
        CHECK_STR(locale_day(locale, &arena, 56 * 365 + 14 + 334 + 1), c->want);
        locale_close(locale);
    }
    arena_clear(&arena);
}

TEST(locale_words)
{
    struct locale *de = open_locale("de-AT");
    struct locale *en = open_locale("en");
    struct locale *fr = open_locale("fr");
    const struct str pages[] = {STR("2"), STR("3")};
    arena_init(&arena);
    CHECK_STR(locale_words(de, STR("Invoice")), "Rechnung");
    CHECK_STR(locale_words(de, STR("No such words")), "No such words");
    CHECK_STR(locale_words(en, STR("Invoice")), "Invoice");
    CHECK_STR(locale_words(fr, STR("Invoice")), "Invoice");
    CHECK_STR(locale_words_with(de, &arena, STR("Page {} of {}"), pages, 2), "Seite 2 von 3");
    CHECK_STR(locale_words_with(en, &arena, STR("Page {} of {}"), pages, 1), "Page 2 of {}");
    arena_clear(&arena);
    locale_close(de);
    locale_close(en);
    locale_close(fr);
}

TEST(locale_tags)
{
    // clang-format off
    static const struct { const char *name; enum err want; bool rtl; } cases[] = {
        {"en", ERR_NONE, false}, {"ar", ERR_NONE, true}, {"he", ERR_NONE, true}, {"ar-SA", ERR_NONE, true},
        {"fa", ERR_NONE, true}, {"zh-Hant-TW", ERR_NONE, false},
        {"", ERR_INVALID, false}, {"xx", ERR_INVALID, false}, {"english", ERR_INVALID, false}, {"de_", ERR_INVALID, false},
        {"de-", ERR_INVALID, false}, {"de--CH", ERR_INVALID, false}, {"../de", ERR_INVALID, false},
        {"en-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ERR_INVALID, false},
    };
    // clang-format on
    EACH(c, cases) {
        struct locale *locale = NULL;
        CHECK_INT(locale_open(str_of(c->name), &locale), c->want);
        if (locale != NULL) {
            CHECK_INT(locale_is_rtl(locale), c->rtl);
            CHECK_STR(locale_tag(locale), c->name);
        }
        locale_close(locale);
    }
}

/* The forms of Arabic are those of the CLDR: zero, one, two, few (3-10), many (11-99), other. */
TEST(words_for_a_count_have_the_plural_form_of_the_language)
{
    // clang-format off
    static const struct { const char *name; int64_t count; const char *want; } cases[] = {
        {"en", 0, "0 invoices"}, {"en", 1, "1 invoice"}, {"en", 2, "2 invoices"},
        {"de", 1, "1 Rechnung"}, {"de", 0, "0 Rechnungen"}, {"de", 2000, "2.000 Rechnungen"},
        {"ja", 1, "1 件の請求書"}, {"ja", 5, "5 件の請求書"},
        {"ar", 1, "فاتورة واحدة"}, {"ar", 2, "فاتورتان"}, {"ar", 3, "٣ فواتير"}, {"ar", 10, "١٠ فواتير"},
        {"ar", 11, "١١ فاتورة"}, {"ar", 103, "١٠٣ فواتير"}, {"ar", 100, "١٠٠ فاتورة"},
        {"fr", 1, "1 invoice"}, {"fr", 2, "2 invoices"}, /* no words of ours */
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct locale *locale = open_locale(c->name);
        struct str number = locale_count(locale, &arena, c->count);
        CHECK_STR(locale_counted(locale, &arena, STR("{} invoice"), STR("{} invoices"), c->count,
                                 &number, 1),
                  c->want);
        locale_close(locale);
    }
    arena_clear(&arena);
}
