"""The record that everything later is compared with, and what it still lacks (REQ-14 to 20).

A site is low against the person's own head: its hairs/cm2 lie below the mean of the other sites by so much that the
whole interval of the ratio is under a bound. The bound is the setting of domain reference 4.3, because sites differ
by nature (03, 3.1: vertex > occipital > temporal): beyond error alone would mark every temple [E].
"""

from __future__ import annotations

import datetime as dt
import enum
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from station.entries import LabEntry, ShedEntry
from station.labs.regimens import first_dose
from station.trends.distribution import UPPER_BOUND
from station.trends.error import Z95, FrameError, visit_cv
from station.trends.evidence import before_treatment, results
from station.trends.inputs import PersonRecord, SiteReading, VisitReading
from station.trends.ratio import Ratio, ratio_interval
from station.trends.sentences import Number, Sentence, Term, say
from station.trends.zones import group_cv, mean_hairs, site_terms

GAP_DAYS = 14
"""Photographs and blood test further apart are warned about (REQ-19)."""
FRAMES = 3
"""Photographs per site at the baseline (domain reference 3.5, 4.4)."""


class State(enum.StrEnum):
    """How far a step of the checklist is."""

    DONE = "done"
    MISSING = "missing"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the checklist. reason: why it was left out, as typed; sites: those that it is missing for."""

    id: str
    state: State
    sentence: Sentence
    reason: str = ""
    sites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LowSite:
    """ratio: of the site's hairs/cm2 to the mean of the other sites; below_reference: it is low against the reference
    that was set."""

    site: str
    ratio: Ratio
    below_reference: bool


@dataclass(frozen=True, slots=True)
class Baseline:
    """The first visit. mean_fu_cm2, mean_hairs_cm2: weighted over the protocol's sites, None while one is missing;
    cv_fu, cv_hairs: their errors; zones: what each site's reading holds (densities, frames, area), frames, area_cm2:
    over all sites; lab_date, gap_days: draw of the blood test that belongs to it, after the photographs if positive;
    sheds: the nearest count of each method within the gap; dose_first: the first dose was not after the photographs.
    """

    visit: int
    photo_date: dt.date
    mean_fu_cm2: float | None
    mean_hairs_cm2: float | None
    cv_fu: float | None
    cv_hairs: float | None
    zones: Mapping[str, SiteReading]
    frames: int
    area_cm2: float
    low_sites: tuple[LowSite, ...]
    lab_date: dt.date | None
    gap_days: int | None
    gap_warning: bool
    sheds: tuple[ShedEntry, ...]
    first_dose: dt.date | None
    dose_first: bool
    sentences: tuple[Sentence, ...]


def baseline(
    record: PersonRecord,
    *,
    gap_days: int = GAP_DAYS,
    upper_bound: float = UPPER_BOUND,
    reference_hairs_cm2: float | None = None,
) -> Baseline | None:
    """The baseline; None before the first visit.

    gap_days: between photographs and blood test, above which it is warned; upper_bound, reference_hairs_cm2: what
    makes a site low (no reference: against the own head alone).
    """
    visit = _first(record)
    if visit is None:
        return None
    absent = _absent(record, visit)
    dose = first_dose(record.regimens, record.doses)
    lab = _lab(record, visit.date, dose)
    gap = None if lab is None else (lab.drawn - visit.date).days
    wide = gap is not None and abs(gap) > gap_days
    low = _low_sites(visit.sites, record.error_hairs, upper_bound, reference_hairs_cm2)
    sheds = _sheds(record.sheds, visit.date, gap_days)
    dose_first = dose is not None and dose <= visit.date
    readings = [visit.sites[site] for site in sorted(visit.sites)]
    fu = None if absent else _mean(record, visit, lambda reading: reading.fu_per_cm2)
    hairs = None if absent else _mean(record, visit, lambda reading: reading.hairs_per_cm2)
    frames, area = sum(each.frames for each in readings), math.fsum(each.area_cm2 for each in readings)
    said: list[Sentence] = []
    if fu is not None and hairs is not None:
        seen = Number(area, unit="cm²")
        said.append(say("baseline.mean", date=visit.date, fu=Number(fu), hairs=Number(hairs), frames=frames, area=seen))
    else:
        said.append(say("baseline.mean-missing", sites=site_terms(absent)))
    said += _low_said(low, reference_hairs_cm2)
    if lab is not None and gap is not None:
        key = "baseline.gap-wide" if wide else "baseline.gap"
        said.append(say(key, date=visit.date, lab_date=lab.drawn, days=abs(gap), limit=gap_days))
    said += [
        say("baseline.shed", date=each.counted, count=each.count, method=Term(f"baseline.method-{each.method}"))
        for each in sheds
    ]
    if dose is not None and dose_first:
        said.append(say("baseline.dose-first", dose=dose, date=visit.date))
    return Baseline(
        visit=visit.number,
        photo_date=visit.date,
        mean_fu_cm2=fu,
        mean_hairs_cm2=hairs,
        cv_fu=None if absent else _cv(record, visit, record.error_fu),
        cv_hairs=None if absent else _cv(record, visit, record.error_hairs),
        zones=visit.sites,
        frames=frames,
        area_cm2=area,
        low_sites=low,
        lab_date=None if lab is None else lab.drawn,
        gap_days=gap,
        gap_warning=wide,
        sheds=sheds,
        first_dose=dose,
        dose_first=dose_first,
        sentences=tuple(said),
    )


def checklist(record: PersonRecord, *, gap_days: int = GAP_DAYS) -> tuple[Step, ...]:
    """What the baseline needs, step by step: done, missing, or left out with a reason (REQ-08)."""
    visit = _first(record)
    sites = tuple(record.weights)
    absent = sites if visit is None else _absent(record, visit)
    few = sites if visit is None else tuple(s for s in sites if s in absent or visit.sites[s].frames < FRAMES)
    photo = record.today if visit is None else visit.date
    dose = first_dose(record.regimens, record.doses)
    skipped = {each.step: each.reason for each in sorted(record.skips, key=lambda each: (each.skipped, each.reason))}

    def step(name: str, done: bool, skip: str = "", missing: tuple[str, ...] = ()) -> Step:
        title = Term(f"baseline.step-{name}")
        if done:
            return Step(name, State.DONE, say("baseline.done", step=title))
        if skip in skipped:
            said = say("baseline.skipped", step=title, reason=skipped[skip])
            return Step(name, State.SKIPPED, said, reason=skipped[skip])
        if missing and visit is not None:
            said = say("baseline.missing-sites", step=title, sites=site_terms(missing))
            return Step(name, State.MISSING, said, sites=missing)
        return Step(name, State.MISSING, say("baseline.missing", step=title), sites=missing)

    return (
        step("disclaimer", record.acknowledged is not None),
        step("profile", record.profile.born is not None and bool(record.profile.sex)),
        step("questionnaire", record.answers is not None),
        step("baseline-lab", any(before_treatment(each, dose) for each in _b12(record)), "baseline-lab"),
        step("baseline-mma", any(before_treatment(each, dose) for each in results(record, "mma")), "baseline-lab"),
        step("photos", not absent, missing=absent),
        step("frames", not few, missing=few),
        step("hairline", bool(record.hairlines)),
        step("shed", bool(_sheds(record.sheds, photo, gap_days)), "shed"),
    )


def _first(record: PersonRecord) -> VisitReading | None:
    return min(record.visits, key=lambda visit: (visit.date, visit.number), default=None)


def _absent(record: PersonRecord, visit: VisitReading) -> tuple[str, ...]:
    return tuple(site for site in record.weights if site not in visit.sites)


def _mean(record: PersonRecord, visit: VisitReading, of: Callable[[SiteReading], float]) -> float:
    """Weighted over the protocol's sites (REQ-15, REQ-17)."""
    return math.fsum(weight * of(visit.sites[site]) for site, weight in record.weights.items())


