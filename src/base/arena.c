#include "base/arena.h"

#include "base/assert.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif
#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define GAP            16 /* poisoned bytes behind each piece, so that an overrun is seen */
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define GAP            0
#endif

#define BLOCK_BYTES     ((size_t)16 << 10)
#define BLOCK_BYTES_MAX ((size_t)1 << 20)
#define ALIGNMENT       alignof(max_align_t)

struct arena_block {
    struct arena_block *older;
    size_t size;
    alignas(max_align_t) unsigned char bytes[];
};

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "billow: out of memory (%zu bytes)\n", size);
    abort();
}

void arena_init(struct arena *arena)
{
    *arena = (struct arena){0};
}

static void free_until(struct arena *arena, const struct arena_block *last)
{
    while (arena->block != last) {
        struct arena_block *older = arena->block->older;
        UNPOISON(arena->block->bytes, arena->block->size);
        free(arena->block);
        arena->block = older;
    }
}

void arena_clear(struct arena *arena)
{
    free_until(arena, NULL);
    *arena = (struct arena){0};
}

void arena_reset(struct arena *arena)
{
    struct arena_block *first = arena->block;
    while (first != NULL && first->older != NULL)
        first = first->older;
    free_until(arena, first);
    arena->used = 0;
    arena->total_bytes = 0;
    if (first != NULL)
        POISON(first->bytes, first->size);
}

struct arena_mark arena_mark(const struct arena *arena)
{
    return (struct arena_mark){arena->block, arena->used, arena->total_bytes};
}

void arena_return(struct arena *arena, struct arena_mark mark)
{
    free_until(arena, mark.block);
    arena->used = mark.used;
    arena->total_bytes = mark.total_bytes;
    if (arena->block != NULL)
        POISON(arena->block->bytes + arena->used, arena->block->size - arena->used);
}

static void add_block(struct arena *arena, size_t need)
{
    size_t size = arena->block == NULL ? BLOCK_BYTES : arena->block->size * 2;
    if (size > BLOCK_BYTES_MAX)
        size = BLOCK_BYTES_MAX;
    if (size < need)
        size = need;
    struct arena_block *block = malloc(sizeof *block + size);
    if (block == NULL)
        out_of_memory(size);
    block->older = arena->block;
    block->size = size;
    POISON(block->bytes, size);
    arena->block = block;
    arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    if (size > PTRDIFF_MAX - 2 * ALIGNMENT)
        out_of_memory(size);
    size_t taken = (size + GAP + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (arena->block == NULL || arena->block->size - arena->used < taken)
        add_block(arena, taken);
    unsigned char *piece = arena->block->bytes + arena->used;
    arena->used += taken;
    arena->total_bytes += size;
    UNPOISON(piece, size);
    if (size > 0)
        memset(piece, 0, size);
    return piece;
}

void *arena_alloc_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes))
        out_of_memory(SIZE_MAX);
    return arena_alloc(arena, bytes);
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t *capacity, size_t size)
{
    ASSERT(count <= *capacity);
    if (count < *capacity)
        return array;
    size_t wanted = *capacity == 0 ? 8 : *capacity * 2;
    void *grown = arena_alloc_array(arena, wanted, size);
    if (count > 0)
        memcpy(grown, array, count * size);
    *capacity = wanted;
    return grown;
}

struct str arena_str(struct arena *arena, struct str s)
{
    if (s.ptr == NULL)
        return STR_NULL;
    char *copy = arena_alloc(arena, s.len + 1);
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    return (struct str){copy, s.len};
}

const char *arena_cstr(struct arena *arena, struct str s)
{
    return s.ptr == NULL ? NULL : arena_str(arena, s).ptr;
}

struct str arena_vfmt(struct arena *arena, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    ASSERT(format != NULL);
    int len = vsnprintf(NULL, 0, format, args);
    ASSERT(len >= 0);
    char *text = arena_alloc(arena, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return (struct str){text, (size_t)len};
}

struct str arena_fmt(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct str text = arena_vfmt(arena, format, args);
    va_end(args);
    return text;
}
