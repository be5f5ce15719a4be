"""The connector: each call in an instance of its own, with limits."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wasmtime import Config, Engine, Store, WasmtimeError
from wasmtime.component import Component, Linker, Record, Variant

from authority import Refused
from wasi_http import LimitExceeded, WasiHttp

INTERFACE = "payments:connector/connector@0.2.0"
MEMORY, STATE, LINE = 64 << 20, 64 << 10, 1000
# Instructions, more or less: some ten seconds of them.
FUEL = 10_000_000_000


class ConnectorError(Exception):
    """What the connector answered instead of a page: the case says who acts next."""

    def __init__(self, case: str, detail: dict[str, Any]):
        said = {name: value for name, value in detail.items() if value is not None}
        super().__init__(shown(f"{case}: {said}"))
        self.case = case
        # `action-required` has the detail one level down.
        self.retry_after: int | None = detail.get("detail", detail).get("retry-after-seconds")


class BrokeContract(Exception):
    """The component trapped, or did what the contract forbids."""


class Connector:
    def __init__(self, path: Path, digest: str, http: WasiHttp):
        wasm = path.read_bytes()
        found = f"sha256:{hashlib.sha256(wasm).hexdigest()}"
        if found != digest:
            raise Refused(f"{path} is {found}; the grant is for {digest}")
        config = Config()
        config.consume_fuel = True
        self.engine, self.http = Engine(config), http
        self.component = Component(self.engine, wasm)
        self.linker = Linker(self.engine)
        http.define(self.linker)
        with self.linker.root() as root:
            with root.add_instance("payments:connector/state@0.2.0") as state:
                state.add_func("get", lambda _store: self.state)
                state.add_func("set", lambda _store, value: self.set_state(value))
            with root.add_instance("payments:connector/log@0.2.0") as log:
                log.add_func("write", lambda _store, level, message: self.log(level, message))
        # Terminals, environment and clocks that a language's runtime imports: a call of one ends the call.
        self.linker.define_unknown_imports_as_traps(self.component)

    def call(self, function: str, *arguments: Any, state: bytes | None = None) -> tuple[dict[str, Any], bytes | None]:
        """What the connector returns, and the state that belongs to it. Raises `ConnectorError` and what breaks it off."""
        store = Store(self.engine)
        store.set_limits(memory_size=MEMORY, memories=1, tables=10, table_elements=100_000)
        store.set_fuel(FUEL)
        self.state = state
        self.http.begin()
        try:
            instance = self.linker.instantiate(store, self.component)
            interface = instance.get_export_index(store, INTERFACE)
            index = instance.get_export_index(store, function, interface)
            returned = instance.get_func(store, index)(store, *arguments)
        except WasmtimeError as trapped:
            raise LimitExceeded("too much of the processor") if "fuel" in str(trapped) else BrokeContract(shown(trapped))
        finally:
            store.close()
        if self.http.refused:
            raise self.http.refused
        if isinstance(returned, Variant):
            raise ConnectorError(returned.tag, plain(returned.payload))
        return plain(returned), self.state

    def set_state(self, value: bytes) -> None:
        if len(value) > STATE:
            raise BrokeContract(f"a state of {len(value)} bytes")
        self.state = value

    def log(self, level: str, message: str) -> None:
        clean = self.http.authority.clean(message[:LINE].encode()).decode(errors="replace")
        print(f"  {level}: {shown(clean)}", file=sys.stderr)


def record(fields: dict[str, Any]) -> Record:
    made = Record()
    made.__dict__.update(fields)
    return made


def plain(value: Any) -> Any:
    """Records as objects, and a case of a variant as a list of its name and what it holds: what JSON can keep."""
    if isinstance(value, Record):
        return {name: plain(one) for name, one in value.__dict__.items()}
    if isinstance(value, Variant):
        return [value.tag, plain(value.payload)]
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def shown(text: object) -> str:
    """What others wrote, with nothing in it that a terminal obeys."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in str(text))
