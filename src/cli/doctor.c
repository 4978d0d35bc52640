#include "app/doctor.h"

#include "base/json_write.h"
#include "cli/command.h"
#include "cli/mail_settings.h"

#include <stdio.h>
#include <unistd.h>

#define JSON_BYTES_MAX ((size_t)1 << 20)

static const struct option doctor_options[] = {
    COMMAND_DATABASE_OPTION,
    {"quick", OPTION_FLAG, NULL, "don't read through the whole SQLite file", .env = NULL},
    {"json", OPTION_FLAG, NULL, "one JSON object for programs", .env = NULL},
    {0},
};

static void show_line(void *arg, const struct doctor_line *line)
{
    (void)arg;
    printf("%-4s  %-20s %.*s\n", doctor_level_name(line->level), line->name, STR_ARG(line->words));
    if (!str_is_null(line->way_out))
        printf("      %-20s -> %.*s\n", "", STR_ARG(line->way_out));
}

static void write_line(void *arg, const struct doctor_line *line)
{
    struct json_writer *out = arg;
    json_object(out, NULL);
    json_str(out, "name", str_of(line->name));
    json_str(out, "level", str_of(doctor_level_name(line->level)));
    json_str(out, "found", line->words);
    json_str(out, "way_out", line->way_out);
    json_object_end(out);
}

static enum doctor_level run_as_json(struct doctor_options *options, struct arena *arena)
{
    struct buf text;
    struct json_writer out;
    buf_init(&text, arena, JSON_BYTES_MAX);
    json_writer_init(&out, &text);
    json_object(&out, NULL);
    json_array(&out, "checks");
    options->found = write_line;
    options->arg = &out;
    enum doctor_level worst = doctor_run(options, arena);
    json_array_end(&out);
    json_str(&out, "level", str_of(doctor_level_name(worst)));
    json_object_end(&out);
    printf("%.*s\n", STR_ARG(buf_str(&text)));
    return worst;
}

static void read_mail_settings(struct doctor_options *options, struct arena *arena)
{
    struct fault fault;
    struct mail_sender sender;
    bool is_set = false;
    fault_init(&fault, arena);
    if (mail_settings_read(arena, &fault, false, &sender, &is_set) != ERR_NONE)
        options->mail_trouble = fault.message;
    else if (is_set && !str_is_null(sender.folder))
        options->mail_way = arena_fmt(arena, "caught in the folder %.*s", STR_ARG(sender.folder));
    else if (is_set)
        options->mail_way = arena_fmt(arena, "sent by %s, from %.*s", sender.server.address,
                                      STR_ARG(sender.from.address));
}

static int run(struct option_values *values, struct arena *arena, struct fault *fault)
{
    static const int codes[] = {
        [DOCTOR_OK] = EXIT_OK, [DOCTOR_WARN] = EXIT_FAILED_WORK, [DOCTOR_FAIL] = EXIT_BAD_INPUT};
    struct doctor_options options = {
        .database_url = option_text(values, "database"),
        .version = STR(BILLOW_VERSION),
        .quick = option_flag(values, "quick"),
        .found = show_line,
    };
    struct audit_key key = {0};
    enum err err = command_audit_key(options.database_url, fault, &key);
    options.audit_key = &key;
    read_mail_settings(&options, arena);
    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        options.audit_key_trouble = fault->message;
    enum doctor_level worst =
        option_flag(values, "json") ? run_as_json(&options, arena) : doctor_run(&options, arena);
    return codes[worst];
}

const struct command doctor_command = {
    .name = "doctor",
    .usage = "",
    .summary = "is this installation sound? exit code 0 yes, 1 warnings, 2 no; changes nothing",
    .options = doctor_options,
    .run = run,
};
