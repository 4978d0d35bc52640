/* metrics.h - counters, gauges and histograms of this process, as Prometheus text.
 *
 * A module declares static metrics and registers them once at start; adding is lock-free and safe
 * from any thread.  Values are integers; durations are measured in microseconds and shown in
 * seconds.  Metrics live as long as the process.
 *
 *   static struct metric invoices = METRIC_COUNTER("billow_invoices_total", "Invoices finalized.");
 *   metric_register(&invoices);   metric_add(&invoices, 1); */
#ifndef HTTP_METRICS_H
#define HTTP_METRICS_H

#include "base/buf.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdint.h>

#define METRIC_BUCKETS_MAX 16

enum metric_kind { METRIC_KIND_COUNTER, METRIC_KIND_GAUGE, METRIC_KIND_HISTOGRAM };

struct metric {
    enum metric_kind kind;
    const char *name;
    const char *help;
    const char *labels;         /* "method=\"GET\"", or NULL; metrics of one name differ in it */
    _Atomic int64_t value;      /* histogram: the sum, in microseconds */
    int64_t (*read)(void *arg); /* when not NULL, asked instead of `value` */
    void *arg;
    _Atomic int64_t buckets[METRIC_BUCKETS_MAX]; /* histogram: counts, not cumulative */
    struct metric *next;                         /* the registry's */
};

#define METRIC_COUNTER(metric_name, metric_help)                                  \
    {                                                                             \
        .kind = METRIC_KIND_COUNTER, .name = (metric_name), .help = (metric_help) \
    }
#define METRIC_GAUGE(metric_name, metric_help)                                  \
    {                                                                           \
        .kind = METRIC_KIND_GAUGE, .name = (metric_name), .help = (metric_help) \
    }
/* Of durations; buckets from 1 ms to 10 s. */
#define METRIC_DURATION(metric_name, metric_help)                                   \
    {                                                                               \
        .kind = METRIC_KIND_HISTOGRAM, .name = (metric_name), .help = (metric_help) \
    }

/* Once for each metric; safe from any thread. */
void metric_register(struct metric *metric);
/* Takes it out again, for metrics that do not live as long as the process. */
void metric_unregister(struct metric *metric);

void metric_add(struct metric *metric, int64_t amount); /* counter: amount >= 0 */
void metric_set(struct metric *metric, int64_t value);  /* gauge */
void metric_observe_us(struct metric *metric, int64_t duration_us);
int64_t metric_value(struct metric *metric);

/* Everything registered, in text format 0.0.4, families in order of name. */
void metrics_write(struct buf *out);

#endif
