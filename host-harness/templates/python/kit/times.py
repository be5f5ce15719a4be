"""Instants: what a bank writes, and what it understands."""

import datetime
import email.utils
import re

from wit_world.imports import payments_connector_types as types

FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))", re.ASCII)
EPOCH = datetime.datetime(1970, 1, 1)


def parse(text):
    """Reads RFC 3339 with any offset and any number of fraction digits; a local time without an offset is no instant."""
    found = FORM.fullmatch(text)
    if not found:
        raise ValueError("expected an RFC 3339 time with an offset, such as 2026-01-31T10:20:30.000Z")
    *date, fraction, _, sign, hours, minutes = found.groups()
    year, month, day, hour, minute, second = map(int, date)
    try:
        local = datetime.datetime(year, month, day, hour, minute, min(second, 59))
        offset = datetime.timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        if second > 60 or offset >= datetime.timedelta(days=1):
            raise ValueError
        instant = local + offset if sign == "-" else local - offset
    except (ValueError, OverflowError):
        raise ValueError("expected a time that is in the calendar") from None
    since = instant - EPOCH
    # A leap second is the first of the next minute: the contract has none.
    seconds = since.days * 86_400 + since.seconds + (second == 60)
    return types.Timestamp(seconds, int((fraction or "0")[:9].ljust(9, "0")))


def write(stamp):
    """An instant for a query, to the millisecond."""
    instant = EPOCH + datetime.timedelta(seconds=stamp.seconds)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{stamp.nanoseconds // 1_000_000:03}Z"


def order(stamp):
    """What instants are compared by."""
    return stamp.seconds, stamp.nanoseconds


def http_date(text):
    """The seconds since 1970 of an HTTP date, or None."""
    found = email.utils.parsedate_tz(text)
    return email.utils.mktime_tz(found) if found else None
