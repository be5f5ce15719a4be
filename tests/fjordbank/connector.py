"""The connector for Fjordbank, which `bank.py` beside this file plays: newest first, by cursor, and nothing tells when a row
changed. Built by componentize-py, with the bindings that it makes of `wit/`."""
import json
import re
import zlib
from datetime import date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode

from componentize_py_types import Err, Ok
from wit_world.exports.connector import (
    AccountsPage, BalancesPage, Capability, Checked, ConfigField, Credential, FieldKind, Manifest, OthersPage, PaymentsPage,
    RateLimit, RateScope, RequestPattern, Task)
from wit_world.imports import outgoing_handler, state
from wit_world.imports.payments_connector_types import (
    Account, Balance, BalanceKind, ConfigError, Counterparty, Error_Forbidden, Error_InvalidConfig, Error_InvalidParent,
    Error_InvalidState, Error_MalformedResponse, Error_NoProgress, Error_NotFound, Error_Other, Error_RateLimited,
    Error_Unauthorized, Error_Unavailable, Error_Unsupported, Error_UpstreamRejected, ErrorDetail, Gap, Payment,
    PaymentScheme, PaymentStatus, PaymentType, Rejected, TimePrecision, Timestamp, Withdrawn)
from wit_world.imports.streams import StreamError_Closed
from wit_world.imports.wasi_http_types import (
    ErrorCode_ConnectionLimitReached, ErrorCode_DestinationIpProhibited, ErrorCode_HttpRequestDenied, Fields, Method_Get,
    OutgoingRequest, Scheme_Http, Scheme_Https)

LARGEST_PAGE = 50
DECIMALS = {"EUR": 2, "NOK": 2, "USD": 2, "GBP": 2, "CHF": 2, "JPY": 0, "BHD": 3, "KWD": 3}
# How long before the newest row a walk ends: what came later than its time is behind it.
OVERLAP = timedelta(days=3)
STATUS = {"booked": PaymentStatus.SUCCEEDED, "pending": PaymentStatus.PENDING, "refused": PaymentStatus.FAILED}
ENDPOINT = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?((?:/[a-z0-9._~-]+)*)/?", re.I)
DURATION = re.compile(r"(?=.*[1-9])(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|ms|s|m|h))+")
ID = re.compile(r"FJ-[AM]-[0-9]{1,12}")


# Errors.

def detail(message, **more):
    known = {"http_status": None, "provider_code": None, "request_id": None, "retry_after_seconds": None}
    return ErrorDetail(message=message, **(known | more))


def clip(text):
    return "".join(letter if letter.isprintable() else " " for letter in str(text)[:200])


def invalid(field, reason):
    return Err(Error_InvalidConfig(ConfigError(field, reason)))


def malformed(path, what, body=b""):
    said = said_in(body)
    more = {"provider_code": said.get("error"), "request_id": said.get("request")}
    return Err(Error_MalformedResponse(detail(f"GET {path}: {what}", http_status=200, **more)))


def said_in(body):
    """What the body of a refusal says: its texts."""
    try:
        said = decoded(body.decode("utf-8"))
    except ValueError:
        return {}
    return {key: clip(text) for key, text in said.items() if isinstance(text, str)} if isinstance(said, dict) else {}


def refusal(path, status, headers, body, now):
    said, wait = said_in(body), None
    for name, value in headers:
        if name.lower() == "retry-after":
            wait = seconds(value.decode("latin-1").strip(), now)
    more = {"provider_code": said.get("error"), "request_id": said.get("request"), "retry_after_seconds": wait}
    told = detail(f"GET {path}: HTTP {status} {said.get('error', '')}".rstrip(), http_status=status, **more)
    cases = {401: Error_Unauthorized, 403: Error_Forbidden, 404: Error_NotFound, 410: Error_NotFound, 408: Error_Unavailable,
             425: Error_Unavailable, 429: Error_RateLimited}
    case = Error_MalformedResponse if status < 300 else Error_Unavailable if status >= 500 else Error_UpstreamRejected
    return Err(cases.get(status, case)(told))


