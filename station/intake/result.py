"""Results and reference ranges as laboratories print them: a number, or what is known of it (domain reference 2.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from station.intake.digits import plain_digits, read_number
from station.labs.units import convert, is_unit, read_unit

LARGEST = 1e9
"""No result is a larger number, in any unit."""

_SIGNS = str.maketrans(
    {"≤": "<=", "⩽": "<=", "≦": "<=", "≥": ">=", "⩾": ">=", "≧": ">=", "\uff1c": "<", "\uff1e": ">", "\uff1d": "="}
)
_BELOW = r"less than|below|under|kleiner als|weniger als|unter"
_ABOVE = r"(?:more|greater) than|above|over|größer als|mehr als|über"
_COMPARED = re.compile(
    rf"(?:(?P<below><|{_BELOW})|(?P<above>>|{_ABOVE}))\s*(?P<equal>=|or equal to|oder gleich)?\s*(?P<number>\S.*)",
    re.IGNORECASE,
)
_UNDETECTED = re.compile(
    r"(?:below|under) (?:the )?(?:detection|detection limit|limit of detection)|(?:not|none) detect(?:ed|able)"
    r"|undetectable|nicht nachweisbar|unter der nachweisgrenze",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\((.*)\)|\[(.*)\]")
_UNIT = r"\s*(?P<unit>[^\d\s.,–—-].*)?"
_BETWEEN = re.compile(rf"(?P<low>[\d.,]+)\s*(?:[-–—]|to|bis)\s*(?P<high>[\d.,]+){_UNIT}", re.IGNORECASE | re.ASCII)
_LIMIT = re.compile(rf"(?P<limit>\D*[\d.,]+){_UNIT}", re.ASCII)
_NOT_A_RESULT = (
    "This is not a result that can be read. Write what is printed: 250, <150, > 2000 or below detection. To keep it "
    "as it is, mark it for review."
)

_A_RANGE = (
    "This is a range, not one result. Write the result alone here, and the range that is printed beside it as the "
    "range of the laboratory."
)


@dataclass(frozen=True, slots=True)
class Result:
    """comparator: "<", "<=", "=", ">=" or ">"; number: as printed, None for "below detection"; low, high: the interval
    that the result stands for, None where it has no end. `<150` is from 0 to 150, never 150 and never 75."""

    comparator: str
    number: float | None
    low: float | None
    high: float | None


def read_result(text: str, detection_limit: float | None = None) -> Result:
    """The result that a text stands for. Raises ValueError with a sentence that says what to do.

    detection_limit: where "below detection" ends, if the report names it elsewhere; it becomes the end of the
    interval and never the number. Without it that interval has no upper end, so that nothing follows from it.
    """
    plain = " ".join(plain_digits(text).translate(_SIGNS).split())
    if _UNDETECTED.fullmatch(plain):
        return Result("<", None, 0.0, detection_limit)
    compared = _COMPARED.fullmatch(plain)
    if compared is None:
        number = _not_negative(plain.removeprefix("=").strip())
        return Result("=", number, number, number)
    number, equal = _not_negative(compared["number"]), "=" if compared["equal"] else ""
    if compared["above"]:
        return Result(f">{equal}", number, number, None)
    if not number and not equal:
        raise ValueError("No result lies below 0. Check the number.")
    return Result(f"<{equal}", number, 0.0, number)


def read_reference(text: str, analyte: str, unit: str) -> tuple[float | None, float | None]:
    """The limits in a reference range as printed ("180-914", "<378", "> 3.9"), each None where there is none or the
    text cannot be read. unit: UCUM, that of the result; limits in another unit are not read."""
    plain = " ".join(plain_digits(text).translate(_SIGNS).split())
    inside = _BRACKETS.fullmatch(plain)
    if inside:
        plain = (inside[1] or inside[2] or "").strip()
    found = _BETWEEN.fullmatch(plain) or _LIMIT.fullmatch(plain)
    try:
        if found is None or not _same_unit(found["unit"], analyte, unit):
            return None, None
        if found.re is _BETWEEN:
            low, high = read_number(found["low"]), read_number(found["high"])
            return (low, high) if low < high else (None, None)
        limit = read_result(found["limit"])
    except ValueError:
        return None, None
    if limit.comparator == "=":
        return None, None
    return (None, limit.number) if limit.comparator.startswith("<") else (limit.number, None)


def _same_unit(printed: str | None, analyte: str, unit: str) -> bool:
    """Whether numbers in a printed unit are numbers in `unit`. Raises ValueError for one that the analyte lacks."""
    return not printed or convert(analyte, 1.0, read_unit(analyte, printed), unit) == 1.0


def _not_negative(plain: str) -> float:
    if not any(letter.isdigit() for letter in plain):
        raise ValueError(_NOT_A_RESULT)
    if _BETWEEN.fullmatch(plain):
        raise ValueError(_A_RANGE)
    beside = _LIMIT.fullmatch(plain)
    if beside and beside["unit"] and is_unit(beside["unit"]):
        raise ValueError(
            f"There is a unit beside the number. Leave out {beside['unit']} here, and choose it as the unit."
        )
    number = read_number(plain)
    if plain.startswith("-") or number > LARGEST:
        raise ValueError("A result is not negative, and never so large. Check the number.")
    return number
