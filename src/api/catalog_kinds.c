/* catalog_kinds.c - what the catalogue is made of, and how the API's objects become its document.
 */
#include "api/bodies.h"
#include "api/catalog.h"
#include "api/routes.h"

#include <stdlib.h>
#include <string.h>

static const char *const tax_hidden[] = {"applied_to_organization", NULL};
static const char *const none_hidden[] = {NULL};
static const char *const plan_hidden[] = {"billable_metric_id", "add_on_id", "effective_at",
                                          "applies_to", NULL};
static const char *const rule_hidden[] = {"external_customer_id", NULL};

const struct catalog_kind catalog_kinds[] = {
    {"taxes", "tax", tax_routes, &tax_body, true, tax_hidden, NULL, NULL},
    {"billing_entities", "billing_entity", billing_entity_routes, &billing_entity_body, false,
     none_hidden, "archived_at", "default"},
    {"billable_metrics", "billable_metric", billable_metric_routes, &metric_body, true, none_hidden,
     NULL, NULL},
    {"add_ons", "add_on", add_on_routes, &add_on_body, true, none_hidden, NULL, NULL},
    {"features", "feature", feature_routes, &feature_body, true, none_hidden, NULL, NULL},
    {"plans", "plan", plan_routes, &plan_body, true, plan_hidden, NULL, NULL},
    {"resale_rules", "resale_rule", resale_rule_routes, &rule_body, true, rule_hidden,
     "external_customer_id", NULL},
    {0},
};

static bool is_hidden(const struct catalog_kind *kind, const char *name)
{
    for (const char *const *hidden = kind->hidden; *hidden != NULL; hidden++) {
        if (strcmp(*hidden, name) == 0)
            return true;
    }
    return false;
}

static int by_text(const void *a, const void *b)
{
    const struct value *const *x = a;
    const struct value *const *y = b;
    return str_cmp((*x)->text, (*y)->text);
}

/* The API shows taxes as objects and takes their codes. */
static struct value *codes_of(struct arena *arena, struct str key, const struct value *taxes)
{
    struct value *codes = value_new(arena, JSON_ARRAY_START, key);
    struct value *list[256];
    size_t count = 0;
    for (const struct value *tax = taxes == NULL ? NULL : taxes->first; tax != NULL && count < 256;
         tax = tax->next)
        list[count++] = value_text(arena, STR_NULL, value_str(tax, STR("code")));
    qsort(list, count, sizeof list[0], by_text);
    for (size_t i = 0; i < count; i++)
        value_add(codes, list[i]);
    return codes;
}

/* It shows the grace period beside the rest and takes it inside. */
static struct value *configuration_of(struct arena *arena, struct str key,
                                      const struct value *answer)
{
    struct value *configuration = value_new(arena, JSON_OBJECT_START, key);
    const struct value *grace = value_get(answer, STR("invoice_grace_period"));
    if (!value_is_nothing(grace))
        value_add(configuration, value_copy(arena, grace, STR("invoice_grace_period")));
    return configuration;
}

/* It shows what a plan grants as a list and takes it as an object of values by privilege by
 * feature. */
static struct value *grants_of(struct arena *arena, struct str key, const struct value *list)
{
    struct value *grants = value_new(arena, JSON_OBJECT_START, key);
    for (const struct value *one = list == NULL ? NULL : list->first; one != NULL;
         one = one->next) {
        const struct value *privileges = value_get(one, STR("privileges"));
        struct value *values = value_new(arena, JSON_OBJECT_START, value_str(one, STR("code")));
        for (const struct value *privilege = privileges == NULL ? NULL : privileges->first;
             privilege != NULL; privilege = privilege->next)
            value_add(values, value_copy(arena, value_get(privilege, STR("value")),
                                         value_str(privilege, STR("code"))));
        value_add(grants, values);
    }
    return grants;
}

static struct value *project(struct arena *arena, const struct catalog_kind *kind,
                             const struct bind_table *table, struct str key,
                             const struct value *answer);

