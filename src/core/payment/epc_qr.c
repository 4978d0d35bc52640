#include "core/payment/epc_qr.h"

#include "base/buf.h"

#define TEXT_BYTES_MAX      331
#define NAME_CHARACTERS_MAX 70
#define REMITTANCE_MAX      140
#define IBAN_LEAST          15
#define IBAN_MOST           34
#define AMOUNT_MINOR_MOST   99999999999

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char upper(char c)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    if (c < 'a' || c > 'z')
        return c;
    return capitals[c - 'a'];
}

static bool is_letter(char c)
{
    return upper(c) >= 'A' && upper(c) <= 'Z';
}

/* One line of the code: no line breaks may stand in it. */
static bool is_line(struct str text, size_t most)
{
    return str_find(text, '\n') < 0 && str_find(text, '\r') < 0 && str_characters(text) <= most;
}

/* ---- account numbers ---- */

struct str iban_compact(struct arena *arena, struct str iban)
{
    struct buf out;
    buf_init(&out, arena, iban.len + 1);
    for (size_t i = 0; i < iban.len; i++) {
        if (iban.ptr[i] != ' ')
            buf_char(&out, upper(iban.ptr[i]));
    }
    return buf_str(&out);
}

struct str iban_grouped(struct arena *arena, struct str iban)
{
    struct str compact = iban_compact(arena, iban);
    struct buf out;
    buf_init(&out, arena, compact.len * 2 + 1);
    for (size_t i = 0; i < compact.len; i++) {
        if (i > 0 && i % 4 == 0)
            buf_char(&out, ' ');
        buf_char(&out, compact.ptr[i]);
    }
    return buf_str(&out);
}

bool iban_is_valid(struct str iban)
{
    char compact[IBAN_MOST];
    size_t len = 0;
    int rest = 0;
    for (size_t i = 0; i < iban.len; i++) {
        if (iban.ptr[i] == ' ')
            continue;
        if (len == IBAN_MOST || (!is_letter(iban.ptr[i]) && !is_digit(iban.ptr[i])))
            return false;
        compact[len++] = upper(iban.ptr[i]);
    }
    if (len < IBAN_LEAST || !is_letter(compact[0]) || !is_letter(compact[1]) ||
        !is_digit(compact[2]) || !is_digit(compact[3]))
        return false;
    /* The first four behind the rest, letters as 10 to 35: 1 modulo 97. */
    for (size_t i = 0; i < len; i++) {
        char c = compact[(i + 4) % len];
        int value = is_digit(c) ? c - '0' : c - 'A' + 10;
        rest = (rest * (value < 10 ? 10 : 100) + value) % 97;
    }
    return rest == 1;
}

bool bic_is_valid(struct str bic)
{
    if (bic.len != 8 && bic.len != 11)
        return false;
    for (size_t i = 0; i < bic.len; i++) {
        bool is_good = is_letter(bic.ptr[i]) || (i >= 6 && is_digit(bic.ptr[i]));
        if (!is_good)
            return false;
    }
    return true;
}

/* ---- the code ---- */

enum err epc_qr_text(struct arena *arena, const struct epc_transfer *transfer, struct str *text)
{
    struct buf out;
    bool is_good = transfer->name.len > 0 && is_line(transfer->name, NAME_CHARACTERS_MAX) &&
                   is_line(transfer->remittance, REMITTANCE_MAX) && iban_is_valid(transfer->iban) &&
                   (str_is_null(transfer->bic) || bic_is_valid(transfer->bic)) &&
                   str_eq(transfer->amount.currency->code, STR("EUR")) &&
                   transfer->amount.minor > 0 && transfer->amount.minor <= AMOUNT_MINOR_MOST;
    if (!is_good)
        return ERR_INVALID;
    buf_init(&out, arena, TEXT_BYTES_MAX);
    buf_add(&out, STR("BCD\n002\n1\nSCT\n"));
    buf_add(&out, transfer->bic);
    buf_char(&out, '\n');
    buf_add(&out, transfer->name);
    buf_char(&out, '\n');
    buf_add(&out, iban_compact(arena, transfer->iban));
    buf_add(&out, STR("\nEUR"));
    buf_money(&out, transfer->amount);
    buf_add(&out, STR("\n\n\n")); /* no purpose code, no structured reference */
    buf_add(&out, transfer->remittance);
    if (!buf_ok(&out))
        return ERR_INVALID;
    *text = buf_str(&out);
    return ERR_NONE;
}
