"""Numbers as people write them: decimal comma or point, digits of any script, and what is only nearly a number."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

LONGEST = 30
"""Characters of a number; longer ones are no measurement."""
_NUMBER = re.compile(r"[+-]?(?=[.,]?\d)(\d*)(?:[.,]\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([., '])\d{3}(\1\d{3})*([.,]\d*)?", re.ASCII)
_LETTERS = {"O": "0", "o": "0", "l": "1", "I": "1"}
_SIGNS = {"\N{MINUS SIGN}": "-", "\N{ARABIC DECIMAL SEPARATOR}": ".", "\N{RIGHT SINGLE QUOTATION MARK}": "'"}
_NOT_A_NUMBER = "This is not a plain number. Write digits only, for example 12.5."


def plain_digits(text: str) -> str:
    """The text with the decimal digits of every script as 0 to 9, and every kind of space as a space."""
    return "".join(_plain(letter) for letter in text).strip()


def read_number(text: str) -> float:
    """The number that a text stands for. Raises ValueError with a sentence that says what to do.

    A comma or a point before the decimals; never a separator of thousands: 1,000 is one thousand in one country and
    one in another.
    """
    plain = plain_digits(text)
    found = _NUMBER.fullmatch(plain) if len(plain) <= LONGEST else None
    grouped = _GROUPED.fullmatch(plain)
    if found and not (grouped and not found[1].startswith("0")):
        number = float(plain.replace(",", "."))
        if math.isfinite(number):
            return number
    if len(plain) <= LONGEST and grouped:
        raise ValueError(_ambiguous(grouped))
    if any(letter in plain for letter in _LETTERS) and _NUMBER.fullmatch(
        "".join(_LETTERS.get(letter, letter) for letter in plain)
    ):
        raise ValueError("There is a letter where a digit was probably meant (O for 0, l for 1). Write digits only.")
    raise ValueError(_NOT_A_NUMBER)


def write_number(number: float) -> str:
    """A number with all the digits that it has and no exponent, as it is quoted in a refusal: 1000000, 0.284."""
    plain = f"{Decimal(repr(number)):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _ambiguous(grouped: re.Match[str]) -> str:
    """What to write instead of "1.234", which is 1234 in one country and 1 and a bit in another, or of "1,234.5"."""
    plain, mark, more, rest = grouped[0], grouped[1], grouped[2], grouped[3] or ""
    whole = plain.replace(mark, "")
    if mark in ".," and not more and not rest:
        return f"It cannot be told whether this is in thousands. Write {whole} if it is, {plain}0 if it is not."
    if rest.startswith(mark) or not _NUMBER.fullmatch(whole):
        return "Write thousands without a mark or a space: 1234.5, not 1,234.5 or 1 234.5."
    return f"Write thousands without a mark or a space: {whole}, not {plain}."


def _plain(letter: str) -> str:
    if letter.isascii():
        return " " if letter.isspace() else letter
    if letter in _SIGNS:
        return _SIGNS[letter]
    if letter.isspace():
        return " "
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)
