/* properties.c - a charge's prices from JSON and back. */
#include "core/pricing/properties_read.h"

#include "base/assert.h"
#include "base/json_write.h"

struct str reading_below(struct reading *r, struct str name)
{
    return arena_fmt(r->arena, "%.*s.%.*s", STR_ARG(r->path), STR_ARG(name));
}

struct str reading_sent(struct reading *r, enum json_token token)
{
    struct str raw = STR_NULL;
    if (token == JSON_STRING || token == JSON_NUMBER)
        return r->json.text;
    return json_skip(&r->json, &raw) ? raw : STR_NULL;
}

/* ---- objects of decimals --------------------------------------------------------------------- */

struct decimal read_price(struct reading *r, enum json_token token, struct str field)
{
    struct decimal value = DECIMAL_ZERO;
    bool is_scalar = token == JSON_NUMBER || token == JSON_STRING;
    struct str text = reading_sent(r, token);
    enum err err = is_scalar ? decimal_parse(text, &value) : ERR_MALFORMED;
    if (err == ERR_INEXACT || err == ERR_OVERFLOW)
        fault_field(r->fault, field, "value_is_out_of_range", text,
                    "at most %d digits, at most %d of them decimals", DECIMAL_DIGITS_MAX,
                    DECIMAL_DECIMALS_MAX);
    else if (err != ERR_NONE)
        fault_field(r->fault, field, "value_is_invalid", text, "a decimal number such as \"0.05\"");
    else if (decimal_sign(value) < 0)
        fault_field(r->fault, field, "value_is_out_of_range", text, "0 or more");
    return err == ERR_NONE ? value : DECIMAL_ZERO;
}

/* The next value, from a number or a text.  Notes what is wrong and gives 0 then. */
static struct decimal read_decimal(struct reading *r, const struct member *member)
{
    enum json_token token = json_next(&r->json);
    struct str field = reading_below(r, str_of(member->name));
    if (token == JSON_NULL && member->may_be_null)
        return DECIMAL_NONE;
    if (token == JSON_NULL && member->needed != NULL) {
        fault_field(r->fault, field, "value_is_mandatory", STR_NULL, "%s", member->needed);
        return DECIMAL_ZERO;
    }
    return read_price(r, token, field);
}

/* A member that the model does not have: what any may have, or nothing that is known. */
static void read_other(struct reading *r, struct str name, const char *expected)
{
    struct str field = reading_below(r, name);
    struct str raw = STR_NULL;
    if (!read_group_keys(r, name) && json_skip(&r->json, &raw))
        fault_field(r->fault, field, "unknown_field", raw, "only %s", expected);
}

void read_members(struct reading *r, struct member *members, size_t count, const char *expected)
{
    while (json_next(&r->json) == JSON_KEY) {
        struct str name = r->json.text;
        size_t i = 0;
        while (i < count && !str_eq(name, str_of(members[i].name)))
            i++;
        if (i == count) {
            read_other(r, name, expected);
            continue;
        }
        if (members[i].seen)
            fault_field(r->fault, reading_below(r, name), "duplicate_field", STR_NULL,
                        "each field once");
        if (members[i].take != NULL)
            members[i].take(r, &members[i]);
        else
            *members[i].value = read_decimal(r, &members[i]);
        members[i].seen = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!members[i].seen && members[i].needed != NULL && r->json.error == NULL)
            fault_field(r->fault, reading_below(r, str_of(members[i].name)), "value_is_mandatory",
                        STR_NULL, "%s", members[i].needed);
    }
}

/* ---- standard, package, capacity
 * ------------------------------------------------------------------------
 */

static void read_standard(struct reading *r, struct charge *charge)
{
    struct member members[] = {{"amount", &charge->amount, false, PRICE_WORDS, false, NULL, NULL}};
    read_members(r, members, 1, "amount");
}

