"""Exact amounts: decimal digits all the way, never a float."""

import re

# ISO 4217: how many decimals a currency has. Add what your bank has; one that is not here is rejected, never guessed.
DECIMALS = {"AUD": 2, "BHD": 3, "CAD": 2, "CHF": 2, "CLF": 4, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2, "HUF": 2, "ISK": 0,
            "JPY": 0, "KRW": 0, "KWD": 3, "NOK": 2, "PLN": 2, "RON": 2, "SEK": 2, "TND": 3, "USD": 2}
NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?", re.ASCII)
MOST_DIGITS = 100


def asset(currency):
    """The asset of the contract: `EUR/2`."""
    if currency not in DECIMALS:
        raise ValueError("expected a currency that this connector knows, such as EUR")
    return f"{currency}/{DECIMALS[currency]}"


def minor(text, currency):
    """The minor units of a decimal number: `12.50` EUR are `1250`."""
    asset(currency)
    found = NUMBER.fullmatch(str(text))
    if not found:
        raise ValueError(f"{str(text)[:40]!r} is not a number")
    sign, whole, places, exponent = found[1], found[2], found[3] or "", int(found[4] or 0)
    digits, shift = (whole + places).lstrip("0"), exponent - len(places) + DECIMALS[currency]
    kept = digits.rstrip("0")
    shift += len(digits) - len(kept)
    if not kept:
        return "0"
    if shift < 0 or len(kept) + shift > MOST_DIGITS:
        raise ValueError(f"expected no more decimals than {asset(currency)} has, and at most {MOST_DIGITS} digits")
    return sign + kept + "0" * shift
