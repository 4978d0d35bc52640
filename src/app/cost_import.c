#include "app/cost_import.h"

#include "app/audit.h"
#include "app/cost_due.h"
#include "app/cost_rollup.h"
#include "app/focus_row.h"
#include "base/assert.h"
#include "base/csv.h"
#include "base/input.h"
#include "base/none.h"
#include "store/sql/cost.h"
#include "store/sql/customer.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_AT_ONCE     256
#define STDIN_BYTES_MAX  ((size_t)1 << 30)
#define SOURCE_BYTES_MAX 255
#define HASH_BYTES       32

/* A customer's period that the import changes. */
struct change {
    struct uuid customer_id;
    int64_t period_start_at, period_end_at;
};

struct importing {
    const struct cost_import_options *options;
    struct str source;
    struct str content; /* STR_NULL: read from the path, twice */
    struct cost_import_result *result;
    struct focus_file file;
    struct cost_rollup rollup;
    unsigned char hash[HASH_BYTES];
    struct uuid *owners;      /* of each sum: the customer, or nil */
    struct uuid *old_batches; /* of each batch: the one that it supersedes, or nil */
    struct change *changes;
    size_t change_count, change_capacity;
};

/* ---- reading the file ------------------------------------------------------------------------ */

/* One way through the file: to check it (without tx), or to write its rows. */
struct pass {
    struct importing *importing;
    struct ctx *ctx;
    struct tx *tx;
    struct input *input;
    struct arena header; /* of the csv: its columns and buffers */
    struct arena rows;   /* of the rows at hand */
    struct cost_row_row batch[ROWS_AT_ONCE];
    size_t batch_count;
};

static enum err flush(struct pass *pass)
{
    if (pass->tx != NULL && pass->batch_count > 0) {
        struct arena_mark mark = arena_mark(pass->ctx->arena);
        TRY(cost_row_insert_many(pass->tx, pass->batch, pass->batch_count));
        arena_return(pass->ctx->arena, mark);
    }
    pass->batch_count = 0;
    arena_reset(&pass->rows);
    return ERR_NONE;
}

static size_t said(const struct fault *fault)
{
    return fault->field_count + fault->field_dropped;
}

static enum err check_row(struct pass *pass, const struct cost_row_row *row, bool is_generated)
{
    struct cost_rollup *rollup = &pass->importing->rollup;
    size_t batch = cost_rollup_batch(rollup, row);
    int64_t end_at = rollup->batches[batch].period_end_at;
    if (row->billing_period_end_at != end_at)
        fault_field(
            pass->ctx->fault,
            arena_fmt(pass->ctx->arena, "row %lld, BillingPeriodEnd", (long long)row->row_number),
            "value_is_invalid", time_text(pass->ctx->arena, row->billing_period_end_at),
            "%.*s, as other rows of the same billing account and BillingPeriodStart",
            STR_ARG(time_text(pass->ctx->arena, end_at)));
    enum err err = cost_rollup_add(rollup, row, is_generated, &batch);
    if (err != ERR_NONE)
        return fail(pass->ctx, err, "row %lld, %s: the sum gets more than %d digits",
                    (long long)row->row_number, rollup->too_long, DECIMAL_DIGITS_MAX);
    return ERR_NONE;
}

static enum err read_rows(struct pass *pass)
{
    struct importing *im = pass->importing;
    struct fault *fault = pass->ctx->fault;
    struct csv csv;
    TRY(csv_open(&csv, pass->input, &pass->header, fault));
    focus_file_init(&im->file, &csv, pass->ctx->arena, fault);
    bool has_columns = said(fault) == 0;
    for (;;) {
        struct cost_row_row *row = &pass->batch[pass->batch_count];
        bool found = false;
        bool is_generated = false;
        size_t before = said(fault);
        TRY(csv_next(&csv, &found));
        if (!found)
            break;
        if (csv.is_bad)
            continue;
        focus_row_read(&im->file, &pass->rows, fault, row, &is_generated);
        if (pass->tx != NULL) {
            ASSERT(said(fault) == 0);
            row->batch_id = im->rollup.batches[cost_rollup_batch(&im->rollup, row)].id;
        } else if (has_columns && said(fault) == before) {
            TRY(check_row(pass, row, is_generated));
        }
        if (++pass->batch_count == ROWS_AT_ONCE)
            TRY(flush(pass));
    }
    if (pass->tx == NULL) {
        im->result->notice_count =
            focus_notices(&im->file, pass->ctx->arena, im->result->notices, COST_NOTICES_MAX);
        im->file.csv = NULL; /* it ends here */
        if (csv.row == 1 && said(fault) == 0)
            fault_field(fault, STR("row 2"), "value_is_mandatory", STR_NULL, "a row of cost");
    }
    return flush(pass);
}

