"""Whether a host has the records that our own has: `compare.py OURS.ndjson THEIRS`, a SQLite file or one of JSON lines.

Prints how many, and how many versions of them were kept, balances left out, which are read anew each time.
"""

import json
import sqlite3
import sys
from collections import Counter


def ours(line):
    one = json.loads(line)
    words = {name: value.lower().replace("_", "-") for name, value in one.items() if name in ("type", "status")}
    match one["kind"]:
        case "balance":
            return one["kind"], one["accountReference"], words["type"], one["label"], one["asset"], one["amount"]
        case "payment":
            return one["kind"], one["reference"], words["status"], one["asset"], one["amount"], json.dumps(one["raw"])
        case "account" | "external-account":
            return one["kind"], one["reference"], one["name"], one["defaultAsset"], json.dumps(one["raw"])


def theirs(kind, one):
    """Names with hyphens from Python, in camel case from JavaScript."""
    one = {name.replace("-", "").lower(): value for name, value in one.items()}
    match kind:
        case "balance":
            return kind, one["accountreference"], one["kind"], one.get("label"), one["asset"], one["amount"]
        case "payment":
            return kind, one["reference"], one["status"], one["asset"], one["amount"], json.dumps(json.loads(one["raw"]))
        case "account" | "external-account":
            return kind, one["reference"], one.get("name"), one.get("defaultasset"), json.dumps(json.loads(one["raw"]))


def of_sqlite(path):
    store = sqlite3.connect(path)
    latest = {theirs(kind, json.loads(record)) for kind, record in store.execute("SELECT kind, record FROM records")}
    return latest, store.execute("SELECT count(*) FROM versions WHERE kind <> 'balance'").fetchone()[0]


def of_lines(path):
    latest, versions = {}, 0
    for page in filter(lambda page: "records" in page, map(json.loads, open(path, encoding="utf-8"))):
        for record in page["records"]:
            versions += page["kind"] != "balance"
            found = theirs(page["kind"], record)
            # A balance is known by all but its amount.
            latest[found[:-1] if page["kind"] == "balance" else found[:2]] = found
    return set(latest.values()), versions


expected = {ours(line) for line in open(sys.argv[1], encoding="utf-8")}
found, versions = (of_sqlite if sys.argv[2].endswith(".db") else of_lines)(sys.argv[2])
for what, differing in ("missing", expected - found), ("not at the bank", found - expected):
    for one in sorted(differing, key=str)[:5]:
        print(f"{what}: {one}"[:400], file=sys.stderr)
kinds = Counter(one[0] for one in found)
print(", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) + f", {versions} versions")
sys.exit(found != expected or not kinds.keys() >= {"account", "balance", "payment"})
