"""What a contract's invoices must be, from its facts alone: dates, quantities, prices, taxes.

Written from docs/ and the rules of billing, with Python's decimal and zoneinfo; shares nothing with Billow.
"""
import datetime as dt
import decimal
from decimal import Decimal

from generate import ADD_ONS, CURRENCIES, METRIC_FILTERS, METRICS, TAXES, UTC, micros, runs, zone_of

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


def listed(values, key):
    return METRIC_FILTERS[key] if values == ["__ALL_FILTER_VALUES__"] else values


def part_of(charge, event):
    """The index of the filter that takes the event; behind the last: none does."""
    found = []
    for index, one in enumerate(charge["filters"]):
        values = {key: listed(some, key) for key, some in one["values"].items()}
        if all(event["said"][key] in some for key, some in values.items()):
            combinations = 1
            for some in values.values():
                combinations *= len(some)
            found.append((-len(values), combinations, index))
    return min(found)[2] if found else len(charge["filters"])


def slices(charge, events, from_at, to_at, whole):
    """[((part, group), units, exact price, whether there are events)], in their order: each filter, then the rest; in each its groups
    by their values, null last."""
    found = []
    for part in range(len(charge["filters"]) + 1):
        properties = ([one["properties"] for one in charge["filters"]] + [charge["properties"]])[part]
        keys = properties.get("pricing_group_keys", [])
        nulls = (None,) * len(keys)
        groups = {nulls: []}
        for event in events:
            if part_of(charge, event) == part and (METRICS[charge["metric"]][2] or event["at"] >= from_at):
                groups.setdefault(tuple(event["said"][key] for key in keys), []).append(event)
        of_part = []
        for group, some in groups.items():
            units = quantity(charge["metric"], some, from_at, to_at, whole)
            has_events = any(event["at"] >= from_at for event in some)
            of_part.append((group, units, has_events, units == 0 and not has_events))
        all_idle = all(is_idle for *_, is_idle in of_part)
        for group, units, has_events, is_idle in sorted(of_part, key=lambda one: [(value is None, value or "") for value in one[0]]):
            costs = not is_idle or (all_idle and group == nulls)
            amount = price({"model": charge["model"], "properties": properties}, units) if costs else Decimal(0)
            found.append(((part, group), units, amount, has_events))
    return found


class Running:
    """What one slice of a charge in advance has come to, event by event as they arrive."""

    def __init__(self, kind):
        self.kind, self.total, self.there, self.paid, self.has_paid = kind, Decimal(0), {}, Decimal(0), False

    def take(self, event):
        if self.kind == "unique_count_agg":
            at, _ = self.there.get(event["value"], (event["at"], None))
            if event["at"] >= at:
                self.there[event["value"]] = event["at"], not event.get("removes")
            self.total = Decimal(sum(is_there for _, is_there in self.there.values()))
        else:
            self.total += 1 if self.kind == "count_agg" else Decimal(event["value"])

    def carry(self, event):
        self.take(event)
        self.paid = max(self.total, Decimal(0))
        self.has_paid = self.paid > 0

    def step(self, event):
        """What is paid before and with the event, and whether anything was paid before."""
        before, had_paid = self.paid, self.has_paid
        self.take(event)
        self.paid, self.has_paid = max(self.paid, self.total), True
        return before, self.paid, had_paid


def fixed_price(fixed, share):
    """Exact; flat amounts are never prorated."""
    properties = fixed["properties"]
    if fixed["model"] == "standard":
        return Decimal(fixed["units"]) * Decimal(properties["amount"]) * share
    kind = fixed["model"] + "_ranges"
    without = {kind: [{**tier, "flat_amount": "0"} for tier in properties[kind]]}
    flat = {kind: [{**tier, "per_unit_amount": "0"} for tier in properties[kind]]}
    units = Decimal(fixed["units"])
    return price({"model": fixed["model"], "properties": without}, units) * share + price({"model": fixed["model"], "properties": flat}, units)


INSTANT = dt.timedelta(microseconds=1)


