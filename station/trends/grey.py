"""Share of grey hairs over time (REQ-02, REQ-04: premature greying), measured and as the person reports it.

The error of a share is binomial, widened: hairs of one site are alike and the photographs of a visit overlap.
Changes are told by the least detectable change (M2), in percentage points.
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from station.trends.error import Z95
from station.trends.evidence import answers_of
from station.trends.inputs import PersonRecord, SiteReading, VisitReading
from station.trends.sentences import Number, Sentence, percent, say
from station.trends.zones import comparable

DISPERSION = 2.0
"""Variance of a share over that of independent hairs [E]: not validated, on the careful side."""


class GreyState(enum.StrEnum):
    """How the latest grey share compares with the first."""

    UP = "up"
    DOWN = "down"
    WITHIN = "within"
    NOT_ENOUGH = "not-enough"


@dataclass(frozen=True, slots=True)
class GreyVisit:
    """share: of the hairs of the visit, 0 to 1; se: its standard error; hairs: about how many were seen."""

    visit: int
    date: dt.date
    share: float
    se: float
    hairs: int


@dataclass(frozen=True, slots=True)
class Grey:
    """visits: of one series and over the same sites, in the order of time; change, limit: latest against first and
    the least detectable change, as shares (None while there is one visit or none); reported: share as the person
    estimates it, 0 to 1."""

    visits: tuple[GreyVisit, ...]
    sites: tuple[str, ...]
    state: GreyState
    change: float | None
    limit: float | None
    reported: float | None
    sentences: tuple[Sentence, ...]


def grey(record: PersonRecord) -> Grey:
    """The grey share of the comparable visits, over the sites that show it at the first and at the latest of them:
    another mix of sites would be another share. Visits in between that lack one of the sites are left out."""
    resolved = [visit for visit in comparable(record.visits) if _resolved(visit)]
    sites = tuple(sorted(_resolved(resolved[0]) & _resolved(resolved[-1]))) if resolved else ()
    whole = [visit for visit in resolved if sites and _resolved(visit) >= set(sites)]
    visits = tuple(_visit(visit, sites, record.weights) for visit in whole)
    change = limit = None
    state = GreyState.NOT_ENOUGH
    if len(visits) >= 2:
        change = visits[-1].share - visits[0].share
        limit = Z95 * math.hypot(visits[0].se, visits[-1].se)
        state = GreyState.WITHIN if abs(change) <= limit else GreyState.UP if change > 0 else GreyState.DOWN
    answers = answers_of(record)
    reported = None if answers.greying_share is None else answers.greying_share / 100
    said = _said(visits, state, change, limit, reported, answers.answered)
    return Grey(visits, sites, state, change, limit, reported, said)


def _resolved(visit: VisitReading) -> set[str]:
    return {site for site, reading in visit.sites.items() if reading.grey_share is not None and _hairs(reading) > 0}


def _hairs(reading: SiteReading) -> float:
    return reading.hairs_per_cm2 * reading.area_cm2


def _visit(visit: VisitReading, sites: Sequence[str], weights: Mapping[str, float]) -> GreyVisit:
    total = math.fsum(weights.get(site, 0.0) for site in sites)
    share = variance = hairs = 0.0
    for site in sites:
        reading = visit.sites[site]
        weight = weights.get(site, 0.0) / total if total > 0 else 1 / len(sites)
        n = _hairs(reading)
        seen = reading.grey_share or 0.0
        # Two grey and two other hairs are added (Agresti & Coull 1998): at 0 and 1 the error would vanish otherwise.
        smoothed = (seen * n + 2) / (n + 4)
        share += weight * seen
        variance += weight**2 * DISPERSION * smoothed * (1 - smoothed) / (n + 4)
        hairs += n
    return GreyVisit(visit.number, visit.date, share, math.sqrt(variance), round(hairs))


def _said(
    visits: Sequence[GreyVisit],
    state: GreyState,
    change: float | None,
    limit: float | None,
    reported: float | None,
    answered: dt.date,
) -> tuple[Sentence, ...]:
    said: list[Sentence] = []
    if visits:
        latest = visits[-1]
        margin = Number(100 * Z95 * latest.se, 1)
        share = percent(100 * latest.share, signed=False)
        said.append(say("grey.share", share=share, hairs=Number(latest.hairs, 0), date=latest.date, margin=margin))
    else:
        said.append(say("grey.none"))
    if change is not None and limit is not None:
        points = Number(100 * change, 1, signed=True)
        said.append(say(f"grey.{state}", points=points, limit=Number(100 * limit, 1), date=visits[0].date))
    elif visits:
        said.append(say("grey.not-enough"))
    if reported is not None:
        share = percent(100 * reported, 0, signed=False)
        said.append(say("grey.reported", date=answered, share=share))
    if reported or any(visit.share > 0 for visit in visits):
        said.append(say("grey.association", interpreting=True))
    return tuple(said)
