/* ctx.h - what a use case is given: the application's parts, memory, words for errors, who acts.
 *
 * One use case is one function in one file of this folder: it loads, asks core, saves, writes the
 * audit entry, all in one transaction run by tx_run.  API, jobs and command line call the same
 * functions. */
#ifndef APP_CTX_H
#define APP_CTX_H

#include "app/audit_key.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/uuid.h"
#include "connectors/gateway.h"
#include "connectors/webhook_target.h"
#include "store/store.h"

#include <stdbool.h>
#include <stdint.h>

struct ingest;       /* app/ingest.h */
struct mail_sender;  /* app/mail_send.h */
struct webhook_told; /* app/webhook_send.h */

struct ctx;

/* The parts of the running program; made once by app_open, shared by all threads. */
struct app {
    struct store *store;
    struct clock clock;
    struct ingest *ingest; /* NULL where nothing is ingested, as in `billow verify` */
    struct uuid organization_id;
    struct str
        public_url; /* where browsers find it, "https://billing.example", no "/" at its end */
    unsigned char dedup_secret[32];
    struct audit_key audit_key; /* signs anchors; without one they are unsigned */
    struct audit_trust audit_trust;
    const struct mail_sender *mail; /* NULL: mails wait */
    enum webhook_reach webhook_reach;
    /* Writes what a webhook says; set by whoever has faces.  NULL: messages wait. */
    enum err (*webhook_body)(struct ctx *ctx, const struct webhook_told *told, struct str *body);
    struct gateways gateways;     /* set up by whoever opened it; closed by app_close */
    _Atomic int32_t anchored_day; /* UTC day for which audit_anchor_daily has nothing to do */
};

/* One request, job or command; belongs to one thread. */
struct ctx {
    struct app *app;
    struct arena *arena;
    struct fault *fault;
    struct str actor;  /* for the audit: "key:NAME", "job:billing", "cli:USER" */
    struct str origin; /* request id and address, or the host of a command */
    struct tx *tx;     /* that tx_run joins (see tx_run_joined); NULL: each call has its own */
    bool tx_is_spoilt; /* work that had begun to write in `tx` failed: it can't be committed */
};

struct app_options {
    struct str database_url; /* as store_open takes it */
    bool test_clock;         /* asked for; a database that has a test clock keeps it anyway */
    struct str
        api_key; /* becomes the key with every right when the database is empty; else STR_NULL */
    int connections_max;             /* 0: the store's default */
    bool must_exist;                 /* nothing is made where there is no database */
    const struct store_watch *watch; /* tests; NULL: nobody */
    int64_t fail_at_call;            /* tests: see store_options */
};

/* Opens the database, migrates it, and makes what an empty one needs: instance row, organization,
 * billing entity `default`, first API key.  Does not start the ingest.
 *   new_key   set to the key made because none was given, else STR_NULL; to be shown once
 * ERR_UNAVAILABLE, ERR_INVALID as store_open; ERR_NOT_FOUND: must_exist, but there is none;
 * ERR_CONFLICT: --test-clock on a database that has run on the real clock. */
MUST_CHECK enum err app_open(const struct app_options *options, struct arena *arena,
                             struct fault *fault, struct app *app, struct str *new_key);
void app_close(struct app *app);
/* Only makes or updates the schema; an empty database stays empty otherwise. */
MUST_CHECK enum err app_migrate(struct str database_url, struct fault *fault);
/* Whether the database answers. */
MUST_CHECK enum err app_check(struct ctx *ctx);

int64_t ctx_now(const struct ctx *ctx);
/* A new id at the clock's time. */
struct uuid ctx_new_id(const struct ctx *ctx);

/* Says what went wrong (base/fault.h) and returns the error: return fail(ctx, ERR_…, "…"). */
#define fail(ctx, ...) fault_set((ctx)->fault, __VA_ARGS__)

/* Says that there is no such thing and returns ERR_NOT_FOUND; the API's code is "NOUN_not_found",
 * the noun with underscores: fail_not_found(ctx, "billing_entity", code). */
MUST_CHECK enum err fail_not_found(struct ctx *ctx, const char *noun, struct str value);

/* The same for the object behind which a list is to begin, where there is none: ERR_INVALID. */
MUST_CHECK enum err fail_cursor(struct ctx *ctx, struct uuid id);

/* Runs `work` in one transaction: commits when it returns ERR_NONE, else rolls back.  What the
 * error table calls retryable is tried again, a few times with growing pauses, from a clean fault;
 * so `work` may run more than once and must not send anything.  Within ctx->tx it is only run:
 * whoever opened that transaction ends it. */
MUST_CHECK enum err tx_run(struct ctx *ctx, enum tx_mode mode,
                           enum err (*work)(struct ctx *ctx, struct tx *tx, void *arg), void *arg);

/* Makes one transaction of several use cases: while `work` runs, every tx_run with this ctx (not
 * with those of other threads) joins the transaction instead of having its own; nothing is
 * committed before `work` has returned ERR_NONE.  A write that fails within it spoils the whole,
 * whatever `work` makes of the error.  Retried as a whole, as tx_run.  Not to be nested. */
MUST_CHECK enum err tx_run_joined(struct ctx *ctx, enum tx_mode mode,
                                  enum err (*work)(struct ctx *ctx, void *arg), void *arg);

#endif
