/* arena.h - memory for one request or one job, given back all at once.
 *
 * Nothing in an arena is freed singly.  It never returns NULL: out of memory ends the process,
 * and the open transaction protects the data; so every length from outside has a limit at the
 * door.  Memory is zeroed and aligned for any type.  An arena belongs to one thread at a time. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *block; /* newest first */
    size_t used;               /* bytes used in `block` */
    size_t total_bytes;        /* bytes handed out since init or reset */
};

/* A place to return to. */
struct arena_mark {
    struct arena_block *block;
    size_t used;
    size_t total_bytes;
};

void arena_init(struct arena *arena);
/* Gives everything back, keeps one block for the next use. */
void arena_reset(struct arena *arena);
/* Gives everything back, also the blocks. */
void arena_clear(struct arena *arena);

struct arena_mark arena_mark(const struct arena *arena);
/* Gives back what was taken since the mark. */
void arena_return(struct arena *arena, struct arena_mark mark);

void *arena_alloc(struct arena *arena, size_t size);
void *arena_alloc_array(struct arena *arena, size_t count, size_t size);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, count, type) ((type *)arena_alloc_array((arena), (count), sizeof(type)))

/* Grows an array of `*capacity` elements so that one more than `count` fits; returns it. */
void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size);

/* A copy of the bytes, followed by a NUL that is not counted.  STR_NULL stays STR_NULL. */
struct str arena_str(struct arena *arena, struct str s);
/* A terminated copy, for the line that calls a library. */
const char *arena_cstr(struct arena *arena, struct str s);
/* printf into the arena. */
struct str arena_fmt(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
struct str arena_vfmt(struct arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

#endif
