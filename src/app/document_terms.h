/* document_terms.h - checks of what documents need: their language, and where the money goes. */
#ifndef APP_DOCUMENT_TERMS_H
#define APP_DOCUMENT_TERMS_H

#include "app/ctx.h"
#include "locale/locale.h"
#include "store/sql/rows.h"

/* Notes a language that ICU does not know, of the field `document_locale`. */
void document_locale_check(struct ctx *ctx, struct str tag);

/* Notes an IBAN or a BIC that is none; what is well becomes compact, in capital letters. */
void bank_details_check(struct ctx *ctx, struct billing_entity_row *row);

#endif