static enum err read_file(struct ctx *ctx, struct tx *tx, struct importing *im,
                          unsigned char hash[HASH_BYTES])
{
    struct pass *pass = calloc(1, sizeof *pass);
    ASSERT(pass != NULL);
    enum err err = ERR_NONE;
    pass->importing = im;
    pass->ctx = ctx;
    pass->tx = tx;
    arena_init(&pass->header);
    arena_init(&pass->rows);
    if (!str_is_null(im->content))
        pass->input = input_of(im->content, ctx->fault);
    else
        err = input_open(im->options->path, ctx->fault, &pass->input);
    if (err == ERR_NONE)
        err = read_rows(pass);
    if (err == ERR_NONE)
        input_sha256(pass->input, hash);
    input_close(pass->input);
    arena_clear(&pass->header);
    arena_clear(&pass->rows);
    free(pass);
    return err;
}

/* Standard input can be read only once, so it is kept. */
static enum err keep_stdin(struct ctx *ctx, struct str *content)
{
    struct input *input = NULL;
    struct buf all;
    struct str part = STR("");
    enum err err = ERR_NONE;
    buf_init(&all, ctx->arena, STDIN_BYTES_MAX);
    TRY(input_open(STR("-"), ctx->fault, &input));
    do {
        err = input_next(input, &part);
        buf_add(&all, part);
    } while (err == ERR_NONE && part.len > 0 && buf_ok(&all));
    input_close(input);
    TRY(err);
    if (!buf_ok(&all))
        return fail(ctx, ERR_TOO_LARGE, "standard input is larger than %zu bytes: give a file",
                    STDIN_BYTES_MAX);
    *content = all.len == 0 ? STR("") : buf_str(&all);
    return ERR_NONE;
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum err insert_import(struct ctx *ctx, struct tx *tx, struct importing *im)
{
    const struct cost_rollup *sums = &im->rollup;
    const struct cost_import_options *options = im->options;
    struct str name = str_is_null(options->name) ? options->path : options->name;
    if (str_is_null(options->name)) {
        struct str part;
        struct str rest = name;
        while (str_split(&rest, '/', &part))
            name = part;
    }
    struct cost_import_row row = {
        .id = ctx_new_id(ctx),
        .source = im->source,
        .file_name = str_is_null(name) ? STR("-") : name,
        .content_hash = {(const char *)im->hash, HASH_BYTES},
        .focus_version = im->file.version,
        .row_count = sums->row_count,
        .billed_cost = sums->billed_cost,
        .effective_cost = sums->effective_cost,
        .list_cost = sums->list_cost,
        .contracted_cost = sums->contracted_cost,
        .imported_at = ctx_now(ctx),
    };
    im->result->import_id = row.id;
    TRY(cost_import_insert(tx, &row));
    return audit_add(ctx, tx,
                     &(struct audit){
                         .chain_id = ctx->app->organization_id,
                         .action = "cost_import.create",
                         .object_id = row.id,
                         .after = cost_import_row_json(ctx->arena, &row),
                     });
}

static void note_change(struct ctx *ctx, struct importing *im, struct uuid customer_id,
                        const struct cost_batch_row *batch)
{
    im->changes = arena_grow(ctx->arena, im->changes, im->change_count, &im->change_capacity,
                             sizeof *im->changes);
    im->changes[im->change_count++] =
        (struct change){customer_id, batch->period_start_at, batch->period_end_at};
}

/* Writes the batches and the sums, and finds whom they concern. */
static enum err insert_batches(struct ctx *ctx, struct tx *tx, struct importing *im)
{
    struct cost_rollup *r = &im->rollup;
    im->old_batches = ARENA_ARRAY(ctx->arena, r->batch_count, struct uuid);
    im->result->superseded_count = 0;
    for (size_t i = 0; i < r->batch_count; i++) {
        struct cost_batch_row *batch = &r->batches[i];
        struct cost_batch_row old;
        struct customer_cost_of_batch_row *customers = NULL;
        size_t count = 0;
        bool found = false;
        batch->id = ctx_new_id(ctx);
        batch->import_id = im->result->import_id;
        batch->source = im->source;
        TRY(cost_batch_current_one(tx,
                                   &(struct cost_batch_current_one_in){
                                       .source = batch->source,
                                       .billing_account_id = batch->billing_account_id,
                                       .period_start_at = batch->period_start_at,
                                   },
                                   &old, &found));
        if (found) {
            TRY(customer_cost_of_batch(tx, &(struct customer_cost_of_batch_in){.batch_id = old.id},
                                       &customers, &count));
            for (size_t j = 0; j < count; j++)
                note_change(ctx, im, customers[j].customer_id, batch);
            TRY(cost_batch_supersede(
                tx, &(struct cost_batch_supersede_in){.id = old.id, .superseded_by = batch->id},
                NULL));
            im->old_batches[i] = old.id;
            im->result->superseded_count++;
        }
        TRY(cost_batch_insert(tx, batch));
    }
    for (size_t i = 0; i < r->sum_count; i++)
        r->sums[i].batch_id = r->batches[r->sum_batches[i]].id;
    return cost_rollup_insert_many(tx, r->sums, r->sum_count);
}

static bool is_first_of_account(const struct cost_rollup *r, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (str_eq(r->sums[i].sub_account_id, r->sums[index].sub_account_id) &&
            str_eq(r->sums[i].provider_name, r->sums[index].provider_name))
            return false;
    }
    return true;
}

