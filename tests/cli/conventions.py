"""Lists by cursor and filter, key commands, the guide's examples; run by conventions.sh with the program as its argument."""
import json, os, re, subprocess, tempfile, urllib.parse

import billow
from billow import BILLOW, KEY, Server, check

HERE = os.path.dirname(os.path.realpath(__file__))
ROOT = os.path.join(HERE, "../..")


def run(*arguments, folder):
    done = billow.run(*arguments, folder=folder)
    return done.returncode, done.stdout + done.stderr


# ---- lists --------------------------------------------------------------------------------------

def fill(server):
    """A little of everything, more than one page of two."""
    server.api("POST", "/billing_entities", {"billing_entity": {"name": "Two", "code": "two"}})
    server.api("POST", "/billable_metrics", {"billable_metric": {"name": "n", "code": "n", "aggregation_type": "count_agg"}})
    for code in ("p", "q"):
        server.api("POST", "/plans", {"plan": {
            "name": code, "code": code, "interval": "monthly", "amount_cents": 100, "amount_currency": "EUR",
            "pay_in_advance": True}})
    for i in range(7):
        customer = {"external_id": f"c{i}", "name": f"Name {i} 100%", "email": f"mail{i}@Example.com",
                    "currency": "EUR" if i < 5 else "USD"}
        if i in (1, 2):
            customer["billing_entity_code"] = "two"
        server.api("POST", "/customers", {"customer": customer})
    for i in range(5):
        server.api("POST", "/subscriptions", {"subscription": {
            "external_customer_id": f"c{i}", "external_id": f"s{i}", "plan_code": "p" if i < 3 else "q",
            "subscription_at": "2024-05-01T00:00:00Z"}})
    server.api("DELETE", "/subscriptions/s4")
    days = ["2024-05-01T00:00:00Z", "2024-05-01T12:00:00Z", "2024-05-02T00:00:00Z", "2024-05-02T12:00:00Z"]
    for i in range(12):  # three at each instant
        for subscription in ("s0", "nobody"):
            server.api("POST", "/events", {"event": {
                "transaction_id": f"t{i}", "external_subscription_id": subscription, "code": "n", "timestamp": days[i % 4]}})
    invoices = server.api("GET", "/invoices?external_customer_id=c0")["invoices"]
    for i in range(5):
        server.api("POST", "/payments", {"payment": {
            "invoice_id": invoices[0]["id"], "amount_cents": 1, "paid_at": f"2024-04-0{i + 1}T00:00:00Z"}})


def walk(server, path, name, per_page=2):
    """All pages by cursor; nothing is counted after the first."""
    rows, cursor = [], None
    for page in range(1000):
        mark = "&" if "?" in path else "?"
        query = f"{mark}per_page={per_page}" + (f"&starting_after={cursor}" if cursor else "")
        answer = server.api("GET", path + query)
        rows += answer[name]
        counted = [answer["meta"][k] is not None for k in ("current_page", "total_pages", "total_count")]
        check(f"{path}: counted on the first page only", counted == [not cursor] * 3, answer["meta"])
        cursor = answer["meta"]["next_cursor"]
        if not cursor:
            return rows
    check(f"{path}: an end", False)
    return rows


def cursors(server, least):
    for path, name in (("/customers", "customers"), ("/customers?currency=EUR", "customers"),
                       ("/subscriptions?status[]=active&status[]=terminated", "subscriptions"),
                       ("/invoices", "invoices"), ("/fees", "fees"), ("/payments", "payments"),
                       ("/events", "events"), ("/events?external_subscription_id=s0&code=n", "events"),
                       ("/unmatched_events", "unmatched_events"), ("/audit_entries", "audit_entries"),
                       ("/audit_entries?action=customer", "audit_entries"), ("/cost_imports", "cost_imports"),
                       ("/vendor_costs/unassigned", "vendor_costs"), ("/vendor_costs?external_customer_id=c5", "vendor_costs"),
                       ("/cost_exceptions", "cost_exceptions")):
        mark = "&" if "?" in path else "?"
        whole = server.api("GET", f"{path}{mark}per_page=1000")[name]
        check(f"{path}: enough to page", len(whole) >= least.get(path, 3), len(whole))
        paged = walk(server, path, name, 2 if len(whole) < 100 else 37)
        check(f"{path}: page by page the same", paged == whole, (len(paged), len(whole)))
        status, answer = server.call("GET", f"/api/v1{path}{mark}starting_after=zz")
        check(f"{path}: no cursor", status == 422 and answer["errors"][0]["field"] == "starting_after", answer)
        status, answer = server.call("GET", f"/api/v1{path}{mark}starting_after=5b31")
        check(f"{path}: half a cursor", status == 422, answer)


