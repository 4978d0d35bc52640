/* secret_file.h - a password, key or other secret that lies in a file of its own. */
#ifndef BASE_SECRET_FILE_H
#define BASE_SECRET_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#define SECRET_FILE_BYTES_MAX 4096

/* What is in it, without the white space around it.  Nothing is kept of a file that is refused.
 * ERR_NOT_FOUND: no such file; ERR_INVALID: others than its owner can read or change it, it is no
 * file (a folder, a pipe), it is empty, or too long; ERR_IO. */
MUST_CHECK enum err secret_file_read(const char *path, struct arena *arena, struct fault *fault,
                                     struct str *secret);

#endif
