#include "api/bind.h"

#include "api/bind_private.h"
#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_BYTES    1024
#define KEYS_COMPARED_MAX 16 /* members of a raw object; more are sorted */

void bind_init(struct bind *bind, struct arena *arena, struct fault *fault, bool is_lenient)
{
    *bind = (struct bind){.arena = arena, .fault = fault, .is_lenient = is_lenient};
}

/* ---- what is wrong ---- */

static void path_write(struct buf *out, const struct bind_path *path)
{
    if (path->parent != NULL) {
        path_write(out, path->parent);
        if (out->len > 0)
            buf_char(out, '.');
    }
    if (str_is_null(path->name))
        buf_int(out, (int64_t)path->index);
    else
        buf_add(out, path->name);
}

struct str bind_path_text(struct arena *arena, const struct bind_path *path)
{
    struct buf out;
    buf_init(&out, arena, PATH_MAX_BYTES);
    path_write(&out, path);
    return buf_str(&out);
}

void bind_bad(struct bind *bind, const struct bind_path *path, const char *code, struct str value,
              struct str expected)
{
    fault_field(bind->fault, bind_path_text(bind->arena, path), code, value, "%.*s",
                STR_ARG(expected));
}

void bind_bad_form(struct bind *bind, const struct bind_path *path, const struct bind_field *field,
                   const char *code, struct str value)
{
    bind_bad(bind, path, code, value, bind_form(bind->arena, field));
}

void bind_unknown(struct bind *bind, const struct bind_path *path)
{
    if (!bind->is_lenient) {
        bind_bad(bind, path, "unknown_field", STR_NULL, STR("a field that this resource has"));
        return;
    }
    if (bind->ignored_count < BIND_IGNORED_MAX)
        bind->ignored[bind->ignored_count++] = bind_path_text(bind->arena, path);
}

enum err bind_check(struct bind *bind)
{
    struct fault *fault = bind->fault;
    bool is_unsupported_only = fault->field_count > 0 && fault->field_dropped == 0;
    for (size_t i = 0; i < fault->field_count; i++)
        is_unsupported_only =
            is_unsupported_only && str_eq(fault->fields[i].code, STR("not_supported"));
    if (fault->err == ERR_NONE && is_unsupported_only)
        return fault_set(fault, ERR_NOT_SUPPORTED, "%.*s is not supported yet",
                         STR_ARG(fault->fields[0].field));
    return fault_check(fault);
}

const struct bind_field *bind_find(const struct bind_table *table, struct str name, size_t *number)
{
    for (size_t i = 0; table->fields[i].name != NULL; i++) {
        ASSERT(i < BIND_FIELDS_MAX);
        if (str_eq(str_of(table->fields[i].name), name)) {
            *number = i;
            return &table->fields[i];
        }
    }
    return NULL;
}

/* ---- JSON ---- */

static bool is_zero(struct str number)
{
    for (size_t i = 0; i < number.len; i++) {
        char c = number.ptr[i];
        if (c == 'e' || c == 'E')
            break;
        if (c >= '1' && c <= '9')
            return false;
    }
    return true;
}

/* Whether a value asks for something: see BIND_UNSUPPORTED. */
static bool matters(struct bind *bind, struct str raw, const char *neutral)
{
    struct json_reader reader;
    json_reader_init(&reader, bind->arena, raw);
    enum json_token token = json_next(&reader);
    if (token == JSON_NULL)
        return false;
    if (token == JSON_ARRAY_START)
        return json_next(&reader) != JSON_ARRAY_END;
    if (token == JSON_OBJECT_START) {
        while (json_next(&reader) == JSON_KEY) {
            struct str member;
            if (!json_skip(&reader, &member) || matters(bind, member, NULL))
                return true;
        }
        return false;
    }
    if (token == JSON_STRING && reader.text.len == 0)
        return false;
    /* Where the neutral value is, say, true, then false does ask for something. */
    if (neutral != NULL)
        return !str_eq(token == JSON_STRING ? reader.text : raw, str_of(neutral));
    if (token == JSON_NUMBER)
        return !is_zero(reader.text);
    return token != JSON_FALSE;
}

