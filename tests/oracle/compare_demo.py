#!/usr/bin/env python3
"""compare_demo.py ORACLE BILLOW - says where two summaries of the demo differ; exit code 1 if they do.

ORACLE is what demo_oracle.py printed, BILLOW what `billow demo --summary-json` wrote (docs/demo.md, "Summary").
Decimal texts are compared as numbers.  Invoice numbers, which the oracle does not give, are checked: in final
invoices only, well-formed, and without gaps within each prefix.
"""
import decimal
import json
import re
import sys

SHOWN_MAX = 50
DECIMALS = {"units", "margin", "vendor_cost", "billed_cost", "effective_cost", "list_cost", "contracted_cost"}
CANONICAL = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?\Z")
KEYS = {"currencies": ["currency"], "customers": ["external_id"], "usage": ["metric"], "taxes": ["code"],
        "ledger": ["account"], "invoice_list": ["billing_at"], "resale": ["period", "provider_name", "rule"]}


class Differences:
    def __init__(self):
        self.found = []

    def add(self, path, want, got):
        self.found.append(f"{path}: the oracle says {want}, Billow {got}")

    def values(self, path, name, want, got):
        if isinstance(want, dict) and isinstance(got, dict):
            self.objects(path, want, got)
        elif isinstance(want, list) and isinstance(got, list):
            self.lists(path, name, want, got)
        elif name in DECIMALS and isinstance(want, str) and isinstance(got, str):
            if not CANONICAL.match(got) or got == "-0":
                self.found.append(f"{path}: {got} is no decimal in canonical form")
            elif decimal.Decimal(want) != decimal.Decimal(got):
                self.add(path, want, got)
        elif type(want) is not type(got) or want != got:
            self.add(path, json.dumps(want), json.dumps(got))

    def objects(self, path, want, got):
        for name in sorted(set(want) | set(got)):
            if name == "number":
                continue
            if name not in got:
                self.add(f"{path}.{name}", json.dumps(want[name])[:100], "nothing")
            elif name not in want:
                self.add(f"{path}.{name}", "nothing", json.dumps(got[name])[:100])
            else:
                self.values(f"{path}.{name}", name, want[name], got[name])

    def lists(self, path, name, want, got):
        keys = KEYS[name]

        def by_key(rows):
            return {tuple(str(row.get(key)) for key in keys): row for row in rows}

        wants, gots = by_key(want), by_key(got)
        if len(gots) != len(got):
            self.found.append(f"{path}: rows that are there twice")
        if name != "resale" and list(gots) != sorted(gots, key=lambda key: [part.encode() for part in key]):
            self.found.append(f"{path}: not in order")
        for key in sorted(set(wants) | set(gots)):
            where = f"{path}[{' '.join(key)}]"
            if key not in gots:
                self.add(where, "it is there", "not")
            elif key not in wants:
                self.add(where, "it is not there", json.dumps(gots[key])[:100])
            else:
                self.values(where, "", wants[key], gots[key])

    def numbers(self, summary):
        series = {}
        for customer in summary.get("customers", []):
            for invoice in customer.get("invoice_list", []):
                number = invoice.get("number")
                where = f"{customer.get('external_id')} {invoice.get('billing_at')}"
                if invoice.get("status") == "draft":
                    if number is not None:
                        self.found.append(f"{where}: a draft has the number {number}")
                    continue
                parts = re.match(r"(.+)-([0-9]{6})-([0-9]{3,})\Z", number or "")
                if parts is None:
                    self.found.append(f"{where}: {number} is no invoice number")
                else:
                    series.setdefault(parts[1], []).append((int(parts[3]), parts[2]))
        for prefix, numbers in sorted(series.items()):
            numbers.sort()
            if [n for n, _ in numbers] != list(range(1, len(numbers) + 1)):
                self.found.append(f"{prefix}: the {len(numbers)} numbers have gaps or repeats")
            if [month for _, month in numbers] != sorted(month for _, month in numbers):
                self.found.append(f"{prefix}: the months do not rise with the numbers")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        want = json.load(file)
    with open(sys.argv[2], encoding="utf-8") as file:
        got = json.load(file)
    differences = Differences()
    differences.values("summary", "", want, got)
    differences.numbers(got)
    for line in differences.found[:SHOWN_MAX]:
        print(line)
    if differences.found:
        print(f"{len(differences.found)} differences")
        sys.exit(1)
    customers = len(got["customers"])
    invoices = sum(len(c["invoice_list"]) for c in got["customers"])
    print(f"the same: {len(got['currencies'])} currencies, {customers} customers, {invoices} invoices")


if __name__ == "__main__":
    main()
