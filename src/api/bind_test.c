#include "api/bind.h"

#include "base/none.h"
#include "base/time.h"
#include "tests/test.h"

enum { SENT_NAME = 1, SENT_COUNT = 2, SENT_RATE = 4, SENT_TAGS = 8 };

struct part {
    uint64_t sent;
    struct str kind;
    struct decimal price;
};

struct place {
    struct str city;
    int64_t floor;
};

struct thing {
    uint64_t sent;
    struct str name, code, email, currency, country, zone, choice;
    struct uuid id;
    struct decimal rate;
    int64_t count;
    bool on;
    int64_t at;
    int64_t event_at;
    int32_t day;
    int color;
    const struct str *tags;
    size_t tag_count;
    struct place place;
    struct part *parts;
    size_t part_count;
    struct str raw;
    struct str raw_object;
};

static const struct bind_word colors[] = {{"red", 3}, {"green", 5}, {0}};

// clang-format off
static const struct bind_field part_fields[] = {
    {"kind",  BIND_CODE(part, kind), .flags = BIND_REQUIRED, .sent = SENT_NAME},
    {"price", BIND_DECIMAL(part, price), .flags = BIND_POSITIVE},
    {0},
};
static const struct bind_table part_table = {NULL, part_fields, BIND_SENT_AT(part, sent)};

static const struct bind_field place_fields[] = {
    {"city",  BIND_TEXT(place, city), .flags = BIND_REQUIRED},
    {"floor", BIND_INT(place, floor), .flags = BIND_PRESET, .preset = 1},
    {0},
};
static const struct bind_table place_table = {NULL, place_fields, 0};

static const struct bind_field thing_fields[] = {
    {"name",      BIND_TEXT(thing, name), .max = 5, .sent = SENT_NAME},
    {"code",      BIND_CODE(thing, code)},
    {"email",     BIND_EMAIL(thing, email)},
    {"currency",  BIND_CURRENCY(thing, currency)},
    {"country",   BIND_COUNTRY(thing, country)},
    {"zone",      BIND_ZONE(thing, zone)},
    {"choice",    BIND_TEXT(thing, choice), .words = colors},
    {"id",        BIND_UUID(thing, id)},
    {"rate",      BIND_DECIMAL(thing, rate), .digits = 3, .decimals = 2, .flags = BIND_NOT_NEGATIVE, .sent = SENT_RATE},
    {"count",     BIND_INT(thing, count), .min = -2, .max = 100, .sent = SENT_COUNT},
    {"on",        BIND_BOOL(thing, on), .preset = true},
    {"at",        BIND_INSTANT(thing, at)},
    {"event_at",  BIND_EVENT_TIME(thing, event_at)},
    {"day",       BIND_DAY(thing, day)},
    {"color",     BIND_WORD(thing, color, colors), .preset = 5},
    {"tags",      BIND_TEXTS(thing, tags, tag_count), .max = 3, .sent = SENT_TAGS},
    {"place",     BIND_OBJECT(thing, place, &place_table)},
    {"parts",     BIND_OBJECTS(thing, parts, part_count, &part_table), .max = 3},
    {"raw",       BIND_RAW(thing, raw), .max = 20},
    {"raw_object", BIND_RAW(thing, raw_object), .flags = BIND_RAW_OBJECT},
    {"later",     BIND_UNSUPPORTED},
    {"mode",      BIND_UNSUPPORTED, .neutral = "plain"},
    {"flag",      BIND_UNSUPPORTED, .neutral = "true"},
    {0},
};
static const struct bind_table thing_table = {"thing", thing_fields, BIND_SENT_AT(thing, sent)};
// clang-format on

/* STR for initializers of static tables. */
#define STR_(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

static struct arena arena;
static struct fault fault;
static struct bind bind;

/* JSON is written with ' for ", which reads better. */
static struct str json(const char *text)
{
    size_t len = strlen(text);
    char *copy = arena_alloc(&arena, len + 1);
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '\'')
            c = '"';
        copy[i] = c;
    }
    return (struct str){copy, len};
}

static void begin(bool is_lenient)
{
    arena_clear(&arena);
    arena_init(&arena);
    fault_init(&fault, &arena);
    bind_init(&bind, &arena, &fault, is_lenient);
}

