#include "cli/demo_run.h"

#include "app/cost_import.h"
#include "app/demo_generate.h"
#include "app/ingest.h"
#include "app/invoice.h"
#include "app/outbox.h"
#include "app/payment.h"
#include "app/payment_checkout.h"
#include "app/test_clock.h"
#include "base/csv.h"
#include "base/input.h"
#include "base/json_write.h"
#include "base/none.h"
#include "cli/demo_gateway.h"
#include "cli/demo_setup.h"
#include "jobs/outbox_job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define FILE_BYTES_MAX     ((size_t)64 << 20)
#define USAGE_ROWS_MAX     10000
#define EVENTS_A_ROW       5
#define PAYMENT_DAYS_MAX   60 /* no profile pays later than that */
#define INVOICES_A_DAY_MAX 1000

/* ---- files ----------------------------------------------------------------------------------- */

static enum err read_all(struct arena *arena, struct fault *fault, struct str path,
                         struct str *content)
{
    struct input *input = NULL;
    struct buf text;
    enum err err = ERR_NONE;
    buf_init(&text, arena, FILE_BYTES_MAX);
    TRY(input_open(path, fault, &input));
    struct str piece;
    do {
        err = input_next(input, &piece);
        if (err == ERR_NONE)
            buf_add(&text, piece);
    } while (err == ERR_NONE && piece.len > 0);
    input_close(input);
    *content = buf_str(&text);
    return err == ERR_NONE && !buf_ok(&text)
               ? fault_set(fault, ERR_TOO_LARGE, "%.*s is too large", STR_ARG(path))
               : err;
}

static enum err write_all(struct fault *fault, struct str path, struct str content)
{
    FILE *file = fopen(arena_cstr(fault->arena, path), "wb");
    bool ok = file != NULL && fwrite(content.ptr, 1, content.len, file) == content.len;
    if (file != NULL && fclose(file) != 0)
        ok = false;
    return ok ? ERR_NONE : fault_errno(fault, ERR_IO, path);
}

static enum err generate_file(struct arena *arena, struct fault *fault,
                              const struct demo_config *config, const struct demo_file *file,
                              struct str template, struct str out_dir)
{
    int32_t first = 0;
    struct buf out;
    buf_init(&out, arena, FILE_BYTES_MAX);
    if (day_parse(arena_fmt(arena, "%.*s-01", STR_ARG(file->month)), &first) != ERR_NONE)
        return fault_set(fault, ERR_INVALID, "month %.*s: wanted YYYY-MM", STR_ARG(file->month));
    struct civil date = civil_from_day(first);
    enum err err = demo_generate(
        arena, template,
        &(struct demo_month){
            .year = date.year,
            .month = date.month,
            .seed = config->vendor.seed,
            .provider_name = file->provider_name,
            .per_mille = file->per_mille == INT_NONE ? 1000 : (int32_t)file->per_mille,
        },
        &out);
    if (err != ERR_NONE || !buf_ok(&out))
        return fault_set(fault, err == ERR_NONE ? ERR_TOO_LARGE : err,
                         "%.*s cannot be made from %.*s", STR_ARG(file->file),
                         STR_ARG(config->vendor.template));
    return write_all(fault, arena_fmt(arena, "%.*s/%.*s", STR_ARG(out_dir), STR_ARG(file->file)),
                     buf_str(&out));
}

enum err demo_write_files(struct arena *arena, struct fault *fault,
                          const struct demo_config *config, struct str dir, struct str out_dir)
{
    struct str template;
    if (mkdir(arena_cstr(arena, out_dir), 0777) != 0 && errno != EEXIST)
        return fault_errno(fault, ERR_IO, out_dir);
    TRY(read_all(arena, fault,
                 arena_fmt(arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(config->vendor.template)),
                 &template));
    for (size_t i = 0; i < config->vendor.file_count; i++) {
        struct arena_mark mark = arena_mark(arena);
        if (config->vendor.files[i].generated)
            TRY(generate_file(arena, fault, config, &config->vendor.files[i], template, out_dir));
        arena_return(arena, mark);
    }
    return ERR_NONE;
}

/* ---- usage ----------------------------------------------------------------------------------- */

