/* What a field takes, in words for the person who sent something else. */
#include "api/bind_private.h"
#include "base/assert.h"

#include <inttypes.h>

static void words_form(struct buf *out, const struct bind_word *words)
{
    buf_add(out, STR("one of: "));
    for (const struct bind_word *w = words; w->word != NULL; w++)
        buf_fmt(out, "%s%s", w == words ? "" : ", ", w->word);
}

static void decimal_form(struct buf *out, const struct bind_field *field)
{
    buf_add(out, STR("a decimal number"));
    if ((field->flags & BIND_POSITIVE) != 0)
        buf_add(out, STR(" above 0"));
    else if ((field->flags & BIND_NOT_NEGATIVE) != 0)
        buf_add(out, STR(" of 0 or more"));
    if (field->digits > 0 || field->decimals > 0) {
        buf_fmt(out, " with at most");
        if (field->digits > 0)
            buf_fmt(out, " %d digits before and", field->digits);
        buf_fmt(out, " %d after the point", field->decimals);
    }
}

static void int_form(struct buf *out, const struct bind_field *field)
{
    buf_add(out, STR("an integer"));
    if (field->min == 0 && field->max == 0)
        return;
    if (field->max == INT64_MAX)
        buf_fmt(out, " of %" PRId64 " or more", field->min);
    else
        buf_fmt(out, " from %" PRId64 " to %" PRId64, field->min, field->max);
}

static void raw_form(struct buf *out, const struct bind_field *field)
{
    bool takes_object = (field->flags & BIND_RAW_OBJECT) != 0;
    bool takes_array = (field->flags & BIND_RAW_ARRAY) != 0;
    if (takes_object && takes_array)
        buf_add(out, STR("an object or an array"));
    else if (takes_object || takes_array)
        buf_add(out, takes_object ? STR("an object") : STR("an array"));
    else
        buf_add(out, STR("any JSON value"));
    if (field->max > 0)
        buf_fmt(out, " of at most %" PRId64 " bytes", field->max);
}

struct str bind_form(struct arena *arena, const struct bind_field *field)
{
    struct buf out;
    int64_t text_max = field->max > 0 ? field->max : BIND_TEXT_MAX;
    int64_t list_max = field->max > 0 ? field->max : BIND_LIST_MAX;
    buf_init(&out, arena, 4096);
    switch (field->kind) {
    case BIND_KIND_TEXT:
        if (field->words != NULL)
            words_form(&out, field->words);
        else
            buf_fmt(&out, "text of at most %" PRId64 " characters", text_max);
        break;
    case BIND_KIND_CODE:
        buf_add(&out, STR("a code of 1 to 255 letters, digits and - _ . : / @ + #"));
        break;
    case BIND_KIND_EMAIL:
        buf_add(&out, STR("an email address, such as name@example.com"));
        break;
    case BIND_KIND_CURRENCY:
        buf_add(&out, STR("a currency code of ISO 4217 in capitals, such as EUR"));
        break;
    case BIND_KIND_COUNTRY:
        buf_add(&out, STR("a country code of ISO 3166-1 in capitals, such as FR"));
        break;
    case BIND_KIND_ZONE:
        buf_add(&out, STR("a time zone's IANA name, such as Europe/Paris"));
        break;
    case BIND_KIND_UUID:
        buf_add(&out, STR("an id: a UUID of 36 characters"));
        break;
    case BIND_KIND_DECIMAL:
        decimal_form(&out, field);
        break;
    case BIND_KIND_INT:
        int_form(&out, field);
        break;
    case BIND_KIND_BOOL:
        buf_add(&out, STR("true or false"));
        break;
    case BIND_KIND_INSTANT:
        buf_add(
            &out,
            STR("a time by RFC 3339 with its zone, of 1970 to 2200, such as 2024-01-15T10:00:00Z"));
        break;
    case BIND_KIND_EVENT_TIME:
        buf_add(&out, STR("unix seconds, or a time by RFC 3339, of 1970 to 2200, such as "
                          "2024-01-15T10:00:00Z"));
        break;
    case BIND_KIND_DAY:
        buf_add(&out, STR("a day as YYYY-MM-DD"));
        break;
    case BIND_KIND_WORD:
    case BIND_KIND_WORDS:
        words_form(&out, field->words);
        break;
    case BIND_KIND_TEXTS:
        buf_fmt(&out, "an array of at most %d texts, ", BIND_LIST_MAX);
        if (field->words != NULL)
            words_form(&out, field->words);
        else
            buf_fmt(&out, "each of at most %" PRId64 " characters", text_max);
        break;
    case BIND_KIND_OBJECT:
        buf_add(&out, STR("an object"));
        break;
    case BIND_KIND_OBJECTS:
        buf_fmt(&out, "an array of at most %" PRId64 " objects", list_max);
        break;
    case BIND_KIND_RAW:
        raw_form(&out, field);
        break;
    case BIND_KIND_UNSUPPORTED:
        buf_add(&out, STR("nothing: this is not supported yet"));
        break;
    }
    return buf_str(&out);
}
