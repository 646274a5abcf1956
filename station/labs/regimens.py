"""Supplements and other treatments: what can be logged, and what follows from a log.

The vocabulary and the brief's protocols are data with their sources in `regimens.toml`. A template only fills in a
form; nothing here chooses or recommends one (REQ-22).
"""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from station.clock import months_after
from station.entries import DoseEntry, RegimenEntry, Route

B12 = "b12"
INJECTED = (Route.INTRAMUSCULAR, Route.SUBCUTANEOUS)
INJECTION_DAYS = 14
"""A B12 result less than this many days after an injection reflects it (domain reference 1.9 A11)."""


@dataclass(frozen=True, slots=True)
class DoseUnit:
    """micrograms: of one unit; None where the unit is no mass."""

    id: str
    micrograms: float | None = None


@dataclass(frozen=True, slots=True)
class Substance:
    """kinds: what a regimen of it may be for (`RegimenKind`); forms: chemical forms by name; asks_above_mcg: a larger
    dose is asked about; source: in the domain reference."""

    id: str
    name: str
    kinds: tuple[str, ...]
    source: str
    forms: tuple[str, ...] = ()
    asks_above_mcg: float | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """days or months: from one dose to the next; both 0: no due date follows."""

    id: str
    name: str
    days: int = 0
    months: int = 0

    def after(self, day: dt.date) -> dt.date | None:
        """When the next dose is due after one on `day`."""
        if not self.days and not self.months:
            return None
        return months_after(day, self.months) + dt.timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Template:
    """A protocol as the source words it. days: how long it runs, 0 without an end; dose_low, dose_high: None where
    the source gives no dose; named_for: what the source names it for."""

    id: str
    title: str
    kind: str
    substance: str
    routes: tuple[str, ...]
    schedule: str
    named_for: str
    source: str
    dose_low: float | None = None
    dose_high: float | None = None
    dose_unit: str = ""
    days: int = 0

    def fields(self, start: dt.date) -> dict[str, str]:
        """The fields of the form that this fills in. The dose stays empty where the source leaves a choice."""
        fields = {
            "template": self.id,
            "kind": self.kind,
            "substance": self.substance,
            "route": self.routes[0],
            "schedule": self.schedule,
            "start": start.isoformat(),
        }
        if self.dose_low is not None and self.dose_low == self.dose_high:
            fields |= {"dose": f"{self.dose_low:g}", "dose_unit": self.dose_unit}
        if self.days:
            fields["end"] = (start + dt.timedelta(days=self.days - 1)).isoformat()
        return fields


def dose_units() -> tuple[DoseUnit, ...]:
    """The units that a dose may be written in."""
    return tuple(DoseUnit(**row) for row in _data()["dose_units"])


def substances() -> tuple[Substance, ...]:
    """The substances that have a name here; any other is kept as typed."""
    return tuple(Substance(**_tuples(row)) for row in _data()["substances"])


def schedules() -> tuple[Schedule, ...]:
    """How often something is taken."""
    return tuple(Schedule(**row) for row in _data()["schedules"])


def templates() -> tuple[Template, ...]:
    """The brief's four protocols and its two for prevention."""
    return tuple(Template(**_tuples(row)) for row in _data()["templates"])


def next_due(regimen: RegimenEntry, doses: Iterable[DoseEntry], today: dt.date) -> dt.date | None:
    """When the next injection of a regimen is due: an interval after the latest one given, or at its start.

    In the past where it is overdue. None where the regimen is not injected, has no interval, or ends before.
    """
    if regimen.route not in INJECTED or regimen.review:
        return None
    given = [
        dose.given
        for dose in doses
        if dose.substance == regimen.substance and regimen.start <= dose.given <= today and not dose.review
    ]
    schedule = next((each for each in schedules() if each.id == regimen.schedule), None)
    if schedule is None or schedule.after(regimen.start) is None:
        return None
    due = schedule.after(max(given)) if given else regimen.start
    over = regimen.end is not None and (regimen.end < today or (due is not None and due > regimen.end))
    return None if over else due


def on_treatment(regimens: Iterable[RegimenEntry], doses: Iterable[DoseEntry], day: dt.date) -> bool:
    """Whether a B12 result of this day reflects a supplement (A11): one is being taken, or was injected less than
    `INJECTION_DAYS` before. Food is no supplement."""
    taken = any(
        each.start <= day and (each.end is None or day <= each.end)
        for each in regimens
        if _is_b12(each) and each.route != Route.DIET
    )
    return taken or any(0 <= (day - each.given).days < INJECTION_DAYS for each in doses if _is_b12(each))


def first_dose(regimens: Iterable[RegimenEntry], doses: Iterable[DoseEntry]) -> dt.date | None:
    """The day that the phases count from (REQ-26): the first start of B12 on record, by any route, or injection.

    It lies in the future where B12 is only planned.
    """
    starts = [each.start for each in regimens if _is_b12(each)]
    return min(starts + [each.given for each in doses if _is_b12(each)], default=None)


def _is_b12(entry: RegimenEntry | DoseEntry) -> bool:
    """Whether it is B12 that can be reasoned with: nothing that is marked for review."""
    return entry.substance == B12 and not entry.review


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


@functools.cache
def _data() -> Mapping[str, list[dict[str, Any]]]:
    return tomllib.loads(resources.files(__package__).joinpath("regimens.toml").read_text(encoding="utf-8"))
