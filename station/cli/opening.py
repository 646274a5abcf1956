"""The station of a data folder, for commands that work on its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from station.clock import SystemClock
from station.service.demo import refuse_demonstration
from station.service.station import Station
from station.settings import load


@contextmanager
def opened(config: Path | None, data: Path | None) -> Iterator[Station]:
    """An open station, which no demonstration's folder has. Raises as `Station` does, UsageError for a
    demonstration."""
    settings = load(config, data_folder=data)
    refuse_demonstration(settings)
    station = Station(settings, SystemClock())
    try:
        yield station
    finally:
        station.close()
