/* expression.c - expressions over an event: any text is read or refused with a place in it, and any
 * event gives a value within the language's bounds or an error with a place.
 *
 * The first line is the expression, the rest the event's properties.  Laws of arithmetic are the
 * oracle: a value in parentheses, plus nothing, twice negated, times one is the same value. */
#include "core/metering/expression.h"
#include "base/json_read.h"
#include "tests/fuzz/fuzz.h"

struct outcome {
    enum err err;
    struct expression_value value;
};

static struct outcome evaluated(struct arena *arena, struct str source, struct str properties,
                                bool *is_read)
{
    const struct expression *expression = NULL;
    struct expression_error error = {0};
    struct outcome outcome = {.err = expression_parse(arena, source, &expression, &error)};
    *is_read = outcome.err == ERR_NONE;
    if (!*is_read) {
        FUZZ_CHECK(outcome.err == ERR_INVALID);
        FUZZ_CHECK(error.at <= source.len && error.words.len > 0);
        FUZZ_CHECK(expression == NULL);
        return outcome;
    }
    struct expression_event event = {
        .code = STR("calls"),
        .occurred_at = 1700000000123456,
        .properties = properties,
    };
    outcome.err = expression_evaluate(arena, expression, &event, &outcome.value, &error);
    if (outcome.err != ERR_NONE) {
        FUZZ_CHECK(outcome.err == ERR_NOT_FOUND || outcome.err == ERR_INVALID ||
                   outcome.err == ERR_OVERFLOW || outcome.err == ERR_MALFORMED);
        if (outcome.err != ERR_MALFORMED)
            FUZZ_CHECK(error.at <= source.len && error.words.len > 0);
        return outcome;
    }
    FUZZ_CHECK(outcome.value.is_text == decimal_is_none(outcome.value.number));
    FUZZ_CHECK(outcome.value.text.len <= EXPRESSION_TEXT_MAX);
    if (!outcome.value.is_text)
        FUZZ_CHECK(str_eq(outcome.value.text, decimal_text(arena, outcome.value.number)));
    return outcome;
}

static void same(struct arena *arena, const char *format, struct str source, struct str properties,
                 const struct outcome *want, bool is_for_texts)
{
    bool is_read = false;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    struct str text = arena_fmt(arena, format, STR_ARG(source));
#pragma GCC diagnostic pop
    struct outcome got = evaluated(arena, text, properties, &is_read);
    if (!is_read) /* too deep, too many steps, too long */
        return;
    if (want->err == ERR_NONE && want->value.is_text && !is_for_texts) {
        struct decimal number; /* a text that is a number may stand for it */
        FUZZ_CHECK(got.err != ERR_NONE ||
                   (decimal_parse(str_trim(want->value.text), &number) == ERR_NONE &&
                    decimal_eq(number, got.value.number)));
        return;
    }
    FUZZ_CHECK(got.err == want->err);
    if (got.err == ERR_NONE)
        FUZZ_CHECK(str_cmp(got.value.text, want->value.text) == 0);
}

void fuzz_one(struct arena *arena, struct str input)
{
    struct str properties = input;
    struct str source = STR_NULL;
    bool is_read = false;
    str_split(&properties, '\n', &source);
    if (str_is_null(source))
        return;
    if (str_is_null(properties))
        properties = STR("{}");
    struct outcome outcome = evaluated(arena, source, properties, &is_read);
    if (!is_read || source.len > EXPRESSION_BYTES_MAX - 20)
        return;
    same(arena, " ( %.*s )\t", source, properties, &outcome, true);
    same(arena, "concat(%.*s)", source, properties, &outcome, true);
    same(arena, "(%.*s) + 0", source, properties, &outcome, false);
    same(arena, "1 * (%.*s)", source, properties, &outcome, false);
    same(arena, "--(%.*s)", source, properties, &outcome, false);
}
