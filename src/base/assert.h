/* assert.h - ASSERT states what only our own bug could break, and stays on in release.
 *
 * Bad input is never an assertion: it is an enum err.  A failed assertion prints the condition
 * and its place on standard error and aborts; the open transaction protects the data. */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

#define ASSERT(condition)                                  \
    do {                                                   \
        if (!(condition))                                  \
            assert_failed(#condition, __FILE__, __LINE__); \
    } while (0)

_Noreturn void assert_failed(const char *condition, const char *file, int line);

#endif
