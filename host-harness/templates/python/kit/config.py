"""The config: what is wrong with it before any request is made. Each function raises `invalid-config`, with the field."""

import re

from .errors import invalid_config
from .rows import Malformed, Row

URL = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?/?", re.ASCII)
DURATION = re.compile(r"\+?(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)", re.ASCII)


class Config:
    def __init__(self, text):
        try:
            self.row = Row(text)
        except Malformed:
            raise invalid_config("config", "expected a JSON object with the fields of the manifest, each once") from None

    def is_set(self, field):
        """Whether a secret is set. The host keeps its value, and says `true`."""
        found = self.row.get(field)
        if found not in (None, True) or found == 1 and found is not True:
            raise invalid_config(field, "expected `true` for a secret that is set: the host keeps its value")
        return found is True

    def expect_set(self, field):
        if not self.is_set(field):
            raise invalid_config(field, "required: expected a secret")

    def text(self, field):
        """A text that may stand in a URL or header; None when it is not set."""
        found = self.row.get(field)
        if found is None:
            return None
        if not isinstance(found, str) or not re.fullmatch(r"[!-~](?:[ -~]{0,4094}[!-~])?", found):
            raise invalid_config(field, "expected a text of visible ASCII characters, at most 4096, no space at either end")
        return found

    def origin(self, field, example):
        """Scheme, host and port of a URL without a path."""
        found = URL.fullmatch((self.text(field) or "").lower())
        scheme, host, port = found.groups() if found else ("", "", "0")
        if not found or (port and not 1 <= int(port) <= 65535):
            raise invalid_config(field, f"expected an http or https URL of a scheme, a host and at most a port, such as {example}")
        usual = {"http": "80", "https": "443"}[scheme]
        return f"{scheme}://{host}" + (f":{int(port)}" if port and str(int(port)) != usual else "")

    def check_polling(self, most):
        """Checks the fields that mean the same for every bank: `pageSize` and `pollingPeriod`."""
        size = self.row.get("pageSize")
        if size is not None and (type(size) is not int or not 1 <= size <= most):
            raise invalid_config("pageSize", f"expected a whole number from 1 to {most}")
        period = self.row.get("pollingPeriod")
        if period is not None and not is_duration(period):
            raise invalid_config("pollingPeriod", "expected a duration longer than zero, such as 30m, 1h30m or 90s")


def is_duration(text):
    """Whether a text is a duration as Go spells it, longer than zero."""
    if not isinstance(text, str) or len(text) > 100:
        return False
    terms = DURATION.findall(text)
    hours = {"h": 1, "m": 1 / 60, "s": 1 / 3600}
    total = sum(float(re.match(r"\+?([\d.]+)", term)[1]) * hours.get(re.search(r"\D+$", term)[0].lstrip("."), 0) for term in terms)
    return bool(terms) and "".join(terms) == text and bool(re.search("[1-9]", text)) and total < 2_562_047


def check_page_size(size, most):
    if not 1 <= size <= most:
        raise invalid_config("pageSize", f"expected 1 to {most} rows")
