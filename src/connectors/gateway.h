/* gateway.h - a payment gateway, the same for every one: what the rest of the program may ask of
 * it.
 *
 * A payment goes by a hosted checkout: we ask the gateway to make one, send the customer to its
 * address, and the gateway says what came of it: in a webhook, or when asked.  Card numbers are
 * never seen here.
 *
 * One payment has one reference, made and stored by us before the first call, and it is the
 * idempotency key of the call as well: however often a checkout is asked for with the same
 * reference, the gateway makes one, and charges it at most once.
 *
 * Calls take up to GATEWAY_TIMEOUT_S and are never made inside a transaction.  An answer that does
 * not come leaves open whether the call took effect; asking again with the same reference is
 * harmless.  Functions may be called from any thread. */
#ifndef CONNECTORS_GATEWAY_H
#define CONNECTORS_GATEWAY_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATEWAYS_MAX            8
#define GATEWAY_TIMEOUT_S       15
#define GATEWAY_CONNECT_S       5
#define GATEWAY_ANSWER_MAX      ((size_t)256 << 10)
#define GATEWAY_TOLERANCE_S     300 /* a webhook's signature may be so old, or so far ahead */
#define GATEWAY_REFERENCE_MAX   64  /* bytes: what the strictest of them takes as a key */
#define GATEWAY_WEBHOOK_MAX     ((size_t)256 << 10)
#define GATEWAY_NOTICES_MAX     250 /* of one webhook */
#define GATEWAY_SECRET_BYTES    128 /* of a key or secret as text, with its NUL */
#define GATEWAY_ADDRESS_BYTES   256 /* of a gateway's own address, with its NUL */
#define GATEWAY_RETURN_URL_MAX  2048
#define GATEWAY_DESCRIPTION_MAX ((size_t)255)

/* What the gateway says of a payment. */
enum gateway_status {
    GATEWAY_NONE,       /* it knows no payment with this reference */
    GATEWAY_OPEN,       /* the customer can still pay by it */
    GATEWAY_PROCESSING, /* under way; nothing is certain yet */
    GATEWAY_SUCCEEDED,  /* the money is ours */
    GATEWAY_FAILED,     /* declined; the checkout is over */
    GATEWAY_EXPIRED,    /* nobody paid in time; the checkout is over */
    GATEWAY_CANCELED    /* we, or the customer, closed it; the checkout is over */
};

/* Texts live in the arena of the call. */
struct gateway_payment {
    enum gateway_status status;
    struct str gateway_id; /* the gateway's own; STR_NULL only with GATEWAY_NONE */
    struct str reference;  /* ours */
    int64_t amount_minor;  /* as the gateway has it, never copied from what we asked for */
    struct str currency;
    struct str decline_code; /* GATEWAY_FAILED: insufficient_funds, expired_card, lost_card,
                                stolen_card, do_not_honor, authentication_failed, generic_decline,
                                or what the gateway calls it; else STR_NULL */
    struct str redirect_url; /* GATEWAY_OPEN: where the customer pays; at the gateway's origin */
    int64_t at;              /* when it took this status, by the gateway's clock */
    int64_t expires_at;      /* GATEWAY_OPEN: by the gateway's clock; TIME_NONE: not said */
};

struct gateway_checkout {
    struct str reference; /* up to GATEWAY_REFERENCE_MAX of letters, digits, '-' */
    int64_t amount_minor; /* > 0 */
    struct str currency;
    struct str description; /* shown to the customer: "Invoice ACME-007-003" */
    struct str return_url;  /* where the gateway sends the customer; STR_NULL: nowhere */
    struct str locale;      /* of the hosted page: "de"; STR_NULL: the gateway decides */
};

/* A webhook as it came.  Views live as long as the request. */
struct gateway_webhook {
    struct str body; /* the exact bytes */
    /* A header's value by its name (any case), or STR_NULL. */
    struct str (*header)(void *arg, const char *name);
    void *arg;
    int64_t now_at; /* the real time: gateways know no test clock */
};

/* One thing that the gateway tells us. */
struct gateway_notice {
    struct str event_id;            /* the same each time that it is sent */
    struct str kind;                /* the gateway's word, for the log */
    struct gateway_payment payment; /* as it was then; never NONE */
};

struct gateway_notices {
    struct gateway_notice *items;
    size_t count; /* 0: a good webhook that is about something else */
};

struct gateway;

/* What a connector implements.  Errors of the three calls:
 *   ERR_GATEWAY    not reached, no answer in time, refused, or an answer that makes no sense; the
 *                  fault says which, without secrets
 * and of webhook_read:
 *   ERR_UNAUTHORIZED  no signature, a wrong one, or one that is too old or too far ahead
 *   ERR_MALFORMED     well signed, but not what this gateway sends
 * On error results are untouched. */
struct gateway_driver {
    /* Makes the checkout, or finds the one that was made with this reference. */
    enum err (*checkout)(struct gateway *gateway, struct arena *arena, struct fault *fault,
                         const struct gateway_checkout *checkout, struct gateway_payment *payment);
    /* What is known of our reference. */
    enum err (*find)(struct gateway *gateway, struct arena *arena, struct fault *fault,
                     struct str reference, struct gateway_payment *payment);
    /* Closes a checkout so that nothing can be paid by it any more, and says how it ended: canceled
     * now, or what was there before (succeeded, failed, processing, none). */
    enum err (*cancel)(struct gateway *gateway, struct arena *arena, struct fault *fault,
                       struct str reference, struct gateway_payment *payment);
    /* Verifies the signature over the raw bytes, then reads.  Asks nobody, changes nothing. */
    enum err (*webhook_read)(struct gateway *gateway, struct arena *arena, struct fault *fault,
                             const struct gateway_webhook *webhook,
                             struct gateway_notices *notices);
    void (*close)(struct gateway *gateway);
};

/* A connector's struct begins with it. */
struct gateway {
    const struct gateway_driver *driver;
    const char *code; /* "sandbox": in addresses, tables and answers */
    const char *name; /* for people */
    /* Scheme, host and port ("https://pay.example"): what a page that leads there adds to
     * form-action of its Content-Security-Policy. */
    char origin[GATEWAY_ADDRESS_BYTES];
};

/* Those that are set up; the first is what new checkouts use. */
struct gateways {
    struct gateway *items[GATEWAYS_MAX];
    size_t count;
};

/* NULL: there is none of this code. */
struct gateway *gateways_find(const struct gateways *gateways, struct str code);
void gateways_close(struct gateways *gateways);

/* "https://pay.example:8443" of an address; false: it is no http or https address, or too long. */
bool gateway_origin_of(struct str url, char origin[GATEWAY_ADDRESS_BYTES]);

/* Whether `url` lies under `origin` ("https://pay.example/x", not "https://pay.example.evil/"). */
bool gateway_url_is_under(struct str url, const char *origin);

#endif
