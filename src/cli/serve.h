/* serve.h - serving an open database until a signal ends it; what `serve` and `demo` do. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "api/limit.h"
#include "app/ctx.h"
#include "http/listen.h"

#define SERVE_STOP_TIMEOUT_S 30

struct serve_options {
    struct str listen; /* "127.0.0.1:8080"; STR_NULL: that, or the next free port */
    const struct listen_socket *socket; /* in place of `listen`, as in http/server.h; NULL: none */
    struct str public_url;              /* STR_NULL: http:// and the address where it listens */
    int64_t stop_timeout_s;             /* then the process ends, whatever is still being done */
    struct limit_config limit;
    bool reloads_requests, reloads_events; /* that limit may change on SIGHUP */
};

/* Serves until SIGTERM or SIGINT, then answers what was taken, commits and returns; a second
 * signal or the time-out ends the process at once.  SIGHUP reads the settings again.  Tells a
 * service manager how it is (base/notify.h). */
MUST_CHECK enum err serve(struct app *app, const struct serve_options *options, struct arena *arena,
                          struct fault *fault);

#endif
