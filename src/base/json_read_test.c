#include "tests/test.h"

#include "base/buf.h"
#include "base/json_read.h"

/* The public suite: TEST_JSON_DIR is where its files are unpacked (see meson.build). */
#include <dirent.h>

static struct arena arena;

static bool accepts(struct str text)
{
    struct str error = STR_NULL;
    bool valid = json_is_valid(&arena, text, &error);
    CHECK(valid == str_is_null(error));
    return valid;
}

TEST(json_tokens_of_a_document)
{
    static const struct {
        enum json_token token;
        const char *text;
    } wanted[] = {
        {JSON_OBJECT_START, NULL},
        {JSON_KEY, "a"},
        {JSON_ARRAY_START, NULL},
        {JSON_NUMBER, "-1.50e3"},
        {JSON_STRING, "x\"\xc3\xa9\n\xf0\x9f\x98\x80"},
        {JSON_TRUE, NULL},
        {JSON_NULL, NULL},
        {JSON_ARRAY_END, NULL},
        {JSON_KEY, ""},
        {JSON_FALSE, NULL},
        {JSON_OBJECT_END, NULL},
        {JSON_END, NULL},
    };
    struct json_reader reader;
    arena_init(&arena);
    json_reader_init(
        &reader, &arena,
        STR(" {\"a\": [-1.50e3, \"x\\\"\\u00e9\\n\\ud83d\\ude00\", true, null], \"\" : false}\n"));
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        CHECK_INT(json_next(&reader), wanted[i].token);
        if (wanted[i].text != NULL)
            CHECK_STR(reader.text, wanted[i].text);
    }
    arena_clear(&arena);
}

TEST(json_skip_returns_values_as_written)
{
    struct json_reader reader;
    struct str raw = STR_NULL;
    arena_init(&arena);
    json_reader_init(&reader, &arena, STR("{\"a\": {\"b\": [1, {}]} , \"c\":\"d\",\"e\":2}"));
    CHECK_INT(json_next(&reader), JSON_OBJECT_START);
    CHECK_INT(json_next(&reader), JSON_KEY);
    REQUIRE(json_skip(&reader, &raw));
    CHECK_STR(raw, "{\"b\": [1, {}]}");
    CHECK_INT(json_next(&reader), JSON_KEY);
    REQUIRE(json_skip(&reader, &raw));
    CHECK_STR(raw, "\"d\"");
    CHECK_INT(json_next(&reader), JSON_KEY);
    CHECK_INT(json_next(&reader), JSON_NUMBER);
    REQUIRE(json_skip(&reader, &raw));
    CHECK_STR(raw, "2");
    CHECK_INT(json_next(&reader), JSON_OBJECT_END);
    CHECK_INT(json_next(&reader), JSON_END);
    arena_clear(&arena);
}

TEST(json_refuses_what_is_no_text)
{
    arena_init(&arena);
    CHECK(!accepts(STR("\"\\u0000\"")));
    CHECK(!accepts(STR("\"\\ud800\"")));
    CHECK(!accepts(STR("\"\\udc00\"")));
    CHECK(!accepts(STR("\"\xff\"")));
    CHECK(!accepts(STR("\"\xed\xa0\x80\"")));
    CHECK(!accepts(STR("\"\0\"")));
    CHECK(!accepts(STR("\xef\xbb\xbf{}")));
    CHECK(accepts(STR("123456789012345678901234567890.123456789e-400")));
    arena_clear(&arena);
}

TEST(json_depth_is_limited)
{
    struct buf text;
    arena_init(&arena);
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        buf_init(&text, &arena, 1000);
        for (int i = 0; i < depth; i++)
            buf_char(&text, '[');
        for (int i = 0; i < depth; i++)
            buf_char(&text, ']');
        CHECK_INT(accepts(buf_str(&text)), depth == JSON_DEPTH_MAX);
    }
    arena_clear(&arena);
}

TEST(json_error_names_line_and_column)
{
    struct str error = STR_NULL;
    arena_init(&arena);
    CHECK(!json_is_valid(&arena, STR("{\n  \"a\": 01}"), &error));
    CHECK_STR(error, "line 2, column 8: a malformed number");
    arena_clear(&arena);
}

/* Of the i_ files, where either is allowed: those that are accepted.  Big numbers are text, so
 * they are; what is no UTF-8, a lone surrogate, or a byte order mark is not; nor is nesting
 * beyond JSON_DEPTH_MAX. */
static bool may_be_accepted(const char *name)
{
    return strncmp(name, "i_number_", 9) == 0;
}

static void check_file(const char *dir, const char *name)
{
    char path[1024];
    static char bytes[1 << 20];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    REQUIRE(file != NULL);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    test_case = name;
    arena_reset(&arena);
    bool wanted = name[0] == 'y' || (name[0] == 'i' && may_be_accepted(name));
    if (strcmp(name, "y_string_null_escape.json") == 0 ||
        strstr(name, "y_object_escaped_null") != NULL)
        wanted = false; /* U+0000 is no text here */
    CHECK_INT(accepts((struct str){bytes, len}), wanted);
}

TEST(json_public_suite)
{
    const char *dir = getenv("TEST_JSON_DIR");
    int count = 0;
    DIR *folder = opendir(dir != NULL ? dir : TEST_JSON_DIR);
    REQUIRE(folder != NULL);
    arena_init(&arena);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (strstr(entry->d_name, ".json") != NULL) {
            check_file(dir != NULL ? dir : TEST_JSON_DIR, entry->d_name);
            count++;
        }
    }
    closedir(folder);
    test_case = "";
    CHECK_INT(count, 318);
    arena_clear(&arena);
}
