#include "cli/command.h"

#include "app/audit_anchor.h"
#include "base/clock.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_FILE "billow.key"

/* The key that was made is printed once and left in a file that only its owner can read. */
static enum err keep_key(struct str key, struct fault *fault)
{
    int file = open(KEY_FILE, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    bool written = file >= 0 && fchmod(file, 0600) == 0 &&
                   write(file, key.ptr, key.len) == (ssize_t)key.len && write(file, "\n", 1) == 1;
    if (file >= 0 && close(file) != 0)
        written = false;
    if (!written)
        return fault_errno(fault, ERR_IO, STR("the API key, to be written to " KEY_FILE));
    printf("API key (also in " KEY_FILE ", readable by you alone): %.*s\n", STR_ARG(key));
    return ERR_NONE;
}

/* Where there is no key yet and nothing was anchored, a new one is made and shown where. */
static enum err make_audit_key(struct ctx *ctx, const char *path)
{
    struct audit_anchors anchors = {0};
    struct buf public_key;
    char text[2 * SIGN_PUBLIC_BYTES];
    TRY(audit_anchor_list_page(ctx, 1, 0, &anchors));
    if (anchors.total > 0) /* it was lost, or lies elsewhere: another one would look like fraud */
        return ERR_NONE;
    TRY(audit_key_make(path, ctx->fault, &ctx->app->audit_key));
    buf_fixed(&public_key, text, sizeof text);
    buf_hex(&public_key, ctx->app->audit_key.public_key, SIGN_PUBLIC_BYTES);
    printf("audit key in %s, readable by you alone; its public key: %.*s\n", path,
           STR_ARG(buf_str(&public_key)));
    return ERR_NONE;
}

/* The file that is to hold the audit key; STR_NULL: there can't be one. */
static struct str audit_key_file(struct arena *arena, struct str database_url)
{
    struct str file = str_of(getenv("BILLOW_AUDIT_KEY_FILE"));
    return str_is_null(file) ? audit_key_path(arena, database_url) : file;
}

enum err command_audit_key(struct str database_url, struct fault *fault, struct audit_key *key)
{
    struct str text = str_of(getenv("BILLOW_AUDIT_KEY"));
    struct str file = audit_key_file(fault->arena, database_url);
    if (!str_is_null(text))
        return audit_key_parse(text, fault, key);
    if (str_is_null(file))
        return fault_set(fault, ERR_NOT_FOUND, "a database in memory has no audit key");
    return audit_key_read(arena_cstr(fault->arena, file), fault, key);
}

static enum err load_audit_key(struct ctx *ctx, struct str database_url, bool may_make)
{
    struct str file = audit_key_file(ctx->arena, database_url);
    enum err err = command_audit_key(database_url, ctx->fault, &ctx->app->audit_key);
    if (err != ERR_NOT_FOUND && !(err == ERR_IO && !may_make))
        return err;
    fault_reset(ctx->fault);
    if (!may_make || str_is_null(file))
        return ERR_NONE;
    return make_audit_key(ctx, arena_cstr(ctx->arena, file));
}

static enum err prepare_audit(struct ctx *ctx, struct str database_url, bool may_make)
{
    struct audit_trust *trust = &ctx->app->audit_trust;
    TRY(load_audit_key(ctx, database_url, may_make));
    if (ctx->app->audit_key.signs) {
        memcpy(trust->keys[0], ctx->app->audit_key.public_key, SIGN_PUBLIC_BYTES);
        trust->key_count = 1;
    }
    return ERR_NONE;
}

static struct str user_name(struct arena *arena)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char storage[4096];
    if (getpwuid_r(getuid(), &entry, storage, sizeof storage, &found) != 0 || found == NULL)
        return arena_fmt(arena, "cli:%d", (int)getuid());
    return arena_fmt(arena, "cli:%s", found->pw_name);
}

enum err command_open(struct option_values *values, enum command_database database,
                      struct arena *arena, struct fault *fault, struct app *app, struct ctx *ctx)
{
    struct str new_key = STR_NULL;
    struct app_options options = {
        .database_url = option_text(values, "database"),
        .test_clock = database == DATABASE_TEST_CLOCK,
        .must_exist = database == DATABASE_EXISTING,
        .api_key = str_of(getenv("BILLOW_API_KEY")),
    };
    char host[256] = "";
    TRY(app_open(&options, arena, fault, app, &new_key));
    if (!str_is_null(new_key)) {
        enum err err = keep_key(new_key, fault);
        if (err != ERR_NONE) {
            app_close(app);
            return err;
        }
    }
    gethostname(host, sizeof host - 1);
    *ctx = (struct ctx){
        .app = app,
        .arena = arena,
        .fault = fault,
        .actor = user_name(arena),
        .origin = arena_str(arena, str_of(host)),
    };
    enum err err = prepare_audit(ctx, options.database_url, database != DATABASE_EXISTING);
    if (err != ERR_NONE)
        app_close(app);
    return err;
}

int command_failed(enum err err, const struct fault *fault)
{
    struct str words = str_is_null(fault->message) ? str_of(err_code(err)) : fault->message;
    fprintf(stderr, "billow: %.*s\n", STR_ARG(words));
    for (size_t i = 0; i < fault->field_count && (fault->field_count > 1 || i > 0); i++) {
        const struct fault_field *field = &fault->fields[i];
        fprintf(stderr, "  %.*s", STR_ARG(field->field));
        if (!str_is_null(field->value))
            fprintf(stderr, " is \"%.*s\"", STR_ARG(field->value));
        fprintf(stderr, ": wanted %.*s (%.*s)\n", STR_ARG(field->expected), STR_ARG(field->code));
    }
    if (fault->field_dropped > 0)
        fprintf(stderr, "  and %zu more\n", fault->field_dropped);
    return err_http_status(err) < 500 ? EXIT_BAD_INPUT : EXIT_FAILED_WORK;
}

void progress_show(struct progress *progress, const char *what, int64_t done, int64_t total,
                   bool last)
{
    int64_t now = clock_monotonic_us();
    bool terminal = isatty(STDERR_FILENO) == 1;
    int64_t pause_us = terminal ? 100000 : 10000000;
    if (progress->started_us == 0) {
        progress->started_us = now;
        progress->shown_us = terminal ? 0 : now;
    }
    if (!last && now - progress->shown_us < pause_us)
        return;
    if (last && !progress->shown && !terminal && total == 0)
        return;
    progress->shown_us = now;
    progress->shown = true;
    int64_t spent_us = now - progress->started_us;
    int64_t rate = spent_us > 0 ? done * 1000000 / spent_us : 0;
    int64_t left_s = rate > 0 && total > done ? (total - done) / rate : 0;
    fprintf(stderr, "%s%s: %lld", terminal ? "\r" : "", what, (long long)done);
    if (total > 0)
        fprintf(stderr, " of %lld, %lld/s, %lld s left", (long long)total, (long long)rate,
                (long long)left_s);
    else
        fprintf(stderr, ", %lld/s", (long long)rate);
    fputs(terminal && !last ? "   " : "\n", stderr);
    fflush(stderr);
}
