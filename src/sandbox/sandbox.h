/* sandbox.h - a payment gateway to try Billow with: `billow sandbox-gateway`, its own process.
 *
 * It is what a real gateway is to Billow: an API with a key and idempotency, a hosted page where
 * a card is entered, redirects, signed webhooks that are repeated until they are taken.  Cards are
 * test numbers (sandbox/card.h); any other is refused and kept nowhere.  Its own clock is the real
 * one.  What tests can ask for: POST /v1/test, see api.c.
 *
 *   state.h    what it remembers      api.c       the API (connectors/sandbox_gateway.h)
 *   card.h     test cards             pages.c     the hosted pages
 *   teller.h   sends the webhooks     sandbox.c   puts them together */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include "base/json_write.h"
#include "connectors/webhook_sign.h"
#include "http/request.h"
#include "http/router.h"
#include "sandbox/state.h"
#include "sandbox/teller.h"

struct sandbox {
    struct sandbox_state state;
    struct teller *teller;
    struct locales *locales; /* of the pages */
    struct str api_key;
    struct str webhook_url; /* STR_NULL: nobody is told */
    struct webhook_key webhook_key;
    struct str address; /* "http://localhost:9090": how others reach it */
};

struct sandbox_config {
    struct str listen, webhook_url, address; /* address STR_NULL: where it listens */
    const char *state_path;                  /* NULL: in memory */
    struct str api_key, webhook_secret;
};

struct sandbox_server;

/* Listens and serves.  ERR_INVALID, ERR_UNAVAILABLE, ERR_IO, ERR_CORRUPT with words. */
MUST_CHECK enum err sandbox_start(const struct sandbox_config *config, struct arena *arena,
                                  struct fault *fault, struct sandbox_server **server);
/* How others reach it ("http://localhost:9090"), and where it listens ("127.0.0.1:9090"); live as
 * long as the server. */
struct str sandbox_address(const struct sandbox_server *server);
struct str sandbox_listens(const struct sandbox_server *server);
void sandbox_stop(struct sandbox_server *server);

/* ---- between its files ---- */

extern const struct route sandbox_api_routes[];
extern const struct route sandbox_page_routes[];

/* A checkout as the API writes it; `address` STR_NULL: without url. */
void sandbox_write_checkout(struct json_writer *out, const char *key,
                            const struct sandbox_checkout *checkout, struct str address);
void sandbox_answer_error(struct http_request *request, struct http_answer *answer, int status,
                          const char *code, const char *words);

#endif
