/* meter.h - what one event says to a billable metric.
 *
 *   count_agg         nothing: that it happened is enough
 *   unique_count_agg  a text (a number as it is written), and whether it is added or removed:
 *                     property `operation_type`, "add" where there is none
 *   all others        a number
 * The number or text is the property `field`, or what `expression` makes of the event. */
#ifndef CORE_METERING_METER_H
#define CORE_METERING_METER_H

#include "core/metering.h"
#include "core/metering/expression.h"

struct meter {
    enum aggregation aggregation;
    struct str field;                    /* STR_NULL: none */
    const struct expression *expression; /* NULL: the property is the value */
};

struct meter_value {
    struct decimal number; /* DECIMAL_NONE of a count, a unique count */
    struct str text;       /* unique count; else STR_NULL; lives in the arena or the event */
    bool removes;
};

/* What is wrong with an event, in the words of a bad field. */
struct meter_fault {
    struct str field; /* "properties.gb" */
    const char *code; /* value_is_mandatory, value_is_invalid, expression_evaluation_failed */
    struct str value; /* what stands there; STR_NULL */
    struct str expected;
};

/* On error *value is that of an event that counts, but has no value.
 *   ERR_NOT_FOUND  the property is not there, or null
 *   ERR_INVALID    it is not what the aggregation needs
 *   ERR_OVERFLOW   the expression can't be computed, whatever the reason; such an event is not
 *                  taken on any face
 *   ERR_MALFORMED  the properties are not a JSON object */
MUST_CHECK enum err meter_read(struct arena *arena, const struct meter *meter,
                               const struct expression_event *event, struct meter_value *value,
                               struct meter_fault *fault);

#endif
