/* password.h - Argon2id hashes of passwords (RFC 9106, libsodium), as text that holds its cost.
 *
 * 19 MiB and two passes, as OWASP's password storage cheat sheet has it.  Computing one takes some
 * 30 ms of one core, so at most PASSWORDS_AT_ONCE are computed at a time and one more waits. */
#ifndef APP_PASSWORD_H
#define APP_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>

#define PASSWORDS_AT_ONCE 2

/* ERR_BUSY: too many at once. */
MUST_CHECK enum err password_hash(struct arena *arena, struct fault *fault, struct str password,
                                  struct str *hash);
/* Whether it is the one.  `hash` STR_NULL: it is not, which takes as long to find out.
 * *is_old (may be NULL): its cost is another than today's.  ERR_BUSY as above. */
MUST_CHECK enum err password_check(struct arena *arena, struct fault *fault, struct str password,
                                   struct str hash, bool *is_good, bool *is_old);

#endif
