#include "cli/demo_summary.h"

#include "app/customer.h"
#include "app/figures.h"
#include "app/invoice.h"
#include "app/payment.h"
#include "app/resale_rule.h"
#include "base/json_write.h"
#include "base/none.h"
#include "base/time.h"
#include "core/money.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CUSTOMERS_MAX  100000
#define CURRENCIES_MAX 32
#define JSON_BYTES_MAX ((size_t)256 << 20)

#define PAYMENTS_MAX 100000

/* How money came, and did not. */
enum payment_way { BY_TRANSFER, BY_GATEWAY, DECLINED, WAY_COUNT };
static const char *const way_names[] = {"transfer", "gateway", "declined"};

struct payment_sums {
    struct {
        int64_t count, minor;
    } ways[WAY_COUNT];
};

struct of_currency {
    const struct currency *currency;
    struct figures sum;
    struct payment_sums payments;
};

struct summary {
    struct ctx *ctx;
    struct of_currency currencies[CURRENCIES_MAX];
    size_t currency_count;
    struct resale_rule_view *rules;
    size_t rule_count;
    struct json_writer json;
};

/* ---- JSON ------------------------------------------------------------------------------------ */

static enum err margin(struct arena *arena, const struct figures *f,
                       const struct currency *currency, struct decimal *value)
{
    (void)arena;
    return decimal_sub(money_major((struct money){figures_revenue_minor(f), currency}),
                       f->billed_cost, value);
}

static void write_usage(struct json_writer *w, const struct figures *f)
{
    json_array(w, "usage");
    for (size_t i = 0; i < f->usage_count; i++) {
        json_object(w, NULL);
        json_str(w, "metric", f->usage[i].metric_code);
        json_decimal(w, "units", f->usage[i].units);
        json_int(w, "event_count", f->usage[i].event_count);
        json_object_end(w);
    }
    json_array_end(w);
}

static void write_cost(struct json_writer *w, const struct figures *f)
{
    json_object(w, "vendor_cost");
    json_int(w, "rows", f->cost_rows);
    json_int(w, "generated_rows", f->generated_rows);
    json_decimal(w, "billed_cost", f->billed_cost);
    json_decimal(w, "effective_cost", f->effective_cost);
    json_decimal(w, "list_cost", f->list_cost);
    json_decimal(w, "contracted_cost", f->contracted_cost);
    json_object_end(w);
}

static void write_payments(struct json_writer *w, const struct payment_sums *payments)
{
    json_object(w, "payments");
    for (int way = 0; way < WAY_COUNT; way++) {
        json_object(w, way_names[way]);
        json_int(w, "count", payments->ways[way].count);
        json_int(w, "cents", payments->ways[way].minor);
        json_object_end(w);
    }
    json_object_end(w);
}

static enum err write_figures(struct summary *s, const struct figures *f,
                              const struct payment_sums *payments, const struct currency *currency)
{
    struct json_writer *w = &s->json;
    struct decimal profit;
    TRY(margin(s->ctx->arena, f, currency, &profit));
    write_usage(w, f);
    write_cost(w, f);
    json_object(w, "fees_cents");
    json_int(w, "subscription", f->subscription_minor);
    json_int(w, "charge", f->charge_minor);
    json_int(w, "resale", f->resale_minor);
    json_object_end(w);
    json_int(w, "revenue_cents", figures_revenue_minor(f));
    json_decimal(w, "margin", profit);
    json_array(w, "taxes");
    for (size_t i = 0; i < f->tax_count; i++) {
        json_object(w, NULL);
        json_str(w, "code", f->taxes[i].code);
        json_int(w, "base_cents", f->taxes[i].base_minor);
        json_int(w, "tax_cents", f->taxes[i].tax_minor);
        json_object_end(w);
    }
    json_array_end(w);
    json_int(w, "tax_cents", f->tax_minor);
    json_int(w, "total_cents", f->total_minor);
    json_int(w, "paid_cents", f->paid_minor);
    write_payments(w, payments);
    json_int(w, "outstanding_cents", f->total_minor - f->paid_minor);
    json_int(w, "overdue_cents", f->overdue_minor);
    json_object(w, "invoices");
    json_int(w, "final", f->final_count);
    json_int(w, "draft", f->draft_count);
    json_int(w, "paid", f->paid_count);
    json_int(w, "open", f->open_count);
    json_int(w, "overdue", f->overdue_count);
    json_object_end(w);
    return ERR_NONE;
}

