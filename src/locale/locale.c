#include "locale/locale.h"

#include "base/assert.h"
#include "base/buf.h"
#include "locale/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/udat.h>
#include <unicode/udatpg.h>
#include <unicode/uloc.h>
#include <unicode/unumberformatter.h>
#include <unicode/upluralrules.h>
#include <unicode/ustring.h>

#define TEXT_UNITS_MAX 200 /* UTF-16, of one number or date */
#define MS_PER_DAY     86400000.0

#define FORMATTERS_MAX         16
#define FORMATTER_SKELETON_MAX 128

enum pattern { PATTERN_DAY_SHORT, PATTERN_MONTH, PATTERN_MONTH_SHORT, PATTERN_COUNT };

struct locale {
    char tag[LOCALE_TAG_MAX + 1];
    char id[ULOC_FULLNAME_CAPACITY];         /* ICU's */
    const struct words_catalogue *catalogue; /* NULL: English */
    UDateFormat *days;
    UPluralRules *plurals;
    /* Opening a formatter takes far longer than using it; a page writes hundreds of amounts, of few
     * kinds.  When all are taken the oldest goes. */
    struct formatter {
        char skeleton[FORMATTER_SKELETON_MAX];
        UNumberFormatter *formatter;
    } formatters[FORMATTERS_MAX];
    size_t formatter_next;
    UFormattedNumber *result;
    UDateFormat *patterns[PATTERN_COUNT]; /* opened when they are asked for first */
};

/* ---- opening ---- */

static const struct words_catalogue *find_catalogue(const char *language)
{
    for (const struct words_catalogue *c = words_catalogues; c->language != NULL; c++) {
        if (strcmp(c->language, language) == 0)
            return c;
    }
    return NULL;
}

/* Whether ICU has data for the language itself, not only for its root. */
static bool is_known(const char *language)
{
    for (int32_t i = 0; i < uloc_countAvailable(); i++) {
        if (strcmp(uloc_getAvailable(i), language) == 0)
            return true;
    }
    return false;
}

enum err locale_open(struct str tag, struct locale **locale)
{
    char language[ULOC_LANG_CAPACITY];
    UErrorCode status = U_ZERO_ERROR;
    int32_t parsed = 0;
    if (tag.len == 0 || tag.len > LOCALE_TAG_MAX)
        return ERR_INVALID;
    struct locale *made = calloc(1, sizeof *made);
    if (made == NULL)
        abort();
    memcpy(made->tag, tag.ptr, tag.len);
    uloc_forLanguageTag(made->tag, made->id, sizeof made->id, &parsed, &status);
    if (U_SUCCESS(status))
        uloc_getLanguage(made->id, language, sizeof language, &status);
    if (U_FAILURE(status) || (size_t)parsed != tag.len || !is_known(language)) {
        free(made);
        return ERR_INVALID;
    }
    made->catalogue = find_catalogue(language);
    made->days = udat_open(UDAT_NONE, UDAT_LONG, made->id, u"UTC", -1, NULL, 0, &status);
    made->plurals = uplrules_open(made->id, &status);
    made->result = unumf_openResult(&status);
    if (U_FAILURE(status)) {
        locale_close(made);
        return ERR_INVALID;
    }
    *locale = made;
    return ERR_NONE;
}

void locale_close(struct locale *locale)
{
    if (locale == NULL)
        return;
    for (size_t i = 0; i < FORMATTERS_MAX; i++)
        unumf_close(locale->formatters[i].formatter);
    unumf_closeResult(locale->result);
    udat_close(locale->days);
    uplrules_close(locale->plurals);
    for (size_t i = 0; i < PATTERN_COUNT; i++) {
        if (locale->patterns[i] != NULL)
            udat_close(locale->patterns[i]);
    }
    free(locale);
}

struct str locale_tag(const struct locale *locale)
{
    return str_of(locale->tag);
}

bool locale_is_rtl(const struct locale *locale)
{
    return uloc_isRightToLeft(locale->id);
}

/* ---- words ---- */

static int compare_words(const void *key, const void *entry)
{
    const struct str *english = key;
    return str_cmp(*english, str_of(((const struct words_entry *)entry)->english));
}

