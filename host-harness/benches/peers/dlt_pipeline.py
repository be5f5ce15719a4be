"""dlt: a pipeline of one resource into the SQLAlchemy destination, made as dlt's documentation makes one.

Pages are yielded whole, the columns are declared and files are not compressed, as dlt advises for speed; rows are
merged by id in the one way that the destination has, by deleting and inserting. Beside what `plain.py` does there are
dlt's files between its three steps, its staging table and its own tables. Not done, as in `plain.py`: a sandbox,
versions, quarantine, the search for secrets, rows that move.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
from dlt.sources.helpers import requests
from payment import COLUMNS, payment, query, task

HINTS: Any = {name: {"data_type": "bigint" if name == "amount_cents" else "text"} for name in COLUMNS}


@dlt.resource(name="payments", primary_key="id", write_disposition="merge", columns=HINTS)
def payments(config: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    client = requests.Client()
    headers = {"Authorization": config["authorization"]}
    for window in config["windows"]:
        page = 1
        while page is not None:
            asked = query(config["account"], window, page)
            answer = client.get(f"{config['url']}/v2/transactions", params=asked, headers=headers).json()
            yield [payment(row) for row in answer["transactions"]]
            page = answer["meta"]["next_page"]


def main() -> None:
    config = task()
    database = Path(config["database"])
    dlt.config["normalize.data_writer.disable_compression"] = True
    pipeline = dlt.pipeline(
        "qonto",
        # dlt keeps its files there; else it would in the user's home, and go on from an earlier run.
        pipelines_dir=str(database.with_suffix(".files")),
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{database}", create_primary_keys=True),
        dataset_name="main",
    )
    pipeline.run(payments(config))


if __name__ == "__main__":
    main()
