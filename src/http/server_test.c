/* The server over real sockets: an address of this machine and any free port. */
#include "http/server.h"

#include "base/buf.h"
#include "http/test_server.h"
#include "tests/test.h"

#include <pthread.h>
#include <stdatomic.h>

#define DEFERRED_MAX    64
#define BIG_BODY_MAX    ((size_t)3 << 20)
#define CONNECTION_MANY 300
#define GARBAGE_COUNT   200

/* ---- the handlers under test ---- */

static pthread_mutex_t deferred_lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_request *deferred[DEFERRED_MAX];
static size_t deferred_count;
static sem_t deferred_ready;

static void hello(struct http_request *request, struct http_answer *answer)
{
    (void)request;
    ok(answer, STR("hello"));
}

static void echo(struct http_request *request, struct http_answer *answer)
{
    ok(answer, request->body);
}

static void length(struct http_request *request, struct http_answer *answer)
{
    size_t sum = 0;
    for (size_t i = 0; i < request->body.len; i++)
        sum += (unsigned char)request->body.ptr[i];
    ok(answer, arena_fmt(request->arena, "%zu %zu", request->body.len, sum));
}

static void item(struct http_request *request, struct http_answer *answer)
{
    struct str what = request->query_count > 0 ? request->query[0].value : STR("-");
    struct str header = http_request_header(request, "X-Test");
    http_answer_header(request, answer, "X-Back", str_is_null(header) ? STR("a\r\nb: c") : header);
    ok(answer, arena_fmt(request->arena, "%.*s %.*s", STR_ARG(request->params[0]), STR_ARG(what)));
}

static void hold(struct http_request *request, struct http_answer *answer)
{
    (void)request;
    sem_post(&entered);
    sem_wait(&gate);
    ok(answer, STR("held"));
}

static void none(struct http_request *request, struct http_answer *answer)
{
    (void)request;
    answer->status = 204;
}

static void later(struct http_request *request, struct http_answer *answer)
{
    (void)answer;
    http_defer(request);
    pthread_mutex_lock(&deferred_lock);
    deferred[deferred_count++] = request;
    pthread_mutex_unlock(&deferred_lock);
    sem_post(&deferred_ready);
}

/* Answered before the handler returns. */
static void at_once(struct http_request *request, struct http_answer *answer)
{
    struct http_answer mine = {0};
    ok(&mine, STR("at once"));
    http_defer(request);
    http_answer(request, &mine);
    answer->status = 500;
}

// clang-format off
static const struct route routes[] = {
    {.method = HTTP_GET,  .pattern = "/hello",      .handle = hello},
    {.method = HTTP_POST, .pattern = "/echo",       .handle = echo},
    {.method = HTTP_POST, .pattern = "/big",        .handle = length, .body_bytes_max = BIG_BODY_MAX},
    {.method = HTTP_GET,  .pattern = "/items/{id}", .handle = item},
    {.method = HTTP_GET,  .pattern = "/hold",       .handle = hold},
    {.method = HTTP_GET,  .pattern = "/none",       .handle = none},
    {.method = HTTP_GET,  .pattern = "/later",      .handle = later},
    {.method = HTTP_GET,  .pattern = "/at_once",    .handle = at_once},
    {0},
};
// clang-format on

/* ---- the server under test ---- */

static void start(struct http_config config)
{
    sem_init(&deferred_ready, 0, 0);
    deferred_count = 0;
    start_server(config, routes);
}

static struct reply ask_on(int fd, const char *text)
{
    static struct reply reply;
    CHECK(put_text(fd, text));
    read_reply(fd, true, &reply);
    return reply;
}

