/* teller.h - sends the sandbox gateway's webhooks, signed, until each was taken (2xx).
 *
 * A thread of its own; a webhook that is not taken is sent again after TELLER_FIRST_PAUSE_MS,
 * doubled each time up to TELLER_PAUSE_MAX_MS. */
#ifndef SANDBOX_TELLER_H
#define SANDBOX_TELLER_H

#include "base/err.h"
#include "base/fault.h"
#include "http/request.h"
#include "sandbox/state.h"

#define TELLER_FIRST_PAUSE_MS 250
#define TELLER_PAUSE_MAX_MS   300000
#define TELLER_TIMEOUT_MS     10000
#define TELLER_SILENCE_MS     60000 /* a request that is never answered is held so long */

struct sandbox;
struct teller;

MUST_CHECK enum err teller_start(struct sandbox *sandbox, struct fault *fault,
                                 struct teller **teller);
/* Something may be due. */
void teller_wake(struct teller *teller);
/* Sends one event now, from the caller's thread; false: it was not taken, or webhooks are held. */
bool teller_send_now(struct teller *teller, struct sandbox_event *event);
/* Keeps a deferred request without an answer: a gateway that hangs. */
void teller_never_answer(struct teller *teller, struct http_request *request);
/* Ends the thread, and answers what was never to be answered; the others may still be called. */
void teller_stop(struct teller *teller);
void teller_free(struct teller *teller);

#endif
