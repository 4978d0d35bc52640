/* output.h - where a command writes what it exports: standard output, or a file that is there whole
 * or not at all. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdio.h>

struct output {
    FILE *file;
    const char *path;    /* NULL: standard output */
    const char *partial; /* the name until it is whole */
    struct fault *fault;
};

/* STR_NULL: standard output.  ERR_IO. */
MUST_CHECK enum err output_open(struct output *output, struct str path, struct arena *arena,
                                struct fault *fault);
/* Writes a piece; `output` is a struct output *, as exports want it.  ERR_IO. */
MUST_CHECK enum err output_put(void *output, struct str piece);
/* Gives the file its name when `err` is ERR_NONE and all could be written, else removes it. Returns
 * `err`, or ERR_IO. */
MUST_CHECK enum err output_close(struct output *output, enum err err);

#endif
