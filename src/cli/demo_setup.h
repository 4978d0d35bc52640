/* demo_setup.h - the demo's catalogue, customers and subscriptions, made through the use cases. */
#ifndef CLI_DEMO_SETUP_H
#define CLI_DEMO_SETUP_H

#include "app/ctx.h"
#include "cli/demo_config.h"

MUST_CHECK enum err demo_set_up(struct ctx *ctx, const struct demo_config *config);

#endif
