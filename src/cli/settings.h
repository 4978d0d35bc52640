/* settings.h - what is set for the whole program: the configuration file and the log.
 *
 * --config FILE (or BILLOW_CONFIG) stands for variables of the environment, see base/config.h.
 * On SIGHUP `log`, `log-level` and numbers that can change are read again; all else needs a
 * restart. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"

#include <stddef.h>
#include <stdint.h>

/* Once at start: takes "--config FILE" or "--config=FILE" out of the arguments (up to "--"), reads
 * the file and sets up the log.  ERR_INVALID and others say what is wrong. */
MUST_CHECK enum err settings_load(int *argc, char **argv, struct arena *arena, struct fault *fault);

/* A number that may be read again: rate-limit, event-rate-limit. */
struct settings_number {
    const char *name;
    int64_t min, max, preset;
    int64_t *value;
};

/* Reads the file again, for the log and for `count` numbers; what the environment says goes before
 * it, what neither says becomes the preset.  What is wrong goes to the log, and then nothing
 * changes. */
void settings_reload(const struct settings_number *numbers, size_t count);

#endif
