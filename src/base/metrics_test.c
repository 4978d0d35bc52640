#include "base/metrics.h"

#include "tests/test.h"

#include <pthread.h>

static struct str shown(struct arena *arena)
{
    struct buf out;
    buf_init(&out, arena, 65536);
    metrics_write(&out);
    return buf_str(&out);
}

static int64_t seven(void *arg)
{
    return *(int64_t *)arg;
}

TEST(metrics_are_shown_by_family_in_order)
{
    static struct metric first = METRIC_COUNTER("a_total", "As.");
    static struct metric second = METRIC_COUNTER("a_total", "As.");
    static struct metric asked = METRIC_GAUGE("b_now", "Bs.");
    static struct metric low = METRIC_GAUGE("c_now", "Cs.");
    static int64_t value = 7;
    struct arena arena;
    arena_init(&arena);
    first.labels = "kind=\"x\"";
    second.labels = "kind=\"y\"";
    asked.read = seven;
    asked.arg = &value;
    metric_register(&second);
    metric_register(&low);
    metric_register(&asked);
    metric_register(&first);
    metric_add(&first, 2);
    metric_add(&first, 40);
    metric_add(&second, 1);
    metric_set(&low, -3);
    CHECK_STR(shown(&arena), "# HELP a_total As.\n# TYPE a_total counter\n"
                             "a_total{kind=\"x\"} 42\na_total{kind=\"y\"} 1\n"
                             "# HELP b_now Bs.\n# TYPE b_now gauge\nb_now 7\n"
                             "# HELP c_now Cs.\n# TYPE c_now gauge\nc_now -3\n");
    metric_unregister(&first);
    metric_unregister(&second);
    metric_unregister(&asked);
    metric_unregister(&low);
    CHECK_STR(shown(&arena), "");
    arena_clear(&arena);
}

/* Observations of 0.5 ms, 1 ms (a bound belongs to its bucket), 30 ms and 11 s: sum 11.0315 s. */
TEST(metrics_durations_are_cumulative_seconds)
{
    static struct metric durations = METRIC_DURATION("d_seconds", "Ds.");
    struct arena arena;
    arena_init(&arena);
    metric_register(&durations);
    metric_observe(&durations, 500);
    metric_observe(&durations, 1000);
    metric_observe(&durations, 30000);
    metric_observe(&durations, 11000000);
    CHECK_STR(shown(&arena),
              "# HELP d_seconds Ds.\n# TYPE d_seconds histogram\n"
              "d_seconds_bucket{le=\"0.001000\"} 2\nd_seconds_bucket{le=\"0.002500\"} 2\n"
              "d_seconds_bucket{le=\"0.005000\"} 2\nd_seconds_bucket{le=\"0.010000\"} 2\n"
              "d_seconds_bucket{le=\"0.025000\"} 2\nd_seconds_bucket{le=\"0.050000\"} 3\n"
              "d_seconds_bucket{le=\"0.100000\"} 3\nd_seconds_bucket{le=\"0.250000\"} 3\n"
              "d_seconds_bucket{le=\"0.500000\"} 3\nd_seconds_bucket{le=\"1\"} 3\n"
              "d_seconds_bucket{le=\"2.500000\"} 3\nd_seconds_bucket{le=\"5\"} 3\n"
              "d_seconds_bucket{le=\"10\"} 3\nd_seconds_bucket{le=\"+Inf\"} 4\n"
              "d_seconds_sum 11.031500\nd_seconds_count 4\n");
    metric_unregister(&durations);
    arena_clear(&arena);
}

static void *add_many(void *arg)
{
    for (int i = 0; i < 10000; i++)
        metric_add(arg, 1);
    return NULL;
}

TEST(metrics_count_from_many_threads)
{
    static struct metric counter = METRIC_COUNTER("t_total", "Ts.");
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        REQUIRE(pthread_create(&threads[i], NULL, add_many, &counter) == 0);
    for (size_t i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CHECK_INT(metric_value(&counter), 40000);
}
