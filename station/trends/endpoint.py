"""The primary endpoint, visit by visit, and how two levels of it differ (REQ-03, 15, 17; domain reference 5.3, M2).

One number a visit carries every claim: hairs/cm2, the mean over the protocol's sites with its stored weights,
sum w x, as `station.service.estimates` computes it. FU/cm2 is the brief's headline beside it, but it under-reports
diffuse shedding about threefold (3.2). Sites are secondary, corrected by Holm. Several visits are averaged on logs.

Visits of another protocol, rig or model begin a new segment; nothing is claimed across (REQ-25, ladder of 5.3).

Where a segment's visits are matched hair by hair to its first ones, every change rests on that (`matched.py`): a level
is then the density counted at the baseline times the matched ratio, with the error of the ratio. Otherwise it rests on
the counts of each visit. A change says which in its `basis`.

Three levels are kept apart (1.9, A7 and A8): the baseline before treatment, which changes are told from; the lowest
smoothed level, which is shown and never evidence, because a lowest value is followed by a gain by chance alone; and the
best known earlier level, which the baseline of a head that had thinned already may lie below.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from station.labs.regimens import first_dose
from station.trends.error import Z95, FrameError, cv_of_log_sd, log_sd, mdc95_log, visit_cv
from station.trends.inputs import PersonRecord, SiteReading, VisitReading
from station.trends.local_level import smooth
from station.trends.matched import COUNTED, MATCHED, kind, matched_kinds, matched_mean, matched_site, unmatched
from station.trends.multiplicity import holm
from station.trends.rank import ALPHA, DAYS_PER_MONTH
from station.trends.sentences import Sentence, say
from station.trends.zones import site_terms

WINDOW = 3
"""Visits that are averaged at either end, and at most as the baseline (A7; the rule of 5.2)."""
QUIET_MONTHS = 1
"""Weeks 1 to 4 after the first dose (REQ-26): a first visit in them still serves as the baseline."""


class State(enum.StrEnum):
    """A change against measurement error (M2)."""

    UP = "up"
    DOWN = "down"
    WITHIN = "within"


@dataclass(frozen=True, slots=True)
class Point:
    """A visit that has a mean. hairs, fu: means over the sites, per cm2; sd_hairs, sd_fu: their errors on logs, as far
    as they matter for changes (M1); counted: hairs/cm2 by this visit's count alone, sd_counted: its error on logs;
    basis: what hairs and fu rest on."""

    visit: VisitReading
    hairs: float
    fu: float
    sd_hairs: float
    sd_fu: float
    counted: float
    sd_counted: float
    basis: str = COUNTED

    @property
    def date(self) -> dt.date:
        """Of the visit."""
        return self.visit.date


@dataclass(frozen=True, slots=True)
class Gap:
    """A visit that has no mean, and why."""

    visit: VisitReading
    reason: Sentence


@dataclass(frozen=True, slots=True)
class Level:
    """A mean of visits. value: geometric mean, per cm2; sd: its error on logs; dates: of the visits, in order; basis:
    what it rests on."""

    value: float
    sd: float
    dates: tuple[dt.date, ...]
    basis: str = COUNTED

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval."""
        return self.value * math.exp(-Z95 * self.sd)

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval."""
        return self.value * math.exp(Z95 * self.sd)


@dataclass(frozen=True, slots=True)
class Change:
    """One level against another. percent with low_percent to high_percent: with the 95 % interval on logs;
    mdc_percent: the least detectable change in the direction of the difference, a size; p: two-sided, of no change;
    basis: what the densities rest on."""

    before: Level
    after: Level
    percent: float
    low_percent: float
    high_percent: float
    mdc_percent: float
    p: float
    state: State
    basis: str = COUNTED


@dataclass(frozen=True, slots=True)
class SiteChange:
    """Change of one site. p_holm: of its change, corrected over the sites; the change's state follows it."""

    site: str
    change: Change
    p_holm: float


@dataclass(frozen=True, slots=True)
class Endpoint:
    """segments: runs of visits that can be compared, each of at least one, in the order of time; gaps: visits without
    a mean; baseline: visits of the last segment that changes are told from: up to three before treatment, the latest
    ones, or the first visit where none is; treated: the baseline is from before the first dose and visits follow it;
    before_dose: it is from before the first dose or from weeks 1 to 4, in which no change is expected (REQ-26)."""

    segments: tuple[tuple[Point, ...], ...]
    gaps: tuple[Gap, ...]
    baseline: tuple[Point, ...]
    treated: bool
    before_dose: bool

    @property
    def points(self) -> tuple[Point, ...]:
        """The last segment: what can be compared with the latest visit."""
        return self.segments[-1] if self.segments else ()

    @property
    def compared(self) -> tuple[Point, ...]:
        """The last segment from the baseline on: the visits that say how density changed since then."""
        return self.points[self.points.index(self.baseline[0]) :] if self.baseline else ()


