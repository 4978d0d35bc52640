#include "app/ledger_export.h"

#include "base/assert.h"
#include "base/time.h"
#include "core/money.h"
#include "store/sql/ledger.h"

#define PIECE_BYTES_MAX ((size_t)1 << 20)

struct exporting {
    struct ctx *ctx;
    enum err (*put)(void *arg, struct str piece);
    void *arg;
    struct uuid posting_id;
    struct buf piece; /* of the running posting; in `scratch` */
    struct arena scratch;
    int64_t postings;
};

static void begin_piece(struct exporting *e)
{
    arena_reset(&e->scratch);
    buf_init(&e->piece, &e->scratch, PIECE_BYTES_MAX);
}

static enum err put_piece(struct exporting *e)
{
    ASSERT(buf_ok(&e->piece));
    TRY(e->put(e->arg, buf_str(&e->piece)));
    begin_piece(e);
    return ERR_NONE;
}

/* A description ends at a semicolon or a line's end there. */
static void put_description(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool ends = c == ';' || c == '|' || c == '\n' || c == '\r';
        if (ends)
            c = ' ';
        buf_char(out, c);
    }
}

/* The commodity directive shows how many digits there are; it must have a decimal mark. */
static void put_commodity(struct buf *out, const struct currency *currency)
{
    buf_add(out, STR("commodity 1000."));
    for (int i = 0; i < currency->digits; i++)
        buf_char(out, '0');
    buf_fmt(out, " %.*s\n", STR_ARG(currency->code));
}

static enum err put_declarations(struct exporting *e, struct tx *tx)
{
    struct ledger_balance_list_row *rows = NULL;
    size_t count = 0;
    TRY(ledger_balance_list(tx, &rows, &count));
    buf_add(&e->piece, STR("; Billow's books, amounts in major units\n"));
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        for (size_t j = 0; j < i && !seen; j++)
            seen = str_eq(rows[j].currency, rows[i].currency);
        if (!seen)
            put_commodity(&e->piece, currency_find(rows[i].currency));
    }
    for (size_t i = 0; i < count; i++) { /* in order of account */
        if (i == 0 || !str_eq(rows[i - 1].account, rows[i].account))
            buf_fmt(&e->piece, "account %.*s\n", STR_ARG(rows[i].account));
    }
    return put_piece(e);
}

static enum err put_entry(void *arg, const struct ledger_entry_row *row)
{
    struct exporting *e = arg;
    struct money amount = {row->amount_minor, currency_find(row->currency)};
    ASSERT(amount.currency != NULL);
    if (!uuid_eq(e->posting_id, row->posting_id)) {
        TRY(put_piece(e));
        e->posting_id = row->posting_id;
        e->postings++;
        buf_char(&e->piece, '\n');
        buf_day(&e->piece, row->booked_day);
        buf_char(&e->piece, ' ');
        put_description(&e->piece, row->description);
        buf_add(&e->piece, STR("\n    ; customer: "));
        buf_uuid(&e->piece, row->customer_id);
        buf_add(&e->piece, STR(", document: "));
        buf_uuid(&e->piece, row->document_id);
        buf_char(&e->piece, '\n');
    }
    buf_fmt(&e->piece, "    %.*s  ", STR_ARG(row->account));
    buf_money(&e->piece, amount);
    buf_fmt(&e->piece, " %.*s\n", STR_ARG(row->currency));
    return ERR_NONE;
}

static enum err export_all(struct ctx *ctx, struct tx *tx, void *arg)
{
    struct exporting *e = arg;
    e->ctx = ctx;
    e->posting_id = UUID_NIL;
    e->postings = 0;
    begin_piece(e);
    TRY(put_declarations(e, tx));
    TRY(ledger_entry_each(tx, put_entry, e));
    return put_piece(e);
}

enum err ledger_export_hledger(struct ctx *ctx, enum err (*put)(void *arg, struct str piece),
                               void *arg, int64_t *postings)
{
    struct exporting e = {.put = put, .arg = arg};
    arena_init(&e.scratch);
    enum err err = tx_run(ctx, TX_READ, export_all, &e);
    arena_clear(&e.scratch);
    *postings = e.postings;
    return err;
}