def _cv(record: PersonRecord, visit: VisitReading, error: FrameError) -> float:
    return visit_cv(error, list(record.weights.values()), [visit.sites[site].frames for site in record.weights])


def _low_sites(
    sites: Mapping[str, SiteReading], error: FrameError, upper_bound: float, reference: float | None
) -> tuple[LowSite, ...]:
    """The low sites by the rule above, in the order of their names. A site without any hair is low as well."""
    found = []
    for site, own in sorted(sites.items()):
        others = [reading for name, reading in sites.items() if name != site]
        if not others or mean_hairs(others) <= 0:
            continue
        cv, ratio = group_cv(error, [own]), Ratio(0.0, 0.0, 0.0)
        if own.hairs_per_cm2 > 0:
            ratio = ratio_interval(own.hairs_per_cm2, mean_hairs(others), cv, group_cv(error, others))
        below = reference is not None and own.hairs_per_cm2 * math.exp(Z95 * cv) < reference
        if below or ratio.high < upper_bound:
            found.append(LowSite(site, ratio, below))
    return tuple(found)


def _low_said(low: Sequence[LowSite], reference: float | None) -> list[Sentence]:
    said = []
    for each in low:
        site = Term(f"site.{each.site}")
        if each.below_reference and reference is not None:
            said.append(say("baseline.low-reference", site=site, reference=Number(reference, 0)))
        else:
            ratio, bottom, top = (Number(value, 2) for value in (each.ratio.ratio, each.ratio.low, each.ratio.high))
            said.append(say("baseline.low", site=site, ratio=ratio, low=bottom, high=top))
    return said or [say("baseline.low-none")]


def _b12(record: PersonRecord) -> tuple[LabEntry, ...]:
    return (*results(record, "b12"), *results(record, "active-b12"))


def _lab(record: PersonRecord, photo: dt.date, dose: dt.date | None) -> LabEntry | None:
    """The B12 result drawn nearest to the photographs, of those before the first dose."""
    entries = [entry for entry in _b12(record) if before_treatment(entry, dose)]
    return min(entries, key=lambda entry: abs((entry.drawn - photo).days), default=None)


def _sheds(sheds: Sequence[ShedEntry], photo: dt.date, gap_days: int) -> tuple[ShedEntry, ...]:
    """The nearest count of each method within the gap, by method (REQ-20)."""
    near = [each for each in sheds if not each.review and abs((each.counted - photo).days) <= gap_days]
    near.sort(key=lambda each: (abs((each.counted - photo).days), each.counted, each.replicate, each.count))
    return tuple(
        next(each for each in near if each.method == method) for method in sorted({each.method for each in near})
    )
