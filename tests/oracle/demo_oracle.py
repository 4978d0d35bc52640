#!/usr/bin/env python3
"""demo_oracle.py DIR [DEMO_DIR] - the demo's figures, computed by the rules of docs/demo.md.

Reads DEMO_DIR/demo.json (data/demo by default), the real data beside it, and the generated vendor files in
DIR (from `billow demo --write-files DIR`); prints the summary as JSON.  Python's decimal and zoneinfo,
no code of Billow's.  R1 to R12 are the rules of docs/demo.md.
"""
import csv
import datetime as dt
import decimal
import gzip
import json
import os
import sys
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from focus_totals import plain, read_rows

CENT = Decimal("0.01")  # all currencies of the demo have two digits
COLUMNS = {"billed_cost": "BilledCost", "effective_cost": "EffectiveCost",
           "list_cost": "ListCost", "contracted_cost": "ContractedCost"}
UTC = dt.timezone.utc


def cents(amount):
    """Major units to minor ones, half away from zero."""
    with decimal.localcontext() as context:
        context.traps[decimal.Inexact] = False
        context.prec = 60
        return int(amount.quantize(CENT, rounding=decimal.ROUND_HALF_UP).scaleb(2))


def divide(a, b):
    """To 60 digits: enough that a later rounding to cents comes out as from the exact quotient."""
    with decimal.localcontext() as context:
        context.traps[decimal.Inexact] = False
        context.prec = 60
        return a / b


def instant(text):
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00").replace(" ", "T")).replace(tzinfo=UTC)


def show_instant(value):
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def midnight(day, zone):
    """00:00 local as an instant."""
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def days_in(year, month):
    return (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(1)).day


