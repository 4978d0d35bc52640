#include "api/bind_private.h"
#include "base/assert.h"

#include <string.h>

#define IS_ARRAY_NAME(name) str_ends((name), STR("[]"))

static struct str field_name(struct str name)
{
    return IS_ARRAY_NAME(name) ? str_slice(name, 0, name.len - 2) : name;
}

/* All the values of one field, in their order. */
static void bind_list(struct bind *bind, const struct http_param *query, size_t count,
                      const struct bind_field *field, void *target)
{
    struct str *items = ARENA_ARRAY(bind->arena, count, struct str);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct bind_path path = {.name = query[i].name};
        struct bind_value value = {.token = JSON_STRING, .text = query[i].value, .is_loose = true};
        if (!str_eq(field_name(query[i].name), str_of(field->name)))
            continue;
        if (used == BIND_LIST_MAX) {
            bind_bad_form(bind, &path, field, "too_many_values", STR_NULL);
            break;
        }
        if (bind_text(bind, &path, field, &value, &items[used]))
            used++;
    }
    void *list = items;
    memcpy((char *)target + field->at, &list, sizeof list);
    memcpy((char *)target + field->count_at, &used, sizeof used);
}

void bind_query(struct bind *bind, const struct http_param *query, size_t count,
                const struct bind_table *table, void *target)
{
    uint64_t seen = 0;
    bind_none_all(table, target);
    for (size_t i = 0; i < count; i++) {
        struct bind_path path = {.name = query[i].name};
        size_t number = 0;
        const struct bind_field *field = bind_find(table, field_name(query[i].name), &number);
        bool takes_many =
            field != NULL && (field->kind == BIND_KIND_WORDS || field->kind == BIND_KIND_TEXTS);
        if (field == NULL || (IS_ARRAY_NAME(query[i].name) && !takes_many)) {
            bind_unknown(bind, &path);
            continue;
        }
        bool is_again = (seen & (uint64_t)1 << number) != 0;
        seen |= (uint64_t)1 << number;
        bind_mark_sent(table, field, target);
        if (is_again && !takes_many) {
            bind_bad(bind, &path, "duplicate_field", query[i].value, STR("each parameter once"));
            continue;
        }
        if (field->kind == BIND_KIND_TEXTS) {
            if (!is_again)
                bind_list(bind, query, count, field, target);
            continue;
        }
        if (field->kind == BIND_KIND_UNSUPPORTED) {
            if (query[i].value.len > 0)
                bind_bad_form(bind, &path, field, "not_supported", query[i].value);
            continue;
        }
        /* "?status=" is a filter left open, as forms send it. */
        if (query[i].value.len == 0 && (field->flags & BIND_REQUIRED) == 0)
            continue;
        ASSERT(field->kind < BIND_KIND_TEXTS);
        struct bind_value value = {.token = JSON_STRING, .text = query[i].value, .is_loose = true};
        (void)bind_scalar(bind, &path, field, &value, target);
    }
    for (size_t i = 0; table->fields[i].name != NULL; i++) {
        const struct bind_field *field = &table->fields[i];
        struct bind_path path = {.name = str_of(field->name)};
        if ((field->flags & BIND_REQUIRED) != 0 && (seen & (uint64_t)1 << i) == 0)
            bind_bad_form(bind, &path, field, "value_is_mandatory", STR_NULL);
    }
}
