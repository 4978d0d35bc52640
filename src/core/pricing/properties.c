/* properties.c - a charge's prices from JSON and back. */
#include "core/pricing/charge.h"

#include "base/assert.h"
#include "base/json_read.h"
#include "base/json_write.h"

/* Where we are in the JSON, and where bad fields are noted. */
struct reading {
    struct arena *arena;
    struct fault *fault;
    struct json_reader json;
    struct str path; /* "charges.0.properties" */
};

static struct str below(struct reading *r, struct str name)
{
    return arena_fmt(r->arena, "%.*s.%.*s", STR_ARG(r->path), STR_ARG(name));
}

/* The next value as a decimal, from a number or a text; DECIMAL_NONE for null.  Notes what is
 * wrong and gives 0 then. */
static struct decimal read_decimal(struct reading *r, struct str name, bool may_be_null)
{
    struct decimal value = DECIMAL_ZERO;
    struct str raw = STR_NULL;
    enum json_token token = json_next(&r->json);
    struct str text = r->json.text;
    if (token == JSON_NULL && may_be_null)
        return DECIMAL_NONE;
    if (token == JSON_OBJECT_START || token == JSON_ARRAY_START) {
        if (!json_skip(&r->json, &raw))
            return value;
        text = raw;
    }
    bool scalar = token == JSON_NUMBER || token == JSON_STRING;
    enum err err = scalar ? decimal_parse(text, &value) : ERR_MALFORMED;
    if (err == ERR_INEXACT || err == ERR_OVERFLOW)
        fault_field(r->fault, below(r, name), "value_is_out_of_range", text,
                    "at most %d digits, %d of them decimals", DECIMAL_DIGITS_MAX,
                    DECIMAL_DECIMALS_MAX);
    else if (err != ERR_NONE)
        fault_field(r->fault, below(r, name), "value_is_invalid", scalar ? text : STR_NULL,
                    "a decimal number such as \"0.05\"");
    else if (decimal_sign(value) < 0)
        fault_field(r->fault, below(r, name), "value_is_out_of_range", text, "0 or more");
    return err == ERR_NONE ? value : DECIMAL_ZERO;
}

static void unknown(struct reading *r, struct str name, const char *expected)
{
    struct str raw;
    fault_field(r->fault, below(r, name), "unknown_field", STR_NULL, "%s", expected);
    if (!json_skip(&r->json, &raw))
        return;
}

static void missing(struct reading *r, const char *name, const char *expected)
{
    fault_field(r->fault, below(r, str_of(name)), "value_is_mandatory", STR_NULL, "%s", expected);
}

/* ---- standard, package ----------------------------------------------------------------------- */

static void read_amounts(struct reading *r, struct charge *charge)
{
    bool package = charge->model == CHARGE_PACKAGE;
    charge->amount = DECIMAL_NONE;
    charge->package_size = package ? DECIMAL_NONE : DECIMAL_ZERO;
    while (json_next(&r->json) == JSON_KEY) {
        struct str name = r->json.text;
        if (str_eq(name, STR("amount")))
            charge->amount = read_decimal(r, name, false);
        else if (package && str_eq(name, STR("package_size")))
            charge->package_size = read_decimal(r, name, false);
        else if (package && str_eq(name, STR("free_units")))
            charge->free_units = read_decimal(r, name, false);
        else
            unknown(r, name, package ? "amount, package_size and free_units" : "amount");
    }
    if (decimal_is_none(charge->amount))
        missing(r, "amount", "a price such as \"0.05\"");
    if (package && decimal_is_none(charge->package_size))
        missing(r, "package_size", "how many units a package holds");
    else if (package && decimal_sign(charge->package_size) <= 0)
        fault_field(r->fault, below(r, STR("package_size")), "value_is_out_of_range",
                    decimal_text(r->arena, charge->package_size), "more than 0");
}

/* ---- graduated, volume ----------------------------------------------------------------------- */

struct range {
    struct decimal from, to, per_unit, flat;
    bool has_to;
};

