/* load.c - sends events over HTTP in requests of 100 and prints how long it took.
 *
 *   load PORT KEY ROUND EVENTS SUBSCRIPTIONS CONNECTIONS
 *
 * Requests are made before the clock starts.  One thread, plain sockets, keep-alive; each
 * connection sends its next request when it has the answer to the last one.  Any answer but 200
 * ends it with an error, and so does a minute without one. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PER_REQUEST     100
#define EVENT_BYTES_MAX 256
#define CONNECTIONS_MAX 256
#define ANSWER_MAX      (1 << 20)
#define SILENCE_MS      60000

struct connection {
    int fd;
    const char *request;
    size_t left;
    char answer[ANSWER_MAX];
    size_t len;
};

struct request {
    char *text;
    size_t len;
};

__attribute__((format(printf, 1, 2), noreturn)) static void give_up(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

static long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static long number(const char *text, long max)
{
    char *end;
    long value = strtol(text, &end, 10);
    if (*end != '\0' || value < 1 || value > max)
        give_up("%s: wanted 1 to %ld", text, max);
    return value;
}

static struct request make_request(const char *key, long round, long first, long subscriptions)
{
    size_t room = (size_t)PER_REQUEST * EVENT_BYTES_MAX;
    char *body = malloc(room);
    size_t len = 0;
    struct request made = {malloc(room + 512), 0};
    if (body == NULL || made.text == NULL)
        give_up("no memory");
    long at = time(NULL) - 60;
    len += (size_t)snprintf(body, room, "{\"events\":[");
    for (long i = first; i < first + PER_REQUEST; i++)
        len +=
            (size_t)snprintf(body + len, room - len,
                             "%s{\"transaction_id\":\"tx-%ld-%ld\",\"external_subscription_id\":"
                             "\"sub-%ld\",\"code\":\"cpu_hours\",\"timestamp\":%ld,"
                             "\"properties\":{\"hours\":\"%ld.25\",\"zone\":\"eu-1\"}}",
                             i == first ? "" : ",", round, i, i * 7919 % subscriptions, at, i % 48);
    len += (size_t)snprintf(body + len, room - len, "]}");
    made.len = (size_t)snprintf(made.text, room + 512,
                                "POST /api/v1/events/batch HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                                "Authorization: Bearer %s\r\nContent-Type: application/json\r\n"
                                "Content-Length: %zu\r\n\r\n",
                                key, len);
    memcpy(made.text + made.len, body, len);
    made.len += len;
    free(body);
    return made;
}

static void open_connection(struct connection *c, long port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&address, sizeof address) != 0)
        give_up("connect: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

/* Whether the answer is whole; anything but 200 ends the program. */
static bool answer_is_whole(struct connection *c)
{
    c->answer[c->len] = '\0';
    char *end = strstr(c->answer, "\r\n\r\n");
    if (end == NULL)
        return false;
    if (strncmp(c->answer, "HTTP/1.1 200 ", 13) != 0)
        give_up("the server answered %.400s", c->answer);
    char *length = strcasestr(c->answer, "content-length:");
    if (length == NULL || length > end)
        give_up("an answer without a length");
    size_t wanted = (size_t)strtoul(length + 15, NULL, 10) + (size_t)(end + 4 - c->answer);
    if (wanted >= ANSWER_MAX)
        give_up("an answer of %zu bytes", wanted);
    return c->len >= wanted;
}

static void send_more(struct connection *c)
{
    ssize_t sent = send(c->fd, c->request, c->left, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN)
        give_up("send: %s", strerror(errno));
    if (sent > 0) {
        c->request += sent;
        c->left -= (size_t)sent;
    }
}

/* Whether the connection has its answer. */
static bool receive_more(struct connection *c)
{
    ssize_t got = recv(c->fd, c->answer + c->len, ANSWER_MAX - 1 - c->len, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        give_up("the connection was cut");
    if (got > 0)
        c->len += (size_t)got;
    return answer_is_whole(c);
}

static void begin(struct connection *c, const struct request *request)
{
    c->request = request->text;
    c->left = request->len;
    c->len = 0;
    send_more(c);
}

int main(int argc, char **argv)
{
    if (argc != 7)
        give_up("usage: load PORT KEY ROUND EVENTS SUBSCRIPTIONS CONNECTIONS");
    long port = number(argv[1], 65535);
    long round = number(argv[3], 1000000);
    long count = number(argv[4], 10000000) / PER_REQUEST;
    long subscriptions = number(argv[5], 1000000);
    long connections = number(argv[6], CONNECTIONS_MAX);
    struct request *requests = calloc((size_t)count + 1, sizeof *requests);
    struct connection *all = calloc((size_t)connections, sizeof *all);
    struct pollfd *polls = calloc((size_t)connections, sizeof *polls);
    if (requests == NULL || all == NULL || polls == NULL)
        give_up("no memory");
    for (long i = 0; i < count; i++)
        requests[i] = make_request(argv[2], round, i * PER_REQUEST, subscriptions);
    for (long i = 0; i < connections; i++)
        open_connection(&all[i], port);
    long started = now_us();
    long next = 0;
    long running = 0;
    for (long i = 0; i < connections && next < count; i++, running++)
        begin(&all[i], &requests[next++]);
    while (running > 0) {
        for (long i = 0; i < connections; i++)
            polls[i] =
                (struct pollfd){.fd = all[i].request == NULL ? -1 : all[i].fd,
                                .events = (short)(all[i].left > 0 ? POLLIN | POLLOUT : POLLIN)};
        if (poll(polls, (nfds_t)connections, SILENCE_MS) <= 0)
            give_up("no answer in %d s", SILENCE_MS / 1000);
        for (long i = 0; i < connections; i++) {
            if ((polls[i].revents & POLLOUT) != 0)
                send_more(&all[i]);
            if ((polls[i].revents & ~POLLOUT) == 0 || !receive_more(&all[i]))
                continue;
            all[i].request = NULL;
            if (next < count)
                begin(&all[i], &requests[next++]);
            else
                running--;
        }
    }
    printf("%ld\n", now_us() - started);
    return 0;
}
