"""The health record as forms and commands see it: kinds by name, fields as text, checked by the intake."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from station.clock import Clock
from station.entries import Entry, ProfileEntry
from station.errors import NotFoundError, RefusedEntryError
from station.intake.acknowledged import read_acknowledged
from station.intake.answers import read_answers
from station.intake.dose import read_dose
from station.intake.event import read_event
from station.intake.fields import Fields
from station.intake.hairline import read_hairline
from station.intake.lab import read_lab
from station.intake.profile import read_profile
from station.intake.regimen import read_regimen
from station.intake.shed import read_shed
from station.intake.skip import read_skip
from station.intake.trichogram import read_trichogram
from station.records.entry_rows import KINDS, Stored
from station.records.health import Change, HealthRecords

READERS: Mapping[str, Callable[..., Entry]] = MappingProxyType(
    {
        "lab": read_lab,
        "regimen": read_regimen,
        "dose": read_dose,
        "event": read_event,
        "shed": read_shed,
        "answers": read_answers,
        "profile": read_profile,
        "hairline": read_hairline,
        "trichogram": read_trichogram,
        "skip": read_skip,
        "acknowledged": read_acknowledged,
    }
)
"""What reads the fields of each kind."""

DERIVED = frozenset({"comparator", "number", "low", "high", "ref_low", "ref_high", "review"})
"""Fields that the intake makes of what was typed; nobody types them."""


class HealthRecord:
    """Everyone's health record. Any thread may use it.

    Raises NotFoundError for an unknown kind, person or entry, RefusedEntryError with a sentence at each field when an
    entry cannot be taken, and RecordError or StorageError as the record does. What raises has changed nothing.
    """

    def __init__(self, health: HealthRecords, clock: Clock) -> None:
        self._health = health
        self._clock = clock

    def today(self) -> dt.date:
        """The calendar date where the station stands."""
        return self._clock.now().local_date

    def add(
        self, code: str, kind: str, fields: Fields, *, by: str = "", confirmed: bool = False, keep: bool = False
    ) -> int:
        """Enters something and returns its id. confirmed: odd values were asked about; keep: what cannot be read is
        stored as it was typed, marked for review."""
        entry = self._read(code, kind, fields, confirmed, keep)
        return self._health.add(code, entry, by, self._clock.now())

    def entries(self, code: str, kind: str) -> tuple[Stored[Any], ...]:
        """All entries of a kind, in the order in which they were entered."""
        return self._health.entries(code, _type(kind))

    def entry(self, code: str, kind: str, entry_id: int) -> Stored[Any]:
        """One entry."""
        return self._health.entry(code, _type(kind), entry_id)

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
        """Puts other text into some fields of an entry, and reads all of it again; "" empties a field."""
        seen = self.entry(code, kind, entry_id).entry
        entry = self._read(code, kind, {**typed(seen), **fields}, confirmed, keep)
        self._health.correct(code, entry_id, entry, by, self._clock.now(), seen=seen)

    def remove(self, code: str, kind: str, entry_id: int, *, by: str = "") -> None:
        """Deletes an entry and what its history held of it."""
        self._health.remove(code, _type(kind), entry_id, by, self._clock.now())

    def history(self, code: str, kind: str, entry_id: int) -> tuple[Change[Any], ...]:
        """What happened to an entry, from when it was entered; also of one that was removed."""
        return self._health.history(code, _type(kind), entry_id)

    def _read(self, code: str, kind: str, fields: Fields, confirmed: bool, keep: bool) -> Entry:
        _type(kind)
        profiles = self._health.entries(code, ProfileEntry)
        given = {**fields, "keep": "yes"} if keep else fields
        born = profiles[-1].entry.born if profiles else None
        entry = READERS[kind](given, today=self.today(), born=born, confirmed=confirmed)
        if isinstance(entry, ProfileEntry) and entry.born:
            self._refuse_birth_after_entries(code, entry.born)
        return entry

    def _refuse_birth_after_entries(self, code: str, born: dt.date) -> None:
        """Entries are held against the date of birth when they are made; a later date of birth against them here."""
        for kind in KINDS:
            entry_type: Any = kind.entry
            if kind.entry is ProfileEntry:
                continue
            for stored in self._health.entries(code, entry_type):
                dates = [value for value in _values(stored.entry).values() if isinstance(value, dt.date)]
                if dates and min(dates) < born:
                    raise RefusedEntryError(
                        {"born": f"This is after {min(dates)}, which {kind.name} entry {stored.id} names. Check both."}
                    )


def typed(entry: Entry) -> dict[str, str | Sequence[str]]:
    """An entry as its fields would be typed; empty ones are left out."""
    values = {name: value for name, value in _values(entry).items() if name not in DERIVED}
    return {name: text for name, value in values.items() if (text := _text(value))}


def _values(entry: Entry) -> dict[str, Any]:
    return {field.name: getattr(entry, field.name) for field in dataclasses.fields(entry)}


def _text(value: Any) -> str | Sequence[str]:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        plain = f"{Decimal(repr(value)):f}"  # every digit, and no exponent
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, tuple):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _type(kind: str) -> Any:
    """The entry type of a kind. Raises NotFoundError."""
    for known in KINDS:
        if known.name == kind and kind in READERS:
            return known.entry
    raise NotFoundError(f"There is no kind of entry {kind!r}: choose one of {', '.join(READERS)}.")