struct str locale_words(const struct locale *locale, struct str english)
{
    if (locale->catalogue == NULL)
        return english;
    const struct words_entry *found =
        bsearch(&english, locale->catalogue->entries, locale->catalogue->count,
                sizeof *locale->catalogue->entries, compare_words);
    return found == NULL ? english : str_of(found->words);
}

static struct str to_utf8(struct arena *arena, const UChar *text, int32_t len)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t bytes = 0;
    size_t room = (size_t)len * 3 + 1;
    char *out = arena_alloc(arena, room);
    u_strToUTF8(out, (int32_t)room, &bytes, text, len, &status);
    ASSERT(U_SUCCESS(status));
    return (struct str){out, (size_t)bytes};
}

/* `words` with its "{}" replaced. */
static struct str fill_in(struct arena *arena, struct str words, const struct str *values,
                          size_t count)
{
    struct buf out;
    size_t used = 0;
    buf_init(&out, arena, 65536);
    for (size_t i = 0; i < words.len; i++) {
        if (used < count && str_starts(str_slice(words, i, words.len), STR("{}"))) {
            buf_add(&out, values[used++]);
            i++;
        } else {
            buf_char(&out, words.ptr[i]);
        }
    }
    return buf_str(&out);
}

struct str locale_words_with(const struct locale *locale, struct arena *arena, struct str english,
                             const struct str *values, size_t count)
{
    return fill_in(arena, locale_words(locale, english), values, count);
}

/* The name that the CLDR has for the plural form of a whole number: "one", "few", "other". */
static struct str plural_of(const struct locale *locale, struct arena *arena, int64_t count)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar name[16];
    int32_t len = uplrules_select(locale->plurals, (double)count, name, 16, &code);
    ASSERT(U_SUCCESS(code));
    return to_utf8(arena, name, len);
}

struct str locale_counted(const struct locale *locale, struct arena *arena, struct str one,
                          struct str many, int64_t count, const struct str *values,
                          size_t value_count)
{
    struct str english = count == 1 ? one : many;
    struct str category = count < 0 ? STR("other") : plural_of(locale, arena, count);
    struct str key = arena_fmt(arena, "%.*s\4%.*s", STR_ARG(many), STR_ARG(category));
    struct str words = locale_words(locale, key);
    bool is_found = words.ptr != key.ptr;
    if (!is_found)
        return fill_in(arena, locale_words(locale, english), values, value_count);
    return fill_in(arena, words, values, value_count);
}

/* ---- numbers and dates ---- */

static UNumberFormatter *formatter_of(struct locale *locale, const char *skeleton)
{
    UChar wide[FORMATTER_SKELETON_MAX];
    int32_t wide_len = 0;
    UErrorCode status = U_ZERO_ERROR;
    for (size_t i = 0; i < FORMATTERS_MAX; i++) {
        if (strcmp(locale->formatters[i].skeleton, skeleton) == 0)
            return locale->formatters[i].formatter;
    }
    struct formatter *kept = &locale->formatters[locale->formatter_next++ % FORMATTERS_MAX];
    ASSERT(strlen(skeleton) < sizeof kept->skeleton);
    unumf_close(kept->formatter);
    u_strFromUTF8(wide, FORMATTER_SKELETON_MAX, &wide_len, skeleton, -1, &status);
    kept->formatter = unumf_openForSkeletonAndLocale(wide, wide_len, locale->id, &status);
    ASSERT(U_SUCCESS(status));
    memcpy(kept->skeleton, skeleton, strlen(skeleton) + 1);
    return kept->formatter;
}

