#include "core/country.h"
#include "tests/test.h"

TEST(country_known)
{
    // clang-format off
    static const struct { const char *name; bool known; } cases[] = {
        {"AD", true}, {"DE", true}, {"FR", true}, {"GB", true}, {"US", true}, {"ZW", true},
        {"XI", true}, {"AN", false}, {"UK", false}, {"EU", false}, {"ZZ", false}, {"de", false},
        {"D", false}, {"", false}, {"DEU", false}, {"E ", false}, {" D", false},
    };
    // clang-format on
    EACH(c, cases)
        CHECK_INT(country_is_known(str_of(c->name)), c->known);
    CHECK(!country_is_known(STR_NULL));
}

/* ISO 3166-1 assigns 249 codes. */
TEST(country_count)
{
    char code[2];
    int known = 0;
    for (code[0] = 'A'; code[0] <= 'Z'; code[0]++) {
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++)
            known += country_is_known((struct str){code, 2});
    }
    CHECK_INT(known, 249 + 1);
}
