"""Is the record whole?"""

from __future__ import annotations

from station.clock import Clock
from station.health.finding import Finding, State
from station.records.database import inspect
from station.records.folder import DATABASE
from station.settings import Settings


def check(settings: Settings, clock: Clock) -> Finding:
    """SQLite's integrity check and the foreign keys, without changing anything."""
    path = settings.data_folder / DATABASE
    if not path.exists():
        return Finding("database", State.UNKNOWN, "There is no record yet.", "The first start makes it.")
    problems, captures = inspect(path)
    if problems:
        return Finding(
            "database",
            State.FAILED,
            f"{path} is damaged: {'; '.join(problems[:2])}.",
            "Move the file away and start the station: it takes every photograph into a new record.",
        )
    return Finding("database", State.OK, f"{path} is whole; it holds {captures} photographs.")