/* The number's text goes to ICU as decimal digits, so nothing is lost. */
static struct str format_number(const struct locale *locale, struct arena *arena,
                                const char *skeleton, struct str number)
{
    UChar text[TEXT_UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    /* What is kept in it is no part of its value, and it belongs to one thread at a time. */
    UNumberFormatter *formatter = formatter_of((struct locale *)locale, skeleton);
    unumf_formatDecimal(formatter, number.ptr, (int32_t)number.len, locale->result, &status);
    int32_t len = unumf_resultToString(locale->result, text, TEXT_UNITS_MAX, &status);
    ASSERT(U_SUCCESS(status));
    return to_utf8(arena, text, len);
}

struct str locale_money(const struct locale *locale, struct arena *arena, struct money money)
{
    char skeleton[64];
    struct buf number;
    buf_init(&number, arena, 64);
    buf_money(&number, money);
    snprintf(skeleton, sizeof skeleton, "currency/%.*s .%0*d", STR_ARG(money.currency->code),
             money.currency->digits, 0);
    if (money.currency->digits == 0)
        snprintf(skeleton, sizeof skeleton, "currency/%.*s precision-integer",
                 STR_ARG(money.currency->code));
    return format_number(locale, arena, skeleton, buf_str(&number));
}

struct str locale_money_short(const struct locale *locale, struct arena *arena, struct money money)
{
    char skeleton[64];
    struct buf number;
    buf_init(&number, arena, 64);
    buf_money(&number, money);
    snprintf(skeleton, sizeof skeleton, "compact-short currency/%.*s @##",
             STR_ARG(money.currency->code));
    return format_number(locale, arena, skeleton, buf_str(&number));
}

struct str locale_price(const struct locale *locale, struct arena *arena, struct decimal price,
                        const struct currency *currency)
{
    char skeleton[128];
    char digits[64];
    struct str number = decimal_text(arena, price);
    memset(digits, '0', (size_t)currency->digits);
    memset(digits + currency->digits, '#', 40);
    digits[currency->digits + 40] = '\0';
    snprintf(skeleton, sizeof skeleton, "currency/%.*s .%s", STR_ARG(currency->code), digits);
    return format_number(locale, arena, skeleton, number);
}

struct str locale_number(const struct locale *locale, struct arena *arena, struct decimal number)
{
    return format_number(locale, arena, "precision-unlimited", decimal_text(arena, number));
}

struct str locale_count(const struct locale *locale, struct arena *arena, int64_t count)
{
    return format_number(locale, arena, "precision-integer", arena_fmt(arena, "%" PRId64, count));
}

struct str locale_count_short(const struct locale *locale, struct arena *arena, int64_t count)
{
    return format_number(locale, arena, "compact-short @##", arena_fmt(arena, "%" PRId64, count));
}

struct str locale_day(const struct locale *locale, struct arena *arena, int32_t day)
{
    UChar text[TEXT_UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = udat_format(locale->days, day * MS_PER_DAY, text, TEXT_UNITS_MAX, NULL, &status);
    ASSERT(U_SUCCESS(status));
    return to_utf8(arena, text, len);
}

/* The best that the language has for what is to be told. */
static UDateFormat *open_skeleton(const struct locale *locale, const UChar *skeleton,
                                  UErrorCode *status)
{
    UChar pattern[TEXT_UNITS_MAX];
    UDateTimePatternGenerator *generator = udatpg_open(locale->id, status);
    int32_t len = udatpg_getBestPattern(generator, skeleton, -1, pattern, TEXT_UNITS_MAX, status);
    udatpg_close(generator);
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, locale->id, u"UTC", -1, pattern, len, status);
}

static struct str format_pattern(const struct locale *locale, struct arena *arena,
                                 enum pattern pattern, int32_t day)
{
    UChar text[TEXT_UNITS_MAX];
    UErrorCode status = U_ZERO_ERROR;
    /* As with the formatters of numbers: kept, but no part of its value. */
    UDateFormat **kept = &((struct locale *)locale)->patterns[pattern];
    if (*kept == NULL && pattern == PATTERN_DAY_SHORT)
        *kept = udat_open(UDAT_NONE, UDAT_MEDIUM, locale->id, u"UTC", -1, NULL, 0, &status);
    else if (*kept == NULL)
        *kept = open_skeleton(locale, pattern == PATTERN_MONTH ? u"yMMMM" : u"LLL", &status);
    ASSERT(U_SUCCESS(status));
    int32_t len = udat_format(*kept, day * MS_PER_DAY, text, TEXT_UNITS_MAX, NULL, &status);
    ASSERT(U_SUCCESS(status));
    return to_utf8(arena, text, len);
}

struct str locale_day_short(const struct locale *locale, struct arena *arena, int32_t day)
{
    return format_pattern(locale, arena, PATTERN_DAY_SHORT, day);
}

struct str locale_month(const struct locale *locale, struct arena *arena, int32_t day)
{
    return format_pattern(locale, arena, PATTERN_MONTH, day);
}

struct str locale_month_short(const struct locale *locale, struct arena *arena, int32_t day)
{
    return format_pattern(locale, arena, PATTERN_MONTH_SHORT, day);
}
