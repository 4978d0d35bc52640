#include "base/notify.h"

#include "base/str.h"
#include "tests/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

TEST(notify_reaches_the_socket_it_is_given)
{
    char folder[] = "/tmp/billow-notify-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char got[64];
    REQUIRE(mkdtemp(folder) != NULL);
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    REQUIRE(bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    CHECK(notify_send("READY=1\nSTATUS=x"));
    ssize_t len = recv(fd, got, sizeof got, MSG_DONTWAIT);
    CHECK_STR(((struct str){got, len < 0 ? 0 : (size_t)len}), "READY=1\nSTATUS=x");
    close(fd);
    unlink(address.sun_path);
    CHECK(!notify_send("READY=1")); /* the manager is gone: no error of ours */
    rmdir(folder);
    unsetenv("NOTIFY_SOCKET");
    CHECK(!notify_send("READY=1"));
}

TEST(notify_refuses_what_is_no_socket_path)
{
    static const struct {
        const char *name;
    } paths[] = {{""}, {"x"}, {"relative/path"}, {"@"}};
    EACH(path, paths) {
        setenv("NOTIFY_SOCKET", path->name, 1);
        CHECK(!notify_send("READY=1"));
    }
    unsetenv("NOTIFY_SOCKET");
}

TEST(notify_watchdog_is_half_of_what_is_asked)
{
    char pid[32];
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "30000000", 1);
    CHECK_INT(notify_watchdog_us(), 15000000);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    CHECK_INT(notify_watchdog_us(), 15000000);
    setenv("WATCHDOG_PID", "1", 1);
    CHECK_INT(notify_watchdog_us(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "soon", 1);
    CHECK_INT(notify_watchdog_us(), 0);
    unsetenv("WATCHDOG_USEC");
    CHECK_INT(notify_watchdog_us(), 0);
}
