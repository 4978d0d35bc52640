#include "http/head_watch.h"

#include "base/assert.h"
#include "base/clock.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define ROUND_S 1

/* Reading ends for those that are late; the library then sees the end of input and closes. */
static void cut_late(struct head_watch *watch)
{
    int64_t now_us = clock_monotonic_us();
    for (struct watched *c = watch->first; c != NULL; c = c->next) {
        if (c->since_us != 0 && now_us - c->since_us > watch->limit_us) {
            (void)shutdown(c->fd, SHUT_RDWR);
            c->since_us = 0;
        }
    }
}

static void *watch_rounds(void *arg)
{
    struct head_watch *watch = arg;
    pthread_mutex_lock(&watch->lock);
    while (!watch->is_stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec += ROUND_S;
        pthread_cond_timedwait(&watch->stop, &watch->lock, &until);
        cut_late(watch);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

enum err head_watch_start(struct head_watch *watch, int limit_s)
{
    *watch = (struct head_watch){.limit_us = (int64_t)limit_s * 1000000};
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&watch->thread, NULL, watch_rounds, watch) == 0)
        return ERR_NONE;
    pthread_cond_destroy(&watch->stop);
    pthread_mutex_destroy(&watch->lock);
    return ERR_UNAVAILABLE;
}

void head_watch_stop(struct head_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    watch->is_stopping = true;
    pthread_cond_signal(&watch->stop);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
}

struct watched *head_watch_add(struct head_watch *watch, int fd)
{
    struct watched *connection = calloc(1, sizeof *connection);
    ASSERT(connection != NULL);
    connection->fd = fd;
    connection->since_us = clock_monotonic_us();
    pthread_mutex_lock(&watch->lock);
    connection->next = watch->first;
    if (watch->first != NULL)
        watch->first->previous = connection;
    watch->first = connection;
    pthread_mutex_unlock(&watch->lock);
    return connection;
}

void head_watch_remove(struct head_watch *watch, struct watched *connection)
{
    pthread_mutex_lock(&watch->lock);
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        watch->first = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    pthread_mutex_unlock(&watch->lock);
    free(connection);
}

static void set_since(struct head_watch *watch, struct watched *connection, int64_t since_us)
{
    pthread_mutex_lock(&watch->lock);
    connection->since_us = since_us;
    pthread_mutex_unlock(&watch->lock);
}

void head_watch_pause(struct head_watch *watch, struct watched *connection)
{
    set_since(watch, connection, 0);
}

void head_watch_resume(struct head_watch *watch, struct watched *connection)
{
    set_since(watch, connection, clock_monotonic_us());
}
