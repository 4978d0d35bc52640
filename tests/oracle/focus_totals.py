#!/usr/bin/env python3
"""focus_totals.py FILE[.gz] ... - rows and exact totals of the cost columns of FOCUS files.

Independent of Billow: the csv and decimal modules of Python's library.  Nulls (empty, NULL) are left out.
"""
import csv
import decimal
import gzip
import io
import json
import sys

COST_COLUMNS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")

# Wide enough that no sum is ever rounded; a rounding would raise Inexact.
decimal.setcontext(decimal.Context(prec=200, traps=[decimal.Inexact, decimal.InvalidOperation]))


def read_rows(path):
    """The rows of a FOCUS file as dicts, null as None."""
    with open(path, "rb") as raw:
        data = raw.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    for row in csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")):
        yield {name: None if value in ("", "NULL") else value for name, value in row.items()}


def plain(value):
    """A decimal's canonical text: no exponent, no zeros at the end."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def totals(rows):
    count = 0
    sums = {column: decimal.Decimal(0) for column in COST_COLUMNS}
    for row in rows:
        count += 1
        for column in COST_COLUMNS:
            if row[column] is not None:
                sums[column] += decimal.Decimal(row[column])
    return {"rows": count, **{column: plain(value) for column, value in sums.items()}}


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        print(json.dumps({"file": path, **totals(read_rows(path))}))
