/* font_caches.h - for tests that draw: the font libraries keep their caches until the process ends,
 * which is no leak of ours.  Included once in a program. */
#ifndef TESTS_FONT_CACHES_H
#define TESTS_FONT_CACHES_H

const char *__lsan_default_suppressions(void); // NOLINT(bugprone-reserved-identifier)
const char *__lsan_default_suppressions(void)  // NOLINT(bugprone-reserved-identifier)
{
    return "leak:libfontconfig\nleak:libpango\nleak:libcairo\n";
}

const char *__lsan_default_options(void); // NOLINT(bugprone-reserved-identifier)
const char *__lsan_default_options(void)  // NOLINT(bugprone-reserved-identifier)
{
    return "print_suppressions=0";
}

#endif
