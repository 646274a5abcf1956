"""Circumstances of a blood draw and what they do to a result (domain reference 2.4)."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from station.entries import DoseEntry, LabEntry, LabFlag, RegimenEntry
from station.labs.analytes import analyte
from station.labs.regimens import B12, INJECTED, INJECTION_DAYS, first_dose, on_treatment

BIOTIN = "biotin"
BIOTIN_DAYS = 3
"""How long biotin is waited for after the last intake: 72 h, the longest of the printed times (Labcorp, Allina)."""


@dataclass(frozen=True, slots=True)
class Effect:
    """On which analytes: those named, or all whose assay is of a design. note: key of its text; unless: it holds where
    the flag is not recorded; source: in the domain reference."""

    flag: str
    note: str
    source: str
    analytes: tuple[str, ...] = ()
    design: str = ""
    unless: bool = False

    def concerns(self, name: str) -> bool:
        """Whether it can shift this analyte."""
        return analyte(name).design == self.design if self.design else name in self.analytes


def flags_of(entry: LabEntry, regimens: Iterable[RegimenEntry], doses: Iterable[DoseEntry]) -> tuple[str, ...]:
    """The flags of a result, in the order of `LabFlag`: those entered, and those that follow from what was taken.

    A draw on the day of the first dose was made before it.
    """
    plans, given = tuple(regimens), tuple(doses)
    found = set(entry.flags)
    first = first_dose(plans, given)
    treated = first is not None and first < entry.drawn
    if treated and on_treatment(plans, given, entry.drawn):
        found.add(LabFlag.ON_TREATMENT)
    if treated and any(_injected(dose, entry.drawn) for dose in given):
        found.add(LabFlag.INJECTION_14D)
    if any(_biotin(plan, entry.drawn) for plan in plans):
        found.add(LabFlag.BIOTIN)
    return tuple(flag.value for flag in LabFlag if flag in found)


def notes(entry: LabEntry) -> tuple[str, ...]:
    """The keys of what its flags say about a result, in the order of the data."""
    return tuple(
        effect.note
        for effect in effects()
        if effect.concerns(entry.analyte) and (effect.flag in entry.flags) != effect.unless
    )


@functools.cache
def effects() -> tuple[Effect, ...]:
    """All effects of circumstances on results."""
    data = tomllib.loads(resources.files(__package__).joinpath("flags.toml").read_text(encoding="utf-8"))
    return tuple(Effect(**{**row, "analytes": tuple(row.get("analytes", ()))}) for row in data["effects"])


def _injected(dose: DoseEntry, drawn: dt.date) -> bool:
    """Whether B12 was injected so shortly before a draw that the result reflects it."""
    recent = 0 <= (drawn - dose.given).days < INJECTION_DAYS
    return recent and dose.substance == B12 and dose.route in INJECTED and not dose.review


def _biotin(plan: RegimenEntry, drawn: dt.date) -> bool:
    """Whether biotin was taken up to a draw, or stopped too shortly before it."""
    stopped = plan.end is not None and (drawn - plan.end).days > BIOTIN_DAYS
    return plan.substance == BIOTIN and plan.start <= drawn and not stopped and not plan.review