def seconds(text, now):
    """How long a provider asks to wait: seconds, or a date."""
    if text.isascii() and text.isdigit():
        return min(int(text), 2**64 - 1) if len(text) < 21 else None
    try:
        then = int(parsedate_to_datetime(text).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None
    return max(then - now.seconds, 0) if now else None


# HTTP: one request, one answer.

def send(base, path, now):
    scheme, host, port, prefix = ENDPOINT.fullmatch(base).groups()
    request = OutgoingRequest(Fields.from_list([("accept", b"application/json"), ("user-agent", b"fjordbank-connector/0.1")]))
    request.set_method(Method_Get())
    request.set_scheme(Scheme_Https() if scheme.lower() == "https" else Scheme_Http())
    request.set_authority(host + (port or ""))
    request.set_path_with_query(prefix + path)
    shown = path.split("?")[0]
    try:
        with outgoing_handler.handle(request, None) as future:
            with future.subscribe() as ready:
                ready.block()
            with answered(future.get()) as response, response.consume() as body, body.stream() as stream:
                status, headers, whole = response.status(), response.headers().entries(), bytearray()
                while True:
                    try:
                        whole += stream.blocking_read(65536)
                    except Err as end:
                        if isinstance(end.value, StreamError_Closed):
                            break
                        raise
    except Err as error:
        lost = detail(f"GET {shown}: no complete answer")
        if isinstance(error.value, (ErrorCode_HttpRequestDenied, ErrorCode_DestinationIpProhibited)):
            raise Err(Error_Other(lost)) from None
        case = Error_RateLimited if isinstance(error.value, ErrorCode_ConnectionLimitReached) else Error_Unavailable
        raise Err(case(lost)) from None
    if status != 200:
        raise refusal(shown, status, headers, bytes(whole), now)
    return bytes(whole)


def answered(result):
    while not isinstance(result, (Ok, Err)) or isinstance(result, Ok):
        if not isinstance(result, Ok):
            return result
        result = result.value
    raise result


# JSON whose rows stay as they came.

DECODER = json.JSONDecoder(parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name)))
SPACE = re.compile(r"[ \t\r\n]*")
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"')
DEEPEST = 60


