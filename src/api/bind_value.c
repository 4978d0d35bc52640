#include "api/bind_private.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"
#include "base/zone.h"
#include "core/country.h"
#include "core/currency.h"

#include <string.h>

#define CODE_MAX     255
#define EMAIL_MAX    254
#define ZONE_MAX     64
#define DAY_TEXT_LEN 10 /* "2024-01-31" */
#define YEAR_2201_US ((int64_t)7289654400 * TIME_SECOND)

static void store(const struct bind_field *field, void *target, const void *value, size_t size)
{
    memcpy((char *)target + field->at, value, size);
}

#define STORE(field, target, value) store((field), (target), &(value), sizeof(value))

/* UTF-8 characters: bytes that continue none. */
static size_t character_count(struct str text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
    return count;
}

static bool is_word_of(const struct bind_word *words, struct str text, int *value)
{
    for (const struct bind_word *w = words; w->word != NULL; w++) {
        if (str_eq(str_of(w->word), text)) {
            *value = w->value;
            return true;
        }
    }
    return false;
}

const char *bind_word_of(const struct bind_word *words, int value)
{
    for (const struct bind_word *w = words; w->word != NULL; w++) {
        if (w->value == value)
            return w->word;
    }
    return "";
}

/* ---- nothing ---- */

void bind_none(const struct bind_field *field, void *target)
{
    struct str text = STR_NULL;
    int64_t number = (field->flags & BIND_PRESET) != 0 ? field->preset : INT_NONE;
    int64_t instant = TIME_NONE;
    int32_t day = DAY_NONE;
    bool truth = field->preset != 0;
    int word = (int)field->preset;
    uint64_t words = 0;
    size_t count = 0;
    void *items = NULL;
    switch (field->kind) {
    case BIND_KIND_TEXT:
    case BIND_KIND_CODE:
    case BIND_KIND_EMAIL:
    case BIND_KIND_CURRENCY:
    case BIND_KIND_COUNTRY:
    case BIND_KIND_ZONE:
    case BIND_KIND_RAW:
        STORE(field, target, text);
        break;
    case BIND_KIND_UUID:
        STORE(field, target, UUID_NIL);
        break;
    case BIND_KIND_DECIMAL:
        STORE(field, target, DECIMAL_NONE);
        break;
    case BIND_KIND_INT:
        STORE(field, target, number);
        break;
    case BIND_KIND_BOOL:
        STORE(field, target, truth);
        break;
    case BIND_KIND_INSTANT:
    case BIND_KIND_EVENT_TIME:
        STORE(field, target, instant);
        break;
    case BIND_KIND_DAY:
        STORE(field, target, day);
        break;
    case BIND_KIND_WORD:
        STORE(field, target, word);
        break;
    case BIND_KIND_WORDS:
        STORE(field, target, words);
        break;
    case BIND_KIND_TEXTS:
    case BIND_KIND_OBJECTS:
        STORE(field, target, items);
        memcpy((char *)target + field->count_at, &count, sizeof count);
        break;
    case BIND_KIND_OBJECT:
        bind_none_all(field->table, (char *)target + field->at);
        break;
    case BIND_KIND_UNSUPPORTED:
        break;
    }
}

void bind_none_all(const struct bind_table *table, void *target)
{
    uint64_t none = 0;
    if (table->sent_at != 0)
        memcpy((char *)target + table->sent_at - 1, &none, sizeof none);
    for (const struct bind_field *field = table->fields; field->name != NULL; field++)
        bind_none(field, target);
}

void bind_mark_sent(const struct bind_table *table, const struct bind_field *field, void *target)
{
    if (table->sent_at == 0)
        return;
    char *at = (char *)target + table->sent_at - 1;
    uint64_t sent;
    memcpy(&sent, at, sizeof sent);
    sent |= field->sent;
    memcpy(at, &sent, sizeof sent);
}

/* ---- texts ---- */

