/* epc_qr_test.c - account numbers and the text of payment codes.
 *
 * IBANs are the examples of the IBAN registry (ISO 13616); the code's text is that of EPC069-12,
 * its example of a donation to the Red Cross, by its rules for version 002. */
#include "tests/test.h"

#include "core/payment/epc_qr.h"

TEST(iban)
{
    // clang-format off
    static const struct { const char *name; bool want; } cases[] = {
        {"DE89370400440532013000", true}, {"DE89 3704 0044 0532 0130 00", true}, {"gb29 NWBK 6016 1331 9268 19", true},
        {"NO9386011117947", true}, {"MT84MALT011000012345MTLCAST001S", true}, {"BE68539007547034", true},
        {"DE88370400440532013000", false}, {"DE89370400440532013001", false}, {"DE89370400440532031000", false},
        {"", false}, {"DE89", false}, {"1289370400440532013000", false}, {"DEX9370400440532013000", false},
        {"DE89-3704-0044-0532-0130-00", false}, {"DE893704004405320130000000000000000000000", false},
    };
    // clang-format on
    EACH(c, cases)
        CHECK_INT(iban_is_valid(str_of(c->name)), c->want);
}

TEST(iban_written)
{
    struct arena arena;
    arena_init(&arena);
    CHECK_STR(iban_grouped(&arena, STR("be72000000001616")), "BE72 0000 0000 1616");
    CHECK_STR(iban_compact(&arena, STR("BE72 0000 0000 1616")), "BE72000000001616");
    arena_clear(&arena);
}

TEST(bic)
{
    // clang-format off
    static const struct { const char *name; bool want; } cases[] = {
        {"BPOTBEB1", true}, {"BPOTBEB1XXX", true}, {"DEUTDEFF500", true},
        {"", false}, {"BPOTBEB", false}, {"BPOTBEB1XX", false}, {"BPO1BEB1", false}, {"BPOTBEB1XX ", false},
    };
    // clang-format on
    EACH(c, cases)
        CHECK_INT(bic_is_valid(str_of(c->name)), c->want);
}

static struct epc_transfer donation(void)
{
    return (struct epc_transfer){
        .name = STR("Red Cross of Belgium"),
        .iban = STR("BE72 0000 0000 1616"),
        .bic = STR("BPOTBEB1"),
        .amount = {100, currency_find(STR("EUR"))},
        .remittance = STR("Urgency fund"),
    };
}

TEST(epc_qr_the_standards_example)
{
    struct arena arena;
    struct str text = STR_NULL;
    struct epc_transfer transfer = donation();
    arena_init(&arena);
    REQUIRE(epc_qr_text(&arena, &transfer, &text) == ERR_NONE);
    CHECK_STR(text, "BCD\n002\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\n"
                    "\n\nUrgency fund");
    transfer.bic = STR_NULL;
    transfer.remittance = STR("");
    REQUIRE(epc_qr_text(&arena, &transfer, &text) == ERR_NONE);
    CHECK_STR(text, "BCD\n002\n1\nSCT\n\nRed Cross of Belgium\nBE72000000001616\nEUR1.00\n\n\n");
    arena_clear(&arena);
}

TEST(epc_qr_refused)
{
    struct arena arena;
    struct str text = STR("untouched");
    struct epc_transfer t[8];
    arena_init(&arena);
    for (size_t i = 0; i < 8; i++)
        t[i] = donation();
    t[0].name = STR("");
    t[1].name = STR("two\nlines");
    t[2].iban = STR("BE72 0000 0000 1617");
    t[3].bic = STR("BPOT");
    t[4].amount.currency = currency_find(STR("USD"));
    t[5].amount.minor = 0;
    t[6].amount.minor = 100000000000;
    t[7].remittance =
        STR("12345678901234567890123456789012345678901234567890123456789012345678901234567890"
            "1234567890123456789012345678901234567890123456789012345678901");
    for (size_t i = 0; i < 8; i++)
        CHECK_INT(epc_qr_text(&arena, &t[i], &text), ERR_INVALID);
    CHECK_STR(text, "untouched");
    arena_clear(&arena);
}
