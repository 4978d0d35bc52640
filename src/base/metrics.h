/* metrics.h - counters, gauges and histograms of this process, as Prometheus text.
 *
 * A module declares static metrics and registers them once at start; adding is lock-free and safe
 * from any thread.  Values are integers; those in microseconds are shown in seconds.  Metrics live
 * as long as the process, but for those that are taken out again.
 *
 *   static struct metric invoices = METRIC_COUNTER("billow_invoices_total", "Invoices finalized.");
 *   metric_register(&invoices);   metric_add(&invoices, 1); */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include "base/buf.h"
#include "base/str.h"

#include <stdatomic.h>
#include <stdint.h>

#define METRIC_BUCKETS_MAX 16

enum metric_kind { METRIC_KIND_COUNTER, METRIC_KIND_GAUGE, METRIC_KIND_HISTOGRAM };
enum metric_unit { METRIC_NUMBER, METRIC_MICROSECONDS /* shown in seconds */ };

struct metric {
    enum metric_kind kind;
    enum metric_unit unit;
    const char *name;
    const char *help;
    const char *labels;         /* "method=\"GET\"", or NULL; metrics of one name differ in it */
    _Atomic int64_t value;      /* histogram: the sum */
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
/* A gauge of an age, or a counter of time spent: in microseconds, shown in seconds. */
#define METRIC_GAUGE_US(metric_name, metric_help)                                      \
    {                                                                                  \
        .kind = METRIC_KIND_GAUGE, .unit = METRIC_MICROSECONDS, .name = (metric_name), \
        .help = (metric_help)                                                          \
    }
/* Of durations; buckets from 1 ms to 10 s. */
#define METRIC_DURATION(metric_name, metric_help)                                          \
    {                                                                                      \
        .kind = METRIC_KIND_HISTOGRAM, .unit = METRIC_MICROSECONDS, .name = (metric_name), \
        .help = (metric_help)                                                              \
    }
/* Of sizes; buckets from 1 to 10,000. */
#define METRIC_SIZE(metric_name, metric_help)                                       \
    {                                                                               \
        .kind = METRIC_KIND_HISTOGRAM, .name = (metric_name), .help = (metric_help) \
    }

/* Once for each metric; safe from any thread. */
void metric_register(struct metric *metric);
/* Takes it out again, for metrics that do not live as long as the process. */
void metric_unregister(struct metric *metric);

void metric_add(struct metric *metric, int64_t amount); /* counter: amount >= 0 */
void metric_set(struct metric *metric, int64_t value);  /* gauge */
/* Histogram: a duration in microseconds, or a size. */
void metric_observe(struct metric *metric, int64_t value);
int64_t metric_value(struct metric *metric);

/* A label's value with what the format wants escaped: \ " and line ends. */
void metric_label(struct buf *out, struct str value);

/* Everything registered, in text format 0.0.4, families in order of name. */
void metrics_write(struct buf *out);

#endif
