"""Makes random contracts: a customer, a plan, a subscription, and what happens to them, from a seed.

A contract is a dict of facts; steps() turns it into timed steps of the script that play.c plays.
"""
import datetime as dt
import json
import random
from zoneinfo import ZoneInfo

UTC = dt.timezone.utc
FIRST = dt.datetime(2023, 11, 1, tzinfo=UTC)
LAST = dt.datetime(2025, 3, 20, tzinfo=UTC)
BATCH = 100  # contracts that are played on one database
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kolkata",
         "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "Africa/Casablanca"]
CURRENCIES = {"EUR": 2, "JPY": 0, "KWD": 3}
TAXES = {"t19": "19", "t7": "7.25", "t0": "0", "t2": "2.125"}
# aggregation, property, recurring, percentile and slot_seconds
METRICS = {
    "calls": ("count_agg", None, False, None), "gb": ("sum_agg", "v", False, None), "peak": ("max_agg", "v", False, None),
    "level": ("latest_agg", "v", False, None), "least": ("min_agg", "v", False, None), "mean": ("average_agg", "v", False, None),
    "kinds": ("unique_count_agg", "v", False, None), "seats": ("unique_count_agg", "v", True, None), "stock": ("sum_agg", "v", True, None),
    "load": ("weighted_sum_agg", "v", False, None), "disk": ("weighted_sum_agg", "v", True, None),
    "burst": ("percentile_agg", "v", False, ("99.5", 3600)), "median": ("percentile_agg", "v", False, ("0.5", 900)),
}
# What all metrics but those four list; events may also say another value, or none.
METRIC_FILTERS = {"region": ["eu", "us", "asia"], "size": ["s", "l"]}
UNFILTERED = {"level", "least", "mean", "median"}
FILTERS = [{"region": ["eu"]}, {"region": ["eu", "us"]}, {"region": ["__ALL_FILTER_VALUES__"]}, {"size": ["s"]}, {"size": ["s", "l"]},
           {"region": ["us", "asia"], "size": ["l"]}, {"region": ["eu"], "size": ["__ALL_FILTER_VALUES__"]}]
SAID = {"region": ["eu", "eu", "us", "asia", "mars", None], "size": ["s", "l", None], "team": ["x", "y", "\u00e4", None]}
ADD_ONS = {"seat": [], "licence": ["t7"], "support": []}  # and their taxes
PAID_AHEAD = {"calls", "gb", "kinds", "seats", "stock"}  # what can be
SIGNED = {"gb", "least", "mean", "stock", "load", "disk", "median"}  # of values below 0


def micros(at):
    return (at - dt.datetime(1970, 1, 1, tzinfo=UTC)) // dt.timedelta(microseconds=1)


