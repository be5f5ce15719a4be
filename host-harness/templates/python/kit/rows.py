"""JSON rows that keep the bank's bytes: what a record carries as `raw` is a piece of the answer's text, never written anew."""

import json
import re
from decimal import Decimal

from . import times
from wit_world.imports import payments_connector_types as types

LONGEST_ID = 1024
# The decoder calls itself for each level, and a component's stack is not endless.
DEEPEST = 200
BLANK = re.compile(r"[ \t\n\r]*")


class Malformed(ValueError):
    """Text that is not JSON, or a row that cannot be mapped. Says what is wrong."""


def pairs(found):
    # Which of two values counts is anyone's guess: guessing about money is not an option.
    names = [name for name, _ in found]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise Malformed(f"the field {twice} occurs twice")
    return dict(found)


def constant(text):
    raise Malformed(f"{text} is no JSON")


# Numbers stay exact.
DECODER = json.JSONDecoder(object_pairs_hook=pairs, parse_float=Decimal, parse_constant=constant)


def value(text, at=0):
    """The value that begins at a place of a text, and where it ends."""
    try:
        return DECODER.raw_decode(text, BLANK.match(text, at).end())
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed(f"expected JSON: {error}") from None


def parse(text):
    """The value that a whole text is."""
    expect_shallow(text)
    found, end = value(text)
    if BLANK.match(text, end).end() != len(text):
        raise Malformed("there is something behind the JSON")
    return found


def expect_shallow(text):
    depth = 0
    for found in TOKEN.finditer(text):
        token = found.group()
        depth += (token in "{[") - (token in "}]")
        if depth > DEEPEST:
            raise Malformed(f"it is nested more than {DEEPEST} deep")


def expect_object(text):
    """Expects a text to be a JSON object whose fields occur once."""
    if not isinstance(parse_loosely(text), dict):
        raise Malformed("expected a JSON object")


def parse_loosely(text):
    """As `parse`, of a text whose rows may name a field twice: that spoils the row, and none beside it."""
    expect_shallow(text)
    try:
        return json.loads(text, parse_constant=constant)
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:
        raise Malformed(f"expected JSON: {error}") from None


def parts(text):
    """Each part of an object or a list: its name (None in a list), and its text as the bank spelled it."""
    at = BLANK.match(text).end()
    opening = text[at : at + 1]
    if opening not in ("{", "["):
        raise Malformed("expected an object or a list")
    closing, at = ("}" if opening == "{" else "]"), BLANK.match(text, at + 1).end()
    while text[at : at + 1] != closing:
        name = None
        if opening == "{":
            name, at = json.decoder.scanstring(text, at + 1)
            at = BLANK.match(text, BLANK.match(text, at).end() + 1).end()
        end = skip(text, at)
        yield name, text[at:end]
        at = BLANK.match(text, end).end()
        if text[at : at + 1] == ",":
            at = BLANK.match(text, at + 1).end()


def skip(text, at):
    """Where the value ends that begins here. The text is known to be JSON."""
    if text[at] == '"':
        return json.decoder.scanstring(text, at + 1)[1]
    if text[at] not in "{[":
        return re.compile(r"[^,\]}\s]*").match(text, at).end()
    depth = 0
    for found in TOKEN.finditer(text, at):
        token = found.group()
        depth += (token in "{[") - (token in "}]")
        if depth == 0:
            return found.end()
    raise Malformed("expected the end of an object or list")


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]]')


class Row:
    """One JSON object, read field by field. What a field holds that is of another type counts as absent."""

    def __init__(self, raw):
        self.raw = raw
        self.fields = parse(raw)
        if not isinstance(self.fields, dict):
            raise Malformed("expected a JSON object")

    def get(self, *keys):
        found = self.fields
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found

    def text(self, *keys):
        """A text with something in it. Half of a character of UTF-16 stands as the replacement character."""
        found = self.get(*keys)
        return whole(found) if isinstance(found, str) and found.strip() else None

    def required(self, *keys):
        found = self.text(*keys)
        if found is None:
            raise Malformed(self.wrong("expected a text that is not empty", *keys))
        return found

    def id(self):
        found = self.required("id")
        if len(found.encode()) > LONGEST_ID:
            raise Malformed(f"id is longer than {LONGEST_ID} bytes")
        return found

    def time(self, *keys):
        """An instant; None when absent."""
        if self.get(*keys) is None:
            return None
        try:
            return times.parse(self.required(*keys))
        except ValueError as error:
            raise Malformed(self.wrong(str(error), *keys)) from None

    def required_time(self, *keys):
        found = self.time(*keys)
        if found is None:
            raise Malformed(self.wrong("expected a time", *keys))
        return found

    def wrong(self, expected, *keys):
        """A reason: the field, what it holds, what was expected."""
        found = self.get(*keys)
        return f"{'.'.join(keys)} is {'missing' if found is None else str(whole(repr(found)))[:80]}: {expected}"


def whole(text):
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def rejected(raw, reason):
    """A row that could not be mapped, with its identifier when that can be read."""
    try:
        reference = Row(raw).id()
    except Malformed:
        reference = None
    return types.Rejected(reference, str(reason), raw)


def metadata(namespace, own, standard):
    """The metadata of a record: sorted, the bank's own keys behind its namespace, without empty values."""
    named = {namespace + key: text for key, text in own.items()} | {"std/" + key: text for key, text in standard.items()}
    return sorted((key, text) for key, text in named.items() if text)
