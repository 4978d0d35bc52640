/* options.h - a command's options and arguments, by a declared table.
 *
 *   static const struct option options[] = {
 *       {"database", OPTION_TEXT, "URL", "sqlite:FILE, sqlite::memory: or postgresql://...",
 *        .env = "BILLOW_DATABASE", .preset = "sqlite:billow.db"},
 *       {"threads", OPTION_INT, "N", "worker threads", .min = 1, .max = 64, .preset = "2"},
 *       {"test-clock", OPTION_FLAG, NULL, "run on a test clock"},
 *       {0},
 *   };
 *
 * --name VALUE, --name=VALUE; "--" ends the options.  An option that is not given takes the
 * environment's value, then the preset.  Secrets come from the environment or files, never from
 * arguments: others can see those. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTIONS_MAX 32

enum option_kind { OPTION_TEXT, OPTION_INT, OPTION_FLAG, OPTION_INSTANT };

struct option {
    const char *name; /* without the dashes; NULL ends the table */
    enum option_kind kind;
    const char *value_name; /* shown in the help */
    const char *help;
    const char *env;    /* variable that stands for it, or NULL */
    const char *preset; /* value when it is not given; NULL: none */
    int64_t min, max;   /* of OPTION_INT */
};

struct option_values {
    const struct option *options;
    struct str text[OPTIONS_MAX]; /* STR_NULL: not given */
    int64_t number[OPTIONS_MAX];  /* INT, INSTANT (TIME_NONE when not given), FLAG 0 or 1 */
    bool given[OPTIONS_MAX];      /* on the command line itself */
    const struct str *arguments;  /* what is no option, in order */
    size_t argument_count;
};

/* Reads argv[0..argc).  ERR_INVALID names what is wrong: an unknown option with the nearest known
 * one, a missing value, a value of the wrong form, too many arguments. */
MUST_CHECK enum err options_parse(const struct option *options, size_t arguments_max, int argc,
                                  char **argv, struct fault *fault, struct option_values *values);

/* Of an option in the table (asserted). */
struct str option_text(const struct option_values *values, const char *name);
int64_t option_int(const struct option_values *values, const char *name);
bool option_flag(const struct option_values *values, const char *name);
/* Whether it stands on the command line itself. */
bool option_given(const struct option_values *values, const char *name);

/* The table as lines of help. */
void options_help(struct buf *out, const struct option *options);

#endif
