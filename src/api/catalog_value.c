#include "api/catalog_value.h"

#include "base/decimal.h"

#define TEXT_BYTES_MAX ((size_t)64 << 20)
#define ONE_LINE       (-1)

struct value *value_new(struct arena *arena, enum json_token kind, struct str key)
{
    struct value *value = ARENA_NEW(arena, struct value);
    *value = (struct value){.kind = kind, .key = key};
    return value;
}

struct value *value_text(struct arena *arena, struct str key, struct str text)
{
    struct value *value = value_new(arena, JSON_STRING, key);
    value->text = text;
    return value;
}

void value_add(struct value *parent, struct value *child)
{
    if (parent->last == NULL)
        parent->first = child;
    else
        parent->last->next = child;
    parent->last = child;
}

struct value *value_copy(struct arena *arena, const struct value *value, struct str key)
{
    struct value *copy = ARENA_NEW(arena, struct value);
    *copy = *value;
    copy->key = key;
    copy->next = NULL;
    return copy;
}

const struct value *value_get(const struct value *object, struct str key)
{
    const struct value *member =
        object != NULL && object->kind == JSON_OBJECT_START ? object->first : NULL;
    while (member != NULL && !str_eq(member->key, key))
        member = member->next;
    return member;
}

struct str value_str(const struct value *object, struct str key)
{
    const struct value *member = value_get(object, key);
    return member != NULL && member->kind == JSON_STRING ? member->text : STR_NULL;
}

bool value_is_nothing(const struct value *value)
{
    return value == NULL || value->kind == JSON_NULL ||
           ((value->kind == JSON_OBJECT_START || value->kind == JSON_ARRAY_START) &&
            value->first == NULL);
}

/* ---- reading --------------------------------------------------------------------------------- */

static enum err not_json(struct json_reader *reader, struct fault *fault, const char *what,
                         size_t at)
{
    int line = 0;
    int column = 0;
    if (reader->error == NULL) {
        reader->error = what;
        reader->error_at = at;
    }
    json_error_place(reader, &line, &column);
    bool comment =
        reader->error_at < reader->input.len &&
        (reader->input.ptr[reader->error_at] == '/' || reader->input.ptr[reader->error_at] == '#');
    return fault_set(fault, ERR_MALFORMED, "line %d, column %d: %s", line, column,
                     comment ? "JSON has no comments" : reader->error);
}

/* The depth is bounded by the reader. */
static enum err read_value(struct json_reader *reader, struct fault *fault, enum json_token token,
                           struct str key, struct value **value)
{
    struct value *made = value_new(reader->arena, token, key);
    bool in_object = token == JSON_OBJECT_START;
    if (token == JSON_ERROR)
        return not_json(reader, fault, "a value was expected", reader->at);
    if (token == JSON_STRING || token == JSON_NUMBER)
        made->text = reader->text;
    *value = made;
    if (!in_object && token != JSON_ARRAY_START)
        return ERR_NONE;
    for (;;) {
        struct str name = STR_NULL;
        struct value *child = NULL;
        token = json_next(reader);
        if (token == (in_object ? JSON_OBJECT_END : JSON_ARRAY_END))
            return ERR_NONE;
        if (in_object && token == JSON_KEY) {
            name = reader->text;
            if (value_get(made, name) != NULL)
                return not_json(reader, fault, "this name is there twice", reader->token_start);
            token = json_next(reader);
        }
        TRY(read_value(reader, fault, token, name, &child));
        value_add(made, child);
    }
}

enum err value_read(struct arena *arena, struct fault *fault, struct str text, struct value **value)
{
    struct json_reader reader;
    json_reader_init(&reader, arena, text);
    TRY(read_value(&reader, fault, json_next(&reader), STR_NULL, value));
    if (json_next(&reader) != JSON_END)
        return not_json(&reader, fault, "something follows the value", reader.token_start);
    return ERR_NONE;
}

/* ---- comparing ------------------------------------------------------------------------------- */

static bool same_text(const struct value *a, const struct value *b)
{
    struct decimal x;
    struct decimal y;
    if (a->kind == b->kind && str_eq(a->text, b->text))
        return true;
    return decimal_parse(a->text, &x) == ERR_NONE && decimal_parse(b->text, &y) == ERR_NONE &&
           decimal_cmp(x, y) == 0;
}

static bool is_text(const struct value *value)
{
    return value->kind == JSON_STRING || value->kind == JSON_NUMBER;
}

static bool same_members(const struct value *a, const struct value *b)
{
    for (const struct value *member = a->first; member != NULL; member = member->next) {
        if (!value_same(member, value_get(b, member->key)))
            return false;
    }
    for (const struct value *member = b->first; member != NULL; member = member->next) {
        if (value_get(a, member->key) == NULL && !value_is_nothing(member))
            return false;
    }
    return true;
}

bool value_same(const struct value *a, const struct value *b)
{
    if (value_is_nothing(a) || value_is_nothing(b))
        return value_is_nothing(a) && value_is_nothing(b);
    if (is_text(a) && is_text(b))
        return same_text(a, b);
    if (a->kind != b->kind)
        return false;
    if (a->kind == JSON_OBJECT_START)
        return same_members(a, b);
    if (a->kind != JSON_ARRAY_START)
        return true;
    const struct value *y = b->first;
    for (const struct value *x = a->first; x != NULL; x = x->next) {
        if (y == NULL || !value_same(x, y))
            return false;
        y = y->next;
    }
    return y == NULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void break_line(struct buf *out, int indent)
{
    if (indent == ONE_LINE)
        return;
    buf_char(out, '\n');
    for (int i = 0; i < 2 * indent; i++)
        buf_char(out, ' ');
}

static void write_text(struct buf *out, struct str text)
{
    struct json_writer writer;
    json_writer_init(&writer, out);
    json_str(&writer, NULL, text);
}

static void write_all(struct buf *out, const struct value *value, int indent)
{
    bool in_object = value->kind == JSON_OBJECT_START;
    int inner = indent == ONE_LINE ? ONE_LINE : indent + 1;
    buf_char(out, in_object ? '{' : '[');
    for (const struct value *child = value->first; child != NULL; child = child->next) {
        break_line(out, inner);
        if (in_object) {
            write_text(out, child->key);
            buf_add(out, indent == ONE_LINE ? STR(":") : STR(": "));
        }
        value_write(out, child, inner);
        if (child->next != NULL)
            buf_char(out, ',');
    }
    if (value->first != NULL)
        break_line(out, indent);
    buf_char(out, in_object ? '}' : ']');
}

void value_write(struct buf *out, const struct value *value, int indent)
{
    if (value->kind == JSON_OBJECT_START || value->kind == JSON_ARRAY_START)
        write_all(out, value, indent);
    else if (value->kind == JSON_STRING)
        write_text(out, value->text);
    else if (value->kind == JSON_NUMBER)
        buf_add(out, value->text);
    else if (value->kind == JSON_NULL)
        buf_add(out, STR("null"));
    else
        buf_add(out, value->kind == JSON_TRUE ? STR("true") : STR("false"));
}

struct str value_line(struct arena *arena, const struct value *value)
{
    struct buf out;
    buf_init(&out, arena, TEXT_BYTES_MAX);
    value_write(&out, value, ONE_LINE);
    return buf_str(&out);
}
