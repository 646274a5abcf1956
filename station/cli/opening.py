"""The record of a data folder, for commands that work on it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from station.clock import SystemClock
from station.records.folder import DATABASE
from station.records.images import make_folder
from station.records.store import Records
from station.service.demo import refuse_demonstration
from station.service.health_record import HealthRecord
from station.service.station import Station
from station.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Desk:
    """Where entries are made."""

    records: Records
    health_record: HealthRecord
    clock: SystemClock


@contextmanager
def desk(config: Path | None, data: Path | None) -> Iterator[Desk]:
    """The record for entries, also while a station works in the folder: each entry is one transaction. Raises
    UsageError for a demonstration's folder, StorageError or RecordError."""
    settings = load(config, data_folder=data)
    refuse_demonstration(settings)
    clock = SystemClock()
    with records_of(settings) as records:
        yield Desk(records, HealthRecord(records.health, clock), clock)


@contextmanager
def records_of(settings: Settings) -> Iterator[Records]:
    """The record of the data folder, which is made if it is not there, also while a station works in it. Raises
    StorageError or RecordError."""
    make_folder(settings.data_folder)
    records = Records(settings.data_folder / DATABASE)
    try:
        yield records
    finally:
        records.close()


@contextmanager
def opened(config: Path | None, data: Path | None) -> Iterator[Station]:
    """An open station, which works in its folder alone; a demonstration's folder has none. Raises as `Station` does,
    UsageError for a demonstration."""
    settings = load(config, data_folder=data)
    refuse_demonstration(settings)
    station = Station(settings, SystemClock())
    try:
        yield station
    finally:
        station.close()


@contextmanager
def tidy_end() -> Iterator[None]:
    """SIGTERM and SIGHUP end the command as Ctrl-C does: the lamp goes off and the record is closed first."""
    before = {number: signal.signal(number, _leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
