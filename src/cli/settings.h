/* settings.h - what is set for the whole program: the configuration file and the log.
 *
 * --config FILE (or BILLOW_CONFIG) stands for variables of the environment, see base/config.h.
 * On SIGHUP `log` and `log-level` are read again; all else needs a restart. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"

/* Once at start: takes "--config FILE" or "--config=FILE" out of the arguments (up to "--"), reads
 * the file and sets up the log.  ERR_INVALID and others say what is wrong. */
MUST_CHECK enum err settings_load(int *argc, char **argv, struct arena *arena, struct fault *fault);

/* Reads the file again.  What is wrong goes to the log, and then nothing changes. */
void settings_reload(void);

#endif
