#include "tests/test.h"

#include "base/str.h"

TEST(characters_and_cuts_of_utf8)
{
    static const struct {
        const char *name, *text;
        size_t characters, bytes_max;
        const char *cut;
    } cases[] = {
        {"empty", "", 0, 5, ""},
        {"fits", "abc", 3, 3, "abc"},
        {"one less", "abc", 3, 2, "ab"},
        {"nothing", "abc", 3, 0, ""},
        {"before two bytes", "ab\xc3\xa9", 3, 3, "ab"}, /* é */
        {"behind two bytes",
         "ab\xc3\xa9"
         "c",
         4, 4, "ab\xc3\xa9"},                                                     /* é */
        {"within three bytes", "\xe5\x8c\x97\xe9\xa2\xa8", 2, 5, "\xe5\x8c\x97"}, /* 北風 */
        {"within the first", "\xf0\x9f\x8c\x8a", 1, 3, ""},                       /* a wave */
    };
    EACH(c, cases) {
        CHECK_INT((int64_t)str_characters(str_of(c->text)), (int64_t)c->characters);
        CHECK_STR(str_cut(str_of(c->text), c->bytes_max), c->cut);
    }
}