static bool read_object(struct bind *bind, struct json_reader *reader, const struct bind_path *path,
                        const struct bind_table *table, void *target);

/* Passes over the newest token's value, which is bad. */
static bool refuse_value(struct bind *bind, struct json_reader *reader,
                         const struct bind_path *path, const struct bind_field *field,
                         const char *code)
{
    struct str raw;
    if (!json_skip(reader, &raw))
        return false;
    bind_bad_form(bind, path, field, code, raw);
    return true;
}

static int compare_keys(const void *left, const void *right)
{
    return str_cmp(*(const struct str *)left, *(const struct str *)right);
}

/* A key that stands twice, or STR_NULL.  Few are compared one by one, many are sorted. */
static struct str repeated_key(struct str *keys, size_t count)
{
    bool is_sorted = count > KEYS_COMPARED_MAX;
    if (is_sorted)
        qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count; i++) {
        for (size_t k = is_sorted ? i - 1 : 0; k < i; k++) {
            if (str_eq(keys[k], keys[i]))
                return keys[i];
        }
    }
    return STR_NULL;
}

/* A raw object's members, so that no key stands twice and says two things. */
static bool check_raw_object(struct bind *bind, const struct bind_path *path, struct str raw)
{
    struct json_reader reader;
    struct str *keys = NULL;
    size_t count = 0;
    size_t capacity = 0;
    json_reader_init(&reader, bind->arena, raw);
    if (json_next(&reader) != JSON_OBJECT_START)
        return true;
    while (json_next(&reader) == JSON_KEY) {
        struct str ignored;
        keys = arena_grow(bind->arena, keys, count, &capacity, sizeof *keys);
        keys[count++] = reader.text;
        if (!json_skip(&reader, &ignored))
            return false;
    }
    struct bind_path member = {.parent = path, .name = repeated_key(keys, count)};
    if (str_is_null(member.name))
        return true;
    bind_bad(bind, &member, "duplicate_field", STR_NULL, STR("each field once"));
    return false;
}

static bool read_raw(struct bind *bind, struct json_reader *reader, enum json_token token,
                     const struct bind_path *path, const struct bind_field *field, void *target)
{
    bool is_object = token == JSON_OBJECT_START;
    bool is_array = token == JSON_ARRAY_START;
    bool is_any = (field->flags & (BIND_RAW_OBJECT | BIND_RAW_ARRAY)) == 0;
    bool is_good = is_any || (is_object && (field->flags & BIND_RAW_OBJECT) != 0) ||
                   (is_array && (field->flags & BIND_RAW_ARRAY) != 0);
    struct str raw;
    if (!json_skip(reader, &raw))
        return false;
    if (!is_good)
        bind_bad_form(bind, path, field, "invalid_type", raw);
    else if (field->max > 0 && raw.len > (size_t)field->max)
        bind_bad_form(bind, path, field, "value_is_too_long", raw);
    else if (!is_object || check_raw_object(bind, path, raw))
        memcpy((char *)target + field->at, &raw, sizeof raw);
    return true;
}

/* A scalar as it came in JSON. */
static struct bind_value value_of(const struct bind *bind, const struct json_reader *reader,
                                  enum json_token token)
{
    struct bind_value value = {.token = token, .is_loose = bind->is_lenient};
    if (token == JSON_TRUE || token == JSON_FALSE)
        value.text = token == JSON_TRUE ? STR("true") : STR("false");
    else
        value.text = reader->text;
    return value;
}

static void set_list(const struct bind_field *field, void *target, void *items, size_t count)
{
    memcpy((char *)target + field->at, &items, sizeof items);
    memcpy((char *)target + field->count_at, &count, sizeof count);
}