static void read_package(struct reading *r, struct charge *charge)
{
    struct member members[] = {
        {"amount", &charge->amount, false, PRICE_WORDS, false, NULL, NULL},
        {"package_size", &charge->package_size, false, "how many units a package holds", false,
         NULL, NULL},
        {"free_units", &charge->free_units, true, NULL, false, NULL, NULL},
    };
    read_members(r, members, 3, "amount, package_size and free_units");
    if (members[1].seen && decimal_is_zero(charge->package_size))
        fault_field(r->fault, reading_below(r, STR("package_size")), "value_is_out_of_range",
                    decimal_text(r->arena, charge->package_size), "more than 0");
    if (decimal_is_none(charge->free_units))
        charge->free_units = DECIMAL_ZERO;
}

static void read_capacity(struct reading *r, struct charge *charge)
{
    struct member members[] = {
        {"capacity", &charge->capacity, false, "how many units are committed", false, NULL, NULL},
        {"amount", &charge->amount, false, "the price of the capacity, such as \"800\"", false,
         NULL, NULL},
        {"overage_amount", &charge->overage, false, PRICE_WORDS, false, NULL, NULL},
    };
    read_members(r, members, 3, "capacity, amount and overage_amount");
    if (members[0].seen && decimal_is_zero(charge->capacity))
        fault_field(r->fault, reading_below(r, STR("capacity")), "value_is_out_of_range",
                    decimal_text(r->arena, charge->capacity), "more than 0");
}

/* ---- percentage, dynamic --------------------------------------------------------------------- */

static void set_free_events(struct reading *r, struct decimal sent_value, struct charge *charge)
{
    if (!decimal_is_none(sent_value) &&
        decimal_to_int64(sent_value, &charge->free_events) != ERR_NONE)
        fault_field(r->fault, reading_below(r, STR("free_units_per_events")),
                    "value_is_out_of_range", decimal_text(r->arena, sent_value),
                    "a whole number of events");
}

static void read_percentage(struct reading *r, struct charge *charge)
{
    struct decimal free_events = DECIMAL_NONE;
    struct member members[] = {
        {"rate", &charge->rate, false, "percent, such as \"1.3\"", false, NULL, NULL},
        {"fixed_amount", &charge->fixed_amount, true, NULL, false, NULL, NULL},
        {"free_units_per_events", &free_events, true, NULL, false, NULL, NULL},
        {"free_units_per_total_aggregation", &charge->free_units, true, NULL, false, NULL, NULL},
        {"per_transaction_min_amount", &charge->min_amount, true, NULL, false, NULL, NULL},
        {"per_transaction_max_amount", &charge->max_amount, true, NULL, false, NULL, NULL},
    };
    charge->free_units = DECIMAL_NONE;
    read_members(r, members, 6,
                 "rate, fixed_amount, free_units_per_events, free_units_per_total_aggregation, "
                 "per_transaction_min_amount and per_transaction_max_amount");
    if (decimal_is_none(charge->fixed_amount))
        charge->fixed_amount = DECIMAL_ZERO;
    if (!decimal_is_none(charge->free_units) && decimal_is_zero(charge->free_units))
        charge->free_units = DECIMAL_NONE;
    set_free_events(r, free_events, charge);
    if (!decimal_is_none(charge->min_amount) && !decimal_is_none(charge->max_amount) &&
        decimal_cmp(charge->min_amount, charge->max_amount) > 0)
        fault_field(r->fault, reading_below(r, STR("per_transaction_max_amount")),
                    "value_is_out_of_range", decimal_text(r->arena, charge->max_amount),
                    "at least per_transaction_min_amount");
}

/* ---- graduated, volume ----------------------------------------------------------------------- */

/* A tier as it is read; one without from_value or to_value is not compared with its neighbours. */
struct range {
    struct tier tier;
    bool has_bounds;
};

/* What the models with tiers call things. */
struct tier_words {
    const char *list;     /* graduated_ranges */
    const char *per_unit; /* per_unit_amount */
    const char *needed;   /* what should stand there */
    const char *expected; /* all members */
};

