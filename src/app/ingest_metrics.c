#include "app/ingest_metrics.h"

#include "base/metrics.h"

#include <pthread.h>

static struct metric commits =
    METRIC_COUNTER("billow_ingest_commits_total", "Transactions of the ingest that were durable.");
static struct metric failures =
    METRIC_COUNTER("billow_ingest_failures_total", "Transactions of the ingest that failed.");
static struct metric accepted =
    METRIC_COUNTER("billow_ingest_events_total", "Events acknowledged, by what became of them.");
static struct metric duplicate =
    METRIC_COUNTER("billow_ingest_events_total", "Events acknowledged, by what became of them.");
static struct metric seconds =
    METRIC_DURATION("billow_ingest_commit_seconds", "Time of a transaction of the ingest.");
static struct metric events =
    METRIC_SIZE("billow_ingest_commit_events", "Events written by one transaction of the ingest.");
static struct metric trusted =
    METRIC_GAUGE("billow_ingest_filter_trusted",
                 "1: the filter in memory says which events are new; 0: another process writes "
                 "too, and each event is looked for in all 35 days.");

static void register_all(void)
{
    accepted.labels = "outcome=\"accepted\"";
    duplicate.labels = "outcome=\"duplicate\"";
    metric_register(&commits);
    metric_register(&failures);
    metric_register(&accepted);
    metric_register(&duplicate);
    metric_register(&seconds);
    metric_register(&events);
    metric_register(&trusted);
}

void ingest_metrics_register(bool is_trusted)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, register_all);
    metric_set(&trusted, is_trusted);
}

void ingest_metrics_commit(const struct ingest_batch *batches, enum err err, int64_t duration_us,
                           bool is_trusted)
{
    int64_t outcomes[2] = {0};
    metric_observe(&seconds, duration_us);
    if (err != ERR_NONE) {
        metric_add(&failures, 1);
        return;
    }
    for (; batches != NULL; batches = batches->next) {
        for (size_t i = 0; i < batches->count; i++)
            outcomes[batches->results[i].outcome == EVENT_DUPLICATE]++;
    }
    metric_add(&commits, 1);
    metric_add(&accepted, outcomes[0]);
    metric_add(&duplicate, outcomes[1]);
    metric_observe(&events, outcomes[0]);
    metric_set(&trusted, is_trusted);
}
