#include "core/currency.h"
#include "tests/test.h"

/* Digits of the minor unit: ISO 4217:2015, list one, column "minor unit". */
TEST(currency_digits)
{
    static const struct {
        int digits;
        const char *codes;
    } groups[] = {
        {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"},
        {3, "BHD IQD JOD KWD LYD OMR TND"},
        {4, "CLF UYW"},
        {2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP "
            "BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
            "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT "
            "LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
            "NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP "
            "SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED "
            "VES WST XCD XCG YER ZAR ZMW ZWG"},
    };
    int known = 0;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct str rest = str_of(groups[i].codes);
        struct str code;
        while (str_split(&rest, ' ', &code)) {
            const struct currency *currency = currency_find(code);
            test_case = groups[i].codes + (code.ptr - groups[i].codes);
            REQUIRE(currency != NULL);
            CHECK(str_eq(currency->code, code));
            CHECK_INT(currency->digits, groups[i].digits);
            CHECK(currency_find(code) == currency);
            known++;
        }
    }
    CHECK_INT(known, 160);
}

TEST(currency_unknown)
{
    // clang-format off
    static const struct { const char *name; } cases[] = {
        {""}, {"E"}, {"EU"}, {"EURO"}, {"eur"}, {"EU "}, {"AAA"}, {"ZZZ"},
        {"XXX"}, {"XTS"}, {"XAU"}, {"XDR"}, {"DEM"}, {"BOV"}, {"CHE"}, {"USN"},
    };
    // clang-format on
    EACH(c, cases)
        CHECK(currency_find(str_of(c->name)) == NULL);
    CHECK(currency_find(STR_NULL) == NULL);
}

/* No other three letters are a currency. */
TEST(currency_count)
{
    char code[3];
    int known = 0;
    for (code[0] = 'A'; code[0] <= 'Z'; code[0]++) {
        for (code[1] = 'A'; code[1] <= 'Z'; code[1]++) {
            for (code[2] = 'A'; code[2] <= 'Z'; code[2]++)
                known += currency_find((struct str){code, 3}) != NULL;
        }
    }
    CHECK_INT(known, 160);
}
