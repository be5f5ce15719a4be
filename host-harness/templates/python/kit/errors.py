"""Errors: from what went wrong to who acts next. Each function gives an exception to raise."""

from componentize_py_types import Err
from wit_world.imports import payments_connector_types as types

QUOTED = 300
REDIRECTS = (301, 302, 303, 307, 308)


def detail(message, status=None, code=None, request=None, retry_after=None):
    return types.ErrorDetail(clip(message, 2 * QUOTED), status, code and clip(code), request and clip(request), retry_after)


def clip(text, limit=QUOTED):
    """The beginning of a text, on one line."""
    line = "".join(character if character.isprintable() else " " for character in text[: limit + 1])
    return line if len(line) <= limit else line[:limit] + "…"


def invalid_config(field, reason):
    return Err(types.Error_InvalidConfig(types.ConfigError(field, reason)))


def invalid_state(reason):
    return Err(types.Error_InvalidState(detail(f"the state of this stream is not one this connector wrote: {reason}")))


def invalid_parent(reason):
    return Err(types.Error_InvalidParent(detail(f"the parent is not one this connector returned: {reason}")))


def unsupported():
    return Err(types.Error_Unsupported(detail("this connector does not do that")))


def malformed(path, what):
    return Err(types.Error_MalformedResponse(detail(f"GET {path}: {what}", 200)))


def lacking(path, said, what):
    """An answer that says success lacks what was asked for; what it says of an error is kept."""
    code, text, request = said
    message = ", ".join(part for part in (f"GET {path}: HTTP 200 without {what}", code, text and f"“{clip(text)}”") if part)
    return Err(types.Error_MalformedResponse(detail(message, 200, code, request)))


def no_progress(path, what):
    return Err(types.Error_NoProgress(detail(f"GET {path}: {what}", 200)))


def from_failure(path, failure):
    """There was no answer; why not, the host knows, and says it."""
    if failure in ("HttpRequestDenied", "DestinationIpProhibited"):
        return Err(types.Error_Other(detail(f"GET {path}: the host does not allow this request")))
    if failure == "ConnectionLimitReached":
        return Err(types.Error_RateLimited(detail(f"GET {path}: the host holds requests back for now")))
    return Err(types.Error_Unavailable(detail(f"GET {path}: no complete answer: {failure}")))


def from_answer(path, answer, said, observed_at=None):
    """The answer is no success; `said` is what its body says: code, text, request id."""
    code, text, request = said
    message = ", ".join(part for part in (f"GET {path}: HTTP {answer.status}", code, text and f"“{clip(text)}”") if part)
    if answer.status in REDIRECTS:
        message += "; redirects are not followed: the endpoint of the config may be wrong"
    told = detail(message, answer.status, code, request, answer.retry_after(observed_at))
    cases = {401: types.Error_Unauthorized, 403: types.Error_Forbidden, 404: types.Error_NotFound,
             408: types.Error_Unavailable, 410: types.Error_NotFound, 425: types.Error_Unavailable,
             429: types.Error_RateLimited}
    case = types.Error_Unavailable if 500 <= answer.status <= 599 else types.Error_UpstreamRejected
    return Err(cases.get(answer.status, case)(told))
