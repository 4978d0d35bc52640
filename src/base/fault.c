#include "base/fault.h"

#include "base/assert.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#define VALUE_SHOWN_MAX 200

void fault_init(struct fault *fault, struct arena *arena)
{
    *fault = (struct fault){.arena = arena};
}

void fault_reset(struct fault *fault)
{
    fault_init(fault, fault->arena);
}

enum err fault_set(struct fault *fault, enum err err, const char *format, ...)
{
    ASSERT(err != ERR_NONE);
    va_list args;
    va_start(args, format);
    fault->message = arena_vfmt(fault->arena, format, args);
    va_end(args);
    fault->err = err;
    return err;
}

enum err fault_errno(struct fault *fault, enum err err, struct str what)
{
    char words[128];
    const char *said = strerror_r(errno, words, sizeof words); /* GNU's: may be a constant */
    return fault_set(fault, err, "%.*s: %s", STR_ARG(what), said);
}

/* Cut where a UTF-8 sequence starts, so that what is shown stays text. */
void fault_field(struct fault *fault, struct str field, const char *code, struct str value,
                 const char *expected, ...)
{
    if (fault->field_count == FAULT_FIELDS_MAX) {
        fault->field_dropped++;
        return;
    }
    fault->fields = arena_grow(fault->arena, fault->fields, fault->field_count,
                               &fault->field_capacity, sizeof *fault->fields);
    va_list args;
    va_start(args, expected);
    fault->fields[fault->field_count++] = (struct fault_field){
        .field = arena_str(fault->arena, field),
        .code = str_of(code),
        .value = arena_str(fault->arena, str_cut(value, VALUE_SHOWN_MAX)),
        .expected = arena_vfmt(fault->arena, expected, args),
    };
    va_end(args);
}

bool fault_is_set(const struct fault *fault)
{
    return fault->field_count > 0 || fault->err != ERR_NONE;
}

enum err fault_check(struct fault *fault)
{
    if (fault->err != ERR_NONE)
        return fault->err;
    if (fault->field_count == 0)
        return ERR_NONE;
    const struct fault_field *first = &fault->fields[0];
    size_t all = fault->field_count + fault->field_dropped;
    struct str value = str_is_null(first->value)
                           ? STR("")
                           : arena_fmt(fault->arena, " is \"%.*s\"", STR_ARG(first->value));
    struct str words = arena_fmt(fault->arena, "%.*s%.*s: wanted %.*s", STR_ARG(first->field),
                                 STR_ARG(value), STR_ARG(first->expected));
    if (all == 1)
        return fault_set(fault, ERR_INVALID, "%.*s", STR_ARG(words));
    return fault_set(fault, ERR_INVALID, "%zu fields are invalid, the first: %.*s", all,
                     STR_ARG(words));
}
