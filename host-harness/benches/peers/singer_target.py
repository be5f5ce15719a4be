"""singer-sdk, the writing half: the SDK's SQL target and sink on SQLite, with its batches of 10 000 rows.

The sink of the SDK only appends, so that the statement is replaced with an upsert: a second read must not double the
rows.
"""

from typing import Any

from singer_sdk import SQLConnector, SQLSink, SQLTarget
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import MsgSpecReader
from sqlalchemy import column, table
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.sql import Executable


class SQLiteConnector(SQLConnector):
    allow_column_alter = False

    def get_sqlalchemy_url(self, config: dict[str, Any]) -> str:
        return f"sqlite:///{config['database']}"


class SQLiteSink(SQLSink[SQLiteConnector]):
    connector_class = SQLiteConnector

    def generate_insert_statement(self, full_table_name: Any, schema: dict[str, Any]) -> Executable:
        names = list(self.conform_schema(schema)["properties"])
        new = insert(table(self.table_name, *map(column, names)))
        others = {name: new.excluded[name] for name in names if name not in self.key_properties}
        return new.on_conflict_do_update(index_elements=self.key_properties, set_=others)


class SQLiteTarget(SQLTarget):
    name = "target-sqlite"
    message_reader_class = MsgSpecReader
    default_sink_class = SQLiteSink
    config_jsonschema = th.PropertiesList(th.Property("database", th.StringType, required=True)).to_dict()


if __name__ == "__main__":
    SQLiteTarget.cli()