bool bind_text(struct bind *bind, const struct bind_path *path, const struct bind_field *field,
               const struct bind_value *value, struct str *text)
{
    bool is_text = value->token == JSON_STRING || (value->is_loose && value->token == JSON_NUMBER);
    if (!is_text) {
        bind_bad_form(bind, path, field, "invalid_type", value->text);
        return false;
    }
    size_t max = field->max > 0 ? (size_t)field->max : BIND_TEXT_MAX;
    if (value->text.len > max && character_count(value->text) > max) {
        bind_bad_form(bind, path, field, "value_is_too_long", value->text);
        return false;
    }
    int ignored;
    if (field->words != NULL && !is_word_of(field->words, value->text, &ignored)) {
        bind_bad_form(bind, path, field, "value_is_invalid", value->text);
        return false;
    }
    *text = value->text;
    return true;
}

/* Codes stand in paths and are compared byte by byte: no spaces that nobody sees, nothing that a
 * terminal or a URL would change.  Lago takes any text. */
static bool is_code(struct str text, bool is_loose)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        bool is_mark = c != 0 && strchr("-_.:/@+#", c) != NULL;
        if (!is_plain && !is_mark && (!is_loose || c < 0x20 || c == 0x7F))
            return false;
    }
    return text.len > 0;
}

static bool is_one_email(struct str text)
{
    ptrdiff_t at = str_find(text, '@');
    if (at <= 0 || (size_t)at + 1 >= text.len)
        return false;
    struct str domain = str_slice(text, (size_t)at + 1, text.len);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c <= 0x20 || c == 0x7F || strchr(",;<>()[]\\\"", c) != NULL)
            return false;
    }
    return str_find(domain, '@') < 0 && domain.ptr[0] != '.' && domain.ptr[0] != '-' &&
           domain.ptr[domain.len - 1] != '.';
}

/* Lago takes several, with commas between. */
static bool is_email(struct str text, bool is_loose)
{
    struct str rest = text;
    struct str part;
    if (!is_loose)
        return is_one_email(text);
    while (str_split(&rest, ',', &part)) {
        if (!is_one_email(str_trim(part)))
            return false;
    }
    return true;
}

static bool is_zone(struct str text)
{
    const struct zone *zone;
    return text.len > 0 && text.len <= ZONE_MAX && zone_find(text, &zone) == ERR_NONE;
}

/* The kinds that are text of a certain form. */
static bool bind_formed_text(struct bind *bind, const struct bind_path *path,
                             const struct bind_field *field, const struct bind_value *value,
                             struct str *text)
{
    const char *code = "value_is_invalid";
    size_t max = 0;
    bool is_good = true;
    bool is_text = value->token == JSON_STRING || (value->is_loose && value->token == JSON_NUMBER);
    if (!is_text) {
        bind_bad_form(bind, path, field, "invalid_type", value->text);
        return false;
    }
    if (field->kind == BIND_KIND_CODE) {
        max = CODE_MAX;
        is_good = is_code(value->text, value->is_loose);
    } else if (field->kind == BIND_KIND_EMAIL) {
        max = value->is_loose ? BIND_TEXT_MAX : EMAIL_MAX;
        is_good = is_email(value->text, value->is_loose);
        code = "invalid_email_format";
    } else if (field->kind == BIND_KIND_CURRENCY) {
        is_good = currency_find(value->text) != NULL;
    } else if (field->kind == BIND_KIND_COUNTRY) {
        is_good = country_is_known(value->text);
    } else {
        ASSERT(field->kind == BIND_KIND_ZONE);
        is_good = is_zone(value->text);
    }
    if (max > 0 && character_count(value->text) > max) {
        code = "value_is_too_long";
        is_good = false;
    }
    if (!is_good) {
        bind_bad_form(bind, path, field, code, value->text);
        return false;
    }
    *text = value->text;
    return true;
}

/* ---- numbers ---- */