/* The columns of the Kubernetes file that are used. */
enum usage_column {
    POD,
    INTERVAL_START,
    CPU_USED,
    CPU_WANTED,
    CPU_LIMIT,
    MEMORY_USED,
    MEMORY_WANTED,
    USAGE_COLUMNS
};
static const char *const usage_columns[] = {"pod",
                                            "interval_start",
                                            "pod_usage_cpu_core_seconds",
                                            "pod_request_cpu_core_seconds",
                                            "pod_limit_cpu_core_seconds",
                                            "pod_usage_memory_byte_seconds",
                                            "pod_request_memory_byte_seconds"};

struct usage_reading {
    const struct demo_run *run;
    size_t index[USAGE_COLUMNS];
    struct event_input *events;
    size_t count;
};

static enum err find_columns(struct usage_reading *r, const struct csv *csv)
{
    for (size_t c = 0; c < USAGE_COLUMNS; c++) {
        size_t i = 0;
        while (i < csv->column_count && !str_eq(csv->columns[i], str_of(usage_columns[c])))
            i++;
        if (i == csv->column_count)
            return fault_set(r->run->ctx->fault, ERR_INVALID, "usage file: column %s is missing",
                             usage_columns[c]);
        r->index[c] = i;
    }
    return ERR_NONE;
}

static enum err larger(struct str a, struct str b, struct decimal *value)
{
    struct decimal x;
    struct decimal y;
    TRY(decimal_parse(a, &x));
    TRY(decimal_parse(b, &y));
    *value = decimal_max(x, y);
    return ERR_NONE;
}

/* "2019-02-01 00:00:00 +0000 UTC", moved. */
static enum err event_time(const struct demo_run *run, struct str text, int64_t *at)
{
    if (text.len < 19)
        return ERR_MALFORMED;
    TRY(time_parse(arena_fmt(run->ctx->arena, "%.10sT%.8sZ", text.ptr, text.ptr + 11), at));
    *at += run->config->usage.shift_days * TIME_DAY;
    return ERR_NONE;
}

static struct str one_property(struct arena *arena, const char *name, struct decimal value)
{
    struct buf text;
    struct json_writer w;
    buf_init(&text, arena, 1000);
    json_writer_init(&w, &text);
    json_object(&w, NULL);
    json_decimal(&w, name, value);
    json_object_end(&w);
    return buf_str(&text);
}

static enum err add_events(struct usage_reading *r, const struct csv *row)
{
    struct arena *arena = r->run->ctx->arena;
    struct str pod = row->fields[r->index[POD]].text;
    struct str subscription = demo_lookup(arena, r->run->config->usage.subscriptions, pod);
    struct decimal cpu;
    struct decimal limit;
    struct decimal memory;
    struct decimal gigabytes;
    int64_t at = 0;
    TRY(event_time(r->run, row->fields[r->index[INTERVAL_START]].text, &at));
    TRY(larger(row->fields[r->index[CPU_USED]].text, row->fields[r->index[CPU_WANTED]].text, &cpu));
    TRY(larger(row->fields[r->index[MEMORY_USED]].text, row->fields[r->index[MEMORY_WANTED]].text,
               &memory));
    TRY(decimal_scale(memory, -9, &gigabytes));
    TRY(decimal_parse(row->fields[r->index[CPU_LIMIT]].text, &limit));
    const struct {
        const char *code;
        struct str properties;
    } made[EVENTS_A_ROW] = {
        {"cpu_core_seconds", one_property(arena, "core_seconds", cpu)},
        {"memory_gb_seconds", one_property(arena, "gb_seconds", gigabytes)},
        {"pod_hours", STR("{}")},
        {"cpu_peak", one_property(arena, "core_seconds", cpu)},
        {"cpu_limit", one_property(arena, "core_seconds", limit)},
    };
    for (size_t i = 0; i < EVENTS_A_ROW; i++)
        r->events[r->count++] = (struct event_input){
            .transaction_id = arena_fmt(arena, "%.*s/%.*s/%s", STR_ARG(arena_str(arena, pod)),
                                        STR_ARG(time_text(arena, at)), made[i].code),
            .external_subscription_id = subscription,
            .code = str_of(made[i].code),
            .occurred_at = at,
            .properties = made[i].properties,
        };
    return ERR_NONE;
}

