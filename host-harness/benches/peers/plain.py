"""Plain Python and SQLite: the standard library, and the shortest loop that is correct on data at rest.

Done as ours does it: one connection that is kept, one transaction a page, an upsert by id, the raw row beside the
columns. Not done: a sandbox, versions of a payment, the checks that put a bad row into quarantine, a state to go on
from after a crash, the search of answers for secrets, and a walk that loses nothing while rows move from page to page.
"""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from payment import Table, payment, query, task


def pages(config: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    connection = HTTPConnection(urlsplit(config["url"]).netloc)
    headers = {"Authorization": config["authorization"]}
    for window in config["windows"]:
        page = 1
        while page is not None:
            asked = urlencode(query(config["account"], window, page))
            connection.request("GET", f"/v2/transactions?{asked}", headers=headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise RuntimeError(f"status {response.status}: {body!r}")
            answer = json.loads(body)
            yield answer["transactions"]
            page = answer["meta"]["next_page"]


def main() -> None:
    config = task()
    table = Table(config["database"])
    for rows in pages(config):
        table.write(map(payment, rows))


if __name__ == "__main__":
    main()