static void read_range(struct reading *r, size_t index, struct str list, struct range *range)
{
    struct str outer = r->path;
    *range = (struct range){DECIMAL_NONE, DECIMAL_NONE, DECIMAL_NONE, DECIMAL_ZERO, false};
    r->path = arena_fmt(r->arena, "%.*s.%.*s.%zu", STR_ARG(outer), STR_ARG(list), index);
    while (json_next(&r->json) == JSON_KEY) {
        struct str name = r->json.text;
        if (str_eq(name, STR("from_value"))) {
            range->from = read_decimal(r, name, false);
        } else if (str_eq(name, STR("to_value"))) {
            range->to = read_decimal(r, name, true);
            range->has_to = true;
        } else if (str_eq(name, STR("per_unit_amount"))) {
            range->per_unit = read_decimal(r, name, false);
        } else if (str_eq(name, STR("flat_amount"))) {
            range->flat = read_decimal(r, name, false);
        } else {
            unknown(r, name, "from_value, to_value, per_unit_amount and flat_amount");
        }
    }
    if (decimal_is_none(range->from))
        missing(r, "from_value", "where the tier begins");
    if (!range->has_to)
        missing(r, "to_value", "the last unit of the tier, or null for no bound");
    if (decimal_is_none(range->per_unit))
        missing(r, "per_unit_amount", "a price such as \"0.05\"");
    r->path = outer;
}

/* Tiers follow each other without gap or overlap, the last one open. */
static void check_range(struct reading *r, size_t index, struct str list, bool last,
                        const struct range *before, const struct range *range)
{
    struct str path = arena_fmt(r->arena, "%.*s.%.*s.%zu", STR_ARG(r->path), STR_ARG(list), index);
    struct decimal low = before == NULL || decimal_is_none(before->to) ? DECIMAL_ZERO : before->to;
    struct decimal next;
    if (decimal_is_none(range->from) || !range->has_to)
        return;
    bool follows = decimal_eq(range->from, low) ||
                   (before != NULL && decimal_add(low, DECIMAL_ONE, &next) == ERR_NONE &&
                    decimal_eq(range->from, next));
    if (!follows)
        fault_field(r->fault, arena_fmt(r->arena, "%.*s.from_value", STR_ARG(path)),
                    "value_is_out_of_range", decimal_text(r->arena, range->from),
                    before == NULL ? "%.*s" : "%.*s, the to_value before it, or that plus 1",
                    STR_ARG(decimal_text(r->arena, low)));
    if (last != decimal_is_none(range->to))
        fault_field(r->fault, arena_fmt(r->arena, "%.*s.to_value", STR_ARG(path)),
                    "value_is_out_of_range",
                    decimal_is_none(range->to) ? STR_NULL : decimal_text(r->arena, range->to),
                    last ? "null: the last tier has no bound"
                         : "a number: only the last tier has no bound");
    else if (!last && decimal_cmp(range->to, low) <= 0)
        fault_field(r->fault, arena_fmt(r->arena, "%.*s.to_value", STR_ARG(path)),
                    "value_is_out_of_range", decimal_text(r->arena, range->to), "more than %.*s",
                    STR_ARG(decimal_text(r->arena, low)));
}

static size_t read_ranges(struct reading *r, struct str list, struct range *ranges)
{
    size_t count = 0;
    enum json_token token = json_next(&r->json);
    if (token != JSON_ARRAY_START) {
        fault_field(r->fault, below(r, list), "invalid_type", STR_NULL, "an array of tiers");
        return 0;
    }
    while ((token = json_next(&r->json)) != JSON_ARRAY_END && token != JSON_ERROR) {
        struct str raw;
        if (token == JSON_OBJECT_START && count < CHARGE_TIERS_MAX) {
            read_range(r, count, list, &ranges[count]);
            count++;
            continue;
        }
        fault_field(r->fault, arena_fmt(r->arena, "%.*s.%zu", STR_ARG(below(r, list)), count),
                    token == JSON_OBJECT_START ? "too_many_values" : "invalid_type", STR_NULL,
                    "an object with from_value, to_value, per_unit_amount and flat_amount, at most "
                    "%d of them",
                    CHARGE_TIERS_MAX);
        if (!json_skip(&r->json, &raw))
            break;
    }
    return count;
}

