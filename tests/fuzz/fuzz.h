/* fuzz.h - a fuzz target: one function that takes any bytes and aborts where a promise is broken.
 *
 * Each target is a file of this folder; fuzz_one says what must hold, not only that nothing
 * crashes. It is built twice: with libfuzzer.c for searching (script/fuzz, clang), and with
 * replay.c as a unit test that goes through corpus/NAME, where seeds and everything once found are
 * kept. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/arena.h"
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>

/* `input` is neither terminated nor UTF-8; `arena` is the target's to use and cleared behind it. */
void fuzz_one(struct arena *arena, struct str input);

#define FUZZ_CHECK(condition)                                                              \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition); \
            abort();                                                                       \
        }                                                                                  \
    } while (0)

/* Cuts a number of [0, below) off the input's first byte; 0 of an empty one. */
static inline unsigned fuzz_choice(struct str *input, unsigned below)
{
    if (input->len == 0)
        return 0;
    unsigned byte = (unsigned char)input->ptr[0];
    *input = str_slice(*input, 1, input->len);
    return byte % below;
}

#endif
