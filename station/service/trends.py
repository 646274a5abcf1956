"""The trends of a person for the command line, the API and the pages: `station.trends.analysis` as data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import station
from station.clock import Clock
from station.errors import NotFoundError, StorageError
from station.records.folder import DATABASE
from station.records.store import Records
from station.service.as_data import as_data, sentences_in
from station.service.person_record import person_record
from station.settings import Settings
from station.trends.analysis import PersonTrends, analyse
from station.trends.calendar import calendar_feed
from station.trends.education import disclaimer

FORMAT = "station-trends/1"
DEMONSTRATION = "demo"
"""Stands for the demonstration's person where a code is asked for."""


@dataclass(frozen=True, slots=True)
class Findings:
    """A person's trends. code: whose; demonstration: a simulated person's."""

    code: str
    demonstration: bool
    trends: PersonTrends

    def data(self, *, language: str = "en", interpretation: bool = True) -> dict[str, Any]:
        """All findings as JSON takes them, with every sentence once more in one list, by key."""
        found: dict[str, Any] = as_data(self.trends, language=language, interpretation=interpretation)
        return {
            "format": FORMAT,
            "software": f"hair-density-station {station.__version__}",
            "person": self.code,
            "demonstration": self.demonstration,
            "language": language,
            "interpretation": interpretation,
            "disclaimer": [sentence.text(language) for sentence in disclaimer()],
            **found,
            "sentences": sentences_in(found),
        }

    def calendar(self, key: bytes, *, detailed: bool, language: str = "en", interpretation: bool = True) -> bytes:
        """The reminders as an iCalendar file, see `station.trends.calendar`. key: the data folder's secret."""
        return calendar_feed(
            self.trends.reminders,
            person=self.code,
            key=key,
            today=self.trends.as_of,
            detailed=detailed,
            interpreting=interpretation,
            language=language,
        )


def findings(records: Records, code: str, settings: Settings, clock: Clock) -> Findings:
    """What can be said about a person today. Raises NotFoundError."""
    row = records.person(code)
    gathered = person_record(records, records.health, code, clock.now().local_date, settings)
    return Findings(row.code, row.demonstration, analyse(gathered))


@contextmanager
def reading(settings: Settings) -> Iterator[Records]:
    """The record of the data folder for reading, also while a station works in it. Raises StorageError where there is
    none."""
    path = settings.data_folder / DATABASE
    if not path.is_file():
        raise StorageError(
            f"{settings.data_folder}: there is no record in this folder; name the data folder with --data."
        )
    records = Records(path)
    try:
        yield records
    finally:
        records.close()


def code_of(records: Records, person: str) -> str:
    """The code of a person; "demo" stands for the demonstration's. Raises NotFoundError."""
    if person != DEMONSTRATION:
        return records.person(person).code
    for row in records.persons():
        if row.demonstration:
            return row.code
    raise NotFoundError("There is no demonstration person in this data folder; `station demo` makes one.")