def add_months(anchor, months):
    """The anchor's day in a later month, clamped to its last day."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return dt.date(year, month, min(anchor.day, days_in(year, month)))


# ---- billing instants (R1, R2) --------------------------------------------------------------------


def invoices_of(customer, plan, end_at):
    """Each invoice to be: billing instant, plan fee period, whole period, charge period (local days)."""
    zone = ZoneInfo(customer["timezone"])
    started_at = instant(customer["subscription"]["subscription_at"])
    start = started_at.astimezone(zone).date()
    calendar = customer["subscription"]["billing_time"] == "calendar"
    anchor = start.replace(day=1) if calendar else start
    found = []
    if plan["pay_in_advance"]:
        found.append((started_at, (start, add_months(anchor, 1)), (anchor, add_months(anchor, 1)), None))
    for number in range(1, 1000):
        before, first, after = (add_months(anchor, number + i) for i in (-1, 0, 1))
        billing_at = midnight(first, zone)
        if billing_at > end_at:
            return found
        used = (max(before, start), first)
        if plan["pay_in_advance"]:
            found.append((billing_at, (first, after), (first, after), used))
        else:
            found.append((billing_at, used, (before, first), used))
    raise AssertionError("unreachable")


# ---- usage (R4) -----------------------------------------------------------------------------------


def read_events(demo, demo_dir):
    """(subscription, metric) -> [(instant, value or None)] in order of sending."""
    usage = demo["usage"]
    shift = dt.timedelta(days=usage["shift_days"])
    events = defaultdict(list)
    with gzip.open(os.path.join(demo_dir, usage["file"]), "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            subscription = usage["subscriptions"][row["pod"]]
            at = dt.datetime.strptime(row["interval_start"], "%Y-%m-%d %H:%M:%S +0000 UTC").replace(tzinfo=UTC) + shift
            cpu = max(Decimal(row["pod_usage_cpu_core_seconds"]), Decimal(row["pod_request_cpu_core_seconds"]))
            memory = max(Decimal(row["pod_usage_memory_byte_seconds"]), Decimal(row["pod_request_memory_byte_seconds"]))
            for code, value in (("cpu_core_seconds", cpu), ("memory_gb_seconds", memory.scaleb(-9)), ("pod_hours", None),
                                ("cpu_peak", cpu), ("cpu_limit", Decimal(row["pod_limit_cpu_core_seconds"]))):
                events[subscription, code].append((at, value))
    return events


def quantity(aggregation, events):
    if not events:
        return Decimal(0)
    if aggregation == "count_agg":
        return Decimal(len(events))
    if aggregation == "sum_agg":
        return sum((value for _, value in events), Decimal(0))
    if aggregation == "max_agg":
        return max(value for _, value in events)
    assert aggregation == "latest_agg"
    return max(enumerate(events), key=lambda item: (item[1][0], item[0]))[1][1]


def tier_holds(tier, units):
    return tier["to_value"] is None or units <= Decimal(tier["to_value"])


def price(charge, units):
    properties = charge["properties"]
    if charge["charge_model"] == "standard":
        return units * Decimal(properties["amount"])
    if charge["charge_model"] == "package":
        beyond = units - Decimal(properties["free_units"])
        packages = 0
        while beyond > 0:  # each one begun counts
            packages += 1
            beyond -= Decimal(properties["package_size"])
        return packages * Decimal(properties["amount"])
    if charge["charge_model"] == "volume":
        tier = next(tier for tier in properties["volume_ranges"] if tier_holds(tier, units))
        return units * Decimal(tier["per_unit_amount"]) + Decimal(tier["flat_amount"])
    assert charge["charge_model"] == "graduated"
    total, low = Decimal(0), Decimal(0)
    for index, tier in enumerate(properties["graduated_ranges"]):
        if index > 0 and units <= low:
            break
        high = units if tier_holds(tier, units) else Decimal(tier["to_value"])
        total += (high - low) * Decimal(tier["per_unit_amount"]) + Decimal(tier["flat_amount"])
        low = high
    return total


# ---- vendor cost (R5 to R7) -----------------------------------------------------------------------


class Cost:
    """All vendor files, and what counts at any time."""

    def __init__(self, demo, demo_dir, files_dir):
        self.batches = []  # (imported_at, account, period, rows)
        self.rules = demo["resale_rules"]
        at = demo["clock"]["daily_at"]
        for file in demo["vendor_files"]["files"]:
            folder = files_dir if file["generated"] else demo_dir
            groups = defaultdict(list)
            for row in read_rows(os.path.join(folder, file["file"])):
                assert row["BillingCurrency"] == "USD"
                period = (instant(row["BillingPeriodStart"]), instant(row["BillingPeriodEnd"]))
                groups[row["BillingAccountId"], period].append(row)
            imported_at = instant(file["import_day"] + "T" + at)
            for (account, period), rows in groups.items():
                self.batches.append((imported_at, account, period, rows))

    def current(self, until_at):
        """The rows that count at an instant: of each account and period the newest batch."""
        newest = {}
        for imported_at, account, period, rows in self.batches:  # in order of import
            if imported_at <= until_at:
                newest[account, period] = rows
        return newest

    def rule_of(self, customer_id, provider, service, period_start):
        best, best_key = None, None
        for index, rule in enumerate(self.rules):
            valid = instant(rule["valid_from_at"])
            wants = (rule.get("external_customer_id"), rule.get("service_name"), rule.get("provider_name"))
            has = (customer_id, service, provider)
            if valid > period_start or any(w is not None and w != h for w, h in zip(wants, has)):
                continue
            key = ([w is not None for w in wants], valid, index)
            if best is None or key > best_key:
                best, best_key = rule, key
        return best

    def of_customer(self, customer, until_at):
        """(period start, period end, provider, rule code) -> exact sum of the rule's column."""
        accounts = {(a["provider_name"], a["sub_account_id"]) for a in customer["vendor_accounts"]}
        sums = defaultdict(Decimal)
        for (_, period), rows in self.current(until_at).items():
            for row in rows:
                if (row["ProviderName"], row["SubAccountId"]) not in accounts:
                    continue
                rule = self.rule_of(customer["external_id"], row["ProviderName"], row["ServiceName"], period[0])
                assert rule is not None
                cost = row[COLUMNS[rule["cost_column"]]]
                assert cost is not None, "the demo's rules need no column that is null"
                sums[period[0], period[1], row["ProviderName"], rule["code"]] += Decimal(cost)
        return sums

    def price(self, rule_code, cost):
        rule = next(rule for rule in self.rules if rule["code"] == rule_code)
        percent = Decimal(rule["percent"])
        if rule["method"] == "markup":
            return cost * (100 + percent) / 100
        if rule["method"] == "discount":
            return cost * (100 - percent) / 100
        assert rule["method"] == "margin"
        return divide(cost * 100, 100 - percent)


def resale_fees(cost, customer, billing_at, final_at, billed):
    """The invoice's resale fees; `billed` remembers what final invoices charged."""
    zone = ZoneInfo(customer["timezone"])
    now = cost.of_customer(customer, final_at)
    keys = sorted(set(now) | set(billed))
    fees = []
    for key in keys:
        start, end, provider, rule = key
        if midnight(end.astimezone(UTC).date(), zone) > billing_at:  # R5: E
            continue
        total = now.get(key, Decimal(0))
        amount = cents(cost.price(rule, total)) if key in now else 0
        is_correction = key in billed
        charged, charged_cost = billed.get(key, (0, Decimal(0)))
        if is_correction and amount == charged:
            continue
        fees.append({"period": start.strftime("%Y-%m-%d"), "provider_name": provider, "rule": rule,
                     "correction": is_correction,
                     "vendor_cost": plain(total - charged_cost),
                     "amount_cents": amount - charged})
        billed[key] = amount, total
    return fees