static struct reply ask(const char *text)
{
    int fd = dial();
    struct reply reply = ask_on(fd, text);
    close(fd);
    return reply;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: x\r\n\r\n"
#define POST(path, length_text) \
    "POST " path " HTTP/1.1\r\nHost: x\r\nContent-Length: " length_text "\r\n\r\n"

/* ---- tests ---- */

TEST(server_answers_on_a_kept_connection)
{
    start((struct http_config){0});
    int fd = dial();
    struct reply reply = ask_on(fd, GET("/hello"));
    CHECK_INT(reply.status, 200);
    CHECK_STR(body_of(&reply), "hello");
    CHECK_STR(str_of(header(&reply, "Content-Type")), "text/plain");
    CHECK_STR(str_of(header(&reply, "X-Content-Type-Options")), "nosniff");
    CHECK_INT(strlen(header(&reply, "Request-Id")), 36);
    CHECK(strstr(header(&reply, "Date"), "GMT") != NULL);
    reply = ask_on(fd, POST("/echo", "3") "abc");
    CHECK_STR(body_of(&reply), "abc");
    reply = ask_on(fd, POST("/echo", "0"));
    CHECK_INT(reply.status, 200);
    CHECK_INT(reply.body_len, 0);
    reply = ask_on(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
    CHECK_STR(body_of(&reply), "abcdefg");
    reply = ask_on(fd, GET("/none"));
    CHECK_INT(reply.status, 204);
    reply = ask_on(fd, GET("/at_once"));
    CHECK_STR(body_of(&reply), "at once");
    close(fd);
    stop();
}

TEST(server_answers_requests_sent_at_once_in_their_order)
{
    start((struct http_config){0});
    int fd = dial();
    struct reply reply = ask_on(fd, GET("/items/1") POST("/echo", "3") "two" GET("/items/3"));
    CHECK_STR(body_of(&reply), "1 -");
    read_reply(fd, true, &reply);
    CHECK_STR(body_of(&reply), "two");
    read_reply(fd, true, &reply);
    CHECK_STR(body_of(&reply), "3 -");
    close(fd);
    stop();
}

TEST(server_decodes_path_and_query)
{
    start((struct http_config){0});
    struct reply reply = ask(GET("/items/a%2Fb%C3%A9?x=1+2%263"));
    CHECK_STR(body_of(&reply), "a/b\xC3\xA9 1 2&3");
    stop();
}

TEST(server_headers_go_both_ways_and_cannot_be_injected)
{
    start((struct http_config){0});
    struct reply reply =
        ask("GET /items/1 HTTP/1.1\r\nHost: x\r\nx-test: value\r\nConnection: close\r\n\r\n");
    CHECK_STR(str_of(header(&reply, "X-Back")), "value");
    reply = ask(GET("/items/1"));
    CHECK_STR(str_of(header(&reply, "X-Back")), "a??b: c");
    stop();
}

TEST(server_takes_good_request_ids)
{
    start((struct http_config){0});
    // clang-format off
    static const struct { const char *name; const char *id; bool is_taken; } cases[] = {
        {"plain",     "Request-Id: abc-123_X.y:z",   true},
        {"other name", "X-Request-Id: abc-123_X.y:z", true},
        {"spaces",    "Request-Id: abc 123",         false},
        {"empty",     "Request-Id: ",                false},
        {"markup",    "Request-Id: <b>",             false},
        {"too long",  "Request-Id: 12345678901234567890123456789012345678901234567890123456789012345", false},
    };
    // clang-format on
    EACH(c, cases) {
        char text[512];
        snprintf(text, sizeof text, "GET /hello HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", c->id);
        struct reply reply = ask(text);
        if (c->is_taken)
            CHECK_STR(str_of(header(&reply, "Request-Id")), "abc-123_X.y:z");
        else
            CHECK_INT(strlen(header(&reply, "Request-Id")), 36);
    }
    stop();
}

TEST(server_head_is_get_without_a_body)
{
    start((struct http_config){0});
    int fd = dial();
    struct reply reply;
    CHECK(put_text(fd, "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n"));
    read_reply(fd, false, &reply);
    CHECK_INT(reply.status, 200);
    CHECK_STR(str_of(header(&reply, "Content-Length")), "5");
    reply = ask_on(fd, GET("/items/next")); /* nothing of a body stood between */
    CHECK_STR(body_of(&reply), "next -");
    close(fd);
    stop();
}

TEST(server_refuses_what_is_wrong)
{
    start((struct http_config){0});
    // clang-format off
    static const struct {
        const char *name; const char *text; int status; const char *header; const char *value;
    } cases[] = {
        {"unknown path",     GET("/nowhere"),        404, NULL, NULL},
        {"wrong method",     POST("/hello", "0"),    405, "Allow", "GET, HEAD"},
        {"wrong method 2",   GET("/echo"),           405, "Allow", "POST"},
        {"unknown method",   "BREW /hello HTTP/1.1\r\nHost: x\r\n\r\n", 405, "Allow", "GET, HEAD"},
        {"options",          "OPTIONS /echo HTTP/1.1\r\nHost: x\r\n\r\n", 405, "Allow", "POST"},
        {"unknown both",     "BREW /coffee HTTP/1.1\r\nHost: x\r\n\r\n", 404, NULL, NULL},
        {"bad escape",       GET("/items/%zz"),      400, NULL, NULL},
        {"zero in path",     GET("/items/a%00b"),    400, NULL, NULL},
        {"not UTF-8",        GET("/items/%FF"),      400, NULL, NULL},
        {"zero in query",    GET("/items/a?b=%00"),  400, NULL, NULL},
        {"bad query",        GET("/items/a?b=%f"),   400, NULL, NULL},
        {"no host",          "GET /hello HTTP/1.1\r\n\r\n", 400, NULL, NULL},
        {"body refused",     POST("/nowhere", "3") "abc", 404, NULL, NULL},
        {"bad length",       POST("/echo", "12x") "abc", 400, NULL, NULL},
        {"negative length",  POST("/echo", "-5"),    400, NULL, NULL},
        {"raw UTF-8",        GET("/items/\xC3\xA9"), 200, NULL, NULL},
        {"raw not UTF-8",    GET("/items/\xC3("),    400, NULL, NULL},
    };
    // clang-format on
    EACH(c, cases) {
        struct reply reply = ask(c->text);
        CHECK_INT(reply.status, c->status);
        if (c->header != NULL)
            CHECK_STR(str_of(header(&reply, c->header)), c->value);
    }
    struct reply reply = ask(GET("/hello"));
    CHECK_INT(reply.status, 200);
    stop();
}

/* What is no HTTP at all is answered with 400 or cut off, sooner or later, and hurts nobody else.
 */
TEST(server_survives_garbage)
{
    static int fds[GARBAGE_COUNT];
    start((struct http_config){.head_receive_s = 1});
    for (size_t i = 0; i < GARBAGE_COUNT; i++) {
        char garbage[300];
        size_t len = (size_t)test_between(1, sizeof garbage);
        for (size_t k = 0; k < len; k++)
            garbage[k] = (char)test_between(0, 255);
        fds[i] = dial();
        (void)put(fds[i], garbage, len);
        (void)put_text(fds[i], "\r\n\r\n");
    }
    for (size_t i = 0; i < GARBAGE_COUNT; i++) {
        struct reply reply;
        read_reply(fds[i], true, &reply);
        CHECK(reply.status == 0 || (reply.status >= 400 && reply.status < 600));
        close(fds[i]);
    }
    struct reply reply = ask(GET("/hello"));
    CHECK_INT(reply.status, 200);
    stop();
}

static char *filled(size_t len, char c)
{
    char *text = malloc(len + 1);
    REQUIRE(text != NULL);
    memset(text, c, len);
    text[len] = '\0';
    return text;
}

TEST(server_limits_url_headers_and_parameters)
{
    start((struct http_config){0});
    struct buf text;
    char *much = filled(HTTP_HEADER_BYTES_MAX * 2, 'a');

    buf_init(&text, &arena, 1 << 20);
    buf_fmt(&text, "GET /items/%.*s HTTP/1.1\r\nHost: x\r\n\r\n", (int)HTTP_URL_BYTES_MAX, much);
    struct reply reply = ask(arena_cstr(&arena, buf_str(&text)));
    CHECK_INT(reply.status, 414);

    buf_reset(&text);
    buf_fmt(&text, "GET /items/%.*s HTTP/1.1\r\nHost: x\r\n\r\n",
            (int)HTTP_URL_BYTES_MAX - (int)strlen("/items/"), much);
    reply = ask(arena_cstr(&arena, buf_str(&text)));
    CHECK_INT(reply.status, 200);

    buf_reset(&text);
    buf_fmt(&text, "GET /hello HTTP/1.1\r\nHost: x\r\nX-Much: %s\r\n\r\n", much);
    int fd = dial();
    (void)put(fd, text.ptr, text.len); /* may be cut off before all is sent */
    read_reply(fd, true, &reply);
    CHECK(reply.status == 431 || reply.status == 0);
    close(fd);

    buf_reset(&text);
    buf_add(&text, STR("GET /hello?"));
    for (int i = 0; i <= HTTP_QUERY_PARAMS_MAX; i++)
        buf_add(&text, STR("a=1&"));
    buf_add(&text, STR(" HTTP/1.1\r\nHost: x\r\n\r\n"));
    reply = ask(arena_cstr(&arena, buf_str(&text)));
    CHECK_INT(reply.status, 400);
    free(much);
    stop();
}

static struct reply post_bytes(const char *path, size_t len, bool is_chunked)
{
    static struct reply reply;
    char head[256];
    char *body = filled(len, '\1');
    int fd = dial();
    if (is_chunked)
        snprintf(head, sizeof head,
                 "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%zx\r\n", path,
                 len);
    else
        snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
                 path, len);
    CHECK(put_text(fd, head));
    CHECK(put(fd, body, len));
    if (is_chunked)
        CHECK(put_text(fd, "\r\n0\r\n\r\n"));
    read_reply(fd, true, &reply);
    if (reply.status == 413) { /* the body was read to its end, the connection is good */
        struct reply next = ask_on(fd, GET("/hello"));
        CHECK_INT(next.status, 200);
        reply.status = 413;
    }
    close(fd);
    free(body);
    return reply;
}

TEST(server_limits_bodies_by_route)
{
    start((struct http_config){0});
    // clang-format off
    static const struct {
        const char *name; const char *path; size_t len; bool is_chunked; int status;
    } cases[] = {
        {"largest",           "/echo", HTTP_BODY_BYTES_MAX,     false, 200},
        {"too large",         "/echo", HTTP_BODY_BYTES_MAX + 1, false, 413},
        {"largest chunked",   "/echo", HTTP_BODY_BYTES_MAX,     true,  200},
        {"too large chunked", "/echo", HTTP_BODY_BYTES_MAX + 1, true,  413},
        {"route's largest",   "/big",  BIG_BODY_MAX,            false, 200},
        {"route's too large", "/big",  BIG_BODY_MAX + 1,        false, 413},
    };
    // clang-format on
    EACH(c, cases) {
        struct reply reply = post_bytes(c->path, c->len, c->is_chunked);
        CHECK_INT(reply.status, c->status);
        if (c->status == 200 && strcmp(c->path, "/echo") == 0)
            CHECK_INT(reply.body_len, c->len);
    }
    /* Every byte arrived: each is 1. */
    struct reply reply = post_bytes("/big", BIG_BODY_MAX, false);
    CHECK_STR(body_of(&reply), "3145728 3145728");
    stop();
}

/* A client that asks first is told before it sends anything. */
TEST(server_refuses_an_expected_body_at_once)
{
    start((struct http_config){0});
    struct reply reply = ask("POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                             "Content-Length: 9999999\r\n\r\n");
    CHECK_INT(reply.status, 413);
    reply = ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n");
    CHECK_INT(reply.status, 413);
    int fd = dial();
    reply = ask_on(fd, "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                       "Content-Length: 3\r\n\r\n");
    CHECK_INT(reply.status, 100);
    reply = ask_on(fd, "abc");
    CHECK_STR(body_of(&reply), "abc");
    close(fd);
    stop();
}

TEST(server_takes_a_request_byte_by_byte)
{
    static const char text[] = POST("/echo?a=b", "5") "bytes";
    start((struct http_config){0});
    int fd = dial();
    for (size_t i = 0; i < sizeof text - 1; i++)
        CHECK(put(fd, text + i, 1));
    struct reply reply;
    read_reply(fd, true, &reply);
    CHECK_STR(body_of(&reply), "bytes");
    close(fd);
    stop();
}

static bool is_closed(int fd)
{
    char byte;
    return is_readable(fd, WAIT_MS) && recv(fd, &byte, 1, 0) <= 0;
}

TEST(server_cuts_off_the_slow)
{
    start((struct http_config){.idle_s = 1, .head_receive_s = 1, .body_receive_s = 1});
    int silent = dial();
    int half = dial();
    int half_body = dial();
    CHECK(put_text(half, "GET /hello HTTP/1.1\r\nHost:"));
    CHECK(put_text(half_body, POST("/echo", "10") "abc"));
    CHECK(is_closed(silent));
    CHECK(is_closed(half));
    CHECK(is_closed(half_body));
    close(silent);
    close(half);
    close(half_body);
    struct reply reply = ask(GET("/hello"));
    CHECK_INT(reply.status, 200);
    stop();
}

/* Never silent for long, yet never done: each poll waits a little for the end that must come. */
TEST(server_cuts_off_who_trickles)
{
    start((struct http_config){.idle_s = 30, .head_receive_s = 1, .body_receive_s = 1});
    int head = dial();
    int body = dial();
    CHECK(put_text(head, "GET /hello HTTP/1.1\r\nX-Slow: "));
    CHECK(put_text(body, POST("/echo", "100000")));
    bool is_head_cut = false;
    bool is_body_cut = false;
    for (int i = 0; i < 400 && !(is_head_cut && is_body_cut); i++) {
        is_head_cut = is_head_cut || !put(head, "a", 1) || is_readable(head, 20);
        is_body_cut = is_body_cut || !put(body, "a", 1) || is_readable(body, 20);
    }
    CHECK(is_head_cut);
    CHECK(is_body_cut);
    close(head);
    close(body);
    stop();
}

TEST(server_serves_many_connections)
{
    static int fds[CONNECTION_MANY];
    struct reply reply;
    start((struct http_config){0});
    for (size_t i = 0; i < CONNECTION_MANY; i++)
        fds[i] = dial();
    for (int round = 0; round < 2; round++) {
        /* More at once than the queue holds would be told 503: this stays below. */
        for (size_t from = 0; from < CONNECTION_MANY; from += 100) {
            for (size_t i = from; i < from + 100; i++)
                CHECK(put_text(fds[i], GET("/items/x")));
            for (size_t i = from; i < from + 100; i++) {
                read_reply(fds[i], true, &reply);
                CHECK_INT(reply.status, 200);
                CHECK_STR(body_of(&reply), "x -");
            }
        }
    }
    for (size_t i = 0; i < CONNECTION_MANY; i++)
        close(fds[i]);
    stop();
}

TEST(server_queue_is_bounded)
{
    struct reply reply;
    start((struct http_config){.worker_count = 1, .queue_max = 1});
    int running = dial();
    CHECK(put_text(running, GET("/hold")));
    wait_for(&entered);
    int waiting[2] = {dial(), dial()};
    CHECK(put_text(waiting[0], GET("/hello")));
    CHECK(put_text(waiting[1], GET("/hello")));
    struct pollfd polled[2] = {{.fd = waiting[0], .events = POLLIN},
                               {.fd = waiting[1], .events = POLLIN}};
    CHECK_INT(poll(polled, 2, WAIT_MS), 1);
    size_t refused = (polled[0].revents & POLLIN) != 0 ? 0 : 1;
    read_reply(waiting[refused], true, &reply);
    CHECK_INT(reply.status, 503);
    CHECK_STR(str_of(header(&reply, "Retry-After")), "1");
    sem_post(&gate);
    read_reply(running, true, &reply);
    CHECK_STR(body_of(&reply), "held");
    read_reply(waiting[1 - refused], true, &reply);
    CHECK_INT(reply.status, 200);
    reply = ask_on(waiting[refused], GET("/hello"));
    CHECK_INT(reply.status, 200);
    close(running);
    close(waiting[0]);
    close(waiting[1]);
    stop();
}

static void *answer_deferred(void *arg)
{
    size_t count = *(const size_t *)arg;
    for (size_t i = count; i-- > 0;) {
        struct http_answer answer = {0};
        ok(&answer, arena_fmt(deferred[i]->arena, "later"));
        http_answer(deferred[i], &answer);
    }
    return NULL;
}

/* More requests wait for their answers than there are workers; the last comes first. */
TEST(server_deferred_answers_come_from_another_thread)
{
    static int fds[DEFERRED_MAX];
    size_t count = DEFERRED_MAX;
    pthread_t thread;
    struct reply reply;
    start((struct http_config){.worker_count = 2});
    for (size_t i = 0; i < count; i++) {
        fds[i] = dial();
        CHECK(put_text(fds[i], GET("/later")));
    }
    for (size_t i = 0; i < count; i++)
        wait_for(&deferred_ready);
    reply = ask(GET("/hello")); /* no worker is held up */
    CHECK_INT(reply.status, 200);
    REQUIRE(pthread_create(&thread, NULL, answer_deferred, &count) == 0);
    for (size_t i = 0; i < count; i++) {
        read_reply(fds[i], true, &reply);
        CHECK_INT(reply.status, 200);
        CHECK_STR(body_of(&reply), "later");
        close(fds[i]);
    }
    pthread_join(thread, NULL);
    stop();
}

TEST(server_survives_clients_that_leave)
{
    start((struct http_config){0});
    int fd = dial();
    CHECK(put_text(fd, GET("/hold")));
    wait_for(&entered);
    close(fd); /* while the handler runs */
    sem_post(&gate);
    fd = dial();
    CHECK(put_text(fd, GET("/later")));
    wait_for(&deferred_ready);
    close(fd); /* while the answer is deferred */
    size_t one = 1;
    answer_deferred(&one);
    for (int i = 0; i < 50; i++) {
        fd = dial();
        CHECK(put_text(fd, POST("/echo", "100") "abc"));
        close(fd); /* in the middle of the body */
    }
    struct reply reply = ask(GET("/hello"));
    CHECK_INT(reply.status, 200);
    stop();
}

static atomic_bool has_stopped;

static void *stop_in_thread(void *arg)
{
    (void)arg;
    http_server_stop(server);
    atomic_store(&has_stopped, true);
    return NULL;
}

TEST(server_stops_after_its_last_answer)
{
    pthread_t thread;
    struct reply reply;
    start((struct http_config){.worker_count = 2});
    atomic_store(&has_stopped, false);
    int held = dial();
    int deferring = dial();
    int other = dial();
    int idle = dial();
    CHECK(put_text(held, GET("/hold")));
    wait_for(&entered);
    CHECK(put_text(deferring, GET("/later")));
    wait_for(&deferred_ready);
    reply = ask_on(other, GET("/hello"));
    CHECK_INT(reply.status, 200);

    REQUIRE(pthread_create(&thread, NULL, stop_in_thread, NULL) == 0);
    /* The connection that is open already learns of it by its answers: a last good one, or 503. */
    while (reply.status == 200 && strcmp(header(&reply, "Connection"), "close") != 0)
        reply = ask_on(other, GET("/hello"));
    CHECK(reply.status == 200 || reply.status == 503);
    CHECK_STR(str_of(header(&reply, "Connection")), "close");
    CHECK(!atomic_load(&has_stopped));

    size_t one = 1;
    answer_deferred(&one);
    read_reply(deferring, true, &reply);
    CHECK_STR(body_of(&reply), "later");
    CHECK(!atomic_load(&has_stopped));
    sem_post(&gate);
    read_reply(held, true, &reply);
    CHECK_STR(body_of(&reply), "held");
    CHECK_STR(str_of(header(&reply, "Connection")), "close");
    pthread_join(thread, NULL);
    CHECK(is_closed(idle));
    close(held);
    close(deferring);
    close(other);
    close(idle);
    arena_clear(&arena);
}

TEST(server_finds_the_next_free_port)
{
    struct http_server *next;
    char address[64];
    start((struct http_config){0});
    snprintf(address, sizeof address, "127.0.0.1:%d", http_server_port(server));
    CHECK_STR(http_server_address(server), address);
    struct http_config config = {.listen = str_of(address), .router = &router};
    CHECK_INT(http_server_start(&config, &fault, &next), ERR_UNAVAILABLE);
    CHECK(str_find(fault.message, ':') > 0);
    fault_reset(&fault);
    config.next_free_port = true;
    REQUIRE(http_server_start(&config, &fault, &next) == ERR_NONE);
    CHECK(http_server_port(next) > http_server_port(server));
    http_server_stop(next);
    stop();
}

TEST(server_refuses_bad_addresses)
{
    static const struct {
        const char *name;
        const char *listen;
    } cases[] = {
        {"nothing", ""},         {"no port", "127.0.0.1"},     {"empty port", "127.0.0.1:"},
        {"word", "127.0.0.1:x"}, {"large", "127.0.0.1:65536"}, {"negative", "127.0.0.1:-1"},
        {"bare IPv6", "::1:80"},
    };
    arena_init(&arena);
    fault_init(&fault, &arena);
    router_init(&router, &arena);
    EACH(c, cases) {
        struct http_server *none_started;
        struct http_config config = {.listen = str_of(c->listen), .router = &router};
        fault_reset(&fault);
        CHECK_INT(http_server_start(&config, &fault, &none_started), ERR_INVALID);
        CHECK(fault.message.len > 0);
    }
    arena_clear(&arena);
}
