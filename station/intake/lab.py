"""A laboratory result: kept as it was printed, with the interval that it stands for (REQ-13, domain reference 2.5)."""

from __future__ import annotations

import datetime as dt

from station.entries import LabEntry, LabFlag
from station.intake.digits import write_number
from station.intake.fields import Fields, Form, present
from station.intake.result import Result, read_reference, read_result
from station.labs.analytes import Analyte, analyte, analytes
from station.labs.units import convert, printed_unit, read_unit

SOURCES = ("typed", "imported")
UNREADABLE = "review.unreadable"
_LARGEST_ID = 10**9


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
    if unit and result and result.number is not None:
        _ask_about_the_unit(form, analyte(name), result.number, unit)
    form.done()
    low, high = read_reference(reference, name, unit)
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
    said = write_number(number)
    odd = f"{said} {printed_unit(unit)}"
    others = [each.ucum for each in known.units if _plausible(known, number, each.ucum)]
    if others:
        listed = " or ".join(f"{said} {printed_unit(each)}" for each in others)
        form.ask("unit", f"{odd} looks like a slip: {listed} would fit. Check the unit on the report.")
    else:
        form.ask("text", f"{odd} looks like a slip for {known.name}. Check the number and the unit.")


def _plausible(known: Analyte, number: float, unit: str) -> bool:
    low, high = known.plausible
    return low <= convert(known.id, number, unit, known.default_unit) <= high
