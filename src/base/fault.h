/* fault.h - the words of an error: what was wrong, with which field, and what would be right.
 *
 * Filled once, where the fault is found, and read once, at the edge (API answer, command line).
 * A fault lives as long as its arena.  Several bad fields of one input are gathered, so that a
 * caller is told all of them, not only the first. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>

#define FAULT_FIELDS_MAX 100 /* more are counted, not kept */

struct fault_field {
    struct str
        field; /* as sent, dotted: "charges.0.properties.amount"; for files "row 3, BilledCost" */
    struct str
        code; /* stable: value_is_mandatory, value_already_exist, invalid_..., value_is_invalid */
    struct str value;    /* what was sent, cut to 200 bytes; STR_NULL when nothing was */
    struct str expected; /* what would be right, in words */
};

struct fault {
    struct arena *arena;
    enum err err; /* ERR_NONE: nothing went wrong yet */
    struct str message;
    struct fault_field *fields;
    size_t field_count;
    size_t field_capacity;
    size_t field_dropped; /* beyond FAULT_FIELDS_MAX */
};

void fault_init(struct fault *fault, struct arena *arena);
/* Forgets everything said so far. */
void fault_reset(struct fault *fault);

/* Says what went wrong and returns `err`, to be passed up. */
enum err fault_set(struct fault *fault, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with what errno says of the system call that has just failed: "billow.db: No space left
 * on device". */
enum err fault_errno(struct fault *fault, enum err err, struct str what);

/* Notes a bad field; ends later with fault_check.  `expected` is a printf format. */
void fault_field(struct fault *fault, struct str field, const char *code, struct str value,
                 const char *expected, ...) __attribute__((format(printf, 5, 6)));

/* Whether anything was said so far: a bad field noted, or the error set. */
bool fault_is_set(const struct fault *fault);

/* ERR_INVALID with "N fields are invalid" when any field was noted (or the error set before),
 * else ERR_NONE. */
MUST_CHECK enum err fault_check(struct fault *fault);

#endif
