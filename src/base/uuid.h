/* uuid.h - ids: UUIDv7 (RFC 9562), ordered by time and, within one process, by creation.
 *
 * The all-zero (nil) id means "none" (SQL's NULL). */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include "base/buf.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct uuid {
    unsigned char bytes[16];
};

#define UUID_NIL ((struct uuid){{0}})

/* A new id at the instant `now_us`.  Ids of one process keep the order of creation, also while
 * the clock stands still or is a test clock; safe from any thread. */
struct uuid uuid_new(int64_t now_us);

/* 36 characters, any case; false otherwise. */
bool uuid_parse(struct str text, struct uuid *id);
void buf_uuid(struct buf *buf, struct uuid id);
struct str uuid_text(struct arena *arena, struct uuid id);
bool uuid_eq(struct uuid a, struct uuid b);
int uuid_cmp(struct uuid a, struct uuid b);
bool uuid_is_nil(struct uuid id);

#endif