def endpoint(record: PersonRecord) -> Endpoint:
    """The endpoint of every finished visit that measured all of the protocol's sites."""
    segments: list[list[Point]] = []
    gaps: list[Gap] = []
    matched = matched_kinds(record)
    for visit in sorted(record.visits, key=lambda each: (each.date, each.number)):
        point = _point(record, visit, by_matching=kind(visit) in matched)
        if isinstance(point, Gap):
            gaps.append(point)
            continue
        if not segments or kind(segments[-1][-1].visit) != kind(point.visit):
            segments.append([])
        segments[-1].append(point)
    last = segments[-1] if segments else []
    dose = first_dose(record.regimens, record.doses)
    untreated = [] if dose is None else [point for point in last if point.date <= dose]
    treated = 0 < len(untreated) < len(last)
    baseline = untreated[-WINDOW:] if treated else last[:1]
    in_time = dose is not None and bool(baseline) and months_between(dose, baseline[-1].date) <= QUIET_MONTHS
    return Endpoint(tuple(map(tuple, segments)), tuple(gaps), tuple(baseline), treated, in_time)


def level(points: Sequence[Point]) -> Level:
    """The mean of hairs/cm2 over visits (at least one), on logs."""
    return _level([(point.date, point.hairs, point.sd_hairs) for point in points], points[0].basis)


def counted_level(points: Sequence[Point]) -> Level:
    """The mean of hairs/cm2 over visits (at least one), each by its own count: what was there, not what changed."""
    return _level([(point.date, point.counted, point.sd_counted) for point in points])


def fu_level(points: Sequence[Point]) -> Level:
    """The mean of FU/cm2 over visits (at least one), on logs."""
    return _level([(point.date, point.fu, point.sd_fu) for point in points], points[0].basis)


def change(before: Level, after: Level) -> Change:
    """How one level differs from another, with its interval, against the least detectable change (M2)."""
    difference = math.log(after.value / before.value)
    se = math.hypot(before.sd, after.sd)
    limits = mdc95_log(cv_of_log_sd(before.sd), cv_of_log_sd(after.sd))
    limit = limits.rise if difference >= 0 else -limits.fall
    share = math.expm1(difference)
    state = State.WITHIN if abs(share) <= limit else State.UP if share > 0 else State.DOWN
    return Change(
        before,
        after,
        100 * share,
        100 * math.expm1(difference - Z95 * se),
        100 * math.expm1(difference + Z95 * se),
        100 * limit,
        math.erfc(abs(difference) / se / math.sqrt(2)) if se > 0 else float(difference == 0),
        state,
        before.basis,
    )


def site_changes(record: PersonRecord, before: Sequence[Point], after: Sequence[Point]) -> tuple[SiteChange, ...]:
    """The change of every site between the same visits, by site; a site counts as changed by its p after Holm's
    correction over the sites. A site without hairs at one of the visits has no ratio and is left out."""
    both = (*before, *after)
    counted = [site for site in sorted(record.weights) if all(p.visit.sites[site].hairs_per_cm2 > 0 for p in both)]
    found = {site: site_change(record, site, before, after) for site in counted}
    adjusted = holm([each.p for each in found.values()])
    return tuple(
        SiteChange(site, each if p <= ALPHA else replace(each, state=State.WITHIN), p)
        for (site, each), p in zip(found.items(), adjusted, strict=True)
    )


def site_change(record: PersonRecord, site: str, before: Sequence[Point], after: Sequence[Point]) -> Change:
    """The change of one site, by itself. All the visits have measured it, with some hairs."""
    return change(*(_site_level(record, site, points) for points in (before, after)))


def _site_level(record: PersonRecord, site: str, points: Sequence[Point]) -> Level:
    found = []
    for point in points:
        reading = point.visit.sites[site]
        if point.basis == MATCHED:
            value, sd = matched_site(record, point.visit, site).hairs
        else:
            value, sd = reading.hairs_per_cm2, log_sd(visit_cv(record.error_hairs, (1.0,), (reading.frames,)))
        found.append((point.date, value, sd))
    return _level(found, points[0].basis)


