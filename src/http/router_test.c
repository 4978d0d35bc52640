#include "http/router.h"

#include "base/buf.h"
#include "http/url.h"
#include "tests/test.h"

static void handle(struct http_request *request, struct http_answer *answer)
{
    (void)request, (void)answer;
}

// clang-format off
static const struct route routes[] = {
    {.method = HTTP_GET,    .pattern = "/plans",                       .handle = handle, .arg = "list"},
    {.method = HTTP_POST,   .pattern = "/plans",                       .handle = handle, .arg = "add"},
    {.method = HTTP_GET,    .pattern = "/plans/{code}",                .handle = handle, .arg = "show"},
    {.method = HTTP_PUT,    .pattern = "/plans/{code}",                .handle = handle, .arg = "change"},
    {.method = HTTP_POST,   .pattern = "/plans/preview",               .handle = handle, .arg = "preview"},
    {.method = HTTP_GET,    .pattern = "/plans/{code}/charges/{name}", .handle = handle, .arg = "charge"},
    {.method = HTTP_GET,    .pattern = "/plans/preview/all",           .handle = handle, .arg = "all"},
    {.method = HTTP_DELETE, .pattern = "/customers/{id}",              .handle = handle, .arg = "delete"},
    {0},
};
// clang-format on

TEST(router_finds_routes)
{
    enum { GET = 1 << HTTP_GET, POST = 1 << HTTP_POST, PUT = 1 << HTTP_PUT };
    // clang-format off
    static const struct {
        const char *name; enum http_method method; const char *path;
        enum route_match match; const char *arg; const char *params[2]; unsigned allowed;
    } cases[] = {
        {"literal",             HTTP_GET,    "/v1/plans",             ROUTE_FOUND, "list",    {0}, GET | POST},
        {"by method",           HTTP_POST,   "/v1/plans",             ROUTE_FOUND, "add",     {0}, GET | POST},
        {"name",                HTTP_GET,    "/v1/plans/gold",        ROUTE_FOUND, "show",    {"gold"}, GET | PUT},
        {"two names",           HTTP_GET,    "/v1/plans/a/charges/b", ROUTE_FOUND, "charge",  {"a", "b"}, GET},
        {"literal before name", HTTP_POST,   "/v1/plans/preview",     ROUTE_FOUND, "preview", {0}, POST},
        {"name after literal",  HTTP_PUT,    "/v1/plans/preview",     ROUTE_FOUND, "change",  {"preview"}, GET | POST | PUT},
        {"back from a literal", HTTP_GET,    "/v1/plans/preview/charges/x", ROUTE_FOUND, "charge", {"preview", "x"}, GET},
        {"escaped name",        HTTP_GET,    "/v1/plans/a%2Fb%20%C3%A9", ROUTE_FOUND, "show", {"a/b \xC3\xA9"}, GET | PUT},
        {"escaped literal",     HTTP_GET,    "/v1/pl%61ns",           ROUTE_FOUND, "list",    {0}, GET | POST},
        {"plus stays plus",     HTTP_GET,    "/v1/plans/a+b",         ROUTE_FOUND, "show",    {"a+b"}, GET | PUT},
        {"no method",           HTTP_DELETE, "/v1/plans",             ROUTE_NO_METHOD, NULL,  {0}, GET | POST},
        {"no method by name",   HTTP_DELETE, "/v1/plans/x",           ROUTE_NO_METHOD, NULL,  {0}, GET | PUT},
        {"no path",             HTTP_GET,    "/v1/plan",              ROUTE_NO_PATH, NULL,    {0}, 0},
        {"no prefix",           HTTP_GET,    "/plans",                ROUTE_NO_PATH, NULL,    {0}, 0},
        {"prefix alone",        HTTP_GET,    "/v1",                   ROUTE_NO_PATH, NULL,    {0}, 0},
        {"half a path",         HTTP_GET,    "/v1/plans/a/charges",   ROUTE_NO_PATH, NULL,    {0}, 0},
        {"too much path",       HTTP_GET,    "/v1/plans/a/b",         ROUTE_NO_PATH, NULL,    {0}, 0},
        {"empty name",          HTTP_GET,    "/v1/plans/",            ROUTE_NO_PATH, NULL,    {0}, 0},
        {"empty segment",       HTTP_GET,    "/v1//plans",            ROUTE_NO_PATH, NULL,    {0}, 0},
        {"root",                HTTP_GET,    "/",                     ROUTE_NO_PATH, NULL,    {0}, 0},
        {"nothing",             HTTP_GET,    "",                      ROUTE_NO_PATH, NULL,    {0}, 0},
        {"star",                HTTP_GET,    "*",                     ROUTE_NO_PATH, NULL,    {0}, 0},
        {"too long",            HTTP_GET,    "/v1/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", ROUTE_NO_PATH, NULL, {0}, 0},
        {"cut escape",          HTTP_GET,    "/v1/plans/%4",          ROUTE_BAD_TEXT, NULL,   {0}, 0},
        {"bad escape",          HTTP_GET,    "/v1/plans/%4g",         ROUTE_BAD_TEXT, NULL,   {0}, 0},
        {"zero",                HTTP_GET,    "/v1/plans/%00",         ROUTE_BAD_TEXT, NULL,   {0}, 0},
        {"not UTF-8",           HTTP_GET,    "/v1/plans/%C3%28",      ROUTE_BAD_TEXT, NULL,   {0}, 0},
        {"overlong",            HTTP_GET,    "/v1/plans/%C0%AF",      ROUTE_BAD_TEXT, NULL,   {0}, 0},
        {"surrogate",           HTTP_GET,    "/v1/plans/%ED%A0%80",   ROUTE_BAD_TEXT, NULL,   {0}, 0},
        {"bad and unknown",     HTTP_GET,    "/nowhere/%FF",          ROUTE_BAD_TEXT, NULL,   {0}, 0},
    };
    // clang-format on
    struct arena arena;
    struct router router;
    arena_init(&arena);
    router_init(&router, &arena);
    router_add_all(&router, "/v1", routes);
    EACH(c, cases) {
        struct route_result result;
        CHECK_INT(router_match(&router, &arena, c->method, str_of(c->path), &result), c->match);
        if (c->match != ROUTE_BAD_TEXT)
            CHECK_INT(result.allowed, c->allowed);
        if (c->match != ROUTE_FOUND)
            continue;
        REQUIRE(result.route != NULL);
        CHECK_STR(str_of(result.route->arg), c->arg);
        size_t wanted = 0;
        while (wanted < 2 && c->params[wanted] != NULL)
            wanted++;
        CHECK_INT(result.param_count, wanted);
        for (size_t i = 0; i < wanted && i < result.param_count; i++)
            CHECK_STR(result.params[i], c->params[i]);
    }
    arena_clear(&arena);
}

