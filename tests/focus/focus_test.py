#!/usr/bin/env python3
"""focus_test.py BILLOW - `billow import focus`: exact totals, refused files with row and column, nothing half done.

With BILLOW_TEST_POSTGRES (tests/with-postgres) on that server, else on SQLite.  The wanted figures are those of
data/demo/README.md, of tests/oracle/focus_totals.py and of tests/data/focus/expected.json (Python's decimal).
"""
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
DATA = os.path.join(ROOT, "tests", "data", "focus")
REAL = os.path.join(ROOT, "data", "demo", "focus-2024-09.csv.gz")
PUBLISHED = ("572", "16.30605588923", "13.1756821062", "16.08045588923", "13.1756810903")
COLUMNS = ("BilledCost", "EffectiveCost", "ListCost", "ContractedCost")

passed = failed = 0


def check(name, is_right, details=""):
    global passed, failed
    passed += bool(is_right)
    failed += not is_right
    if not is_right:
        print(f"FAILED {name}\n{details}")


def run(*command):
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return answer.returncode, answer.stdout


class Billow:
    """The program, and empty databases for it."""

    def __init__(self, program, folder):
        self.program, self.folder, self.count = program, folder, 0
        self.server = os.environ.get("BILLOW_TEST_POSTGRES")

    def database(self):
        self.count += 1
        url = f"sqlite:{self.folder}/{self.count}.db"
        if self.server:
            url = f"{self.server}/focus{self.count}"
            subprocess.run(["createdb", f"focus{self.count}"], check=True)
        code, output = run(self.program, "migrate", "--database", url)
        assert code == 0, output
        return url

    def read(self, file, url):
        return run(self.program, "import", "focus", file, "--database", url)


def totals_of(output):
    rows = re.search(r"FOCUS \S+, (\d+) rows", output)
    sums = [re.search(rf"^  {column} +(\S+)$", output, re.M) for column in COLUMNS]
    return tuple(match.group(1) if match else None for match in (rows, *sums))


def real_file(billow, folder):
    url = billow.database()
    code, output = billow.read(REAL, url)
    check("the real file's totals", code == 0 and totals_of(output) == PUBLISHED, output)
    code, output = run(sys.executable, os.path.join(ROOT, "tests", "oracle", "focus_totals.py"), REAL)
    oracle = json.loads(output)
    check("the oracle's totals", tuple(str(oracle[name]) for name in ("rows", *COLUMNS)) == PUBLISHED, output)
    code, output = billow.read(REAL, url)
    check("again: nothing changes", code == 0 and "nothing changed" in output, output)
    plain = os.path.join(folder, "plain.csv")
    with gzip.open(REAL) as packed, open(plain, "wb") as file:
        shutil.copyfileobj(packed, file)
    code, output = billow.read(plain, url)
    check("unpacked, the same content", code == 0 and "nothing changed" in output, output)
    code, output = run(billow.program, "verify", "--database", url)
    check("verify", code == 0 and "nothing is wrong" in output, output)


def is_told(error, output):
    """A line of the output names row and column."""
    where = ", ".join(part for part in (f"row {error['row']}" if error["row"] else None, error["column"]) if part)
    return any(where in line for line in output.splitlines())


def refused(billow, files):
    """All on one database, which stays as it was."""
    url = billow.database()
    for file in files:
        code, output = billow.read(os.path.join(DATA, file["file"]), url)
        untold = [error for error in file["errors"] if not is_told(error, output)]
        check(f"{file['file']} is refused", code == 2 and not untold, f"exit code {code}, not told: {untold}\n{output}")
    code, output = billow.read(os.path.join(DATA, "none.csv"), url)
    check("no such file", code == 2 and "none.csv" in output, output)
    code, output = billow.read(DATA, url)
    check("a folder", code != 0 and "directory" in output, output)
    code, output = billow.read(REAL, url)
    check("nothing had changed", code == 0 and "0 of them superseded" in output and totals_of(output) == PUBLISHED, output)


def accepted(billow, files):
    for file in files:
        code, output = billow.read(os.path.join(DATA, file["file"]), billow.database())
        wanted = (str(file["rows"]), *(file["totals"][column] for column in COLUMNS))
        check(f"{file['file']} is accepted", code == 0 and totals_of(output) == wanted and f"FOCUS {file['version']}," in output,
              f"wanted {wanted}\n{output}")


def main():
    program = os.path.abspath(sys.argv[1])
    with open(os.path.join(DATA, "expected.json"), encoding="utf-8") as file:
        files = json.load(file)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        billow = Billow(program, folder)
        real_file(billow, folder)
        refused(billow, [file for file in files if not file["accepted"]])
        accepted(billow, [file for file in files if file["accepted"]])
        os.chdir("/")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
