/* invoice_table.h - invoices with their customers, filtered and sorted for a table; and how many
 * there are in each state. */
#ifndef APP_INVOICE_TABLE_H
#define APP_INVOICE_TABLE_H

#include "app/ctx.h"
#include "store/sql/invoice_table.h"

// clang-format off
/* What a person calls an invoice's state; each that is shown is in one. */
#define INVOICE_STATE_MAP(X)   \
    X(DRAFT,   "draft")        \
    X(OPEN,    "open")         /* finalized, not settled, not overdue */ \
    X(OVERDUE, "overdue")      \
    X(PAID,    "paid")         /* settled */ \
    X(VOIDED,  "voided")
// clang-format on

enum invoice_state {
#define X(name, word) INVOICE_STATE_##name,
    INVOICE_STATE_MAP(X)
#undef X
        INVOICE_STATE_COUNT
};

struct str invoice_state_word(enum invoice_state state);
bool invoice_state_parse(struct str word, enum invoice_state *state);
enum invoice_state invoice_state_of(struct str status, struct str payment_status,
                                    bool payment_overdue);

#define INVOICE_SORTS                                           \
    {                                                           \
        "issued", "due", "number", "amount", "open", "customer" \
    }

struct invoice_table_filter {
    struct uuid customer_id; /* nil: any */
    struct str state;    /* a word of INVOICE_STATE_MAP; unpaid: open or overdue; issued: all but
                            drafts; STR_NULL: any */
    struct str currency; /* STR_NULL: any */
    struct str search;   /* a part of number or customer, any case of A to Z; STR_NULL: any */
    int32_t issuing_from_day, issuing_to_day; /* inclusive; DAY_NONE: open */
    int32_t due_from_day, due_to_day;         /* likewise */
    struct str sort; /* STR_NULL: issued.  Amounts sort within currencies */
    bool is_ascending;
    int64_t limit, offset;
};

/* A filter that lets everything through. */
#define INVOICE_TABLE_ALL                                        \
    ((struct invoice_table_filter){.issuing_from_day = DAY_NONE, \
                                   .issuing_to_day = DAY_NONE,   \
                                   .due_from_day = DAY_NONE,     \
                                   .due_to_day = DAY_NONE})

/* *total counts all that pass the filter. */
MUST_CHECK enum err invoice_table(struct ctx *ctx, const struct invoice_table_filter *filter,
                                  struct invoice_table_list_row **rows, size_t *count,
                                  int64_t *total);

enum invoice_state invoice_table_state(const struct invoice_table_list_row *row);
/* What is left to pay; 0 unless it is finalized and not settled. */
int64_t invoice_table_open_minor(const struct invoice_table_list_row *row);

/* Of all customers. */
MUST_CHECK enum err invoice_state_counts(struct ctx *ctx, int64_t counts[INVOICE_STATE_COUNT]);

#endif
