#include "app/find.h"

#include "app/list.h"
#include "base/assert.h"
#include "base/none.h"
#include "store/sql/customer.h"
#include "store/sql/find.h"
#include "store/sql/invoice.h"

struct finding {
    struct ctx *ctx;
    struct tx *tx;
    struct str text;
    struct find_result *result;
    size_t capacity;
};

static void add(struct finding *f, struct find_hit hit)
{
    struct find_result *result = f->result;
    for (size_t i = 0; i < result->count; i++) {
        if (result->hits[i].kind == hit.kind && uuid_eq(result->hits[i].id, hit.id))
            return;
    }
    result->hits =
        arena_grow(f->ctx->arena, result->hits, result->count, &f->capacity, sizeof *result->hits);
    result->hits[result->count++] = hit;
}

static struct str shown_name(const struct customer_row *row)
{
    return str_is_null(row->name) ? row->external_id : row->name;
}

static void add_customer(struct finding *f, const struct customer_row *row)
{
    add(f, (struct find_hit){
               .kind = FIND_CUSTOMER,
               .id = row->id,
               .customer_id = row->id,
               .title = shown_name(row),
               .external_id = row->external_id,
               .customer_name = shown_name(row),
               .detail = row->email,
           });
}

static enum err load_customer(struct finding *f, struct uuid id, struct customer_row *row)
{
    bool found = false;
    TRY(customer_load(f->tx, &(struct customer_load_in){.id = id}, row, &found));
    ASSERT(found);
    return ERR_NONE;
}

static enum err add_invoices(struct finding *f, const struct invoice_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct customer_row customer;
        TRY(load_customer(f, rows[i].customer_id, &customer));
        add(f, (struct find_hit){
                   .kind = FIND_INVOICE,
                   .id = rows[i].id,
                   .customer_id = rows[i].customer_id,
                   .title = rows[i].number,
                   .customer_name = shown_name(&customer),
                   .detail = rows[i].status,
               });
    }
    return ERR_NONE;
}

static enum err add_subscriptions(struct finding *f, const struct subscription_row *rows,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct customer_row customer;
        TRY(load_customer(f, rows[i].customer_id, &customer));
        add(f, (struct find_hit){
                   .kind = FIND_SUBSCRIPTION,
                   .id = rows[i].id,
                   .customer_id = rows[i].customer_id,
                   .title = rows[i].external_id,
                   .external_id = rows[i].external_id,
                   .customer_name = shown_name(&customer),
                   .detail = rows[i].status,
               });
    }
    return ERR_NONE;
}

static enum err find_by_id(struct finding *f, struct uuid id)
{
    struct customer_row customer;
    struct invoice_owner_row owner;
    struct invoice_row invoice;
    bool found = false;
    TRY(customer_load(f->tx, &(struct customer_load_in){.id = id}, &customer, &found));
    if (found) {
        if (customer.deleted_at == TIME_NONE)
            add_customer(f, &customer);
        return ERR_NONE;
    }
    TRY(invoice_owner(f->tx, &(struct invoice_owner_in){.id = id}, &owner, &found));
    if (!found)
        return ERR_NONE;
    TRY(invoice_load(f->tx, &(struct invoice_load_in){.customer_id = owner.customer_id, .id = id},
                     &invoice, &found));
    ASSERT(found);
    if (invoice.skipped || str_eq(invoice.status, STR("complete")))
        return ERR_NONE;
    return add_invoices(f, &invoice, 1);
}

/* As both engines' lower() does it. */
static struct str lower(struct arena *arena, struct str text)
{
    struct str copy = arena_str(arena, text);
    char *bytes = (char *)copy.ptr; /* ours */
    for (size_t i = 0; i < copy.len; i++) {
        if (bytes[i] >= 'A' && bytes[i] <= 'Z')
            bytes[i] = (char)(bytes[i] - 'A' + 'a');
    }
    return copy;
}

static enum err find_exact(struct finding *f)
{
    struct customer_row *customers = NULL;
    struct invoice_row *invoices = NULL;
    struct subscription_row *subscriptions = NULL;
    struct uuid id;
    size_t count = 0;
    if (uuid_parse(f->text, &id))
        TRY(find_by_id(f, id));
    TRY(find_customer_exact(
        f->tx,
        &(struct find_customer_exact_in){.wanted = f->text,
                                         .wanted_lower = lower(f->ctx->arena, f->text),
                                         .limit = FIND_HITS_MAX},
        &customers, &count));
    for (size_t i = 0; i < count; i++)
        add_customer(f, &customers[i]);
    TRY(find_invoice_exact(
        f->tx, &(struct find_invoice_exact_in){.wanted = f->text, .limit = FIND_HITS_MAX},
        &invoices, &count));
    TRY(add_invoices(f, invoices, count));
    /* The newest that had the external id. */
    TRY(find_subscription_exact(f->tx,
                                &(struct find_subscription_exact_in){.wanted = f->text, .limit = 1},
                                &subscriptions, &count));
    return add_subscriptions(f, subscriptions, count);
}

static enum err find_parts(struct finding *f)
{
    struct customer_row *customers = NULL;
    struct invoice_row *invoices = NULL;
    size_t count = 0;
    struct str like = list_like(f->ctx->arena, f->text);
    TRY(find_customer_part(
        f->tx, &(struct find_customer_part_in){.search_like = like, .limit = FIND_HITS_MAX},
        &customers, &count));
    for (size_t i = 0; i < count; i++)
        add_customer(f, &customers[i]);
    TRY(find_invoice_part(
        f->tx, &(struct find_invoice_part_in){.search_like = like, .limit = FIND_HITS_MAX},
        &invoices, &count));
    return add_invoices(f, invoices, count);
}

static enum err run(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct finding *f = arg;
    f->ctx = ctx;
    f->tx = tx;
    f->capacity = 0;
    *f->result = (struct find_result){0};
    if (f->text.len == 0)
        return ERR_NONE;
    TRY(find_exact(f));
    f->result->is_exact = f->result->count > 0;
    return f->result->is_exact ? ERR_NONE : find_parts(f);
}

enum err find(struct ctx *ctx, struct str text, struct find_result *result)
{
    struct finding finding = {.text = str_trim(text), .result = result};
    return tx_run(ctx, TX_READ, run, &finding);
}