def expected(c):
    """[(billing instant, {(fee type, code, units): [amounts]}, {tax: (base, amount)}, issuing day, due day)], or None."""
    if c["proration"] == "fixed_30" or c["grace"] is not None:
        return None
    if c["fixed_monthly"] and not c["monthly"] and any(event["sent"] - event["at"] > dt.timedelta(days=1) for event in c["events"]):
        return None  # invoices between the ends of usage periods, and late usage
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
    fixed_starts = list(period_starts("monthly" if c["fixed_monthly"] else c["interval"], c["billing_time"], first_day))
    billing_days = list(period_starts("monthly" if c["monthly"] or c["fixed_monthly"] else c["interval"], c["billing_time"], first_day))
    usage_instants = [midnight(day, zone) for day in usage_starts]
    digits = CURRENCIES[c["currency"]]
    last_run = max(stops)
    invoices = []

    def plan_fee(period_start, period_end, used_from, used_to):
        share = Decimal(c["amount"])
        if c["proration"] == "days":
            share = share * (used_to - used_from).days / (period_end - period_start).days
        return round_half_away(share)

    def fixed_fees(in_advance, period, used_from, used_to):
        found = []
        for fixed in c["fixed"]:
            if fixed["advance"] != in_advance:
                continue
            share = Decimal(1)
            if fixed["prorated"] and c["proration"] == "days":
                share = Decimal((used_to - used_from).days) / (period[1] - period[0]).days
            amount = round_half_away(fixed_price(fixed, share).scaleb(digits))
            found.append((("fixed_charge", fixed["add_on"], Decimal(fixed["units"])), amount,
                          fixed["taxes"] or ADD_ONS[fixed["add_on"]] or c["plan_taxes"] or c["customer_taxes"]))
        return found

    arrears = [charge for charge in c["charges"] if not charge["advance"]]
    arrived = sorted((event for event in c["events"] if not event.get("again")), key=lambda event: event["sent"])

    def slice_of(charge, event):
        part = part_of(charge, event)
        properties = ([one["properties"] for one in charge["filters"]] + [charge["properties"]])[part]
        return (part, tuple(event["said"][key] for key in properties.get("pricing_group_keys", []))), properties

    def in_advance(charge, from_at, to_at, renewed_at):
        """(fees of the stock that is carried in, [(event, fee)]) of a period: events in order of arrival; what had come when it
        began and is of a stock is carried in."""
        kind, _, recurring, _ = METRICS[charge["metric"]]
        running, steps, model = {}, [], {}
        tax_codes = charge["taxes"] or c["plan_taxes"] or c["customer_taxes"]
        for event in arrived:
            if event["code"] != charge["metric"] or event["at"] >= to_at or (event["at"] < from_at and not recurring):
                continue
            key, properties = slice_of(charge, event)
            model[key] = {"model": charge["model"], "properties": properties}
            slice_ = running.setdefault(key, Running(kind))
            if event["at"] < from_at and event["sent"] <= renewed_at:
                slice_.carry(event)
            else:
                steps.append((event, key))
        renewals = [(("charge", charge["metric"], slice_.paid), round_half_away(price(model[key], slice_.paid).scaleb(digits)), tax_codes)
                    for key, slice_ in running.items() if slice_.has_paid]
        fees = []
        for event, key in steps:
            before, paid, had_paid = running[key].step(event)
            exact = price(model[key], paid) if not had_paid else Decimal(0) if paid == before else price(model[key], paid) - price(model[key], before)
            amount = round_half_away(exact.scaleb(digits))
            fees.append((event, (("charge", charge["metric"], paid - before), amount, tax_codes)))
        return renewals, fees

    billed = []  # for each usage period: (from, to, for each charge {slice or "minimum": (units, amount)})

    def charges_of(from_at, to_at, run_at):
        """Of each charge {slice or "minimum": (units, amount, whether that is a fee)}, with all usage that had come by then."""
        counted = [event for event in c["events"] if event["at"] < to_at and event["sent"] <= run_at and not event.get("again")]
        index = max(i for i, at in enumerate(usage_instants) if at <= from_at)
        whole = usage_instants[index], usage_instants[index + 1]
        used_days = (local_day(to_at - INSTANT, zone) - local_day(from_at, zone)).days + 1
        whole_days = (usage_starts[index + 1] - usage_starts[index]).days

        def share(limit):
            return round_half_away(Decimal(limit) * used_days / whole_days) if c["proration"] == "days" else limit

        found = []
        for charge in arrears:
            of_metric = [event for event in counted if event["code"] == charge["metric"]]
            lines, so_far = {}, 0
            for key, units, exact, has_events in slices(charge, of_metric, from_at, to_at, whole):
                amount = round_half_away(exact.scaleb(digits))
                if charge["most"] > 0:
                    amount = min(amount, share(charge["most"]) - so_far)
                so_far += amount
                lines[key] = units, amount, amount != 0 or has_events
            if charge["least"] > 0:
                missing = max(0, share(charge["least"]) - so_far)
                if missing > 0:  # its fee for usage stands before it
                    lines[key] = (*lines[key][:2], True)
                lines["minimum"] = Decimal(int(missing > 0)), missing, missing > 0
            found.append(lines)
        return found

    def usage_fees(from_at, to_at, run_at):
        """The period's own, and what late usage changes of the two before it."""
        now = charges_of(from_at, to_at, run_at)
        found = [(charge, units, amount) for charge, lines in zip(arrears, now) for units, amount, _ in lines.values()]
        for old_from, old_to, before in billed[-2:]:
            for charge, lines, was in zip(arrears, charges_of(old_from, old_to, run_at), before):
                for key, (units, amount, _) in lines.items():
                    was_units, was_amount = was.get(key, (Decimal(0), 0))
                    if amount != was_amount:
                        found.append((charge, units - was_units, amount - was_amount))
                        was[key] = units, amount
        # A stock below 0 without an event has no fee, so none of its units are billed.
        billed.append((from_at, to_at, [{key: (units if is_fee else Decimal(0), amount) for key, (units, amount, is_fee) in lines.items()} for lines in now]))
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
        invoices.append((micros(billing_at), sorted((kind, code, str((units + 0).normalize()), amount) for (kind, code, units), amount, _ in fees),
                         taxes, issuing, issuing + dt.timedelta(days=c["term"] or 0)))

    def plan_line(amount):
        return (("subscription", c["name"], Decimal(1)), amount, c["plan_taxes"] or c["customer_taxes"])

    def run_after(at):
        found = [stop for stop in stops if stop >= at]
        return found[0] if found else None

    starting = [plan_line(plan_fee(plan_starts[0], plan_starts[1], first_day, plan_starts[1]))] if c["advance"] else []
    starting += fixed_fees(True, fixed_starts[:2], first_day, fixed_starts[1])
    if starting:
        add(start, starting)
    billed_until = start
    renewed = [start]  # when each usage period began to be billed
    for boundary in billing_days[1:]:
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
        if boundary in fixed_starts:
            place = fixed_starts.index(boundary)
            old, new = fixed_starts[place - 1:place + 1], fixed_starts[place:place + 2]
            fees += fixed_fees(False, old, max(first_day, old[0]), boundary) + fixed_fees(True, new, *new)
        if boundary in usage_starts:
            fees += usage_fees(billed_until, at, done)
            billed_until = at
            renewed.append(done)
            next_at = usage_instants[usage_starts.index(boundary) + 1]
            fees += [fee for charge in c["charges"] if charge["advance"] and METRICS[charge["metric"]][2] for fee in in_advance(charge, at, next_at, done)[0]]
        add(at, fees)
    if end:
        last_day = local_day(end, zone) + dt.timedelta(days=1)

        def ending(starts):
            place = max(i for i, day in enumerate(starts) if day < last_day)
            return starts[place:place + 2]

        fees = []
        if not c["advance"]:
            period = ending(plan_starts)
            fees.append(plan_line(plan_fee(*period, max(first_day, period[0]), last_day)))
        period = ending(fixed_starts)
        fees += fixed_fees(False, period, max(first_day, period[0]), last_day)
        fees += usage_fees(billed_until, end + INSTANT, end)  # the instant of the end counts
        add(end, fees)
    began_at = run_after(start) if c["starts"] else start
    for charge in c["charges"]:
        for place, renewed_at in enumerate(renewed if charge["advance"] else []):
            for event, fee in in_advance(charge, max(start, usage_instants[place]), usage_instants[place + 1], renewed_at)[1]:
                # What came while the subscription waited is taken up when it begins.
                due = max(event["sent"], began_at).replace(microsecond=0)
                if due <= last_run:
                    add(due, [fee])
    return sorted(invoices, key=lambda invoice: invoice[0])
