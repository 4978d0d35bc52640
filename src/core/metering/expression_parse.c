/* expression_parse.c - by recursive descent, one function for each line of the grammar. */
#include "core/metering/expression_steps.h"

#define VALUE_WORDS "a number, a text, event.…, a function or ( is expected"

struct parser {
    struct arena *arena;
    struct str source;
    size_t at;
    int depth;
    struct step *steps;
    size_t step_count;
    struct expression_error *error;
};

static enum err wrong(struct parser *p, size_t at, const char *words)
{
    p->error->at = at;
    p->error->words = str_of(words);
    return ERR_INVALID;
}

/* ---- characters ------------------------------------------------------------------------------ */

static char peek(const struct parser *p)
{
    if (p->at == p->source.len)
        return '\0';
    return p->source.ptr[p->at];
}

static bool at_end(const struct parser *p)
{
    return p->at >= p->source.len;
}

static void pass_spaces(struct parser *p)
{
    while (!at_end(p) && (peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\n' || peek(p) == '\r'))
        p->at++;
}

static bool take(struct parser *p, char c)
{
    pass_spaces(p);
    if (at_end(p) || peek(p) != c)
        return false;
    p->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static struct str take_name(struct parser *p)
{
    pass_spaces(p);
    size_t start = p->at;
    while (!at_end(p) && is_name(peek(p)))
        p->at++;
    return str_slice(p->source, start, p->at);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static enum err add_step(struct parser *p, struct step step)
{
    if (p->step_count == EXPRESSION_STEPS_MAX)
        return wrong(p, step.at, "the expression has more than 256 steps");
    p->steps[p->step_count++] = step;
    return ERR_NONE;
}

static enum err parse_sum(struct parser *p);

static enum err deeper(struct parser *p)
{
    if (++p->depth > EXPRESSION_DEPTH_MAX)
        return wrong(p, p->at, "the expression is nested more than 32 deep");
    return ERR_NONE;
}

/* ---- values ---------------------------------------------------------------------------------- */

static enum err parse_number(struct parser *p)
{
    size_t start = p->at;
    struct decimal number;
    while (!at_end(p) && is_digit(peek(p)))
        p->at++;
    if (!at_end(p) && peek(p) == '.') {
        p->at++;
        if (at_end(p) || !is_digit(peek(p)))
            return wrong(p, p->at, "a digit is expected behind the point");
        while (!at_end(p) && is_digit(peek(p)))
            p->at++;
    }
    if (decimal_parse(str_slice(p->source, start, p->at), &number) != ERR_NONE)
        return wrong(p, start, "a number has at most 34 digits");
    return add_step(p, (struct step){.kind = STEP_NUMBER, .number = number, .at = start});
}

/* The quoted text that begins here. */
static enum err take_text(struct parser *p, struct str *text)
{
    size_t start = p->at;
    char quote = peek(p);
    p->at++;
    while (!at_end(p) && peek(p) != quote)
        p->at++;
    if (at_end(p))
        return wrong(p, start, "the text that begins here has no end");
    *text = str_slice(p->source, start + 1, p->at);
    p->at++;
    return ERR_NONE;
}

static enum err parse_text(struct parser *p)
{
    size_t start = p->at;
    struct str text;
    TRY(take_text(p, &text));
    return add_step(
        p, (struct step){.kind = STEP_TEXT, .number = DECIMAL_NONE, .text = text, .at = start});
}

static enum err parse_property(struct parser *p, size_t start)
{
    struct str name = STR_NULL;
    if (take(p, '.')) {
        name = take_name(p);
    } else if (take(p, '[')) {
        pass_spaces(p);
        if (peek(p) != '\'' && peek(p) != '"')
            return wrong(p, p->at, "a text with the property's name is expected");
        TRY(take_text(p, &name));
        if (!take(p, ']'))
            return wrong(p, p->at, "] is expected");
    }
    if (name.len == 0)
        return wrong(p, p->at, "the name of a property is expected: event.properties.NAME");
    return add_step(
        p, (struct step){.kind = STEP_PROPERTY, .number = DECIMAL_NONE, .text = name, .at = start});
}

static enum err parse_event(struct parser *p, size_t start)
{
    size_t at = p->at;
    struct str name = take(p, '.') ? take_name(p) : STR_NULL;
    struct step step = {.kind = STEP_CODE, .number = DECIMAL_NONE, .at = start};
    if (str_eq(name, STR("properties")))
        return parse_property(p, start);
    if (str_eq(name, STR("timestamp")))
        step.kind = STEP_TIMESTAMP;
    else if (!str_eq(name, STR("code")))
        return wrong(p, at, ".code, .timestamp or .properties.NAME is expected behind event");
    return add_step(p, step);
}

static enum err parse_call(struct parser *p, enum step_kind kind, size_t start)
{
    struct step step = {.kind = kind, .number = DECIMAL_NONE, .at = start};
    if (!take(p, '('))
        return wrong(p, p->at, "( is expected behind a function");
    TRY(deeper(p));
    do {
        TRY(parse_sum(p));
        step.count++;
    } while (take(p, ','));
    p->depth--;
    if (!take(p, ')'))
        return wrong(p, p->at, "an operator, a comma or ) is expected");
    if (kind != STEP_CONCAT && step.count > 2)
        return wrong(p, start, "round, ceil and floor take a value and how many decimals");
    return add_step(p, step);
}

static enum err parse_word(struct parser *p)
{
    static const struct {
        const char *name;
        enum step_kind kind;
    } functions[] = {
        {"round", STEP_ROUND}, {"ceil", STEP_CEIL}, {"floor", STEP_FLOOR}, {"concat", STEP_CONCAT}};
    size_t start = p->at;
    struct str word = take_name(p);
    if (str_eq(word, STR("event")))
        return parse_event(p, start);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        if (str_eq(word, str_of(functions[i].name)))
            return parse_call(p, functions[i].kind, start);
    }
    return wrong(p, start, "unknown word: only event.…, round, ceil, floor and concat are known");
}

static enum err parse_value(struct parser *p)
{
    if (is_digit(peek(p)))
        return parse_number(p);
    if (peek(p) == '\'' || peek(p) == '"')
        return parse_text(p);
    if (is_name(peek(p)))
        return parse_word(p);
    if (!take(p, '('))
        return wrong(p, p->at, VALUE_WORDS);
    TRY(deeper(p));
    TRY(parse_sum(p));
    p->depth--;
    return take(p, ')') ? ERR_NONE : wrong(p, p->at, "an operator or ) is expected");
}

/* ---- operators ------------------------------------------------------------------------------- */

static enum err parse_factor(struct parser *p)
{
    pass_spaces(p);
    size_t start = p->at;
    if (!take(p, '-'))
        return parse_value(p);
    TRY(deeper(p));
    TRY(parse_factor(p));
    p->depth--;
    return add_step(p, (struct step){.kind = STEP_NEGATE, .number = DECIMAL_NONE, .at = start});
}

static bool is_zero_constant(const struct step *step)
{
    return step->kind == STEP_NUMBER && decimal_is_zero(step->number);
}

static enum err parse_product(struct parser *p)
{
    TRY(parse_factor(p));
    for (;;) {
        pass_spaces(p);
        size_t start = p->at;
        bool is_division = peek(p) == '/';
        if (!take(p, '*') && !take(p, '/'))
            return ERR_NONE;
        size_t first = p->step_count;
        TRY(parse_factor(p));
        if (is_division && p->step_count == first + 1 && is_zero_constant(&p->steps[first]))
            return wrong(p, start, "nothing can be divided by 0");
        TRY(add_step(p, (struct step){.kind = is_division ? STEP_DIVIDE : STEP_MULTIPLY,
                                      .number = DECIMAL_NONE,
                                      .at = start}));
    }
}

static enum err parse_sum(struct parser *p)
{
    TRY(parse_product(p));
    for (;;) {
        pass_spaces(p);
        size_t start = p->at;
        bool is_minus = peek(p) == '-';
        if (!take(p, '+') && !take(p, '-'))
            return ERR_NONE;
        TRY(parse_product(p));
        TRY(add_step(p, (struct step){.kind = is_minus ? STEP_SUBTRACT : STEP_ADD,
                                      .number = DECIMAL_NONE,
                                      .at = start}));
    }
}

enum err expression_parse(struct arena *arena, struct str source,
                          const struct expression **expression, struct expression_error *error)
{
    struct parser p = {.arena = arena, .source = source, .error = error};
    if (source.len > EXPRESSION_BYTES_MAX)
        return wrong(&p, EXPRESSION_BYTES_MAX, "an expression has at most 1024 bytes");
    if (!str_is_text(source))
        return wrong(&p, 0, "an expression is UTF-8 text");
    p.steps = ARENA_ARRAY(arena, EXPRESSION_STEPS_MAX, struct step);
    TRY(parse_sum(&p));
    pass_spaces(&p);
    if (!at_end(&p))
        return wrong(&p, p.at, "an operator or the end is expected");
    struct expression *parsed = ARENA_NEW(arena, struct expression);
    *parsed = (struct expression){p.steps, p.step_count};
    *expression = parsed;
    return ERR_NONE;
}