# ---- one customer ---------------------------------------------------------------------------------


def bill_customer(demo, customer, cost, events):
    zone = ZoneInfo(customer["timezone"])
    end_at = instant(demo["clock"]["end_at"])
    plan = next(p for p in demo["plans"] if p["code"] == customer["subscription"]["plan_code"])
    entity = next(e for e in demo["billing_entities"] if e["code"] == customer["billing_entity_code"])
    metrics = {m["code"]: m for m in demo["billable_metrics"]}
    rates = {t["code"]: Decimal(t["rate"]) for t in demo["taxes"]}
    subscription = customer["subscription"]["external_id"]
    assert plan["amount_currency"] == customer["currency"] == entity["default_currency"]
    billed, invoices, usage = {}, [], {}
    for billing_at, fee_days, whole, used in invoices_of(customer, plan, end_at):
        issuing = billing_at.astimezone(zone).date() + dt.timedelta(entity["grace_days"])
        due = issuing + dt.timedelta(entity["payment_term_days"])
        final_at = midnight(issuing, zone)
        invoice = {"billing_at": show_instant(billing_at), "issuing_day": issuing, "payment_due_day": due}
        invoices.append(invoice)
        if final_at > end_at:
            invoice["status"] = "draft"
            continue
        fees = {"subscription": 0, "charge": 0, "resale": 0}
        share = divide(Decimal(plan["amount_cents"]) * (fee_days[1] - fee_days[0]).days,  # R3
                       Decimal(100 * (whole[1] - whole[0]).days))
        fees["subscription"] = cents(share)
        for charge in plan["charges"] if used else []:
            metric = metrics[charge["billable_metric_code"]]
            inside = [e for e in events[subscription, metric["code"]]
                      if midnight(used[0], zone) <= e[0] < midnight(used[1], zone)]
            units = quantity(metric["aggregation_type"], inside)
            amount = cents(price(charge, units))
            if not inside and amount == 0:
                continue
            fees["charge"] += amount
            of_metric = usage.setdefault(metric["code"], [Decimal(0), 0])
            of_metric[0] += units
            of_metric[1] += len(inside)
        invoice["resale"] = resale_fees(cost, customer, billing_at, final_at, billed)
        fees["resale"] = sum(fee["amount_cents"] for fee in invoice["resale"])
        net = sum(fees.values())
        taxes = {code: cents(Decimal(net).scaleb(-2) * rates[code] / 100) for code in customer["tax_codes"]}  # R8
        invoice.update(status="finalized", fees=fees, fees_cents=net, taxes=taxes, taxes_cents=sum(taxes.values()))
        invoice["total_cents"] = net + invoice["taxes_cents"]
        pay(demo, customer, zone, invoice)
    return invoices, usage


def pay(demo, customer, zone, invoice):
    """Payments and what they leave, at the end (R9)."""
    end_at = instant(demo["clock"]["end_at"])
    issuing, total = invoice["issuing_day"], invoice["total_cents"]
    phase = None
    for candidate in demo["payment_profiles"][customer["payment_profile"]]:
        if issuing.isoformat() >= candidate.get("issued_from", ""):
            phase = candidate
    invoice["paid_cents"] = 0
    invoice["payments"] = []
    if phase["part"] != "none" and total > 0:
        day = issuing + dt.timedelta(phase["days_after_issue"])
        if day.isoformat() <= demo["clock"]["last_day"]:
            amount = total // 2 if phase["part"] == "half" else total
            how = "gateway" if phase.get("by") == "gateway" else "transfer"
            if phase["part"] == "declined":  # a card that the gateway declines: no money
                invoice["payments"] = [("declined", amount)]
            elif amount > 0:
                invoice["payments"] = [(how, amount)]
                invoice["paid_cents"] = amount
    settled = invoice["paid_cents"] >= total
    declined = any(how == "declined" for how, _ in invoice["payments"])
    invoice["payment_status"] = "succeeded" if settled else "failed" if declined else "pending"
    invoice["overdue"] = not settled and midnight(invoice["payment_due_day"] + dt.timedelta(1), zone) <= end_at


# ---- figures --------------------------------------------------------------------------------------


def vendor_cost(demo, customer, cost):
    accounts = {(a["provider_name"], a["sub_account_id"]) for a in customer["vendor_accounts"]}
    sums = {"rows": 0, "generated_rows": 0, **{name: Decimal(0) for name in COLUMNS}}
    for rows in cost.current(instant(demo["clock"]["end_at"])).values():
        for row in rows:
            if (row["ProviderName"], row["SubAccountId"]) not in accounts:
                continue
            sums["rows"] += 1
            sums["generated_rows"] += row.get("x_Generated") == "true"
            for name, column in COLUMNS.items():
                if row[column] is not None:
                    sums[name] += Decimal(row[column])
    return sums


