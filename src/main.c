/* main.c - finds the subcommand and hands over to it. */
#include "cli/command.h"
#include "cli/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct command *const commands[] = {
    &ingest_command,         &serve_command,
    &demo_command,           &migrate_command,
    &bill_command,           &import_focus_command,
    &export_ledger_command,  &export_audit_command,
    &export_catalog_command, &apply_command,
    &verify_command,         &explain_command,
    &backup_command,         &restore_command,
    &key_create_command,     &key_list_command,
    &key_revoke_command,     &key_rotate_command,
    &doctor_command,         &user_add_command,
    &user_list_command,      &user_disable_command,
    &user_enable_command,    &user_password_command,
    &portal_link_command,    &sandbox_gateway_command,
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void show_help(FILE *out)
{
    fprintf(
        out,
        "billow - automated billing for cloud providers\n\nusage: billow COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-16s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\n--config FILE reads settings from a file.\nbillow COMMAND --help shows a "
                 "command's options.\n");
}

static void show_command_help(const struct command *command, struct arena *arena)
{
    struct buf text;
    buf_init(&text, arena, 65536);
    buf_fmt(&text, "usage: billow %s [OPTIONS]%s%s\n\n%s\n\n", command->name,
            command->usage[0] != '\0' ? " " : "", command->usage, command->summary);
    options_help(&text, command->options);
    for (size_t i = 0; i < COMMAND_HELPS_MAX && command->more_help[i] != NULL; i++)
        buf_fmt(&text, "\n%s", command->more_help[i]);
    fwrite(text.ptr, 1, text.len, stdout);
}

/* How many words of argv name the command; 0 when they don't. */
static int words_matched(const struct command *command, int argc, char **argv)
{
    struct str rest = str_of(command->name);
    struct str word;
    int count = 0;
    while (str_split(&rest, ' ', &word)) {
        if (count == argc || !str_eq(word, str_of(argv[count])))
            return 0;
        count++;
    }
    return count;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct arena arena;
    struct fault fault;
    struct option_values values;
    int code = EXIT_OK;
    arena_init(&arena);
    fault_init(&fault, &arena);
    if (argc == 1 && strcmp(argv[0], "--help") == 0) {
        show_command_help(command, &arena);
    } else {
        enum err err =
            options_parse(command->options, command->arguments_max, argc, argv, &fault, &values);
        code =
            err == ERR_NONE ? command->run(&values, &arena, &fault) : command_failed(err, &fault);
    }
    arena_clear(&arena);
    return code;
}

static bool load_settings(int *argc, char **argv)
{
    struct arena arena;
    struct fault fault;
    arena_init(&arena);
    fault_init(&fault, &arena);
    enum err err = settings_load(argc, argv, &arena, &fault);
    if (err != ERR_NONE)
        command_failed(err, &fault);
    arena_clear(&arena);
    return err == ERR_NONE;
}

int main(int argc, char **argv)
{
    if (!load_settings(&argc, argv))
        return EXIT_BAD_INPUT;
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        show_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? EXIT_BAD_INPUT : EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("billow %s\n", BILLOW_VERSION);
        return EXIT_OK;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        int words = words_matched(commands[i], argc - 1, argv + 1);
        if (words > 0)
            return run(commands[i], argc - 1 - words, argv + 1 + words);
    }
    fprintf(stderr, "billow: %s is no command; see billow --help\n", argv[1]);
    return EXIT_BAD_INPUT;
}
