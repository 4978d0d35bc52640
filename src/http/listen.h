/* listen.h - the socket that a server listens on: its own matter, unless somebody must know the
 * address before the server is there (http_config.socket). */
#ifndef HTTP_LISTEN_H
#define HTTP_LISTEN_H

#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>

#define LISTEN_ADDRESS_MAX 64 /* bytes of "[addr]:port" with its NUL */

struct listen_socket {
    int fd;
    int port;                         /* the one that was bound */
    char address[LISTEN_ADDRESS_MAX]; /* "127.0.0.1:8080", "[::1]:8080" */
};

/* Binds and listens.  `listen` is "ADDR:PORT"; ADDR is an IPv4 address, an IPv6 address in
 * brackets, a host name, or empty for all addresses; port 0 takes any free port.  With
 * next_free_port a port in use leads to the next, HTTP_PORT_TRIES times.
 * ERR_INVALID: malformed; ERR_UNAVAILABLE: can't be bound. */
MUST_CHECK enum err listen_open(struct str listen, bool next_free_port, struct fault *fault,
                                struct listen_socket *opened);

#endif
