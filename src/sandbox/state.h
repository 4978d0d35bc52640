/* state.h - what the sandbox gateway remembers: checkouts, charges, and events to be told.
 *
 * In memory, and in a journal: a file of JSON lines, one for each step, written before anybody is
 * told of it, so that the gateway can be killed at any moment without losing a charge or making
 * one twice.  A half line at the end, of a step that nobody was told of, is dropped at the start.
 * Safe from any thread; texts live as long as the state. */
#ifndef SANDBOX_STATE_H
#define SANDBOX_STATE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define SANDBOX_ID_BYTES       16 /* of chance, in hex behind a prefix */
#define SANDBOX_EXPIRES_US     ((int64_t)24 * 3600 * 1000000)
#define SANDBOX_CHECKOUTS_MAX  100000
#define SANDBOX_LINE_BYTES_MAX ((size_t)64 << 10)
#define SANDBOX_DIE_BYTES      32
#define SANDBOX_COPIES_MAX     5
#define SANDBOX_DELAY_MS_MAX   60000

enum sandbox_status {
    SANDBOX_OPEN,
    SANDBOX_SUCCEEDED,
    SANDBOX_FAILED,
    SANDBOX_EXPIRED,
    SANDBOX_CANCELED
};

struct sandbox_checkout {
    struct str id, reference, currency, description;
    struct str return_url, locale; /* STR_NULL: none */
    int64_t amount_minor;
    enum sandbox_status status;
    struct str decline_code; /* of FAILED */
    struct str pending_card; /* waits for authentication: what its charge will be; else STR_NULL */
    int64_t created_at, at;
};

struct sandbox_charge {
    struct str id, reference, currency;
    int64_t amount_minor, at;
};

struct sandbox_event {
    struct str id, type, body;
    bool delivered;
    int tries;
    int64_t next_us; /* monotonic */
};

/* What tests may ask for; not in the journal. */
struct sandbox_controls {
    bool hold;                      /* no webhook is sent until it is false again */
    bool before_redirect;           /* the webhook is sent before the customer is redirected */
    int copies;                     /* each webhook is sent so often, 1 to SANDBOX_COPIES_MAX */
    int64_t delay_ms;               /* before a webhook is sent the first time */
    char die_at[SANDBOX_DIE_BYTES]; /* the step at which the process kills itself; "": none */
};

struct sandbox_state {
    pthread_mutex_t mutex;
    struct arena arena; /* under the mutex */
    struct sandbox_checkout **checkouts;
    size_t checkout_count, checkout_capacity;
    struct sandbox_charge *charges;
    size_t charge_count, charge_capacity;
    struct sandbox_event **events;
    size_t event_count, event_capacity;
    struct sandbox_controls controls;
    FILE *journal; /* NULL: nothing is kept */
};

/* Reads the journal and goes on in it; path NULL: in memory alone.  ERR_IO; ERR_CORRUPT: a line
 * before the last is no step. */
MUST_CHECK enum err sandbox_state_open(struct sandbox_state *state, const char *path,
                                       struct fault *fault);
void sandbox_state_close(struct sandbox_state *state);

/* All below: with the mutex held. */

/* NULL: none.  An open one whose time is over expires by it. */
struct sandbox_checkout *sandbox_find_id(struct sandbox_state *state, struct str id);
struct sandbox_checkout *sandbox_find_reference(struct sandbox_state *state, struct str reference);

/* A new open one, with a copy of the texts of `from`.  NULL: there are too many. */
struct sandbox_checkout *sandbox_add(struct sandbox_state *state,
                                     const struct sandbox_checkout *from);
/* Ends an open checkout: with SUCCEEDED it is charged, once.  Makes the event.  The journal has all
 * of it in one line.  Returns the event. */
struct sandbox_event *sandbox_end(struct sandbox_state *state, struct sandbox_checkout *checkout,
                                  enum sandbox_status status, struct str decline_code);
/* The card waits for its owner's authentication. */
void sandbox_wait(struct sandbox_state *state, struct sandbox_checkout *checkout,
                  struct str pending_card);
void sandbox_delivered(struct sandbox_state *state, struct sandbox_event *event);

/* Kills the process if a test wants it to die at this step: "checkout:before", "checkout:after",
 * "charge:before", "charge:after", "webhook:before", "webhook:after". */
void sandbox_step(struct sandbox_state *state, const char *step);

const char *sandbox_status_word(enum sandbox_status status);
int64_t sandbox_now_us(void); /* real time */
int64_t sandbox_monotonic_us(void);

#endif
