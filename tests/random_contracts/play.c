/* play.c - plays a script of contracts on a database and prints what came out.
 *
 *   contracts_play SCRIPT OUTCOME URL...
 *
 * A script has a step a line, fields between tabs; "-" is none.  The same steps are played on every
 * database, in one process, and the outcomes must be the same text; the first is written to OUTCOME
 * for the model.  Steps may fail: then the error is part of the outcome.
 *   T at-us                                   sets the clock
 *   R                                         does what is due
 *   X code rate                               tax
 *   M code aggregation field recurring percentile slot_seconds key=value,value;...  metric
 *   A code taxes                              add-on
 *   P code interval amount currency advance monthly proration taxes fixed-monthly fixed
 *     {metric model properties taxes least most advance filters}
 *                          fixed: add-on;model;properties;units;advance;prorated;taxes|...
 *                          filters: values|properties|...
 *   C id zone currency taxes grace term zero-policy   customer
 *   S customer id plan billing-time at-us ending-at-us
 *   E transaction subscription code at-us properties   neighbours are one batch
 *   Z subscription                            ends it
 *   V customer index                          voids its index-th invoice
 *   Y customer index percent                  pays a part of it */
#include "app/add_on.h"
#include "app/billable_metric.h"
#include "app/billing.h"
#include "app/customer.h"
#include "app/fee_explain.h"
#include "app/ingest.h"
#include "app/invoice.h"
#include "app/payment.h"
#include "app/plan.h"
#include "app/subscription.h"
#include "app/tax.h"
#include "app/verify.h"
#include "base/none.h"
#include "base/time.h"
#include "store/sql/ledger.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIELDS_MAX   64
#define BATCH_MAX    1000
#define LIST_MAX     100000
#define LISTED_MAX   16
#define EXPLAINED_OF 8 /* one invoice of so many is explained */
#define OUTCOME_MAX  ((size_t)256 << 20)

struct player {
    struct arena arena; /* the world's: the outcome, names */
    struct arena step;  /* given back after each step */
    struct fault fault;
    struct app app;
    struct ctx ctx;
    struct buf out;
    struct event_input batch[BATCH_MAX];
    size_t batch_count;
    size_t line;
};

static void stop(const struct player *p, const char *what)
{
    fprintf(stderr, "line %zu: %s: %.*s\n", p->line, what, STR_ARG(p->fault.message));
    exit(1);
}

/* An error is what came out of the step. */
static void note(struct player *p, const char *what, enum err err)
{
    if (err == ERR_NONE)
        return;
    if (err_http_status(err) >= 500)
        stop(p, err_code(err));
    buf_fmt(&p->out, "line %zu: %s: %s\n", p->line, what, err_code(err));
    fault_reset(&p->fault);
}

static struct str text(struct str field)
{
    return str_eq(field, STR("-")) ? STR_NULL : field;
}

static int64_t number(struct str field, int64_t none)
{
    int64_t value = 0;
    if (str_eq(field, STR("-")))
        return none;
    if (!str_to_int64(field, &value)) {
        fprintf(stderr, "not a number: %.*s\n", STR_ARG(field));
        exit(1);
    }
    return value;
}

