#include "app/late_fee.h"

#include "app/fee_explanation.h"
#include "base/assert.h"
#include "base/none.h"
#include "core/currency.h"
#include "core/money.h"
#include "store/sql/late.h"

#define STEPS_BYTES_MAX ((size_t)4096)
#define UNIT_DECIMALS   15

int64_t late_fee_revision(struct str once_key, struct str first_key)
{
    int64_t revision = 0;
    for (size_t i = first_key.len + 1; i < once_key.len; i++) {
        char digit = once_key.ptr[i];
        if (digit < '0' || digit > '9' || revision > INT32_MAX)
            break; /* none of ours; verify meets such */
        revision = revision * 10 + (digit - '0');
    }
    return revision;
}

enum err late_fee_billed(struct ctx *ctx, struct tx *tx, struct uuid customer_id,
                         struct str once_key, struct uuid invoice_id, int64_t until_revision,
                         struct late_billed *billed)
{
    struct usage_fee_list_row *rows = NULL;
    size_t count = 0;
    *billed = (struct late_billed){.units = DECIMAL_ZERO};
    TRY(usage_fee_list(tx,
                       &(struct usage_fee_list_in){
                           .customer_id = customer_id,
                           .once_key = once_key,
                           .correction_from = arena_fmt(ctx->arena, "%.*s:", STR_ARG(once_key)),
                           .correction_to = arena_fmt(ctx->arena, "%.*s;", STR_ARG(once_key)),
                       },
                       &rows, &count));
    for (size_t i = 0; i < count; i++) {
        int64_t revision = late_fee_revision(rows[i].once_key, once_key);
        if (uuid_eq(rows[i].invoice_id, invoice_id) ||
            (until_revision != INT_NONE && revision > until_revision))
            continue;
        billed->fee_count++;
        billed->event_count += rows[i].event_count;
        if (__builtin_add_overflow(billed->amount_minor, rows[i].amount_minor,
                                   &billed->amount_minor))
            return ERR_OVERFLOW;
        TRY(decimal_add(billed->units, rows[i].units, &billed->units));
        billed->is_open |= revision > 0 && str_eq(rows[i].invoice_status, STR("draft"));
        if (revision > billed->revision)
            billed->revision = revision;
    }
    return ERR_NONE;
}

/* The steps of the price, then what is taken off: one array of them all. */
static struct str explain(struct arena *arena, const struct late_billed *billed,
                          const struct fee_row *whole, const struct currency *currency)
{
    struct fee_steps steps;
    fee_steps_begin(&steps, arena, STEPS_BYTES_MAX);
    fee_step_begin(&steps, STR("with all usage now"), "round(subtotal, decimals)");
    fee_step_input(&steps, "subtotal", whole->precise_amount);
    fee_step_input(&steps, "decimals", decimal_of(currency->digits));
    fee_step_input(&steps, "units", whole->units);
    fee_step_input(&steps, "events", decimal_of(whole->event_count));
    fee_step_end(&steps, "total", money_major((struct money){whole->amount_minor, currency}));
    struct decimal before = money_major((struct money){billed->amount_minor, currency});
    fee_step_begin(&steps, STR("billed before"), "0 - billed");
    fee_step_input(&steps, "billed", before);
    fee_step_input(&steps, "units", billed->units);
    fee_step_input(&steps, "events", decimal_of(billed->event_count));
    fee_step_input(&steps, "earlier_fees", decimal_of(billed->fee_count));
    fee_step_end(&steps, NULL, decimal_neg(before));
    return fee_explanation_join(arena, whole->explanation, fee_steps_end(&steps));
}

enum err late_fee_correct(struct arena *arena, const struct late_billed *billed,
                          struct fee_row *fee)
{
    const struct currency *currency = currency_find(fee->currency);
    struct money amount;
    ASSERT(currency != NULL);
    TRY(money_sub((struct money){fee->amount_minor, currency},
                  (struct money){billed->amount_minor, currency}, &amount));
    fee->explanation = explain(arena, billed, fee, currency);
    fee->once_key =
        arena_fmt(arena, "%.*s:%lld", STR_ARG(fee->once_key), (long long)billed->revision + 1);
    fee->is_correction = true;
    fee->amount_minor = amount.minor;
    fee->precise_amount = money_major(amount);
    fee->event_count -= billed->event_count;
    TRY(decimal_sub(fee->units, billed->units, &fee->units));
    fee->total_units = DECIMAL_NONE;
    fee->presentation_breakdowns = STR_NULL; /* they are of all usage, not of what is corrected */
    fee->unit_amount = DECIMAL_ZERO;
    if (decimal_is_zero(fee->units))
        return ERR_NONE;
    return decimal_div(fee->precise_amount, fee->units, UNIT_DECIMALS, ROUND_HALF_UP,
                       &fee->unit_amount);
}
