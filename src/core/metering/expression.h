/* expression.h - what an event is worth, computed from the event: the language of a billable
 * metric's `expression`.
 *
 *   event.properties.tokens_in * 0.003 + event.properties.tokens_out * 0.015
 *   ceil(event.properties.bytes / 1073741824, 2)
 *   concat(event.properties.region, '-', event.properties.host)
 *
 * An expression is one value.  It has no variables, no loops and no side effects: it is read once
 * into a short list of steps, and each event goes through that list once.
 *
 *   expression = term { ("+" | "-") term }
 *   term       = factor { ("*" | "/") factor }
 *   factor     = "-" factor | value
 *   value      = number | text | "(" expression ")" | event
 *              | function "(" expression { "," expression } ")"
 *   event      = "event.code" | "event.timestamp"
 *              | "event.properties." name | "event.properties[" text "]"
 *   function   = "round" | "ceil" | "floor" | "concat"
 *   number     = digits [ "." digits ]            at most 34 digits
 *   text       = "'" … "'" | '"' … '"'            no escapes: use the other quote inside
 *   name       = letters, digits and "_"
 * Spaces, tabs and line ends may stand between them.
 *
 * Values are exact decimals or texts.
 *   + - *          exact; ERR_OVERFLOW where the result has more than 34 digits
 *   a / b          to 15 decimals, half away from zero
 *   round(x, n)    x to n decimals, half away from zero; n is an integer from -30 to 30, below 0
 *                  for tens, hundreds, …; round(x) is round(x, 0)
 *   ceil, floor    the same toward plus and toward minus infinity
 *   concat(a, …)   the texts one behind the other; a number in its shortest form ("1.5", "1200")
 *   event.timestamp  seconds since 1970 UTC, with the microseconds as decimals
 *   event.code       a text
 *   event.properties.x  a JSON number, or a JSON text.  Where a number is needed, a text that is
 *                  one counts as it ("12.50"), whatever spaces stand around it.
 *
 * What can't be computed is an error of the event, never a silent 0, and the event is refused: a
 * property that is missing or null (ERR_NOT_FOUND), division by zero, a text where a number is
 * needed, a property that is neither, a precision that is no integer or out of range
 * (ERR_INVALID), a number of more than 34 digits or a text of more than 1024 bytes (ERR_OVERFLOW).
 * Division by the constant 0 is refused when the expression is read.
 *
 * Pure; bounded in length, depth and steps, so any text may be parsed and any event evaluated. */
#ifndef CORE_METERING_EXPRESSION_H
#define CORE_METERING_EXPRESSION_H

#include "base/arena.h"
#include "base/decimal.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPRESSION_BYTES_MAX     1024
#define EXPRESSION_STEPS_MAX     256  /* numbers, texts, event values, operations, calls */
#define EXPRESSION_DEPTH_MAX     32   /* of parentheses, calls and signs inside each other */
#define EXPRESSION_TEXT_MAX      1024 /* bytes of a text value */
#define EXPRESSION_DECIMALS      15   /* of a quotient */
#define EXPRESSION_PRECISION_MAX 30

struct expression;

/* Where and why; words in the arena of the call, as in "a number, a text, event.… or (". */
struct expression_error {
    size_t at; /* byte position in the expression, from 0 */
    struct str words;
};

/* Reads an expression.  The result and its texts live as long as `arena` and `source`.
 * ERR_INVALID: *error says where and why; *expression is untouched. */
MUST_CHECK enum err expression_parse(struct arena *arena, struct str source,
                                     const struct expression **expression,
                                     struct expression_error *error);

struct expression_event {
    struct str code;
    int64_t occurred_at;   /* microseconds since 1970 */
    struct str properties; /* a JSON object */
};

struct expression_value {
    bool is_text;
    struct decimal number; /* DECIMAL_NONE of a text */
    struct str text;       /* of a number its shortest form */
};

/* Computes one event's value; its text lives in `arena`.
 * ERR_NOT_FOUND, ERR_INVALID, ERR_OVERFLOW as above: *error says where in the expression and why.
 * ERR_MALFORMED: the properties are not a JSON object. */
MUST_CHECK enum err expression_evaluate(struct arena *arena, const struct expression *expression,
                                        const struct expression_event *event,
                                        struct expression_value *value,
                                        struct expression_error *error);

#endif