static enum err read_thing(const char *text, struct thing *thing)
{
    memset(thing, 0x5A, sizeof *thing); /* whatever was there must not stay */
    return bind_body(&bind, json(text), &thing_table, thing);
}

/* "field code; field code" */
static struct str faults(void)
{
    struct buf out;
    buf_init(&out, &arena, 4096);
    for (size_t i = 0; i < fault.field_count; i++)
        buf_fmt(&out, "%s%.*s %.*s", i > 0 ? "; " : "", STR_ARG(fault.fields[i].field),
                STR_ARG(fault.fields[i].code));
    return out.len > 0 ? buf_str(&out) : STR("");
}

TEST(bind_reads_every_kind)
{
    struct thing thing;
    begin(false);
    REQUIRE(read_thing(
                "{'thing': {'name': 'h\\u00e9llo', 'code': 'a-b_c.d:e/f@g+h#1', 'email': 'a@b.de',"
                " 'currency': 'EUR', 'country': 'FR', 'zone': 'Europe/Paris', 'choice': 'green',"
                " 'id': '01890A5D-AC96-774B-BCCE-B302099A8057', 'rate': '20.50', 'count': -2,"
                " 'on': false, 'at': '2024-01-15T10:00:00.5+01:00', 'event_at': 1705312800.25,"
                " 'day': '2024-02-29', 'color': 'red', 'tags': ['a', '', 'abc'],"
                " 'place': {'city': 'Ulm'}, 'parts': [{'kind': 'x', 'price': 0.10}, {'kind': 'y'}],"
                " 'raw': [1, {'a': 2}], 'raw_object': {'b': 1, 'a': {'b': 2}}}}",
                &thing) == ERR_NONE);
    CHECK_STR(thing.name, "h\xC3\xA9llo");
    CHECK_STR(thing.code, "a-b_c.d:e/f@g+h#1");
    CHECK_STR(thing.email, "a@b.de");
    CHECK_STR(thing.currency, "EUR");
    CHECK_STR(thing.country, "FR");
    CHECK_STR(thing.zone, "Europe/Paris");
    CHECK_STR(thing.choice, "green");
    CHECK_STR(uuid_text(&arena, thing.id), "01890a5d-ac96-774b-bcce-b302099a8057");
    CHECK_STR(decimal_text(&arena, thing.rate), "20.5");
    CHECK_INT(thing.count, -2);
    CHECK(!thing.on);
    CHECK_INT(thing.at, 1705309200500000);       /* 09:00:00.5 UTC */
    CHECK_INT(thing.event_at, 1705312800250000); /* 10:00:00.25 UTC */
    CHECK_INT(thing.day, 19782);
    CHECK_INT(thing.color, 3);
    REQUIRE(thing.tag_count == 3);
    CHECK_STR(thing.tags[1], "");
    CHECK_STR(thing.tags[2], "abc");
    CHECK_STR(thing.place.city, "Ulm");
    CHECK_INT(thing.place.floor, 1);
    REQUIRE(thing.part_count == 2);
    CHECK_STR(thing.parts[0].kind, "x");
    CHECK_STR(decimal_text(&arena, thing.parts[0].price), "0.1");
    CHECK_INT(thing.parts[0].sent, SENT_NAME);
    CHECK(decimal_is_none(thing.parts[1].price));
    CHECK_STR(thing.raw, "[1, {\"a\": 2}]");
    CHECK_STR(thing.raw_object, "{\"b\": 1, \"a\": {\"b\": 2}}");
    CHECK_INT(thing.sent, SENT_NAME | SENT_COUNT | SENT_RATE | SENT_TAGS);
}

static void check_nothing(const struct thing *thing)
{
    CHECK(str_is_null(thing->name));
    CHECK(str_is_null(thing->code));
    CHECK(str_is_null(thing->zone));
    CHECK(uuid_is_nil(thing->id));
    CHECK(decimal_is_none(thing->rate));
    CHECK_INT(thing->count, INT_NONE);
    CHECK(thing->on);
    CHECK_INT(thing->at, TIME_NONE);
    CHECK_INT(thing->event_at, TIME_NONE);
    CHECK_INT(thing->day, DAY_NONE);
    CHECK_INT(thing->color, 5);
    CHECK_INT(thing->tag_count, 0);
    CHECK_INT(thing->part_count, 0);
    CHECK(thing->parts == NULL);
    CHECK_INT(thing->place.floor, 1);
    CHECK(str_is_null(thing->raw));
}

