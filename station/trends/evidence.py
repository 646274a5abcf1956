"""What on record may be reasoned with: answers without a mark, and blood results as the trends read them."""

from __future__ import annotations

import datetime as dt

from station.entries import AnswersEntry, LabEntry, LabFlag
from station.labs.interval import interval
from station.labs.regimens import first_dose, on_treatment
from station.trends.inputs import PersonRecord

PAIR_DAYS = 31
"""An MMA result belongs to a B12 result drawn at most so many days apart [E]."""
LOW_EGFR = 60
"""mL/min/1.73 m2: below, MMA may be raised by kidney function (A5)."""


def answers_of(record: PersonRecord) -> AnswersEntry:
    """The answers; as if nothing was answered where there are none or they are marked for review."""
    if record.answers is None or record.answers.review:
        return AnswersEntry(record.today)
    return record.answers


def results(record: PersonRecord, analyte: str) -> tuple[LabEntry, ...]:
    """An analyte's results, in an order that depends on nothing but them: by draw, then by report."""
    own = (entry for entry in record.labs if entry.analyte == analyte)
    return tuple(sorted(own, key=lambda each: (each.drawn, each.reported or dt.date.min, each.unit, each.text)))


def before_treatment(entry: LabEntry, dose: dt.date | None) -> bool:
    """Whether a result was drawn before B12 took effect: on the day of the first dose at the latest."""
    return dose is None or entry.drawn <= dose


def untreated(record: PersonRecord, analyte: str) -> tuple[LabEntry, ...]:
    """The results that do not reflect a B12 supplement (domain reference 1.9 A11)."""
    dose = first_dose(record.regimens, record.doses)
    return tuple(
        entry
        for entry in results(record, analyte)
        if not {LabFlag.ON_TREATMENT, LabFlag.INJECTION_14D} & set(entry.flags)
        and (before_treatment(entry, dose) or not on_treatment(record.regimens, record.doses, entry.drawn))
    )


def beside(record: PersonRecord, b12: LabEntry) -> LabEntry | None:
    """The MMA result drawn nearest to a B12 result, the later one of two."""
    near = [e for e in results(record, "mma") if abs((e.drawn - b12.drawn).days) <= PAIR_DAYS]
    return min(reversed(near), key=lambda entry: abs((entry.drawn - b12.drawn).days), default=None)


def above_range(entry: LabEntry) -> bool | None:
    """Whether a result lies above the range that its own laboratory printed: it and the range share a unit. None where
    there is no such range or the result's interval reaches across its end."""
    found = interval(entry, entry.unit)
    if entry.ref_high is None or found is None:
        return None
    if found.above(entry.ref_high, inclusive=False):
        return True
    return False if found.below(entry.ref_high, inclusive=True) else None


def age(born: dt.date | None, on: dt.date) -> int | None:
    """Completed years of age."""
    return None if born is None else on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def low_egfr(record: PersonRecord) -> bool:
    """Whether the latest eGFR lies below `LOW_EGFR` as a whole."""
    egfr = results(record, "egfr")
    found = interval(egfr[-1], egfr[-1].unit) if egfr else None
    return found is not None and found.below(LOW_EGFR, inclusive=False)
