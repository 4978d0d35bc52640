/* gateway_webhook.h - POST /webhooks/gateways/{code}: what payment gateways tell us.
 *
 * Needs no API key: the signature over the raw body lets it in.  2xx: taken, or known already; 401:
 * not signed, wrongly or too long ago; 400: signed, but not what this gateway sends; 404: no such
 * gateway is set up; 5xx: not taken, to be sent again. */
#ifndef API_GATEWAY_WEBHOOK_H
#define API_GATEWAY_WEBHOOK_H

#include "http/router.h"

extern const struct route gateway_webhook_routes[];

#endif
