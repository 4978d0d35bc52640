/* user add, list, disable, enable, password: who may sign in to the console; portal-link: a
 * customer's way into the portal. */
#include "app/user.h"

#include "app/portal_link.h"
#include "base/time.h"
#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static enum err with_email(struct option_values *values, struct fault *fault, struct str *email)
{
    if (values->argument_count != 1)
        return fault_set(fault, ERR_INVALID, "wanted: the email address of one user");
    *email = values->arguments[0];
    return ERR_NONE;
}

/* Opens the database, does one thing, closes it. */
static int run_with(struct option_values *values, enum command_database database,
                    struct arena *arena, struct fault *fault,
                    enum err (*work)(struct ctx *ctx, struct option_values *values))
{
    struct app app;
    struct ctx ctx;
    enum err err = command_open(values, database, arena, fault, &app, &ctx);
    if (err != ERR_NONE)
        return command_failed(err, fault);
    err = work(&ctx, values);
    app_close(&app);
    return err == ERR_NONE ? EXIT_OK : command_failed(err, fault);
}

/* ---- passwords: asked for on a terminal, read from a pipe, or made --------------------------- */

static enum err read_line(struct ctx *ctx, struct str *line)
{
    char *text = arena_alloc(ctx->arena, LINE_MAX_BYTES);
    if (fgets(text, LINE_MAX_BYTES, stdin) == NULL)
        return fail(ctx, ERR_INVALID, "wanted: a password on standard input");
    size_t len = strcspn(text, "\r\n");
    if (len == LINE_MAX_BYTES - 1)
        return fail(ctx, ERR_INVALID, "the password is too long: at most %d bytes",
                    USER_PASSWORD_MAX);
    *line = (struct str){text, len};
    return ERR_NONE;
}

/* Without echo; the terminal is left as it was. */
static enum err ask(struct ctx *ctx, const char *what, struct str *password)
{
    struct termios before;
    struct termios quiet;
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return fault_errno(ctx->fault, ERR_IO, STR("the terminal"));
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    fprintf(stderr, "%s: ", what);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
        return fault_errno(ctx->fault, ERR_IO, STR("the terminal"));
    enum err err = read_line(ctx, password);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return err;
}

static enum err get_password(struct ctx *ctx, struct option_values *values, struct str *password,
                             bool *is_made)
{
    struct str again = STR_NULL;
    *is_made = option_flag(values, "generate");
    if (*is_made) {
        *password = user_password_generate(ctx->arena);
        return ERR_NONE;
    }
    if (isatty(STDIN_FILENO) == 0)
        return read_line(ctx, password);
    TRY(ask(ctx, "Password", password));
    TRY(ask(ctx, "Again", &again));
    return str_eq(*password, again) ? ERR_NONE
                                    : fail(ctx, ERR_INVALID, "the two passwords are not the same");
}

static void show_made(struct str password)
{
    printf("password, shown this once: %.*s\n", STR_ARG(password));
}

/* ---- add ------------------------------------------------------------------------------------- */

static const struct option add_options[] = {
    COMMAND_DATABASE_OPTION,
    {"name", OPTION_TEXT, "NAME", "what the user is called", .env = NULL},
    {"role", OPTION_TEXT, "ROLE", "admin, member or viewer", .env = NULL, .preset = "admin"},
    {"language", OPTION_TEXT, "TAG", "such as de; else what the browser asks for", .env = NULL},
    {"generate", OPTION_FLAG, NULL, "make a password and show it once", .env = NULL},
    {0},
};

static enum err add(struct ctx *ctx, struct option_values *values)
{
    struct user_input input = {.name = option_text(values, "name"),
                               .role = option_text(values, "role"),
                               .language = option_text(values, "language")};
    struct app_user_row row = {0};
    bool is_made = false;
    TRY(with_email(values, ctx->fault, &input.email));
    TRY(get_password(ctx, values, &input.password, &is_made));
    TRY(user_add(ctx, &input, &row));
    printf("user %.*s (%.*s) is added\n", STR_ARG(row.email), STR_ARG(row.role));
    if (is_made)
        show_made(input.password);
    return ERR_NONE;
}

static int run_add(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, DATABASE_NEW, arena, fault, add);
}

const struct command user_add_command = {
    .name = "user add",
    .usage = "EMAIL",
    .summary = "let someone sign in to the console",
    .options = add_options,
    .arguments_max = 1,
    .run = run_add,
};

/* ---- list ------------------------------------------------------------------------------------ */

static const struct option database_options[] = {COMMAND_DATABASE_OPTION, {0}};

