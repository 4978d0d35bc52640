/* locales.h - readers' languages that are open: opening one takes a millisecond, so they are kept.
 *
 * Safe from any thread; a locale that was taken belongs to whoever took it. */
#ifndef LOCALE_LOCALES_H
#define LOCALE_LOCALES_H

#include "base/str.h"
#include "locale/locale.h"

#include <stdbool.h>

struct locales;

struct locales *locales_new(void);
void locales_free(struct locales *locales); /* all have been given back; NULL is fine */

/* Of the tag, or English where there is no such language. */
struct locale *locales_take(struct locales *locales, struct str tag);
void locales_give(struct locales *locales, struct locale *locale); /* NULL is fine */

/* The languages with words of ours, "en" first; ends with NULL. */
const char *const *locales_languages(void);

bool locales_is_known(struct str language);
/* "Deutsch": a language's name for itself. */
struct str locales_own_name(struct str language);

/* The first of an Accept-Language header (STR_NULL is fine) that there are words of, with its
 * region: "de-CH"; else "en". */
struct str locales_choose(struct str accept);

#endif
