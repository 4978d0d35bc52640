/* decimal.c - decimals against schoolbook arithmetic on arrays of digits, and their texts against
 * the grammar.  The input is an operation, decimals, a rounding, and two or three texts, a line
 * each.
 */
#include "base/decimal.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* ---- numbers of up to DIGITS digits ---------------------------------------------------------- */

#define DIGITS 600

/* (-1)^negative * digits * 10^-scale, the least significant digit first. */
struct number {
    unsigned char digits[DIGITS];
    int scale;
    bool negative;
};

static bool is_zero(const struct number *n)
{
    for (int i = 0; i < DIGITS; i++) {
        if (n->digits[i] != 0)
            return false;
    }
    return true;
}

/* Digits without zeros at either end; 0 of zero. */
static int significant(const struct number *n)
{
    int first = 0;
    int last = DIGITS - 1;
    if (is_zero(n))
        return 0;
    while (n->digits[first] == 0)
        first++;
    while (n->digits[last] == 0)
        last--;
    return last - first + 1;
}

/* Of a canonical text. */
static struct number number_of(struct str text)
{
    struct number n = {0};
    int at = 0;
    for (size_t i = text.len; i > 0; i--) {
        char c = text.ptr[i - 1];
        if (c == '.')
            n.scale = at;
        else if (c == '-')
            n.negative = true;
        else
            n.digits[at++] = (unsigned char)(c - '0');
    }
    return n;
}

static struct number number_of_decimal(struct arena *arena, struct decimal value)
{
    return number_of(decimal_text(arena, value));
}

/* Multiplies by 10^(scale - n->scale) without changing the value. */
static struct number at_scale(const struct number *n, int scale)
{
    struct number result = {.scale = scale, .negative = n->negative};
    int by = scale - n->scale;
    FUZZ_CHECK(by >= 0);
    for (int i = 0; i + by < DIGITS; i++)
        result.digits[i + by] = n->digits[i];
    return result;
}

static int compare_digits(const struct number *a, const struct number *b)
{
    for (int i = DIGITS - 1; i >= 0; i--) {
        if (a->digits[i] != b->digits[i])
            return a->digits[i] < b->digits[i] ? -1 : 1;
    }
    return 0;
}

static int larger_scale(const struct number *a, const struct number *b)
{
    return a->scale > b->scale ? a->scale : b->scale;
}

/* |a| with |b| */
static int compare_absolute(const struct number *a, const struct number *b)
{
    int scale = larger_scale(a, b);
    struct number x = at_scale(a, scale);
    struct number y = at_scale(b, scale);
    return compare_digits(&x, &y);
}

static struct number add(const struct number *a, const struct number *b)
{
    int scale = larger_scale(a, b);
    struct number x = at_scale(a, scale);
    struct number y = at_scale(b, scale);
    struct number result = {.scale = scale};
    bool is_sum = x.negative == y.negative;
    if (compare_digits(&x, &y) < 0) {
        struct number swapped = x;
        x = y;
        y = swapped;
    }
    int carry = 0;
    for (int i = 0; i < DIGITS; i++) {
        int digit = is_sum ? x.digits[i] + y.digits[i] + carry : x.digits[i] - y.digits[i] - carry;
        carry = is_sum ? digit >= 10 : digit < 0;
        result.digits[i] = (unsigned char)((digit + 10) % 10);
    }
    result.negative = x.negative && !is_zero(&result);
    return result;
}

static struct number negated(struct number n)
{
    n.negative = !n.negative && !is_zero(&n);
    return n;
}

static struct number multiply(const struct number *a, const struct number *b)
{
    struct number result = {.scale = a->scale + b->scale};
    for (int i = 0; i < DIGITS / 2; i++) {
        int carry = 0;
        if (a->digits[i] == 0)
            continue;
        for (int k = 0; k + i < DIGITS; k++) {
            int digit = result.digits[i + k] + a->digits[i] * b->digits[k] + carry;
            result.digits[i + k] = (unsigned char)(digit % 10);
            carry = digit / 10;
        }
    }
    result.negative = a->negative != b->negative && !is_zero(&result);
    return result;
}

/* 10^power */
static struct number power_of_ten(int power)
{
    struct number n = {0};
    if (power >= 0) {
        n.digits[power] = 1;
    } else {
        n.digits[0] = 1;
        n.scale = -power;
    }
    return n;
}

static bool equal(const struct number *a, const struct number *b)
{
    return compare_absolute(a, b) == 0 && (a->negative == b->negative || is_zero(a));
}

/* ---- what must hold -------------------------------------------------------------------------- */

