#include "tests/test.h"

#include "base/decimal.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#pragma GCC diagnostic ignored "-Wundef"
#include <bid_conf.h>
#include <bid_functions.h>
#pragma GCC diagnostic pop

static struct arena arena;

static struct str text(struct decimal value)
{
    return decimal_text(&arena, value);
}

TEST(decimal_texts)
{
    static const struct {
        const char *name, *text;
        enum err err;
        const char *want;
    } cases[] = {
        {"zero", "0", ERR_NONE, "0"},
        {"negative zero", "-0.000", ERR_NONE, "0"},
        {"plus", "+1.50", ERR_NONE, "1.5"},
        {"zeros around", "000120.5000", ERR_NONE, "120.5"},
        {"small exponent", "1E-9", ERR_NONE, "0.000000001"},
        {"exponent", "2.5e3", ERR_NONE, "2500"},
        {"vendor cost of 24 digits", "123.456789012345678901234", ERR_NONE,
         "123.456789012345678901234"},
        {"34 digits", "1234567890123456789012345678901234", ERR_NONE,
         "1234567890123456789012345678901234"},
        {"35 digits", "12345678901234567890123456789012345", ERR_INEXACT, ""},
        {"35 digits, the last 0", "12345678901234567890123456789012340", ERR_OVERFLOW, ""},
        {"40 decimals", "0.0000000000000000000000000000000000000001", ERR_NONE,
         "0.0000000000000000000000000000000000000001"},
        {"41 decimals", "0.00000000000000000000000000000000000000001", ERR_INEXACT, ""},
        {"many zeros", "0.00000000000000000000000000000000000000000000000", ERR_NONE, "0"},
        {"ten to the 34th", "1e34", ERR_OVERFLOW, ""},
        {"empty", "", ERR_MALFORMED, ""},
        {"sign alone", "-", ERR_MALFORMED, ""},
        {"two points", "1.2.3", ERR_MALFORMED, ""},
        {"no digit behind the point", "5.", ERR_MALFORMED, ""},
        {"money", "$10.00", ERR_MALFORMED, ""},
        {"space", " 1", ERR_MALFORMED, ""},
        {"comma", "1,5", ERR_MALFORMED, ""},
        {"hex", "0x10", ERR_MALFORMED, ""},
        {"exponent without digits", "1e", ERR_MALFORMED, ""},
        {"NaN", "NaN", ERR_MALFORMED, ""},
        {"long and no number", "12345678901234567890123456789012345x", ERR_MALFORMED, ""},
        {"long, two points", "1234567890123456789012345678901234567890.1.2", ERR_MALFORMED, ""},
        {"long with an exponent", "1234567890123456789012345678901234567891e-39", ERR_INEXACT, ""},
        {"long with half an exponent", "1234567890123456789012345678901234567891e-", ERR_MALFORMED,
         ""},
        {"no digit before the point", ".5", ERR_NONE, "0.5"},
    };
    arena_init(&arena);
    EACH(c, cases) {
        struct decimal value = DECIMAL_ONE;
        CHECK_INT(decimal_parse(str_of(c->text), &value), c->err);
        CHECK_STR(text(value), c->err == ERR_NONE ? c->want : "1");
    }
    arena_clear(&arena);
}

static enum rounding rounding_of(const char *word)
{
    static const char *const words[] = {"half_up", "half_even", "down", "up", "ceiling", "floor"};
    for (int i = 0; i < 6; i++) {
        if (strcmp(word, words[i]) == 0)
            return (enum rounding)i;
    }
    return ROUND_HALF_UP;
}

static struct decimal number(const char *word)
{
    return strcmp(word, "-") == 0 ? DECIMAL_ZERO : decimal_lit(word);
}