/* "a,b" */
static const struct str *codes(struct player *p, struct str field, size_t *count)
{
    struct str *list = ARENA_ARRAY(&p->step, 16, struct str);
    struct str rest = text(field);
    *count = 0;
    while (*count < 16 && str_split(&rest, ',', &list[*count]))
        (*count)++;
    return list;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static void send_batch(struct player *p)
{
    if (p->batch_count == 0)
        return;
    struct event_result *results = ARENA_ARRAY(&p->step, p->batch_count, struct event_result);
    note(p, "events", ingest_now(&p->ctx, p->batch, p->batch_count, false, results));
    p->batch_count = 0;
}

static void run_due(struct player *p)
{
    struct billing_progress progress;
    enum err err = billing_run(
        &p->ctx, &(struct billing_run_options){.until_at = ctx_now(&p->ctx), .threads = 1},
        &progress);
    if (err != ERR_NONE)
        stop(p, "run");
}

/* All between the separators, at most LISTED_MAX. */
static struct str *split(struct player *p, struct str field, char separator, size_t *count)
{
    struct str *list = ARENA_ARRAY(&p->step, LISTED_MAX, struct str);
    struct str rest = text(field);
    *count = 0;
    while (*count < LISTED_MAX && str_split(&rest, separator, &list[*count]))
        (*count)++;
    return list;
}

static void make_metric(struct player *p, const struct str *f)
{
    struct billable_metric_row row;
    struct metric_filter_input filters[LISTED_MAX];
    struct billable_metric_input input = {
        .code = f[1],
        .name = f[1],
        .aggregation_type = f[2],
        .field_name = text(f[3]),
        .recurring = f[4].ptr[0] == '1',
        .percentile = DECIMAL_NONE,
        .slot_seconds = INT_NONE,
        .filters = filters,
    };
    if (!str_is_null(text(f[5]))) {
        input.percentile = decimal_lit(arena_cstr(&p->step, f[5]));
        input.slot_seconds = number(f[6], INT_NONE);
        input.sent |= METRIC_PERCENTILE;
    }
    const struct str *listed = split(p, f[7], ';', &input.filter_count);
    for (size_t i = 0; i < input.filter_count; i++) {
        struct str values = listed[i];
        if (!str_split(&values, '=', &filters[i].key))
            stop(p, "no key");
        filters[i].values = split(p, values, ',', &filters[i].value_count);
        input.sent |= METRIC_FILTERS;
    }
    note(p, "metric", billable_metric_create(&p->ctx, &input, &row));
}

static void make_add_on(struct player *p, const struct str *f)
{
    struct add_on_view view;
    struct add_on_input input = {
        .code = f[1], .name = f[1], .amount_minor = 100, .currency = STR("EUR")};
    input.tax_codes = codes(p, f[2], &input.tax_code_count);
    note(p, "add-on", add_on_create(&p->ctx, &input, &view));
}

static struct fixed_charge_input *fixed_of(struct player *p, struct str field, size_t *count)
{
    const struct str *listed = split(p, field, '|', count);
    struct fixed_charge_input *inputs = ARENA_ARRAY(&p->step, *count, struct fixed_charge_input);
    for (size_t i = 0; i < *count; i++) {
        size_t parts = 0;
        const struct str *c = split(p, listed[i], ';', &parts);
        if (parts != 7)
            stop(p, "no fixed charge");
        inputs[i] = (struct fixed_charge_input){
            .add_on_id = STR_NULL,
            .add_on_code = c[0],
            .code = STR_NULL,
            .charge_model = c[1],
            .properties = c[2],
            .units = decimal_lit(arena_cstr(&p->step, c[3])),
            .pay_in_advance = number(c[4], 0) != 0,
            .prorated = number(c[5], 0) != 0,
            .sent = FIXED_UNITS,
        };
        inputs[i].tax_codes = codes(p, c[6], &inputs[i].tax_code_count);
    }
    return inputs;
}

static struct charge_input charge_of_fields(struct player *p, const struct str *c)
{
    struct charge_input input = {
        .metric_code = c[0],
        .charge_model = c[1],
        .properties = c[2],
        .min_amount_minor = number(c[4], 0),
        .max_amount_minor = number(c[5], 0),
        .pay_in_advance = number(c[6], 0) != 0,
    };
    const struct str *listed = split(p, c[7], '|', &input.filter_count);
    input.filter_count /= 2;
    input.filters = ARENA_ARRAY(&p->step, input.filter_count, struct charge_filter_input);
    for (size_t i = 0; i < input.filter_count; i++)
        input.filters[i] = (struct charge_filter_input){
            .values = listed[2 * i],
            .properties = listed[2 * i + 1],
        };
    input.tax_codes = codes(p, c[3], &input.tax_code_count);
    return input;
}

static void make_plan(struct player *p, const struct str *f, size_t count)
{
    struct plan_view view;
    size_t charge_count = (count - 11) / 8;
    struct charge_input *charges = ARENA_ARRAY(&p->step, charge_count, struct charge_input);
    for (size_t i = 0; i < charge_count; i++)
        charges[i] = charge_of_fields(p, f + 11 + 8 * i);
    struct plan_input input = {
        .code = f[1],
        .name = f[1],
        .billing_interval = f[2],
        .amount_minor = number(f[3], 0),
        .currency = f[4],
        .pay_in_advance = number(f[5], 0) != 0,
        .bill_charges_monthly = number(f[6], 0) != 0,
        .proration = f[7],
        .charges = charges,
        .charge_count = charge_count,
        .bill_fixed_charges_monthly = number(f[9], 0) != 0,
    };
    input.fixed_charges = fixed_of(p, f[10], &input.fixed_charge_count);
    input.tax_codes = codes(p, f[8], &input.tax_code_count);
    note(p, "plan", plan_create(&p->ctx, &input, &view));
}

static void make_customer(struct player *p, const struct str *f)
{
    struct customer_view view;
    struct customer_input input = {
        .sent = CUSTOMER_CURRENCY | CUSTOMER_TIMEZONE | CUSTOMER_TAX_CODES | CUSTOMER_GRACE_DAYS |
                CUSTOMER_PAYMENT_TERM_DAYS | CUSTOMER_ZERO_AMOUNT_POLICY,
        .external_id = f[1],
        .timezone = f[2],
        .currency = f[3],
        .grace_days = number(f[5], INT_NONE),
        .payment_term_days = number(f[6], INT_NONE),
        .zero_amount_policy = f[7],
    };
    input.tax_codes = codes(p, f[4], &input.tax_code_count);
    note(p, "customer", customer_save(&p->ctx, &input, &view));
}

static void subscribe(struct player *p, const struct str *f)
{
    struct subscription_view view;
    note(p, "subscription",
         subscription_create(&p->ctx,
                             &(struct subscription_input){
                                 .external_customer_id = f[1],
                                 .external_id = f[2],
                                 .plan_code = f[3],
                                 .billing_time = f[4],
                                 .subscription_at = number(f[5], TIME_NONE),
                                 .ending_at = number(f[6], TIME_NONE),
                             },
                             &view));
}

static int by_billing(const void *a, const void *b)
{
    const struct invoice_view *x = a;
    const struct invoice_view *y = b;
    if (x->row.billing_at != y->row.billing_at)
        return x->row.billing_at < y->row.billing_at ? -1 : 1;
    int order = str_cmp(x->row.number, y->row.number);
    return order != 0 ? order : memcmp(&x->row.id, &y->row.id, sizeof x->row.id);
}

static struct invoice_view *invoices_of(struct player *p, struct str customer, size_t *count)
{
    struct invoice_filter filter = INVOICE_FILTER_ALL;
    struct invoice_view *views = NULL;
    int64_t total = 0;
    filter.external_customer_id = customer;
    filter.limit = LIST_MAX;
    if (invoice_list(&p->ctx, &filter, &views, count, &total) != ERR_NONE)
        stop(p, "invoice_list");
    if (*count > 0)
        qsort(views, *count, sizeof *views, by_billing);
    return views;
}

/* Voids or pays. */
static void act(struct player *p, const struct str *f, bool pays)
{
    size_t count = 0;
    struct invoice_view view;
    struct payment_view payment;
    struct invoice_view *views = invoices_of(p, f[1], &count);
    size_t index = (size_t)number(f[2], 0);
    if (index >= count) {
        buf_fmt(&p->out, "line %zu: no such invoice\n", p->line);
        return;
    }
    const struct invoice_row *row = &views[index].row;
    if (!pays) {
        note(p, "void", invoice_void(&p->ctx, row->id, &view));
        return;
    }
    int64_t due = row->total_amount_minor - row->paid_amount_minor;
    note(p, "payment",
         payment_create(&p->ctx,
                        &(struct payment_input){
                            .invoice_id = row->id,
                            .amount_minor = due * number(f[3], 0) / 100,
                            .reference = STR_NULL,
                            .paid_at = TIME_NONE,
                        },
                        &payment));
}

static void add_event(struct player *p, const struct str *f)
{
    p->batch[p->batch_count++] = (struct event_input){
        .transaction_id = f[1],
        .external_subscription_id = f[2],
        .code = f[3],
        .occurred_at = number(f[4], TIME_NONE),
        .properties = f[5],
    };
}

static void play_line(struct player *p, struct str line)
{
    struct str f[FIELDS_MAX] = {{0}};
    size_t count = 0;
    while (count < FIELDS_MAX && str_split(&line, '\t', &f[count]))
        count++;
    if (f[0].len != 1)
        stop(p, "no step");
    char step = f[0].ptr[0];
    if (step != 'E' || p->batch_count == BATCH_MAX)
        send_batch(p);
    switch (step) {
    case 'T':
        if (clock_set(&p->app.clock, number(f[1], 0)) != ERR_NONE)
            stop(p, "clock");
        break;
    case 'R':
        run_due(p);
        break;
    case 'X': {
        struct tax_view view;
        note(p, "tax",
             tax_create(&p->ctx,
                        &(struct tax_input){.code = f[1],
                                            .name = f[1],
                                            .rate = decimal_lit(arena_cstr(&p->step, f[2]))},
                        &view));
        break;
    }
    case 'M':
        make_metric(p, f);
        break;
    case 'A':
        make_add_on(p, f);
        break;
    case 'P':
        make_plan(p, f, count);
        break;
    case 'C':
        make_customer(p, f);
        break;
    case 'S':
        subscribe(p, f);
        break;
    case 'E':
        add_event(p, f);
        break;
    case 'Z': {
        struct subscription_view view;
        note(p, "end", subscription_terminate(&p->ctx, f[1], STR_NULL, STR_NULL, false, &view));
        break;
    }
    case 'V':
        act(p, f, false);
        break;
    case 'Y':
        act(p, f, true);
        break;
    default:
        stop(p, "no such step");
    }
    if (step != 'E') /* a batch's texts are the script's */
        arena_reset(&p->step);
}

/* ---- what came out --------------------------------------------------------------------------- */

static void put_invoice(struct player *p, struct uuid id)
{
    struct invoice_view view;
    if (invoice_get(&p->ctx, id, &view) != ERR_NONE)
        stop(p, "invoice_get");
    const struct invoice_row *row = &view.row;
    buf_fmt(&p->out, "invoice\t%.*s\t%lld\t%.*s\t%.*s\t%.*s\t%d\t%d\t%lld\t%lld\t%lld\t%lld\n",
            STR_ARG(view.customer.row.external_id), (long long)row->billing_at,
            STR_ARG(row->status), str_is_null(row->number) ? 1 : (int)row->number.len,
            str_is_null(row->number) ? "-" : row->number.ptr, STR_ARG(row->payment_status),
            (int)row->issuing_day, (int)row->payment_due_day, (long long)row->fees_amount_minor,
            (long long)row->taxes_amount_minor, (long long)row->total_amount_minor,
            (long long)row->paid_amount_minor);
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_row *fee = &view.fees[i].row;
        buf_fmt(&p->out, "fee\t%.*s\t%.*s\t%lld\t%lld\t%.*s\t%lld\t%.*s\t%lld\t%lld\t%d\n",
                STR_ARG(fee->fee_type), STR_ARG(fee->item_code), (long long)fee->from_at,
                (long long)fee->to_at, STR_ARG(decimal_text(&p->step, fee->units)),
                (long long)fee->event_count, STR_ARG(decimal_text(&p->step, fee->precise_amount)),
                (long long)fee->amount_minor, (long long)fee->taxes_amount_minor,
                fee->is_correction);
    }
    for (size_t i = 0; i < view.tax_count; i++)
        buf_fmt(&p->out, "tax\t%.*s\t%lld\t%lld\n", STR_ARG(view.taxes[i].code),
                (long long)view.taxes[i].fees_amount_minor, (long long)view.taxes[i].amount_minor);
}

