"""Exact values and published figures.

Official scores are computed exactly (`Fraction`) and rounded half-up to two places once for each published
figure; a composite is computed from exact parts, never from rounded ones. Ties and thresholds use the
published figure.
"""

import re
from decimal import Decimal
from fractions import Fraction

from shared.errors import Refusal

_EXACT = re.compile(r"-?[0-9]{1,80}(/[1-9][0-9]{0,79}|\.[0-9]{1,40})?")


def published(value: Fraction | Decimal | int) -> Decimal:
    """The figure people read: half-up (away from zero) to two places."""
    hundredths = Fraction(value) * 100
    whole, rest = divmod(abs(hundredths.numerator), hundredths.denominator)
    if 2 * rest >= hundredths.denominator:
        whole += 1
    return Decimal(whole if hundredths >= 0 else -whole).scaleb(-2)


def exact(text: str) -> Fraction:
    """Read what `str(Fraction)` wrote ("1252/15", "98"), or a decimal ("98.5"). Raises Refusal."""
    if not _EXACT.fullmatch(text):
        raise Refusal("value", text, "not an exact value", "write it like 98, 98.5 or 1252/15")
    return Fraction(text)


def plain(value: Decimal) -> str:
    """A decimal without exponent and without trailing zeros, for formulas: 20, 0.5."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: Fraction, places: int, how: str) -> Decimal:
    """A value that is not negative, to so many places: half_up, half_even, or down (cut off)."""
    whole, rest = divmod(value.numerator * 10**places, value.denominator)
    twice = 2 * rest - value.denominator
    if how != "down" and (twice > 0 or (twice == 0 and (how == "half_up" or whole % 2))):
        whole += 1
    return Decimal(whole).scaleb(-places)
