#include "core/metering/filter.h"
#include "tests/test.h"

static struct arena arena;

static const char metric_text[] =
    "{\"cloud\": [\"aws\", \"gcp\"], \"region\": [\"eu\", \"us\", \"asia\"], \"level\": [\"1\"]}";
/* In the order in which they stand in a plan. */
static const char *const filter_texts[] = {
    "{\"cloud\": [\"aws\", \"gcp\"]}",                                 /* 0: any cloud */
    "{\"cloud\": [\"aws\"]}",                                          /* 1: narrower than 0 */
    "{\"cloud\": [\"__ALL_FILTER_VALUES__\"], \"region\": [\"eu\"]}",  /* 2: two keys */
    "{\"cloud\": [\"aws\"], \"region\": [\"__ALL_FILTER_VALUES__\"]}", /* 3: two keys, wider */
    "{\"level\": [\"1\"]}", /* 4: as exact as 1, behind it */
};
#define FILTER_COUNT (sizeof filter_texts / sizeof filter_texts[0])

static struct filter metric;
static struct filter filters[FILTER_COUNT];

static struct filter_set make_set(void)
{
    metric = filter_of(&arena, str_of(metric_text));
    for (size_t i = 0; i < FILTER_COUNT; i++) {
        struct filter sent = filter_of(&arena, str_of(filter_texts[i]));
        filters[i] = filter_expand(&arena, &sent, &metric);
    }
    return filter_set_of(&arena, filters, FILTER_COUNT);
}

TEST(filter_most_exact)
{
    // clang-format off
    static const struct {
        const char *name; size_t filter; const char *segment;
    } cases[] = {
        {"{}",                                                       5, "-.-.-"},
        {"{\"cloud\": \"gcp\"}",                                     0, "1.-.-"},
        {"{\"cloud\": \"aws\"}",                                     1, "0.-.-"},
        {"{\"cloud\": \"aws\", \"level\": \"1\"}",                   1, "0.-.0"},
        {"{\"cloud\": \"gcp\", \"level\": \"1\"}",                   4, "1.-.0"},
        {"{\"level\": 1}",                                           4, "-.-.0"},
        {"{\"level\": 1.0}",                                         5, "-.-.-"},
        {"{\"cloud\": \"gcp\", \"region\": \"eu\"}",                 2, "1.0.-"},
        /* 2 has 2 combinations, 3 has 3 */
        {"{\"region\": \"eu\", \"cloud\": \"aws\"}",                 2, "0.0.-"},
        {"{\"region\": \"asia\", \"cloud\": \"aws\"}",               3, "0.2.-"},
        {"{\"region\": \"mars\", \"cloud\": \"aws\"}",               1, "0.-.-"},
        {"{\"region\": \"eu\"}",                                     5, "-.0.-"},
        {"{\"cloud\": \"azure\", \"region\": \"eu\"}",               5, "-.0.-"},
        {"{\"cloud\": null, \"other\": {\"cloud\": \"aws\"}}",       5, "-.-.-"},
        {"{\"cloud\": [\"aws\"]}",                                   5, "-.-.-"},
        {"{\"x\": [1], \"cloud\": \"aws\", \"cloud\": \"gcp\"}",     1, "0.-.-"},
        {"[]",                                                       5, "-.-.-"},
    };
    // clang-format on
    arena_init(&arena);
    struct filter_set set = make_set();
    EACH(c, cases) {
        struct str properties = str_of(c->name);
        CHECK_INT(filter_set_pick(&arena, &set, properties), c->filter);
        struct str segment = filter_segment(&arena, &metric, properties);
        CHECK_STR(segment, c->segment);
        /* A segment says as much as its events. */
        CHECK_INT(filter_set_pick_segment(&arena, &set, &metric, segment), c->filter);
    }
    arena_clear(&arena);
}

TEST(filter_texts_and_sets)
{
    arena_init(&arena);
    (void)make_set();
    struct filter odd = filter_of(&arena, STR("{\"a\\\"b\":[\"x\\\\y\",\"z\"]}"));
    CHECK_STR(filter_text(&arena, &odd), "{\"a\\\"b\":[\"x\\\\y\",\"z\"]}");
    struct filter none = filter_of(&arena, STR("{}"));
    CHECK_STR(filter_text(&arena, &none), "{}");
    struct filter turned =
        filter_of(&arena, STR("{\"region\":[\"eu\"],\"cloud\":[\"gcp\",\"aws\"]}"));
    CHECK(filter_same(&filters[2], &turned)); /* __ALL_FILTER_VALUES__ is aws and gcp */
    CHECK(!filter_same(&filters[0], &filters[1]) && !filter_same(&filters[1], &filters[0]));
    CHECK(filter_is_listed(&filters[2], &metric) && filter_is_listed(&none, &metric));
    struct filter unknown = filter_of(&arena, STR("{\"cloud\":[\"azure\"]}"));
    CHECK(!filter_is_listed(&unknown, &metric) && !filter_is_listed(&odd, &metric));
    CHECK(filter_find(&metric, STR("size")) == NULL);
    arena_clear(&arena);
}
