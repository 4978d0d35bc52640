#include "app/document_terms.h"

#include "core/payment/epc_qr.h"

#define NAME_CHARACTERS_MAX 70 /* EPC069-12: of the account's holder */

void document_locale_check(struct ctx *ctx, struct str tag)
{
    struct locale *locale = NULL;
    if (str_is_null(tag))
        return;
    if (locale_open(tag, &locale) != ERR_NONE)
        fault_field(ctx->fault, STR("document_locale"), "value_is_invalid", tag,
                    "a language tag (BCP 47) such as en, de-CH or ar");
    locale_close(locale);
}

void bank_details_check(struct ctx *ctx, struct billing_entity_row *row)
{
    if (!str_is_null(row->iban)) {
        if (iban_is_valid(row->iban))
            row->iban = iban_compact(ctx->arena, row->iban);
        else
            fault_field(ctx->fault, STR("iban"), "value_is_invalid", row->iban,
                        "an IBAN with right check digits, such as DE02 1203 0000 0000 2020 51");
    }
    if (!str_is_null(row->bic) && !bic_is_valid(row->bic))
        fault_field(ctx->fault, STR("bic"), "value_is_invalid", row->bic,
                    "a BIC of 8 or 11 characters such as BYLADEM1001");
    if (!str_is_null(row->account_holder) &&
        str_characters(row->account_holder) > NAME_CHARACTERS_MAX)
        fault_field(ctx->fault, STR("account_holder"), "value_is_too_long", row->account_holder,
                    "up to %d characters", NAME_CHARACTERS_MAX);
}
