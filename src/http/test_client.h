/* test_client.h - for tests: an HTTP client over raw sockets that can also be slow, rude or wrong.
 */
#ifndef HTTP_TEST_CLIENT_H
#define HTTP_TEST_CLIENT_H

#include "base/str.h"
#include "tests/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT_MS   20000 /* nothing here takes as long, unless it hangs */
#define REPLY_MAX (8u << 20)

/* A connection to a port of this machine. */
static int client_dial(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(fd >= 0);
    REQUIRE(connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

/* false when the other side has closed. */
static bool put(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

static bool put_text(int fd, const char *text)
{
    return put(fd, text, strlen(text));
}

static bool is_readable(int fd, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, timeout_ms) == 1;
}

struct reply {
    int status; /* 0: the connection ended before the headers' end */
    char head[8192];
    char *body;
    size_t body_len;
};

static char reply_body[REPLY_MAX];

static ssize_t get(int fd, char *into, size_t len)
{
    return is_readable(fd, WAIT_MS) ? recv(fd, into, len, 0) : -1;
}

/* The value of a header, up to its line end; "" when absent. */
static const char *header(const struct reply *reply, const char *name)
{
    static char value[512];
    size_t name_len = strlen(name);
    value[0] = '\0';
    for (const char *line = strstr(reply->head, "\r\n"); line != NULL;
         line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, name_len) != 0 || line[name_len] != ':')
            continue;
        const char *start = line + name_len + 1;
        while (*start == ' ')
            start++;
        snprintf(value, sizeof value, "%.*s", (int)strcspn(start, "\r"), start);
        break;
    }
    return value;
}

/* Reads one answer, byte-exact, so that a second one may follow on the connection. */
static void read_reply(int fd, bool has_body, struct reply *reply)
{
    size_t len = 0;
    *reply = (struct reply){.body = reply_body};
    while (len < sizeof reply->head - 1 && strstr(reply->head, "\r\n\r\n") == NULL) {
        if (get(fd, reply->head + len, 1) != 1)
            return;
        reply->head[++len] = '\0';
    }
    int64_t status = 0;
    if (strncmp(reply->head, "HTTP/1.1 ", 9) != 0 ||
        !str_to_int64((struct str){reply->head + 9, 3}, &status))
        return;
    reply->status = (int)status;
    int64_t length_wanted = 0;
    (void)str_to_int64(str_of(header(reply, "Content-Length")), &length_wanted);
    while (has_body && reply->body_len < (size_t)length_wanted) {
        ssize_t n = get(fd, reply->body + reply->body_len, (size_t)length_wanted - reply->body_len);
        if (n <= 0)
            return;
        reply->body_len += (size_t)n;
    }
}

__attribute__((unused)) static struct str body_of(const struct reply *reply)
{
    return (struct str){reply->body, reply->body_len};
}

#endif
