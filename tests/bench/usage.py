#!/usr/bin/env python3
"""usage.py BILLOW FOLDER - what current usage costs over HTTP, on an SQLite file in FOLDER.

Prints lines of a name, a tab and a figure:
  fifty           current usage of 50 charges (counts, sums, maximums, latest values) of a subscription
                  with a million events by that of one with none: the median of pairs that follow each
                  other, after five that warm the caches
  unique, percentile, weighted
                  seconds of current usage for each million events, the least of the rounds, from a
                  quarter of that; values of the unique count are all different
BENCH_USAGE is the number of events instead of a million, BENCH_USAGE_ROUNDS of rounds instead of 31.
"""
import http.client
import json
import os
import subprocess
import sys
import time

EVENTS = int(os.environ.get("BENCH_USAGE", "1000000"))
ROUNDS = int(os.environ.get("BENCH_USAGE_ROUNDS", "31"))
KEY = "bench-usage"
MARCH = 1772323200  # 2026-03-01T00:00:00Z
DAYS = 30
WARM_UP = 5
billow, folder = sys.argv[1:3]


def call(connection, method, path, body=None):
    headers = {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}
    connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), headers)
    response = connection.getresponse()
    text = response.read()
    if response.status not in (200, 201):
        sys.exit(f"{method} {path}: {response.status} {text[:500]!r}")
    return json.loads(text) if text else None


def set_clock(connection, now):
    call(connection, "PUT", "/test_clock", {"test_clock": {"now": now}})


def plan(connection, code, metrics):
    charges = [{"billable_metric_code": m, "charge_model": "standard", "properties": {"amount": "0.01"}} for m in metrics]
    call(connection, "POST", "/plans", {"plan": {"name": code, "code": code, "interval": "monthly", "amount_cents": 0,
                                                 "amount_currency": "EUR", "charges": charges}})


def subscribe(connection, name, code):
    call(connection, "POST", "/customers", {"customer": {"external_id": name, "name": name, "currency": "EUR"}})
    call(connection, "POST", "/subscriptions", {"subscription": {"external_customer_id": name, "external_id": name, "plan_code": code}})


def lines(subscription, metrics, count):
    """Batches of NDJSON lines, spread over the month, each metric in turn."""
    batch = []
    for i in range(count):
        metric = metrics[i % len(metrics)]
        at = MARCH + i * 86400 * DAYS // count
        batch.append('{"transaction_id":"%s-%d","external_subscription_id":"%s","code":"%s","timestamp":%d,'
                     '"properties":{"v":"%d.%02d","region":"eu-%d"}}\n'
                     % (subscription, i, subscription, metric, at, i * 7919 % count, i % 100, i % 7))
        if len(batch) == 5000:
            yield "".join(batch).encode()
            batch = []
    if batch:
        yield "".join(batch).encode()


def send(connection, subscription, metrics, count):
    headers = {"Authorization": "Bearer " + KEY, "Content-Type": "application/x-ndjson"}
    connection.request("POST", "/api/v1/events/stream", lines(subscription, metrics, count), headers, encode_chunked=True)
    response = connection.getresponse()
    answer = json.loads(response.read())
    if response.status != 200 or answer["stream"]["accepted"] != count:
        sys.exit(f"stream: {response.status} {answer}")


def usage(connection, name):
    """Seconds, and how many events are in the answer."""
    started = time.perf_counter()
    answer = call(connection, "GET", f"/customers/{name}/current_usage?external_subscription_id={name}")
    took = time.perf_counter() - started
    return took, sum(charge["events_count"] for charge in answer["customer_usage"]["charges_usage"])


def measure(connection):
    kinds = [("count_agg", None), ("sum_agg", "v"), ("max_agg", "v"), ("latest_agg", "v")]
    fifty = [f"m{i}" for i in range(50)]
    alone = {"unique": {"aggregation_type": "unique_count_agg", "field_name": "v"},
             "percentile": {"aggregation_type": "percentile_agg", "field_name": "v", "percentile": "95", "slot_seconds": 300},
             "weighted": {"aggregation_type": "weighted_sum_agg", "field_name": "v", "weighted_interval": "seconds"}}
    set_clock(connection, "2026-03-01T00:00:00Z")
    for i, code in enumerate(fifty):
        kind, field = kinds[i % len(kinds)]
        call(connection, "POST", "/billable_metrics", {"billable_metric": {"name": code, "code": code, "aggregation_type": kind, "field_name": field}})
    plan(connection, "fifty", fifty)
    subscribe(connection, "full", "fifty")
    subscribe(connection, "empty", "fifty")
    for name, metric in alone.items():
        call(connection, "POST", "/billable_metrics", {"billable_metric": {"name": name, "code": name, **metric}})
        plan(connection, name, [name])
        subscribe(connection, name, name)
    set_clock(connection, "2026-03-31T12:00:00Z")
    send(connection, "full", fifty, EVENTS)
    for name in alone:
        send(connection, name, [name], EVENTS // 4)

    ratios = []
    for i in range(WARM_UP + ROUNDS):
        full, events = usage(connection, "full")
        empty, none = usage(connection, "empty")
        if (events, none) != (EVENTS, 0):
            sys.exit(f"{events} and {none} events were counted, not {EVENTS} and 0")
        if i >= WARM_UP:
            ratios.append(full / empty)
    print(f"fifty\t{sorted(ratios)[ROUNDS // 2]:.2f}")
    for name in alone:
        takes = []
        for _ in range(max(3, ROUNDS // 3)):
            took, events = usage(connection, name)
            if events != EVENTS // 4:
                sys.exit(f"{name}: {events} events were counted, not {EVENTS // 4}")
            takes.append(took)
        print(f"{name}\t{min(takes) * 1000000 / (EVENTS // 4):.3f}")


environment = dict(os.environ, BILLOW_API_KEY=KEY, BILLOW_LOG_LEVEL="warn", BILLOW_RATE_LIMIT="0")
server = subprocess.Popen([billow, "serve", "--test-clock", "--listen", "127.0.0.1:0", "--database", f"sqlite:{folder}/usage.db"],
                          stdout=subprocess.PIPE, env=environment, text=True)
try:
    for line in server.stdout:
        if line.startswith("serving on"):
            break
    else:
        sys.exit("the server did not start")
    host = line.split("//")[1].strip()
    measure(http.client.HTTPConnection(host, timeout=600))
finally:
    server.terminate()
    server.wait()
