/* expression_steps.h - a parsed expression: steps for a stack, in the order of their doing.
 * Between expression_parse.c, which writes them, and expression.c, which does them. */
#ifndef CORE_METERING_EXPRESSION_STEPS_H
#define CORE_METERING_EXPRESSION_STEPS_H

#include "core/metering/expression.h"

enum step_kind {
    STEP_NUMBER,    /* pushes `number` */
    STEP_TEXT,      /* pushes `text` */
    STEP_CODE,      /* pushes the event's code */
    STEP_TIMESTAMP, /* pushes the event's time */
    STEP_PROPERTY,  /* pushes the property called `text` */
    STEP_NEGATE,    /* the others take their operands from the top */
    STEP_ADD,
    STEP_SUBTRACT,
    STEP_MULTIPLY,
    STEP_DIVIDE,
    STEP_ROUND, /* `count` operands: 1 or 2 */
    STEP_CEIL,
    STEP_FLOOR,
    STEP_CONCAT /* `count` operands */
};

struct step {
    enum step_kind kind;
    struct decimal number;
    struct str text;
    size_t count;
    size_t at; /* where it stands, for the words of errors */
};

struct expression {
    const struct step *steps;
    size_t step_count;
};

#endif