TEST(bind_gives_none_to_what_is_not_sent)
{
    struct thing thing;
    begin(false);
    REQUIRE(read_thing("{'thing': {}}", &thing) == ERR_NONE);
    check_nothing(&thing);
    CHECK_INT(thing.sent, 0);
}

TEST(bind_null_clears_and_counts_as_sent)
{
    struct thing thing;
    begin(false);
    REQUIRE(read_thing("{'thing': {'name': null, 'code': null, 'zone': null, 'id': null,"
                       " 'rate': null, 'count': null, 'on': null, 'at': null, 'event_at': null,"
                       " 'day': null, 'color': null, 'tags': null, 'place': null, 'parts': null,"
                       " 'raw': null}}",
                       &thing) == ERR_NONE);
    check_nothing(&thing);
    CHECK_INT(thing.sent, SENT_NAME | SENT_COUNT | SENT_RATE | SENT_TAGS);
}

TEST(bind_refuses_bad_values)
{
    // clang-format off
    static const struct { const char *name; const char *fields; const char *faults; } cases[] = {
        {"text of 5 characters",  "'name': '\u00e9\u00e9\u00e9\u00e9\u00e9'", ""},
        {"text of 6",             "'name': 'abcdef'",           "name value_is_too_long"},
        {"text by number",        "'name': 1",                  "name invalid_type"},
        {"text by true",          "'name': true",               "name invalid_type"},
        {"text by array",         "'name': ['a']",              "name invalid_type"},
        {"code with space",       "'code': 'a b'",              "code value_is_invalid"},
        {"code empty",            "'code': ''",                 "code value_is_invalid"},
        {"code with umlaut",      "'code': '\u00fc'",          "code value_is_invalid"},
        {"email without at",      "'email': 'a.b'",             "email invalid_email_format"},
        {"email two at",          "'email': 'a@b@c'",           "email invalid_email_format"},
        {"email with space",      "'email': 'a @b.c'",          "email invalid_email_format"},
        {"email list",            "'email': 'a@b.c,d@e.f'",     "email invalid_email_format"},
        {"email dot last",        "'email': 'a@b.'",            "email invalid_email_format"},
        {"currency unknown",      "'currency': 'EUX'",          "currency value_is_invalid"},
        {"currency lower",        "'currency': 'eur'",          "currency value_is_invalid"},
        {"country unknown",       "'country': 'XX'",            "country value_is_invalid"},
        {"zone unknown",          "'zone': 'Europe/Ulm'",       "zone value_is_invalid"},
        {"zone path",             "'zone': '../../etc/passwd'", "zone value_is_invalid"},
        {"choice",                "'choice': 'blue'",           "choice value_is_invalid"},
        {"id",                    "'id': '123'",                "id value_is_invalid"},
        {"rate text",             "'rate': 'abc'",              "rate value_is_invalid"},
        {"rate empty",            "'rate': ''",                 "rate value_is_invalid"},
        {"rate bool",             "'rate': false",              "rate invalid_type"},
        {"rate largest",          "'rate': 999.99",             ""},
        {"rate trailing zeros",   "'rate': '1.5000'",           ""},
        {"rate digits",           "'rate': 1000",               "rate value_is_out_of_range"},
        {"rate decimals",         "'rate': '0.001'",            "rate value_is_out_of_range"},
        {"rate negative",         "'rate': '-0.01'",            "rate value_is_out_of_range"},
        {"rate zero",             "'rate': 0",                  ""},
        {"rate exponent",         "'rate': 1e2",                ""},
        {"rate huge",             "'rate': 1e400",              "rate value_is_out_of_range"},
        {"rate too exact",        "'rate': 0.12345678901234567890123456789012345678901234567890", "rate value_is_out_of_range"},
        {"count largest",         "'count': 100",               ""},
        {"count above",           "'count': 101",               "count value_is_out_of_range"},
        {"count below",           "'count': -3",                "count value_is_out_of_range"},
        {"count by exponent",     "'count': 1e2",               ""},
        {"count whole",           "'count': 5.0",               ""},
        {"count part",            "'count': 5.5",               "count value_is_invalid"},
        {"count text",            "'count': '5'",               "count invalid_type"},
        {"count huge",            "'count': 99999999999999999999", "count value_is_out_of_range"},
        {"bool text",             "'on': 'true'",               "on invalid_type"},
        {"bool number",           "'on': 1",                    "on invalid_type"},
        {"instant no zone",       "'at': '2024-01-15T10:00:00'", "at value_is_invalid"},
        {"instant day only",      "'at': '2024-01-15'",         "at value_is_invalid"},
        {"instant no such day",   "'at': '2023-02-29T10:00:00Z'", "at value_is_invalid"},
        {"instant number",        "'at': 1705312800",           "at invalid_type"},
        {"event text seconds",    "'event_at': '1705312800'",   ""},
        {"event RFC 3339",        "'event_at': '2024-01-15T10:00:00Z'", ""},
        {"event far",             "'event_at': 253402300800",   "event_at value_is_out_of_range"},
        {"event words",           "'event_at': 'now'",          "event_at value_is_invalid"},
        {"event bool",            "'event_at': true",           "event_at invalid_type"},
        {"day",                   "'day': '2023-02-29'",        "day value_is_invalid"},
        {"day with time",         "'day': '2024-01-15T00:00:00Z'", "day value_is_invalid"},
        {"word",                  "'color': 'Red'",             "color value_is_invalid"},
        {"word number",           "'color': 3",                 "color invalid_type"},
        {"tags no array",         "'tags': 'a'",                "tags invalid_type"},
        {"tags elements",         "'tags': ['abcd', 1, 'abc', null, ['a']]", "tags.0 value_is_too_long; tags.1 invalid_type; tags.3 invalid_type; tags.4 invalid_type"},
        {"place no object",       "'place': []",                "place invalid_type"},
        {"place incomplete",      "'place': {}",                "place.city value_is_mandatory"},
        {"place empty text",      "'place': {'city': ''}",      "place.city value_is_mandatory"},
        {"place null",            "'place': {'city': null}",    "place.city value_is_mandatory"},
        {"place unknown",         "'place': {'city': 'Ulm', 'zip': 1}", "place.zip unknown_field"},
        {"parts no array",        "'parts': {}",                "parts invalid_type"},
        {"parts elements",        "'parts': [{'kind': 'a'}, 5, {'price': 0}]", "parts.1 invalid_type; parts.2.price value_is_out_of_range; parts.2.kind value_is_mandatory"},
        {"parts too many",        "'parts': [{'kind': 'a'}, {'kind': 'a'}, {'kind': 'a'}, {'kind': 'a'}, {}]", "parts too_many_values"},
        {"raw too long",          "'raw': '0123456789012345678'", "raw value_is_too_long"},
        {"raw longest",           "'raw': '012345678901234567'", ""},
        {"raw object no object",  "'raw_object': []",           "raw_object invalid_type"},
        {"raw object repeats",    "'raw_object': {'a': 1, 'b': 2, 'a': 1}", "raw_object.a duplicate_field"},
        {"unknown",               "'nmae': 'a'",                "nmae unknown_field"},
        {"repeated",              "'count': 1, 'name': 'a', 'count': 2", "count duplicate_field"},
        {"repeated by escape",    "'count': 1, 'c\\u006funt': 2", "count duplicate_field"},
        {"all at once",           "'name': 1, 'rate': -1, 'x': {}, 'count': 200", "name invalid_type; rate value_is_out_of_range; x unknown_field; count value_is_out_of_range"},
    };
    // clang-format on
    EACH(c, cases) {
        struct thing thing;
        char body[512];
        begin(false);
        snprintf(body, sizeof body, "{'thing': {%s}}", c->fields);
        enum err err = read_thing(body, &thing);
        CHECK_INT(err, *c->faults == '\0' ? ERR_NONE : ERR_INVALID);
        CHECK_STR(faults(), c->faults);
    }
}

