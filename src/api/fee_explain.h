/* fee_explain.h - how an explained fee is written: for the API, and for billow explain --json. */
#ifndef API_FEE_EXPLAIN_H
#define API_FEE_EXPLAIN_H

#include "api/face.h"
#include "app/fee_explain.h"

void fee_explain_write(struct json_writer *out, const struct face *face, const char *key,
                       const struct explained_fee *explained);

#endif
