#include "app/billing.h"

#include "app/audit.h"
#include "app/billing_range.h"
#include "app/invoice_final.h"
#include "app/invoice_load.h"
#include "app/invoice_refresh.h"
#include "app/late_usage.h"
#include "app/plan_change.h"
#include "base/assert.h"
#include "base/log.h"
#include "base/time.h"
#include "store/sql/advance.h"
#include "store/sql/customer.h"
#include "store/sql/due.h"
#include "store/sql/invoice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define THREADS_MAX     32
#define RANGE_CUSTOMERS 100 /* of one transaction */
#define OVERDUE_AT_ONCE 500 /* invoices marked in one transaction */

/* One instant's work, shared by the threads. */
struct instant {
    struct ctx *ctx; /* the run's own thread's */
    const struct billing_run_options *options;
    int64_t at;
    struct due_customer_list_row *customers;
    size_t count;
    atomic_size_t next; /* first customer that nobody has taken */
    pthread_mutex_t mutex;
    struct billing_progress *result; /* under the mutex */
    enum err err;                    /* the first that went wrong, under the mutex */
    char message[512];
};

static bool is_stopped(const struct billing_run_options *options)
{
    return options->stop != NULL && atomic_load(options->stop);
}

static void tell(const struct billing_run_options *options, const struct billing_progress *result)
{
    if (options->progress != NULL)
        options->progress(options->arg, result);
}

/* ---- a range of customers ------------------------------------------------------------------- */

struct range {
    struct instant *instant;
    size_t first, end;
    struct billing_counts counts;
};

static enum err do_range(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct range *range = arg;
    range->counts = (struct billing_counts){0};
    const struct instant *instant = range->instant;
    return billing_range(ctx, tx,
                         &(struct billing_range){
                             .first_customer_id = instant->customers[range->first].customer_id,
                             .last_customer_id = instant->customers[range->end - 1].customer_id,
                             .at = instant->at,
                         },
                         &range->counts);
}

/* One customer that can't be billed does not keep the others from it. */
static void note_failure(struct ctx *ctx, struct instant *instant, size_t index, enum err err)
{
    struct str id = uuid_text(ctx->arena, instant->customers[index].customer_id);
    log_error("a customer could not be billed", LOG_STR("customer", id),
              LOG_STR("why", ctx->fault->message));
    pthread_mutex_lock(&instant->mutex);
    if (instant->err == ERR_NONE) {
        instant->err = err;
        snprintf(instant->message, sizeof instant->message,
                 "customer %.*s could not be billed: %.*s", STR_ARG(id),
                 STR_ARG(ctx->fault->message));
    }
    pthread_mutex_unlock(&instant->mutex);
    fault_reset(ctx->fault);
}

/* Progress is told from the run's own thread only. */
static void note_done(const struct ctx *ctx, struct instant *instant, const struct range *range)
{
    pthread_mutex_lock(&instant->mutex);
    instant->result->customers_done += (int64_t)(range->end - range->first);
    instant->result->invoices_made += range->counts.made;
    if (ctx == instant->ctx)
        tell(instant->options, instant->result);
    pthread_mutex_unlock(&instant->mutex);
}

static void bill_range(struct ctx *ctx, struct instant *instant, size_t first, size_t end)
{
    struct range range = {.instant = instant, .first = first, .end = end};
    enum err err = tx_run(ctx, TX_WRITE, do_range, &range);
    if (err == ERR_NONE) {
        note_done(ctx, instant, &range);
        return;
    }
    if (end - first == 1) {
        note_failure(ctx, instant, first, err);
        return;
    }
    fault_reset(ctx->fault);
    for (size_t i = first; i < end; i++)
        bill_range(ctx, instant, i, i + 1);
}

static void work(struct ctx *ctx, struct instant *instant)
{
    while (!is_stopped(instant->options)) {
        size_t first = atomic_fetch_add(&instant->next, RANGE_CUSTOMERS);
        if (first >= instant->count)
            return;
        size_t end = first + RANGE_CUSTOMERS;
        struct arena_mark mark = arena_mark(ctx->arena);
        bill_range(ctx, instant, first, end < instant->count ? end : instant->count);
        arena_return(ctx->arena, mark);
        fault_reset(ctx->fault);
    }
}

/* A thread has memory and words of its own. */
static void *work_beside(void *arg)
{
    struct instant *instant = arg;
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    struct ctx ctx = *instant->ctx;
    ctx.arena = &arena;
    ctx.fault = &fault;
    work(&ctx, instant);
    arena_clear(&arena);
    return NULL;
}

/* ---- an instant ------------------------------------------------------------------------------ */

static int thread_count(const struct instant *instant)
{
    long wanted = instant->options->threads;
    if (wanted <= 0)
        wanted = sysconf(_SC_NPROCESSORS_ONLN);
    long ranges = (long)((instant->count + RANGE_CUSTOMERS - 1) / RANGE_CUSTOMERS);
    if (wanted > ranges)
        wanted = ranges;
    return (int)(wanted < 1 ? 1 : wanted > THREADS_MAX ? THREADS_MAX : wanted);
}

static enum err list_customers(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct instant *instant = arg;
    (void)ctx;
    return due_customer_list(tx, &(struct due_customer_list_in){.until_at = instant->at},
                             &instant->customers, &instant->count);
}