TEST(bind_names_value_and_form)
{
    struct thing thing;
    begin(false);
    CHECK_INT(read_thing("{'thing': {'count': 101, 'color': 'blue', 'rate': '-1',"
                         " 'parts': [{'price': [1, 2]}]}}",
                         &thing),
              ERR_INVALID);
    CHECK_INT(fault.err, ERR_INVALID);
    REQUIRE(fault.field_count == 5);
    CHECK_STR(fault.fields[0].value, "101");
    CHECK_STR(fault.fields[0].expected, "an integer from -2 to 100");
    CHECK_STR(fault.fields[1].value, "blue");
    CHECK_STR(fault.fields[1].expected, "one of: red, green");
    CHECK_STR(fault.fields[2].expected,
              "a decimal number of 0 or more with at most 3 digits before "
              "and 2 after the point");
    CHECK_STR(fault.fields[3].field, "parts.0.price");
    CHECK_STR(fault.fields[3].value, "[1, 2]");
    CHECK(str_is_null(fault.fields[4].value));
}

TEST(bind_refuses_broken_bodies)
{
    // clang-format off
    static const struct { const char *name; const char *body; } cases[] = {
        {"empty",            ""},
        {"spaces",           "  "},
        {"no JSON",          "thing"},
        {"array",            "[]"},
        {"text",             "'thing'"},
        {"null",             "null"},
        {"no member",        "{}"},
        {"member no object", "{'thing': []}"},
        {"member null",      "{'thing': null}"},
        {"cut off",          "{'thing': {'name': 'a'"},
        {"cut in value",     "{'thing': {'name': "},
        {"cut in list",      "{'thing': {'tags': ['a'"},
        {"cut in parts",     "{'thing': {'parts': [{'kind': 'a'"},
        {"cut in unknown",   "{'thing': {'x': [1,"},
        {"two values",       "{'thing': {}} {}"},
        {"comma last",       "{'thing': {'name': 'a',}}"},
        {"no quotes",        "{thing: {}}"},
        {"zero in text",     "{'thing': {'name': 'a\\u0000'}}"},
        {"lone surrogate",   "{'thing': {'name': '\\ud800'}}"},
        {"not UTF-8",        "{'thing': {'name': '\xC3('}}"},
        {"NaN",              "{'thing': {'count': NaN}}"},
    };
    // clang-format on
    EACH(c, cases) {
        struct thing thing;
        begin(false);
        CHECK_INT(read_thing(c->body, &thing), ERR_MALFORMED);
        CHECK(fault.message.len > 0);
    }
}

