/* progress.h - which news moves a gateway's payment to which status.
 *
 *              open        processing   succeeded  failed      unknown (nobody answered)
 *   pending    -           processing   SETTLE     failed      unknown
 *   processing processing  -            SETTLE     failed      unknown
 *   unknown    pending     processing   SETTLE     failed      -
 *   failed     late        late         SETTLE     -           -
 *   succeeded  late        late         -          late        -
 *
 * Succeeded is the end: news that says otherwise is older, or is a dispute or a refund, which are
 * not this payment.  Failed is not quite the end: money that comes all the same is booked.
 * Processing is not taken back to pending by an "open" that may be older. */
#ifndef CORE_PAYMENT_PROGRESS_H
#define CORE_PAYMENT_PROGRESS_H

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum payment_status {
    PAYMENT_PENDING,    /* a page is open, or about to be */
    PAYMENT_PROCESSING, /* the gateway works on it */
    PAYMENT_UNKNOWN,    /* the gateway could not be asked */
    PAYMENT_FAILED,
    PAYMENT_SUCCEEDED
};

enum payment_word {
    PAYMENT_SAID_NOTHING, /* no answer */
    PAYMENT_SAID_OPEN,
    PAYMENT_SAID_PROCESSING,
    PAYMENT_SAID_FAILED,
    PAYMENT_SAID_SUCCEEDED
};

enum payment_step {
    PAYMENT_STAYS,  /* it says what is known */
    PAYMENT_LATE,   /* it is older than what is known: ignored */
    PAYMENT_MOVES,  /* to *next */
    PAYMENT_SETTLES /* to succeeded: money is booked */
};

enum payment_step payment_progress(enum payment_status status, enum payment_word word,
                                   enum payment_status *next);

/* "pending", "processing", "unknown", "failed", "succeeded". */
struct str payment_status_text(enum payment_status status);
/* Asserts that it is one of them. */
enum payment_status payment_status_of(struct str text);

/* Whether the customer, or we, may still hear how it ends; then no other payment is begun. */
bool payment_is_open(enum payment_status status);

/* How long to wait before the gateway is asked for the `count`th time (from 0), in microseconds: a
 * minute, doubled each time, up to a day. */
int64_t payment_lookup_pause_us(int64_t count);

/* How much of what was received the invoice needs: never more than is due. */
int64_t payment_applied(int64_t received_minor, int64_t due_minor);

#endif
