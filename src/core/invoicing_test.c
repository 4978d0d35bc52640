#include "core/invoicing.h"
#include "tests/test.h"

static struct uuid tax_id(char letter)
{
    struct uuid id = {{0}};
    id.bytes[15] = (uint8_t)letter;
    return id;
}

/* "A20 B5.5": taxes by letter and rate. */
static struct invoice_line line(struct arena *arena, int64_t net_minor, const char *taxes)
{
    struct applied_tax *list = ARENA_ARRAY(arena, 8, struct applied_tax);
    size_t count = 0;
    struct str rest = str_of(taxes);
    struct str word;
    while (rest.len > 0 && str_split(&rest, ' ', &word)) {
        list[count].tax_id = tax_id(word.ptr[0]);
        REQUIRE(decimal_parse(str_slice(word, 1, word.len), &list[count].rate) == ERR_NONE);
        count++;
    }
    return (struct invoice_line){.net_minor = net_minor, .taxes = list, .tax_count = count};
}

TEST(invoice_totals_table)
{
    // clang-format off
    static const struct {
        const char *name;
        struct { int64_t net; const char *taxes; } lines[8];
        int64_t fees, taxes, total, tax[3];
    } cases[] = {
        {"nothing",                   {{0, NULL}},                                         0,     0,    0,     {0}},
        {"no tax",                    {{5000, ""}},                                        5000,  0,    5000,  {0}},
        {"20 %",                      {{10000, "A20"}},                                    10000, 2000, 12000, {2000}},
        {"half a cent up",            {{10000, "A8.875"}},                                 10000, 888,  10888, {888}},
        {"yen at 10.5 %",             {{999, "A10.5"}},                                    999,   105,  1104,  {105}},
        {"three rates, each rounded", {{9999, "A8.875 B2.125 C0.5"}},                      9999,  1149, 11148, {887, 212, 50}},
        {"per rate, not per line",    {{3, "A20"}, {3, "A20"}, {3, "A20"}, {3, "A20"}},    12,    2,    14,    {2}},
        {"two rates on own lines",    {{9500, "A10"}, {4750, "B0"}, {4750, "C20"}},        19000, 1900, 20900, {950, 0, 950}},
        {"rates of several lines",    {{2850, "A20"}, {1900, "A20"}, {9500, "B10"}},       14250, 1900, 16150, {950, 950}},
        {"a credit line",             {{10000, "A20"}, {-2500, "A20"}},                    7500,  1500, 9000,  {1500}},
        {"below zero, away from it",  {{-10000, "A8.875"}},                                -10000,-888, -10888,{-888}},
        {"free of charge",            {{0, "A20"}},                                        0,     0,    0,     {0}},
        {"eight tiny lines",          {{1, "A20"}, {1, "A20"}, {1, "A20"}, {1, "A20"},
                                       {1, "A20"}, {1, "A20"}, {1, "A20"}, {1, "A20"}},    8,     2,    10,    {2}},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct invoice_line lines[8];
        struct invoice_totals totals;
        size_t count = 0;
        for (; count < 8 && c->lines[count].taxes != NULL; count++)
            lines[count] = line(&arena, c->lines[count].net, c->lines[count].taxes);
        REQUIRE(invoice_total(&arena, lines, count, &totals) == ERR_NONE);
        CHECK_INT(totals.fees_minor, c->fees);
        CHECK_INT(totals.taxes_minor, c->taxes);
        CHECK_INT(totals.total_minor, c->total);
        for (size_t i = 0; i < totals.tax_count; i++)
            CHECK_INT(totals.taxes[i].tax_minor, c->tax[i]);
    }
    arena_clear(&arena);
}

