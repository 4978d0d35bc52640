#!/usr/bin/env python3
"""Prints vectors for base/decimal: operation, operands, decimals, rounding, result ("overflow" where
34 digits do not hold it). Python's decimal, with 200 digits, is the oracle.

  decimal_vectors.py > tests/data/decimal/vectors.txt"""
import random
from decimal import Decimal, getcontext, localcontext
import decimal as d

getcontext().prec = 200
getcontext().Emax, getcontext().Emin = 100000, -100000
MODES = {"half_up": d.ROUND_HALF_UP, "half_even": d.ROUND_HALF_EVEN, "down": d.ROUND_DOWN,
         "up": d.ROUND_UP, "ceiling": d.ROUND_CEILING, "floor": d.ROUND_FLOOR}
r = random.Random(20240915)


def number(digits_max=34, decimals_max=24):
    digits = r.randint(1, digits_max)
    n = r.choice([r.randint(0, 10**digits - 1), 5 * 10**(digits - 1), 10**digits - 1, r.randint(0, 99)])
    return Decimal(n).scaleb(-r.randint(0, decimals_max)) * r.choice([1, 1, 1, -1])


def text(x):
    s = format(x.normalize(), "f")
    return "0" if s in ("-0", "0") else s


def fits(x):
    return x == 0 or len(x.normalize().as_tuple().digits) <= 34


def result(x):
    return text(x) if fits(x) else "overflow"


def rounded(x, places, mode):
    return x.quantize(Decimal(1).scaleb(-places), rounding=MODES[mode])


for _ in range(600):
    a, b = number(), number()
    print("add", text(a), text(b), "-", "-", "-", result(a + b))
    a, b = number(20, 20), number(20, 20)
    print("mul", text(a), text(b), "-", "-", "-", result(a * b))
    print("cmp", text(a), text(b), "-", "-", "-", (a > b) - (a < b))
    a, places, mode = number(), r.randint(-2, 22), r.choice(list(MODES))
    print("round", text(a), "-", "-", places, mode, result(rounded(a, places, mode)))
    a, b, places, mode = number(30, 12), number(12, 6), r.randint(0, 20), r.choice(list(MODES))
    if b:
        # exact at 200 digits or long enough that no tie is missed
        print("div", text(a), text(b), "-", places, mode, result(rounded(a / b, places, mode)))
    a, n, m = number(34, 20), number(34, 10), number(20, 5)
    if m:
        print("muldiv", text(a), text(n), text(m), places, mode, result(rounded(a * n / m, places, mode)))
for a, b, places in ((5, 2, 0), (-5, 2, 0), (1, 8, 2), (-1, 8, 2), (3, 8, 2), (7, 4, 1)):
    for mode in MODES:
        print("div", a, b, "-", places, mode, text(rounded(Decimal(a) / b, places, mode)))
