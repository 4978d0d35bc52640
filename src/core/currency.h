/* currency.h - currencies by their ISO 4217 code, and how many digits their minor unit has. */
#ifndef CORE_CURRENCY_H
#define CORE_CURRENCY_H

#include "base/str.h"

struct currency {
    struct str code; /* three capital letters */
    int digits;      /* of the minor unit: EUR 2, JPY 0, KWD 3, CLF 4 */
};

/* NULL when ISO 4217 knows no such currency in use.  Metals, test codes and funds are none, but for
 * the indexed units in which contracts are written (CLF, UYI, UYW). */
const struct currency *currency_find(struct str code);

#endif