def gone_while_reading(server):
    """What is unmatched may find its subscription between two pages: nothing else is missed."""
    whole = server.api("GET", "/unmatched_events")["unmatched_events"]
    first = server.api("GET", "/unmatched_events?per_page=3")
    server.api("DELETE", "/unmatched_events/" + first["unmatched_events"][2]["id"])
    cursor = first["meta"]["next_cursor"]
    rest = server.api("GET", f"/unmatched_events?per_page=1000&starting_after={cursor}")["unmatched_events"]
    check("the rest is whole", rest == whole[3:], (len(rest), len(whole)))


def filters(server):
    def ids(path, name, member):
        return [row[member] for row in server.api("GET", path)[name]]

    def customers(query):
        found = ids("/customers?" + query, "customers", "external_id")
        total = server.api("GET", "/customers?" + query)["meta"]["total_count"]
        check(f"customers by {query}: counted", total == len(found), total)
        return found

    everybody = [f"c{i}" for i in range(6, -1, -1)]
    check("all, newest first", customers("") == everybody, customers(""))
    check("by external id", customers("search_term=C3") == ["c3"])
    check("by name", customers("search_term=name+4") == ["c4"])
    check("by e-mail, any case", customers("search_term=mail5%40example.COM") == ["c5"])
    check("a sign of LIKE is itself", customers("search_term=100%25") == everybody and customers("search_term=c_") == [])
    check("by currency", customers("currency=USD") == ["c6", "c5"])
    check("by billing entity", customers("billing_entity_code=two") == ["c2", "c1"])
    check("all at once", customers("billing_entity_code=two&currency=EUR&search_term=c1") == ["c1"])
    status, answer = server.call("GET", "/api/v1/customers?billing_entity_code=none")
    check("no such billing entity", status == 404 and answer["code"] == "billing_entity_not_found", answer)
    status, answer = server.call("GET", "/api/v1/customers?currency=euro")
    check("no currency", status == 422, answer)
    for i in (1, 2):
        check(f"invoices of the second entity: c{i}", any(
            row["customer"]["external_id"] == f"c{i}" for row in server.api("GET", "/invoices?billing_entity_code=two")["invoices"]))
    others = {row["billing_entity_code"] for row in server.api("GET", "/invoices?billing_entity_code=two")["invoices"]}
    check("and of no other", others == {"two"}, others)
    check("payments by time", ids("/payments?paid_at_from=2024-04-02T00:00:00Z&paid_at_to=2024-04-03T00:00:00Z", "payments", "paid_at")
          == ["2024-04-03T00:00:00Z", "2024-04-02T00:00:00Z"])
    check("payments by customer", len(ids("/payments?external_customer_id=c0", "payments", "id")) == 5)
    check("of another", ids("/payments?external_customer_id=c1", "payments", "id") == [])
    check("subscriptions by plan", ids("/subscriptions?plan_code=p", "subscriptions", "external_id") == ["s2", "s1", "s0"])
    check("by plan and status", ids("/subscriptions?plan_code=q&status=terminated", "subscriptions", "external_id") == ["s4"])
    check("by customer", ids("/subscriptions?external_customer_id=c3", "subscriptions", "external_id") == ["s3"])


def lists(folder, database):
    server = Server(folder, database, "--test-clock")
    server.api("PUT", "/test_clock", {"test_clock": {"now": "2024-05-03T00:00:00Z"}})
    fill(server)
    server.api("PUT", "/test_clock", {"test_clock": {"now": "2024-11-03T00:00:00Z"}})
    for file in ("data/demo/focus-2024-09.csv.gz", "tests/data/cost/costs-a.csv", "tests/data/cost/costs-b.csv"):
        code, output = run("import", "focus", os.path.join(ROOT, file), "--database", database, folder=folder)
        check(f"import {file}", code == 0, output)
    costs = server.api("GET", "/vendor_costs/unassigned?per_page=1000")["vendor_costs"]
    accounts = sorted({(row["provider_name"], row["sub_account_id"]) for row in costs})
    most = max(accounts, key=lambda a: sum((row["provider_name"], row["sub_account_id"]) == a for row in costs))
    server.api("POST", "/vendor_accounts", {"vendor_account": {
        "provider_name": most[0], "sub_account_id": most[1], "external_customer_id": "c5"}})
    server.api("PUT", "/test_clock", {"test_clock": {"now": "2024-11-04T00:00:00Z", "run_jobs": True}})
    cursors(server, {})
    gone_while_reading(server)
    filters(server)
    server.stop()


# ---- keys from the command line -----------------------------------------------------------------

