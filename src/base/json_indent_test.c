#include "base/json_indent.h"

#include "tests/test.h"

TEST(json_is_laid_out_and_its_values_stay)
{
    // clang-format off
    static const struct { const char *name, *json, *want; } cases[] = {
        {"nothing inside", "{}", "{}\n"},
        {"nothing inside, spaced", " [ ] ", "[]\n"},
        {"a value alone", "12.50", "12.50\n"},
        {"members", "{\"a\":1,\"b\":[true,null]}",
         "{\n  \"a\": 1,\n  \"b\": [\n    true,\n    null\n  ]\n}\n"},
        {"spaces in texts stay, others go", "{ \"a  b\" :\n \" , : { \" }", "{\n  \"a  b\": \" , : { \"\n}\n"},
        {"what a text escapes", "[\"\\\"]\\\\\",\"]\"]", "[\n  \"\\\"]\\\\\",\n  \"]\"\n]\n"},
        {"empty ones among others", "{\"a\":{},\"b\":[]}", "{\n  \"a\": {},\n  \"b\": []\n}\n"},
        {"cut in a text", "[\"a\\", "[\n  \"a\\\n"},
        {"closed too often", "]]", "\n]\n]\n"},
    };
    // clang-format on
    EACH(c, cases) {
        char storage[256];
        struct buf out;
        buf_fixed(&out, storage, sizeof storage);
        json_indent(&out, str_of(c->json));
        CHECK(buf_ok(&out));
        CHECK_STR(buf_str(&out), c->want);
    }
}
