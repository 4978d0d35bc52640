#!/usr/bin/env python3
"""oracle_test.py [DIR] - tests of the oracle's arithmetic against worked examples, and, with DIR, of the generated files.

The examples stand in standards and vendors' documents, or were counted by hand; none comes from a program.
"""
import datetime as dt
import os
import sys
import unittest
from decimal import Decimal
from zoneinfo import ZoneInfo

import demo_oracle as oracle
from focus_totals import COST_COLUMNS, plain, read_rows, totals

HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = os.path.join(HERE, "..", "..", "data", "demo")
TIERS = [{"from_value": "0", "to_value": "10", "per_unit_amount": "0", "flat_amount": "0"},
         {"from_value": "10", "to_value": "50", "per_unit_amount": "0.10", "flat_amount": "0"},
         {"from_value": "50", "to_value": None, "per_unit_amount": "0.20", "flat_amount": "0"}]


class Arithmetic(unittest.TestCase):
    def test_cents_half_away_from_zero(self):
        for text, want in (("8.875", 888), ("-8.875", -888), ("0.005", 1), ("0.0049999999999999999999999999999", 0), ("-0.005", -1)):
            self.assertEqual(oracle.cents(Decimal(text)), want)

    def test_tiers(self):
        self.assertEqual(oracle.price({"charge_model": "graduated", "properties": {"graduated_ranges": TIERS}}, Decimal(130)), 20)
        self.assertEqual(oracle.price({"charge_model": "volume", "properties": {"volume_ranges": TIERS}}, Decimal(130)), 26)
        self.assertEqual(oracle.price({"charge_model": "volume", "properties": {"volume_ranges": TIERS}}, Decimal(50)), 5)

    def test_package(self):
        charge = {"charge_model": "package", "properties": {"amount": "5", "package_size": "100", "free_units": "10"}}
        for units, want in ((0, 0), (10, 0), (11, 5), (110, 5), ("110.5", 10), (111, 10)):
            self.assertEqual(oracle.price(charge, Decimal(units)), want)

    def test_target_margin(self):
        self.assertEqual(oracle.cents(oracle.divide(Decimal(48) * 100, Decimal(85))), 5647)

    def test_months_clamp_and_return(self):
        anchor = dt.date(2024, 1, 31)
        self.assertEqual([oracle.add_months(anchor, n) for n in (1, 2, 3)],
                         [dt.date(2024, 2, 29), dt.date(2024, 3, 31), dt.date(2024, 4, 30)])

    def test_midnight_is_local(self):
        self.assertEqual(oracle.show_instant(oracle.midnight(dt.date(2023, 11, 1), ZoneInfo("America/New_York"))), "2023-11-01T04:00:00Z")
        self.assertEqual(oracle.show_instant(oracle.midnight(dt.date(2023, 11, 1), ZoneInfo("Europe/Berlin"))), "2023-10-31T23:00:00Z")

    def test_canonical_text(self):
        for text, want in (("1E-9", "0.000000001"), ("0.00000000000", "0"), ("-0.0", "0"), ("1200", "1200"), ("1E+3", "1000")):
            self.assertEqual(plain(Decimal(text)), want)

    def test_real_file(self):
        """The totals published with the data."""
        self.assertEqual(totals(read_rows(os.path.join(DEMO, "focus-2024-09.csv.gz"))), {
            "rows": 572, "BilledCost": "16.30605588923", "EffectiveCost": "13.1756821062",
            "ListCost": "16.08045588923", "ContractedCost": "13.1756810903"})


class Generated(unittest.TestCase):
    """Each generated row is its real row times one whole number, moved into its month, and marked."""

    def test_files(self):
        if FILES is None:
            self.skipTest("no DIR")
        with open(os.path.join(DEMO, "demo.json"), encoding="utf-8") as file:
            wanted = [f for f in oracle.json.load(file)["vendor_files"]["files"] if f["generated"]]
        for file in wanted:
            with self.subTest(file=file["file"]):
                self.check(file)

    def check(self, file):
        real = [r for r in read_rows(os.path.join(DEMO, "focus-2024-09.csv.gz"))
                if file.get("provider_name") in (None, r["ProviderName"])]
        rows = list(read_rows(os.path.join(FILES, file["file"])))
        self.assertEqual(len(rows), len(real))
        factors = set()
        year, month = map(int, file["month"].split("-"))
        first = dt.datetime(year, month, 1)
        after = dt.datetime(year + month // 12, month % 12 + 1, 1)
        for row, model in zip(rows, real):
            self.assertEqual(list(row), list(model) + ["x_Generated"])
            self.assertEqual(row["x_Generated"], "true")
            self.assertTrue(row["ChargeDescription"].endswith("(generated)"))
            own = set()
            for name in COST_COLUMNS + ("ConsumedQuantity", "PricingQuantity"):
                if model[name] is None:
                    self.assertIsNone(row[name])
                elif Decimal(model[name]) == 0:
                    self.assertEqual(Decimal(row[name]), 0)
                else:
                    own.add(oracle.divide(Decimal(row[name]) * 1000, Decimal(model[name]) * file.get("per_mille", 1000)))
            self.assertLessEqual(len(own), 1)
            factors |= own
            times = [dt.datetime.fromisoformat(row[n]) for n in ("BillingPeriodStart", "ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodEnd")]
            self.assertEqual((times[0], times[3]), (first, after))
            self.assertEqual(times, sorted(times))
            was = [dt.datetime.fromisoformat(model[n]) for n in ("ChargePeriodStart", "ChargePeriodEnd")]
            self.assertEqual(times[2] - times[1], was[1] - was[0])
            self.assertEqual(times[1].time(), was[0].time())
            changed = set(COST_COLUMNS) | {"ConsumedQuantity", "PricingQuantity", "ChargeDescription", "BillingPeriodStart",
                                           "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"}
            for name in set(model) - changed:
                self.assertEqual(row[name], model[name])
        for factor in factors:
            self.assertEqual(factor, factor.to_integral_value())
            self.assertTrue(800 <= factor < 1200)


if __name__ == "__main__":
    FILES = sys.argv.pop() if len(sys.argv) > 1 and os.path.isdir(sys.argv[-1]) else None
    unittest.main()
