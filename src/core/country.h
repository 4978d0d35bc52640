/* country.h - countries by their ISO 3166-1 alpha-2 code. */
#ifndef CORE_COUNTRY_H
#define CORE_COUNTRY_H

#include "base/str.h"

#include <stdbool.h>

/* Two capital letters that ISO 3166-1 assigns, or XI (Northern Ireland in VAT matters). */
bool country_is_known(struct str code);

#endif
