#include "app/fee_step_words.h"

#include "base/decimal.h"

#define NUMBERS_MAX 5

/* "{}" is a number.  Where one of a thing is told otherwise there is a sentence for it, too, and
 * `counted` is the number that tells. */
static const struct sentence {
    const char *many, *one;
    size_t counted;
} sentences[] = {
    {"the whole period", NULL, 0},
    {"{} of {} days", NULL, 0},
    {"{} units at {}", "{} unit at {}", 0},
    {"tier {}: {} units at {} plus {}", "tier {}: {} unit at {} plus {}", 1},
    {"tier {}: all {} units at {} plus {}", "tier {}: all of {} unit at {} plus {}", 1},
    {"{} units less {} free: {} started packages of {} at {}", NULL, 0},
    {"{} units less {} free at {}%", NULL, 0},
    {"{} events less {} free at {} each", NULL, 0},
    {"{} events raised to the minimum of {} each instead of {} together",
     "{} event raised to the minimum of {} each instead of {} together", 0},
    {"{} events lowered to the maximum of {} each instead of {} together",
     "{} event lowered to the maximum of {} each instead of {} together", 0},
    {"the exact amounts of {} events", "the exact amount of {} event", 0},
    {"capacity of {} units at {}", "capacity of {} unit at {}", 0},
    {"{} units less {} of capacity at {}", NULL, 0},
    {"tier {}: {} units at {}% plus {}", "tier {}: {} unit at {}% plus {}", 1},
    {"no units", NULL, 0},
    {"nothing was used by this group", NULL, 0},
    {"minimum of {}", NULL, 0},
    {"minimum of {} for {} of {} days", NULL, 0},
    {"lowered to the maximum of {}", NULL, 0},
    {"lowered to the maximum of {} for {} of {} days", NULL, 0},
    {"less the fee for usage, down to 0", NULL, 0},
    {"an amount below 0 counts as 0", NULL, 0},
    {"{} units for {} of {} days", "{} unit for {} of {} days", 0},
    {"flat amounts of {} units in full", "flat amounts of {} unit in full", 0},
    {"flat amounts of {} units in full, less those of {}",
     "flat amounts of {} unit in full, less those of {}", 0},
    {"{} units are billed already", "{} unit is billed already", 0},
    {"less {} units that are billed", "less {} unit that is billed", 0},
    {"{} carried in and {} added in the period", NULL, 0},
    {"{} units before the event, {} with it", NULL, 0},
    {"{} unit-days of {} days at {}", NULL, 0},
    {"tier {}: {} unit-days of {} days at {} plus {}", NULL, 0},
    {"tier {}: all {} unit-days of {} days at {} plus {}", NULL, 0},
    {"{} units at the start of the period", "{} unit at the start of the period", 0},
    {"{} events, each at its own price", "{} event at its own price", 0},
    {"different values at the end, with those carried in", NULL, 0},
    {"levels by the seconds for which they held: {} / {} s of the period", NULL, 0},
    {"average: {} / {} values", NULL, 0},
    {"percentile {}: {} slots of {} s, {} with events; the {} highest left out", NULL, 0},
    {"rounded to {} decimals", NULL, 0},
    {"rounded up to {} decimals", NULL, 0},
    {"rounded down to {} decimals", NULL, 0},
    {"with all usage now", NULL, 0},
    {"billed before", NULL, 0},
    {"less what earlier invoices charged", NULL, 0},
};

struct numbers {
    struct decimal values[NUMBERS_MAX];
    size_t count;
};

static bool is_of_number(char c)
{
    return (c >= '0' && c <= '9') || c == '.' || c == '-';
}

/* Whether the text is the sentence with numbers in it; these. */
static bool read_sentence(struct str text, struct str sentence, struct numbers *numbers)
{
    size_t at = 0;
    numbers->count = 0;
    for (size_t i = 0; i < sentence.len; i++) {
        size_t start = at;
        if (sentence.ptr[i] != '{') {
            if (at == text.len || text.ptr[at++] != sentence.ptr[i])
                return false;
            continue;
        }
        while (at < text.len && is_of_number(text.ptr[at]))
            at++;
        if (numbers->count == NUMBERS_MAX ||
            decimal_parse(str_slice(text, start, at), &numbers->values[numbers->count]) != ERR_NONE)
            return false;
        numbers->count++;
        i++; /* over the "}" */
    }
    return at == text.len;
}

static struct str say(const struct locale *locale, struct arena *arena, const struct sentence *s,
                      const struct numbers *numbers)
{
    struct str values[NUMBERS_MAX];
    int64_t count = 0;
    for (size_t i = 0; i < numbers->count; i++)
        values[i] = locale_number(locale, arena, numbers->values[i]);
    if (s->one == NULL)
        return locale_words_with(locale, arena, str_of(s->many), values, numbers->count);
    if (decimal_to_int64(numbers->values[s->counted], &count) != ERR_NONE)
        count = -1;
    return locale_counted(locale, arena, str_of(s->one), str_of(s->many), count, values,
                          numbers->count);
}

/* STR_NULL: no sentence that is known. */
static struct str say_known(const struct locale *locale, struct arena *arena, struct str text)
{
    struct numbers numbers;
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (read_sentence(text, str_of(sentences[i].many), &numbers))
            return say(locale, arena, &sentences[i], &numbers);
    }
    return STR_NULL;
}

/* Behind the last ": ", before which a name may stand; 0: there is none. */
static size_t after_name(struct str text)
{
    size_t after = 0;
    for (size_t i = 0; i + 1 < text.len; i++) {
        if (text.ptr[i] == ':' && text.ptr[i + 1] == ' ')
            after = i + 2;
    }
    return after;
}

struct str fee_step_words(const struct locale *locale, struct arena *arena, struct str text)
{
    struct str said = say_known(locale, arena, text);
    size_t after = after_name(text);
    if (!str_is_null(said) || after == 0)
        return str_is_null(said) ? text : said;
    said = say_known(locale, arena, str_slice(text, after, text.len));
    if (str_is_null(said))
        return text;
    return arena_fmt(arena, "%.*s%.*s", (int)after, text.ptr, STR_ARG(said));
}

struct str fee_step_number(const struct locale *locale, struct arena *arena, struct str text)
{
    struct decimal number;
    return decimal_parse(text, &number) == ERR_NONE ? locale_number(locale, arena, number) : text;
}