static struct str rule_code(const struct summary *s, struct uuid rule_id)
{
    for (size_t i = 0; i < s->rule_count; i++) {
        if (uuid_eq(s->rules[i].row.id, rule_id))
            return s->rules[i].row.code;
    }
    return STR_NULL;
}

static enum err write_resale(struct summary *s, struct uuid invoice_id)
{
    struct json_writer *w = &s->json;
    struct invoice_view view;
    TRY(invoice_get(s->ctx, invoice_id, &view));
    json_array(w, "resale");
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_row *fee = &view.fees[i].row;
        if (!str_eq(fee->fee_type, STR("resale")))
            continue;
        json_object(w, NULL);
        json_day(w, "period", day_of_instant(fee->from_at));
        json_str(w, "provider_name", fee->provider_name);
        json_str(w, "rule", rule_code(s, fee->resale_rule_id));
        json_bool(w, "correction", fee->is_correction);
        json_decimal(w, "vendor_cost", fee->vendor_cost);
        json_int(w, "amount_cents", fee->amount_minor);
        json_object_end(w);
    }
    json_array_end(w);
    return ERR_NONE;
}

static enum err write_invoice(struct summary *s, const struct invoice_row *row)
{
    struct json_writer *w = &s->json;
    bool final = str_eq(row->status, STR("finalized"));
    json_object(w, NULL);
    json_time(w, "billing_at", row->billing_at);
    json_str(w, "status", row->status);
    json_str(w, "number", row->number);
    json_day(w, "issuing_day", row->issuing_day);
    json_day(w, "payment_due_day", row->payment_due_day);
    if (final) {
        json_int(w, "fees_cents", row->fees_amount_minor);
        json_int(w, "taxes_cents", row->taxes_amount_minor);
        json_int(w, "total_cents", row->total_amount_minor);
        json_int(w, "paid_cents", row->paid_amount_minor);
        json_str(w, "payment_status", row->payment_status);
        json_bool(w, "overdue", row->payment_overdue);
        TRY(write_resale(s, row->id));
    }
    json_object_end(w);
    return ERR_NONE;
}

static enum err write_customer(struct summary *s, const struct customer_view *customer,
                               const struct figures *f, const struct payment_sums *payments,
                               const struct invoice_row *invoices, size_t count)
{
    struct json_writer *w = &s->json;
    const struct currency *currency = currency_find(customer->terms.currency);
    int64_t receivable = 0;
    for (size_t i = 0; i < f->account_count; i++) {
        if (str_eq(f->accounts[i].account, STR("assets:receivable")))
            receivable = f->accounts[i].balance_minor;
    }
    json_object(w, NULL);
    json_str(w, "external_id", customer->row.external_id);
    json_str(w, "currency", currency->code);
    TRY(write_figures(s, f, payments, currency));
    json_int(w, "receivable_cents", receivable);
    json_array(w, "invoice_list");
    for (size_t i = 0; i < count; i++)
        TRY(write_invoice(s, &invoices[i]));
    json_array_end(w);
    json_object_end(w);
    return ERR_NONE;
}