static enum err find_owners(struct ctx *ctx, struct tx *tx, struct importing *im)
{
    struct cost_rollup *r = &im->rollup;
    struct cost_import_result *result = im->result;
    im->owners = ARENA_ARRAY(ctx->arena, r->sum_count, struct uuid);
    result->assigned_row_count = 0;
    result->unassigned_row_count = 0;
    result->unassigned_account_count = 0;
    for (size_t i = 0; i < r->sum_count; i++) {
        struct vendor_account_row account;
        bool found = false;
        TRY(vendor_account_load(tx,
                                &(struct vendor_account_load_in){
                                    .provider_name = r->sums[i].provider_name,
                                    .sub_account_id = r->sums[i].sub_account_id,
                                },
                                &account, &found));
        if (found) {
            im->owners[i] = account.customer_id;
            result->assigned_row_count += r->sums[i].row_count;
            note_change(ctx, im, account.customer_id, &r->batches[r->sum_batches[i]]);
        } else {
            result->unassigned_row_count += r->sums[i].row_count;
            result->unassigned_account_count += is_first_of_account(r, i);
        }
    }
    return ERR_NONE;
}

static int compare_changes(const void *a, const void *b)
{
    const struct change *x = a;
    const struct change *y = b;
    int order = uuid_cmp(x->customer_id, y->customer_id);
    if (order != 0)
        return order;
    return (x->period_start_at > y->period_start_at) - (x->period_start_at < y->period_start_at);
}

/* The customers in order of id, so that nobody waits in a circle. */
static enum err apply_changes(struct ctx *ctx, struct tx *tx, struct importing *im)
{
    struct customer_row customer = {0};
    bool found = false;
    if (im->change_count > 1)
        qsort(im->changes, im->change_count, sizeof *im->changes, compare_changes);
    for (size_t i = 0; i < im->change_count; i++) {
        const struct change *change = &im->changes[i];
        if (i > 0 && compare_changes(change, change - 1) == 0)
            continue;
        if (i == 0 || !uuid_eq(change->customer_id, customer.id))
            TRY(customer_lock(tx, &(struct customer_lock_in){.id = change->customer_id}, &customer,
                              &found));
        ASSERT(uuid_eq(customer.id, change->customer_id));
        TRY(cost_period_changed(ctx, tx, &customer, change->period_start_at,
                                change->period_end_at));
    }
    return ERR_NONE;
}

