#include "app/late_fee.h"

#include "app/fee_explanation.h"
#include "base/assert.h"
#include "base/json_write.h"
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
    struct buf buf;
    struct json_writer out;
    buf_init(&buf, arena, STEPS_BYTES_MAX);
    json_writer_init(&out, &buf);
    json_array(&out, NULL);
    json_object(&out, NULL);
    json_str(&out, "text", STR("with all usage now"));
    json_object(&out, "inputs");
    json_decimal(&out, "units", whole->units);
    json_int(&out, "events", whole->event_count);
    json_object_end(&out);
    json_decimal(&out, "result", money_major((struct money){whole->amount_minor, currency}));
    json_object_end(&out);
    json_object(&out, NULL);
    json_str(&out, "text", STR("billed before"));
    json_object(&out, "inputs");
    json_decimal(&out, "units", billed->units);
    json_int(&out, "events", billed->event_count);
    json_int(&out, "earlier_fees", billed->fee_count);
    json_object_end(&out);
    json_decimal(&out, "result",
                 decimal_neg(money_major((struct money){billed->amount_minor, currency})));
    json_object_end(&out);
    json_array_end(&out);
    ASSERT(buf_ok(&buf));
    return fee_explanation_join(arena, whole->explanation, buf_str(&buf));
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
    fee->unit_amount = DECIMAL_ZERO;
    if (decimal_is_zero(fee->units))
        return ERR_NONE;
    return decimal_div(fee->precise_amount, fee->units, UNIT_DECIMALS, ROUND_HALF_UP,
                       &fee->unit_amount);
}