static void read_tiers(struct reading *r, struct charge *charge)
{
    struct str list =
        charge->model == CHARGE_GRADUATED ? STR("graduated_ranges") : STR("volume_ranges");
    struct range *ranges = ARENA_ARRAY(r->arena, CHARGE_TIERS_MAX, struct range);
    bool given = false;
    size_t count = 0;
    while (json_next(&r->json) == JSON_KEY) {
        struct str name = r->json.text;
        if (str_eq(name, list)) {
            count = read_ranges(r, list, ranges);
            given = true;
        } else {
            unknown(r, name, list.ptr);
        }
    }
    if (!given || count == 0)
        missing(r, list.ptr, "at least one tier");
    charge->tiers = ARENA_ARRAY(r->arena, count, struct tier);
    charge->tier_count = count;
    for (size_t i = 0; i < count; i++) {
        check_range(r, i, list, i + 1 == count, i == 0 ? NULL : &ranges[i - 1], &ranges[i]);
        charge->tiers[i] =
            (struct tier){.up_to = ranges[i].to, .per_unit = ranges[i].per_unit, .flat = ranges[i].flat};
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

static const struct {
    struct str word;
    enum charge_model model;
} models[] = {{{"standard", 8}, CHARGE_STANDARD},
              {{"graduated", 9}, CHARGE_GRADUATED},
              {{"volume", 6}, CHARGE_VOLUME},
              {{"package", 7}, CHARGE_PACKAGE}};

static bool parse_model(struct str word, enum charge_model *model)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        if (str_eq(word, models[i].word)) {
            *model = models[i].model;
            return true;
        }
    }
    return false;
}

static bool is_planned(struct str word)
{
    return str_eq(word, STR("percentage")) || str_eq(word, STR("graduated_percentage")) ||
           str_eq(word, STR("dynamic")) || str_eq(word, STR("custom"));
}

void charge_parse(struct arena *arena, struct str model, struct str properties, struct str path,
                  struct fault *fault, struct charge *charge)
{
    struct reading r = {.arena = arena, .fault = fault};
    r.path = arena_fmt(arena, "%.*s.properties", STR_ARG(path));
    *charge = (struct charge){
        .amount = DECIMAL_ZERO, .package_size = DECIMAL_ZERO, .free_units = DECIMAL_ZERO};
    if (!parse_model(model, &charge->model)) {
        struct str field = arena_fmt(arena, "%.*s.charge_model", STR_ARG(path));
        fault_field(fault, field, is_planned(model) ? "not_supported" : "value_is_invalid", model,
                    "standard, graduated, volume or package");
        if (is_planned(model))
            fault_set(fault, ERR_NOT_SUPPORTED, "%.*s: %.*s is not supported yet", STR_ARG(field),
                      STR_ARG(model));
        return;
    }
    json_reader_init(&r.json, arena, properties);
    if (json_next(&r.json) != JSON_OBJECT_START) {
        fault_field(fault, r.path, "invalid_type", properties, "a JSON object");
        return;
    }
    if (charge->model == CHARGE_STANDARD || charge->model == CHARGE_PACKAGE)
        read_amounts(&r, charge);
    else
        read_tiers(&r, charge);
    if (r.json.error != NULL)
        fault_field(fault, r.path, "value_is_invalid", properties, "JSON: %s", r.json.error);
}

struct charge charge_of(struct arena *arena, struct str model, struct str properties)
{
    struct fault fault;
    struct charge charge;
    fault_init(&fault, arena);
    charge_parse(arena, model, properties, STR("charge"), &fault, &charge);
    ASSERT(fault.field_count == 0 && fault.err == ERR_NONE);
    return charge;
}

static void write_tiers(struct json_writer *w, const char *list, const struct charge *charge)
{
    struct decimal from = DECIMAL_ZERO;
    json_array(w, list);
    for (size_t i = 0; i < charge->tier_count; i++) {
        const struct tier *tier = &charge->tiers[i];
        json_object(w, NULL);
        json_decimal(w, "from_value", from);
        json_decimal(w, "to_value", tier->up_to);
        json_decimal(w, "per_unit_amount", tier->per_unit);
        json_decimal(w, "flat_amount", tier->flat);
        json_object_end(w);
        from = tier->up_to;
    }
    json_array_end(w);
}

struct str charge_properties_text(struct arena *arena, const struct charge *charge)
{
    struct buf text;
    struct json_writer w;
    buf_init(&text, arena, (size_t)1 << 20);
    json_writer_init(&w, &text);
    json_object(&w, NULL);
    switch (charge->model) {
    case CHARGE_STANDARD:
        json_decimal(&w, "amount", charge->amount);
        break;
    case CHARGE_PACKAGE:
        json_decimal(&w, "amount", charge->amount);
        json_decimal(&w, "package_size", charge->package_size);
        json_decimal(&w, "free_units", charge->free_units);
        break;
    case CHARGE_GRADUATED:
        write_tiers(&w, "graduated_ranges", charge);
        break;
    case CHARGE_VOLUME:
        write_tiers(&w, "volume_ranges", charge);
        break;
    }
    json_object_end(&w);
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}
