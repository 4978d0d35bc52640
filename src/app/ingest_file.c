#include "app/ingest_file.h"

#include "app/audit.h"
#include "app/event_commit.h"
#include "app/event_line.h"
#include "base/assert.h"
#include "base/csv.h"
#include "base/hash.h"
#include "base/input.h"
#include "base/json_write.h"
#include "store/sql/event.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_BYTES 32
#define CHECKS_MAX   5

/* The lines of a text, cut from parts of any length. */
struct line_source {
    struct input *input;
    struct str part; /* read, not used */
    char *carried;   /* a line's beginning, from the parts before */
    size_t carried_len;
    bool has_ended;
};

struct reading {
    struct ctx *ctx;
    const struct ingest_file_options *options;
    struct ingest_file_result *result;
    struct arena arena; /* of one batch */
    struct fault fault;
    struct metric_table metrics;
    struct event_memory memory;
    struct input *input;
    struct line_source lines;
    struct csv csv;
    struct arena csv_arena; /* grows with the longest record, not with their number */
    struct event_columns columns;
    struct hash_stream digest;           /* of the records so far */
    struct str path;                     /* absolute; STR_NULL: no checkpoint */
    struct ingest_checkpoint_row before; /* this run; record_count 0: none */
    bool is_begun; /* a batch is durable, and with it the entry of who began */
    unsigned char digest_now[DIGEST_BYTES];
};

enum ingest_format ingest_format_of(struct str path)
{
    struct str name = path;
    if (str_ends(name, STR(".gz")))
        name = str_slice(name, 0, name.len - 3);
    return str_ends(name, STR(".csv")) ? INGEST_CSV : INGEST_NDJSON;
}

static bool is_csv(const struct reading *r)
{
    return r->options->format == INGEST_CSV;
}

/* ---- records --------------------------------------------------------------------------------- */

/* The next line without its end, a view until the next call; false in *found at the end. */
static enum err next_line(struct reading *r, struct str *line, bool *found)
{
    struct line_source *s = &r->lines;
    s->carried_len = 0;
    *found = false;
    for (;;) {
        ptrdiff_t end = str_find(s->part, '\n');
        size_t len = end < 0 ? s->part.len : (size_t)end;
        if (s->carried_len + len > INGEST_LINE_BYTES_MAX)
            return fail(r->ctx, ERR_TOO_LARGE, "line %" PRId64 " is longer than %zu bytes",
                        r->result->records + 1, INGEST_LINE_BYTES_MAX);
        if (end >= 0 && s->carried_len == 0) {
            *line = str_slice(s->part, 0, len);
            s->part = str_slice(s->part, len + 1, s->part.len);
            *found = true;
            return ERR_NONE;
        }
        if (len > 0)
            memcpy(s->carried + s->carried_len, s->part.ptr, len);
        s->carried_len += len;
        s->part = str_slice(s->part, end < 0 ? len : len + 1, s->part.len);
        if (end < 0 && !s->has_ended) {
            TRY(input_next(s->input, &s->part));
            s->has_ended = s->part.len == 0;
            continue;
        }
        *line = (struct str){s->carried, s->carried_len};
        *found = end >= 0 || s->carried_len > 0;
        return ERR_NONE;
    }
}

static void digest_record(struct reading *r, struct str text)
{
    uint64_t len = text.len;
    hash_add(&r->digest, (struct str){(const char *)&len, sizeof len});
    hash_add(&r->digest, text);
}

static void digest_row(struct reading *r)
{
    for (size_t i = 0; i < r->csv.field_count; i++) {
        digest_record(r, r->csv.fields[i].text);
        hash_add(&r->digest, r->csv.fields[i].is_quoted ? STR("q") : STR("p"));
    }
    hash_add(&r->digest, STR("\n"));
}

/* Reads the next record and counts it; *line is its text where it is a line. */
static enum err next_record(struct reading *r, struct str *line, bool *found)
{
    if (!is_csv(r)) {
        TRY(next_line(r, line, found));
        if (*found)
            digest_record(r, *line);
    } else {
        enum err err = csv_next(&r->csv, found);
        TRY(err);
        if (*found)
            digest_row(r);
    }
    r->result->records += *found;
    return ERR_NONE;
}

