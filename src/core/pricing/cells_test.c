/* Windows of time and price tables: which cell an event falls into, and what the cells cost.  The
 * amounts are those of docs/guide/metrics-and-charges.md. */
#include "base/time.h"
#include "core/pricing/charge.h"
#include "tests/test.h"

static struct arena arena;

static struct charge charge_from(const char *model, const char *properties)
{
    struct fault fault;
    struct charge charge;
    fault_init(&fault, &arena);
    charge_parse(&arena, str_of(model), str_of(properties), STR("c"), &fault, &charge);
    REQUIRE(fault.field_count == 0);
    return charge;
}

static int64_t local(const char *text)
{
    int64_t at_us = 0;
    REQUIRE(time_parse(str_of(text), &at_us) == ERR_NONE);
    return at_us;
}

static const char time_of_use[] =
    "{\"amount\": \"0.30\", \"windows\": ["
    "{\"name\": \"peak\", \"weekdays\": [1, 2, 3, 4, 5], \"from_hour\": 8, \"to_hour\": 20, "
    "\"amount\": \"0.50\"},"
    "{\"name\": \"late\", \"from_hour\": 22, \"to_hour\": 24, \"amount\": \"0.10\"},"
    "{\"name\": \"early\", \"weekdays\": null, \"from_hour\": 0, \"to_hour\": 6, "
    "\"amount\": \"0.10\"}]}";

static const char price_table[] =
    "{\"row_key\": \"size\", \"column_key\": \"region\", \"rows\": [\"small\", \"large\"], "
    "\"columns\": [\"eu\", \"us\"], \"amounts\": [[\"1\", \"1.20\"], [\"2.50\", \"3\"]], "
    "\"amount\": \"5\"}";

TEST(windows_hold_by_weekday_and_hour)
{
    // clang-format off
    static const struct { const char *name, *local; size_t want; } cases[] = {
        {"Friday morning",            "2024-03-01T09:30:00Z",        0},
        {"the window's first moment", "2024-03-01T08:00:00Z",        0},
        {"just before it",            "2024-03-01T07:59:59.999999Z", 3},
        {"its last moment",           "2024-03-01T19:59:59.999999Z", 0},
        {"just behind it",            "2024-03-01T20:00:00Z",        3},
        {"late on Friday",            "2024-03-01T23:59:59Z",        1},
        {"midnight",                  "2024-03-02T00:00:00Z",        2},
        {"six in the morning",        "2024-03-02T06:00:00Z",        3},
        {"Saturday morning",          "2024-03-02T09:30:00Z",        3},
        {"Sunday evening",            "2024-03-03T22:00:00Z",        1},
        {"Monday morning",            "2024-03-04T08:00:00Z",        0},
        {"a Thursday before 1970",    "1969-12-25T09:00:00Z",        0},
        {"a Sunday before 1970",      "1969-12-28T23:00:00Z",        1},
    };
    // clang-format on
    arena_init(&arena);
    struct charge charge = charge_from("time_of_use", time_of_use);
    CHECK_INT(charge_cell_count(&charge), 4);
    CHECK(charge_needs_events(&charge));
    EACH(c, cases) {
        CHECK_INT(charge_cell(&arena, &charge, STR("{}"), local(c->local)), c->want);
    }
    arena_clear(&arena);
}

/* Drawn windows, each hour of a week asked one by one. */
TEST(each_hour_of_the_week_has_one_window)
{
    arena_init(&arena);
    int64_t monday = local("2024-03-04T00:00:00Z");
    for (int i = 0; i < 200; i++) {
        arena_reset(&arena);
        struct charge charge = {.model = CHARGE_TIME_OF_USE, .window_count = 3};
        charge.windows = ARENA_ARRAY(&arena, 3, struct charge_window);
        int low = 0;
        for (size_t k = 0; k < 3; k++) { /* one behind the other, so that none overlap */
            charge.windows[k] = (struct charge_window){
                .weekdays = (unsigned)test_between(1, 127),
                .from_hour = (int)test_between(low, low + 3),
            };
            charge.windows[k].to_hour = (int)test_between(charge.windows[k].from_hour + 1, low + 7);
            low += 8;
        }
        for (int hour = 0; hour < 168; hour++) {
            size_t want = 3;
            for (size_t k = 0; k < 3; k++) {
                const struct charge_window *window = &charge.windows[k];
                bool on_day = (window->weekdays & 1u << hour / 24) != 0;
                if (on_day && hour % 24 >= window->from_hour && hour % 24 < window->to_hour)
                    want = k;
            }
            int64_t at = monday + hour * TIME_HOUR + test_between(0, TIME_HOUR - 1);
            REQUIRE(charge_cell(&arena, &charge, STR("{}"), at) == want);
        }
    }
    arena_clear(&arena);
}

