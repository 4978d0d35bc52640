/* bind.c - a JSON body or a query string read into a table with a field of every kind: what is good
 * keeps to the table's limits; what is bad is told with field, code and what is right; what strict
 * reading takes, lenient reading takes alike. */
#include "api/bind.h"
#include "base/json_read.h"
#include "base/none.h"
#include "http/url.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

struct part {
    struct str kind;
    struct decimal price;
};

struct place {
    struct str city;
    int64_t floor;
};

struct thing {
    uint64_t sent;
    struct str name, code, email, currency, country, zone;
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
};

static const struct bind_word colors[] = {{"red", 3}, {"green", 5}, {0}};

static const struct bind_field part_fields[] = {
    {"kind", BIND_CODE(part, kind), .flags = BIND_REQUIRED},
    {"price", BIND_DECIMAL(part, price), .flags = BIND_POSITIVE},
    {0},
};
static const struct bind_table part_table = {NULL, part_fields, 0};

static const struct bind_field place_fields[] = {
    {"city", BIND_TEXT(place, city), .flags = BIND_REQUIRED},
    {"floor", BIND_INT(place, floor), .flags = BIND_PRESET, .preset = 1},
    {0},
};
static const struct bind_table place_table = {NULL, place_fields, 0};

static const struct bind_field thing_fields[] = {
    {"name", BIND_TEXT(thing, name), .max = 5, .flags = BIND_REQUIRED, .sent = 1},
    {"code", BIND_CODE(thing, code)},
    {"email", BIND_EMAIL(thing, email)},
    {"currency", BIND_CURRENCY(thing, currency)},
    {"country", BIND_COUNTRY(thing, country)},
    {"zone", BIND_ZONE(thing, zone)},
    {"id", BIND_UUID(thing, id)},
    {"rate", BIND_DECIMAL(thing, rate), .digits = 3, .decimals = 2, .flags = BIND_NOT_NEGATIVE,
     .sent = 2},
    {"count", BIND_INT(thing, count), .min = -2, .max = 100},
    {"on", BIND_BOOL(thing, on), .preset = true},
    {"at", BIND_INSTANT(thing, at)},
    {"event_at", BIND_EVENT_TIME(thing, event_at)},
    {"day", BIND_DAY(thing, day)},
    {"color", BIND_WORD(thing, color, colors), .preset = 5},
    {"tags", BIND_TEXTS(thing, tags, tag_count), .max = 3},
    {"place", BIND_OBJECT(thing, place, &place_table)},
    {"parts", BIND_OBJECTS(thing, parts, part_count, &part_table), .max = 3},
    {"raw", BIND_RAW(thing, raw), .max = 200},
    {"later", BIND_UNSUPPORTED},
    {0},
};
static const struct bind_table thing_table = {"thing", thing_fields, BIND_SENT_AT(thing, sent)};

struct filter {
    struct str name;
    int64_t count;
    const struct str *tags;
    size_t tag_count;
    int color;
};

static const struct bind_field filter_fields[] = {
    {"name", BIND_TEXT(filter, name), .max = 5},
    {"count", BIND_INT(filter, count), .min = -2, .max = 100},
    {"tags", BIND_TEXTS(filter, tags, tag_count), .max = 3},
    {"color", BIND_WORD(filter, color, colors), .preset = 5},
    {0},
};
static const struct bind_table filter_table = {NULL, filter_fields, 0};

static size_t characters(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    return count;
}

static void check_text(struct str text, size_t max)
{
    FUZZ_CHECK(str_is_null(text) || (str_is_text(text) && characters(text) <= max));
}

static void check_good(struct arena *arena, const struct thing *thing)
{
    struct str error = STR_NULL;
    check_text(thing->name, 5);
    FUZZ_CHECK(thing->name.len > 0 && (thing->sent & 1) != 0);
    check_text(thing->code, BIND_TEXT_MAX);
    check_text(thing->email, BIND_TEXT_MAX);
    FUZZ_CHECK(str_is_null(thing->email) || str_find(thing->email, '@') > 0);
    FUZZ_CHECK(str_is_null(thing->currency) || thing->currency.len == 3);
    FUZZ_CHECK(str_is_null(thing->country) || thing->country.len == 2);
    if (!decimal_is_none(thing->rate)) {
        FUZZ_CHECK(decimal_sign(thing->rate) >= 0 && decimal_decimals(thing->rate) <= 2);
        FUZZ_CHECK(decimal_cmp(thing->rate, decimal_of(1000)) < 0);
        FUZZ_CHECK((thing->sent & 2) != 0);
    }
    FUZZ_CHECK(thing->count == INT_NONE || (thing->count >= -2 && thing->count <= 100));
    FUZZ_CHECK(thing->color == 3 || thing->color == 5);
    FUZZ_CHECK(thing->tag_count <= BIND_LIST_MAX && thing->part_count <= 3);
    for (size_t i = 0; i < thing->tag_count; i++)
        FUZZ_CHECK(str_is_text(thing->tags[i]));
    for (size_t i = 0; i < thing->part_count; i++) {
        FUZZ_CHECK(thing->parts[i].kind.len > 0);
        FUZZ_CHECK(decimal_is_none(thing->parts[i].price) ||
                   decimal_sign(thing->parts[i].price) > 0);
    }
    FUZZ_CHECK(thing->raw.len <= 200);
    if (!str_is_null(thing->raw))
        FUZZ_CHECK(json_is_valid(arena, thing->raw, &error));
}