static enum err read_usage(struct usage_reading *r, struct input *input)
{
    struct ctx *ctx = r->run->ctx;
    struct csv csv;
    bool found = true;
    TRY(csv_open(&csv, input, ctx->arena, ctx->fault));
    TRY(find_columns(r, &csv));
    while (found) {
        TRY(csv_next(&csv, &found));
        if (found && (csv.row > USAGE_ROWS_MAX || csv.is_bad || add_events(r, &csv) != ERR_NONE))
            return fail(ctx, ERR_INVALID, "usage file: row %lld cannot be read",
                        (long long)csv.row);
    }
    return ERR_NONE;
}

static enum err send_usage(const struct demo_run *run)
{
    struct ctx *ctx = run->ctx;
    struct usage_reading reading = {
        .run = run,
        .events =
            ARENA_ARRAY(ctx->arena, (size_t)USAGE_ROWS_MAX * EVENTS_A_ROW, struct event_input),
    };
    struct input *input = NULL;
    TRY(input_open(
        arena_fmt(ctx->arena, "%.*s/%.*s", STR_ARG(run->dir), STR_ARG(run->config->usage.file)),
        ctx->fault, &input));
    enum err err = read_usage(&reading, input);
    input_close(input);
    TRY(err);
    for (size_t sent = 0; sent < reading.count;) {
        size_t part = reading.count - sent;
        if (part > INGEST_BATCH_MAX)
            part = INGEST_BATCH_MAX;
        struct event_result *results = ARENA_ARRAY(ctx->arena, part, struct event_result);
        TRY(ingest_now(ctx, reading.events + sent, part, false, results));
        sent += part;
    }
    return ERR_NONE;
}

/* ---- vendor files ---------------------------------------------------------------------------- */

static enum err import_file(const struct demo_run *run, const struct demo_file *file)
{
    struct cost_import_result result;
    struct str dir = file->generated ? run->files : run->dir;
    return cost_import(
        run->ctx,
        &(struct cost_import_options){
            .path = arena_fmt(run->ctx->arena, "%.*s/%.*s", STR_ARG(dir), STR_ARG(file->file)),
            .source = run->config->vendor.source,
        },
        &result);
}

/* ---- payments -------------------------------------------------------------------------------- */

static struct str profile_of(const struct demo_config *config, struct str external_id)
{
    for (size_t i = 0; i < config->customer_count; i++) {
        if (str_eq(config->customers[i].external_id, external_id))
            return config->customers[i].payment_profile;
    }
    return STR_NULL;
}

/* As a customer does who presses "Pay": to the gateway's page, a card, and back. */
static enum err pay_by_card(const struct demo_run *run, struct uuid invoice_id, bool is_declined)
{
    struct ctx *ctx = run->ctx;
    struct payment_checkout checkout;
    struct payment_view payment;
    TRY(payment_checkout_start(ctx, &(struct payment_checkout_input){.invoice_id = invoice_id},
                               &checkout));
    TRY(demo_gateway_pay(ctx->arena, ctx->fault, checkout.redirect_url,
                         is_declined ? DEMO_CARD_POOR : DEMO_CARD_GOOD));
    TRY(payment_checkout_return(ctx, UUID_NIL, checkout.payment_id, &payment));
    if (!str_eq(payment.row.status, is_declined ? STR("failed") : STR("succeeded")))
        return fail(ctx, ERR_GATEWAY, "the sandbox gateway's payment %.*s is %.*s",
                    STR_ARG(uuid_text(ctx->arena, payment.row.id)), STR_ARG(payment.row.status));
    return ERR_NONE;
}

