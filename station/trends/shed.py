"""Shed counts over time: only counts of one method, counted in one way, are ever compared (REQ-20, REQ-27).

The rule. Counts that belong together are a round: repeats of one method within 14 days. The first round is compared
with the last when both hold two counts or more; else the first three counts with the last three. A count spreads like a
Poisson count times a dispersion that is measured from the repeats themselves (never below 1), because no within-person
figure is published beyond "low within-person variation" for the 60-second comb (Wasko 2008, domain reference 3.4). The
ratio of the means has the quasi-Poisson interval exp(ln ratio +- t sqrt(dispersion (1/A + 1/B))), A and B the totals, t
the 97.5 % quantile for the degrees of freedom of the dispersion (McCullagh P, Nelder JA, Generalized Linear Models,
1989, 4.5). Visual grades are an order and no counts: they are tested by Mann-Kendall.
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from station.entries import ShedEntry, ShedMethod
from station.trends.inputs import PersonRecord
from station.trends.rank import ALPHA, LEAST_N, mann_kendall
from station.trends.ratio import Ratio
from station.trends.sentences import Number, Sentence, Term, percent, say

ROUND_DAYS = 14
"""Repeats before three consecutive washes (Wasko 2008, domain reference 3.4) fit in here."""

GROUP = 3
LEAST_FREEDOM = 4
"""Repeats beyond the first of their group: two groups of three are the least that measures a dispersion."""

SHORT_SHARE = 0.10
SHORT_CM = 3.0
"""Share of hairs of 3 cm or less in the 5-day wash test that is worth a note (domain reference 3.4)."""

YEAR_DAYS = 365


class ShedState(enum.StrEnum):
    """How the latest counts compare with the first."""

    FEWER = "fewer"
    MORE = "more"
    NO_RELIABLE_CHANGE = "no-reliable-change"
    NOT_ENOUGH = "not-enough"


@dataclass(frozen=True, slots=True)
class ShedRound:
    """Counts that belong together. first, last: dates; counts: hairs (or grades); short_share: of those whose short
    hairs were told apart, None without any."""

    first: dt.date
    last: dt.date
    counts: tuple[int, ...]
    short_share: float | None

    @property
    def mean(self) -> float:
        return sum(self.counts) / len(self.counts)


@dataclass(frozen=True, slots=True)
class ShedSeries:
    """All counts of one method, counted in one way. change: latest over first, None where it cannot be said (or for
    grades); dispersion: of the counts over a Poisson count's; sentences: what can be said, in order."""

    method: ShedMethod
    counted_by: str
    rounds: tuple[ShedRound, ...]
    state: ShedState
    change: Ratio | None
    dispersion: float | None
    sentences: tuple[Sentence, ...]


def shed_series(record: PersonRecord) -> tuple[ShedSeries, ...]:
    """One series for each method and way of counting, in the order of the names; entries marked for review are left
    out."""

    def kind(entry: ShedEntry) -> tuple[str, str]:
        return entry.method, entry.counted_by

    usable = sorted((entry for entry in record.sheds if not entry.review), key=kind)
    return tuple(
        _series(ShedMethod(method), counted_by, list(entries))
        for (method, counted_by), entries in itertools.groupby(usable, kind)
    )


def _series(method: ShedMethod, counted_by: str, entries: list[ShedEntry]) -> ShedSeries:
    entries.sort(key=lambda entry: (entry.counted, entry.replicate, entry.count, entry.short or 0))
    groups = _rounds(entries)
    rounds = tuple(_round(group) for group in groups)
    if method is ShedMethod.GRADE:
        state, change, dispersion = _grade_state(entries), None, None
    else:
        state, change, dispersion = _count_state(entries, groups)
    sentences = _sentences(method, counted_by, entries, rounds, state, change)
    return ShedSeries(method, counted_by, rounds, state, change, dispersion, sentences)


def _rounds(entries: list[ShedEntry]) -> list[list[ShedEntry]]:
    """A new round begins on another day when the numbering of the repeats starts again, or after 14 days."""
    rounds: list[list[ShedEntry]] = []
    for entry in entries:
        if rounds:
            before = rounds[-1][-1]
            repeats = entry.replicate > before.replicate
            near = (entry.counted - rounds[-1][0].counted).days <= ROUND_DAYS
            if entry.counted == before.counted or (repeats and near):
                rounds[-1].append(entry)
                continue
        rounds.append([entry])
    return rounds


