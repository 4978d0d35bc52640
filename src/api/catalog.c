#include "api/catalog.h"

#include "api/inside.h"
#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

#define PER_PAGE "1000"

static struct str path_of(struct arena *arena, const struct catalog_kind *kind, bool one)
{
    return arena_fmt(arena, one ? "/%s/{code}" : "/%s", kind->list);
}

/* ---- what is --------------------------------------------------------------------------------- */

static int by_code(const void *a, const void *b)
{
    const struct value *const *x = a;
    const struct value *const *y = b;
    return str_cmp(value_str(*x, STR("code")), value_str(*y, STR("code")));
}

struct objects {
    struct value **items;
    size_t count, capacity;
};

static enum err read_page(struct ctx *ctx, const struct catalog_kind *kind, int page,
                          struct objects *objects, bool *more)
{
    struct value *answer = NULL;
    struct str text = STR_NULL;
    const struct http_param query[] = {
        {STR("per_page"), STR(PER_PAGE)},
        {STR("page"), arena_fmt(ctx->arena, "%d", page)},
    };
    TRY(inside_call(ctx,
                    &(struct inside_call){.routes = kind->routes,
                                          .method = HTTP_GET,
                                          .path = path_of(ctx->arena, kind, false).ptr,
                                          .query = query,
                                          .query_count = 2},
                    &text));
    TRY(value_read(ctx->arena, ctx->fault, text, &answer));
    const struct value *list = value_get(answer, str_of(kind->list));
    ASSERT(list != NULL);
    for (const struct value *item = list->first; item != NULL; item = item->next) {
        if (kind->only_without != NULL &&
            !value_is_nothing(value_get(item, str_of(kind->only_without))))
            continue;
        objects->items = arena_grow(ctx->arena, objects->items, objects->count, &objects->capacity,
                                    sizeof *objects->items);
        objects->items[objects->count++] = catalog_object(ctx->arena, kind, item);
    }
    *more = !value_is_nothing(value_get(value_get(answer, STR("meta")), STR("next_page")));
    return ERR_NONE;
}

static enum err read_kind(struct ctx *ctx, const struct catalog_kind *kind, struct value *document)
{
    struct objects objects = {0};
    bool more = true;
    for (int page = 1; more; page++)
        TRY(read_page(ctx, kind, page, &objects, &more));
    if (objects.count > 0)
        qsort(objects.items, objects.count, sizeof *objects.items, by_code);
    struct value *list = value_new(ctx->arena, JSON_ARRAY_START, str_of(kind->list));
    for (size_t i = 0; i < objects.count; i++)
        value_add(list, objects.items[i]);
    value_add(document, list);
    return ERR_NONE;
}

/* All kinds, from one state of the database. */
static enum err read_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct value **document = arg;
    struct tx *outer = ctx->tx;
    enum err err = ERR_NONE;
    *document = value_new(ctx->arena, JSON_OBJECT_START, STR_NULL);
    ctx->tx = tx;
    for (const struct catalog_kind *kind = catalog_kinds; kind->list != NULL && err == ERR_NONE;
         kind++)
        err = read_kind(ctx, kind, *document);
    ctx->tx = outer;
    return err;
}

enum err catalog_read(struct ctx *ctx, struct value **document)
{
    return tx_run(ctx, TX_READ, read_all, document);
}

/* ---- what is to be done ---------------------------------------------------------------------- */

struct comparing {
    struct ctx *ctx;
    struct fault *fault; /* of the whole; each operation has its own */
    const struct value *file;
    const struct value *was;
    bool prune;
    struct catalog_diff *diff;
    size_t capacity;
    bool is_done;
};

static void add(struct comparing *c, struct catalog_change change)
{
    struct catalog_diff *diff = c->diff;
    diff->items =
        arena_grow(c->ctx->arena, diff->items, diff->count, &c->capacity, sizeof *diff->items);
    diff->items[diff->count++] = change;
    diff->created += change.action == CATALOG_CREATE;
    diff->changed += change.action == CATALOG_CHANGE;
    diff->deleted += change.action == CATALOG_DELETE;
}

static const struct value *of_code(const struct value *list, struct str code)
{
    const struct value *item = list == NULL ? NULL : list->first;
    while (item != NULL && !str_eq(value_str(item, STR("code")), code))
        item = item->next;
    return item;
}

