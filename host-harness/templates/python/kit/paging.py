"""Lists that are read page by page: a cursor within a poll, and the newest change that was seen between two polls.

The time comes from the rows alone, never from a clock.
"""

import json
from dataclasses import dataclass, field

from componentize_py_types import Err
from wit_world.imports import payments_connector_types as types
from wit_world.imports import state

from . import errors, rows, times

LONGEST_CURSOR = 4096


@dataclass
class Paging:
    """How a bank spells its lists."""

    rows: str = "items"
    next: str = "next"
    limit: str = "limit"
    cursor: str = "cursor"
    # Where rows can be asked for from a time on: the parameter, and the field of a row with that time.
    changes: tuple | None = None


@dataclass
class Listed:
    items: list = field(default_factory=list)
    rejected: list = field(default_factory=list)
    gaps: list = field(default_factory=list)
    has_more: bool = False


def read(client, request, path, paging, convert):
    """Reads the next page, maps its rows, and sets the state to what comes behind it. A row that `convert` cannot use is
    rejected with its reason, and costs no other."""
    place = load()
    changes = paging.changes or (None, None)
    since = request.since and times.write(request.since)
    asked = {paging.limit: request.page_size, paging.cursor: place.get("cursor")}
    if changes[0]:
        asked[changes[0]] = place.get("from") or since
    try:
        body = client.get(path, asked)
    except Err as failed:
        refused = isinstance(failed.value, (types.Error_NotFound, types.Error_UpstreamRejected))
        if not refused or "cursor" not in place:
            raise
        # The pages before this one count. A cursor that is refused must not be what the next poll begins with.
        save({"from": place.get("from")})
        return Listed(gaps=[types.Gap(f"the rest of the list {path}", failed.value)])
    found, following = split(client, path, body, paging, place)
    listed = Listed(has_more=following is not None)
    newest = place.get("newest")
    for raw in found:
        try:
            row = rows.Row(raw)
            newest = newer(newest, row.text(changes[1])) if changes[1] else None
            listed.items.append(convert(row))
        except (rows.Malformed, ValueError) as reason:
            listed.rejected.append(rows.rejected(raw, reason))
    if following is None:
        save({"from": newest or place.get("from")})
    else:
        save({"from": place.get("from"), "newest": newest, "cursor": following})
    return listed


def split(client, path, body, paging, place):
    """The rows of an answer as the bank spelled them, and the token to the next page."""
    try:
        # Read whole once, so that what is wrong with it is found before a row of it counts.
        rows.expect_object(body)
        fields = dict(rows.parts(body))
        found = fields.get(paging.rows, "null")
        if found == "null":
            raise client.lacking(path, body, paging.rows)
        if not found.startswith("["):
            raise rows.Malformed(f"{paging.rows} is {found[:80]}, expected a list")
        found = [raw for _, raw in rows.parts(found)]
        following = rows.parse(fields.get(paging.next, "null"))
    except rows.Malformed as reason:
        raise errors.malformed(path, str(reason)) from None
    if following is None:
        return found, None
    if not isinstance(following, str) or not 0 < len(following) <= LONGEST_CURSOR:
        raise errors.malformed(path, f"{paging.next} is no token to the next page")
    if not found:
        raise errors.no_progress(path, "an empty page is followed by another one")
    if following == place.get("cursor"):
        raise errors.no_progress(path, "the next page is the same one again")
    return found, following


def newer(known, time):
    try:
        found = times.order(times.parse(time or ""))
    except ValueError:
        return known
    return time if known is None or found > times.order(times.parse(known)) else known


def load():
    kept = state.get()
    if kept is None:
        return {}
    try:
        place = rows.parse(kept.decode())
        if not isinstance(place, dict) or not all(isinstance(part, str) for part in place.values()):
            raise ValueError("it is no object of texts")
        for key in ("from", "newest"):
            if key in place:
                times.parse(place[key])
    except ValueError as reason:
        raise errors.invalid_state(str(reason)) from None
    return place


def save(place):
    state.set(json.dumps({key: part for key, part in place.items() if part is not None}).encode())
