/* verify_numbers.c - numbers of invoices and receipts: each once, and none missing. */
#include "app/verify_parts.h"
#include "base/none.h"
#include "store/sql/verify.h"

struct numbers {
    struct verifier *v;
    struct str last;
    struct arena arena;
};

static enum err check_number(void *arg, const struct invoice_row *row)
{
    struct numbers *numbers = arg;
    if (str_eq(numbers->last, row->number))
        verify_found(numbers->v, "invoice number %.*s was given twice", STR_ARG(row->number));
    arena_reset(&numbers->arena);
    numbers->last = arena_str(&numbers->arena, row->number);
    return ERR_NONE;
}

static enum err check_customers(struct verifier *v)
{
    struct verify_customer_series_row *rows = NULL;
    size_t count = 0;
    TRY(verify_customer_series(v->tx, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].given != rows[i].last_number)
            verify_found(v, "customer %.*s: %lld invoice numbers are given, the last is %lld",
                         STR_ARG(uuid_text(v->ctx->arena, rows[i].customer_id)),
                         (long long)rows[i].given, (long long)rows[i].last_number);
    }
    return ERR_NONE;
}

static enum err check_entities(struct verifier *v)
{
    struct verify_entity_series_row *rows = NULL;
    size_t count = 0;
    TRY(verify_entity_series(v->tx, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        int64_t last = rows[i].last_number == INT_NONE ? 0 : rows[i].last_number;
        if (rows[i].given != last)
            verify_found(v,
                         "billing entity %.*s: %lld invoice numbers are given, its counter is at "
                         "%lld",
                         STR_ARG(rows[i].code), (long long)rows[i].given, (long long)last);
    }
    return ERR_NONE;
}

static enum err check_receipts(struct verifier *v)
{
    struct verify_receipt_series_row *rows = NULL;
    size_t count = 0;
    TRY(verify_receipt_series(v->tx, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        int64_t last = rows[i].last_number == INT_NONE ? 0 : rows[i].last_number;
        if (rows[i].given != last || rows[i].distinct_numbers != last)
            verify_found(v,
                         "billing entity %.*s: %lld receipts are numbered by %lld numbers, its "
                         "counter is at %lld",
                         STR_ARG(rows[i].code), (long long)rows[i].given,
                         (long long)rows[i].distinct_numbers, (long long)last);
    }
    return ERR_NONE;
}

enum err verify_numbers(struct verifier *v)
{
    struct numbers numbers = {.v = v};
    arena_init(&numbers.arena);
    enum err err = verify_number_each(v->tx, check_number, &numbers);
    arena_clear(&numbers.arena);
    TRY(err);
    TRY(check_customers(v));
    TRY(check_entities(v));
    return check_receipts(v);
}
