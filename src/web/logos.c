#include "web/logos.h"

#include "app/billing_entity_logo.h"

struct web_logos {
    struct app *app;
};

static void refuse(struct http_answer *answer, enum err err)
{
    answer->status = err_http_status(err);
    answer->content_type = "text/plain; charset=utf-8";
    answer->body = err == ERR_NOT_FOUND ? STR("There is no such logo.\n")
                                        : STR("The logo can't be shown now.\n");
}

static void show(struct http_request *request, struct http_answer *answer)
{
    struct fault fault;
    struct billing_entity_logo_row logo;
    const struct web_logos *logos = request->route->arg;
    struct ctx ctx = {.app = logos->app,
                      .arena = request->arena,
                      .fault = &fault,
                      .actor = STR("anyone"),
                      .origin = request->id};
    fault_init(&fault, request->arena);
    enum err err = billing_entity_logo_find(&ctx, request->params[0], &logo);
    if (err != ERR_NONE) {
        refuse(answer, err);
        return;
    }
    answer->status = 200;
    answer->content_type = str_eq(logo.media_type, STR(LOGO_PNG)) ? LOGO_PNG : LOGO_SVG;
    answer->body = logo.content;
    http_answer_header(request, answer, "Cache-Control",
                       STR("public, max-age=31536000, immutable"));
    http_answer_header(request, answer, "ETag",
                       arena_fmt(request->arena, "\"%.*s\"", STR_ARG(request->params[0])));
    http_answer_header(request, answer, "Content-Security-Policy",
                       STR("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
    http_answer_header(request, answer, "Cross-Origin-Resource-Policy", STR("same-origin"));
}

void logos_mount(struct router *router, struct app *app)
{
    struct web_logos *logos = ARENA_NEW(router->arena, struct web_logos);
    logos->app = app;
    router_add(router, "",
               &(struct route){
                   .method = HTTP_GET, .pattern = "/logos/{hash}", .handle = show, .arg = logos});
}
