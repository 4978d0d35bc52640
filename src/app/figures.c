#include "app/figures.h"

#include "store/sql/fee.h"
#include "store/sql/figures.h"
#include "store/sql/invoice.h"

#include <string.h>

void figures_init(struct figures *figures)
{
    *figures = (struct figures){
        .billed_cost = DECIMAL_ZERO,
        .effective_cost = DECIMAL_ZERO,
        .list_cost = DECIMAL_ZERO,
        .contracted_cost = DECIMAL_ZERO,
    };
}

int64_t figures_revenue_minor(const struct figures *figures)
{
    return figures->subscription_minor + figures->charge_minor + figures->resale_minor;
}

static enum err add_decimal(struct decimal *sum, struct decimal value)
{
    struct decimal result;
    TRY(decimal_add(*sum, value, &result));
    *sum = result;
    return ERR_NONE;
}

/* Where `name` is or belongs in an array of structs that begin with a struct str, in byte order;
 * a new element is zeroed but for its name. */
static void *place(struct arena *arena, void *array, size_t *count, size_t *capacity, size_t size,
                   struct str name, size_t *index)
{
    char *items = array;
    size_t at = 0;
    while (at < *count && str_cmp(*(struct str *)(void *)(items + at * size), name) < 0)
        at++;
    *index = at;
    if (at < *count && str_eq(*(struct str *)(void *)(items + at * size), name))
        return items;
    items = arena_grow(arena, items, *count, capacity, size);
    memmove(items + (at + 1) * size, items + at * size, (*count - at) * size);
    memset(items + at * size, 0, size);
    *(struct str *)(void *)(items + at * size) = name;
    (*count)++;
    return items;
}

static enum err add_usage(struct arena *arena, struct figures *f, struct str code,
                          struct decimal units, int64_t event_count)
{
    size_t at = 0;
    size_t before = f->usage_count;
    f->usage =
        place(arena, f->usage, &f->usage_count, &f->usage_capacity, sizeof *f->usage, code, &at);
    if (f->usage_count > before)
        f->usage[at].units = DECIMAL_ZERO;
    f->usage[at].event_count += event_count;
    return add_decimal(&f->usage[at].units, units);
}

static void add_tax(struct arena *arena, struct figures *f, struct str code, int64_t base,
                    int64_t tax)
{
    size_t at = 0;
    f->taxes = place(arena, f->taxes, &f->tax_count, &f->tax_capacity, sizeof *f->taxes, code, &at);
    f->taxes[at].base_minor += base;
    f->taxes[at].tax_minor += tax;
}

static void add_account(struct arena *arena, struct figures *f, struct str account, int64_t balance)
{
    size_t at = 0;
    f->accounts = place(arena, f->accounts, &f->account_count, &f->account_capacity,
                        sizeof *f->accounts, account, &at);
    f->accounts[at].balance_minor += balance;
}

enum err figures_add(struct arena *arena, struct figures *sum, const struct figures *one)
{
    for (size_t i = 0; i < one->usage_count; i++)
        TRY(add_usage(arena, sum, one->usage[i].metric_code, one->usage[i].units,
                      one->usage[i].event_count));
    for (size_t i = 0; i < one->tax_count; i++)
        add_tax(arena, sum, one->taxes[i].code, one->taxes[i].base_minor, one->taxes[i].tax_minor);
    for (size_t i = 0; i < one->account_count; i++)
        add_account(arena, sum, one->accounts[i].account, one->accounts[i].balance_minor);
    TRY(add_decimal(&sum->billed_cost, one->billed_cost));
    TRY(add_decimal(&sum->effective_cost, one->effective_cost));
    TRY(add_decimal(&sum->list_cost, one->list_cost));
    TRY(add_decimal(&sum->contracted_cost, one->contracted_cost));
    sum->customers += one->customers;
    sum->cost_rows += one->cost_rows;
    sum->generated_rows += one->generated_rows;
    sum->subscription_minor += one->subscription_minor;
    sum->charge_minor += one->charge_minor;
    sum->resale_minor += one->resale_minor;
    sum->tax_minor += one->tax_minor;
    sum->total_minor += one->total_minor;
    sum->paid_minor += one->paid_minor;
    sum->overdue_minor += one->overdue_minor;
    sum->final_count += one->final_count;
    sum->draft_count += one->draft_count;
    sum->paid_count += one->paid_count;
    sum->open_count += one->open_count;
    sum->overdue_count += one->overdue_count;
    return ERR_NONE;
}

/* ---- of a customer --------------------------------------------------------------------------- */

