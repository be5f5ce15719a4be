#!/usr/bin/env python3
"""Reads a connector that is given out over HTTP, to the last row, into a file of JSON lines: a page and its state in each.

    SERVICE_TOKEN=… python read.py http://127.0.0.1:8000 pages.ndjson

The service keeps nothing. What it has read stands in the file, and a second run goes on from there. Ends with 0 when all was
read, and 1 when something failed or is missing.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any

KINDS = {"FETCH_ACCOUNTS": "account", "FETCH_EXTERNAL_ACCOUNTS": "external-account", "FETCH_PAYMENTS": "payment",
         "FETCH_BALANCES": "balance", "FETCH_OTHERS": "other"}
# The answers after which the same call may do better, how often it is made, and the longest wait between.
PASSING, ATTEMPTS, LONGEST = (429, 503), 5, 60


class Service:
    def __init__(self, url: str, token: str):
        self.url, self.headers = url.rstrip("/"), {"authorization": f"Bearer {token}"}

    def ask(self, path: str, call: dict[str, Any] | None = None) -> Any:
        body = None if call is None else json.dumps(call).encode()
        for attempt in range(1, ATTEMPTS + 1):
            try:
                request = urllib.request.Request(self.url + path, body, self.headers)
                return json.load(urllib.request.urlopen(request, timeout=150))
            except urllib.error.HTTPError as error:
                wait = int(error.headers.get("retry-after", 2 ** attempt))
                said = json.loads(error.read() or "{}").get("error", {})
                if error.code not in PASSING or attempt == ATTEMPTS or wait > LONGEST:
                    raise SystemExit(f"{path}: {error.code} {said.get('kind')}: {said.get('message')}") from error
                print(f"{path}: {said.get('kind')}; again in {wait} s", file=sys.stderr)
                time.sleep(wait)
            except urllib.error.URLError as error:
                raise SystemExit(f"{self.url}: {error.reason}; is the service there?") from error
        raise AssertionError("the last attempt answers or ends")


def read(service: Service, kept: "Pages", task: dict[str, Any], parent: dict[str, Any] | None) -> int:
    """Reads a stream, and what runs for each of its items; how many things are missing."""
    key, missing = [task["name"], parent and parent["reference"]], 0
    while True:
        page = service.ask("/fetch", {"task": task["name"], "parent": parent, "state": kept.states.get(json.dumps(key))})
        kept.add(key, KINDS[task["capability"]], page)
        for gap in page["gaps"]:
            missing += 1
            print(f"{task['name']}: missing: {gap['what']}: {gap['error']['kind']}", file=sys.stderr)
        for item in page["items"]:
            for child in kept.children(task["name"]):
                missing += read(service, kept, child, item)
        if not page["hasMore"]:
            return missing


class Pages:
    def __init__(self, path: str, manifest: dict[str, Any]):
        self.manifest, self.states, self.latest = manifest, {}, {}
        self.file = open(path, "a+", encoding="utf-8")
        self.file.seek(0)
        end = 0
        # A line that was not written to its end was never read.
        for line in iter(self.file.readline, ""):
            if not line.endswith("\n"):
                break
            page, end = json.loads(line), self.file.tell()
            self.states[json.dumps(page["stream"])] = page["state"]
            self.changed(page["kind"], page["records"])
        self.file.truncate(end)

    def add(self, key: list[Any], kind: str, page: dict[str, Any]) -> None:
        line = {"stream": key, "kind": kind, "records": self.changed(kind, page["items"]), "rejected": page["rejected"],
                "withdrawn": page.get("withdrawn", []), "state": page["state"]}
        print(json.dumps(line, ensure_ascii=False), file=self.file, flush=True)
        os.fsync(self.file.fileno())
        self.states[json.dumps(key)] = page["state"]

    def changed(self, kind: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those that are not as they were read last."""
        found = []
        for item in items:
            known_by = "reference" if "reference" in item else "accountReference"
            key = json.dumps([kind, item[known_by], *(item.get(part) for part in ("kind", "label", "asset") if kind == "balance")])
            if self.latest.get(key) != item:
                self.latest[key] = item
                found.append(item)
        return found

    def children(self, parent: str | None) -> list[dict[str, Any]]:
        return [task for task in self.manifest["workflow"] if task["parent"] == parent]


def main() -> int:
    if len(sys.argv) != 3 or "SERVICE_TOKEN" not in os.environ:
        print(__doc__, file=sys.stderr)
        return 2
    # Nobody else reads a company's payments.
    os.umask(0o077)
    service = Service(sys.argv[1], os.environ["SERVICE_TOKEN"])
    kept = Pages(sys.argv[2], service.ask("/"))
    return min(sum(read(service, kept, task, None) for task in kept.children(None)), 1)


if __name__ == "__main__":
    sys.exit(main())
