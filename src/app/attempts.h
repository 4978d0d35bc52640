/* attempts.h - attempts at a secret, slowed down more and more: at an account, from an address.
 *
 * The first few may follow each other; from then on each has to wait twice as long after the one
 * before, up to a longest wait, until one succeeds or an hour has passed without any.  What comes
 * too early counts for nothing and makes no wait longer.  Counted in each process by itself, in a
 * table of a fixed size in which the longest unseen is forgotten first.  Safe from any thread. */
#ifndef APP_ATTEMPTS_H
#define APP_ATTEMPTS_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct attempts;

struct attempts_rule {
    int64_t free_count;   /* without any wait */
    int64_t first_wait_s; /* behind the last of those */
    int64_t wait_s_max;
};

struct attempts *attempts_new(void);
void attempts_free(struct attempts *attempts); /* NULL is fine */

/* Takes an attempt by `name` ("address 192.0.2.1"); false: too early, it may come in *wait_s.  To
 * be called before the secret is looked at, so that many at once are counted too.  `now_us` is
 * monotonic. */
bool attempts_take(struct attempts *attempts, struct str name, const struct attempts_rule *rule,
                   int64_t now_us, int64_t *wait_s);
/* It succeeded: those before are forgotten. */
void attempts_forget(struct attempts *attempts, struct str name);

#endif
