#include "base/options.h"

#include "base/assert.h"
#include "base/time.h"

#include <stdlib.h>
#include <string.h>

static size_t option_count(const struct option *options)
{
    size_t count = 0;
    while (options[count].name != NULL)
        count++;
    ASSERT(count <= OPTIONS_MAX);
    return count;
}

/* How many single-letter changes make one word of the other (Levenshtein). */
static size_t distance(struct str a, struct str b)
{
    size_t row[64];
    if (b.len >= 63)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t best = diagonal + (a.ptr[i - 1] != b.ptr[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[b.len];
}

static enum err unknown(const struct option *options, struct str name, struct fault *fault)
{
    const char *nearest = NULL;
    size_t best = 4;
    for (size_t i = 0; options[i].name != NULL; i++) {
        size_t own = distance(name, str_of(options[i].name));
        if (own < best) {
            best = own;
            nearest = options[i].name;
        }
    }
    if (nearest != NULL)
        return fault_set(fault, ERR_INVALID, "--%.*s is no option of this command; --%s?",
                         STR_ARG(name), nearest);
    return fault_set(fault, ERR_INVALID, "--%.*s is no option of this command; see --help",
                     STR_ARG(name));
}

static enum err take_value(const struct option *option, struct str text, struct fault *fault,
                           struct option_values *values, size_t index)
{
    int64_t number = 0;
    values->text[index] = text;
    switch (option->kind) {
    case OPTION_TEXT:
        return ERR_NONE;
    case OPTION_FLAG:
        values->number[index] = 1;
        return ERR_NONE;
    case OPTION_INT:
        if (!str_to_int64(text, &number) || number < option->min || number > option->max)
            return fault_set(fault, ERR_INVALID, "--%s %.*s: wanted a number from %lld to %lld",
                             option->name, STR_ARG(text), (long long)option->min,
                             (long long)option->max);
        values->number[index] = number;
        return ERR_NONE;
    case OPTION_INSTANT:
        if (time_parse(text, &values->number[index]) != ERR_NONE)
            return fault_set(fault, ERR_INVALID,
                             "--%s %.*s: wanted a time such as 2024-11-15T00:00:00Z", option->name,
                             STR_ARG(text));
        return ERR_NONE;
    }
    return ERR_NONE;
}

/* What was not given comes from the environment, or the table. */
static enum err fill_in(const struct option *options, struct fault *fault,
                        struct option_values *values)
{
    for (size_t i = 0; options[i].name != NULL; i++) {
        if (!str_is_null(values->text[i]))
            continue;
        struct str text = STR_NULL;
        if (options[i].env != NULL)
            text = str_of(getenv(options[i].env));
        if (str_is_null(text) || text.len == 0)
            text = str_of(options[i].preset);
        if (options[i].kind == OPTION_INSTANT)
            values->number[i] = TIME_NONE;
        if (!str_is_null(text))
            TRY(take_value(&options[i], text, fault, values, i));
    }
    return ERR_NONE;
}

/* One "--…" at argv[*at]; moves on over its value. */
static enum err take_option(const struct option *options, int argc, char **argv, int *at,
                            struct fault *fault, struct option_values *values)
{
    struct str word = str_slice(str_of(argv[*at]), 2, SIZE_MAX);
    ptrdiff_t equals = str_find(word, '=');
    struct str name = equals < 0 ? word : str_slice(word, 0, (size_t)equals);
    struct str value = equals < 0 ? STR_NULL : str_slice(word, (size_t)equals + 1, word.len);
    size_t i = 0;
    while (options[i].name != NULL && !str_eq(name, str_of(options[i].name)))
        i++;
    if (options[i].name == NULL)
        return unknown(options, name, fault);
    if (options[i].kind == OPTION_FLAG) {
        if (!str_is_null(value))
            return fault_set(fault, ERR_INVALID, "--%s takes no value", options[i].name);
        value = STR("");
    } else if (str_is_null(value)) {
        if (++*at == argc)
            return fault_set(fault, ERR_INVALID, "--%s wants a value: %s", options[i].name,
                             options[i].value_name);
        value = str_of(argv[*at]);
    }
    values->given[i] = true;
    return take_value(&options[i], value, fault, values, i);
}

enum err options_parse(const struct option *options, size_t arguments_max, int argc, char **argv,
                       struct fault *fault, struct option_values *values)
{
    struct str *arguments = ARENA_ARRAY(fault->arena, (size_t)argc + 1, struct str);
    bool options_ended = false;
    *values = (struct option_values){.options = options, .arguments = arguments};
    ASSERT(option_count(options) <= OPTIONS_MAX);
    for (int at = 0; at < argc; at++) {
        if (!options_ended && strcmp(argv[at], "--") == 0) {
            options_ended = true;
        } else if (!options_ended && strncmp(argv[at], "--", 2) == 0) {
            TRY(take_option(options, argc, argv, &at, fault, values));
        } else if (values->argument_count == arguments_max) {
            return fault_set(fault, ERR_INVALID, "%s: too many arguments; see --help", argv[at]);
        } else {
            arguments[values->argument_count++] = str_of(argv[at]);
        }
    }
    return fill_in(options, fault, values);
}

static size_t index_of(const struct option_values *values, const char *name)
{
    size_t i = 0;
    while (values->options[i].name != NULL && strcmp(values->options[i].name, name) != 0)
        i++;
    ASSERT(values->options[i].name != NULL);
    return i;
}

struct str option_text(const struct option_values *values, const char *name)
{
    return values->text[index_of(values, name)];
}

int64_t option_int(const struct option_values *values, const char *name)
{
    return values->number[index_of(values, name)];
}

bool option_flag(const struct option_values *values, const char *name)
{
    return values->number[index_of(values, name)] != 0;
}

bool option_given(const struct option_values *values, const char *name)
{
    return values->given[index_of(values, name)];
}

void options_help(struct buf *out, const struct option *options)
{
    for (; options->name != NULL; options++) {
        struct buf left;
        char storage[128];
        buf_fixed(&left, storage, sizeof storage);
        buf_fmt(&left, "  --%s%s%s", options->name, options->value_name != NULL ? " " : "",
                options->value_name != NULL ? options->value_name : "");
        buf_fmt(out, "%-28.*s %s", STR_ARG(buf_str(&left)), options->help);
        if (options->preset != NULL)
            buf_fmt(out, " (%s)", options->preset);
        if (options->env != NULL)
            buf_fmt(out, " [%s]", options->env);
        buf_char(out, '\n');
    }
}