static struct customer_cost_row cost_of(const struct cost_rollup_row *sum,
                                        const struct cost_batch_row *batch, struct uuid customer_id)
{
    return (struct customer_cost_row){
        .customer_id = customer_id,
        .period_start_at = batch->period_start_at,
        .batch_id = batch->id,
        .provider_name = sum->provider_name,
        .sub_account_id = sum->sub_account_id,
        .service_name = sum->service_name,
        .currency = sum->currency,
        .period_end_at = batch->period_end_at,
        .row_count = sum->row_count,
        .billed_cost = sum->billed_cost,
        .effective_cost = sum->effective_cost,
        .list_cost = sum->list_cost,
        .contracted_cost = sum->contracted_cost,
        .missing_columns = sum->missing_columns,
        .is_generated = sum->is_generated,
    };
}

static enum err write_customer_costs(struct ctx *ctx, struct tx *tx, struct importing *im)
{
    const struct cost_rollup *r = &im->rollup;
    struct customer_cost_row *rows =
        ARENA_ARRAY(ctx->arena, r->sum_count, struct customer_cost_row);
    size_t count = 0;
    for (size_t i = 0; i < r->batch_count; i++) {
        if (!uuid_is_nil(im->old_batches[i]))
            TRY(customer_cost_drop_batch(
                tx, &(struct customer_cost_drop_batch_in){.batch_id = im->old_batches[i]}, NULL));
    }
    for (size_t i = 0; i < r->sum_count; i++) {
        if (!uuid_is_nil(im->owners[i]))
            rows[count++] = cost_of(&r->sums[i], &r->batches[r->sum_batches[i]], im->owners[i]);
    }
    return count == 0 ? ERR_NONE : customer_cost_insert_many(tx, rows, count);
}

static void tell_known(struct importing *im, const struct cost_import_row *known)
{
    struct cost_import_result *result = im->result;
    result->is_known = true;
    result->import_id = known->id;
    result->notice_count = 0;
}

static enum err write_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct importing *im = arg;
    struct organization_row organization;
    struct cost_import_row known;
    unsigned char hash[HASH_BYTES];
    bool found = false;
    im->changes = NULL;
    im->change_count = im->change_capacity = 0;
    TRY(cost_lock(tx, &(struct cost_lock_in){.id = ctx->app->organization_id}, &organization,
                  &found));
    ASSERT(found);
    TRY(cost_import_known(tx,
                          &(struct cost_import_known_in){
                              .source = im->source,
                              .content_hash = {(const char *)im->hash, HASH_BYTES},
                          },
                          &known, &found));
    if (found) {
        tell_known(im, &known);
        return ERR_NONE;
    }
    TRY(insert_import(ctx, tx, im));
    TRY(insert_batches(ctx, tx, im));
    TRY(find_owners(ctx, tx, im));
    TRY(apply_changes(ctx, tx, im));
    TRY(write_customer_costs(ctx, tx, im));
    TRY(read_file(ctx, tx, im, hash));
    if (memcmp(hash, im->hash, HASH_BYTES) != 0)
        return fail(ctx, ERR_CONFLICT, "the file changed while it was read: nothing was imported");
    im->result->batch_count = (int64_t)im->rollup.batch_count;
    return ERR_NONE;
}

enum err cost_import(struct ctx *ctx, const struct cost_import_options *options,
                     struct cost_import_result *result)
{
    struct importing im = {.options = options, .result = result, .content = options->content};
    *result = (struct cost_import_result){0};
    im.source = str_is_null(options->source) ? STR("focus") : options->source;
    if (im.source.len == 0 || im.source.len > SOURCE_BYTES_MAX || !str_is_text(im.source)) {
        fault_field(ctx->fault, STR("source"), "value_is_invalid", im.source,
                    "a name of 1 to %d bytes", SOURCE_BYTES_MAX);
        return fault_check(ctx->fault);
    }
    ASSERT(!str_is_null(options->path) || !str_is_null(options->content));
    if (str_is_null(im.content) && str_eq(options->path, STR("-")))
        TRY(keep_stdin(ctx, &im.content));
    cost_rollup_init(&im.rollup, ctx->arena);
    TRY(read_file(ctx, NULL, &im, im.hash));
    TRY(fault_check(ctx->fault));
    result->focus_version = im.file.version;
    result->row_count = im.rollup.row_count;
    result->billed_cost = im.rollup.billed_cost;
    result->effective_cost = im.rollup.effective_cost;
    result->list_cost = im.rollup.list_cost;
    result->contracted_cost = im.rollup.contracted_cost;
    return tx_run(ctx, TX_WRITE, write_all, &im);
}
