#include "app/ingest_file.h"
#include "base/json_write.h"
#include "cli/command.h"

#include <inttypes.h>
#include <stdio.h>

static const struct option options[] = {
    COMMAND_DATABASE_OPTION,
    {"format", OPTION_TEXT, "NAME",
     "ndjson, csv or cloudevents; by the file's name where it is not given", .env = NULL},
    {"skip", OPTION_INT, "N",
     "pass over the first N lines, or rows after the header; 0: as far as "
     "an earlier ingest of the file came",
     .env = NULL, .preset = "0", .min = 0, .max = INT64_MAX / 2},
    {"from-start", OPTION_FLAG, NULL, "read the file from its beginning though a part was ingested",
     .env = NULL},
    {"json", OPTION_FLAG, NULL, "tell the result, or what is wrong, as JSON", .env = NULL},
    {0},
};

static enum err format_of(struct option_values *values, struct str path, struct fault *fault,
                          enum ingest_format *format)
{
    struct str name = option_text(values, "format");
    *format = ingest_format_of(path);
    if (str_is_null(name))
        return ERR_NONE;
    if (str_eq(name, STR("ndjson")))
        *format = INGEST_NDJSON;
    else if (str_eq(name, STR("cloudevents")))
        *format = INGEST_CLOUD_EVENTS;
    else if (str_eq(name, STR("csv")))
        *format = INGEST_CSV;
    else
        return fault_set(fault, ERR_INVALID, "--format %.*s: wanted ndjson, csv or cloudevents",
                         STR_ARG(name));
    return ERR_NONE;
}

#define KILOBYTE 1000

static void show_progress(void *arg, const struct ingest_file_result *result)
{
    bool is_known = result->size_bytes >= 0;
    if (is_known)
        progress_show(arg, "ingest, KB", result->done_bytes / KILOBYTE,
                      result->size_bytes / KILOBYTE, false);
    else
        progress_show(arg, "ingest, records", result->durable_records, 0, false);
}

static void show(struct str path, const struct ingest_file_result *result)
{
    printf("%.*s: %" PRId64 " records", STR_ARG(path), result->durable_records);
    if (result->has_changed)
        printf(" (the file is not the one that was ingested before: read from its beginning)");
    else if (result->resumed_after > 0)
        printf(" (the first %" PRId64 " passed over)", result->resumed_after);
    printf("\n  accepted   %" PRId64 "\n  duplicates %" PRId64 "\n  unmatched  %" PRId64 "\n",
           result->accepted, result->duplicates, result->unmatched);
    if (result->differing > 0)
        printf("  %" PRId64 " of the duplicates say something else than the first\n",
               result->differing);
    if (result->other_source > 0)
        printf("  %" PRId64 " of the duplicates are from another source than the first\n",
               result->other_source);
}

static void show_json(struct arena *arena, const struct ingest_file_result *result, enum err err,
                      const struct fault *fault)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, arena, 1 << 20);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    json_bool(&out, "done", err == ERR_NONE);
    json_int(&out, "durable_records", result->durable_records);
    json_int(&out, "passed_over", result->resumed_after);
    json_bool(&out, "file_has_changed", result->has_changed);
    json_int(&out, "accepted", result->accepted);
    json_int(&out, "duplicates", result->duplicates);
    json_int(&out, "differing", result->differing);
    json_int(&out, "other_source", result->other_source);
    json_int(&out, "unmatched", result->unmatched);
    if (err != ERR_NONE) {
        json_str(&out, "code", str_of(err_code(err)));
        json_str(&out, "error",
                 str_is_null(fault->message) ? str_of(err_code(err)) : fault->message);
        json_array(&out, "errors");
        for (size_t i = 0; i < fault->field_count; i++) {
            json_object(&out, NULL);
            json_str(&out, "field", fault->fields[i].field);
            json_str(&out, "code", fault->fields[i].code);
            json_str(&out, "value", fault->fields[i].value);
            json_str(&out, "expected", fault->fields[i].expected);
            json_object_end(&out);
        }
        json_array_end(&out);
        json_int(&out, "errors_dropped", (int64_t)fault->field_dropped);
    }
    json_object_end(&out);
    printf("%.*s\n", STR_ARG(buf_str(&text)));
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    struct app app;
    struct ctx ctx;
    struct progress progress = {0};
    struct ingest_file_result result;
    struct ingest_file_options ingest = {
        .skip = option_int(values, "skip"),
        .from_start = option_flag(values, "from-start"),
        .progress = show_progress,
        .arg = &progress,
    };
    bool is_json = option_flag(values, "json");
    if (values->argument_count == 0)
        return command_failed(
            fault_set(fault, ERR_INVALID, "wanted a file, or - for standard input"), fault);
    ingest.path = values->arguments[0];
    enum err err = format_of(values, ingest.path, fault, &ingest.format);
    if (err == ERR_NONE)
        err = command_open(values, DATABASE_EXISTING, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = ingest_file(&ctx, &ingest, &result);
    app_close(&app);
    if (progress.shown)
        progress_show(&progress, "ingest, records", result.durable_records, 0, true);
    if (is_json)
        show_json(arena, &result, err, fault);
    else if (err == ERR_NONE)
        show(ingest.path, &result);
    if (err == ERR_NONE)
        return EXIT_OK;
    if (!is_json)
        fprintf(stderr,
                "billow: %" PRId64 " records are durable; ingest again to go on after them\n",
                result.durable_records);
    return command_failed(err, fault);
}

const struct command ingest_command = {
    .name = "ingest",
    .usage = "FILE|-",
    .summary = "take in usage events from a file (plain or gzip) or a pipe",
    .options = options,
    .arguments_max = 1,
    .run = run,
};
