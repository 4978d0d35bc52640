/* Ways in: repeats across processes and sources, files that go on where they stopped, events that
 * wait for their subscription. */
#include "tests/app/books.h"

#include "app/event_commit.h"
#include "app/event_dismiss.h"
#include "app/event_prepare.h"
#include "app/event_read.h"
#include "app/ingest_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A customer with one subscription "s" since 2024-01-01, metrics "requests" (count) and "gb" (sum).
 */
static void open_world(struct world *w)
{
    world_open(w);
    at(w, "2024-01-01T00:00:00Z");
    make_metric(w, "requests", "count_agg", NULL);
    make_metric(w, "gb", "sum_agg", "size");
    make_plan(w, (struct plan_input){.code = STR("plan")}, NULL);
    make_customer(w, "c", "UTC");
    subscribe(w, "c", "s", "plan", "calendar");
    at(w, "2024-01-10T00:00:00Z");
}

static int64_t count_matched(struct world *w)
{
    struct event_view *views = NULL;
    size_t count = 0;
    bool more = false;
    struct event_filter_query query = {.external_subscription_id = STR("s"),
                                       .from_at = TIME_NONE,
                                       .to_at = TIME_NONE,
                                       .limit = 1000};
    MUST(w, event_list(&w->ctx, &query, &views, &count, &more));
    CHECK(!more);
    return (int64_t)count;
}

static struct str repeat(struct world *w, const char *id, const char *source)
{
    struct event_result result;
    struct event_input event = {
        .transaction_id = str_of(id),
        .external_subscription_id = STR("s"),
        .code = STR("requests"),
        .occurred_at = instant("2024-01-05T00:00:00Z"),
        .properties = STR_NULL,
        .source = str_of(source),
    };
    MUST(w, ingest_now(&w->ctx, &event, 1, false, &result));
    if (result.outcome == EVENT_ACCEPTED)
        return STR("accepted");
    return result.other_source ? STR("other source") : STR("duplicate");
}

TEST(ways_in_know_repeats_from_other_sources)
{
    struct world w;
    open_world(&w);
    CHECK_STR(repeat(&w, "a", "/one"), "accepted");
    CHECK_STR(repeat(&w, "a", "/one"), "duplicate");
    CHECK_STR(repeat(&w, "a", "/two"), "other source");
    CHECK_STR(repeat(&w, "a", NULL), "duplicate"); /* says nothing of its source */
    CHECK_STR(repeat(&w, "b", NULL), "accepted");
    CHECK_STR(repeat(&w, "b", "/one"), "duplicate");
    CHECK_INT(count_matched(&w), 2);
    world_close(&w);
}

/* ---- two processes, each with its own memory ------------------------------------------------- */

struct process {
    struct metric_table metrics;
    struct event_memory memory;
};

static void process_start(struct world *w, struct process *process)
{
    *process = (struct process){0};
    metric_table_init(&process->metrics);
    MUST(w, event_memory_fill(&w->ctx, &process->memory));
}

static void process_stop(struct process *process)
{
    event_filter_free(process->memory.filter);
    metric_table_clear(&process->metrics);
}

static enum event_outcome bring(struct world *w, struct process *process, int number)
{
    struct event_result result;
    struct event_input event = {
        .transaction_id = arena_fmt(&w->arena, "n%d", number),
        .external_subscription_id = STR("s"),
        .code = STR("requests"),
        .occurred_at = instant("2024-01-05T00:00:00Z"),
    };
    struct ingest_batch batch = {
        .ctx = &w->ctx, .events = &event, .count = 1, .results = &result, .is_list = true};
    MUST(w, events_prepare(&process->metrics, &batch));
    MUST(w, events_commit(&w->ctx, &process->memory, &batch));
    return result.outcome;
}

/* Two processes, days passing and one of them restarting now and then: whatever was brought once is
 * a repeat for both. */
TEST(ways_in_of_two_processes_never_count_twice)
{
    struct world w;
    struct process processes[2];
    int64_t now = instant("2024-01-10T00:00:00Z");
    bool was_brought[200] = {false};
    int64_t expected = 0;
    open_world(&w);
    process_start(&w, &processes[0]);
    process_start(&w, &processes[1]);
    for (int i = 0; i < 400; i++) {
        struct process *process = &processes[test_random() % 2];
        size_t number = test_random() % 200;
        enum event_outcome outcome = bring(&w, process, (int)number);
        CHECK_INT(outcome, was_brought[number] ? EVENT_DUPLICATE : EVENT_ACCEPTED);
        expected += !was_brought[number];
        was_brought[number] = true;
        if (test_random() % 40 == 0) { /* never more than 35 days in all */
            now += (int64_t)86400 * TIME_SECOND;
            MUST(&w, clock_set(&w.app.clock, now));
        }
        if (test_random() % 40 == 0) {
            process_stop(process);
            process_start(&w, process);
        }
    }
    CHECK_INT(count_matched(&w), expected);
    process_stop(&processes[0]);
    process_stop(&processes[1]);
    world_close(&w);
}

