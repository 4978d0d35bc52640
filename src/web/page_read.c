/* Reading: addresses and forms. */
#include "web/page_private.h"

#include "app/user.h"
#include "base/assert.h"
#include "base/none.h"
#include "base/time.h"

#include <string.h>

struct str page_words(const struct page *page, const char *english)
{
    return locale_words(page->locale, str_of(english));
}

struct str page_words_with(const struct page *page, const char *english, const struct str *values,
                           size_t count)
{
    return locale_words_with(page->locale, page->arena, str_of(english), values, count);
}

/* ---- the address ----------------------------------------------------------------------------- */

struct str page_path(const struct page *page, size_t index)
{
    ASSERT(index < page->http->param_count);
    return page->http->params[index];
}

enum err page_path_id(struct page *page, size_t index, struct uuid *id)
{
    return uuid_parse(page_path(page, index), id) ? ERR_NONE : page_not_found(page);
}

static struct str first_of(const struct http_param *params, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(params[i].name, str_of(name)))
            return params[i].value;
    }
    return STR_NULL;
}

struct str page_query(const struct page *page, const char *name, size_t chars_max)
{
    struct str value = first_of(page->http->query, page->http->query_count, name);
    if (str_is_null(value))
        return STR_NULL;
    value = str_trim(value);
    return value.len == 0 || str_characters(value) > chars_max ? STR_NULL : value;
}

int64_t page_query_int(const struct page *page, const char *name, int64_t min, int64_t max,
                       int64_t preset)
{
    int64_t value = 0;
    struct str text = page_query(page, name, 20);
    if (str_is_null(text) || !str_to_int64(text, &value) || value < min || value > max)
        return preset;
    return value;
}

static int index_of(struct str value, const char *const *choices)
{
    for (int i = 0; choices[i] != NULL; i++) {
        if (str_eq(value, str_of(choices[i])))
            return i;
    }
    return -1;
}

int page_query_choice(const struct page *page, const char *name, const char *const *choices)
{
    return index_of(page_query(page, name, 100), choices);
}

struct uuid page_query_id(const struct page *page, const char *name)
{
    struct uuid id = UUID_NIL;
    struct str text = page_query(page, name, 36);
    return !str_is_null(text) && uuid_parse(text, &id) ? id : UUID_NIL;
}

int32_t page_query_day(const struct page *page, const char *name)
{
    int32_t day = DAY_NONE;
    struct str text = page_query(page, name, 10);
    return !str_is_null(text) && day_parse(text, &day) == ERR_NONE ? day : DAY_NONE;
}

/* ---- this page's address otherwise ----------------------------------------------------------- */

static bool is_replaced(struct str name, const struct page_param *params, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(name, str_of(params[i].name)))
            return true;
    }
    return false;
}

static void add_param(struct page_writer *writer, bool *is_first, struct str name, struct str value)
{
    if (str_is_null(value) || value.len == 0)
        return;
    buf_char(writer->buf, *is_first ? '?' : '&');
    *is_first = false;
    page_url_part(writer, name);
    buf_char(writer->buf, '=');
    page_url_part(writer, value);
}

struct str page_url_with(const struct page *page, const struct page_param *params, size_t count)
{
    struct buf url;
    struct page_writer writer = {.buf = &url};
    bool is_first = true;
    buf_init(&url, page->arena, 65536);
    buf_add(&url, page->http->path);
    for (size_t i = 0; i < page->http->query_count; i++) {
        const struct http_param *param = &page->http->query[i];
        if (!is_replaced(param->name, params, count))
            add_param(&writer, &is_first, param->name, param->value);
    }
    for (size_t i = 0; i < count; i++)
        add_param(&writer, &is_first, str_of(params[i].name), params[i].value);
    return buf_str(&url);
}

/* ---- forms ----------------------------------------------------------------------------------- */

struct str page_form_value(const struct page *page, const char *name)
{
    return first_of(page->own->form, page->own->form_count, name);
}

bool page_field_error(struct page *page, struct page_field *field, const char *english)
{
    field->error = page_words(page, english);
    return false;
}

static bool length_error(struct page *page, struct page_field *field, const char *english,
                         size_t length)
{
    struct str number = arena_fmt(page->arena, "%zu", length);
    field->error = page_words_with(page, english, &number, 1);
    return false;
}

/* Control characters, which no one types into a form. */
static bool has_control(struct str text, bool lines)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if ((c < 0x20 || c == 0x7F) && !(lines && (c == '\n' || c == '\r' || c == '\t')))
            return true;
    }
    return false;
}

bool page_field(struct page *page, struct page_field *field)
{
    struct str sent = page_form_value(page, field->name);
    bool is_secret = (field->flags & FIELD_SECRET) != 0;
    ASSERT(field->chars_max > 0);
    if (str_is_null(sent))
        sent = STR("");
    field->value = is_secret ? sent : str_trim(sent);
    field->shown = is_secret ? STR("") : sent;
    field->error = STR_NULL;
    if (field->value.len == 0)
        return (field->flags & FIELD_REQUIRED) == 0 ||
               page_field_error(page, field, "This is needed.");
    size_t count = str_characters(field->value);
    if (count > field->chars_max)
        return length_error(page, field, "At most {} characters.", field->chars_max);
    if (count < field->chars_min)
        return length_error(page, field, "At least {} characters.", field->chars_min);
    if (has_control(field->value, (field->flags & FIELD_LINES) != 0))
        return page_field_error(page, field, "There are signs in it that can't be used here.");
    if ((field->flags & FIELD_EMAIL) != 0 && !user_email_is_good(field->value))
        return page_field_error(page, field,
                                "An email address is wanted, such as name@example.com.");
    return true;
}

bool page_field_day(struct page *page, struct page_field *field, int32_t *day)
{
    int32_t parsed = DAY_NONE;
    if (!page_field(page, field))
        return false;
    if (field->value.len == 0)
        return true;
    if (day_parse(field->value, &parsed) != ERR_NONE)
        return page_field_error(page, field, "A day is wanted, such as 2026-12-31.");
    *day = parsed;
    return true;
}

bool page_fault(struct page *page, enum err err, struct page_field *const *fields, size_t count)
{
    struct fault *fault = page->ctx->fault;
    bool is_told = false;
    if (err != ERR_INVALID)
        return false;
    for (size_t f = 0; f < fault->field_count; f++) {
        for (size_t i = 0; i < count; i++) {
            if (!str_eq(fault->fields[f].field, str_of(fields[i]->name)))
                continue;
            is_told = true;
            fields[i]->error = str_eq(fault->fields[f].code, STR("value_already_exist"))
                                   ? page_words(page, "This is taken already.")
                                   : arena_str(page->arena, fault->fields[f].expected);
        }
    }
    if (is_told)
        fault_reset(fault);
    return is_told;
}

struct input page_input(const struct page *page, const struct page_field *field, struct str label)
{
    return (struct input){
        .kind = (field->flags & FIELD_LINES) != 0 ? INPUT_AREA : INPUT_TEXT,
        .name = str_of(field->name),
        .label = label,
        .value = str_is_null(field->shown) ? STR("") : field->shown,
        .error = str_is_null(field->error) ? STR("") : field->error,
        .is_required = (field->flags & FIELD_REQUIRED) != 0,
        .length_max = arena_fmt(page->arena, "%zu", field->chars_max),
    };
}
