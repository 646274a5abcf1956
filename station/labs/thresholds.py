"""Sets of limits and the band that a result falls into (REQ-09 to 11; domain references 1.9 A3, 2.2).

The sets are data with their sources in `thresholds.toml`. A result has a band only if its whole interval lies in one:
`<150` is low by the brief's set, `<250` has no band (domain reference 2.5).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from station.entries import LabEntry
from station.labs.interval import Interval, interval

AS_PRINTED = "as-printed"
NORMAL, HIGH = "normal", "high"


@dataclass(frozen=True, slots=True)
class Edges:
    """A band of a rule, from low to high in the rule's unit; None: open at that side; incl: the edge belongs to it."""

    label: str
    low: float | None = None
    low_incl: bool = False
    high: float | None = None
    high_incl: bool = False

    def hold(self, found: Interval) -> bool:
        """Whether the whole interval lies in the band."""
        return (self.low is None or found.above(self.low, inclusive=self.low_incl)) and (
            self.high is None or found.below(self.high, inclusive=self.high_incl)
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """The bands of an analyte in a set. unit: UCUM; assay, sex, age_min, age_max (years, inclusive) and pregnancy: whom
    and what the rule is for, "" and None: everyone and everything."""

    set_id: str
    analyte: str
    unit: str
    bands: tuple[Edges, ...]
    assay: str = ""
    sex: str = ""
    age_min: int | None = None
    age_max: int | None = None
    pregnancy: bool | None = None

    def applies(self, method: str, age: int | None, sex: str, pregnant: bool | None) -> bool:
        """Whether the rule is for a result of this method and person. What is not known fits no rule that asks."""
        return (
            (not self.assay or self.assay.casefold() in method.casefold())
            and self.sex in ("", sex)
            and (self.age_min is None or (age is not None and age >= self.age_min))
            and (self.age_max is None or (age is not None and age <= self.age_max))
            and self.pregnancy in (None, pregnant)
        )


@dataclass(frozen=True, slots=True)
class ThresholdSet:
    """year: of the source; None: that of each report."""

    set_id: str
    title: str
    source: str
    year: int | None = None
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """Where a result lies, and by whose limits. label: "low", "borderline", "normal" or "high"; low, high: its edges in
    `unit`, the set's own, None where it is open."""

    label: str
    set_id: str
    title: str
    source: str
    year: int
    low: float | None
    high: float | None
    unit: str


def threshold_sets() -> tuple[ThresholdSet, ...]:
    """All sets, the default one first."""
    return tuple(_sets().values())


def threshold_set(set_id: str) -> ThresholdSet:
    """The set of an id. Raises KeyError for one that is not there."""
    return _sets()[set_id]


def rule_for(
    set_id: str, entry: LabEntry, *, age: int | None = None, sex: str = "", pregnant: bool | None = None
) -> Rule | None:
    """The rule of a set for a result: the printed range in the printed unit, or the first that applies to the person.

    age: in years at the draw. None: the set has nothing for this analyte, or the report no range.
    """
    if set_id == AS_PRINTED:
        bands = _printed(entry.ref_low, entry.ref_high)
        return Rule(set_id, entry.analyte, entry.unit, bands) if bands else None
    rules = (rule for rule in threshold_set(set_id).rules if rule.analyte == entry.analyte)
    return next((rule for rule in rules if rule.applies(entry.method, age, sex, pregnant)), None)


def band_of(
    set_id: str, entry: LabEntry, *, age: int | None = None, sex: str = "", pregnant: bool | None = None
) -> Band | None:
    """The band that the whole of a result lies in; None where it reaches across an edge, where no number could be read
    or where the set has nothing for it. By the printed range "low" is below, "normal" within and "high" above it."""
    rule = rule_for(set_id, entry, age=age, sex=sex, pregnant=pregnant)
    found = None if rule is None else _compared(entry, rule)
    if rule is None or found is None:
        return None
    edges = next((edges for edges in rule.bands if edges.hold(found)), None)
    if edges is None:
        return None
    chosen = threshold_set(set_id)
    year = entry.drawn.year if chosen.year is None else chosen.year
    source = entry.laboratory or chosen.source if set_id == AS_PRINTED else chosen.source
    return Band(edges.label, set_id, chosen.title, source, year, edges.low, edges.high, rule.unit)


def is_above(
    set_id: str, entry: LabEntry, *, age: int | None = None, sex: str = "", pregnant: bool | None = None
) -> bool | None:
    """Whether a result lies wholly in or above the normal band, by its lower edge: above 300 pg/mL by the brief's set,
    not below the range by the printed one. False: wholly under that edge. None: it cannot be told."""
    rule = rule_for(set_id, entry, age=age, sex=sex, pregnant=pregnant)
    found = None if rule is None else _compared(entry, rule)
    normal = None if rule is None else _normal(rule)
    if found is None or normal is None or normal.low is None:
        return None
    if found.above(normal.low, inclusive=normal.low_incl):
        return True
    return False if found.below(normal.low, inclusive=not normal.low_incl) else None


def upper_threshold(set_id: str, analyte: str) -> tuple[float, str] | None:
    """The lower edge of a set's normal band with its unit: 300 pg/mL for B12 by the brief's set. None where the set has
    no such edge of its own, as for the printed range."""
    rules = (rule for rule in threshold_set(set_id).rules if rule.analyte == analyte)
    found = ((normal.low, rule.unit) for rule in rules if (normal := _normal(rule)) is not None)
    return next(((low, unit) for low, unit in found if low is not None), None)


def _compared(entry: LabEntry, rule: Rule) -> Interval | None:
    """The result in the rule's unit, as it compares with the rule's edges."""
    found = interval(entry, rule.unit)
    if found is None or entry.unit == rule.unit:
        return found
    for edge in {edge for band in rule.bands for edge in (band.low, band.high) if edge is not None}:
        found = found.snapped(edge)
    return found


def _normal(rule: Rule) -> Edges | None:
    return next((edges for edges in rule.bands if edges.label == NORMAL), None)


def _printed(low: float | None, high: float | None) -> tuple[Edges, ...]:
    """The bands of a printed range; its ends belong to it."""
    bands = []
    if low is not None:
        bands.append(Edges("low", None, False, low, False))
    if low is not None or high is not None:
        bands.append(Edges(NORMAL, low, True, high, True))
    if high is not None:
        bands.append(Edges(HIGH, high, False))
    return tuple(bands)


@functools.cache
def _sets() -> Mapping[str, ThresholdSet]:
    data = tomllib.loads(resources.files(__package__).joinpath("thresholds.toml").read_text(encoding="utf-8"))
    rules = [_rule(row) for row in data["rules"]]
    return {
        row["set_id"]: ThresholdSet(**row, rules=tuple(rule for rule in rules if rule.set_id == row["set_id"]))
        for row in data["sets"]
    }


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(**{**row, "bands": tuple(Edges(**band) for band in row["bands"])})
