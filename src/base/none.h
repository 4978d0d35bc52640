/* none.h - the values that mean "none": SQL's NULL and JSON's null, one for each type.
 *
 *   struct str      STR_NULL      (base/str.h)     pointer is NULL
 *   struct uuid     UUID_NIL      (base/uuid.h)    all zero bytes
 *   struct decimal  DECIMAL_NONE  (base/decimal.h) only to be stored, passed on or asked about
 *   int64_t number  INT_NONE
 *   int64_t instant TIME_NONE     (base/time.h)
 *   int32_t day     DAY_NONE      (base/time.h)
 * A bool has no such value: a nullable truth is two columns or a word. */
#ifndef BASE_NONE_H
#define BASE_NONE_H

#include <stdint.h>

#define INT_NONE INT64_MIN

#endif
