/* Bodies that come packed, and bodies that are handed on as they come, over real sockets. */
#include "http/server.h"

#include "base/buf.h"
#include "http/test_server.h"
#include "tests/test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <zlib.h>

#define LONG_BODY ((size_t)4 << 20)
#define BOMB_BODY ((size_t)64 << 20)

/* ---- the handlers under test ---- */

static atomic_size_t largest_part;

static void size_of(struct http_request *request, struct http_answer *answer)
{
    size_t sum = 0;
    for (size_t i = 0; i < request->body.len; i++)
        sum += (unsigned char)request->body.ptr[i];
    ok(answer, arena_fmt(request->arena, "%zu %zu", request->body.len, sum));
}

/* Counts whole lines and bytes; a line "stop" is refused at once, amid the body. */
struct counting {
    size_t lines, bytes, parts;
};

static void answer_with(struct http_request *request, int status, const char *word)
{
    struct counting *counting = request->state;
    struct http_answer answer = {0};
    ok(&answer, arena_fmt(request->arena, "%s: %zu lines, %zu bytes", word, counting->lines,
                          counting->bytes));
    answer.status = status;
    http_answer(request, &answer);
}

static void count_lines(struct http_request *request, const struct http_part *part)
{
    static const char *const words[] = {"going", "complete", "stopping", "too slow", "damaged"};
    struct counting *counting = request->state;
    struct str rest = part->bytes;
    ptrdiff_t end;
    if (counting == NULL) {
        counting = ARENA_NEW(request->arena, struct counting);
        request->state = counting;
        if (!str_is_null(http_request_header(request, "X-Refuse"))) {
            answer_with(request, 401, "refused");
            return;
        }
        http_stream_next(request, 0);
        return;
    }
    counting->parts++;
    if (part->bytes.len > atomic_load(&largest_part))
        atomic_store(&largest_part, part->bytes.len);
    while ((end = str_find(rest, '\n')) >= 0) {
        counting->lines++;
        counting->bytes += (size_t)end + 1;
        if (str_eq(str_slice(rest, 0, (size_t)end), STR("stop"))) {
            answer_with(request, 422, "stopped");
            return;
        }
        rest = str_slice(rest, (size_t)end + 1, rest.len);
    }
    if (part->end != HTTP_STREAM_GOES_ON)
        answer_with(request, part->end == HTTP_STREAM_COMPLETE ? 200 : 400, words[part->end]);
    else if (part->is_full && rest.len == part->bytes.len)
        answer_with(request, 413, "too long");
    else
        http_stream_next(request, part->bytes.len - rest.len);
}

/* The same, but each part waits for the test. */
static void held_lines(struct http_request *request, const struct http_part *part)
{
    if (request->state != NULL) {
        sem_post(&entered);
        sem_wait(&gate);
    }
    count_lines(request, part);
}

// clang-format off
static const struct route routes[] = {
    {.method = HTTP_POST, .pattern = "/size",  .handle = size_of, .body_bytes_max = LONG_BODY},
    {.method = HTTP_POST, .pattern = "/lines", .take = count_lines},
    {.method = HTTP_POST, .pattern = "/held",  .take = held_lines},
    {0},
};
// clang-format on

/* ---- the server under test ---- */

static void start(struct http_config config)
{
    atomic_store(&largest_part, 0);
    start_server(config, routes);
}

#define CHUNKED(path) "POST " path " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"

static void put_chunk(int fd, const char *bytes, size_t len)
{
    char head[32];
    snprintf(head, sizeof head, "%zx\r\n", len);
    CHECK(put_text(fd, head));
    CHECK(put(fd, bytes, len));
    CHECK(put_text(fd, "\r\n"));
}

static void post(int fd, const char *path, const char *headers, struct str body)
{
    char head[512];
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n",
             path, headers, body.len);
    CHECK(put_text(fd, head));
    (void)put(fd, body.ptr, body.len); /* a refused body may be cut off */
}