static enum err add_fees(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice,
                         struct figures *f)
{
    struct fee_row *fees = NULL;
    size_t count = 0;
    TRY(fee_of_invoice_list(tx,
                            &(struct fee_of_invoice_list_in){.customer_id = invoice->customer_id,
                                                             .invoice_id = invoice->id},
                            &fees, &count));
    for (size_t i = 0; i < count; i++) {
        if (str_eq(fees[i].fee_type, STR("charge"))) {
            f->charge_minor += fees[i].amount_minor;
            TRY(add_usage(ctx->arena, f, fees[i].item_code, fees[i].units, fees[i].event_count));
        } else if (str_eq(fees[i].fee_type, STR("resale"))) {
            f->resale_minor += fees[i].amount_minor;
        } else {
            f->subscription_minor += fees[i].amount_minor;
        }
    }
    return ERR_NONE;
}

static enum err add_invoice(struct ctx *ctx, struct tx *tx, const struct invoice_row *invoice,
                            struct figures *f)
{
    struct invoice_tax_row *taxes = NULL;
    size_t count = 0;
    if (!str_eq(invoice->status, STR("finalized"))) {
        f->draft_count += str_eq(invoice->status, STR("draft"));
        return ERR_NONE;
    }
    TRY(add_fees(ctx, tx, invoice, f));
    TRY(invoice_tax_list(tx,
                         &(struct invoice_tax_list_in){.customer_id = invoice->customer_id,
                                                       .invoice_id = invoice->id},
                         &taxes, &count));
    for (size_t i = 0; i < count; i++)
        add_tax(ctx->arena, f, taxes[i].code, taxes[i].fees_amount_minor, taxes[i].amount_minor);
    f->tax_minor += invoice->taxes_amount_minor;
    f->total_minor += invoice->total_amount_minor;
    f->paid_minor += invoice->paid_amount_minor;
    f->final_count++;
    if (str_eq(invoice->payment_status, STR("succeeded"))) {
        f->paid_count++;
    } else if (invoice->payment_overdue) {
        f->overdue_count++;
        f->overdue_minor += invoice->total_amount_minor - invoice->paid_amount_minor;
    } else {
        f->open_count++;
    }
    return ERR_NONE;
}

struct figures_loading {
    struct uuid customer_id;
    struct figures *figures;
    struct invoice_row *invoices;
    size_t invoice_count;
};

static enum err add_costs(struct tx *tx, struct uuid customer_id, struct figures *f)
{
    struct customer_cost_row *rows = NULL;
    size_t count = 0;
    TRY(figures_cost_list(tx, &(struct figures_cost_list_in){.customer_id = customer_id}, &rows,
                          &count));
    for (size_t i = 0; i < count; i++) {
        f->cost_rows += rows[i].row_count;
        f->generated_rows += rows[i].is_generated ? rows[i].row_count : 0;
        TRY(add_decimal(&f->billed_cost, rows[i].billed_cost));
        TRY(add_decimal(&f->effective_cost, rows[i].effective_cost));
        TRY(add_decimal(&f->list_cost, rows[i].list_cost));
        TRY(add_decimal(&f->contracted_cost, rows[i].contracted_cost));
    }
    return ERR_NONE;
}

static enum err load(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct figures_loading *loading = arg;
    struct figures *f = loading->figures;
    struct figures_ledger_list_row *accounts = NULL;
    size_t count = 0;
    figures_init(f);
    f->customers = 1;
    TRY(figures_invoice_list(tx,
                             &(struct figures_invoice_list_in){.customer_id = loading->customer_id},
                             &loading->invoices, &loading->invoice_count));
    for (size_t i = 0; i < loading->invoice_count; i++)
        TRY(add_invoice(ctx, tx, &loading->invoices[i], f));
    TRY(add_costs(tx, loading->customer_id, f));
    TRY(figures_ledger_list(tx,
                            &(struct figures_ledger_list_in){.customer_id = loading->customer_id},
                            &accounts, &count));
    for (size_t i = 0; i < count; i++)
        add_account(ctx->arena, f, accounts[i].account, accounts[i].balance_minor);
    return ERR_NONE;
}

enum err figures_of_customer(struct ctx *ctx, struct uuid customer_id, struct figures *figures,
                             struct invoice_row **invoices, size_t *invoice_count)
{
    struct figures_loading loading = {.customer_id = customer_id, .figures = figures};
    TRY(tx_run(ctx, TX_READ, load, &loading));
    *invoices = loading.invoices;
    *invoice_count = loading.invoice_count;
    return ERR_NONE;
}
