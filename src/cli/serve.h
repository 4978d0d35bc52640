/* serve.h - serving an open database until a signal ends it; what `serve` and `demo` do. */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "app/ctx.h"

/* Serves on `listen` ("127.0.0.1:8080"; STR_NULL: that, or the next free port) until SIGTERM or
 * SIGINT, then answers what was taken, commits and returns. */
MUST_CHECK enum err serve(struct app *app, struct str listen, struct arena *arena,
                          struct fault *fault);

#endif
