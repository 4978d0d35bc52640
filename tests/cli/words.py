#!/usr/bin/env python3
"""words.py - what pages, documents and mails say has words in each language of po/, and po/ has
no words that nothing says.  Ends with "N passed, N failed"."""
import ast
import glob
import re
import sys

TEXT = r'"(?:[^"\\]|\\.)*"'
LANGUAGES = sorted(glob.glob("po/*.po"))
failures = []
checks = 0


def check(holds, what):
    global checks
    checks += 1
    if not holds:
        failures.append(what)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def message_ids(path):
    found = re.findall(rf"^(?:msgid|msgid_plural) ((?:{TEXT}\n?)+)", read(path), re.M)
    return {"".join(map(ast.literal_eval, re.findall(TEXT, text))) for text in found} - {""}


def words_of_templates():
    for path in sorted(glob.glob("templates/**/*.html", recursive=True)):
        for text in re.findall(rf"{{{{_ ({TEXT})", read(path)):
            yield path, ast.literal_eval(text)


def code():
    """The sources, adjacent literals joined as the compiler does."""
    paths = [path for path in glob.glob("src/**/*.[ch]", recursive=True) if not path.endswith("_test.c")]
    return re.sub(r'"\s*\n\s*"', "", "\n".join(map(read, sorted(paths))))


def as_literal(words):
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


have = {path: message_ids(path) for path in LANGUAGES}
check(len(LANGUAGES) >= 3, f"the languages of po/ are {LANGUAGES}")
every = set().union(*have.values())
for path, ids in have.items():
    for words in sorted(every - ids):
        check(False, f"{path} has no words for {words!r}, which another language has")
    check(len(ids) > 500, f"{path} has {len(ids)} texts")
said = set()
for place, words in words_of_templates():
    said.add(words)
    for path, ids in have.items():
        check(words in ids, f"{place}: {words!r} has no words in {path}")
sources = code()
for words in sorted(every - said):
    check(as_literal(words) in sources, f"po/: nothing says {words!r}")
for failure in failures:
    print(f"FAILED: {failure}")
print(f"{checks - len(failures)} passed, {len(failures)} failed")
sys.exit(bool(failures))