static struct tier_words tier_words_of(enum charge_model model)
{
#define WORDS(list, per_unit, needed)                                                \
    (struct tier_words)                                                              \
    {                                                                                \
        list, per_unit, needed, "from_value, to_value, " per_unit " and flat_amount" \
    }
    if (model == CHARGE_GRADUATED_PERCENTAGE)
        return WORDS("graduated_percentage_ranges", "rate", "percent, such as \"1.3\"");
    if (model == CHARGE_VOLUME)
        return WORDS("volume_ranges", "per_unit_amount", PRICE_WORDS);
    return WORDS("graduated_ranges", "per_unit_amount", PRICE_WORDS);
#undef WORDS
}

static void read_range(struct reading *r, const struct tier_words *words, struct range *range)
{
    struct tier *tier = &range->tier;
    *tier = (struct tier){DECIMAL_ZERO, DECIMAL_NONE, DECIMAL_ZERO, DECIMAL_ZERO};
    struct member members[] = {
        {"from_value", &tier->from, false, "where the tier begins", false, NULL, NULL},
        {"to_value", &tier->up_to, true, "the last unit of the tier, or null for no bound", false,
         NULL, NULL},
        {words->per_unit, &tier->per_unit, false, words->needed, false, NULL, NULL},
        {"flat_amount", &tier->flat, true, NULL, false, NULL, NULL},
    };
    read_members(r, members, 4, words->expected);
    range->has_bounds = members[0].seen && members[1].seen;
    if (decimal_is_none(tier->flat))
        tier->flat = DECIMAL_ZERO;
}

static bool follows(const struct tier *tier, struct decimal low, bool is_first)
{
    struct decimal next;
    if (decimal_eq(tier->from, low))
        return true;
    return !is_first && decimal_add(low, DECIMAL_ONE, &next) == ERR_NONE &&
           decimal_eq(tier->from, next);
}

/* Tiers follow each other without gap or overlap, the last one open. */
static void check_range(struct reading *r, const struct range *ranges, size_t index, size_t count)
{
    const struct tier *tier = &ranges[index].tier;
    bool is_first = index == 0;
    bool is_last = index + 1 == count;
    if (!ranges[index].has_bounds || (!is_first && !ranges[index - 1].has_bounds))
        return;
    if (!is_first && decimal_is_none(ranges[index - 1].tier.up_to))
        return; /* noted there: only the last tier has no bound */
    struct decimal low = is_first ? DECIMAL_ZERO : ranges[index - 1].tier.up_to;
    struct str low_text = decimal_text(r->arena, low);
    if (!follows(tier, low, is_first))
        fault_field(r->fault, reading_below(r, STR("from_value")), "value_is_out_of_range",
                    decimal_text(r->arena, tier->from),
                    is_first ? "%.*s" : "%.*s, the to_value before it, or that plus 1",
                    STR_ARG(low_text));
    if (is_last && !decimal_is_none(tier->up_to))
        fault_field(r->fault, reading_below(r, STR("to_value")), "value_is_out_of_range",
                    decimal_text(r->arena, tier->up_to), "null: the last tier has no bound");
    else if (!is_last && decimal_is_none(tier->up_to))
        fault_field(r->fault, reading_below(r, STR("to_value")), "value_is_out_of_range", STR_NULL,
                    "a number: only the last tier has no bound");
    else if (!is_last && decimal_cmp(tier->up_to, low) <= 0)
        fault_field(r->fault, reading_below(r, STR("to_value")), "value_is_out_of_range",
                    decimal_text(r->arena, tier->up_to), "more than %.*s", STR_ARG(low_text));
}

