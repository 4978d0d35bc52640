#include "base/buf.h"
#include "core/metering/group.h"
#include "tests/test.h"

static struct arena arena;
static const struct str names[] = {{"region", 6}, {"user", 4}};
static const struct group_keys keys = {names, 2};

TEST(group_of_an_event)
{
    // clang-format off
    static const struct { const char *name, *properties, *group, *shown; } cases[] = {
        {"both, in any order", "{\"user\": \"ann\", \"x\": 1, \"region\": \"eu\"}",
                               "{\"region\":\"eu\",\"user\":\"ann\"}", "eu, ann"},
        {"one is missing",     "{\"region\": \"eu\"}",     "{\"region\":\"eu\",\"user\":null}", "eu, –"},
        {"null is missing",    "{\"region\": \"eu\", \"user\": null}",
                               "{\"region\":\"eu\",\"user\":null}", "eu, –"},
        {"neither",            "{}",                       "{\"region\":null,\"user\":null}", "–, –"},
        {"empty is a value",   "{\"user\": \"\"}",         "{\"region\":null,\"user\":\"\"}", "–, "},
        {"the text null too",  "{\"user\": \"null\"}",     "{\"region\":null,\"user\":\"null\"}", "–, null"},
        {"number, as written", "{\"user\": 1.0, \"region\": 2}",
                               "{\"region\":\"2\",\"user\":\"1.0\"}", "2, 1.0"},
        {"other JSON",         "{\"user\": true, \"region\": [1, 2]}",
                               "{\"region\":\"[1, 2]\",\"user\":\"true\"}", "[1, 2], true"},
        {"what is escaped",    "{\"user\": \"a\\\"b\\u00e4\"}",
                               "{\"region\":null,\"user\":\"a\\\"b\303\244\"}", "–, a\"b\303\244"},
        {"the first counts",   "{\"user\": \"a\", \"user\": \"b\"}", "{\"region\":null,\"user\":\"a\"}", "–, a"},
        {"no object",          "[1]",                      "{\"region\":null,\"user\":null}", "–, –"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct str group = group_text(&arena, &keys, str_of(c->properties));
        CHECK_STR(group, c->group);
        CHECK_STR(group_name(&arena, group), c->shown);
    }
    CHECK_STR(group_none(&arena, &keys), "{\"region\":null,\"user\":null}");
    arena_clear(&arena);
}

TEST(group_of_fewer_keys)
{
    arena_init(&arena);
    struct str group = STR("{\"region\":\"eu\",\"user\":null}");
    bool has = false;
    CHECK_STR(group_without(&arena, group, names, 1), "{\"user\":null}");
    CHECK_STR(group_without(&arena, group, &names[1], 1), "{\"region\":\"eu\"}");
    CHECK_STR(group_without(&arena, group, names, 2), "{}");
    CHECK_STR(group_without(&arena, group, NULL, 0), "{\"region\":\"eu\",\"user\":null}");
    CHECK_STR(group_value(&arena, group, STR("region"), &has), "eu");
    CHECK(has);
    CHECK(str_is_null(group_value(&arena, group, STR("user"), &has)));
    CHECK(has);
    CHECK(str_is_null(group_value(&arena, group, STR("zone"), &has)));
    CHECK(!has);
    arena_clear(&arena);
}

static struct str nth(size_t i)
{
    return arena_fmt(&arena, "{\"k\":\"%zu\"}", i);
}

/* Many, so that the table grows, each met twice, by two owners. */
TEST(group_numbers)
{
    enum { COUNT = 3000 };
    struct group_set set;
    arena_init(&arena);
    group_set_init(&set, &arena);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_INT(group_set_number(&set, 7, nth(i)), 2 * i);
        CHECK_INT(group_set_number(&set, 8, nth(i)), 2 * i + 1);
    }
    CHECK_INT(set.count, 2 * COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        CHECK_INT(group_set_number(&set, 8, nth(i)), 2 * i + 1);
        CHECK_INT(group_set_number(&set, 7, nth(i)), 2 * i);
        CHECK(str_eq(group_set_text(&set, 2 * i), nth(i)));
        CHECK_INT(group_set_owner(&set, 2 * i), 7);
        CHECK_INT(group_set_owner(&set, 2 * i + 1), 8);
    }
    CHECK_INT(set.count, 2 * COUNT);
    arena_clear(&arena);
}
