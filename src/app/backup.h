/* backup.h - the whole database as one SQLite file, made while work goes on, and back again.
 *
 * A backup is a database like any other: `billow serve --database sqlite:FILE` runs it, `billow
 * verify` proves its books, and a restore copies it into an empty database of either engine; so
 * the two together are also the move from SQLite to PostgreSQL.  It holds what one read
 * transaction sees: all that was acknowledged before it began. */
#ifndef APP_BACKUP_H
#define APP_BACKUP_H

#include "app/ctx.h"
#include "app/verify.h"
#include "store/copy.h"

struct backup_options {
    struct str path;    /* of the file */
    bool without_books; /* leave out the proof of its books, which is most of the time */
    store_copy_progress *progress;
    void *arg;
    void (*found)(void *arg, struct str line); /* as verify_books */
};

struct backup_result {
    int64_t rows;
    struct verify_result books; /* all 0 without_books */
};

/* Writes the file, opens it again, compares each table's digest with the original's, and derives
 * its books again.  The file appears under its name only when it is whole and on disk; findings in
 * the books don't keep it away, they are in the original too.  That it was made is noted in the
 * original (app/maintenance.h); a warning is logged where that fails.
 * ERR_CONFLICT: the file exists.  ERR_IO, ERR_CORRUPT: it could not be written, or differs. */
MUST_CHECK enum err backup_create(struct ctx *ctx, const struct backup_options *options,
                                  struct backup_result *result);

/* Copies a backup into an empty database and compares the digests.
 * ERR_CONFLICT: the database is not empty, or the file's schema is older than the program.
 * ERR_NOT_FOUND: no such file. */
MUST_CHECK enum err backup_restore(struct arena *arena, struct fault *fault, struct str path,
                                   struct str database_url, store_copy_progress *progress,
                                   void *arg, int64_t *rows);

#endif