static enum err list(struct ctx *ctx, struct option_values *values)
{
    struct app_user_row *rows = NULL;
    size_t count = 0;
    (void)values;
    TRY(user_list(ctx, &rows, &count));
    for (size_t i = 0; i < count; i++)
        printf("%-8s  %-6.*s  %.*s  \"%.*s\"\n",
               rows[i].disabled_at == TIME_NONE ? "active" : "disabled", STR_ARG(rows[i].role),
               STR_ARG(rows[i].email), STR_ARG(rows[i].name));
    return ERR_NONE;
}

static int run_list(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, DATABASE_EXISTING, arena, fault, list);
}

const struct command user_list_command = {
    .name = "user list",
    .usage = "",
    .summary = "show who may sign in to the console",
    .options = database_options,
    .run = run_list,
};

/* ---- disable, enable ------------------------------------------------------------------------- */

static enum err disable(struct ctx *ctx, struct option_values *values)
{
    struct app_user_row row = {0};
    struct str email = STR_NULL;
    TRY(with_email(values, ctx->fault, &email));
    TRY(user_by_email(ctx, email, &row));
    TRY(user_disable(ctx, row.id, &row));
    printf("user %.*s is disabled and signed out everywhere\n", STR_ARG(row.email));
    return ERR_NONE;
}

static int run_disable(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, DATABASE_EXISTING, arena, fault, disable);
}

const struct command user_disable_command = {
    .name = "user disable",
    .usage = "EMAIL",
    .summary = "end a user's sessions, and let nobody sign in as that user",
    .options = database_options,
    .arguments_max = 1,
    .run = run_disable,
};

static enum err enable(struct ctx *ctx, struct option_values *values)
{
    struct app_user_row row = {0};
    struct str email = STR_NULL;
    TRY(with_email(values, ctx->fault, &email));
    TRY(user_by_email(ctx, email, &row));
    TRY(user_enable(ctx, row.id, &row));
    printf("user %.*s is enabled\n", STR_ARG(row.email));
    return ERR_NONE;
}

static int run_enable(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, DATABASE_EXISTING, arena, fault, enable);
}

const struct command user_enable_command = {
    .name = "user enable",
    .usage = "EMAIL",
    .summary = "let a disabled user sign in again",
    .options = database_options,
    .arguments_max = 1,
    .run = run_enable,
};

/* ---- password -------------------------------------------------------------------------------- */

static const struct option password_options[] = {
    COMMAND_DATABASE_OPTION,
    {"generate", OPTION_FLAG, NULL, "make a password and show it once", .env = NULL},
    {0},
};

static enum err set_password(struct ctx *ctx, struct option_values *values)
{
    struct app_user_row row = {0};
    struct str email = STR_NULL;
    struct str password = STR_NULL;
    bool is_made = false;
    TRY(with_email(values, ctx->fault, &email));
    TRY(user_by_email(ctx, email, &row));
    TRY(get_password(ctx, values, &password, &is_made));
    TRY(user_set_password(ctx, row.id, STR_NULL, password, UUID_NIL));
    printf("user %.*s has a new password and is signed out everywhere\n", STR_ARG(row.email));
    if (is_made)
        show_made(password);
    return ERR_NONE;
}

static int run_password(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, DATABASE_EXISTING, arena, fault, set_password);
}

const struct command user_password_command = {
    .name = "user password",
    .usage = "EMAIL",
    .summary = "give a user a new password",
    .options = password_options,
    .arguments_max = 1,
    .run = run_password,
};

/* ---- portal-link ----------------------------------------------------------------------------- */

static const struct option link_options[] = {
    COMMAND_DATABASE_OPTION,
    {"public-url", OPTION_TEXT, "URL", "where browsers find the server", .env = "BILLOW_PUBLIC_URL",
     .preset = "http://127.0.0.1:8080"},
    {0},
};

static enum err make_link(struct ctx *ctx, struct option_values *values)
{
    struct str url = STR_NULL;
    if (values->argument_count != 1)
        return fail(ctx, ERR_INVALID, "wanted: the external id of a customer");
    ctx->app->public_url = option_text(values, "public-url");
    TRY(portal_link_make(ctx, values->arguments[0], &url));
    printf("%.*s\n", STR_ARG(url));
    return ERR_NONE;
}

static int run_link(struct option_values *values, struct arena *arena, struct fault *fault)
{
    return run_with(values, DATABASE_EXISTING, arena, fault, make_link);
}

const struct command portal_link_command = {
    .name = "portal-link",
    .usage = "CUSTOMER",
    .summary = "a link that opens a customer's portal once, within 12 hours",
    .options = link_options,
    .arguments_max = 1,
    .run = run_link,
};
