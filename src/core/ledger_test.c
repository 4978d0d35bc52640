#include "core/ledger.h"
#include "tests/test.h"

/* The amount booked on an account; INT64_MIN when there is no such entry. */
static int64_t booked(const struct ledger_posting *posting, const char *account)
{
    for (size_t i = 0; i < posting->count; i++) {
        if (str_eq(posting->lines[i].account, str_of(account)))
            return posting->lines[i].amount_minor;
    }
    return INT64_MIN;
}

static struct ledger_part part(const char *account, int64_t amount_minor)
{
    return (struct ledger_part){str_of(account), amount_minor};
}

TEST(ledger_accounts)
{
    CHECK_STR(ledger_income_account(STR("subscription")), "income:subscription");
    CHECK_STR(ledger_income_account(STR("charge")), "income:usage");
    CHECK_STR(ledger_income_account(STR("resale")), "income:resale");
    CHECK_STR(ledger_income_account(STR("fixed_charge")), "income:fixed");
}

/* Names that `hledger check --strict` reads as one account, and no two codes share. */
TEST(ledger_tax_account_names)
{
    // clang-format off
    static const struct { const char *name, *code; } cases[] = {
        {"liabilities:tax:vat_fr_20",    "vat_fr_20"},
        {"liabilities:tax:VAT 20",       "VAT 20"},
        {"liabilities:tax:VAT %2020",    "VAT  20"},
        {"liabilities:tax:%20vat%20",    " vat "},
        {"liabilities:tax:a%3ab",        "a:b"},
        {"liabilities:tax:100%25",       "100%"},
        {"liabilities:tax:%3bnote",      ";note"},
        {"liabilities:tax:%09",          "\t"},
        {"liabilities:tax:%7f",          "\x7f"},
        {"liabilities:tax:mwst-ö",       "mwst-ö"},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases)
        CHECK_STR(ledger_tax_account(&arena, str_of(c->code)), c->name);
    arena_clear(&arena);
}

TEST(ledger_invoice)
{
    struct arena arena;
    struct ledger_posting posting, reversed;
    struct ledger_part parts[] = {
        part("income:subscription", 5000), part("income:usage", 250),
        part("income:usage", 750),         part("income:resale", -100),
        part("liabilities:tax:vat", 1180), part("liabilities:tax:zero", 0),
    };
    arena_init(&arena);
    REQUIRE(ledger_of_invoice(&arena, parts, sizeof parts / sizeof parts[0], &posting) == ERR_NONE);
    CHECK_INT(posting.count, 5);
    CHECK_STR(posting.lines[0].account, "assets:receivable");
    CHECK_INT(booked(&posting, "assets:receivable"), 7080);
    CHECK_INT(booked(&posting, "income:subscription"), -5000);
    CHECK_INT(booked(&posting, "income:usage"), -1000);
    CHECK_INT(booked(&posting, "income:resale"), 100);
    CHECK_INT(booked(&posting, "liabilities:tax:vat"), -1180);
    CHECK_INT(booked(&posting, "liabilities:tax:zero"), INT64_MIN);
    REQUIRE(ledger_reverse(&arena, &posting, &reversed) == ERR_NONE);
    CHECK_INT(reversed.count, 5);
    CHECK_INT(booked(&reversed, "assets:receivable"), -7080);
    CHECK_INT(booked(&reversed, "income:usage"), 1000);
    CHECK(ledger_is_balanced(&reversed));
    arena_clear(&arena);
}

TEST(ledger_payment)
{
    struct arena arena;
    struct ledger_posting posting;
    arena_init(&arena);
    REQUIRE(ledger_of_payment(&arena, 7080, 0, &posting) == ERR_NONE);
    CHECK_INT(posting.count, 2);
    CHECK_INT(booked(&posting, "assets:bank"), 7080);
    CHECK_INT(booked(&posting, "assets:receivable"), -7080);
    REQUIRE(ledger_of_payment(&arena, 7080, 80, &posting) == ERR_NONE);
    CHECK_INT(posting.count, 3);
    CHECK_INT(booked(&posting, "assets:bank"), 7080);
    CHECK_INT(booked(&posting, "assets:receivable"), -7000);
    CHECK_INT(booked(&posting, "liabilities:customer_credit"), -80);
    REQUIRE(ledger_of_payment(&arena, 7080, 7080, &posting) == ERR_NONE);
    CHECK_INT(posting.count, 2);
    CHECK_INT(booked(&posting, "liabilities:customer_credit"), -7080);
    arena_clear(&arena);
}