TEST(bind_says_where_json_breaks)
{
    struct thing thing;
    begin(false);
    CHECK_INT(read_thing("{'thing': {\n  'count': 1 2}}", &thing), ERR_MALFORMED);
    CHECK(strstr(arena_cstr(&arena, fault.message), "line 2, column 14") != NULL);
}

TEST(bind_refuses_the_unsupported_where_it_matters)
{
    // clang-format off
    static const struct { const char *name; const char *fields; enum err err; } cases[] = {
        {"null",          "'later': null",              ERR_NONE},
        {"false",         "'later': false",             ERR_NONE},
        {"zero",          "'later': 0",                 ERR_NONE},
        {"zeros",         "'later': -0.00e5",           ERR_NONE},
        {"empty text",    "'later': ''",                ERR_NONE},
        {"empty array",   "'later': []",                ERR_NONE},
        {"empty object",  "'later': {}",                ERR_NONE},
        {"nothing in it", "'later': {'a': null, 'b': {'c': ''}}", ERR_NONE},
        {"neutral",       "'mode': 'plain'",            ERR_NONE},
        {"neutral true",  "'flag': true",               ERR_NONE},
        {"neutral null",  "'flag': null",               ERR_NONE},
        {"not neutral",   "'flag': false",              ERR_NOT_SUPPORTED},
        {"not neutral 0", "'flag': 0",                  ERR_NOT_SUPPORTED},
        {"true",          "'later': true",              ERR_NOT_SUPPORTED},
        {"number",        "'later': 0.01",              ERR_NOT_SUPPORTED},
        {"text",          "'later': 'x'",               ERR_NOT_SUPPORTED},
        {"array",         "'later': [0]",               ERR_NOT_SUPPORTED},
        {"object",        "'later': {'a': null, 'b': 1}", ERR_NOT_SUPPORTED},
        {"other mode",    "'mode': 'fancy'",            ERR_NOT_SUPPORTED},
        {"bad as well",   "'mode': 'fancy', 'count': true", ERR_INVALID},
    };
    // clang-format on
    EACH(c, cases) {
        for (int is_lenient = 0; is_lenient < 2; is_lenient++) {
            struct thing thing;
            char body[512];
            begin(is_lenient != 0);
            snprintf(body, sizeof body, "{'thing': {%s}}", c->fields);
            CHECK_INT(read_thing(body, &thing), c->err);
            CHECK_INT(fault.err, c->err);
        }
    }
}