static struct value *field_of(struct arena *arena, const struct catalog_kind *kind,
                              const struct bind_field *field, const struct value *answer)
{
    struct str key = str_of(field->name);
    const struct value *shown = value_get(answer, key);
    if (strcmp(field->name, "tax_codes") == 0)
        return codes_of(arena, key, value_get(answer, STR("taxes")));
    if (strcmp(field->name, "entitlements") == 0)
        return grants_of(arena, key, shown);
    if (strcmp(field->name, "billing_configuration") == 0)
        return configuration_of(arena, key, answer);
    if (value_is_nothing(shown))
        return NULL;
    if (field->kind != BIND_KIND_OBJECTS || shown->kind != JSON_ARRAY_START)
        return value_copy(arena, shown, key);
    struct value *list = value_new(arena, JSON_ARRAY_START, key);
    for (const struct value *item = shown->first; item != NULL; item = item->next)
        value_add(list, project(arena, kind, field->table, STR_NULL, item));
    return list;
}

/* The fields that the API takes, in its order, with the values that it shows. */
static struct value *project(struct arena *arena, const struct catalog_kind *kind,
                             const struct bind_table *table, struct str key,
                             const struct value *answer)
{
    struct value *object = value_new(arena, JSON_OBJECT_START, key);
    for (const struct bind_field *field = table->fields; field->name != NULL; field++) {
        if (field->kind == BIND_KIND_UNSUPPORTED || is_hidden(kind, field->name))
            continue;
        struct value *value = field_of(arena, kind, field, answer);
        if (!value_is_nothing(value))
            value_add(object, value);
    }
    return object;
}

struct value *catalog_object(struct arena *arena, const struct catalog_kind *kind,
                             const struct value *answer)
{
    return project(arena, kind, kind->body, STR_NULL, answer);
}

struct str catalog_text(struct arena *arena, const struct value *document)
{
    struct buf text;
    buf_init(&text, arena, 4 * CATALOG_BYTES_MAX);
    value_write(&text, document, 0);
    buf_char(&text, '\n');
    return buf_str(&text);
}

/* ---- differences ----------------------------------------------------------------------------- */

struct differing {
    struct arena *arena;
    void (*each)(void *arg, struct str path, const struct value *before, const struct value *after);
    void *arg;
};

static struct str below(struct arena *arena, struct str path, struct str name)
{
    return path.len == 0 ? name : arena_fmt(arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(name));
}

/* An element is known by its code, else by its place. */
static struct str name_of(struct arena *arena, const struct value *element, size_t index)
{
    struct str code = value_str(element, STR("code"));
    if (!str_is_null(element->key))
        return element->key;
    return str_is_null(code) ? arena_fmt(arena, "%zu", index) : code;
}

static const struct value *find(struct arena *arena, const struct value *parent, struct str name)
{
    size_t index = 0;
    for (const struct value *child = parent->first; child != NULL; child = child->next) {
        if (str_eq(name_of(arena, child, index++), name))
            return child;
    }
    return NULL;
}

static bool is_tree(const struct value *value)
{
    return value != NULL && (value->kind == JSON_OBJECT_START || value->kind == JSON_ARRAY_START);
}

static void differ(const struct differing *d, struct str path, const struct value *before,
                   const struct value *after)
{
    size_t index = 0;
    if (!is_tree(before) || !is_tree(after) || before->kind != after->kind) {
        if (!value_same(before, after))
            d->each(d->arg, path, before, after);
        return;
    }
    for (const struct value *child = before->first; child != NULL; child = child->next) {
        struct str name = name_of(d->arena, child, index++);
        differ(d, below(d->arena, path, name), child, find(d->arena, after, name));
    }
    index = 0;
    for (const struct value *child = after->first; child != NULL; child = child->next) {
        struct str name = name_of(d->arena, child, index++);
        if (find(d->arena, before, name) == NULL)
            differ(d, below(d->arena, path, name), NULL, child);
    }
}

void catalog_fields(struct arena *arena, const struct value *before, const struct value *after,
                    void (*each)(void *arg, struct str path, const struct value *before,
                                 const struct value *after),
                    void *arg)
{
    static const struct value nothing = {.kind = JSON_OBJECT_START};
    struct differing differing = {arena, each, arg};
    differ(&differing, STR(""), before == NULL ? &nothing : before,
           after == NULL ? &nothing : after);
}
