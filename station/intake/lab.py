"""A laboratory result: kept as it was printed, with the interval that it stands for (REQ-13, domain reference 2.5)."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass

from station.entries import LabEntry, LabFlag
from station.intake.digits import plain_digits, read_number
from station.intake.fields import Fields, Form, present
from station.labs.analytes import Analyte, analyte, analytes
from station.labs.units import convert, read_unit

SOURCES = ("typed", "imported")
UNREADABLE = "review.unreadable"
LARGEST = 1e9
_LARGEST_ID = 10**9

_BELOW = re.compile(r"(?:<|less than|below|under)\s*(=?)\s*(?P<number>\S.*)", re.IGNORECASE)
_ABOVE = re.compile(r"(?:>|more than|greater than|above|over)\s*(=?)\s*(?P<number>\S.*)", re.IGNORECASE)
_UNDETECTED = re.compile(
    r"(?:(?:below|under) (?:the )?(?:detection|detection limit|limit of detection)|(?:not|none) detected|undetectable)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(?P<low>[^\s–-]+)\s*(?:-|–|to|bis)\s*(?P<high>[^\s–-]+)", re.IGNORECASE)
_NOT_A_RESULT = (
    "This is not a result that can be read. Write what is printed: 250, <150, > 2000 or below detection. To keep it "
    "as it is, mark it for review."
)


@dataclass(frozen=True, slots=True)
class Result:
    """comparator: "<", "<=", "=", ">=" or ">"; number: as printed, None for "below detection"; low, high: the interval
    that the result stands for, None where it has no end. `<150` is from 0 to 150, never 150 and never 75."""

    comparator: str
    number: float | None
    low: float | None
    high: float | None


def read_result(text: str) -> Result:
    """The result that a text stands for. Raises ValueError with a sentence that says what to do."""
    plain = plain_digits(text).replace("≤", "<=").replace("≥", ">=")
    if _UNDETECTED.fullmatch(plain):
        return Result("<", None, 0.0, None)
    below, above = _BELOW.fullmatch(plain), _ABOVE.fullmatch(plain)
    if below:
        number = _positive(below["number"])
        return Result("<=" if below[1] else "<", number, 0.0, number)
    if above:
        number = _positive(above["number"])
        return Result(">=" if above[1] else ">", number, number, None)
    number = _positive(plain.removeprefix("=").strip())
    return Result("=", number, number, number)


def read_lab(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> LabEntry:
    """The laboratory result that a form holds. Raises RefusedEntryError with every field at fault.

    The unit is mandatory and never guessed. A value that is implausible in its unit is asked about, with the unit in
    which it would be plausible. With the field `keep` a result that cannot be read is kept word for word, marked for
    review.
    """
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    name = form.choice("analyte", (each.id for each in analytes()), required=True)
    text = form.text("text", required=True)
    printed_unit = form.text("unit", required=True)
    drawn, reported = form.date("drawn", required=True), form.date("reported")
    if drawn and reported and reported < drawn:
        form.refuse("drawn", "The blood was drawn after the report was made. Check both dates.")
    keep = form.yes_no("keep") or False
    reference = form.text("reference")
    laboratory, method = form.text("laboratory"), form.text("method")
    flags = form.many("flags", LabFlag)
    source = form.choice("source", SOURCES) or SOURCES[0]
    note, supersedes = form.note(), form.whole("supersedes", 1, _LARGEST_ID)
    result, review = _result(form, text, keep)
    unit = _unit(form, name, printed_unit)
    if unit and result and result.number:
        _ask_about_the_unit(form, analyte(name), result.number, unit)
    form.done()
    low, high = reference_range(reference)
    found = result or Result("", None, None, None)
    return LabEntry(
        analyte=name,
        text=text,
        comparator=found.comparator,
        number=found.number,
        low=found.low,
        high=found.high,
        unit=unit,
        drawn=present(drawn),
        reported=reported,
        reference=reference,
        ref_low=low,
        ref_high=high,
        laboratory=laboratory,
        method=method,
        flags=flags,
        source=source,
        note=note,
        supersedes=supersedes,
        review=review,
    )


def reference_range(text: str) -> tuple[float | None, float | None]:
    """The limits in a range as printed ("180-914", "<378", "> 3.9"), each None where there is none or it cannot be
    read: the text is kept beside it."""
    plain = plain_digits(text)
    between = _RANGE.fullmatch(plain)
    try:
        if between:
            low, high = read_number(between["low"]), read_number(between["high"])
            return (low, high) if 0 <= low < high else (None, None)
        found = read_result(plain)
    except ValueError:
        return None, None
    if found.comparator.startswith("<"):
        return None, found.number
    return (found.number, None) if found.comparator.startswith(">") else (None, None)


def _positive(text: str) -> float:
    number = read_number(text) if any(letter.isdigit() for letter in text) else math.nan
    if math.isnan(number):
        raise ValueError(_NOT_A_RESULT)
    if not 0 <= number <= LARGEST:
        raise ValueError("A result is not negative, and never so large. Check the number.")
    return number


def _result(form: Form, text: str, keep: bool) -> tuple[Result | None, tuple[str, ...]]:
    """What the text stands for, and the review that a kept text waits for."""
    if not text:
        return None, ()
    try:
        return read_result(text), ()
    except ValueError as fault:
        if keep:
            return None, (UNREADABLE,)
        form.refuse("text", str(fault))
        return None, ()


def _unit(form: Form, name: str, printed: str) -> str:
    if not name or not printed:
        return ""
    try:
        return read_unit(name, printed)
    except ValueError as fault:
        form.refuse("unit", str(fault))
        return ""


def _ask_about_the_unit(form: Form, known: Analyte, number: float, unit: str) -> None:
    if _plausible(known, number, unit):
        return
    others = [each.ucum for each in known.units if _plausible(known, number, each.ucum)]
    if others:
        listed = " or ".join(f"{number:g} {each}" for each in others)
        form.ask("unit", f"{number:g} {unit} is hardly possible; {listed} would be. Check the unit on the report.")
    else:
        form.ask("text", f"{number:g} {unit} is hardly possible for {known.name}. Check the number and the unit.")


def _plausible(known: Analyte, number: float, unit: str) -> bool:
    low, high = known.plausible
    return low <= convert(known.id, number, unit, known.default_unit) <= high
