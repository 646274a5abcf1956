"""A count of shed hairs, or a grade (REQ-20; domain reference 3.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from station.entries import ShedEntry, ShedMethod
from station.intake.fields import Fields, Form, present

GRADES = 6
"""Grades of the visual scale after Sinclair (domain reference 3.4)."""
COUNTED_BY = ("hand", "tray")
_MOST = 10_000
_ASKS_ABOVE: Mapping[str, int] = MappingProxyType(
    {
        ShedMethod.COMB_60S: 300,
        ShedMethod.WASH_24H: 1_000,
        ShedMethod.WASH_5D: 2_000,
        ShedMethod.DAILY: 1_000,
    }
)
"""Hairs that are asked about for a slip of the finger, never judged: about four times the largest figures of domain
reference 3.4 (comb up to 78; wash after 24 hours 126 with a standard deviation of 63)."""
_MONTH_HOURS = 24 * 31
_LONGEST_CM = 200.0
_MOST_REPLICATES = 20


def read_shed(fields: Fields, *, today: dt.date, born: dt.date | None, confirmed: bool = False) -> ShedEntry:
    """The count that a form holds; two of one day are fine. Raises RefusedEntryError with every field at fault."""
    form = Form(fields, today=today, born=born, confirmed=confirmed)
    method = form.choice("method", ShedMethod, required=True)
    counted = form.date("counted", required=True)
    graded = method == ShedMethod.GRADE
    count = form.whole("count", 1 if graded else 0, GRADES if graded else _MOST, required=True)
    if count is not None and count > _ASKS_ABOVE.get(method, _MOST):
        form.ask("count", f"{count} hairs is a very large count for this method. Check it.")
    short = form.whole("short", 0, _MOST)
    if short is not None and graded:
        form.refuse("short", "A grade has no short hairs. Leave this empty.")
    elif short is not None and count is not None and short > count:
        form.refuse("short", f"There are more short hairs ({short}) than hairs ({count}). Count both again.")
    hours = form.number("hours_since_wash", 0, _MONTH_HOURS, unit="hours")
    length = form.number("hair_length_cm", 0, _LONGEST_CM, unit="cm")
    comb = form.text("comb")
    replicate = form.whole("replicate", 1, _MOST_REPLICATES) or 1
    counted_by = form.choice("counted_by", COUNTED_BY) or COUNTED_BY[0]
    note = form.note()
    form.done()
    return ShedEntry(
        method=method,
        counted=present(counted),
        count=present(count),
        short=short,
        hours_since_wash=hours,
        hair_length_cm=length,
        comb=comb,
        replicate=replicate,
        counted_by=counted_by,
        note=note,
    )