/* Vectors of Python's decimal: tests/oracle/decimal_vectors.py. */
TEST(decimal_arithmetic_as_python_does_it)
{
    char op[16], a[128], b[128], c[128], places[16], mode[16], want[256], line[1024];
    int count = 0;
    FILE *file = fopen(TEST_DATA_DIR "/decimal/vectors.txt", "r");
    REQUIRE(file != NULL);
    arena_init(&arena);
    while (fgets(line, sizeof line, file) != NULL) {
        struct decimal result = DECIMAL_ZERO;
        enum err err = ERR_NONE;
        REQUIRE(sscanf(line, "%15s %127s %127s %127s %15s %15s %255s", op, a, b, c, places, mode,
                       want) == 7);
        int decimals = (int)strtol(places, NULL, 10);
        if (strcmp(op, "add") == 0)
            err = decimal_add(number(a), number(b), &result);
        else if (strcmp(op, "mul") == 0)
            err = decimal_mul(number(a), number(b), &result);
        else if (strcmp(op, "cmp") == 0)
            result = decimal_of(decimal_cmp(number(a), number(b)));
        else if (strcmp(op, "round") == 0)
            err = decimal_round(number(a), decimals, rounding_of(mode), &result);
        else if (strcmp(op, "div") == 0)
            err = decimal_div(number(a), number(b), decimals, rounding_of(mode), &result);
        else
            err = decimal_mul_div(number(a), number(b), number(c), decimals, rounding_of(mode),
                                  &result);
        test_case = line;
        if (strcmp(want, "overflow") == 0)
            CHECK_INT(err, ERR_OVERFLOW);
        else if (err != ERR_NONE)
            CHECK_INT(err, ERR_NONE);
        else
            CHECK_STR(text(result), want);
        arena_reset(&arena);
        count++;
    }
    fclose(file);
    test_case = "";
    CHECK(count > 3000);
    arena_clear(&arena);
}

static BID_UINT128 bid(struct decimal value)
{
    BID_UINT128 bits = {{value.bits[0], value.bits[1]}};
    return bits;
}

static struct decimal random_decimal(int digits_max, int decimals_max)
{
    char digits[64];
    int len = (int)test_between(1, digits_max);
    for (int i = 0; i < len; i++)
        digits[i] = (char)('0' + test_between(0, 9));
    snprintf(digits + len, sizeof digits - (size_t)len, "e-%d", (int)test_between(0, decimals_max));
    struct decimal value = decimal_lit(digits);
    return test_between(0, 1) == 0 ? value : decimal_neg(value);
}

/* Intel's library on the same bits: exact where it is, refused where it would round. */
TEST(decimal_sums_and_products_as_intel_does_them)
{
    for (int i = 0; i < 20000; i++) {
        struct decimal a = random_decimal(30, 20);
        struct decimal b = random_decimal(30, 20);
        struct decimal own = DECIMAL_ZERO;
        for (int op = 0; op < 2; op++) {
            _IDEC_flags flags = 0;
            BID_UINT128 theirs = op == 0 ? bid128_add(bid(a), bid(b), 0, &flags)
                                         : bid128_mul(bid(a), bid(b), 0, &flags);
            bool exact = (flags & BID_INEXACT_EXCEPTION) == 0;
            enum err err = op == 0 ? decimal_add(a, b, &own) : decimal_mul(a, b, &own);
            CHECK_INT(err == ERR_NONE, exact);
            flags = 0;
            if (err == ERR_NONE)
                CHECK(bid128_quiet_equal(theirs, bid(own), &flags) != 0);
        }
    }
}

TEST(decimal_integers)
{
    static const struct {
        const char *name, *text;
        enum err err;
        int64_t want;
    } cases[] = {
        {"largest", "9223372036854775807", ERR_NONE, INT64_MAX},
        {"smallest", "-9223372036854775808", ERR_NONE, INT64_MIN},
        {"one more", "9223372036854775808", ERR_OVERFLOW, 0},
        {"one less", "-9223372036854775809", ERR_OVERFLOW, 0},
        {"decimals", "1.5", ERR_INEXACT, 0},
        {"zeros", "5e3", ERR_NONE, 5000},
    };
    EACH(c, cases) {
        int64_t value = 0;
        CHECK_INT(decimal_to_int64(decimal_lit(c->text), &value), c->err);
        CHECK_INT(value, c->want);
        if (c->err == ERR_NONE)
            CHECK(decimal_eq(decimal_of(c->want), decimal_lit(c->text)));
    }
}

TEST(decimal_division_by_zero_is_refused)
{
    struct decimal result = DECIMAL_ONE;
    CHECK_INT(decimal_div(DECIMAL_ONE, DECIMAL_ZERO, 2, ROUND_HALF_UP, &result), ERR_INVALID);
    CHECK(decimal_eq(result, DECIMAL_ONE));
    CHECK(decimal_is_none(DECIMAL_NONE) && !decimal_is_none(DECIMAL_ZERO));
}
