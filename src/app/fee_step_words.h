/* fee_step_words.h - a step of a fee's calculation in the reader's language.
 *
 * Fees keep the English text (core/pricing); its sentences are known here, and with them where its
 * numbers stand.  A text of no known sentence, such as the name of a vendor's service, stays. */
#ifndef APP_FEE_STEP_WORDS_H
#define APP_FEE_STEP_WORDS_H

#include "base/arena.h"
#include "base/str.h"
#include "locale/locale.h"

/* "tier 1: 10 units at 2 plus 0"; numbers are written as the language has them. */
struct str fee_step_words(const struct locale *locale, struct arena *arena, struct str text);
/* The step's result, a decimal. */
struct str fee_step_number(const struct locale *locale, struct arena *arena, struct str text);

#endif
