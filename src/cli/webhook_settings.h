/* webhook_settings.h - how far webhooks may reach, from the environment. */
#ifndef CLI_WEBHOOK_SETTINGS_H
#define CLI_WEBHOOK_SETTINGS_H

#include "base/fault.h"
#include "connectors/webhook_target.h"

extern const char webhook_settings_help[];

/* BILLOW_WEBHOOK_REACH.  ERR_INVALID: it is none of its words. */
MUST_CHECK enum err webhook_settings_read(struct fault *fault, enum webhook_reach *reach);

#endif
