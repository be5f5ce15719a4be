"""What the Python peers share: the task that `run` sets them, and the table they fill."""

import json
import sqlite3
import sys
from collections.abc import Iterable
from typing import Any

COLUMNS = ("id", "created_at", "updated_at", "status", "type", "amount_cents", "currency", "raw")


def task() -> dict[str, Any]:
    """The file that is the only argument: where to read, with which credentials, which windows, and into which file."""
    with open(sys.argv[1], encoding="utf-8") as file:
        found: dict[str, Any] = json.load(file)
        return found


def query(account: str, window: list[str], page: int) -> dict[str, Any]:
    """What asks for a page of the account's transactions in a window of time. Both ends are in it."""
    return {
        "bank_account_id": account,
        "status[]": "completed",
        "updated_at_from": window[0],
        "updated_at_to": window[1],
        "sort_by": "updated_at:asc",
        "page": page,
        "per_page": 100,
    }


def payment(row: dict[str, Any]) -> dict[str, Any]:
    """A transaction as a row of the table."""
    return {
        "id": row["id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "status": row["status"],
        "type": row["operation_type"],
        "amount_cents": row["amount_cents"],
        "currency": row["currency"],
        "raw": json.dumps(row, ensure_ascii=False, separators=(",", ":")),
    }


class Table:
    """The payments in a file of SQLite, with the settings that our store has."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = NORMAL")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS payments (id TEXT PRIMARY KEY, created_at TEXT, updated_at TEXT, status TEXT, "
            "type TEXT, amount_cents INTEGER, currency TEXT, raw TEXT)"
        )
        values = ", ".join(f":{column}" for column in COLUMNS)
        update = ", ".join(f"{column} = excluded.{column}" for column in COLUMNS if column != "id")
        self.upsert = f"INSERT INTO payments VALUES ({values}) ON CONFLICT (id) DO UPDATE SET {update}"

    def write(self, payments: Iterable[dict[str, Any]]) -> None:
        """Writes a page in a transaction of its own."""
        with self.connection:
            self.connection.executemany(self.upsert, payments)