static void check_bad(const struct fault *fault, enum err err)
{
    FUZZ_CHECK(fault->err == err);
    FUZZ_CHECK(fault->message.len > 0 && str_is_text(fault->message));
    FUZZ_CHECK(err == ERR_MALFORMED || fault->field_count > 0);
    for (size_t i = 0; i < fault->field_count; i++) {
        const struct fault_field *field = &fault->fields[i];
        FUZZ_CHECK(!str_is_null(field->field) && str_is_text(field->field)); /* "" as sent */
        FUZZ_CHECK(field->code.len > 0 && field->expected.len > 0);
        FUZZ_CHECK(str_is_null(field->value) || str_is_text(field->value));
    }
}

static enum err read_body(struct arena *arena, struct str body, bool is_lenient,
                          struct thing *thing)
{
    struct fault fault;
    struct bind bind;
    fault_init(&fault, arena);
    bind_init(&bind, arena, &fault, is_lenient);
    memset(thing, 0x5a, sizeof *thing); /* whatever was there must not stay */
    enum err err = bind_body(&bind, body, &thing_table, thing);
    FUZZ_CHECK(err == ERR_NONE || err == ERR_MALFORMED || err == ERR_INVALID ||
               err == ERR_NOT_SUPPORTED);
    FUZZ_CHECK(bind.ignored_count == 0 || is_lenient);
    if (err == ERR_NONE)
        check_good(arena, thing);
    else
        check_bad(&fault, err);
    return err;
}

static void bodies(struct arena *arena, struct str body)
{
    struct thing strict;
    struct thing lenient;
    struct str error = STR_NULL;
    enum err err = read_body(arena, body, false, &strict);
    enum err lenient_err = read_body(arena, body, true, &lenient);
    FUZZ_CHECK(json_is_valid(arena, body, &error) || err == ERR_MALFORMED);
    if (err != ERR_NONE)
        return;
    FUZZ_CHECK(lenient_err == ERR_NONE);
    FUZZ_CHECK(str_eq(strict.name, lenient.name) && strict.sent == lenient.sent);
    FUZZ_CHECK(strict.at == lenient.at && strict.event_at == lenient.event_at);
    FUZZ_CHECK(strict.count == lenient.count && strict.day == lenient.day);
    FUZZ_CHECK(memcmp(&strict.rate, &lenient.rate, sizeof strict.rate) == 0);
    FUZZ_CHECK(strict.on == lenient.on && strict.part_count == lenient.part_count);
}

static void queries(struct arena *arena, struct str query, bool is_lenient)
{
    const struct http_param *params = NULL;
    size_t count = 0;
    struct fault fault;
    struct bind bind;
    struct filter filter;
    if (url_query(arena, query, &params, &count) != URL_QUERY_READ)
        return;
    fault_init(&fault, arena);
    bind_init(&bind, arena, &fault, is_lenient);
    memset(&filter, 0x5a, sizeof filter);
    bind_query(&bind, params, count, &filter_table, &filter);
    enum err err = bind_check(&bind);
    if (err != ERR_NONE) {
        check_bad(&fault, err);
        return;
    }
    check_text(filter.name, 5);
    FUZZ_CHECK(filter.count == INT_NONE || (filter.count >= -2 && filter.count <= 100));
    FUZZ_CHECK(filter.tag_count <= BIND_LIST_MAX && (filter.color == 3 || filter.color == 5));
    for (size_t i = 0; i < filter.tag_count; i++)
        check_text(filter.tags[i], 3);
}

void fuzz_one(struct arena *arena, struct str input)
{
    switch (fuzz_choice(&input, 3)) {
    case 0:
        bodies(arena, input);
        break;
    case 1:
        queries(arena, input, false);
        break;
    default:
        queries(arena, input, true);
        break;
    }
}