def best_earlier(found: Endpoint) -> Level | None:
    """The best known earlier level (A8): the highest mean of three visits in a row before the baseline, of the same
    segment, where it lies above the baseline beyond measurement error. None where there is none."""
    before = found.points[: found.points.index(found.baseline[0])] if found.treated else ()
    runs = [level(before[i : i + WINDOW]) for i in range(len(before) - WINDOW + 1)]
    best = max(runs, key=lambda each: each.value, default=None)
    if best is None or change(level(found.baseline), best).state is not State.UP:
        return None
    return best


@dataclass(frozen=True, slots=True)
class Smooth:
    """The smoothed level at the visits of the last segment, hairs/cm2, with its 95 % band (M8). For drawing only."""

    dates: tuple[dt.date, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def lowest(self) -> tuple[dt.date, float]:
        """The lowest smoothed level: shown, never evidence of a gain (A7)."""
        return min(zip(self.dates, self.mean, strict=True), key=lambda each: each[1])


def smoothed(found: Endpoint) -> Smooth | None:
    """A local level through the last segment; the error is fixed from M1 and not estimated. None without a visit."""
    points = found.points
    if not points:
        return None
    var_e = math.fsum(point.sd_hairs**2 for point in points) / len(points)
    line = smooth(months(points), log_hairs(points), var_e)
    ends = [
        tuple(math.exp(mean + sign * Z95 * sd) for mean, sd in zip(line.mean, line.sd, strict=True))
        for sign in (0, -1, 1)
    ]
    return Smooth(tuple(point.date for point in points), *ends)


def months(points: Sequence[Point]) -> list[float]:
    """Months of each visit since the first of them."""
    return [months_between(points[0].date, point.date) for point in points]


def months_between(since: dt.date, until: dt.date) -> float:
    """Time in months of 30.4375 days (M3)."""
    return (until - since).days / DAYS_PER_MONTH


def log_hairs(points: Sequence[Point]) -> list[float]:
    """Natural logarithms of hairs/cm2."""
    return [math.log(point.hairs) for point in points]


def _point(record: PersonRecord, visit: VisitReading, *, by_matching: bool) -> Point | Gap:
    absent = tuple(site for site in sorted(record.weights) if site not in visit.sites)
    if not visit.finished:
        return Gap(visit, say("endpoint.unfinished", date=visit.date))
    if absent:
        # Another mix of sites would be another mean (domain reference 4.3, weights).
        return Gap(visit, say("endpoint.sites-missing", date=visit.date, sites=site_terms(absent)))
    hairs, fu = (_mean(record, visit, of) for of in (_hairs, _fu))
    if min(hairs, fu) <= 0:
        return Gap(visit, say("endpoint.nothing-counted", date=visit.date))
    sd_hairs, sd_fu = (_sd(record, visit, error) for error in (record.error_hairs, record.error_fu))
    if not by_matching:
        return Point(visit, hairs, fu, sd_hairs, sd_fu, hairs, sd_hairs)
    elsewhere = unmatched(record, visit)
    if elsewhere:
        return Gap(visit, say("endpoint.elsewhere", date=visit.date, sites=site_terms(elsewhere)))
    both = matched_mean(record, visit)
    return Point(visit, both.hairs[0], both.fu[0], both.hairs[1], both.fu[1], hairs, sd_hairs, MATCHED)


def _hairs(reading: SiteReading) -> float:
    return reading.hairs_per_cm2


def _fu(reading: SiteReading) -> float:
    return reading.fu_per_cm2


def _mean(record: PersonRecord, visit: VisitReading, of: Callable[[SiteReading], float]) -> float:
    return math.fsum(weight * of(visit.sites[site]) for site, weight in record.weights.items())


def _sd(record: PersonRecord, visit: VisitReading, error: FrameError) -> float:
    frames = [visit.sites[site].frames for site in record.weights]
    return log_sd(visit_cv(error, list(record.weights.values()), frames))


def _level(readings: Sequence[tuple[dt.date, float, float]], basis: str = COUNTED) -> Level:
    """The mean on logs of (date, value, error on logs)."""
    n = len(readings)
    value = math.exp(math.fsum(math.log(each) for _, each, _ in readings) / n)
    sd = math.sqrt(math.fsum(sd**2 for _, _, sd in readings)) / n
    return Level(value, sd, tuple(day for day, _, _ in readings), basis)
