"""HTTP: one request, one answer. The credentials are the host's to add."""

from dataclasses import dataclass
from urllib.parse import urlencode

from componentize_py_types import Err
from wit_world.imports import outgoing_handler, streams
from wit_world.imports import wasi_http_types as http

from . import errors, times

CHUNK = 64 * 1024


@dataclass
class Answer:
    status: int
    headers: list
    body: bytes

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    def retry_after(self, observed_at):
        """The seconds that the bank asks to wait. A date counts from the answer's own: the host's clock may be wrong."""
        asked = (self.header("retry-after") or "").strip()
        if asked.isascii() and asked.isdigit():
            return min(int(asked), 2**63)
        then = times.http_date(asked)
        now = times.http_date(self.header("date") or "") or (observed_at and observed_at.seconds)
        return max(then - now, 0) if then is not None and now is not None else None


class Client:
    """A bank. `said` reads what the body of a refusal says: code, text, request id."""

    def __init__(self, origin, agent, said, observed_at=None):
        self.origin, self.agent, self.said, self.observed_at = origin, agent, said, observed_at

    def get(self, path, query=()):
        """Asks for `path`; gives the text of a success."""
        query = [(name, value) for name, value in dict(query).items() if value is not None]
        url = self.origin + path + ("?" + urlencode(query) if query else "")
        try:
            answer = send(url, [("accept", "application/json"), ("user-agent", self.agent)])
        except Err as failed:
            raise errors.from_failure(path, name_of(failed.value)) from None
        if not 200 <= answer.status < 300:
            raise errors.from_answer(path, answer, self.said(answer), self.observed_at)
        if "html" in (answer.header("content-type") or "").lower() or answer.body.lstrip()[:1] == b"<":
            raise errors.malformed(path, "the answer is an HTML page instead of JSON")
        try:
            return answer.body.decode()
        except UnicodeDecodeError:
            raise errors.malformed(path, "the answer is not UTF-8") from None

    def lacking(self, path, body, what):
        """An answer that says success lacks what was asked for."""
        return errors.lacking(path, self.said(Answer(200, [], body.encode())), what)


def send(url, headers):
    scheme, rest = url.split("://", 1)
    authority, slash, path = rest.partition("/")
    request = http.OutgoingRequest(http.Fields.from_list([(name, value.encode()) for name, value in headers]))
    request.set_scheme(http.Scheme_Http() if scheme == "http" else http.Scheme_Https())
    request.set_authority(authority)
    request.set_path_with_query(slash + path)
    sent = outgoing_handler.handle(request, None)
    sent.subscribe().block()
    answered = sent.get()
    # A result within a result: of asking once, and of the exchange.
    while hasattr(answered, "value"):
        if isinstance(answered, Err):
            raise answered
        answered = answered.value
    entries = [(name, value.decode("utf-8", "replace")) for name, value in answered.headers().entries()]
    return Answer(answered.status(), entries, read(answered.consume()))


def read(body):
    chunks = []
    with body.stream() as stream:
        while True:
            try:
                chunks.append(stream.blocking_read(CHUNK))
            except Err as ended:
                if isinstance(ended.value, streams.StreamError_Closed):
                    return b"".join(chunks)
                raise


def name_of(code):
    """`ErrorCode_ConnectionRefused` is a `ConnectionRefused`."""
    return type(code).__name__.removeprefix("ErrorCode_").removeprefix("StreamError_")


def segment(text):
    """Escapes one segment of a path; None for a text that servers read in more than one way."""
    from urllib.parse import quote

    plain = text.isascii() and text.isprintable() and not set(text) & set("/\\?#;%")
    return quote(text, safe="") if plain and any(character.isalnum() for character in text) else None
