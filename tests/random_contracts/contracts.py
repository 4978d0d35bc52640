#!/usr/bin/env python3
"""contracts.py PLAY COUNT [--seed N] [--contract N] [--jobs N] - random contracts on both engines.

Contracts come in batches, each played by PLAY (play.c) on SQLite in memory and, with BILLOW_TEST_POSTGRES, on
that server; the outcomes must be the same text, `verify` must find nothing, and where the model (model.py) says
what an invoice is, it must be that.  The first batch is also played with the events of an instant in another
order, and with all runs done twice.  --contract plays one alone, and shrinks it when it fails: events, charges
and acts are left out while it still does.  A seed (printed) and a number make a contract.
"""
import argparse
import concurrent.futures
import datetime as dt
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import generate
import model


def parse(outcome):
    """Invoices by customer, and the lines that are of none."""
    invoices, others = {}, []
    current = None
    for line in outcome.splitlines():
        f = line.split("\t")
        if f[0] == "invoice":
            current = {"billing_at": int(f[2]), "status": f[3], "issuing": int(f[6]), "due": int(f[7]), "fees_amount": int(f[8]),
                       "taxes_amount": int(f[9]), "total": int(f[10]), "fees": [], "taxes": {}}
            invoices.setdefault(f[1], []).append(current)
        elif f[0] == "fee":
            current["fees"].append((f[1], f[2], str(model.Decimal(f[5]).normalize()), int(f[8])))
        elif f[0] == "tax":
            current["taxes"][f[1]] = (int(f[2]), int(f[3]))
        else:
            others.append(line)
    return invoices, others


def day_number(day):
    return (day - dt.date(1970, 1, 1)).days


def by_instant(invoices, billing_at, content):
    """Those of one instant in an order of their own: several events are billed at once."""
    return sorted(invoices, key=lambda invoice: (billing_at(invoice), content(invoice)))


def nonzero(fees):
    return sorted(fee for fee in fees if fee[3] != 0)


def differences(c, got):
    """What the model says otherwise; None: it says nothing."""
    want = model.expected(c)
    if want is None:
        return None
    found = []
    want = by_instant(want, lambda invoice: invoice[0], lambda invoice: nonzero(invoice[1]))
    got = by_instant(got, lambda invoice: invoice["billing_at"], lambda invoice: nonzero(invoice["fees"]))
    if [invoice[0] for invoice in want] != [invoice["billing_at"] for invoice in got]:
        return [f"invoices at {[invoice['billing_at'] for invoice in got]}, wanted {[invoice[0] for invoice in want]}"]
    for (billing_at, fees, taxes, issuing, due), invoice in zip(want, got):
        shown = (nonzero(invoice["fees"]), {code: tax for code, tax in invoice["taxes"].items() if tax != (0, 0)}, invoice["issuing"], invoice["due"],
                 invoice["fees_amount"], invoice["taxes_amount"], invoice["total"])
        fee_sum = sum(fee[3] for fee in fees)
        tax_sum = sum(tax for _, tax in taxes.values())
        wanted = (nonzero(fees), {code: tax for code, tax in taxes.items() if tax != (0, 0)}, day_number(issuing), day_number(due),
                  fee_sum, tax_sum, fee_sum + tax_sum)
        for name, a, b in zip(("fees", "taxes", "issuing day", "due day", "fees amount", "taxes amount", "total"), shown, wanted):
            if a != b:
                found.append(f"invoice at {billing_at}: {name} {a}, wanted {b}")
    return found


