"""What can be said now about a person's density, and when more can be said (domain reference 5.3, reporting ladder).

| rung | needs | says |
|---|---|---|
| values | 1 visit | the values with their error |
| pairwise | 2 visits | the latest against the baseline; from 6 visits on the last three against the first three |
| trend | 6 visits over 5 months | beside it the guarded trend with its interval, or that none is reliable |
| phase | 8 visits, 3 on either side of tau | when a rise began (M5) |
| correlation | 8 pairs of B12 and density | an association (M7) |

Counted are the visits since the baseline, in one segment. Every rung keeps the sentences of the ones below it.

One rule makes the claim at each look: latest against baseline up to 5 visits, the last three against the first three
from 6 on (it finds more than a pair or Mann-Kendall does: 5.2). Each is wrong once in 20 looks without a change; where
several speak, each with its own chance of being wrong, a look is wrong more often. So the trend and the phase model
speak only where the claim says the same: a fixed sequence of tests, whose first one carries the whole 5 % (Maurer W,
Hothorn LA, Lehmacher W, 1995). Sites share another 5 % (Holm), and an association is another matter again.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from station.clock import months_after
from station.labs.regimens import first_dose
from station.labs.units import convert
from station.trends.correlation import (
    P_PAIRS,
    PRESET_LAG_MONTHS,
    LabCorrelation,
    Pair,
    lab_density_correlation,
    pairs_at_lag,
)
from station.trends.endpoint import (
    WINDOW,
    Change,
    Endpoint,
    Level,
    Point,
    SiteChange,
    State,
    change,
    counted_level,
    endpoint,
    fu_level,
    level,
    log_hairs,
    months,
    site_changes,
)
from station.trends.evidence import results
from station.trends.inputs import PersonRecord
from station.trends.labs_view import b12_crossing
from station.trends.matched import MATCHED
from station.trends.onset import Onset, normal_since, onset, onset_visits
from station.trends.rank import ALPHA, LEAST_N, Trend, guarded_trend
from station.trends.sentences import Number, Sentence, percent, say
from station.trends.zones import site_terms

LEAST_DAYS = 150
"""Five months from the same day to the same day, at their shortest."""
YEAR_MONTHS = 12
PEAK_MONTHS, LOW_MONTHS = (7, 10), (2,)
"""Resting hairs are most frequent in July, shedding is estimated to peak in October, the least is February (domain
reference 3.4, Kunz 2009); half a year later in the south [M]."""
AHEAD = 12
"""Visits that are looked ahead for the next rung."""
B12_UNIT = "pg/mL"


class Rung(enum.IntEnum):
    """The ladder's steps, in order."""

    NONE = 0
    VALUES = 1
    PAIRWISE = 2
    TREND = 3
    PHASE = 4
    CORRELATION = 5


class Rule(enum.StrEnum):
    """What the claim compares: the latest visit with the baseline, or the last three visits with the first three."""

    PAIR = "pair"
    ENDS = "ends"


@dataclass(frozen=True, slots=True)
class NextLook:
    """When the next rung is reached with monthly visits. visits: that are still needed; date: of the last of them."""

    rung: Rung
    visits: int
    date: dt.date


@dataclass(frozen=True, slots=True)
class Ladder:
    """rung: reached; visits: since the baseline; latest: the latest visit with its own error; rule, claim: the one
    claim of this look (None below two visits); fu: of FU/cm2 between the same visits, no claim; sites: secondary;
    trend, trend_state: guarded trend, and what is said of it; onset, onset_said: phase model, and whether its rise is
    told; correlation, associated: of B12 and density, and whether they go together by more than their trends."""

    rung: Rung
    visits: int
    latest: Level | None
    rule: Rule | None
    claim: Change | None
    fu: Change | None
    sites: tuple[SiteChange, ...]
    trend: Trend | None
    trend_state: State | None
    onset: Onset | None
    onset_said: bool
    correlation: LabCorrelation | None
    associated: bool
    next: NextLook | None
    sentences: tuple[Sentence, ...]