TEST(bind_lenient_takes_more)
{
    struct thing thing;
    begin(true);
    REQUIRE(read_thing("{'other': 1, 'thing': {'name': 12, 'code': 'my code', 'count': '7',"
                       " 'on': 'false', 'at': '2024-01-15', 'x': {'y': 1}, 'email': 'a@b.c, d@e.f',"
                       " 'parts': [{'kind': 'a', 'z': 1}]}}",
                       &thing) == ERR_NONE);
    CHECK_STR(thing.name, "12");
    CHECK_STR(thing.code, "my code");
    CHECK_INT(thing.count, 7);
    CHECK(!thing.on);
    CHECK_INT(thing.at, 19737 * TIME_DAY);
    REQUIRE(bind.ignored_count == 3);
    CHECK_STR(bind.ignored[0], "other");
    CHECK_STR(bind.ignored[1], "x");
    CHECK_STR(bind.ignored[2], "parts.0.z");

    begin(true);
    REQUIRE(read_thing("{'thing': {'at': '2024-01-15 10:00:00'}}", &thing) == ERR_NONE);
    CHECK_INT(thing.at, 1705312800 * TIME_SECOND);
    CHECK_INT(
        read_thing("{'thing': {'on': 'yes', 'count': 'x', 'at': 'soon', 'name': true}}", &thing),
        ERR_INVALID);
    CHECK_STR(faults(), "on invalid_type; count value_is_invalid; at value_is_invalid; "
                        "name invalid_type");
}

TEST(bind_reads_an_object_kept_raw)
{
    struct part part;
    begin(false);
    bind_object(&bind, json("{'kind': 'a b', 'price': '2', 'q': 1}"), STR("charges.0.properties"),
                &part_table, &part);
    CHECK_STR(faults(), "charges.0.properties.kind value_is_invalid; "
                        "charges.0.properties.q unknown_field");
    CHECK_STR(decimal_text(&arena, part.price), "2");
    CHECK_INT(bind_check(&bind), ERR_INVALID);

    begin(false);
    bind_object(&bind, json("[]"), STR("properties"), &part_table, &part);
    CHECK_STR(faults(), "properties invalid_type");
}

/* Many keys are sorted, few compared: both find the one that stands twice. */
TEST(bind_finds_repeated_keys_among_many)
{
    for (int count = 1; count < 60; count += 7) {
        struct thing thing;
        struct buf body;
        begin(false);
        buf_init(&body, &arena, 65536);
        buf_add(&body, STR("{'thing': {'raw_object': {"));
        for (int i = 0; i < count; i++)
            buf_fmt(&body, "%s'k%d': 1", i > 0 ? "," : "", i * 31 % 61);
        size_t len = body.len;
        buf_add(&body, STR("}}}"));
        CHECK_INT(read_thing(arena_cstr(&arena, buf_str(&body)), &thing), ERR_NONE);
        body.len = len;
        buf_fmt(&body, ", 'k%d': 1}}}", count / 2 * 31 % 61);
        CHECK_INT(read_thing(arena_cstr(&arena, buf_str(&body)), &thing), ERR_INVALID);
        CHECK_INT(fault.field_count, 1);
    }
}

struct filter {
    uint64_t colors;
    struct str name;
    int64_t count;
    bool on;
    int64_t at;
    int32_t day;
    const struct str *codes;
    size_t code_count;
};

// clang-format off
static const struct bind_field filter_fields[] = {
    {"color", BIND_WORDS(filter, colors, colors)},
    {"name",  BIND_TEXT(filter, name)},
    {"count", BIND_INT(filter, count), .max = 10},
    {"on",    BIND_BOOL(filter, on)},
    {"at",    BIND_INSTANT(filter, at)},
    {"day",   BIND_DAY(filter, day)},
    {"codes", BIND_TEXTS(filter, codes, code_count)},
    {"search", BIND_UNSUPPORTED},
    {0},
};
// clang-format on
static const struct bind_table filter_table = {NULL, filter_fields, 0};

