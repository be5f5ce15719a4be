"""The records in one SQLite file. A page and the state that belongs to it are one transaction."""

import json
import sqlite3
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS install (subject TEXT);
-- `began` and `done`: when the latest poll of the stream did, in nanoseconds; one that is under way is done before it began.
CREATE TABLE IF NOT EXISTS streams (
    task TEXT, parent TEXT, state BLOB, began INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (task, parent)
);
-- The latest version of each record, who read it and when. `gone`: the provider has it no more.
CREATE TABLE IF NOT EXISTS records (
    kind TEXT, reference TEXT, record TEXT NOT NULL, task TEXT NOT NULL, parent TEXT NOT NULL, read INTEGER NOT NULL,
    gone INTEGER, replaced_by TEXT, PRIMARY KEY (kind, reference)
);
-- Each version that was read: a payment's adjustments.
CREATE TABLE IF NOT EXISTS versions (kind TEXT, reference TEXT, record TEXT NOT NULL, read INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS rejected (
    task TEXT, parent TEXT, reference TEXT, reason TEXT, raw TEXT, UNIQUE (task, parent, reference, raw)
);
"""
KINDS = {"FETCH_ACCOUNTS": "account", "FETCH_EXTERNAL_ACCOUNTS": "external-account", "FETCH_PAYMENTS": "payment",
         "FETCH_BALANCES": "balance"}
OPEN = ("pending", "authorisation")


class Stream:
    """A task, for one parent or at the root."""

    def __init__(self, task: dict[str, Any], parent: dict[str, Any] | None = None, parent_read: int = 0):
        self.task, self.parent, self.parent_read = task, parent, parent_read
        self.key = (task["name"], parent["reference"] if parent else "")
        # Other things are unique within their task only.
        self.kind = KINDS.get(task["capability"], f"other/{task['name']}")

    def __str__(self) -> str:
        return " · ".join(part for part in self.key if part)


class Records:
    def __init__(self, path: Path):
        self.db = sqlite3.connect(path)
        # A second run would read the same streams from the same states.
        self.db.execute("PRAGMA locking_mode = EXCLUSIVE")
        self.db.executescript(f"BEGIN EXCLUSIVE; {SCHEMA} COMMIT;")

    def is_of(self, subject: str) -> bool:
        """Whether the records are this subject's. The first that comes makes them so."""
        with self.db:
            self.db.execute("INSERT INTO install SELECT ? WHERE NOT EXISTS (SELECT * FROM install)", [subject])
        return self.db.execute("SELECT subject FROM install").fetchone() == (subject,)

    def streams(self, task: dict[str, Any]) -> list[Stream]:
        if task["parent"] is None:
            return [Stream(task)]
        parents = self.db.execute("SELECT record, read FROM records WHERE task = ? AND gone IS NULL", [task["parent"]])
        return [Stream(task, json.loads(record), read) for record, read in parents]

    def is_due(self, stream: Stream, now: int) -> bool:
        began, done = self._one("SELECT began, done FROM streams WHERE task = ? AND parent = ?", stream) or (0, 0)
        if began > done or not done:
            return True
        if not stream.task["periodic"]:
            return stream.parent_read > began
        return now - done >= stream.task["minPeriodSeconds"] * 10**9

    def begin(self, stream: Stream, now: int) -> int:
        """When the poll began: now, or before if it did not come to its end."""
        with self.db:
            self.db.execute(
                "INSERT INTO streams (task, parent, began) VALUES (?1, ?2, ?3) "
                "ON CONFLICT DO UPDATE SET began = ?3 WHERE began <= done", [*stream.key, now])
        return self._one("SELECT began FROM streams WHERE task = ? AND parent = ?", stream)[0]

    def state(self, stream: Stream) -> bytes | None:
        return self._one("SELECT state FROM streams WHERE task = ? AND parent = ?", stream)[0]

    def commit(self, stream: Stream, page: dict[str, Any], state: bytes | None, now: int) -> int:
        """Stores a page with its state, or neither; how many of its records are new or changed."""
        changed = 0
        with self.db:
            for item in page["items"]:
                changed += self._keep(stream, item, now)
            for gone in page.get("withdrawn", []):
                self.db.execute("UPDATE records SET gone = ?, replaced_by = ? WHERE kind = ? AND reference = ?",
                                [now, gone["replaced-by"], stream.kind, gone["reference"]])
            for row in page["rejected"]:
                self.db.execute("INSERT OR IGNORE INTO rejected VALUES (?, ?, ?, ?, ?)",
                                [*stream.key, row["reference"] or "", row["reason"], row["raw"]])
            self.db.execute("UPDATE streams SET state = ?3 WHERE task = ?1 AND parent = ?2", [*stream.key, state])
        return changed

    def _keep(self, stream: Stream, item: dict[str, Any], now: int) -> bool:
        reference, record = reference_of(item), json.dumps(item, ensure_ascii=False)
        before = self.db.execute("SELECT record FROM records WHERE kind = ? AND reference = ?", [stream.kind, reference])
        self.db.execute(
            "INSERT INTO records (kind, reference, record, task, parent, read) VALUES (?1, ?2, ?3, ?4, ?5, ?6) "
            "ON CONFLICT DO UPDATE SET record = ?3, task = ?4, parent = ?5, read = ?6, gone = NULL, replaced_by = NULL",
            [stream.kind, reference, record, *stream.key, now])
        if before.fetchone() == (record,):
            return False
        self.db.execute("INSERT INTO versions VALUES (?, ?, ?, ?)", [stream.kind, reference, record, now])
        return True

    def open_payments(self, stream: Stream, began: int) -> list[str]:
        """The payments that are not final, and that the poll did not report."""
        return [reference for reference, in self.db.execute(
            "SELECT reference FROM records WHERE task = ? AND parent = ? AND read < ? AND gone IS NULL "
            "AND record ->> 'status' IN (?, ?) ORDER BY reference", [*stream.key, began, *OPEN])]

    def end(self, stream: Stream, began: int, now: int, is_whole: bool) -> None:
        """The poll is complete. What a whole snapshot did not report is gone."""
        with self.db:
            if is_whole and stream.task["snapshot"]:
                self.db.execute("UPDATE records SET gone = ? WHERE task = ? AND parent = ? AND read < ? AND gone IS NULL",
                                [now, *stream.key, began])
            self.db.execute("UPDATE streams SET done = ?3 WHERE task = ?1 AND parent = ?2", [*stream.key, now])

    def _one(self, query: str, stream: Stream) -> Any:
        return self.db.execute(query, stream.key).fetchone()


def reference_of(item: dict[str, Any]) -> str:
    if "account-reference" in item:
        return json.dumps([item["account-reference"], item["kind"], item["label"], item["asset"]])
    return item["reference"]