/* NULL when good, else the code of what is wrong. */
static const char *read_decimal(const struct bind_field *field, const struct bind_value *value,
                                struct decimal *number)
{
    if (value->token != JSON_STRING && value->token != JSON_NUMBER)
        return "invalid_type";
    enum err err = decimal_parse(value->text, number);
    if (err != ERR_NONE)
        return err == ERR_MALFORMED ? "value_is_invalid" : "value_is_out_of_range";
    int sign = decimal_sign(*number);
    if (((field->flags & BIND_NOT_NEGATIVE) != 0 && sign < 0) ||
        ((field->flags & BIND_POSITIVE) != 0 && sign <= 0))
        return "value_is_out_of_range";
    bool is_limited = field->digits > 0 || field->decimals > 0;
    if (is_limited && decimal_decimals(*number) > field->decimals)
        return "value_is_out_of_range";
    if (field->digits > 0) {
        char limit_text[DECIMAL_TEXT_MAX];
        struct buf limit;
        buf_fixed(&limit, limit_text, sizeof limit_text);
        buf_char(&limit, '1');
        for (int i = 0; i < field->digits; i++)
            buf_char(&limit, '0');
        struct decimal above;
        if (decimal_parse(buf_str(&limit), &above) == ERR_NONE &&
            decimal_cmp(decimal_abs(*number), above) >= 0)
            return "value_is_out_of_range";
    }
    return NULL;
}

static const char *read_int(const struct bind_field *field, const struct bind_value *value,
                            int64_t *number)
{
    struct decimal exact;
    bool is_number =
        value->token == JSON_NUMBER || (value->is_loose && value->token == JSON_STRING);
    if (!is_number)
        return "invalid_type";
    enum err err = decimal_parse(value->text, &exact);
    if (err == ERR_MALFORMED)
        return "value_is_invalid";
    if (err == ERR_NONE)
        err = decimal_to_int64(exact, number);
    if (err == ERR_INEXACT)
        return "value_is_invalid";
    if (err != ERR_NONE || *number == INT_NONE)
        return "value_is_out_of_range";
    bool is_limited = field->min != 0 || field->max != 0;
    if (is_limited && (*number < field->min || *number > field->max))
        return "value_is_out_of_range";
    return NULL;
}

/* ---- times ---- */

/* Nothing is billed before 1970 or after 2200: what lies there is a mistake. */
static bool is_billable(int64_t at_us)
{
    return at_us >= 0 && at_us < YEAR_2201_US;
}

/* "2024-01-31", "2024-01-31T10:00:00" and with a space: UTC, for the lenient face. */
static bool read_loose_time(struct arena *arena, struct str text, int64_t *at_us)
{
    int32_t day;
    if (text.len == DAY_TEXT_LEN && day_parse(text, &day) == ERR_NONE) {
        *at_us = instant_of_day(day);
        return true;
    }
    if (text.len <= DAY_TEXT_LEN ||
        (text.ptr[DAY_TEXT_LEN] != 'T' && text.ptr[DAY_TEXT_LEN] != ' '))
        return false;
    struct str date = str_slice(text, 0, DAY_TEXT_LEN);
    struct str time = str_slice(text, DAY_TEXT_LEN + 1, text.len);
    struct str with_t = arena_fmt(arena, "%.*sT%.*s", STR_ARG(date), STR_ARG(time));
    struct str with_zone = arena_fmt(arena, "%.*sZ", STR_ARG(with_t));
    return time_parse(with_t, at_us) == ERR_NONE || time_parse(with_zone, at_us) == ERR_NONE;
}

static const char *read_instant(struct bind *bind, const struct bind_value *value, int64_t *at_us)
{
    if (value->token != JSON_STRING)
        return "invalid_type";
    if (time_parse(value->text, at_us) == ERR_NONE)
        return NULL;
    if (bind->is_lenient && read_loose_time(bind->arena, value->text, at_us))
        return NULL;
    return "value_is_invalid";
}

static const char *read_event_time(struct bind *bind, const struct bind_value *value,
                                   int64_t *at_us)
{
    struct decimal seconds;
    if (value->token != JSON_NUMBER && value->token != JSON_STRING)
        return "invalid_type";
    if (decimal_parse(value->text, &seconds) != ERR_NONE)
        return read_instant(bind, value, at_us);
    struct decimal us;
    if (decimal_round(seconds, 6, ROUND_FLOOR, &seconds) != ERR_NONE ||
        decimal_scale(seconds, 6, &us) != ERR_NONE || decimal_to_int64(us, at_us) != ERR_NONE)
        return "value_is_out_of_range";
    return NULL;
}