def decoded(text):
    """JSON, unless its brackets are nested so deep that the interpreter's stack would not hold them."""
    depth = 0
    for bracket in re.findall(r"[\[\]{}]", STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEEPEST:
            raise ValueError("nested too deep")
    return DECODER.decode(text)


def members(text):
    """The members of an object, and the elements of a list under each, as the provider spelt them."""
    at, found = SPACE.match(text).end(), {}
    if text[at] != "{":
        raise ValueError("no object")
    at = SPACE.match(text, at + 1).end()
    while text[at] != "}":
        key, at = DECODER.raw_decode(text, at)
        at = SPACE.match(text, SPACE.match(text, at).end() + 1).end()
        _, end = DECODER.raw_decode(text, at)
        found[key], at = text[at:end], SPACE.match(text, end).end()
        if text[at] == ",":
            at = SPACE.match(text, at + 1).end()
    return found


def elements(text):
    at, found = SPACE.match(text, 1).end(), []
    if text[0] != "[":
        raise ValueError("no list")
    while text[at] != "]":
        _, end = DECODER.raw_decode(text, at)
        found.append(text[at:end])
        at = SPACE.match(text, end).end()
        if text[at] == ",":
            at = SPACE.match(text, at + 1).end()
    return found


def parsed(path, body, read):
    try:
        text = body.decode("utf-8")
        decoded(text)
        return read(text)
    except (ValueError, KeyError, IndexError, TypeError):
        raise malformed(path, "the answer is not what was asked for", body) from None


def listed(path, body):
    def read(text):
        page = members(text)
        rows, cursor = elements(page["items"]), json.loads(page["cursor"])
        if not (cursor is None or isinstance(cursor, str) and 0 < len(cursor) < 1024):
            raise ValueError("cursor")
        return rows, cursor

    rows, cursor = parsed(path, body, read)
    if cursor is not None and not rows:
        raise malformed(path, "a page without rows says that there are more")
    return rows, cursor


# Rows.

def instant(text):
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", text):
        raise ValueError(f"`createdAt` is {clip(json.dumps(text))}, expected an instant")
    whole, _, rest = text.partition(".")
    digits = re.match(r"\d*", rest).group()
    moment = datetime.fromisoformat((whole + rest[len(digits):]).replace("Z", "+00:00")).astimezone(timezone.utc)
    since = moment - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return Timestamp(since.days * 86400 + since.seconds, int(digits.ljust(9, "0")) if digits else 0)


def asset(code):
    if not isinstance(code, str) or code not in DECIMALS:
        raise ValueError(f"`currency` is {clip(json.dumps(code))}, expected one of Fjordbank's")
    return f"{code}/{DECIMALS[code]}"


def minor(text, code, signed=False):
    places = DECIMALS[code]
    match = re.fullmatch(r"(-?)([0-9]+)(?:\.([0-9]+))?", text) if isinstance(text, str) else None
    finer = (match.group(3) or "")[places:] if match else ""
    if not match or finer.strip("0") or match.group(1) and not signed:
        raise ValueError(f"`amount` is {clip(json.dumps(text))}, expected a decimal number of at most {places} places, as text")
    digits = (match.group(2) + (match.group(3) or "")[:places].ljust(places, "0")).lstrip("0") or "0"
    return digits if digits == "0" else match.group(1) + digits


def reference(row):
    if not isinstance(row.get("id"), str) or not ID.fullmatch(row["id"]):
        raise ValueError("`id` is missing")
    return row["id"]


def text(row, name):
    return row[name] if isinstance(row.get(name), str) and row[name] else None


def pairs(row, **keys):
    named = {key.replace("__", "/").replace("_", "-"): text(row, name) for key, name in keys.items()}
    return sorted((key, value) for key, value in named.items() if value)


def account(raw, row, _):
    return Account(reference(row), text(row, "title"), asset(row.get("currency")), instant(row.get("createdAt")), None,
                   pairs(row, std__holder="holder"), raw)


def payment(raw, row, parent):
    amount = row.get("amount")
    if not isinstance(amount, dict):
        raise ValueError("`amount` is missing")
    unit, mine = asset(amount.get("currency")), row.get("accountId")
    if mine != parent:
        raise ValueError("`accountId` is another account's")
    kind = {"in": PaymentType.PAY_IN, "out": PaymentType.PAYOUT}.get(text(row, "direction"), PaymentType.OTHER)
    party = row.get("party") if isinstance(row.get("party"), dict) else {}
    name, number = text(party, "name"), text(party, "account")
    known = Counterparty(name, None, number, "BBAN" if number else None, None, None) if name or number else None
    return Payment(
        reference(row), None, instant(row.get("createdAt")), TimePrecision.INSTANT, None, kind,
        STATUS.get(text(row, "state"), PaymentStatus.UNKNOWN), PaymentScheme.UNKNOWN,
        minor(amount.get("value"), amount["currency"]), unit, [], None, mine if kind == PaymentType.PAYOUT else None,
        mine if kind == PaymentType.PAY_IN else None, known,
        pairs(row, std__description="text", std__status="state", std__type="kind"), raw)


def mapped(rows, read, parent):
    items, rejected = [], []
    for raw in rows:
        try:
            row = json.loads(raw)
            if not isinstance(row, dict):
                raise ValueError("a row that is no object")
            items.append(read(raw, row, parent))
        except ValueError as why:
            known = text(row, "id") if isinstance(row, dict) else None
            rejected.append(Rejected(known, str(why), raw))
    return items, rejected


# The state of a stream: between two walks the newest instant seen, and within one where it goes on.

def kept(stream):
    known = state.get()
    if known is None:
        return {"stream": stream}
    try:
        check, _, rest = bytes(known).decode("utf-8").partition(" ")
        walk = decoded(rest)
        if check == f"{zlib.crc32(rest.encode()):08x}" and walk["stream"] == stream:
            return walk
    except (ValueError, KeyError, TypeError):
        pass
    raise Err(Error_InvalidState(detail("the state is not one that this stream wrote")))


def keep(walk):
    rest = json.dumps({key: value for key, value in walk.items() if value is not None}, sort_keys=True)
    state.set(f"{zlib.crc32(rest.encode()):08x} {rest}".encode())


def position(raw):
    """Where a row stands: its time, then its number; none where that cannot be read."""
    try:
        row = json.loads(raw)
        at = instant(row.get("createdAt"))
        return [at.seconds, at.nanoseconds, reference(row)]
    except (ValueError, AttributeError):
        return None


def walk_on(request, base, path, stream, dated):
    """The next page of a list, newest first: its rows, its gaps, and whether there are more."""
    before = kept(stream)
    walk = dict(before)
    if "cursor" not in before:
        begin = [walk["newest"][0] - int(OVERLAP.total_seconds()), 0] if dated and "newest" in walk else None
        since = [request.since.seconds, request.since.nanoseconds] if dated and request.since else None
        walk["stop"] = max(filter(None, [walk.pop("stop", None) or begin, since]), default=None)
    query = {"limit": request.page_size} | ({"cursor": walk["cursor"]} if "cursor" in walk else {})
    rows, cursor = listed(path, send(base, f"{path}?{urlencode(query)}", request.observed_at))
    places = [place for place in map(position, rows) if place]
    line = ([walk["last"]] if "last" in walk else []) + places
    if cursor is not None and cursor == walk.get("cursor") or any(a <= b for a, b in zip(line, line[1:])):
        error = Error_NoProgress(detail(f"GET {path}: a page comes again, or is out of order", http_status=200))
        if "cursor" not in walk:
            raise Err(error)
        # The pages before this one count; the cursor leads astray, and the next poll begins anew.
        keep({"stream": stream, "stop": walk.get("stop"), "newest": before.get("newest")})
        return [], [Gap(f"the rest of the list {path}", error)], False
    if dated and places:
        walk["top"] = max(walk.get("top") or places[0][:2], places[0][:2])
    more = cursor is not None and not (walk.get("stop") and places and places[-1][:2] < walk["stop"])
    if more:
        keep(walk | {"cursor": cursor, "last": places[-1] if places else walk.get("last")})
    else:
        newest = max(filter(None, [walk.get("newest"), walk.get("top")]), default=None)
        keep({"stream": stream, "newest": newest})
    return rows, [], more


# The contract.

def configured(config):
    try:
        fields = decoded(config)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        raise invalid("config", "expected a JSON object with the manifest's fields")
    if fields.get("token") is not True:
        raise invalid("token", "required: expected `true` for a secret that is set")
    page_size = fields.get("pageSize")
    if page_size is not None and (type(page_size) is not int or not 1 <= page_size <= LARGEST_PAGE):
        raise invalid("pageSize", f"expected 1 to {LARGEST_PAGE}")
    period = fields.get("pollingPeriod")
    if period is not None and not (isinstance(period, str) and len(period) < 40 and DURATION.fullmatch(period)):
        raise invalid("pollingPeriod", "expected a duration longer than zero, such as 30m or 1h30m")
    since = fields.get("since")
    if since is not None:
        try:
            date.fromisoformat(since if re.fullmatch(r"\d{4}-\d\d-\d\d", since) else "")
        except (ValueError, TypeError):
            raise invalid("since", "expected a date, such as 2026-01-31") from None
    endpoint = fields.get("endpoint")
    match = ENDPOINT.fullmatch(endpoint) if isinstance(endpoint, str) and len(endpoint) < 2048 else None
    if not match or match.group(3) and not 0 < int(match.group(3)[1:]) < 65536:
        raise invalid("endpoint", "expected an absolute http or https URL without user, query and fragment")
    return endpoint


def begun(request, task, of=None):
    base = configured(request.config)
    if request.task != task:
        raise Err(Error_Unsupported(detail("this connector does not do that")))
    if not 1 <= request.page_size <= LARGEST_PAGE:
        raise invalid("pageSize", f"expected 1 to {LARGEST_PAGE}")
    parent = request.parent
    if of is None and parent is None:
        return base, ""
    if of and parent and parent.task == of and ID.fullmatch(parent.reference):
        return base, parent.reference
    raise Err(Error_InvalidParent(detail("the parent is none that this connector returned")))


class Connector:
    def describe(self):
        task = lambda name, what, periodic, parent, snapshot, follow: Task(name, what, periodic, 0, parent, snapshot, follow)
        field = lambda name, kind, required, default, about: ConfigField(name, kind, required, default, about)
        paths = ["/v1/me", "/v1/accounts", "/v1/accounts/{id}/balance", "/v1/accounts/{id}/movements", "/v1/movements/{id}"]
        return Manifest(
            "fjordbank", "0.1.0", "Reads accounts, balances and payments of one customer of Fjordbank. Read-only.",
            [Capability.FETCH_ACCOUNTS, Capability.FETCH_BALANCES, Capability.FETCH_PAYMENTS],
            [task("accounts", Capability.FETCH_ACCOUNTS, True, None, True, False),
             task("balances", Capability.FETCH_BALANCES, False, 0, False, False),
             task("payments", Capability.FETCH_PAYMENTS, True, 0, False, True)],
            [field("endpoint", FieldKind.URL, True, None, "Where the API is: https://api.fjordbank.example."),
             field("token", FieldKind.SECRET, True, None, "The token for reading, from the customer's settings."),
             field("pageSize", FieldKind.INTEGER, False, "50", "How many rows to ask for at a time, 1 to 50."),
             field("pollingPeriod", FieldKind.DURATION, False, "1h", "The time between two polls, longer than zero."),
             field("since", FieldKind.DATE, False, None, "The first day to read; without it, all there is.")],
            [Credential("login", ["endpoint"], [], [("authorization", "Bearer {token}")], [])],
            [RequestPattern("GET", "endpoint", path) for path in paths], [], LARGEST_PAGE, 1,
            [RateLimit(600, 60, RateScope.INSTALL)])

    def check(self, config):
        body = send(configured(config), "/v1/me", None)
        me = parsed("/v1/me", body, lambda text: json.loads(members(text)["holder"]))
        if not isinstance(me, str) or not me:
            raise malformed("/v1/me", "the answer names nobody", body)
        return Checked(me, said_in(body).get("name"))

    def fetch_accounts(self, request):
        base, _ = begun(request, "accounts")
        rows, gaps, more = walk_on(request, base, "/v1/accounts", "accounts", False)
        items, rejected = mapped(rows, account, None)
        return AccountsPage(items, [], rejected, gaps, more)

    def fetch_external_accounts(self, request):
        raise Err(Error_Unsupported(detail("this connector does not do that")))

    def fetch_others(self, request):
        raise Err(Error_Unsupported(detail("this connector does not do that")))

    def fetch_balances(self, request):
        base, of = begun(request, "balances", "accounts")
        path = f"/v1/accounts/{of}/balance"

        def read(text):
            row = json.loads(text)
            unit = asset(row["currency"])
            return [Balance(of, kind, None, minor(row[name], row["currency"], True), unit, request.observed_at)
                    for name, kind in (("booked", BalanceKind.BOOKED), ("available", BalanceKind.AVAILABLE))]

        return BalancesPage(parsed(path, send(base, path, request.observed_at), read), [], [], False)

    def fetch_payments(self, request):
        base, of = begun(request, "payments", "accounts")
        rows, gaps, more = walk_on(request, base, f"/v1/accounts/{of}/movements", f"payments {of}", True)
        items, rejected = mapped(rows, payment, of)
        return PaymentsPage(items, [], rejected, gaps, more)

    def follow_payments(self, request, references):
        base, of = begun(request, "payments", "accounts")
        page, ended = PaymentsPage([], [], [], [], False), None
        for wanted in references:
            try:
                if ended:
                    raise Err(ended)
                self.one(base, of, wanted, request.observed_at, page)
            except Err as error:
                if isinstance(error.value, (Error_RateLimited, Error_Unauthorized)):
                    ended = error.value
                page.gaps.append(Gap(f"how the payment {clip(wanted)} stands", error.value))
        if page.gaps and len(page.gaps) == len(references):
            raise Err(page.gaps[0].error)
        return page

    def one(self, base, of, wanted, now, page):
        if not ID.fullmatch(wanted):
            raise Err(Error_NotFound(detail("a reference that is none of Fjordbank's")))
        path = f"/v1/movements/{quote(wanted)}"
        try:
            body = send(base, path, now)
        except Err as error:
            if isinstance(error.value, Error_NotFound) and error.value.value.provider_code == "not_there":
                page.withdrawn.append(Withdrawn(wanted, None))
                return
            raise
        raw = parsed(path, body, lambda text: (members(text), text.strip(" \t\r\n"))[1])
        if json.loads(raw).get("id") != wanted:
            raise malformed(path, "the answer is another payment", body)
        items, rejected = mapped([raw], payment, of)
        page.items += items
        page.rejected += rejected