def play(program, seed, contracts, folder, name):
    """(what went wrong, how many contracts the model knew, how many invoices)"""
    script, outcome = (os.path.join(folder, f"{name}.{kind}") for kind in ("script", "outcome"))
    with open(script, "w", encoding="utf-8") as file:
        file.write(generate.script(seed, contracts))
    urls = ["sqlite::memory:"]
    if os.environ.get("BILLOW_TEST_POSTGRES"):
        urls.append(f"{os.environ['BILLOW_TEST_POSTGRES']}/contracts_{name}")
    answer = subprocess.run([program, script, outcome, *urls], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    if not os.path.exists(outcome):
        return [(None, f"the player ended with {answer.returncode}: {answer.stdout[-2000:]}")], 0, 0
    wrong = [(None, answer.stdout)] if answer.returncode else []
    with open(outcome, encoding="utf-8") as file:
        invoices, others = parse(file.read())
    for line in others:
        if line.startswith("wrong") or (line.startswith("verified") and "\t0 findings" not in line):
            wrong.append((None, line))
    known = 0
    for c in contracts:
        found = differences(c, invoices.get(c["name"], []))
        known += found is not None
        if found:
            wrong.append((c, "; ".join(found[:3])))
    os.remove(script)
    os.remove(outcome)
    return wrong, known, sum(map(len, invoices.values()))


def without_places(outcome):
    return re.sub(r"^line \d+: ", "", outcome, flags=re.M)


def played_otherwise(program, seed, contracts, folder):
    """Whether the order in which events arrive, or a run more, changes anything: what went wrong."""
    outcomes = []
    for otherwise in (False, True):
        script, outcome = (os.path.join(folder, f"otherwise.{kind}") for kind in ("script", "outcome"))
        with open(script, "w", encoding="utf-8") as file:
            file.write(generate.script(seed, contracts, otherwise))
        subprocess.run([program, script, outcome, "sqlite::memory:"], check=True, timeout=600)
        with open(outcome, encoding="utf-8") as file:
            outcomes.append(without_places(file.read()).splitlines())
    for once, other in zip(*outcomes):
        if once != other:
            return [(None, f"events in another order and runs done twice give {other!r}, not {once!r}")]
    return [] if len(outcomes[0]) == len(outcomes[1]) else [(None, "events in another order and runs done twice give more or less")]


def shrink(program, c, folder):
    """The contract without all that it does not need to fail."""
    def fails(smaller):
        return bool(play(program, smaller["seed"], [smaller], folder, "shrink")[0])

    changed = True
    while changed:
        changed = False
        for key in ("acts", "events", "charges", "fixed"):
            for index in reversed(range(len(c[key]))):
                smaller = {**c, key: c[key][:index] + c[key][index + 1:]}
                if key == "charges":
                    kept = {charge["metric"] for charge in smaller["charges"]}
                    smaller["events"] = [event for event in c["events"] if event["code"] in kept]
                smaller["fixed_monthly"] &= bool(smaller["fixed"])
                if fails(smaller):
                    c, changed = smaller, True
    return c


def main():
    options = argparse.ArgumentParser()
    options.add_argument("play")
    options.add_argument("count", type=int)
    options.add_argument("--seed", type=int, default=int(os.environ.get("SEED", time.time())))
    options.add_argument("--contract", type=int)
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options = options.parse_args()
    print(f"SEED={options.seed}", flush=True)
    started = time.monotonic()
    if options.contract is None:
        batches = [range(i, min(i + generate.BATCH, options.count)) for i in range(0, options.count, generate.BATCH)]
    else:
        batches = [range(options.contract, options.contract + 1)]
    wrong, known, invoices = [], 0, 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        waiting = [pool.submit(lambda numbers: play(options.play, options.seed, [generate.contract(options.seed, i) for i in numbers], folder, str(numbers[0])), batch)
                   for batch in batches]
        for future in waiting:
            one = future.result()
            wrong += one[0]
            known += one[1]
            invoices += one[2]
        wrong += played_otherwise(options.play, options.seed, [generate.contract(options.seed, i) for i in batches[0]], folder)
        for c, what in wrong[:10]:
            print(f"FAILED --seed {options.seed} --contract {c['number'] if c else 'of a batch'}: {what}")
        if wrong and options.contract is not None:
            smaller = shrink(options.play, generate.contract(options.seed, options.contract), folder)
            print("smallest:", json.dumps(smaller, default=str, indent=1))
    count = sum(map(len, batches))
    engines = "SQLite and PostgreSQL" if os.environ.get("BILLOW_TEST_POSTGRES") else "SQLite"
    print(f"{count} contracts on {engines}, {invoices} invoices, {known} contracts as the model says; {time.monotonic() - started:.0f} s")
    bad = len(wrong)
    print(f"{max(0, count - bad)} passed, {bad} failed")
    return 1 if wrong or known == 0 and options.contract is None else 0


if __name__ == "__main__":
    sys.exit(main())
