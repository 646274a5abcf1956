"""The zones of the scalp (domain reference 4.1) and the visits whose zones can be compared."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping, Sequence

from station.trends.error import FrameError, visit_cv
from station.trends.inputs import SiteReading, VisitReading
from station.trends.sentences import Terms


class Group(enum.StrEnum):
    """Zones that are judged together: F, M and V; left and right FT; left and right P; O, the reference."""

    TOP = "top"
    TEMPLES = "temples"
    SIDES = "sides"
    REFERENCE = "reference"

    @property
    def sites(self) -> tuple[str, ...]:
        """Ids of the group's sites."""
        match self:
            case Group.TOP:
                return ("frontal", "midscalp", "vertex")
            case Group.TEMPLES:
                return ("temporal-left", "temporal-right")
            case Group.SIDES:
                return ("parietal-left", "parietal-right")
            case Group.REFERENCE:
                return ("occipital",)


ZONES = tuple(site for group in Group for site in group.sites)
"""Ids of all zones."""


def site_terms(sites: Sequence[str]) -> Terms:
    """The sites' names, for a sentence."""
    return Terms(tuple(f"site.{site}" for site in sites))


def comparable(visits: Sequence[VisitReading]) -> tuple[VisitReading, ...]:
    """The finished visits that can be compared with the latest finished one, in the order of time: those of its
    protocol and series. Across a change of device or model nothing is claimed (domain reference 5.3, ladder)."""
    finished = sorted((visit for visit in visits if visit.finished), key=lambda visit: (visit.date, visit.number))
    if not finished:
        return ()
    latest = finished[-1]
    return tuple(v for v in finished if (v.protocol, v.series) == (latest.protocol, latest.series))


def missing(sites: Mapping[str, SiteReading], needed: Sequence[str] = ZONES) -> tuple[str, ...]:
    """Which of the needed sites have no density above 0: only such a density has a logarithm."""
    return tuple(
        site for site in needed if site not in sites or min(sites[site].hairs_per_cm2, sites[site].fu_per_cm2) <= 0
    )


def group_cv(error: FrameError, readings: Sequence[SiteReading]) -> float:
    """CV of the mean over sites of equal weight (M1)."""
    return visit_cv(error, [1 / len(readings)] * len(readings), [reading.frames for reading in readings])


def mean_hairs(readings: Sequence[SiteReading]) -> float:
    """Mean hairs/cm2 of sites of equal weight."""
    return math.fsum(reading.hairs_per_cm2 for reading in readings) / len(readings)