static bool read_texts(struct bind *bind, struct json_reader *reader, const struct bind_path *path,
                       const struct bind_field *field, void *target)
{
    struct str *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    enum json_token token;
    for (size_t i = 0; (token = json_next(reader)) != JSON_ARRAY_END; i++) {
        struct bind_path element = {.parent = path, .index = i};
        struct str raw;
        if (token == JSON_ERROR)
            return false;
        if (token == JSON_OBJECT_START || token == JSON_ARRAY_START || token == JSON_NULL) {
            if (!json_skip(reader, &raw))
                return false;
            bind_bad(bind, &element, "invalid_type", raw, STR("text"));
            continue;
        }
        if (i == BIND_LIST_MAX)
            bind_bad_form(bind, path, field, "too_many_values", STR_NULL);
        if (i >= BIND_LIST_MAX)
            continue;
        struct bind_value value = value_of(bind, reader, token);
        items = arena_grow(bind->arena, items, count, &capacity, sizeof *items);
        if (bind_text(bind, &element, field, &value, &items[count]))
            count++;
    }
    set_list(field, target, items, count);
    return true;
}

static bool read_objects(struct bind *bind, struct json_reader *reader,
                         const struct bind_path *path, const struct bind_field *field, void *target)
{
    size_t max = field->max > 0 ? (size_t)field->max : BIND_LIST_MAX;
    char *items = NULL;
    size_t count = 0;
    size_t capacity = 0;
    enum json_token token;
    for (size_t i = 0; (token = json_next(reader)) != JSON_ARRAY_END; i++) {
        struct bind_path element = {.parent = path, .index = i};
        struct str raw;
        if (token == JSON_ERROR)
            return false;
        if (i == max)
            bind_bad_form(bind, path, field, "too_many_values", STR_NULL);
        if (token != JSON_OBJECT_START || i >= max) {
            if (!json_skip(reader, &raw))
                return false;
            if (i < max)
                bind_bad(bind, &element, "invalid_type", raw, STR("an object"));
            continue;
        }
        items = arena_grow(bind->arena, items, count, &capacity, field->size);
        void *item = items + count * field->size;
        memset(item, 0, field->size);
        bind_none_all(field->table, item);
        if (!read_object(bind, reader, &element, field->table, item))
            return false;
        count++;
    }
    set_list(field, target, items, count);
    return true;
}

/* The value after a key; false when the JSON itself is broken. */
static bool read_field(struct bind *bind, struct json_reader *reader, const struct bind_path *path,
                       const struct bind_field *field, void *target)
{
    enum json_token token = json_next(reader);
    if (token == JSON_ERROR)
        return false;
    if (field->kind == BIND_KIND_UNSUPPORTED) {
        struct str raw;
        if (!json_skip(reader, &raw))
            return false;
        if (matters(bind, raw, field->neutral))
            bind_bad_form(bind, path, field, "not_supported", raw);
        return true;
    }
    if (token == JSON_NULL) {
        if ((field->flags & (BIND_REQUIRED | BIND_NOT_EMPTY)) != 0)
            bind_bad_form(bind, path, field, "value_is_mandatory", STR_NULL);
        return true; /* it is none already */
    }
    if (field->kind == BIND_KIND_RAW)
        return read_raw(bind, reader, token, path, field, target);
    if (field->kind == BIND_KIND_OBJECT) {
        if (token != JSON_OBJECT_START)
            return refuse_value(bind, reader, path, field, "invalid_type");
        return read_object(bind, reader, path, field->table, (char *)target + field->at);
    }
    if (field->kind == BIND_KIND_TEXTS || field->kind == BIND_KIND_OBJECTS) {
        if (token != JSON_ARRAY_START)
            return refuse_value(bind, reader, path, field, "invalid_type");
        return field->kind == BIND_KIND_TEXTS ? read_texts(bind, reader, path, field, target)
                                              : read_objects(bind, reader, path, field, target);
    }
    if (token == JSON_OBJECT_START || token == JSON_ARRAY_START)
        return refuse_value(bind, reader, path, field, "invalid_type");
    struct bind_value value = value_of(bind, reader, token);
    (void)bind_scalar(bind, path, field, &value, target);
    return true;
}