/* The caller's mistakes of one operation, under the object's place in the file. */
static enum err gather(struct comparing *c, struct str path, const struct fault *fault,
                       enum err err)
{
    if (err_http_status(err) >= 500)
        return fault_set(c->fault, err, "%.*s", STR_ARG(fault->message));
    for (size_t i = 0; i < fault->field_count; i++) {
        const struct fault_field *field = &fault->fields[i];
        fault_field(
            c->fault, arena_fmt(c->ctx->arena, "%.*s.%.*s", STR_ARG(path), STR_ARG(field->field)),
            arena_cstr(c->ctx->arena, field->code), field->value, "%.*s", STR_ARG(field->expected));
    }
    if (fault->field_count == 0)
        fault_field(c->fault, path, "value_is_invalid", STR_NULL, "%.*s", STR_ARG(fault->message));
    return ERR_NONE;
}

/* One operation; its mistakes are gathered, and *shown is NULL then. */
static enum err operate(struct comparing *c, struct str path, const struct catalog_kind *kind,
                        enum http_method method, struct str code, struct str body,
                        struct value **shown)
{
    struct fault fault;
    struct ctx ctx = *c->ctx;
    struct str text = STR_NULL;
    struct value *answer = NULL;
    fault_init(&fault, ctx.arena);
    ctx.fault = &fault;
    *shown = NULL;
    enum err err = inside_call(&ctx,
                               &(struct inside_call){
                                   .routes = kind->routes,
                                   .method = method,
                                   .path = path_of(ctx.arena, kind, method != HTTP_POST).ptr,
                                   .param = method == HTTP_POST ? STR_NULL : code,
                                   .body = body,
                               },
                               &text);
    if (err != ERR_NONE)
        return gather(c, path, &fault, err);
    if (text.len == 0)
        return ERR_NONE;
    TRY(value_read(ctx.arena, c->fault, text, &answer));
    *shown = catalog_object(ctx.arena, kind, value_get(answer, str_of(kind->noun)));
    return ERR_NONE;
}

/* {"plan": {...}} of what is in the file, over what is known already. */
static struct str body_of(struct comparing *c, const struct catalog_kind *kind,
                          const struct value *old, const struct value *object)
{
    struct arena *arena = c->ctx->arena;
    struct value *merged = value_new(arena, JSON_OBJECT_START, str_of(kind->noun));
    struct value *body = value_new(arena, JSON_OBJECT_START, STR_NULL);
    bool with_code = old == NULL || kind->code_in_change;
    for (const struct value *member = object->first; member != NULL; member = member->next) {
        if (with_code || !str_eq(member->key, STR("code")))
            value_add(merged, value_copy(arena, member, member->key));
    }
    for (const struct value *member = old == NULL ? NULL : old->first; member != NULL;
         member = member->next) {
        bool wanted = with_code || !str_eq(member->key, STR("code"));
        if (wanted && value_get(object, member->key) == NULL)
            value_add(merged, value_copy(arena, member, member->key));
    }
    value_add(body, merged);
    return value_line(arena, body);
}

/* All that the file says of it is so. */
static bool holds(const struct value *old, const struct value *object)
{
    for (const struct value *member = object->first; member != NULL; member = member->next) {
        if (!value_same(member, value_get(old, member->key)))
            return false;
    }
    return true;
}

struct refusing {
    struct comparing *c;
    struct str path;
    const struct catalog_kind *kind;
    const struct value *object;
};

/* As it is shown between the quotes of an error. */
static struct str plain(struct arena *arena, const struct value *value)
{
    if (value == NULL)
        return STR_NULL;
    return value->kind == JSON_STRING ? value->text : value_line(arena, value);
}

static void refuse_field(void *arg, struct str field, const struct value *before,
                         const struct value *after)
{
    const struct refusing *r = arg;
    struct arena *arena = r->c->ctx->arena;
    struct str name = field;
    struct str top;
    str_split(&name, '.', &top);
    if (value_get(r->object, top) == NULL)
        return; /* not mentioned */
    fault_field(r->c->fault, arena_fmt(arena, "%.*s.%.*s", STR_ARG(r->path), STR_ARG(field)),
                "not_supported", plain(arena, after),
                "%.*s, as it is: a %s is not changed any more",
                STR_ARG(before == NULL ? STR("nothing") : plain(arena, before)), r->kind->noun);
}

