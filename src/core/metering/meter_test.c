#include "base/time.h"
#include "core/metering/meter.h"
#include "core/metering/property.h"
#include "tests/test.h"

static struct arena arena;

static enum err read_with(enum aggregation aggregation, const char *expression,
                          const char *properties, struct meter_value *value,
                          struct meter_fault *fault)
{
    struct meter meter = {.aggregation = aggregation, .field = STR("x")};
    struct expression_error error;
    if (expression != NULL)
        REQUIRE(expression_parse(&arena, str_of(expression), &meter.expression, &error) ==
                ERR_NONE);
    return meter_read(&arena, &meter,
                      &(struct expression_event){.code = STR("cpu"),
                                                 .occurred_at = 90 * TIME_SECOND,
                                                 .properties = str_of(properties)},
                      value, fault);
}

TEST(meter_values)
{
    // clang-format off
    static const struct {
        const char *name; enum aggregation aggregation; const char *expression, *number, *text; bool removes;
    } cases[] = {
        {"{}",                                       AGGREGATION_COUNT,  NULL, NULL, NULL, false},
        {"{\"x\": 1.50}",                            AGGREGATION_SUM,    NULL, "1.5", NULL, false},
        {"{\"x\": \" 12 \"}",                        AGGREGATION_MAX,    NULL, "12", NULL, false},
        {"{\"x\": -1}",                              AGGREGATION_LATEST, NULL, "-1", NULL, false},
        {"{\"x\": \"seat_1\"}",                      AGGREGATION_UNIQUE, NULL, NULL, "seat_1", false},
        {"{\"x\": 1.50}",                            AGGREGATION_UNIQUE, NULL, NULL, "1.50", false},
        {"{\"x\": \"a\", \"operation_type\": \"add\"}",    AGGREGATION_UNIQUE, NULL, NULL, "a", false},
        {"{\"operation_type\": \"remove\", \"x\": \"a\"}", AGGREGATION_UNIQUE, NULL, NULL, "a", true},
        {"{\"x\": \"a\", \"operation_type\": null}", AGGREGATION_UNIQUE, NULL, NULL, "a", false},
        {"{\"operation_type\": null, \"y\": [{}], \"x\": 7}", AGGREGATION_UNIQUE, NULL, NULL, "7", false},
        {"{\"x\": 3, \"operation_type\": \"remove\"}", AGGREGATION_SUM,  NULL, "3", NULL, false},
        {"{\"a\": 2, \"b\": 3}",   AGGREGATION_SUM, "event.properties.a * event.properties.b", "6", NULL, false},
        {"{\"a\": \"2.5\"}",       AGGREGATION_SUM, "event.properties.a",            "2.5", NULL, false},
        {"{}",                     AGGREGATION_MAX, "event.timestamp / 60",          "1.5", NULL, false},
        {"{\"a\": \"h\"}",         AGGREGATION_UNIQUE, "concat(event.code, event.properties.a)", NULL, "cpuh", false},
        {"{\"a\": 1.50}",          AGGREGATION_UNIQUE, "event.properties.a",         NULL, "1.5", false},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct meter_value value;
        struct meter_fault fault = {0};
        REQUIRE(read_with(c->aggregation, c->expression, c->name, &value, &fault) == ERR_NONE);
        CHECK(decimal_is_none(value.number) == (c->number == NULL));
        if (c->number != NULL)
            CHECK(decimal_eq(value.number, decimal_lit(c->number)));
        CHECK(str_eq(value.text, str_of(c->text)));
        CHECK(value.removes == c->removes);
    }
    arena_clear(&arena);
}

