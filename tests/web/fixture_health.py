"""A health record in memory behind the same intake as the real one, for the unit tests of the pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from station.clock import ClockStatus, Timestamp
from station.entries import AcknowledgedEntry, Entry
from station.errors import NotFoundError
from station.intake import acknowledged, answers, dose, event, hairline, lab, profile, regimen, shed, skip, trichogram
from station.trends.education import DISCLAIMER_VERSION

TODAY = dt.date(2026, 3, 1)
Fields = Mapping[str, str | Sequence[str]]

READERS: Mapping[str, Callable[..., Entry]] = {
    "acknowledged": acknowledged.read_acknowledged,
    "answers": answers.read_answers,
    "dose": dose.read_dose,
    "event": event.read_event,
    "hairline": hairline.read_hairline,
    "lab": lab.read_lab,
    "profile": profile.read_profile,
    "regimen": regimen.read_regimen,
    "shed": shed.read_shed,
    "skip": skip.read_skip,
    "trichogram": trichogram.read_trichogram,
}


@dataclass(frozen=True, slots=True)
class Stored:
    id: int
    entry: Any
    entered: Timestamp
    by: str


@dataclass(frozen=True, slots=True)
class Step:
    action: str
    at: Timestamp
    by: str
    before: Any
    after: Any


@dataclass(slots=True)
class FixtureHealth:
    """code: the one person on record; told: every call of `add` and `correct` with what was ticked."""

    code: str
    acknowledged: bool = True
    held: dict[tuple[str, int], Stored] = field(default_factory=dict)
    steps: dict[tuple[str, int], list[Step]] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    minutes: int = 0

    def __post_init__(self) -> None:
        if self.acknowledged:
            self.put("acknowledged", AcknowledgedEntry(TODAY, DISCLAIMER_VERSION))

    def today(self) -> dt.date:
        return TODAY

    def entries(self, code: str, kind: str) -> tuple[Stored, ...]:
        self._check(code)
        return tuple(stored for (held, _), stored in self.held.items() if held == kind)

    def entry(self, code: str, kind: str, entry_id: int) -> Stored:
        return self._stored(code, kind, entry_id)

    def add(
        self, code: str, kind: str, fields: Fields, *, by: str = "", confirmed: bool = False, keep: bool = False
    ) -> int:
        self._check(code)
        self.told.append({"kind": kind, "fields": fields, "by": by, "confirmed": confirmed, "keep": keep})
        given = {**fields, "keep": "yes"} if keep else fields
        return self.put(kind, READERS[kind](given, today=TODAY, born=None, confirmed=confirmed), by)

    def put(self, kind: str, entry: Entry, by: str = "") -> int:
        """Store an entry as it is."""
        number = 1 + sum(1 for held, _ in self.steps if held == kind)
        stored = Stored(number, entry, self._now(), by)
        self.held[kind, number] = stored
        self.steps[kind, number] = [Step("added", stored.entered, by, None, entry)]
        return number

    def correct(
        self,
        code: str,
        kind: str,
        entry_id: int,
        fields: Fields,
        *,
        by: str = "",
        confirmed: bool = False,
        keep: bool = False,
    ) -> None:
        stored = self._stored(code, kind, entry_id)
        entry = READERS[kind](fields, today=TODAY, born=None, confirmed=confirmed)
        self.held[kind, entry_id] = replace(stored, entry=entry)
        self.steps[kind, entry_id].append(Step("corrected", self._now(), by, stored.entry, entry))

    def remove(self, code: str, kind: str, entry_id: int, *, by: str = "") -> None:
        self._stored(code, kind, entry_id)
        del self.held[kind, entry_id]

    def history(self, code: str, kind: str, entry_id: int) -> tuple[Step, ...]:
        self._check(code)
        return tuple(self.steps[kind, entry_id])

    def _now(self) -> Timestamp:
        self.minutes += 1
        moment = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC) + dt.timedelta(minutes=self.minutes)
        return Timestamp(moment, 0, ClockStatus.SIMULATED)

    def _check(self, code: str) -> None:
        if code != self.code:
            raise NotFoundError(f"no person {code!r}", person="There is no record under this code.")

    def _stored(self, code: str, kind: str, entry_id: int) -> Stored:
        self._check(code)
        if (kind, entry_id) not in self.held:
            raise NotFoundError(f"no {kind} {entry_id}", person="This entry is not on record.")
        return self.held[kind, entry_id]
