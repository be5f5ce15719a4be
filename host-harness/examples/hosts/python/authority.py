"""What the operator granted: where requests may go, and which headers the host puts on them.

The grant is the manifest, as `harness describe --json` prints it, once the operator has read and kept it.
"""

import base64
import json
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

# What every connector may send, beside the `headers` of its manifest.
HEADERS = {"accept", "accept-language", "content-type", "if-modified-since", "if-none-match", "range", "user-agent"}
# What may stand for `{name}` in a path. The contract lets an id have escapes as well, as long as every server reads
# them alike, which is more to check than to refuse them.
SEGMENT = re.compile(r"[\w~:@=,+-][\w.~:@=,+-]*", re.ASCII)


class Refused(Exception):
    """The component asked for what was not granted, or for what this host does not know."""


@dataclass(frozen=True)
class Origin:
    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: SplitResult) -> "Origin":
        if url.scheme not in ("http", "https") or not url.hostname:
            raise Refused(f"{url.geturl()!r} is no http or https URL")
        return cls(url.scheme, url.hostname, url.port or (443 if url.scheme == "https" else 80))


class Authority:
    def __init__(self, grant: dict[str, Any], config: dict[str, Any]):
        kinds = {field["name"]: field["kind"] for field in grant["config"]}
        if unknown := config.keys() - kinds.keys():
            raise Refused(f"the config has {', '.join(sorted(unknown))}, which the manifest does not")
        config = {name: environment(name, value) if isinstance(value, dict) else value for name, value in config.items()}
        given = {name: str(value) for name, value in config.items() if value not in (None, "")}
        self.secrets = [value for name, value in given.items() if kinds[name] == "secret"]
        # The connector sees that a secret is set, and nothing else of it.
        self.config = json.dumps({name: True if kinds[name] == "secret" and name in given else value
                                  for name, value in config.items()})
        self.urls = {name: urlsplit(value) for name, value in given.items() if kinds[name] == "url"}
        for url in self.urls.values():
            if Origin.of(url).scheme == "http" and url.hostname not in ("127.0.0.1", "::1", "localhost"):
                raise Refused(f"{url.geturl()} is not https")
        self.requests = grant["requests"]
        self.allowed = HEADERS | set(grant["headers"])
        self.credentials = [headers for one in grant["credentials"] if (headers := self._credential(one, given))]

    def _credential(self, asked: dict[str, Any], given: dict[str, str]) -> "Credential | None":
        """None where a field that it needs is not set: so an install chooses among ways to log in."""
        if asked["more"]:
            raise Refused(f"the credential {asked['name']} needs {asked['more'][0][0]}, which this host does not do")
        unset: set[str] = set()
        headers = {name: fill(format, given, unset) for name, format in asked["headers"]}
        not_to = {Origin.of(urlsplit(url)) for url in asked["notTo"]}
        to = {Origin.of(self.urls[name]) for name in asked["to"] if name in self.urls} - not_to
        return None if unset else Credential(to, headers)

    def headers(self, method: str, origin: Origin, path: str, sent: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The headers of a request with the credentials that it gets. Raises `Refused` for one that was not granted."""
        if not any(self._is(pattern, method, origin, path.partition("?")[0]) for pattern in self.requests):
            raise Refused(f"{method} {origin.scheme}://{origin.host}:{origin.port}{path} was not granted")
        if foreign := {name.lower() for name, _ in sent} - self.allowed:
            raise Refused(f"the header {', '.join(sorted(foreign))} was not granted")
        made: dict[str, str] = {}
        for credential in self.credentials:
            # Of two that would give the same header, the later is left out.
            if origin in credential.to and not credential.headers.keys() & made.keys():
                made |= credential.headers
        return [*sent, *made.items()]

    def _is(self, pattern: dict[str, str], method: str, origin: Origin, path: str) -> bool:
        url = self.urls.get(pattern["to"])
        if url is None or pattern["method"] != method or Origin.of(url) != origin:
            return False
        wanted, asked = (url.path.rstrip("/") + pattern["path"]).split("/"), path.split("/")
        return len(wanted) == len(asked) and all(
            SEGMENT.fullmatch(is_) if want.startswith("{") else want == is_ for want, is_ in zip(wanted, asked))

    def clean(self, body: bytes) -> bytes:
        """An answer without the secrets that a provider echoes, where they are spelt as they are."""
        for secret in self.secrets:
            body = body.replace(secret.encode(), b"*" * len(secret.encode()))
        return body


@dataclass
class Credential:
    to: set[Origin]
    headers: dict[str, str]


def environment(name: str, value: dict[str, str]) -> str:
    """A secret may be given as `{"env": "NAME"}`."""
    if (variable := value.get("env", "")) not in os.environ:
        raise Refused(f"{name} is in no variable {variable!r} of the environment")
    return os.environ[variable]


def fill(format: str, given: dict[str, str], unset: set[str]) -> str:
    """`{name}` and `{base64:format}`; `unset` gets the names without a value."""
    filled, rest = "", format
    while "{" in rest:
        before, rest = rest.split("{", 1)
        inner, rest = matched(rest)
        function, colon, argument = inner.partition(":")
        if colon and function == "base64":
            filled += before + base64.b64encode(fill(argument, given, unset).encode()).decode()
        elif colon or inner.startswith("@"):
            raise Refused(f"a credential needs {{{inner.partition(':')[0]}}}, which this host does not do")
        else:
            unset |= {inner} - given.keys()
            filled += before + given.get(inner, "")
    return filled + rest


def matched(text: str) -> tuple[str, str]:
    """What stands before the brace that closes, and after it."""
    depth = 1
    for place, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if not depth:
            return text[:place], text[place + 1:]
    raise Refused("a credential has a brace that does not close")
