/* input.h - bytes from a file, standard input or memory, one piece after the other.
 *
 * Gzip is known by its first two bytes and unpacked on the way; several members one after the
 * other are one file (RFC 1952, 2.2).  A SHA-256 of what is handed out is kept. */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include "base/err.h"
#include "base/fault.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct input;

/* `path` "-" is standard input.  ERR_NOT_FOUND, ERR_IO with words. */
MUST_CHECK enum err input_open(struct str path, struct fault *fault, struct input **input);
/* The bytes must outlive the input. */
struct input *input_of(struct str bytes);
void input_close(struct input *input); /* NULL is fine */

/* The next bytes, up to `size`; *len is 0 at the end.  ERR_IO: reading failed.  ERR_MALFORMED:
 * damaged gzip (input_code tells which way). */
MUST_CHECK enum err input_read(struct input *input, char *bytes, size_t size, size_t *len,
                               struct fault *fault);
/* Of ERR_MALFORMED: "truncated_gzip" or "bad_gzip". */
const char *input_code(const struct input *input);
/* SHA-256 of all that was handed out. */
void input_sha256(struct input *input, unsigned char digest[32]);

#endif
