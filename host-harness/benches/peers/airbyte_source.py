"""airbyte-cdk: a source with one HTTP stream, made as the CDK's documentation makes one, and a file of SQLite behind
it.

There is no destination for SQLite, so that this program is the destination as well: it takes the source's messages in
its own process, which spares them the pipe that Airbyte has between the two, and writes at each state message, where a
destination may. The windows are the stream's slices. Beside what `plain.py` does there are Airbyte's messages, and its
state after each window. Not done, as in `plain.py`: a sandbox, versions, quarantine, the search for secrets, rows that
move.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import requests
from airbyte_cdk.models import (
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
    Type,
)
from airbyte_cdk.sources import AbstractSource
from airbyte_cdk.sources.streams.http import HttpStream
from airbyte_cdk.sources.types import StreamSlice
from payment import COLUMNS, Table, payment, query, task


class Payments(HttpStream):
    primary_key = "id"
    has_multiple_slices = True

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        self.config = config
        self.next_page: int | None = None

    @property
    def url_base(self) -> str:
        return self.config["url"]

    def path(self, **_: Any) -> str:
        return "/v2/transactions"

    def request_headers(self, *_: Any, **__: Any) -> Mapping[str, Any]:
        return {"Authorization": self.config["authorization"]}

    def request_params(
        self,
        stream_state: Mapping[str, Any] | None,
        stream_slice: Mapping[str, Any] | None = None,
        next_page_token: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        window = stream_slice["window"] if stream_slice else []
        page = next_page_token["page"] if next_page_token else 1
        return query(self.config["account"], window, page)

    def stream_slices(self, **_: Any) -> Iterable[StreamSlice]:
        for window in self.config["windows"]:
            yield StreamSlice(partition={"window": window}, cursor_slice={})

    def parse_response(self, response: requests.Response, **_: Any) -> Iterable[Mapping[str, Any]]:
        """Parses an answer once, for the rows and for `next_page_token`, which the CDK calls next."""
        answer = response.json()
        self.next_page = answer["meta"]["next_page"]
        return map(payment, answer["transactions"])

    def next_page_token(self, response: requests.Response) -> Mapping[str, Any] | None:
        return {"page": self.next_page} if self.next_page else None

    def get_json_schema(self) -> Mapping[str, Any]:
        kinds = {column: {"type": "integer" if column == "amount_cents" else "string"} for column in COLUMNS}
        return {"type": "object", "properties": kinds}


class QontoSource(AbstractSource):
    def check_connection(self, logger: logging.Logger, config: Mapping[str, Any]) -> tuple[bool, None]:
        return True, None

    def streams(self, config: Mapping[str, Any]) -> list[HttpStream]:
        return [Payments(config)]


def main() -> None:
    config = task()
    source = QontoSource()
    logger = logging.getLogger("airbyte")
    streams = [
        ConfiguredAirbyteStream(stream, SyncMode.full_refresh, DestinationSyncMode.append_dedup)
        for stream in source.discover(logger, config).streams
    ]
    catalog = ConfiguredAirbyteCatalog(streams)
    table = Table(config["database"])
    payments: list[Mapping[str, Any]] = []
    for message in source.read(logger, config, catalog):
        if message.type == Type.RECORD:
            payments.append(message.record.data)
        elif message.type == Type.STATE:
            table.write(payments)
            payments.clear()
    table.write(payments)


if __name__ == "__main__":
    main()
