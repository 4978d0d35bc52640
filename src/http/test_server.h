/* test_server.h - for tests: a server on any free port of this machine, and what waits for it. */
#ifndef HTTP_TEST_SERVER_H
#define HTTP_TEST_SERVER_H

#include "base/log.h"
#include "http/server.h"
#include "http/test_client.h"

#include <semaphore.h>
#include <time.h>

static sem_t entered; /* posted by a handler that has come to a place where it waits */
static sem_t gate;    /* what it waits for there */

static struct arena arena;
static struct fault fault;
static struct router router;
static struct http_server *server;

static void start_server(struct http_config config, const struct route *routes)
{
    log_configure(LOG_ERROR, false);
    arena_init(&arena);
    fault_init(&fault, &arena);
    router_init(&router, &arena);
    router_add_all(&router, "", routes);
    sem_init(&entered, 0, 0);
    sem_init(&gate, 0, 0);
    config.listen = STR("127.0.0.1:0");
    config.router = &router;
    REQUIRE(http_server_start(&config, &fault, &server) == ERR_NONE);
}

static void stop(void)
{
    http_server_stop(server);
    arena_clear(&arena);
}

/* For a bounded time. */
static void wait_for(sem_t *semaphore)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_MS / 1000;
    REQUIRE(sem_timedwait(semaphore, &until) == 0);
}

static int dial(void)
{
    return client_dial(http_server_port(server));
}

static void ok(struct http_answer *answer, struct str body)
{
    answer->status = 200;
    answer->content_type = "text/plain";
    answer->body = body;
}

#endif