static struct reply ask(const char *path, const char *headers, struct str body)
{
    struct reply reply;
    int fd = dial();
    post(fd, path, headers, body);
    read_reply(fd, true, &reply);
    close(fd);
    return reply;
}

static struct str pack(struct str plain)
{
    z_stream z = {.next_in = (unsigned char *)plain.ptr, .avail_in = (unsigned)plain.len};
    REQUIRE(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    size_t room = deflateBound(&z, plain.len);
    char *packed = arena_alloc(&arena, room);
    z.next_out = (unsigned char *)packed;
    z.avail_out = (unsigned)room;
    REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END);
    struct str result = {packed, room - z.avail_out};
    deflateEnd(&z);
    return result;
}

static struct str joined(struct str a, struct str b)
{
    struct buf both;
    buf_init(&both, &arena, a.len + b.len);
    buf_add(&both, a);
    buf_add(&both, b);
    return buf_str(&both);
}

static struct str filled(char c, size_t len)
{
    char *bytes = arena_alloc(&arena, len);
    memset(bytes, c, len);
    return (struct str){bytes, len};
}

#define GZIP "Content-Encoding: gzip\r\n"

/* ---- bodies ---- */

TEST(content_is_unpacked_up_to_the_routes_limit)
{
    start((struct http_config){0});
    struct str abc = pack(STR("abc"));
    struct str twice = joined(abc, abc);
    struct str damaged = arena_str(&arena, abc);
    ((char *)damaged.ptr)[abc.len - 6] ^= 1; /* its checksum */
    const struct {
        const char *name, *headers;
        struct str body;
        int status;
        const char *says; /* NULL: anything */
    } cases[] = {
        {"gzip", GZIP, abc, 200, "3 294"}, /* 97 + 98 + 99 */
        {"x-gzip", "Content-Encoding: x-gzip\r\n", abc, 200, "3 294"},
        {"identity", "Content-Encoding: identity\r\n", STR("abc"), 200, "3 294"},
        {"two members", GZIP, twice, 200, "6 588"},
        {"the limit", GZIP, pack(filled('\1', LONG_BODY)), 200, "4194304 4194304"},
        {"one more", GZIP, pack(filled('\1', LONG_BODY + 1)), 413, NULL},
        {"a bomb", GZIP, pack(filled('\0', BOMB_BODY)), 413, NULL},
        {"cut off", GZIP, str_slice(abc, 0, abc.len - 1), 400, "the body's gzip ends too early"},
        {"damaged", GZIP, damaged, 400, NULL},
        {"no gzip", GZIP, STR("abc"), 400, "the body is not a sound gzip"},
        {"rubbish behind", GZIP, joined(abc, STR("rubbish")), 400, NULL},
        {"nothing", GZIP, STR(""), 200, "0 0"},
        {"deflate", "Content-Encoding: deflate\r\n", STR("abc"), 415,
         "the body's Content-Encoding may be gzip or identity"},
        {"two encodings", "Content-Encoding: gzip, gzip\r\n", abc, 415, NULL},
    };
    EACH(c, cases) {
        struct reply reply = ask("/size", c->headers, c->body);
        CHECK_INT(reply.status, c->status);
        if (c->says != NULL)
            CHECK_STR(body_of(&reply), c->says);
    }
    stop();
}

/* ---- streams ---- */

static struct str many_lines(size_t count)
{
    struct buf lines;
    buf_init(&lines, &arena, count * 10);
    for (size_t i = 0; i < count; i++)
        buf_fmt(&lines, "line %04zu\n", i % 10000);
    return buf_str(&lines);
}

