#include "base/notify.h"

#include "base/str.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = path == NULL ? 0 : strlen(path);
    if (len < 2 || len >= sizeof address.sun_path || (path[0] != '/' && path[0] != '@'))
        return false;
    memcpy(address.sun_path, path, len);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* Linux's abstract sockets */
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    socklen_t address_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                          address_len);
    close(fd);
    return sent == (ssize_t)strlen(state);
}

static bool number_of(const char *name, int64_t *number)
{
    const char *text = getenv(name);
    return text != NULL && str_to_int64(str_of(text), number);
}

int64_t notify_watchdog_us(void)
{
    int64_t interval_us = 0;
    int64_t pid = 0;
    if (!number_of("WATCHDOG_USEC", &interval_us) || interval_us <= 0)
        return 0;
    if (number_of("WATCHDOG_PID", &pid) && pid != getpid())
        return 0;
    return interval_us < 2 ? 1 : interval_us / 2;
}
