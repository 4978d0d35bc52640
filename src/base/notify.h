/* notify.h - tells the service manager how the server is (systemd's sd_notify protocol).
 *
 * systemd gives the path of a datagram socket in NOTIFY_SOCKET; each message is lines of NAME=VALUE
 * (https://www.freedesktop.org/software/systemd/man/sd_notify.html).  Where there is no such
 * variable, nothing is told and nothing fails. */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* Sends `state`, such as "READY=1\nSTATUS=serving".  true: it was sent. */
bool notify_send(const char *state);

/* How often the watchdog wants to hear from this process, in microseconds: half of WATCHDOG_USEC.
 * 0: it doesn't (or WATCHDOG_PID names another process). */
int64_t notify_watchdog_us(void);

#endif