/* ---- the rest ---- */

static const char *read_bool(const struct bind_value *value, bool *truth)
{
    bool is_true = value->token == JSON_TRUE;
    bool is_false = value->token == JSON_FALSE;
    if (value->is_loose && value->token == JSON_STRING) {
        is_true = str_eq(value->text, STR("true"));
        is_false = str_eq(value->text, STR("false"));
    }
    *truth = is_true;
    return is_true || is_false ? NULL : "invalid_type";
}

static const char *read_word(const struct bind_field *field, const struct bind_value *value,
                             int *word)
{
    if (value->token != JSON_STRING)
        return "invalid_type";
    return is_word_of(field->words, value->text, word) ? NULL : "value_is_invalid";
}

/* The kinds whose value is no text. */
static const char *read_value(struct bind *bind, const struct bind_field *field,
                              const struct bind_value *value, void *target)
{
    const char *code = NULL;
    if (field->kind == BIND_KIND_UUID) {
        struct uuid id;
        if (value->token != JSON_STRING)
            return "invalid_type";
        if (!uuid_parse(value->text, &id))
            return "value_is_invalid";
        STORE(field, target, id);
    } else if (field->kind == BIND_KIND_DECIMAL) {
        struct decimal number;
        code = read_decimal(field, value, &number);
        if (code == NULL)
            STORE(field, target, number);
    } else if (field->kind == BIND_KIND_INT) {
        int64_t number;
        code = read_int(field, value, &number);
        if (code == NULL)
            STORE(field, target, number);
    } else if (field->kind == BIND_KIND_BOOL) {
        bool truth;
        code = read_bool(value, &truth);
        if (code == NULL)
            STORE(field, target, truth);
    } else if (field->kind == BIND_KIND_INSTANT || field->kind == BIND_KIND_EVENT_TIME) {
        int64_t at_us = 0;
        code = field->kind == BIND_KIND_INSTANT ? read_instant(bind, value, &at_us)
                                                : read_event_time(bind, value, &at_us);
        if (code == NULL && !is_billable(at_us))
            code = "value_is_out_of_range";
        if (code == NULL)
            STORE(field, target, at_us);
    } else if (field->kind == BIND_KIND_DAY) {
        int32_t day;
        if (value->token != JSON_STRING)
            return "invalid_type";
        if (day_parse(value->text, &day) != ERR_NONE)
            return "value_is_invalid";
        if (!is_billable(instant_of_day(day)))
            return "value_is_out_of_range";
        STORE(field, target, day);
    } else {
        ASSERT(field->kind == BIND_KIND_WORD || field->kind == BIND_KIND_WORDS);
        int word = 0;
        code = read_word(field, value, &word);
        if (code == NULL && field->kind == BIND_KIND_WORD) {
            STORE(field, target, word);
        } else if (code == NULL) {
            ASSERT(word >= 0 && word < 64);
            uint64_t mask;
            memcpy(&mask, (char *)target + field->at, sizeof mask);
            mask |= (uint64_t)1 << word;
            STORE(field, target, mask);
        }
    }
    return code;
}

bool bind_scalar(struct bind *bind, const struct bind_path *path, const struct bind_field *field,
                 const struct bind_value *value, void *target)
{
    if (value->token == JSON_STRING && value->text.len == 0 &&
        (field->flags & (BIND_REQUIRED | BIND_NOT_EMPTY)) != 0) {
        bind_bad_form(bind, path, field, "value_is_mandatory", value->text);
        return false;
    }
    if (field->kind <= BIND_KIND_ZONE) {
        struct str text;
        bool is_good = field->kind == BIND_KIND_TEXT
                           ? bind_text(bind, path, field, value, &text)
                           : bind_formed_text(bind, path, field, value, &text);
        if (is_good)
            STORE(field, target, text);
        return is_good;
    }
    const char *code = read_value(bind, field, value, target);
    if (code != NULL)
        bind_bad_form(bind, path, field, code, value->text);
    return code == NULL;
}
