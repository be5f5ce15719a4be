"""`wasi:http` for a component, over Python's own HTTP client: as much of it as a connector needs that reads.

The package has a `wasi:http` too (`Linker.add_wasi_http`). That one goes wherever the component likes and has no place
where a host could put a header on, so it is for components that bring their own gate.
"""

import http.client
import io
import itertools
import socket
import ssl
import threading
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Callable
from urllib.parse import urlsplit

from wasmtime.component import Linker, ResourceHost, ResourceType, Variant

from authority import Authority, Origin, Refused

VERSION = "0.2.12"
REQUESTS, ANSWER, WAITING, SECONDS = 50, 16 << 20, 30.0, 120.0
POLLABLE, ERROR, INPUT, FIELDS, OPTIONS, REQUEST, FUTURE, RESPONSE, BODY = range(1, 10)
# The first that fits.
FAILURES = (
    (ssl.SSLCertVerificationError, "TLS-certificate-error"),
    (ssl.SSLError, "TLS-protocol-error"),
    (socket.gaierror, "destination-not-found"),
    (ConnectionRefusedError, "connection-refused"),
    (TimeoutError, "HTTP-response-timeout"),
    (http.client.IncompleteRead, "HTTP-response-incomplete"),
    (OSError, "connection-terminated"),
    (http.client.HTTPException, "HTTP-protocol-error"),
)


class LimitExceeded(Exception):
    """A call used more than one call may. It ends, and the state and the records stay as they were."""


@dataclass
class Request:
    headers: list[tuple[str, bytes]]
    method: str = "GET"
    scheme: str = "https"
    authority: str = ""
    path: str = "/"


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, bytes]]
    body: bytes


class Failed(Exception):
    """How a request failed, by its case of `error-code`."""


