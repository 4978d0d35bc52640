/* libfuzzer.c - the target as libFuzzer calls it. */
#include "base/arena.h"
#include "tests/fuzz/fuzz.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena arena;
    static bool is_made;
    if (!is_made)
        arena_init(&arena);
    is_made = true;
    fuzz_one(&arena, (struct str){(const char *)data, size});
    arena_reset(&arena);
    return 0;
}