def _round(entries: Sequence[ShedEntry]) -> ShedRound:
    told = [(entry.short, entry.count) for entry in entries if entry.short is not None]
    hairs = sum(count for _, count in told)
    share = sum(short for short, _ in told) / hairs if hairs else None
    return ShedRound(entries[0].counted, entries[-1].counted, tuple(entry.count for entry in entries), share)


def _grade_state(entries: Sequence[ShedEntry]) -> ShedState:
    if len(entries) < LEAST_N:
        return ShedState.NOT_ENOUGH
    found = mann_kendall([entry.count for entry in entries], [entry.counted.toordinal() for entry in entries])
    if found.p > ALPHA:
        return ShedState.NO_RELIABLE_CHANGE
    return ShedState.FEWER if found.s < 0 else ShedState.MORE


def _count_state(
    entries: Sequence[ShedEntry], rounds: list[list[ShedEntry]]
) -> tuple[ShedState, Ratio | None, float | None]:
    if len(rounds) < 2:
        return ShedState.NOT_ENOUGH, None, None
    counts = [[float(entry.count) for entry in each] for each in rounds]
    dispersion, freedom = _dispersion(counts)
    if min(len(counts[0]), len(counts[-1])) < 2 or freedom < LEAST_FREEDOM:
        if len(entries) < 2 * GROUP:
            return ShedState.NOT_ENOUGH, None, None
        singles = [float(entry.count) for entry in entries]
        counts = [singles[:GROUP], singles[-GROUP:]]
        dispersion, freedom = _dispersion(counts)
        if freedom < LEAST_FREEDOM:
            return ShedState.NOT_ENOUGH, None, None
    before, after = counts[0], counts[-1]
    # Half a hair more in each total, so that a count of 0 has a logarithm (Haldane JBS, Ann Hum Genet 1956;20:309).
    first, last = sum(before) + 0.5, sum(after) + 0.5
    ratio = (last / len(after)) / (first / len(before))
    reach = math.exp(float(stats.t.ppf(0.975, freedom)) * math.sqrt(dispersion * (1 / first + 1 / last)))
    change = Ratio(ratio, ratio / reach, ratio * reach)
    if change.high < 1:
        return ShedState.FEWER, change, dispersion
    return (ShedState.MORE if change.low > 1 else ShedState.NO_RELIABLE_CHANGE), change, dispersion


def _dispersion(groups: Sequence[Sequence[float]]) -> tuple[float, int]:
    """Pearson's chi-square of the counts about their group's mean over its degrees of freedom, at least 1; groups
    without a hair tell nothing."""
    chi, freedom = 0.0, 0
    for group in groups:
        mean = sum(group) / len(group)
        if mean > 0:
            chi += sum((count - mean) ** 2 for count in group) / mean
            freedom += len(group) - 1
    return (max(1.0, chi / freedom) if freedom else 1.0), freedom


def _sentences(
    method: ShedMethod,
    counted_by: str,
    entries: Sequence[ShedEntry],
    rounds: Sequence[ShedRound],
    state: ShedState,
    change: Ratio | None,
) -> tuple[Sentence, ...]:
    grade = method is ShedMethod.GRADE
    latest, since = rounds[-1], rounds[0].first
    said = [
        say(
            "shed.latest-grade" if grade else "shed.latest",
            method=Term(f"shed.{method}"),
            by=Term(f"shed.{counted_by}"),
            mean=Number(latest.mean),
            date=latest.last,
        )
    ]
    if change is not None and state in (ShedState.FEWER, ShedState.MORE):
        shift, low, high = (percent(100 * (ratio - 1), 0) for ratio in (change.ratio, change.low, change.high))
        said.append(say(f"shed.{state}", since=since, change=shift, low=low, high=high))
    elif grade:
        said.append(say(f"shed.grade-{state}", since=since))
    else:
        said.append(say(f"shed.{state}", since=since))
    if latest.short_share is not None and not grade:
        said.append(say("shed.short-share", share=percent(100 * latest.short_share, 0, signed=False)))
        lengths = [entry.hair_length_cm for entry in entries if entry.counted >= latest.first]
        long_hair = all(length is None or length > SHORT_CM for length in lengths)
        if method is ShedMethod.WASH_5D and latest.short_share >= SHORT_SHARE and long_hair:
            said.append(say("shed.short-note", interpreting=True))
    if len({entry.comb for entry in entries if entry.comb}) > 1:
        said.append(say("shed.comb-changed"))
    changed = state in (ShedState.FEWER, ShedState.MORE)
    if changed and (latest.last - since).days < YEAR_DAYS:
        said.append(say("shed.season", interpreting=True))
    return tuple(said)