static enum err open_records(struct reading *r)
{
    struct event_reader reader = {.arena = &r->csv_arena, .fault = r->ctx->fault, .place = STR("")};
    hash_init(&r->digest, STR_NULL);
    TRY(input_open(r->options->path, r->ctx->fault, &r->input));
    r->lines = (struct line_source){.input = r->input,
                                    .part = STR(""),
                                    .carried = arena_alloc(r->ctx->arena, INGEST_LINE_BYTES_MAX)};
    r->result->records = 0;
    if (!is_csv(r))
        return ERR_NONE;
    TRY(csv_open(&r->csv, r->input, &r->csv_arena, r->ctx->fault));
    for (size_t i = 0; i < r->csv.column_count; i++)
        digest_record(r, r->csv.columns[i]);
    r->result->records = 1;
    reader.place = STR("row 1, ");
    (void)event_columns_of(&reader, &r->csv, &r->columns);
    return fault_check(r->ctx->fault);
}

static void digest_so_far(struct reading *r)
{
    struct hash_stream copy = r->digest; /* ending it would end it */
    hash_end(&copy, r->digest_now);
}

/* ---- where to begin -------------------------------------------------------------------------- */

static enum err load_checkpoint(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct reading *r = arg;
    bool found = false;
    TRY(ingest_checkpoint_load(tx, &(struct ingest_checkpoint_load_in){.path = r->path}, &r->before,
                               &found));
    if (!found)
        r->before = (struct ingest_checkpoint_row){.path = r->path};
    r->before.digest = arena_str(ctx->arena, r->before.digest);
    return ERR_NONE;
}

/* Passes over records up to the `count`th; false in *all where there are fewer. */
static enum err pass_over(struct reading *r, int64_t count, bool *all)
{
    struct str line;
    bool found = true;
    while (found && r->result->records < count)
        TRY(next_record(r, &line, &found));
    *all = found;
    return ERR_NONE;
}

static enum err start_again(struct reading *r)
{
    input_close(r->input);
    r->input = NULL;
    arena_reset(&r->csv_arena);
    r->before = (struct ingest_checkpoint_row){.path = r->path};
    r->result->has_changed = true;
    return open_records(r);
}

static enum err resume(struct reading *r)
{
    bool all = true;
    if (r->before.record_count == 0)
        return ERR_NONE;
    TRY(pass_over(r, r->before.record_count, &all));
    digest_so_far(r);
    if (!all || r->before.digest.len != DIGEST_BYTES ||
        memcmp(r->before.digest.ptr, r->digest_now, DIGEST_BYTES) != 0)
        return start_again(r);
    r->result->resumed_after = r->result->records;
    return ERR_NONE;
}

static enum err find_start(struct reading *r)
{
    bool all = true;
    bool is_pipe = str_eq(r->options->path, STR("-"));
    if (!is_pipe) {
        char *absolute = realpath(arena_cstr(r->ctx->arena, r->options->path), NULL);
        if (absolute != NULL)
            r->path = arena_str(r->ctx->arena, str_of(absolute));
        free(absolute);
    }
    r->before = (struct ingest_checkpoint_row){.path = r->path};
    if (!str_is_null(r->path) && !r->options->from_start && r->options->skip == 0)
        TRY(tx_run(r->ctx, TX_READ, load_checkpoint, r));
    TRY(open_records(r));
    if (r->options->skip == 0)
        return resume(r);
    TRY(pass_over(r, r->result->records + r->options->skip, &all));
    fault_reset(r->ctx->fault); /* what is passed over may be bad */
    if (!all)
        return fail(r->ctx, ERR_INVALID, "there are only %" PRId64 " records, fewer than to skip",
                    r->result->records);
    r->result->resumed_after = r->result->records;
    return ERR_NONE;
}

/* ---- batches --------------------------------------------------------------------------------- */

/* Who brought which file stands in the audit, from the first batch's transaction on; each event
 * names itself. */
