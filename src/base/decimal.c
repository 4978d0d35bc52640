/* The bits are IEEE 754-2008 decimal128 in the binary encoding (BID): sign, 14 bits of exponent
 * biased by 6176, 113 bits of coefficient; so Intel's library reads and writes the same values and
 * is the oracle in the tests.  The arithmetic is our own, because each operation here is exact or
 * an error, and rounding happens once with 256-bit intermediates.
 *
 * Values are kept without trailing zeros (12E2 for 1200), so equal values have equal bits. */
#include "base/decimal.h"

#include "base/assert.h"

#include <string.h>

__extension__ typedef unsigned __int128 uint128;

#define EXPONENT_BIAS  6176
#define EXPONENT_LIMIT 200 /* far beyond what parsing and billing make; keeps text short */
#define POWERS         39  /* 10^0 .. 10^38 fit 128 bits */

const struct decimal DECIMAL_ZERO = {{0, (uint64_t)EXPONENT_BIAS << 49}};
const struct decimal DECIMAL_ONE = {{1, (uint64_t)EXPONENT_BIAS << 49}};
const struct decimal DECIMAL_NONE = {{0, (uint64_t)0x7c << 56}};

/* A value taken apart: (-1)^negative * coefficient * 10^exponent. */
struct parts {
    uint128 coefficient;
    int exponent;
    bool negative;
};

struct uint256 {
    uint128 high;
    uint128 low;
};

static uint128 power_of_ten(int exponent)
{
    static const uint64_t small[] = {1u,
                                     10u,
                                     100u,
                                     1000u,
                                     10000u,
                                     100000u,
                                     1000000u,
                                     10000000u,
                                     100000000u,
                                     1000000000u,
                                     10000000000u,
                                     100000000000u,
                                     1000000000000u,
                                     10000000000000u,
                                     100000000000000u,
                                     1000000000000000u,
                                     10000000000000000u,
                                     100000000000000000u,
                                     1000000000000000000u,
                                     10000000000000000000u};
    ASSERT(exponent >= 0 && exponent < POWERS);
    if (exponent < 20)
        return small[exponent];
    return (uint128)small[19] * small[exponent - 19];
}

/* From the number of bits: 1233 / 4096 is log10(2) closely enough for 128 of them, so the guess is
 * right or one too small.  0 has one digit. */
static int digit_count(uint128 value)
{
    uint64_t high = (uint64_t)(value >> 64);
    uint64_t low = (uint64_t)value | 1;
    int bits = high != 0 ? 128 - __builtin_clzll(high) : 64 - __builtin_clzll(low);
    int guess = bits * 1233 >> 12;
    if (guess == 0)
        return 1;
    return guess + (value >= power_of_ten(guess));
}

static struct parts unpack(struct decimal value)
{
    ASSERT(!decimal_is_none(value));
    return (struct parts){
        .coefficient = (uint128)(value.bits[1] & 0x1ffffffffffffu) << 64 | value.bits[0],
        .exponent = (int)(value.bits[1] >> 49 & 0x3fff) - EXPONENT_BIAS,
        .negative = value.bits[1] >> 63 != 0,
    };
}

/* Strips zeros and packs; ERR_OVERFLOW beyond 34 digits or the exponents in use. */
static enum err pack(struct parts parts, struct decimal *value)
{
    if (parts.coefficient == 0) {
        *value = DECIMAL_ZERO;
        return ERR_NONE;
    }
    if (parts.coefficient >> 64 == 0) {
        uint64_t small = (uint64_t)parts.coefficient;
        while (small % 2 == 0 && small % 10 == 0) {
            small /= 10;
            parts.exponent++;
        }
        parts.coefficient = small;
    } else {
        while ((uint64_t)parts.coefficient % 2 == 0 && parts.coefficient % 10 == 0) {
            parts.coefficient /= 10;
            parts.exponent++;
        }
        if (parts.coefficient >= power_of_ten(DECIMAL_DIGITS_MAX))
            return ERR_OVERFLOW;
    }
    if (parts.exponent > EXPONENT_LIMIT || parts.exponent < -EXPONENT_LIMIT)
        return ERR_OVERFLOW;
    value->bits[0] = (uint64_t)parts.coefficient;
    value->bits[1] = (uint64_t)(parts.coefficient >> 64) |
                     (uint64_t)(parts.exponent + EXPONENT_BIAS) << 49 |
                     (uint64_t)parts.negative << 63;
    return ERR_NONE;
}

bool decimal_is_none(struct decimal value)
{
    return value.bits[1] == DECIMAL_NONE.bits[1];
}