TEST(stream_takes_a_body_of_any_length)
{
    start((struct http_config){0});
    struct str lines = many_lines(1000000); /* 10 bytes each: 38 times a buffer */
    struct reply reply = ask("/lines", "", lines);
    CHECK_INT(reply.status, 200);
    CHECK_STR(body_of(&reply), "complete: 1000000 lines, 10000000 bytes");
    CHECK(atomic_load(&largest_part) <= HTTP_STREAM_BYTES);
    reply = ask("/lines", GZIP, pack(lines));
    CHECK_STR(body_of(&reply), "complete: 1000000 lines, 10000000 bytes");
    CHECK(atomic_load(&largest_part) <= HTTP_STREAM_BYTES);
    reply = ask("/lines", "", STR(""));
    CHECK_STR(body_of(&reply), "complete: 0 lines, 0 bytes");
    struct str packed = pack(lines);
    reply = ask("/lines", GZIP, str_slice(packed, 0, packed.len - 1));
    CHECK_INT(reply.status, 400);
    CHECK_STR(body_of(&reply), "damaged: 1000000 lines, 10000000 bytes");
    reply = ask("/lines", GZIP, STR("not gzip at all"));
    CHECK_STR(body_of(&reply), "damaged: 0 lines, 0 bytes");
    stop();
}

TEST(stream_keeps_the_connection_when_its_body_is_read)
{
    start((struct http_config){0});
    struct reply reply;
    int fd = dial();
    for (int i = 0; i < 3; i++) {
        post(fd, "/lines", "", STR("a\nb\n"));
        read_reply(fd, true, &reply);
        CHECK_STR(body_of(&reply), "complete: 2 lines, 4 bytes");
    }
    close(fd);
    stop();
}

/* What has come is handed on though the body goes on. */
TEST(stream_hands_on_at_once)
{
    start((struct http_config){0});
    struct reply reply;
    int fd = dial();
    CHECK(put_text(fd, CHUNKED("/held") "\r\n"));
    for (int i = 0; i < 3; i++) {
        put_chunk(fd, "a\n", 2);
        wait_for(&entered);
        sem_post(&gate);
    }
    put_chunk(fd, "", 0);
    wait_for(&entered); /* the end */
    sem_post(&gate);
    read_reply(fd, true, &reply);
    CHECK_STR(body_of(&reply), "complete: 3 lines, 6 bytes");
    close(fd);
    stop();
}

