/* The frame around handlers, over real sockets, with a resource made for the test. */
#include "api/api.h"

#include "base/assert.h"
#include "base/log.h"
#include "http/server.h"
#include "http/test_client.h"
#include "tests/test.h"

#include <pthread.h>

/* ---- the resource under test ---- */

struct box_input {
    struct str code;
    int64_t size;
};

// clang-format off
static const struct bind_field box_fields[] = {
    {"code", BIND_CODE(box_input, code), .flags = BIND_REQUIRED},
    {"size", BIND_INT(box_input, size), .min = 1, .max = 9, .flags = BIND_PRESET, .preset = 1},
    {"lid",  BIND_UNSUPPORTED},
    {0},
};
// clang-format on
static const struct bind_table box_body = {"box", box_fields, 0};

static enum err answer_box(struct api_request *req, struct json_writer *out,
                           const struct box_input *box)
{
    json_object(out, NULL);
    json_object(out, "box");
    face_id(out, req->face, UUID_NIL);
    json_str(out, "code", box->code);
    json_int(out, "size", box->size);
    json_str(out, "actor", req->ctx->actor);
    json_object_end(out);
    json_object_end(out);
    return ERR_NONE;
}

static enum err box_post(struct api_request *req, struct json_writer *out)
{
    struct box_input box = {0};
    TRY(api_body(req, &box_body, &box));
    api_created(req);
    return answer_box(req, out, &box);
}

static enum err box_show(struct api_request *req, struct json_writer *out)
{
    struct str code = api_path(req, 0);
    TRY(api_query(req, NULL, NULL));
    if (str_eq(code, STR("field"))) {
        fault_field(req->fault, STR("code"), "box_is_lost", code, "another");
        return fail(req->ctx, ERR_NOT_FOUND, "lost");
    }
    if (str_eq(code, STR("other")))
        return api_found(req, "shelf", ERR_NOT_FOUND);
    if (!str_eq(code, STR("b1")))
        return fail(req->ctx, ERR_NOT_FOUND, "box %.*s was not found", STR_ARG(code));
    return answer_box(req, out, &(struct box_input){.code = code, .size = 2});
}

static enum err box_index(struct api_request *req, struct json_writer *out)
{
    static const struct bind_table filters = {NULL, box_fields + 1, 0}; /* size and lid */
    struct box_input filter = {0};
    struct api_page page;
    TRY(api_page_query(req, &filters, &filter, &page));
    api_list(out, "boxes");
    json_int(out, NULL, page.limit);
    json_int(out, NULL, page.offset);
    json_int(out, NULL, filter.size);
    api_list_end(out, &page, 25);
    return ERR_NONE;
}

static enum err box_delete(struct api_request *req, struct json_writer *out)
{
    struct uuid id;
    (void)out;
    return api_path_uuid(req, 0, "box", &id);
}

static enum err broken(struct api_request *req, struct json_writer *out)
{
    json_object(out, NULL); /* what was written before the error is not sent */
    return fail(req->ctx, ERR_STORE, "secret words about the database");
}

static enum err busy(struct api_request *req, struct json_writer *out)
{
    (void)out;
    return fail(req->ctx, ERR_BUSY, "the queue is full");
}

static void *finish(void *arg)
{
    struct api_request *req = arg;
    if (str_eq(api_path(req, 0), STR("bad"))) {
        fault_field(req->fault, STR("events.0"), "value_is_invalid", STR_NULL, "good");
        api_finish(req, fault_check(req->fault));
        return NULL;
    }
    json_object(req->out, NULL);
    json_str(req->out, "done", api_path(req, 0));
    json_object_end(req->out);
    api_finish(req, ERR_NONE);
    return NULL;
}

static pthread_t finisher;

static enum err later(struct api_request *req, struct json_writer *out)
{
    (void)out;
    api_defer(req);
    ASSERT(pthread_create(&finisher, NULL, finish, req) == 0);
    return ERR_NONE;
}

static enum err open_to_all(struct api_request *req, struct json_writer *out)
{
    json_object(out, NULL);
    json_str(out, "actor", req->ctx->actor);
    json_object_end(out);
    return ERR_NONE;
}

