#include "core/ledger.h"

#include "base/assert.h"
#include "base/buf.h"

struct str ledger_income_account(struct str fee_type)
{
    if (str_eq(fee_type, STR("charge")))
        return STR("income:usage");
    if (str_eq(fee_type, STR("resale")))
        return STR("income:resale");
    if (str_eq(fee_type, STR("fixed_charge")))
        return STR("income:fixed");
    return STR("income:subscription");
}

/* Whether a tax code's byte stands in an account's name as it is; '%' marks those that do not. */
static bool fits_account(struct str code, size_t i)
{
    unsigned char c = (unsigned char)code.ptr[i];
    if (c == ' ')
        return i > 0 && i + 1 < code.len && code.ptr[i - 1] != ' ';
    return c > ' ' && c != 0x7f && c != ':' && c != '%' && c != ';';
}

struct str ledger_tax_account(struct arena *arena, struct str tax_code)
{
    struct str prefix = STR("liabilities:tax:");
    struct buf account;
    buf_init(&account, arena, prefix.len + 3 * tax_code.len);
    buf_add(&account, prefix);
    for (size_t i = 0; i < tax_code.len; i++) {
        if (fits_account(tax_code, i)) {
            buf_char(&account, tax_code.ptr[i]);
        } else {
            buf_char(&account, '%');
            buf_hex(&account, &tax_code.ptr[i], 1);
        }
    }
    ASSERT(buf_ok(&account));
    return buf_str(&account);
}

static enum err add_line(struct arena *arena, struct ledger_posting *posting, struct str account,
                         int64_t amount_minor)
{
    for (size_t i = 0; i < posting->count; i++) {
        struct ledger_line *line = &posting->lines[i];
        if (str_eq(line->account, account))
            return __builtin_add_overflow(line->amount_minor, amount_minor, &line->amount_minor)
                       ? ERR_OVERFLOW
                       : ERR_NONE;
    }
    posting->lines = arena_grow(arena, posting->lines, posting->count, &posting->capacity,
                                sizeof *posting->lines);
    posting->lines[posting->count++] = (struct ledger_line){account, amount_minor};
    return ERR_NONE;
}

static void drop_zeros(struct ledger_posting *posting)
{
    size_t kept = 0;
    for (size_t i = 0; i < posting->count; i++) {
        if (posting->lines[i].amount_minor != 0)
            posting->lines[kept++] = posting->lines[i];
    }
    posting->count = kept;
}

bool ledger_is_balanced(const struct ledger_posting *posting)
{
    __extension__ __int128 sum = 0; /* wide: what adds up to 0 may pass 64 bits on the way */
    for (size_t i = 0; i < posting->count; i++)
        sum += posting->lines[i].amount_minor;
    return sum == 0;
}

static enum err finish(struct ledger_posting *posting)
{
    drop_zeros(posting);
    ASSERT(ledger_is_balanced(posting));
    return ERR_NONE;
}

enum err ledger_of_invoice(struct arena *arena, const struct ledger_part *parts, size_t count,
                           struct ledger_posting *posting)
{
    int64_t total = 0;
    *posting = (struct ledger_posting){0};
    TRY(add_line(arena, posting, STR("assets:receivable"), 0));
    for (size_t i = 0; i < count; i++) {
        int64_t credit = 0;
        if (__builtin_sub_overflow((int64_t)0, parts[i].amount_minor, &credit) ||
            __builtin_add_overflow(total, parts[i].amount_minor, &total))
            return ERR_OVERFLOW;
        TRY(add_line(arena, posting, parts[i].account, credit));
    }
    posting->lines[0].amount_minor = total;
    return finish(posting);
}

enum err ledger_of_payment(struct arena *arena, int64_t paid_minor, int64_t unapplied_minor,
                           struct ledger_posting *posting)
{
    ASSERT(paid_minor > 0);
    ASSERT(unapplied_minor >= 0 && unapplied_minor <= paid_minor);
    *posting = (struct ledger_posting){0};
    TRY(add_line(arena, posting, STR("assets:bank"), paid_minor));
    TRY(add_line(arena, posting, STR("assets:receivable"), unapplied_minor - paid_minor));
    TRY(add_line(arena, posting, STR("liabilities:customer_credit"), -unapplied_minor));
    return finish(posting);
}

enum err ledger_reverse(struct arena *arena, const struct ledger_posting *posting,
                        struct ledger_posting *reversed)
{
    *reversed = (struct ledger_posting){0};
    for (size_t i = 0; i < posting->count; i++) {
        int64_t amount = 0;
        if (__builtin_sub_overflow((int64_t)0, posting->lines[i].amount_minor, &amount))
            return ERR_OVERFLOW;
        TRY(add_line(arena, reversed, posting->lines[i].account, amount));
    }
    return finish(reversed);
}
