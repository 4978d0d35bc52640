/* What handlers read from a request, and the small parts of their answers. */
#include "api/api.h"
#include "base/assert.h"

#include <string.h>

enum err api_body(struct api_request *req, const struct bind_table *table, void *target)
{
    return bind_body(&req->bind, req->http->body, table, target);
}

static const struct bind_field no_fields[] = {{0}};
static const struct bind_table no_table = {NULL, no_fields, 0};

enum err api_query(struct api_request *req, const struct bind_table *table, void *target)
{
    char nothing;
    bind_query(&req->bind, req->http->query, req->http->query_count,
               table != NULL ? table : &no_table, table != NULL ? target : &nothing);
    return bind_check(&req->bind);
}

static const struct bind_field page_fields[] = {
    {"page", BIND_INT(api_page, page), .min = 1, .max = API_PAGE_MAX, .flags = BIND_PRESET,
     .preset = 1},
    {"per_page", BIND_INT(api_page, per_page), .min = 1, .max = API_PER_PAGE_MAX,
     .flags = BIND_PRESET, .preset = API_PER_PAGE},
    {0},
};
static const struct bind_table page_table = {NULL, page_fields, 0};

/* The page's parameters and the list's own are read by a table each, so that neither takes the
 * other's for unknown. */
enum err api_page_query(struct api_request *req, const struct bind_table *table, void *target,
                        struct api_page *page)
{
    size_t count = req->http->query_count;
    struct http_param *of_page = ARENA_ARRAY(req->arena, count, struct http_param);
    struct http_param *of_list = ARENA_ARRAY(req->arena, count, struct http_param);
    size_t page_count = 0;
    size_t list_count = 0;
    char nothing;
    for (size_t i = 0; i < count; i++) {
        struct http_param param = req->http->query[i];
        if (str_eq(param.name, STR("page")) || str_eq(param.name, STR("per_page")))
            of_page[page_count++] = param;
        else
            of_list[list_count++] = param;
    }
    bind_query(&req->bind, of_page, page_count, &page_table, page);
    bind_query(&req->bind, of_list, list_count, table != NULL ? table : &no_table,
               table != NULL ? target : &nothing);
    TRY(bind_check(&req->bind));
    page->limit = page->per_page;
    page->offset = (page->page - 1) * page->per_page;
    return ERR_NONE;
}

struct str api_path(const struct api_request *req, size_t index)
{
    ASSERT(index < req->http->param_count);
    return req->http->params[index];
}

enum err api_not_found(struct api_request *req, const char *noun, struct str value)
{
    req->missing = noun;
    return fault_set(req->fault, ERR_NOT_FOUND, "there is no %s %.*s", noun, STR_ARG(value));
}

enum err api_found(struct api_request *req, const char *noun, enum err err)
{
    if (err == ERR_NOT_FOUND)
        req->missing = noun;
    return err;
}

enum err api_path_uuid(struct api_request *req, size_t index, const char *noun, struct uuid *id)
{
    struct str text = api_path(req, index);
    if (!uuid_parse(text, id))
        return api_not_found(req, noun, text);
    return ERR_NONE;
}

void api_created(struct api_request *req)
{
    req->status = req->face->created_status;
}

void api_list(struct json_writer *out, const char *key)
{
    json_object(out, NULL);
    json_array(out, key);
}

void api_list_end(struct json_writer *out, const struct api_page *page, int64_t total_count)
{
    int64_t total_pages = (total_count + page->per_page - 1) / page->per_page;
    ASSERT(total_count >= 0);
    json_array_end(out);
    json_object(out, "meta");
    json_int(out, "current_page", page->page);
    if (page->page < total_pages)
        json_int(out, "next_page", page->page + 1);
    else
        json_null(out, "next_page");
    if (page->page > 1)
        json_int(out, "prev_page", page->page - 1);
    else
        json_null(out, "prev_page");
    json_int(out, "total_pages", total_pages);
    json_int(out, "total_count", total_count);
    json_object_end(out);
    json_object_end(out);
}
