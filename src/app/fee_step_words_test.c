#include "app/fee_step_words.h"

#include "tests/test.h"

static struct arena arena;

static struct locale *open_locale(const char *tag)
{
    struct locale *locale = NULL;
    REQUIRE(locale_open(str_of(tag), &locale) == ERR_NONE);
    return locale;
}

TEST(steps_are_told_in_the_language_with_its_numbers)
{
    // clang-format off
    static const struct { const char *name, *language, *text, *want; } cases[] = {
        {"as it stands", "en", "tier 1: 10 units at 2 plus 0", "tier 1: 10 units at 2 plus 0"},
        {"one of it", "en", "1 units at 0.5", "1 unit at 0.5"},
        {"grouped", "en", "12345.5 units at 0.0087", "12,345.5 units at 0.0087"},
        {"German", "de", "tier 2: 1234.5 units at 0.08 plus 3", "Stufe 2: 1.234,5 Einheiten zu 0,08 plus 3"},
        {"German, one", "de", "1 units at 2", "1 Einheit zu 2"},
        {"days", "de", "15 of 31 days", "15 von 31 Tagen"},
        {"package", "de", "25 units less 10 free: 2 started packages of 10 at 5",
         "25 Einheiten, davon 10 frei: 2 angefangene Pakete zu je 10 Einheiten, Preis 5"},
        {"Arabic, few", "ar", "3 units at 2", "٣ وحدات بسعر ٢"},
        {"Japanese", "ja", "the whole period", "期間全体"},
        {"a minimum", "ja", "3 events raised to the minimum of 0.5 each instead of 1 together",
         "3 件のイベントを 1 件あたり最低額 0.5 に引き上げ（合計 1 の代わり）"},
        {"a name", "de", "Amazon EC2", "Amazon EC2"},
        {"behind a name", "de", "region: eu: 2 units at 0.5", "region: eu: 2 Einheiten zu 0,5"},
        {"behind a name, nothing", "ja", "eu: no units", "eu: 単位なし"},
        {"a minimum of some days", "de", "minimum of 1000 for 15 of 31 days", "Mindestbetrag 1.000 für 15 von 31 Tagen"},
        {"a percentile", "de", "percentile 95: 8640 slots of 300 s, 500 with events; the 432 highest left out",
         "Perzentil 95: 8.640 Abschnitte zu 300 s, 500 mit Ereignissen; die 432 höchsten bleiben außer Betracht"},
        {"a level", "de", "levels by the seconds for which they held: 1382400000 / 2592000 s of the period",
         "Stände mal Sekunden, für die sie galten: 1.382.400.000 / 2.592.000 s des Zeitraums"},
        {"almost a sentence", "de", "3 of x days", "3 of x days"},
        {"more than a sentence", "de", "the whole period <b>", "the whole period <b>"},
        {"nothing", "de", "", ""},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct locale *locale = open_locale(c->language);
        CHECK_STR(fee_step_words(locale, &arena, str_of(c->text)), c->want);
        locale_close(locale);
    }
    arena_clear(&arena);
}

TEST(results_are_numbers_of_the_language)
{
    arena_init(&arena);
    struct locale *locale = open_locale("de");
    CHECK_STR(fee_step_number(locale, &arena, STR("-1234.5")), "-1.234,5");
    CHECK_STR(fee_step_number(locale, &arena, STR("none")), "none");
    locale_close(locale);
    arena_clear(&arena);
}
