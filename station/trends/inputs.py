"""What the trends reason about: one person's visits and entries, gathered by the service. Plain values, no store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from station.entries import (
    AnswersEntry,
    DoseEntry,
    EventEntry,
    HairlineEntry,
    LabEntry,
    ProfileEntry,
    RegimenEntry,
    ShedEntry,
    SkipEntry,
    TrichogramEntry,
)
from station.trends.error import FrameError

DEFAULT_MATCHED_SD = 0.015
"""Error of a site's matched change until the station knows its own: thrice what is published for hairs matched one by
one (0.4 to 0.6 %, Bokhari 2022, domain reference 3.5)."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A site against its baseline, told by the same hairs. baseline: number of that visit, which may be the visit
    itself; hairs, fu: natural logarithms of the ratios of density; sd_hairs, sd_fu: their errors; accepted: False where
    the photographs do not show the baseline's place; then the rest says nothing."""

    baseline: int
    hairs: float = 0.0
    fu: float = 0.0
    sd_hairs: float = 0.0
    sd_fu: float = 0.0
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class SiteReading:
    """One site of one visit: means over its measured photographs.

    hairs_per_cm2, fu_per_cm2: densities; frames, area_cm2: what they rest on; thin_share, calibre_um: of the hairs
    that could be measured, grey_share, single_share (units with one hair), None where not resolved; matched: None
    where it is not compared with a baseline.
    """

    site: str
    hairs_per_cm2: float
    fu_per_cm2: float
    frames: int
    area_cm2: float
    thin_share: float | None = None
    calibre_um: float | None = None
    grey_share: float | None = None
    short_share: float | None = None
    single_share: float | None = None
    matched: Matched | None = None


@dataclass(frozen=True, slots=True)
class VisitReading:
    """One visit. protocol: id; series: what must stay the same for visits to be comparable (rig, model, calibration
    kind); sites: those that were measured, by id; planned: ids of all sites of the protocol; finished: nothing of it
    waits any more."""

    number: int
    date: dt.date
    protocol: str
    series: str
    sites: Mapping[str, SiteReading]
    finished: bool = True


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Everything on record about one person, as of `today`.

    visits: in the order of time; weights: of the protocol's sites in the mean, adding up to 1; error_hairs, error_fu:
    how well one photograph repeats (M1); error_matched: standard error of the logarithm of a site's matched ratio, as
    repeats have shown it, or the default while matched_measured is False; labs and the others: in any order; superseded
    results and those marked for review are already left out of `labs` and listed in `review_count`; south: True on the
    southern hemisphere; acknowledged: date of the disclaimer's acknowledgement.
    """

    today: dt.date
    visits: tuple[VisitReading, ...]
    weights: Mapping[str, float]
    error_hairs: FrameError
    error_fu: FrameError
    error_matched: float = DEFAULT_MATCHED_SD
    matched_measured: bool = False
    profile: ProfileEntry = field(default_factory=ProfileEntry)
    answers: AnswersEntry | None = None
    labs: tuple[LabEntry, ...] = ()
    regimens: tuple[RegimenEntry, ...] = ()
    doses: tuple[DoseEntry, ...] = ()
    events: tuple[EventEntry, ...] = ()
    sheds: tuple[ShedEntry, ...] = ()
    hairlines: tuple[HairlineEntry, ...] = ()
    trichograms: tuple[TrichogramEntry, ...] = ()
    skips: tuple[SkipEntry, ...] = ()
    threshold_set: str = "brief"
    south: bool = False
    acknowledged: dt.date | None = None
    review_count: int = 0
