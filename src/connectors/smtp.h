/* smtp.h - gives one message to a mail server (RFC 5321), over libcurl.
 *
 * The server is a URL:
 *   smtp://USER:PASSWORD@HOST:PORT   STARTTLS, which the server must offer; port 587 by default
 *   smtps://USER:PASSWORD@HOST:PORT  TLS from the beginning; port 465 by default
 *   ?starttls=if-offered, =never     behind smtp://…, for servers in one's own network
 * To the machine itself (localhost, 127.0.0.1, ::1) STARTTLS is used where it is offered.
 * Percent-encode what is special in user and password.  Certificates are checked against
 * smtp_server.ca_file or the system's.  Each message has its own connection; no step takes longer
 * than SMTP_TIME_MAX_S altogether.  Thread-safe. */
#ifndef CONNECTORS_SMTP_H
#define CONNECTORS_SMTP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>

#define SMTP_CONNECT_MAX_S 15
#define SMTP_TIME_MAX_S    60

enum smtp_tls { SMTP_TLS_REQUIRED, SMTP_TLS_IF_OFFERED, SMTP_TLS_NEVER, SMTP_TLS_IMPLICIT };

struct smtp_server {
    const char *address; /* "smtp://host:587", for libcurl */
    const char *user;    /* NULL: no sign-in */
    const char *password;
    enum smtp_tls tls;
    const char *ca_file; /* PEM: whose certificates count; NULL: the system's */
};

/* Reads the URL.
 *   password  STR_NULL, or goes before the URL's own
 * ERR_INVALID says what is wrong, without the password. */
MUST_CHECK enum err smtp_parse(struct str url, struct str password, struct arena *arena,
                               struct fault *fault, struct smtp_server *server);

enum smtp_result {
    SMTP_ACCEPTED,
    SMTP_LATER,   /* not reached, not signed in, or told to come again (4xx) */
    SMTP_REFUSED, /* this message for this address never will be (5xx) */
};

/* One message with complete headers, lines ended by CR LF; `from` and `to` are bare addresses.
 * Unless it was accepted, the fault holds the server's words, or why it was not reached. */
enum smtp_result smtp_send(const struct smtp_server *server, const char *from, const char *to,
                           struct str message, struct fault *fault);

#endif
