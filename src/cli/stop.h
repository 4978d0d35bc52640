/* stop.h - the bounded end of a server: what is being done is finished, but not for ever.
 *
 * Between stop_begin and stop_end a thread watches.  A second signal, or the time running out, ends
 * the process at once: what was acknowledged is in the database, and the rest was not. */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include <signal.h>
#include <stdint.h>

struct stop; /* opaque */

/* `ends`, blocked in all threads, are the signals that hasten the end. */
struct stop *stop_begin(const sigset_t *ends, int64_t timeout_s);
void stop_end(struct stop *stop);

#endif
