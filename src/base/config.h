/* config.h - a configuration file: what the environment could say, in a file.
 *
 *   # comment
 *   database = postgresql://billow@db.example/billow
 *   listen = 127.0.0.1:8080
 *   log-level = info
 *
 * A name stands for the variable BILLOW_NAME in capitals ("log-level": BILLOW_LOG_LEVEL), and so
 * for the option that reads it.  What stands in the environment or on the command line already
 * goes before the file.  The value is the rest of the line, without quotes or escapes; a line is a
 * comment or a setting as a whole. */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stddef.h>

#define CONFIG_BYTES_MAX    65536
#define CONFIG_SETTINGS_MAX 64

struct config_setting {
    struct str name, value;
    const char *env; /* "BILLOW_LOG_LEVEL" */
};

struct config {
    struct config_setting settings[CONFIG_SETTINGS_MAX];
    size_t count;
};

/* Reads a file; texts live in the arena.  ERR_NOT_FOUND, ERR_IO: it can't be read; ERR_INVALID
 * names the file, the line and what is wrong: no name, no "=", a name that is not in `names`
 * (ends with NULL) with the nearest one, a name twice. */
MUST_CHECK enum err config_read(struct str path, const char *const *names, struct arena *arena,
                                struct fault *fault, struct config *config);

/* Sets the variables that the environment does not have.  Before there are threads. */
void config_apply(const struct config *config);

/* A setting's value; STR_NULL when it isn't there. */
struct str config_get(const struct config *config, const char *name);

#endif
