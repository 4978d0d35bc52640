#!/usr/bin/env python3
"""ways_in_test.py BILLOW - every way in over HTTP and from the command line, beside each other and through restarts.

With BILLOW_TEST_POSTGRES (tests/with-postgres) on that server, with two `billow serve`; else on SQLite, with one.
The wanted figures are counts of what the test itself made.
"""
import gzip
import http.client
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading

BILLOW = os.path.abspath(sys.argv[1])
POSTGRES = os.environ.get("BILLOW_TEST_POSTGRES")
SEED = int(os.environ.get("SEED", "0")) or random.randrange(1 << 30)
LONG = os.environ.get("BILLOW_TEST_ALL") == "true"
draw = random.Random(SEED)
KEY = "key_of_the_test_0123456789"
passed = failed = 0


def check(name, got, wanted):
    global passed, failed
    if got == wanted:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {name} (SEED={SEED}): {got!r}, wanted {wanted!r}")


def compact(value):
    """As the properties of CSV rows are written: `differs` compares texts."""
    return json.dumps(value, separators=(",", ":")).encode()


class Server:
    """A `billow serve` on the database, at a free port."""

    def __init__(self, url):
        self.process = subprocess.Popen(
            [BILLOW, "serve", "--database", url, "--listen", "127.0.0.1:0", "--test-clock"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ, "BILLOW_API_KEY": KEY})
        self.port = None
        for line in self.process.stdout:
            found = re.search(r"http://[^:]+:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                break
        assert self.port, "billow serve did not start"

    def call(self, method, path, body=None, headers=(), face="/api/v1"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **dict(headers)}
        if isinstance(body, (dict, list)):
            body = compact(body)
        connection.request(method, face + path, body, given)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def stop(self, signal_number=signal.SIGTERM):
        self.process.send_signal(signal_number)
        self.process.stdout.close()
        return self.process.wait(60)


class Stream:
    """A stream over a raw connection, so that it can stay open."""

    def __init__(self, server, headers=()):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self.connection.putrequest("POST", "/api/v1/events/stream")
        for name, value in {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson",
                            "Transfer-Encoding": "chunked", **dict(headers)}.items():
            self.connection.putheader(name, value)
        self.connection.endheaders()

    def put(self, data):
        if data:
            self.connection.send(b"%x\r\n%s\r\n" % (len(data), data))

    def end(self):
        try:
            self.connection.send(b"0\r\n\r\n")
        except OSError:
            pass # the answer came amid the body
        return self.answer()

    def answer(self):
        answer = self.connection.getresponse()
        text = json.loads(answer.read())
        self.connection.close()
        return answer.status, text


def event(number):
    return {"transaction_id": f"n{number}", "external_subscription_id": "s", "code": "hits",
            "timestamp": "2024-01-05T00:00:00Z", "properties": {"n": number}}


def lines(numbers):
    return b"".join(compact(event(n)) + b"\n" for n in numbers)


def units(server):
    status, answer = server.call("GET", "/customers/c/current_usage?external_subscription_id=s")
    assert status == 200, answer
    return answer["customer_usage"]["charges_usage"][0]["events_count"]


def make_world(server):
    for method, path, body in [
            ("PUT", "/test_clock", {"test_clock": {"now": "2024-01-01T00:00:00Z"}}),
            ("POST", "/billable_metrics", {"billable_metric": {"name": "h", "code": "hits", "aggregation_type": "count_agg"}}),
            ("POST", "/plans", {"plan": {"name": "p", "code": "p", "interval": "monthly", "amount_cents": 0, "amount_currency": "EUR",
             "charges": [{"billable_metric_code": "hits", "charge_model": "standard", "properties": {"amount": "1"}}]}}),
            ("POST", "/customers", {"customer": {"external_id": "c", "currency": "EUR"}}),
            ("POST", "/subscriptions", {"subscription": {"external_customer_id": "c", "external_id": "s", "plan_code": "p"}}),
            ("PUT", "/test_clock", {"test_clock": {"now": "2024-01-10T00:00:00Z"}})]:
        status, answer = server.call(method, path, body)
        assert status < 300, (path, status, answer)


def bodies(server):
    packed = {"Content-Encoding": "gzip"}
    good = json.dumps({"event": event(1)}).encode()
    for face in ("/api/v1", "/lago/api/v1"):
        check("gzip", server.call("POST", "/events", gzip.compress(good), packed, face)[0], 200 if face == "/api/v1" else 422)
        check("cut gzip", server.call("POST", "/events", gzip.compress(good)[:-3], packed, face)[0], 400)
        check("bomb", server.call("POST", "/events", gzip.compress(bytes(64 << 20)), packed, face)[0], 413)
        check("other encoding", server.call("POST", "/events", good, {"Content-Encoding": "br"}, face)[0], 415)


def cloud(**changed):
    made = {"specversion": "1.0", "id": "ce1", "source": "/m/1", "type": "hits", "subject": "s", "time": "2024-01-06T00:00:00Z",
            "data": {"a": 1}, "traceparent": "00-1", **changed}
    return {name: value for name, value in made.items() if value is not None}


def cloud_events(server):
    structured = {"Content-Type": "application/cloudevents+json; charset=utf-8"}
    status, answer = server.call("POST", "/events", cloud(), structured)
    check("structured", (status, answer["event"]["outcome"], answer["event"]["other_source"]), (200, "accepted", False))
    status, answer = server.call("POST", "/events", cloud(source="/m/2"), structured)
    check("other source", (answer["event"]["outcome"], answer["event"]["other_source"]), ("duplicate", True))
    status, answer = server.call("POST", "/events", cloud(specversion="0.3", subject=None), structured)
    check("bad attributes", (status, sorted(e["field"] for e in answer["errors"])), (422, ["specversion", "subject"]))
    status, answer = server.call("POST", "/events", cloud(id="x", type="nothing"), structured)
    check("unknown type", (status, [e["field"] for e in answer["errors"]]), (422, ["type"]))
    check("not JSON", server.call("POST", "/events", "{", structured)[0], 400)
    batch = {"Content-Type": "application/cloudevents-batch+json"}
    for path in ("/events", "/events/batch"):
        status, answer = server.call("POST", path, [cloud(id="ce1"), cloud(id="ce2")], batch)
        check("batch", (status, len(answer["events"])), (200, 2))
    status, answer = server.call("POST", "/events", [cloud(id="ce3"), cloud(id="ce4", type=None), 7], batch)
    check("bad batch", (status, [e["field"] for e in answer["errors"]]), (422, ["events.1.type", "events.2.event"]))
    check("empty batch", server.call("POST", "/events", [], batch)[0], 422)
    binary = {"ce-specversion": "1.0", "ce-id": "%E2%82%AC%201", "ce-source": "/m", "ce-type": "hits", "ce-subject": "%73",
              "ce-time": "2024-01-06T00:00:00Z", "ce-extra": "1"}
    status, answer = server.call("POST", "/events", {"a": 1}, binary)
    check("binary", (status, answer["event"]["transaction_id"], answer["event"]["properties"]), (200, "\u20ac 1", {"a": 1}))
    status, answer = server.call("POST", "/events", {"a": 1}, {**binary, "ce-id": "%E2%82"})
    check("bad header", (status, [e["field"] for e in answer["errors"]]), (422, ["ce-id"]))
    status, answer = server.call("POST", "/events", "<a/>", {**binary, "Content-Type": "text/xml"})
    check("bad content", (status, [e["field"] for e in answer["errors"]]), (422, ["datacontenttype"]))
    return 3 # ce1, ce2, the binary one


def streams(server, first, count):
    ndjson = {"Content-Type": "application/x-ndjson"}
    packed = {**ndjson, "Content-Encoding": "gzip"}
    all_lines = lines(range(first, first + count))
    status, answer = server.call("POST", "/events/stream", gzip.compress(all_lines), packed)
    check("stream", (status, answer["stream"]["lines"], answer["stream"]["accepted"]), (200, count, count))
    status, answer = server.call("POST", "/events/stream", all_lines, ndjson, "/lago/api/v1")
    check("stream of repeats", (status, answer["stream"]["duplicates"], answer["stream"]["differing"]), (200, count, 0))
    mixed = compact(cloud(id="ce1")) + b"\n\n" + compact(event(first))
    status, answer = server.call("POST", "/events/stream", mixed, ndjson)
    check("mixed lines", answer["stream"], {"lines": 3, "accepted": 0, "duplicates": 2, "differing": 0, "other_source": 0, "unmatched": 0})
    bad = lines(range(first, first + 2000)) + b'{"transaction_id":"x","code":"hits"}\n{"transaction_id":"y"}\nnothing\n'
    status, answer = server.call("POST", "/events/stream", bad, ndjson)
    check("bad lines", (status, [e["field"] for e in answer["errors"]]), (422, ["line 2002, code", "line 2003, column 1"]))
    check("durable before them", 0 <= answer["durable_lines"] <= 2000, True)
    check("wrong type", server.call("POST", "/events/stream", b"{}\n", {"Content-Type": "application/json"})[0], 415)
    check("no key", server.call("POST", "/events/stream", b"{}\n", {**ndjson, "Authorization": "Bearer no"})[0], 401)
    check("long line", server.call("POST", "/events/stream", b"a" * 300000, ndjson)[0], 422)
    check("damaged", server.call("POST", "/events/stream", gzip.compress(all_lines)[:-9], packed)[0], 400)


def stopped_stream(server, first):
    """SIGTERM amid a stream: the answer tells what is durable, and it is."""
    stream = Stream(server)
    stream.put(lines(range(first, first + 3000)))
    live = Stream(server) # a line at a time is committed though the stream goes on
    live.put(lines([first + 3000]))
    for _ in range(600):
        if server.call("GET", f"/events/n{first + 3000}")[0] == 200:
            break
    check("live line is durable", server.call("GET", f"/events/n{first + 3000}")[0], 200)
    server.process.send_signal(signal.SIGTERM)
    status, answer = stream.answer()
    check("stopped", (status, answer["code"]), (503, "stopping"))
    status, told = live.answer()
    check("stopped live", (status, told["durable_lines"]), (503, 1))
    check("exit code", server.process.wait(60), 0)
    return answer["durable_lines"]


def ingest(url, *arguments, stdin=None):
    done = subprocess.run([BILLOW, "ingest", "--json", "--database", url, *arguments], input=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120)
    return done.returncode, json.loads(done.stdout) if done.stdout else None


def killed_ingest(url, server, folder, first, count):
    """kill -9 amid a file, beside a server that takes the same events; then it goes on."""
    path = os.path.join(folder, "events.ndjson.gz")
    with gzip.open(path, "wb") as out:
        out.write(lines(range(first, first + count)))
    process = subprocess.Popen([BILLOW, "ingest", "--database", url, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and units(server) < first + 3:
        pass
    process.kill()
    process.wait()
    sent = draw.sample(range(first, first + count), count // 4)
    status, _ = server.call("POST", "/events/stream", lines(sent), {"Content-Type": "application/x-ndjson"})
    check("stream beside", status, 200)
    code, answer = ingest(url, path)
    check("resumed", (code, answer["done"], answer["durable_records"]), (0, True, count))
    check("passed over", answer["passed_over"] + answer["accepted"] + answer["duplicates"], count)
    code, again = ingest(url, path)
    check("nothing new", (again["passed_over"], again["accepted"], again["duplicates"]), (count, 0, 0))
    code, piped = ingest(url, "-", stdin=lines(range(first, first + 100)))
    check("pipe", (code, piped["duplicates"]), (0, 100))
    code, skipped = ingest(url, "--skip", "90", "-", stdin=lines(range(first, first + 100)))
    check("skip", (code, skipped["passed_over"], skipped["duplicates"]), (0, 90, 10))
    code, bad = ingest(url, "-", stdin=b'{"transaction_id":"b","code":"hits"}\n{"code":7}\n')
    check("bad", (code, sorted(e["field"] for e in bad["errors"])), (2, ["line 2, code", "line 2, transaction_id"]))
    code, none = ingest(url, os.path.join(folder, "none.csv"))
    check("no file", (code, none["code"]), (2, "not_found"))


def together(url, server, folder, first, count):
    """Two servers (PostgreSQL) and a command bring the same events at once; a server is killed and comes back."""
    numbers = list(range(first, first + count))
    servers = [server] + ([Server(url)] if POSTGRES else [])
    path = os.path.join(folder, "together.csv")
    with open(path, "w", encoding="utf-8") as out:
        out.write("transaction_id,external_subscription_id,code,timestamp,n\n")
        for n in numbers:
            out.write(f"n{n},s,hits,2024-01-05T00:00:00Z,{n}\n")

    def send(to):
        mixed = numbers[:]
        draw.shuffle(mixed)
        try:
            for at in range(0, len(mixed), 200):
                to.call("POST", "/events/batch", {"events": [event(n) for n in mixed[at:at + 200]]})
        except (OSError, http.client.HTTPException, ValueError):
            pass # it was killed

    threads = [threading.Thread(target=send, args=(to,)) for to in servers]
    for thread in threads:
        thread.start()
    command = subprocess.Popen([BILLOW, "ingest", "--database", url, path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if POSTGRES:
        servers[1].stop(signal.SIGKILL)
        servers[1] = Server(url)
        again = threading.Thread(target=send, args=(servers[1],))
        again.start()
        threads.append(again)
    check("ingest beside", command.wait(120), 0)
    for thread in threads:
        thread.join(120)
    for to in servers:
        status, answer = to.call("POST", "/events/stream", lines(numbers), {"Content-Type": "application/x-ndjson"})
        check("all repeats", (status, answer["stream"]["accepted"], answer["stream"]["differing"]), (200, 0, 0))
    if POSTGRES:
        check("second server", servers[1].stop(), 0)


def unmatched(server):
    events = [{**event(n), "transaction_id": f"u{n}", "external_subscription_id": f"nobody{n % 2}"} for n in range(5)]
    check("unmatched", server.call("POST", "/events/batch", {"events": events})[0], 200)
    status, answer = server.call("GET", "/unmatched_events/summary")
    check("summary", [(s["external_subscription_id"], s["event_count"]) for s in answer["unmatched_subscriptions"]],
          [("nobody0", 3), ("nobody1", 2)])
    status, answer = server.call("GET", "/unmatched_events?external_subscription_id=nobody1&code=hits")
    check("list", (status, answer["meta"]["total_count"]), (200, 2))
    one = answer["unmatched_events"][0]["id"]
    check("one dismissed", server.call("DELETE", f"/unmatched_events/{one}")[0], 204)
    check("only once", server.call("DELETE", f"/unmatched_events/{one}")[0], 404)
    check("never all", server.call("DELETE", "/unmatched_events")[0], 422)
    status, answer = server.call("DELETE", "/unmatched_events?external_subscription_id=nobody0")
    check("dismissed", (status, answer["dismissed_count"]), (200, 3))
    check("look-up", server.call("GET", "/events/u0")[0], 404)


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        url = f"sqlite:{folder}/ways.db"
        if POSTGRES:
            url = f"{POSTGRES}/ways_in"
            subprocess.run(["createdb", "ways_in"], check=True)
        server = Server(url)
        make_world(server)
        bodies(server)
        others = 1 + cloud_events(server)
        check("usage", units(server), others)
        first, count = 1000, 20000 if LONG else 6000
        streams(server, first, count)
        check("usage of streams", units(server), others + count)
        unmatched(server)
        next_first = first + count
        durable = stopped_stream(server, next_first)
        server = Server(url)
        check("durable is durable", units(server) >= others + count + durable + 1, True)
        status, answer = server.call("POST", "/events/stream", lines(range(next_first, next_first + 3000)),
                                     {"Content-Type": "application/x-ndjson"})
        check("sent again", (status, answer["stream"]["lines"]), (200, 3000))
        total = others + count + 3001
        check("usage after the stop", units(server), total)
        next_first += 3001
        many = 60000 if LONG else 12000
        killed_ingest(url, server, folder, next_first, many)
        total += many
        check("usage after the kill", units(server), total)
        next_first += many
        many = 20000 if LONG else 4000
        together(url, server, folder, next_first, many)
        total += many
        check("usage of all together", units(server), total)
        check("stop", server.stop(), 0)
        verified = subprocess.run([BILLOW, "verify", "--database", url], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check("verify", (verified.returncode, "nothing is wrong" in verified.stdout), (0, True))
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0)


main()
