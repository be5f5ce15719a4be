"""singer-sdk, the reading half: a tap with one REST stream, made as the SDK's documentation makes one.

The windows are the stream's partitions. Two things that the SDK offers for speed are used: messages are written by
msgspec, and rows, which are plain JSON already, are not conformed to it. Beside what `plain.py` does there are Singer's
messages, a line of JSON for each row, which cross a pipe to `singer_target.py`, and the SDK's own state. Not done, as
in `plain.py`: a sandbox, versions, quarantine, the search for secrets, rows that move.
"""

from collections.abc import Iterable
from typing import Any

import requests
from payment import payment, query
from singer_sdk import RESTStream, Tap
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.pagination import BaseAPIPaginator


class NextPage(BaseAPIPaginator[int]):
    def __init__(self, stream: "Transactions") -> None:
        super().__init__(1)
        self.stream = stream

    def get_next(self, response: requests.Response) -> int | None:
        return self.stream.next_page


class Transactions(RESTStream[int]):
    name = "payments"
    path = "/v2/transactions"
    primary_keys = ("id",)
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    # Text as it came, as the other peers keep times.
    schema = th.PropertiesList(
        th.Property("id", th.StringType, required=True),
        th.Property("created_at", th.StringType),
        th.Property("updated_at", th.StringType),
        th.Property("status", th.StringType),
        th.Property("type", th.StringType),
        th.Property("amount_cents", th.IntegerType),
        th.Property("currency", th.StringType),
        th.Property("raw", th.StringType),
    ).to_dict()

    next_page: int | None = None

    @property
    def url_base(self) -> str:
        return self.config["url"]

    @property
    def http_headers(self) -> dict[str, str]:
        return {**super().http_headers, "Authorization": self.config["authorization"]}

    @property
    def partitions(self) -> list[dict[str, Any]]:
        return [{"window": window} for window in self.config["windows"]]

    def get_url_params(self, context: Any, next_page_token: int | None) -> dict[str, Any]:
        return query(self.config["account"], context["window"], next_page_token or 1)

    def get_new_paginator(self) -> NextPage:
        return NextPage(self)

    def parse_response(self, response: requests.Response) -> Iterable[dict[str, Any]]:
        """Parses an answer once, for the rows and for the paginator."""
        answer = response.json()
        self.next_page = answer["meta"]["next_page"]
        return answer["transactions"]

    def post_process(self, row: dict[str, Any], context: Any = None) -> dict[str, Any]:
        return payment(row)


class QontoTap(Tap):
    name = "tap-qonto"
    message_writer_class = MsgSpecWriter
    config_jsonschema = th.PropertiesList(
        th.Property("url", th.StringType, required=True),
        th.Property("authorization", th.StringType, required=True, secret=True),
        th.Property("account", th.StringType, required=True),
        th.Property("windows", th.ArrayType(th.ArrayType(th.StringType)), required=True),
    ).to_dict()

    def discover_streams(self) -> list[Transactions]:
        return [Transactions(self)]


if __name__ == "__main__":
    QontoTap.cli()