static void put_invoices(struct player *p)
{
    struct customer_view *customers = NULL;
    size_t count = 0;
    int64_t total = 0;
    if (customer_list(&p->ctx, &(struct customer_filter){.limit = LIST_MAX}, &customers, &count,
                      &total) != ERR_NONE)
        stop(p, "customer_list");
    for (size_t i = count; i > 0; i--) {
        size_t invoice_count = 0;
        struct arena_mark mark = arena_mark(&p->step);
        struct invoice_view *views =
            invoices_of(p, customers[i - 1].row.external_id, &invoice_count);
        for (size_t k = 0; k < invoice_count; k++)
            put_invoice(p, views[k].row.id);
        arena_return(&p->step, mark);
    }
}

static void put_ledger(struct player *p)
{
    struct tx *tx = NULL;
    struct ledger_balance_list_row *balances = NULL;
    size_t count = 0;
    if (tx_begin(p->app.store, TX_READ, &p->step, &p->fault, &tx) != ERR_NONE)
        stop(p, "tx_begin");
    if (ledger_balance_list(tx, &balances, &count) != ERR_NONE)
        stop(p, "ledger");
    for (size_t i = 0; i < count; i++)
        buf_fmt(&p->out, "account\t%.*s\t%.*s\t%lld\n", STR_ARG(balances[i].account),
                STR_ARG(balances[i].currency), (long long)balances[i].balance_minor);
    tx_rollback(tx);
}

