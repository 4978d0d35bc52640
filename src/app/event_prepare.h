/* event_prepare.h - an event checked and made ready: what can be done before the writer's turn. */
#ifndef APP_EVENT_PREPARE_H
#define APP_EVENT_PREPARE_H

#include "app/ctx.h"
#include "app/ingest.h"
#include "app/metric_rule.h"
#include "base/decimal.h"
#include "store/sql/rows.h"

#include <pthread.h>

struct prepared_event {
    const struct event_input *input;
    struct str properties; /* a JSON object */
    int64_t occurred_at;
    struct uuid metric_id;
    enum aggregation aggregation;
    struct decimal value; /* by the metric, where totals are kept of it; else DECIMAL_NONE */
    struct decimal cents; /* what it says it costs, in minor units; DECIMAL_NONE */
    struct str segment;   /* of the metric's filters; STR_NULL: it has none */
    int64_t filter_revision;
    bool is_paid_ahead; /* its metric: it may have to be billed at once */
    unsigned char transaction_hash[16];
    unsigned char subscription_hash[8];
    unsigned char digest[16]; /* of code, time, properties and amount */
    bool has_source;
    unsigned char source_hash[8];
};

/* A billable metric, as its events are checked by it. */
struct known_metric {
    struct uuid id;
    struct metric_rule rule;
};

/* The billable metrics, kept in memory, all as of one revision (instance.metric_revision).  New
 * ones are read when they are asked for; a change shows when a commit finds another revision. */
struct metric_table {
    pthread_rwlock_t lock;
    struct arena arena;
    struct known_metric *metrics;
    size_t count;
    int64_t revision;
    bool is_loaded;
};

void metric_table_init(struct metric_table *table);
void metric_table_clear(struct metric_table *table);
/* The next look reads all metrics again. */
void metric_table_forget(struct metric_table *table);

/* Checks all events of a batch and fills batch->prepared; every bad field is noted.
 * ERR_INVALID: see the fault. */
MUST_CHECK enum err events_prepare(struct metric_table *table, struct ingest_batch *batch);

/* Keyed hashes of an event's identity, as event_key holds them. */
void event_transaction_hash(const struct app *app, struct str transaction_id,
                            unsigned char hash[16]);
void event_subscription_hash(const struct app *app, struct str external_subscription_id,
                             unsigned char hash[8]);
void event_source_hash(const struct app *app, struct str source, unsigned char hash[8]);
void event_digest(const struct app *app, struct uuid metric_id, int64_t occurred_at,
                  struct str properties, struct decimal cents, unsigned char digest[16]);

#endif