/* The newest token starts the list's value; r->path is the list's. */
static size_t read_ranges(struct reading *r, const struct tier_words *words, enum json_token token,
                          struct range *ranges)
{
    struct str list = r->path;
    bool is_full = false;
    size_t count = 0;
    if (token != JSON_ARRAY_START) {
        fault_field(r->fault, list, "invalid_type", reading_sent(r, token), "an array of tiers");
        return 0;
    }
    while ((token = json_next(&r->json)) != JSON_ARRAY_END && token != JSON_ERROR) {
        if (count == CHARGE_TIERS_MAX) {
            if (!is_full)
                fault_field(r->fault, list, "too_many_values", STR_NULL, "at most %d tiers",
                            CHARGE_TIERS_MAX);
            is_full = true;
            reading_sent(r, token);
            continue;
        }
        r->path = arena_fmt(r->arena, "%.*s.%zu", STR_ARG(list), count);
        ranges[count] = (struct range){.has_bounds = false};
        if (token == JSON_OBJECT_START)
            read_range(r, words, &ranges[count]);
        else
            fault_field(r->fault, r->path, "invalid_type", reading_sent(r, token),
                        "an object with %s", words->expected);
        count++;
    }
    r->path = list;
    if (count == 0 && r->json.error == NULL)
        fault_field(r->fault, list, "value_is_mandatory", STR("[]"), "at least one tier");
    return count;
}

