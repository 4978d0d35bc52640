#!/usr/bin/env python3
"""poc.py OUTPUT.c LANGUAGE.po... - the translations in po/ as C tables, sorted for a binary search.

Takes what GNU gettext's tools write: msgid and msgstr, each of one or more quoted lines.  Fuzzy and
empty entries are left out; a placeholder "{}" that one side lacks is an error (but a form for one
or two of a thing may say so in words).  An entry with msgid_plural has a form for each of the
language's plural categories, in the order of CLDR; it stands under the plural words, \\4 and the
category's name.
"""
import ast
import os
import re
import sys


PLURALS = {"ar": ["zero", "one", "two", "few", "many", "other"], "de": ["one", "other"], "ja": ["other"]}


def plural_entries(path, number, language, fields):
    """Pairs of a plural's key and its words in one category."""
    english, found = fields["msgid_plural"], []
    forms = [fields.get(f"msgstr[{i}]") for i in range(len(PLURALS[language]))]
    if not all(forms) or len(fields) != 2 + len(forms):
        sys.exit(f"{path}:{number}: wanted {len(forms)} forms: {', '.join(PLURALS[language])}")
    for category, words in zip(PLURALS[language], forms):
        least = english.count("{}") - (category in ("one", "two"))
        if not least <= words.count("{}") <= english.count("{}"):
            sys.exit(f"{path}:{number}: {{}} is missing in the form for {category}")
        found.append((f"{english}\4{category}".encode(), words.encode()))
    return found


def entries(path):
    """Pairs of msgid and msgstr."""
    language = os.path.splitext(os.path.basename(path))[0]
    fields, field, fuzzy, found = {}, None, False, []
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n") + [""]
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r'(?:(msgid|msgid_plural|msgstr|msgstr\[\d\]) )?(".*")', line)
        if match:
            field = match[1] or field
            fields[field] = ("" if match[1] else fields[field]) + ast.literal_eval(match[2])
        elif line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif line == "":
            english, words = fields.get("msgid"), fields.get("msgstr")
            if "msgid_plural" in fields and not fuzzy:
                found += plural_entries(path, number - 1, language, fields)
            elif english and words and not fuzzy:
                if english.count("{}") != words.count("{}"):
                    sys.exit(f"{path}:{number - 1}: {{}} stands {english.count('{}')} times in the English, "
                             f"{words.count('{}')} times in the translation")
                found.append((english.encode(), words.encode()))
            fields, field, fuzzy = {}, None, False
        else:
            sys.exit(f"{path}:{number}: wanted msgid, msgstr, a quoted line, or a comment")
    return sorted(found)


def c_text(text):
    return '"' + "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in text) + '"'


def main():
    languages = [(os.path.splitext(os.path.basename(path))[0], entries(path)) for path in sys.argv[2:]]
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write('/* Made by tools/poc.py from po/. */\n#include "locale/words.h"\n\n#include <stddef.h>\n\n')
        for language, found in languages:
            out.write(f"static const struct words_entry words_{language}[] = {{\n")
            out.writelines(f"    {{{c_text(english)}, {c_text(words)}}},\n" for english, words in found)
            out.write("};\n\n")
        out.write("const struct words_catalogue words_catalogues[] = {\n")
        out.writelines(f'    {{"{language}", words_{language}, {len(found)}}},\n' for language, found in languages)
        out.write("    {NULL, NULL, 0},\n};\n")


main()
