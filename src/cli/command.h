/* command.h - the command line: one file for each subcommand, one table of them in main.c.
 *
 * A command declares its options and does its work; what several need stands here: opening the
 * database, showing what went wrong, telling progress. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "app/ctx.h"
#include "base/options.h"

#include <stdbool.h>

enum { EXIT_OK = 0, EXIT_FAILED_WORK = 1, EXIT_BAD_INPUT = 2 };

#define COMMAND_HELPS_MAX 3

struct command {
    const char *name;    /* "import focus": one or two words */
    const char *usage;   /* behind the name: "FILE" */
    const char *summary; /* one line */
    const struct option *options;
    const char *more_help[COMMAND_HELPS_MAX]; /* below the options; NULL: no more */
    size_t arguments_max;
    /* The exit code: EXIT_OK only if all was done. */
    int (*run)(struct option_values *values, struct arena *arena, struct fault *fault);
};

extern const struct command serve_command;
extern const struct command migrate_command;
extern const struct command apply_command;
extern const struct command backup_command;
extern const struct command bill_command;
extern const struct command restore_command;
extern const struct command demo_command;
extern const struct command doctor_command;
extern const struct command explain_command;
extern const struct command export_audit_command;
extern const struct command export_catalog_command;
extern const struct command export_ledger_command;
extern const struct command import_focus_command;
extern const struct command ingest_command;
extern const struct command key_create_command;
extern const struct command key_list_command;
extern const struct command key_revoke_command;
extern const struct command key_rotate_command;
extern const struct command portal_link_command;
extern const struct command user_add_command;
extern const struct command user_disable_command;
extern const struct command user_enable_command;
extern const struct command user_list_command;
extern const struct command user_password_command;
extern const struct command sandbox_gateway_command;
extern const struct command verify_command;

/* The options that every command with a database has. */
#define COMMAND_DATABASE_OPTION                                                             \
    {                                                                                       \
        "database", OPTION_TEXT, "URL", "sqlite:FILE, sqlite::memory: or postgresql://...", \
            .env = "BILLOW_DATABASE", .preset = "sqlite:billow.db"                          \
    }

enum command_database {
    DATABASE_EXISTING,   /* nothing is made where there is none */
    DATABASE_NEW,        /* a new one gets what an empty one needs; its key is printed and kept */
    DATABASE_TEST_CLOCK, /* the same, and a new one gets a test clock */
};

/* Opens the database of --database.  Fills *ctx for the command: actor "cli:USER". */
MUST_CHECK enum err command_open(struct option_values *values, enum command_database database,
                                 struct arena *arena, struct fault *fault, struct app *app,
                                 struct ctx *ctx);

/* The key that signs the audit trail, from BILLOW_AUDIT_KEY, or the file of BILLOW_AUDIT_KEY_FILE,
 * or the one beside the database.  ERR_NOT_FOUND: there is none; else as audit_key_parse and
 * audit_key_read. */
MUST_CHECK enum err command_audit_key(struct str database_url, struct fault *fault,
                                      struct audit_key *key);

/* Says on standard error what went wrong, with every bad field; returns the exit code. */
int command_failed(enum err err, const struct fault *fault);

/* Progress of long work on standard error: one changing line on a terminal, else a plain line now
 * and then.  Begin with a zeroed struct. */
struct progress {
    int64_t started_us, shown_us;
    bool shown;
};
/* total 0: not known */
void progress_show(struct progress *progress, const char *what, int64_t done, int64_t total,
                   bool last);

#endif