def ladder(record: PersonRecord) -> Ladder:
    """What can be said on the day of the record."""
    found = endpoint(record)
    points = found.compared
    days = [point.date for point in points]
    normal = normal_since(b12_crossing(record), first_dose(record.regimens, record.doses))
    pairs = lab_pairs(record, found)
    rung = _rung(days, normal, len(pairs))
    rule, before, after = compared_visits(found)
    claim = fu = None
    sites: tuple[SiteChange, ...] = ()
    if rule is not None:
        claim, fu = change(level(before), level(after)), change(fu_level(before), fu_level(after))
        sites = site_changes(record, before, after)
    state = State.WITHIN if claim is None else claim.state
    trend = guarded_trend(months(points), log_hairs(points)) if _trend_allowed(days) else None
    rise = onset(points, normal)
    correlation = lab_density_correlation(pairs) if len(pairs) >= P_PAIRS else None
    made = Ladder(
        rung=rung,
        visits=len(points),
        latest=counted_level(points[-1:]) if points else None,
        rule=rule,
        claim=claim,
        fu=fu,
        sites=sites,
        trend=trend,
        trend_state=None if trend is None else _trend_state(trend, state),
        onset=rise,
        onset_said=rise is not None and rise.rises and state is State.UP,
        correlation=correlation,
        associated=correlation is not None and _associated(correlation),
        next=_next(record.today, days, normal, len(pairs), rung),
        sentences=(),
    )
    return replace(made, sentences=tuple(_said(record, found, made)))


def lab_pairs(record: PersonRecord, found: Endpoint) -> tuple[Pair, ...]:
    """B12 results with the density three months after their draw (M7), within the last segment.

    Results that are intervals have no rank; another laboratory or method than the latest one's would be another
    series (ladder of 5.3).
    """
    exact = [entry for entry in results(record, "b12") if entry.comparator == "=" and entry.number is not None]
    labs = [
        (entry.drawn, convert("b12", entry.number, entry.unit, B12_UNIT))
        for entry in exact
        if entry.number is not None and (entry.laboratory, entry.method) == (exact[-1].laboratory, exact[-1].method)
    ]
    densities = {point.date: point.hairs for point in found.points}
    return pairs_at_lag(labs, tuple(densities.items()))


def _rung(days: Sequence[dt.date], normal: tuple[dt.date, dt.date] | None, pairs: int) -> Rung:
    """The highest rung that visits on these days, in order, and so many pairs reach."""
    if pairs >= P_PAIRS:
        return Rung.CORRELATION
    if _trend_allowed(days):
        return Rung.PHASE if onset_visits(days, normal)[1] else Rung.TREND
    return Rung(min(len(days), Rung.PAIRWISE))


def _trend_allowed(days: Sequence[dt.date]) -> bool:
    return len(days) >= LEAST_N and (days[-1] - days[0]).days >= LEAST_DAYS


def compared_visits(found: Endpoint) -> tuple[Rule | None, Sequence[Point], Sequence[Point]]:
    """The rule of the claim with its visits before and after; the latest one is never part of what it is compared
    with. No rule below two visits."""
    points = found.compared
    if len(points) >= 2 * WINDOW:
        return Rule.ENDS, points[:WINDOW], points[-WINDOW:]
    if len(points) >= 2:
        return Rule.PAIR, found.baseline, points[-1:]
    return None, (), ()


def _trend_state(trend: Trend, claimed: State) -> State:
    """What is said of the trend: it survives its guard, and the claim of this look has the same direction."""
    direction = State.UP if trend.slope > 0 else State.DOWN
    return direction if trend.survives and direction is claimed else State.WITHIN


def _associated(found: LabCorrelation) -> bool:
    """Beyond chance as it is, with the pairs that it is worth, and without the trends of both: two courses that both
    rise correlate whatever they are (5.2)."""
    return all(p is not None and p <= ALPHA for p in (found.p, found.guarded_p, found.detrended_p))


def _next(
    today: dt.date, days: Sequence[dt.date], normal: tuple[dt.date, dt.date] | None, pairs: int, rung: Rung
) -> NextLook | None:
    """The next rung that monthly visits reach, the first of them a month after the latest, or today if that is past."""
    start = max(months_after(days[-1], 1), today) if days else today
    planned: list[dt.date] = []
    for ahead in range(AHEAD):
        planned.append(months_after(start, ahead))
        reached = _rung([*days, *planned], normal, pairs)
        if reached > rung:
            return NextLook(reached, len(planned), planned[-1])
    return None


