/* doctor.h - is this installation sound?  Looks at everything, changes nothing.
 *
 * Not even the schema: a database that is older than the program is told, not migrated. */
#ifndef APP_DOCTOR_H
#define APP_DOCTOR_H

#include "app/audit_key.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>

enum doctor_level { DOCTOR_OK, DOCTOR_WARN, DOCTOR_FAIL };

struct doctor_line {
    enum doctor_level level;
    const char *name;   /* "disk space" */
    struct str words;   /* what was found */
    struct str way_out; /* what to do; STR_NULL where nothing is to be done */
};

struct doctor_options {
    struct str database_url;
    struct str version;                /* of the program */
    bool quick;                        /* the database's structure is not read through */
    const struct audit_key *audit_key; /* may sign nothing: there is none */
    struct str audit_key_trouble;      /* why it can't be read; STR_NULL */
    struct str mail_way;               /* how mail is sent; STR_NULL: not at all */
    struct str mail_trouble;           /* what is wrong with its settings; STR_NULL */
    void (*found)(void *arg, const struct doctor_line *line);
    void *arg;
};

/* Tells line by line; the worst level is the result. */
enum doctor_level doctor_run(const struct doctor_options *options, struct arena *arena);

/* "ok", "warn", "fail" */
const char *doctor_level_name(enum doctor_level level);

#endif
