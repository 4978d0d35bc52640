/* words.h - the catalogues that the build makes of po/. */
#ifndef LOCALE_WORDS_H
#define LOCALE_WORDS_H

struct words_entry {
    const char *english;
    const char *words;
};

struct words_catalogue {
    const char *language;              /* "de"; NULL ends the list */
    const struct words_entry *entries; /* in the order of strcmp, by english */
    unsigned long count;
};

extern const struct words_catalogue words_catalogues[];

#endif
