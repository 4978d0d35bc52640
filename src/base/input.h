/* input.h - reading a file as a stream of bytes, unpacked when it is gzip.
 *
 * From a path, standard input, or memory.  What begins with gzip's two magic bytes is unpacked on
 * the way, also when it has several members; anything else comes as it is.  The SHA-256 of the
 * unpacked content grows with the reading.  One thread; nothing is kept but a window. */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdint.h>

struct input; /* opaque */

/* Opens a file; "-" is standard input, which stays open.
 * ERR_NOT_FOUND: no such file; ERR_IO: it can't be opened, or is a directory. */
MUST_CHECK enum err input_open(struct str path, struct fault *fault, struct input **input);
/* Reads from memory, which must outlive the input. */
struct input *input_of(struct str content, struct fault *fault);
void input_close(struct input *input); /* NULL is fine */

/* The next part of the content, a view until the next call; empty at the end.
 * ERR_MALFORMED: a gzip that is cut off, damaged, or followed by something else.  ERR_IO. */
MUST_CHECK enum err input_next(struct input *input, struct str *part);

/* How much of the file was read, as it is stored, and its size; -1: not known, as of a pipe. */
void input_progress(const struct input *input, int64_t *done_bytes, int64_t *size_bytes);

/* Of all content; only after input_next has reached the end (asserted). */
void input_sha256(struct input *input, unsigned char digest[32]);

#endif
