#include "http/listen.h"

#include "base/arena.h"
#include "http/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT_LAST 65535

static enum err malformed(struct fault *fault, struct str listen)
{
    return fault_set(
        fault, ERR_INVALID,
        "can't listen on \"%.*s\": wanted ADDR:PORT, such as 127.0.0.1:8080 or [::1]:0",
        STR_ARG(listen));
}

/* Splits "[::1]:80" into "::1" and 80. */
static bool split_address(struct str listen, struct str *host, int64_t *port)
{
    size_t colon = listen.len;
    while (colon > 0 && listen.ptr[colon - 1] != ':')
        colon--;
    if (colon == 0 || !str_to_int64(str_slice(listen, colon, listen.len), port))
        return false;
    *host = str_slice(listen, 0, colon - 1);
    if (str_starts(*host, STR("[")) && str_ends(*host, STR("]")))
        *host = str_slice(*host, 1, host->len - 1);
    else if (str_find(*host, ':') >= 0)
        return false;
    return *port >= 0 && *port <= PORT_LAST;
}

/* A listening socket, or -1 with errno. */
static int listen_at(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static void set_port(struct sockaddr *address, int64_t port)
{
    if (address->sa_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
}

/* At the first of a name's addresses that this machine has; 0 or an errno. */
static int listen_at_any(struct addrinfo *found, int64_t port, int *fd)
{
    int error = EADDRNOTAVAIL;
    for (struct addrinfo *at = found; at != NULL; at = at->ai_next) {
        set_port(at->ai_addr, port);
        *fd = listen_at(at);
        if (*fd >= 0)
            return 0;
        error = errno;
        if (error == EADDRINUSE)
            break;
    }
    return error;
}

static void describe(struct listen_socket *opened)
{
    struct sockaddr_storage address = {0};
    socklen_t len = sizeof address;
    char host[NI_MAXHOST] = "?";
    char port[NI_MAXSERV] = "0";
    if (getsockname(opened->fd, (struct sockaddr *)&address, &len) == 0)
        (void)getnameinfo((struct sockaddr *)&address, len, host, sizeof host, port, sizeof port,
                          NI_NUMERICHOST | NI_NUMERICSERV);
    int64_t number = 0;
    (void)str_to_int64(str_of(port), &number);
    opened->port = (int)number;
    snprintf(opened->address, sizeof opened->address,
             address.ss_family == AF_INET6 ? "[%.50s]:%d" : "%.50s:%d", host, opened->port);
}

enum err listen_open(struct str listen, bool next_free_port, struct fault *fault,
                     struct listen_socket *opened)
{
    struct str host;
    int64_t port = 0;
    if (!split_address(listen, &host, &port))
        return malformed(fault, listen);

    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    if (host.len == 0)
        hints.ai_family = AF_INET;
    struct addrinfo *found = NULL;
    const char *name = host.len > 0 ? arena_cstr(fault->arena, host) : NULL;
    int failed = getaddrinfo(name, name != NULL ? NULL : "0", &hints, &found);
    if (failed != 0)
        return fault_set(fault, ERR_INVALID, "can't listen on \"%.*s\": %s", STR_ARG(listen),
                         gai_strerror(failed));

    int tries = next_free_port && port != 0 ? HTTP_PORT_TRIES : 1;
    int error = EADDRINUSE;
    for (int i = 0; i < tries && error == EADDRINUSE && port + i <= PORT_LAST; i++)
        error = listen_at_any(found, port + i, &opened->fd);
    freeaddrinfo(found);
    if (error != 0) {
        char words[128];
        return fault_set(fault, ERR_UNAVAILABLE, "can't listen on %.*s: %s", STR_ARG(listen),
                         strerror_r(error, words, sizeof words));
    }
    describe(opened);
    return ERR_NONE;
}
