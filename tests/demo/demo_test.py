#!/usr/bin/env python3
"""demo_test.py BILLOW - the demo's books on one engine: figures, verify, hledger, and what verify says of tampering.

With BILLOW_TEST_POSTGRES (tests/with-postgres) on that server, else on SQLite.  The wanted figures are those of
tests/oracle/demo_oracle.py; what a tampered row must be called is read from the database before it is changed.
"""
import json
import os
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.path.join(HERE, "..", "oracle")
API_KEY = "demo-test-key-0123456789abcdef"  # of the demo's first start


class SqliteServer:
    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name + ".db")

    def url(self, name):
        return "sqlite:" + self.path(name)

    def create(self, name):
        pass

    def copy(self, name, copy):
        shutil.copyfile(self.path(name), self.path(copy))

    def run(self, name, sql):
        """The rows of a query as lists of texts; a change is committed."""
        database = sqlite3.connect(self.path(name))
        with database:
            rows = [[str(value) for value in row] for row in database.execute(sql).fetchall()]
            changed = database.total_changes
        database.close()
        return rows if sql.startswith("SELECT") else changed


class PostgresServer:
    def __init__(self, base):
        self.base = base

    def url(self, name):
        return f"{self.base}/{name}"

    def create(self, name):
        self.run("postgres", f"CREATE DATABASE {name}")

    def copy(self, name, copy):
        self.run("postgres", f"CREATE DATABASE {copy} TEMPLATE {name} STRATEGY FILE_COPY")

    def run(self, name, sql):
        answer = subprocess.run(["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-d", self.url(name), "-c", sql],
                                check=True, stdout=subprocess.PIPE, text=True).stdout
        if sql.startswith("SELECT"):
            return [line.split("\t") for line in answer.splitlines()]
        return None


class Tests:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, is_right, details=""):
        self.passed += bool(is_right)
        self.failed += not is_right
        if not is_right:
            print(f"FAILED {name}\n{details}")


def run(*command, **options):
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    return answer.returncode, answer.stdout


# What is changed; the query whose first row, column by column, verify's words must hold; the change
# itself.  All on the first in some order, so that query and change mean the same row.
TAMPERED = [
    ("a cent of a usage fee",
     "SELECT i.number, f.item_name FROM fee f JOIN invoice i ON i.customer_id = f.customer_id AND i.id = f.invoice_id"
     " WHERE f.fee_type = 'charge' AND i.status = 'finalized' ORDER BY f.id LIMIT 1",
     "UPDATE fee SET amount_minor = amount_minor + 1 WHERE id = (SELECT f.id FROM fee f JOIN invoice i"
     " ON i.customer_id = f.customer_id AND i.id = f.invoice_id"
     " WHERE f.fee_type = 'charge' AND i.status = 'finalized' ORDER BY f.id LIMIT 1)"),
    ("a cent of a plan fee",
     "SELECT i.number, f.item_name FROM fee f JOIN invoice i ON i.customer_id = f.customer_id AND i.id = f.invoice_id"
     " WHERE f.fee_type = 'subscription' AND i.status = 'finalized' ORDER BY f.id LIMIT 1",
     "UPDATE fee SET amount_minor = amount_minor - 1 WHERE id = (SELECT f.id FROM fee f JOIN invoice i"
     " ON i.customer_id = f.customer_id AND i.id = f.invoice_id"
     " WHERE f.fee_type = 'subscription' AND i.status = 'finalized' ORDER BY f.id LIMIT 1)"),
    ("a cent of a resale fee",
     "SELECT i.number, f.provider_name FROM fee f JOIN invoice i ON i.customer_id = f.customer_id AND i.id = f.invoice_id"
     " WHERE f.fee_type = 'resale' AND i.status = 'finalized' ORDER BY f.id LIMIT 1",
     "UPDATE fee SET amount_minor = amount_minor + 1 WHERE id = (SELECT f.id FROM fee f JOIN invoice i"
     " ON i.customer_id = f.customer_id AND i.id = f.invoice_id"
     " WHERE f.fee_type = 'resale' AND i.status = 'finalized' ORDER BY f.id LIMIT 1)"),
    ("a cent of an invoice's tax",
     "SELECT number FROM invoice WHERE number IS NOT NULL AND taxes_amount_minor > 0 ORDER BY number LIMIT 1",
     "UPDATE invoice SET taxes_amount_minor = taxes_amount_minor + 1 WHERE number ="
     " (SELECT number FROM invoice WHERE number IS NOT NULL AND taxes_amount_minor > 0 ORDER BY number LIMIT 1)"),
    ("a cent of a payment",
     "SELECT i.number FROM payment p JOIN invoice i ON i.customer_id = p.customer_id AND i.id = p.invoice_id"
     " ORDER BY p.id LIMIT 1",
     "UPDATE payment SET amount_minor = amount_minor + 1 WHERE id = (SELECT id FROM payment ORDER BY id LIMIT 1)"),
    ("a cent of a ledger entry",
     "SELECT account FROM ledger_entry WHERE line = 1 ORDER BY posting_id LIMIT 1",
     "UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE line = 1 AND posting_id ="
     " (SELECT posting_id FROM ledger_entry WHERE line = 1 ORDER BY posting_id LIMIT 1)"),
    ("what an event says",
     "SELECT transaction_id FROM event ORDER BY transaction_id LIMIT 1",
     "UPDATE event SET properties = '{}' WHERE transaction_id ="
     " (SELECT transaction_id FROM event ORDER BY transaction_id LIMIT 1)"),
    ("an event gone",
     "SELECT 'event', 'is missing'",
     "DELETE FROM event WHERE transaction_id = (SELECT transaction_id FROM event ORDER BY transaction_id LIMIT 1)"),
    ("what an audit entry says",
     "SELECT 'audit chain', entry_number FROM audit_entry WHERE action = 'customer.create' ORDER BY hash LIMIT 1",
     "UPDATE audit_entry SET after = '{}' WHERE hash ="
     " (SELECT hash FROM audit_entry WHERE action = 'customer.create' ORDER BY hash LIMIT 1)"),
    ("an audit entry gone",
     "SELECT 'audit chain', entry_number, 'is missing' FROM audit_entry WHERE action = 'plan.create'"
     " ORDER BY entry_number LIMIT 1",
     "DELETE FROM audit_entry WHERE hash ="
     " (SELECT hash FROM audit_entry WHERE action = 'plan.create' ORDER BY entry_number LIMIT 1)"),
    ("a cost row's cost",
     "SELECT sub_account_id, service_name FROM cost_row WHERE billed_cost <> '0' ORDER BY batch_id, row_number LIMIT 1",
     "UPDATE cost_row SET billed_cost = '987654.321' WHERE billed_cost <> '0' AND row_number = (SELECT row_number FROM cost_row"
     " WHERE billed_cost <> '0' ORDER BY batch_id, row_number LIMIT 1) AND batch_id = (SELECT batch_id FROM cost_row"
     " WHERE billed_cost <> '0' ORDER BY batch_id, row_number LIMIT 1)"),
]


