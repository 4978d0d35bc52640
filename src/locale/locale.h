/* locale.h - a reader's language: words, money, numbers and dates as they are written there.
 *
 * Numbers and dates come from ICU, so nothing depends on the locales that the system has installed;
 * words come from po/LANGUAGE.po, compiled in.  Amounts stay exact: they go to ICU as decimal text.
 * A locale belongs to one thread at a time; opening one costs about a millisecond. */
#ifndef LOCALE_LOCALE_H
#define LOCALE_LOCALE_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"
#include "core/money.h"

#include <stdbool.h>
#include <stdint.h>

#define LOCALE_TAG_MAX 35 /* bytes of a BCP 47 tag that is taken */

struct locale;

/* A BCP 47 tag: "en", "de-CH", "ar", "ja".  ERR_INVALID: malformed, or a language that ICU does not
 * know.  A language without words of ours has English ones. */
MUST_CHECK enum err locale_open(struct str tag, struct locale **locale);
void locale_close(struct locale *locale); /* NULL is fine */

/* As given, "ar"; lives as long as the locale. */
struct str locale_tag(const struct locale *locale);
/* Whether its script is written from right to left. */
bool locale_is_rtl(const struct locale *locale);

/* The words in this language; the English ones where it has none. */
struct str locale_words(const struct locale *locale, struct str english);
/* The same with "{}" replaced by the values in order. */
struct str locale_words_with(const struct locale *locale, struct arena *arena, struct str english,
                             const struct str *values, size_t count);

/* The words for `count` of a thing, "{} invoices", in the plural form that the language has for it;
 * what "{}" stands for is put in as above.
 *   one, many  the English ones; "{}" stands in both
 *   count      negative: no whole number, 1.5 of it */
struct str locale_counted(const struct locale *locale, struct arena *arena, struct str one,
                          struct str many, int64_t count, const struct str *values,
                          size_t value_count);

/* "€1,234.50", "1.234,50 €": all digits of the currency. */
struct str locale_money(const struct locale *locale, struct arena *arena, struct money money);
/* "€60K", "60 Tsd. €": at most three digits, for the axis of a chart. */
struct str locale_money_short(const struct locale *locale, struct arena *arena, struct money money);
/* A price in major units, of any number of decimals, at least those of the currency: "€0.0870". */
struct str locale_price(const struct locale *locale, struct arena *arena, struct decimal price,
                        const struct currency *currency);
/* "1,234.5", every digit. */
struct str locale_number(const struct locale *locale, struct arena *arena, struct decimal number);
/* "1,234", and "1.23K". */
struct str locale_count(const struct locale *locale, struct arena *arena, int64_t count);
struct str locale_count_short(const struct locale *locale, struct arena *arena, int64_t count);
/* "2 December 2026": day, month in words, year. */
struct str locale_day(const struct locale *locale, struct arena *arena, int32_t day);
/* "Dec 2, 2026", for tables. */
struct str locale_day_short(const struct locale *locale, struct arena *arena, int32_t day);
/* The month that holds a day: "December 2026", and "Dec" alone. */
struct str locale_month(const struct locale *locale, struct arena *arena, int32_t day);
struct str locale_month_short(const struct locale *locale, struct arena *arena, int32_t day);

#endif
