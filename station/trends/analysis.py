"""Everything that the trends say about one person, together: what pages, the API and the command line show is this."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from station.entries import DoseEntry, EventEntry, RegimenEntry
from station.trends.baseline import Baseline, Step, baseline, checklist
from station.trends.comparison import Comparison, compare
from station.trends.distribution import Distribution, distribution
from station.trends.endpoint import Level, Smooth, best_earlier, endpoint, smoothed
from station.trends.error import Z95, FrameError
from station.trends.grey import Grey, grey
from station.trends.inputs import PersonRecord
from station.trends.labs_view import AnalyteView, labs_view
from station.trends.ladder import Ladder, ladder
from station.trends.milestones import Milestones, milestones
from station.trends.norwood import NorwoodEstimate, estimate
from station.trends.phases import Phase, phases
from station.trends.prompts import Prompt, prompts
from station.trends.recovery import Course, recovery
from station.trends.reminders import Reminder, reminders
from station.trends.sentences import Sentence
from station.trends.shed import ShedSeries, shed_series


@dataclass(frozen=True, slots=True)
class Ranged:
    """A value with the 95 % interval of the error between visits, per cm2."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mean:
    """One visit on the chart: means over the sites; visits of one segment can be compared."""

    visit: int
    date: dt.date
    segment: int
    hairs: Ranged
    fu: Ranged


@dataclass(frozen=True, slots=True)
class Density:
    """The densities as they stand. error_hairs, error_fu: repeatability of one photograph; means: visits that have one;
    gaps: why the others have none; smooth: the line through the last segment; best_earlier: the best known earlier
    level; lowest: of the smoothed line, shown and never evidence."""

    error_hairs: FrameError
    error_fu: FrameError
    means: tuple[Mean, ...]
    gaps: tuple[Sentence, ...]
    smooth: Smooth | None
    best_earlier: Level | None
    lowest: tuple[dt.date, float] | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What else lies on the time axis, as entered, in the order of time."""

    regimens: tuple[RegimenEntry, ...]
    doses: tuple[DoseEntry, ...]
    events: tuple[EventEntry, ...]


@dataclass(frozen=True, slots=True)
class PersonTrends:
    """All findings on the day `as_of`. threshold_set: the active set of limits of blood values; review_count: entries
    that wait for a second look and were left out."""

    as_of: dt.date
    threshold_set: str
    review_count: int
    prompts: tuple[Prompt, ...]
    ladder: Ladder
    density: Density
    timeline: Timeline
    milestones: Milestones
    phase: Phase
    recovery: Course
    distribution: Distribution
    comparison: Comparison
    norwood: NorwoodEstimate
    grey: Grey
    sheds: tuple[ShedSeries, ...]
    labs: tuple[AnalyteView, ...]
    baseline: Baseline | None
    checklist: tuple[Step, ...]
    reminders: tuple[Reminder, ...]


def analyse(record: PersonRecord) -> PersonTrends:
    """Everything that can be said about a person from the record."""
    spread, greying, now, course = distribution(record), grey(record), ladder(record), recovery(record)
    return PersonTrends(
        as_of=record.today,
        threshold_set=record.threshold_set,
        review_count=record.review_count,
        prompts=prompts(record, spread),
        ladder=now,
        density=density(record),
        timeline=Timeline(
            # What agrees in date and name is put in order by the rest of it, not by when it was entered.
            tuple(sorted(record.regimens, key=lambda each: (each.start, each.substance, repr(each)))),
            tuple(sorted(record.doses, key=lambda each: (each.given, each.substance, repr(each)))),
            tuple(sorted(record.events, key=lambda each: (each.happened, each.kind, repr(each)))),
        ),
        milestones=milestones(record),
        phase=phases(record),
        recovery=course,
        distribution=spread,
        comparison=compare(record, spread, greying, changed="unknown" if now.claim is None else now.claim.state.value),
        norwood=estimate(record, spread),
        grey=greying,
        sheds=shed_series(record),
        labs=labs_view(record),
        baseline=baseline(record),
        checklist=checklist(record),
        reminders=reminders(record, recovered=course.recovered),
    )


def density(record: PersonRecord) -> Density:
    """The course of both densities with the error between visits."""
    found = endpoint(record)
    line = smoothed(found)
    return Density(
        error_hairs=record.error_hairs,
        error_fu=record.error_fu,
        means=tuple(
            Mean(
                point.visit.number,
                point.date,
                segment,
                _ranged(point.hairs, point.sd_hairs),
                _ranged(point.fu, point.sd_fu),
            )
            for segment, points in enumerate(found.segments, start=1)
            for point in points
        ),
        gaps=tuple(gap.reason for gap in found.gaps),
        smooth=line,
        best_earlier=best_earlier(found),
        lowest=None if line is None else line.lowest,
    )


def _ranged(value: float, sd: float) -> Ranged:
    """sd: on logs."""
    return Ranged(value, value * math.exp(-Z95 * sd), value * math.exp(Z95 * sd))