def figures(tests, billow, server, folder):
    """The demo is played, and its figures are those of the oracle."""
    files, want, got = (os.path.join(folder, name) for name in ("files", "oracle.json", "billow.json"))
    code, output = run(billow, "demo", "--write-files", files)
    tests.check("the generated files", code == 0, output)
    code, output = run(sys.executable, os.path.join(ORACLE, "oracle_test.py"), files)
    tests.check("the oracle against worked examples", code == 0, output)
    answer = subprocess.run([sys.executable, os.path.join(ORACLE, "demo_oracle.py"), files], stdout=subprocess.PIPE, check=True)
    with open(want, "wb") as file:
        file.write(answer.stdout)
    server.create("demo")
    code, output = run(billow, "demo", "--database", server.url("demo"), "--files", os.path.join(folder, "beside"), "--no-serve",
                       "--summary-json", got)
    tests.check("the demo is played", code == 0, output)
    code, output = run(sys.executable, os.path.join(ORACLE, "compare_demo.py"), want, got)
    tests.check("the figures are the oracle's", code == 0, output)
    with open(got, encoding="utf-8") as file:
        customers = sum(currency["customers"] for currency in json.load(file)["currencies"])
    tests.check("48 and 4 customers", customers == 52, f"{customers} customers")


def books(tests, billow, server, folder):
    code, output = run(billow, "verify", "--database", server.url("demo"))
    tests.check("verify", code == 0 and "nothing is wrong" in output, output)
    journal = os.path.join(folder, "demo.journal")
    answer = subprocess.run([billow, "export", "ledger", "--format", "hledger", "--database", server.url("demo")],
                            stdout=subprocess.PIPE, check=True)
    with open(journal, "wb") as file:
        file.write(answer.stdout)
    locale = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8")
    code, output = run("hledger", "-f", journal, "check", "--strict", env=locale)
    tests.check("hledger check --strict", code == 0, output)
    code, output = run("hledger", "-f", journal, "balance", "--no-total", "assets:receivable", "-O", "csv", env=locale)
    with open(os.path.join(folder, "oracle.json"), encoding="utf-8") as file:
        owed = {currency["currency"]: currency["outstanding_cents"] for currency in json.load(file)["currencies"]}
    text = output.replace(",", "")
    tests.check("hledger sees what the oracle says is owed",
                all(f"{cents // 100}.{cents % 100:02d}" in text for cents in owed.values() if cents), f"{owed}\n{output}")


def mails(tests, server, folder):
    """Each finalized invoice and each payment was mailed, and each mail is a file with a PDF."""
    [[invoices]] = server.run("demo", "SELECT COUNT(*) FROM invoice WHERE status = 'finalized'")
    [[payments]] = server.run("demo", "SELECT COUNT(*) FROM payment WHERE status = 'succeeded'")
    beside = os.path.join(folder, "beside", "mails")
    names = os.listdir(beside)
    count = {kind: sum(f"-{kind}-" in name for name in names) for kind in ("invoice", "receipt")}
    tests.check("a mail for each invoice and payment", count == {"invoice": int(invoices), "receipt": int(payments)},
                f"{count}, {invoices} invoices, {payments} payments")
    bare = [name for name in names if b"Content-Type: application/pdf" not in open(os.path.join(beside, name), "rb").read()]
    tests.check("each with its PDF", not bare, f"{len(bare)} without, such as {bare[:1]}")


