"""Can the data folder be written?"""

from __future__ import annotations

from station.clock import Clock
from station.errors import StorageError
from station.health.finding import Finding, State
from station.imaging import write_durably
from station.settings import Settings

PROBE = ".doctor"


def check(settings: Settings, clock: Clock) -> Finding:
    """Writes a file to the disk and removes it."""
    folder = settings.data_folder
    if not folder.exists():
        advice = "The first start makes it; name another with the setting data.folder."
        return Finding("data-folder", State.UNKNOWN, f"{folder} does not exist yet.", advice)
    probe = folder / PROBE
    try:
        write_durably(probe, b"probe")
        probe.unlink()
    except StorageError as error:
        return Finding("data-folder", State.FAILED, error.operator)
    if folder.stat().st_mode & 0o077:
        return Finding(
            "data-folder",
            State.WARNING,
            f"{folder} can be written, but other users of this computer can look into it.",
            f"Run: chmod 700 {folder}",
        )
    return Finding("data-folder", State.OK, f"{folder} can be written.")
