"""Where a person is on the brief's calendar from the first dose, and what it expects then (REQ-26 to 29).

The expectation of +5 to 15 % in months 3 to 6 is drawn from the baseline mean. The brief counts it from the lowest
value; that would promise a gain to most people whose density does not change at all (domain reference 1.9, A7). It is
an expectation on a chart, never the test: that is the least detectable change of `station.trends.ladder`.
"""

from __future__ import annotations

import datetime as dt
import enum
from dataclasses import dataclass

from station.clock import months_after
from station.labs.regimens import first_dose
from station.trends.endpoint import Endpoint, endpoint, level, months_between
from station.trends.inputs import PersonRecord
from station.trends.sentences import Number, Sentence, percent, say

GAIN = (0.05, 0.15)
GAIN_MONTHS = (3, 6)
"""REQ-28."""


class Stage(enum.StrEnum):
    """The brief's phases, by time since the first dose."""

    NO_DOSE = "no-dose"
    BEFORE = "before"
    WEEKS_1_4 = "weeks-1-4"
    MONTHS_2_3 = "months-2-3"
    MONTHS_3_6 = "months-3-6"
    MONTHS_6_12 = "months-6-12"
    AFTER = "after"


STARTS = (
    (Stage.WEEKS_1_4, 0),
    (Stage.MONTHS_2_3, 1),
    (Stage.MONTHS_3_6, 3),
    (Stage.MONTHS_6_12, 6),
    (Stage.AFTER, 12),
)
"""Months after the first dose from which each phase runs."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A point of the expectation band. low, high: hairs/cm2."""

    date: dt.date
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Phase:
    """stage: of today; months: since the first dose; since, until: first day of the phase and of the next one; band:
    what the brief expects in hairs/cm2, empty without a baseline from before or within weeks 1 to 4; sentences: what
    to expect now; help: why the band starts at the baseline."""

    stage: Stage
    first_dose: dt.date | None
    months: float | None
    since: dt.date | None
    until: dt.date | None
    band: tuple[Expected, ...]
    sentences: tuple[Sentence, ...]
    help: Sentence | None


def phases(record: PersonRecord) -> Phase:
    """The phase on the day of the record."""
    dose = first_dose(record.regimens, record.doses)
    if dose is None:
        return Phase(Stage.NO_DOSE, None, None, None, None, (), (say("phases.no-dose"),), None)
    band = expectation(endpoint(record), dose)
    if record.today < dose:
        return Phase(Stage.BEFORE, dose, None, None, dose, band, (say("phases.before", dose=dose),), _help(band))
    months = months_between(dose, record.today)
    begun = [index for index, (_, start) in enumerate(STARTS) if months >= start]
    stage, start = STARTS[begun[-1]]
    following = STARTS[begun[-1] + 1][1] if begun[-1] + 1 < len(STARTS) else None
    said = [
        say(f"phases.now-{stage}", dose=dose, months=Number(months)),
        say(f"phases.expect-{stage}", interpreting=True),
    ]
    if band and stage in (Stage.MONTHS_3_6, Stage.MONTHS_6_12):
        low, high = (percent(100 * gain, 0, signed=False) for gain in GAIN)
        values = {"from_hairs": Number(band[0].low), "to_hairs": Number(band[0].high)}
        said.append(say("phases.band", interpreting=True, low=low, high=high, **values))
    until = None if following is None else months_after(dose, following)
    return Phase(stage, dose, months, months_after(dose, start), until, band, tuple(said), _help(band))


def expectation(found: Endpoint, dose: dt.date) -> tuple[Expected, ...]:
    """+5 to 15 % of the baseline mean from month 3 to month 6; empty where the baseline is later than weeks 1 to 4."""
    if not found.before_dose:
        return ()
    base = level(found.baseline).value
    return tuple(
        Expected(months_after(dose, month), base * (1 + GAIN[0]), base * (1 + GAIN[1])) for month in GAIN_MONTHS
    )


def _help(band: tuple[Expected, ...]) -> Sentence | None:
    return say("phases.help", interpreting=True) if band else None