class WasiHttp:
    def __init__(self, authority: Authority, in_flight: int, limits: list[dict[str, Any]]):
        self.authority = authority
        # More requests than `max-in-flight` wait for a thread.
        self.threads = ThreadPoolExecutor(in_flight)
        self.paces = [Pace(limit) for limit in limits]
        self.begin()

    def begin(self) -> None:
        """A call begins: nothing is left of the one before."""
        self.resources: dict[int, Any] = {}
        self.numbers = itertools.count(1)
        self.requests = 0
        self.refused: Refused | None = None
        self.ends = time.monotonic() + SECONDS

    def own(self, kind: int, value: Any) -> ResourceHost:
        number = next(self.numbers)
        self.resources[number] = value
        return ResourceHost.own(number, kind)

    def of(self, store: Any, handle: Any) -> Any:
        return self.resources[handle.to_host(store).rep]

    def drop(self, _store: Any, number: int) -> None:
        self.resources.pop(number, None)

    def define(self, linker: Linker) -> None:
        with linker.root() as root:
            for name, (resources, functions) in self.interfaces().items():
                with root.add_instance(f"wasi:{name}@{VERSION}") as instance:
                    for resource, kind in resources.items():
                        instance.add_resource(resource, ResourceType.host(kind), self.drop)
                    for function, made in functions.items():
                        instance.add_func(function, made)

    def interfaces(self) -> dict[str, tuple[dict[str, int], dict[str, Callable[..., Any]]]]:
        of, own = self.of, self.own
        return {
            "io/error": ({"error": ERROR}, {"[method]error.to-debug-string": lambda store, error: of(store, error)}),
            "io/poll": ({"pollable": POLLABLE}, {
                "[method]pollable.block": lambda store, pollable: self.wait(of(store, pollable)),
            }),
            "io/streams": ({"input-stream": INPUT}, {
                "[method]input-stream.blocking-read": lambda store, stream, most: read(of(store, stream), most),
            }),
            "http/types": (
                {"fields": FIELDS, "request-options": OPTIONS, "outgoing-request": REQUEST, "incoming-body": BODY,
                 "future-incoming-response": FUTURE, "incoming-response": RESPONSE},
                {
                    "[static]fields.from-list": lambda _store, entries: own(FIELDS, entries),
                    "[method]fields.entries": lambda store, fields: of(store, fields),
                    "[constructor]outgoing-request": lambda store, fields: own(REQUEST, Request(of(store, fields))),
                    "[method]outgoing-request.set-method": lambda store, request, method:
                        put(of(store, request), "method", (method.payload or method.tag).upper()),
                    "[method]outgoing-request.set-scheme": lambda store, request, scheme:
                        put(of(store, request), "scheme", (scheme.payload or scheme.tag).lower() if scheme else "https"),
                    "[method]outgoing-request.set-authority": lambda store, request, authority:
                        put(of(store, request), "authority", authority or ""),
                    "[method]outgoing-request.set-path-with-query": lambda store, request, path:
                        put(of(store, request), "path", path or "/"),
                    "[method]future-incoming-response.subscribe": lambda store, future: own(POLLABLE, of(store, future)),
                    "[method]future-incoming-response.get": lambda store, future: self.answer(of(store, future)),
                    "[method]incoming-response.status": lambda store, response: of(store, response).status,
                    "[method]incoming-response.headers": lambda store, response:
                        own(FIELDS, of(store, response).headers),
                    "[method]incoming-response.consume": lambda store, response: own(BODY, of(store, response).body),
                    "[method]incoming-body.stream": lambda store, body: own(INPUT, io.BytesIO(of(store, body))),
                },
            ),
            "http/outgoing-handler": ({}, {
                "handle": lambda store, request, _options: self.handle(of(store, request)),
            }),
        }

    def handle(self, request: Request) -> Any:
        self.requests += 1
        if self.requests > REQUESTS:
            raise LimitExceeded(f"more than {REQUESTS} requests in one call")
        try:
            origin = Origin.of(urlsplit(f"{request.scheme}://{request.authority}"))
            sent = [(name, value.decode("latin-1")) for name, value in request.headers]
            headers = self.authority.headers(request.method, origin, request.path, sent)
        except (Refused, ValueError) as refused:
            # The component goes on with an error; what the call gives is thrown away.
            self.refused = Refused(*refused.args)
            return Variant("HTTP-request-denied")
        return self.own(FUTURE, self.threads.submit(self.exchange, request.method, origin, request.path, headers))

    def exchange(self, method: str, origin: Origin, path: str, headers: list[tuple[str, str]]) -> Answer:
        if not all(pace.goes(path) for pace in self.paces):
            raise Failed("connection-limit-reached")
        kind = http.client.HTTPSConnection if origin.scheme == "https" else http.client.HTTPConnection
        connection = kind(origin.host, origin.port, timeout=WAITING)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            body = response.read(ANSWER + 1)
            if len(body) > ANSWER:
                raise Failed("HTTP-response-body-size")
            if response.length:
                raise Failed("HTTP-response-incomplete")
            told = [(name, self.authority.clean(value.encode("latin-1"))) for name, value in response.getheaders()]
            return Answer(response.status, told, self.authority.clean(body))
        except (OSError, http.client.HTTPException) as error:
            raise Failed(next(code for kind, code in FAILURES if isinstance(error, kind))) from error
        finally:
            connection.close()

    def wait(self, future: "Future[Answer]") -> None:
        try:
            future.exception(timeout=max(0.0, self.ends - time.monotonic()))
        except TimeoutError:
            raise LimitExceeded(f"a call of more than {SECONDS:.0f} s") from None

    def answer(self, future: "Future[Answer]") -> Variant:
        if not future.done():
            return Variant("none")
        failed = future.exception()
        if isinstance(failed, Failed):
            return Variant("some", Variant(*failed.args))
        return Variant("some", self.own(RESPONSE, future.result()))


def put(request: Request, name: str, value: str) -> Variant:
    setattr(request, name, value)
    return Variant("ok")


def read(stream: io.BytesIO, most: int) -> bytes | None:
    """None, `closed`, at the end."""
    return stream.read(most) or None


class Pace:
    """A limit of the provider's: so many requests in so much time, of all or of those to one path."""

    def __init__(self, limit: dict[str, Any]):
        self.limit, self.made, self.lock = limit, {}, threading.Lock()

    def goes(self, path: str) -> bool:
        """Waits until it may, unless that is long."""
        what = path.partition("?")[0] if self.limit["scope"] == "path" else ""
        with self.lock:
            made = self.made.setdefault(what, deque(maxlen=self.limit["requests"]))
            now = time.monotonic()
            at = max(now, made[0] + self.limit["windowSeconds"]) if len(made) == made.maxlen else now
            if at - now > WAITING:
                return False
            made.append(at)
        time.sleep(at - now)
        return True
