"""Blood results as the pages and charts show them (REQ-09 to 13, REQ-31), and when B12 came above its limit (REQ-32).

What was printed stays beside what is shown: numbers are converted for display alone, and another threshold set changes
bands, never results.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

from station.entries import LabEntry, LabFlag
from station.labs.analytes import Analyte, analytes
from station.labs.flags import flags_of, notes
from station.labs.interval import in_unit, interval
from station.labs.regimens import first_dose
from station.labs.thresholds import AS_PRINTED, Band, ThresholdSet, band_of, is_above, rule_for, threshold_set
from station.labs.units import convert
from station.labs.variation import LabChange, change_limits, changed, segment
from station.trends.evidence import age, answers_of, low_egfr, results
from station.trends.inputs import PersonRecord
from station.trends.onset import Crossing
from station.trends.sentences import Sentence, Term, Terms, percent, say

KIDNEY = "labs.kidney-raises"
KIDNEY_RAISES = ("mma", "homocysteine")
"""Analytes that a low eGFR raises (domain references 2.2 and 1.9 A5)."""


@dataclass(frozen=True, slots=True)
class ResultView:
    """One result. text, unit: as printed; number, low, high: in the analyte's default unit, None: no number, open end;
    comparator: of the number; band: by the active set, None where there is none; segment: results of one laboratory and
    method share it, counted from 1 in the order of time; change: against the result before in the segment, None for its
    first; flags: those entered and those that follow from what was taken; sentences: on band, change and flags."""

    entry: LabEntry
    drawn: dt.date
    text: str
    unit: str
    comparator: str
    number: float | None
    low: float | None
    high: float | None
    band: Band | None
    segment: int
    change: LabChange | None
    flags: tuple[str, ...]
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class DrawnBand:
    """A band of the threshold set for a chart, from low to high in the default unit; None: open."""

    label: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class AnalyteView:
    """The results of an analyte in the order of time, at least one. unit: its default one (UCUM); set_id, title: of the
    threshold set that `bands` are from; bands: empty where there are no limits."""

    analyte: str
    name: str
    unit: str
    results: tuple[ResultView, ...]
    set_id: str
    title: str
    bands: tuple[DrawnBand, ...]

    @property
    def latest(self) -> ResultView:
        return self.results[-1]


def labs_view(record: PersonRecord) -> tuple[AnalyteView, ...]:
    """All analytes with a result, in the order of `analytes()`."""
    found = ((each, _in_order(record, each)) for each in analytes())
    return tuple(_view(record, each, entries) for each, entries in found if entries)


def b12_crossing(record: PersonRecord) -> Crossing | None:
    """Between which draws B12 came above the upper threshold of the active set: the last that was not above and the
    first that was as a whole; None: never above; (None, first): above from the first draw on.

    By the printed range the threshold is its lower limit, `ref_low`. A result that cannot be told ("<500") is passed
    over, and the interval is the wider for it. Active B12 counts where no result of total B12 can be told. Where B12
    was not above at the last draw up to the first dose, earlier ups and downs do not count: the rise that is looked for
    comes after it.
    """
    draws = _told(record, "b12") or _told(record, "active-b12")
    dose = first_dose(record.regimens, record.doses)
    untreated = [day for day, above in draws if dose is not None and day <= dose]
    if untreated and not dict(draws)[untreated[-1]]:
        draws = [draw for draw in draws if draw[0] >= untreated[-1]]
    below: dt.date | None = None
    for day, above in draws:
        if not above:
            below = day
        elif below is not None:
            return below, day
    return (None, draws[0][0]) if draws and draws[0][1] else None


def _told(record: PersonRecord, analyte: str) -> list[tuple[dt.date, bool]]:
    """The days of draws that are known to be above the threshold or not; a day whose results disagree is not."""
    days: dict[dt.date, set[bool]] = {}
    for entry in results(record, analyte):
        years, sex, pregnant = _asked(record, entry)
        above = is_above(record.threshold_set, entry, age=years, sex=sex, pregnant=pregnant)
        if above is not None:
            days.setdefault(entry.drawn, set()).add(above)
    return [(day, found.pop()) for day, found in days.items() if len(found) == 1]


def _asked(record: PersonRecord, entry: LabEntry) -> tuple[int | None, str, bool | None]:
    """What a threshold set may ask about the person at a draw: age in years, sex, pregnancy."""
    pregnant = True if LabFlag.PREGNANCY in entry.flags else answers_of(record).pregnant
    return age(record.profile.born, entry.drawn), record.profile.sex, pregnant


def _in_order(record: PersonRecord, analyte: Analyte) -> list[LabEntry]:
    """By draw and report; then by what was measured, so that the unit of a result does not move it."""

    def order(entry: LabEntry) -> tuple[dt.date, dt.date, tuple[str, str], float, str]:
        found = interval(entry, analyte.default_unit)
        low = -math.inf if found is None else found.low
        return entry.drawn, entry.reported or dt.date.min, segment(entry), low, entry.text

    return sorted(results(record, analyte.id), key=order)


def _view(record: PersonRecord, analyte: Analyte, entries: list[LabEntry]) -> AnalyteView:
    named = any(rule.analyte == analyte.id for rule in threshold_set(record.threshold_set).rules)
    chosen = threshold_set(record.threshold_set if named else AS_PRINTED)
    shown: list[ResultView] = []
    latest: dict[tuple[str, str], LabEntry] = {}
    numbers: dict[tuple[str, str], int] = {}
    for entry in entries:
        own = segment(entry)
        number = numbers.setdefault(own, len(numbers) + 1)
        fresh = bool(shown) and shown[-1].segment != number
        shown.append(_result(record, analyte, entry, chosen, number, latest.get(own), fresh))
        latest[own] = entry
    bands = _bands(record, analyte, entries[-1], chosen)
    return AnalyteView(analyte.id, analyte.name, analyte.default_unit, tuple(shown), chosen.set_id, chosen.title, bands)


def _result(
    record: PersonRecord,
    analyte: Analyte,
    entry: LabEntry,
    chosen: ThresholdSet,
    number: int,
    before: LabEntry | None,
    fresh: bool,
) -> ResultView:
    """fresh: the result before it, if any, is of another segment."""
    unit, found = analyte.default_unit, interval(entry, analyte.default_unit)
    years, sex, pregnant = _asked(record, entry)
    band = band_of(chosen.set_id, entry, age=years, sex=sex, pregnant=pregnant)
    asked = rule_for(chosen.set_id, entry, age=years, sex=sex, pregnant=pregnant) is not None
    change = None if before is None else changed(before, entry)
    flags = flags_of(entry, record.regimens, record.doses)
    keys = notes(dataclasses.replace(entry, flags=flags))
    if entry.analyte in KIDNEY_RAISES and KIDNEY not in keys and low_egfr(record):
        keys = (*keys, KIDNEY)
    said = [
        *_band_said(band, chosen, asked and found is not None),
        *([say("labs.new-segment")] if fresh else []),
        *_change_said(entry, before, change),
        *([say("labs.flags", flags=Terms(tuple(f"labs.flag-{flag}" for flag in flags)))] if flags else []),
        *(say(key, interpreting=True) for key in keys),
    ]
    return ResultView(
        entry=entry,
        drawn=entry.drawn,
        text=entry.text,
        unit=entry.unit,
        comparator=entry.comparator,
        number=None if entry.number is None else in_unit(entry, entry.number, unit),
        low=None if found is None else found.low,
        high=None if found is None or math.isinf(found.high) else found.high,
        band=band,
        segment=number,
        change=change,
        flags=flags,
        sentences=tuple(said),
    )


def _band_said(band: Band | None, chosen: ThresholdSet, asked: bool) -> Iterator[Sentence]:
    if band is None:
        if asked:
            printed = chosen.set_id == AS_PRINTED
            yield say("labs.printed-open") if printed else say("labs.open", title=chosen.title)
    elif band.set_id == AS_PRINTED:
        yield say(f"labs.printed-{band.label}")
    else:
        yield say("labs.band", band=Term(f"comparison.band-{band.label}"), title=band.title, year=str(band.year))


def _change_said(entry: LabEntry, before: LabEntry | None, change: LabChange | None) -> Iterator[Sentence]:
    limits = change_limits(entry.analyte)
    if before is None or limits is None or change not in (LabChange.BEYOND, LabChange.WITHIN):
        return
    key = f"labs.change-{change.value}{'-two' if limits.studies > 1 else ''}"
    fall, rise = percent(-limits.fall_percent), percent(limits.rise_percent)
    yield say(key, date=before.drawn, fall=fall, rise=rise, source=limits.source)


def _bands(record: PersonRecord, analyte: Analyte, latest: LabEntry, chosen: ThresholdSet) -> tuple[DrawnBand, ...]:
    """By the printed range: that of the latest result."""
    years, sex, pregnant = _asked(record, latest)
    rule = rule_for(chosen.set_id, latest, age=years, sex=sex, pregnant=pregnant)
    if rule is None:
        return ()

    def shown(edge: float | None) -> float | None:
        return None if edge is None else convert(analyte.id, edge, rule.unit, analyte.default_unit)

    return tuple(DrawnBand(band.label, shown(band.low), shown(band.high)) for band in rule.bands)