TEST(a_table_is_entered_by_two_properties)
{
    // clang-format off
    static const struct { const char *name, *properties; size_t want; } cases[] = {
        {"first row and column",  "{\"size\": \"small\", \"region\": \"eu\"}", 0},
        {"first row, second",     "{\"region\": \"us\", \"size\": \"small\"}", 1},
        {"second row, first",     "{\"size\": \"large\", \"region\": \"eu\"}", 2},
        {"last",                  "{\"size\": \"large\", \"region\": \"us\"}", 3},
        {"no such column",        "{\"size\": \"small\", \"region\": \"asia\"}", 4},
        {"no such row",           "{\"size\": \"huge\", \"region\": \"eu\"}",  4},
        {"without a row",         "{\"region\": \"eu\"}",                      4},
        {"a row that is null",    "{\"size\": null, \"region\": \"eu\"}",      4},
        {"letters as written",    "{\"size\": \"Small\", \"region\": \"eu\"}", 4},
        {"nothing",               "{}",                                        4},
    };
    // clang-format on
    arena_init(&arena);
    struct charge charge = charge_from("price_table", price_table);
    CHECK_INT(charge_cell_count(&charge), 5);
    EACH(c, cases) {
        CHECK_INT(charge_cell(&arena, &charge, str_of(c->properties), 0), c->want);
    }
    struct charge numbers =
        charge_from("price_table", "{\"row_key\": \"cpus\", \"column_key\": \"gb\", \"rows\": "
                                   "[\"2\"], \"columns\": [\"8\"], \"amounts\": [[1]], "
                                   "\"amount\": 0}");
    CHECK_INT(charge_cell(&arena, &numbers, STR("{\"cpus\": 2, \"gb\": 8}"), 0), 0);
    CHECK_INT(charge_cell(&arena, &numbers, STR("{\"cpus\": 2.0, \"gb\": 8}"), 0), 1);
    arena_clear(&arena);
}