static enum err pay(const struct demo_run *run, const struct invoice_view *invoice, int32_t today)
{
    struct ctx *ctx = run->ctx;
    struct demo_phase phase;
    struct payment_view payment;
    const struct invoice_row *row = &invoice->row;
    int64_t due = row->total_amount_minor - row->paid_amount_minor;
    TRY(demo_phase_find(ctx->arena, ctx->fault, run->config,
                        profile_of(run->config, invoice->customer.row.external_id),
                        row->issuing_day, &phase));
    if (str_eq(phase.part, STR("none")) || due <= 0 ||
        row->issuing_day + (int32_t)phase.days_after_issue != today)
        return ERR_NONE;
    if (str_eq(phase.by, STR("gateway")))
        return pay_by_card(run, row->id, str_eq(phase.part, STR("declined")));
    bool half = str_eq(phase.part, STR("half"));
    int64_t amount = half ? row->total_amount_minor / 2 : due;
    if (amount <= 0 || (half && row->paid_amount_minor > 0))
        return ERR_NONE;
    return payment_create(ctx,
                          &(struct payment_input){
                              .invoice_id = row->id,
                              .amount_minor = amount,
                              .reference = STR("demo"),
                              .paid_at = TIME_NONE,
                          },
                          &payment);
}

static int by_day_and_number(const void *a, const void *b)
{
    const struct invoice_row *x = &((const struct invoice_view *)a)->row;
    const struct invoice_row *y = &((const struct invoice_view *)b)->row;
    if (x->issuing_day != y->issuing_day)
        return x->issuing_day < y->issuing_day ? -1 : 1;
    return str_cmp(x->number, y->number);
}

static enum err pay_all(const struct demo_run *run, int32_t today)
{
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    struct invoice_view *invoices = NULL;
    size_t count = 0;
    int64_t total = 0;
    filter.finalized = true;
    filter.pending = true;
    filter.issuing_from_day = today - PAYMENT_DAYS_MAX;
    filter.limit = INVOICES_A_DAY_MAX;
    TRY(invoice_list(run->ctx, &filter, &invoices, &count, &total));
    if (count > 0)
        qsort(invoices, count, sizeof *invoices, by_day_and_number);
    for (size_t i = 0; i < count; i++)
        TRY(pay(run, &invoices[i], today));
    return ERR_NONE;
}

/* ---- the year -------------------------------------------------------------------------------- */

static enum err deliver_mails(struct ctx *ctx)
{
    struct outbox_progress progress;
    TRY(outbox_deliver(ctx, outbox_topics, NULL, &progress));
    if (progress.retried + progress.failed > 0)
        return fail(ctx, ERR_IO, "%lld mails could not be written",
                    (long long)(progress.retried + progress.failed));
    return ERR_NONE;
}

static enum err play_day(const struct demo_run *run, int32_t day)
{
    struct ctx *ctx = run->ctx;
    const struct demo_config *config = run->config;
    struct billing_progress progress;
    int64_t at = 0;
    struct str noon = arena_fmt(ctx->arena, "%.*sT%.*s", STR_ARG(day_text(ctx->arena, day)),
                                STR_ARG(config->clock.daily_at));
    if (time_parse(noon, &at) != ERR_NONE)
        return fail(ctx, ERR_INVALID, "clock.daily_at %.*s: wanted hh:mm:ssZ",
                    STR_ARG(config->clock.daily_at));
    TRY(test_clock_set(ctx, at, true, &progress));
    for (size_t i = 0; i < config->vendor.file_count; i++) {
        if (config->vendor.files[i].import_day == day)
            TRY(import_file(run, &config->vendor.files[i]));
    }
    if (config->usage.ingest_day == day)
        TRY(send_usage(run));
    TRY(pay_all(run, day));
    return deliver_mails(ctx);
}

enum err demo_play(const struct demo_run *run)
{
    struct ctx *ctx = run->ctx;
    const struct demo_clock *clock = &run->config->clock;
    struct billing_progress progress;
    TRY(test_clock_set(ctx, clock->set_up_at, false, &progress));
    TRY(demo_set_up(ctx, run->config));
    for (int32_t day = clock->first_day; day <= clock->last_day; day++) {
        struct arena_mark mark = arena_mark(ctx->arena);
        TRY(play_day(run, day));
        arena_return(ctx->arena, mark);
        if (run->progress != NULL)
            run->progress(run->arg, day - clock->first_day + 1,
                          clock->last_day - clock->first_day + 1);
    }
    TRY(test_clock_set(ctx, clock->end_at, true, &progress));
    return deliver_mails(ctx);
}
