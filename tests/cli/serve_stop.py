"""serve as a service manager sees it; run by serve_stop.sh with the program as its argument."""
import http.client, json, os, re, select, signal, socket, sqlite3, tempfile, threading, time

import billow
from billow import KEY, check


class Server(billow.Server):
    """A running serve with a notify socket and a log of its own."""

    def __init__(self, folder, *options, watchdog_us=None, env=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(folder, f"notify-{time.monotonic_ns()}")
        self.socket.bind(path)
        self.socket.settimeout(15)
        if os.path.exists(os.path.join(folder, "log")):
            os.unlink(os.path.join(folder, "log"))
        super().__init__(folder, f"sqlite:{folder}/stop.db", *options,
                         env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": str(watchdog_us) if watchdog_us else None, **(env or {})})

    def told(self, wanted):
        """Waits for a message; anything else but watchdog pings is a failure."""
        while True:
            try:
                message = self.socket.recv(4096).decode()
            except socket.timeout:
                return f"nothing but silence instead of {wanted}"
            if message != "WATCHDOG=1" or wanted == message:
                return message

    def stop(self, number=signal.SIGTERM):
        began = time.monotonic()
        return self.end(number), time.monotonic() - began

    def wait_for_text(self, words):
        until = time.monotonic() + 30
        while words not in self.text() and time.monotonic() < until:
            select.select([], [], [], 0.01)
        return words in self.text()


def catalogue(server):
    server.api("POST", "/billable_metrics", {"billable_metric": {
        "name": "n", "code": "n", "aggregation_type": "count_agg"}})
    server.api("POST", "/plans", {"plan": {
        "name": "p", "code": "p", "interval": "monthly", "amount_cents": 0, "amount_currency": "EUR",
        "charges": [{"billable_metric_code": "n", "charge_model": "standard", "properties": {"amount": "1"}}]}})
    server.api("POST", "/customers", {"customer": {"external_id": "c", "name": "C", "currency": "EUR"}})
    server.api("POST", "/subscriptions", {"subscription": {
        "external_customer_id": "c", "external_id": "s", "plan_code": "p",
        "subscription_at": "2026-01-01T00:00:00Z"}})


def send_until_refused(port, number, acknowledged, cut):
    """Sends batches of two, one after the other, until the server says that it stops.  A request that
    is sent whole and gets no answer is cut, unless the idle connection was closed under it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for i in range(100000):
        ids = [f"t-{number}-{i}-{j}" for j in range(2)]
        try:
            connection.request("POST", "/api/v1/events/batch", json.dumps({"events": [
                {"transaction_id": t, "external_subscription_id": "s", "code": "n"} for t in ids]}),
                {"Authorization": "Bearer " + KEY, "Content-Type": "application/json"})
            answer = connection.getresponse()
            status, body = answer.status, answer.read()
        except (http.client.RemoteDisconnected, ConnectionError):
            return  # between two requests: nothing was acknowledged
        except Exception as error:
            cut.append(repr(error))
            return
        if status == 200:
            acknowledged.extend(ids)
        elif status == 503:
            return
        else:
            cut.append(f"{status} {body}")
            return


def stop_under_load(folder):
    server = Server(folder)
    check("READY", server.told("READY=1") == "READY=1")
    catalogue(server)
    acknowledged, cut = [], []
    threads = [threading.Thread(target=send_until_refused, args=(server.port, n, acknowledged, cut)) for n in range(8)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 30
    while len(acknowledged) < 200 and time.monotonic() < until:
        select.select([], [], [], 0.01)
    code, seconds = server.stop()
    for thread in threads:
        thread.join(60)
    check("exit code 0", code == 0, code)
    check("within 3 s", seconds < 3 or os.getloadavg()[0] > 8, seconds)
    check("STOPPING", server.told("STOPPING=1") == "STOPPING=1")
    check("no request was cut", not cut, cut[:3])
    check("there was load", len(acknowledged) >= 200, len(acknowledged))
    check("the log is put back into the file", not os.path.exists(f"{folder}/stop.db-wal"))
    database = sqlite3.connect(f"{folder}/stop.db")
    kept = {row[0] for row in database.execute("SELECT transaction_id FROM event")}
    check("nothing acknowledged is lost", set(acknowledged) <= kept, len(set(acknowledged) - kept))
    total = database.execute("SELECT sum(event_count) FROM usage_day").fetchone()[0]
    check("all is counted once", total == len(kept), (total, len(kept)))


def stop_when_idle(folder):
    server = Server(folder, watchdog_us=200000)
    idle = http.client.HTTPConnection("127.0.0.1", server.port)
    idle.request("GET", "/health")
    idle.getresponse().read()  # and the connection stays open
    server.told("READY=1")
    check("the watchdog is told", server.told("WATCHDOG=1") == "WATCHDOG=1")
    check("and again", server.told("WATCHDOG=1") == "WATCHDOG=1")
    code, seconds = server.stop(signal.SIGINT)
    check("idle: exit code 0", code == 0, code)
    check("idle: within 3 s", seconds < 3 or os.getloadavg()[0] > 8, seconds)


def second_signal(folder):
    """A request that is being handled for ever: a database that another process holds."""
    server = Server(folder)
    server.told("READY=1")
    holder = sqlite3.connect(f"{folder}/stop.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    stuck = socket.create_connection(("127.0.0.1", server.port))
    body = json.dumps({"customer": {"external_id": "x", "name": "X"}})
    stuck.sendall(f"POST /api/v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
                  f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    server.process.send_signal(signal.SIGTERM)
    check("it says that it stops", server.told("STOPPING=1") == "STOPPING=1")
    code, seconds = server.stop()
    check("a second signal ends it", code == 1 and seconds < 3 or os.getloadavg()[0] > 8, (code, seconds))
    check("and it says why", "a second signal" in server.text())
    holder.execute("ROLLBACK")
    server = Server(folder, "--stop-timeout", "1")
    server.told("READY=1")
    holder.execute("BEGIN IMMEDIATE")
    stuck = socket.create_connection(("127.0.0.1", server.port))
    stuck.sendall(f"POST /api/v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n"
                  f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    probe = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    probe.request("GET", "/health")
    probe.getresponse().read()
    code, seconds = server.stop()
    check("the time-out ends it, or there was nothing to wait for", code in (0, 1), (code, seconds))
    holder.execute("ROLLBACK")


def reload(folder):
    config = os.path.join(folder, "billow.conf")
    with open(config, "w") as file:
        file.write("log-level = warn\nlog = json\n")
    server = Server(folder, "--config", config)
    server.told("READY=1")
    check("warn: nothing is said at start", server.text() == "", server.text())
    with open(config, "w") as file:
        file.write("log-level = info\nlog = json\n")
    server.process.send_signal(signal.SIGHUP)
    message = server.told("RELOADING=1")
    check("RELOADING with its time", re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", message), message)
    check("READY again", server.told("READY=1") == "READY=1")
    check("now it speaks", server.wait_for_text("configuration was read again"))
    with open(config, "w") as file:
        file.write("log-level = loud\n")
    server.process.send_signal(signal.SIGHUP)
    check("what is wrong is said", server.wait_for_text("wanted debug, info, warn or error"))
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    hostile = "/api/v1/%22%7d%5c%0a%00%ff?x=%22"
    connection.request("GET", "/nothing%22%7D%5C%0A", headers={"Request-Id": 'a"b\\c', "User-Agent": "\"}{"})
    connection.getresponse().read()
    connection.request("GET", hostile, headers={"Authorization": "Bearer " + KEY})
    connection.getresponse().read()
    code, _ = server.stop()
    check("it still stops", code == 0, code)
    lines = server.text().splitlines()
    for line in lines:
        try:
            json.loads(line)
        except ValueError:
            check("each line is JSON", False, line)
            break
    else:
        check("each line is JSON", len(lines) > 3, lines)
    check("no key in the log", KEY not in server.text())


def ask(server, method, path, key, body=None, headers=None):
    """The answer to one request."""
    return server.ask(method, "/api/v1" + path, body, {"Authorization": "Bearer " + key, **(headers or {})})


def reload_limits(folder):
    folder = os.path.join(folder, "limits")
    os.mkdir(folder)
    config = os.path.join(folder, "billow.conf")

    def configure(text):
        with open(config, "w") as file:
            file.write("log = json\n" + text)
        if server:
            server.process.send_signal(signal.SIGHUP)
            server.told("RELOADING=1")
            server.told("READY=1")

    server = None
    configure("rate-limit = 2\n")
    server = Server(folder, "--config", config, env={"BILLOW_RATE_LIMIT": None})
    server.told("READY=1")
    meter = server.api("POST", "/api_keys", {"api_key": {"name": "the meter", "scopes": "all"}})["api_key"]["key"]
    seen = [ask(server, "GET", "/taxes", meter).status for _ in range(3)]
    check("two a minute", seen == [200, 200, 429], seen)
    configure("rate-limit = 0\n")
    seen = [ask(server, "GET", "/taxes", meter) for _ in range(3)]
    check("no limit after a reload", all(one.status == 200 and one.header("ratelimit-limit") is None for one in seen), [one.headers for one in seen])
    configure("rate-limit = 70\n")
    answer = ask(server, "GET", "/billing_entities", meter)
    check("another limit", answer.header("ratelimit-limit") == "70", answer.headers)
    configure("rate-limit = many\n")
    check("a bad limit is said", server.wait_for_text("rate-limit = many"))
    answer = ask(server, "GET", "/billing_entities", meter)
    check("and changes nothing", answer.header("ratelimit-limit") == "70", answer.headers)

    configure("rate-limit = 0\n")

    # The request id: in the log's lines of the request and in the audit's origin; the key's name in the log.
    answer = ask(server, "POST", "/taxes", meter, {"tax": {"name": "VAT", "code": "vat", "rate": "20"}},
                 {"Request-Id": "order-4711"})
    check("made", answer.status == 201 and answer.header("request-id") == "order-4711", answer.headers)
    entry = server.api("GET", "/audit_entries?action=tax.create")["audit_entries"][0]
    check("the audit's origin", entry["origin"] == "order-4711 127.0.0.1", entry)
    check("the audit's actor", entry["actor"] == "key:the meter", entry)
    answer = ask(server, "GET", "/taxes", "no-key-at-all")
    problem = answer.json
    check("an error's request id is in its body", answer.status == 401 and problem["request_id"] == answer.header("request-id"), problem)
    code, _ = server.stop()
    check("it stops", code == 0, code)
    lines = [json.loads(line) for line in server.text().splitlines()]
    of_order = [line for line in lines if line.get("request_id") == "order-4711"]
    check("the log's line of the request", [(l["message"], l["method"], l["status"], l["key"]) for l in of_order]
          == [("request", "POST", 201, "the meter")], of_order)
    unknown = [line for line in lines if line.get("request_id") == problem["request_id"]]
    check("no key, no name", len(unknown) == 1 and unknown[0].get("key") is None, unknown)
    check("the first key's name", any(l.get("key") == "first key" or l.get("key") == "default" for l in lines), lines[-1])


def refused(folder):
    config = os.path.join(folder, "bad.conf")
    with open(config, "w") as file:
        file.write("listen = 127.0.0.1:0\nlisten-on = x\n")
    run = billow.run("serve", "--config", config, folder=folder)
    check("a bad file is refused", run.returncode == 2 and "line 2: listen-on is no setting" in run.stderr, run.stderr)
    run = billow.run("serve", "--config", folder + "/none", folder=folder)
    check("so is a missing one", run.returncode == 2 and "none" in run.stderr, run.stderr)


with tempfile.TemporaryDirectory() as folder:
    stop_under_load(folder)
    stop_when_idle(folder)
    second_signal(folder)
    reload(folder)
    reload_limits(folder)
    refused(folder)
billow.end()