def keys(folder):
    database = f"sqlite:{folder}/keys.db"
    server = Server(folder, database)

    def key(*arguments):
        return run("key", *arguments, "--database", database, folder=folder)

    code, output = key("create", "--name", "report", "--scopes", "invoices:read customers:read")
    made = re.fullmatch(r'API key (\S+) "report" \((.+)\), shown this once:\n(billow_[0-9a-f]{64})\n', output)
    check("create", code == 0 and made, output)
    key_id, _, secret = made.groups()
    check("it reads customers", server.call("GET", "/api/v1/customers", key=secret)[0] == 200)
    check("and no taxes", server.call("GET", "/api/v1/taxes", key=secret)[0] == 403)
    code, output = key("list")
    check("list", code == 0 and re.search(rf"^{key_id}  active .*report", output, re.M) and secret not in output, output)
    code, output = key("rotate", key_id, "--overlap", "0")
    fresh = re.search(r"^billow_[0-9a-f]{64}$", output, re.M)
    check("rotate", code == 0 and fresh and fresh.group(0) != secret, output)
    check("the old one ends", server.call("GET", "/api/v1/customers", key=secret)[0] == 401)
    check("the new one works", server.call("GET", "/api/v1/customers", key=fresh.group(0))[0] == 200)
    _, output = key("list")
    new_id = next(line.split()[0] for line in output.splitlines() if "report" in line and "active" in line)
    code, output = key("revoke", new_id)
    check("revoke", code == 0 and "is revoked" in output, output)
    check("and it is refused", server.call("GET", "/api/v1/customers", key=fresh.group(0))[0] == 401)
    _, output = key("list")
    check("list says so", re.search(rf"^{new_id}  revoked ", output, re.M) and re.search(rf"^{key_id}  expired ", output, re.M), output)
    for arguments, words in ((("create", "--name", "x", "--scopes", "everything"), "everything"), (("create",), "name"),
                             (("revoke", "x"), "no id"), (("revoke",), "id of a key"),
                             (("revoke", "00000000-0000-7000-8000-000000000001"), "was not found"),
                             (("rotate", new_id), "revoked")):
        code, output = key(*arguments)
        check(f"key {arguments}: told", code == 2 and words in output.replace("no API key", "was not found"), output)
    _, entries = server.call("GET", "/api/v1/audit_entries?action=api_key")
    actors = {entry["actor"].split(":")[0] for entry in entries["audit_entries"] if entry["object_id"] in (key_id, new_id)}
    check("audited as the command's user, without the key",
          actors == {"cli"} and secret not in json.dumps(entries), actors)
    server.stop()


# ---- the guide ----------------------------------------------------------------------------------

def guide(folder):
    """Each curl line of the guide, in order, in one shell; `# 304` behind one is what it answers, else 2xx."""
    server = Server(folder, f"sqlite:{folder}/try.db")
    fill_payment(server)
    payment = server.api("GET", "/payments?per_page=1")["meta"]["next_cursor"]
    with open(os.path.join(ROOT, "docs/guide/api-conventions.md"), encoding="utf-8") as file:
        blocks = re.findall(r"^```sh\n(.*?)^```", file.read(), re.M | re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    with open(f"{folder}/billow.key", "w") as file:
        file.write(KEY + "\n")
    script = ['curl() { command curl --max-time 20 -w "\\nSTATUS %{http_code}\\n" "$@"; }',
              f"billow() {{ {BILLOW} \"$@\"; }}"]
    wanted = []
    for line in lines:
        if line.startswith("billow serve"):
            continue
        line = line.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}").replace("starting_after=ID", f"starting_after={payment}")
        script += [f"echo '>>>{len(wanted)}'", line, "echo \"CODE $?\""]
        wanted.append(line)
    done = subprocess.run(["bash", "-c", "\n".join(script)], capture_output=True, text=True, cwd=folder, timeout=120)
    answers = re.split(r"^>>>\d+\n", done.stdout, flags=re.M)[1:]
    check("all lines ran", len(answers) == len(wanted), done.stderr)
    curls = 0
    for line, answer in zip(wanted, answers):
        check(f"exit code 0: {line}", answer.rstrip().endswith("CODE 0"), answer)
        found = re.search(r"^STATUS (\d+)$", answer, re.M)
        if not line.startswith("curl"):
            continue
        curls += 1
        said = re.search(r"# (\d{3})$", line)
        status = found.group(1) if found else "none"
        check(f"its status: {line}", status == said.group(1) if said else status[0] == "2", answer)
    check("many lines", curls >= 9, curls)
    check("the replay is told", "Idempotency-Replayed: true" in answers[2], answers[2])
    server.stop()


def fill_payment(server):
    server.api("POST", "/plans", {"plan": {"name": "p", "code": "p", "interval": "monthly", "amount_cents": 100,
                                            "amount_currency": "EUR", "pay_in_advance": True}})
    server.api("POST", "/customers", {"customer": {"external_id": "c"}})
    server.api("POST", "/subscriptions", {"subscription": {"external_customer_id": "c", "external_id": "s", "plan_code": "p"}})
    invoice = server.api("GET", "/invoices")["invoices"][0]
    for amount in (1, 2, 3):
        server.api("POST", "/payments", {"payment": {"invoice_id": invoice["id"], "amount_cents": amount}})


with tempfile.TemporaryDirectory() as folder:
    lists(folder, f"sqlite:{folder}/lists.db")
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["createdb", "lists"], check=True)
    lists(folder, os.environ["BILLOW_TEST_POSTGRES"] + "/lists")
with tempfile.TemporaryDirectory() as folder:
    keys(folder)
with tempfile.TemporaryDirectory() as folder:
    guide(folder)
billow.end()
