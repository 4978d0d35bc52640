"""Outages of the database under a running server; run by outage.sh with the program as its argument."""
import os, sqlite3, subprocess, tempfile, threading, time

import billow
from billow import check


class Server(billow.Server):
    def catalogue(self):
        for path, body in (
            ("/billable_metrics", {"billable_metric": {"name": "n", "code": "n", "aggregation_type": "count_agg"}}),
            ("/plans", {"plan": {"name": "p", "code": "p", "interval": "monthly", "amount_cents": 0,
                                 "amount_currency": "EUR", "charges": [
                                     {"billable_metric_code": "n", "charge_model": "standard",
                                      "properties": {"amount": "1"}}]}}),
            ("/customers", {"customer": {"external_id": "c", "name": "C", "currency": "EUR"}}),
            ("/subscriptions", {"subscription": {"external_customer_id": "c", "external_id": "s", "plan_code": "p",
                                                 "subscription_at": "2026-01-01T00:00:00Z"}}),
        ):
            self.api("POST", path, body)

    def send(self, ids):
        return self.call("POST", "/api/v1/events/batch", {"events": [
            {"transaction_id": t, "external_subscription_id": "s", "code": "n",
             "properties": {"filler": "x" * 500}} for t in ids]})


def ids_of(name, round_, count=100):
    return [f"{name}-{round_}-{i}" for i in range(count)]


def disk_full(folder):
    small = os.path.join(folder, "small")
    os.mkdir(small)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small], capture_output=True)
    if mounted.returncode != 0:
        print("skipped: a full disk, because no small file system can be mounted here:", mounted.stderr.decode())
        return
    try:
        ballast = os.path.join(small, "ballast")
        with open(ballast, "wb") as file:
            file.write(b"x" * (12 << 20))
        server = Server(folder, f"sqlite:{small}/full.db")
        server.catalogue()
        acknowledged, refused = [], None
        for round_ in range(2000):
            status, answer = server.send(ids_of("full", round_))
            if status != 200:
                refused = (status, answer)
                break
            acknowledged += ids_of("full", round_)
        check("a full disk is 507", refused and refused[0] == 507, refused)
        check("with its code", refused and refused[1].get("code") == "store_full", refused)
        status, answer = server.call("POST", "/api/v1/customers", {"customer": {
            "external_id": "d", "name": "D" * 200, "metadata": []}})
        check("another write is 507 or fits", status in (200, 201, 422, 507), (status, answer))
        for path in ("/api/v1/customers/c", "/health"):
            status, answer = server.call("GET", path)
            check("reads go on: " + path, status == 200, (status, answer))
        status, answer = server.call("GET", "/ready")
        check("/ready tells", status in (200, 503), (status, answer))
        os.unlink(ballast)
        status, answer = server.send(ids_of("full", round_))
        check("there is room again: it goes on without a restart", status == 200, (status, answer))
        acknowledged += ids_of("full", round_)
        server.stop()
        database = sqlite3.connect(f"{small}/full.db")
        kept = [row[0] for row in database.execute("SELECT transaction_id FROM event")]
        check("nothing acknowledged is lost", set(acknowledged) <= set(kept))
        check("nothing is there twice", len(kept) == len(set(kept)))
        total = database.execute("SELECT sum(event_count) FROM usage_day").fetchone()[0]
        check("the totals fit", total == len(kept), (total, len(kept)))
        check("the file is sound", database.execute("PRAGMA quick_check").fetchone()[0] == "ok")
        database.close()
    finally:
        subprocess.run(["umount", small])


def cluster(*action):
    user = "postgres" if os.getuid() == 0 else None
    done = subprocess.run(["pg_ctl", "-w", "-l", os.environ["PGDATA"] + "/again.log", *action],
                          user=user, group=user, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check("pg_ctl " + " ".join(action), done.returncode == 0, done.stdout)


def query(sql):
    return subprocess.run(["psql", "-AtX", os.environ["BILLOW_TEST_POSTGRES"] + "/outage", "-c", sql],
                          capture_output=True, text=True).stdout.split()


def sender(server, number, done, acknowledged, unknown, statuses):
    round_ = 0
    while not done.is_set():
        ids = ids_of(f"pg{number}", round_, 10)
        round_ += 1
        try:
            status, _ = server.send(ids)
        except OSError as error:
            statuses.append(repr(error))
            return
        statuses.append(status)
        (acknowledged if status == 200 else unknown).extend(ids)


def wait_for(condition, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        threading.Event().wait(0.05)
    return False


def database_gone(folder):
    subprocess.run(["createdb", "outage"], check=True)
    server = Server(folder, os.environ["BILLOW_TEST_POSTGRES"] + "/outage")
    server.catalogue()
    done = threading.Event()
    acknowledged, unknown, statuses = [], [], []
    threads = [threading.Thread(target=sender, args=(server, n, done, acknowledged, unknown, statuses)) for n in range(4)]
    for thread in threads:
        thread.start()
    check("there is load", wait_for(lambda: len(acknowledged) >= 200), len(acknowledged))
    cluster("stop", "-m", "immediate")
    began = time.monotonic()
    status, answer = server.send(ids_of("gone", 0, 10))
    check("gone: 503", status == 503 and answer.get("code") == "store_unavailable", (status, answer))
    check("and soon", time.monotonic() - began < 15 or os.getloadavg()[0] > 8, time.monotonic() - began)
    status, answer = server.call("GET", "/ready")
    check("/ready is 503", status == 503, (status, answer))
    status, answer = server.call("GET", "/health")
    check("/health is 200", status == 200, (status, answer))
    cluster("start")
    seen = len(acknowledged)
    check("back: it goes on without a restart", wait_for(lambda: len(acknowledged) >= seen + 200), len(acknowledged) - seen)
    check("/ready is 200", wait_for(lambda: server.call("GET", "/ready")[0] == 200, 10))
    done.set()
    for thread in threads:
        thread.join(60)
    check("only 200, 500 and 503 were answered", set(statuses) <= {200, 500, 503}, set(statuses))
    status, answer = server.send(ids_of("gone", 0, 10))
    check("what was refused is taken now", status == 200, (status, answer))
    for at in range(0, len(unknown), 100):
        status, answer = server.send(unknown[at:at + 100])
        check("what was not acknowledged is taken when sent again", status == 200, (status, answer))
    server.stop()
    kept = query("SELECT transaction_id FROM event")
    wanted = set(acknowledged) | set(unknown) | set(ids_of("gone", 0, 10))
    check("all is there", wanted == set(kept), (len(wanted), len(kept)))
    check("once", len(kept) == len(set(kept)))
    check("the totals fit", query("SELECT sum(event_count) FROM usage_day") == [str(len(kept))])
    run = billow.run("verify", "--database", os.environ["BILLOW_TEST_POSTGRES"] + "/outage", folder=folder)
    check("verify finds nothing", run.returncode == 0, run.stdout + run.stderr)


with tempfile.TemporaryDirectory() as folder:
    disk_full(folder)
    database_gone(folder)
billow.end()
