#include "base/time.h"
#include "core/metering/expression.h"
#include "tests/test.h"

static struct arena arena;

static enum err run(const char *source, const char *properties, struct expression_value *value,
                    struct expression_error *error)
{
    const struct expression *expression = NULL;
    TRY(expression_parse(&arena, str_of(source), &expression, error));
    return expression_evaluate(&arena, expression,
                               &(struct expression_event){
                                   .code = STR("cpu"),
                                   .occurred_at = 1700000000 * TIME_SECOND + 250000,
                                   .properties = str_of(properties),
                               },
                               value, error);
}

/* The first five are the worked examples of docs/guide/expressions.md; the rest by hand. */
TEST(expression_values)
{
    // clang-format off
    static const struct { const char *name, *properties, *want; } cases[] = {
        {"event.properties.tokens_in * 0.003 + event.properties.tokens_out * 0.015",
         "{\"tokens_in\": 1250, \"tokens_out\": \"340\"}", "8.85"},
        {"ceil(event.properties.bytes / 1073741824, 2)", "{\"bytes\": 1700000000}", "1.59"},
        {"ceil(event.properties.bytes / 1073741824, 2)", "{\"bytes\": 1610612736}", "1.5"},
        {"round(event.properties.seconds / 60 * event.properties.cores, 1)",
         "{\"seconds\": 100, \"cores\": 3}", "5"},
        {"concat(event.properties.region, '-', event.properties.host)",
         "{\"region\": \"eu-1\", \"host\": \"web7\"}", "eu-1-web7"},
        {"event.properties.seconds * event.properties.cores / 60", "{\"seconds\": 100, \"cores\": 3}", "5"},
        {"100 / 60", "{}", "1.666666666666667"},
        {"-100 / 60", "{}", "-1.666666666666667"},
        {"1 + 2 * 3", "{}", "7"},
        {"(1 + 2) * 3", "{}", "9"},
        {"10 - 3 - 2", "{}", "5"},
        {"100 / 10 / 2", "{}", "5"},
        {"2 * -3", "{}", "-6"},
        {"--3", "{}", "3"},
        {"1--3", "{}", "4"},
        {"-(1 + 2)", "{}", "-3"},
        {" \t\r\n0.1\n+ 0.2 ", "{}", "0.3"},
        {"round(2.5)", "{}", "3"},
        {"round(-2.5)", "{}", "-3"},
        {"round(1250, -2)", "{}", "1300"},
        {"round(1249.99, -2)", "{}", "1200"},
        {"round(1.005, 1 + 1)", "{}", "1.01"},
        {"ceil(1.1)", "{}", "2"},
        {"ceil(-1.9)", "{}", "-1"},
        {"floor(1.9)", "{}", "1"},
        {"floor(-1.1)", "{}", "-2"},
        {"floor(0.129, 2)", "{}", "0.12"},
        {"ceil(round(2.44, 1), 0)", "{}", "3"},
        {"event.timestamp", "{}", "1700000000.25"},
        {"floor(event.timestamp / 3600) * 3600", "{}", "1699999200"},
        {"event.code", "{}", "cpu"},
        {"concat(event.code, 1.50, \"it's\", -2)", "{}", "cpu1.5it's-2"},
        {"concat('', '')", "{}", ""},
        {"'12' * '2'", "{}", "24"},
        {"event.properties.n + 0", "{\"n\": \" 12.50 \"}", "12.5"},
        {"event.properties.n + 0", "{\"n\": 1E-9}", "0.000000001"},
        {"event.properties['total-ms'] / 1000", "{\"total-ms\": 1500}", "1.5"},
        {"event.properties[ \"a b\" ]", "{\"a b\": \"x\"}", "x"},
        {"event . properties . n", "{\"n\": 7, \"n\": 8}", "7"},
        {"event.properties.round", "{\"x\": {\"round\": 1}, \"round\": 2}", "2"},
        {"9999999999999999999999999999999999 - 9999999999999999999999999999999998", "{}", "1"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct expression_value value = {0};
        struct expression_error error = {0};
        CHECK_INT(run(c->name, c->properties, &value, &error), ERR_NONE);
        CHECK(str_eq(value.text, str_of(c->want)));
        CHECK(value.is_text == decimal_is_none(value.number));
    }
    arena_clear(&arena);
}

/* Of an event: each has its error, and nothing becomes 0. */
TEST(expression_events_refused)
{
    // clang-format off
    static const struct {
        const char *name, *properties; enum err err; size_t at; const char *words;
    } cases[] = {
        {"1 + event.properties.x", "{}", ERR_NOT_FOUND, 4, "the event has no property x"},
        {"event.properties.x", "{\"x\": null}", ERR_NOT_FOUND, 0, "the event has no property x"},
        {"1 / event.properties.x", "{\"x\": 0}", ERR_INVALID, 2, "division by 0"},
        {"1 / event.properties.x", "{\"x\": \"0.00\"}", ERR_INVALID, 2, "division by 0"},
        {"1 / (1 - 1)", "{}", ERR_INVALID, 2, "division by 0"},
        {"event.properties.x + 1", "{\"x\": \"ten\"}", ERR_INVALID, 19,
         "a number of at most 34 digits is needed, not \"ten\""},
        {"-event.code", "{}", ERR_INVALID, 0,
         "a number of at most 34 digits is needed, not \"cpu\""},
        {"event.properties.x", "{\"x\": true}", ERR_INVALID, 0,
         "property x is neither a number nor a text"},
        {"event.properties.x", "{\"x\": [1]}", ERR_INVALID, 0,
         "property x is neither a number nor a text"},
        {"round(1, 0.5)", "{}", ERR_INVALID, 0, "the precision is an integer from -30 to 30"},
        {"round(1, 31)", "{}", ERR_INVALID, 0, "the precision is an integer from -30 to 30"},
        {"ceil(1, -31)", "{}", ERR_INVALID, 0, "the precision is an integer from -30 to 30"},
        {"event.properties.x * event.properties.x", "{\"x\": 1234567890123456789}", ERR_OVERFLOW,
         19, "the result has more than 34 digits"},
        {"event.properties.x", "{\"x\": 12345678901234567890123456789012345}", ERR_OVERFLOW, 0,
         "property x has more than 34 digits"},
        {"event.properties.x", "[]", ERR_MALFORMED, 0, "the properties are not a JSON object"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct expression_value value = {0};
        struct expression_error error = {0};
        CHECK_INT(run(c->name, c->properties, &value, &error), c->err);
        CHECK_INT(error.at, c->at);
        CHECK(str_eq(error.words, str_of(c->words)));
    }
    arena_clear(&arena);
}

TEST(expression_mistakes)
{
    static const char value[] = "a number, a text, event.…, a function or ( is expected";
    static const char word[] =
        "unknown word: only event.…, round, ceil, floor and concat are known";
    // clang-format off
    static const struct { const char *name; size_t at; const char *words; } cases[] = {
        {"", 0, value},
        {"  ", 2, value},
        {"1 +", 3, value},
        {"* 2", 0, value},
        {"1 2", 2, "an operator or the end is expected"},
        {"(1", 2, "an operator or ) is expected"},
        {"1)", 1, "an operator or the end is expected"},
        {"round(1", 7, "an operator, a comma or ) is expected"},
        {"round()", 6, value},
        {"round(1,)", 8, value},
        {"round(1, 2, 3)", 0, "round, ceil and floor take a value and how many decimals"},
        {"round 1", 6, "( is expected behind a function"},
        {"system('ls')", 0, word},
        {"x", 0, word},
        {"Event.code", 0, word},
        {"event", 5, ".code, .timestamp or .properties.NAME is expected behind event"},
        {"event.id", 5, ".code, .timestamp or .properties.NAME is expected behind event"},
        {"event.properties", 16, "the name of a property is expected: event.properties.NAME"},
        {"event.properties.", 17, "the name of a property is expected: event.properties.NAME"},
        {"event.properties['']", 20, "the name of a property is expected: event.properties.NAME"},
        {"event.properties[x]", 17, "a text with the property's name is expected"},
        {"event.properties['x'", 20, "] is expected"},
        {"concat('a, 1)", 7, "the text that begins here has no end"},
        {"1.", 2, "a digit is expected behind the point"},
        {".5", 0, value},
        {"1e5", 1, "an operator or the end is expected"},
        {"12345678901234567890123456789012345", 0, "a number has at most 34 digits"},
        {"1 / 0", 2, "nothing can be divided by 0"},
        {"event.properties.x / 0.00", 19, "nothing can be divided by 0"},
        {"1 ; 2", 2, "an operator or the end is expected"},
        {"\xff", 0, "an expression is UTF-8 text"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        const struct expression *expression = NULL;
        struct expression_error error = {0};
        CHECK_INT(expression_parse(&arena, str_of(c->name), &expression, &error), ERR_INVALID);
        CHECK(expression == NULL);
        CHECK_INT(error.at, c->at);
        CHECK(str_eq(error.words, str_of(c->words)));
    }
    arena_clear(&arena);
}

/* `head` once, `middle` so many times, `tail` so many times. */
static struct str repeated(const char *head, const char *middle, size_t count, const char *tail,
                           size_t tail_count)
{
    struct buf buf;
    buf_init(&buf, &arena, 100000);
    buf_add(&buf, str_of(head));
    for (size_t i = 0; i < count; i++)
        buf_add(&buf, str_of(middle));
    for (size_t i = 0; i < tail_count; i++)
        buf_add(&buf, str_of(tail));
    return buf_str(&buf);
}

TEST(expression_limits)
{
    // clang-format off
    static const struct {
        const char *name, *head, *middle; size_t count; const char *tail; size_t tail_count;
        enum err err;
    } cases[] = {
        {"32 deep",             "",  "(",      32, "1)",      1,   ERR_INVALID}, /* not closed */
        {"33 signs",            "",  "-",      33, "1",       1,   ERR_INVALID},
        {"32 signs",            "",  "-",      32, "1",       1,   ERR_NONE},
        {"1024 bytes",          "1", " ",    1023, "",        0,   ERR_NONE},
        {"1025 bytes",          "1", " ",    1024, "",        0,   ERR_INVALID},
        {"255 steps",           "1", "+1",    127, "",        0,   ERR_NONE},
        {"257 steps",           "1", "+1",    128, "",        0,   ERR_INVALID},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        const struct expression *expression = NULL;
        struct expression_error error = {0};
        struct str source = repeated(c->head, c->middle, c->count, c->tail, c->tail_count);
        CHECK_INT(expression_parse(&arena, source, &expression, &error), c->err);
    }
    struct expression_error error = {0};
    struct expression_value value = {0};
    struct str long_text = repeated("{\"t\": \"", "x", 1024, "\"}", 1);
    CHECK_INT(run("event.properties.t", long_text.ptr, &value, &error), ERR_NONE);
    CHECK_INT(value.text.len, 1024);
    CHECK_INT(run("concat(event.properties.t, 1)", long_text.ptr, &value, &error), ERR_OVERFLOW);
    arena_clear(&arena);
}

/* Whole numbers below a million, as text and as what C makes of it. */
static int64_t random_sum(struct buf *text, int depth)
{
    int64_t n = test_between(0, 999);
    if (depth == 0 || test_between(0, 3) == 0) {
        buf_int(text, n);
        return n;
    }
    buf_char(text, '(');
    int64_t a = random_sum(text, depth - 1);
    int64_t op = test_between(0, 2);
    buf_fmt(text, " %c ", "+-*"[op]);
    if (op == 2) { /* by a small number, so that the result fits */
        int64_t factor = test_between(0, 8);
        buf_int(text, factor);
        a *= factor;
    } else {
        int64_t b = random_sum(text, depth - 1);
        a = op == 0 ? a + b : a - b;
    }
    buf_char(text, ')');
    return a;
}

TEST(expression_equals_integer_arithmetic)
{
    arena_init(&arena);
    for (int i = 0; i < 500; i++) {
        struct buf text;
        struct expression_value value = {0};
        struct expression_error error = {0};
        arena_reset(&arena);
        buf_init(&text, &arena, EXPRESSION_BYTES_MAX);
        int64_t want = random_sum(&text, 5);
        buf_char(&text, '\0');
        if (!buf_ok(&text))
            continue;
        REQUIRE(run(text.ptr, "{}", &value, &error) == ERR_NONE);
        REQUIRE(decimal_eq(value.number, decimal_of(want)));
    }
    arena_clear(&arena);
}

/* Whatever stands in it: an answer, and one error within the text. */
TEST(expression_any_text)
{
    static const char *const words[] = {"event.properties.x",
                                        "event.code",
                                        "round(",
                                        "concat(",
                                        ")",
                                        "(",
                                        "-",
                                        "+",
                                        "*",
                                        "/",
                                        ",",
                                        "1",
                                        "0.5",
                                        "'a'",
                                        "'",
                                        "[",
                                        "]",
                                        ".",
                                        " ",
                                        "event",
                                        "ceil",
                                        "\"",
                                        "\xc3\xa4",
                                        "\x01"};
    arena_init(&arena);
    for (int i = 0; i < 5000; i++) {
        struct buf text;
        const struct expression *expression = NULL;
        struct expression_error error = {0};
        arena_reset(&arena);
        buf_init(&text, &arena, 2048);
        for (int64_t count = test_between(0, 11); count >= 0; count--)
            buf_add(&text,
                    str_of(words[test_between(0, (int64_t)(sizeof words / sizeof words[0]) - 1)]));
        enum err err = expression_parse(&arena, buf_str(&text), &expression, &error);
        REQUIRE(err == ERR_NONE || err == ERR_INVALID);
        REQUIRE((err == ERR_NONE) == (expression != NULL));
        REQUIRE(err == ERR_NONE || (error.at <= text.len && error.words.len > 0));
    }
    arena_clear(&arena);
}
