/* books.h - what a test asks at its end: do the books come out again from the facts? */
#ifndef TESTS_APP_BOOKS_H
#define TESTS_APP_BOOKS_H

#include "tests/app/world.h"

#include "app/fee_explain.h"
#include "app/fee_explanation.h"
#include "app/verify.h"

static inline void print_finding(void *arg, struct str line)
{
    (void)arg;
    printf("    verify: %.*s\n", STR_ARG(line));
}

/* All is derived again and nothing found wrong; what is, is printed. */
__attribute__((unused)) static struct verify_result check_books(struct world *w)
{
    struct verify_result result = {0};
    MUST(w, verify_books(&w->ctx, print_finding, NULL, &result));
    CHECK_INT(result.findings, 0);
    return result;
}

/* The last step is the fee's whole amount; how many there are. */
__attribute__((unused)) static size_t check_steps_lead(struct world *w, struct str explanation,
                                                       const struct fee_row *fee)
{
    struct fee_explanation steps = fee_explanation_read(&w->arena, explanation);
    struct money amount = {fee->amount_minor, currency_find(fee->currency)};
    REQUIRE(steps.count > 0 && !steps.is_cut);
    CHECK_STR(decimal_text(&w->arena, money_major(amount)),
              arena_cstr(&w->arena, steps.steps[steps.count - 1].result));
    return steps.count;
}

/* Each fee comes out again from the facts, by steps that lead to its amount; how many there are. */
__attribute__((unused)) static size_t check_explained(struct world *w)
{
    struct fee_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    MUST(w, fee_list(&w->ctx,
                     &(struct fee_filter){.subscription = true,
                                          .charge = true,
                                          .resale = true,
                                          .fixed_charge = true,
                                          .created_from_at = TIME_NONE,
                                          .created_to_at = TIME_NONE,
                                          .limit = 1000},
                     &views, &count, &total));
    for (size_t i = 0; i < count; i++) {
        struct explained_fee explained;
        MUST(w, fee_explain(&w->ctx, views[i].row.id, &explained));
        CHECK(explained.matches);
        CHECK(decimal_eq(explained.derived.units, views[i].row.units));
        check_steps_lead(w, explained.steps, &views[i].row);
    }
    return count;
}

/* Both, of books that have fees. */
__attribute__((unused)) static void check_verify(struct world *w)
{
    check_books(w);
    CHECK(check_explained(w) > 0);
}

/* "subscription 1000; charge 4 400; fixed_charge 10 2000" of the nth invoice: units and amount,
 * with "late" before what corrects. */
__attribute__((unused)) static struct str bill_lines(struct world *w, const char *customer,
                                                     size_t invoice)
{
    struct invoice_view view = invoice_at(w, customer, invoice);
    struct str text = STR("");
    for (size_t i = 0; i < view.fee_count; i++) {
        const struct fee_row *fee = &view.fees[i].row;
        text =
            arena_fmt(&w->arena, "%.*s%s%s%.*s %.*s %lld", STR_ARG(text), text.len > 0 ? "; " : "",
                      fee->is_correction ? "late " : "", STR_ARG(fee->fee_type),
                      STR_ARG(decimal_text(&w->arena, fee->units)), (long long)fee->amount_minor);
    }
    return text;
}

/* All fees for charges, oldest first: "1000 0 200". */
__attribute__((unused)) static void check_fees(struct world *w, const char *wanted)
{
    struct fee_view *views = NULL;
    size_t count = 0;
    int64_t total = 0;
    struct buf text;
    buf_init(&text, &w->arena, 4096);
    MUST(w, fee_list(&w->ctx,
                     &(struct fee_filter){.charge = true,
                                          .created_from_at = TIME_NONE,
                                          .created_to_at = TIME_NONE,
                                          .limit = 1000},
                     &views, &count, &total));
    for (size_t i = count; i > 0; i--)
        buf_add(&text, arena_fmt(&w->arena, "%s%lld", i == count ? "" : " ",
                                 (long long)views[i - 1].row.amount_minor));
    CHECK_STR(buf_str(&text), wanted);
}

#endif