static const struct api_route box_routes[] = {
    {HTTP_POST, "/boxes", box_post, 0, 0},
    {HTTP_GET, "/boxes", box_index, 0, 0},
    {HTTP_GET, "/boxes/{code}", box_show, 0, 0},
    {HTTP_DELETE, "/boxes/{id}", box_delete, 0, 0},
    {0},
};
static const struct api_route other_routes[] = {
    {HTTP_GET, "/broken", broken, 0, 0},
    {HTTP_GET, "/busy", busy, 0, 0},
    {HTTP_GET, "/later/{what}", later, 0, 0},
    {HTTP_GET, "/open", open_to_all, API_PUBLIC, 0},
    {0},
};
static const struct api_table tables[] = {
    {box_routes, SCOPE_CATALOG}, {other_routes, SCOPE_EVENTS}, {NULL, SCOPE_GROUP_COUNT}};

/* ---- the server under test ---- */

static struct arena arena;
static struct fault fault;
static struct router router;
static struct http_server *server;

static enum err check_key(struct ctx *ctx, struct str key, struct api_caller *caller)
{
    if (!str_eq(key, STR("good")))
        return fault_set(ctx->fault, ERR_UNAUTHORIZED, "this key is not known");
    *caller = (struct api_caller){.actor = STR("key:test"), .scopes = SCOPES_ALL};
    return ERR_NONE;
}

static struct api_env env = {.key_check = check_key};

static void start(void)
{
    log_configure(LOG_ERROR + 1, false); /* errors are made on purpose here */
    arena_init(&arena);
    fault_init(&fault, &arena);
    router_init(&router, &arena);
    api_mount(&router, tables);
    struct http_config config = {
        .listen = STR("127.0.0.1:0"), .router = &router, .env = &env, .refuse = api_refuse};
    REQUIRE(http_server_start(&config, &fault, &server) == ERR_NONE);
}

static void stop(void)
{
    http_server_stop(server);
    arena_clear(&arena);
}

