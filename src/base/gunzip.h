/* gunzip.h - unpacking gzip (RFC 1952) piece by piece, into storage of the caller.
 *
 * Input may be cut anywhere; several members one after the other are one content.  No input makes
 * it write more than the room it is given, so whoever calls it bounds what a small gzip becomes.
 * About 40 KB each; one thread at a time. */
#ifndef BASE_GUNZIP_H
#define BASE_GUNZIP_H

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct gunzip; /* opaque */

struct gunzip *gunzip_new(void);
void gunzip_free(struct gunzip *gunzip); /* NULL is fine */

/* Unpacks from the front of *packed, which becomes what is left of it, into `out`; *made is the
 * number of bytes written.  Stops when the input is used up or the room is full; where the room is
 * full there may be more to come though the input is used up: call again until *made < room.
 * false: the content is damaged, or followed by something else. */
bool gunzip_feed(struct gunzip *gunzip, struct str *packed, char *out, size_t room, size_t *made);

/* Whether what was fed ends where a member ends: false when it is cut off, or nothing came. */
bool gunzip_is_complete(const struct gunzip *gunzip);

#endif