static void read_tiers(struct reading *r, struct charge *charge)
{
    struct tier_words words = tier_words_of(charge->model);
    const char *list = words.list;
    struct str outer = r->path;
    struct str inner = reading_below(r, str_of(list));
    struct range *ranges = ARENA_ARRAY(r->arena, CHARGE_TIERS_MAX, struct range);
    bool is_given = false;
    size_t count = 0;
    while (json_next(&r->json) == JSON_KEY) {
        struct str name = r->json.text;
        if (!str_eq(name, str_of(list))) {
            read_other(r, name, list);
            continue;
        }
        if (is_given)
            fault_field(r->fault, inner, "duplicate_field", STR_NULL, "each field once");
        r->path = inner;
        count = read_ranges(r, &words, json_next(&r->json), ranges);
        r->path = outer;
        is_given = true;
    }
    if (!is_given && r->json.error == NULL)
        fault_field(r->fault, inner, "value_is_mandatory", STR_NULL, "at least one tier");
    charge->tiers = ARENA_ARRAY(r->arena, count, struct tier);
    charge->tier_count = count;
    for (size_t i = 0; i < count; i++) {
        r->path = arena_fmt(r->arena, "%.*s.%zu", STR_ARG(inner), i);
        check_range(r, ranges, i, count);
        charge->tiers[i] = ranges[i].tier;
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

static bool find_model(struct str word, enum charge_model *model)
{
#define X(name, text)              \
    if (str_eq(word, STR(text))) { \
        *model = CHARGE_##name;    \
        return true;               \
    }
    CHARGE_MODEL_MAP(X)
#undef X
    return false;
}

/* Words of the API that stand for something real which is not built yet. */
static bool is_planned(struct str word)
{
    return str_eq(word, STR("custom"));
}

static void refuse_model(struct fault *fault, struct str field, struct str model)
{
    static const char expected[] = "standard, graduated, graduated_percentage, volume, package, "
                                   "percentage, dynamic, capacity, time_of_use or price_table";
    if (is_planned(model)) {
        fault_field(fault, field, "not_supported", model, "%s", expected);
        fault_set(fault, ERR_NOT_SUPPORTED, "%.*s: %.*s is not supported yet", STR_ARG(field),
                  STR_ARG(model));
    } else {
        fault_field(fault, field, str_is_null(model) ? "value_is_mandatory" : "value_is_invalid",
                    model, "%s", expected);
    }
}

static void read_model(struct reading *r, struct charge *charge)
{
    switch (charge->model) {
    case CHARGE_STANDARD:
        read_standard(r, charge);
        return;
    case CHARGE_PACKAGE:
        read_package(r, charge);
        return;
    case CHARGE_GRADUATED:
    case CHARGE_GRADUATED_PERCENTAGE:
    case CHARGE_VOLUME:
        read_tiers(r, charge);
        return;
    case CHARGE_CAPACITY:
        read_capacity(r, charge);
        return;
    case CHARGE_TIME_OF_USE:
        read_time_of_use(r, charge);
        return;
    case CHARGE_PRICE_TABLE:
        read_price_table(r, charge);
        return;
    case CHARGE_PERCENTAGE:
        read_percentage(r, charge);
        return;
    case CHARGE_DYNAMIC:
        read_members(r, NULL, 0, "nothing: the events bring their amounts");
        return;
    }
}

void charge_parse(struct arena *arena, struct str model, struct str properties, struct str path,
                  struct fault *fault, struct charge *charge)
{
    struct reading r = {.arena = arena, .fault = fault, .charge = charge};
    *charge = (struct charge){
        .amount = DECIMAL_ZERO,
        .package_size = DECIMAL_ZERO,
        .free_units = DECIMAL_ZERO,
        .capacity = DECIMAL_ZERO,
        .overage = DECIMAL_ZERO,
        .rate = DECIMAL_ZERO,
        .fixed_amount = DECIMAL_ZERO,
        .min_amount = DECIMAL_NONE,
        .max_amount = DECIMAL_NONE,
    };
    if (!find_model(model, &charge->model)) {
        refuse_model(fault, arena_fmt(arena, "%.*s.charge_model", STR_ARG(path)), model);
        return;
    }
    r.path = r.top = arena_fmt(arena, "%.*s.properties", STR_ARG(path));
    json_reader_init(&r.json, arena, properties);
    if (json_next(&r.json) != JSON_OBJECT_START)
        fault_field(fault, r.path, "invalid_type", properties, "a JSON object");
    else
        read_model(&r, charge);
    if (r.json.error != NULL)
        fault_field(fault, arena_fmt(arena, "%.*s.properties", STR_ARG(path)), "value_is_invalid",
                    properties, "JSON: %s", r.json.error);
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

static void write_if_any(struct json_writer *w, const char *name, struct decimal value)
{
    if (!decimal_is_none(value))
        json_decimal(w, name, value);
}

static void write_percentage(struct json_writer *w, const struct charge *charge)
{
    json_decimal(w, "rate", charge->rate);
    json_decimal(w, "fixed_amount", charge->fixed_amount);
    if (charge->free_events > 0)
        json_int(w, "free_units_per_events", charge->free_events);
    write_if_any(w, "free_units_per_total_aggregation", charge->free_units);
    write_if_any(w, "per_transaction_min_amount", charge->min_amount);
    write_if_any(w, "per_transaction_max_amount", charge->max_amount);
}

static void write_tiers(struct json_writer *w, const struct charge *charge)
{
    struct tier_words words = tier_words_of(charge->model);
    json_array(w, words.list);
    for (size_t i = 0; i < charge->tier_count; i++) {
        const struct tier *tier = &charge->tiers[i];
        json_object(w, NULL);
        json_decimal(w, "from_value", tier->from);
        json_decimal(w, "to_value", tier->up_to);
        json_decimal(w, words.per_unit, tier->per_unit);
        json_decimal(w, "flat_amount", tier->flat);
        json_object_end(w);
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
    case CHARGE_GRADUATED_PERCENTAGE:
    case CHARGE_VOLUME:
        write_tiers(&w, charge);
        break;
    case CHARGE_PERCENTAGE:
        write_percentage(&w, charge);
        break;
    case CHARGE_CAPACITY:
        json_decimal(&w, "capacity", charge->capacity);
        json_decimal(&w, "amount", charge->amount);
        json_decimal(&w, "overage_amount", charge->overage);
        break;
    case CHARGE_TIME_OF_USE:
        write_time_of_use(&w, charge);
        break;
    case CHARGE_PRICE_TABLE:
        write_price_table(&w, charge);
        break;
    case CHARGE_DYNAMIC:
        break;
    }
    write_group_keys(&w, charge);
    json_object_end(&w);
    ASSERT(buf_ok(&text));
    return buf_str(&text);
}