/* "GET /api/v1/boxes", with a good key. */
static struct reply ask(const char *method_and_path, const char *body)
{
    char text[2048];
    struct reply reply;
    int fd = client_dial(http_server_port(server));
    snprintf(text, sizeof text,
             "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nRequest-Id: r1\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             method_and_path, strlen(body), body);
    CHECK(put_text(fd, text));
    read_reply(fd, true, &reply);
    close(fd);
    return reply;
}

TEST(api_answers_on_both_faces)
{
    start();
    struct reply reply = ask("POST /api/v1/boxes", "{\"box\":{\"code\":\"b1\",\"size\":3}}");
    CHECK_INT(reply.status, 201);
    CHECK_STR(str_of(header(&reply, "Content-Type")), "application/json");
    CHECK_STR(body_of(&reply),
              "{\"box\":{\"id\":null,\"code\":\"b1\",\"size\":3,\"actor\":\"key:test\"}}");
    reply = ask("POST /lago/api/v1/boxes", "{\"box\":{\"code\":\"b1\"}}");
    CHECK_INT(reply.status, 200);
    CHECK_STR(body_of(&reply),
              "{\"box\":{\"lago_id\":null,\"code\":\"b1\",\"size\":1,\"actor\":\"key:test\"}}");
    reply = ask("DELETE /api/v1/boxes/01890a5d-ac96-774b-bcce-b302099a8057", "");
    CHECK_INT(reply.status, 204);
    CHECK_INT(reply.body_len, 0);
    stop();
}

TEST(api_answers_errors_in_the_form_of_the_face)
{
    // clang-format off
    static const struct {
        const char *name; const char *call; const char *body; int status; const char *want;
    } cases[] = {
        {"native fields", "POST /api/v1/boxes", "{\"box\":{\"size\":0,\"x\":1}}", 422,
         "{\"type\":\"about:blank\",\"title\":\"Unprocessable Entity\",\"status\":422,"
         "\"detail\":\"3 fields are invalid, the first: size is \\\"0\\\": wanted an integer from 1 to 9\","
         "\"code\":\"validation_errors\",\"errors\":["
         "{\"field\":\"size\",\"code\":\"value_is_out_of_range\",\"value\":\"0\",\"expected\":\"an integer from 1 to 9\"},"
         "{\"field\":\"x\",\"code\":\"unknown_field\",\"value\":null,\"expected\":\"a field that this resource has\"},"
         "{\"field\":\"code\",\"code\":\"value_is_mandatory\",\"value\":null,"
         "\"expected\":\"a code of 1 to 255 letters, digits and - _ . : / @ + #\"}],\"request_id\":\"r1\"}"},
        {"lago fields", "POST /lago/api/v1/boxes", "{\"box\":{\"size\":0,\"x\":1}}", 422,
         "{\"status\":422,\"error\":\"Unprocessable Entity\",\"code\":\"validation_errors\","
         "\"error_details\":{\"size\":[\"value_is_out_of_range\"],\"code\":[\"value_is_mandatory\"]}}"},
        {"lago unsupported", "POST /lago/api/v1/boxes", "{\"box\":{\"code\":\"a\",\"lid\":true}}", 422,
         "{\"status\":422,\"error\":\"Unprocessable Entity\",\"code\":\"not_supported\","
         "\"error_details\":{\"lid\":[\"not_supported\"]}}"},
        {"lago no body", "POST /lago/api/v1/boxes", "{}", 400,
         "{\"status\":400,\"error\":\"Bad Request: the body must hold the object \\\"box\\\": {\\\"box\\\": {...}}\"}"},
        {"lago not found", "GET /lago/api/v1/boxes/zz", "", 404,
         "{\"status\":404,\"error\":\"Not Found\",\"code\":\"box_not_found\"}"},
        {"by a field", "GET /lago/api/v1/boxes/field", "", 404,
         "{\"status\":404,\"error\":\"Not Found\",\"code\":\"box_is_lost\"}"},
        {"by api_found", "GET /lago/api/v1/boxes/other", "", 404,
         "{\"status\":404,\"error\":\"Not Found\",\"code\":\"shelf_not_found\"}"},
        {"no id", "DELETE /lago/api/v1/boxes/zz", "", 404,
         "{\"status\":404,\"error\":\"Not Found\",\"code\":\"box_not_found\"}"},
        {"native not found", "GET /api/v1/boxes/zz", "", 404,
         "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"box zz was not found\","
         "\"code\":\"box_not_found\",\"errors\":[],\"request_id\":\"r1\"}"},
        {"native inner", "GET /api/v1/broken", "", 500,
         "{\"type\":\"about:blank\",\"title\":\"Internal Server Error\",\"status\":500,"
         "\"detail\":\"something went wrong inside; it has been logged under the request id\","
         "\"code\":\"store_error\",\"errors\":[],\"request_id\":\"r1\"}"},
        {"lago inner", "GET /lago/api/v1/broken", "", 500,
         "{\"status\":500,\"error\":\"Internal Server Error\",\"code\":\"store_error\"}"},
        {"server's own, lago", "GET /lago/api/v1/nothing", "", 404,
         "{\"status\":404,\"error\":\"Not Found\",\"code\":\"not_found\"}"},
        {"server's own, native", "PUT /api/v1/boxes", "", 405,
         "{\"type\":\"about:blank\",\"title\":\"Method Not Allowed\",\"status\":405,"
         "\"detail\":\"this path takes GET, HEAD, POST\",\"code\":\"not_allowed\",\"errors\":[],\"request_id\":\"r1\"}"},
        {"native query", "GET /api/v1/boxes?colour=1", "", 422, NULL},
        {"lago query", "GET /lago/api/v1/boxes?colour=1", "", 200, NULL},
        {"no query at all", "GET /api/v1/boxes/b1?a=1", "", 422, NULL},
    };
    // clang-format on
    start();
    EACH(c, cases) {
        struct reply reply = ask(c->call, c->body);
        CHECK_INT(reply.status, c->status);
        if (c->want != NULL)
            CHECK_STR(body_of(&reply), c->want);
        if (c->status >= 400)
            CHECK_STR(str_of(header(&reply, "Content-Type")), strstr(c->call, "/lago/") != NULL
                                                                  ? "application/json"
                                                                  : "application/problem+json");
    }
    stop();
}

TEST(api_tells_what_was_ignored)
{
    start();
    struct reply reply =
        ask("POST /lago/api/v1/boxes", "{\"box\":{\"code\":\"a\",\"x\":1,\"y\\r\\nz\":[]}}");
    CHECK_INT(reply.status, 200);
    CHECK_STR(str_of(header(&reply, "Billow-Ignored-Fields")), "x, y??z");
    reply = ask("POST /lago/api/v1/boxes", "{\"box\":{\"code\":\"a\"}}");
    CHECK_STR(str_of(header(&reply, "Billow-Ignored-Fields")), "");
    stop();
}

TEST(api_busy_says_when_to_come_again)
{
    start();
    struct reply reply = ask("GET /api/v1/busy", "");
    CHECK_INT(reply.status, 503);
    CHECK_STR(str_of(header(&reply, "Retry-After")), "1");
    stop();
}

TEST(api_needs_a_key)
{
    // clang-format off
    static const struct { const char *name; const char *path; const char *header; int status; } cases[] = {
        {"good",         "/api/v1/boxes/b1", "Authorization: Bearer good",   200},
        {"lower case",   "/api/v1/boxes/b1", "authorization: bearer good",   200},
        {"none",         "/api/v1/boxes/b1", "X: y",                         401},
        {"wrong",        "/api/v1/boxes/b1", "Authorization: Bearer wrong",  401},
        {"empty",        "/api/v1/boxes/b1", "Authorization: Bearer ",       401},
        {"one word",     "/api/v1/boxes/b1", "Authorization: good",          401},
        {"other scheme", "/api/v1/boxes/b1", "Authorization: Basic good",    401},
        {"public",       "/api/v1/open",     "X: y",                         200},
        {"lago",         "/lago/api/v1/boxes/b1", "X: y",                    401},
    };
    // clang-format on
    start();
    EACH(c, cases) {
        char text[512];
        struct reply reply;
        int fd = client_dial(http_server_port(server));
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", c->path, c->header);
        CHECK(put_text(fd, text));
        read_reply(fd, true, &reply);
        CHECK_INT(reply.status, c->status);
        if (c->status == 401)
            CHECK_STR(str_of(header(&reply, "WWW-Authenticate")), "Bearer");
        close(fd);
    }
    stop();
}

TEST(api_pages)
{
    // clang-format off
    static const struct { const char *name; const char *query; int status; const char *want; } cases[] = {
        {"first",  "",                    200, "[100,0,1],\"meta\":{\"current_page\":1,\"next_page\":null,\"prev_page\":null,\"total_pages\":1,\"total_count\":25,\"next_cursor\":null}}"},
        {"middle", "?page=2&per_page=10", 200, "[10,10,1],\"meta\":{\"current_page\":2,\"next_page\":3,\"prev_page\":1,\"total_pages\":3,\"total_count\":25,\"next_cursor\":null}}"},
        {"last",   "?per_page=5&page=5&size=4", 200, "[5,20,4],\"meta\":{\"current_page\":5,\"next_page\":null,\"prev_page\":4,\"total_pages\":5,\"total_count\":25,\"next_cursor\":null}}"},
        {"beyond", "?page=9&per_page=10", 200, "[10,80,1],\"meta\":{\"current_page\":9,\"next_page\":null,\"prev_page\":8,\"total_pages\":3,\"total_count\":25,\"next_cursor\":null}}"},
        {"zero",   "?page=0",             422, NULL},
        {"much",   "?per_page=1001",      422, NULL},
        {"words",  "?page=two",           422, NULL},
    };
    // clang-format on
    start();
    EACH(c, cases) {
        char call[128];
        char want[512];
        snprintf(call, sizeof call, "GET /api/v1/boxes%s", c->query);
        struct reply reply = ask(call, "");
        CHECK_INT(reply.status, c->status);
        snprintf(want, sizeof want, "{\"boxes\":%s", c->want != NULL ? c->want : "");
        if (c->want != NULL)
            CHECK_STR(body_of(&reply), want);
    }
    stop();
}

TEST(api_answers_later_from_another_thread)
{
    start();
    struct reply reply = ask("GET /api/v1/later/well", "");
    pthread_join(finisher, NULL);
    CHECK_INT(reply.status, 200);
    CHECK_STR(body_of(&reply), "{\"done\":\"well\"}");
    reply = ask("GET /lago/api/v1/later/bad", "");
    pthread_join(finisher, NULL);
    CHECK_INT(reply.status, 422);
    CHECK_STR(body_of(&reply), "{\"status\":422,\"error\":\"Unprocessable Entity\",\"code\":"
                               "\"validation_errors\",\"error_details\":{\"events.0\":["
                               "\"value_is_invalid\"]}}");
    stop();
}
