/* catalog_routes.c - the catalogue over the API: shown, compared, brought to a document. */
#include "api/api.h"
#include "api/catalog.h"
#include "api/frame.h"
#include "app/scope.h"

struct catalog_query {
    bool prune;
};

static const struct bind_field query_fields[] = {
    {"prune", BIND_BOOL(catalog_query, prune)},
    {0},
};
static const struct bind_table query_table = {NULL, query_fields, 0};

static const char *const action_words[] = {"create", "change", "delete", "cannot_delete"};

static void write_field(void *arg, struct str path, const struct value *before,
                        const struct value *after)
{
    struct json_writer *out = arg;
    struct buf *buf = out->buf;
    struct arena *arena = buf->arena;
    json_object(out, NULL);
    json_str(out, "field", path);
    json_raw(out, "before", before == NULL ? STR_NULL : value_line(arena, before));
    json_raw(out, "after", after == NULL ? STR_NULL : value_line(arena, after));
    json_object_end(out);
}

static enum err answer_diff(struct api_request *req, struct json_writer *out,
                            const struct catalog_diff *diff)
{
    json_object(out, NULL);
    json_object(out, "catalog_diff");
    json_int(out, "created", (int64_t)diff->created);
    json_int(out, "changed", (int64_t)diff->changed);
    json_int(out, "deleted", (int64_t)diff->deleted);
    json_int(out, "unchanged", (int64_t)diff->unchanged);
    json_array(out, "changes");
    for (size_t i = 0; i < diff->count; i++) {
        const struct catalog_change *change = &diff->items[i];
        json_object(out, NULL);
        json_str(out, "action", str_of(action_words[change->action]));
        json_str(out, "kind", str_of(change->kind->noun));
        json_str(out, "code", change->code);
        json_array(out, "fields");
        if (change->after != NULL)
            catalog_fields(req->arena, change->before, change->after, write_field, out);
        json_array_end(out);
        json_object_end(out);
    }
    json_array_end(out);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err compare(struct api_request *req, struct catalog_diff *diff)
{
    struct catalog_query query = {0};
    TRY(api_query(req, &query_table, &query));
    return catalog_compare(req->ctx, req->http->body, query.prune, diff);
}

static enum err show_diff(struct api_request *req, struct json_writer *out)
{
    struct catalog_diff diff;
    TRY(compare(req, &diff));
    return answer_diff(req, out, &diff);
}

/* The route asks for catalog:write; the document holds what other scopes are for as well. */
static enum err check_scopes(struct api_request *req)
{
    static const enum scope_group groups[] = {SCOPE_SETTINGS, SCOPE_COSTS};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        if (!scopes_allow(req->frame->caller.scopes, groups[i], true))
            return fault_set(req->fault, ERR_FORBIDDEN,
                             "this needs a key with the scope %.*s as well",
                             STR_ARG(scope_name(req->arena, groups[i], true)));
    }
    return ERR_NONE;
}

static enum err put(struct api_request *req, struct json_writer *out)
{
    struct catalog_diff diff;
    TRY(check_scopes(req));
    TRY(compare(req, &diff));
    TRY(catalog_apply(req->ctx, &diff));
    return answer_diff(req, out, &diff);
}

static enum err get(struct api_request *req, struct json_writer *out)
{
    struct value *document = NULL;
    TRY(api_query(req, NULL, NULL));
    TRY(catalog_read(req->ctx, &document));
    json_raw(out, NULL, value_line(req->arena, document));
    return ERR_NONE;
}

const struct api_route catalog_routes[] = {
    {HTTP_GET, "/catalog", get, 0, 0},
    {HTTP_PUT, "/catalog", put, API_APART, CATALOG_BYTES_MAX},
    {HTTP_POST, "/catalog/diff", show_diff, API_READS, CATALOG_BYTES_MAX},
    {0},
};