static enum err audit_begin(struct ctx *ctx, struct tx *tx, const struct reading *r)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, ctx->arena, 16384);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    json_str(&out, "path", str_is_null(r->path) ? STR("-") : r->path);
    json_int(&out, "after_record", r->result->resumed_after);
    json_object_end(&out);
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "event.ingest_file.begin",
                         .object_id = ctx->app->organization_id,
                         .after = buf_str(&text),
                     });
}

/* In the transaction of the batch's events. */
static enum err keep_progress(struct ctx *ctx, struct tx *tx, struct ingest_batch *batch)
{
    struct reading *r = batch->arg;
    struct ingest_checkpoint_save_in in = {
        .path = r->path,
        .record_count = r->result->records,
        .digest = {(const char *)r->digest_now, DIGEST_BYTES},
        .accepted_count = r->before.accepted_count + r->result->accepted,
        .duplicate_count = r->before.duplicate_count + r->result->duplicates,
        .unmatched_count = r->before.unmatched_count + r->result->unmatched,
        .updated_at = ctx_now(ctx),
    };
    for (size_t i = 0; i < batch->count; i++) {
        bool is_new = batch->results[i].outcome == EVENT_ACCEPTED;
        in.accepted_count += is_new;
        in.duplicate_count += !is_new;
        in.unmatched_count += is_new && uuid_is_nil(batch->results[i].subscription_id);
    }
    if (!r->is_begun)
        TRY(audit_begin(ctx, tx, r));
    return str_is_null(r->path) ? ERR_NONE : ingest_checkpoint_save(tx, &in, 1);
}

static void count_results(struct ingest_file_result *result, const struct ingest_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        bool is_new = batch->results[i].outcome == EVENT_ACCEPTED;
        result->accepted += is_new;
        result->duplicates += !is_new;
        result->differing += batch->results[i].differs;
        result->other_source += batch->results[i].other_source;
        result->unmatched += is_new && uuid_is_nil(batch->results[i].subscription_id);
    }
}

static bool read_event(struct reading *r, struct ctx *ctx, struct str line,
                       struct event_input *event)
{
    struct event_reader reader = {
        .arena = ctx->arena,
        .fault = ctx->fault,
        .only_cloud_events = r->options->format == INGEST_CLOUD_EVENTS,
        .place = arena_fmt(ctx->arena, "%s %" PRId64 ", ", is_csv(r) ? "row" : "line",
                           r->result->records),
    };
    if (!is_csv(r)) /* the line lives until the next one is read */
        return event_of_json(&reader, arena_str(ctx->arena, str_trim(line)), event);
    return !r->csv.is_bad && event_of_csv(&reader, &r->columns, &r->csv, event);
}

/* Reads up to a batch of events; bad ones are noted in the batch's fault. */
static enum err read_batch(struct reading *r, struct ctx *ctx, struct ingest_batch *batch,
                           bool *has_more)
{
    struct event_input *events = ARENA_ARRAY(ctx->arena, INGEST_FILE_BATCH, struct event_input);
    int64_t *lines = ARENA_ARRAY(ctx->arena, INGEST_FILE_BATCH, int64_t);
    size_t count = 0;
    int64_t end = r->result->records + INGEST_FILE_BATCH;
    *has_more = true;
    while (*has_more && r->result->records < end) {
        struct str line = STR("");
        TRY(next_record(r, &line, has_more));
        if (!*has_more || (!is_csv(r) && str_trim(line).len == 0))
            continue;
        lines[count] = r->result->records;
        count += read_event(r, ctx, line, &events[count]);
    }
    *batch = (struct ingest_batch){
        .ctx = ctx,
        .events = events,
        .count = count,
        .results = ARENA_ARRAY(ctx->arena, count, struct event_result),
        .is_list = true,
        .lines = lines,
        .line_word = is_csv(r) ? "row" : "line",
        .keep = keep_progress,
        .arg = r,
    };
    return ERR_NONE;
}

/* What a batch noted stands in its own fault, which goes with it. */
static enum err pass_on(struct reading *r, const struct ctx *batch_ctx, enum err err)
{
    const struct fault *from = batch_ctx->fault;
    struct fault *to = r->ctx->fault;
    for (size_t i = 0; i < from->field_count; i++)
        fault_field(to, from->fields[i].field, arena_cstr(to->arena, from->fields[i].code),
                    from->fields[i].value, "%.*s", STR_ARG(from->fields[i].expected));
    to->field_dropped += from->field_dropped;
    if (str_is_null(from->message))
        return err;
    return fault_set(to, err, "%.*s", STR_ARG(from->message));
}

