/* demo_gateway.h - the sandbox gateway beside the demo: a process of its own, reached by HTTP as
 * any gateway is.
 *
 * It listens on a free port of localhost and ends with the demo, also when that is killed.  Key and
 * secret are made by chance and told it by its environment. */
#ifndef CLI_DEMO_GATEWAY_H
#define CLI_DEMO_GATEWAY_H

#include "connectors/gateway.h"

#include <sys/types.h>

#define DEMO_CARD_GOOD "4242424242424242"
#define DEMO_CARD_POOR "4000000000009995" /* insufficient funds */

struct demo_gateway {
    pid_t pid;               /* 0: none */
    int output;              /* where it says where it listens */
    struct gateway *gateway; /* our side; whoever puts it into an app's gateways gives it away */
};

/* Starts it and waits until it listens.
 *   state_path   where it keeps what it did
 *   webhook_url  STR_NULL: nobody is told
 * ERR_IO, ERR_UNAVAILABLE, ERR_GATEWAY with words. */
MUST_CHECK enum err demo_gateway_start(struct arena *arena, struct fault *fault,
                                       struct str state_path, struct str webhook_url,
                                       struct demo_gateway *gateway);
/* Ends the process and waits for it; one that never started is fine. */
void demo_gateway_stop(struct demo_gateway *gateway);

/* Fills the card form of a checkout's page and sends it. */
MUST_CHECK enum err demo_gateway_pay(struct arena *arena, struct fault *fault, struct str page_url,
                                     const char *card);

#endif
