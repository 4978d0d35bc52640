#include "web/assets.h"
#include "web/assets_private.h"

#include "base/assert.h"

struct str asset_url(enum asset asset)
{
    ASSERT(asset < ASSET_COUNT);
    return asset_files[asset].url;
}

/* Whether the browser takes `coding`: it is named, and not with q=0.  "*" is not looked for, as no
 * browser sends it. */
static bool takes(struct str accepted, struct str coding)
{
    struct str item;
    while (str_split(&accepted, ',', &item)) {
        struct str name;
        struct str quality = item;
        bool has_name = str_split(&quality, ';', &name);
        if (!has_name || !str_eq_nocase(str_trim(name), coding))
            continue;
        quality = str_trim(quality); /* "q=0", "q=0.0", "q=0.5" */
        for (size_t i = 0; i < quality.len; i++) {
            if (quality.ptr[i] >= '1' && quality.ptr[i] <= '9')
                return true;
        }
        return quality.len == 0;
    }
    return false;
}

static const struct asset_file *find(struct str name)
{
    for (size_t i = 0; i < ASSET_COUNT; i++) {
        if (str_eq(asset_files[i].name, name))
            return &asset_files[i];
    }
    return NULL;
}

static void show(struct http_request *request, struct http_answer *answer)
{
    const struct asset_file *file = find(request->params[0]);
    if (file == NULL) {
        answer->status = 404;
        answer->content_type = "text/plain; charset=utf-8";
        answer->body = STR("There is no such file.\n");
        return;
    }
    struct str accepted = http_request_header(request, "Accept-Encoding");
    enum asset_packing packing = ASSET_PLAIN;
    if (!str_is_null(file->bodies[ASSET_BROTLI]) && takes(accepted, STR("br")))
        packing = ASSET_BROTLI;
    else if (!str_is_null(file->bodies[ASSET_GZIP]) && takes(accepted, STR("gzip")))
        packing = ASSET_GZIP;
    answer->status = 200;
    answer->content_type = file->type;
    answer->body = file->bodies[packing];
    http_answer_header(request, answer, "Cache-Control",
                       STR("public, max-age=31536000, immutable"));
    http_answer_header(request, answer, "Content-Security-Policy", STR("default-src 'none'"));
    http_answer_header(request, answer, "Cross-Origin-Resource-Policy", STR("same-origin"));
    if (!str_is_null(file->bodies[ASSET_GZIP]))
        http_answer_header(request, answer, "Vary", STR("Accept-Encoding"));
    if (packing != ASSET_PLAIN)
        http_answer_header(request, answer, "Content-Encoding",
                           packing == ASSET_BROTLI ? STR("br") : STR("gzip"));
}

const struct route assets_routes[] = {
    {.method = HTTP_GET, .pattern = "/a/{name}", .handle = show},
    {0},
};