/* ---- files ----------------------------------------------------------------------------------- */

static char folder[] = "/tmp/billow_ways_XXXXXX";

static void remove_folder(void)
{
    static const char *const names[] = {"events.ndjson", "bad.ndjson", "bad.csv", "events.csv"};
    char path[100];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

static struct str write_file(struct world *w, const char *name, struct str content)
{
    static bool is_made;
    if (!is_made) {
        REQUIRE(mkdtemp(folder) != NULL);
        REQUIRE(atexit(remove_folder) == 0);
        is_made = true;
    }
    struct str path = arena_fmt(&w->arena, "%s/%s", folder, name);
    FILE *file = fopen(path.ptr, "wb");
    REQUIRE(file != NULL);
    REQUIRE(fwrite(content.ptr, 1, content.len, file) == content.len);
    REQUIRE(fclose(file) == 0);
    return path;
}

static struct str lines_of(struct world *w, int first, int end)
{
    struct buf text;
    buf_init(&text, &w->arena, (size_t)16 << 20);
    for (int i = first; i < end; i++)
        buf_fmt(&text,
                "{\"transaction_id\":\"f%d\",\"external_subscription_id\":\"s\",\"code\":\"gb\","
                "\"timestamp\":\"2024-01-05T00:00:00Z\",\"properties\":{\"size\":1}}\n",
                i);
    return buf_str(&text);
}

static enum err take(struct world *w, struct str path, struct ingest_file_result *result)
{
    fault_reset(&w->fault);
    return ingest_file(
        &w->ctx, &(struct ingest_file_options){.path = path, .format = ingest_format_of(path)},
        result);
}

static void check_usage(struct world *w, int64_t wanted)
{
    CHECK_INT(count_matched(w), wanted);
    check_books(w);
}

TEST(ingest_file_goes_on_where_it_stopped)
{
    struct world w;
    struct ingest_file_result result;
    open_world(&w);
    struct str path = write_file(&w, "events.ndjson", lines_of(&w, 0, 300));
    MUST(&w, take(&w, path, &result));
    CHECK_INT(result.accepted, 300);
    CHECK_INT(result.resumed_after, 0);
    MUST(&w, take(&w, path, &result)); /* nothing new */
    CHECK_INT(result.accepted + result.duplicates, 0);
    CHECK_INT(result.resumed_after, 300);
    (void)write_file(&w, "events.ndjson", lines_of(&w, 0, 450)); /* it grew */
    MUST(&w, take(&w, path, &result));
    CHECK_INT(result.accepted, 150);
    CHECK_INT(result.duplicates, 0);
    CHECK_INT(result.resumed_after, 300);
    (void)write_file(&w, "events.ndjson", lines_of(&w, 440, 460)); /* another one */
    MUST(&w, take(&w, path, &result));
    CHECK(result.has_changed);
    CHECK_INT(result.accepted, 10);
    CHECK_INT(result.duplicates, 10);
    check_usage(&w, 460);
    world_close(&w);
}

/* A bad line: what came before its batch stays, and what is repaired goes on from there. */
TEST(ingest_file_names_the_bad_lines)
{
    struct world w;
    struct ingest_file_result result;
    struct buf text;
    open_world(&w);
    buf_init(&text, &w.arena, (size_t)16 << 20);
    buf_add(&text, lines_of(&w, 0, INGEST_FILE_BATCH));
    buf_add(&text, STR("\n")); /* an empty line is none */
    buf_add(&text,
            STR("{\"transaction_id\":\"x\",\"external_subscription_id\":\"s\",\"code\":\"no\"}\n"));
    buf_add(&text, STR("{\"transaction_id\":\"y\"\n"));
    struct str path = write_file(&w, "bad.ndjson", buf_str(&text));
    CHECK_INT(take(&w, path, &result), ERR_INVALID);
    CHECK_INT(result.durable_records, INGEST_FILE_BATCH);
    CHECK_INT(w.fault.field_count, 1); /* not JSON: whether the rest is right is not asked */
    CHECK_STR(w.fault.fields[0].field, "line 5003, column 22");
    (void)write_file(&w, "bad.ndjson",
                     arena_fmt(&w.arena, "%.*s%s", STR_ARG(lines_of(&w, 0, INGEST_FILE_BATCH)),
                               "\n{\"transaction_id\":\"x\",\"code\":\"no\"}\n"));
    CHECK_INT(take(&w, path, &result), ERR_INVALID);
    CHECK_INT(result.resumed_after, INGEST_FILE_BATCH);
    CHECK_STR(w.fault.fields[0].field, "line 5002, code");
    struct str csv = write_file(&w, "bad.csv",
                                STR("transaction_id,external_subscription_id,code,size\n"
                                    "a,s,gb,1\nb,s,gb,much\nc,s,gb\n"));
    CHECK_INT(take(&w, csv, &result), ERR_INVALID);
    CHECK_INT(result.accepted, 0);
    CHECK_STR(w.fault.fields[0].field, "row 4, size");
    world_close(&w);
}

TEST(ingest_file_reads_csv)
{
    struct world w;
    struct ingest_file_result result;
    open_world(&w);
    struct str path = write_file(&w, "events.csv",
                                 STR("transaction_id,external_subscription_id,code,timestamp,size\n"
                                     "a,s,gb,2024-01-05T00:00:00Z,1.5\n"
                                     "b,s,gb,1704412800,\"2\"\n"
                                     "a,s,gb,2024-01-05T00:00:00Z,1.5\n"
                                     "c,later,gb,,3\n"));
    MUST(&w, take(&w, path, &result));
    CHECK_INT(result.records, 5);
    CHECK_INT(result.accepted, 3);
    CHECK_INT(result.duplicates, 1);
    CHECK_INT(result.unmatched, 1);
    check_usage(&w, 2);
    CHECK_INT(take(&w, STR("/nowhere/x.csv"), &result), ERR_NOT_FOUND);
    world_close(&w);
}

/* ---- events that wait ------------------------------------------------------------------------ */

static int64_t count_unmatched(struct world *w, const char *external_id, const char *code)
{
    struct event_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    struct unmatched_query query = {
        .external_subscription_id = str_of(external_id), .code = str_of(code), .limit = 100};
    MUST(w, event_list_unmatched(&w->ctx, &query, &views, &count, &total));
    CHECK_INT(count, total);
    return total;
}

TEST(unmatched_events_wait_and_are_dismissed)
{
    struct world w;
    struct unmatched_summary summary;
    int64_t count = 0;
    open_world(&w);
    send_event(&w, "x", "requests", "2024-01-02T00:00:00Z", NULL);
    send_event(&w, "x", "gb", "2024-01-03T00:00:00Z", "{\"size\":2}");
    send_event(&w, "y", "requests", "2024-01-04T00:00:00Z", NULL);
    CHECK_INT(count_unmatched(&w, NULL, NULL), 3);
    CHECK_INT(count_unmatched(&w, "x", NULL), 2);
    CHECK_INT(count_unmatched(&w, "x", "gb"), 1);
    CHECK_INT(count_unmatched(&w, NULL, "requests"), 2);
    CHECK_INT(count_unmatched(&w, "", NULL), 0);
    MUST(&w, event_unmatched_summarize(&w.ctx, 100, 0, &summary));
    CHECK_INT(summary.total, 2);
    CHECK_STR(summary.items[0].external_subscription_id, "x");
    CHECK_INT(summary.items[0].event_count, 2);
    CHECK_AT(summary.items[0].first_at, "2024-01-02T00:00:00Z");
    CHECK_AT(summary.items[0].last_at, "2024-01-03T00:00:00Z");
    CHECK_INT(event_dismiss(&w.ctx, ctx_new_id(&w.ctx)), ERR_NOT_FOUND);
    fault_reset(&w.fault);
    MUST(&w, event_dismiss_all(&w.ctx, STR("x"), STR("gb"), &count));
    CHECK_INT(count, 1);
    MUST(&w, event_dismiss_all(&w.ctx, STR("y"), STR_NULL, &count));
    CHECK_INT(count, 1);
    CHECK_INT(count_unmatched(&w, NULL, NULL), 1);
    check_usage(&w, 0);
    world_close(&w);
}

/* A subscription that is made later, with an earlier start, takes what lies in its time. */
TEST(unmatched_events_count_when_their_subscription_appears)
{
    struct world w;
    struct subscription_view view;
    open_world(&w);
    send_event(&w, "late", "requests", "2024-01-02T00:00:00Z", NULL);
    send_event(&w, "late", "requests", "2024-01-04T00:00:00Z", NULL);
    send_event(&w, "late", "requests", "2024-01-09T00:00:00Z", NULL);
    MUST(&w, subscription_create(&w.ctx,
                                 &(struct subscription_input){
                                     .external_customer_id = STR("c"),
                                     .external_id = STR("late"),
                                     .plan_code = STR("plan"),
                                     .billing_time = STR("calendar"),
                                     .subscription_at = instant("2024-01-03T00:00:00Z"),
                                     .ending_at = TIME_NONE,
                                 },
                                 &view));
    CHECK_INT(count_unmatched(&w, "late", NULL), 1); /* it was before the start */
    struct event_view *views = NULL;
    size_t count = 0;
    bool more = false;
    struct event_filter_query query = {.external_subscription_id = STR("late"),
                                       .code = STR("requests"),
                                       .from_at = instant("2024-01-03T00:00:00Z"),
                                       .to_at = instant("2024-01-09T00:00:00Z"),
                                       .limit = 10};
    MUST(&w, event_list(&w.ctx, &query, &views, &count, &more));
    REQUIRE(count == 2);
    CHECK_AT(views[0].occurred_at, "2024-01-09T00:00:00Z");
    check_usage(&w, 0);
    world_close(&w);
}
