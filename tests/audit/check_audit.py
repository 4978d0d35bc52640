#!/usr/bin/env python3
"""check_audit.py EXPORT.jsonl PUBLIC_KEY_HEX - checks an export of the audit trail with nothing of Billow's.

Hashes with Python's hashlib, signatures with the openssl command, by docs/guide/audit.md.  Says what does not fit
and ends with 1; else ends with one line.
"""
import calendar
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import uuid

ED25519_DER = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: SubjectPublicKeyInfo up to the key


def number(value):
    return struct.pack("<q", value)


def field(data):
    return b"\xff" * 8 if data is None else struct.pack("<Q", len(data)) + data


def text(value):
    return field(None if value is None else value.encode())


def micros(value):
    match = re.fullmatch(r"(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.(\d{6}))?Z", value)
    parts = [int(part) for part in match.groups()[:6]]
    return calendar.timegm(tuple(parts)) * 1000000 + int(match.group(7) or 0)


def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def identifier(value):
    return uuid.UUID(value).bytes if value else bytes(16)


def entry_hash(entry):
    return blake(field(identifier(entry["chain_id"])) + number(entry["entry_number"]) +
                 number(micros(entry["created_at"])) + text(entry["actor"]) + text(entry["origin"]) +
                 text(entry["action"]) + field(identifier(entry["object_id"])) + text(entry["before"]) +
                 text(entry["after"]) + field(bytes.fromhex(entry["previous_hash"])))


def heads_hash(heads):
    return blake(b"".join(identifier(head["chain_id"]) + number(head["entry_number"]) + bytes.fromhex(head["hash"])
                          for head in heads))


def anchor_hash(anchor):
    return blake(number(anchor["anchor_number"]) + number(micros(anchor["anchored_at"])) +
                 number(anchor["chain_count"]) + bytes.fromhex(anchor["heads_hash"]) +
                 bytes.fromhex(anchor["previous_hash"]) + bytes.fromhex(anchor["public_key"] or ""))


def is_signed(folder, key, message, signature):
    paths = {}
    for name, data in (("key", ED25519_DER + key), ("message", message), ("signature", signature)):
        paths[name] = os.path.join(folder, name)
        with open(paths[name], "wb") as file:
            file.write(data)
    return subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER",
                           "-inkey", paths["key"], "-in", paths["message"], "-sigfile", paths["signature"]],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def main(path, public_key):
    found, last, hashes, previous, anchors = [], {}, {}, bytes(32), 0
    with open(path, encoding="utf-8") as file, tempfile.TemporaryDirectory() as folder:
        for line in file:
            row = json.loads(line)
            if row["type"] == "entry":
                chain, at = row["chain_id"], row["entry_number"]
                before = last.get(chain, (0, "00" * 32))
                if at != before[0] + 1 or row["previous_hash"] != before[1]:
                    found.append(f"chain {chain}: entry {at} does not follow entry {before[0]}")
                if entry_hash(row).hex() != row["hash"]:
                    found.append(f"chain {chain}: entry {at} was changed")
                last[chain] = (at, row["hash"])
                hashes[chain, at] = row["hash"]
                continue
            anchors += 1
            name = f"anchor {row['anchor_number']}"
            if row["anchor_number"] != anchors or bytes.fromhex(row["previous_hash"]) != previous:
                found.append(f"{name} does not follow the one before it")
            if len(row["heads"]) != row["chain_count"] or heads_hash(row["heads"]).hex() != row["heads_hash"]:
                found.append(f"{name}: what it fixed was changed")
            if anchor_hash(row).hex() != row["hash"]:
                found.append(f"{name} was changed")
            if row["public_key"] != public_key or not is_signed(
                    folder, bytes.fromhex(public_key), b"billow audit anchor" + bytes.fromhex(row["hash"]),
                    bytes.fromhex(row["signature"] or "")):
                found.append(f"{name} is not signed by the key")
            for head in row["heads"]:
                if hashes.get((head["chain_id"], head["entry_number"])) != head["hash"]:
                    found.append(f"{name}: entry {head['entry_number']} of chain {head['chain_id']} is another")
            previous = bytes.fromhex(row["hash"])
    for line in found:
        print("wrong:", line)
    print(f"{len(hashes)} entries in {len(last)} chains, {anchors} anchors, {len(found)} things wrong")
    return 1 if found or anchors == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
