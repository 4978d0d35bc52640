/* webhook.h - how a message to an endpoint is written. */
#ifndef API_WEBHOOK_H
#define API_WEBHOOK_H

#include "api/face.h"
#include "app/webhook_list.h"

/* `whole`: with what it says and what was answered, which lists leave out. */
void webhook_write(struct json_writer *out, const struct face *face, const char *key,
                   const struct webhook_view *view, bool whole);

#endif