def figures(demo, customer, invoices, usage, cost):
    final = [i for i in invoices if i["status"] == "finalized"]
    fees = {kind: sum(i["fees"][kind] for i in final) for kind in ("subscription", "charge", "resale")}
    revenue = sum(fees.values())
    paid = sum(i["paid_cents"] for i in final)
    total = sum(i["total_cents"] for i in final)
    succeeded = sum(i["payment_status"] == "succeeded" for i in final)
    overdue = [i for i in final if i["overdue"]]
    result = {
        "external_id": customer["external_id"], "currency": customer["currency"],
        "usage": [{"metric": m, "units": u, "event_count": n} for m, (u, n) in sorted(usage.items())],
        "vendor_cost": vendor_cost(demo, customer, cost),
        "fees_cents": fees, "revenue_cents": revenue,
        "taxes": [{"code": c, "base_cents": sum(i["fees_cents"] for i in final),
                   "tax_cents": sum(i["taxes"][c] for i in final)} for c in sorted(customer["tax_codes"])],
        "tax_cents": sum(i["taxes_cents"] for i in final), "total_cents": total, "paid_cents": paid,
        "payments": {how: {"count": len(sums), "cents": sum(sums)}
                     for how in ("transfer", "gateway", "declined")
                     for sums in [[cents for i in final for h, cents in i["payments"] if h == how]]},
        "outstanding_cents": total - paid,
        "overdue_cents": sum(i["total_cents"] - i["paid_cents"] for i in overdue),
        "invoices": {"final": len(final), "draft": len(invoices) - len(final), "paid": succeeded,
                     "open": len(final) - succeeded - len(overdue), "overdue": len(overdue)},
        "receivable_cents": total - paid,
        "invoice_list": invoices,
    }
    result["margin"] = Decimal(revenue).scaleb(-2) - result["vendor_cost"]["billed_cost"]
    return result


def add(into, other):
    """Sums of figures: numbers, and lists of figures by their first member."""
    for name, value in other.items():
        if isinstance(value, str) or name in ("invoice_list", "receivable_cents"):
            continue
        if isinstance(value, dict):
            add(into.setdefault(name, {}), value)
        elif isinstance(value, list):
            rows = into.setdefault(name, [])
            for row in value:
                key = next(iter(row))
                same = next((r for r in rows if r[key] == row[key]), None)
                if same is None:
                    rows.append(same := {key: row[key]})
                add(same, row)
            rows.sort(key=lambda row: next(iter(row.values())).encode())
        else:
            into[name] = into.get(name, 0) + value


def currency_figures(currency, customers):
    result = {"currency": currency, "customers": len(customers)}
    for customer in customers:
        add(result, customer)
    accounts = {"assets:bank": result["paid_cents"], "assets:receivable": result["outstanding_cents"]}
    for kind, account in (("subscription", "subscription"), ("charge", "usage"), ("resale", "resale")):
        accounts["income:" + account] = -result["fees_cents"][kind]
    for tax in result["taxes"]:
        accounts["liabilities:tax:" + tax["code"]] = -tax["tax_cents"]
    result["ledger"] = [{"account": a, "balance_cents": b} for a, b in sorted(accounts.items()) if b != 0]
    result["ledger_balance_cents"] = sum(accounts.values())
    return result


def show(value):
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat()


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    demo_dir = sys.argv[2] if len(sys.argv) == 3 else os.path.join(here, "..", "..", "data", "demo")
    with open(os.path.join(demo_dir, "demo.json"), encoding="utf-8") as file:
        demo = json.load(file)
    cost = Cost(demo, demo_dir, sys.argv[1])
    events = read_events(demo, demo_dir)
    customers = []
    for customer in demo["customers"]:
        invoices, usage = bill_customer(demo, customer, cost, events)
        customers.append(figures(demo, customer, invoices, usage, cost))
    customers.sort(key=lambda c: c["external_id"].encode())
    currencies = sorted({c["currency"] for c in customers})
    summary = {
        "clock": demo["clock"]["end_at"],
        "currencies": [currency_figures(x, [c for c in customers if c["currency"] == x]) for x in currencies],
        "customers": customers,
    }
    for customer in customers:
        for invoice in customer["invoice_list"]:
            invoice.pop("fees", None)
            invoice.pop("payments", None)
            invoice.pop("taxes", None)
    json.dump(summary, sys.stdout, indent=1, ensure_ascii=False, default=show)
    print()


if __name__ == "__main__":
    main()