static enum err change_object(struct comparing *c, const struct catalog_kind *kind, struct str path,
                              const struct value *old, const struct value *object)
{
    struct str code = value_str(object, STR("code"));
    struct value *shown = NULL;
    if (holds(old, object)) {
        c->diff->unchanged++;
        return ERR_NONE;
    }
    if (inside_route(kind->routes, HTTP_PUT, path_of(c->ctx->arena, kind, true).ptr) == NULL) {
        struct refusing refusing = {c, path, kind, object};
        catalog_fields(c->ctx->arena, old, object, refuse_field, &refusing);
        return ERR_NONE;
    }
    struct str body = body_of(c, kind, old, object);
    TRY(operate(c, path, kind, HTTP_PUT, code, body, &shown));
    if (shown == NULL)
        return ERR_NONE;
    if (value_same(old, shown))
        c->diff->unchanged++; /* said in other words */
    else
        add(c, (struct catalog_change){CATALOG_CHANGE, kind, code, old, shown, body});
    return ERR_NONE;
}

static void refuse_hidden(struct comparing *c, const struct catalog_kind *kind, struct str path,
                          const struct value *object)
{
    for (const char *const *hidden = kind->hidden; *hidden != NULL; hidden++) {
        const struct value *member = value_get(object, str_of(*hidden));
        if (member != NULL)
            fault_field(c->fault, arena_fmt(c->ctx->arena, "%.*s.%s", STR_ARG(path), *hidden),
                        "unknown_field", value_line(c->ctx->arena, member),
                        "left out: it is no part of the catalogue");
    }
}

static enum err compare_object(struct comparing *c, const struct catalog_kind *kind,
                               const struct value *list, struct str path,
                               const struct value *object)
{
    struct str code = value_str(object, STR("code"));
    if (str_is_null(code)) {
        fault_field(c->fault,
                    object->kind == JSON_OBJECT_START
                        ? arena_fmt(c->ctx->arena, "%.*s.code", STR_ARG(path))
                        : path,
                    "value_is_mandatory", STR_NULL, "an object with the code that it is known by");
        return ERR_NONE;
    }
    if (of_code(list, code) != object) {
        fault_field(c->fault, arena_fmt(c->ctx->arena, "%.*s.code", STR_ARG(path)),
                    "value_already_exist", code, "a code that stands only once in the list");
        return ERR_NONE;
    }
    refuse_hidden(c, kind, path, object);
    const struct value *old = of_code(value_get(c->was, str_of(kind->list)), code);
    if (old != NULL)
        return change_object(c, kind, path, old, object);
    struct value *shown = NULL;
    struct str body = body_of(c, kind, NULL, object);
    TRY(operate(c, path, kind, HTTP_POST, code, body, &shown));
    if (shown != NULL)
        add(c, (struct catalog_change){CATALOG_CREATE, kind, code, NULL, shown, body});
    return ERR_NONE;
}

static enum err compare_kind(struct comparing *c, const struct catalog_kind *kind)
{
    const struct value *list = value_get(c->file, str_of(kind->list));
    size_t index = 0;
    if (list == NULL)
        return ERR_NONE;
    if (list->kind != JSON_ARRAY_START) {
        fault_field(c->fault, str_of(kind->list), "invalid_type", value_line(c->ctx->arena, list),
                    "a list of objects");
        return ERR_NONE;
    }
    for (const struct value *item = list->first; item != NULL; item = item->next)
        TRY(compare_object(c, kind, list, arena_fmt(c->ctx->arena, "%s.%zu", kind->list, index++),
                           item));
    return ERR_NONE;
}

static enum err prune_kind(struct comparing *c, const struct catalog_kind *kind)
{
    const struct value *list = value_get(c->file, str_of(kind->list));
    const struct value *had = value_get(c->was, str_of(kind->list));
    struct str route = path_of(c->ctx->arena, kind, true);
    struct value *shown = NULL;
    if (list == NULL)
        return ERR_NONE;
    for (const struct value *old = had->first; old != NULL; old = old->next) {
        struct str code = value_str(old, STR("code"));
        bool kept = kind->kept != NULL && str_eq(code, str_of(kind->kept));
        if (of_code(list, code) != NULL)
            continue;
        if (kept || inside_route(kind->routes, HTTP_DELETE, route.ptr) == NULL) {
            add(c, (struct catalog_change){CATALOG_CANNOT_DELETE, kind, code, old, NULL, STR_NULL});
            continue;
        }
        TRY(operate(c, arena_fmt(c->ctx->arena, "%s, pruning %.*s", kind->list, STR_ARG(code)),
                    kind, HTTP_DELETE, code, STR_NULL, &shown));
        add(c, (struct catalog_change){CATALOG_DELETE, kind, code, old, NULL, STR_NULL});
    }
    return ERR_NONE;
}