TEST(bind_reads_queries)
{
    static const struct http_param query[] = {
        {STR_("color[]"), STR_("red")},    {STR_("codes[]"), STR_("a")},
        {STR_("color[]"), STR_("green")},  {STR_("codes[]"), STR_("b")},
        {STR_("name"), STR_("x y")},       {STR_("count"), STR_("7")},
        {STR_("on"), STR_("true")},        {STR_("at"), STR_("2024-01-15T10:00:00Z")},
        {STR_("day"), STR_("2024-02-29")}, {STR_("search"), STR_("")},
    };
    struct filter filter;
    begin(false);
    bind_query(&bind, query, sizeof query / sizeof query[0], &filter_table, &filter);
    REQUIRE(bind_check(&bind) == ERR_NONE);
    CHECK_INT(filter.colors, 1 << 3 | 1 << 5);
    CHECK_STR(filter.name, "x y");
    CHECK_INT(filter.count, 7);
    CHECK(filter.on);
    CHECK_INT(filter.at, 1705312800 * TIME_SECOND);
    CHECK_INT(filter.day, 19782);
    REQUIRE(filter.code_count == 2);
    CHECK_STR(filter.codes[0], "a");
    CHECK_STR(filter.codes[1], "b");
}

TEST(bind_refuses_bad_queries)
{
    // clang-format off
    static const struct {
        const char *name; struct http_param params[2]; size_t count; const char *faults;
        const char *lenient_faults;
    } cases[] = {
        {"one word",       {{STR_("color"), STR_("red")}}, 1, "", ""},
        {"open filter",    {{STR_("count"), STR_("")}}, 1, "", ""},
        {"unknown",        {{STR_("colour"), STR_("red")}}, 1, "colour unknown_field", ""},
        {"array of one",   {{STR_("count[]"), STR_("1")}}, 1, "count[] unknown_field", ""},
        {"bad word",       {{STR_("color[]"), STR_("blue")}}, 1, "color[] value_is_invalid", "color[] value_is_invalid"},
        {"twice",          {{STR_("count"), STR_("1")}, {STR_("count"), STR_("2")}}, 2, "count duplicate_field", "count duplicate_field"},
        {"range",          {{STR_("count"), STR_("11")}}, 1, "count value_is_out_of_range", "count value_is_out_of_range"},
        {"bool",           {{STR_("on"), STR_("yes")}}, 1, "on invalid_type", "on invalid_type"},
        {"day",            {{STR_("day"), STR_("2024-1-1")}}, 1, "day value_is_invalid", "day value_is_invalid"},
        {"not supported",  {{STR_("search"), STR_("x")}}, 1, "search not_supported", "search not_supported"},
    };
    // clang-format on
    EACH(c, cases) {
        struct filter filter;
        begin(false);
        bind_query(&bind, c->params, c->count, &filter_table, &filter);
        CHECK_STR(faults(), c->faults);
        begin(true);
        bind_query(&bind, c->params, c->count, &filter_table, &filter);
        CHECK_STR(faults(), c->lenient_faults);
    }
}

TEST(bind_names_words)
{
    CHECK_STR(str_of(bind_word_of(colors, 5)), "green");
    CHECK_STR(str_of(bind_word_of(colors, 4)), "");
}

/* Whatever bytes come: an error or a value, never a crash; run under the sanitizers. */
TEST(bind_survives_damaged_bodies)
{
    static const char good[] =
        "{\"thing\": {\"name\": \"h\\u00e9\", \"rate\": 1.5, \"tags\": [\"a\"], \"place\": "
        "{\"city\": \"Ulm\"}, \"parts\": [{\"kind\": \"x\"}], \"raw_object\": {\"a\": [1]}, "
        "\"later\": {\"a\": null}, \"at\": \"2024-01-15T10:00:00Z\"}}";
    for (int round = 0; round < 3000; round++) {
        char body[sizeof good];
        struct thing thing;
        memcpy(body, good, sizeof good);
        for (int64_t changes = test_between(1, 3); changes > 0; changes--)
            body[test_between(0, (int64_t)sizeof good - 2)] = (char)test_between(0, 255);
        begin(round % 2 == 0);
        struct str text = {body, (size_t)test_between(0, (int64_t)sizeof good - 1)};
        enum err err = bind_body(&bind, text, &thing_table, &thing);
        CHECK(err == ERR_NONE || err == ERR_INVALID || err == ERR_MALFORMED ||
              err == ERR_NOT_SUPPORTED);
    }
}
