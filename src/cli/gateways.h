/* gateways.h - the payment gateways that the environment sets up.
 *
 *   BILLOW_SANDBOX_GATEWAY_URL          http://localhost:9090; without it there is none
 *   BILLOW_SANDBOX_GATEWAY_KEY          its API key, or
 *   BILLOW_SANDBOX_GATEWAY_KEY_FILE     a file with it
 *   BILLOW_SANDBOX_GATEWAY_SECRET       its webhooks' secret (whsec_...), or
 *   BILLOW_SANDBOX_GATEWAY_SECRET_FILE  a file with it
 * Files must be their owner's alone.  `billow sandbox-gateway` reads the same key and secret. */
#ifndef CLI_GATEWAYS_H
#define CLI_GATEWAYS_H

#include "connectors/gateway.h"
#include "connectors/sandbox_gateway.h"

/* ERR_INVALID, ERR_IO, ERR_NOT_FOUND with words. */
MUST_CHECK enum err gateways_open(struct arena *arena, struct fault *fault,
                                  struct gateways *gateways);
/* Fills api_key and webhook_secret.  ERR_INVALID: one is not said. */
MUST_CHECK enum err gateways_sandbox_secrets(struct arena *arena, struct fault *fault,
                                             struct sandbox_options *options);

/* What --help says of it, of serve and sandbox-gateway. */
extern const char gateways_help[];

#endif