/* What a fee shows of its own tax. */
TEST(invoice_line_taxes)
{
    struct arena arena;
    struct invoice_totals totals;
    arena_init(&arena);
    struct invoice_line lines[] = {line(&arena, 9999, "A8.875 B2.125 C0.5"),
                                   line(&arena, 5, "B2.125")};
    REQUIRE(invoice_total(&arena, lines, 2, &totals) == ERR_NONE);
    CHECK(decimal_eq(lines[0].tax_rate, decimal_lit("11.5")));
    CHECK(decimal_eq(lines[0].taxes_precise_minor, decimal_lit("1149.885")));
    CHECK_INT(lines[0].tax_minor[0], 887);
    CHECK_INT(lines[0].tax_minor[1], 212);
    CHECK_INT(lines[0].tax_minor[2], 50);
    CHECK_INT(lines[0].taxes_minor, 1149);
    CHECK(decimal_eq(lines[1].taxes_precise_minor, decimal_lit("0.10625")));
    CHECK_INT(lines[1].taxes_minor, 0);
    REQUIRE(totals.tax_count == 3);
    CHECK(uuid_eq(totals.taxes[0].tax_id, tax_id('A')));
    CHECK(uuid_eq(totals.taxes[1].tax_id, tax_id('B')));
    CHECK(decimal_eq(totals.taxes[1].rate, decimal_lit("2.125")));
    CHECK_INT(totals.taxes[0].base_minor, 9999);
    CHECK_INT(totals.taxes[1].base_minor, 10004);
    CHECK_INT(totals.taxes[1].tax_minor, 213); /* 212.585 */
    CHECK_INT(totals.taxes_minor, 887 + 213 + 50);
    arena_clear(&arena);
}

TEST(invoice_too_large)
{
    // clang-format off
    static const struct { const char *name; int64_t net[3]; const char *taxes[3]; } cases[] = {
        {"sum of fees",       {INT64_MAX, 1},         {"", ""}},
        {"total with tax",    {INT64_MAX},            {"A20"}},
        {"tax alone",         {INT64_MAX},            {"A100 B100"}},
        {"below zero",        {INT64_MIN, -1},        {"", ""}},
        {"a tax of its own",  {INT64_MAX},            {"A101"}},
        {"a tax of 38 digits",{INT64_MAX},            {"A1.234567890123456789"}},
        {"rates of 35 digits",{0},                    {"A0.9 B9999999999999999999999999999999999"}},
        /* the fees cancel out, what is taxed does not */
        {"what is taxed",     {INT64_MAX, -INT64_MAX, 1}, {"A0", "", "A0"}},
        /* 4e18 x 150 % is 6e18, and of both 12e18; an int64 ends at 9.2e18 */
        {"a tax of both",     {4000000000000000000, 4000000000000000000}, {"A150", "A150"}},
        {"both taxes",        {4000000000000000000, 4000000000000000000}, {"A150", "B150"}},
    };
    // clang-format on
    struct arena arena;
    arena_init(&arena);
    EACH(c, cases) {
        struct invoice_totals totals;
        struct invoice_line lines[3];
        size_t count = 0;
        for (; count < 3 && c->taxes[count] != NULL; count++)
            lines[count] = line(&arena, c->net[count], c->taxes[count]);
        CHECK_INT(invoice_total(&arena, lines, count, &totals), ERR_OVERFLOW);
    }
    arena_clear(&arena);
}

/* The rows shown add up, bases add up, and no row is more than half a cent off. */
TEST(invoice_rows_add_up)
{
    static const char *const rates[] = {"", "A20", "B5.5", "A20 C8.875", "D0", "C8.875 E0.001"};
    struct arena arena;
    arena_init(&arena);
    for (int i = 0; i < 500; i++) {
        struct invoice_line lines[20];
        struct invoice_totals totals;
        size_t count = (size_t)test_between(0, 20);
        int64_t fees = 0, taxed = 0, taxes = 0, bases = 0;
        arena_reset(&arena);
        for (size_t j = 0; j < count; j++) {
            lines[j] = line(&arena, test_between(-100000, 1000000), rates[test_between(0, 5)]);
            fees += lines[j].net_minor;
            taxed += lines[j].net_minor * (int64_t)lines[j].tax_count;
        }
        REQUIRE(invoice_total(&arena, lines, count, &totals) == ERR_NONE);
        for (size_t j = 0; j < totals.tax_count; j++) {
            const struct invoice_tax_total *row = &totals.taxes[j];
            struct decimal thousandths; /* rates here have at most 3 decimals */
            int64_t rate = 0;
            REQUIRE(decimal_scale(row->rate, 3, &thousandths) == ERR_NONE);
            REQUIRE(decimal_to_int64(thousandths, &rate) == ERR_NONE);
            REQUIRE(llabs(row->tax_minor * 100000 - row->base_minor * rate) <= 50000);
            taxes += row->tax_minor;
            bases += row->base_minor;
        }
        REQUIRE(totals.fees_minor == fees && bases == taxed);
        REQUIRE(totals.taxes_minor == taxes && totals.total_minor == fees + taxes);
    }
    arena_clear(&arena);
}
