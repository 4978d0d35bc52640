"""doctor, metrics, unit; run by operate.sh with the program as its argument."""
import hashlib, json, os, re, shutil, sqlite3, subprocess, tempfile

import billow
from billow import BILLOW, check

HERE = os.path.dirname(os.path.realpath(__file__))


def run(*arguments, folder):
    return billow.run(*arguments, folder=folder)


def doctor(database, folder, *options):
    """Level and words of each check by name, and the exit code."""
    done = run("doctor", "--json", "--database", database, *options, folder=folder)
    answer = json.loads(done.stdout)
    lines = {line["name"]: line for line in answer["checks"]}
    check("the exit code is the level", done.returncode == ["ok", "warn", "fail"].index(answer["level"]), done)
    worst = max((["ok", "warn", "fail"].index(line["level"]) for line in lines.values()))
    check("the level is the worst", ["ok", "warn", "fail"][worst] == answer["level"])
    for line in lines.values():
        check("a way out where something is to be done: " + line["name"],
              (line["way_out"] is not None) == (line["level"] != "ok"), line)
    return lines, done.returncode


def digest(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        if name in ("d.db", "d.db-wal") and os.path.getsize(os.path.join(folder, name)) > 0:
            with open(os.path.join(folder, name), "rb") as file:
                found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def level(lines, name):
    return lines.get(name, {}).get("level")


def doctor_on_sqlite(folder):
    database = f"sqlite:{folder}/d.db"
    lines, code = doctor(database, folder)
    check("no database: fail", level(lines, "database") == "fail" and code == 2, lines)
    check("and none is made", not os.path.exists(f"{folder}/d.db"))
    run("migrate", "--database", database, folder=folder)
    lines, code = doctor(database, folder)
    check("an empty one: warn", level(lines, "data") == "warn" and code == 1, lines)
    run("bill", "--database", database, folder=folder)
    before = digest(folder)
    lines, code = doctor(database, folder)
    check("never backed up: warn", level(lines, "last backup") == "warn" and code == 1, lines)
    for name in ("engine", "journal_mode", "synchronous", "foreign_keys", "structure", "schema", "clock",
                 "due work", "unmatched events", "audit trail", "audit anchors"):
        check(f"{name}: ok", level(lines, name) == "ok", lines.get(name))
    check("no audit key: warn", level(lines, "audit key") == "warn", lines.get("audit key"))
    check("nothing was changed", digest(folder) == before, (before, digest(folder)))
    # RFC 8032, test 1: this seed has this public key.
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    with open(f"{folder}/seed", "w") as file:
        file.write(seed)
    os.chmod(f"{folder}/seed", 0o600)
    with open(f"{folder}/doctor.conf", "w") as file:
        file.write(f"audit-key-file = {folder}/seed\n")
    lines, _ = doctor(database, folder, "--config", f"{folder}/doctor.conf")
    check("the audit key's public key", level(lines, "audit key") == "ok" and public in lines["audit key"]["found"], lines["audit key"])
    check("never the secret", seed not in json.dumps(lines))
    os.chmod(f"{folder}/seed", 0o644)
    lines, _ = doctor(database, folder, "--config", f"{folder}/doctor.conf")
    check("a key that others can read: fail", level(lines, "audit key") == "fail", lines["audit key"])
    done = run("backup", "b.db", "--database", database, folder=folder)
    check("backup", done.returncode == 0, done.stderr)
    lines, code = doctor(database, folder)
    check("backed up: ok", level(lines, "last backup") == "ok" and "b.db" in lines["last backup"]["found"], lines)
    done = run("doctor", "--database", database, folder=folder)
    check("one screen of lines", len(done.stdout.splitlines()) < 40 and "last backup" in done.stdout, done.stdout)
    lines, _ = doctor(database, folder, "--quick")
    check("--quick reads less", "structure" not in lines)

    def changed(name, sql, wanted_line, wanted_level, way=None):
        shutil.copy(f"{folder}/b.db", f"{folder}/c.db")
        connection = sqlite3.connect(f"{folder}/c.db", isolation_level=None)
        for statement in sql:
            connection.execute(statement)
        connection.close()
        got, _ = doctor(f"sqlite:{folder}/c.db", folder)
        check(name, level(got, wanted_line) == wanted_level, got.get(wanted_line))
        if way:
            check(name + ": the way out", way in (got[wanted_line]["way_out"] or ""), got[wanted_line])

    changed("not WAL: fail", ["PRAGMA journal_mode = DELETE"], "journal_mode", "fail", "billow serve")
    check("which doctor leaves as it is",
          sqlite3.connect(f"{folder}/c.db").execute("PRAGMA journal_mode").fetchone()[0] == "delete")
    changed("a newest entry in the future: fail", [
        "INSERT INTO maintenance VALUES ('backup', 9e15, 9000000000000000, 'x')"
        " ON CONFLICT (task) DO UPDATE SET finished_at = 9000000000000000"], "clock", "fail", "clock")
    changed("an old backup: warn", [
        "INSERT INTO maintenance VALUES ('backup', 1, 1, 'x')"
        " ON CONFLICT (task) DO UPDATE SET finished_at = 1"], "last backup", "warn", "billow backup")
    changed("an older schema: fail", [
        "DELETE FROM schema_migration WHERE number = (SELECT max(number) FROM schema_migration)"],
        "database", "fail", "billow migrate")
    changed("another migration: fail", [
        "UPDATE schema_migration SET hash = 'x' WHERE number = 1"], "database", "fail", "backup")
    changed("unmatched events: warn", [
        "INSERT INTO event_unmatched (external_subscription_id, occurred_at, id, metric_id, transaction_id,"
        " properties, received_at, arrival_day) VALUES ('s', 1, zeroblob(16), zeroblob(16), 't', '{}', 1, 1)"],
        "unmatched events", "warn", "unmatched_events")
    changed("an unsigned anchor, long ago: warn", [
        "INSERT INTO audit_anchor VALUES (1, 1, 1, zeroblob(32), zeroblob(32), NULL, zeroblob(32), NULL)"],
        "audit anchors", "warn", "billow serve")
    with open(f"{folder}/c.db", "r+b") as file:
        file.seek(0, 2)
        size = file.tell()
        file.seek(size // 2)
        file.write(b"\xff" * (size // 2))
    got, code = doctor(f"sqlite:{folder}/c.db", folder)
    check("a damaged file: fail", code == 2, got)


def doctor_on_postgres(folder):
    subprocess.run(["createdb", "operate"], check=True)
    database = os.environ["BILLOW_TEST_POSTGRES"] + "/operate"
    run("bill", "--database", database, folder=folder)
    run("migrate", "--database", database, folder=folder)
    lines, code = doctor(database, folder)
    # The test's own server runs without fsync, which doctor must not overlook.
    check("fsync off: fail", level(lines, "fsync") == "fail" and code == 2, lines)
    check("full_page_writes off: fail", level(lines, "full_page_writes") == "fail", lines)
    for name in ("engine", "synchronous_commit", "server_encoding", "collation", "schema"):
        check(f"PostgreSQL, {name}: ok", level(lines, name) == "ok", lines.get(name))
    lines, code = doctor("postgresql://nobody:secret-word@127.0.0.1:1/x", folder)
    check("no server: fail", level(lines, "database") == "fail" and code == 2, lines)
    check("no password in the words", "secret-word" not in json.dumps(lines))


def parse_metrics(text):
    """The text format 0.0.4; raises ValueError where it is not kept. Samples by name and labels."""
    samples, kinds, helped, last = {}, {}, set(), None
    for line in text.split("\n")[:-1]:
        found = re.fullmatch(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)", line)
        if found:
            what, name, rest = found.groups()
            if what == "HELP":
                if name in helped:
                    raise ValueError("HELP twice: " + name)
                helped.add(name)
                last = name
            else:
                if name in kinds or name != last:
                    raise ValueError("TYPE twice or apart: " + name)
                if rest not in ("counter", "gauge", "histogram"):
                    raise ValueError(line)
                kinds[name] = rest
            continue
        found = re.fullmatch(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? '
                             r"(-?[0-9]+(?:\.[0-9]+)?|\+Inf)", line)
        if not found:
            raise ValueError("no sample: " + line)
        name, labels, value = found.groups()
        family = name if name in kinds else re.sub(r"_(bucket|sum|count)$", "", name)
        if family not in kinds or family != last:
            raise ValueError("sample outside of its family: " + line)
        if kinds[family] == "counter" and not name.endswith("_total"):
            raise ValueError("a counter that is not called _total: " + name)
        if (name, labels) in samples:
            raise ValueError("twice: " + line)
        samples[name, labels or ""] = float(value)
    if not text.endswith("\n") or helped != set(kinds):
        raise ValueError("the end, or HELP without TYPE")
    return samples


def metrics(folder):
    server = billow.Server(folder, f"sqlite:{folder}/m.db")
    call = server.call
    call("POST", "/api/v1/billable_metrics", {"billable_metric": {
        "name": "n", "code": "n", "aggregation_type": "count_agg"}})
    for i in range(3):
        call("POST", "/api/v1/events", {"event": {"transaction_id": f"t{i % 2}", "external_subscription_id": "s", "code": "n"}})
    call("GET", "/api/v1/customers/none")
    status, text = call("GET", "/metrics")
    try:
        samples = parse_metrics(text)
    except ValueError as error:
        check("the format is kept", False, error)
        samples = {}

    def value(name, labels=""):
        return samples.get((name, labels))

    check("two events are accepted", value("billow_ingest_events_total", 'outcome="accepted"') == 2, samples)
    check("one is a duplicate", value("billow_ingest_events_total", 'outcome="duplicate"') == 1)
    check("three commits", value("billow_ingest_commits_total") == 3 and value("billow_ingest_commit_seconds_count") == 3)
    check("of two events", value("billow_ingest_commit_events_sum") == 2)
    check("no failure", value("billow_ingest_failures_total") == 0)
    check("the filter is trusted", value("billow_ingest_filter_trusted") == 1)
    check("nothing waits", value("billow_ingest_waiting_events") == 0 and value("billow_ingest_oldest_wait_seconds") == 0)
    check("unmatched events are seen", value("billow_unmatched_events") == 2)
    check("errors by code", value("billow_errors_total", 'code="not_found"') == 1)
    check("requests by route", value("billow_http_requests_total", 'route="/api/v1/events",method="POST",status="2xx"') == 3)
    check("time by route", value("billow_http_request_duration_seconds_count", 'route="/api/v1/events",method="POST"') == 3)
    check("connections", value("billow_store_connections_max") == 9, value("billow_store_connections_max"))
    check("the database is up", value("billow_database_up") == 1)
    check("memory", 1e6 < (value("process_resident_memory_bytes") or 0) < 4e9)
    check("files", 3 < (value("process_open_fds") or 0) < 200, value("process_open_fds"))
    check("processor", (value("process_cpu_seconds_total") or 0) > 0)
    check("this request runs", value("billow_http_running_requests") == 1)
    check("build info", any(name == "billow_build_info" and 'engine="sqlite"' in labels for name, labels in samples))
    server.stop()
    with open(os.path.join(HERE, "../../docs/OPERATE.md")) as file:
        words = re.findall(r"`([^`\n]+)`", file.read())
    for name in sorted({re.sub("_(bucket|sum|count)$", "", name) for name, _ in samples}):
        check(f"docs/OPERATE.md has {name}", any(
            name == word or word[:1] == "…" and name.endswith(word[1:]) or word[-2:] == "_*" and name.startswith(word[:-1])
            for word in words))


def sample():
    """Every setting stands in the sample configuration, set or as a comment."""
    with open(os.path.join(HERE, "../../src/cli/settings.c")) as file:
        found = re.search(r"names\[\] = \{(.*?)NULL\}", file.read(), re.S)
    names = re.findall(r'"([a-z-]+)"', found.group(1)) if found else []
    with open(os.path.join(HERE, "../../packaging/billow.conf")) as file:
        shown = re.findall(r"^(?:# )?([a-z-]+) = \S", file.read(), re.M)
    check("settings are found", "database" in names and len(names) >= 16, names)
    check("the sample configuration has each once", sorted(names) == sorted(shown), (names, shown))


def unit(folder):
    if not shutil.which("systemd-analyze"):
        print("skipped: the unit's check, because there is no systemd-analyze")
        return
    with open(os.path.join(HERE, "../../packaging/billow.service")) as file:
        text = file.read()
    with open(os.path.join(folder, "billow.service"), "w") as file:
        file.write(text.replace("/usr/bin/billow", BILLOW))
    done = subprocess.run(["systemd-analyze", "verify", "billow.service"], capture_output=True, text=True, cwd=folder)
    words = [line for line in done.stderr.splitlines() if line.startswith("billow.service") or "billow.service:" in line]
    check("systemd-analyze verify", not words, words)
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "billow.service"], capture_output=True, text=True, cwd=folder)
    found = re.search(r"exposure level for billow.service: ([0-9.]+)", done.stdout)
    check("exposure is at most 1.5", found and float(found.group(1)) <= 1.5, done.stdout[-200:])
    done = run("doctor", "--config", os.path.realpath(os.path.join(HERE, "../../packaging/billow.conf")), folder=folder)
    check("the sample configuration is one", "no setting" not in done.stderr and done.returncode in (0, 1, 2) and done.stdout, done)


with tempfile.TemporaryDirectory() as folder:
    doctor_on_sqlite(folder)
    doctor_on_postgres(folder)
    metrics(folder)
    sample()
    unit(folder)
billow.end()
