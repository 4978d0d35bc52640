#include "core/pricing/charge.h"
#include "tests/json.h"
#include "tests/test.h"

/* "field code" of every noted fault, comma-separated. */
static struct str noted(struct arena *arena, const struct fault *fault)
{
    struct buf text;
    buf_init(&text, arena, 100000);
    for (size_t i = 0; i < fault->field_count; i++)
        buf_fmt(&text, "%s%.*s %.*s", i == 0 ? "" : ", ", STR_ARG(fault->fields[i].field),
                STR_ARG(fault->fields[i].code));
    return buf_str(&text).ptr == NULL ? STR("") : buf_str(&text);
}

/* What is good is kept, in canonical form, and reads back the same. */
TEST(properties_accepted)
{
    // clang-format off
    static const struct { const char *name, *model, *properties, *want; } cases[] = {
        {"standard",            "standard",  "{'amount': '0.050'}", "{'amount':'0.05'}"},
        {"number for a price",  "standard",  "{'amount': 12.5}",    "{'amount':'12.5'}"},
        {"free of charge",      "standard",  "{'amount': '0'}",     "{'amount':'0'}"},
        {"many decimals",       "standard",  "{'amount': '0.000000000000000000000000000000000001'}",
                                             "{'amount':'0.000000000000000000000000000000000001'}"},
        {"empty grouping",      "standard",  "{'amount': '1', 'grouped_by': [], 'pricing_group_keys': null}",
                                             "{'amount':'1'}"},
        {"grouping",            "standard",  "{'pricing_group_keys': ['region', 'user'], 'amount': '1'}",
                                             "{'amount':'1','pricing_group_keys':['region','user']}"},
        {"its older name",      "dynamic",   "{'grouped_by': ['region']}", "{'pricing_group_keys':['region']}"},
        {"grouping of tiers",   "volume",
         "{'grouped_by': ['r'], 'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1'}]}",
         "{'volume_ranges':[{'from_value':'0','to_value':null,'per_unit_amount':'1','flat_amount':'0'}],'pricing_group_keys':['r']}"},
        {"shown apart",         "standard",
         "{'amount': '1', 'presentation_group_keys': ['a', {'value': 'b', 'options': {'display_in_invoice': true}}]}",
         "{'amount':'1','presentation_group_keys':[{'value':'a','options':{'display_in_invoice':false}},{'value':'b','options':{'display_in_invoice':true}}]}"},
        {"percentage",          "percentage", "{'rate': '1.30'}", "{'rate':'1.3','fixed_amount':'0'}"},
        {"percentage with all", "percentage",
         "{'per_transaction_max_amount': 12, 'per_transaction_min_amount': '1.75', 'free_units_per_total_aggregation': '250.0', 'free_units_per_events': '3', 'fixed_amount': 2, 'rate': 1.3}",
         "{'rate':'1.3','fixed_amount':'2','free_units_per_events':3,'free_units_per_total_aggregation':'250','per_transaction_min_amount':'1.75','per_transaction_max_amount':'12'}"},
        {"nothing free",        "percentage", "{'rate': 1, 'free_units_per_events': 0, 'free_units_per_total_aggregation': '0', 'per_transaction_max_amount': null}", "{'rate':'1','fixed_amount':'0'}"},
        {"dynamic",             "dynamic",   "{}", "{}"},
        {"package",             "package",   "{'amount': '100', 'free_units': 0, 'package_size': 10}",
                                             "{'amount':'100','package_size':'10','free_units':'0'}"},
        {"no free units",       "package",   "{'amount': '100', 'package_size': 10}",
                                             "{'amount':'100','package_size':'10','free_units':'0'}"},
        {"free units null",     "package",   "{'amount': '100', 'package_size': 0.5, 'free_units': null}",
                                             "{'amount':'100','package_size':'0.5','free_units':'0'}"},
        {"from is plus 1",      "graduated", "{'graduated_ranges': ["
            "{'from_value': 0, 'to_value': 10, 'per_unit_amount': '2', 'flat_amount': '100'},"
            "{'from_value': 11, 'to_value': null, 'per_unit_amount': '1', 'flat_amount': '50'}]}",
            "{'graduated_ranges':["
            "{'from_value':'0','to_value':'10','per_unit_amount':'2','flat_amount':'100'},"
            "{'from_value':'11','to_value':null,'per_unit_amount':'1','flat_amount':'50'}]}"},
        {"percentage tiers",    "graduated_percentage", "{'graduated_percentage_ranges': ["
            "{'from_value': 0, 'to_value': 100, 'rate': '5.0', 'flat_amount': '0'},"
            "{'from_value': 101, 'to_value': null, 'rate': 0.5, 'flat_amount': '10'}]}",
            "{'graduated_percentage_ranges':["
            "{'from_value':'0','to_value':'100','rate':'5','flat_amount':'0'},"
            "{'from_value':'101','to_value':null,'rate':'0.5','flat_amount':'10'}]}"},
        {"capacity",            "capacity",  "{'overage_amount': 1.250, 'amount': '800', 'capacity': 1000}",
                                             "{'capacity':'1000','amount':'800','overage_amount':'1.25'}"},
        {"from is the bound",   "volume",    "{'volume_ranges': ["
            "{'from_value': '0', 'to_value': '10.5', 'per_unit_amount': 2},"
            "{'from_value': '10.5', 'to_value': null, 'per_unit_amount': 1, 'flat_amount': null}]}",
            "{'volume_ranges':["
            "{'from_value':'0','to_value':'10.5','per_unit_amount':'2','flat_amount':'0'},"
            "{'from_value':'10.5','to_value':null,'per_unit_amount':'1','flat_amount':'0'}]}"},
        {"one tier",            "volume",
            "{'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1'}]}",
            "{'volume_ranges':["
            "{'from_value':'0','to_value':null,'per_unit_amount':'1','flat_amount':'0'}]}"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct fault fault;
        struct charge charge;
        fault_init(&fault, &arena);
        charge_parse(&arena, str_of(c->model), json(&arena, c->properties), STR("charges.0"),
                     &fault, &charge);
        CHECK_STR(noted(&arena, &fault), "");
        REQUIRE(fault_check(&fault) == ERR_NONE);
        struct str text = charge_properties_text(&arena, &charge);
        CHECK(str_eq(text, json(&arena, c->want)));
        struct charge again = charge_of(&arena, str_of(c->model), text);
        CHECK(str_eq(charge_properties_text(&arena, &again), text));
    }
    arena_clear(&arena);
}

/* Every bad field is named below "c.properties", with a stable code. */
TEST(properties_refused)
{
    // clang-format off
    static const struct { const char *name, *model, *properties, *want; } cases[] = {
        {"no amount",         "standard", "{}",                         ".amount value_is_mandatory"},
        {"amount null",       "standard", "{'amount': null}",           ".amount value_is_mandatory"},
        {"amount no number",  "standard", "{'amount': 'ten'}",          ".amount value_is_invalid"},
        {"amount empty",      "standard", "{'amount': ''}",             ".amount value_is_invalid"},
        {"amount true",       "standard", "{'amount': true}",           ".amount value_is_invalid"},
        {"amount a list",     "standard", "{'amount': [1]}",            ".amount value_is_invalid"},
        {"amount below 0",    "standard", "{'amount': '-1'}",           ".amount value_is_out_of_range"},
        {"too many digits",   "standard", "{'amount': '1.0000000000000000000000000000000000001'}",
                                                                        ".amount value_is_out_of_range"},
        {"too large",         "standard", "{'amount': '1E40'}",         ".amount value_is_out_of_range"},
        {"capacity, nothing", "capacity", "{}",
            ".capacity value_is_mandatory, .amount value_is_mandatory, .overage_amount value_is_mandatory"},
        {"a capacity of 0",   "capacity", "{'capacity': 0, 'amount': 1, 'overage_amount': 1}",
                                                                        ".capacity value_is_out_of_range"},
        {"overage below 0",   "capacity", "{'capacity': 1, 'amount': 1, 'overage_amount': '-1'}",
                                                                        ".overage_amount value_is_out_of_range"},
        {"percentage tiers, none", "graduated_percentage", "{}",
                                          ".graduated_percentage_ranges value_is_mandatory"},
        {"a tier without rate", "graduated_percentage",
            "{'graduated_percentage_ranges': [{'from_value': 0, 'to_value': null}]}",
                                          ".graduated_percentage_ranges.0.rate value_is_mandatory"},
        {"a rate below 0",    "graduated_percentage",
            "{'graduated_percentage_ranges': [{'from_value': 0, 'to_value': null, 'rate': '-1'}]}",
                                          ".graduated_percentage_ranges.0.rate value_is_out_of_range"},
        {"a price for a rate", "graduated_percentage",
            "{'graduated_percentage_ranges': [{'from_value': 0, 'to_value': null, 'rate': '1', 'per_unit_amount': '1'}]}",
                                          ".graduated_percentage_ranges.0.per_unit_amount unknown_field"},
        {"a gap between percentage tiers", "graduated_percentage",
            "{'graduated_percentage_ranges': [{'from_value': 0, 'to_value': 10, 'rate': '1'},"
            "{'from_value': 12, 'to_value': null, 'rate': '1'}]}",
                                          ".graduated_percentage_ranges.1.from_value value_is_out_of_range"},
        {"tiers of another model", "graduated_percentage",
            "{'graduated_ranges': []}",
            ".graduated_ranges unknown_field, .graduated_percentage_ranges value_is_mandatory"},
        {"twice",             "standard", "{'amount': '1', 'amount': '2'}",
                                                                        ".amount duplicate_field"},
        {"unknown",           "standard", "{'amount': '1', 'price': {'a': [1]}}",
                                                                        ".price unknown_field"},
        {"all told at once",  "standard", "{'a': 1, 'b': 2}",
            ".a unknown_field, .b unknown_field, .amount value_is_mandatory"},
        {"of another model",  "standard", "{'amount': '1', 'package_size': 10}",
                                                                        ".package_size unknown_field"},
        {"package of nothing","package",  "{'amount': '1', 'package_size': 0}",
                                                                        ".package_size value_is_out_of_range"},
        {"package size below","package",  "{'amount': '1', 'package_size': -1}",
                                                                        ".package_size value_is_out_of_range"},
        {"package, nothing",  "package",  "{}",
            ".amount value_is_mandatory, .package_size value_is_mandatory"},
        {"free units below",  "package",  "{'amount': '1', 'package_size': 1, 'free_units': -1}",
                                                                        ".free_units value_is_out_of_range"},
        {"free units twice",  "package",
            "{'amount': '1', 'package_size': 1, 'free_units': null, 'free_units': 1}",
                                                                        ".free_units duplicate_field"},
        {"no tiers",          "volume",   "{}",                         ".volume_ranges value_is_mandatory"},
        {"tiers null",        "volume",   "{'volume_ranges': null}",    ".volume_ranges invalid_type"},
        {"tiers an object",   "volume",   "{'volume_ranges': {'from_value': 0}}",
                                                                        ".volume_ranges invalid_type"},
        {"tiers empty",       "volume",   "{'volume_ranges': []}",      ".volume_ranges value_is_mandatory"},
        {"tier no object",    "volume",   "{'volume_ranges': [1]}",     ".volume_ranges.0 invalid_type"},
        {"of the other model","volume",
            "{'graduated_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1'}]}",
            ".graduated_ranges unknown_field, .volume_ranges value_is_mandatory"},
        {"empty tier",        "volume",   "{'volume_ranges': [{}]}",
            ".volume_ranges.0.from_value value_is_mandatory, "
            ".volume_ranges.0.to_value value_is_mandatory, "
            ".volume_ranges.0.per_unit_amount value_is_mandatory"},
        {"unknown in a tier", "volume",
            "{'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1', 'rate': 1}]}",
                                                                        ".volume_ranges.0.rate unknown_field"},
        {"twice in a tier",   "volume",
            "{'volume_ranges': [{'from_value': 0, 'to_value': null, 'to_value': null, 'per_unit_amount': 1}]}",
                                                                        ".volume_ranges.0.to_value duplicate_field"},
        {"tiers twice",       "volume",
            "{'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1'}],"
            " 'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '2'}]}",
                                                                        ".volume_ranges duplicate_field"},
        {"starts at 1",       "volume",
            "{'volume_ranges': [{'from_value': 1, 'to_value': null, 'per_unit_amount': '1'}]}",
                                                                        ".volume_ranges.0.from_value value_is_out_of_range"},
        {"last is bounded",   "volume",
            "{'volume_ranges': [{'from_value': 0, 'to_value': 10, 'per_unit_amount': '1'}]}",
                                                                        ".volume_ranges.0.to_value value_is_out_of_range"},
        {"open in the middle","volume",
            "{'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1'},"
            " {'from_value': 11, 'to_value': null, 'per_unit_amount': '1'}]}",
                                                                        ".volume_ranges.0.to_value value_is_out_of_range"},
        {"a gap",             "graduated",
            "{'graduated_ranges': [{'from_value': 0, 'to_value': 10, 'per_unit_amount': '1'},"
            " {'from_value': 12, 'to_value': null, 'per_unit_amount': '1'}]}",
                                                                        ".graduated_ranges.1.from_value value_is_out_of_range"},
        {"a part of a unit",  "graduated",
            "{'graduated_ranges': [{'from_value': 0, 'to_value': 10, 'per_unit_amount': '1'},"
            " {'from_value': 10.5, 'to_value': null, 'per_unit_amount': '1'}]}",
                                                                        ".graduated_ranges.1.from_value value_is_out_of_range"},
        {"an overlap",        "graduated",
            "{'graduated_ranges': [{'from_value': 0, 'to_value': 10, 'per_unit_amount': '1'},"
            " {'from_value': 9, 'to_value': null, 'per_unit_amount': '1'}]}",
                                                                        ".graduated_ranges.1.from_value value_is_out_of_range"},
        {"ends where it starts","graduated",
            "{'graduated_ranges': [{'from_value': 0, 'to_value': 0, 'per_unit_amount': '1'},"
            " {'from_value': 0, 'to_value': null, 'per_unit_amount': '1'}]}",
                                                                        ".graduated_ranges.0.to_value value_is_out_of_range"},
        {"goes back",         "graduated",
            "{'graduated_ranges': [{'from_value': 0, 'to_value': 10, 'per_unit_amount': '1'},"
            " {'from_value': 11, 'to_value': 5, 'per_unit_amount': '1'},"
            " {'from_value': 6, 'to_value': null, 'per_unit_amount': '1'}]}",
                                                                        ".graduated_ranges.1.to_value value_is_out_of_range"},
        {"no rate",     "percentage",           "{}",            ".rate value_is_mandatory"},
        {"rate below 0", "percentage",          "{'rate': '-1'}", ".rate value_is_out_of_range"},
        {"half an event free", "percentage",    "{'rate': '1', 'free_units_per_events': 1.5}", ".free_units_per_events value_is_out_of_range"},
        {"minimum above maximum", "percentage", "{'rate': '1', 'per_transaction_min_amount': 3, 'per_transaction_max_amount': 2}", ".per_transaction_max_amount value_is_out_of_range"},
        {"a price of a dynamic charge", "dynamic", "{'amount': '1'}", ".amount unknown_field"},
        {"a group key, no list", "standard", "{'amount': '1', 'pricing_group_keys': 'region'}", ".pricing_group_keys invalid_type"},
        {"a group key, empty",   "standard", "{'amount': '1', 'pricing_group_keys': ['a', '']}", ".pricing_group_keys.1 value_is_mandatory"},
        {"a group key, a number", "standard", "{'amount': '1', 'grouped_by': [1]}",     ".grouped_by.0 invalid_type"},
        {"a group key, an object", "standard", "{'amount': '1', 'grouped_by': [{'value': 'a'}]}", ".grouped_by.0 invalid_type"},
        {"a group key twice",    "standard", "{'amount': '1', 'pricing_group_keys': ['a', 'b', 'a']}", ".pricing_group_keys.2 value_already_exist"},
        {"six group keys",       "standard", "{'amount': '1', 'pricing_group_keys': ['a', 'b', 'c', 'd', 'e', 'f']}", ".pricing_group_keys too_many_values"},
        {"under both names",     "standard", "{'amount': '1', 'pricing_group_keys': ['a'], 'grouped_by': ['b']}", ".grouped_by duplicate_field"},
        {"group keys of a tier", "volume",
            "{'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1', 'pricing_group_keys': ['a']}]}",
                                          ".volume_ranges.0.pricing_group_keys unknown_field"},
        {"three to be shown",    "standard", "{'amount': '1', 'presentation_group_keys': ['a', 'b', 'c']}", ".presentation_group_keys too_many_values"},
        {"one shown twice",      "standard", "{'amount': '1', 'presentation_group_keys': ['a', {'value': 'a'}]}", ".presentation_group_keys.1.value value_already_exist"},
        {"shown without value",  "standard", "{'amount': '1', 'presentation_group_keys': [{}]}", ".presentation_group_keys.0.value value_is_mandatory"},
        {"shown, what else",     "standard", "{'amount': '1', 'presentation_group_keys': [{'value': 'a', 'x': 1}]}", ".presentation_group_keys.0.x unknown_field"},
        {"shown, no text",       "standard", "{'amount': '1', 'presentation_group_keys': [{'value': 5}]}", ".presentation_group_keys.0.value invalid_type"},
        {"shown, wrong option",  "standard", "{'amount': '1', 'presentation_group_keys': [{'value': 'a', 'options': {'display_in_invoice': 'yes', 'y': 1}}]}",
            ".presentation_group_keys.0.options.display_in_invoice invalid_type, .presentation_group_keys.0.options.y unknown_field"},
        {"no object",         "standard", "[]",                          " invalid_type"},
        {"a text",            "standard", "'amount'",                    " invalid_type"},
        {"broken",            "standard", "{'amount': '1'",              " value_is_invalid"},
        {"broken tiers",      "volume",   "{'volume_ranges': [{'from_value': 0, ",  " value_is_invalid"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct fault fault;
        struct charge charge;
        struct buf want;
        struct str rest = str_of(c->want);
        fault_init(&fault, &arena);
        buf_init(&want, &arena, 10000);
        /* ".amount code, .b code" stands for "c.properties.amount code, c.properties.b code" */
        for (size_t i = 0; i < rest.len; i++) {
            if (i == 0 || (i > 1 && rest.ptr[i - 1] == ' ' && rest.ptr[i - 2] == ','))
                buf_add(&want, STR("c.properties"));
            buf_char(&want, rest.ptr[i]);
        }
        charge_parse(&arena, str_of(c->model), json(&arena, c->properties), STR("c"), &fault,
                     &charge);
        CHECK_STR(noted(&arena, &fault), arena_cstr(&arena, buf_str(&want)));
        CHECK_INT(fault_check(&fault), ERR_INVALID);
    }
    arena_clear(&arena);
}

TEST(properties_not_supported_yet)
{
    // clang-format off
    static const struct { const char *name, *model, *properties; enum err err; const char *want; } cases[] = {
        {"custom",      "custom",               "{}",            ERR_NOT_SUPPORTED, "c.charge_model not_supported"},
        {"unknown",     "per_seat",             "{}",            ERR_INVALID,       "c.charge_model value_is_invalid"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct fault fault;
        struct charge charge;
        fault_init(&fault, &arena);
        charge_parse(&arena, str_of(c->model), json(&arena, c->properties), STR("c"), &fault,
                     &charge);
        CHECK_STR(noted(&arena, &fault), c->want);
        CHECK_INT(fault_check(&fault), c->err);
    }
    struct fault fault;
    struct charge charge;
    fault_init(&fault, &arena);
    charge_parse(&arena, STR_NULL, STR("{}"), STR("c"), &fault, &charge);
    CHECK_STR(noted(&arena, &fault), "c.charge_model value_is_mandatory");
    arena_clear(&arena);
}

TEST(properties_number_of_tiers)
{
    struct arena arena;
    arena_init(&arena);
    for (int count = CHARGE_TIERS_MAX - 1; count <= CHARGE_TIERS_MAX + 3; count++) {
        struct buf text;
        struct fault fault;
        struct charge charge;
        fault_init(&fault, &arena);
        buf_init(&text, &arena, 100000);
        buf_fmt(&text, "{\"volume_ranges\": [");
        for (int i = 0; i < count; i++) {
            buf_fmt(&text, "%s{\"from_value\": %d, \"per_unit_amount\": 1, \"to_value\": ",
                    i == 0 ? "" : ",", i);
            buf_fmt(&text, i + 1 == count ? "null}" : "%d}", i + 1);
        }
        buf_fmt(&text, "], \"unknown\": 1}");
        charge_parse(&arena, STR("volume"), buf_str(&text), STR("c"), &fault, &charge);
        if (count <= CHARGE_TIERS_MAX) {
            CHECK_STR(noted(&arena, &fault), "c.properties.unknown unknown_field");
            CHECK_INT(charge.tier_count, count);
        } else { /* the last one kept is not the last one sent, so its bound is noted too */
            CHECK_STR(noted(&arena, &fault),
                      "c.properties.volume_ranges too_many_values, "
                      "c.properties.unknown unknown_field, "
                      "c.properties.volume_ranges.99.to_value value_is_out_of_range");
        }
    }
    arena_clear(&arena);
}

/* Whatever bytes come: either faults, or a charge that has a price and reads back the same. */
TEST(properties_survive_anything)
{
    static const char *const models[] = {"standard",    "graduated",  "volume",
                                         "package",     "capacity",   "graduated_percentage",
                                         "time_of_use", "price_table"};
    static const char *const seeds[] = {
        "{'amount': '0.05', 'package_size': 10, 'free_units': null}",
        "{'amount': 12.5}",
        "{'graduated_ranges': [{'from_value': 0, 'to_value': 10, 'per_unit_amount': '2'}]}",
        "{'graduated_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': 1E-3}]}",
        "{'volume_ranges': [{'from_value': 0, 'to_value': null, 'per_unit_amount': '1'}]}",
        "{'capacity': 10, 'amount': '0.05', 'overage_amount': 1}",
        "{'graduated_percentage_ranges': [{'from_value': 0, 'to_value': null, 'rate': '1'}]}",
        ("{'amount': 1, 'windows': [{'name': 'a', 'weekdays': [1, 7], 'from_hour': 8, 'to_hour': "
         "20, "
         "'amount': '0.5'}, {'name': 'b', 'from_hour': 0, 'to_hour': 6, 'amount': 2}]}"),
        ("{'row_key': 'a', 'column_key': 'b', 'rows': ['x', 'y'], 'columns': ['z'], 'amounts': "
         "[[1], ['2']], 'amount': 3}"),
    };
    enum { MODELS = sizeof models / sizeof models[0], SEEDS = sizeof seeds / sizeof seeds[0] };
    static const char alphabet[] = "{}[]\",:0123456789.-eEnultrefalsfrom_ \\";
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 20000; i++) {
        arena_reset(&arena);
        struct str text = json(&arena, seeds[test_between(0, SEEDS - 1)]);
        struct str model = str_of(models[test_between(0, MODELS - 1)]);
        char *bytes = (char *)arena_cstr(&arena, text);
        for (int64_t edits = test_between(0, 3); edits > 0; edits--)
            bytes[test_between(0, (int64_t)text.len - 1)] =
                alphabet[test_between(0, sizeof alphabet - 2)];
        size_t len =
            test_between(0, 9) == 0 ? (size_t)test_between(0, (int64_t)text.len) : text.len;
        struct fault fault;
        struct charge charge;
        struct price price;
        fault_init(&fault, &arena);
        charge_parse(&arena, model, (struct str){bytes, len}, STR("c"), &fault, &charge);
        if (fault_check(&fault) != ERR_NONE)
            continue;
        struct str kept = charge_properties_text(&arena, &charge);
        struct charge again = charge_of(&arena, model, kept);
        REQUIRE(str_eq(charge_properties_text(&arena, &again), kept));
        size_t cells = charge_cell_count(&charge);
        struct decimal *values = ARENA_ARRAY(&arena, cells, struct decimal);
        for (size_t k = 0; k < cells; k++)
            values[k] = decimal_lit("12.5");
        struct charge_use use = {
            .units = decimal_lit("12.5"), .values = values, .value_count = cells};
        enum err err = charge_price(&arena, &charge, &use, &price);
        REQUIRE(err == ERR_NONE || err == ERR_OVERFLOW);
    }
    arena_clear(&arena);
}
