#include "app/backup.h"

#include "app/maintenance.h"
#include "base/assert.h"
#include "base/log.h"
#include "store/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum err open_file(struct arena *arena, struct fault *fault, struct str path,
                          struct store **store)
{
    return store_open(arena_fmt(arena, "sqlite:%.*s", STR_ARG(path)), &(struct store_options){0},
                      fault, store);
}

/* One read transaction on one side, one write transaction on the other. */
static enum err copy(struct arena *arena, struct fault *fault, struct store *from, struct store *to,
                     store_copy_progress *progress, void *arg, struct store_digest *digest)
{
    struct tx *reading = NULL;
    struct tx *writing = NULL;
    TRY(tx_begin(from, TX_READ, arena, fault, &reading));
    enum err err = tx_begin(to, TX_WRITE, arena, fault, &writing);
    if (err == ERR_NONE) {
        err = store_copy(reading, writing, progress, arg, digest);
        if (err == ERR_NONE)
            err = tx_commit(writing);
        else
            tx_rollback(writing);
    }
    tx_rollback(reading);
    return err;
}

/* Reads the copy again and compares. */
static enum err compare(struct arena *arena, struct fault *fault, struct store *store,
                        const struct store_digest *wanted)
{
    struct tx *tx = NULL;
    struct store_digest digest;
    TRY(tx_begin(store, TX_READ, arena, fault, &tx));
    enum err err = store_digest(tx, NULL, NULL, &digest);
    tx_rollback(tx);
    TRY(err);
    const char *table = store_digest_difference(wanted, &digest);
    if (table != NULL)
        return fault_set(fault, ERR_CORRUPT, "what was written of %s differs from what was read",
                         table);
    return ERR_NONE;
}

/* The same program on another database. */
static enum err verify_copy(const struct ctx *ctx, struct store *store,
                            const struct backup_options *options, struct backup_result *result)
{
    struct app app = *ctx->app;
    struct ctx beside = *ctx;
    app.store = store;
    app.ingest = NULL;
    beside.app = &app;
    return verify_books(&beside, options->found, options->arg, &result->books);
}

static enum err write_file(struct ctx *ctx, const struct backup_options *options, struct str path,
                           struct backup_result *result)
{
    struct store *store = NULL;
    struct store_digest digest;
    TRY(open_file(ctx->arena, ctx->fault, path, &store));
    enum err err = migrate(store, ctx_now(ctx), ctx->fault);
    if (err == ERR_NONE)
        err = copy(ctx->arena, ctx->fault, ctx->app->store, store, options->progress, options->arg,
                   &digest);
    store_close(store);
    TRY(err);
    result->rows = digest.row_count;
    TRY(open_file(ctx->arena, ctx->fault, path, &store));
    err = compare(ctx->arena, ctx->fault, store, &digest);
    if (err == ERR_NONE && !options->without_books)
        err = verify_copy(ctx, store, options, result);
    store_close(store);
    return err;
}

static enum err sync_path(struct ctx *ctx, const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    enum err err = synced ? ERR_NONE : fault_errno(ctx->fault, ERR_IO, str_of(path));
    if (fd >= 0)
        close(fd);
    return err;
}

/* On disk first, then under its name, then the name on disk. */
static enum err publish(struct ctx *ctx, const char *partial, const char *path)
{
    TRY(sync_path(ctx, partial, O_RDONLY));
    if (link(partial, path) != 0) /* unlike rename, never over another file */
        return fault_errno(ctx->fault, errno == EEXIST ? ERR_CONFLICT : ERR_IO, str_of(path));
    unlink(partial);
    struct str folder = str_of(path);
    while (folder.len > 0 && folder.ptr[folder.len - 1] != '/')
        folder.len--;
    return sync_path(ctx, folder.len == 0 ? "." : arena_cstr(ctx->arena, folder),
                     O_RDONLY | O_DIRECTORY);
}

/* For doctor; the backup is whole without it. */
static void note_run(struct ctx *ctx, int64_t started_at, struct str words)
{
    struct fault fault;
    struct ctx own = *ctx;
    fault_init(&fault, ctx->arena);
    own.fault = &fault;
    if (maintenance_note(&own, MAINTENANCE_BACKUP, started_at, words) != ERR_NONE)
        log_warn("the backup is whole, but could not be noted", LOG_STR("why", fault.message));
}

enum err backup_create(struct ctx *ctx, const struct backup_options *options,
                       struct backup_result *result)
{
    const char *path = arena_cstr(ctx->arena, options->path);
    int64_t started_at = ctx_now(ctx);
    struct str partial = arena_fmt(ctx->arena, "%s.partial", path);
    *result = (struct backup_result){0};
    if (access(path, F_OK) == 0)
        return fail(ctx, ERR_CONFLICT, "%s exists; a backup never writes over a file", path);
    if (unlink(partial.ptr) != 0 && errno != ENOENT) /* of a backup that was killed */
        return fault_errno(ctx->fault, ERR_IO, partial);
    enum err err = write_file(ctx, options, partial, result);
    if (err == ERR_NONE)
        err = publish(ctx, partial.ptr, path);
    if (err != ERR_NONE)
        unlink(partial.ptr);
    if (err == ERR_NONE)
        note_run(ctx, started_at,
                 arena_fmt(ctx->arena, "%lld rows into %s", (long long)result->rows, path));
    return err;
}

enum err backup_restore(struct arena *arena, struct fault *fault, struct str path,
                        struct str database_url, store_copy_progress *progress, void *arg,
                        int64_t *rows)
{
    struct store *from = NULL;
    struct store *to = NULL;
    struct store_digest digest;
    if (access(arena_cstr(arena, path), R_OK) != 0)
        return fault_errno(fault, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, path);
    TRY(open_file(arena, fault, path, &from));
    enum err err = migrate_check(from, fault);
    if (err == ERR_NONE)
        err = store_open(database_url, &(struct store_options){0}, fault, &to);
    if (err == ERR_NONE) {
        struct clock clock;
        clock_init_real(&clock);
        err = migrate(to, clock_now(&clock), fault);
    }
    if (err == ERR_NONE)
        err = copy(arena, fault, from, to, progress, arg, &digest);
    if (err == ERR_NONE)
        err = compare(arena, fault, to, &digest);
    store_close(to);
    store_close(from);
    if (err == ERR_NONE)
        *rows = digest.row_count;
    return err;
}