/* The members of an object whose start was read, into a target that holds nothing yet. */
static bool read_object(struct bind *bind, struct json_reader *reader, const struct bind_path *path,
                        const struct bind_table *table, void *target)
{
    uint64_t seen = 0;
    enum json_token token;
    while ((token = json_next(reader)) == JSON_KEY) {
        struct bind_path member = {.parent = path, .name = reader->text};
        struct str ignored;
        size_t number = 0;
        const struct bind_field *field = bind_find(table, reader->text, &number);
        if (field == NULL || (seen & (uint64_t)1 << number) != 0) {
            if (field == NULL)
                bind_unknown(bind, &member);
            else
                bind_bad(bind, &member, "duplicate_field", STR_NULL, STR("each field once"));
            if (!json_skip(reader, &ignored))
                return false;
            continue;
        }
        seen |= (uint64_t)1 << number;
        bind_mark_sent(table, field, target);
        if (!read_field(bind, reader, &member, field, target))
            return false;
    }
    if (token != JSON_OBJECT_END)
        return false;
    for (size_t i = 0; table->fields[i].name != NULL; i++) {
        const struct bind_field *field = &table->fields[i];
        if ((field->flags & BIND_REQUIRED) == 0 || (seen & (uint64_t)1 << i) != 0)
            continue;
        struct bind_path member = {.parent = path, .name = str_of(field->name)};
        bind_bad_form(bind, &member, field, "value_is_mandatory", STR_NULL);
    }
    return true;
}

static enum err broken(struct bind *bind, struct json_reader *reader)
{
    int line = 0;
    int column = 0;
    json_error_place(reader, &line, &column);
    return fault_set(bind->fault, ERR_MALFORMED, "the body is not JSON: %s in line %d, column %d",
                     reader->error != NULL ? reader->error : "unexpected end", line, column);
}

/* {"customer": {...}}: finds the one member; what else there is follows the rule for unknown
 * fields. */
static bool read_wrapped(struct bind *bind, struct json_reader *reader,
                         const struct bind_table *table, void *target, bool *is_found)
{
    struct bind_path root = {.name = STR("")};
    enum json_token token;
    while ((token = json_next(reader)) == JSON_KEY) {
        struct bind_path member = {.name = reader->text};
        struct str ignored;
        bool is_ours = str_eq(reader->text, str_of(table->name));
        if (is_ours && !*is_found) {
            token = json_next(reader);
            if (token != JSON_OBJECT_START)
                return token != JSON_ERROR && json_skip(reader, &ignored);
            *is_found = true;
            if (!read_object(bind, reader, &root, table, target))
                return false;
            continue;
        }
        if (is_ours)
            bind_bad(bind, &member, "duplicate_field", STR_NULL, STR("each field once"));
        else
            bind_unknown(bind, &member);
        if (!json_skip(reader, &ignored))
            return false;
    }
    return token == JSON_OBJECT_END;
}

enum err bind_body(struct bind *bind, struct str body, const struct bind_table *table, void *target)
{
    struct bind_path root = {.name = STR("")};
    struct json_reader reader;
    bool is_found = table->name == NULL;
    bind_none_all(table, target);
    json_reader_init(&reader, bind->arena, body);
    enum json_token token = json_next(&reader);
    if (token != JSON_OBJECT_START && token != JSON_ERROR)
        return fault_set(bind->fault, ERR_MALFORMED, "the body must be a JSON object");
    if (token == JSON_ERROR)
        return broken(bind, &reader);
    bool is_whole = table->name == NULL ? read_object(bind, &reader, &root, table, target)
                                        : read_wrapped(bind, &reader, table, target, &is_found);
    if (is_whole && !is_found)
        return fault_set(bind->fault, ERR_MALFORMED,
                         "the body must hold the object \"%s\": {\"%s\": {...}}", table->name,
                         table->name);
    if (!is_whole || json_next(&reader) != JSON_END)
        return broken(bind, &reader);
    return bind_check(bind);
}

void bind_object(struct bind *bind, struct str raw, struct str path, const struct bind_table *table,
                 void *target)
{
    struct bind_path root = {.name = path};
    struct json_reader reader;
    bind_none_all(table, target);
    json_reader_init(&reader, bind->arena, raw);
    if (json_next(&reader) != JSON_OBJECT_START) {
        bind_bad(bind, &root, "invalid_type", raw, STR("an object"));
        return;
    }
    /* Raw text has been read once already, so it is whole. */
    if (!read_object(bind, &reader, &root, table, target))
        bind_bad(bind, &root, "value_is_invalid", raw, STR("JSON"));
}
