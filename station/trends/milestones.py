"""Four events in the order that the brief expects, each with its window (REQ-32; domain reference 5.3, M6).

This takes the place of a correlation: three blood tests in half a year can never correlate significantly (1.9, A10).
An event lies between two days, because blood is drawn and density measured only now and then (A9). What was not seen
counts as absent only if it could have been seen.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from station.labs.regimens import first_dose
from station.trends.endpoint import (
    WINDOW,
    Endpoint,
    Level,
    Point,
    State,
    best_earlier,
    change,
    endpoint,
    level,
)
from station.trends.evidence import results
from station.trends.inputs import PersonRecord
from station.trends.labs_view import b12_crossing
from station.trends.ladder import compared_visits
from station.trends.onset import normal_since
from station.trends.phases import GAIN
from station.trends.rank import DAYS_PER_MONTH
from station.trends.reminders import B12_TESTS, CAPTURE_DAYS
from station.trends.sentences import Sentence, Term, Terms, Value, say

IN_A_ROW = 2
"""Visits in a row that make a reliable rise or decline (M6)."""
NO_DECLINE = "no-decline"

Days = tuple[dt.date, dt.date]


class Milestone(enum.StrEnum):
    """The events in their order."""

    B12 = "b12"
    DECLINE_STOPS = "decline-stops"
    RISE = "rise"
    PLATEAU = "plateau"


WINDOWS = {
    Milestone.B12: (1, 2),
    Milestone.DECLINE_STOPS: (2, 3),
    Milestone.RISE: (3, 6),
    Milestone.PLATEAU: (6, 12),
}
"""Months after the first dose (REQ-32)."""


class Seen(enum.StrEnum):
    """What is on record about an event."""

    NOT_DUE = "not-yet-due"
    SEEN = "seen"
    LATE = "seen-late"
    NOT_SEEN = "not-seen"
    NOT_ENOUGH = "not-enough-data"


class Fit(enum.StrEnum):
    """Whether order and lags are those that the brief expects."""

    FITS = "fits"
    DOES_NOT = "does-not"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, slots=True)
class Step:
    """One event. observed: it happened after the first day and up to the second one; expected: its window, None
    without a first dose; reason: why there is not enough data, "" otherwise."""

    milestone: Milestone
    state: Seen
    observed: Days | None
    expected: Days | None
    sentence: Sentence
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Milestones:
    """The four events, whether they fit together, and what is said about that."""

    steps: tuple[Step, ...]
    fit: Fit
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class _Found:
    """An event before its window is looked at. absent: it was not there although it could have been seen."""

    observed: Days | None = None
    absent: bool = False
    reason: str = ""


def milestones(record: PersonRecord) -> Milestones:
    """The milestones on the day of the record."""
    dose = first_dose(record.regimens, record.doses)
    if dose is None:
        steps = tuple(_step(each, Seen.NOT_ENOUGH, None, None, "no-dose") for each in Milestone)
        return Milestones(steps, Fit.CANNOT_TELL, say("milestones.cannot-tell", interpreting=True))
    windows = {each: (_after(dose, first), _after(dose, last)) for each, (first, last) in WINDOWS.items()}
    density = _density(endpoint(record), windows)
    found = {Milestone.B12: _b12(record, dose, windows[Milestone.B12][1]), **density}
    steps = tuple(_judged(record.today, each, found[each], windows[each]) for each in Milestone)
    fit = _fit(steps)
    if fit is not Fit.CANNOT_TELL:
        return Milestones(steps, fit, say(f"milestones.{fit}", interpreting=True))
    still = tuple(f"milestones.{each.milestone}" for each in steps if _is_open(each))
    return Milestones(steps, fit, say("milestones.cannot-tell-open", interpreting=True, open=Terms(still)))


def _after(dose: dt.date, months: float) -> dt.date:
    return dose + dt.timedelta(days=round(months * DAYS_PER_MONTH))


def _judged(today: dt.date, milestone: Milestone, found: _Found, window: Days) -> Step:
    """The state of an event: late only where it surely happened after its window."""
    end = window[1]
    if found.observed is not None:
        state = Seen.LATE if found.observed[0] >= end else Seen.SEEN
        return _step(milestone, state, found.observed, window)
    if today <= end:
        return _step(milestone, Seen.NOT_DUE, None, window)
    if found.absent:
        return _step(milestone, Seen.NOT_SEEN, None, window)
    return _step(milestone, Seen.NOT_ENOUGH, None, window, found.reason)


def _step(milestone: Milestone, state: Seen, observed: Days | None, expected: Days | None, reason: str = "") -> Step:
    event = Term(f"milestones.{milestone}")
    if state is Seen.NOT_ENOUGH:
        why = Term(f"milestones.why-{reason}")
        return Step(milestone, state, None, expected, say("milestones.not-enough-data", event=event, why=why), reason)
    days: dict[str, Value] = {}
    for names, pair in ((("after", "until"), observed), (("first", "last"), expected)):
        days |= dict(zip(names, pair, strict=True)) if pair is not None else {}
    return Step(milestone, state, observed, expected, Sentence(f"milestones.{state}", {"event": event, **days}))


def _b12(record: PersonRecord, dose: dt.date, end: dt.date) -> _Found:
    """B12 above the threshold: between the last draw that was not and the first that was."""
    crossing = b12_crossing(record)
    if crossing is None:
        late = any(entry.drawn > end for test in B12_TESTS for entry in results(record, test))
        return _Found(absent=late, reason="no-draw")
    normal = normal_since(crossing, dose)
    return _Found(reason="never-below") if normal is None else _Found(normal)


def _density(found: Endpoint, windows: dict[Milestone, Days]) -> dict[Milestone, _Found]:
    """The three events of density, from the visits since the baseline."""
    if not found.before_dose:
        unknown = _Found(reason="no-baseline")
        return {each: unknown for each in WINDOWS if each is not Milestone.B12}
    since = found.compared[len(found.baseline) :]
    rise = _rise(found, since, windows[Milestone.RISE][1])
    return {
        Milestone.DECLINE_STOPS: _decline_stops(found, since, windows[Milestone.DECLINE_STOPS][1]),
        Milestone.RISE: rise,
        Milestone.PLATEAU: _plateau(found, since, windows[Milestone.PLATEAU], rise),
    }


def _decline_stops(found: Endpoint, since: Sequence[Point], end: dt.date) -> _Found:
    """After the last reliable decline: two visits in a row below the baseline, or below the level of the decline
    before, beyond measurement error. It has stopped where two visits follow without another one."""
    last, reference, at = -1, level(found.baseline), 1
    while at < len(since):
        pair = since[at - 1 : at + 1]
        if all(_against(reference, point) is State.DOWN for point in pair):
            last, reference = at, level(pair)
            at += IN_A_ROW
        else:
            at += 1
    if last < 0:
        return _Found(reason=NO_DECLINE if len(since) >= IN_A_ROW else "few-visits")
    if len(since) - 1 - last >= IN_A_ROW:
        return _Found((since[last - 1].date, since[last + 1].date))
    return _Found(absent=since[last].date > end, reason="few-visits")


def _rise(found: Endpoint, since: Sequence[Point], end: dt.date) -> _Found:
    """The first two visits in a row above the baseline beyond measurement error. It began after the last visit before
    them that was not above the baseline at all: a slow rise is there before it can be told.

    None is absent only where the smallest rise that the brief expects is excluded by the interval of the change.
    """
    base = level(found.baseline)
    above = [_against(base, point) is State.UP for point in since]
    first = next((i for i in range(len(since) - 1) if above[i] and above[i + 1]), None)
    if first is not None:
        still = [point for point in since[:first] if change(base, level([point])).percent <= 0]
        return _Found(((still or found.baseline)[-1].date, since[first].date))
    if sum(point.date > end for point in since) < IN_A_ROW:
        return _Found(reason="few-visits")
    _, before, after = compared_visits(found)
    excluded = change(level(before), level(after)).high_percent < 100 * GAIN[0]
    return _Found(absent=excluded, reason="not-excluded")


def _plateau(found: Endpoint, since: Sequence[Point], window: Days, rise: _Found) -> _Found:
    """The visits from month 6 on, and from the rise on, at whose end three or more lie within measurement error of
    each other and near the baseline. Without a rise nothing has levelled off: the events have an order (M6).

    Near: not below the baseline beyond error, and not above the best earlier level; where none is known, a higher
    level is near as well, because the baseline of a head that had thinned already is no level to come back to (A8).
    """
    start = window[0] - dt.timedelta(days=CAPTURE_DAYS)
    if rise.observed is not None:
        start = max(start, rise.observed[1])
    late = [point for point in since if point.date >= start]
    over = sum(point.date > window[1] for point in late) >= WINDOW
    if rise.observed is None:
        return _Found(absent=rise.absent and over, reason="no-rise")
    run: list[Point] = []
    for point in reversed(late):
        if not _level_with(run, point):
            break
        run.insert(0, point)
    if len(run) >= WINDOW and _near(found, level(run)):
        before = found.compared[found.compared.index(run[0]) - 1]
        return _Found((before.date, run[0].date))
    return _Found(absent=over, reason="few-visits")


def _level_with(run: Sequence[Point], point: Point) -> bool:
    return all(_against(level([point]), other) is State.WITHIN for other in run)


def _near(found: Endpoint, run: Level) -> bool:
    earlier = best_earlier(found)
    above = earlier is not None and change(earlier, run).state is State.UP
    return change(level(found.baseline), run).state is not State.DOWN and not above


def _against(reference: Level, point: Point) -> State:
    return change(reference, level([point])).state


def _fit(steps: Sequence[Step]) -> Fit:
    """Does not: an event is missing or late, a rise surely before its window, or an event surely before the one that
    it should follow. Fits: B12, the rise and the plateau were seen in order, and no decline goes on."""
    states = {step.milestone: step for step in steps}
    rise = states[Milestone.RISE]
    early = (
        rise.observed is not None
        and rise.expected is not None
        and rise.observed[1] < rise.expected[0] - dt.timedelta(days=CAPTURE_DAYS)
    )
    seen = [step.observed for step in steps if step.observed is not None]
    disordered = any(later[1] <= earlier[0] for i, earlier in enumerate(seen) for later in seen[i + 1 :])
    if early or disordered or any(step.state in (Seen.NOT_SEEN, Seen.LATE) for step in steps):
        return Fit.DOES_NOT
    return Fit.CANNOT_TELL if any(_is_open(step) for step in steps) else Fit.FITS


def _is_open(step: Step) -> bool:
    """Whether an event may still be told; a decline that never was has nothing to stop."""
    return step.state in (Seen.NOT_DUE, Seen.NOT_ENOUGH) and step.reason != NO_DECLINE
