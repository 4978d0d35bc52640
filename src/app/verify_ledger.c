#include "app/invoice_load.h"
#include "app/verify_parts.h"
#include "core/ledger.h"
#include "store/sql/ledger.h"
#include "store/sql/verify.h"

/* ---- postings are what their documents make -------------------------------------------------- */

static int64_t booked(const struct ledger_entry_row *entries, size_t count, struct str type,
                      struct str account)
{
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (str_eq(entries[i].posting_type, type) && str_eq(entries[i].account, account))
            sum += entries[i].amount_minor;
    }
    return sum;
}

static size_t lines_of(const struct ledger_entry_row *entries, size_t count, struct str type)
{
    size_t lines = 0;
    for (size_t i = 0; i < count; i++)
        lines += str_eq(entries[i].posting_type, type);
    return lines;
}

static void compare(struct verifier *v, const char *what, struct str name,
                    const struct ledger_posting *posting, const struct ledger_entry_row *entries,
                    size_t count, struct str type)
{
    for (size_t i = 0; i < posting->count; i++) {
        int64_t stored = booked(entries, count, type, posting->lines[i].account);
        if (stored != posting->lines[i].amount_minor)
            verify_found(v, "%s %.*s: %lld booked on %.*s, wanted %lld", what, STR_ARG(name),
                         (long long)stored, STR_ARG(posting->lines[i].account),
                         (long long)posting->lines[i].amount_minor);
    }
    if (lines_of(entries, count, type) != posting->count)
        verify_found(v, "%s %.*s: %zu ledger entries, wanted %zu", what, STR_ARG(name),
                     lines_of(entries, count, type), posting->count);
}

enum err verify_invoice_postings(struct verifier *v, const struct invoice_row *invoice,
                                 const struct fee_row *fees, size_t fee_count,
                                 const struct invoice_tax_row *taxes, size_t tax_count)
{
    struct arena *arena = v->ctx->arena;
    struct ledger_part *parts = ARENA_ARRAY(arena, fee_count + tax_count, struct ledger_part);
    struct ledger_posting posting = {0}; /* a fee that stands alone is not in the books */
    struct ledger_posting reversed;
    struct ledger_entry_row *entries = NULL;
    size_t count = 0;
    for (size_t i = 0; i < fee_count; i++)
        parts[i] =
            (struct ledger_part){ledger_income_account(fees[i].fee_type), fees[i].amount_minor};
    for (size_t i = 0; i < tax_count; i++)
        parts[fee_count + i] =
            (struct ledger_part){ledger_tax_account(arena, taxes[i].code), taxes[i].amount_minor};
    if (!invoice->is_holder)
        TRY(ledger_of_invoice(arena, parts, fee_count + tax_count, &posting));
    TRY(ledger_of_document_list(
        v->tx,
        &(struct ledger_of_document_list_in){.customer_id = invoice->customer_id,
                                             .document_id = invoice->id},
        &entries, &count));
    compare(v, "invoice", invoice->number, &posting, entries, count, STR("invoice"));
    if (invoice_is_gathered(invoice)) {
        struct ledger_posting paid = {0};
        if (invoice->total_amount_minor > 0)
            TRY(ledger_of_payment(arena, invoice->total_amount_minor, 0, &paid));
        compare(v, "fees of invoice", invoice->number, &paid, entries, count, STR("payment"));
    }
    if (str_eq(invoice->status, STR("voided"))) {
        TRY(ledger_reverse(arena, &posting, &reversed));
        compare(v, "void of invoice", invoice->number, &reversed, entries, count, STR("void"));
    }
    return ERR_NONE;
}

static enum err check_payment(void *arg, const struct payment_row *row)
{
    struct verifier *v = arg;
    struct arena_mark mark = arena_mark(v->ctx->arena);
    struct ledger_posting posting = {0}; /* what is not money yet is not in the books */
    struct ledger_entry_row *entries = NULL;
    size_t count = 0;
    v->result->payments++;
    if (str_eq(row->status, STR("succeeded")))
        TRY(ledger_of_payment(v->ctx->arena, row->amount_minor, row->unapplied_minor, &posting));
    TRY(ledger_of_document_list(v->tx,
                                &(struct ledger_of_document_list_in){
                                    .customer_id = row->customer_id, .document_id = row->id},
                                &entries, &count));
    compare(v, "payment", uuid_text(v->ctx->arena, row->id), &posting, entries, count,
            STR("payment"));
    arena_return(v->ctx->arena, mark);
    return ERR_NONE;
}

/* ---- postings are balanced ------------------------------------------------------------------- */

struct balancing {
    struct verifier *v;
    struct uuid posting_id;
    int64_t sum;
};

static void end_posting(struct balancing *b)
{
    if (uuid_is_nil(b->posting_id))
        return;
    b->v->result->postings++;
    if (b->sum != 0)
        verify_found(b->v, "posting %.*s is out of balance by %lld",
                     STR_ARG(uuid_text(b->v->ctx->arena, b->posting_id)), (long long)b->sum);
}

static enum err add_entry(void *arg, const struct ledger_entry_row *row)
{
    struct balancing *b = arg;
    if (!uuid_eq(row->posting_id, b->posting_id)) {
        end_posting(b);
        b->posting_id = row->posting_id;
        b->sum = 0;
    }
    b->sum += row->amount_minor;
    return ERR_NONE;
}

enum err verify_ledger(struct verifier *v)
{
    struct balancing balancing = {.v = v};
    TRY(verify_ledger_each(v->tx, add_entry, &balancing));
    end_posting(&balancing);
    return verify_payment_each(v->tx, check_payment, v);
}