static void found(void *arg, struct str line)
{
    struct player *p = arg;
    buf_fmt(&p->out, "wrong\t%.*s\n", STR_ARG(line));
}

static void put_verified(struct player *p)
{
    struct verify_result result;
    if (verify_books(&p->ctx, found, p, &result) != ERR_NONE)
        stop(p, "verify");
    buf_fmt(&p->out, "verified\t%lld events\t%lld fees\t%lld findings\n", (long long)result.events,
            (long long)result.fees, (long long)result.findings);
}

static void put_explained_fee(struct player *p, const struct fee_row *fee)
{
    struct explained_fee explained;
    if (fee_explain(&p->ctx, fee->id, &explained) != ERR_NONE)
        stop(p, "fee_explain");
    if (!explained.matches)
        buf_fmt(&p->out, "wrong\tfee %.*s is %lld, explained %lld\n", STR_ARG(fee->once_key),
                (long long)fee->amount_minor, (long long)explained.derived.amount_minor);
}

/* Each fee by itself, of some of the invoices. */
static void put_explained(struct player *p)
{
    size_t count = 0;
    const struct invoice_view *views = invoices_of(p, STR_NULL, &count);
    for (size_t i = 0; i < count; i += EXPLAINED_OF) {
        struct arena_mark mark = arena_mark(p->ctx.arena);
        struct invoice_view view;
        if (invoice_get(&p->ctx, views[i].row.id, &view) != ERR_NONE)
            stop(p, "invoice_get");
        for (size_t j = 0; j < view.fee_count; j++)
            put_explained_fee(p, &view.fees[j].row);
        arena_return(p->ctx.arena, mark);
    }
}