TEST(meter_refuses)
{
    // clang-format off
    static const struct {
        const char *name; enum aggregation aggregation; const char *expression; enum err err;
        const char *field, *code;
    } cases[] = {
        {"{}",                AGGREGATION_SUM,    NULL, ERR_NOT_FOUND, "properties.x", "value_is_mandatory"},
        {"{\"x\": null}",     AGGREGATION_UNIQUE, NULL, ERR_NOT_FOUND, "properties.x", "value_is_mandatory"},
        {"{\"x\": \"ten\"}",  AGGREGATION_MAX,    NULL, ERR_INVALID,   "properties.x", "value_is_invalid"},
        {"{\"x\": true}",     AGGREGATION_LATEST, NULL, ERR_INVALID,   "properties.x", "value_is_invalid"},
        {"{\"x\": [1]}",      AGGREGATION_UNIQUE, NULL, ERR_INVALID,   "properties.x", "value_is_invalid"},
        {"{\"x\": 1, \"operation_type\": \"sell\"}", AGGREGATION_UNIQUE, NULL, ERR_INVALID,
         "properties.operation_type", "value_is_invalid"},
        {"{\"x\": 1, \"operation_type\": 1}", AGGREGATION_UNIQUE, NULL, ERR_INVALID,
         "properties.operation_type", "value_is_invalid"},
        {"{}", AGGREGATION_SUM, "event.properties.a", ERR_OVERFLOW, "properties", "expression_evaluation_failed"},
        {"{\"a\": 0}", AGGREGATION_SUM, "1 / event.properties.a", ERR_OVERFLOW, "properties", "expression_evaluation_failed"},
        {"{\"a\": \"b\"}", AGGREGATION_SUM, "event.properties.a", ERR_OVERFLOW, "properties", "expression_evaluation_failed"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct meter_value value;
        struct meter_fault fault = {0};
        CHECK_INT(read_with(c->aggregation, c->expression, c->name, &value, &fault), c->err);
        CHECK_STR(fault.field, c->field);
        CHECK_STR(str_of(fault.code), c->code);
        CHECK(fault.expected.len > 0);
        CHECK(decimal_is_none(value.number) && str_is_null(value.text) && !value.removes);
    }
    arena_clear(&arena);
}

static void check_two(struct str object, const struct str names[2])
{
    struct property found[2];
    enum err errs[2];
    property_find_two(&arena, object, names, found, errs);
    for (int i = 0; i < 2; i++) {
        struct property one;
        CHECK_INT(errs[i], property_find(&arena, object, names[i], &one));
        if (errs[i] != ERR_NONE)
            continue;
        CHECK(str_eq(found[i].text, one.text));
        CHECK(found[i].is_number == one.is_number && found[i].is_text == one.is_text);
    }
}

/* In one pass as by property_find, one after another: whatever comes first, twice, in between, or
 * can't be read. */
TEST(property_find_two_is_two_finds)
{
    static const struct {
        const char *name;
    } objects[] = {
        {"{}"},
        {"{\"a\": 1}"},
        {"{\"b\": \"x\"}"},
        {"{\"a\": 1, \"b\": \"x\"}"},
        {"{\"b\": \"x\", \"c\": {\"a\": 7, \"d\": [1, 2]}, \"a\": 1}"},
        {"{\"a\": 1, \"a\": 2, \"b\": 3, \"b\": 4}"},
        {"{\"a\": null, \"b\": null, \"a\": 1}"},
        {"{\"a\": [1], \"b\": true}"},
        {"{\"\\u0061\": 1, \"b\": \"\\u00e4\"}"},
        {"{\"a\": 1, \"b\""},
        {"{\"a\": 1, \"c\": tru, \"b\": 2}"},
        {"{\"a\": [1, \"b\": 2}"},
        {"{\"c\": {\"d\": 1, \"a\": 1}"},
        {"{\"a\" 1}"},
        {"[1]"},
        {"{"},
        {""},
    };
    static const struct str pairs[][2] = {
        {{"a", 1}, {"b", 1}}, {{"b", 1}, {"a", 1}}, {{"a", 1}, {"a", 1}}, {{"d", 1}, {"c", 1}}};
    arena_init(&arena);
    EACH(object, objects) {
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
            check_two(str_of(object->name), pairs[i]);
    }
    arena_clear(&arena);
}
