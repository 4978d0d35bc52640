/* head_watch.h - private to http: cuts off connections that are too slow with their headers.
 *
 * The HTTP library closes what is silent; a client that sends a byte now and then would hold its
 * connection for ever.  The clock runs from the connection, or the last answer on it, until a
 * request's headers are complete. */
#ifndef HTTP_HEAD_WATCH_H
#define HTTP_HEAD_WATCH_H

#include "base/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* One open connection. */
struct watched {
    int fd;
    int64_t since_us; /* monotonic; 0: not waiting for headers */
    struct watched *next;
    struct watched *previous;
};

struct head_watch {
    pthread_mutex_t lock;
    pthread_cond_t stop;
    pthread_t thread;
    struct watched *first;
    int64_t limit_us;
    bool is_stopping;
};

/* ERR_UNAVAILABLE: no thread to be had. */
MUST_CHECK enum err head_watch_start(struct head_watch *watch, int limit_s);
void head_watch_stop(struct head_watch *watch);

/* A connection was made; NULL is never returned. */
struct watched *head_watch_add(struct head_watch *watch, int fd);
/* It is about to be closed; before its descriptor is. */
void head_watch_remove(struct head_watch *watch, struct watched *connection);
/* Its headers are complete. */
void head_watch_pause(struct head_watch *watch, struct watched *connection);
/* Its answer was sent: it waits for the next request. */
void head_watch_resume(struct head_watch *watch, struct watched *connection);

#endif
