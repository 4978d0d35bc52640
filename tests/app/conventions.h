/* conventions.h - the whole API over real sockets, on a database of its own; from many threads. */
#ifndef TESTS_APP_CONVENTIONS_H
#define TESTS_APP_CONVENTIONS_H

#include "tests/app/world.h"

#include "api/limit.h"
#include "api/routes.h"
#include "app/api_key.h"
#include "app/idempotency.h"
#include "base/log.h"
#include "http/server.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <strings.h>
#include <sys/socket.h>

#define WAIT_MS 60000 /* nothing takes as long, unless it hangs */

struct service {
    struct world world;
    struct router router;
    struct limits *limits;
    struct api_env env;
    struct http_server *server;
    int port;
};

/* `limit` NULL: no limits. */
__attribute__((unused)) static void service_start(struct service *s,
                                                  const struct limit_config *limit)
{
    log_configure(LOG_ERROR + 1, false); /* errors are made on purpose here */
    world_open(&s->world);
    at(&s->world, "2024-05-01T00:00:00Z");
    MUST(&s->world, ingest_start(&s->world.app, &s->world.fault));
    router_init(&s->router, &s->world.arena);
    api_mount(&s->router, api_routes);
    s->limits = limit != NULL ? limits_new(limit) : NULL;
    s->env =
        (struct api_env){.app = &s->world.app, .key_check = api_key_check, .limits = s->limits};
    MUST(&s->world, http_server_start(
                        &(struct http_config){
                            .listen = STR("127.0.0.1:0"),
                            .router = &s->router,
                            .env = &s->env,
                            .refuse = api_refuse,
                            .worker_count = 8,
                        },
                        &s->world.fault, &s->server));
    s->port = http_server_port(s->server);
}

__attribute__((unused)) static void service_stop(struct service *s)
{
    http_server_stop(s->server);
    ingest_stop(&s->world.app);
    limits_free(s->limits);
    world_close(&s->world);
}

#define ANSWER_MAX ((size_t)256 * 1024)

/* One answer; its texts live until answer_free. */
struct answer {
    int status;
    char *text; /* head and body */
    const char *body;
};

__attribute__((unused)) static void answer_free(struct answer *answer)
{
    free(answer->text);
    *answer = (struct answer){0};
}

/* The value of a header, or "". */
__attribute__((unused)) static struct str header_of(const struct answer *answer, const char *name)
{
    size_t len = strlen(name);
    for (const char *line = strstr(answer->text, "\r\n"); line != NULL && line < answer->body - 2;
         line = strstr(line + 2, "\r\n")) {
        const char *at = line + 2;
        if (strncasecmp(at, name, len) == 0 && at[len] == ':')
            return str_trim((struct str){at + len + 1, strcspn(at + len + 1, "\r")});
    }
    return STR("");
}

/* Sends "POST /api/v1/taxes" with a key and more headers ("A: b\r\n"), and reads to the end.
 * status 0: there was no whole answer. */
__attribute__((unused)) static struct answer ask_with(const struct service *s, const char *key,
                                                      const char *call, const char *headers,
                                                      const char *body)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)s->port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct answer answer = {.text = calloc(1, ANSWER_MAX), .body = ""};
    char *request = calloc(1, 8192 + strlen(body));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    int len = snprintf(request, 8192 + strlen(body),
                       "%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nConnection: close\r\n"
                       "%sContent-Length: %zu\r\n\r\n%s",
                       call, key, headers, strlen(body), body);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        send(fd, request, (size_t)len, MSG_NOSIGNAL) == len) {
        size_t got = 0;
        for (;;) {
            struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
            ssize_t n = poll(&poll_fd, 1, WAIT_MS) == 1
                            ? recv(fd, answer.text + got, ANSWER_MAX - 1 - got, 0)
                            : 0;
            if (n <= 0)
                break;
            got += (size_t)n;
        }
        const char *end = strstr(answer.text, "\r\n\r\n");
        if (end != NULL && got > 12) {
            answer.status = (int)strtol(answer.text + 9, NULL, 10);
            answer.body = end + 4;
        }
    }
    free(request);
    close(fd);
    return answer;
}

__attribute__((unused)) static struct answer ask(const struct service *s, const char *call,
                                                 const char *headers, const char *body)
{
    return ask_with(s, "test", call, headers, body);
}

/* The text behind "NAME":" in a body, copied into the world's arena. */
__attribute__((unused)) static const char *member(struct service *s, const struct answer *answer,
                                                  const char *name)
{
    char pattern[64];
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    const char *at = strstr(answer->body, pattern);
    REQUIRE(at != NULL);
    at += strlen(pattern);
    return arena_cstr(&s->world.arena, (struct str){at, strcspn(at, "\"")});
}

/* Asks and checks the status; for what is done only to get on. */
__attribute__((unused)) static void must_ask(struct service *s, int status, const char *call,
                                             const char *body)
{
    struct answer answer = ask(s, call, "", body);
    if (answer.status != status)
        printf("    %s: %s\n", call, answer.body);
    REQUIRE(answer.status == status);
    answer_free(&answer);
}

/* total_count of a list. */
__attribute__((unused)) static int64_t total_of(struct service *s, const char *path)
{
    char call[300];
    snprintf(call, sizeof call, "GET /api/v1/%s", path);
    struct answer answer = ask(s, call, "", "");
    const char *at = strstr(answer.body, "\"total_count\":");
    REQUIRE(answer.status == 200 && at != NULL);
    int64_t total = strtoll(at + strlen("\"total_count\":"), NULL, 10);
    answer_free(&answer);
    return total;
}

#endif
