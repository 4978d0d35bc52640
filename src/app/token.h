/* token.h - secrets that a browser or a letter carries: 32 random bytes as 64 hex digits, of which
 * the database keeps only the SHA-256. */
#ifndef APP_TOKEN_H
#define APP_TOKEN_H

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

struct str token_new(struct arena *arena);
/* Whether it has the form of one. */
bool token_is_formed(struct str token);
/* 32 bytes. */
struct str token_hash(struct arena *arena, struct str token);

#endif
