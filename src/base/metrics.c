#include "base/metrics.h"

#include "base/assert.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Upper bounds in microseconds; the last bucket (+Inf) is above them. */
static const int64_t bounds_us[] = {1000,   2500,   5000,    10000,   25000,   50000,   100000,
                                    250000, 500000, 1000000, 2500000, 5000000, 10000000};
#define BOUND_COUNT (sizeof bounds_us / sizeof bounds_us[0])
static const int64_t bounds_size[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000};
_Static_assert(BOUND_COUNT == sizeof bounds_size / sizeof bounds_size[0], "one loop for both");
_Static_assert(BOUND_COUNT < METRIC_BUCKETS_MAX, "the +Inf bucket needs a place");

/* The one registry of the process; adding to a metric does not touch the lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *first;
static size_t registered;

void metric_register(struct metric *metric)
{
    ASSERT(metric->name != NULL);
    pthread_mutex_lock(&lock);
    metric->next = first;
    first = metric;
    registered++;
    pthread_mutex_unlock(&lock);
}

void metric_unregister(struct metric *metric)
{
    pthread_mutex_lock(&lock);
    struct metric **at = &first;
    while (*at != NULL && *at != metric)
        at = &(*at)->next;
    if (*at != NULL) {
        *at = metric->next;
        registered--;
    }
    pthread_mutex_unlock(&lock);
}

void metric_add(struct metric *metric, int64_t amount)
{
    ASSERT(metric->kind != METRIC_KIND_COUNTER || amount >= 0);
    atomic_fetch_add_explicit(&metric->value, amount, memory_order_relaxed);
}

void metric_set(struct metric *metric, int64_t value)
{
    ASSERT(metric->kind == METRIC_KIND_GAUGE);
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

static const int64_t *bounds_of(const struct metric *metric)
{
    return metric->unit == METRIC_MICROSECONDS ? bounds_us : bounds_size;
}

void metric_observe(struct metric *metric, int64_t value)
{
    ASSERT(metric->kind == METRIC_KIND_HISTOGRAM);
    const int64_t *bounds = bounds_of(metric);
    size_t bucket = 0;
    while (bucket < BOUND_COUNT && value > bounds[bucket])
        bucket++;
    atomic_fetch_add_explicit(&metric->buckets[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&metric->value, value, memory_order_relaxed);
}

int64_t metric_value(struct metric *metric)
{
    if (metric->read != NULL)
        return metric->read(metric->arg);
    return atomic_load_explicit(&metric->value, memory_order_relaxed);
}

static int compare(const void *left, const void *right)
{
    const struct metric *a = *(const struct metric *const *)left;
    const struct metric *b = *(const struct metric *const *)right;
    int order = strcmp(a->name, b->name);
    if (order != 0)
        return order;
    return strcmp(a->labels != NULL ? a->labels : "", b->labels != NULL ? b->labels : "");
}

static void write_head(struct buf *out, const struct metric *metric)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
            kinds[metric->kind]);
}

static void write_seconds(struct buf *out, int64_t us)
{
    if (us < 0) {
        buf_char(out, '-');
        us = -us;
    }
    buf_int(out, us / 1000000);
    if (us % 1000000 != 0) {
        buf_char(out, '.');
        buf_int_padded(out, us % 1000000, 6);
    }
}

static void write_value(struct buf *out, const struct metric *metric, int64_t value)
{
    if (metric->unit == METRIC_MICROSECONDS)
        write_seconds(out, value);
    else
        buf_int(out, value);
}

static void write_histogram(struct buf *out, struct metric *metric)
{
    const char *labels = metric->labels != NULL ? metric->labels : "";
    const char *comma = *labels != '\0' ? "," : "";
    int64_t count = 0;
    for (size_t i = 0; i <= BOUND_COUNT; i++) {
        count += atomic_load_explicit(&metric->buckets[i], memory_order_relaxed);
        buf_fmt(out, "%s_bucket{%s%sle=\"", metric->name, labels, comma);
        if (i < BOUND_COUNT)
            write_value(out, metric, bounds_of(metric)[i]);
        else
            buf_add(out, STR("+Inf"));
        buf_add(out, STR("\"} "));
        buf_int(out, count);
        buf_char(out, '\n');
    }
    const char *open = *labels != '\0' ? "{" : "";
    const char *close = *labels != '\0' ? "}" : "";
    buf_fmt(out, "%s_sum%s%s%s ", metric->name, open, labels, close);
    write_value(out, metric, metric_value(metric));
    buf_fmt(out, "\n%s_count%s%s%s ", metric->name, open, labels, close);
    buf_int(out, count);
    buf_char(out, '\n');
}

static void write_number(struct buf *out, struct metric *metric)
{
    buf_add(out, str_of(metric->name));
    if (metric->labels != NULL)
        buf_fmt(out, "{%s}", metric->labels);
    buf_char(out, ' ');
    write_value(out, metric, metric_value(metric));
    buf_char(out, '\n');
}

void metric_label(struct buf *out, struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '\n') {
            buf_add(out, STR("\\n"));
            continue;
        }
        if (c == '\\' || c == '"')
            buf_char(out, '\\');
        buf_char(out, c);
    }
}

void metrics_write(struct buf *out)
{
    pthread_mutex_lock(&lock);
    struct metric **sorted = calloc(registered + 1, sizeof(struct metric *));
    ASSERT(sorted != NULL);
    size_t count = 0;
    for (struct metric *metric = first; metric != NULL; metric = metric->next)
        sorted[count++] = metric;
    qsort(sorted, count, sizeof(struct metric *), compare);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(sorted[i]->name, sorted[i - 1]->name) != 0)
            write_head(out, sorted[i]);
        if (sorted[i]->kind == METRIC_KIND_HISTOGRAM)
            write_histogram(out, sorted[i]);
        else
            write_number(out, sorted[i]);
    }
    pthread_mutex_unlock(&lock);
    free(sorted);
}