def between(r, first, last):
    return first + dt.timedelta(microseconds=r.randrange(max(1, (last - first) // dt.timedelta(microseconds=1))))


def amount(r, digits=4):
    decimals = r.randint(0, digits)
    text = str(r.choice([r.randint(0, 9), r.randint(0, 999), r.randint(0, 99999)]))
    return text if decimals == 0 else f"{text}.{r.randrange(10 ** decimals):0{decimals}d}"


def bounds(r):
    """Upper bounds of tiers, the last open."""
    found, at = [], 0
    for _ in range(r.randint(0, 3)):
        at += r.choice([1, 5, 10, 100])
        found.append(at)
    return found + [None]


def prices(r, model):
    if model == "standard":
        return {"amount": amount(r)}
    if model == "package":
        return {"amount": amount(r), "package_size": r.choice([1, 5, 10, 100]), "free_units": r.choice([0, 0, 1, 7])}
    tiers, before = [], 0
    for bound in bounds(r):
        tiers.append({"from_value": before if before == 0 else before + r.choice([0, 1]), "to_value": bound,
                      "per_unit_amount": amount(r), "flat_amount": r.choice(["0", "0", amount(r)])})
        before = bound
    return {model + "_ranges": tiers}


def divided(r, properties):
    """Sometimes by what events say."""
    keys = [key for key in r.sample(list(SAID), r.randint(1, 2))] if r.random() < 0.3 else []
    return {**properties, "pricing_group_keys": keys} if keys else properties


def charge(r):
    metric = r.choice(list(METRICS))
    model = r.choice(["standard", "graduated", "volume", "package"])
    least = r.choice([1, 500, 10000, 3000000]) if r.random() < 0.3 else 0
    most = least + r.choice([1, 500, 10000, 3000000]) if r.random() < 0.2 else 0
    filters = r.sample(FILTERS, r.randint(1, 3)) if metric not in UNFILTERED and r.random() < 0.35 else []
    advance = metric in PAID_AHEAD and model != "volume" and r.random() < 0.4
    if advance:
        least = most = 0
    return {"metric": metric, "model": model, "properties": divided(r, prices(r, model)), "taxes": taxes(r, 0.3), "least": least, "most": most, "advance": advance,
            "filters": [{"values": values, "properties": divided(r, prices(r, model))} for values in filters]}


def fixed_charge(r, add_on):
    model = r.choice(["standard", "graduated", "volume"])
    return {"add_on": add_on, "model": model, "properties": prices(r, model), "units": r.choice(["1", "2.5", "10", "12", str(r.randint(1, 300))]),
            "advance": r.random() < 0.5, "prorated": r.random() < 0.6, "taxes": taxes(r, 0.3)}


def taxes(r, likely):
    return sorted(r.sample(list(TAXES), r.randint(1, 2))) if r.random() < likely else []


def sending(at):
    """When an event is sent: on the same second of each day for all, so that many share a transaction."""
    first = at.replace(hour=20, minute=17, second=0, microsecond=0)
    return first if first >= at else first + dt.timedelta(days=1)


def contract(seed, number):
    r = random.Random(f"{seed}/{number}")
    # Contracts played together live in three zones, so that many are due at one instant.
    zones = random.Random(f"{seed}/zones/{number // BATCH}").sample(ZONES, 3)
    created = between(r, FIRST, LAST - dt.timedelta(days=20))
    if r.random() < 0.3:  # on a month's last days
        created = created.replace(day=1) + dt.timedelta(days=r.choice([-1, -2, 27, 28, 29]))
    created = max(created, FIRST)
    starts = None
    if r.random() < 0.15:
        starts = created + dt.timedelta(days=r.randint(1, 40), seconds=r.randint(0, 86399))
    start = starts or created
    interval = r.choice(["weekly", "monthly", "monthly", "monthly", "quarterly", "semiannual", "yearly"])
    ended = between(r, start, LAST) if r.random() < 0.35 else None
    c = {
        "seed": seed, "number": number, "name": f"c{number:05d}",
        "zone": r.choice(zones), "currency": r.choice(list(CURRENCIES)), "customer_taxes": taxes(r, 0.5),
        "grace": r.choice([None] * 6 + [3, 10]), "term": r.choice([None, 0, 14, 30]), "zero": r.choice(["inherit", "inherit", "skip"]),
        "interval": interval, "amount": r.choice([0, 1, 999, 2900, 1000000, r.randint(1, 99999)]),
        "advance": r.random() < 0.3, "monthly": interval in ("yearly", "semiannual") and r.random() < 0.5,
        "proration": r.choice(["days"] * 6 + ["fixed_30", "none"]), "plan_taxes": taxes(r, 0.3),
        "charges": [charge(r) for _ in range(r.choice([0, 1, 1, 2, 3]))],
        "fixed": [fixed_charge(r, add_on) for add_on in r.sample(list(ADD_ONS), r.choice([0, 0, 1, 2]))],
        "fixed_monthly": interval in ("yearly", "semiannual") and r.random() < 0.5,
        "billing_time": r.choice(["calendar", "anniversary"]), "created": created, "starts": starts, "ended": ended,
        "events": [], "acts": [],
    }
    c["fixed_monthly"] &= bool(c["fixed"])  # by itself it says nothing
    last = ended or LAST
    for i in range(r.choice([0, 3, 8, 15, 40]) if c["charges"] else 0):
        at = between(r, start, last)
        sent = sending(at)
        if r.random() < 0.1:  # late
            sent = sending(at + dt.timedelta(days=r.randint(1, 60)))
        if ended and sent >= ended:
            sent = ended - (ended - at) / 2
        code = r.choice(c["charges"])["metric"]
        value = r.choice([str(r.randint(0, 30)), amount(r), "0", "-" + amount(r) if code in SIGNED else "1"])
        if ended and r.random() < 0.03:
            at = sent = ended  # at the very instant of the end, before it
        event = {"id": f"e{i}", "code": code, "at": at, "sent": max(sent, at), "value": value,
                 "said": {key: r.choice(values) for key, values in SAID.items()}}
        if METRICS[code][0] == "unique_count_agg":
            event["value"] = str(r.randint(0, 5))
            event["removes"] = r.random() < 0.4
        c["events"].append(event)
        if r.random() < 0.04:
            c["events"].append({**event, "sent": event["sent"] + dt.timedelta(days=r.randint(0, 2)), "again": True})
    for _ in range(r.choice([0, 0, 1, 2])):
        c["acts"].append((r.choice("VYY"), between(r, start, LAST), r.randint(0, 3), r.choice([50, 100])))
    return c


def codes(names):
    return ",".join(names) if names else "-"


def properties(event):
    said = {key: value for key, value in event["said"].items() if value is not None}
    return {"v": event["value"], **said, **({"operation_type": "remove"} if event.get("removes") else {})}


def text(value):
    return json.dumps(value, separators=(",", ":"))


def steps(c):
    """(instant, order, line): order keeps what is at one instant in the order of making."""
    name = c["name"]
    plan = ["P", name, c["interval"], c["amount"], c["currency"], int(c["advance"]), int(c["monthly"]), c["proration"], codes(c["plan_taxes"]),
            int(c["fixed_monthly"]),
            "|".join(";".join([fixed["add_on"], fixed["model"], text(fixed["properties"]), fixed["units"], str(int(fixed["advance"])), str(int(fixed["prorated"])),
                               codes(fixed["taxes"])]) for fixed in c["fixed"]) or "-"]
    for charge_ in c["charges"]:
        plan += [charge_["metric"], charge_["model"], text(charge_["properties"]), codes(charge_["taxes"]), charge_["least"], charge_["most"], int(charge_["advance"]),
                 "|".join(text(filter_["values"]) + "|" + text(filter_["properties"]) for filter_ in charge_["filters"]) or "-"]
    customer = ["C", name, c["zone"], c["currency"], codes(c["customer_taxes"]), "-" if c["grace"] is None else c["grace"],
                "-" if c["term"] is None else c["term"], c["zero"]]
    start = ["S", name, name, name, c["billing_time"], micros(c["starts"]) if c["starts"] else "-", "-"]
    found = [(c["created"], 0, plan), (c["created"], 1, customer), (c["created"], 2, start)]
    for event in c["events"]:
        found.append((event["sent"], 3, ["E", event["id"], name, event["code"], micros(event["at"]), json.dumps(properties(event))]))
    if c["ended"]:
        found.append((c["ended"], 4, ["Z", name]))
    for kind, at, index, percent in c["acts"]:
        found.append((at, 5, [kind, name, index] + ([percent] if kind == "Y" else [])))
    return [(at, order, "\t".join(map(str, line))) for at, order, line in found]


def runs(seed):
    """When the clock is stopped and what is due is done: for all contracts of a seed alike."""
    r = random.Random(f"{seed}/runs")
    found, at = [], FIRST
    while at < LAST:
        at += dt.timedelta(seconds=r.choice([3600, 86400, 5 * 86400, 20 * 86400, 45 * 86400]) * r.uniform(0.2, 1))
        found.append(min(at, LAST))
    return found


def script(seed, contracts, otherwise=False):
    """The steps of all, in order of time.  `otherwise`: what must come to the same: the events of an instant
    the other way round, but where charges in advance take them as they come, and everything due done twice."""
    timed, events = [], []
    for c in contracts:
        timed += [item for item in steps(c) if item[1] != 3]
        of_contract = [item for item in steps(c) if item[1] == 3]
        is_ordered = any(charge_["advance"] for charge_ in c["charges"])
        events.append(of_contract[::-1] if otherwise and not is_ordered else of_contract)
    for of_contract in reversed(events) if otherwise else events:
        timed += of_contract
    timed += [(at, 9, "R") for at in runs(seed)] * (2 if otherwise else 1)
    timed.sort(key=lambda item: item[:2])
    lines = [f"T\t{micros(FIRST)}"]
    lines += [f"X\t{code}\t{rate}" for code, rate in TAXES.items()]
    for code, (aggregation, field, recurring, slots) in METRICS.items():
        percentile, slot_seconds = slots or ("-", "-")
        filters = "-" if code in UNFILTERED else ";".join(f"{key}={','.join(values)}" for key, values in METRIC_FILTERS.items())
        lines.append(f"M\t{code}\t{aggregation}\t{field or '-'}\t{int(recurring)}\t{percentile}\t{slot_seconds}\t{filters}")
    lines += [f"A\t{code}\t{codes(tax_codes)}" for code, tax_codes in ADD_ONS.items()]
    now = FIRST
    for at, _, line in timed:
        if at != now:
            lines.append(f"T\t{micros(at)}")
            now = at
        lines.append(line)
    return "\n".join(lines) + "\n"


def zone_of(c):
    return ZoneInfo(c["zone"])
