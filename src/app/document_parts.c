#include "app/document_parts.h"

#include "base/assert.h"

#define PARTY_LINES_MAX 8

static void add_line(struct str *lines, size_t *count, struct str line)
{
    ASSERT(*count < PARTY_LINES_MAX);
    if (!str_is_null(line) && line.len > 0)
        lines[(*count)++] = line;
}

/* "80337 München" */
static struct str place_of(struct arena *arena, struct str zipcode, struct str city)
{
    if (str_is_null(zipcode) || str_is_null(city))
        return str_is_null(city) ? zipcode : city;
    return arena_fmt(arena, "%.*s %.*s", STR_ARG(zipcode), STR_ARG(city));
}

static void add_tax_number(struct str *lines, size_t *count, struct arena *arena,
                           const struct locale *locale, struct str number)
{
    if (!str_is_null(number))
        add_line(lines, count, locale_words_with(locale, arena, STR("Tax number: {}"), &number, 1));
}

struct document_party document_seller(struct arena *arena, const struct locale *locale,
                                      const struct billing_entity_row *entity)
{
    struct str *lines = ARENA_ARRAY(arena, PARTY_LINES_MAX, struct str);
    size_t count = 0;
    add_line(lines, &count, entity->address_line1);
    add_line(lines, &count, entity->address_line2);
    add_line(lines, &count, place_of(arena, entity->zipcode, entity->city));
    add_line(lines, &count, entity->state);
    add_line(lines, &count, entity->country);
    add_tax_number(lines, &count, arena, locale, entity->tax_identification_number);
    add_line(lines, &count, entity->legal_number);
    add_line(lines, &count, entity->email);
    return (struct document_party){
        .label = locale_words(locale, STR("From")),
        .name = str_is_null(entity->legal_name) ? entity->name : entity->legal_name,
        .lines = lines,
        .line_count = count,
    };
}

struct document_party document_buyer(struct arena *arena, const struct locale *locale,
                                     const struct customer_row *row)
{
    struct str *lines = ARENA_ARRAY(arena, PARTY_LINES_MAX, struct str);
    struct str name = str_is_null(row->legal_name) ? row->name : row->legal_name;
    size_t count = 0;
    add_line(lines, &count, row->address_line1);
    add_line(lines, &count, row->address_line2);
    add_line(lines, &count, place_of(arena, row->zipcode, row->city));
    add_line(lines, &count, row->state);
    add_line(lines, &count, row->country);
    add_tax_number(lines, &count, arena, locale, row->tax_identification_number);
    return (struct document_party){
        .label = locale_words(locale, STR("Billed to")),
        .name = str_is_null(name) ? row->external_id : name,
        .lines = lines,
        .line_count = count,
    };
}

struct str document_isolated(struct arena *arena, struct str text)
{
    return arena_fmt(arena, "\u2068%.*s\u2069", STR_ARG(text));
}

struct str document_language(const struct customer_row *customer,
                             const struct billing_entity_row *entity)
{
    if (!str_is_null(customer->document_locale))
        return customer->document_locale;
    return str_is_null(entity->document_locale) ? STR("en") : entity->document_locale;
}

enum err document_locale_open(struct fault *fault, struct str language,
                              const struct customer_row *customer,
                              const struct billing_entity_row *entity, struct locale **locale)
{
    if (str_is_null(language))
        language = document_language(customer, entity);
    if (locale_open(language, locale) == ERR_NONE)
        return ERR_NONE;
    fault_field(fault, STR("language"), "value_is_invalid", language,
                "a language tag (BCP 47) such as en, de-CH or ar");
    return fault_check(fault);
}