/* [+-](digits[.digits] | .digits)[(e|E)[+-]digits] */
static bool is_number(struct str text, struct str *whole, struct str *fraction, long *exponent)
{
    size_t at = 0;
    size_t start;
    *exponent = 0;
    if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-'))
        at++;
    start = at;
    while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
        at++;
    *whole = str_slice(text, start, at);
    *fraction = STR("");
    if (at < text.len && text.ptr[at] == '.') {
        start = ++at;
        while (at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9')
            at++;
        *fraction = str_slice(text, start, at);
        if (fraction->len == 0)
            return false;
    }
    if (whole->len == 0 && fraction->len == 0)
        return false;
    if (at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E')) {
        bool is_negative = false;
        at++;
        if (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-'))
            is_negative = text.ptr[at++] == '-';
        start = at;
        for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++) {
            if (*exponent < 1000000)
                *exponent = *exponent * 10 + (text.ptr[at] - '0');
        }
        if (at == start)
            return false;
        *exponent = is_negative ? -*exponent : *exponent;
    }
    return at == text.len;
}

/* What decimal_parse must say of a text, and the value where it is good. */
static void parsing(struct arena *arena, struct str text, struct decimal *value, bool *is_good)
{
    struct str whole;
    struct str fraction;
    long exponent = 0;
    enum err err = decimal_parse(text, value);
    *is_good = err == ERR_NONE;
    if (!is_number(text, &whole, &fraction, &exponent)) {
        FUZZ_CHECK(err == ERR_MALFORMED);
        return;
    }
    /* All digits, then without zeros at either end. */
    char *digits = arena_alloc(arena, whole.len + fraction.len + 1);
    size_t len = whole.len + fraction.len;
    memcpy(digits, whole.ptr, whole.len);
    if (fraction.len > 0)
        memcpy(digits + whole.len, fraction.ptr, fraction.len);
    long power = exponent - (long)fraction.len;
    while (len > 0 && digits[len - 1] == '0') {
        len--;
        power++;
    }
    while (len > 0 && *digits == '0') {
        digits++;
        len--;
    }
    if (len == 0) {
        FUZZ_CHECK(err == ERR_NONE && decimal_is_zero(*value));
        return;
    }
    bool is_large = (long)len + power > 34;
    bool is_fine = len > DECIMAL_DIGITS_MAX || power < -DECIMAL_DECIMALS_MAX;
    if (is_large || is_fine) {
        FUZZ_CHECK(err == ERR_OVERFLOW || err == ERR_INEXACT);
        FUZZ_CHECK(is_large || err == ERR_INEXACT);
        FUZZ_CHECK(is_fine || err == ERR_OVERFLOW);
        return;
    }
    FUZZ_CHECK(err == ERR_NONE);
    /* The same digits at the same place. */
    struct number want = number_of((struct str){digits, len});
    struct number scale = power_of_ten((int)power);
    want = multiply(&want, &scale);
    want.negative = text.ptr[0] == '-';
    struct number got = number_of_decimal(arena, *value);
    FUZZ_CHECK(equal(&got, &want));
    /* And its text is canonical. */
    struct str canonical = decimal_text(arena, *value);
    struct decimal again;
    FUZZ_CHECK(decimal_parse(canonical, &again) == ERR_NONE && decimal_eq(again, *value));
    FUZZ_CHECK(str_eq(decimal_text(arena, again), canonical));
    FUZZ_CHECK(memcmp(&again, value, sizeof again) == 0);
    FUZZ_CHECK(canonical.ptr[0] != '+' && !str_ends(canonical, STR(".")));
    FUZZ_CHECK(str_find(canonical, '.') < 0 || !str_ends(canonical, STR("0")));
}

static void check_exact(struct arena *arena, enum err err, struct decimal got,
                        const struct number *want)
{
    FUZZ_CHECK(err == (significant(want) <= DECIMAL_DIGITS_MAX ? ERR_NONE : ERR_OVERFLOW));
    if (err == ERR_NONE) {
        struct number shown = number_of_decimal(arena, got);
        FUZZ_CHECK(equal(&shown, want));
    }
}

/* Whether q is a / b rounded to `decimals`: |a - q b| is compared with |b| * 10^-decimals. */
static void check_rounded(struct arena *arena, enum err err, struct decimal quotient,
                          const struct number *a, const struct number *b, int decimals,
                          enum rounding rounding)
{
    struct number ulp = power_of_ten(-decimals);
    struct number unit = multiply(b, &ulp);
    unit.negative = false;
    if (err != ERR_NONE) { /* only where 34 digits can't hold it */
        struct number limit = power_of_ten(DECIMAL_DIGITS_MAX);
        struct number one = power_of_ten(0);
        one.negative = true;
        limit = add(&limit, &one);
        limit = multiply(&limit, &unit);
        FUZZ_CHECK(err == ERR_OVERFLOW && compare_absolute(a, &limit) >= 0);
        return;
    }
    FUZZ_CHECK(decimal_decimals(quotient) <= (decimals > 0 ? decimals : 0));
    struct number q = number_of_decimal(arena, quotient);
    struct number product = multiply(&q, b);
    struct number back = negated(product);
    struct number rest = add(a, &back);
    struct number two = {.digits = {2}};
    struct number twice = multiply(&rest, &two);
    int size = compare_absolute(&product, a); /* of |q| with |a / b| */
    FUZZ_CHECK(decimal_is_zero(quotient) || is_zero(a) ||
               q.negative == (a->negative != b->negative));
    bool is_negative = a->negative != b->negative && !is_zero(a);
    FUZZ_CHECK(compare_absolute(&rest, &unit) < 0);
    switch (rounding) {
    case ROUND_HALF_UP:
        FUZZ_CHECK(compare_absolute(&twice, &unit) < 0 ||
                   (compare_absolute(&twice, &unit) == 0 && size > 0));
        break;
    case ROUND_HALF_EVEN:
        FUZZ_CHECK(compare_absolute(&twice, &unit) <= 0);
        if (compare_absolute(&twice, &unit) == 0) {
            struct decimal half;
            struct decimal scaled;
            FUZZ_CHECK(decimal_scale(quotient, decimals, &scaled) == ERR_NONE);
            FUZZ_CHECK(decimal_mul(scaled, decimal_lit("0.5"), &half) != ERR_NONE ||
                       decimal_decimals(half) == 0);
        }
        break;
    case ROUND_DOWN:
        FUZZ_CHECK(size <= 0);
        break;
    case ROUND_UP:
        FUZZ_CHECK(size >= 0);
        break;
    case ROUND_CEILING:
        FUZZ_CHECK(is_negative ? size <= 0 : size >= 0);
        break;
    case ROUND_FLOOR:
        FUZZ_CHECK(is_negative ? size >= 0 : size <= 0);
        break;
    }
}

static void comparing(struct decimal a, struct decimal b, const struct number *x,
                      const struct number *y)
{
    struct number back = negated(*y);
    struct number difference = add(x, &back);
    int want = is_zero(&difference) ? 0 : difference.negative ? -1 : 1;
    int got = decimal_cmp(a, b);
    FUZZ_CHECK((got > 0) - (got < 0) == want);
    FUZZ_CHECK(decimal_eq(a, b) == (want == 0));
    FUZZ_CHECK(decimal_eq(decimal_max(a, b), want >= 0 ? a : b));
    FUZZ_CHECK(decimal_eq(decimal_min(a, b), want <= 0 ? a : b));
}

void fuzz_one(struct arena *arena, struct str input)
{
    unsigned operation = fuzz_choice(&input, 8);
    int decimals = (int)fuzz_choice(&input, 44) - 4;
    enum rounding rounding = (enum rounding)fuzz_choice(&input, 6);
    struct decimal value[3] = {DECIMAL_ONE, DECIMAL_ONE, DECIMAL_ONE};
    struct decimal got = DECIMAL_ZERO;
    struct number n[3];
    if (input.len > 300)
        return;
    for (int i = 0; i < 3; i++) {
        struct str text = STR_NULL;
        bool is_good = false;
        if (!str_split(&input, '\n', &text))
            text = STR("1");
        parsing(arena, text, &value[i], &is_good);
        if (!is_good)
            return;
        n[i] = number_of_decimal(arena, value[i]);
    }
    struct number sum = add(&n[0], &n[1]);
    struct number back = negated(n[1]);
    struct number difference = add(&n[0], &back);
    struct number product = multiply(&n[0], &n[1]);
    struct number one = power_of_ten(0);
    enum err err = ERR_NONE;
    switch (operation) {
    case 0:
        err = decimal_add(value[0], value[1], &got);
        check_exact(arena, err, got, &sum);
        break;
    case 1:
        err = decimal_sub(value[0], value[1], &got);
        check_exact(arena, err, got, &difference);
        break;
    case 2:
        err = decimal_mul(value[0], value[1], &got);
        check_exact(arena, err, got, &product);
        break;
    case 3:
        err = decimal_div(value[0], value[1], decimals, rounding, &got);
        if (is_zero(&n[1]))
            FUZZ_CHECK(err == ERR_INVALID);
        else
            check_rounded(arena, err, got, &n[0], &n[1], decimals, rounding);
        break;
    case 4:
        err = decimal_mul_div(value[0], value[1], value[2], decimals, rounding, &got);
        if (is_zero(&n[2]))
            FUZZ_CHECK(err == ERR_INVALID);
        else
            check_rounded(arena, err, got, &product, &n[2], decimals, rounding);
        break;
    case 5:
        err = decimal_round(value[0], decimals, rounding, &got);
        check_rounded(arena, err, got, &n[0], &one, decimals, rounding);
        break;
    case 6:
        comparing(value[0], value[1], &n[0], &n[1]);
        break;
    default: {
        struct number scale = power_of_ten(decimals);
        struct number want = multiply(&n[0], &scale);
        err = decimal_scale(value[0], decimals, &got);
        check_exact(arena, err, got, &want);
        break;
    }
    }
}
