"""What a contract's invoices must be, from its facts alone: dates, quantities, prices, taxes.

Written from docs/ and the rules of billing, with Python's decimal and zoneinfo; shares nothing with Billow.
"""
import datetime as dt
import decimal
from decimal import Decimal

from generate import CURRENCIES, METRICS, TAXES, UTC, micros, runs, zone_of

decimal.getcontext().prec = 80
MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "yearly": 12}


def midnight(day, zone):
    """The first instant of a local day."""
    # Where midnight is skipped, the offset before it holds: that is the instant of the change itself.
    return dt.datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def local_day(at, zone):
    return at.astimezone(zone).date()


def month_days(year, month):
    return (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day


def add_months(anchor, months):
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(anchor.day, month_days(year, month + 1)))


def period_starts(interval, billing_time, first_day):
    """The starts of all periods from the one that holds the first day on."""
    if interval == "weekly":
        start = first_day - dt.timedelta(days=first_day.weekday()) if billing_time == "calendar" else first_day
        for i in range(200):
            yield start + dt.timedelta(days=7 * i)
        return
    months = MONTHS[interval]
    anchor = first_day
    if billing_time == "calendar":
        anchor = dt.date(first_day.year, (first_day.month - 1) // months * months + 1, 1)
    for i in range(60):
        yield add_months(anchor, months * i)


def round_half_away(value):
    return int(value.quantize(Decimal(1), rounding=decimal.ROUND_HALF_UP))


def seconds(at):
    """Whole ones since 1970."""
    return micros(at) // 1000000


def to_15_decimals(value):
    return value.quantize(Decimal("1e-15"), rounding=decimal.ROUND_HALF_UP)


def percentile(slots, events, from_at, to_at, whole):
    """All slots in a row, sorted, and counted from the top."""
    percent, length = slots
    filled = {}
    for event in events:
        slot = (seconds(event["at"]) - seconds(whole[0])) // length
        filled[slot] = max(filled.get(slot, Decimal("-Infinity")), Decimal(event["value"]))
    first = (seconds(from_at) - seconds(whole[0])) // length
    last = (seconds(to_at - dt.timedelta(microseconds=1)) - seconds(whole[0])) // length
    every = sorted((filled.get(slot, Decimal(0)) for slot in range(first, last + 1)), reverse=True)
    return every[int(len(every) * (100 - Decimal(percent)) / 100)]


def quantity(metric, events, from_at, to_at, whole):
    """Of the events before to_at; those before from_at are what a recurring metric carries in."""
    kind, _, recurring, slots = METRICS[metric]
    if from_at >= to_at:
        return Decimal(0)
    before = sorted((event for event in events if recurring and event["at"] < from_at), key=lambda event: event["at"])
    events = sorted((event for event in events if event["at"] >= from_at), key=lambda event: event["at"])
    if kind == "count_agg":
        return Decimal(len(events))
    if kind == "unique_count_agg":
        there = {}
        for event in before + events:
            there[event["value"]] = not event.get("removes")
        return Decimal(sum(there.values()))
    if kind == "weighted_sum_agg":
        level, since, held = sum((Decimal(event["value"]) for event in before), Decimal(0)), seconds(from_at), Decimal(0)
        for event in events:
            held += level * (seconds(event["at"]) - since)
            level, since = level + Decimal(event["value"]), seconds(event["at"])
        held += level * (seconds(to_at) - since)
        return to_15_decimals(held / (seconds(whole[1]) - seconds(whole[0])))
    if kind == "percentile_agg":
        return percentile(slots, events, from_at, to_at, whole)
    values = [Decimal(event["value"]) for event in events]
    if kind == "sum_agg":
        return sum((Decimal(event["value"]) for event in before), Decimal(0)) + sum(values, Decimal(0))
    if not values:
        return Decimal(0)
    if kind == "max_agg":
        return max(values)
    if kind == "min_agg":
        return min(values)
    if kind == "average_agg":
        return to_15_decimals(sum(values, Decimal(0)) / len(values))
    return Decimal(events[-1]["value"])


def price(charge, units):
    """Exact, in major units."""
    units = max(units, Decimal(0))
    properties = charge["properties"]
    if charge["model"] == "standard":
        return units * Decimal(properties["amount"])
    if charge["model"] == "package":
        beyond = units - properties["free_units"]
        packages = max(Decimal(0), (beyond / properties["package_size"]).to_integral_value(rounding=decimal.ROUND_CEILING))
        return packages * Decimal(properties["amount"])
    if charge["model"] == "volume":
        for tier in properties["volume_ranges"]:
            if tier["to_value"] is None or units <= tier["to_value"]:
                return units * Decimal(tier["per_unit_amount"]) + Decimal(tier["flat_amount"])
    total, before = Decimal(0), Decimal(0)
    for index, tier in enumerate(properties["graduated_ranges"]):
        if index > 0 and units <= before:
            break
        top = units if tier["to_value"] is None else min(units, Decimal(tier["to_value"]))
        total += (top - before) * Decimal(tier["per_unit_amount"]) + Decimal(tier["flat_amount"])
        before = Decimal(tier["to_value"] or 0)
    return total


def expected(c):
    """[(billing instant, {(fee type, code, units): [amounts]}, {tax: (base, amount)}, issuing day, due day)], or None."""
    if c["proration"] == "fixed_30" or c["grace"] is not None:
        return None
    zone = zone_of(c)
    stops = runs(c["seed"])
    end = c["ended"]
    start = c["starts"] or c["created"]
    if c["starts"]:  # it begins with the first run at or after its time; the period is from its time all the same
        if end and not any(start <= stop < end for stop in stops):
            return None  # still waiting when ended: canceled
        if not any(start <= stop for stop in stops):
            return []
    first_day = local_day(start, zone)
    plan_starts = list(period_starts(c["interval"], c["billing_time"], first_day))
    usage_starts = list(period_starts("monthly" if c["monthly"] else c["interval"], c["billing_time"], first_day))
    usage_instants = [midnight(day, zone) for day in usage_starts]
    digits = CURRENCIES[c["currency"]]
    last_run = max(stops)
    invoices = []

    def plan_fee(period_start, period_end, used_from, used_to):
        share = Decimal(c["amount"])
        if c["proration"] == "days":
            share = share * (used_to - used_from).days / (period_end - period_start).days
        return round_half_away(share)

    billed = []  # for each usage period: (from, to, [(units, amount) of each charge])

    def charges_of(from_at, to_at, run_at):
        """(units, amount, whether that is a fee) of each charge, with all usage that had come by then."""
        counted = [event for event in c["events"] if event["at"] < to_at and event["sent"] <= run_at and not event.get("again")]
        whole = [pair for pair in zip(usage_instants, usage_instants[1:]) if pair[0] <= from_at < pair[1]][0]
        found = []
        for charge in c["charges"]:
            of_metric = [event for event in counted if event["code"] == charge["metric"]]
            units = quantity(charge["metric"], of_metric, from_at, to_at, whole)
            amount = round_half_away(price(charge, units).scaleb(digits))
            found.append((units, amount, amount != 0 or any(event["at"] >= from_at for event in of_metric)))
        return found

    def usage_fees(from_at, to_at, run_at):
        """The period's own, and what late usage changes of the two before it."""
        now = charges_of(from_at, to_at, run_at)
        found = [(charge, units, amount) for charge, (units, amount, _) in zip(c["charges"], now)]
        for old_from, old_to, before in billed[-2:]:
            for i, (units, amount, _) in enumerate(charges_of(old_from, old_to, run_at)):
                if amount != before[i][1]:
                    found.append((c["charges"][i], units - before[i][0], amount - before[i][1]))
                    before[i] = units, amount
        # A stock below 0 without an event has no fee, so none of its units are billed.
        billed.append((from_at, to_at, [(units if is_fee else Decimal(0), amount) for units, amount, is_fee in now]))
        return [(("charge", charge["metric"], units), amount, charge["taxes"] or c["plan_taxes"] or c["customer_taxes"])
                for charge, units, amount in found]

    def add(billing_at, fees):
        by_tax = {}
        for _, amount, tax_codes in fees:
            for code in tax_codes:
                by_tax[code] = by_tax.get(code, 0) + amount
        taxes = {code: (base, round_half_away(base * Decimal(TAXES[code]) / 100)) for code, base in by_tax.items()}
        issuing = local_day(billing_at, zone)
        if c["zero"] == "skip" and sum(amount for _, amount, _ in fees) == 0:
            return
        invoices.append((micros(billing_at), sorted((kind, code, str(units.normalize()), amount) for (kind, code, units), amount, _ in fees),
                         taxes, issuing, issuing + dt.timedelta(days=c["term"] or 0)))

    def plan_line(amount):
        return (("subscription", c["name"], Decimal(1)), amount, c["plan_taxes"] or c["customer_taxes"])

    def run_after(at):
        found = [stop for stop in stops if stop >= at]
        return found[0] if found else None

    if c["advance"]:
        add(start, [plan_line(plan_fee(plan_starts[0], plan_starts[1], first_day, plan_starts[1]))])
    billed_until = start
    for index in range(1, len(usage_starts)):
        boundary = usage_starts[index]
        at = midnight(boundary, zone)
        done = run_after(at)
        if end and (done is None or done >= end):
            # Due, but no run came before the end: the end does it first.
            done = end
        if (end and at > end) or done is None or at > last_run:
            break
        fees = []
        if boundary in plan_starts:
            place = plan_starts.index(boundary)
            if c["advance"]:
                fees.append(plan_line(plan_fee(boundary, plan_starts[place + 1], boundary, plan_starts[place + 1])))
            else:
                fees.append(plan_line(plan_fee(plan_starts[place - 1], boundary, max(first_day, plan_starts[place - 1]), boundary)))
        fees += usage_fees(billed_until, at, done)
        add(at, fees)
        billed_until = at
    if end:
        last_day = local_day(end, zone) + dt.timedelta(days=1)
        fees = []
        if not c["advance"]:
            place = max(i for i, day in enumerate(plan_starts) if day < last_day)
            period = plan_starts[place], plan_starts[place + 1]
            fees.append(plan_line(plan_fee(*period, max(first_day, period[0]), last_day)))
        fees += usage_fees(billed_until, end, end)
        add(end, fees)
    return invoices
