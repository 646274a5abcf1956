"""Persons for the tests of the trends: plain records with the densities that a test needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from station.entries import LabEntry, RegimenEntry
from station.trends.error import FrameError
from station.trends.inputs import PersonRecord, SiteReading, VisitReading
from station.trends.zones import ZONES

START = dt.date(2025, 1, 10)
TODAY = dt.date(2026, 1, 10)
DEFAULT = FrameError(0.07, 0, measured=False)
HEAD = dict.fromkeys(ZONES, 180.0)


def head(**changes: float) -> dict[str, float]:
    """Densities of all sites in hairs/cm2, with some of them changed: `head(top=150, occipital=90)`."""
    groups = {
        "top": ("frontal", "midscalp", "vertex"),
        "temples": ("temporal-left", "temporal-right"),
        "sides": ("parietal-left", "parietal-right"),
    }
    found = dict(HEAD)
    for name, density in changes.items():
        for site in groups.get(name, (name.replace("_", "-"),)):
            found[site] = density
    return found


EVEN = head(top=120, occipital=120, temples=120, sides=120)


def reading(site: str, hairs: float, frames: int = 3, **more: Any) -> SiteReading:
    return SiteReading(site, hairs, hairs / 2.1, frames, 2.0, **more)


def visit(number: int, densities: Mapping[str, float], days: int = 0, **more: Any) -> VisitReading:
    sites = {site: reading(site, hairs) for site, hairs in densities.items()}
    return VisitReading(number, START + dt.timedelta(days), "macro-8/1", "one", **{"sites": sites, **more})


def person(heads: Sequence[Mapping[str, float]], **more: Any) -> PersonRecord:
    """A person with a visit every 30 days."""
    visits = tuple(visit(number, densities, 30 * (number - 1)) for number, densities in enumerate(heads, 1))
    known = {"error_hairs": DEFAULT, "error_fu": DEFAULT, "weights": {site: 1 / len(ZONES) for site in ZONES}}
    return PersonRecord(**{"today": TODAY, "visits": visits, **known, **more})


def lab(analyte: str, number: float, unit: str, drawn: dt.date = START, **more: Any) -> LabEntry:
    return LabEntry(analyte, f"{number:g}", "=", number, number, number, unit, drawn, **more)


def b12(number: float, drawn: dt.date = START, **more: Any) -> LabEntry:
    return lab("b12", number, "pg/mL", drawn, **more)


def mma(number: float, drawn: dt.date = START, limit: float | None = 378) -> LabEntry:
    return lab("mma", number, "nmol/L", drawn, ref_high=limit)


def regimen(kind: str, substance: str, start: dt.date = START) -> RegimenEntry:
    return RegimenEntry(kind, substance, "", 1000, "mcg", "oral", "daily", start)
