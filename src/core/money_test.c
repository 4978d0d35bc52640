#include "core/money.h"
#include "tests/test.h"

static const struct currency *currency(const char *code)
{
    const struct currency *found = currency_find(str_of(code));
    REQUIRE(found != NULL);
    return found;
}

TEST(money_rounds_once_half_away_from_zero)
{
    // clang-format off
    static const struct {
        const char *name, *major, *currency; enum err err; int64_t want;
    } cases[] = {
        {"exact",                     "10.28",               "EUR", ERR_NONE, 1028},
        {"half up",                   "10.275",              "EUR", ERR_NONE, 1028},
        {"half down below zero",      "-10.275",             "EUR", ERR_NONE, -1028},
        {"just under a half",         "10.27499999999999999","EUR", ERR_NONE, 1027},
        {"a tax of 8.875 %",          "8.875",               "USD", ERR_NONE, 888},
        {"no decimals: yen",          "104.895",             "JPY", ERR_NONE, 105},
        {"half a yen",                "0.5",                 "JPY", ERR_NONE, 1},
        {"three decimals: dinar",     "1.0005",              "KWD", ERR_NONE, 1001},
        {"four decimals: UF",         "1.00005",             "CLF", ERR_NONE, 10001},
        {"1.4 cents",                 "0.014",               "EUR", ERR_NONE, 1},
        {"a micro amount",            "0.000000001",         "EUR", ERR_NONE, 0},
        {"zero",                      "0",                   "EUR", ERR_NONE, 0},
        {"largest",                   "92233720368547758.07","EUR", ERR_NONE, INT64_MAX},
        {"smallest",                  "-92233720368547758.08","EUR",ERR_NONE, INT64_MIN},
        {"rounds beyond the largest", "92233720368547758.075","EUR",ERR_OVERFLOW, 0},
        {"too large",                 "1E+30",               "EUR", ERR_OVERFLOW, 0},
    };
    // clang-format on
    EACH(c, cases) {
        struct decimal major;
        struct money money = {-1, NULL};
        REQUIRE(decimal_parse(str_of(c->major), &major) == ERR_NONE);
        CHECK_INT(money_round(major, currency(c->currency), ROUND_HALF_UP, &money), c->err);
        CHECK_INT(money.minor, c->err == ERR_NONE ? c->want : -1);
    }
}

TEST(money_text)
{
    // clang-format off
    static const struct { const char *name, *currency; int64_t minor; const char *major; } cases[] = {
        {"10.28",                "EUR", 1028,      "10.28"},
        {"10.00",                "EUR", 1000,      "10"},
        {"-0.05",                "EUR", -5,        "-0.05"},
        {"0.00",                 "EUR", 0,         "0"},
        {"105",                  "JPY", 105,       "105"},
        {"1.001",                "KWD", 1001,      "1.001"},
        {"1.0001",               "CLF", 10001,     "1.0001"},
        {"92233720368547758.07", "EUR", INT64_MAX, "92233720368547758.07"},
        {"-92233720368547758.08","EUR", INT64_MIN, "-92233720368547758.08"},
    };
    // clang-format on
    EACH(c, cases) {
        char storage[64];
        struct buf text;
        struct money money = {c->minor, currency(c->currency)};
        buf_fixed(&text, storage, sizeof storage);
        buf_money(&text, money);
        CHECK_STR(buf_str(&text), c->name);
        CHECK(decimal_eq(money_major(money), decimal_lit(c->major)));
    }
}

TEST(money_adds_or_overflows)
{
    const struct currency *eur = currency("EUR");
    struct money most = {INT64_MAX, eur};
    struct money least = {INT64_MIN, eur};
    struct money one = {1, eur};
    struct money result = {7, eur};
    CHECK_INT(money_add(most, one, &result), ERR_OVERFLOW);
    CHECK_INT(money_sub(least, one, &result), ERR_OVERFLOW);
    CHECK_INT(money_sub((struct money){0, eur}, least, &result), ERR_OVERFLOW);
    CHECK_INT(result.minor, 7);
    CHECK_INT(money_add(most, least, &result), ERR_NONE);
    CHECK_INT(result.minor, -1);
    CHECK_INT(money_sub(one, most, &result), ERR_NONE);
    CHECK_INT(result.minor, 1 - INT64_MAX);
    CHECK(result.currency == eur);
}

TEST(money_too_large)
{
    // clang-format off
    static const struct { const char *name, *major; enum err err; int64_t minor; } cases[] = {
        {"the most",            "92233720368547758.07",  ERR_NONE,     INT64_MAX},
        {"rounded down to it",  "92233720368547758.0749",ERR_NONE,     INT64_MAX},
        {"rounded up from it",  "92233720368547758.075", ERR_OVERFLOW, 7},
        {"the least",           "-92233720368547758.08", ERR_NONE,     INT64_MIN},
        {"one less",            "-92233720368547758.09", ERR_OVERFLOW, 7},
        {"34 digits of euros",  "9999999999999999999999999999999999", ERR_OVERFLOW, 7},
    };
    // clang-format on
    EACH(c, cases) {
        struct money result = {7, currency("EUR")};
        CHECK_INT(money_round(decimal_lit(c->major), currency("EUR"), ROUND_HALF_UP, &result),
                  c->err);
        CHECK_INT(result.minor, c->minor);
    }
}

/* Minor to major units and back is the same amount, in every way of rounding. */
TEST(money_round_trip)
{
    static const char *const codes[] = {"EUR", "JPY", "KWD", "CLF"};
    for (int i = 0; i < 2000; i++) {
        struct money money = {(int64_t)test_random() >> test_between(0, 60),
                              currency(codes[test_between(0, 3)])};
        struct money back;
        enum rounding rounding = (enum rounding)test_between(ROUND_HALF_UP, ROUND_FLOOR);
        REQUIRE(money_round(money_major(money), money.currency, rounding, &back) == ERR_NONE);
        REQUIRE(back.minor == money.minor && back.currency == money.currency);
    }
}
