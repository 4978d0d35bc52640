/* What handlers read from a request, and the small parts of their answers. */
#include "api/frame.h"
#include "app/document_parts.h"
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

struct document_query {
    struct str language;
};
static const struct bind_field document_fields[] = {
    {"language", BIND_TEXT(document_query, language), .max = LOCALE_TAG_MAX}, {0}};
static const struct bind_table document_table = {NULL, document_fields, 0};

enum err api_document(struct api_request *req, struct str *language)
{
    struct document_query query = {0};
    TRY(api_query(req, &document_table, &query));
    *language = query.language;
    req->content_type = "application/pdf";
    return ERR_NONE;
}

static const struct bind_field page_fields[] = {
    {"page", BIND_INT(api_page, page), .min = 1, .max = API_PAGE_MAX, .flags = BIND_PRESET,
     .preset = 1},
    {"per_page", BIND_INT(api_page, per_page), .min = 1, .max = API_PER_PAGE_MAX,
     .flags = BIND_PRESET, .preset = API_PER_PAGE},
    {0},
};
static const struct bind_table page_table = {NULL, page_fields, 0};

struct cursor {
    struct uuid after_id;
    uint64_t sent;
};
enum { CURSOR_AFTER = 1 };

static const struct bind_field cursor_fields[] = {
    {"starting_after", BIND_UUID(cursor, after_id), .sent = CURSOR_AFTER},
    {0},
};
static const struct bind_table cursor_table = {NULL, cursor_fields, BIND_SENT_AT(cursor, sent)};

struct key_cursor {
    struct str text;
};
static const struct bind_field key_fields[] = {
    {"starting_after", BIND_TEXT(key_cursor, text), .max = 32768}, {0}};
static const struct bind_table key_table = {NULL, key_fields, 0};

/* What a list may begin behind. */
enum cursor_kind { CURSOR_NONE, CURSOR_ID, CURSOR_KEY };

/* A query's parameters, told apart. */
struct parts {
    struct http_param *page, *cursor, *list;
    size_t page_count, cursor_count, list_count;
    bool has_page_number;
};

static struct parts tell_apart(struct api_request *req, bool has_cursor)
{
    size_t count = req->http->query_count;
    struct parts parts = {
        .page = ARENA_ARRAY(req->arena, count, struct http_param),
        .cursor = ARENA_ARRAY(req->arena, count, struct http_param),
        .list = ARENA_ARRAY(req->arena, count, struct http_param),
    };
    for (size_t i = 0; i < count; i++) {
        struct http_param param = req->http->query[i];
        bool is_number = str_eq(param.name, STR("page"));
        parts.has_page_number |= is_number;
        if (is_number || str_eq(param.name, STR("per_page")))
            parts.page[parts.page_count++] = param;
        else if (has_cursor && str_eq(param.name, STR("starting_after")))
            parts.cursor[parts.cursor_count++] = param;
        else
            parts.list[parts.list_count++] = param;
    }
    return parts;
}

/* A CSV answer is the whole list: one row more than it may have shows that it is too long. */
static void take_all(struct api_request *req, const struct parts *parts, struct api_page *page)
{
    if (parts->page_count + parts->cursor_count > 0)
        fault_field(req->fault, parts->page_count > 0 ? parts->page[0].name : parts->cursor[0].name,
                    "not_supported", STR_NULL, "no paging: a CSV answer holds the whole list");
    page->page = 1;
    page->per_page = CSV_ROWS_MAX + 1;
}

static void read_cursor(struct api_request *req, const struct parts *parts, enum cursor_kind kind,
                        struct api_page *page)
{
    struct cursor cursor = {0};
    struct key_cursor key = {0};
    if (kind == CURSOR_ID)
        bind_query(&req->bind, parts->cursor, parts->cursor_count, &cursor_table, &cursor);
    if (kind == CURSOR_KEY)
        bind_query(&req->bind, parts->cursor, parts->cursor_count, &key_table, &key);
    if (!str_is_null(key.text) && !api_key_parse(req->arena, key.text, &page->after))
        fault_field(req->fault, STR("starting_after"), "value_is_invalid", key.text,
                    "meta.next_cursor of a page of this list");
    page->after_id = cursor.after_id;
}

/* The page's parameters and the list's own are read by a table each, so that neither takes the
 * other's for unknown. */
static enum err read_page(struct api_request *req, const struct bind_table *table, void *target,
                          enum cursor_kind kind, struct api_page *page)
{
    struct parts parts = tell_apart(req, kind != CURSOR_NONE);
    char nothing;
    *page = (struct api_page){0};
    req->frame->is_list = true;
    bind_query(&req->bind, parts.page, parts.page_count, &page_table, page);
    read_cursor(req, &parts, kind, page);
    bind_query(&req->bind, parts.list, parts.list_count, table != NULL ? table : &no_table,
               table != NULL ? target : &nothing);
    if (req->frame->is_csv)
        take_all(req, &parts, page);
    else if (parts.cursor_count > 0 && parts.has_page_number)
        fault_field(req->fault, STR("page"), "value_is_invalid", STR_NULL,
                    "either page or starting_after, not both");
    TRY(bind_check(&req->bind));
    page->limit = page->per_page;
    page->offset = (page->page - 1) * page->per_page;
    return ERR_NONE;
}

enum err api_page_query(struct api_request *req, const struct bind_table *table, void *target,
                        struct api_page *page)
{
    return read_page(req, table, target, CURSOR_NONE, page);
}

enum err api_cursor_query(struct api_request *req, const struct bind_table *table, void *target,
                          struct api_page *page)
{
    return read_page(req, table, target, CURSOR_ID, page);
}

enum err api_key_query(struct api_request *req, const struct bind_table *table, void *target,
                       struct api_page *page)
{
    return read_page(req, table, target, CURSOR_KEY, page);
}

void api_page_last(struct api_request *req, struct api_page *page, struct uuid last_id,
                   size_t count)
{
    page->has_more = count > 0 && (int64_t)count == page->per_page;
    page->last = uuid_text(req->arena, last_id);
}

void api_page_key(struct api_request *req, struct api_page *page, const struct list_key *last,
                  size_t count)
{
    page->has_more = count > 0 && (int64_t)count == page->per_page;
    if (page->has_more)
        page->last = api_key_text(req->arena, last);
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

void api_secret(struct api_request *req, struct str secret)
{
    req->frame->secret = secret;
}

void api_list(struct json_writer *out, const char *key)
{
    json_object(out, NULL);
    json_array(out, key);
}

static void number_or_null(struct json_writer *out, const char *name, bool is_known, int64_t number)
{
    if (is_known)
        json_int(out, name, number);
    else
        json_null(out, name);
}

void api_list_end(struct json_writer *out, const struct api_page *page, int64_t total_count)
{
    bool is_counted = total_count != LIST_UNCOUNTED;
    int64_t total_pages = (total_count + page->per_page - 1) / page->per_page;
    ASSERT(total_count >= 0 || !is_counted);
    json_array_end(out);
    json_object(out, "meta");
    number_or_null(out, "current_page", is_counted, page->page);
    number_or_null(out, "next_page", is_counted && page->page < total_pages, page->page + 1);
    number_or_null(out, "prev_page", is_counted && page->page > 1, page->page - 1);
    number_or_null(out, "total_pages", is_counted, total_pages);
    number_or_null(out, "total_count", is_counted, total_count);
    json_str(out, "next_cursor", page->has_more ? page->last : STR_NULL);
    json_object_end(out);
    json_object_end(out);
}