/* How much the client can send until the server takes no more. */
static size_t put_until_full(int fd)
{
    static const char lines[] = "123456789\n";
    size_t sent = 0;
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    while (sent < BOMB_BODY && poll(&poll_fd, 1, 300) == 1) {
        char block[1000];
        for (size_t i = 0; i < sizeof block; i++)
            block[i] = lines[(sent + i) % 10];
        ssize_t n = send(fd, block, sizeof block, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
    }
    return sent;
}

/* A busy handler holds the client up; other requests of the same threads go on. */
TEST(stream_suspends_a_client_that_is_faster)
{
    start((struct http_config){.network_thread_count = 1, .worker_count = 2});
    struct reply reply;
    int fd = dial();
    char head[256];
    snprintf(head, sizeof head, "POST /held HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n",
             BOMB_BODY);
    CHECK(put_text(fd, head));
    size_t sent = put_until_full(fd);
    CHECK(sent > HTTP_STREAM_BYTES);
    CHECK(sent < BOMB_BODY); /* the system's socket buffers and ours, no more */
    reply = ask("/size", "", STR("abc"));
    CHECK_STR(body_of(&reply), "3 294");
    for (int i = 0; i < 100000; i++) /* lets all parts pass */
        sem_post(&gate);
    static char rest[BOMB_BODY];
    for (size_t i = 0; i < BOMB_BODY; i++)
        rest[i] = "123456789\n"[i % 10];
    CHECK(put(fd, rest + sent, BOMB_BODY - sent));
    read_reply(fd, true, &reply);
    CHECK_STR(body_of(&reply), "complete: 6710886 lines, 67108860 bytes");
    close(fd);
    stop();
}

/* An answer that does not wait for the body's end, and then the connection's end. */
TEST(stream_answers_amid_the_body)
{
    start((struct http_config){0});
    struct reply reply;
    int fd = dial();
    CHECK(put_text(fd, CHUNKED("/lines") "\r\n"));
    put_chunk(fd, "a\nstop\nb\n", 9);
    read_reply(fd, true, &reply);
    CHECK_INT(reply.status, 422);
    CHECK_STR(body_of(&reply), "stopped: 2 lines, 7 bytes");
    CHECK_STR(str_of(header(&reply, "Connection")), "close");
    char more;
    CHECK_INT(get(fd, &more, 1), 0);
    (void)put_text(fd, "2\r\nc\n\r\n0\r\n\r\n"); /* may still be sent, and is thrown away */
    close(fd);
    fd = dial();
    CHECK(put_text(fd, CHUNKED("/lines") "X-Refuse: yes\r\n\r\n"));
    read_reply(fd, true, &reply);
    CHECK_INT(reply.status, 401);
    close(fd);
    static char line[HTTP_STREAM_BYTES + 1];
    memset(line, 'a', sizeof line);
    reply = ask("/lines", "", (struct str){line, sizeof line});
    CHECK_STR(body_of(&reply), "too long: 0 lines, 0 bytes");
    stop();
}

TEST(stream_ends_who_trickles)
{
    start((struct http_config){.idle_s = 30, .body_receive_s = 1, .stream_window_s = 1});
    struct reply reply;
    int fd = dial();
    CHECK(put_text(fd, CHUNKED("/lines") "\r\n"));
    for (int i = 0; i < 400 && !is_readable(fd, 20); i++)
        (void)put_text(fd, "2\r\na\n\r\n");
    read_reply(fd, true, &reply);
    CHECK_INT(reply.status, 400);
    CHECK(str_starts(body_of(&reply), STR("too slow: ")));
    close(fd);
    stop();
}

TEST(stream_survives_clients_that_leave)
{
    start((struct http_config){0});
    for (int i = 0; i < 20; i++) {
        int fd = dial();
        CHECK(put_text(fd, CHUNKED("/held") "\r\n"));
        put_chunk(fd, "a\nb\n", 4);
        wait_for(&entered);
        close(fd);
        sem_post(&gate);
    }
    for (int i = 0; i < 20; i++) /* each may be told of its end as well */
        sem_post(&gate);
    struct reply reply = ask("/lines", "", STR("a\n"));
    CHECK_STR(body_of(&reply), "complete: 1 lines, 2 bytes");
    stop();
}

TEST(streams_are_bounded_in_number)
{
    start((struct http_config){.streams_max = 2});
    struct reply reply;
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = dial();
        CHECK(put_text(fds[i], CHUNKED("/held") "\r\n"));
        put_chunk(fds[i], "a\n", 2);
        wait_for(&entered);
    }
    reply = ask("/lines", "", STR("a\n"));
    CHECK_INT(reply.status, 503);
    for (int i = 0; i < 4; i++)
        sem_post(&gate);
    for (int i = 0; i < 2; i++) {
        put_chunk(fds[i], "", 0);
        read_reply(fds[i], true, &reply);
        CHECK_STR(body_of(&reply), "complete: 1 lines, 2 bytes");
        close(fds[i]);
    }
    stop();
}

static void *stop_in_thread(void *arg)
{
    (void)arg;
    http_server_stop(server);
    return NULL;
}

/* A graceful stop tells each stream, whether it is idle or at work. */
TEST(stream_is_told_of_the_servers_end)
{
    start((struct http_config){0});
    struct reply reply;
    int idle = dial();
    int busy = dial();
    pthread_t thread;
    CHECK(put_text(idle, CHUNKED("/held") "\r\n"));
    put_chunk(idle, "a\n", 2);
    wait_for(&entered);
    sem_post(&gate);
    CHECK(put_text(busy, CHUNKED("/held") "\r\n"));
    put_chunk(busy, "a\nb\n", 4);
    wait_for(&entered);
    REQUIRE(pthread_create(&thread, NULL, stop_in_thread, NULL) == 0);
    for (int i = 0; i < 3; i++)
        sem_post(&gate);
    read_reply(idle, true, &reply);
    CHECK_STR(body_of(&reply), "stopping: 1 lines, 2 bytes");
    read_reply(busy, true, &reply);
    CHECK_STR(body_of(&reply), "stopping: 2 lines, 4 bytes");
    close(idle);
    close(busy);
    pthread_join(thread, NULL);
    arena_clear(&arena);
}
