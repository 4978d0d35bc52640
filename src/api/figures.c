#include "api/figures.h"

#include "app/ingest.h"
#include "app/maintenance.h"
#include "base/metrics.h"
#include "base/none.h"
#include "base/time.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum figure {
    BUILD,
    UP,
    DUE,
    UNNUMBERED,
    DRAFT,
    UNMATCHED,
    UNASSIGNED,
    EXCEPTIONS,
    LATE_USAGE,
    WAITING,
    OLDEST_WAIT,
    WORKING,
    CONNECTIONS,
    CONNECTIONS_MAX,
    RESIDENT,
    FILES,
    FILES_MAX,
    CPU,
    STARTED,
    FIGURE_COUNT
};

static struct metric figures[FIGURE_COUNT] = {
    [BUILD] = METRIC_GAUGE("billow_build_info", "1; the labels say which program on which engine."),
    [UP] = METRIC_GAUGE("billow_database_up", "Whether the database answered when last asked."),
    [DUE] = METRIC_GAUGE_US("billow_due_oldest_seconds",
                            "How long the oldest thing is due that is not done; 0: nothing is."),
    [UNNUMBERED] = METRIC_GAUGE("billow_invoices_unnumbered",
                                "Invoices that are complete and have no number yet."),
    [DRAFT] = METRIC_GAUGE("billow_invoices_draft", "Invoices in their grace period."),
    [UNMATCHED] = METRIC_GAUGE("billow_unmatched_events", "Events without a subscription."),
    [UNASSIGNED] = METRIC_GAUGE("billow_cost_unassigned",
                                "Sums of vendor cost of sub-accounts that nobody has."),
    [EXCEPTIONS] = METRIC_GAUGE("billow_cost_exceptions", "Vendor cost that could not be billed."),
    [LATE_USAGE] = METRIC_GAUGE("billow_late_usage", "Late usage that could not be billed."),
    [WAITING] = METRIC_GAUGE("billow_ingest_waiting_events", "Events that wait for a commit."),
    [OLDEST_WAIT] = METRIC_GAUGE_US("billow_ingest_oldest_wait_seconds",
                                    "How long the oldest request with events waits for a commit."),
    [WORKING] = METRIC_GAUGE_US("billow_ingest_working_seconds",
                                "How long the writer is at what it is writing."),
    [CONNECTIONS] = METRIC_GAUGE("billow_store_connections", "Database connections in use."),
    [CONNECTIONS_MAX] =
        METRIC_GAUGE("billow_store_connections_max", "Database connections that there may be."),
    [RESIDENT] = METRIC_GAUGE("process_resident_memory_bytes", "Resident memory."),
    [FILES] = METRIC_GAUGE("process_open_fds", "Open files and connections."),
    [FILES_MAX] = METRIC_GAUGE("process_max_fds", "Open files and connections that there may be."),
    [CPU] = METRIC_GAUGE_US("process_cpu_seconds_total", "Processor time spent."),
    [STARTED] = METRIC_GAUGE_US("process_start_time_seconds",
                                "When the program first answered here, in unix time."),
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static bool is_registered;
static int64_t asked_us; /* monotonic: when the queues were read; 0: never */

static void register_all(const struct app *app)
{
    struct timespec now;
    figures[BUILD].labels = store_engine(app->store) == STORE_SQLITE
                                ? "version=\"" BILLOW_VERSION "\",engine=\"sqlite\""
                                : "version=\"" BILLOW_VERSION "\",engine=\"postgresql\"";
    figures[CPU].kind = METRIC_KIND_COUNTER;
    for (size_t i = 0; i < FIGURE_COUNT; i++)
        metric_register(&figures[i]);
    metric_set(&figures[BUILD], 1);
    clock_gettime(CLOCK_REALTIME, &now);
    metric_set(&figures[STARTED], (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

static int64_t count_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int64_t count = 0;
    if (folder == NULL)
        return 0;
    while (readdir(folder) != NULL) /* NOLINT(concurrency-mt-unsafe): the stream is ours alone */
        count++;
    closedir(folder);
    return count - 3; /* "." and ".." and the folder itself */
}

static int64_t resident_bytes(void)
{
    char text[256];
    int64_t pages = 0;
    struct str rest;
    struct str word;
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    if (len <= 0)
        return 0;
    rest = (struct str){text, (size_t)len};
    if (!str_split(&rest, ' ', &word)) /* the whole size; the resident one follows */
        return 0;
    if (!str_split(&rest, ' ', &word) || !str_to_int64(word, &pages))
        return 0;
    return pages * sysconf(_SC_PAGESIZE);
}

static void gather_process(void)
{
    struct rlimit limit;
    struct rusage usage;
    metric_set(&figures[RESIDENT], resident_bytes());
    metric_set(&figures[FILES], count_files());
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        metric_set(&figures[FILES_MAX], (int64_t)limit.rlim_cur);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        int64_t now_us = ((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
                         usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
        metric_add(&figures[CPU], now_us - metric_value(&figures[CPU]));
    }
}

static void gather_queues(struct app *app, struct arena *arena)
{
    struct fault fault;
    struct queues queues;
    fault_init(&fault, arena);
    struct ctx ctx = {.app = app,
                      .arena = arena,
                      .fault = &fault,
                      .actor = STR("metrics"),
                      .origin = STR("metrics")};
    bool is_up = queues_load(&ctx, &queues) == ERR_NONE;
    metric_set(&figures[UP], is_up);
    if (!is_up)
        return;
    metric_set(&figures[DUE], queues.due_at == TIME_NONE ? 0 : ctx_now(&ctx) - queues.due_at);
    metric_set(&figures[UNNUMBERED], queues.complete);
    metric_set(&figures[DRAFT], queues.drafts);
    metric_set(&figures[UNMATCHED], queues.unmatched);
    metric_set(&figures[UNASSIGNED], queues.unassigned);
    metric_set(&figures[EXCEPTIONS], queues.cost_exceptions);
    metric_set(&figures[LATE_USAGE], queues.late_exceptions);
}

void figures_gather(struct app *app, struct arena *arena)
{
    struct ingest_status ingest;
    struct store_use use = store_use(app->store);
    ingest_status(app, &ingest);
    pthread_mutex_lock(&lock);
    if (!is_registered)
        register_all(app);
    is_registered = true;
    if (asked_us == 0 || clock_monotonic_us() - asked_us > FIGURES_AGE_US) {
        gather_queues(app, arena);
        asked_us = clock_monotonic_us();
    }
    metric_set(&figures[WAITING], ingest.waiting_events);
    metric_set(&figures[OLDEST_WAIT], ingest.oldest_wait_us);
    metric_set(&figures[WORKING], ingest.working_us);
    metric_set(&figures[CONNECTIONS], use.in_use);
    metric_set(&figures[CONNECTIONS_MAX], use.most);
    gather_process();
    pthread_mutex_unlock(&lock);
}