TEST(router_numbers_routes_and_keeps_whole_patterns)
{
    struct arena arena;
    struct router router;
    arena_init(&arena);
    router_init(&router, &arena);
    router_add_all(&router, "/v1", routes);
    router_add_all(&router, "/other/v1", routes);
    CHECK_INT(router.route_count, 16);
    CHECK_STR(str_of(router.routes[2]->pattern), "/v1/plans/{code}");
    CHECK_STR(str_of(router.routes[10]->pattern), "/other/v1/plans/{code}");
    CHECK_INT(router.routes[10]->number, 10);
    arena_clear(&arena);
}

TEST(url_query_reads_parameters)
{
    // clang-format off
    static const struct {
        const char *name; const char *query; enum url_query_result result; const char *pairs[7];
    } cases[] = {
        {"none",          "",                   URL_QUERY_READ, {0}},
        {"one",           "a=1",                URL_QUERY_READ, {"a", "1"}},
        {"order kept",    "b=2&a=1&b=3",        URL_QUERY_READ, {"b", "2", "a", "1", "b", "3"}},
        {"array",         "s[]=x&s%5B%5D=y",    URL_QUERY_READ, {"s[]", "x", "s[]", "y"}},
        {"no value",      "a&b=",               URL_QUERY_READ, {"a", "", "b", ""}},
        {"equals inside", "a=b=c",              URL_QUERY_READ, {"a", "b=c"}},
        {"spaces",        "a=x+y%20z%2B",       URL_QUERY_READ, {"a", "x y z+"}},
        {"empty parts",   "&&a=1&",             URL_QUERY_READ, {"a", "1"}},
        {"bad escape",    "a=%zz",              URL_QUERY_BAD_TEXT, {0}},
        {"zero",          "a=%00",              URL_QUERY_BAD_TEXT, {0}},
        {"bad name",      "%FF=1",              URL_QUERY_BAD_TEXT, {0}},
        {"bad after good", "a=1&b=%",           URL_QUERY_BAD_TEXT, {0}},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        const struct http_param *params;
        size_t count;
        CHECK_INT(url_query(&arena, str_of(c->query), &params, &count), c->result);
        if (c->result != URL_QUERY_READ) {
            CHECK_INT(count, 0); /* what is refused has no parameters, whatever came before */
            continue;
        }
        size_t wanted = 0;
        while (c->pairs[wanted] != NULL)
            wanted++;
        CHECK_INT(count * 2, wanted);
        for (size_t i = 0; i < count && i * 2 < wanted; i++) {
            CHECK_STR(params[i].name, c->pairs[i * 2]);
            CHECK_STR(params[i].value, c->pairs[i * 2 + 1]);
        }
    }
    arena_clear(&arena);
}

TEST(url_query_takes_a_hundred_parameters)
{
    struct arena arena;
    struct buf query;
    const struct http_param *params;
    size_t count;
    arena_init(&arena);
    buf_init(&query, &arena, 4096);
    for (int i = 0; i < HTTP_QUERY_PARAMS_MAX; i++)
        buf_add(&query, STR("&a=1"));
    CHECK_INT(url_query(&arena, buf_str(&query), &params, &count), URL_QUERY_READ);
    CHECK_INT(count, HTTP_QUERY_PARAMS_MAX);
    buf_add(&query, STR("&a=1"));
    CHECK_INT(url_query(&arena, buf_str(&query), &params, &count), URL_QUERY_TOO_MANY);
    CHECK_INT(count, 0);
    arena_clear(&arena);
}