def call(url, body=None, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, data=body, headers=headers), timeout=20) as answer:
        return answer.read()


def sound(tests, billow, server):
    """doctor finds nothing on a fresh demo but that its clock is no real one, and what is of this machine."""
    code, output = run(billow, "doctor", "--json", "--database", server.url("demo"))
    answer = json.loads(output)
    machine = {"time zones", "open files", "disk space", "fsync", "full_page_writes", "synchronous_commit"}
    found = {line["name"]: line for line in answer["checks"] if line["level"] != "ok" and line["name"] not in machine}
    tests.check("doctor has one note", list(found) == ["clock"] and found["clock"]["level"] == "warn" and "test clock" in found["clock"]["found"], output)
    looked_at = {line["name"] for line in answer["checks"]}
    tests.check("and looked at all", {"due work", "mail", "mails failed", "last backup", "audit trail", "audit anchors", "audit key"} <= looked_at, output)


def paying(tests, billow, server, folder):
    """Served again with its gateway: an overdue invoice is paid by card, and SIGTERM ends both processes."""
    server.copy("demo", "served")
    [row] = server.run("served", "SELECT number FROM invoice WHERE payment_overdue ORDER BY number LIMIT 1")
    process = subprocess.Popen([billow, "demo", "--again", "--database", server.url("served"), "--files", os.path.join(folder, "beside"),
                                "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        printed = []
        for line in process.stdout:
            printed.append(line)
            if line.startswith("serving on "):
                break
        site = printed[-1].split()[-1]
        base = site + "/api/v1"
        ports = {int(port) for port in re.findall(r"http://127\.0\.0\.1:(\d+)", "".join(printed))}
        tests.check("each printed address is the one that it serves on",
                    ports == {urllib.parse.urlsplit(site).port} and 0 not in ports and sum("http://127" in line for line in printed) >= 4, printed)
        api = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
        listed = json.loads(call(f"{base}/invoices?payment_overdue=true&per_page=100", **api))["invoices"]
        invoice = next(one for one in listed if [one["number"]] == row)
        answer = json.loads(call(f"{base}/invoices/{invoice['id']}/payment_url", b"", **api))["invoice_payment_details"]
        page = answer["payment_url"]
        tests.check("the gateway is on localhost", urllib.parse.urlsplit(page).hostname == "localhost", page)
        form = {"number": "4242424242424242", "expiry": "12/34", "cvc": "123", "name": "A. Customer", "do": "pay"}
        call(page, urllib.parse.urlencode(form).encode())
        until = time.monotonic() + 20  # nobody asks the gateway: it tells, by its webhook
        while True:
            paid = json.loads(call(f"{base}/payments?invoice_id={invoice['id']}", **api))["payments"][0]
            if paid["status"] == "succeeded" or time.monotonic() > until:
                break
            select.select([], [], [], 0.02)
        now = json.loads(call(f"{base}/invoices/{invoice['id']}", **api))["invoice"]
        tests.check("an invoice is paid at it", [paid["status"], now["payment_status"], now["payment_overdue"]] ==
                    ["succeeded", "succeeded", False], f"{paid}\n{now}")
    finally:
        process.terminate()
        code = process.wait(timeout=60)
    tests.check("SIGTERM ends it", code == 0, f"exit {code}")
    try:
        call(page)
        tests.check("and the gateway", False)
    except OSError:
        tests.check("and the gateway", True)
    code, output = run(billow, "verify", "--database", server.url("served"))
    tests.check("verify after paying", code == 0 and "nothing is wrong" in output, output)


def tampering(tests, billow, server):
    for index, (name, query, change) in enumerate(TAMPERED):
        copy = f"tampered{index}"
        server.copy("demo", copy)
        words = server.run(copy, query)[0]
        changed = server.run(copy, change)
        tests.check(f"{name} is one row", changed in (None, 1), f"{changed} rows")
        code, output = run(billow, "verify", "--database", server.url(copy))
        wrong = [line for line in output.splitlines() if line.startswith("wrong:")]
        tests.check(f"{name} is found and named", code == 1 and any(all(word in line for word in words) for line in wrong),
                    f"{words} in\n{output}")


def main():
    billow = os.path.abspath(sys.argv[1])
    tests = Tests()
    os.environ["BILLOW_API_KEY"] = API_KEY
    with tempfile.TemporaryDirectory() as folder:
        base = os.environ.get("BILLOW_TEST_POSTGRES")
        server = PostgresServer(base) if base else SqliteServer(folder)
        figures(tests, billow, server, folder)
        books(tests, billow, server, folder)
        mails(tests, server, folder)
        sound(tests, billow, server)
        paying(tests, billow, server, folder)
        tampering(tests, billow, server)
    print(f"{tests.passed} passed, {tests.failed} failed")
    return 1 if tests.failed else 0


if __name__ == "__main__":
    sys.exit(main())