struct decimal decimal_of(int64_t value)
{
    struct decimal result;
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    enum err err = pack((struct parts){.coefficient = magnitude, .negative = value < 0}, &result);
    ASSERT(err == ERR_NONE);
    return result;
}

/* Reads [+-]digits[.digits], counting the decimals; *at stops behind it. */
static enum err parse_number(struct str text, size_t *at, struct parts *parts, int *zeros)
{
    bool any = false;
    bool fraction = false;
    int pending = 0; /* zeros that count only when another digit follows */
    for (; *at < text.len; (*at)++) {
        char c = text.ptr[*at];
        if (c == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        any = true;
        pending++;
        if (fraction)
            parts->exponent--;
        if (c == '0')
            continue;
        if (parts->coefficient == 0)
            pending = 1; /* leading zeros say nothing */
        if (pending >= POWERS || digit_count(parts->coefficient) + pending > 38)
            return ERR_INEXACT;
        parts->coefficient *= power_of_ten(pending);
        parts->coefficient += (unsigned)(c - '0');
        pending = 0;
    }
    *zeros = parts->coefficient == 0 ? 0 : pending;
    if (!any || (fraction && text.ptr[*at - 1] == '.'))
        return ERR_MALFORMED;
    return ERR_NONE;
}

static enum err parse_exponent(struct str text, size_t *at, int *exponent)
{
    int value = 0;
    (*at)++;
    bool negative = *at < text.len && text.ptr[*at] == '-';
    if (*at < text.len && (text.ptr[*at] == '-' || text.ptr[*at] == '+'))
        (*at)++;
    if (*at == text.len)
        return ERR_MALFORMED;
    for (; *at < text.len; (*at)++) {
        char c = text.ptr[*at];
        if (c < '0' || c > '9')
            return ERR_MALFORMED;
        if (value < 100000)
            value = value * 10 + (c - '0');
    }
    *exponent = negative ? -value : value;
    return ERR_NONE;
}

static size_t pass_digits(struct str text, size_t *at)
{
    size_t start = *at;
    while (*at < text.len && text.ptr[*at] >= '0' && text.ptr[*at] <= '9')
        (*at)++;
    return *at - start;
}

/* Whether it has the form of a number, however many digits. */
static bool is_number(struct str text)
{
    size_t at = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+') ? 1 : 0;
    int exponent = 0;
    size_t count = pass_digits(text, &at);
    if (at < text.len && text.ptr[at] == '.') {
        at++;
        size_t decimals = pass_digits(text, &at);
        if (decimals == 0)
            return false;
        count += decimals;
    }
    if (count == 0 || at == text.len)
        return count > 0;
    return (text.ptr[at] == 'e' || text.ptr[at] == 'E') &&
           parse_exponent(text, &at, &exponent) == ERR_NONE;
}

enum err decimal_parse(struct str text, struct decimal *value)
{
    struct parts parts = {0};
    size_t at = 0;
    int zeros = 0;
    int exponent = 0;
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        parts.negative = text.ptr[0] == '-';
        at = 1;
    }
    if (text.len > 4096)
        return ERR_INEXACT;
    enum err err = parse_number(text, &at, &parts, &zeros);
    if (err == ERR_MALFORMED)
        return err;
    if (err == ERR_NONE && at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E'))
        TRY(parse_exponent(text, &at, &exponent));
    if (err != ERR_NONE) /* too many digits; but of what is no number at all, say that */
        return is_number(text) ? err : ERR_MALFORMED;
    if (at != text.len)
        return ERR_MALFORMED;
    if (parts.coefficient == 0) {
        *value = DECIMAL_ZERO;
        return ERR_NONE;
    }
    parts.exponent += zeros + exponent;
    while (parts.coefficient % 10 == 0) {
        parts.coefficient /= 10;
        parts.exponent++;
    }
    int digits = digit_count(parts.coefficient);
    if (digits > DECIMAL_DIGITS_MAX || parts.exponent < -DECIMAL_DECIMALS_MAX)
        return ERR_INEXACT;
    if (digits + parts.exponent > DECIMAL_DIGITS_MAX)
        return ERR_OVERFLOW;
    return pack(parts, value);
}

struct decimal decimal_lit(const char *text)
{
    struct decimal value;
    enum err err = decimal_parse(str_of(text), &value);
    ASSERT(err == ERR_NONE);
    return value;
}

static void zeros(struct buf *buf, int count)
{
    for (int i = 0; i < count; i++)
        buf_char(buf, '0');
}

/* With at least `decimals` decimals. */
static void write_plain(struct buf *buf, struct parts parts, int decimals)
{
    char digits[40];
    int count = 0;
    for (uint128 rest = parts.coefficient; rest != 0; rest /= 10)
        digits[sizeof digits - 1 - (size_t)count++] = (char)('0' + (int)(rest % 10));
    struct str text = {digits + sizeof digits - (size_t)count, (size_t)count};
    int own = parts.exponent < 0 ? -parts.exponent : 0;
    if (parts.negative)
        buf_char(buf, '-');
    if (count + parts.exponent <= 0)
        buf_char(buf, '0');
    else
        buf_add(buf, str_slice(text, 0, (size_t)(count - own)));
    if (parts.exponent > 0 && count > 0)
        zeros(buf, parts.exponent);
    if (own > 0 || decimals > 0)
        buf_char(buf, '.');
    if (own > count)
        zeros(buf, own - count);
    if (own > 0)
        buf_add(buf, own > count ? text : str_slice(text, (size_t)(count - own), (size_t)count));
    zeros(buf, decimals - own);
}

void buf_decimal(struct buf *buf, struct decimal value)
{
    write_plain(buf, unpack(value), 0);
}

void buf_decimal_fixed(struct buf *buf, struct decimal value, int decimals)
{
    ASSERT(decimal_decimals(value) <= decimals);
    write_plain(buf, unpack(value), decimals);
}

struct str decimal_text(struct arena *arena, struct decimal value)
{
    struct buf buf;
    buf_init(&buf, arena, 2 * EXPONENT_LIMIT + 2 * DECIMAL_TEXT_MAX);
    buf_decimal(&buf, value);
    return buf_str(&buf);
}

enum err decimal_add(struct decimal a, struct decimal b, struct decimal *sum)
{
    struct parts x = unpack(a);
    struct parts y = unpack(b);
    if (x.coefficient == 0 || y.coefficient == 0) {
        *sum = x.coefficient == 0 ? b : a;
        return ERR_NONE;
    }
    if (x.exponent < y.exponent) {
        struct parts swap = x;
        x = y;
        y = swap;
    }
    /* The sum ends where y ends and begins where x does, give or take one digit: what does not
     * fit 38 digits here does not fit 34 after it. */
    int shift = x.exponent - y.exponent;
    if (shift >= POWERS || (shift > 0 && digit_count(x.coefficient) + shift > 38))
        return ERR_OVERFLOW;
    uint128 aligned = x.coefficient * power_of_ten(shift);
    struct parts result = {.exponent = y.exponent};
    if (x.negative == y.negative) {
        result.coefficient = aligned + y.coefficient;
        result.negative = x.negative;
    } else if (aligned >= y.coefficient) {
        result.coefficient = aligned - y.coefficient;
        result.negative = x.negative;
    } else {
        result.coefficient = y.coefficient - aligned;
        result.negative = y.negative;
    }
    return pack(result, sum);
}

enum err decimal_sub(struct decimal a, struct decimal b, struct decimal *difference)
{
    return decimal_add(a, decimal_neg(b), difference);
}

static struct uint256 multiply(uint128 a, uint128 b)
{
    uint64_t a0 = (uint64_t)a;
    uint64_t a1 = (uint64_t)(a >> 64);
    uint64_t b0 = (uint64_t)b;
    uint64_t b1 = (uint64_t)(b >> 64);
    uint128 low = (uint128)a0 * b0;
    uint128 middle = (uint128)a0 * b1;
    uint128 other = (uint128)a1 * b0;
    uint128 carry = (low >> 64) + (uint64_t)middle + (uint64_t)other;
    return (struct uint256){
        .high = (uint128)a1 * b1 + (middle >> 64) + (other >> 64) + (carry >> 64),
        .low = carry << 64 | (uint64_t)low,
    };
}

/* value * factor; false when it does not fit 256 bits. */
static bool scale_up(struct uint256 *value, uint128 factor)
{
    struct uint256 low = multiply(value->low, factor);
    struct uint256 high = multiply(value->high, factor);
    uint128 sum = low.high + high.low;
    if (high.high != 0 || sum < low.high)
        return false;
    *value = (struct uint256){.high = sum, .low = low.low};
    return true;
}

static int compare256(struct uint256 a, struct uint256 b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

static struct uint256 subtract256(struct uint256 a, struct uint256 b)
{
    return (struct uint256){.high = a.high - b.high - (a.low < b.low), .low = a.low - b.low};
}

/* Schoolbook division, bit by bit; the common small case by the machine's own. */
static struct uint256 divide256(struct uint256 a, struct uint256 b, struct uint256 *remainder)
{
    struct uint256 quotient = {0};
    struct uint256 rest = {0};
    ASSERT(b.high != 0 || b.low != 0);
    if (a.high == 0 && b.high == 0) {
        *remainder = (struct uint256){.low = a.low % b.low};
        return (struct uint256){.low = a.low / b.low};
    }
    for (int bit = 255; bit >= 0; bit--) {
        bool out = rest.high >> 127 != 0; /* the divisor is smaller than 2^255 or the bit is lost */
        rest.high = rest.high << 1 | rest.low >> 127;
        rest.low <<= 1;
        uint128 word = bit >= 128 ? a.high : a.low;
        rest.low |= word >> (bit & 127) & 1;
        if (out || compare256(rest, b) >= 0) {
            rest = subtract256(rest, b);
            if (bit >= 128)
                quotient.high |= (uint128)1 << (bit - 128);
            else
                quotient.low |= (uint128)1 << bit;
        }
    }
    *remainder = rest;
    return quotient;
}

/* Brings a value back to 128 bits, which only zeros at its end allow. */
static enum err strip_high(struct uint256 *value, int *decimals)
{
    while (value->high != 0) {
        struct uint256 rest;
        struct uint256 tenth = divide256(*value, (struct uint256){.low = 10}, &rest);
        if (rest.low != 0)
            return ERR_OVERFLOW;
        *value = tenth;
        (*decimals)--;
    }
    return ERR_NONE;
}

enum err decimal_mul(struct decimal a, struct decimal b, struct decimal *product)
{
    struct parts x = unpack(a);
    struct parts y = unpack(b);
    struct parts result = {.exponent = x.exponent + y.exponent,
                           .negative = x.negative != y.negative};
    if (x.coefficient >> 64 == 0 && y.coefficient >> 64 == 0) {
        result.coefficient = x.coefficient * y.coefficient;
        return pack(result, product);
    }
    struct uint256 wide = multiply(x.coefficient, y.coefficient);
    int decimals = -result.exponent;
    TRY(strip_high(&wide, &decimals));
    result.coefficient = wide.low;
    result.exponent = -decimals;
    return pack(result, product);
}

/* Whether a quotient is to be made larger by one, by what was left over: `half` is the remainder
 * against half the divisor (-1, 0, 1), `any` whether there is a remainder. */
static bool rounds_away(enum rounding rounding, bool negative, bool odd, int half, bool any)
{
    switch (rounding) {
    case ROUND_HALF_UP:
        return half >= 0 && any;
    case ROUND_HALF_EVEN:
        return any && (half > 0 || (half == 0 && odd));
    case ROUND_DOWN:
        return false;
    case ROUND_UP:
        return any;
    case ROUND_CEILING:
        return any && !negative;
    case ROUND_FLOOR:
        return any && negative;
    }
    return false;
}

/* numerator * 10^shift / denominator, rounded once, as a value with `decimals` decimals. */
static enum err quotient(struct uint256 numerator, struct uint256 denominator, int shift,
                         bool negative, int decimals, enum rounding rounding,
                         struct decimal *result)
{
    struct uint256 rest = numerator;
    struct uint256 whole = {0};
    int half = -1;
    bool any = numerator.high != 0 || numerator.low != 0;
    bool tiny = false;          /* the quotient is less than a half */
    bool must_be_exact = false; /* 256 bits are used up: only zeros may follow */
    while (any && shift > 0 && !must_be_exact) {
        int step = shift < 19 ? shift : 19;
        must_be_exact = !scale_up(&numerator, power_of_ten(step));
        if (must_be_exact)
            decimals -= shift;
        else
            shift -= step;
    }
    while (any && shift < 0 && !tiny) {
        int step = shift > -19 ? -shift : 19;
        tiny = !scale_up(&denominator, power_of_ten(step));
        shift += step;
    }
    if (any && !tiny) {
        whole = divide256(numerator, denominator, &rest);
        any = rest.high != 0 || rest.low != 0;
        struct uint256 other = subtract256(denominator, rest);
        half = compare256(rest, other);
        if (must_be_exact && any)
            return ERR_OVERFLOW;
    }
    if (rounds_away(rounding, negative, (whole.low & 1) != 0, half, any)) {
        whole.low++;
        whole.high += whole.low == 0;
    }
    TRY(strip_high(&whole, &decimals));
    return pack(
        (struct parts){.coefficient = whole.low, .exponent = -decimals, .negative = negative},
        result);
}

enum err decimal_mul_div(struct decimal a, struct decimal numerator, struct decimal denominator,
                         int decimals, enum rounding rounding, struct decimal *result)
{
    struct parts x = unpack(a);
    struct parts n = unpack(numerator);
    struct parts d = unpack(denominator);
    if (d.coefficient == 0)
        return ERR_INVALID;
    return quotient(multiply(x.coefficient, n.coefficient), (struct uint256){.low = d.coefficient},
                    x.exponent + n.exponent - d.exponent + decimals,
                    (x.negative != n.negative) != d.negative, decimals, rounding, result);
}

enum err decimal_div(struct decimal a, struct decimal b, int decimals, enum rounding rounding,
                     struct decimal *result)
{
    return decimal_mul_div(a, DECIMAL_ONE, b, decimals, rounding, result);
}

enum err decimal_round(struct decimal a, int decimals, enum rounding rounding,
                       struct decimal *rounded)
{
    struct parts x = unpack(a);
    if (-x.exponent <= decimals) {
        *rounded = a;
        return ERR_NONE;
    }
    return quotient((struct uint256){.low = x.coefficient}, (struct uint256){.low = 1},
                    x.exponent + decimals, x.negative, decimals, rounding, rounded);
}

struct decimal decimal_neg(struct decimal a)
{
    if (!decimal_is_zero(a))
        a.bits[1] ^= (uint64_t)1 << 63;
    return a;
}

struct decimal decimal_abs(struct decimal a)
{
    return decimal_sign(a) < 0 ? decimal_neg(a) : a;
}

struct decimal decimal_min(struct decimal a, struct decimal b)
{
    return decimal_cmp(a, b) <= 0 ? a : b;
}

struct decimal decimal_max(struct decimal a, struct decimal b)
{
    return decimal_cmp(a, b) >= 0 ? a : b;
}

static int compare_magnitude(struct parts x, struct parts y)
{
    if (x.exponent == y.exponent)
        return (x.coefficient > y.coefficient) - (x.coefficient < y.coefficient);
    int x_top = digit_count(x.coefficient) + x.exponent;
    int y_top = digit_count(y.coefficient) + y.exponent;
    if (x_top != y_top)
        return x_top < y_top ? -1 : 1;
    /* Same first place, so aligning adds no more digits than the longer one has. */
    if (x.exponent > y.exponent)
        x.coefficient *= power_of_ten(x.exponent - y.exponent);
    else
        y.coefficient *= power_of_ten(y.exponent - x.exponent);
    return (x.coefficient > y.coefficient) - (x.coefficient < y.coefficient);
}

int decimal_cmp(struct decimal a, struct decimal b)
{
    int sign_a = decimal_sign(a);
    int sign_b = decimal_sign(b);
    if (sign_a != sign_b)
        return sign_a < sign_b ? -1 : 1;
    if (sign_a == 0)
        return 0;
    return sign_a * compare_magnitude(unpack(a), unpack(b));
}

bool decimal_eq(struct decimal a, struct decimal b)
{
    return decimal_cmp(a, b) == 0;
}

bool decimal_same(struct decimal a, struct decimal b)
{
    if (decimal_is_none(a) || decimal_is_none(b))
        return decimal_is_none(a) && decimal_is_none(b);
    return decimal_eq(a, b);
}

int decimal_sign(struct decimal a)
{
    struct parts parts = unpack(a);
    return parts.coefficient == 0 ? 0 : parts.negative ? -1 : 1;
}

bool decimal_is_zero(struct decimal a)
{
    return decimal_sign(a) == 0;
}

int decimal_decimals(struct decimal a)
{
    int exponent = unpack(a).exponent;
    return exponent < 0 ? -exponent : 0;
}

enum err decimal_scale(struct decimal a, int power, struct decimal *scaled)
{
    struct parts parts = unpack(a);
    parts.exponent += power;
    return pack(parts, scaled);
}

enum err decimal_to_int64(struct decimal a, int64_t *value)
{
    struct parts parts = unpack(a);
    if (parts.exponent < 0)
        return ERR_INEXACT;
    if (parts.exponent > 18 || parts.coefficient >> 64 != 0)
        return ERR_OVERFLOW;
    uint128 magnitude = parts.coefficient * power_of_ten(parts.exponent);
    uint128 limit = (uint128)INT64_MAX + parts.negative;
    if (magnitude > limit)
        return ERR_OVERFLOW;
    *value = parts.negative ? (int64_t)(0 - (uint64_t)magnitude) : (int64_t)magnitude;
    return ERR_NONE;
}
