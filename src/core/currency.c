/* ISO 4217:2015 list one, with the amendments up to 2025; BGN stays for amounts from before 2026.
 */
#include "core/currency.h"

#include <stddef.h>

#define CURRENCY(code, digits) \
    {                          \
        {code, 3}, digits      \
    }

/* In order of code. */
// clang-format off
static const struct currency currencies[] = {
    CURRENCY("AED", 2), CURRENCY("AFN", 2), CURRENCY("ALL", 2), CURRENCY("AMD", 2),
    CURRENCY("ANG", 2), CURRENCY("AOA", 2), CURRENCY("ARS", 2), CURRENCY("AUD", 2),
    CURRENCY("AWG", 2), CURRENCY("AZN", 2), CURRENCY("BAM", 2), CURRENCY("BBD", 2),
    CURRENCY("BDT", 2), CURRENCY("BGN", 2), CURRENCY("BHD", 3), CURRENCY("BIF", 0),
    CURRENCY("BMD", 2), CURRENCY("BND", 2), CURRENCY("BOB", 2), CURRENCY("BRL", 2),
    CURRENCY("BSD", 2), CURRENCY("BTN", 2), CURRENCY("BWP", 2), CURRENCY("BYN", 2),
    CURRENCY("BZD", 2), CURRENCY("CAD", 2), CURRENCY("CDF", 2), CURRENCY("CHF", 2),
    CURRENCY("CLF", 4), CURRENCY("CLP", 0), CURRENCY("CNY", 2), CURRENCY("COP", 2),
    CURRENCY("CRC", 2), CURRENCY("CUP", 2), CURRENCY("CVE", 2), CURRENCY("CZK", 2),
    CURRENCY("DJF", 0), CURRENCY("DKK", 2), CURRENCY("DOP", 2), CURRENCY("DZD", 2),
    CURRENCY("EGP", 2), CURRENCY("ERN", 2), CURRENCY("ETB", 2), CURRENCY("EUR", 2),
    CURRENCY("FJD", 2), CURRENCY("FKP", 2), CURRENCY("GBP", 2), CURRENCY("GEL", 2),
    CURRENCY("GHS", 2), CURRENCY("GIP", 2), CURRENCY("GMD", 2), CURRENCY("GNF", 0),
    CURRENCY("GTQ", 2), CURRENCY("GYD", 2), CURRENCY("HKD", 2), CURRENCY("HNL", 2),
    CURRENCY("HTG", 2), CURRENCY("HUF", 2), CURRENCY("IDR", 2), CURRENCY("ILS", 2),
    CURRENCY("INR", 2), CURRENCY("IQD", 3), CURRENCY("IRR", 2), CURRENCY("ISK", 0),
    CURRENCY("JMD", 2), CURRENCY("JOD", 3), CURRENCY("JPY", 0), CURRENCY("KES", 2),
    CURRENCY("KGS", 2), CURRENCY("KHR", 2), CURRENCY("KMF", 0), CURRENCY("KPW", 2),
    CURRENCY("KRW", 0), CURRENCY("KWD", 3), CURRENCY("KYD", 2), CURRENCY("KZT", 2),
    CURRENCY("LAK", 2), CURRENCY("LBP", 2), CURRENCY("LKR", 2), CURRENCY("LRD", 2),
    CURRENCY("LSL", 2), CURRENCY("LYD", 3), CURRENCY("MAD", 2), CURRENCY("MDL", 2),
    CURRENCY("MGA", 2), CURRENCY("MKD", 2), CURRENCY("MMK", 2), CURRENCY("MNT", 2),
    CURRENCY("MOP", 2), CURRENCY("MRU", 2), CURRENCY("MUR", 2), CURRENCY("MVR", 2),
    CURRENCY("MWK", 2), CURRENCY("MXN", 2), CURRENCY("MYR", 2), CURRENCY("MZN", 2),
    CURRENCY("NAD", 2), CURRENCY("NGN", 2), CURRENCY("NIO", 2), CURRENCY("NOK", 2),
    CURRENCY("NPR", 2), CURRENCY("NZD", 2), CURRENCY("OMR", 3), CURRENCY("PAB", 2),
    CURRENCY("PEN", 2), CURRENCY("PGK", 2), CURRENCY("PHP", 2), CURRENCY("PKR", 2),
    CURRENCY("PLN", 2), CURRENCY("PYG", 0), CURRENCY("QAR", 2), CURRENCY("RON", 2),
    CURRENCY("RSD", 2), CURRENCY("RUB", 2), CURRENCY("RWF", 0), CURRENCY("SAR", 2),
    CURRENCY("SBD", 2), CURRENCY("SCR", 2), CURRENCY("SDG", 2), CURRENCY("SEK", 2),
    CURRENCY("SGD", 2), CURRENCY("SHP", 2), CURRENCY("SLE", 2), CURRENCY("SOS", 2),
    CURRENCY("SRD", 2), CURRENCY("SSP", 2), CURRENCY("STN", 2), CURRENCY("SVC", 2),
    CURRENCY("SYP", 2), CURRENCY("SZL", 2), CURRENCY("THB", 2), CURRENCY("TJS", 2),
    CURRENCY("TMT", 2), CURRENCY("TND", 3), CURRENCY("TOP", 2), CURRENCY("TRY", 2),
    CURRENCY("TTD", 2), CURRENCY("TWD", 2), CURRENCY("TZS", 2), CURRENCY("UAH", 2),
    CURRENCY("UGX", 0), CURRENCY("USD", 2), CURRENCY("UYI", 0), CURRENCY("UYU", 2),
    CURRENCY("UYW", 4), CURRENCY("UZS", 2), CURRENCY("VED", 2), CURRENCY("VES", 2),
    CURRENCY("VND", 0), CURRENCY("VUV", 0), CURRENCY("WST", 2), CURRENCY("XAF", 0),
    CURRENCY("XCD", 2), CURRENCY("XCG", 2), CURRENCY("XOF", 0), CURRENCY("XPF", 0),
    CURRENCY("YER", 2), CURRENCY("ZAR", 2), CURRENCY("ZMW", 2), CURRENCY("ZWG", 2),
};
// clang-format on

const struct currency *currency_find(struct str code)
{
    size_t low = 0;
    size_t high = sizeof currencies / sizeof currencies[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(code, currencies[middle].code);
        if (order == 0)
            return &currencies[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