TEST(cells_cost_their_price)
{
    // clang-format off
    static const struct { const char *name, *model, *units[5], *want; } cases[] = {
        {"peak, late, other",   "time_of_use", {"10", "6", "0", "4"},        "6.8"},
        {"other only",          "time_of_use", {"0", "0", "0", "10"},        "3"},
        {"clocks set forward",  "time_of_use", {"0", "0", "4", "2"},         "1"},
        {"nothing used",        "time_of_use", {"0", "0", "0", "0"},         "0"},
        {"a window below 0",    "time_of_use", {"2", "-9", "0", "0"},        "1"},
        {"small eu, large us",  "price_table", {"3", "0", "0", "2", "0"},    "9"},
        {"in no cell",          "price_table", {"0", "0", "0", "0", "3"},    "15"},
        {"parts of units",      "price_table", {"0", "0", "0.75", "0", "0"}, "1.875"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        bool is_table = strcmp(c->model, "price_table") == 0;
        struct charge charge = charge_from(c->model, is_table ? price_table : time_of_use);
        struct decimal values[5];
        struct price price;
        size_t count = charge_cell_count(&charge);
        for (size_t i = 0; i < count; i++)
            values[i] = decimal_lit(c->units[i]);
        struct charge_use use = {.units = DECIMAL_ZERO, .values = values, .value_count = count};
        REQUIRE(charge_price(&arena, &charge, &use, &price) == ERR_NONE);
        CHECK(decimal_eq(price.amount, decimal_lit(c->want)));
        CHECK(price.step_count > 0);
    }
    struct charge table = charge_from("price_table", price_table);
    struct decimal values[5] = {DECIMAL_ZERO, decimal_lit("2"), DECIMAL_ZERO, DECIMAL_ZERO,
                                DECIMAL_ONE};
    struct charge_use use = {.units = decimal_lit("3"), .values = values, .value_count = 5};
    struct price price;
    REQUIRE(charge_price(&arena, &table, &use, &price) == ERR_NONE);
    REQUIRE(price.step_count == 2);
    CHECK_STR(price_step_text(&arena, &price.steps[0]), "small, us: 2 units at 1.2");
    CHECK_STR(price_step_inputs(&arena, &price.steps[0]),
              "{\"op\":\"units * unit_amount\",\"units\":\"2\",\"unit_amount\":\"1.2\"}");
    CHECK_STR(price_step_text(&arena, &price.steps[1]), "other: 1 units at 5");
    values[4] = decimal_lit("9999999999999999999999999999999999");
    values[1] = decimal_lit("0.1");
    CHECK_INT(charge_price(&arena, &table, &use, &price), ERR_OVERFLOW);
    arena_clear(&arena);
}

/* ---- properties ------------------------------------------------------------------------------ */

TEST(cells_survive_being_written)
{
    arena_init(&arena);
    struct charge windows = charge_from("time_of_use", time_of_use);
    struct str text = charge_properties_text(&arena, &windows);
    CHECK_STR(text,
              "{\"amount\":\"0.3\",\"windows\":[{\"name\":\"peak\",\"weekdays\":[1,2,3,4,5],"
              "\"from_hour\":8,\"to_hour\":20,\"amount\":\"0.5\"},{\"name\":\"late\",\"weekdays\":"
              "[1,2,3,4,5,6,7],\"from_hour\":22,\"to_hour\":24,\"amount\":\"0.1\"},{\"name\":"
              "\"early\",\"weekdays\":[1,2,3,4,5,6,7],\"from_hour\":0,\"to_hour\":6,\"amount\":"
              "\"0.1\"}]}");
    struct charge again = charge_of(&arena, STR("time_of_use"), text);
    CHECK_STR(charge_properties_text(&arena, &again), arena_cstr(&arena, text));
    struct charge table = charge_from("price_table", price_table);
    text = charge_properties_text(&arena, &table);
    CHECK_STR(text, "{\"row_key\":\"size\",\"column_key\":\"region\",\"rows\":[\"small\","
                    "\"large\"],\"columns\":[\"eu\",\"us\"],\"amounts\":[[\"1\",\"1.2\"],"
                    "[\"2.5\",\"3\"]],\"amount\":\"5\"}");
    again = charge_of(&arena, STR("price_table"), text);
    CHECK_STR(charge_properties_text(&arena, &again), arena_cstr(&arena, text));
    arena_clear(&arena);
}

#define WINDOW(rest) "{\"amount\": 1, \"windows\": [{\"name\": \"a\", \"amount\": 1, " rest "}]}"
#define TABLE(keys, rows, columns, amounts)                                          \
    "{" keys ", \"rows\": " rows ", \"columns\": " columns ", \"amounts\": " amounts \
    ", \"amount\": 1}"
#define KEYS "\"row_key\": \"a\", \"column_key\": \"b\""

TEST(cells_refused)
{
    // clang-format off
    /* named by the properties */
    static const struct { const char *model, *name, *field, *code; } cases[] = {
        {"time_of_use", "{\"amount\": 1}", "windows", "value_is_mandatory"},
        {"time_of_use", "{\"amount\": 1, \"windows\": []}", "windows", "value_is_mandatory"},
        {"time_of_use", "{\"amount\": 1, \"windows\": null}", "windows", "value_is_mandatory"},
        {"time_of_use", "{\"amount\": 1, \"windows\": {}}", "windows", "invalid_type"},
        {"time_of_use", "{\"amount\": 1, \"windows\": [1]}", "windows.0", "invalid_type"},
        {"time_of_use", "{\"windows\": [{\"name\": \"a\", \"amount\": 1, \"from_hour\": 1, \"to_hour\": 2}]}", "amount", "value_is_mandatory"},
        {"time_of_use", WINDOW("\"from_hour\": 1"), "windows.0.to_hour", "value_is_mandatory"},
        {"time_of_use", WINDOW("\"from_hour\": 22, \"to_hour\": 6"), "windows.0.to_hour", "value_is_out_of_range"},
        {"time_of_use", WINDOW("\"from_hour\": 6, \"to_hour\": 6"), "windows.0.to_hour", "value_is_out_of_range"},
        {"time_of_use", WINDOW("\"from_hour\": 24, \"to_hour\": 24"), "windows.0.from_hour", "value_is_out_of_range"},
        {"time_of_use", WINDOW("\"from_hour\": 0, \"to_hour\": 25"), "windows.0.to_hour", "value_is_out_of_range"},
        {"time_of_use", WINDOW("\"from_hour\": 0.5, \"to_hour\": 2"), "windows.0.from_hour", "value_is_out_of_range"},
        {"time_of_use", WINDOW("\"from_hour\": \"1\", \"to_hour\": 2"), "windows.0.from_hour", "invalid_type"},
        {"time_of_use", WINDOW("\"from_hour\": 1, \"to_hour\": 2, \"weekdays\": [0]"), "windows.0.weekdays.0", "value_is_out_of_range"},
        {"time_of_use", WINDOW("\"from_hour\": 1, \"to_hour\": 2, \"weekdays\": [1, 8]"), "windows.0.weekdays.1", "value_is_out_of_range"},
        {"time_of_use", WINDOW("\"from_hour\": 1, \"to_hour\": 2, \"weekdays\": []"), "windows.0.weekdays", "value_is_mandatory"},
        {"time_of_use", WINDOW("\"from_hour\": 1, \"to_hour\": 2, \"weekdays\": \"all\""), "windows.0.weekdays", "invalid_type"},
        {"time_of_use", WINDOW("\"from_hour\": 1, \"to_hour\": 2, \"zone\": \"UTC\""), "windows.0.zone", "unknown_field"},
        {"time_of_use", "{\"amount\": 1, \"windows\": [{\"name\": \"\", \"amount\": 1, \"from_hour\": 1, \"to_hour\": 2}]}", "windows.0.name", "value_is_mandatory"},
        {"time_of_use", "{\"amount\": 1, \"windows\": [{\"name\": \"a\", \"amount\": -1, \"from_hour\": 1, \"to_hour\": 2}]}", "windows.0.amount", "value_is_out_of_range"},
        {"time_of_use", "{\"amount\": 1, \"windows\": [{\"name\": \"a\", \"amount\": 1, \"from_hour\": 1, \"to_hour\": 9},"
                        "{\"name\": \"b\", \"amount\": 1, \"weekdays\": [7], \"from_hour\": 8, \"to_hour\": 10}]}", "windows.1", "value_is_invalid"},
        {"price_table", TABLE("\"row_key\": \"a\"", "[\"x\"]", "[\"y\"]", "[[1]]"), "column_key", "value_is_mandatory"},
        {"price_table", TABLE("\"row_key\": \"a\", \"column_key\": \"a\"", "[\"x\"]", "[\"y\"]", "[[1]]"), "column_key", "value_is_invalid"},
        {"price_table", TABLE("\"row_key\": 1, \"column_key\": \"a\"", "[\"x\"]", "[\"y\"]", "[[1]]"), "row_key", "invalid_type"},
        {"price_table", TABLE(KEYS, "[]", "[\"y\"]", "[[1]]"), "rows", "value_is_mandatory"},
        {"price_table", TABLE(KEYS, "[\"x\", \"x\"]", "[\"y\"]", "[[1], [1]]"), "rows.1", "value_already_exist"},
        {"price_table", TABLE(KEYS, "[\"x\"]", "[1]", "[[1]]"), "columns.0", "invalid_type"},
        {"price_table", TABLE(KEYS, "[\"x\"]", "[\"y\"]", "[[1], [2]]"), "amounts", "value_is_invalid"},
        {"price_table", TABLE(KEYS, "[\"x\"]", "[\"y\"]", "[[1, 2]]"), "amounts.0", "value_is_invalid"},
        {"price_table", TABLE(KEYS, "[\"x\"]", "[\"y\"]", "[[]]"), "amounts.0", "value_is_invalid"},
        {"price_table", TABLE(KEYS, "[\"x\"]", "[\"y\"]", "[1]"), "amounts.0", "invalid_type"},
        {"price_table", TABLE(KEYS, "[\"x\"]", "[\"y\"]", "[[\"-1\"]]"), "amounts.0.0", "value_is_out_of_range"},
        {"price_table", TABLE(KEYS, "[\"x\"]", "[\"y\"]", "[[\"one\"]]"), "amounts.0.0", "value_is_invalid"},
        {"price_table", "{" KEYS ", \"rows\": [\"x\"], \"columns\": [\"y\"], \"amounts\": [[1]]}", "amount", "value_is_mandatory"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct fault fault;
        struct charge charge;
        fault_init(&fault, &arena);
        charge_parse(&arena, str_of(c->model), str_of(c->name), STR("c"), &fault, &charge);
        REQUIRE(fault.field_count == 1);
        CHECK_STR(fault.fields[0].field,
                  arena_cstr(&arena, arena_fmt(&arena, "c.properties.%s", c->field)));
        CHECK_STR(fault.fields[0].code, c->code);
    }
    arena_clear(&arena);
}

/* As many rows and columns as may be, and too many. */
TEST(cells_have_limits)
{
    // clang-format off
    static const struct { const char *name; int rows, columns; const char *code; } cases[] = {
        {"as many rows",     100, 10,  NULL},
        {"as many columns",  10,  100, NULL},
        {"too many prices",  100, 11,  "too_many_values"},
        {"too many rows",    101, 1,   "too_many_values"},
    };
    // clang-format on
    arena_init(&arena);
    EACH(c, cases) {
        struct fault fault;
        struct charge charge;
        struct buf text;
        buf_init(&text, &arena, 1000000);
        buf_fmt(&text, "{" KEYS ", \"amount\": 1, \"rows\": [");
        for (int i = 0; i < c->rows; i++)
            buf_fmt(&text, "%s\"%d\"", i == 0 ? "" : ",", i);
        buf_fmt(&text, "], \"columns\": [");
        for (int i = 0; i < c->columns; i++)
            buf_fmt(&text, "%s\"%d\"", i == 0 ? "" : ",", i);
        buf_fmt(&text, "], \"amounts\": [");
        for (int i = 0; i < c->rows; i++) {
            buf_fmt(&text, "%s[", i == 0 ? "" : ",");
            for (int k = 0; k < c->columns; k++)
                buf_fmt(&text, "%s%d", k == 0 ? "" : ",", i * 1000 + k);
            buf_fmt(&text, "]");
        }
        buf_fmt(&text, "]}");
        fault_init(&fault, &arena);
        charge_parse(&arena, STR("price_table"), buf_str(&text), STR("c"), &fault, &charge);
        CHECK(c->code == NULL ? fault.field_count == 0
                              : str_eq(fault.fields[0].code, str_of(c->code)));
        if (c->code == NULL)
            CHECK(decimal_eq(charge.table.amounts[c->columns + 1], decimal_of(1001)));
    }
    arena_clear(&arena);
}

/* By name: windows in their order, then all else; tables row by row, 2 columns each. */
TEST(cells_are_known_by_name)
{
    struct charge windows = charge_from("time_of_use", time_of_use);
    struct charge table = charge_from("price_table", price_table);
    CHECK_INT(charge_cell_of_window(&windows, STR("peak")), 0);
    CHECK_INT(charge_cell_of_window(&windows, STR("early")), 2);
    CHECK_INT(charge_cell_of_window(&windows, STR("noon")), 4);
    CHECK_INT(charge_cell_of_place(&table, STR("small"), STR("us")), 1);
    CHECK_INT(charge_cell_of_place(&table, STR("large"), STR("eu")), 2);
    CHECK_INT(charge_cell_of_place(&table, STR("large"), STR("asia")), 5);
    CHECK_INT(charge_cell_of_place(&table, STR("tiny"), STR("eu")), 5);
    arena_clear(&arena);
}
