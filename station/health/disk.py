"""Is there room for photographs?"""

from __future__ import annotations

import shutil
from pathlib import Path

from station.clock import Clock
from station.health.finding import Finding, State
from station.settings import Settings

MB_PER_CAPTURE = 12.0
"""A photograph of the reference rig, 12.3 megapixels at about 1 byte each."""

FEW_CAPTURES = 200


def check(settings: Settings, clock: Clock) -> Finding:
    """Free space on the disk of the data folder, beyond the reserve."""
    folder = existing(settings.data_folder)
    free = shutil.disk_usage(folder).free / 1e6
    room = int((free - settings.storage_reserve_mb) / MB_PER_CAPTURE)
    if room <= 0:
        sentence = (
            f"{free:.0f} MB are free, less than the reserve of {settings.storage_reserve_mb} MB: no capture begins."
        )
        return Finding("disk", State.FAILED, sentence, "Free some space, or move the data folder to a larger disk.")
    sentence = f"{free / 1000:.1f} GB are free, room for about {room} photographs of the reference rig."
    if room < FEW_CAPTURES:
        return Finding("disk", State.WARNING, sentence, "Free some space soon.")
    return Finding("disk", State.OK, sentence)


def existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
