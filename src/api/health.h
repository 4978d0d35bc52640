/* health.h - what watches the server asks: outside of both faces, without a key.
 *
 *   GET /health   200 as long as the process answers
 *   GET /ready    200 when the database answers, else 503
 *   GET /metrics  Prometheus text */
#ifndef API_HEALTH_H
#define API_HEALTH_H

#include "http/router.h"

extern const struct route health_routes[];

#endif
