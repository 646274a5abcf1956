"""The persons that a demonstration can show: what their hair does, and what they would have entered, as data.

Entries are text, as typed on a page, and go through the same readers; only their dates are counted from the baseline.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from station.errors import UsageError
from station.service.health_record import READERS, HealthRecord
from station.world.world import DAYS_PER_MONTH

_FOLDER = "station.service.scenarios"
DAYS_PER_YEAR = 365.25
BY = "demonstration"


@dataclass(frozen=True, slots=True)
class TypedEntry:
    """One entry before it is read. kind: as in `station record add`; fields: as typed."""

    kind: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A demonstration person. name: also of the course that the simulated world gives the hair."""

    name: str
    title: str
    age: int
    content: tuple[dict[str, Any], ...]

    def entries(self, baseline: dt.date, today: dt.date) -> Iterator[TypedEntry]:
        """What this person would have entered by `today`; baseline: date of the first visit."""
        born = baseline - dt.timedelta(days=self.age * DAYS_PER_YEAR)
        for each in self.content:
            fields = dict(each["fields"])
            if each["kind"] == "profile":
                yield TypedEntry("profile", fields | {"born": born.isoformat()})
                continue
            for month in each["months"] if "months" in each else [each["month"]]:
                day = _day(baseline, month)
                if day > today:
                    continue
                dated = fields | {each["date"]: day.isoformat()}
                if "end_month" in each:
                    dated["end"] = _day(baseline, each["end_month"]).isoformat()
                yield TypedEntry(each["kind"], dated)


def scenario_names() -> tuple[str, ...]:
    """Names of all scenarios."""
    files = resources.files(_FOLDER).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_scenario(name: str) -> Scenario:
    """Raises UsageError for a scenario that does not come with the station."""
    if name not in scenario_names():
        raise UsageError(f"There is no demonstration scenario {name!r}; choose one of {', '.join(scenario_names())}.")
    data = tomllib.loads((resources.files(_FOLDER) / f"{name}.toml").read_text(encoding="utf-8"))
    content = tuple(data.get("entry", ())) + tuple(data.get("series", ()))
    return Scenario(name, data["title"], data["age"], content)


def enter(scenario: Scenario, health: HealthRecord, code: str, baseline: dt.date) -> None:
    """Enters what the person would have entered until today. What an interrupted start entered already is passed over:
    entries of a kind are always made in the same order."""
    there = {kind: len(health.entries(code, kind)) for kind in READERS}
    for each in scenario.entries(baseline, health.today()):
        if there[each.kind]:
            there[each.kind] -= 1
        else:
            health.add(code, each.kind, each.fields, by=BY)


def _day(baseline: dt.date, month: float) -> dt.date:
    return baseline + dt.timedelta(days=round(month * DAYS_PER_MONTH))