static void refuse_unknown(struct comparing *c)
{
    for (const struct value *member = c->file->first; member != NULL; member = member->next) {
        const struct catalog_kind *kind = catalog_kinds;
        while (kind->list != NULL && !str_eq(member->key, str_of(kind->list)))
            kind++;
        if (kind->list == NULL && !str_eq(member->key, STR("$schema")))
            fault_field(c->fault, member->key, "unknown_field", STR_NULL,
                        "taxes, billing_entities, billable_metrics, add_ons, features, plans or "
                        "resale_rules");
    }
}

/* All operations, in this transaction. */
static enum err try_all(struct comparing *c)
{
    size_t kinds = 0;
    refuse_unknown(c);
    for (; catalog_kinds[kinds].list != NULL; kinds++)
        TRY(compare_kind(c, &catalog_kinds[kinds]));
    while (c->prune && c->fault->field_count == 0 && kinds > 0)
        TRY(prune_kind(c, &catalog_kinds[--kinds]));
    return fault_check(c->fault);
}

/* Ends with an error always, so that it is taken back. */
static enum err compare(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct comparing *c = arg;
    struct value *was = NULL;
    struct ctx inner = *ctx;
    inner.tx = tx;
    c->ctx = &inner;
    c->fault = ctx->fault;
    *c->diff = (struct catalog_diff){0};
    c->capacity = 0;
    TRY(read_all(&inner, tx, &was));
    c->was = was;
    c->diff->was = value_line(ctx->arena, was);
    TRY(try_all(c));
    c->is_done = true;
    return ERR_CONFLICT;
}

enum err catalog_compare(struct ctx *ctx, struct str text, bool prune, struct catalog_diff *diff)
{
    struct value *file = NULL;
    struct comparing comparing = {.prune = prune, .diff = diff};
    if (text.len > CATALOG_BYTES_MAX)
        return fail(ctx, ERR_TOO_LARGE, "the catalogue is larger than %zu bytes",
                    CATALOG_BYTES_MAX);
    TRY(value_read(ctx->arena, ctx->fault, text, &file));
    if (file->kind != JSON_OBJECT_START)
        return fail(ctx, ERR_MALFORMED, "the catalogue is no JSON object");
    comparing.file = file;
    enum err err = tx_run(ctx, TX_WRITE, compare, &comparing);
    if (!comparing.is_done)
        return err;
    fault_reset(ctx->fault);
    return ERR_NONE;
}

/* ---- doing it -------------------------------------------------------------------------------- */

static enum err do_change(struct ctx *ctx, const struct catalog_change *change)
{
    static const enum http_method methods[] = {HTTP_POST, HTTP_PUT, HTTP_DELETE};
    struct str answer = STR_NULL;
    bool is_new = change->action == CATALOG_CREATE;
    if (change->action == CATALOG_CANNOT_DELETE)
        return ERR_NONE;
    return inside_call(ctx,
                       &(struct inside_call){
                           .routes = change->kind->routes,
                           .method = methods[change->action],
                           .path = path_of(ctx->arena, change->kind, !is_new).ptr,
                           .param = is_new ? STR_NULL : change->code,
                           .body = change->body,
                       },
                       &answer);
}

static enum err apply(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct catalog_diff *diff = arg;
    struct value *was = NULL;
    struct ctx inner = *ctx;
    inner.tx = tx;
    TRY(read_all(&inner, tx, &was));
    if (!str_eq(value_line(ctx->arena, was), diff->was))
        return fail(ctx, ERR_CONFLICT,
                    "the catalogue was changed meanwhile; nothing was done, compare again");
    for (size_t i = 0; i < diff->count; i++)
        TRY(do_change(&inner, &diff->items[i]));
    return ERR_NONE;
}

enum err catalog_apply(struct ctx *ctx, const struct catalog_diff *diff)
{
    struct catalog_diff copy = *diff;
    return tx_run(ctx, TX_WRITE, apply, &copy);
}
