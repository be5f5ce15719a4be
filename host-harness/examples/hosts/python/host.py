#!/usr/bin/env python3
"""A host for payment connectors: reads everything there is, once, into a SQLite file.

    harness describe --component qonto.wasm --json > grant.json   # read it: this is what you agree to
    python host.py qonto.wasm grant.json config.json payments.db

Ends with 0 when all was read, 1 when a stream failed or has a gap, 3 when the component broke the contract, and 2 when
nothing was read at all.
"""

import json
import os
import sqlite3
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from authority import Authority, Refused
from component import BrokeContract, Connector, ConnectorError, record, shown
from store import Records, Stream
from wasi_http import LimitExceeded, WasiHttp

# How often a call is made when the provider can't answer now, and the longest wait between: beyond, the next poll.
ATTEMPTS, LONGEST = {"rate-limited": 5, "unavailable": 5, "malformed-response": 3}, 60
PAGES = 100_000
AT_ONCE = 25


class Host:
    def __init__(self, component: Path, grant: dict[str, Any], config: dict[str, Any], records: Records):
        self.grant, self.given, self.records = grant, config, records
        authority = Authority(grant, config)
        self.config = authority.config
        self.connector = Connector(component, grant["digest"],
                                   WasiHttp(authority, grant["maxInFlight"], grant["rateLimits"]))

    def poll(self) -> int:
        checked, _ = self.again("the check", lambda: self.connector.call("check", self.config))
        if checked["subject"] is not None and not self.records.is_of(checked["subject"]):
            raise Refused(f"the credentials lead to {shown(checked['subject'])}, and the records are another's")
        self.understand()
        worst = 0
        for task in self.grant["workflow"]:
            for stream in self.records.streams(task):
                if self.records.is_due(stream, time.time_ns()):
                    worst = max(worst, self.tried(stream))
        return worst

    def understand(self) -> None:
        """The fields that mean something to a host. The connector has checked them, and told what it does not take."""
        fields = {field["name"]: field["default"] for field in self.grant["config"]}
        most = self.grant["maxPageSize"]
        rows = int(self.given.get("pageSize") or fields.get("pageSize") or most) if "pageSize" in fields else most
        self.page_size = min(max(rows, 1), most)
        since = self.given.get("since") if "since" in fields else None
        days = (date.fromisoformat(since) - date(1970, 1, 1)).days if since else 0
        self.since = record({"seconds": days * 86400, "nanoseconds": 0}) if since else None

    def tried(self, stream: Stream) -> int:
        """Reads a stream. What happens to it is told, and holds up no other, but for those below it."""
        try:
            return self.read(stream)
        except ConnectorError as error:
            print(f"{stream}: {error}", file=sys.stderr)
            return 1
        except (BrokeContract, LimitExceeded, Refused) as broken:
            print(f"{stream}: the component was stopped: {broken}", file=sys.stderr)
            return 3

    def read(self, stream: Stream) -> int:
        began = self.records.begin(stream, time.time_ns())
        function = stream.task["capability"].lower().replace("_", "-")
        told = {"read": 0, "new or changed": 0, "rejected": 0}
        gaps: list[Any] = []
        for _ in range(PAGES):
            page = self.page(stream, function, told, gaps)
            if not page["has-more"]:
                break
        else:
            raise LimitExceeded(f"more than {PAGES} pages in one poll")
        if stream.task["follow"]:
            self.follow(stream, began, told, gaps)
        self.records.end(stream, began, time.time_ns(), is_whole=not gaps)
        print(f"{stream}: {', '.join(f'{count} {what}' for what, count in told.items())}")
        for gap in gaps:
            print(f"  missing: {shown(gap['what'])}: {shown(gap['error'])}", file=sys.stderr)
        return 1 if gaps else 0

    def follow(self, stream: Stream, began: int, told: dict[str, int], gaps: list[Any]) -> None:
        """Asks how payments stand that are not final, and that the poll did not report."""
        references = self.records.open_payments(stream, began)
        for first in range(0, len(references), AT_ONCE):
            self.page(stream, "follow-payments", told, gaps, references[first:first + AT_ONCE])

    def page(self, stream: Stream, function: str, told: dict[str, int], gaps: list[Any], *more: Any) -> dict[str, Any]:
        """Reads one page and commits it. `more` is what the function takes besides the request."""
        now = time.time_ns()
        state = self.records.state(stream)
        page, after = self.again(str(stream), lambda: self.connector.call(
            function, self.request(stream, now), *more, state=state))
        # A state that `follow-payments` sets is ignored.
        changed = self.records.commit(stream, page, state if more else after, now)
        told["read"] += len(page["items"])
        told["new or changed"] += changed
        told["rejected"] += len(page["rejected"])
        gaps += page["gaps"]
        return page

    def request(self, stream: Stream, now: int) -> Any:
        parent, task = stream.parent, stream.task
        # Balances stand in the parent, so they held when that was read.
        at = stream.parent_read if parent and task["capability"] == "FETCH_BALANCES" else now
        return record({
            "config": self.config, "task": task["name"], "page-size": self.page_size,
            "max-in-flight": self.grant["maxInFlight"], "since": self.since,
            "observed-at": record({"seconds": at // 10**9, "nanoseconds": at % 10**9}),
            "parent": parent and record({
                "task": task["parent"], "reference": parent["reference"], "raw": parent["raw"],
                "default-asset": parent.get("default-asset"), "metadata": [tuple(pair) for pair in parent["metadata"]],
            }),
        })

    def again(self, what: str, call: Any) -> Any:
        """Makes a call, and makes it again where waiting helps. Each time it begins from the committed state."""
        attempt = 1
        while True:
            try:
                return call()
            except ConnectorError as error:
                wait = 2 ** attempt if error.retry_after is None else error.retry_after
                if attempt >= ATTEMPTS.get(error.case, 0) or wait > LONGEST:
                    raise
                print(f"{what}: {error}; again in {wait} s", file=sys.stderr)
                time.sleep(wait)
                attempt += 1


def main() -> int:
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    component, grant, config, records = map(Path, sys.argv[1:])
    # Nobody else reads a company's payments.
    os.umask(0o077)
    try:
        host = Host(component, json.loads(grant.read_bytes()), json.loads(config.read_bytes()), Records(records))
        return host.poll()
    except (BrokeContract, LimitExceeded) as broken:
        print(f"the component was stopped: {broken}", file=sys.stderr)
        return 3
    except (Refused, ConnectorError, OSError, sqlite3.Error) as refused:
        print(refused, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