static enum err write_currency(struct summary *s, const struct of_currency *of)
{
    struct json_writer *w = &s->json;
    int64_t balance = 0;
    json_object(w, NULL);
    json_str(w, "currency", of->currency->code);
    json_int(w, "customers", of->sum.customers);
    TRY(write_figures(s, &of->sum, &of->payments, of->currency));
    json_array(w, "ledger");
    for (size_t i = 0; i < of->sum.account_count; i++) {
        json_object(w, NULL);
        json_str(w, "account", of->sum.accounts[i].account);
        json_int(w, "balance_cents", of->sum.accounts[i].balance_minor);
        json_object_end(w);
        balance += of->sum.accounts[i].balance_minor;
    }
    json_array_end(w);
    json_int(w, "ledger_balance_cents", balance);
    json_object_end(w);
    return ERR_NONE;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void show_money(const char *name, int64_t minor, const struct currency *currency)
{
    char storage[64];
    struct buf text;
    buf_fixed(&text, storage, sizeof storage);
    buf_money(&text, (struct money){minor, currency});
    printf("  %-16s %18.*s\n", name, STR_ARG(buf_str(&text)));
}

static enum err show_currency(struct summary *s, const struct of_currency *of)
{
    const struct figures *f = &of->sum;
    struct decimal profit;
    int64_t balance = 0;
    TRY(margin(s->ctx->arena, f, of->currency, &profit));
    for (size_t i = 0; i < f->account_count; i++)
        balance += f->accounts[i].balance_minor;
    printf("\n%.*s\n  %-16s %18lld\n", STR_ARG(of->currency->code), "customers",
           (long long)f->customers);
    for (size_t i = 0; i < f->usage_count; i++)
        printf("  %-16s %18.*s %.*s\n", i == 0 ? "usage" : "",
               STR_ARG(decimal_text(s->ctx->arena, f->usage[i].units)),
               STR_ARG(f->usage[i].metric_code));
    printf("  %-16s %18.*s (%lld of %lld rows generated)\n", "vendor cost",
           STR_ARG(decimal_text(s->ctx->arena, f->billed_cost)), (long long)f->generated_rows,
           (long long)f->cost_rows);
    show_money("revenue", figures_revenue_minor(f), of->currency);
    printf("  %-16s %18.*s\n", "margin", STR_ARG(decimal_text(s->ctx->arena, profit)));
    printf("  %-16s %18lld (%lld paid, %lld open, %lld overdue), %lld drafts\n", "invoices",
           (long long)f->final_count, (long long)f->paid_count, (long long)f->open_count,
           (long long)f->overdue_count, (long long)f->draft_count);
    printf("  %-16s %18lld (%lld by card at the gateway), %lld declined\n", "payments",
           (long long)of->payments.ways[BY_TRANSFER].count +
               (long long)of->payments.ways[BY_GATEWAY].count,
           (long long)of->payments.ways[BY_GATEWAY].count,
           (long long)of->payments.ways[DECLINED].count);
    show_money("tax", f->tax_minor, of->currency);
    show_money("ledger balance", balance, of->currency);
    return ERR_NONE;
}

/* ---- all ------------------------------------------------------------------------------------- */

static struct of_currency *find_currency(struct summary *s, struct str code)
{
    size_t at = 0;
    while (at < s->currency_count && str_cmp(s->currencies[at].currency->code, code) < 0)
        at++;
    if (at < s->currency_count && str_eq(s->currencies[at].currency->code, code))
        return &s->currencies[at];
    memmove(&s->currencies[at + 1], &s->currencies[at],
            (s->currency_count - at) * sizeof s->currencies[0]);
    s->currencies[at].currency = currency_find(code);
    figures_init(&s->currencies[at].sum);
    s->currencies[at].payments = (struct payment_sums){0};
    s->currency_count++;
    return &s->currencies[at];
}

static int by_external_id(const void *a, const void *b)
{
    return str_cmp(((const struct customer_view *)a)->row.external_id,
                   ((const struct customer_view *)b)->row.external_id);
}

static enum err payments_of(struct ctx *ctx, struct str external_id, struct payment_sums *sums)
{
    struct payment_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    *sums = (struct payment_sums){0};
    TRY(payment_list(ctx,
                     &(struct payment_filter){.external_customer_id = external_id,
                                              .paid_from_at = TIME_NONE,
                                              .paid_to_at = TIME_NONE,
                                              .limit = PAYMENTS_MAX},
                     &views, &count, &total));
    for (size_t i = 0; i < count; i++) {
        const struct payment_row *row = &views[i].row;
        enum payment_way way = str_is_null(row->gateway_code) ? BY_TRANSFER : BY_GATEWAY;
        if (str_eq(row->status, STR("failed")))
            way = DECLINED;
        else if (!str_eq(row->status, STR("succeeded")))
            continue; /* nobody knows yet: not money */
        sums->ways[way].count++;
        sums->ways[way].minor += row->amount_minor;
    }
    return ERR_NONE;
}

static void add_payments(struct payment_sums *sum, const struct payment_sums *one)
{
    for (int way = 0; way < WAY_COUNT; way++) {
        sum->ways[way].count += one->ways[way].count;
        sum->ways[way].minor += one->ways[way].minor;
    }
}

static enum err add_customers(struct summary *s)
{
    struct customer_view *customers = NULL;
    size_t count = 0;
    int64_t total = 0;
    TRY(customer_list(s->ctx, &(struct customer_filter){.limit = CUSTOMERS_MAX}, &customers, &count,
                      &total));
    if (count > 0)
        qsort(customers, count, sizeof *customers, by_external_id);
    json_array(&s->json, "customers");
    for (size_t i = 0; i < count; i++) {
        struct figures figures;
        struct invoice_row *invoices = NULL;
        size_t invoice_count = 0;
        TRY(figures_of_customer(s->ctx, customers[i].row.id, &figures, &invoices, &invoice_count));
        struct of_currency *of = find_currency(s, customers[i].terms.currency);
        struct payment_sums payments;
        TRY(payments_of(s->ctx, customers[i].row.external_id, &payments));
        add_payments(&of->payments, &payments);
        TRY(figures_add(s->ctx->arena, &of->sum, &figures));
        TRY(write_customer(s, &customers[i], &figures, &payments, invoices, invoice_count));
    }
    json_array_end(&s->json);
    return ERR_NONE;
}

static enum err write_file(struct ctx *ctx, struct str path, struct str text)
{
    FILE *file = fopen(arena_cstr(ctx->arena, path), "w");
    bool ok = file != NULL && fwrite(text.ptr, 1, text.len, file) == text.len;
    if (file != NULL && fclose(file) != 0)
        ok = false;
    return ok ? ERR_NONE : fault_errno(ctx->fault, ERR_IO, path);
}

enum err demo_summarize(struct ctx *ctx, struct str json_path)
{
    struct summary s = {.ctx = ctx};
    struct buf text;
    int64_t total = 0;
    buf_init(&text, ctx->arena, JSON_BYTES_MAX);
    json_writer_init(&s.json, &text);
    TRY(resale_rule_list(ctx, CUSTOMERS_MAX, 0, &s.rules, &s.rule_count, &total));
    json_object(&s.json, NULL);
    json_time(&s.json, "clock", ctx_now(ctx));
    TRY(add_customers(&s));
    json_array(&s.json, "currencies");
    for (size_t i = 0; i < s.currency_count; i++)
        TRY(write_currency(&s, &s.currencies[i]));
    json_array_end(&s.json);
    json_object_end(&s.json);
    printf("As of %.*s:\n", STR_ARG(time_text(ctx->arena, ctx_now(ctx))));
    for (size_t i = 0; i < s.currency_count; i++)
        TRY(show_currency(&s, &s.currencies[i]));
    return str_is_null(json_path) ? ERR_NONE : write_file(ctx, json_path, buf_str(&text));
}
