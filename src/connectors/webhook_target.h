/* webhook_target.h - which addresses messages may be sent to.
 *
 * Whoever may add an endpoint must not thereby reach what only this machine or its network can.  So
 * an address is looked at twice: as text when it is given, and as the network's own when a
 * connection is about to be made, after the name was resolved.  Never reached: link-local addresses
 * (where clouds keep their metadata), multicast, unspecified and reserved ones. */
#ifndef CONNECTORS_WEBHOOK_TARGET_H
#define CONNECTORS_WEBHOOK_TARGET_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct sockaddr; /* sys/socket.h */

#define WEBHOOK_URL_MAX ((size_t)2000) /* bytes */

enum webhook_reach {
    WEBHOOK_REACH_MACHINE, /* public addresses by https, and the machine itself, also by http */
    WEBHOOK_REACH_PUBLIC,  /* public addresses by https alone */
    WEBHOOK_REACH_PRIVATE  /* also private networks, and http everywhere */
};

/* What an URL is taken for; NULL: it is fine.  Else what would be right, in words. */
const char *webhook_target_wrong(struct str url, enum webhook_reach reach);

/* Whether a connection to this address may be made.  Any thread. */
bool webhook_target_may_reach(const struct sockaddr *address, enum webhook_reach reach);

#endif
