"""Has density recovered, does it hold, and what may be asked where it has not (REQ-03, 33, 36, 39).

A recovery is compared with a target that is set before it: the best known earlier level, or else the baseline's upper
least detectable change for a mean of three visits (domain reference 5.3, "Recovered"; 1.9 A8). The lowest level is no
reference (A7). Nothing is promised: what was recorded is set against measurement error, and questions are for a
clinician.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from station.entries import LabEntry, LabFlag
from station.labs.regimens import first_dose
from station.labs.thresholds import band_of
from station.trends.endpoint import (
    WINDOW,
    Change,
    Endpoint,
    Level,
    Point,
    State,
    best_earlier,
    change,
    endpoint,
    level,
    months_between,
    site_change,
)
from station.trends.error import cv_of_log_sd, mdc95_log
from station.trends.evidence import age, answers_of, results
from station.trends.inputs import PersonRecord
from station.trends.ladder import compared_visits
from station.trends.rank import DAYS_PER_MONTH
from station.trends.reminders import B12_TESTS, CAPTURE_DAYS, CONFIRMING_MONTHS
from station.trends.sentences import Number, Sentence, percent, say
from station.trends.zones import Group, site_terms

SESSIONS = 2
"""The mean of the last three visits has to reach the target at so many sessions in a row."""
UNCHANGED_MONTHS = 9
"""After a normal B12 without a change in density: at least 6, 9 suggested (REQ-33)."""
BESIDE_MONTHS = CAPTURE_DAYS / DAYS_PER_MONTH
"""A visit may lie so much beside its day and still end a month."""
NORMAL_DRAWS = 2
DECLINE_SESSIONS = 2
PATTERN_SITES = (*Group.TEMPLES.sites, "vertex")
"""REQ-36."""
NOT_LOW = ("normal", "high")


class Recovery(enum.StrEnum):
    """not-enough-data: no first dose, no baseline from before it, or too few visits since."""

    NOT_ENOUGH = "not-enough-data"
    NOT_RECORDED = "not-recorded"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    NOT_HELD = "not-held"


@dataclass(frozen=True, slots=True)
class Course:
    """How recovery stands. change: since the baseline, the claim of `station.trends.ladder`; target: hairs/cm2 that
    the mean of three visits has to reach, None without a baseline from before treatment; earlier: it is the best
    earlier level; recovered: day on which it was reached at the second session in a row and has held since; months: of
    the confirmation that have passed; unrecovered: no rise although B12 is normal (REQ-33); falling_sites: temples and
    vertex that fell although B12 is normal (REQ-36)."""

    state: Recovery
    change: Change | None
    target: float | None
    earlier: Level | None
    recovered: dt.date | None
    months: int
    unrecovered: bool
    falling_sites: tuple[str, ...]
    sentences: tuple[Sentence, ...]


def recovery(record: PersonRecord) -> Course:
    """Recovery on the day of the record."""
    found = endpoint(record)
    rule, before, after = compared_visits(found)
    claim = None if rule is None else change(level(before), level(after))
    earlier = best_earlier(found)
    target = _target(found, earlier) if found.before_dose else None
    state, recovered, months = _state(found, target)
    falling = _falling_sites(record, found)
    unrecovered = _unrecovered(record, found, claim, state)
    dosed = first_dose(record.regimens, record.doses) is not None
    made = Course(state, claim, target, earlier, recovered, months, unrecovered, falling, ())
    return replace(made, sentences=tuple(_said(found, made, dosed=dosed)))


def _target(found: Endpoint, earlier: Level | None) -> float:
    if earlier is not None:
        return earlier.value
    base = level(found.baseline)
    of_three = math.sqrt(math.fsum(p.sd_hairs**2 for p in found.compared) / len(found.compared) / WINDOW)
    return base.value * (1 + mdc95_log(cv_of_log_sd(base.sd), cv_of_log_sd(of_three)).rise)


def _state(found: Endpoint, target: float | None) -> tuple[Recovery, dt.date | None, int]:
    """The state, the day of the recovery that holds, and how many months of its confirmation have passed."""
    since = found.compared[len(found.baseline) :]
    ends = range(WINDOW, len(since) + 1)
    if target is None or len(ends) < SESSIONS:
        return Recovery.NOT_ENOUGH, None, 0
    in_a_row, recovered, ever = 0, None, False
    for end in ends:
        in_a_row = in_a_row + 1 if level(since[end - WINDOW : end]).value >= target else 0
        if in_a_row == SESSIONS:
            recovered, ever = since[end - 1].date, True
        elif not in_a_row:
            recovered = None
    if recovered is None:
        return (Recovery.NOT_HELD if ever else Recovery.NOT_RECORDED), None, 0
    months = min(int(months_between(recovered, since[-1].date) + BESIDE_MONTHS), CONFIRMING_MONTHS)
    return (Recovery.CONFIRMED if months == CONFIRMING_MONTHS else Recovery.CONFIRMING), recovered, months


def _unrecovered(record: PersonRecord, found: Endpoint, claim: Change | None, state: Recovery) -> bool:
    """B12 was normal first at a draw at least nine months before the latest visit and is so in the latest draw, and
    density did not rise beyond its error since before the first dose (REQ-33)."""
    dose = first_dose(record.regimens, record.doses)
    normal = [entry.drawn for entry in _b12(record) if _is_normal(record, entry)]
    if dose is None or not found.before_dose or claim is None or not _normal_lately(record, 1):
        return False
    waited = months_between(max(normal[0], dose), found.compared[-1].date)
    rising = claim.state is State.UP or state in (Recovery.CONFIRMING, Recovery.CONFIRMED)
    return waited >= UNCHANGED_MONTHS - BESIDE_MONTHS and not rising


def _falling_sites(record: PersonRecord, found: Endpoint) -> tuple[str, ...]:
    """Temples and vertex that lie below their baseline beyond measurement error at each of the last two visits, while
    B12 was normal in the last two draws (REQ-36)."""
    latest = found.compared[len(found.baseline) :][-DECLINE_SESSIONS:]
    if len(latest) < DECLINE_SESSIONS or not _normal_lately(record, NORMAL_DRAWS):
        return ()
    return tuple(site for site in PATTERN_SITES if all(_fell(record, found, site, point) for point in latest))


def _fell(record: PersonRecord, found: Endpoint, site: str, point: Point) -> bool:
    readings = [each.visit.sites.get(site) for each in (*found.baseline, point)]
    if any(reading is None or reading.hairs_per_cm2 <= 0 for reading in readings):
        return False
    return site_change(record, site, found.baseline, (point,)).state is State.DOWN


def _b12(record: PersonRecord) -> list[LabEntry]:
    """Results of B12 by draw."""
    return sorted((entry for test in B12_TESTS for entry in results(record, test)), key=lambda entry: entry.drawn)


def _normal_lately(record: PersonRecord, draws: int) -> bool:
    latest = _b12(record)[-draws:]
    return len(latest) == draws and all(_is_normal(record, entry) for entry in latest)


def _is_normal(record: PersonRecord, entry: LabEntry) -> bool:
    years, sex = age(record.profile.born, entry.drawn), record.profile.sex
    pregnant = LabFlag.PREGNANCY in entry.flags or answers_of(record).pregnant
    band = band_of(record.threshold_set, entry, age=years, sex=sex, pregnant=pregnant)
    return band is not None and band.label in NOT_LOW


def _said(found: Endpoint, made: Course, *, dosed: bool) -> Iterator[Sentence]:
    if found.baseline and not found.before_dose:
        yield say("recovery.no-baseline" if dosed else "recovery.no-dose")
    if made.target is not None:
        base = Number(level(found.baseline).value)
        key = "recovery.target-baseline" if made.earlier is None else "recovery.target-earlier"
        yield say(key, baseline=base, target=Number(made.target))
    yield say(
        f"recovery.{made.state}",
        interpreting=made.state in (Recovery.CONFIRMING, Recovery.CONFIRMED),
        months=made.months,
        all=CONFIRMING_MONTHS,
        since="" if made.recovered is None else made.recovered,
    )
    if made.unrecovered and made.change is not None:
        limit = percent(made.change.mdc_percent, signed=False)
        yield say("recovery.unrecovered", percent=percent(made.change.percent), limit=limit)
        yield say("recovery.unrecovered-ask", interpreting=True)
    if made.falling_sites:
        yield say("recovery.falling", sites=site_terms(made.falling_sites))
        yield say("recovery.falling-ask", interpreting=True)
