#include "app/invoice_groups.h"

static struct str key_of(const struct fee_view *fee)
{
    return str_is_null(fee->row.provider_name) ? fee->external_subscription_id
                                               : fee->row.provider_name;
}

static struct str title_of(const struct invoice_view *invoice, const struct fee_view *fee)
{
    for (size_t i = 0; i < invoice->period_count && str_is_null(fee->row.provider_name); i++) {
        const struct subscription_row *row = &invoice->periods[i].subscription.row;
        if (uuid_eq(row->id, fee->row.subscription_id) && !str_is_null(row->name))
            return row->name;
    }
    return key_of(fee);
}

struct invoice_group *invoice_groups(struct arena *arena, const struct invoice_view *invoice,
                                     size_t *count)
{
    struct invoice_group *groups = ARENA_ARRAY(arena, invoice->fee_count, struct invoice_group);
    *count = 0;
    for (size_t i = 0; i < invoice->fee_count; i++) {
        const struct fee_view *fee = &invoice->fees[i];
        if (i == 0 || !str_eq(key_of(fee), key_of(fee - 1)))
            groups[(*count)++] =
                (struct invoice_group){.title = title_of(invoice, fee), .first = i};
        groups[*count - 1].count++;
        groups[*count - 1].amount_minor += fee->row.amount_minor; /* a part of the invoice's sum */
    }
    return groups;
}