/* Where a metric has changed since the batch was checked, it is checked again. */
static enum err write_batch(struct reading *r, struct ctx *ctx, struct ingest_batch *batch)
{
    enum err err = ERR_CONFLICT;
    for (int i = 0; i < CHECKS_MAX && err == ERR_CONFLICT; i++) {
        if (i > 0)
            metric_table_forget(&r->metrics);
        fault_reset(ctx->fault);
        TRY(events_prepare(&r->metrics, batch));
        err = events_commit(ctx, &r->memory, batch);
    }
    return err;
}

static enum err take_batch(struct reading *r, bool *has_more)
{
    struct ingest_batch batch;
    struct ctx ctx = *r->ctx;
    arena_reset(&r->arena);
    fault_init(&r->fault, &r->arena);
    ctx.arena = &r->arena;
    ctx.fault = &r->fault;
    r->csv.fault = &r->fault;
    enum err err = read_batch(r, &ctx, &batch, has_more);
    r->csv.fault = r->ctx->fault;
    if (err == ERR_NONE)
        err = fault_check(&r->fault);
    digest_so_far(r);
    if (err == ERR_NONE && batch.count > 0)
        err = write_batch(r, &ctx, &batch);
    if (err != ERR_NONE)
        return pass_on(r, &ctx, err);
    count_results(r->result, &batch);
    r->is_begun = r->is_begun || batch.count > 0;
    r->result->durable_records = r->result->records;
    input_progress(r->input, &r->result->done_bytes, &r->result->size_bytes);
    if (r->options->progress != NULL)
        r->options->progress(r->options->arg, r->result);
    return ERR_NONE;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static struct str result_json(struct arena *arena, const struct reading *r)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, arena, 16384);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    json_str(&out, "path", str_is_null(r->path) ? STR("-") : r->path);
    json_int(&out, "after_record", r->result->resumed_after);
    json_int(&out, "records", r->result->durable_records);
    json_int(&out, "accepted", r->result->accepted);
    json_int(&out, "duplicates", r->result->duplicates);
    json_int(&out, "unmatched", r->result->unmatched);
    json_object_end(&out);
    return buf_str(&text);
}

/* What came of it. */
static enum err audit_run(struct ctx *ctx, struct tx *tx, void *arg)
{
    const struct reading *r = arg;
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "event.ingest_file",
                         .object_id = ctx->app->organization_id,
                         .after = result_json(ctx->arena, r),
                     });
}

static enum err read_all(struct reading *r)
{
    bool has_more = true;
    TRY(find_start(r));
    TRY(event_memory_fill(r->ctx, &r->memory));
    r->result->durable_records = r->result->records;
    while (has_more)
        TRY(take_batch(r, &has_more));
    return ERR_NONE;
}

enum err ingest_file(struct ctx *ctx, const struct ingest_file_options *options,
                     struct ingest_file_result *result)
{
    struct reading r = {.ctx = ctx, .options = options, .result = result, .path = STR_NULL};
    *result = (struct ingest_file_result){.size_bytes = -1};
    ASSERT(options->skip >= 0);
    arena_init(&r.arena);
    arena_init(&r.csv_arena);
    metric_table_init(&r.metrics);
    enum err err = read_all(&r);
    if (result->accepted + result->duplicates > 0) {
        struct fault own;
        struct ctx audit_ctx = *ctx;
        fault_init(&own, ctx->arena);
        audit_ctx.fault = &own;
        enum err audit_err = tx_run(&audit_ctx, TX_WRITE, audit_run, &r);
        if (err == ERR_NONE && audit_err != ERR_NONE)
            err = fault_set(ctx->fault, audit_err, "%.*s", STR_ARG(own.message));
    }
    input_close(r.input);
    event_filter_free(r.memory.filter);
    metric_table_clear(&r.metrics);
    arena_clear(&r.csv_arena);
    arena_clear(&r.arena);
    return err;
}