TEST(ledger_empty_postings)
{
    struct arena arena;
    struct ledger_posting posting;
    struct ledger_part nothing[] = {part("income:usage", 0)};
    struct ledger_part cancelled[] = {part("income:usage", 5), part("income:usage", -5)};
    arena_init(&arena);
    REQUIRE(ledger_of_invoice(&arena, NULL, 0, &posting) == ERR_NONE);
    CHECK_INT(posting.count, 0);
    REQUIRE(ledger_of_invoice(&arena, nothing, 1, &posting) == ERR_NONE);
    CHECK_INT(posting.count, 0);
    REQUIRE(ledger_of_invoice(&arena, cancelled, 2, &posting) == ERR_NONE);
    CHECK_INT(posting.count, 0);
    CHECK(ledger_is_balanced(&posting));
    arena_clear(&arena);
}

TEST(ledger_too_large)
{
    struct arena arena;
    struct ledger_posting posting;
    struct ledger_part sum[] = {part("income:usage", INT64_MAX), part("income:resale", 1)};
    struct ledger_part same[] = {part("income:usage", INT64_MIN + 1), part("income:usage", -2)};
    struct ledger_part least[] = {part("income:usage", INT64_MIN)};
    /* Fits, though what is added up on the way does not. */
    struct ledger_part wide[] = {part("income:usage", -INT64_MAX), part("income:resale", INT64_MAX),
                                 part("income:subscription", 5)};
    struct ledger_line out_of_range[] = {{STR("a"), INT64_MIN}};
    arena_init(&arena);
    CHECK_INT(ledger_of_invoice(&arena, sum, 2, &posting), ERR_OVERFLOW);
    CHECK_INT(ledger_of_invoice(&arena, same, 2, &posting), ERR_OVERFLOW);
    CHECK_INT(ledger_of_invoice(&arena, least, 1, &posting), ERR_OVERFLOW);
    CHECK_INT(ledger_of_invoice(&arena, wide, 3, &posting), ERR_NONE);
    CHECK_INT(booked(&posting, "assets:receivable"), 5);
    CHECK_INT(ledger_reverse(&arena, &(struct ledger_posting){out_of_range, 1, 1}, &posting),
              ERR_OVERFLOW);
    arena_clear(&arena);
}

TEST(ledger_balance)
{
    struct ledger_line lines[] = {{STR("a"), 5}, {STR("b"), -4}, {STR("c"), -1}};
    CHECK(ledger_is_balanced(&(struct ledger_posting){lines, 3, 3}));
    CHECK(!ledger_is_balanced(&(struct ledger_posting){lines, 2, 3}));
    CHECK(ledger_is_balanced(&(struct ledger_posting){NULL, 0, 0}));
}

/* Whatever an invoice is made of, its posting balances and so does its opposite. */
TEST(ledger_always_balances)
{
    static const char *const accounts[] = {"income:usage", "income:resale", "liabilities:tax:a",
                                           "liabilities:tax:b"};
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 1000; i++) {
        struct ledger_part parts[12];
        struct ledger_posting posting, reversed;
        size_t count = (size_t)test_between(0, 12);
        int64_t total = 0;
        arena_reset(&arena);
        for (size_t j = 0; j < count; j++) {
            parts[j] = part(accounts[test_between(0, 3)], test_between(-1000, 100000));
            total += parts[j].amount_minor;
        }
        REQUIRE(ledger_of_invoice(&arena, parts, count, &posting) == ERR_NONE);
        REQUIRE(ledger_reverse(&arena, &posting, &reversed) == ERR_NONE);
        REQUIRE(ledger_is_balanced(&posting) && ledger_is_balanced(&reversed));
        REQUIRE(posting.count <= 5 && posting.count == reversed.count);
        REQUIRE(total == 0 || booked(&posting, "assets:receivable") == total);
    }
    arena_clear(&arena);
}
