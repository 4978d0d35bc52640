/* sandbox_gateway.h - the connector to `billow sandbox-gateway` (docs/guide/payments.md).
 *
 * Its API, with "Authorization: Bearer KEY":
 *   POST /v1/checkouts {reference, amount, currency, description, return_url, locale}
 *        with Idempotency-Key: the reference      201 made, 200 made before, 409 said otherwise
 *   GET  /v1/checkouts?reference=R                200, 404
 *   POST /v1/checkouts/cancel?reference=R         200, 404
 * each answered with {"checkout": {id, reference, amount, currency, status, decline_code, url, at,
 * expires_at}}; webhooks are {"id", "type", "checkout"} signed as Standard Webhooks. */
#ifndef CONNECTORS_SANDBOX_GATEWAY_H
#define CONNECTORS_SANDBOX_GATEWAY_H

#include "connectors/gateway.h"

#define SANDBOX_CODE "sandbox"

struct sandbox_options {
    struct str url;            /* "http://localhost:9090" */
    struct str api_key;        /* 1 to GATEWAY_SECRET_BYTES - 1 printable bytes */
    struct str webhook_secret; /* "whsec_BASE64" */
};

/* ERR_INVALID: an option is malformed; secrets are never in the fault. */
MUST_CHECK enum err sandbox_gateway_open(const struct sandbox_options *options, struct fault *fault,
                                         struct gateway **gateway);

/* A checkout as the API writes it, from the value behind "checkout".  ERR_GATEWAY: it makes no
 * sense.  For fuzzing too. */
MUST_CHECK enum err sandbox_checkout_read(struct arena *arena, struct fault *fault, struct str json,
                                          const char *origin, struct gateway_payment *payment);
/* The body of a webhook, once its signature was right.  ERR_MALFORMED. */
MUST_CHECK enum err sandbox_notice_read(struct arena *arena, struct fault *fault, struct str json,
                                        const char *origin, struct gateway_notice *notice);

#endif