static enum err do_instant(struct ctx *ctx, struct instant *instant)
{
    pthread_t threads[THREADS_MAX];
    int started = 0;
    TRY(tx_run(ctx, TX_READ, list_customers, instant));
    instant->result->customers_total += (int64_t)instant->count;
    tell(instant->options, instant->result);
    for (int wanted = thread_count(instant) - 1; started < wanted; started++) {
        if (pthread_create(&threads[started], NULL, work_beside, instant) != 0)
            break; /* this one does it alone, only slower */
    }
    work(ctx, instant);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (is_stopped(instant->options))
        return ERR_NONE; /* numbered when the instant is complete, in the order of customers */
    TRY(invoice_issue_all(ctx, instant->at, &instant->result->invoices_finalized));
    tell(instant->options, instant->result);
    return ERR_NONE;
}

struct next_due {
    int64_t after_at;
    int64_t until_at;
    int64_t due_at; /* TIME_NONE: nothing more */
};

static void take_earlier(struct next_due *next, int64_t due_at)
{
    if (due_at != TIME_NONE && (next->due_at == TIME_NONE || due_at < next->due_at))
        next->due_at = due_at;
}

static enum err find_next(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct next_due *next = arg;
    struct due_next_subscription_row subscription;
    struct due_next_cost_row cost;
    struct due_next_draft_row draft;
    struct due_next_advance_row advance;
    bool found = false;
    (void)ctx;
    next->due_at = TIME_NONE;
    TRY(due_next_subscription(
        tx,
        &(struct due_next_subscription_in){.after_at = next->after_at, .until_at = next->until_at},
        &subscription, &found));
    if (found)
        take_earlier(next, subscription.due_at);
    TRY(due_next_cost(
        tx, &(struct due_next_cost_in){.after_at = next->after_at, .until_at = next->until_at},
        &cost, &found));
    if (found)
        take_earlier(next, cost.due_at);
    TRY(due_next_draft(
        tx, &(struct due_next_draft_in){.after_at = next->after_at, .until_at = next->until_at},
        &draft, &found));
    if (found)
        take_earlier(next, draft.due_at);
    TRY(due_next_advance(
        tx, &(struct due_next_advance_in){.after_at = next->after_at, .until_at = next->until_at},
        &advance, &found));
    if (found)
        take_earlier(next, advance.due_at);
    return ERR_NONE;
}

/* ---- overdue invoices ------------------------------------------------------------------------ */

struct overdue {
    int64_t until_at;
    size_t found;
};

static enum err mark_overdue(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct overdue *overdue = arg;
    struct invoice_row *rows = NULL;
    TRY(due_overdue_list(
        tx, &(struct due_overdue_list_in){.until_at = overdue->until_at, .limit = OVERDUE_AT_ONCE},
        &rows, &overdue->found));
    for (size_t i = 0; i < overdue->found; i++) {
        struct customer_row customer;
        bool found = false;
        /* Looked at again under the customer's lock: it may have been paid meanwhile. */
        TRY(customer_lock(tx, &(struct customer_lock_in){.id = rows[i].customer_id}, &customer,
                          &found));
        ASSERT(found);
        TRY(invoice_load(
            tx, &(struct invoice_load_in){.customer_id = rows[i].customer_id, .id = rows[i].id},
            &rows[i], &found));
        ASSERT(found);
        if (rows[i].overdue_at == TIME_NONE || rows[i].overdue_at > overdue->until_at)
            continue;
        rows[i].payment_overdue = true;
        rows[i].overdue_at = TIME_NONE;
        rows[i].updated_at = ctx_now(ctx);
        TRY(invoice_save(tx, &rows[i]));
        TRY(audit_add(ctx, tx,
                      &(struct audit){
                          .chain_id = rows[i].customer_id,
                          .action = "invoice.overdue",
                          .object_id = rows[i].id,
                          .before = STR("{\"payment_overdue\":false}"),
                          .after = STR("{\"payment_overdue\":true}"),
                      }));
    }
    return ERR_NONE;
}

static enum err do_overdue(struct ctx *ctx, const struct billing_run_options *options)
{
    struct overdue overdue = {.until_at = options->until_at};
    do {
        struct arena_mark mark = arena_mark(ctx->arena);
        TRY(tx_run(ctx, TX_WRITE, mark_overdue, &overdue));
        arena_return(ctx->arena, mark);
    } while (overdue.found > 0 && !is_stopped(options));
    return ERR_NONE;
}

/* ---- the run --------------------------------------------------------------------------------- */

enum err billing_run(struct ctx *ctx, const struct billing_run_options *options,
                     struct billing_progress *result)
{
    struct next_due next = {.after_at = INT64_MIN + 1, .until_at = options->until_at};
    struct instant instant = {
        .ctx = ctx, .options = options, .mutex = PTHREAD_MUTEX_INITIALIZER, .result = result};
    *result = (struct billing_progress){0};
    TRY(plan_close_all(ctx));
    TRY(plan_units_bill_all(ctx, options->until_at));
    TRY(invoice_refresh_stale(ctx));
    TRY(late_usage_due(ctx));
    while (!is_stopped(options)) {
        struct arena_mark mark = arena_mark(ctx->arena);
        TRY(tx_run(ctx, TX_READ, find_next, &next));
        bool is_last = next.due_at == TIME_NONE;
        /* What a killed run left without number; but not of the instant that it was killed in,
         * which is numbered when it is complete, in the order it would have had. */
        TRY(invoice_issue_all(ctx, is_last ? options->until_at : next.due_at - 1,
                              &result->invoices_finalized));
        if (is_last)
            break;
        instant.at = next.due_at;
        atomic_store(&instant.next, 0);
        TRY(do_instant(ctx, &instant));
        arena_return(ctx->arena, mark);
        /* Customers that could not be billed stay due; this run does not try them for ever. */
        next.after_at = next.due_at;
    }
    if (!is_stopped(options))
        TRY(do_overdue(ctx, options));
    if (instant.err != ERR_NONE)
        return fail(ctx, instant.err, "%s", instant.message);
    return ERR_NONE;
}