def _said(record: PersonRecord, found: Endpoint, made: Ladder) -> Iterator[Sentence]:
    """Everything that the ladder says, from what was recorded to what it may mean."""
    if made.latest is None:
        yield say("ladder.no-visit")
    else:
        low, high = Number(made.latest.low), Number(made.latest.high)
        yield say("ladder.values", date=made.latest.dates[0], hairs=Number(made.latest.value), low=low, high=high)
    if made.claim is not None and made.claim.basis == MATCHED:
        yield say("ladder.matched")
        if not record.matched_measured:
            yield say("ladder.matched-default", sd=percent(100 * record.error_matched, signed=False))
    elif not record.error_hairs.measured:
        yield say("ladder.default-error", cv=percent(100 * record.error_hairs.cv, 0, signed=False))
    if made.claim is not None and made.rule is not None:
        yield _claim_said(made.rule, made.claim)
    if made.fu is not None:
        limit = percent(made.fu.mdc_percent, signed=False)
        yield say("ladder.fu", percent=percent(made.fu.percent), limit=limit)
    changed = tuple(each.site for each in made.sites if each.change.state is not State.WITHIN)
    if made.sites:
        yield say("ladder.sites", sites=site_terms(changed)) if changed else say("ladder.sites-none")
    if made.trend is not None and made.trend_state is not None:
        yield _trend_said(made.trend, made.trend_state)
    if made.onset is not None:
        yield _onset_said(made.onset, made.onset_said)
    if made.correlation is not None:
        yield from _correlation_said(made.correlation, made.associated)
    yield from _notes(record, found, made)
    if made.next is not None:
        key = f"ladder.next-{made.next.rung.name.lower()}{'-one' if made.next.visits == 1 else ''}"
        yield say(key, visits=made.next.visits, date=made.next.date)


def _claim_said(rule: Rule, claim: Change) -> Sentence:
    ending = "-within" if claim.state is State.WITHIN else ""
    return say(
        f"ladder.{rule}{ending}",
        percent=percent(claim.percent),
        low=percent(claim.low_percent),
        high=percent(claim.high_percent),
        limit=percent(claim.mdc_percent, signed=False),
        since=claim.before.dates[0],
        until=claim.after.dates[-1],
    )


def _trend_said(trend: Trend, state: State) -> Sentence:
    return say(
        "ladder.trend-none" if state is State.WITHIN else "ladder.trend",
        slope=percent(100 * math.expm1(trend.slope)),
        low=percent(100 * math.expm1(trend.low)),
        high=percent(100 * math.expm1(trend.high)),
        visits=trend.n,
    )


def _onset_said(found: Onset, said: bool) -> Sentence:
    if not said:
        return say("ladder.onset-none")
    return say(
        "ladder.onset",
        interpreting=True,
        begins=found.begins,
        earliest=found.earliest,
        latest=found.latest,
        gain=percent(found.gain_percent),
        low=percent(found.gain_low_percent),
        high=percent(found.gain_high_percent),
    )


def _correlation_said(found: LabCorrelation, associated: bool) -> Iterator[Sentence]:
    lag = Number(PRESET_LAG_MONTHS, 0)
    rho, p = Number(found.rho or 0.0, 2), Number(1.0 if found.p is None else found.p, 3)
    yield say("ladder.correlation", pairs=found.n, lag=lag, rho=rho, p=p)
    rest, rest_p = found.detrended_rho or 0.0, 1.0 if found.detrended_p is None else found.detrended_p
    yield say("ladder.detrended", rho=Number(rest, 2), p=Number(rest_p, 3))
    yield say(f"ladder.{'associated' if associated else 'not-associated'}", interpreting=True)


def _notes(record: PersonRecord, found: Endpoint, made: Ladder) -> Iterator[Sentence]:
    """What a reader has to know beside the numbers: visits left out, another device, the season, how often a look is
    wrong."""
    latest = found.points[-1].date if found.points else dt.date.min
    yield from (gap.reason for gap in found.gaps if gap.visit.date >= latest)
    if len(found.segments) > 1:
        yield say("ladder.segment", since=found.points[0].date)
    if made.claim is None:
        return
    before, after = made.claim.before.dates, made.claim.after.dates
    if after[-1] < months_after(before[0], YEAR_MONTHS):
        yield say("ladder.season-short", interpreting=True)
    elif _opposite_seasons(before, after, record.south):
        yield say("ladder.season-opposite", interpreting=True)
    yield say("ladder.one-in-twenty")


def _opposite_seasons(before: Sequence[dt.date], after: Sequence[dt.date], south: bool) -> bool:
    """Whether July or October is compared with February, or on the southern hemisphere their counterparts."""
    first, last = ({(day.month + (6 if south else 0) - 1) % 12 + 1 for day in days} for days in (before, after))
    return any(a & set(PEAK_MONTHS) and b & set(LOW_MONTHS) for a, b in ((first, last), (last, first)))