/* ---- databases ------------------------------------------------------------------------------- */

/* An empty database on a PostgreSQL server: the URL's last part is its name. */
static void make_database(const char *url)
{
    char server[1000];
    char sql[400];
    const char *name = strrchr(url, '/');
    if (name == NULL || strlen(url) >= sizeof server - 10)
        exit(1);
    snprintf(server, sizeof server, "%.*s/postgres", (int)(name - url), url);
    PGconn *connection = PQconnectdb(server);
    snprintf(sql, sizeof sql, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name + 1);
    PQclear(PQexec(connection, sql));
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", name + 1);
    PGresult *result = PQexec(connection, sql);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        fprintf(stderr, "%s: %s\n", url, PQerrorMessage(connection));
        exit(1);
    }
    PQclear(result);
    PQfinish(connection);
}

static struct str play(const char *url, struct str script, struct player *p)
{
    struct str new_key = STR_NULL;
    struct str line;
    if (strncmp(url, "postgres", 8) == 0)
        make_database(url);
    *p = (struct player){0};
    arena_init(&p->arena);
    arena_init(&p->step);
    fault_init(&p->fault, &p->arena);
    buf_init(&p->out, &p->arena, OUTCOME_MAX);
    if (app_open(&(struct app_options){.database_url = str_of(url),
                                       .test_clock = true,
                                       .api_key = STR("test")},
                 &p->arena, &p->fault, &p->app, &new_key) != ERR_NONE)
        stop(p, url);
    p->ctx = (struct ctx){.app = &p->app,
                          .arena = &p->step,
                          .fault = &p->fault,
                          .actor = STR("key:test"),
                          .origin = STR("test")};
    while (str_split(&script, '\n', &line)) {
        p->line++;
        if (line.len > 0)
            play_line(p, line);
    }
    send_batch(p);
    put_invoices(p);
    put_ledger(p);
    put_verified(p);
    put_explained(p);
    app_close(&p->app);
    arena_clear(&p->step);
    return buf_str(&p->out);
}

static struct str read_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        perror(path);
        exit(1);
    }
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    if (bytes == NULL || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        exit(1);
    fclose(file);
    return (struct str){bytes, (size_t)size};
}

/* The first lines in which they differ. */
static void show_difference(const char *url, struct str got, struct str want)
{
    struct str a;
    struct str b;
    struct str last = STR("");
    printf("DIFFERENT on %s\n", url);
    while (str_split(&got, '\n', &a) && str_split(&want, '\n', &b)) {
        if (str_starts(a, STR("invoice")))
            last = a;
        if (str_cmp(a, b) != 0) {
            printf("  in   %.*s\n  got  %.*s\n  not  %.*s\n", STR_ARG(last), STR_ARG(a),
                   STR_ARG(b));
            return;
        }
    }
    printf("  one ends before the other\n");
}

int main(int argc, char **argv)
{
    static struct player players[4];
    struct str first = STR_NULL;
    int differences = 0;
    if (argc < 4 || argc > 7) {
        fprintf(stderr, "usage: contracts_play SCRIPT OUTCOME URL...\n");
        return 2;
    }
    struct str script = read_file(argv[1]);
    for (int i = 3; i < argc; i++) {
        struct str outcome = play(argv[i], script, &players[i - 3]);
        if (i == 3) {
            first = outcome;
        } else if (str_cmp(outcome, first) != 0) {
            show_difference(argv[i], outcome, first);
            differences++;
        }
    }
    FILE *file = fopen(argv[2], "wb");
    if (file == NULL || fwrite(first.ptr, 1, first.len, file) != first.len || fclose(file) != 0) {
        perror(argv[2]);
        return 1;
    }
    for (int i = 3; i < argc; i++)
        arena_clear(&players[i - 3].arena);
    free((void *)(uintptr_t)script.ptr);
    return differences > 0;
}
